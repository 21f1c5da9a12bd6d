//! Pages of a list by keyset: newest first, each page beginning after the last id of the one before.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PartialModelTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use crate::values::{Page, PageRequest};

/// Reads a page by the primary key, which is ordered by time.
pub(super) async fn fetch<E, Id>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    id: E::Column,
    page: &PageRequest<Id>,
) -> Result<Page<E::Model>, DbErr>
where
    E: EntityTrait,
    Id: Clone + Into<sea_orm::Value>,
{
    let rows = one_more(select, id, page).all(db).await?;
    Ok(cut(rows, page))
}

/// The same, where only some of the columns are wanted.
pub(super) async fn fetch_some<E, Id, M>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    id: E::Column,
    page: &PageRequest<Id>,
) -> Result<Page<M>, DbErr>
where
    E: EntityTrait,
    Id: Clone + Into<sea_orm::Value>,
    M: PartialModelTrait,
{
    let select = one_more(select, id, page);
    let rows = select.into_partial_model().all(db).await?;
    Ok(cut(rows, page))
}

/// One row more than wanted tells whether there is a next page.
fn one_more<E, Id>(select: Select<E>, id: E::Column, page: &PageRequest<Id>) -> Select<E>
where
    E: EntityTrait,
    Id: Clone + Into<sea_orm::Value>,
{
    let select = select.order_by_desc(id).limit(page.limit + 1);
    match page.after.clone() {
        Some(after) => select.filter(id.lt(after)),
        None => select,
    }
}

fn cut<M, Id>(mut rows: Vec<M>, page: &PageRequest<Id>) -> Page<M> {
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    Page { rows, more }
}
