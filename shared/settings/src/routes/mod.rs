//! `routes`: the messages that an event makes, and the topics that they go to.

mod condition;
mod field;
mod key;
mod members;
mod parse;
mod route_name;
#[cfg(test)]
mod tests;
mod topic_template;
mod topics;

use crate::{
    Compression, Format,
    kafka::{COMPRESSION, DEFAULT_TOPIC, is_topic_name},
    messages::FORMAT,
    reader::Reader,
    registry,
    setting::{Setting, settings},
};

pub use condition::{Condition, Conditions};
pub use field::Field;
pub use key::KeyChoice;
pub use route_name::RouteName;
pub use topic_template::{InvalidTopic, TopicTemplate};
use topics::Topics;

settings! {
    ROUTES = Setting {
        variable: "XZEPR_ROUTES",
        key: "routes",
        default: None,
        rule: "must be a JSON array of objects with name, topic, format, key, compression and when",
    };
    TOPICS = Setting {
        variable: "XZEPR_KAFKA_TOPICS",
        key: "kafka.topics",
        default: None,
        rule: "must be names of topics, separated by commas; a name that ends in '*' is a prefix",
    };
}

/// The most bytes of all environment variables of a function.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_ENVIRONMENT_BYTES: usize = 4096;

/// The most routes. Each event is compared with all of them.
const MAX_ROUTES: usize = 100;

/// A route: the events that it matches, and the message that each of them makes.
#[derive(Debug, Clone)]
pub struct RouteSettings {
    /// Its name, which no other route has.
    pub name: RouteName,
    /// The topic of its messages.
    pub topic: TopicTemplate,
    /// The format of its messages.
    pub format: Format,
    /// The key of its messages.
    pub key: KeyChoice,
    /// The codec of its messages.
    pub compression: Compression,
    /// The events that it matches.
    pub when: Conditions,
}

/// The values of a route that does not name its own.
#[derive(Debug)]
struct Defaults<'a> {
    format: Format,
    compression: Compression,
    environment: Option<&'a str>,
}

/// Reads the list of routes. Without one, there is the default route, which takes every event to the default topic.
pub(crate) fn read(reader: &mut Reader<'_>, environment: Option<&str>) -> Option<Vec<RouteSettings>> {
    let format = reader.value(&FORMAT);
    let compression = reader.value(&COMPRESSION);
    let topics: Option<Topics> = reader.value(&TOPICS);
    let default_topic = reader.checked(&DEFAULT_TOPIC, |name: &String| is_topic_name(name));
    let defaults = Defaults { format: format?, compression: compression?, environment };
    let routes = match reader.text(&ROUTES) {
        Some(text) => {
            check_size(reader);
            match parse::routes(&text, &defaults) {
                Ok(routes) => routes,
                Err(faults) => {
                    faults.iter().for_each(|fault| reader.fault(&ROUTES, fault));
                    return None;
                }
            }
        }
        None => vec![default_route(default_topic?, &defaults)],
    };
    if let Some(topics) = topics {
        for route in routes.iter().filter(|route| !topics.cover(&route.topic)) {
            let RouteSettings { name, topic, .. } = route;
            reader.fault(&TOPICS, &format!("does not contain the topic {topic} of route {name}"));
        }
    }
    Some(routes)
}

fn default_route(topic: String, defaults: &Defaults<'_>) -> RouteSettings {
    RouteSettings {
        name: RouteName::default(),
        topic: TopicTemplate::fixed(topic),
        format: defaults.format,
        key: KeyChoice::Id,
        compression: defaults.compression,
        when: Conditions::default(),
    }
}

/// Lambda refuses a function with larger variables. Here the fault names the setting that makes them large.
fn check_size(reader: &mut Reader<'_>) {
    if reader.environment(&[ROUTES.variable]).is_none() {
        return;
    }
    let size_of = |name: &str| reader.environment(&[name]).map_or(0, |value| name.len() + value.len());
    let size: usize = registry::all().map(|setting| size_of(setting.variable)).sum();
    if size > MAX_ENVIRONMENT_BYTES {
        let fault = format!(
            "is too long: all environment variables have {size} bytes, and Lambda accepts \
             {MAX_ENVIRONMENT_BYTES}; put the routes into the file of XZEPR_CONFIG_FILE"
        );
        reader.fault(&ROUTES, &fault);
    }
}
