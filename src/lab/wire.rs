//! How pids and paths go from a child to its parent, as JSON: a path may be any bytes.

use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use nix::unistd::Pid;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A pid.
pub mod pid {
    use super::*;

    /// As a number.
    pub fn serialize<S: Serializer>(pid: &Pid, serializer: S) -> Result<S::Ok, S::Error> {
        pid.as_raw().serialize(serializer)
    }

    /// From a number.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pid, D::Error> {
        i32::deserialize(deserializer).map(Pid::from_raw)
    }
}

/// Pids, in whatever holds them.
pub mod pids {
    use super::*;

    /// As numbers.
    pub fn serialize<'a, C, S>(pids: &'a C, serializer: S) -> Result<S::Ok, S::Error>
    where
        &'a C: IntoIterator<Item = &'a Pid>,
        S: Serializer,
    {
        serializer.collect_seq(pids.into_iter().map(|pid| pid.as_raw()))
    }

    /// From numbers.
    pub fn deserialize<'de, C: FromIterator<Pid>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<C, D::Error> {
        let numbers = Vec::<i32>::deserialize(deserializer)?;
        Ok(numbers.into_iter().map(Pid::from_raw).collect())
    }
}

/// A pid, or none.
pub mod pid_or_none {
    use super::*;

    /// As a number.
    pub fn serialize<S: Serializer>(pid: &Option<Pid>, serializer: S) -> Result<S::Ok, S::Error> {
        pid.map(Pid::as_raw).serialize(serializer)
    }

    /// From a number.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Pid>, D::Error> {
        Ok(Option::<i32>::deserialize(deserializer)?.map(Pid::from_raw))
    }
}

/// Paths, in whatever holds them.
pub mod paths {
    use super::*;

    /// As bytes.
    pub fn serialize<S: Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(paths.iter().map(|path| path.as_os_str().as_bytes()))
    }

    /// From bytes.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<PathBuf>, D::Error> {
        let all = Vec::<Vec<u8>>::deserialize(deserializer)?;
        Ok(all
            .into_iter()
            .map(|bytes| PathBuf::from(std::ffi::OsString::from_vec(bytes)))
            .collect())
    }
}

/// A path, or none.
pub mod path_or_none {
    use super::*;

    /// As bytes.
    pub fn serialize<S: Serializer>(
        path: &Option<PathBuf>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        path.as_ref().map(|path| path.as_os_str().as_bytes()).serialize(serializer)
    }

    /// From bytes.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<PathBuf>, D::Error> {
        let bytes = Option::<Vec<u8>>::deserialize(deserializer)?;
        Ok(bytes.map(|bytes| PathBuf::from(std::ffi::OsString::from_vec(bytes))))
    }
}
