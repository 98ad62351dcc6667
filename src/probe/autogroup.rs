//! The kernel's own groups of the processes of a session (man 7 sched, "The autogroup feature"): those that are in the
//! cpu hierarchy's root compete as one, by the nice level of their group.

use nix::unistd::Pid;

use crate::probe::namespace;
use crate::probe::process;
use crate::visit::kind::Kind;

/// The group of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autogroup {
    /// Its name, the same for all that are in it.
    pub name: String,
    /// Its nice level.
    pub nice: i32,
}

/// The one that `pid` is in, if it is in the root of the cpu hierarchy; none where there are none. What another cgroup
/// namespace than the kernel's first shows as the root is an ordinary group, and has no such groups.
pub fn of(pid: Pid) -> Option<Autogroup> {
    let enabled = process::read("/proc/sys/kernel/sched_autogroup_enabled").ok()?;
    let ours = namespace::of(Pid::this(), Kind::Cgroup).ok();
    let is_first = ours.is_some() && ours == Kind::Cgroup.first();
    if !enabled.starts_with(b"1") || !is_first {
        return None;
    }
    let text = process::read(format!("/proc/{pid}/autogroup")).ok()?;
    let text = String::from_utf8(text).ok()?;
    let (name, nice) = text.trim().split_once(" nice ")?;
    Some(Autogroup { name: name.to_owned(), nice: nice.parse().ok()? })
}
