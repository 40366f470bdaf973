//! Keywords that apply other schemas to the value itself. Keywords for its parts are passed on.

use xzepr_json::Json;

use super::{At, Evaluation, Marks, Scope, Verdict};
use crate::node::{Conditional, Keyword, NodeId};

impl<'g> Evaluation<'g> {
    pub(super) fn applicator(
        &mut self,
        keyword: &'g Keyword,
        at: At<'_>,
        marks: Option<&mut Marks>,
    ) -> Verdict {
        match (keyword, at.value) {
            (Keyword::Ref(node), _) => self.node(*node, at, marks),
            (Keyword::DynamicRef(reference), _) => {
                let node = self.target(reference, at.scope)?;
                self.node(node, at, marks)
            }
            (Keyword::AllOf(nodes), _) => self.all_of(nodes, at, marks),
            (Keyword::AnyOf(nodes), _) => self.any_of(nodes, at, marks),
            (Keyword::OneOf(nodes), _) => self.one_of(nodes, at, marks),
            (Keyword::Not(node), _) => Ok(!self.node(*node, at, None)?),
            (Keyword::If(conditional), _) => self.conditional(conditional, at, marks),
            (Keyword::DependentSchemas(dependents), Json::Object(members)) => {
                let mut marks = marks;
                for (name, node) in dependents {
                    if self.find(members, name)?.is_some() && !self.node(*node, at, marks.as_deref_mut())? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (keyword, Json::Object(members)) => self.object(keyword, members, at.scope, marks),
            (keyword, Json::Array(items)) => self.array(keyword, items, at.scope, marks),
            _ => Ok(true),
        }
    }

    /// Applies a schema to the parts that no other keyword has evaluated.
    pub(super) fn unevaluated<'v>(
        &mut self,
        node: NodeId,
        parts: impl Iterator<Item = &'v Json<'v>>,
        scope: Scope,
        mut marks: Option<&mut Marks>,
    ) -> Verdict {
        for (index, value) in parts.enumerate() {
            self.work.spend(1)?;
            if marks.as_ref().is_some_and(|marks| marks.has(index)) {
                continue;
            }
            if !self.part(node, (index, value), scope, marks.as_deref_mut())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Applies a schema to a part of the value, and marks the part.
    pub(super) fn part(
        &mut self,
        node: NodeId,
        (index, value): (usize, &Json),
        scope: Scope,
        marks: Option<&mut Marks>,
    ) -> Verdict {
        let matches = self.node(node, At { value, scope }, None)?;
        if let Some(marks) = marks {
            marks.add(index);
        }
        Ok(matches)
    }

    fn all_of(&mut self, nodes: &[NodeId], at: At<'_>, mut marks: Option<&mut Marks>) -> Verdict {
        for node in nodes {
            if !self.node(*node, at, marks.as_deref_mut())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// If marks are needed, all alternatives are checked, because the marks of all that match count.
    fn any_of(&mut self, nodes: &[NodeId], at: At<'_>, mut marks: Option<&mut Marks>) -> Verdict {
        let mut any = false;
        for node in nodes {
            any |= self.node(*node, at, marks.as_deref_mut())?;
            if any && marks.is_none() {
                return Ok(true);
            }
        }
        Ok(any)
    }

    fn one_of(&mut self, nodes: &[NodeId], at: At<'_>, mut marks: Option<&mut Marks>) -> Verdict {
        let mut one = false;
        for node in nodes {
            if self.node(*node, at, marks.as_deref_mut())? {
                if one {
                    return Ok(false);
                }
                one = true;
            }
        }
        Ok(one)
    }

    fn conditional(
        &mut self,
        conditional: &Conditional,
        at: At<'_>,
        mut marks: Option<&mut Marks>,
    ) -> Verdict {
        let holds = self.node(conditional.condition, at, marks.as_deref_mut())?;
        match if holds { conditional.then } else { conditional.otherwise } {
            Some(branch) => self.node(branch, at, marks),
            None => Ok(true),
        }
    }
}
