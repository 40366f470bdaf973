//! Segments for AWS X-Ray: the parts of a trace that the publisher itself records.
//!
//! Lambda records a function's own segment. It cannot know of the messages of a batch, each of which belongs to the trace
//! of its own caller. So the publisher sends a segment for each of them to the daemon that Lambda runs beside a function.
//! `opentelemetry-aws` has an exporter for the daemon, which needs OpenTelemetry's SDK and the spans of that. A segment is
//! one datagram whose ids are given, so little is to be kept up here.

mod daemon;
mod segment;

pub use daemon::Daemon;
pub use segment::SentMessage;
