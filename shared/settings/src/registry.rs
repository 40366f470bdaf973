//! The list of all settings.

use crate::{
    dead_letters, index, kafka, login, messages, replay, routes, sasl, schema_registry, security,
    setting::Setting, table, tls,
};

/// Every setting of every section.
pub(crate) fn all() -> impl Iterator<Item = &'static Setting> {
    [
        table::SETTINGS,
        dead_letters::SETTINGS,
        index::SETTINGS,
        replay::SETTINGS,
        messages::SETTINGS,
        routes::SETTINGS,
        kafka::SETTINGS,
        security::SETTINGS,
        tls::SETTINGS,
        sasl::SETTINGS,
        login::SETTINGS,
        schema_registry::SETTINGS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::Settings;

    #[test]
    fn no_two_settings_have_the_same_variable_or_key() {
        let count = all().count();
        assert_eq!(all().map(|setting| setting.variable).collect::<HashSet<_>>().len(), count);
        assert_eq!(all().map(|setting| setting.key).collect::<HashSet<_>>().len(), count);
    }

    #[test]
    fn each_default_follows_its_rule() {
        let settings = Settings::new(|_| None, "").unwrap();
        settings.table().unwrap();
        settings.dead_letters().unwrap();
        settings.index().unwrap();
        settings.replay().unwrap();
        settings.messages().unwrap();
        settings.kafka().unwrap();
        assert!(settings.schema_registry().unwrap().is_none());
    }
}
