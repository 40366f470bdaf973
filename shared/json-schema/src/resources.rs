//! The targets of references. A document consists of resources, each with its URI and its anchors.
//!
//! JSON Schema Core 2020-12, sections 8.2 and 9.2.

use std::{collections::HashMap, ptr};

use fluent_uri::{Iri, IriRef};
use xzepr_json::Json;

use crate::{draft::Draft, metaschemas, subschemas::subschemas};

/// The URI of a document without an id.
const DEFAULT_URI: &str = "json-schema:///";

/// A part of a document that has its own URI.
#[derive(Debug)]
pub(crate) struct Resource<'a> {
    pub(crate) draft: Draft,
    uri: Iri<String>,
    root: &'a Json<'a>,
    anchors: HashMap<&'a str, &'a Json<'a>>,
    dynamic_anchors: HashMap<&'a str, &'a Json<'a>>,
}

/// The most bytes of a resource's URI. The URIs of the resources below it start with it.
const MAX_URI_BYTES: usize = 2048;

/// The index of a resource.
pub(crate) type ResourceId = u32;

/// Stands for `$recursiveAnchor` (2019-09) among the dynamic anchors, whose names are never empty.
pub(crate) const RECURSIVE_ANCHOR: &str = "";

/// All resources that are known.
#[derive(Debug, Default)]
pub(crate) struct Resources<'a> {
    resources: Vec<Resource<'a>>,
    by_uri: HashMap<String, ResourceId>,
    /// The key is the address of a subschema.
    of_schema: HashMap<usize, ResourceId>,
    dynamic_anchors: HashMap<&'a str, DynamicAnchors<'a>>,
}

/// The schemas with a dynamic anchor of one name, and how many of them were returned before.
#[derive(Debug, Default)]
struct DynamicAnchors<'a> {
    schemas: Vec<(ResourceId, &'a Json<'a>)>,
    taken: usize,
}

/// A schema that a reference leads to.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(crate) schema: &'a Json<'a>,
    pub(crate) resource: ResourceId,
    /// The name of the anchor in the reference, if it is a dynamic one.
    pub(crate) dynamic_anchor: Option<&'a str>,
}

/// Identifies a value among all that exist at the same time.
pub(crate) fn address(json: &Json) -> usize {
    ptr::from_ref(json).addr()
}

impl<'a> Resources<'a> {
    /// The resources of a document. `None` if an `$id` is not a URI reference, is too long or is used twice.
    pub(crate) fn of(document: &'a Json<'a>, draft: Draft) -> Option<Self> {
        let mut resources = Self::default();
        let base = Iri::parse(DEFAULT_URI.to_owned()).ok()?;
        let root = resources.add(base, document, draft);
        resources.index(document, root)?;
        Some(resources)
    }

    pub(crate) fn get(&self, id: ResourceId) -> &Resource<'a> {
        &self.resources[id as usize]
    }

    /// The resource that contains a subschema. `None` if the draft does not expect a schema in that place.
    pub(crate) fn of_schema(&self, schema: &Json) -> Option<ResourceId> {
        self.of_schema.get(&address(schema)).copied()
    }

    /// The schemas with a dynamic anchor of this name, one for each resource.
    pub(crate) fn dynamic_anchors(&self, name: &str) -> &[(ResourceId, &'a Json<'a>)] {
        self.dynamic_anchors.get(name).map(|anchors| &*anchors.schemas).unwrap_or_default()
    }

    /// The dynamic anchors of this name that no earlier call has returned.
    pub(crate) fn take_new_dynamic_anchors(&mut self, name: &str) -> Vec<(ResourceId, &'a Json<'a>)> {
        let Some(anchors) = self.dynamic_anchors.get_mut(name) else { return Vec::new() };
        let taken = std::mem::replace(&mut anchors.taken, anchors.schemas.len());
        anchors.schemas[taken..].to_vec()
    }

    /// Follows a reference from a resource. `None` if it leads out of the document or not to a schema.
    pub(crate) fn resolve(&mut self, reference: &str, from: ResourceId) -> Option<Target<'a>> {
        let base = &self.get(from).uri;
        let target = IriRef::parse(reference).ok()?.resolve_against(&base.strip_fragment()).ok()?;
        let resource = self.find(target.strip_fragment().as_str())?;
        let fragment = target.fragment().map(|fragment| fragment.decode().to_string());
        let fragment = fragment.transpose().ok()?.unwrap_or_default();
        if fragment.is_empty() {
            return Some(self.root(resource));
        }
        match fragment.strip_prefix('/') {
            Some(pointer) => self.at_pointer(pointer, resource),
            None => self.at_anchor(&fragment, resource),
        }
    }

    /// The resource of this URI, which may be a meta-schema.
    fn find(&mut self, uri: &str) -> Option<ResourceId> {
        if let Some(known) = self.by_uri.get(uri) {
            return Some(*known);
        }
        let document = metaschemas::find(uri)?;
        let draft = Draft::named_by(document).ok()??;
        let base = Iri::parse(uri.to_owned()).ok()?;
        let root = self.add(base, document, draft);
        self.index(document, root)?;
        Some(root)
    }

    fn root(&self, resource: ResourceId) -> Target<'a> {
        Target { schema: self.get(resource).root, resource, dynamic_anchor: None }
    }

    fn at_anchor(&self, name: &str, resource: ResourceId) -> Option<Target<'a>> {
        let Resource { anchors, dynamic_anchors, .. } = self.get(resource);
        if let Some((name, schema)) = dynamic_anchors.get_key_value(name) {
            return Some(Target { schema, resource, dynamic_anchor: Some(name) });
        }
        Some(Target { schema: anchors.get(name)?, resource, dynamic_anchor: None })
    }

    fn at_pointer(&self, pointer: &str, mut resource: ResourceId) -> Option<Target<'a>> {
        let mut schema = self.get(resource).root;
        for segment in pointer.split('/') {
            let name = segment.replace("~1", "/").replace("~0", "~");
            schema = match schema {
                Json::Object(members) => members.get(&name)?,
                Json::Array(items) => items.get(name.parse::<usize>().ok()?)?,
                _ => return None,
            };
            resource = self.of_schema(schema).unwrap_or(resource);
        }
        matches!(schema, Json::Object(_) | Json::Bool(_)).then_some(Target {
            schema,
            resource,
            dynamic_anchor: None,
        })
    }

    fn add(&mut self, uri: Iri<String>, root: &'a Json<'a>, draft: Draft) -> ResourceId {
        #[expect(clippy::cast_possible_truncation, reason = "a document of 64 KiB has fewer")]
        let id = self.resources.len() as ResourceId;
        self.by_uri.entry(uri.as_str().to_owned()).or_insert(id);
        let anchors = HashMap::new();
        self.resources.push(Resource { draft, uri, root, anchors, dynamic_anchors: HashMap::new() });
        id
    }

    /// Adds the resources and the anchors of a schema and of all schemas below it.
    fn index(&mut self, schema: &'a Json<'a>, parent: ResourceId) -> Option<()> {
        let resource = self.enter_resource(schema, parent)?;
        self.of_schema.insert(address(schema), resource);
        let draft = self.get(resource).draft;
        if !(draft.has_exclusive_ref() && schema.get("$ref").is_some()) {
            self.add_anchors(schema, resource, draft);
        }
        subschemas(schema, draft).into_iter().try_for_each(|subschema| self.index(subschema, resource))
    }

    /// Adds the resource that begins at a schema. Without one the schema belongs to `parent`.
    fn enter_resource(&mut self, schema: &'a Json<'a>, parent: ResourceId) -> Option<ResourceId> {
        let Resource { draft, root, .. } = *self.get(parent);
        // A schema inside may be of another draft, where it has an id of its own.
        let draft = Draft::named_by(schema).ok().flatten().unwrap_or(draft);
        let id = schema.get(draft.id_keyword()).and_then(Json::as_str);
        let Some(id) = id.filter(|_| !(draft.has_exclusive_ref() && schema.get("$ref").is_some())) else {
            return Some(parent);
        };
        let base = &self.get(parent).uri;
        let uri = IriRef::parse(id).ok()?.resolve_against(&base.strip_fragment()).ok()?;
        if draft <= Draft::Draft7 && id.starts_with('#') {
            return Some(parent);
        }
        let uri = Iri::parse(uri.strip_fragment().as_str().to_owned()).ok()?;
        if uri.as_str().len() > MAX_URI_BYTES {
            return None;
        }
        if ptr::eq(schema, root) {
            // The document is also found under the URI that it was added with.
            self.by_uri.insert(uri.as_str().to_owned(), parent);
            self.resources[parent as usize].uri = uri;
            return Some(parent);
        }
        let is_new = !self.by_uri.contains_key(uri.as_str());
        is_new.then(|| self.add(uri, schema, draft))
    }

    fn add_anchors(&mut self, schema: &'a Json<'a>, resource: ResourceId, draft: Draft) {
        let text = |name: &str| schema.get(name).and_then(Json::as_str);
        let is_root = ptr::eq(schema, self.get(resource).root);
        let Resource { anchors, dynamic_anchors, .. } = &mut self.resources[resource as usize];
        if draft <= Draft::Draft7 {
            // Up to draft 7 an id that is a fragment is an anchor.
            if let Some((_, name)) = text(draft.id_keyword()).and_then(|id| id.split_once('#'))
                && !name.is_empty()
            {
                anchors.entry(name).or_insert(schema);
            }
            return;
        }
        if let Some(name) = text("$anchor") {
            anchors.entry(name).or_insert(schema);
        }
        let is_recursive = schema.get("$recursiveAnchor").and_then(Json::as_bool) == Some(true);
        let dynamic = match draft {
            Draft::Draft202012 => text("$dynamicAnchor"),
            _ => Some(RECURSIVE_ANCHOR).filter(|_| is_recursive && is_root),
        };
        if let Some(name) = dynamic
            && !dynamic_anchors.contains_key(name)
        {
            dynamic_anchors.insert(name, schema);
            self.dynamic_anchors.entry(name).or_default().schemas.push((resource, schema));
        }
    }
}
