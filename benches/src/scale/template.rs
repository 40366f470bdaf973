//! The settings of `template.yaml` that bound the load.

use saphyr::{LoadableYamlNode, Yaml};

const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml"));

/// The settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The mapping of publish-events.
    pub publish: Mapping,
    /// The mapping of index-events.
    pub index: Mapping,
    /// `MemorySize` of publish-events, in MB.
    pub publish_memory: f64,
    /// `MemorySize` of index-events, in MB.
    pub index_memory: f64,
    /// `RequestsPerSecond` of each route.
    pub requests_per_second: f64,
    /// `KafkaDefaultTopicPartitions`.
    pub kafka_partitions: f64,
    /// `ReplayMaxEventsPerSecond`.
    pub replay_rate: f64,
}

/// The properties of an event source mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapping {
    /// The most records of an invocation.
    pub batch_size: u64,
    /// The longest time in which records are gathered for a batch, in seconds.
    pub window_s: u64,
    /// How many batches of a shard run at once.
    pub parallelization_factor: u64,
    /// Whether a batch is split in two when the function fails.
    pub bisect: bool,
    /// The number of retries of a batch; `None` if there is no limit.
    pub retries: Option<u64>,
    /// The age at which a record is given up, in seconds.
    pub record_age_s: u64,
}

/// A setting that `template.yaml` lacks, or whose value cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("template.yaml: cannot read {0}")]
pub struct InvalidTemplate(String);

impl Template {
    /// Reads the settings of the template that this was compiled with.
    pub fn read() -> Result<Self, InvalidTemplate> {
        let documents = Yaml::load_from_str(TEXT).map_err(|error| InvalidTemplate(error.to_string()))?;
        let root = documents.first().ok_or_else(|| InvalidTemplate("anything".to_owned()))?;
        let parameter = |name| number(root, &["Parameters", name, "Default"]);
        let memory = |name| number(root, &["Resources", name, "Properties", "MemorySize"]);
        Ok(Self {
            publish: mapping(root, "PublishEventsStream")?,
            index: mapping(root, "IndexEventsStream")?,
            publish_memory: memory("PublishEvents")? as f64,
            index_memory: memory("IndexEvents")? as f64,
            requests_per_second: parameter("RequestsPerSecond")? as f64,
            kafka_partitions: parameter("KafkaDefaultTopicPartitions")? as f64,
            replay_rate: parameter("ReplayMaxEventsPerSecond")? as f64,
        })
    }
}

fn mapping(root: &Yaml<'_>, name: &str) -> Result<Mapping, InvalidTemplate> {
    let property = |property| number(root, &["Resources", name, "Properties", property]);
    let whole = |name| {
        let value = property(name)?;
        u64::try_from(value).map_err(|_| InvalidTemplate(format!("{name}: {value} is negative")))
    };
    let bisect = ["Resources", name, "Properties", "BisectBatchOnFunctionError"];
    Ok(Mapping {
        batch_size: whole("BatchSize")?,
        window_s: whole("MaximumBatchingWindowInSeconds")?,
        parallelization_factor: whole("ParallelizationFactor")?,
        bisect: find(root, &bisect).and_then(Yaml::as_bool).ok_or_else(|| missing(&bisect))?,
        // -1 is no limit.
        retries: u64::try_from(property("MaximumRetryAttempts")?).ok(),
        record_age_s: whole("MaximumRecordAgeInSeconds")?,
    })
}

fn find<'a>(root: &'a Yaml<'a>, path: &[&str]) -> Option<&'a Yaml<'a>> {
    path.iter().try_fold(root, |node, name| node.as_mapping_get(name))
}

/// A number, also one that is written as a text.
fn number(root: &Yaml<'_>, path: &[&str]) -> Result<i64, InvalidTemplate> {
    let value = find(root, path);
    let number = value.and_then(|value| value.as_integer().or_else(|| value.as_str()?.parse().ok()));
    number.ok_or_else(|| missing(path))
}

fn missing(path: &[&str]) -> InvalidTemplate {
    InvalidTemplate(path.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_are_those_of_the_template() {
        let template = Template::read().unwrap();
        assert_eq!(template.publish, template.index);
        assert!(template.publish.bisect && template.publish.retries.is_none());
        assert!(TEXT.contains(&format!("BatchSize: {}\n", template.publish.batch_size)));
        assert!(TEXT.contains(&format!("MaximumRecordAgeInSeconds: {}\n", template.index.record_age_s)));
    }
}
