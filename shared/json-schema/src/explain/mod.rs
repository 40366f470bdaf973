//! Why a value does not match: the keywords that fail, followed into the parts of the value.
//!
//! Of alternatives only one is followed: the one that is meant, if the value tells which. So an explanation
//! is short, and takes one way through the schema.

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

/// As many mismatches help to correct a payload; more would make the response long.
const MAX_MISMATCHES: usize = 20;

/// So many mismatches may be found before there are 20 different ones: places that are cut are often alike.
const MAX_TRIED: usize = 1000;

/// The deepest nesting of schemas and values that is explained. Beyond it, the place has to do.
const MAX_DEPTH: usize = 300;

/// Explains why a value does not match, after a check that found so. Where the steps run out, the mismatches
/// that were found so far have to do: at least one.
pub(crate) fn explain(evaluation: Evaluation<'_>, value: &Json) -> Vec<Mismatch> {
    let root = evaluation.graph.root;
    let (path, found, seen) = (Vec::new(), Vec::new(), HashSet::new());
    let mut explanation = Explanation { evaluation, path, found, seen, depth: 0, tried: 0 };
    let explained = explanation.node(root, At { value, scope: Scope::default() });
    if explained.is_err() || explanation.found.is_empty() {
        explanation.add("does not match the schema of its receiver".to_owned());
    }
    explanation.found
}

struct Explanation<'g, 'v> {
    evaluation: Evaluation<'g>,
    /// The way into the value.
    path: Vec<Segment<'v>>,
    found: Vec<Mismatch>,
    /// The nodes that are explained, and their values: several ways may lead to one.
    seen: HashSet<(NodeId, usize)>,
    depth: usize,
    /// How many mismatches were found, those that are there already among them.
    tried: usize,
}

impl<'g, 'v> Explanation<'g, 'v> {
    fn add(&mut self, problem: String) {
        if !self.is_full() {
            self.tried += 1;
            let mismatch = Mismatch { place: pointer(&self.path), problem };
            // Two ways of the schema may lead to one rule.
            if !self.found.contains(&mismatch) {
                self.found.push(mismatch);
            }
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() == MAX_MISMATCHES || self.tried == MAX_TRIED
    }

    fn node(&mut self, id: NodeId, at: At<'v>) -> Result<(), TooMuchWork> {
        if self.is_full() || !self.seen.insert((id, address(at.value))) {
            return Ok(());
        }
        if self.depth == MAX_DEPTH {
            self.add("does not match, too deep in the schema to say why".to_owned());
            return Ok(());
        }
        self.depth += 1;
        let explained = self.keywords(id, at);
        self.depth -= 1;
        explained
    }

    fn keywords(&mut self, id: NodeId, at: At<'v>) -> Result<(), TooMuchWork> {
        let node = self.evaluation.graph.node(id);
        let at = self.evaluation.enter(node, at)?;
        // Without need of marks the results of the check are found again.
        let mut marks = node.needs_marks().then(Marks::default);
        for keyword in &node.keywords {
            if self.is_full() {
                return Ok(());
            }
            let before = marks.clone();
            if !self.evaluation.keyword(keyword, at, marks.as_mut())? {
                marks = before;
                self.keyword(keyword, at, marks.as_ref())?;
            }
        }
        Ok(())
    }

    /// Explains a keyword that fails.
    fn keyword(
        &mut self,
        keyword: &'g Keyword,
        at: At<'v>,
        marks: Option<&Marks>,
    ) -> Result<(), TooMuchWork> {
        match (keyword, at.value) {
            (Keyword::Ref(node), _) => self.node(*node, at),
            (Keyword::DynamicRef(reference), _) => {
                let node = self.evaluation.target(reference, at.scope)?;
                self.node(node, at)
            }
            (Keyword::AllOf(nodes), _) => self.each(nodes.iter().copied(), at),
            (Keyword::AnyOf(nodes) | Keyword::OneOf(nodes), _) => self.alternatives(nodes, at, keyword),
            (Keyword::If(conditional), _) => {
                let holds = self.evaluation.is_match(conditional.condition, at)?;
                let branch = if holds { conditional.then } else { conditional.otherwise };
                self.each(branch, at)
            }
            (Keyword::DependentSchemas(dependents), Json::Object(members)) => {
                let nodes = dependents.iter().filter(|(name, _)| members.get(name).is_some());
                self.each(nodes.map(|(_, node)| *node), at)
            }
            (Keyword::Properties(properties), Json::Object(members)) => {
                for (name, value) in members.iter() {
                    let nodes = self.evaluation.property_nodes(properties, name)?;
                    self.below(Segment::Name(name), nodes, At { value, ..at })?;
                }
                Ok(())
            }
            (Keyword::UnevaluatedProperties(node), Json::Object(members)) => {
                let parts = members.iter().map(|(name, value)| (Segment::Name(name), value));
                self.unevaluated(*node, parts, at.scope, marks)
            }
            (Keyword::Items(items), Json::Array(values)) => {
                for (index, value) in values.iter().enumerate() {
                    let Some(node) = items.node(index) else { break };
                    self.below(Segment::Index(index), [node], At { value, ..at })?;
                }
                Ok(())
            }
            (Keyword::UnevaluatedItems(node), Json::Array(values)) => {
                let parts = values.iter().enumerate().map(|(index, value)| (Segment::Index(index), value));
                self.unevaluated(*node, parts, at.scope, marks)
            }
            (keyword, value) => {
                for problem in self.problems(keyword, value, at.scope)? {
                    self.add(problem);
                }
                Ok(())
            }
        }
    }

    fn unevaluated(
        &mut self,
        node: NodeId,
        parts: impl Iterator<Item = (Segment<'v>, &'v Json)>,
        scope: Scope,
        marks: Option<&Marks>,
    ) -> Result<(), TooMuchWork> {
        for (index, (segment, value)) in parts.enumerate() {
            if !marks.is_some_and(|marks| marks.has(index)) {
                self.below(segment, [node], At { value, scope })?;
            }
        }
        Ok(())
    }

    fn each(&mut self, nodes: impl IntoIterator<Item = NodeId>, at: At<'v>) -> Result<(), TooMuchWork> {
        for node in nodes {
            if !self.is_full() && !self.evaluation.is_match(node, at)? {
                self.node(node, at)?;
            }
        }
        Ok(())
    }

    fn below(
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
        let explained = self.each(nodes, at);
        self.path.pop();
        explained
    }
}
