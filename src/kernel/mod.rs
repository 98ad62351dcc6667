//! Hands: everything that changes the machine. What it leaves behind is written down in a
//! [`Cleanup`](cleanup::Cleanup) first.

pub mod cgroup;
pub mod cleanup;
pub mod files;
pub mod journal;
pub mod kill;
pub mod link;
pub mod mount;
pub mod netns;
pub mod process;
pub mod shell;
pub mod state;
