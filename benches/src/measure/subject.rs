//! The subjects of a table: programs with their variables.

use std::{
    collections::HashMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

use local::Result;
use tempfile::TempDir;

use super::{
    Bench,
    environment::{Cost, Environment},
};

/// The variables of glibc's allocator that `template.yaml` gives to the functions.
const ALLOCATOR: [(&str, &str); 2] =
    [("MALLOC_MMAP_THRESHOLD_", "33554432"), ("MALLOC_TRIM_THRESHOLD_", "67108864")];

/// The bytes of a session token of Lambda, about.
const TOKEN_BYTES: usize = 900;

/// A program with its variables.
pub(super) struct Subject {
    pub(super) name: &'static str,
    program: PathBuf,
    arguments: Vec<OsString>,
    variables: HashMap<&'static str, String>,
    /// The list of processes of the control group that it moves to.
    group: Option<PathBuf>,
}

impl Subject {
    /// A subject with the variables that Lambda sets, and those of its table. A function has those of the allocator too. Its
    /// log is in JSON, as `template.yaml` has it.
    pub(super) fn new(bench: &Bench, name: &'static str, program: &str) -> Self {
        let mut variables = HashMap::from([
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned()),
            ("AWS_SESSION_TOKEN", "t".repeat(TOKEN_BYTES)),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", bench.dynamodb.url().to_owned()),
            // Our functions read the second one alone. The baselines have the SDK's own settings, which know the first.
            ("SSL_CERT_FILE", bench.dynamodb.system_roots().display().to_string()),
            ("AWS_CA_BUNDLE", bench.dynamodb.amazon_roots().display().to_string()),
            ("AWS_LAMBDA_FUNCTION_NAME", program.to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()),
            ("AWS_LAMBDA_LOG_LEVEL", "INFO".to_owned()),
        ]);
        if bench.programs.functions().iter().any(|function| function == program) {
            variables.extend(ALLOCATOR.map(|(variable, value)| (variable, value.to_owned())));
        }
        Self { name, program: bench.programs.path(program), arguments: Vec::new(), variables, group: None }
    }

    /// The same with another name.
    pub(super) fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// Sets a variable.
    pub(super) fn with(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.variables.insert(variable, value.into());
        self
    }

    /// The same in callgrind, which writes its counts into a file when the process ends.
    pub(super) fn in_callgrind(&self, counts: &Path) -> Self {
        let mut file = OsString::from("--callgrind-out-file=");
        file.push(counts);
        self.under("valgrind", vec!["--tool=callgrind".into(), file])
    }

    /// The same, run by a program with these arguments before its own.
    pub(super) fn under(&self, program: &str, mut arguments: Vec<OsString>) -> Self {
        arguments.push(self.program.clone().into());
        let (variables, group) = (self.variables.clone(), self.group.clone());
        Self { name: self.name, program: program.into(), arguments, variables, group }
    }

    /// The same, started when it has moved itself into a control group with this list of processes, and gets a line on its
    /// stdin.
    pub(super) fn in_group(self, processes: PathBuf) -> Self {
        Self { group: Some(processes), ..self }
    }

    /// Starts it. Returns the cost of its init.
    pub(super) async fn start(&self, log_dir: &TempDir) -> Result<(Environment, Cost)> {
        let Self { program, arguments, variables, group, .. } = self;
        Environment::start(program, arguments, variables, log_dir.path(), group.as_deref()).await
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use local::workspace;

    use super::*;

    #[test]
    fn the_functions_have_the_allocators_variables_of_the_template() {
        let template = fs::read_to_string(workspace::root().join("template.yaml")).unwrap();
        let (_, globals) = template.split_once("\nGlobals:\n").unwrap();
        let (globals, _) = globals.split_once("\n\n").unwrap();
        let variables: Vec<_> = globals.lines().filter_map(|line| line.trim().split_once(": ")).collect();
        for (variable, value) in ALLOCATOR {
            assert!(variables.contains(&(variable, &format!("'{value}'"))), "{variable}");
        }
    }
}
