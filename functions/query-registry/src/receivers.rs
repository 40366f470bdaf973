//! `GET` of event receivers.

use xzepr_domain::ReceiverId;
use xzepr_http::{HttpError, Kept, Noun, Parameters, Query, Read};
use xzepr_queries::{Entities, ReadEntities, ReceiverFilter, WithData};

use crate::window::window;

const UNKNOWN: HttpError = HttpError::UnknownId(Noun::EventReceiver);

/// A receiver.
pub(crate) async fn get(
    entities: &Entities<impl ReadEntities>,
    Read { id, known, .. }: Read<ReceiverId>,
) -> Result<Kept, HttpError> {
    let receiver = entities.receiver(id).await?.ok_or(UNKNOWN)?;
    Ok(Kept::immutable(&WithData::new(&*receiver), &known))
}

/// The schema of a receiver's payloads as it was sent.
pub(crate) async fn get_schema(
    entities: &Entities<impl ReadEntities>,
    Read { id, known, .. }: Read<ReceiverId>,
) -> Result<Kept, HttpError> {
    let receiver = entities.receiver(id).await?.ok_or(UNKNOWN)?;
    Ok(Kept::schema(receiver.schema.as_str(), &known))
}

/// A part of the receivers that match all parameters, newest first.
pub(crate) async fn list(
    entities: &Entities<impl ReadEntities>,
    Query(query): Query,
) -> Result<Kept, HttpError> {
    let parameters = Parameters::new(&query, &["type", "name", "version", "fingerprint", "limit", "offset"])?;
    let fingerprint = parameters.value("fingerprint").map(str::parse).transpose();
    let filter = ReceiverFilter {
        r#type: parameters.text("type")?,
        name: parameters.text("name")?,
        version: parameters.text("version")?,
        fingerprint: fingerprint.map_err(|rule| HttpError::invalid_parameter("fingerprint", rule))?,
    };
    Ok(Kept::never(&entities.receivers(&filter, window(&parameters)?).await?))
}
