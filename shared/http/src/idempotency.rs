//! The header `Idempotency-Key`, and whose key it is.

use lambda_http::http::request::Parts;
use xzepr_domain::{Idempotency, IdempotencyKey, InvalidIdempotencyKey};

use crate::{HttpError, caller::caller};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::authorized;

    fn with_key(value: &str, authorizer: &str) -> Parts {
        authorized(&format!(r#""idempotency-key":"{value}""#), authorizer).into_parts().0
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
            let keyed = of(&with_key("k", authorizer), "/", "");
            assert!(matches!(keyed, Err(HttpError::UnidentifiedCaller)), "{authorizer}: {keyed:?}");
            let bare = of(&authorized("", authorizer).into_parts().0, "/", "");
            assert!(matches!(bare, Ok(None)), "{authorizer}: {bare:?}");
        }
    }

    #[test]
    fn a_request_has_one_key() {
        let key = |value: &str| key(&with_key(value, "null"));
        assert_eq!(key("a"), Ok(Some("a".parse().unwrap())));
        assert_eq!(key("a,a"), Ok(Some("a".parse().unwrap())));
        assert_eq!(key("a,b"), Err(InvalidIdempotencyKey::Several));
        // As the SDK's own HTTP types can hold them.
        let mut request = authorized("", "null").into_parts().0;
        for (value, expected) in
            [("a", Ok(Some("a".parse().unwrap()))), ("b", Err(InvalidIdempotencyKey::Several))]
        {
            request.headers.append(HEADER, value.parse().unwrap());
            assert_eq!(super::key(&request), expected);
        }
    }
}
