//! Compiles the JSON of a schema into nodes.
//!
//! Each subschema becomes one node, however many references lead to it. So there are not more nodes than the text has
//! schemas. Two properties are checked afterwards: no schema leads back to itself on the same value, and the paths on
//! the same value are short.

mod applicators;
mod assertions;
mod in_place;
mod place;
mod references;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use place::{Place, Places};
use xzepr_json::{Json, Object};

use crate::{
    draft::Draft,
    error::SchemaError,
    node::{AnchorId, Graph, Keyword, Node, NodeId},
    pattern::{self, InvalidPattern, Pattern},
    pointer::Segment,
    resources::{ResourceId, Resources, address},
};

/// Compiles a schema.
pub(crate) fn compile(schema: &Json, draft: Draft) -> Result<Graph, SchemaError> {
    let resources = Resources::of(schema, draft).ok_or_else(|| SchemaError::DoesNotCompile {
        problem: format!(
            "each {} must be a URI reference, of at most 2 KiB when it is resolved, and be used once",
            draft.id_keyword()
        ),
        place: String::new(),
    })?;
    let mut compiler = Compiler { resources, ..Compiler::default() };
    let place = compiler.places.root();
    let root = compiler.node(schema, 0, place);
    compiler.compile_all()?;
    compiler.finish(root)
}

/// The state while a schema is compiled.
#[derive(Default)]
struct Compiler<'a> {
    resources: Resources<'a>,
    nodes: Vec<Node>,
    places: Places<'a>,
    /// The nodes by the addresses of their subschemas.
    known: HashMap<usize, NodeId>,
    waiting: Vec<Waiting<'a>>,
    referred_to: HashSet<NodeId>,
    patterns: HashMap<&'a str, Arc<Pattern>>,
    pattern_bytes: usize,
    /// The names of the dynamic anchors that references use, each with its number.
    dynamic_names: HashMap<&'a str, AnchorId>,
    /// Schemas that no keyword applies, such as definitions. References may lead to some of them.
    definitions: Vec<Definition<'a>>,
    /// Whether only definitions are left that no reference leads to. Their own references may have no target.
    is_lenient: bool,
}

/// A subschema whose node exists, but has no keywords yet.
struct Waiting<'a> {
    node: NodeId,
    schema: &'a Json<'a>,
    resource: ResourceId,
    place: Place,
}

/// A schema that applies to nothing by itself.
struct Definition<'a> {
    schema: &'a Json<'a>,
    resource: ResourceId,
    place: Place,
}

/// A subschema while it is compiled, with the keywords that it has so far.
struct Subschema<'a> {
    members: &'a Object<'a>,
    draft: Draft,
    resource: ResourceId,
    place: Place,
    keywords: Vec<Keyword>,
}

impl<'a> Compiler<'a> {
    /// The node of a subschema. A new one is compiled later.
    fn node(&mut self, schema: &'a Json<'a>, around: ResourceId, place: Place) -> NodeId {
        if let Some(known) = self.known.get(&address(schema)) {
            return *known;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a text of 64 KiB has fewer schemas")]
        let node = self.nodes.len() as NodeId;
        let resource = self.resources.of_schema(schema).unwrap_or(around);
        self.nodes.push(Node { resource, ..Node::default() });
        self.known.insert(address(schema), node);
        self.waiting.push(Waiting { node, schema, resource, place });
        node
    }

    /// The node of a schema below a keyword.
    fn child(&mut self, of: &Subschema<'a>, path: &[Segment<'a>], schema: &'a Json<'a>) -> NodeId {
        let place = self.places.below(of.place, path);
        self.node(schema, of.resource, place)
    }

    fn compile_all(&mut self) -> Result<(), SchemaError> {
        loop {
            while let Some(waiting) = self.waiting.pop() {
                let node = waiting.node as usize;
                self.nodes[node].keywords = self.compile_keywords(waiting)?;
            }
            self.reach_dynamic_anchors();
            if self.waiting.is_empty() {
                return Ok(());
            }
        }
    }

    fn compile_keywords(&mut self, waiting: Waiting<'a>) -> Result<Box<[Keyword]>, SchemaError> {
        let Waiting { schema, resource, place, .. } = waiting;
        let draft = self.resources.get(resource).draft;
        let members = match schema {
            Json::Object(members) => members,
            Json::Bool(true) if draft >= Draft::Draft6 || self.is_boolean_in_draft_4(place) => {
                return Ok(Box::default());
            }
            Json::Bool(false) if draft >= Draft::Draft6 || self.is_boolean_in_draft_4(place) => {
                return Ok(Box::new([Keyword::Never]));
            }
            _ => return Err(self.places.invalid(place, "must be a schema: an object or a boolean")),
        };
        let mut subschema = Subschema { members, draft, resource, place, keywords: Vec::new() };
        self.check_annotations(&subschema)?;
        self.add_references(&mut subschema)?;
        if !(draft.has_exclusive_ref() && members.get("$ref").is_some()) {
            self.add_assertions(&mut subschema)?;
            self.add_applicators(&mut subschema)?;
        }
        self.collect_definitions(&subschema)?;
        let mut keywords = subschema.keywords;
        keywords.sort_by_key(Keyword::rank);
        Ok(keywords.into_boxed_slice())
    }

    /// Draft 4 has boolean schemas only under these two keywords (Validation sections 5.3.1 and 5.4.4).
    fn is_boolean_in_draft_4(&self, place: Place) -> bool {
        matches!(self.places.last(place), Some("additionalItems" | "additionalProperties"))
    }

    /// A compiled pattern. A pattern that occurs several times is compiled once.
    fn compile_pattern(&mut self, text: &'a str, place: Place) -> Result<Arc<Pattern>, SchemaError> {
        if let Some(known) = self.patterns.get(text) {
            return Ok(Arc::clone(known));
        }
        let left = pattern::MAX_BYTES - self.pattern_bytes;
        let compiled = Pattern::compile(text, left).map_err(|invalid| {
            let problem = match invalid {
                InvalidPattern::Unsupported => {
                    "must be a regular expression (ECMA 262) without look-around and back-references".to_owned()
                }
                InvalidPattern::TooLarge => format!(
                    "all patterns of a schema may take {} MiB when they are compiled: use smaller repetitions \
                     and fewer classes of Unicode characters",
                    pattern::MAX_BYTES >> 20
                ),
            };
            self.places.invalid(place, problem)
        })?;
        self.pattern_bytes = (self.pattern_bytes + compiled.bytes()).min(pattern::MAX_BYTES);
        let compiled = Arc::new(compiled);
        self.patterns.insert(text, Arc::clone(&compiled));
        Ok(compiled)
    }

    /// The graph of the schemas that the root leads to. The other schemas are compiled only to check them.
    fn finish(mut self, root: NodeId) -> Result<Graph, SchemaError> {
        let mut dynamic_anchors = HashMap::new();
        for (name, anchor) in &self.dynamic_names {
            for (resource, schema) in self.resources.dynamic_anchors(name) {
                if let Some(node) = self.known.get(&address(schema)) {
                    dynamic_anchors.insert((*resource, *anchor), *node);
                }
            }
        }
        in_place::check(&self.nodes, &dynamic_anchors)?;
        for node in &self.referred_to {
            let node = &mut self.nodes[*node as usize];
            node.is_shared = node.keywords.iter().any(Keyword::is_applicator);
        }
        let reached = self.nodes.len();
        self.is_lenient = true;
        while let Some(Definition { schema, resource, place }) = self.definitions.pop() {
            self.node(schema, resource, place);
            self.compile_all()?;
        }
        self.nodes.truncate(reached);
        let anchored = dynamic_anchors.keys().map(|(resource, _)| *resource).collect();
        Ok(Graph { root, nodes: self.nodes.into_boxed_slice(), dynamic_anchors, anchored })
    }
}

impl<'a> Subschema<'a> {
    fn get(&self, keyword: &str) -> Option<&'a Json<'a>> {
        self.members.get(keyword)
    }
}
