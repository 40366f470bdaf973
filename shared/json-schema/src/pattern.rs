//! Regular expressions of ECMA 262, whose searches cost steps of a check's budget.
//!
//! A search uses a lazy DFA. It reads each byte once and builds each state when it needs it first. A new state costs
//! steps for the memory that it uses, and it is kept for the next text. A DFA that needs too many states gives up.
//! Then a search by the states of the NFA follows. Its cost is known in advance: the length of the text times the
//! number of states. The first short text of a pattern is searched so too, since most patterns get one text, and the
//! states of a DFA for it would cost ten times as much.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
    fmt,
    mem::replace,
    ptr,
};

use regex_automata::{
    Input,
    hybrid::dfa::{self, DFA},
    nfa::thompson::{
        Compiler, Config, WhichCaptures,
        pikevm::{self, PikeVM},
    },
};

use crate::{error::TooMuchWork, format::Format, work::Work};

/// The most bytes that all compiled patterns of a schema may use.
pub(crate) const MAX_BYTES: usize = 2 << 20;

/// The memory of a Unicode class such as `\p{L}`, which has hundreds of ranges before it is compiled.
const UNICODE_CLASS_BYTES: usize = 16 << 10;

/// The memory of a class that ignores case, which is expanded before it is compiled.
const CASELESS_CLASS_BYTES: usize = 4 << 10;

/// The memory of a character of the pattern's text while it is compiled.
const CHARACTER_BYTES: usize = 32;

/// The size of a lazy DFA's cache, and the number of clears after which the DFA gives up.
const DFA_CACHE_BYTES: usize = 256 << 10;
const DFA_CACHE_CLEARS: usize = 2;

/// The memory of all caches of a check.
const ALL_CACHES_BYTES: usize = 4 << 20;

/// The bytes of new states, the bytes of text and the visits of states that cost one step.
const STATE_BYTES_A_STEP: usize = 8;
const TEXT_BYTES_A_STEP: usize = 8;
const VISITS_A_STEP: usize = 4;

/// The most steps of a pattern's first search by the states of the NFA.
const FIRST_SEARCH_STEPS: usize = 2048;

/// A compiled pattern.
pub(crate) struct Pattern {
    text: Box<str>,
    states: PikeVM,
    dfa: Option<DFA>,
}

/// The reason why a pattern is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvalidPattern {
    /// The text is not a regular expression, or has look-around or back-references.
    Unsupported,
    /// The pattern would use more memory than all patterns of a schema may use.
    TooLarge,
}

impl Pattern {
    /// Compiles a pattern into at most `max_bytes`.
    pub(crate) fn compile(text: &str, max_bytes: usize) -> Result<Self, InvalidPattern> {
        let left = |bytes: usize| max_bytes.checked_sub(bytes).ok_or(InvalidPattern::TooLarge);
        left(expansion(text))?;
        if !Format::Regex.matches(text) {
            return Err(InvalidPattern::Unsupported);
        }
        let text_for_rust = without_control_escapes(text);
        let translated =
            jsonschema_regex::to_rust_regex(&text_for_rust).map_err(|()| InvalidPattern::Unsupported)?;
        let left = left(expansion(text) + translated.len() * CHARACTER_BYTES)?;
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

    /// The bytes that count towards [`MAX_BYTES`].
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

/// The memory that the pattern needs while it is compiled.
fn expansion(text: &str) -> usize {
    let unicode = text.matches("\\p").count() + text.matches("\\P").count();
    let ignores_case = text.split("(?").skip(1).any(|flags| {
        flags.chars().take_while(|flag| flag.is_ascii_lowercase() || *flag == '-').any(|flag| flag == 'i')
    });
    let caseless = if ignores_case { text.matches('[').count() } else { 0 };
    unicode * UNICODE_CLASS_BYTES + caseless * CASELESS_CLASS_BYTES + text.len() * CHARACTER_BYTES
}

/// Spells `\cJ` as `\x0a`, because the translation of a pattern reads the whole text again for each `\c`.
fn without_control_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains("\\c") {
        return Cow::Borrowed(text);
    }
    let (mut spelled, mut characters) = (String::with_capacity(text.len()), text.chars().peekable());
    while let Some(character) = characters.next() {
        if character != '\\' {
            spelled.push(character);
            continue;
        }
        let escaped = characters.next();
        let letter = characters.peek().filter(|_| escaped == Some('c')).copied();
        if let Some(letter) = letter.filter(char::is_ascii_alphabetic) {
            characters.next();
            spelled.push_str(&format!("\\x{:02x}", u32::from(letter) % 32));
        } else {
            spelled.push('\\');
            spelled.extend(escaped);
        }
    }
    Cow::Owned(spelled)
}

/// Searches texts for patterns. It keeps the states that it learns until the check ends.
#[derive(Debug, Default)]
pub(crate) struct Matcher {
    /// The key is the address of the pattern. `None` after its first search, if that was one by the states of the NFA.
    learned: HashMap<usize, Option<Learned>>,
    learned_bytes: usize,
    states: Option<pikevm::Cache>,
}

#[derive(Debug)]
struct Learned {
    cache: dfa::Cache,
    bytes: usize,
    clears: usize,
    gave_up: bool,
}

impl Matcher {
    /// Whether a pattern is found anywhere in a text.
    pub(crate) fn matches(
        &mut self,
        pattern: &Pattern,
        text: &str,
        work: &mut Work,
    ) -> Result<bool, TooMuchWork> {
        let steps = 1 + (text.len() + 1).saturating_mul(pattern.visits()) / VISITS_A_STEP;
        if let Some(dfa) = &pattern.dfa
            && (steps > FIRST_SEARCH_STEPS || !self.is_first(pattern))
            && let Some(found) = self.by_dfa(pattern, dfa, text, work)?
        {
            return Ok(found);
        }
        work.spend(steps)?;
        let cache = self.states.get_or_insert_with(|| pattern.states.create_cache());
        pattern.states.reset_cache(cache);
        Ok(pattern.states.is_match(cache, text))
    }

    /// Whether a pattern has not been searched for. Notes that it is now.
    fn is_first(&mut self, pattern: &Pattern) -> bool {
        match self.learned.entry(key(pattern)) {
            Entry::Vacant(entry) => {
                entry.insert(None);
                true
            }
            Entry::Occupied(_) => false,
        }
    }

    /// Searches by the DFA. `None` if the DFA gives up.
    fn by_dfa(
        &mut self,
        pattern: &Pattern,
        dfa: &DFA,
        text: &str,
        work: &mut Work,
    ) -> Result<Option<bool>, TooMuchWork> {
        work.spend(1 + text.len() / TEXT_BYTES_A_STEP)?;
        if self.learned_bytes > ALL_CACHES_BYTES {
            self.learned.clear();
            self.learned_bytes = 0;
        }
        let learned = self.learned.entry(key(pattern)).or_default();
        let learned = learned.get_or_insert_with(|| Learned {
            cache: dfa.create_cache(),
            bytes: 0,
            clears: 0,
            gave_up: false,
        });
        if learned.gave_up {
            return Ok(None);
        }
        let found = dfa.try_search_fwd(&mut learned.cache, &Input::new(text).earliest(true));
        let (bytes, clears) = (learned.cache.memory_usage(), learned.cache.clear_count());
        let before = replace(&mut learned.bytes, bytes);
        let cleared = clears - replace(&mut learned.clears, clears);
        self.learned_bytes = (self.learned_bytes + bytes).saturating_sub(before);
        learned.gave_up = found.is_err();
        work.spend((bytes.saturating_sub(before) + cleared * DFA_CACHE_BYTES) / STATE_BYTES_A_STEP)?;
        Ok(found.ok().map(|found| found.is_some()))
    }
}

fn key(pattern: &Pattern) -> usize {
    ptr::from_ref(pattern).addr()
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
        assert!(matches(r"\bab", &format!("{} ab", "ü".repeat(1000))));
    }

    #[test]
    fn classes_and_escapes_are_those_of_ecma_262() {
        assert!(!matches(r"^\d$", "\u{663}") && !matches(r"^\w$", "é"));
        assert!(matches(r"^\p{Letter}$", "é") && matches(r"^\s$", "\u{feff}"));
        assert!(matches(r"^\cJ[\cI]$", "\n\t") && matches(r"^\\cJ$", "\\cJ"));
    }

    #[test]
    fn a_pattern_that_needs_backtracking_or_too_much_memory_is_refused() {
        let refusal = |pattern: &str| Pattern::compile(pattern, MAX_BYTES).unwrap_err();
        for pattern in ["(?=a)b", r"(a)\1", "(", "(?i)a", "(?P<n>a)", r"\A", "a**"] {
            assert_eq!(refusal(pattern), InvalidPattern::Unsupported, "{pattern}");
        }
        for pattern in ["((a{1000}){1000}){1000}", &r"\p{L}".repeat(200), &".".repeat(60_000)] {
            assert_eq!(refusal(pattern), InvalidPattern::TooLarge, "{}", &pattern[..20]);
        }
    }

    #[test]
    fn ordinary_patterns_cost_little() {
        let version = r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$";
        for (pattern, text) in [
            ("^.{1,1000}$", "some note, with é in it, of no great length ".repeat(4)),
            ("^[^<>]{1,500}$", "text without a tag ".repeat(5)),
            ("^sha256:[0-9a-f]{64}$", format!("sha256:{}", "0a".repeat(32))),
            (version, "12.0.7-rc.1+build.20".to_owned()),
        ] {
            let pattern = Pattern::compile(pattern, MAX_BYTES).unwrap();
            let (mut matcher, mut work) = (Matcher::default(), Work::new(200_000));
            for _ in 0..260_000 / text.len() {
                assert_eq!(matcher.matches(&pattern, &text, &mut work), Ok(true), "{}", pattern.as_str());
            }
        }
    }

    #[test]
    fn a_dfa_is_built_for_the_second_text_of_a_pattern_or_a_long_one() {
        let pattern = Pattern::compile("^[0-9a-f]{40}$", MAX_BYTES).unwrap();
        let (commit, long) = ("8a41d5f0".repeat(5), "8a41d5f0".repeat(5000));
        for (texts, is_built) in [(vec![&commit], false), (vec![&commit, &commit], true), (vec![&long], true)]
        {
            let (mut matcher, mut work) = (Matcher::default(), Work::new(1_000_000));
            for text in texts {
                assert_eq!(matcher.matches(&pattern, text, &mut work), Ok(text.len() == 40));
            }
            assert_eq!(matcher.learned[&key(&pattern)].is_some(), is_built);
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
