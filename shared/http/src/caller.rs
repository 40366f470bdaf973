//! The sender of a request, as the API's authorizer identifies it.

use std::collections::HashMap;

use lambda_http::{
    RequestExt,
    aws_lambda_events::apigw::{
        ApiGatewayRequestAuthorizer, ApiGatewayRequestAuthorizerIamDescription,
        ApiGatewayRequestAuthorizerJwtDescription,
    },
    request::RequestContext,
};
use xzepr_domain::{Caller, CreatedBy};

use crate::{HttpError, Input, RoutedRequest};

/// The scope with which a caller's events override the results of a gate's steps.
const OVERRIDE: &str = "xzepr/override";

/// Another input together with the sender of its request.
#[derive(Debug)]
pub struct Sent<I> {
    /// The sender, if an authorizer identifies one.
    pub by: Option<CreatedBy>,
    /// The other input.
    pub input: I,
}

impl<I: Input> Input for Sent<I> {
    fn from_request(routed: RoutedRequest) -> Result<Self, HttpError> {
        Ok(Self { by: created_by(&routed.request), input: I::from_request(routed)? })
    }
}

/// The owner of the idempotency keys of a request. `None` if the API has an authorizer that identifies nobody.
pub(crate) fn caller(request: &impl RequestExt) -> Option<Caller> {
    Some(match Identity::of(request) {
        Identity::Anonymous => Caller::Anonymous,
        Identity::Subject { issuer, subject } => {
            Caller::Subject { issuer: issuer.to_owned(), subject: subject?.to_owned() }
        }
        Identity::Cognito { pool, identity } => {
            Caller::CognitoIdentity { pool: pool.to_owned(), identity: identity.to_owned() }
        }
        Identity::Arn(arn) => Caller::from_arn(arn),
        Identity::Principal(principal) => Caller::Principal(principal.to_owned()),
        Identity::Unknown => return None,
    })
}

/// The sender of a request, for the items that the request makes. `None` if nobody is identified.
pub(crate) fn created_by(request: &impl RequestExt) -> Option<CreatedBy> {
    Some(match Identity::of(request) {
        Identity::Subject { issuer, subject } => CreatedBy::subject(issuer, subject),
        Identity::Cognito { pool, identity } => CreatedBy::cognito_identity(pool, identity),
        Identity::Arn(arn) => CreatedBy::arn(arn),
        Identity::Principal(principal) => CreatedBy::principal(principal),
        Identity::Anonymous | Identity::Unknown => return None,
    })
}

/// Whether the sender's token has the scope `xzepr/override`. Only a JWT has scopes, so a signer of AWS and the principal
/// of a Lambda authorizer never have it.
pub(crate) fn may_override(request: &impl RequestExt) -> bool {
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else { return false };
    let jwt = context.authorizer.as_ref().and_then(|authorizer| authorizer.jwt.as_ref());
    jwt.is_some_and(|jwt| scopes(&jwt.claims).any(|scope| scope == OVERRIDE))
}

/// The scopes of a token, as API Gateway finds them: in the claim `scope`, or in `scp` without it. `jwt.scopes` has those
/// of the route alone. API Gateway writes an array as `[a b]`.
fn scopes(claims: &HashMap<String, String>) -> impl Iterator<Item = &str> {
    let text = claims.get("scope").or_else(|| claims.get("scp")).map(String::as_str).unwrap_or_default();
    let array = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    array.unwrap_or(text).split(' ')
}

/// The parts of a request that identify its sender.
#[derive(Debug, PartialEq, Eq)]
enum Identity<'a> {
    /// The API has no authorizer.
    Anonymous,
    /// The API has an authorizer that identifies nobody.
    Unknown,
    Subject {
        issuer: &'a str,
        subject: Option<&'a str>,
    },
    Cognito {
        pool: &'a str,
        identity: &'a str,
    },
    /// An IAM principal, with the session of a role.
    Arn(&'a str),
    Principal(&'a str),
}

impl<'a> Identity<'a> {
    fn of(request: &'a impl RequestExt) -> Self {
        let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
            return Self::Anonymous;
        };
        let identity = match &context.authorizer {
            None => Some(Self::Anonymous),
            Some(ApiGatewayRequestAuthorizer { jwt: Some(jwt), .. }) => Self::of_jwt(jwt),
            Some(ApiGatewayRequestAuthorizer { iam: Some(iam), .. }) => Self::of_iam(iam),
            Some(ApiGatewayRequestAuthorizer { fields, .. }) => {
                let principal = fields.get("principalId").and_then(|principal| principal.as_str());
                filled(principal).map(Self::Principal)
            }
        };
        identity.unwrap_or(Self::Unknown)
    }

    fn of_jwt(jwt: &'a ApiGatewayRequestAuthorizerJwtDescription) -> Option<Self> {
        let claim = |name| filled(jwt.claims.get(name).map(String::as_str));
        Some(Self::Subject { issuer: claim("iss")?, subject: claim("sub") })
    }

    fn of_iam(iam: &'a ApiGatewayRequestAuthorizerIamDescription) -> Option<Self> {
        if let Some(cognito) = &iam.cognito_identity {
            let pool = filled(cognito.identity_pool_id.as_deref());
            if let (Some(pool), Some(identity)) = (pool, filled(cognito.identity_id.as_deref())) {
                return Some(Self::Cognito { pool, identity });
            }
        }
        filled(iam.user_arn.as_deref()).map(Self::Arn)
    }
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::authorized;

    fn caller_with(authorizer: &str) -> Option<Caller> {
        caller(&authorized("", authorizer))
    }

    fn created_with(authorizer: &str) -> Option<String> {
        created_by(&authorized("", authorizer)).map(|created_by| created_by.to_string())
    }

    fn iam(arn: &str) -> String {
        format!(r#"{{"iam":{{"userArn":"{arn}"}}}}"#)
    }

    fn identity(id: &str) -> String {
        format!(
            r#"{{"iam":{{"userArn":"arn:aws:sts::1:assumed-role/pool/CognitoIdentityCredentials",
            "cognitoIdentity":{{"amr":["authenticated"],"identityId":"{id}","identityPoolId":"p"}}}}}}"#
        )
    }

    #[test]
    fn an_authorizer_identifies_callers() {
        assert_eq!(caller_with("null"), Some(Caller::Anonymous));
        let jwt = r#"{"jwt":{"claims":{"sub":"alice","iss":"https://idp"},"scopes":null}}"#;
        let alice = Caller::Subject { issuer: "https://idp".to_owned(), subject: "alice".to_owned() };
        assert_eq!(caller_with(jwt), Some(alice));
        let user = "arn:aws:iam::1:user/alice";
        assert_eq!(caller_with(&iam(user)), Some(Caller::Arn(user.to_owned())));
        let session = |name: &str| caller_with(&iam(&format!("arn:aws:sts::1:assumed-role/ci/{name}")));
        assert_eq!(session("run-1"), session("run-2"));
        assert!(matches!(session("run-1"), Some(Caller::Role { role, .. }) if role == "ci"));
        let lambda = caller_with(r#"{"lambda":{"principalId":"alice"}}"#);
        assert_eq!(lambda, Some(Caller::Principal("alice".to_owned())));
    }

    #[test]
    fn the_identities_of_a_pool_share_a_role_and_are_different_callers() {
        let caller_of = |id: &str| caller_with(&identity(id));
        assert_ne!(caller_of("a"), caller_of("b"));
        assert!(matches!(caller_of("a"), Some(Caller::CognitoIdentity { .. })));
        assert!(matches!(caller_of(""), Some(Caller::Role { .. })));
    }

    #[test]
    fn only_a_token_with_the_scope_may_override() {
        let jwt =
            |claims: &str| format!(r#"{{"jwt":{{"claims":{{{claims}}},"scopes":["xzepr/events:write"]}}}}"#);
        for claims in [
            r#""scope":"xzepr/override""#,
            r#""scope":"xzepr/events:write xzepr/override""#,
            r#""scope":"[xzepr/override xzepr/events:write]""#,
            r#""scp":"[xzepr/events:write xzepr/override]""#,
            r#""scp":"a  xzepr/override b""#,
        ] {
            assert!(may_override(&authorized("", &jwt(claims))), "{claims}");
        }
        for claims in [
            "",
            r#""scope":"""#,
            r#""scope":"xzepr/events:write""#,
            r#""scope":"xzepr/override2 xxzepr/override XZEPR/OVERRIDE xzepr/override,""#,
            r#""scope":"xzepr/events:write","scp":"xzepr/override""#,
            r#""groups":"xzepr/override""#,
        ] {
            assert!(!may_override(&authorized("", &jwt(claims))), "{claims}");
        }
        for other in [
            "null".to_owned(),
            "{}".to_owned(),
            iam("arn:aws:sts::1:assumed-role/ci/run-1"),
            r#"{"lambda":{"principalId":"alice","scope":"xzepr/override"}}"#.to_owned(),
        ] {
            assert!(!may_override(&authorized("", &other)), "{other}");
        }
    }

    #[test]
    fn the_sender_of_an_item_is_named_with_its_session() {
        let session = "arn:aws:sts::1:assumed-role/ci/run-1";
        for (authorizer, sender) in [
            (iam(session), session),
            (
                r#"{"jwt":{"claims":{"sub":"a b","iss":"https://idp"},"scopes":null}}"#.to_owned(),
                "https://idp a%20b",
            ),
            (r#"{"jwt":{"claims":{"iss":"https://idp"},"scopes":null}}"#.to_owned(), "https://idp -"),
            (r#"{"lambda":{"principalId":"alice"}}"#.to_owned(), "principal:alice"),
            (identity("a"), "cognito-identity:p/a"),
        ] {
            assert_eq!(created_with(&authorizer).as_deref(), Some(sender), "{authorizer}");
        }
        for nobody in ["null", "{}", r#"{"jwt":{"claims":{"sub":"a"},"scopes":null}}"#, r#"{"iam":{}}"#] {
            assert_eq!(created_with(nobody), None, "{nobody}");
        }
    }
}
