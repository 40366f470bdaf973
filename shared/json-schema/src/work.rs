//! The budget of a check.

use crate::error::TooMuchWork;

/// The bytes of a text that cost one step if it is compared, counted or searched.
pub(crate) const BYTES_A_STEP: usize = 16;

/// The steps that are left. A step takes 20 to 50 ns in optimised code. The hostile tests of this crate hold the most
/// expensive checks to 250 ms.
#[derive(Debug)]
pub(crate) struct Work(u64);

impl Work {
    pub(crate) fn new(steps: u64) -> Self {
        Self(steps)
    }

    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), TooMuchWork> {
        let left = self.0.checked_sub(steps as u64);
        // After one failure nothing is left, so the next steps fail too.
        self.0 = left.unwrap_or(0);
        left.map(|_| ()).ok_or(TooMuchWork)
    }

    pub(crate) fn left(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_leaves_no_steps() {
        let mut work = Work::new(10);
        assert_eq!(work.spend(4), Ok(()));
        assert_eq!(work.spend(7), Err(TooMuchWork));
        assert_eq!((work.spend(0), work.spend(1)), (Ok(()), Err(TooMuchWork)));
    }
}
