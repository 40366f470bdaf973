//! `$ref`, `$dynamicRef` and `$recursiveRef`.

use xzepr_json::Json;

use super::{Compiler, Subschema};
use crate::{
    draft::Draft,
    error::SchemaError,
    node::{AnchorId, DynamicRef, Keyword, NodeId},
    resources::{RECURSIVE_ANCHOR, Target},
};

impl<'a> Compiler<'a> {
    pub(super) fn add_references(&mut self, of: &mut Subschema<'a>) -> Result<(), SchemaError> {
        if let Some(target) = self.target(of, "$ref")? {
            let node = self.node_of(&target, of);
            of.keywords.push(Keyword::Ref(node));
        }
        if of.draft == Draft::Draft202012
            && let Some(target) = self.target(of, "$dynamicRef")?
        {
            let node = self.node_of(&target, of);
            let keyword = match target.dynamic_anchor {
                Some(anchor) => self.dynamic_ref(anchor, node),
                None => Keyword::Ref(node),
            };
            of.keywords.push(keyword);
        }
        if of.draft == Draft::Draft201909
            && let Some(target) = self.target(of, "$recursiveRef")?
        {
            let node = self.node_of(&target, of);
            let is_recursive = target.schema.get("$recursiveAnchor").and_then(Json::as_bool) == Some(true);
            let keyword =
                if is_recursive { self.dynamic_ref(RECURSIVE_ANCHOR, node) } else { Keyword::Ref(node) };
            of.keywords.push(keyword);
        }
        Ok(())
    }

    /// Makes nodes of the dynamic anchors that references may lead to. Each of them may refer to further ones.
    pub(super) fn reach_dynamic_anchors(&mut self) {
        let mut places = Vec::new();
        for name in self.dynamic_names.keys() {
            places.extend(self.resources.take_new_dynamic_anchors(name));
        }
        for (resource, schema) in places {
            let place = self.places.root();
            let node = self.node(schema, resource, place);
            self.referred_to.insert(node);
        }
    }

    fn dynamic_ref(&mut self, anchor: &'a str, otherwise: NodeId) -> Keyword {
        #[expect(clippy::cast_possible_truncation, reason = "a text of 64 KiB has fewer names")]
        let next = self.dynamic_names.len() as AnchorId;
        let anchor = *self.dynamic_names.entry(anchor).or_insert(next);
        Keyword::DynamicRef(Box::new(DynamicRef { anchor, otherwise }))
    }

    fn target(&mut self, of: &Subschema<'a>, keyword: &str) -> Result<Option<Target<'a>>, SchemaError> {
        let Some(value) = of.get(keyword) else { return Ok(None) };
        let Some(reference) = value.as_str() else {
            return Err(self.places.invalid_keyword(of.place, keyword, "must be a string"));
        };
        let target = self.resources.resolve(reference, of.resource);
        if target.is_none() && self.is_lenient {
            return Ok(None);
        }
        target.map(Some).ok_or_else(|| {
            let rule = "must lead to a schema of this document: nothing is fetched";
            self.places.invalid_keyword(of.place, keyword, rule)
        })
    }

    fn node_of(&mut self, target: &Target<'a>, of: &Subschema<'a>) -> NodeId {
        let node = self.node(target.schema, target.resource, of.place);
        self.referred_to.insert(node);
        node
    }
}
