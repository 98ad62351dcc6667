//! The commands that are no labs: one file a command.

pub mod candidates;
pub mod carry;
pub mod course;
pub mod doctor;
pub mod guide;
pub mod hint;
pub mod progress;
pub mod reset;
pub mod verify;
