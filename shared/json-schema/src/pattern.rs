//! Regular expressions: of ECMA 262, in a time that is bounded beforehand.
//!
//! A search by states takes time in proportion to the text and to the pattern. For a long text a lazy DFA is
//! tried first, which takes time in proportion to the text alone while it finds few states, and gives up
//! early where it does not.

use std::fmt;

use regex_automata::{
    Input,
    hybrid::dfa::DFA,
    nfa::thompson::{
        Compiler, Config, WhichCaptures,
        pikevm::{Cache, PikeVM},
    },
};

use crate::{error::TooMuchWork, work::Work};

/// The most bytes that all compiled patterns of a schema may take.
pub(crate) const MAX_BYTES: usize = 2 << 20;

/// A class of Unicode characters, such as `\p{L}`, is hundreds of ranges before it is compiled.
const UNICODE_CLASS_BYTES: usize = 16 << 10;

/// A class that ignores case is expanded before it is compiled.
const CASELESS_CLASS_BYTES: usize = 4 << 10;

/// The lazy DFA's cache. It is cleared at most so often, then the DFA gives up.
const DFA_CACHE_BYTES: usize = 256 << 10;
const DFA_CACHE_CLEARS: usize = 2;

/// The lazy DFA makes at most about so many states before it gives up.
const DFA_STATES: usize = 768;

/// So many visits of a state, or bytes that the lazy DFA reads, cost a step.
const VISITS_A_STEP: usize = 4;
const DFA_BYTES_A_STEP: usize = 8;

/// A character of a pattern's text takes about this while it is compiled.
const CHARACTER_BYTES: usize = 32;

/// A compiled pattern.
pub(crate) struct Pattern {
    text: Box<str>,
    states: PikeVM,
    dfa: Option<DFA>,
}

/// Why a pattern is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvalidPattern {
    /// Not a regular expression, or one with look-around or back-references.
    Unsupported,
    /// It takes more than the schema's patterns may take together.
    TooLarge,
}

impl Pattern {
    /// Compiles a pattern into at most `max_bytes`.
    pub(crate) fn compile(text: &str, max_bytes: usize) -> Result<Self, InvalidPattern> {
        let left = max_bytes.checked_sub(expansion(text)).ok_or(InvalidPattern::TooLarge)?;
        let translated = jsonschema_regex::to_rust_regex(text).map_err(|()| InvalidPattern::Unsupported)?;
        let config = Config::new().which_captures(WhichCaptures::None).nfa_size_limit(Some(left));
        let nfa = Compiler::new().configure(config).build(&translated).map_err(|error| {
            if error.size_limit().is_some() { InvalidPattern::TooLarge } else { InvalidPattern::Unsupported }
        })?;
        let dfa = DFA::builder()
            .configure(
                DFA::config()
                    .cache_capacity(DFA_CACHE_BYTES)
                    .skip_cache_capacity_check(true)
                    .minimum_cache_clear_count(Some(DFA_CACHE_CLEARS))
                    .unicode_word_boundary(true),
            )
            .build_from_nfa(nfa.clone())
            .ok();
        let states = PikeVM::new_from_nfa(nfa).map_err(|_| InvalidPattern::Unsupported)?;
        Ok(Self { text: text.into(), states, dfa })
    }

    /// The pattern as its author wrote it.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The bytes that it counts for.
    pub(crate) fn bytes(&self) -> usize {
        self.states.get_nfa().memory_usage() + expansion(&self.text)
    }

    fn visits(&self) -> usize {
        self.states.get_nfa().states().len()
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).finish()
    }
}

/// The memory that the pattern takes while it is compiled.
fn expansion(text: &str) -> usize {
    let unicode = text.matches("\\p").count() + text.matches("\\P").count();
    let ignores_case = text.split("(?").skip(1).any(|flags| {
        flags.chars().take_while(|flag| flag.is_ascii_lowercase() || *flag == '-').any(|flag| flag == 'i')
    });
    let caseless = if ignores_case { text.matches('[').count() } else { 0 };
    unicode * UNICODE_CLASS_BYTES + caseless * CASELESS_CLASS_BYTES + text.len() * CHARACTER_BYTES
}

/// Searches with patterns, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Matcher(Option<Cache>);

impl Matcher {
    /// Whether a pattern is found anywhere in a text.
    pub(crate) fn matches(
        &mut self,
        pattern: &Pattern,
        text: &str,
        work: &mut Work,
    ) -> Result<bool, TooMuchWork> {
        let by_states = (text.len() + 1).saturating_mul(pattern.visits()) / VISITS_A_STEP;
        let by_dfa = (DFA_STATES * pattern.visits()) / VISITS_A_STEP + text.len() / DFA_BYTES_A_STEP;
        if by_dfa < by_states
            && let Some(dfa) = &pattern.dfa
        {
            work.spend(by_dfa)?;
            let input = Input::new(text).earliest(true);
            if let Ok(found) = dfa.try_search_fwd(&mut dfa.create_cache(), &input) {
                return Ok(found.is_some());
            }
        }
        work.spend(1 + by_states)?;
        let cache = self.0.get_or_insert_with(|| pattern.states.create_cache());
        pattern.states.reset_cache(cache);
        Ok(pattern.states.is_match(cache, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        let pattern = Pattern::compile(pattern, MAX_BYTES).unwrap();
        Matcher::default().matches(&pattern, text, &mut Work::new(u64::MAX)).unwrap()
    }

    #[test]
    fn a_pattern_is_found_anywhere_and_in_texts_of_any_length() {
        for length in [0, 1, 100, 100_000] {
            let text = format!("{}abc", "é".repeat(length));
            assert!(matches("b", &text) && matches("^é*abc$", &text));
            assert!(!matches("^b", &text) && !matches("^é*$", &text));
        }
        assert!(matches(r"\bab", &format!("{} ab", "ü".repeat(100_000))));
    }

    #[test]
    fn classes_are_those_of_ecma_262() {
        assert!(!matches(r"^\d$", "\u{663}") && !matches(r"^\w$", "é"));
        assert!(matches(r"^\p{Letter}$", "é") && matches(r"^\s$", "\u{feff}"));
    }

    #[test]
    fn a_pattern_that_needs_backtracking_or_too_much_memory_is_refused() {
        let refusal = |pattern: &str| Pattern::compile(pattern, MAX_BYTES).unwrap_err();
        for pattern in ["(?=a)b", r"(a)\1", "("] {
            assert_eq!(refusal(pattern), InvalidPattern::Unsupported, "{pattern}");
        }
        for pattern in
            ["((a{1000}){1000}){1000}", &r"\p{L}".repeat(200), &format!("(?i){}", "[^a]".repeat(600))]
        {
            assert_eq!(refusal(pattern), InvalidPattern::TooLarge, "{pattern}");
        }
    }

    #[test]
    fn a_search_spends_no_more_than_its_budget() {
        let pattern = Pattern::compile("(a?){50}b", MAX_BYTES).unwrap();
        let text = "a".repeat(200_000);
        let mut work = Work::new(1000);
        assert_eq!(Matcher::default().matches(&pattern, &text, &mut work), Err(TooMuchWork));
        assert!(work.spend(1).is_err(), "nothing is left");
    }
}
