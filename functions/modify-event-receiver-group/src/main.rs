//! `PATCH /api/v1/event-receiver-groups/{id}`: a group is enabled or disabled, and consumers are told.

mod modify_event_receiver_group;
mod store;

use std::process::ExitCode;

use lambda_http::{Error, run, service_fn};
use modify_event_receiver_group::ModifyEventReceiverGroup;
use xzepr_settings::Settings;
use xzepr_store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    xzepr_telemetry::init();
    xzepr_telemetry::exit_code(serve().await)
}

async fn serve() -> Result<(), Error> {
    let table = Table::connect(Settings::load()?.table()?)?;
    table.warm_up().await;
    let modify_event_receiver_group = ModifyEventReceiverGroup::new(table);
    let api = modify_event_receiver_group.api();
    run(service_fn(|request| api.respond(request))).await
}
