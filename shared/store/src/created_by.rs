//! The attribute that names who made an item.

use aws_sdk_dynamodb::types::AttributeValue;
use xzepr_domain::CreatedBy;

use crate::table::Item;

const CREATED_BY: &str = "created_by";

/// The item with the name of its sender. It is beside the entity, since no message and no decision contains it. Items of
/// earlier releases, and those of an API without an authorizer, lack it.
pub(crate) fn made_by(mut item: Item, created_by: Option<&CreatedBy>) -> Item {
    if let Some(created_by) = created_by {
        item.insert(CREATED_BY.to_owned(), AttributeValue::S(created_by.to_string()));
    }
    item
}

#[cfg(test)]
mod tests {
    use xzepr_domain::Event;
    use xzepr_fixtures::event;

    use super::*;
    use crate::{
        event_items::EventItem,
        table::{from_item, to_item},
    };

    #[test]
    fn an_event_is_read_with_and_without_a_sender_and_does_not_contain_it() {
        let stored = event();
        let item = to_item(EventItem::from(&stored)).unwrap();
        assert!(!made_by(item.clone(), None).contains_key(CREATED_BY));
        let sent = made_by(item.clone(), Some(&CreatedBy::principal("alice")));
        assert_eq!(sent[CREATED_BY], AttributeValue::S("principal:alice".to_owned()));
        for item in [item, sent] {
            let read: Event = from_item::<EventItem>(item).unwrap().try_into().unwrap();
            assert_eq!(read, stored);
        }
    }
}
