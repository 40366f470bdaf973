//! Reads one section and collects its faults.

use std::{fs, io, str::FromStr};

use crate::{Settings, SettingsError, setting::Setting};

/// Reads settings. A method that returns `None` because of a fault keeps the fault. So one error names all of them.
pub(crate) struct Reader<'a> {
    settings: &'a Settings,
    faults: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(settings: &'a Settings) -> Self {
        Self { settings, faults: Vec::new() }
    }

    /// The variable, else the file's value. CloudFormation passes a parameter that was left empty as an empty variable,
    /// so an empty text counts as absent.
    pub(crate) fn given(&self, setting: &Setting) -> Option<String> {
        let in_file = || self.settings.file.get(setting.key).filter(|text| !text.is_empty());
        self.environment(&[setting.variable]).or_else(in_file)
    }

    /// The variable, else the file's value, else the default.
    pub(crate) fn text(&self, setting: &Setting) -> Option<String> {
        self.given(setting).or_else(|| setting.default.map(str::to_owned))
    }

    /// The setting's value. A text that does not parse is a fault.
    pub(crate) fn value<T: FromStr>(&mut self, setting: &Setting) -> Option<T> {
        self.checked(setting, |_| true)
    }

    /// The setting's value. A text that does not parse, or whose value is not valid, is a fault.
    pub(crate) fn checked<T: FromStr>(
        &mut self,
        setting: &Setting,
        is_valid: impl Fn(&T) -> bool,
    ) -> Option<T> {
        let value = self.text(setting)?.parse().ok().filter(is_valid);
        if value.is_none() {
            self.fault(setting, setting.rule);
        }
        value
    }

    /// The first of these environment variables that is set.
    pub(crate) fn environment(&self, variables: &[&str]) -> Option<String> {
        variables.iter().find_map(|name| (self.settings.variable)(name).filter(|text| !text.is_empty()))
    }

    /// The content of the file that the setting names. For a file that cannot be read it is empty, with a fault.
    pub(crate) fn file(&mut self, setting: &Setting) -> Option<String> {
        let path = self.text(setting)?;
        Some(fs::read_to_string(&path).unwrap_or_else(|error| {
            self.unreadable(setting, &path, &error);
            String::new()
        }))
    }

    /// The path of a file that can be read. A file that cannot be read is a fault.
    pub(crate) fn readable_file(&mut self, setting: &Setting) -> Option<String> {
        let path = self.text(setting)?;
        if let Err(error) = fs::File::open(&path) {
            self.unreadable(setting, &path, &error);
        }
        Some(path)
    }

    fn unreadable(&mut self, setting: &Setting, path: &str, error: &io::Error) {
        self.fault(setting, &format!("names a file that cannot be read: {path}: {error}"));
    }

    /// Notes a fault of a setting.
    pub(crate) fn fault(&mut self, setting: &Setting, fault: &str) {
        self.faults.push(format!("{} ({}) {fault}", setting.variable, setting.key));
    }

    /// The section, or all the faults. The section may be `None` only if a fault was noted.
    pub(crate) fn finish<T>(self, section: impl FnOnce() -> Option<T>) -> Result<T, SettingsError> {
        match section() {
            Some(section) if self.faults.is_empty() => Ok(section),
            _ => Err(SettingsError::InvalidValues(self.faults)),
        }
    }
}
