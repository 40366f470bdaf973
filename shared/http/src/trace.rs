//! The trace that a request belongs to.

use lambda_http::{RequestExt, http::request::Parts};
use xzepr_domain::Traceparent;

/// The header of W3C's trace context.
const HEADER: &str = "traceparent";

/// The trace in the header of a request, or else the one that X-Ray records of the invocation. A malformed header counts
/// as none.
pub(crate) fn of(request: &Parts) -> Option<Traceparent> {
    let header = request.headers.get(HEADER).and_then(|value| value.to_str().ok());
    header
        .and_then(|text| text.to_owned().try_into().ok())
        .or_else(|| Traceparent::of_xray(request.lambda_context_ref()?.xray_trace_id.as_deref()?))
}

#[cfg(test)]
mod tests {
    use lambda_http::{Context, Request};

    use super::*;

    const OF_CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

    /// The trace of a request with this header, in an invocation with this trace of X-Ray.
    fn trace(header: Option<&str>, xray: Option<&str>) -> Option<String> {
        let mut context = Context::default();
        context.xray_trace_id = xray.map(str::to_owned);
        let mut request = Request::default().with_lambda_context(context);
        if let Some(header) = header {
            request.headers_mut().insert(HEADER, header.parse().unwrap());
        }
        of(&request.into_parts().0).map(|trace| trace.to_string())
    }

    #[test]
    fn the_trace_of_the_caller_comes_before_the_one_of_x_ray() {
        let xray = |sampled: u8| {
            format!("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled={sampled}")
        };
        let of_xray = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01";
        assert_eq!(trace(None, None), None);
        assert_eq!(trace(Some(OF_CALLER), Some(&xray(1))).as_deref(), Some(OF_CALLER));
        assert_eq!(trace(Some("00-1"), Some(&xray(1))).as_deref(), Some(of_xray));
        assert_eq!(trace(None, Some(&xray(1))).as_deref(), Some(of_xray));
        assert_eq!(trace(None, Some(&xray(0))), None);
    }
}
