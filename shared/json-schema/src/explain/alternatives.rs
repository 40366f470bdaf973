//! Finds the intended alternative of `anyOf` and `oneOf`.

use xzepr_json::Json;

use super::{Explanation, problem::of_alternatives};
use crate::{
    error::TooMuchWork,
    evaluate::At,
    node::{Keyword, NodeId},
};

/// The most references and `allOf`s that are followed to find the keywords of an alternative.
const MAX_STEPS: usize = 8;

impl<'v> Explanation<'_, '_, 'v> {
    /// Explains the intended alternative, if the value shows which one that is. Else it reports the rule of the
    /// keyword.
    pub(super) fn explain_alternatives(
        &mut self,
        nodes: &[NodeId],
        at: At<'v>,
        keyword: &Keyword,
    ) -> Result<(), TooMuchWork> {
        let (mut matching, mut intended) = (0, Vec::new());
        for node in nodes {
            if self.evaluation.is_match(*node, at)? {
                matching += 1;
            } else if !self.is_another_kind(*node, at, MAX_STEPS)? {
                intended.push(*node);
            }
        }
        match intended[..] {
            [node] if matching == 0 => self.explain_node(node, at),
            _ => {
                self.add_problem(of_alternatives(keyword, nodes.len(), matching));
                Ok(())
            }
        }
    }

    /// Whether an alternative is for values of another kind. Such values have another type, or another constant in a
    /// member, such as `{"kind": "leaf"}` in a tree.
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
