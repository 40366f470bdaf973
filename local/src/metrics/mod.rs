//! The functions' metrics for Prometheus, at `/metrics`.
//!
//! A function writes its metrics to its log, as on Lambda. They are read from there when somebody asks for them, so a
//! function that is killed loses none that it has written.

#[cfg(test)]
mod docs_tests;
mod line;
mod log_tail;
mod names;
mod registry;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use prometheus_client::encoding::prometheus_text::CONTENT_TYPE;

use self::{line::samples, log_tail::LogTail, registry::Series};
use crate::{
    error::{Context, Result},
    template::Template,
};

/// The metrics of all functions since the start.
pub(crate) struct Metrics {
    state: Mutex<(Vec<LogTail>, Series)>,
}

impl Metrics {
    /// The metrics in the logs of a template's functions.
    pub(crate) fn new(template: &Template, log_dir: &Path) -> Self {
        let names = || template.functions.iter().map(|function| function.name.as_str());
        let logs = names().map(|name| LogTail::new(log_dir.join(format!("{name}.log")))).collect();
        Self { state: Mutex::new((logs, Series::new(names()))) }
    }

    /// Serves the metrics to `GET`.
    pub(crate) fn route<S: Clone + Send + Sync + 'static>(self) -> MethodRouter<S> {
        let metrics = Arc::new(self);
        get(move || {
            let metrics = Arc::clone(&metrics);
            async move {
                let text = tokio::task::spawn_blocking(move || metrics.text()).await;
                match text.context("reading metrics").flatten() {
                    Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
                    Err(error) => failed(&error.to_string()),
                }
            }
        })
    }

    /// The text of all metrics, after a look at the lines that are new in the logs.
    fn text(&self) -> Result<String> {
        let (logs, series) = &mut *self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for log in logs {
            log.read(|line| samples(line).into_iter().for_each(|sample| series.add(&sample)))?;
        }
        series.text()
    }
}

fn failed(reason: &str) -> Response {
    eprintln!("/metrics: {reason}");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
