//! The endpoints.

use xzepr_http::{Api, routes};
use xzepr_queries::{Entities, EventSearch, EventTables, gates::Tables};
use xzepr_store::{Index, Table};

use crate::{event_list, events, gates::Gates, groups, receivers};

pub(crate) struct QueryRegistry {
    entities: Entities<Table>,
    event_search: EventSearch<EventTables>,
    gates: Gates<Tables>,
}

impl QueryRegistry {
    pub(crate) fn new(table: Table, index: Index) -> Self {
        let event_search = EventSearch::new(EventTables { table: table.clone(), index: index.clone() });
        let gates = Gates::new(Tables { table: table.clone(), index });
        Self { entities: Entities::new(table), event_search, gates }
    }

    pub(crate) fn api(&self) -> Api<'_> {
        let (entities, event_search) = (&self.entities, &self.event_search);
        Api::new()
            .endpoint(routes::GET_EVENT, |read| events::get(entities, read))
            .endpoint(routes::LIST_EVENTS, |query| event_list::list(event_search, query))
            .endpoint(routes::GET_EVENT_RECEIVER, |read| receivers::get(entities, read))
            .endpoint(routes::GET_EVENT_RECEIVER_SCHEMA, |read| receivers::get_schema(entities, read))
            .endpoint(routes::LIST_EVENT_RECEIVERS, |query| receivers::list(entities, query))
            .endpoint(routes::GET_EVENT_RECEIVER_GROUP, |read| groups::get(entities, read))
            .endpoint(routes::LIST_EVENT_RECEIVER_GROUPS, |query| groups::list(entities, query))
            .endpoint(routes::GET_GATE, |read| self.gates.get(read))
            .endpoint(routes::LIST_GATES, |query| self.gates.list(query))
    }
}

#[cfg(test)]
mod tests;
