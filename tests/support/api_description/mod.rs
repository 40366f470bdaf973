//! The OpenAPI document, and whether requests and responses are as it says.

mod exchange;
mod operation;

use std::{
    collections::HashMap,
    fs,
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::Validator;
use serde_json::{Value, json};

pub use exchange::SentRequest;
pub use operation::Operation;

/// The OpenAPI document of the repository.
pub struct ApiDescription {
    /// The document.
    pub document: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

static OF_THE_REPOSITORY: LazyLock<ApiDescription> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    let document = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    ApiDescription { document, validators: Mutex::default() }
});

impl ApiDescription {
    /// The document of the repository. The function describe-api serves it.
    pub fn of_the_repository() -> &'static Self {
        &OF_THE_REPOSITORY
    }

    /// All operations, in the order of the document's paths.
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.document["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| Operation::new(self, path, method))
        });
        operations.collect()
    }

    /// The operation of a request. `HEAD` has the operation of `GET`. A path without a variable goes before one with a
    /// variable.
    pub fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let method = if method == "HEAD" { "GET" } else { method };
        let operations: Vec<_> =
            self.operations().into_iter().filter(|operation| operation.has_path(path)).collect();
        let is_literal = operations.iter().any(|operation| !operation.path.contains('{'));
        operations
            .into_iter()
            .filter(|operation| !is_literal || !operation.path.contains('{'))
            .find(|operation| operation.method == method)
    }

    /// Whether the document has a path, with any method.
    fn has_path(&self, path: &str) -> bool {
        self.operations().iter().any(|operation| operation.has_path(path))
    }

    /// The part of the document at a JSON Pointer, behind a reference if there is one there, and its pointer.
    ///
    /// # Panics
    ///
    /// If there is nothing.
    pub fn resolve(&self, pointer: &str) -> (&Value, String) {
        let value = self.document.pointer(pointer).unwrap_or_else(|| panic!("there is no {pointer}"));
        match value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
            Some(reference) => self.resolve(reference),
            None => (value, pointer.to_owned()),
        }
    }

    /// Whether a value is valid against the schema at a JSON Pointer.
    pub fn validate(&self, pointer: &str, value: &Value) -> Result<(), String> {
        let validator = self.validator(pointer);
        let errors: Vec<_> =
            validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        if errors.is_empty() { Ok(()) } else { Err(format!("{pointer}: {}: {value}", errors.join("; "))) }
    }

    fn validator(&self, pointer: &str) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap();
        let validator = validators.entry(pointer.to_owned()).or_insert_with(|| {
            // The document is no schema, but its parts refer to each other as if it were one.
            let schema = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "components": self.document["components"],
                "paths": self.document["paths"],
                "$ref": format!("#{}", pointer.replace('{', "%7B").replace('}', "%7D")),
            });
            Arc::new(jsonschema::options().should_validate_formats(true).build(&schema).unwrap())
        });
        validator.clone()
    }
}

/// A part of a JSON Pointer.
fn escaped(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}
