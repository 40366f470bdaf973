//! The part of a list that a caller asks for.

use xzepr_http::{HttpError, Parameters};
use xzepr_queries::Window;

const MAX_LIMIT: u64 = 1000;
const DEFAULT_LIMIT: u64 = 50;
const MAX_OFFSET: u64 = 1_000_000_000;

/// The parameters `limit` and `offset`. An offset after the end of a list is an empty part.
pub(crate) fn window(parameters: &Parameters<'_>) -> Result<Window, HttpError> {
    let limit = parameters.number("limit", 1..=MAX_LIMIT, DEFAULT_LIMIT)?;
    let offset = parameters.number("offset", 0..=MAX_OFFSET, 0)?;
    let size = |number| usize::try_from(number).unwrap_or(usize::MAX);
    Ok(Window { limit: size(limit), offset: size(offset) })
}
