//! Segments for AWS X-Ray: the parts of a trace that the publisher itself records.
//!
//! Lambda records a function's own segment. It cannot know of the messages of a batch, each of which belongs to the trace
//! of its own caller. So the publisher sends a segment for each of them to the daemon that Lambda runs beside a function.
//! No crate does this and is kept up: `xray-lite` has had no release since 2024, and `opentelemetry-aws` has no
//! exporter. A segment is one datagram, so little is to be kept up here.

mod daemon;
mod segment;

pub use daemon::Daemon;
pub use segment::SentMessage;
