//! Keywords for the members of an object.

use xzepr_json::{Json, Object};

use super::{At, Evaluation, Marks, Scope, Verdict};
use crate::{
    error::TooMuchWork,
    node::{Keyword, NodeId, Properties},
    work::BYTES_A_STEP,
};

impl<'g> Evaluation<'g> {
    pub(super) fn object(
        &mut self,
        keyword: &'g Keyword,
        members: &Object,
        scope: Scope,
        marks: Option<&mut Marks>,
    ) -> Verdict {
        match keyword {
            Keyword::Properties(properties) if properties.has_only_names() => {
                self.named_properties(properties, members, scope, marks)
            }
            Keyword::Properties(properties) => self.properties(properties, members, scope, marks),
            Keyword::PropertyNames(node) => {
                for (name, _) in members.iter() {
                    self.work.spend(1 + name.len() / BYTES_A_STEP)?;
                    let name = Json::String(name.into());
                    if !self.detached(*node, &name, scope)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Keyword::UnevaluatedProperties(node) => {
                self.unevaluated(*node, members.iter().map(|(_, value)| value), scope, marks)
            }
            _ => Ok(true),
        }
    }

    /// Goes through the names of the schema, or through the members if there are fewer of them.
    fn named_properties(
        &mut self,
        properties: &Properties,
        members: &Object,
        scope: Scope,
        mut marks: Option<&mut Marks>,
    ) -> Verdict {
        if members.len() < properties.named.len() {
            return self.properties(properties, members, scope, marks);
        }
        for (name, node) in &properties.named {
            let Some(part) = self.find(members, name)? else { continue };
            if !self.part(*node, part, scope, marks.as_deref_mut())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn properties(
        &mut self,
        properties: &Properties,
        members: &Object,
        scope: Scope,
        mut marks: Option<&mut Marks>,
    ) -> Verdict {
        for (index, (name, value)) in members.iter().enumerate() {
            let nodes = self.property_nodes(properties, name)?;
            for node in &nodes {
                if !self.node(*node, At { value, scope }, None)? {
                    return Ok(false);
                }
            }
            if let Some(marks) = marks.as_deref_mut().filter(|_| !nodes.is_empty()) {
                marks.add(index);
            }
        }
        Ok(true)
    }

    /// The schemas that apply to a member of this name.
    pub(crate) fn property_nodes(
        &mut self,
        properties: &Properties,
        name: &str,
    ) -> Result<Vec<NodeId>, TooMuchWork> {
        self.work.spend(1)?;
        let mut nodes: Vec<_> = properties.named(name).into_iter().collect();
        for (pattern, node) in &properties.patterns {
            if self.matcher.matches(pattern, name, &mut self.work)? {
                nodes.push(*node);
            }
        }
        if nodes.is_empty() {
            nodes.extend(properties.additional);
        }
        Ok(nodes)
    }
}

impl Properties {
    fn has_only_names(&self) -> bool {
        self.patterns.is_empty() && self.additional.is_none()
    }

    fn named(&self, name: &str) -> Option<NodeId> {
        let index = self.named.binary_search_by(|(named, _)| (**named).cmp(name)).ok()?;
        Some(self.named[index].1)
    }
}
