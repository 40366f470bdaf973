//! Keywords that apply other schemas to the value or to its parts.

use xzepr_json::{Json, Number, Object};

use super::{
    Compiler, Definition, Subschema,
    assertions::{NAMES, names},
};
use crate::{
    draft::Draft,
    error::SchemaError,
    node::{Conditional, Contains, Items, Keyword, Names, NodeId, Properties},
    pointer::Segment::{self, Index, Name},
};

const AN_OBJECT: &str = "must be an object";

impl<'a> Compiler<'a> {
    pub(super) fn add_applicators(&mut self, of: &mut Subschema<'a>) -> Result<(), SchemaError> {
        self.add_combinations(of)?;
        self.add_conditional(of);
        self.add_properties(of)?;
        self.add_dependents(of)?;
        self.add_items(of)?;
        self.add_contains(of)?;
        if of.draft >= Draft::Draft201909 {
            let unevaluated = self.schema(of, "unevaluatedItems").map(Keyword::UnevaluatedItems);
            of.keywords.extend(unevaluated);
            let unevaluated = self.schema(of, "unevaluatedProperties").map(Keyword::UnevaluatedProperties);
            of.keywords.extend(unevaluated);
        }
        Ok(())
    }

    /// Collects the schemas that no keyword applies. They must be well-formed too.
    pub(super) fn collect_definitions(&mut self, of: &Subschema<'a>) -> Result<(), SchemaError> {
        let is_modern = of.draft >= Draft::Draft201909;
        let keywords = if is_modern { &["definitions", "$defs"][..] } else { &["definitions"] };
        for keyword in keywords {
            for (name, schema) in self.object(of, keyword)?.into_iter().flat_map(Object::iter) {
                let place = self.places.below(of.place, &[Name(keyword), Name(name)]);
                self.definitions.push(Definition { schema, resource: of.resource, place });
            }
        }
        if let Some(schema) = of.get("contentSchema").filter(|_| is_modern) {
            let place = self.places.below(of.place, &[Name("contentSchema")]);
            self.definitions.push(Definition { schema, resource: of.resource, place });
        }
        Ok(())
    }

    fn add_combinations(&mut self, of: &mut Subschema<'a>) -> Result<(), SchemaError> {
        let all = self.alternatives(of, "allOf")?.map(Keyword::AllOf);
        let any = self.alternatives(of, "anyOf")?.map(Keyword::AnyOf);
        let one = self.alternatives(of, "oneOf")?.map(Keyword::OneOf);
        let not = self.schema(of, "not").map(Keyword::Not);
        of.keywords.extend(all.into_iter().chain(any).chain(one).chain(not));
        Ok(())
    }

    fn add_conditional(&mut self, of: &mut Subschema<'a>) {
        if of.draft < Draft::Draft7 {
            return;
        }
        let (condition, then) = (self.schema(of, "if"), self.schema(of, "then"));
        let otherwise = self.schema(of, "else");
        if let Some(condition) = condition {
            of.keywords.push(Keyword::If(Box::new(Conditional { condition, then, otherwise })));
        }
    }

    fn add_properties(&mut self, of: &mut Subschema<'a>) -> Result<(), SchemaError> {
        let named = self.schemas_by_name(of, "properties")?;
        let additional = self.schema(of, "additionalProperties");
        let mut patterns = Vec::new();
        for (text, node) in self.schemas_by_name(of, "patternProperties")? {
            let place = self.places.below(of.place, &[Name("patternProperties"), Name(text)]);
            patterns.push((self.compile_pattern(text, place)?, node));
        }
        if !named.is_empty() || !patterns.is_empty() || additional.is_some() {
            let named = named.into_iter().map(|(name, node)| (name.into(), node)).collect();
            let properties = Properties { named, patterns: patterns.into(), additional };
            of.keywords.push(Keyword::Properties(Box::new(properties)));
        }
        if of.draft >= Draft::Draft6 {
            let names = self.schema(of, "propertyNames").map(Keyword::PropertyNames);
            of.keywords.extend(names);
        }
        Ok(())
    }

    /// `dependentRequired` and `dependentSchemas`. Up to draft 7 `dependencies` stood for both.
    fn add_dependents(&mut self, of: &mut Subschema<'a>) -> Result<(), SchemaError> {
        let (mut required, mut schemas) = (Vec::new(), Vec::new());
        // It is deprecated since 2019-09, but still in the meta-schemas.
        for (name, value) in self.object(of, "dependencies")?.into_iter().flat_map(Object::iter) {
            let path = [Name("dependencies"), Name(name)];
            match value {
                Json::Array(_) => required.push((name.into(), self.names(of, &path, value)?)),
                _ => schemas.push((name.into(), self.child(of, &path, value))),
            }
        }
        if of.draft >= Draft::Draft201909 {
            for (name, value) in self.object(of, "dependentRequired")?.into_iter().flat_map(Object::iter) {
                let path = [Name("dependentRequired"), Name(name)];
                required.push((name.into(), self.names(of, &path, value)?));
            }
            let named = self.schemas_by_name(of, "dependentSchemas")?;
            schemas.extend(named.into_iter().map(|(name, node)| (name.into(), node)));
        }
        if !required.is_empty() {
            of.keywords.push(Keyword::DependentRequired(required.into()));
        }
        if !schemas.is_empty() {
            of.keywords.push(Keyword::DependentSchemas(schemas.into()));
        }
        Ok(())
    }

    fn names(&self, of: &Subschema<'a>, path: &[Segment<'_>], value: &Json) -> Result<Names, SchemaError> {
        names(value).ok_or_else(|| self.places.invalid_below(of.place, path, NAMES))
    }

    fn add_items(&mut self, of: &mut Subschema<'a>) -> Result<(), SchemaError> {
        let (prefix, rest) = match of.get("items") {
            _ if of.draft == Draft::Draft202012 => {
                (self.alternatives(of, "prefixItems")?.unwrap_or_default(), self.schema(of, "items"))
            }
            Some(Json::Array(items)) if items.is_empty() => {
                let rule = "must be a schema, or an array of one schema or more";
                return Err(self.places.invalid_keyword(of.place, "items", rule));
            }
            Some(Json::Array(items)) => {
                let items = items.iter().enumerate();
                let prefix =
                    items.map(|(index, item)| self.child(of, &[Name("items"), Index(index)], item)).collect();
                (prefix, self.schema(of, "additionalItems"))
            }
            _ => {
                // Without an array of items `additionalItems` has no effect, but it must compile.
                self.schema(of, "additionalItems");
                (Box::default(), self.schema(of, "items"))
            }
        };
        if !prefix.is_empty() || rest.is_some() {
            of.keywords.push(Keyword::Items(Box::new(Items { prefix, rest })));
        }
        Ok(())
    }

    fn add_contains(&mut self, of: &mut Subschema<'a>) -> Result<(), SchemaError> {
        if of.draft < Draft::Draft6 {
            return Ok(());
        }
        let count = |keyword: &str| match of.get(keyword).filter(|_| of.draft >= Draft::Draft201909) {
            None => Ok(None),
            Some(value) => value.as_number().and_then(Number::as_count).map(Some).ok_or_else(|| {
                self.places.invalid_keyword(of.place, keyword, "must be an integer of at least 0")
            }),
        };
        let (min, max) = (count("minContains")?.unwrap_or(1), count("maxContains")?);
        if let Some(node) = self.schema(of, "contains") {
            let marks = of.draft == Draft::Draft202012;
            of.keywords.push(Keyword::Contains(Box::new(Contains { node, min, max, marks })));
        }
        Ok(())
    }

    fn schema(&mut self, of: &Subschema<'a>, keyword: &'static str) -> Option<NodeId> {
        of.get(keyword).map(|schema| self.child(of, &[Name(keyword)], schema))
    }

    /// The nodes of an array of schemas, which must not be empty.
    fn alternatives(
        &mut self,
        of: &Subschema<'a>,
        keyword: &'static str,
    ) -> Result<Option<Box<[NodeId]>>, SchemaError> {
        let Some(value) = of.get(keyword) else { return Ok(None) };
        let Some(schemas) = value.as_array().filter(|schemas| !schemas.is_empty()) else {
            let rule = "must be an array of one schema or more";
            return Err(self.places.invalid_keyword(of.place, keyword, rule));
        };
        let schemas = schemas.iter().enumerate();
        Ok(Some(
            schemas.map(|(index, schema)| self.child(of, &[Name(keyword), Index(index)], schema)).collect(),
        ))
    }

    fn schemas_by_name(
        &mut self,
        of: &Subschema<'a>,
        keyword: &'static str,
    ) -> Result<Vec<(&'a str, NodeId)>, SchemaError> {
        let object = self.object(of, keyword)?;
        let schemas = object.into_iter().flat_map(Object::iter);
        Ok(schemas
            .map(|(name, schema)| (name, self.child(of, &[Name(keyword), Name(name)], schema)))
            .collect())
    }

    fn object(&self, of: &Subschema<'a>, keyword: &str) -> Result<Option<&'a Object<'a>>, SchemaError> {
        let Some(value) = of.get(keyword) else { return Ok(None) };
        let invalid = || self.places.invalid_keyword(of.place, keyword, AN_OBJECT);
        value.as_object().map(Some).ok_or_else(invalid)
    }
}
