//! Keywords for the items of an array.

use xzepr_json::Json;

use super::{At, Evaluation, Marks, Scope, Verdict};
use crate::node::{Contains, Items, Keyword, NodeId};

impl<'g> Evaluation<'g> {
    pub(super) fn array(
        &mut self,
        keyword: &'g Keyword,
        items: &[Json],
        scope: Scope,
        marks: Option<&mut Marks>,
    ) -> Verdict {
        match keyword {
            Keyword::Items(schemas) => self.items(schemas, items, scope, marks),
            Keyword::Contains(contains) => self.contains(contains, items, scope, marks),
            Keyword::UnevaluatedItems(node) => self.unevaluated(*node, items.iter(), scope, marks),
            _ => Ok(true),
        }
    }

    fn items(
        &mut self,
        schemas: &Items,
        items: &[Json],
        scope: Scope,
        mut marks: Option<&mut Marks>,
    ) -> Verdict {
        for (index, value) in items.iter().enumerate() {
            let Some(node) = schemas.node(index) else { break };
            if !self.part(node, (index, value), scope, marks.as_deref_mut())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn contains(
        &mut self,
        contains: &Contains,
        items: &[Json],
        scope: Scope,
        marks: Option<&mut Marks>,
    ) -> Verdict {
        let mut marks = marks.filter(|_| contains.marks);
        let mut count = 0;
        for (index, value) in items.iter().enumerate() {
            if !self.node(contains.node, At { value, scope }, None)? {
                continue;
            }
            count += 1;
            if contains.max.is_some_and(|max| count > max) {
                return Ok(false);
            }
            match marks.as_deref_mut() {
                Some(marks) => marks.add(index),
                None if contains.max.is_none() && count >= contains.min => return Ok(true),
                None => {}
            }
        }
        Ok(count >= contains.min)
    }
}

impl Items {
    /// The schema of an item.
    pub(crate) fn node(&self, index: usize) -> Option<NodeId> {
        self.prefix.get(index).copied().or(self.rest)
    }
}
