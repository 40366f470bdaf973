//! Gives a function the bytes of its events.

use std::{
    cell::Cell,
    future::Future,
    mem,
    rc::Rc,
    task::{self, Poll},
};

use bytes::Bytes;
use lambda_runtime::{
    Error, LambdaEvent, LambdaInvocation, Runtime, Service, layers::TracingLayer, service_fn, tower::Layer,
};
use serde::de::IgnoredAny;

use crate::response::BatchResponse;

/// Runs a function that reads the bytes of its events itself.
///
/// lambda_runtime reads an event before it calls the function, into a type that owns all of its texts. A function that
/// borrows the texts of 500 records needs half as much time. So this takes the bytes away from lambda_runtime, which
/// reads a `null` instead.
pub async fn run<F, R>(function: F) -> Result<(), Error>
where
    F: Fn(LambdaEvent<Bytes>) -> R,
    R: Future<Output = Result<BatchResponse, Error>>,
{
    let payload = Payload::default();
    let taken = payload.clone();
    let function = service_fn(|event: LambdaEvent<IgnoredAny>| {
        function(LambdaEvent::new(taken.0.take(), event.context))
    });
    Runtime::new(function).layer(payload).layer(TracingLayer::new()).run().await
}

/// The payload of the invocation. lambda_runtime has one at a time.
#[derive(Clone, Default)]
struct Payload(Rc<Cell<Bytes>>);

impl<S> Layer<S> for Payload {
    type Service = TakePayload<S>;

    fn layer(&self, service: S) -> TakePayload<S> {
        TakePayload { service, taken: self.clone() }
    }
}

/// Takes the payload of each invocation away.
struct TakePayload<S> {
    service: S,
    taken: Payload,
}

impl<S: Service<LambdaInvocation>> Service<LambdaInvocation> for TakePayload<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, mut invocation: LambdaInvocation) -> S::Future {
        let payload = mem::replace(&mut invocation.body, Bytes::from_static(b"null"));
        // As lambda_runtime does.
        tracing::trace!(body = ?payload, "raw JSON event received from Lambda");
        self.taken.0.set(payload);
        self.service.call(invocation)
    }
}
