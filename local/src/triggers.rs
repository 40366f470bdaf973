//! The tasks that invoke functions without a caller: event source mappings, the on-failure queue and the schedules.

use std::{collections::BTreeMap, sync::Arc};

use aws_sdk_dynamodbstreams::Client;
use tokio::{sync::watch, task::JoinSet};

use crate::{
    error::Result,
    event_source_mapping::{self, FailedInvocations, FunctionClient, Mapping, Source},
    functions::Functions,
    lambda,
    on_failure_queue::OnFailureQueue,
    options::Options,
    template::Template,
};

/// The function with the schedule that [`Options::resume_replays_every`] changes.
const RESUME_REPLAYS: &str = "resume-replays";

/// The table's stream.
pub(crate) struct Stream {
    pub(crate) client: Client,
    pub(crate) arn: String,
    /// Changes whenever a function may have written.
    pub(crate) activity: watch::Receiver<()>,
}

/// Starts the tasks. They end when the set is dropped.
pub(crate) fn start(
    options: &Options,
    template: Template,
    stream: &Stream,
    api_url: &str,
    functions: &Functions,
    failed: &BTreeMap<String, FailedInvocations>,
) -> Result<JoinSet<()>> {
    let mut tasks = JoinSet::new();
    let on_failure = Arc::new(OnFailureQueue::new(options.log_dir.join("on-failure-queue.jsonl")));
    tasks.spawn(Arc::clone(&on_failure).consume(api_url.to_owned(), template.queue_consumer.clone()));
    for (name, mapping) in &template.mappings {
        let source = Source {
            function_name: name.clone(),
            client: stream.client.clone(),
            stream_arn: stream.arn.clone(),
            positions: options.data_dir.as_ref().map(|dir| dir.join(format!("{name}-position.json"))),
            on_failure: Arc::clone(&on_failure),
            activity: stream.activity.clone(),
        };
        let maximum_record_age = options.maximum_record_age.filter(|_| mapping.has_on_failure_queue);
        let mapping = Mapping {
            maximum_record_age: maximum_record_age.unwrap_or(mapping.maximum_record_age),
            ..mapping.clone()
        };
        let timeout = template.function(name)?.timeout;
        let deaths = functions.deaths(name)?;
        let function = FunctionClient::new(
            api_url,
            name,
            timeout,
            deaths,
            failed.get(name).cloned().unwrap_or_default(),
        )
        .keep(options.deliveries.clone());
        let name = name.clone();
        tasks.spawn(async move {
            if let Err(error) = event_source_mapping::run(source, mapping, function).await {
                eprintln!("the event source mapping of {name} ended: {error}");
            }
        });
    }
    for mut schedule in template.schedules {
        if schedule.function == RESUME_REPLAYS {
            schedule.every = options.resume_replays_every.unwrap_or(schedule.every);
        }
        tasks.spawn(lambda::run_by_schedule(api_url.to_owned(), schedule));
    }
    Ok(tasks)
}
