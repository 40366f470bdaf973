//! A method of a path of the OpenAPI document.

use serde_json::Value;

use super::{ApiDescription, escaped};

/// A method of a path.
#[derive(Clone)]
pub struct Operation<'a> {
    description: &'a ApiDescription,
    /// The method in upper case.
    pub method: String,
    /// The path as the document has it.
    pub path: &'a str,
    /// Its JSON Pointer.
    pub pointer: String,
}

impl<'a> Operation<'a> {
    pub(super) fn new(description: &'a ApiDescription, path: &'a str, method: &str) -> Self {
        let pointer = format!("/paths/{}/{method}", escaped(path));
        Self { description, method: method.to_uppercase(), path, pointer }
    }

    /// The operation as the document has it.
    pub fn value(&self) -> &'a Value {
        self.description.resolve(&self.pointer).0
    }

    /// Its `operationId`.
    pub fn id(&self) -> &'a str {
        self.value()["operationId"].as_str().unwrap()
    }

    /// Its parameters, and their JSON Pointers.
    pub fn parameters(&self) -> Vec<(&'a Value, String)> {
        let count = self.value()["parameters"].as_array().map_or(0, Vec::len);
        (0..count)
            .map(|index| self.description.resolve(&format!("{}/parameters/{index}", self.pointer)))
            .collect()
    }

    /// Its responses by status, and their JSON Pointers.
    pub fn responses(&self) -> Vec<(u16, &'a Value, String)> {
        let statuses = self.value()["responses"].as_object().unwrap().keys();
        let responses = statuses.map(|status| {
            let (response, pointer) =
                self.description.resolve(&format!("{}/responses/{status}", self.pointer));
            (status.parse().unwrap(), response, pointer)
        });
        responses.collect()
    }

    /// The JSON Pointer of the schema of a body of a media type.
    pub fn body_schema(&self, media_type: &str) -> Option<String> {
        self.value()["requestBody"].as_object()?;
        let (body, pointer) = self.description.resolve(&format!("{}/requestBody", self.pointer));
        body["content"].get(media_type)?;
        Some(format!("{pointer}/content/{}/schema", escaped(media_type)))
    }

    /// Whether a request with this path is for the operation. One slash at its end is left out.
    pub(super) fn has_path(&self, path: &str) -> bool {
        let path = path.strip_suffix('/').unwrap_or(path);
        let (mut own, mut segments) = (self.path.split('/'), path.split('/'));
        loop {
            match (own.next(), segments.next()) {
                (None, None) => return true,
                (Some(own), Some(segment)) if own == segment || (own == "{id}" && !segment.is_empty()) => {}
                _ => return false,
            }
        }
    }
}
