//! Checks whether a value matches.
//!
//! Results are kept by their node, their value and the dynamic scope. Without that, a schema whose paths meet again
//! would take twice as long with every level. Examples are `allOf` with the same reference twice, and a tree of two
//! kinds of nodes.

mod applicators;
mod arrays;
mod assertions;
mod compare;
mod marks;
mod objects;
mod scope;

use std::{collections::HashMap, mem};

pub(crate) use marks::Marks;
pub(crate) use scope::Scope;
use scope::Scopes;
use xzepr_json::Json;

use crate::{
    error::TooMuchWork,
    node::{DynamicRef, Graph, Keyword, Node, NodeId},
    pattern::Matcher,
    resources::address,
    work::Work,
};

/// The deepest nesting of schemas and values that is followed. A text has at most 128 levels.
const MAX_DEPTH: usize = 1000;

/// The steps that a kept result costs. They limit the memory for all results.
const STEPS_OF_A_RESULT: usize = 16;

/// A check of one value.
pub(crate) struct Evaluation<'g> {
    pub(crate) graph: &'g Graph,
    pub(crate) work: Work,
    depth: usize,
    results: HashMap<ResultKey, Kept>,
    scopes: Scopes,
    matcher: Matcher,
}

/// Whether a value matches, or the end of the budget.
pub(crate) type Verdict = Result<bool, TooMuchWork>;

/// The value and the scope to which a node is applied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'v> {
    pub(crate) value: &'v Json<'v>,
    pub(crate) scope: Scope,
}

#[derive(PartialEq, Eq, Hash)]
struct ResultKey {
    node: NodeId,
    scope: Scope,
    has_marks: bool,
    value: usize,
}

/// A result, with its marks if they are needed.
struct Kept {
    matches: bool,
    marks: Option<Box<Marks>>,
}

impl<'g> Evaluation<'g> {
    pub(crate) fn new(graph: &'g Graph, steps: u64) -> Self {
        Self {
            graph,
            work: Work::new(steps),
            depth: 0,
            results: HashMap::new(),
            scopes: Scopes::default(),
            matcher: Matcher::default(),
        }
    }

    /// Whether the whole value matches.
    pub(crate) fn matches(&mut self, value: &Json) -> Verdict {
        self.node(self.graph.root, At { value, scope: Scope::default() }, None)
    }

    /// Whether a node matches. An explanation asks this.
    pub(crate) fn is_match(&mut self, id: NodeId, at: At<'_>) -> Verdict {
        self.node(id, at, None)
    }

    /// The same value with the scope inside a node.
    pub(crate) fn enter<'v>(&mut self, node: &Node, at: At<'v>) -> Result<At<'v>, TooMuchWork> {
        let scope = self.scopes.enter(at.scope, node.resource, self.graph, &mut self.work)?;
        Ok(At { scope, ..at })
    }

    /// The node that a dynamic reference leads to.
    pub(crate) fn target(&mut self, reference: &DynamicRef, scope: Scope) -> Result<NodeId, TooMuchWork> {
        let found = self.scopes.outermost(scope, reference.anchor, self.graph, &mut self.work)?;
        Ok(found.unwrap_or(reference.otherwise))
    }

    /// Whether a node matches. If marks are needed, the parts that the node has evaluated are added to them. A node
    /// that does not match adds none.
    fn node(&mut self, id: NodeId, at: At<'_>, marks: Option<&mut Marks>) -> Verdict {
        let node = self.graph.node(id);
        self.work.spend(1)?;
        let at = self.enter(node, at)?;
        if !node.is_shared {
            return self.keywords(node, at, marks);
        }
        let key =
            ResultKey { node: id, scope: at.scope, has_marks: marks.is_some(), value: address(at.value) };
        if let Some(kept) = self.results.get(&key) {
            if let (Some(marks), Some(kept)) = (marks, &kept.marks) {
                marks.merge(kept, &mut self.work)?;
            }
            return Ok(kept.matches);
        }
        self.work.spend(STEPS_OF_A_RESULT)?;
        let mut own = marks.is_some().then(Marks::default);
        let matches = self.keywords(node, at, own.as_mut())?;
        if let (Some(marks), Some(own)) = (marks, &own) {
            marks.merge(own, &mut self.work)?;
        }
        self.results.insert(key, Kept { matches, marks: own.map(Box::new) });
        Ok(matches)
    }

    /// Whether a node matches a value that exists only during this call. Its results are not kept, because another
    /// value may later have the same address.
    pub(crate) fn detached(&mut self, id: NodeId, value: &Json, scope: Scope) -> Verdict {
        let results = mem::take(&mut self.results);
        let verdict = self.node(id, At { value, scope }, None);
        self.results = results;
        verdict
    }

    /// Whether all keywords of a node match.
    fn keywords(&mut self, node: &'g Node, at: At<'_>, marks: Option<&mut Marks>) -> Verdict {
        if self.depth == MAX_DEPTH {
            return Err(TooMuchWork);
        }
        self.depth += 1;
        let verdict = if marks.is_some() || node.needs_marks() {
            self.with_marks(node, at, marks)
        } else {
            self.all(node, at, &mut None)
        };
        self.depth -= 1;
        verdict
    }

    fn with_marks(&mut self, node: &'g Node, at: At<'_>, marks: Option<&mut Marks>) -> Verdict {
        let mut own = Some(Marks::default());
        let matches = self.all(node, at, &mut own)?;
        if let (true, Some(marks), Some(own)) = (matches, marks, &own) {
            marks.merge(own, &mut self.work)?;
        }
        Ok(matches)
    }

    fn all(&mut self, node: &'g Node, at: At<'_>, marks: &mut Option<Marks>) -> Verdict {
        for keyword in &node.keywords {
            if !self.keyword(keyword, at, marks.as_mut())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether one keyword matches. `marks` are those of the keywords before it, and its own are added.
    pub(crate) fn keyword(&mut self, keyword: &'g Keyword, at: At<'_>, marks: Option<&mut Marks>) -> Verdict {
        self.work.spend(1)?;
        if keyword.is_applicator() {
            self.applicator(keyword, at, marks)
        } else {
            self.assertion(keyword, at.value)
        }
    }
}
