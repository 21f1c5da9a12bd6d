//! Pages of a list by keyset: newest first, each page beginning after the last id of the one before.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
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
    let mut select = select.order_by_desc(id).limit(page.limit + 1);
    if let Some(after) = page.after.clone() {
        select = select.filter(id.lt(after));
    }
    let mut rows = select.all(db).await?;
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    Ok(Page { rows, more })
}
