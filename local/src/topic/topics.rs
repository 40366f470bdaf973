//! The topics that a reader follows.

use std::{fmt, sync::Arc};

/// Which topics are read.
#[derive(Clone)]
pub enum Topics {
    /// These, for which a reader waits.
    Named(Vec<String>),
    /// Those whose name the function accepts, when they appear.
    Accepted(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl Topics {
    /// All of the cluster, except Kafka's own, which start with `__`.
    pub fn all() -> Self {
        Self::Accepted(Arc::new(|topic| !topic.starts_with("__")))
    }

    /// Whether they can be more than one.
    pub fn are_several(&self) -> bool {
        !matches!(self, Self::Named(names) if names.len() == 1)
    }

    pub(super) fn contain(&self, topic: &str) -> bool {
        match self {
            Self::Named(names) => names.iter().any(|name| name == topic),
            Self::Accepted(accepts) => accepts(topic),
        }
    }
}

impl From<&str> for Topics {
    fn from(name: &str) -> Self {
        Self::Named(vec![name.to_owned()])
    }
}

impl From<&String> for Topics {
    fn from(name: &String) -> Self {
        name.as_str().into()
    }
}

impl fmt::Debug for Topics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(names) => formatter.debug_tuple("Named").field(names).finish(),
            Self::Accepted(_) => formatter.write_str("Accepted"),
        }
    }
}
