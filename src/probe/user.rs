//! A user namespace, as proc(5) shows it (man 7 user_namespaces).

use std::fs;

use nix::unistd::Pid;

use crate::error::{Context, Error, Result};

/// A line of a map: so many ids, from the first of each on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first, inside.
    pub inside: u32,
    /// The first, outside: in the namespace above.
    pub outside: u32,
    /// How many.
    pub count: u32,
}

impl Range {
    /// Whether the user `id` inside is in it.
    pub fn holds(self, id: u32) -> bool {
        self.outside_of(id).is_some()
    }

    /// What the user `id` inside is called outside, where it is in it.
    pub fn outside_of(self, id: u32) -> Option<u32> {
        let at = id.checked_sub(self.inside).filter(|at| *at < self.count)?;
        self.outside.checked_add(at)
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.inside, self.outside, self.count)
    }
}

/// The users of the user namespace of `pid`: `/proc/PID/uid_map`.
///
/// # Errors
/// open(2)'s; [`Error::Broken`] when the kernel writes no numbers.
pub fn uid_map(pid: Pid) -> Result<Vec<Range>> {
    let path = format!("/proc/{pid}/uid_map");
    let text = fs::read_to_string(&path).context("read", &path)?;
    let range = |line: &str| {
        let mut numbers = line.split_whitespace().map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some(Range { inside: next()?, outside: next()?, count: next()? })
    };
    let map = text.lines().map(range).collect::<Option<Vec<Range>>>();
    map.ok_or_else(|| Error::Broken(format!("{path}: {text}")))
}

/// Whether this process is in the machine's own user namespace, whose inode is the same on every
/// machine (`PROC_USER_INIT_INO`, linux/proc_ns.h). Where the kernel has no others, it is.
pub fn is_initial() -> bool {
    fs::read_link("/proc/self/ns/user").map_or(true, |link| link.as_os_str() == "user:[4026531837]")
}

/// What `/proc/PID/setgroups` says: `allow`, or `deny` for good.
///
/// # Errors
/// open(2)'s.
pub fn setgroups(pid: Pid) -> Result<String> {
    let path = format!("/proc/{pid}/setgroups");
    Ok(fs::read_to_string(&path).context("read", &path)?.trim().to_owned())
}
