//! The YAML file: a tree of scalars, each the value of a setting. The routes are a list, whose value is its JSON.

use std::collections::HashMap;

use saphyr::{LoadableYamlNode, Scalar, Yaml};

use crate::{SettingsError, registry, routes::ROUTES, yaml_json::YamlJson};

/// The file's values as text, by key.
#[derive(Debug, Default)]
pub(crate) struct File(HashMap<String, String>);

impl File {
    pub(crate) fn parse(text: &str) -> Result<Self, SettingsError> {
        let documents =
            Yaml::load_from_str(text).map_err(|error| SettingsError::InvalidFile(error.to_string()))?;
        let mut file = Self::default();
        for document in &documents {
            file.add("", document)?;
        }
        Ok(file)
    }

    pub(crate) fn get(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }

    fn add(&mut self, path: &str, node: &Yaml<'_>) -> Result<(), SettingsError> {
        let value = match node {
            Yaml::Sequence(_) if path == ROUTES.key => serde_json::to_string(&YamlJson(node))
                .map_err(|error| SettingsError::InvalidFile(format!("{path}: {error}")))?,
            Yaml::Mapping(members) => {
                for (name, member) in members {
                    let name = name.as_str().unwrap_or("?");
                    let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                    self.add(&path, member)?;
                }
                return Ok(());
            }
            Yaml::Value(Scalar::Null) if path == ROUTES.key => {
                return Err(SettingsError::InvalidFile(format!("{path} must be a list")));
            }
            // A section or key whose values are all commented out.
            Yaml::Value(Scalar::Null) => return Ok(()),
            Yaml::Value(Scalar::Boolean(value)) => value.to_string(),
            Yaml::Value(Scalar::Integer(value)) => value.to_string(),
            Yaml::Value(Scalar::String(value)) => value.to_string(),
            _ => return Err(SettingsError::InvalidFile(format!("{path} must be a single value"))),
        };
        if registry::all().all(|setting| setting.key != path) {
            return Err(SettingsError::InvalidFile(format!("unknown key {path}")));
        }
        self.0.insert(path.to_owned(), value);
        Ok(())
    }
}
