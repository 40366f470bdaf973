//! The dynamic scope: the resources that a check has entered, the outermost first (JSON Schema Core 2020-12, section
//! 7.1). Only the first visit of a resource counts.

use std::collections::HashMap;

use crate::{
    error::TooMuchWork,
    node::{AnchorId, Graph, NodeId},
    resources::ResourceId,
    work::Work,
};

/// The steps that a kept scope costs. They limit the memory for all scopes.
const STEPS_OF_A_SCOPE: usize = 16;

/// The index of a scope. The first scope is empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Scope(u32);

/// All scopes so far. Each has the index of the scope around it and its last resource.
#[derive(Debug, Default)]
pub(crate) struct Scopes {
    entered: Vec<(Scope, ResourceId)>,
    known: HashMap<(Scope, ResourceId), Scope>,
}

impl Scopes {
    /// The scope inside a resource. Only resources with dynamic anchors matter.
    pub(crate) fn enter(
        &mut self,
        scope: Scope,
        resource: ResourceId,
        graph: &Graph,
        work: &mut Work,
    ) -> Result<Scope, TooMuchWork> {
        if !graph.anchored.contains(&resource) {
            return Ok(scope);
        }
        if let Some(known) = self.known.get(&(scope, resource)) {
            return Ok(*known);
        }
        let mut is_new = true;
        for outer in self.outwards(scope) {
            work.spend(1)?;
            is_new &= outer != resource;
        }
        work.spend(STEPS_OF_A_SCOPE)?;
        let mut entered = scope;
        if is_new {
            self.entered.push((scope, resource));
            #[expect(clippy::cast_possible_truncation, reason = "each is paid for with steps of the budget")]
            let last = self.entered.len() as u32;
            entered = Scope(last);
        }
        self.known.insert((scope, resource), entered);
        Ok(entered)
    }

    /// The node of a dynamic anchor in the outermost resource that has it.
    pub(crate) fn outermost(
        &self,
        scope: Scope,
        anchor: AnchorId,
        graph: &Graph,
        work: &mut Work,
    ) -> Result<Option<NodeId>, TooMuchWork> {
        let mut found = None;
        for resource in self.outwards(scope) {
            work.spend(2)?;
            found = graph.dynamic_anchors.get(&(resource, anchor)).copied().or(found);
        }
        Ok(found)
    }

    fn outwards(&self, mut scope: Scope) -> impl Iterator<Item = ResourceId> {
        std::iter::from_fn(move || {
            let (around, resource) = *self.entered.get(scope.0.checked_sub(1)? as usize)?;
            scope = around;
            Some(resource)
        })
    }
}
