//! Starts processes, one at a time.

use std::{
    io,
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

use tokio::process::{Child, Command};

/// Between fork and exec a child holds every socket of this process. A socket that is closed in this time stays open,
/// and its port in use.
static FORK: Mutex<()> = Mutex::new(());

/// On Linux the parent continues some microseconds before exec closes the child's sockets.
const EXEC_ENDS_WITHIN: Duration = Duration::from_millis(10);

/// Starts a process.
pub(crate) fn spawn(command: &mut Command) -> io::Result<Child> {
    let _guard = FORK.lock().unwrap_or_else(PoisonError::into_inner);
    command.spawn()
}

/// Does work that closes a socket and binds its port again at once. Blocks.
pub(crate) fn without_forks<T>(work: impl FnOnce() -> T) -> T {
    let _guard = FORK.lock().unwrap_or_else(PoisonError::into_inner);
    thread::sleep(EXEC_ENDS_WITHIN);
    work()
}
