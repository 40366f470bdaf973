//! The parts of an object or an array that a schema has evaluated, for `unevaluatedProperties` and `unevaluatedItems`
//! (JSON Schema Core 2020-12, section 11).

use crate::{error::TooMuchWork, work::Work};

/// A set of indices of evaluated members or items.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks(Vec<u64>);

const BITS: usize = 64;

impl Marks {
    pub(crate) fn has(&self, index: usize) -> bool {
        self.0.get(index / BITS).is_some_and(|word| word & (1 << (index % BITS)) != 0)
    }

    pub(crate) fn add(&mut self, index: usize) {
        if self.0.len() <= index / BITS {
            self.0.resize(index / BITS + 1, 0);
        }
        self.0[index / BITS] |= 1 << (index % BITS);
    }

    /// Adds another set. It costs a step for each word of that set, which limits the memory for kept sets.
    pub(crate) fn merge(&mut self, other: &Self, work: &mut Work) -> Result<(), TooMuchWork> {
        work.spend(1 + other.0.len())?;
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_the_indices_that_were_added_and_merged() {
        let (mut one, mut other) = (Marks::default(), Marks::default());
        one.add(3);
        other.add(200);
        one.merge(&other, &mut Work::new(100)).unwrap();
        let members: Vec<_> = (0..300).filter(|index| one.has(*index)).collect();
        assert_eq!(members, [3, 200]);
        assert!(one.merge(&other, &mut Work::new(1)).is_err());
    }
}
