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

/// Returns an event.
pub const GET_EVENT: Route = Route::get(&["/api/v1/events/{id}"]);

/// Returns the events that match filters.
pub const LIST_EVENTS: Route = Route::get(&["/api/v1/events"]);

/// Returns an event receiver.
pub const GET_EVENT_RECEIVER: Route = Route::get(&["/api/v1/event-receivers/{id}", "/api/v1/receivers/{id}"]);

/// Returns the schema of an event receiver.
pub const GET_EVENT_RECEIVER_SCHEMA: Route =
    Route::get(&["/api/v1/event-receivers/{id}/schema", "/api/v1/receivers/{id}/schema"]);

/// Returns the event receivers that match filters.
pub const LIST_EVENT_RECEIVERS: Route = Route::get(&["/api/v1/event-receivers", "/api/v1/receivers"]);

/// Returns a group of event receivers.
pub const GET_EVENT_RECEIVER_GROUP: Route =
    Route::get(&["/api/v1/event-receiver-groups/{id}", "/api/v1/groups/{id}"]);

/// Returns the groups of event receivers that match filters.
pub const LIST_EVENT_RECEIVER_GROUPS: Route =
    Route::get(&["/api/v1/event-receiver-groups", "/api/v1/groups"]);

/// Enables or disables a group of event receivers.
pub const MODIFY_EVENT_RECEIVER_GROUP: Route =
    Route::patch(&["/api/v1/event-receiver-groups/{id}", "/api/v1/groups/{id}"]);

/// Returns why a group is or is not complete for an artifact.
pub const GET_GATE: Route =
    Route::get(&["/api/v1/event-receiver-groups/{id}/gate", "/api/v1/groups/{id}/gate"]);

/// Returns the same for each group that concerns an artifact.
pub const LIST_GATES: Route = Route::get(&["/api/v1/gates"]);

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
    ("modify-event-receiver-group", &[MODIFY_EVENT_RECEIVER_GROUP]),
    (
        "query-registry",
        &[
            GET_EVENT,
            LIST_EVENTS,
            GET_EVENT_RECEIVER,
            GET_EVENT_RECEIVER_SCHEMA,
            LIST_EVENT_RECEIVERS,
            GET_EVENT_RECEIVER_GROUP,
            LIST_EVENT_RECEIVER_GROUPS,
            GET_GATE,
            LIST_GATES,
        ],
    ),
    ("manage-replays", &[START_REPLAY, GET_REPLAY, CANCEL_REPLAY]),
    ("describe-api", &[GET_DESCRIPTION, GET_STATUS, GET_HEALTH, GET_LIVENESS, GET_READINESS, GET_SERVICE]),
];
