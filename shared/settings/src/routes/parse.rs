//! Parses the list of routes. All faults of all routes are returned, each with the route's name.

use std::{collections::HashSet, str::FromStr};

use serde_json::value::RawValue;
use xzepr_domain::EventKind;

use super::{
    Defaults, MAX_ROUTES, ROUTES, RouteSettings,
    condition::{Condition, Conditions},
    field::{Field, names},
    key::KeyChoice,
    members::Members,
    route_name::RouteName,
    topic_template::TopicTemplate,
};
use crate::{
    format::{Format, UnknownFormat},
    kafka::COMPRESSION,
};

const MEMBERS: &str = "name, topic, format, key, compression and when";

pub(super) fn routes(text: &str, defaults: &Defaults<'_>) -> Result<Vec<RouteSettings>, Vec<String>> {
    let list: Vec<Members> =
        serde_json::from_str(text).map_err(|error| vec![format!("{}: {error}", ROUTES.rule)])?;
    if !(1..=MAX_ROUTES).contains(&list.len()) {
        return Err(vec![format!("has {} routes, and must have 1 to {MAX_ROUTES}", list.len())]);
    }
    let (mut routes, mut faults, mut names) = (Vec::new(), Vec::new(), HashSet::new());
    for (index, mut members) in list.into_iter().enumerate() {
        let mut route = RouteReader { label: format!("number {}", index + 1), faults: Vec::new() };
        if let Some(parsed) = route.read(&mut members, defaults) {
            if !names.insert(parsed.name.clone()) {
                route.fault("name", "is the name of an earlier route");
            }
            routes.push(parsed);
        }
        faults.append(&mut route.faults);
    }
    if faults.is_empty() { Ok(routes) } else { Err(faults) }
}

/// Reads one route and collects its faults.
struct RouteReader {
    /// Its name, or its number if it has none.
    label: String,
    faults: Vec<String>,
}

impl RouteReader {
    fn fault(&mut self, member: &str, fault: &str) {
        self.faults.push(format!("has a fault in route {}: {member} {fault}", self.label));
    }

    /// The route. It is `None` if there is a fault, and can be something else if there is one.
    fn read(&mut self, members: &mut Members, defaults: &Defaults<'_>) -> Option<RouteSettings> {
        let name = match members.take("name") {
            Some(name) => self.value::<RouteName>("name", &name, RouteName::RULE),
            None => {
                self.fault("name", "is missing");
                None
            }
        };
        if let Some(name) = &name {
            self.label = name.to_string();
        }
        let topic = match members.take("topic") {
            Some(topic) => self.topic(&topic, defaults),
            None => {
                self.fault("topic", "is missing");
                None
            }
        };
        let format = self.optional(members, "format", UnknownFormat::RULE, defaults.format);
        let key = self.optional(members, "key", KeyChoice::RULE, KeyChoice::Id);
        let compression = self.optional(members, "compression", COMPRESSION.rule, defaults.compression);
        let when = match members.take("when") {
            Some(when) => self.conditions(&when, defaults),
            None => Some(Conditions::default()),
        };
        for (name, _) in members.0.drain(..) {
            let is_known = MEMBERS.split([',', ' ']).any(|known| known == name);
            let fault = if is_known {
                "exists twice".to_owned()
            } else {
                format!("does not exist; there are {MEMBERS}")
            };
            self.fault(&name, &fault);
        }
        let route = RouteSettings {
            name: name?,
            topic: topic?,
            format: format?,
            key: key?,
            compression: compression?,
            when: when?,
        };
        if route.format == Format::CdEvents && route.key != KeyChoice::Id {
            self.fault(
                "key",
                "must be id with the format cdevents, whose messages have the event's id nowhere else",
            );
        }
        self.check_kinds(&route);
        Some(route)
    }

    fn text(&mut self, member: &str, value: &RawValue) -> Option<String> {
        let text = serde_json::from_str(value.get()).ok();
        if text.is_none() {
            self.fault(member, "must be a text");
        }
        text
    }

    fn value<T: FromStr>(&mut self, member: &str, value: &RawValue, rule: &str) -> Option<T> {
        let parsed = self.text(member, value)?.parse().ok();
        if parsed.is_none() {
            self.fault(member, rule);
        }
        parsed
    }

    fn optional<T: FromStr>(
        &mut self,
        members: &mut Members,
        member: &str,
        rule: &str,
        default: T,
    ) -> Option<T> {
        match members.take(member) {
            Some(value) => self.value(member, &value, rule),
            None => Some(default),
        }
    }

    fn topic(&mut self, value: &RawValue, defaults: &Defaults<'_>) -> Option<TopicTemplate> {
        let text = self.text("topic", value)?;
        match TopicTemplate::parse(&text, defaults.environment) {
            Ok(topic) => Some(topic),
            Err(faults) => {
                faults.iter().for_each(|fault| self.fault("topic", fault));
                None
            }
        }
    }

    fn conditions(&mut self, when: &RawValue, defaults: &Defaults<'_>) -> Option<Conditions> {
        let Ok(Members(members)) = serde_json::from_str(when.get()) else {
            self.fault("when", "must be an object");
            return None;
        };
        let faults = self.faults.len();
        let mut conditions: Vec<Condition> = Vec::with_capacity(members.len());
        for (name, value) in members {
            let member = format!("when.{name}");
            let Ok(field) = name.parse() else {
                self.fault(&member, &format!("does not exist; there are {}", names(Field::ALL.into_iter())));
                continue;
            };
            if conditions.iter().any(|condition| condition.field == field) {
                self.fault(&member, "exists twice");
            }
            if field == Field::Environment && defaults.environment.is_none() {
                self.fault(&member, "needs XZEPR_ENVIRONMENT");
            }
            let values = self.values(field, &member, &value);
            match Condition::parse(field, values) {
                Ok(condition) => conditions.push(condition),
                Err(faults) => faults.iter().for_each(|fault| self.fault(&member, fault)),
            }
        }
        (self.faults.len() == faults).then_some(Conditions(conditions))
    }

    fn values(&mut self, field: Field, member: &str, value: &RawValue) -> Vec<String> {
        let given: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_else(|_| vec![value]);
        if given.is_empty() {
            self.fault(member, "must have at least one value");
        }
        let mut values = Vec::with_capacity(given.len());
        for value in given {
            let text = if field == Field::Success {
                serde_json::from_str(value.get()).ok().map(|flag: bool| flag.to_string())
            } else {
                serde_json::from_str(value.get()).ok().filter(|text: &String| !text.is_empty())
            };
            match text {
                Some(text) => values.push(text),
                None if field == Field::Success => {
                    self.fault(member, "must be true or false, or a list of both");
                }
                None => self.fault(member, "must be a text that is not empty, or a list of such texts"),
            }
        }
        values
    }

    /// Refuses conditions that no event fulfils, and a topic with a field that some of the route's events lack.
    fn check_kinds(&mut self, route: &RouteSettings) {
        let kinds: Vec<_> = EventKind::ALL.into_iter().filter(|kind| route.when.allow(*kind)).collect();
        if kinds.is_empty() {
            let all = EventKind::ALL.map(EventKind::as_str).join(", ");
            self.fault(
                "when",
                &format!("matches no event: the kinds are {all}, and a group has no receiver"),
            );
        }
        for field in route.topic.fields() {
            if let Some(kind) = kinds.iter().find(|kind| !field.is_of(**kind)) {
                let fault = format!(
                    "contains {{{field}}}, which events of kind {kind} lack: leave them out with \"when\": \
                     {{\"{field}\": \"*\"}}"
                );
                self.fault("topic", &fault);
            }
        }
    }
}
