//! Explains why a value does not match. It follows the keywords that fail into the parts of the value.
//!
//! Of several alternatives it follows only the intended one, if the value shows which one that is. So an explanation is
//! short and takes one path through the schema.

mod alternatives;
mod problem;
mod quote;

use std::collections::HashSet;

use xzepr_json::Json;

use crate::{
    error::TooMuchWork,
    evaluate::{At, Evaluation, Marks, Scope},
    node::{Keyword, NodeId},
    pointer::{Segment, pointer},
    resources::address,
    schema::Mismatch,
};

/// The most mismatches that are reported. More would make the response long without more help for its reader.
const MAX_MISMATCHES: usize = 20;

/// The most mismatches that are found in the search for 20 different ones. Many are the same after their places are
/// shortened.
const MAX_TRIED: usize = 1000;

/// The deepest nesting of schemas and values that is explained. Below it only the place is reported.
const MAX_DEPTH: usize = 300;

/// Explains why a value does not match, after a check with that result. Returns at least one mismatch. If no steps are
/// left, it returns the mismatches that were found so far.
pub(crate) fn explain(evaluation: &mut Evaluation<'_>, value: &Json) -> Vec<Mismatch> {
    let root = evaluation.graph.root;
    let (path, found, seen) = (Vec::new(), Vec::new(), HashSet::new());
    let mut explanation = Explanation { evaluation, path, found, seen, depth: 0, tried: 0 };
    let explained = explanation.explain_node(root, At { value, scope: Scope::default() });
    if explained.is_err() || explanation.found.is_empty() {
        explanation.add_problem("does not match the schema of its receiver".to_owned());
    }
    explanation.found
}

struct Explanation<'e, 'g, 'v> {
    evaluation: &'e mut Evaluation<'g>,
    /// The path into the value.
    path: Vec<Segment<'v>>,
    found: Vec<Mismatch>,
    /// The nodes that were explained and their values, because several paths may lead to one.
    seen: HashSet<(NodeId, usize)>,
    depth: usize,
    /// How many mismatches were found, duplicates included.
    tried: usize,
}

impl<'g, 'v> Explanation<'_, 'g, 'v> {
    fn add_problem(&mut self, problem: String) {
        if !self.is_full() {
            self.tried += 1;
            let mismatch = Mismatch { place: pointer(&self.path), problem };
            // Two paths through the schema may lead to one rule.
            if !self.found.contains(&mismatch) {
                self.found.push(mismatch);
            }
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() == MAX_MISMATCHES || self.tried == MAX_TRIED
    }

    fn explain_node(&mut self, id: NodeId, at: At<'v>) -> Result<(), TooMuchWork> {
        if self.is_full() || !self.seen.insert((id, address(at.value))) {
            return Ok(());
        }
        if self.depth == MAX_DEPTH {
            self.add_problem("does not match, too deep in the schema to say why".to_owned());
            return Ok(());
        }
        self.depth += 1;
        let explained = self.explain_keywords(id, at);
        self.depth -= 1;
        explained
    }

    fn explain_keywords(&mut self, id: NodeId, at: At<'v>) -> Result<(), TooMuchWork> {
        let node = self.evaluation.graph.node(id);
        let at = self.evaluation.enter(node, at)?;
        // Without marks, the kept results of the check can be used again.
        let mut marks = node.needs_marks().then(Marks::default);
        for keyword in &node.keywords {
            if self.is_full() {
                return Ok(());
            }
            let before = marks.clone();
            if !self.evaluation.keyword(keyword, at, marks.as_mut())? {
                marks = before;
                self.explain_keyword(keyword, at, marks.as_ref())?;
            }
        }
        Ok(())
    }

    /// Explains a keyword that fails.
    fn explain_keyword(
        &mut self,
        keyword: &'g Keyword,
        at: At<'v>,
        marks: Option<&Marks>,
    ) -> Result<(), TooMuchWork> {
        match (keyword, at.value) {
            (Keyword::Ref(node), _) => self.explain_node(*node, at),
            (Keyword::DynamicRef(reference), _) => {
                let node = self.evaluation.target(reference, at.scope)?;
                self.explain_node(node, at)
            }
            (Keyword::AllOf(nodes), _) => self.explain_each(nodes.iter().copied(), at),
            (Keyword::AnyOf(nodes) | Keyword::OneOf(nodes), _) => {
                self.explain_alternatives(nodes, at, keyword)
            }
            (Keyword::If(conditional), _) => {
                let holds = self.evaluation.is_match(conditional.condition, at)?;
                let branch = if holds { conditional.then } else { conditional.otherwise };
                self.explain_each(branch, at)
            }
            (Keyword::DependentSchemas(dependents), Json::Object(members)) => {
                let nodes = dependents.iter().filter(|(name, _)| members.get(name).is_some());
                self.explain_each(nodes.map(|(_, node)| *node), at)
            }
            (Keyword::Properties(properties), Json::Object(members)) => {
                for (name, value) in members.iter() {
                    let nodes = self.evaluation.property_nodes(properties, name)?;
                    self.explain_below(Segment::Name(name), nodes, At { value, ..at })?;
                }
                Ok(())
            }
            (Keyword::UnevaluatedProperties(node), Json::Object(members)) => {
                let parts = members.iter().map(|(name, value)| (Segment::Name(name), value));
                self.explain_unevaluated(*node, parts, at.scope, marks)
            }
            (Keyword::Items(items), Json::Array(values)) => {
                for (index, value) in values.iter().enumerate() {
                    let Some(node) = items.node(index) else { break };
                    self.explain_below(Segment::Index(index), [node], At { value, ..at })?;
                }
                Ok(())
            }
            (Keyword::UnevaluatedItems(node), Json::Array(values)) => {
                let parts = values.iter().enumerate().map(|(index, value)| (Segment::Index(index), value));
                self.explain_unevaluated(*node, parts, at.scope, marks)
            }
            (keyword, value) => {
                for problem in self.problems(keyword, value, at.scope)? {
                    self.add_problem(problem);
                }
                Ok(())
            }
        }
    }

    fn explain_unevaluated(
        &mut self,
        node: NodeId,
        parts: impl Iterator<Item = (Segment<'v>, &'v Json<'v>)>,
        scope: Scope,
        marks: Option<&Marks>,
    ) -> Result<(), TooMuchWork> {
        for (index, (segment, value)) in parts.enumerate() {
            if !marks.is_some_and(|marks| marks.has(index)) {
                self.explain_below(segment, [node], At { value, scope })?;
            }
        }
        Ok(())
    }

    fn explain_each(
        &mut self,
        nodes: impl IntoIterator<Item = NodeId>,
        at: At<'v>,
    ) -> Result<(), TooMuchWork> {
        for node in nodes {
            if !self.is_full() && !self.evaluation.is_match(node, at)? {
                self.explain_node(node, at)?;
            }
        }
        Ok(())
    }

    fn explain_below(
        &mut self,
        segment: Segment<'v>,
        nodes: impl IntoIterator<Item = NodeId>,
        at: At<'v>,
    ) -> Result<(), TooMuchWork> {
        self.evaluation.work.spend(1)?;
        if self.is_full() {
            return Ok(());
        }
        self.path.push(segment);
        let explained = self.explain_each(nodes, at);
        self.path.pop();
        explained
    }
}
