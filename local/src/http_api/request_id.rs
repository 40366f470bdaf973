//! The ids that API Gateway gives to a request.

use base64::{Engine, engine::general_purpose::STANDARD};

/// A request id: 16 characters of Base64 with padding, such as `JKJaXmPLvHcESHA=`.
pub(super) fn request_id() -> String {
    STANDARD.encode(std::array::from_fn::<u8, 11, _>(|_| fastrand::u8(..)))
}

/// The value of `x-amzn-trace-id` for a request without one:
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>.
pub(super) fn trace_id(seconds: i64) -> String {
    format!("Root=1-{seconds:08x}-{:024x}", fastrand::u128(..) >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_have_the_length_of_api_gateways() {
        let ids: std::collections::HashSet<_> = (0..1000).map(|_| request_id()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 16 && id.ends_with('=')));
    }

    #[test]
    fn a_trace_id_has_the_form_that_x_ray_documents() {
        let id = trace_id(1_588_867_200);
        assert_eq!(id.len(), "Root=1-5eb43080-0123456789abcdef01234567".len());
        assert!(id.starts_with("Root=1-5eb43080-"), "{id}");
    }
}
