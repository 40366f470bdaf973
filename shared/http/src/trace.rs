//! The trace that a request belongs to.

use std::env;

use lambda_http::{RequestExt, http::request::Parts};
use xzepr_domain::Traceparent;

/// The header of W3C's trace context.
const HEADER: &str = "traceparent";

/// The variable with the address of the X-Ray daemon. Lambda sets it. Emulators set none, and name a trace for each
/// invocation all the same.
const DAEMON: &str = "AWS_XRAY_DAEMON_ADDRESS";

/// The trace in the header of a request, or else the one that X-Ray records of the invocation. A malformed header counts
/// as none.
pub(crate) fn of(request: &Parts) -> Option<Traceparent> {
    of_header(request).or_else(|| env::var_os(DAEMON).and_then(|_| of_invocation(request)))
}

fn of_header(request: &Parts) -> Option<Traceparent> {
    request.headers.get(HEADER)?.to_str().ok()?.to_owned().try_into().ok()
}

fn of_invocation(request: &Parts) -> Option<Traceparent> {
    Traceparent::of_xray(request.lambda_context_ref()?.xray_trace_id.as_deref()?)
}

#[cfg(test)]
mod tests {
    use lambda_http::{Context, Request};

    use super::*;

    const OF_CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

    /// A request with this header, in an invocation with this trace of X-Ray.
    fn request(header: Option<&str>, xray: Option<&str>) -> Parts {
        let mut context = Context::default();
        context.xray_trace_id = xray.map(str::to_owned);
        let mut request = Request::default().with_lambda_context(context);
        if let Some(header) = header {
            request.headers_mut().insert(HEADER, header.parse().unwrap());
        }
        request.into_parts().0
    }

    #[test]
    fn a_request_may_have_a_trace_in_its_header() {
        assert_eq!(of_header(&request(Some(OF_CALLER), None)).as_deref(), Some(OF_CALLER));
        for none in [None, Some(""), Some("00-1")] {
            assert_eq!(of_header(&request(none, None)), None, "{none:?}");
        }
    }

    #[test]
    fn an_invocation_that_x_ray_samples_has_a_trace() {
        let xray = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=";
        let of = |sampled: &str| of_invocation(&request(None, Some(&format!("{xray}{sampled}"))));
        assert_eq!(of("1").as_deref(), Some("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01"));
        assert_eq!(of("0"), None);
        assert_eq!(of_invocation(&request(None, None)), None);
    }
}
