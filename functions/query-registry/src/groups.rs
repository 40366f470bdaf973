//! `GET` of event receiver groups.

use xzepr_domain::GroupId;
use xzepr_http::{HttpError, Kept, Noun, Parameters, Query, Read};
use xzepr_queries::{Entities, GroupFilter, ReadEntities, WithData};

use crate::window::window;

/// A group.
pub(crate) async fn get(
    entities: &Entities<impl ReadEntities>,
    Read { id, known, .. }: Read<GroupId>,
) -> Result<Kept, HttpError> {
    let group = entities.group(id).await?.ok_or(HttpError::UnknownId(Noun::EventReceiverGroup))?;
    Ok(Kept::changing(&WithData::new(&group), &known))
}

/// A part of the groups that match all parameters, newest first.
pub(crate) async fn list(
    entities: &Entities<impl ReadEntities>,
    Query(query): Query,
) -> Result<Kept, HttpError> {
    let names = ["type", "name", "version", "enabled", "event_receiver_id", "limit", "offset"];
    let parameters = Parameters::new(&query, &names)?;
    let filter = GroupFilter {
        r#type: parameters.text("type")?,
        name: parameters.text("name")?,
        version: parameters.text("version")?,
        enabled: parameters.flag("enabled")?,
        event_receiver_id: parameters.id("event_receiver_id")?,
    };
    Ok(Kept::never(&entities.groups(&filter, window(&parameters)?).await?))
}
