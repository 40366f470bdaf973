//! `GET` of events.

use xzepr_domain::EventId;
use xzepr_http::{HttpError, Kept, Noun, Read};
use xzepr_queries::{Entities, ReadEntities, WithData};

/// An event with its receiver.
pub(crate) async fn get(
    entities: &Entities<impl ReadEntities>,
    Read { id, known, .. }: Read<EventId>,
) -> Result<Kept, HttpError> {
    let event = entities.event(id).await?.ok_or(HttpError::UnknownId(Noun::Event))?;
    Ok(Kept::immutable(&WithData::new(&event), &known))
}
