//! Reads the event: an item of the table, or the body of a request.

use tokio::{
    fs,
    io::{AsyncReadExt, stdin},
};
use xzepr_domain::{Budget, Event, EventId, EventRequest, JsonText, Rejected, Schema};
use xzepr_store::{Key, Table};

use super::STANDARD_INPUT;
use crate::error::{Context, Error, Result};

/// The flag that a person forgets beside a running `local`, who has no settings of AWS at all.
const ENDPOINT: &str = "--dynamodb-endpoint http://127.0.0.1:8000";

/// An event, and where it is from.
#[derive(Debug)]
pub(super) struct ExplainedEvent {
    pub(super) event: Event,
    /// Whether it is in the table. An event of a body gets its id when it is posted.
    pub(super) is_stored: bool,
}

/// Reads the event with an id, or the one that a file contains.
pub(super) async fn read(text: &str, table: &Table) -> Result<ExplainedEvent> {
    if let Ok(id) = text.parse() {
        return stored(id, table).await.map(|event| ExplainedEvent { event, is_stored: true });
    }
    let body = if text == STANDARD_INPUT {
        let mut body = String::new();
        stdin().read_to_string(&mut body).await.context("reading the standard input")?;
        body
    } else {
        fs::read_to_string(text)
            .await
            .context(format!("{text} is no event's id, and no file that can be read"))?
    };
    of_body(&body).map(|event| ExplainedEvent { event, is_stored: false })
}

async fn stored(id: EventId, table: &Table) -> Result<Event> {
    let item = table.event(&Key::event(id)).await;
    match item.context(format!("reading event {id} (beside a running `local`: {ENDPOINT})"))? {
        Some(Ok(event)) => Ok(event),
        Some(Err(error)) => Err(Error::new(format!("the item of event {id} is no event: {error}"))),
        None => Err(Error::new(format!(
            "there is no event {id} in the table; the event of a new receiver or group has an id of its own"
        ))),
    }
}

/// The event that a POST of the body makes. A body with a `specversion` is a CloudEvent. The payload may be any, since no
/// route looks at it.
fn of_body(body: &str) -> Result<Event> {
    let members: serde_json::Value = serde_json::from_str(body).context("the body is not JSON")?;
    let request = match members.get("specversion") {
        None => EventRequest::parse(body),
        Some(_) => EventRequest::parse_structured(body),
    };
    let request = request.context("the body cannot be read")?;
    let any = JsonText::try_from("true".to_owned()).context("the schema of any payload")?;
    let schema = Schema::compile(&any).context("the schema of any payload")?;
    let event = request.accept(Some(Ok(&schema)), EventId::generate(), &mut Budget::default());
    event.map_err(|Rejected { faults }| {
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        Error::new(format!("a POST would refuse the body: {}", faults.join("; ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    const RECEIVER: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";

    #[test]
    fn a_body_and_a_cloud_event_are_events() {
        let event = of_body(&samples::event(RECEIVER).to_string()).unwrap();
        assert_eq!((&*event.package, event.event_receiver_id.to_string()), ("myapp", RECEIVER.to_owned()));
        let cloud_event = serde_json::json!({
            "specversion": "1.0", "id": "1", "source": "/ci", "type": "build", "receiverid": RECEIVER, "version": "1",
            "release": "r", "platformid": "p", "package": "k", "description": "d", "data": {},
        });
        assert_eq!(&*of_body(&cloud_event.to_string()).unwrap().name, "build");
    }

    #[test]
    fn a_body_that_is_refused_has_all_of_its_faults() {
        let mut body = samples::event(RECEIVER);
        body["name"] = "".into();
        body["success"] = "yes".into();
        let error = of_body(&body.to_string()).unwrap_err().to_string();
        assert!(error.starts_with("a POST would refuse the body: name: "), "{error}");
        assert!(error.contains("; success: "), "{error}");
        for body in ["", "{", "[]", "1"] {
            assert!(of_body(body).is_err(), "{body}");
        }
    }
}
