//! The memory and the batches of the functions are those of the template.

use std::fs;

use crate::cost::{Functions, runs::BATCH_SIZE};

fn template() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml")).unwrap()
}

/// The number after this name, in the block of the template that begins with this line.
fn number(template: &str, block: &str, name: &str) -> Option<f64> {
    let (_, rest) = template.split_once(&format!("\n{block}:\n"))?;
    let indent = block.len() - block.trim_start().len();
    let is_inside = |line: &&str| line.trim().is_empty() || line.len() - line.trim_start().len() > indent;
    let line = rest.lines().take_while(is_inside).find_map(|line| line.trim().strip_prefix(name))?;
    line.trim_start_matches(':').trim().parse().ok()
}

#[test]
fn the_functions_have_the_memory_of_the_template() {
    let template = template();
    let functions = Functions::default();
    let global = number(&template, "Globals", "MemorySize").unwrap();
    for (name, work) in [
        ("CreateEvent", functions.create_event),
        ("PublishEvents", functions.publish_events),
        ("IndexEvents", functions.index_events),
        ("QueryRegistry", functions.query_registry),
    ] {
        assert!(template.contains(&format!("\n  {name}:\n")), "{name}");
        let memory = number(&template, &format!("  {name}"), "MemorySize").unwrap_or(global);
        assert_eq!(work.memory_mb, memory, "{name}");
    }
}

#[test]
fn the_batches_are_those_of_the_template() {
    let template = template();
    for mapping in ["PublishEventsStream", "IndexEventsStream"] {
        let mapping = format!("  {mapping}");
        assert_eq!(number(&template, &mapping, "BatchSize"), Some(BATCH_SIZE));
        assert_eq!(number(&template, &mapping, "MaximumBatchingWindowInSeconds"), Some(0.0));
        assert_eq!(number(&template, &mapping, "ParallelizationFactor"), Some(1.0));
    }
}
