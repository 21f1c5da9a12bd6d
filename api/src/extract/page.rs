//! Pages: `limit`, and a `cursor` that the page before gave.

use std::str::FromStr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::{Code, Place, Problem},
    values::{Page, PageRequest},
};

/// How many rows a page has where the client does not say.
const DEFAULT_LIMIT: u64 = 20;
/// How many rows a page has at most.
const MAX_LIMIT: u64 = 100;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The rows, newest first.
    pub data: Vec<T>,
    /// The `cursor` of the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// Reads `limit` and `cursor`.
///
/// # Errors
/// [`Code::InvalidParameter`] and [`Code::InvalidCursor`].
pub fn requested<Id: FromStr>(limit: Option<u64>, cursor: Option<&str>) -> Result<PageRequest<Id>, Problem> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Problem::parameter("limit", format!("must be 1 to {MAX_LIMIT}")));
    }
    let after = cursor.map(decode).transpose()?;
    Ok(PageRequest { after, limit })
}

/// The list of a page, its cursor made from the last row's id.
pub fn list<Row, Dto>(
    page: Page<Row>,
    id: impl Fn(&Row) -> String,
    each: impl FnMut(Row) -> Dto,
) -> List<Dto> {
    let last = page
        .rows
        .last()
        .filter(|_| page.more)
        .map(|row| URL_SAFE_NO_PAD.encode(id(row)));
    List {
        data: page.rows.into_iter().map(each).collect(),
        next_cursor: last,
    }
}

fn decode<Id: FromStr>(cursor: &str) -> Result<Id, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let id = bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| text.parse().ok());
    id.ok_or_else(|| {
        Problem::new(Code::InvalidCursor).at(
            Place::Parameter("cursor".into()),
            "is not one that this list gave",
        )
    })
}
