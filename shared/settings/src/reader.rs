//! Reads one section and collects what is wrong with it.

use std::{fs, io, str::FromStr};

use crate::{Settings, SettingsError};

/// A setting's variable and its key in the file.
pub(crate) type Name = (&'static str, &'static str);

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
        name: Name,
        default: T,
        valid: impl Fn(&T) -> bool,
        rule: &str,
    ) -> T {
        let Some(text) = self.text(name) else { return default };
        text.parse().ok().filter(valid).unwrap_or_else(|| {
            self.fault(name, rule);
            default
        })
    }

    /// The variable, else the file's value, as it stands. CloudFormation passes a parameter that was
    /// left empty as an empty variable: such a one counts as absent.
    pub(crate) fn text(&self, (variable, key): Name) -> Option<String> {
        self.variable(&[variable]).or_else(|| self.settings.file.get(key).filter(|text| !text.is_empty()))
    }

    /// The first of some of the environment's own variables that is set.
    pub(crate) fn variable(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| (self.settings.variable)(name).filter(|text| !text.is_empty()))
    }

    /// The text of the file that the setting names. One that cannot be read becomes a fault, and an
    /// empty text stands in for it.
    pub(crate) fn file(&mut self, name: Name) -> Option<String> {
        let path = self.text(name)?;
        Some(fs::read_to_string(&path).unwrap_or_else(|error| {
            self.unreadable(name, &path, &error);
            String::new()
        }))
    }

    /// The path of a file that can be read. One that cannot becomes a fault.
    pub(crate) fn readable_file(&mut self, name: Name) -> Option<String> {
        let path = self.text(name)?;
        if let Err(error) = fs::File::open(&path) {
            self.unreadable(name, &path, &error);
        }
        Some(path)
    }

    fn unreadable(&mut self, name: Name, path: &str, error: &io::Error) {
        self.fault(name, &format!("names a file that cannot be read: {path}: {error}"));
    }

    /// Notes what is wrong with a setting.
    pub(crate) fn fault(&mut self, (variable, key): Name, rule: &str) {
        self.faults.push(format!("{variable} ({key}) {rule}"));
    }

    pub(crate) fn finish<T>(self, section: T) -> Result<T, SettingsError> {
        if self.faults.is_empty() { Ok(section) } else { Err(SettingsError::InvalidValues(self.faults)) }
    }
}
