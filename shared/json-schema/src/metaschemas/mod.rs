//! The meta-schemas of the drafts, as <https://json-schema.org/specification> publishes them. A schema may refer to
//! them although nothing is fetched.

use std::sync::OnceLock;

use xzepr_json::Json;

/// A document. It is read when a schema first refers to it.
struct Document {
    uri: &'static str,
    text: &'static str,
    value: OnceLock<Option<Json<'static>>>,
}

macro_rules! documents {
    ($($uri:literal => $file:literal,)*) => {
        [$(Document { uri: $uri, text: include_str!($file), value: OnceLock::new() }),*]
    };
}

static DOCUMENTS: [Document; 19] = documents! {
    "http://json-schema.org/draft-04/schema" => "draft-04.json",
    "http://json-schema.org/draft-06/schema" => "draft-06.json",
    "http://json-schema.org/draft-07/schema" => "draft-07.json",
    "https://json-schema.org/draft/2019-09/schema" => "2019-09/schema.json",
    "https://json-schema.org/draft/2019-09/meta/applicator" => "2019-09/applicator.json",
    "https://json-schema.org/draft/2019-09/meta/content" => "2019-09/content.json",
    "https://json-schema.org/draft/2019-09/meta/core" => "2019-09/core.json",
    "https://json-schema.org/draft/2019-09/meta/format" => "2019-09/format.json",
    "https://json-schema.org/draft/2019-09/meta/meta-data" => "2019-09/meta-data.json",
    "https://json-schema.org/draft/2019-09/meta/validation" => "2019-09/validation.json",
    "https://json-schema.org/draft/2020-12/schema" => "2020-12/schema.json",
    "https://json-schema.org/draft/2020-12/meta/applicator" => "2020-12/applicator.json",
    "https://json-schema.org/draft/2020-12/meta/content" => "2020-12/content.json",
    "https://json-schema.org/draft/2020-12/meta/core" => "2020-12/core.json",
    "https://json-schema.org/draft/2020-12/meta/format-annotation" => "2020-12/format-annotation.json",
    "https://json-schema.org/draft/2020-12/meta/format-assertion" => "2020-12/format-assertion.json",
    "https://json-schema.org/draft/2020-12/meta/meta-data" => "2020-12/meta-data.json",
    "https://json-schema.org/draft/2020-12/meta/unevaluated" => "2020-12/unevaluated.json",
    "https://json-schema.org/draft/2020-12/meta/validation" => "2020-12/validation.json",
};

/// The meta-schema with this URI, which has no fragment.
pub(crate) fn find(uri: &str) -> Option<&'static Json<'static>> {
    let document = DOCUMENTS.iter().find(|document| document.uri == uri)?;
    document.value.get_or_init(|| Json::parse(document.text).ok()).as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_json_under_its_own_uri() {
        for document in &DOCUMENTS {
            let value = find(document.uri).expect(document.uri);
            let id = value.get("$id").or_else(|| value.get("id")).and_then(Json::as_str).unwrap();
            assert_eq!(id.trim_end_matches('#'), document.uri);
        }
    }
}
