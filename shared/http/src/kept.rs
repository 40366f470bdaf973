//! Responses to reads, with the time for which a caller may keep them.
//!
//! | Constructor | For | `Cache-Control` | `ETag` and 304 |
//! | --- | --- | --- | --- |
//! | [`Kept::immutable`] | events and receivers, which never change | `private, max-age=31536000, immutable` | yes |
//! | [`Kept::schema`] | the schema of a receiver | the same | yes |
//! | [`Kept::changing`] | groups | `no-cache`: ask each time whether it is the same | yes |
//! | [`Kept::never`] | lists and gates | `no-store` | no |
//!
//! `private`, since a response is for a caller with the right to read: no cache that callers share may keep it.

use lambda_http::{
    Body, Response,
    http::{HeaderValue, StatusCode, header},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{EntityTag, IfNoneMatch, Output, response};

/// A year, the longest time that caches know (RFC 9111 section 5.2.2.1 names none). `immutable` is of RFC 8246.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");
const CHANGING: HeaderValue = HeaderValue::from_static("no-cache");
const NEVER: HeaderValue = HeaderValue::from_static("no-store");

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// <https://json-schema.org/draft/2020-12/json-schema-core#section-14.1>
const JSON_SCHEMA: HeaderValue = HeaderValue::from_static("application/schema+json");

/// The response to a read. Its body is the whole JSON text: nothing wraps it in `data`.
#[derive(Debug)]
pub struct Kept(Response<Body>);

impl Kept {
    /// Something that never changes, or 304 if the caller has it already.
    pub fn immutable(body: &impl Serialize, known: &IfNoneMatch) -> Self {
        Self::unless_known(response::text(body), JSON, IMMUTABLE, known)
    }

    /// Something that may change at any time, or 304 if the caller has its present state already.
    pub fn changing(body: &impl Serialize, known: &IfNoneMatch) -> Self {
        Self::unless_known(response::text(body), JSON, CHANGING, known)
    }

    /// Something that is true at this moment alone.
    pub fn never(body: &impl Serialize) -> Self {
        Self::ok(response::text(body), JSON, NEVER)
    }

    /// A JSON Schema as it was sent, which never changes, or 304 if the caller has it already.
    pub fn schema(text: &str, known: &IfNoneMatch) -> Self {
        Self::unless_known(text.to_owned(), JSON_SCHEMA, IMMUTABLE, known)
    }

    fn unless_known(
        body: String,
        content_type: HeaderValue,
        caching: HeaderValue,
        known: &IfNoneMatch,
    ) -> Self {
        let version = EntityTag::of_content(&body);
        let Self(mut response) = if known.contains(&version) {
            Self::not_modified(caching)
        } else {
            Self::ok(body, content_type, caching)
        };
        version.add_to(response.headers_mut());
        Self(response)
    }

    fn ok(body: String, content_type: HeaderValue, caching: HeaderValue) -> Self {
        let mut response = Response::new(Body::Text(body));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, content_type);
        headers.insert(header::CACHE_CONTROL, caching);
        Self(response)
    }

    fn not_modified(caching: HeaderValue) -> Self {
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().insert(header::CACHE_CONTROL, caching);
        Self(response)
    }
}

impl Output for Kept {
    fn into_response(self) -> Response<Body> {
        self.0
    }
}

impl EntityTag {
    /// The tag of a content: its SHA-256.
    fn of_content(content: &str) -> Self {
        let digest: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        Self::of_digest(&digest)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use insta::assert_snapshot;

    use super::*;
    use crate::{Api, HttpError, Query, Read, routes, testing};

    /// The responses to a request without a version, which another version gets too, and to one with the version of that
    /// response.
    async fn responses(api: &Api<'_>, target: &str) -> [String; 2] {
        let request = |version: &str| {
            let mut request = testing::request("GET", target, "");
            request.headers_mut().insert("if-none-match", version.parse().unwrap());
            request
        };
        let first = testing::respond(api, testing::request("GET", target, "")).await;
        assert_eq!(testing::respond(api, request("\"other\"")).await, first);
        let tag = first.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap_or("none");
        let known = testing::respond(api, request(tag)).await;
        [first, known]
    }

    #[tokio::test]
    async fn a_caller_that_has_something_already_gets_304() {
        const ID: &str = "01HJ37820W5Q6R7S8T9V0W1X2Y";
        type OfReplay = Read<xzepr_domain::ReplayId>;
        let immutable = Api::new().endpoint(routes::GET_REPLAY, async |read: OfReplay| {
            Ok::<_, HttpError>(Kept::immutable(&BTreeMap::from([("id", read.id.to_string())]), &read.known))
        });
        let target = format!("/api/v1/admin/replays/{ID}");
        let [first, known] = responses(&immutable, &target).await;
        assert_snapshot!(first, @r#"
        200 OK
        content-type: application/json
        cache-control: private, max-age=31536000, immutable
        etag: "7d3e196c7aa225539f8e67c2fb66bd2bf27c236ba519f87a7151560c4c1e81c3"
        x-request-id: REQUEST

        {"id":"01HJ37820W5Q6R7S8T9V0W1X2Y"}
        "#);
        assert_snapshot!(known, @r#"
        304 Not Modified
        cache-control: private, max-age=31536000, immutable
        etag: "7d3e196c7aa225539f8e67c2fb66bd2bf27c236ba519f87a7151560c4c1e81c3"
        x-request-id: REQUEST
        "#);
        let schema = Api::new().endpoint(routes::GET_REPLAY, async |read: OfReplay| {
            Ok::<_, HttpError>(Kept::schema("{\"z\": 1.00}", &read.known))
        });
        assert_snapshot!(responses(&schema, &target).await.join("\n\n"), @r#"
        200 OK
        content-type: application/schema+json
        cache-control: private, max-age=31536000, immutable
        etag: "728f180335e075288478a3a7372dc8beaa9fa4ba680ae42a14f13ba43375d727"
        x-request-id: REQUEST

        {"z": 1.00}

        304 Not Modified
        cache-control: private, max-age=31536000, immutable
        etag: "728f180335e075288478a3a7372dc8beaa9fa4ba680ae42a14f13ba43375d727"
        x-request-id: REQUEST
        "#);
        let changing = Api::new().endpoint(routes::GET_REPLAY, async |read: OfReplay| {
            Ok::<_, HttpError>(Kept::changing(&true, &read.known))
        });
        assert_snapshot!(responses(&changing, &target).await.join("\n\n"), @r#"
        200 OK
        content-type: application/json
        cache-control: no-cache
        etag: "b5bea41b6c623f7c09f1bf24dcae58ebab3c0cdd90ad966bc43a45b44867e12b"
        x-request-id: REQUEST

        true

        304 Not Modified
        cache-control: no-cache
        etag: "b5bea41b6c623f7c09f1bf24dcae58ebab3c0cdd90ad966bc43a45b44867e12b"
        x-request-id: REQUEST
        "#);
    }

    #[tokio::test]
    async fn something_of_this_moment_is_never_kept() {
        let api = Api::new().endpoint(routes::GET_STATUS, async |Query(_): Query| {
            Ok::<_, HttpError>(Kept::never(&BTreeMap::from([("data", [0])])))
        });
        let [first, known] = responses(&api, "/api/v1/status").await;
        assert_eq!(first, known);
        assert_snapshot!(first, @r#"
        200 OK
        content-type: application/json
        cache-control: no-store
        x-request-id: REQUEST

        {"data":[0]}
        "#);
    }
}
