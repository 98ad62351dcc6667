//! The curriculum: one folder a lab. The order of [`ALL`] is the course.

pub mod chroot;
#[path = "cpu-shares/mod.rs"]
pub mod cpu_shares;
pub mod overlay;
pub mod unshare;
pub mod veth;

use crate::lab::Lab;

/// Every lab, in the order in which to take them.
pub const ALL: &[&dyn Lab] =
    &[&chroot::Chroot, &unshare::Unshare, &veth::Veth, &cpu_shares::CpuShares, &overlay::Overlay];
