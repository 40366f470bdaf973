//! The definition of a setting. Each section's file begins with the definitions of its settings.

/// A setting. `docs/settings.md` has a row for each, which a test compares with the definition.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Setting {
    /// The name of its environment variable.
    pub(crate) variable: &'static str,
    /// Its path in the YAML file, joined with dots.
    pub(crate) key: &'static str,
    /// Its value if neither the environment nor the file has one.
    pub(crate) default: Option<&'static str>,
    /// The values that it accepts, as the end of an error that begins with its name.
    pub(crate) rule: &'static str,
}

/// The rule of a setting that accepts every value.
pub(crate) const ANY_TEXT: &str = "may be any text";

/// The rule of a setting that names a file.
pub(crate) const READABLE_FILE: &str = "must name a file that can be read";

/// Defines a section's settings, and `SETTINGS`, the list of them.
macro_rules! settings {
    ($($name:ident = $definition:expr;)*) => {
        $(pub(crate) static $name: $crate::setting::Setting = $definition;)*

        /// Every setting of this section.
        pub(crate) static SETTINGS: &[&$crate::setting::Setting] = &[$(&$name),*];
    };
}

pub(crate) use settings;
