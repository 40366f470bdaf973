//! The ways from a schema to others that are applied to the same value.

use std::collections::HashMap;

use crate::{
    error::SchemaError,
    node::{AnchorId, Keyword, Node, NodeId},
    resources::ResourceId,
};

/// The longest way that is accepted. Ordinary schemas need fewer than ten.
const MAX_LENGTH: usize = 100;

/// How far the ways from a node are known.
#[derive(Clone, Copy, PartialEq)]
enum Length {
    Unknown,
    /// Being looked at: whoever leads here leads in a circle.
    Open,
    Known(usize),
}

/// Refuses a circle, which no check would leave, and a way that is too long.
pub(super) fn check(
    nodes: &[Node],
    dynamic_anchors: &HashMap<(ResourceId, AnchorId), NodeId>,
) -> Result<(), SchemaError> {
    let mut ways = Ways { nodes, anchors: HashMap::new() };
    for ((_, anchor), node) in dynamic_anchors {
        ways.anchors.entry(*anchor).or_default().push(*node);
    }
    let mut lengths = vec![Length::Unknown; nodes.len()];
    for start in 0..nodes.len() {
        measure(&ways, start, &mut lengths)?;
    }
    Ok(())
}

struct Ways<'n> {
    nodes: &'n [Node],
    /// Wherever a dynamic reference may lead.
    anchors: HashMap<AnchorId, Vec<NodeId>>,
}

impl Ways<'_> {
    fn from(&self, node: usize) -> Vec<NodeId> {
        let keywords = &self.nodes[node].keywords;
        let mut next: Vec<_> = keywords.iter().flat_map(Keyword::in_place).collect();
        for keyword in keywords {
            if let Keyword::DynamicRef(reference) = keyword {
                next.extend(self.anchors.get(&reference.anchor).into_iter().flatten());
            }
        }
        next
    }
}

/// Not recursive: the ways may be as long as the schema.
fn measure(ways: &Ways<'_>, start: usize, lengths: &mut [Length]) -> Result<(), SchemaError> {
    let mut path = vec![start];
    while let Some(&node) = path.last() {
        match lengths[node] {
            Length::Known(_) => {
                path.pop();
                continue;
            }
            Length::Unknown => lengths[node] = Length::Open,
            Length::Open => {}
        }
        let mut length = 0;
        let mut is_complete = true;
        for next in ways.from(node) {
            match lengths[next as usize] {
                Length::Known(known) => length = length.max(known + 1),
                Length::Unknown => {
                    path.push(next as usize);
                    is_complete = false;
                }
                Length::Open => {
                    return Err(refusal("it refers to itself on the same value, so that no check would end"));
                }
            }
        }
        if length > MAX_LENGTH {
            return Err(refusal(format!(
                "more than {MAX_LENGTH} references and alternatives lead from one to the next on the same value"
            )));
        }
        if is_complete {
            lengths[node] = Length::Known(length);
            path.pop();
        }
    }
    Ok(())
}

fn refusal(problem: impl Into<String>) -> SchemaError {
    SchemaError::DoesNotCompile { problem: problem.into(), place: String::new() }
}
