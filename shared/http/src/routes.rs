//! The routes of the HTTP API.
//!
//! - A route is a method and its paths. The first path is its name, the others are aliases that existing clients call.
//! - Each path is also served with one slash at its end.
//! - `{id}` stands for a ULID. A path with another text there is unknown.
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

/// The functions that serve routes, each with all of its routes.
pub const FUNCTIONS: &[(&str, &[Route])] = &[
    ("create-event", &[CREATE_EVENT, CREATE_EVENTS]),
    ("create-event-receiver", &[CREATE_EVENT_RECEIVER]),
    ("create-event-receiver-group", &[CREATE_EVENT_RECEIVER_GROUP]),
    ("manage-replays", &[START_REPLAY, GET_REPLAY, CANCEL_REPLAY]),
];
