//! An event source mapping of the template.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::document::FunctionResponseType;
use crate::{
    error::{Context, Error, Result},
    event_source_mapping::{Filter, Mapping},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StreamMapping {
    #[expect(dead_code, reason = "its type allows one value")]
    starting_position: StartingPosition,
    parallelization_factor: u32,
    batch_size: usize,
    maximum_batching_window_in_seconds: u64,
    bisect_batch_on_function_error: bool,
    maximum_retry_attempts: i64,
    maximum_record_age_in_seconds: u64,
    function_response_types: Vec<FunctionResponseType>,
    destination_config: Option<Value>,
    filter_criteria: FilterCriteria,
}

/// The place at which a mapping starts to read. `local` supports only this one.
#[derive(Deserialize)]
enum StartingPosition {
    #[serde(rename = "TRIM_HORIZON")]
    TrimHorizon,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterCriteria {
    filters: Vec<FilterPattern>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterPattern {
    pattern: String,
}

impl StreamMapping {
    pub(super) fn mapping(self) -> Result<Mapping> {
        if self.parallelization_factor != 1 {
            return Err(Error::new(
                "template.yaml: `local` runs a mapping with ParallelizationFactor 1 only",
            ));
        }
        let patterns = self.filter_criteria.filters.iter();
        let filters = patterns.map(|filter| Filter::parse(&filter.pattern)).collect::<Result<_>>()?;
        let reports = FunctionResponseType::ReportBatchItemFailures;
        Ok(Mapping {
            batch_size: self.batch_size,
            batching_window: Duration::from_secs(self.maximum_batching_window_in_seconds),
            bisect_on_function_error: self.bisect_batch_on_function_error,
            // -1 means that the number of retries has no limit.
            maximum_retry_attempts: match self.maximum_retry_attempts {
                -1 => None,
                count => Some(u32::try_from(count).context("template.yaml: MaximumRetryAttempts")?),
            },
            maximum_record_age: Duration::from_secs(self.maximum_record_age_in_seconds),
            report_batch_item_failures: self.function_response_types.contains(&reports),
            has_on_failure_queue: self.destination_config.is_some(),
            filters,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn properties() -> Value {
        json!({
            "StartingPosition": "TRIM_HORIZON",
            "ParallelizationFactor": 1,
            "BatchSize": 500,
            "MaximumBatchingWindowInSeconds": 2,
            "BisectBatchOnFunctionError": true,
            "MaximumRetryAttempts": 3,
            "MaximumRecordAgeInSeconds": 60,
            "FunctionResponseTypes": [],
            "FilterCriteria": {"Filters": [{"Pattern": "{\"eventName\":[\"INSERT\"]}"}]},
        })
    }

    fn mapping(properties: &Value) -> Result<Mapping> {
        StreamMapping::deserialize(properties).context("properties")?.mapping()
    }

    #[test]
    fn a_mapping_has_the_properties_of_its_event() {
        let mapping = mapping(&properties()).unwrap();
        assert_eq!((mapping.batch_size, mapping.batching_window), (500, Duration::from_secs(2)));
        assert_eq!(mapping.maximum_record_age, Duration::from_secs(60));
        assert_eq!((mapping.maximum_retry_attempts, mapping.filters.len()), (Some(3), 1));
        assert!(mapping.bisect_on_function_error);
        assert!(!mapping.report_batch_item_failures && !mapping.has_on_failure_queue);
    }

    #[test]
    fn minus_one_means_no_limit_of_retries() {
        let mut properties = properties();
        properties["MaximumRetryAttempts"] = json!(-1);
        assert_eq!(mapping(&properties).unwrap().maximum_retry_attempts, None);
    }

    #[test]
    fn properties_that_local_does_not_support_are_errors() {
        for (name, value) in [
            ("StartingPosition", json!("LATEST")),
            ("ParallelizationFactor", json!(2)),
            ("MaximumRetryAttempts", json!(-2)),
            ("FunctionResponseTypes", json!(["Other"])),
            ("FilterCriteria", json!({"Filters": [{"Pattern": "{\"a\":[{\"exists\":true}]}"}]})),
        ] {
            let mut properties = properties();
            properties[name] = value;
            assert!(mapping(&properties).is_err(), "{name}");
        }
    }
}
