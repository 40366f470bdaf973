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
    sync::{OnceCell, mpsc, watch},
    task::JoinHandle,
    time::sleep,
};

use crate::{
    error::{Context, Error, Result},
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
    let status = cargo.status().await.context("running cargo build")?;
    if status.success() { Ok(()) } else { Err(Error::new("cargo could not build the functions")) }
}

/// The running functions. They end when this is dropped.
pub struct Functions {
    supervised: HashMap<String, Supervised>,
    log_dir: PathBuf,
}

struct Supervised {
    signals: mpsc::Sender<Signal>,
    deaths: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

impl Functions {
    /// Starts one process a function, with these variables beside the caller's own.
    pub fn start(
        template: &Template,
        api_url: &str,
        environment: &HashMap<String, String>,
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
            let process = Process {
                program: workspace::program(name),
                log: log_dir.join(format!("{name}.log")),
                environment,
            };
            supervised.insert(name.clone(), process.supervise()?);
        }
        Ok(Self { supervised, log_dir: log_dir.to_owned() })
    }

    /// Sends a signal to a function's process. A new one takes the place of one that ends by it.
    pub async fn signal(&self, name: &str, signal: Signal) -> Result<()> {
        self.get(name)?.signals.send(signal).await.context(format!("signalling {name}"))
    }

    /// Counts the deaths of a function's processes.
    pub fn deaths(&self, name: &str) -> Result<watch::Receiver<u64>> {
        Ok(self.get(name)?.deaths.clone())
    }

    /// What a function has logged.
    pub fn log(&self, name: &str) -> Result<String> {
        std::fs::read_to_string(self.log_dir.join(format!("{name}.log")))
            .context(format!("reading the log of {name}"))
    }

    fn get(&self, name: &str) -> Result<&Supervised> {
        self.supervised.get(name).ok_or_else(|| Error::new(format!("there is no function {name}")))
    }
}

impl Drop for Functions {
    fn drop(&mut self) {
        for function in self.supervised.values() {
            function.task.abort();
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
        File::create(&self.log).context("creating a log file")?;
        let (signals, mut received) = mpsc::channel::<Signal>(1);
        let (died, deaths) = watch::channel(0);
        let mut child = self.spawn()?;
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = child.wait() => {}
                    Some(signal) = received.recv() => {
                        if let Err(error) = signal.send(&mut child).await {
                            eprintln!("{}: {error}", self.program.display());
                        }
                        if !signal.ends() {
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
        Command::new(&self.program)
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(log.try_clone().context(&starting)?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context(starting)
    }
}
