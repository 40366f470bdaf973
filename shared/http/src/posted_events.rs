//! The events of a request, in any content mode.

use lambda_http::http::{HeaderMap, HeaderValue, request::Parts};
use xzepr_domain::{
    Caller, CreatedBy, EventRequest, Idempotency, IdempotencyKey, InvalidJson, Traceparent, split_array,
};

use crate::{
    HttpError, Input, RoutedRequest,
    caller::{caller, created_by, may_override},
    content_mode::ContentMode,
    idempotency,
    input::text_of,
    trace,
};

/// The most events of a batch.
pub const MAX_EVENTS: usize = 100;

/// The events of a request to the route for one event. That route also takes CloudEvents in the batched content mode.
pub enum PostedEvents {
    /// One event.
    One(PostedEvent),
    /// A batch.
    Batch(PostedBatch),
}

/// Up to [`MAX_EVENTS`] events in the order of the request. An event that cannot be read does not refuse the others.
pub struct PostedBatch(pub Vec<Result<PostedEvent, HttpError>>);

/// An event as it was sent, with its idempotency.
pub struct PostedEvent {
    event: Unread,
    /// The key of the event, if it has one.
    pub idempotency: Option<Idempotency>,
    /// The sender, if an authorizer identifies one.
    pub created_by: Option<CreatedBy>,
    /// Whether the sender's token has the scope `xzepr/override`.
    pub may_override: bool,
    traceparent: Option<Traceparent>,
}

enum Unread {
    /// The text of a plain body. It is read only if its key has no response yet.
    Plain(String),
    /// The key of a CloudEvent is known only after it is read.
    CloudEvent(Box<EventRequest<'static>>),
}

impl PostedEvent {
    /// Reads the event. The request refers to its text, which is put into `body`. Fails if a plain body is not one
    /// unambiguous JSON object.
    pub fn read(self, body: &mut String) -> Result<EventRequest<'_>, InvalidJson> {
        let mut request = match self.event {
            Unread::Plain(text) => {
                *body = text;
                EventRequest::parse(body)?
            }
            Unread::CloudEvent(request) => *request,
        };
        request.add_traceparent(self.traceparent);
        Ok(request)
    }
}

impl Input for PostedEvents {
    fn from_request(RoutedRequest { request, path, .. }: RoutedRequest) -> Result<Self, HttpError> {
        let (parts, body) = request.into_parts();
        let mode = ContentMode::of(&parts.headers)?;
        let body = text_of(body)?;
        let sender = Sender::of(&parts)?;
        Ok(match mode {
            ContentMode::Plain => Self::One(sender.plain(sender.key.clone(), &path, body)?),
            ContentMode::Binary => {
                let request = EventRequest::parse_binary(|name| header(&parts.headers, name), &body);
                Self::One(sender.cloud_event(sender.key.clone(), request)?)
            }
            ContentMode::Structured => {
                Self::One(sender.cloud_event(sender.key.clone(), EventRequest::parse_structured(&body)?)?)
            }
            ContentMode::Batched => Self::Batch(sender.batch(true, &path, &body)?),
        })
    }
}

impl Input for PostedBatch {
    /// Reads an array of plain events, or CloudEvents in the batched content mode.
    fn from_request(RoutedRequest { request, path, .. }: RoutedRequest) -> Result<Self, HttpError> {
        let (parts, body) = request.into_parts();
        let mode = ContentMode::of(&parts.headers)?;
        let body = text_of(body)?;
        match mode {
            ContentMode::Structured => Err(HttpError::UnsupportedMediaType),
            mode => Sender::of(&parts)?.batch(mode == ContentMode::Batched, &path, &body),
        }
    }
}

/// The key, the caller with its right, and the trace of a request. They hold for all of its events.
struct Sender<'a> {
    parts: &'a Parts,
    key: Option<IdempotencyKey>,
    created_by: Option<CreatedBy>,
    may_override: bool,
    traceparent: Option<Traceparent>,
}

impl<'a> Sender<'a> {
    fn of(parts: &'a Parts) -> Result<Self, HttpError> {
        Ok(Self {
            parts,
            key: idempotency::key(parts)?,
            created_by: created_by(parts),
            may_override: may_override(parts),
            traceparent: trace::of(parts),
        })
    }

    fn batch(&self, is_of_cloud_events: bool, path: &str, body: &str) -> Result<PostedBatch, HttpError> {
        let texts = split_array(body)?;
        if texts.len() > MAX_EVENTS {
            return Err(HttpError::TooManyEvents);
        }
        // Without a caller none of the events could be stored.
        if is_of_cloud_events || self.key.is_some() {
            self.caller()?;
        }
        let events = texts.into_iter().enumerate().map(|(index, text)| {
            let key = self.key.as_ref().map(|key| key.of_element(index));
            match is_of_cloud_events {
                true => self.cloud_event(key, EventRequest::parse_structured(text.get())?),
                false => self.plain(key, path, text.get().to_owned()),
            }
        });
        Ok(PostedBatch(events.collect()))
    }

    fn plain(&self, key: Option<IdempotencyKey>, path: &str, text: String) -> Result<PostedEvent, HttpError> {
        let idempotency = match key {
            Some(key) => Some(Idempotency::new(self.caller()?, key, path, &text)),
            None => None,
        };
        Ok(self.posted(Unread::Plain(text), idempotency))
    }

    fn cloud_event(
        &self,
        key: Option<IdempotencyKey>,
        request: EventRequest<'static>,
    ) -> Result<PostedEvent, HttpError> {
        let idempotency = request.cloud_event_idempotency(self.caller()?, key);
        Ok(self.posted(Unread::CloudEvent(Box::new(request)), idempotency))
    }

    fn posted(&self, event: Unread, idempotency: Option<Idempotency>) -> PostedEvent {
        PostedEvent {
            event,
            idempotency,
            created_by: self.created_by.clone(),
            may_override: self.may_override,
            traceparent: self.traceparent.clone(),
        }
    }

    /// With one name for all callers, a caller would get another caller's response.
    fn caller(&self) -> Result<Caller, HttpError> {
        caller(self.parts).ok_or(match self.key {
            Some(_) => HttpError::UnidentifiedCaller,
            None => HttpError::UnidentifiedSender,
        })
    }
}

/// The value of a header. Values of a repeated header are joined, as API Gateway does.
fn header(headers: &HeaderMap, name: &str) -> Option<Vec<u8>> {
    let values: Vec<_> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
    (!values.is_empty()).then(|| values.join(&b","[..]))
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, Request, http::HeaderName};
    use proptest::{collection::vec, prelude::*};

    use super::*;

    const NAMES: [&str; 8] = [
        "ce-specversion",
        "ce-id",
        "ce-source",
        "ce-type",
        "ce-subject",
        "content-type",
        "idempotency-key",
        "traceparent",
    ];

    fn routed(headers: &[(&'static str, Vec<u8>)], body: Body) -> RoutedRequest {
        let mut request = Request::new(body);
        for (name, value) in headers {
            // Other bytes are in no header.
            if let Ok(value) = HeaderValue::from_bytes(value) {
                request.headers_mut().append(HeaderName::from_static(name), value);
            }
        }
        RoutedRequest { request, path: "/api/v1/events".to_owned(), id: None }
    }

    /// The values of a header: those that have a meaning, and any bytes.
    fn value() -> impl Strategy<Value = Vec<u8>> {
        let known = [
            "application/cloudevents+json",
            "application/cloudevents-batch+json",
            "application/json",
            "1.0",
            "\"a\\",
            "%ff",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ];
        prop_oneof![
            proptest::sample::select(known.to_vec()).prop_map(|value| value.as_bytes().to_vec()),
            vec(any::<u8>(), 0..20),
        ]
    }

    fn body() -> impl Strategy<Value = Body> {
        let json = "[\\[\\]{},:0-9\" a-z]{0,30}";
        prop_oneof![
            vec(any::<u8>(), 0..40).prop_map(Body::Binary),
            json.prop_map(Body::Text),
            vec(json, 0..4).prop_map(|texts| Body::Text(format!("[{}]", texts.join(",")))),
            Just(Body::Empty),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_headers_and_no_body_make_the_reader_panic(
            headers in vec((proptest::sample::select(NAMES.to_vec()), value()), 0..6),
            body in body(),
        ) {
            let again = match &body {
                Body::Text(text) => Body::Text(text.clone()),
                _ => Body::Empty,
            };
            if let Ok(PostedEvents::One(event)) = PostedEvents::from_request(routed(&headers, body)) {
                event.read(&mut String::new()).ok();
            }
            for event in PostedBatch::from_request(routed(&headers, again)).into_iter().flat_map(|batch| batch.0) {
                event.map(|event| event.read(&mut String::new()).is_ok()).ok();
            }
        }
    }
}
