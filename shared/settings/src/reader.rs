//! Reads one section and collects what is wrong with it.

use std::str::FromStr;

use crate::{Settings, SettingsError};

pub(crate) struct Reader<'a> {
    settings: &'a Settings,
    faults: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(settings: &'a Settings) -> Self {
        Self { settings, faults: Vec::new() }
    }

    /// The variable, else the file's value, else the default. A value that does not parse, or is not
    /// `valid`, becomes a fault that quotes `rule`, and the default stands in for it.
    pub(crate) fn value<T: FromStr>(
        &mut self,
        (variable, key): (&str, &str),
        default: T,
        valid: impl Fn(&T) -> bool,
        rule: &str,
    ) -> T {
        // CloudFormation passes a parameter that was left empty as an empty variable.
        let from_environment = (self.settings.variable)(variable).filter(|text| !text.is_empty());
        let Some(text) = from_environment.or_else(|| self.settings.file.get(key)) else { return default };
        text.parse().ok().filter(valid).unwrap_or_else(|| {
            self.faults.push(format!("{variable} ({key}) {rule}"));
            default
        })
    }

    pub(crate) fn finish<T>(self, section: T) -> Result<T, SettingsError> {
        if self.faults.is_empty() { Ok(section) } else { Err(SettingsError::InvalidValues(self.faults)) }
    }
}
