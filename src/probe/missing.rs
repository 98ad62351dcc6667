//! What a machine lacks for a lab.

use serde::Serialize;

use crate::text::Text;

/// What is missing, and what would mend it.
#[derive(Clone, Debug, Serialize)]
pub struct Missing {
    /// What is missing.
    pub reason: Text,
    /// What would mend it.
    pub mend: Text,
}
