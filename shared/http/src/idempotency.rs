//! The header `Idempotency-Key`, and whose key it is.

use lambda_http::{
    RequestExt,
    aws_lambda_events::apigw::{
        ApiGatewayRequestAuthorizer, ApiGatewayRequestAuthorizerIamDescription,
        ApiGatewayRequestAuthorizerJwtDescription,
    },
    http::request::Parts,
    request::RequestContext,
};
use xzepr_domain::{Caller, Idempotency, IdempotencyKey, InvalidIdempotencyKey};

use crate::HttpError;

const HEADER: &str = "idempotency-key";

/// The key of a request to a path, and its caller. `None` without the header.
pub(crate) fn of(request: &Parts, path: &str, body: &str) -> Result<Option<Idempotency>, HttpError> {
    let Some(key) = key(request)? else { return Ok(None) };
    // With one name for all callers, a caller would get another caller's response.
    let caller = caller(request).ok_or(HttpError::UnidentifiedCaller)?;
    Ok(Some(Idempotency::new(caller, key, path, body)))
}

/// The key in the header of a request.
pub(crate) fn key(request: &Parts) -> Result<Option<IdempotencyKey>, InvalidIdempotencyKey> {
    let mut key: Option<IdempotencyKey> = None;
    for value in request.headers.get_all(HEADER) {
        let value: IdempotencyKey = value.to_str().map_err(|_| InvalidIdempotencyKey::Malformed)?.parse()?;
        if key.as_ref().is_some_and(|key| *key != value) {
            return Err(InvalidIdempotencyKey::Several);
        }
        key = Some(value);
    }
    Ok(key)
}

/// The sender of a request. `None` if the API has an authorizer that identifies nobody.
pub(crate) fn caller(request: &Parts) -> Option<Caller> {
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
        return Some(Caller::Anonymous);
    };
    match &context.authorizer {
        None => Some(Caller::Anonymous),
        Some(ApiGatewayRequestAuthorizer { jwt: Some(jwt), .. }) => subject(jwt),
        Some(ApiGatewayRequestAuthorizer { iam: Some(iam), .. }) => iam_identity(iam),
        Some(ApiGatewayRequestAuthorizer { fields, .. }) => {
            let principal = fields.get("principalId").and_then(|principal| principal.as_str());
            filled(principal).map(Caller::Principal)
        }
    }
}

fn subject(jwt: &ApiGatewayRequestAuthorizerJwtDescription) -> Option<Caller> {
    let claim = |name| filled(jwt.claims.get(name).map(String::as_str));
    Some(Caller::Subject { issuer: claim("iss")?, subject: claim("sub")? })
}

fn iam_identity(iam: &ApiGatewayRequestAuthorizerIamDescription) -> Option<Caller> {
    if let Some(cognito) = &iam.cognito_identity {
        let pool = filled(cognito.identity_pool_id.as_deref());
        if let (Some(pool), Some(identity)) = (pool, filled(cognito.identity_id.as_deref())) {
            return Some(Caller::CognitoIdentity { pool, identity });
        }
    }
    filled(iam.user_arn.as_deref()).map(|arn| Caller::from_arn(&arn))
}

fn filled(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request as API Gateway sends it to a function.
    fn request(headers: &str, authorizer: &str) -> Parts {
        let event = format!(
            r#"{{"version":"2.0","routeKey":"$default","rawPath":"/","rawQueryString":"","headers":{{{headers}}},
            "requestContext":{{"accountId":"1","apiId":"a","domainName":"d","domainPrefix":"d",
            "http":{{"method":"POST","path":"/","protocol":"HTTP/1.1","sourceIp":"1.1.1.1","userAgent":"x"}},
            "requestId":"r","routeKey":"$default","stage":"$default","time":"t","timeEpoch":1{authorizer}}},
            "isBase64Encoded":false}}"#
        );
        lambda_http::request::from_str(&event).unwrap().into_parts().0
    }

    fn with_authorizer(authorizer: &str) -> Parts {
        request(r#""idempotency-key":"k""#, &format!(r#","authorizer":{authorizer}"#))
    }

    fn caller_with(authorizer: &str) -> Option<Caller> {
        caller(&with_authorizer(authorizer))
    }

    #[test]
    fn an_authorizer_identifies_callers() {
        assert_eq!(caller(&request("", "")), Some(Caller::Anonymous));
        assert_eq!(caller_with("null"), Some(Caller::Anonymous));
        let jwt = r#"{"jwt":{"claims":{"sub":"alice","iss":"https://idp"},"scopes":null}}"#;
        let alice = Caller::Subject { issuer: "https://idp".to_owned(), subject: "alice".to_owned() };
        assert_eq!(caller_with(jwt), Some(alice));
        let iam = |arn: &str| caller_with(&format!(r#"{{"iam":{{"userArn":"{arn}"}}}}"#));
        let user = "arn:aws:iam::1:user/alice";
        assert_eq!(iam(user), Some(Caller::Arn(user.to_owned())));
        let session = |name: &str| iam(&format!("arn:aws:sts::1:assumed-role/ci/{name}"));
        assert_eq!(session("run-1"), session("run-2"));
        assert!(matches!(session("run-1"), Some(Caller::Role { role, .. }) if role == "ci"));
        let lambda = caller_with(r#"{"lambda":{"principalId":"alice"}}"#);
        assert_eq!(lambda, Some(Caller::Principal("alice".to_owned())));
    }

    #[test]
    fn the_identities_of_a_pool_share_a_role_and_are_different_callers() {
        let identity = |id: &str| {
            caller_with(&format!(
                r#"{{"iam":{{"userArn":"arn:aws:sts::1:assumed-role/pool/CognitoIdentityCredentials",
                "cognitoIdentity":{{"amr":["authenticated"],"identityId":"{id}","identityPoolId":"p"}}}}}}"#
            ))
        };
        assert_ne!(identity("a"), identity("b"));
        assert!(matches!(identity("a"), Some(Caller::CognitoIdentity { .. })));
        assert!(matches!(identity(""), Some(Caller::Role { .. })));
    }

    #[test]
    fn an_authorizer_that_identifies_nobody_refuses_a_key_and_nothing_else() {
        for authorizer in [
            "{}",
            r#"{"jwt":{"claims":{},"scopes":null}}"#,
            r#"{"jwt":{"claims":{"iss":"https://idp"},"scopes":null}}"#,
            r#"{"jwt":{"claims":{"iss":"https://idp","sub":""},"scopes":null}}"#,
            r#"{"jwt":{"claims":{},"scopes":null},"lambda":{"principalId":"alice"}}"#,
            r#"{"lambda":{}}"#,
            r#"{"lambda":{"principalId":7}}"#,
            r#"{"lambda":{"principalId":""}}"#,
            r#"{"lambda":{"user":"alice"}}"#,
            r#"{"iam":{}}"#,
            r#"{"iam":{"userArn":null}}"#,
        ] {
            let keyed = of(&with_authorizer(authorizer), "/", "");
            assert!(matches!(keyed, Err(HttpError::UnidentifiedCaller)), "{authorizer}: {keyed:?}");
            let bare = of(&request("", &format!(r#","authorizer":{authorizer}"#)), "/", "");
            assert!(matches!(bare, Ok(None)), "{authorizer}: {bare:?}");
        }
    }

    #[test]
    fn a_request_has_one_key() {
        let key = |value: &str| key(&request(&format!(r#""idempotency-key":"{value}""#), ""));
        assert_eq!(key("a"), Ok(Some("a".parse().unwrap())));
        assert_eq!(key("a,a"), Ok(Some("a".parse().unwrap())));
        assert_eq!(key("a,b"), Err(InvalidIdempotencyKey::Several));
        // As the SDK's own HTTP types can hold them.
        let mut request = request("", "");
        for (value, expected) in
            [("a", Ok(Some("a".parse().unwrap()))), ("b", Err(InvalidIdempotencyKey::Several))]
        {
            request.headers.append(HEADER, value.parse().unwrap());
            assert_eq!(super::key(&request), expected);
        }
    }
}
