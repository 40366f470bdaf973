//! The header `Idempotency-Key`, and whose key it is.

use lambda_http::{Request, RequestExt, request::RequestContext};
use xzepr_domain::{Idempotency, IdempotencyKey, InvalidIdempotencyKey};

const HEADER: &str = "idempotency-key";

/// Callers that no authorizer tells apart share their keys.
const ANONYMOUS: &str = "anonymous";

/// What the header says of a request to an endpoint; `None` without the header.
pub(crate) fn of(
    request: &Request,
    path: &str,
    body: &str,
) -> Result<Option<Idempotency>, InvalidIdempotencyKey> {
    let Some(header) = request.headers().get(HEADER) else { return Ok(None) };
    let key: IdempotencyKey = header.to_str().map_err(|_| InvalidIdempotencyKey)?.parse()?;
    Ok(Some(Idempotency::new(caller(request), key, path, body)))
}

/// Who sends a request, as the API's authorizer says: a JWT's subject, an IAM identity, or the
/// `principalId` of a Lambda authorizer's context.
fn caller(request: &Request) -> String {
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
        return ANONYMOUS.to_owned();
    };
    let Some(authorizer) = &context.authorizer else { return ANONYMOUS.to_owned() };
    let claim = |name: &str| authorizer.jwt.as_ref()?.claims.get(name);
    if let Some(subject) = claim("sub") {
        return format!("{} {subject}", claim("iss").map_or("", String::as_str));
    }
    if let Some(arn) = authorizer.iam.as_ref().and_then(|iam| iam.user_arn.as_ref()) {
        return arn.clone();
    }
    let principal = authorizer.fields.get("principalId").and_then(|value| value.as_str());
    principal.unwrap_or(ANONYMOUS).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller_with(authorizer: &str) -> String {
        let event = format!(
            r#"{{"version":"2.0","routeKey":"$default","rawPath":"/","rawQueryString":"","headers":{{}},
            "requestContext":{{"accountId":"1","apiId":"a","domainName":"d","domainPrefix":"d",
            "http":{{"method":"POST","path":"/","protocol":"HTTP/1.1","sourceIp":"1.1.1.1","userAgent":"x"}},
            "requestId":"r","routeKey":"$default","stage":"$default","time":"t","timeEpoch":1{authorizer}}},
            "isBase64Encoded":false}}"#
        );
        caller(&lambda_http::request::from_str(&event).unwrap())
    }

    #[test]
    fn an_authorizer_tells_callers_apart() {
        assert_eq!(caller_with(""), ANONYMOUS);
        let jwt = r#","authorizer":{"jwt":{"claims":{"sub":"alice","iss":"https://idp"},"scopes":null}}"#;
        assert_eq!(caller_with(jwt), "https://idp alice");
        let iam = r#","authorizer":{"iam":{"userArn":"arn:aws:iam::1:user/alice"}}"#;
        assert_eq!(caller_with(iam), "arn:aws:iam::1:user/alice");
        assert_eq!(caller_with(r#","authorizer":{"lambda":{"principalId":"alice"}}"#), "alice");
    }
}
