//! DynamoDB stream → index: writes what search and gates need of each new event, and announces the gates that are complete.

mod index_events;
mod lag;
mod store;
mod time;

use std::process::ExitCode;

use index_events::IndexEvents;
use lambda_runtime::Error;
use xzepr_indexing::Indexer;
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
    let index = table.index(settings.index()?);
    let function = IndexEvents::new(Indexer::new(table, index.clone()), index);
    xzepr_batch::run(|batch| function.index(batch)).await
}
