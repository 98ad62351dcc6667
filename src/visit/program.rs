//! Running a program in a place, and taking down what it printed.

use std::convert::Infallible;
use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::sched::CloneFlags;
use nix::sys::wait::WaitStatus;
use nix::unistd::{Pid, dup2_stderr, dup2_stdin, dup2_stdout, pipe2};

use crate::error::{Context, Error, Result, SysError};
use crate::interrupt;
use crate::text;
use crate::visit::place::Place;
use crate::visit::view::{self, Tree};
use crate::visit::{child, confine, mounts, user};

/// What a program printed may be this long, in bytes; the rest is cut off.
const LONGEST: usize = 64 * 1024;
/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one may take that nobody vouches for.
const TRIAL: Duration = Duration::from_secs(1);
const ENVIRONMENT: [&str; 3] = ["PATH=/usr/bin:/bin", "LC_ALL=C", "TERM=dumb"];

/// What became of a program.
#[derive(Clone, Debug)]
pub struct Output {
    /// The exit status, or `None` when a signal ended it.
    pub status: Option<i32>,
    /// Standard output and standard error, as they came.
    pub text: String,
}

/// Runs `args` (the first names the program's path) in `place`, with no input and a clean
/// environment, and returns what it printed.
///
/// # Errors
/// [`Place::enter`]'s; execve(2)'s, such as ENOENT for a missing program or a missing interpreter;
/// [`Error::Untold`] when it takes over ten seconds.
pub fn run(place: &Place, args: &[&str]) -> Result<Output> {
    let program = Path::new(args.first().copied().unwrap_or_default());
    let body = || {
        place.enter()?;
        child::exec(program, args, &ENVIRONMENT)
    };
    supervise(CloneFlags::empty(), body, PATIENCE)
}

/// The same in the root `root`, for a program that nobody vouches for: it gets one second, no
/// capability, no terminal and next to no resources, sees no process but its own, has no network,
/// cannot write where it is, and all that it starts ends with it.
///
/// # Errors
/// As for [`run`]: `execve` is the call only where the program itself was refused; [`Error::Untold`]
/// when it takes over a second.
pub fn try_out(root: &Path, args: &[&str]) -> Result<Output> {
    let mut flags = CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWUTS;
    if !user::is_capable()? {
        // In a namespace without users this is nobody as well, and may yet make the other namespaces
        // and change its root.
        flags |= CloneFlags::CLONE_NEWUSER;
    }
    // Asked here: the new root has no /proc.
    let nobody = confine::is_root_among_others()?;
    let name = args.first().copied().unwrap_or_default();
    let body = || {
        mounts::make_private()?;
        let tree = Tree::at(root)?;
        let program = view::open_in(&tree.path(), Path::new(name));
        // As the kernel would say it: where this process has found the tree is nobody's business.
        let program = program.map_err(|error| match error.errno() {
            Some(errno) => Error::Sys(SysError::new("execve", name, errno)),
            None => error,
        })?;
        tree.enter()?;
        confine::give_up_privileges(nobody)?;
        child::exec_file(program, name, args, &ENVIRONMENT)
    };
    supervise(flags, body, TRIAL)
}

fn supervise(
    flags: CloneFlags,
    body: impl FnOnce() -> Result<Infallible>,
    patience: Duration,
) -> Result<Output> {
    // Opened here: a new root has no /dev.
    let null = File::open("/dev/null").context("open", "/dev/null")?;
    let (read, write) = pipe2(OFlag::O_CLOEXEC).context("pipe2", "O_CLOEXEC")?;
    let pid = child::start(flags, || {
        dup2_stdin(&null).context("dup2", "stdin")?;
        dup2_stdout(&write).context("dup2", "stdout")?;
        dup2_stderr(&write).context("dup2", "stderr")?;
        body()
    })?;
    drop(write);
    match collect(File::from(read), pid, patience) {
        Ok(output) => Ok(output),
        Err(error) => {
            child::end(pid);
            Err(error)
        }
    }
}

fn collect(mut pipe: File, pid: Pid, patience: Duration) -> Result<Output> {
    let end = Instant::now() + patience;
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(too_slow(patience));
        }
        if interrupt::wait(Some(pipe.as_fd()), Some(left))? {
            let n = pipe.read(&mut chunk).context("read", "pipe")?;
            if n == 0 {
                break;
            }
            bytes.extend(chunk.iter().take(n.min(LONGEST.saturating_sub(bytes.len()))));
        }
    }
    // It may have closed its output, and live on.
    let status = match child::wait_until(pid, end)?.ok_or_else(|| too_slow(patience))? {
        WaitStatus::Exited(_, status) => Some(status),
        _ => None,
    };
    Ok(Output { status, text: String::from_utf8_lossy(&bytes).into_owned() })
}

fn too_slow(patience: Duration) -> Error {
    let seconds = patience.as_secs();
    Error::untold(text!("it did not end within {seconds} s", "{seconds}초 안에 끝나지 않았습니다"))
}
