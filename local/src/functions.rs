//! The functions: built by cargo, run as processes against the Lambda Runtime API, restarted when
//! they end.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    sync::{OnceCell, mpsc, oneshot, watch},
    task::JoinHandle,
    time::sleep,
};

use crate::{
    error::{Context, Error, Result},
    execution_environments::{ExecutionEnvironment, ExecutionEnvironments},
    process,
    signal::Signal,
    template::{Function, Template},
    workspace,
};

/// Keeps a function that ends at its start from spinning.
const RESTART_AFTER: Duration = Duration::from_millis(200);

/// Builds the functions' binaries, once in the life of this process.
pub async fn build(template: &Template) -> Result<()> {
    static BUILT: OnceCell<()> = OnceCell::const_new();
    BUILT.get_or_try_init(|| cargo_build(template)).await.copied()
}

async fn cargo_build(template: &Template) -> Result<()> {
    let mut cargo = Command::new(workspace::cargo());
    cargo.arg("build").current_dir(workspace::root());
    for function in &template.functions {
        cargo.args(["-p", &function.name]);
    }
    let mut cargo = process::spawn(&mut cargo).context("running cargo build")?;
    let status = cargo.wait().await.context("running cargo build")?;
    if status.success() { Ok(()) } else { Err(Error::new("cargo could not build the functions")) }
}

/// The names of a function's execution environments in the Lambda Runtime API: each process has one of its own, so
/// that it is known which of them has an invocation.
pub(crate) fn environments(
    template: &Template,
    execution_environments: usize,
) -> impl Iterator<Item = (&Function, Vec<String>)> {
    template.functions.iter().map(move |function| {
        let name = &function.name;
        let is_behind_api = template.routes.iter().any(|(_, function)| function == name);
        let count = match is_behind_api {
            true => execution_environments.max(1),
            // Replays run side by side.
            false if template.has_no_trigger(name) => execution_environments.max(2),
            false => 1,
        };
        (function, (1..=count).map(|number| format!("{name}-{number}")).collect())
    })
}

/// The running functions. They end when this is dropped.
pub struct Functions {
    supervised: HashMap<String, Vec<Supervised>>,
    log_dir: PathBuf,
}

struct Supervised {
    process: ProcessHandle,
    task: JoinHandle<()>,
}

/// A handle on a function's process, and on those that take its place.
#[derive(Clone)]
pub(crate) struct ProcessHandle {
    signals: mpsc::Sender<(Signal, oneshot::Sender<Result<()>>)>,
    deaths: watch::Receiver<u64>,
}

impl ProcessHandle {
    /// Sends a signal, and waits for the end of a process that ends by it.
    pub(crate) async fn signal(&self, signal: Signal) -> Result<()> {
        let (sent, is_sent) = oneshot::channel();
        self.signals.send((signal, sent)).await.context("signalling")?;
        is_sent.await.context("signalling")?
    }

    /// Counts deaths, those from now on as changes.
    pub(crate) fn deaths(&self) -> watch::Receiver<u64> {
        let mut deaths = self.deaths.clone();
        deaths.mark_unchanged();
        deaths
    }
}

impl Functions {
    /// Starts one process a function, and as many of those behind the HTTP API as there are to be execution
    /// environments, with these variables beside the caller's own.
    pub fn start(
        template: &Template,
        lambda_url: &str,
        environment: &HashMap<String, String>,
        execution_environments: usize,
        log_dir: &Path,
    ) -> Result<Self> {
        let mut supervised = HashMap::new();
        for (function, environments) in environments(template, execution_environments) {
            let name = &function.name;
            let log = log_dir.join(format!("{name}.log"));
            File::create(&log).context("creating a log file")?;
            let processes = environments.into_iter().map(|environment_name| {
                let mut environment = environment.clone();
                environment
                    .insert("AWS_LAMBDA_RUNTIME_API".into(), format!("{lambda_url}/.rt/{environment_name}"));
                environment.insert("AWS_LAMBDA_FUNCTION_NAME".into(), name.clone());
                environment.insert("AWS_LAMBDA_FUNCTION_VERSION".into(), "$LATEST".into());
                environment.insert("AWS_LAMBDA_FUNCTION_MEMORY_SIZE".into(), "256".into());
                Process { program: workspace::program(name), log: log.clone(), environment }.supervise()
            });
            supervised.insert(name.clone(), processes.collect::<Result<_>>()?);
        }
        Ok(Self { supervised, log_dir: log_dir.to_owned() })
    }

    /// The execution environments for invocations, which tell `activity` of each that ends.
    pub(crate) fn execution_environments(
        &self,
        template: &Template,
        execution_environments: usize,
        activity: watch::Sender<()>,
    ) -> ExecutionEnvironments {
        let functions = environments(template, execution_environments).map(|(function, names)| {
            let supervised = self.supervised.get(&function.name).into_iter().flatten();
            let environments = names
                .into_iter()
                .zip(supervised)
                .map(|(name, supervised)| ExecutionEnvironment { name, process: supervised.process.clone() });
            (function.name.clone(), environments.collect(), function.timeout)
        });
        ExecutionEnvironments::new(functions, activity)
    }

    /// Sends a signal to a function's first process, and waits for the end of one that ends by it. A new one
    /// takes its place.
    pub async fn signal(&self, name: &str, signal: Signal) -> Result<()> {
        self.get(name)?.process.signal(signal).await.context(name)
    }

    /// Sends a signal to every process of a function, as [`signal`](Self::signal) does to the first.
    pub async fn signal_all(&self, name: &str, signal: Signal) -> Result<()> {
        for supervised in self.supervised.get(name).into_iter().flatten() {
            supervised.process.signal(signal).await.context(name)?;
        }
        Ok(())
    }

    /// Counts the deaths of a function's first process and its successors.
    pub fn deaths(&self, name: &str) -> Result<watch::Receiver<u64>> {
        Ok(self.get(name)?.process.deaths.clone())
    }

    /// What a function has logged.
    pub fn log(&self, name: &str) -> Result<String> {
        std::fs::read_to_string(self.log_dir.join(format!("{name}.log")))
            .context(format!("reading the log of {name}"))
    }

    fn get(&self, name: &str) -> Result<&Supervised> {
        let processes = self.supervised.get(name);
        let first = processes.and_then(|processes| processes.first());
        first.ok_or_else(|| Error::new(format!("there is no function {name}")))
    }
}

impl Drop for Functions {
    fn drop(&mut self) {
        for process in self.supervised.values().flatten() {
            process.task.abort();
        }
    }
}

struct Process {
    program: PathBuf,
    log: PathBuf,
    environment: HashMap<String, String>,
}

impl Process {
    fn supervise(self) -> Result<Supervised> {
        let (signals, mut received) = mpsc::channel::<(Signal, oneshot::Sender<Result<()>>)>(1);
        let (died, deaths) = watch::channel(0);
        let mut child = self.spawn()?;
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = child.wait() => died.send_modify(|deaths| *deaths += 1),
                    Some((signal, sent)) = received.recv() => {
                        let result = signal.send(&mut child).await;
                        let has_ended = result.is_ok() && signal.ends();
                        if has_ended {
                            // Counted before anybody is told: it must not be taken for the next one's death.
                            died.send_modify(|deaths| *deaths += 1);
                        }
                        let _ = sent.send(result);
                        if !has_ended {
                            continue;
                        }
                    }
                }
                sleep(RESTART_AFTER).await;
                match self.spawn() {
                    Ok(process) => child = process,
                    Err(error) => return eprintln!("{error}"),
                }
            }
        });
        Ok(Supervised { process: ProcessHandle { signals, deaths }, task })
    }

    fn spawn(&self) -> Result<Child> {
        let starting = format!("starting {}", self.program.display());
        let log = OpenOptions::new().append(true).open(&self.log).context(&starting)?;
        let mut command = Command::new(&self.program);
        command
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(log.try_clone().context(&starting)?)
            .stderr(log)
            .kill_on_drop(true);
        process::spawn(&mut command).context(starting)
    }
}
