//! The endpoints of gates: why a group is or is not complete for an artifact.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::Serialize;
use xzepr_domain::{Artifact, GroupId};
use xzepr_http::{HttpError, Kept, Noun, Parameters, Query, Read};
use xzepr_queries::gates::{Cursor, Explanation, PageLimits, ReadGates, explain, gates_of};

/// The five texts of an artifact.
const ARTIFACT: [&str; 5] = ["name", "version", "release", "platform_id", "package"];

const LIST: [&str; 7] = ["name", "version", "release", "platform_id", "package", "limit", "cursor"];

/// The most gates of a page, and the number without `limit`.
const MAX_LIMIT: u64 = 1_000;
const DEFAULT_LIMIT: u64 = 50;

/// How long a request searches for further groups. The reads after that have the rest of the function's 10 s.
const SEARCH_FOR: Duration = Duration::from_secs(2);

pub(crate) struct Gates<S> {
    store: S,
    /// The clock that ages are told by.
    now: fn() -> DateTime<Utc>,
}

#[derive(Serialize)]
struct One {
    data: Explanation,
}

#[derive(Serialize)]
struct Page {
    data: Vec<Explanation>,
    pagination: Pagination,
}

#[derive(Serialize)]
struct Pagination {
    limit: u64,
    has_more: bool,
    next: Option<String>,
}

impl<S: ReadGates> Gates<S> {
    pub(crate) fn new(store: S) -> Self {
        Self { store, now: Utc::now }
    }

    /// Explains the gate of a group.
    pub(crate) async fn get(&self, read: Read<GroupId>) -> Result<Kept, HttpError> {
        let Query(query) = &read.query;
        let artifact = artifact(&Parameters::new(query, &ARTIFACT)?)?;
        let explanation = explain(&self.store, read.id, &artifact, (self.now)()).await?;
        let data = explanation.ok_or(HttpError::UnknownId(Noun::EventReceiverGroup))?;
        Ok(Kept::never(&One { data }))
    }

    /// Explains the gates of all groups that concern an artifact.
    pub(crate) async fn list(&self, Query(query): Query) -> Result<Kept, HttpError> {
        let parameters = Parameters::new(&query, &LIST)?;
        let artifact = artifact(&parameters)?;
        let limit = parameters.number("limit", 1..=MAX_LIMIT, DEFAULT_LIMIT)?;
        let cursor = parameters.value("cursor").map(|cursor| Cursor::parse(cursor, &artifact));
        let cursor = cursor.transpose().map_err(HttpError::invalid_cursor)?;
        let gates = usize::try_from(limit).unwrap_or(usize::MAX);
        let limits = PageLimits { gates, until: Instant::now() + SEARCH_FOR };
        let page = gates_of(&self.store, &artifact, cursor, limits, (self.now)()).await?;
        let next = page.next.map(|cursor| cursor.to_string());
        let pagination = Pagination { limit, has_more: next.is_some(), next };
        Ok(Kept::never(&Page { data: page.gates, pagination }))
    }
}

fn artifact(parameters: &Parameters<'_>) -> Result<Artifact, HttpError> {
    Ok(Artifact {
        name: parameters.required_text("name")?,
        version: parameters.required_text("version")?,
        release: parameters.required_text("release")?,
        platform_id: parameters.required_text("platform_id")?,
        package: parameters.required_text("package")?,
    })
}

#[cfg(test)]
mod tests;
