//! DynamoDB stream → Kafka: publishes every new event item as a message on the topic.

mod publish_events;

use std::process::ExitCode;

use lambda_runtime::Error;
use publish_events::PublishEvents;
use xzepr_publishing::{Publisher, stop_with_the_process};
use xzepr_settings::Settings;
use xzepr_store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    xzepr_telemetry::init();
    xzepr_telemetry::exit_code(serve().await)
}

async fn serve() -> Result<(), Error> {
    let settings = Settings::load()?;
    // A usual batch uses only Kafka.
    let table = Table::connect_later(settings.table()?)?;
    let dead_letters = table.dead_letters(settings.dead_letters()?);
    let mut publisher = Publisher::new(&settings, table, dead_letters).await?;
    publisher.register_schemas().await?;
    publisher.prepare().await;
    stop_with_the_process(&publisher).await;
    let function = PublishEvents::new(publisher);
    xzepr_batch::run(|batch| function.publish(batch)).await
}
