//! Lists whose objects are counted.

use serde::Serialize;

use crate::page_bytes::PageBytes;

/// The part of a list that a caller asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The most objects.
    pub limit: usize,
    /// How many objects come before it.
    pub offset: usize,
}

/// A part of a list.
#[derive(Debug, Serialize)]
pub struct List<T> {
    /// The objects.
    pub data: Vec<T>,
    /// Where they are in the list.
    pub pagination: Pagination,
}

/// The place of a part in its list.
#[derive(Debug, Serialize)]
pub struct Pagination {
    /// The most objects that the caller asked for.
    pub limit: usize,
    /// How many objects come before the part.
    pub offset: usize,
    /// How many objects the list has.
    pub total: usize,
    /// Whether there are objects after the part.
    pub has_more: bool,
    /// The offset of the next part, if there is one.
    pub next: Option<usize>,
}

impl Window {
    /// The ids of the part.
    pub(crate) fn of<Id>(self, ids: &[Id]) -> &[Id] {
        let rest = ids.get(self.offset..).unwrap_or_default();
        rest.get(..self.limit).unwrap_or(rest)
    }
}

/// A part that is being filled, until it is full by the bytes of its records.
pub(crate) struct Filling<T> {
    window: Window,
    total: usize,
    data: Vec<T>,
    bytes: PageBytes,
    /// How many ids of the list the part has used.
    used: usize,
}

impl<T: Serialize> Filling<T> {
    pub(crate) fn new(window: Window, total: usize) -> Self {
        Self { window, total, data: Vec::new(), bytes: PageBytes::new(), used: 0 }
    }

    /// Adds the object of the next id, or passes over an id without an object. Returns whether the part had room.
    pub(crate) fn add(&mut self, record: Option<T>) -> bool {
        if let Some(record) = record {
            if !self.bytes.add(&record) {
                return false;
            }
            self.data.push(record);
        }
        self.used += 1;
        true
    }

    pub(crate) fn finish(self) -> List<T> {
        let Window { limit, offset } = self.window;
        let end = offset.saturating_add(self.used);
        let has_more = end < self.total;
        let pagination =
            Pagination { limit, offset, total: self.total, has_more, next: has_more.then_some(end) };
        List { data: self.data, pagination }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(limit: usize, offset: usize, records: &[Option<String>]) -> (usize, Pagination) {
        let window = Window { limit, offset };
        let mut filling = Filling::new(window, records.len());
        for record in window.of(records) {
            if !filling.add(record.clone()) {
                break;
            }
        }
        let List { data, pagination } = filling.finish();
        (data.len(), pagination)
    }

    #[test]
    fn the_parts_of_a_list_follow_each_other() {
        let records = vec![Some("x".to_owned()); 5];
        for (limit, offset, length, next) in [
            (2, 0, 2, Some(2)),
            (2, 2, 2, Some(4)),
            (2, 4, 1, None),
            (5, 0, 5, None),
            (1000, 5, 0, None),
            (1000, usize::MAX, 0, None),
        ] {
            let (found, pagination) = list(limit, offset, &records);
            assert_eq!((found, pagination.next, pagination.total), (length, next, 5), "{limit} {offset}");
            assert_eq!(pagination.has_more, next.is_some());
        }
    }

    #[test]
    fn a_part_that_is_full_by_its_bytes_says_where_the_next_one_begins() {
        let records = vec![Some("x".repeat(2_000_000)); 5];
        let (length, pagination) = list(1000, 1, &records);
        assert_eq!((length, pagination.next, pagination.has_more), (2, Some(3), true));
    }

    #[test]
    fn an_id_without_an_object_is_passed_over() {
        let records = [None, Some("x".to_owned()), None, None];
        let (length, pagination) = list(3, 0, &records);
        assert_eq!((length, pagination.next), (1, Some(3)));
        assert_eq!(list(1, 3, &records).1.next, None);
    }
}
