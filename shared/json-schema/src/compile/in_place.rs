//! The paths from a schema to others that are applied to the same value.

use std::collections::HashMap;

use crate::{
    error::SchemaError,
    node::{AnchorId, Keyword, Node, NodeId},
    resources::ResourceId,
};

/// The longest path that is accepted. Ordinary schemas need fewer than ten steps.
const MAX_LENGTH: usize = 100;

/// The longest path from a node, as far as it is known.
#[derive(Clone, Copy, PartialEq)]
enum Length {
    Unknown,
    /// The node is being measured. A path that leads back to it is a cycle.
    Open,
    Known(usize),
}

/// Refuses a cycle, in which a check would never end, and a path that is too long.
pub(super) fn check(
    nodes: &[Node],
    dynamic_anchors: &HashMap<(ResourceId, AnchorId), NodeId>,
) -> Result<(), SchemaError> {
    let mut paths = Paths { nodes, anchors: HashMap::new() };
    for ((_, anchor), node) in dynamic_anchors {
        paths.anchors.entry(*anchor).or_default().push(*node);
    }
    let mut lengths = vec![Length::Unknown; nodes.len()];
    for start in 0..nodes.len() {
        measure(&paths, start, &mut lengths)?;
    }
    Ok(())
}

struct Paths<'n> {
    nodes: &'n [Node],
    /// All nodes to which a dynamic reference may lead.
    anchors: HashMap<AnchorId, Vec<NodeId>>,
}

impl Paths<'_> {
    /// The nodes that a node applies to the same value.
    fn next_nodes(&self, node: usize) -> Vec<NodeId> {
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

/// Measures the longest path from a node. It does not recurse, because a path may be as long as the schema.
fn measure(paths: &Paths<'_>, start: usize, lengths: &mut [Length]) -> Result<(), SchemaError> {
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
        for next in paths.next_nodes(node) {
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
