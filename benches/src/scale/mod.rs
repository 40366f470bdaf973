//! Scale on paper, checked by simulation: where the first limit is met at a load, and how long a backlog lasts.
//!
//! Three kinds of figures are kept apart:
//!
//! - [`limits`]: documented by AWS, each with its source.
//! - [`assumptions`]: times and shares that depend on the deployment. Options of the command replace them.
//! - `template.yaml`: read as it is ([`template`]).
//!
//! The keys are those of the store itself. All chance comes from a seed, but for the ids of [`spread`], which are real.

pub mod artifact;
pub mod assumptions;
pub mod index_keys;
pub mod limits;
mod markdown;
pub mod midnight;
pub(crate) mod number;
pub mod reckoning;
pub mod report;
pub mod simulation;
pub mod spread;
pub mod stream;
pub mod template;
