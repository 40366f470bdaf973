//! The budget of a check.

use crate::error::TooMuchWork;

/// So many bytes of a text cost a step where it is compared, counted or searched.
pub(crate) const BYTES_A_STEP: usize = 16;

/// Steps that are left. A step takes 20 to 50 ns in optimised code; the hostile tests of this crate hold the
/// most expensive checks against 250 ms.
#[derive(Debug)]
pub(crate) struct Work(u64);

impl Work {
    pub(crate) fn new(steps: u64) -> Self {
        Self(steps)
    }

    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), TooMuchWork> {
        let left = self.0.checked_sub(steps as u64);
        // A step that could not be paid leaves nothing: the next one fails too.
        self.0 = left.unwrap_or(0);
        left.map(|_| ()).ok_or(TooMuchWork)
    }

    /// Adds steps, up to a number of them all.
    pub(crate) fn add(&mut self, steps: u64, max: u64) {
        self.0 = (self.0 + steps).min(max);
    }
}
