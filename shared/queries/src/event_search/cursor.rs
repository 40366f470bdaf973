//! Cursors: where the next page of a search begins.
//!
//! A cursor has no secret and gives no right: it holds an event id, and the filters come with each request. So it is
//! not signed. Its check bytes find a cursor that was cut, changed or mistyped.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use xzepr_domain::{EventId, Order};

use crate::event_search::EventFilter;

/// The version of the layout below. Another layout takes another number.
const VERSION: u8 = 1;

/// The list that the cursor is of.
const KIND: u8 = b'e';

/// The version, the kind, the order, an id, the digest of the filter, and the check bytes. It is a multiple of 3, so
/// that each character of the Base64 counts.
const BYTES: usize = 1 + 1 + 1 + 16 + 8 + CHECK_BYTES;
const CHECK_BYTES: usize = 3;

/// The rule that a cursor breaks, worded to follow the name of the parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCursor {
    /// It is no cursor of this list.
    #[error(
        "is not a cursor of this list, or was changed: send pagination.next as it was received, or no cursor"
    )]
    Altered,
    /// Another release has made it.
    #[error("is of another version: start again without a cursor")]
    Version,
    /// The list had another order.
    #[error("belongs to another sort: send the sort of the first page, or start again without a cursor")]
    Order,
    /// The list had other filters.
    #[error("belongs to other filters: send the filters of the first page, or start again without a cursor")]
    Filter,
}

/// The text of the cursor of a page that begins with this id.
pub(crate) fn write(start: EventId, filter: &EventFilter, order: Order) -> String {
    let mut bytes = vec![VERSION, KIND, order_byte(order)];
    bytes.extend(start.to_number().to_be_bytes());
    bytes.extend(filter.digest());
    let check = check_bytes(&bytes);
    bytes.extend(check);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The id with which the page of a cursor begins, if the cursor is of a list with this filter and this order.
pub(crate) fn read(cursor: &str, filter: &EventFilter, order: Order) -> Result<EventId, InvalidCursor> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| InvalidCursor::Altered)?;
    // A later version may have another length.
    if bytes.first().is_some_and(|version| *version != VERSION) {
        return Err(InvalidCursor::Version);
    }
    let bytes: [u8; BYTES] = bytes.try_into().map_err(|_| InvalidCursor::Altered)?;
    let [_, kind, of_order, rest @ ..] = bytes;
    let (id, rest) = rest.split_first_chunk::<16>().ok_or(InvalidCursor::Altered)?;
    let (digest, check) = rest.split_first_chunk::<8>().ok_or(InvalidCursor::Altered)?;
    if *check != check_bytes(&bytes[..BYTES - CHECK_BYTES]) || kind != KIND {
        return Err(InvalidCursor::Altered);
    }
    if of_order != order_byte(order) {
        return Err(InvalidCursor::Order);
    }
    if *digest != filter.digest() {
        return Err(InvalidCursor::Filter);
    }
    Ok(EventId::of_number(u128::from_be_bytes(*id)))
}

fn order_byte(order: Order) -> u8 {
    match order {
        Order::NewestFirst => b'd',
        Order::OldestFirst => b'a',
    }
}

fn check_bytes(bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let hash: [u8; 32] = Sha256::digest(bytes).into();
    [hash[0], hash[1], hash[2]]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use xzepr_domain::ShortText;

    use super::*;

    fn named(name: &str) -> EventFilter {
        EventFilter { name: Some(ShortText::try_from(name.to_owned()).unwrap()), ..EventFilter::default() }
    }

    #[test]
    fn a_cursor_is_of_one_filter_one_order_and_one_version() {
        let (id, filter) = (EventId::generate(), named("build"));
        let cursor = write(id, &filter, Order::NewestFirst);
        assert_eq!(read(&cursor, &filter, Order::NewestFirst), Ok(id));
        assert_eq!(read(&cursor, &filter, Order::OldestFirst), Err(InvalidCursor::Order));
        assert_eq!(read(&cursor, &named("deploy"), Order::NewestFirst), Err(InvalidCursor::Filter));
        let later = BASE64_URL_SAFE_NO_PAD.encode([VERSION + 1, 7]);
        assert_eq!(read(&later, &filter, Order::NewestFirst), Err(InvalidCursor::Version));
        assert_eq!(read("", &filter, Order::NewestFirst), Err(InvalidCursor::Altered));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_cursor_is_read_as_it_was_written(number: u128, name in "[a-z]{1,9}", is_newest: bool) {
            let order = if is_newest { Order::NewestFirst } else { Order::OldestFirst };
            let id = EventId::of_number(number);
            prop_assert_eq!(read(&write(id, &named(&name), order), &named(&name), order), Ok(id));
        }

        #[test]
        fn a_cursor_with_another_character_is_refused(number: u128, at in 0..40_usize, character in "[ -~]") {
            let (filter, order) = (named("build"), Order::NewestFirst);
            let mut cursor = write(EventId::of_number(number), &filter, order);
            prop_assert_eq!(cursor.len(), 40);
            let is_same = cursor[at..=at] == character;
            cursor.replace_range(at..=at, &character);
            prop_assert_eq!(read(&cursor, &filter, order).is_ok(), is_same);
        }

        #[test]
        fn any_text_is_a_cursor_or_refused(text in ".*", base64 in "[A-Za-z0-9_-]{0,60}") {
            for text in [text, base64] {
                prop_assert!(read(&text, &named("build"), Order::NewestFirst).is_err());
            }
        }
    }
}
