//! The endpoints.

use xzepr_http::{Api, routes};
use xzepr_queries::Entities;
use xzepr_store::{Index, Table};

use crate::{events, groups, receivers};

pub(crate) struct QueryRegistry {
    entities: Entities<Table>,
    _index: Index,
}

impl QueryRegistry {
    pub(crate) fn new(table: Table, index: Index) -> Self {
        Self { entities: Entities::new(table), _index: index }
    }

    pub(crate) fn api(&self) -> Api<'_> {
        let entities = &self.entities;
        Api::new()
            .endpoint(routes::GET_EVENT, |read| events::get(entities, read))
            .endpoint(routes::GET_EVENT_RECEIVER, |read| receivers::get(entities, read))
            .endpoint(routes::GET_EVENT_RECEIVER_SCHEMA, |read| receivers::get_schema(entities, read))
            .endpoint(routes::LIST_EVENT_RECEIVERS, |query| receivers::list(entities, query))
            .endpoint(routes::GET_EVENT_RECEIVER_GROUP, |read| groups::get(entities, read))
            .endpoint(routes::LIST_EVENT_RECEIVER_GROUPS, |query| groups::list(entities, query))
    }
}

#[cfg(test)]
mod tests;
