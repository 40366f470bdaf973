//! The routes of the HTTP API.
//!
//! - A route is a method and its paths. The first path is its name, the others are aliases that existing clients call.
//! - Each path is also served with one slash at its end.
//! - `{id}` stands for a ULID. A path with another text there is unknown.
//! - The document `docs/openapi.json` describes all of them, and `tests/openapi` compares it.
//! - `template.yaml` and the router of the root `Cargo.toml` repeat the paths. Tests of `local` compare them.

use crate::Route;

/// Stores an event.
pub const CREATE_EVENT: Route = Route::post(&["/api/v1/events"]);

/// Stores the events of a batch.
pub const CREATE_EVENTS: Route = Route::post(&["/api/v1/events/batch"]);

/// Declares an event receiver.
pub const CREATE_EVENT_RECEIVER: Route = Route::post(&["/api/v1/event-receivers", "/api/v1/receivers"]);

/// Stores a group of event receivers.
pub const CREATE_EVENT_RECEIVER_GROUP: Route =
    Route::post(&["/api/v1/event-receiver-groups", "/api/v1/groups"]);

/// Starts a replay.
pub const START_REPLAY: Route = Route::post(&["/api/v1/admin/replay-events"]);

/// Returns the progress of a replay.
pub const GET_REPLAY: Route = Route::get(&["/api/v1/admin/replays/{id}"]);

/// Cancels a replay.
pub const CANCEL_REPLAY: Route = Route::delete(&["/api/v1/admin/replays/{id}"]);

/// Returns the OpenAPI document of the API.
pub const GET_DESCRIPTION: Route = Route::get(&["/api/v1/openapi.json"]);

/// Returns the state of the service.
pub const GET_STATUS: Route = Route::get(&["/api/v1/status"]);

/// Returns the state of the service in the shape of XZepr's health check.
pub const GET_HEALTH: Route = Route::get(&["/health"]);

/// Returns that the service is alive, in the shape of the Event Provenance Registry.
pub const GET_LIVENESS: Route = Route::get(&["/healthz/liveness"]);

/// Returns whether the service can accept events, in the shape of the Event Provenance Registry.
pub const GET_READINESS: Route = Route::get(&["/healthz/readiness"]);

/// Returns the state of the service in the shape of the Event Provenance Registry.
pub const GET_SERVICE: Route = Route::get(&["/healthz/status"]);

/// The functions that serve routes, each with all of its routes.
pub const FUNCTIONS: &[(&str, &[Route])] = &[
    ("create-event", &[CREATE_EVENT, CREATE_EVENTS]),
    ("create-event-receiver", &[CREATE_EVENT_RECEIVER]),
    ("create-event-receiver-group", &[CREATE_EVENT_RECEIVER_GROUP]),
    ("manage-replays", &[START_REPLAY, GET_REPLAY, CANCEL_REPLAY]),
    ("describe-api", &[GET_DESCRIPTION, GET_STATUS, GET_HEALTH, GET_LIVENESS, GET_READINESS, GET_SERVICE]),
];
