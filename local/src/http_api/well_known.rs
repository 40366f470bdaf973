//! The issuer's documents, which an authorizer reads to find its keys.

use std::sync::Arc;

use axum::{Json, Router, extract::State, routing::get};
use jsonwebtoken::jwk::JwkSet;
use serde_json::Value;

use super::issuer::{CONFIGURATION_PATH, Issuer, KEYS_PATH};

/// The paths of both documents.
pub(super) fn router(issuer: Arc<Issuer>) -> Router {
    Router::new().route(CONFIGURATION_PATH, get(configuration)).route(KEYS_PATH, get(keys)).with_state(issuer)
}

async fn configuration(State(issuer): State<Arc<Issuer>>) -> Json<Value> {
    Json(issuer.configuration())
}

async fn keys(State(issuer): State<Arc<Issuer>>) -> Json<JwkSet> {
    Json(issuer.keys().clone())
}
