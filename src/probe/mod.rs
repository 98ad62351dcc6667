//! Eyes: read-only looks at what the kernel shows. Checks use these alone. A probe may send a
//! short-lived process to look from another place; it is gone before the probe returns.

pub mod autogroup;
pub mod cgroup;
pub mod delegation;
pub mod elf;
pub mod file;
pub mod folder;
pub mod missing;
pub mod mountinfo;
pub mod namespace;
pub mod need;
pub mod net;
pub mod netlink;
pub mod overlay;
pub mod ping;
pub mod process;
mod quote;
pub mod refusal;
pub mod sampling;
pub mod surroundings;
pub mod survey;
pub mod tree;
pub mod walk;
