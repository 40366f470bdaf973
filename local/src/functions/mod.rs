//! The functions: cargo builds them, and they run as processes that use the Lambda Runtime API.

mod build;
mod supervisor;

use std::{
    collections::HashMap,
    fs::File,
    path::{Path, PathBuf},
};

use supervisor::{Process, Supervised};
use tokio::sync::watch;

pub(crate) use self::{build::programs, supervisor::ProcessHandle};
use crate::{
    error::{Context, Error, Result},
    execution_environments::{ExecutionEnvironment, ExecutionEnvironments},
    options::Options,
    signal::Signal,
    template::{Function, Template},
};

/// The names of each function's execution environments in the Lambda Runtime API. Each process has a name of its
/// own, so `local` knows which process has an invocation.
pub(crate) fn environments(
    template: &Template,
    execution_environments: usize,
) -> impl Iterator<Item = (&Function, Vec<String>)> {
    template.functions.iter().map(move |function| {
        let name = &function.name;
        let count = if template.has_route(name) {
            execution_environments.max(1)
        } else if template.has_no_trigger(name) {
            // Replays run side by side.
            execution_environments.max(2)
        } else {
            1
        };
        (function, (1..=count).map(|number| format!("{name}-{number}")).collect())
    })
}

/// The running functions. They end when this is dropped.
pub struct Functions {
    supervised: HashMap<String, Vec<Supervised>>,
    log_dir: PathBuf,
}

impl Functions {
    /// Starts one process for each execution environment, with these variables and the caller's own. `programs` is the
    /// folder of their binaries.
    pub(crate) fn start(
        template: &Template,
        programs: &Path,
        lambda_url: &str,
        variables: &HashMap<String, String>,
        options: &Options,
    ) -> Result<Self> {
        let Options { execution_environments, log_dir, .. } = options;
        let mut supervised = HashMap::new();
        for (function, environments) in environments(template, *execution_environments) {
            let name = &function.name;
            let log = log_dir.join(format!("{name}.log"));
            File::create(&log).context("creating a log file")?;
            let processes = environments.into_iter().map(|environment| {
                let mut variables = variables.clone();
                variables.insert("AWS_LAMBDA_RUNTIME_API".into(), format!("{lambda_url}/.rt/{environment}"));
                variables.insert("AWS_LAMBDA_FUNCTION_NAME".into(), name.clone());
                variables.insert("AWS_LAMBDA_FUNCTION_VERSION".into(), "$LATEST".into());
                variables.insert("AWS_LAMBDA_FUNCTION_MEMORY_SIZE".into(), "256".into());
                // The log is a file: https://no-color.org.
                variables.insert("NO_COLOR".into(), "1".into());
                Process { program: programs.join(name), log: log.clone(), variables }.supervise()
            });
            supervised.insert(name.clone(), processes.collect::<Result<_>>()?);
        }
        Ok(Self { supervised, log_dir: log_dir.clone() })
    }

    /// The execution environments for invocations. `activity` changes at the end of each invocation.
    pub(crate) fn execution_environments(
        &self,
        template: &Template,
        execution_environments: usize,
        activity: watch::Sender<()>,
    ) -> Result<ExecutionEnvironments> {
        let functions = environments(template, execution_environments).map(|(function, names)| {
            let processes =
                self.processes(&function.name)?.iter().map(|supervised| supervised.process.clone());
            let environments = names
                .into_iter()
                .zip(processes)
                .map(|(name, process)| ExecutionEnvironment { name, process });
            Ok((function.name.clone(), environments.collect(), function.timeout))
        });
        Ok(ExecutionEnvironments::new(functions.collect::<Result<Vec<_>>>()?, activity))
    }

    /// Sends a signal to a function's first process. If the process ends by the signal, this waits for its end, and
    /// a new process replaces it.
    pub async fn signal(&self, name: &str, signal: Signal) -> Result<()> {
        self.first(name)?.process.signal(signal).await.context(name)
    }

    /// Sends a signal to every process of a function, as [`signal`](Self::signal) does to the first.
    pub async fn signal_all(&self, name: &str, signal: Signal) -> Result<()> {
        for supervised in self.processes(name)? {
            supervised.process.signal(signal).await.context(name)?;
        }
        Ok(())
    }

    /// Counts the deaths of a function's first process and of the processes that replace it.
    pub fn deaths(&self, name: &str) -> Result<watch::Receiver<u64>> {
        Ok(self.first(name)?.process.all_deaths())
    }

    /// Returns the log of a function.
    pub fn log(&self, name: &str) -> Result<String> {
        std::fs::read_to_string(self.log_dir.join(format!("{name}.log")))
            .context(format!("reading the log of {name}"))
    }

    fn processes(&self, name: &str) -> Result<&[Supervised]> {
        let processes = self.supervised.get(name).map(Vec::as_slice);
        processes.ok_or_else(|| Error::new(format!("there is no function {name}")))
    }

    fn first(&self, name: &str) -> Result<&Supervised> {
        let first = self.processes(name)?.first();
        first.ok_or_else(|| Error::new(format!("function {name} has no process")))
    }
}
