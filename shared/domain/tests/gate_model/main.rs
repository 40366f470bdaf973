//! A model of the gates, searched in every interleaving.
//!
//! Two groups share three receivers, and everything is about one artifact. POSTs, the deliveries of their records in any
//! order, repeated deliveries, crashes, PATCHes, a rebuild of the index and the steps of every evaluation interleave in
//! every way. The rules are
//! those of the domain, by the code that runs: [`Latest::raise`](xzepr_domain::gate::Latest::raise),
//! [`evaluate`](xzepr_domain::gate::evaluate) and [`Commit::holds`](xzepr_domain::gate::Commit::holds). The properties
//! look at the accepted events alone.
//!
//! Each check is then left out once, and the search must find a property that breaks. This command prints the shortest
//! counterexamples:
//!
//! ```sh
//! cargo test -p xzepr-domain --test gate_model -- --nocapture without
//! ```
//!
//! The search is our own, since it is a hundred lines and its states hold the domain's own types. A crate for model
//! checking would bring some fifty crates, for its web page and its parallel search.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test ends by a panic")]

mod actions;
mod description;
mod evaluation;
mod properties;
mod rules;
mod scripts;
mod search;
mod state;

use std::collections::BTreeSet;

use actions::Fact;
use properties::Property;
use rules::Check;
use scripts::{Group, Script};
use search::search;

const AB: Group = Group::of("ab");
const BC: Group = Group::of("bc");

fn assert_every_property(scripts: Vec<Script>) -> BTreeSet<Fact> {
    let mut facts = BTreeSet::new();
    for script in scripts {
        let started = std::time::Instant::now();
        let search = search(&script, None);
        println!("{}: {} states, {:?}", script.text, search.states, started.elapsed());
        if let Some(counterexample) = search.counterexample {
            panic!("{counterexample}");
        }
        facts.extend(search.facts);
    }
    facts
}

/// Leaves a check out. Returns the property that breaks.
fn broken_without(check: Check, script: Script) -> Property {
    let all = search(&script, None);
    assert!(all.counterexample.is_none(), "the properties hold with all checks");
    let counterexample = search(&script, Some(check)).counterexample;
    let counterexample = counterexample.unwrap_or_else(|| panic!("no property breaks without {check:?}"));
    println!("Without {check:?}, {counterexample}");
    counterexample.property
}

#[test]
fn every_property_holds_in_every_state() {
    let facts = assert_every_property(scripts::small());
    let expected = [
        Fact::Completed(1),
        Fact::Completed(2),
        Fact::AnnouncedEnd,
        Fact::AnnouncedEndWithCompletion,
        Fact::RefusedSinceDisabled,
        Fact::RefusedSinceChanged,
    ];
    assert_eq!(facts, BTreeSet::from(expected), "the scripts reach every kind of commit");
}

#[test]
#[ignore = "takes minutes"]
fn every_property_holds_in_every_state_of_longer_scripts() {
    assert_every_property(scripts::large());
}

#[test]
fn without_the_ledger_at_the_post_a_group_completes_against_an_accepted_failure() {
    assert_eq!(broken_without(Check::LedgerAtPost, Script::new("a+>a->b+", [AB, BC])), Property::S1);
}

#[test]
fn without_the_evaluation_of_failures_a_completion_is_missed() {
    assert_eq!(broken_without(Check::EvaluationOfReds, Script::new("a+>b+>a+ a-", [AB, BC])), Property::L1);
}

#[test]
fn without_the_order_of_greens_before_ledger_and_gates_a_completion_is_missed() {
    assert_eq!(broken_without(Check::FactsAfterGreens, Script::new("a+>b+>a+ a-", [AB, BC])), Property::L1);
}

#[test]
fn without_the_evaluation_of_failures_the_end_of_a_completion_is_not_announced() {
    assert_eq!(
        broken_without(Check::EvaluationOfReds, Script::new("a+>b+>a-", [AB.notifies(), BC])),
        Property::N2
    );
}

#[test]
fn without_the_revision_of_the_ledger_a_group_completes_against_an_accepted_failure() {
    assert_eq!(broken_without(Check::RedsRevision, Script::new("a+ b+ a-", [AB, BC])), Property::S1);
}

#[test]
fn without_the_revision_of_the_gate_a_group_completes_twice() {
    assert_eq!(
        broken_without(Check::GateRevision, Script::new("a+ b+", [AB, BC]).with_redeliveries(1)),
        Property::U1
    );
}

#[test]
fn without_the_condition_on_the_group_a_disabled_group_completes() {
    assert_eq!(broken_without(Check::Enabled, Script::new("a+ b+", [AB.patched(1), BC])), Property::S1);
}

#[test]
fn without_the_comparison_of_failures_with_greens_a_group_completes_against_an_accepted_failure() {
    assert_eq!(broken_without(Check::RedAfterGreen, Script::new("a+ b+ a-", [AB, BC])), Property::S1);
}

#[test]
fn without_the_comparison_of_failures_with_the_last_completion_a_group_completes_twice() {
    assert_eq!(broken_without(Check::RedAfterBasis, Script::new("a+>b+>a+", [AB, BC])), Property::U1);
}

#[test]
fn without_the_comparison_with_the_last_completion_a_repeating_group_completes_twice_for_the_same_events() {
    assert_eq!(
        broken_without(Check::LaterThanBasis, Script::new("a+ b+", [AB.repeats(), BC]).with_redeliveries(1)),
        Property::U1
    );
}

#[test]
fn without_the_number_of_the_announced_end_an_end_is_announced_twice() {
    assert_eq!(
        broken_without(
            Check::AnnouncedOnce,
            Script::new("a+>b+>a-", [AB.notifies(), BC]).with_redeliveries(1)
        ),
        Property::N1
    );
}

#[test]
fn without_the_maximum_of_the_greens_a_completion_is_missed() {
    assert_eq!(broken_without(Check::GreatestGreen, Script::new("a+>a->a+>b+", [AB, BC])), Property::L1);
}

#[test]
fn without_the_maximum_of_the_failures_a_group_completes_against_an_accepted_failure() {
    assert_eq!(broken_without(Check::GreatestRed, Script::new("a- a+ a- b+", [AB, BC])), Property::S1);
}
