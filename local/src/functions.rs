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
    process,
    signal::Signal,
    template::Template,
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

/// The running functions. They end when this is dropped.
pub struct Functions {
    supervised: HashMap<String, Vec<Supervised>>,
    log_dir: PathBuf,
}

struct Supervised {
    signals: mpsc::Sender<(Signal, oneshot::Sender<Result<()>>)>,
    deaths: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

impl Functions {
    /// Starts one process a function, and as many of those behind the HTTP API as there are to be execution
    /// environments, with these variables beside the caller's own. Replays run side by side, so there are two
    /// processes at least for them.
    pub fn start(
        template: &Template,
        api_url: &str,
        environment: &HashMap<String, String>,
        execution_environments: usize,
        log_dir: &Path,
    ) -> Result<Self> {
        let mut supervised = HashMap::new();
        for function in &template.functions {
            let name = &function.name;
            let mut environment = environment.clone();
            environment.insert("AWS_LAMBDA_RUNTIME_API".into(), format!("{api_url}/.rt/{name}"));
            environment.insert("AWS_LAMBDA_FUNCTION_NAME".into(), name.clone());
            environment.insert("AWS_LAMBDA_FUNCTION_VERSION".into(), "$LATEST".into());
            environment.insert("AWS_LAMBDA_FUNCTION_MEMORY_SIZE".into(), "256".into());
            let log = log_dir.join(format!("{name}.log"));
            File::create(&log).context("creating a log file")?;
            let is_behind_api = template.routes.iter().any(|(_, function)| function == name);
            let processes = match is_behind_api {
                true => execution_environments,
                false if template.has_no_trigger(name) => execution_environments.max(2),
                false => 1,
            };
            let processes = (0..processes).map(|_| {
                Process {
                    program: workspace::program(name),
                    log: log.clone(),
                    environment: environment.clone(),
                }
                .supervise()
            });
            supervised.insert(name.clone(), processes.collect::<Result<_>>()?);
        }
        Ok(Self { supervised, log_dir: log_dir.to_owned() })
    }

    /// Sends a signal to a function's first process, and waits for the end of one that ends by it. A new one
    /// takes its place.
    pub async fn signal(&self, name: &str, signal: Signal) -> Result<()> {
        self.get(name)?.signal(name, signal).await
    }

    /// Sends a signal to every process of a function, as [`signal`](Self::signal) does to the first.
    pub async fn signal_all(&self, name: &str, signal: Signal) -> Result<()> {
        for process in self.supervised.get(name).into_iter().flatten() {
            process.signal(name, signal).await?;
        }
        Ok(())
    }

    /// Counts the deaths of a function's first process and its successors.
    pub fn deaths(&self, name: &str) -> Result<watch::Receiver<u64>> {
        Ok(self.get(name)?.deaths.clone())
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

impl Supervised {
    async fn signal(&self, name: &str, signal: Signal) -> Result<()> {
        let signalling = || format!("signalling {name}");
        let (sent, is_sent) = oneshot::channel();
        self.signals.send((signal, sent)).await.context(signalling())?;
        is_sent.await.context(signalling())?
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
                    _ = child.wait() => {}
                    Some((signal, sent)) = received.recv() => {
                        let result = signal.send(&mut child).await;
                        let has_ended = result.is_ok() && signal.ends();
                        let _ = sent.send(result);
                        if !has_ended {
                            continue;
                        }
                    }
                }
                died.send_modify(|deaths| *deaths += 1);
                sleep(RESTART_AFTER).await;
                match self.spawn() {
                    Ok(process) => child = process,
                    Err(error) => return eprintln!("{error}"),
                }
            }
        });
        Ok(Supervised { signals, deaths, task })
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
