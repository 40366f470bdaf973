//! Replay → Kafka or index: leases a replay and publishes or indexes the events of its time range again, until the range
//! or the invocation's time ends. manage-replays and replay-unpublished invoke it for a new replay. resume-replays invokes it
//! for a replay that no invocation works on.

mod chunk;
mod index;
mod kafka;
mod pace;
mod read_items;
mod replay_events;
mod slice;
mod store;
mod target;

use std::process::ExitCode;

use lambda_runtime::{Error, run, service_fn};
use replay_events::ReplayEvents;
use xzepr_indexing::Indexer;
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
    let table = Table::connect(settings.table()?)?;
    let dead_letters = table.dead_letters(settings.dead_letters()?);
    let publisher = Publisher::new(&settings, table.clone(), dead_letters).await?;
    stop_with_the_process(&publisher).await;
    let indexer = Indexer::new(table.clone(), table.index(settings.index()?));
    let function = ReplayEvents::new(table, publisher, indexer, settings.replay()?);
    run(service_fn(|request| function.replay(request))).await
}
