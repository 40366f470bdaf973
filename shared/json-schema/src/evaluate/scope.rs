//! The dynamic scope: the resources that a check has gone through, the outermost first (JSON Schema Core
//! 2020-12, section 7.1). Only the first visit of a resource counts, so there are few different scopes.

use std::collections::HashMap;

use crate::{
    error::TooMuchWork,
    node::{Graph, NodeId},
    resources::ResourceId,
    work::Work,
};

/// A scope, as its index; the first is empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Scope(u32);

/// All scopes so far, each as the one around it and its last resource.
#[derive(Debug)]
pub(crate) struct Scopes {
    is_needed: bool,
    entered: Vec<(Scope, ResourceId)>,
    known: HashMap<(Scope, ResourceId), Scope>,
}

impl Scopes {
    /// Without dynamic references all scopes are one.
    pub(crate) fn new(is_needed: bool) -> Self {
        Self { is_needed, entered: Vec::new(), known: HashMap::new() }
    }

    /// The scope inside a resource.
    pub(crate) fn enter(&mut self, scope: Scope, resource: ResourceId) -> Scope {
        if !self.is_needed {
            return scope;
        }
        if let Some(known) = self.known.get(&(scope, resource)) {
            return *known;
        }
        let entered = if self.outwards(scope).any(|outer| outer == resource) {
            scope
        } else {
            self.entered.push((scope, resource));
            #[expect(clippy::cast_possible_truncation, reason = "each is paid for with a step of the budget")]
            Scope(self.entered.len() as u32)
        };
        self.known.insert((scope, resource), entered);
        entered
    }

    /// The node of the outermost resource that has a dynamic anchor.
    pub(crate) fn outermost(
        &self,
        scope: Scope,
        anchor: &str,
        graph: &Graph,
        work: &mut Work,
    ) -> Result<Option<NodeId>, TooMuchWork> {
        let mut found = None;
        for resource in self.outwards(scope) {
            work.spend(1)?;
            found = graph.dynamic_anchors.get(&(resource, anchor.into())).copied().or(found);
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
