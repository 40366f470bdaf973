//! The drafts of JSON Schema.

use xzepr_json::Json;

/// The supported drafts, the oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Draft {
    Draft4,
    Draft6,
    Draft7,
    Draft201909,
    Draft202012,
}

/// The values of `$schema`, without scheme and fragment.
const META_SCHEMAS: [(&str, Draft); 5] = [
    ("json-schema.org/draft-04/schema", Draft::Draft4),
    ("json-schema.org/draft-06/schema", Draft::Draft6),
    ("json-schema.org/draft-07/schema", Draft::Draft7),
    ("json-schema.org/draft/2019-09/schema", Draft::Draft201909),
    ("json-schema.org/draft/2020-12/schema", Draft::Draft202012),
];

impl Draft {
    /// The draft that a document names in its `$schema`. `Ok(None)` if it has no `$schema`. Fails if it names
    /// another draft.
    pub(crate) fn named_by(schema: &Json) -> Result<Option<Self>, UnknownDraft> {
        let Some(uri) = schema.get("$schema") else { return Ok(None) };
        let uri = uri.as_str().ok_or(UnknownDraft)?;
        let uri = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://")).ok_or(UnknownDraft)?;
        let uri = uri.strip_suffix('#').unwrap_or(uri);
        let draft = META_SCHEMAS.iter().find(|(known, _)| *known == uri);
        draft.map(|(_, draft)| Some(*draft)).ok_or(UnknownDraft)
    }

    /// The keyword that gives a schema its URI.
    pub(crate) fn id_keyword(self) -> &'static str {
        if self == Self::Draft4 { "id" } else { "$id" }
    }

    /// Whether a schema with `$ref` ignores its other keywords, as up to draft 7 (section 8.3).
    pub(crate) fn has_exclusive_ref(self) -> bool {
        self <= Self::Draft7
    }
}

/// `$schema` names no draft that is supported.
#[derive(Debug)]
pub(crate) struct UnknownDraft;
