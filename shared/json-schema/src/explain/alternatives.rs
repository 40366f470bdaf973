//! `anyOf` and `oneOf`: which alternative is meant.

use xzepr_json::Json;

use super::{Explanation, problem::of_alternatives};
use crate::{
    error::TooMuchWork,
    evaluate::At,
    node::{Keyword, NodeId},
};

/// How many references and `allOf`s are followed to see what an alternative says of the value itself.
const MAX_STEPS: usize = 8;

impl<'v> Explanation<'_, 'v> {
    /// Explains the alternative that is meant, if the value tells which; else says that there are several.
    pub(super) fn alternatives(
        &mut self,
        nodes: &[NodeId],
        at: At<'v>,
        keyword: &Keyword,
    ) -> Result<(), TooMuchWork> {
        let (mut matching, mut meant) = (0, Vec::new());
        for node in nodes {
            if self.evaluation.is_match(*node, at)? {
                matching += 1;
            } else if !self.is_another_kind(*node, at, MAX_STEPS)? {
                meant.push(*node);
            }
        }
        match meant[..] {
            [node] if matching == 0 => self.node(node, at),
            _ => {
                self.add(of_alternatives(keyword, nodes.len(), matching));
                Ok(())
            }
        }
    }

    /// Whether an alternative is for values of another kind: one of another type, or with another constant
    /// in a member, such as a tree's `{"kind": "leaf"}`.
    fn is_another_kind(&mut self, id: NodeId, at: At<'v>, steps: usize) -> Result<bool, TooMuchWork> {
        let node = self.evaluation.graph.node(id);
        for keyword in &node.keywords {
            let is_another = match keyword {
                Keyword::Type(_) | Keyword::Const(_) | Keyword::Enum(_) => {
                    !self.evaluation.keyword(keyword, at, None)?
                }
                Keyword::Ref(target) if steps > 0 => self.is_another_kind(*target, at, steps - 1)?,
                Keyword::AllOf(parts) if steps > 0 => {
                    let mut is_another = false;
                    for part in parts {
                        is_another |= self.is_another_kind(*part, at, steps - 1)?;
                    }
                    is_another
                }
                Keyword::Properties(properties) => {
                    let mut is_another = false;
                    for (name, node) in &properties.named {
                        if let Some(value) = at.value.get(name) {
                            is_another |= self.has_another_constant(*node, At { value, ..at })?;
                        }
                    }
                    is_another
                }
                _ => false,
            };
            if is_another {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn has_another_constant(&mut self, id: NodeId, at: At<'v>) -> Result<bool, TooMuchWork> {
        let is_scalar = !matches!(at.value, Json::Array(_) | Json::Object(_));
        for keyword in &self.evaluation.graph.node(id).keywords {
            let is_constant = matches!(keyword, Keyword::Const(_) | Keyword::Enum(_));
            if is_scalar && is_constant && !self.evaluation.keyword(keyword, at, None)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
