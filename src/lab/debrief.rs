//! What is said once all is proven: where a reader meets it again.

use serde::ser::{SerializeSeq, Serializer};

use crate::text::Text;

/// After a lab, and after the same by hand.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Debrief {
    /// Where this is met: a word of docker, podman, Kubernetes or systemd, and what of the lab it is.
    #[serde(serialize_with = "met")]
    pub met: &'static [(&'static str, Text)],
    /// What the lab left out on purpose.
    pub left_out: Text,
    /// One deeper question, which can be answered by trying.
    pub deeper: Text,
}

/// Each as an object, for a program.
fn met<S: Serializer>(met: &&[(&str, Text)], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(serde::Serialize)]
    struct Met<'a> {
        place: &'a str,
        what: &'a Text,
    }
    let mut seq = serializer.serialize_seq(Some(met.len()))?;
    met.iter().try_for_each(|(place, what)| seq.serialize_element(&Met { place, what }))?;
    seq.end()
}
