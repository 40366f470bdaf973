//! The rows of the measurement.

mod batches;
mod brokers;
mod completions;
mod end_to_end;
mod functions;
mod gates;
mod gets;
mod growth;
mod instructions;
mod posts;
mod process;
mod publish_events;
mod quotas;
mod replays;
mod requests;
mod sending;
mod sizes;
mod system;
mod warm;

use axum::body::Bytes;
use local::Result;

use super::{
    Bench, Row,
    environment::Cost,
    report::{Figures, Table},
};

pub(super) use self::{
    publish_events::{publisher, start_kafka},
    sizes::zip_bytes,
};

/// A response must be 200 or have no failed record.
pub(super) fn check(response: &Bytes) -> Result<()> {
    requests::check(response)?;
    publish_events::check(response)
}

/// Measures one row. `None`, with a message on stderr, if this machine cannot measure it.
pub(super) async fn measure_row(row: Row, bench: &Bench) -> Result<Option<Figures>> {
    Ok(Some(match row {
        Row::CreateEvent => Figures::Table(posts::create_event(bench).await?),
        Row::LargePost => Figures::Table(posts::large_post(bench).await?),
        Row::GetEvent => Figures::Table(gets::get_event(bench).await?),
        Row::Functions => Figures::Matrix(functions::functions(bench).await?),
        Row::PublishEvents => Figures::Table(publish_events::publish_events(bench).await?),
        Row::Brokers => Figures::Table(brokers::brokers(bench).await?),
        Row::Sending => Figures::Table(sending::sending(bench).await?),
        Row::Batches => Figures::Matrix(batches::batches(bench).await?),
        Row::Replays => Figures::Matrix(replays::replays(bench).await?),
        Row::Quotas => return Ok(quotas::quotas(bench).await?.map(Figures::Matrix)),
        Row::Gates => Figures::Matrix(gates::gates(bench).await?),
        Row::EndToEnd => Figures::Matrix(end_to_end::end_to_end(bench).await?),
        Row::Completions => Figures::Table(completions::completions(bench).await?),
        Row::Growth => Figures::Matrix(growth::growth(bench).await?),
        Row::Instructions => Figures::Table(instructions::instructions(bench).await?),
        Row::Sizes => Figures::Table(sizes::sizes(bench).await?),
    }))
}

/// Adds both parts of a cost, in milliseconds.
fn add_cost(table: &mut Table, quantity: &str, subject: usize, cost: Cost) {
    table.add(&format!("{quantity}, CPU"), "ms", subject, cost.cpu.as_secs_f64() * 1e3);
    table.add(&format!("{quantity}, wall"), "ms", subject, cost.wall.as_secs_f64() * 1e3);
}
