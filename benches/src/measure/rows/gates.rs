//! Batches of index-events, with and without completions.

use local::{Context, Error, Result};
use xzepr_domain::{Event, EventId, EventReceiverGroup, GroupId, ReceiverId};

use super::{
    publish_events,
    warm::{self, Case, Plan},
};
use crate::measure::{Bench, inputs, report::Matrix, subject::Subject};

/// The numbers of members of a group.
const MEMBERS: [usize; 3] = [1, 10, 100];

/// The records of a batch with completions. Each is of an artifact of its own.
const ARTIFACTS: usize = 20;

const PLAN: Plan = Plan { starts: 6, invocations: 25 };

/// index-events with batches without groups, with groups that stay incomplete, and with groups that each record
/// completes. Each completion must have been committed by a transaction of its own.
pub(super) async fn gates(bench: &Bench) -> Result<Matrix> {
    let indexer = indexer(bench);
    let hello = Subject::new(bench, "hello world", "hello-world");
    let mut matrix = warm::of_batches("Gates");
    for (case, completions) in cases(bench).await? {
        let before = bench.dynamodb.transactions();
        warm::measure(&mut matrix, &indexer, &hello, &case, &PLAN, publish_events::check).await?;
        let expected = completions * u64::try_from(PLAN.all()).context("the number of invocations")?;
        let committed = bench.dynamodb.transactions() - before;
        if committed != expected {
            let name = case.name;
            return Err(Error::new(format!("{name}: {committed} transactions in place of {expected}")));
        }
    }
    Ok(matrix)
}

/// index-events with the memory of `template.yaml`.
pub(super) fn indexer(bench: &Bench) -> Subject {
    Subject::new(bench, "index-events", "index-events").with("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
}

/// The batches, each with the number of completions that an invocation commits.
async fn cases(bench: &Bench) -> Result<Vec<(Case, u64)>> {
    let mut cases = Vec::new();
    for count in [ARTIFACTS, 100] {
        let receiver = ReceiverId::generate();
        cases.push((case(bench, format!("{count} events without a group"), receiver, count, &[]).await?, 0));
    }
    for members in MEMBERS {
        cases.push((completions(bench, members).await?, ARTIFACTS as u64));
    }
    let receivers: Vec<_> = (0..2).map(|_| ReceiverId::generate()).collect();
    let first = receivers[0];
    create_group(bench, receivers).await?;
    let name = format!("{ARTIFACTS} events of a group of 2 that stays incomplete");
    cases.push((case(bench, name, first, ARTIFACTS, &[]).await?, 0));
    Ok(cases)
}

/// Events that each complete a group with this many members.
pub(super) async fn completions(bench: &Bench, members: usize) -> Result<Case> {
    let receivers: Vec<_> = (0..members.max(1)).map(|_| ReceiverId::generate()).collect();
    create_group(bench, receivers.clone()).await?;
    let name = format!("{ARTIFACTS} events, each completes a group of {members}");
    case(bench, name, receivers[0], ARTIFACTS, &receivers[1..]).await
}

async fn create_group(bench: &Bench, event_receiver_ids: Vec<ReceiverId>) -> Result<()> {
    let group = EventReceiverGroup { id: GroupId::generate(), event_receiver_ids, ..xzepr_fixtures::group() };
    inputs::create_group(&bench.dynamodb, &group).await
}

/// A batch of events of a receiver, each of an artifact of its own. The other receivers have a success of each artifact
/// already.
async fn case(
    bench: &Bench,
    name: String,
    receiver: ReceiverId,
    count: usize,
    others: &[ReceiverId],
) -> Result<Case> {
    let mut events = Vec::with_capacity(count);
    for _ in 0..count {
        let payload = inputs::payload(inputs::PAYLOAD_BYTES)?;
        let artifact = EventId::generate().to_string().try_into().context("a version")?;
        let event =
            Event { payload, version: artifact, event_receiver_id: receiver, ..xzepr_fixtures::event() };
        for other in others {
            let before = Event { event_receiver_id: *other, id: EventId::generate(), ..event.clone() };
            bench.dynamodb.index().raise_green(&before).await.context("storing a success")?;
        }
        events.push(event);
    }
    let records = inputs::records_of(&bench.dynamodb, &events).await?;
    let count = u32::try_from(count).context("the number of records")?;
    Ok(Case { name, event: inputs::batch(&records), records: count })
}
