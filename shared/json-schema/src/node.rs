//! A compiled schema. Its nodes refer to each other by index, because a schema may refer to itself.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use xzepr_json::{Json, Number};

use crate::{format::Format, pattern::Pattern, resources::ResourceId};

/// The index of a node.
pub(crate) type NodeId = u32;

/// The number of a dynamic anchor's name.
pub(crate) type AnchorId = u32;

/// All nodes of a schema.
#[derive(Debug)]
pub(crate) struct Graph {
    pub(crate) root: NodeId,
    pub(crate) nodes: Box<[Node]>,
    /// The nodes of the dynamic anchors of each resource.
    pub(crate) dynamic_anchors: HashMap<(ResourceId, AnchorId), NodeId>,
    /// The resources that have a dynamic anchor.
    pub(crate) anchored: HashSet<ResourceId>,
}

/// Different names of members.
pub(crate) type Names = Box<[Box<str>]>;

/// A schema. A value matches if it matches all of the keywords.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) resource: ResourceId,
    /// The quick keywords come first. Those that need the marks of the others come last.
    pub(crate) keywords: Box<[Keyword]>,
    /// Whether several paths reach it and it leads to other nodes. Its result is then kept, or the paths would
    /// multiply.
    pub(crate) is_shared: bool,
}

/// A keyword, or several keywords that have a meaning only together.
#[derive(Debug)]
pub(crate) enum Keyword {
    /// The schema `false`.
    Never,
    Type(Types),
    /// In ascending order.
    Enum(Box<[Json<'static>]>),
    Const(Json<'static>),
    Minimum(Number),
    ExclusiveMinimum(Number),
    Maximum(Number),
    ExclusiveMaximum(Number),
    MultipleOf(Number),
    MinLength(u64),
    MaxLength(u64),
    Pattern(Arc<Pattern>),
    Format(Format),
    Content {
        is_base64: bool,
        is_json: bool,
    },
    MinItems(u64),
    MaxItems(u64),
    UniqueItems,
    MinProperties(u64),
    MaxProperties(u64),
    Required(Names),
    DependentRequired(Box<[(Box<str>, Names)]>),
    Ref(NodeId),
    DynamicRef(Box<DynamicRef>),
    AllOf(Box<[NodeId]>),
    AnyOf(Box<[NodeId]>),
    OneOf(Box<[NodeId]>),
    Not(NodeId),
    If(Box<Conditional>),
    DependentSchemas(Box<[(Box<str>, NodeId)]>),
    PropertyNames(NodeId),
    Properties(Box<Properties>),
    Items(Box<Items>),
    Contains(Box<Contains>),
    UnevaluatedItems(NodeId),
    UnevaluatedProperties(NodeId),
}

/// A set of types. Each bit stands for the type at its index in [`TYPES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Types {
    pub(crate) bits: u8,
    /// Up to draft 4 a number with a fraction of zero, such as `1.0`, is not an integer.
    pub(crate) strict_integers: bool,
}

/// The names of the types. `number` includes `integer`.
pub(crate) const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// `$dynamicRef`, and `$recursiveRef` of 2019-09.
#[derive(Debug)]
pub(crate) struct DynamicRef {
    pub(crate) anchor: AnchorId,
    /// The target if no resource on the path has the anchor.
    pub(crate) otherwise: NodeId,
}

/// `if`, `then` and `else`.
#[derive(Debug)]
pub(crate) struct Conditional {
    pub(crate) condition: NodeId,
    pub(crate) then: Option<NodeId>,
    pub(crate) otherwise: Option<NodeId>,
}

/// `properties`, `patternProperties` and `additionalProperties`.
#[derive(Debug, Default)]
pub(crate) struct Properties {
    /// In the order of their names.
    pub(crate) named: Box<[(Box<str>, NodeId)]>,
    pub(crate) patterns: Box<[(Arc<Pattern>, NodeId)]>,
    pub(crate) additional: Option<NodeId>,
}

/// `prefixItems` and `items`, under their names of 2020-12.
#[derive(Debug)]
pub(crate) struct Items {
    pub(crate) prefix: Box<[NodeId]>,
    pub(crate) rest: Option<NodeId>,
}

/// `contains`, `minContains` and `maxContains`.
#[derive(Debug)]
pub(crate) struct Contains {
    pub(crate) node: NodeId,
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    /// Whether the items that match count as evaluated, as since 2020-12.
    pub(crate) marks: bool,
}

impl Graph {
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// About how many bytes of memory it uses.
    pub(crate) fn bytes(&self) -> usize {
        let keywords = self.nodes.iter().flat_map(|node| &node.keywords);
        let anchors = self.dynamic_anchors.len() * 100;
        // The boxed parts and the allocator need about as much again.
        2 * (size_of_val(&*self.nodes) + keywords.map(Keyword::bytes).sum::<usize>() + anchors)
    }
}

impl Node {
    /// Whether one of its keywords needs the marks of the others.
    pub(crate) fn needs_marks(&self) -> bool {
        self.keywords.last().is_some_and(Keyword::needs_marks)
    }
}

impl Keyword {
    /// The nodes that it applies to the value itself.
    pub(crate) fn in_place(&self) -> Vec<NodeId> {
        match self {
            Self::Ref(node) | Self::Not(node) => vec![*node],
            Self::DynamicRef(reference) => vec![reference.otherwise],
            Self::AllOf(nodes) | Self::AnyOf(nodes) | Self::OneOf(nodes) => nodes.to_vec(),
            Self::If(conditional) => {
                let branches = conditional.then.into_iter().chain(conditional.otherwise);
                branches.chain([conditional.condition]).collect()
            }
            Self::DependentSchemas(dependents) => dependents.iter().map(|(_, node)| *node).collect(),
            _ => Vec::new(),
        }
    }

    /// The nodes that it applies to parts of the value.
    pub(crate) fn below(&self) -> Vec<NodeId> {
        match self {
            Self::PropertyNames(node) | Self::UnevaluatedItems(node) | Self::UnevaluatedProperties(node) => {
                vec![*node]
            }
            Self::Properties(properties) => {
                let named = properties.named.iter().map(|(_, node)| *node);
                let patterns = properties.patterns.iter().map(|(_, node)| *node);
                named.chain(patterns).chain(properties.additional).collect()
            }
            Self::Items(items) => items.prefix.iter().copied().chain(items.rest).collect(),
            Self::Contains(contains) => vec![contains.node],
            _ => Vec::new(),
        }
    }

    /// About how many bytes of memory it uses. A pattern counts at each place that uses it.
    fn bytes(&self) -> usize {
        let text = |text: &str| size_of::<Box<str>>() + text.len();
        let texts = |texts: &[Box<str>]| texts.iter().map(|name| text(name)).sum::<usize>();
        let parts = (self.in_place().len() + self.below().len()) * size_of::<NodeId>();
        size_of::<Self>()
            + parts
            + match self {
                Self::Enum(values) => values.iter().map(json_bytes).sum(),
                Self::Const(value) => json_bytes(value),
                Self::Pattern(pattern) => pattern.bytes(),
                Self::Required(names) => texts(names),
                Self::DependentRequired(dependents) => {
                    dependents.iter().map(|(name, names)| text(name) + texts(names)).sum()
                }
                Self::DependentSchemas(dependents) => dependents.iter().map(|(name, _)| text(name)).sum(),
                Self::Properties(properties) => {
                    let names = properties.named.iter().map(|(name, _)| text(name)).sum::<usize>();
                    names + properties.patterns.iter().map(|(pattern, _)| pattern.bytes()).sum::<usize>()
                }
                _ => 0,
            }
    }

    /// Whether it needs the marks of the other keywords of its schema.
    fn needs_marks(&self) -> bool {
        matches!(self, Self::UnevaluatedItems(_) | Self::UnevaluatedProperties(_))
    }

    /// Whether it applies other schemas.
    pub(crate) fn is_applicator(&self) -> bool {
        matches!(
            self,
            Self::Ref(_)
                | Self::DynamicRef(_)
                | Self::AllOf(_)
                | Self::AnyOf(_)
                | Self::OneOf(_)
                | Self::Not(_)
                | Self::If(_)
                | Self::DependentSchemas(_)
                | Self::PropertyNames(_)
                | Self::Properties(_)
                | Self::Items(_)
                | Self::Contains(_)
                | Self::UnevaluatedItems(_)
                | Self::UnevaluatedProperties(_)
        )
    }

    /// The order of evaluation. Keywords that read only the value come first, those that need marks last.
    pub(crate) fn rank(&self) -> u8 {
        u8::from(self.is_applicator()) + u8::from(self.needs_marks())
    }
}

fn json_bytes(value: &Json) -> usize {
    let below = match value {
        Json::Array(items) => items.iter().map(json_bytes).sum(),
        Json::Object(members) => {
            members.iter().map(|(name, value)| size_of::<Box<str>>() + name.len() + json_bytes(value)).sum()
        }
        Json::String(text) => text.len(),
        Json::Null | Json::Bool(_) | Json::Number(_) => 0,
    };
    size_of::<Json>() + below
}

impl Types {
    /// The names of the types.
    pub(crate) fn names(self) -> Vec<&'static str> {
        (0..).zip(TYPES).filter(|(bit, _)| self.bits & (1 << bit) != 0).map(|(_, name)| name).collect()
    }

    /// Whether the value has one of the types.
    pub(crate) fn include(self, value: &Json) -> bool {
        let is =
            |name: &str| (0..).zip(TYPES).any(|(bit, known)| known == name && self.bits & (1 << bit) != 0);
        match value {
            Json::Array(_) => is("array"),
            Json::Bool(_) => is("boolean"),
            Json::Null => is("null"),
            Json::Object(_) => is("object"),
            Json::String(_) => is("string"),
            Json::Number(number) => is("number") || is("integer") && self.is_integer(*number),
        }
    }

    fn is_integer(self, number: Number) -> bool {
        match number {
            // A number beyond 64 bits is read as a double, even if it was written as an integer.
            Number::Float(float) if self.strict_integers => {
                !(-9_223_372_036_854_775_808.0..18_446_744_073_709_551_616.0).contains(&float)
            }
            number => number.is_integer(),
        }
    }
}
