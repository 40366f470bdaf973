//! The response to a question for one object.

use serde::Serialize;

/// An object, and the same object in the array `data`: `{...object,"data":[object]}`. The Event Provenance Registry's
/// clients read `data`, and XZepr's read the object.
#[derive(Debug, Serialize)]
pub struct WithData<T> {
    #[serde(flatten)]
    object: T,
    data: [T; 1],
}

impl<'a, T> WithData<&'a T> {
    /// The response with this object.
    pub fn new(object: &'a T) -> Self {
        Self { object, data: [object] }
    }
}
