//! Feet: going somewhere, in a child or an errand that enters namespaces or a root, and coming back or ending there.
//! Eyes and hands alike go by these.

pub mod child;
pub mod clone;
pub mod confine;
pub mod kind;
pub mod listen;
pub mod mounts;
pub mod place;
pub mod program;
mod raw;
pub mod root;
pub mod user;
pub mod view;
