//! The lines of a journal, and how they are read back: whatever is in the file, in bounded time and memory.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use crate::kernel::cleanup::{Entry, Undo};
use crate::probe::file::Identity;

/// More than any run writes: a few dozen lines of some hundred bytes, and one for each shell.
const MOST_BYTES: u64 = 1 << 20;
const MOST_LINES: usize = 10_000;

/// The first line of a journal.
#[derive(Debug, Serialize, Deserialize)]
pub struct Header {
    pub pid: i32,
    /// `/proc/sys/kernel/random/boot_id`: pids and cgroups of another boot are not ours.
    pub boot: String,
    /// Names this run: the source of its mounts, `LAB_RUN` in the environment of its shells.
    pub token: String,
    /// Whether all mounts were made in namespaces that have died with the run, because it was root in
    /// those alone.
    #[serde(default)]
    pub rootless: bool,
}

/// A line after the header.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    Undo(Undo),
    /// What the change of the last `Undo` has made.
    Made(Identity),
    /// The change of the last `Undo` was refused, so there is nothing to undo.
    Refused,
}

/// A journal that was read.
#[derive(Debug)]
pub struct Log {
    pub header: Header,
    /// What to undo, in the order in which it was made.
    pub entries: Vec<Entry>,
}

/// Why a journal could not be read.
#[derive(Debug)]
pub enum Unreadable {
    /// read(2)'s.
    Refused(io::Error),
    /// No run has written this.
    Damaged,
}

/// Reads a journal; none where the run was killed before the header was written. A last line without its
/// end was cut off (disk full, SIGKILL): the change was never made, or what it made is not identified.
pub fn read(from: impl Read) -> Result<Option<Log>, Unreadable> {
    let mut bytes = Vec::new();
    from.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(Unreadable::Refused)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Unreadable::Damaged);
    }
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        // Cut off within a letter.
        Err(error) if error.error_len().is_none() => {
            let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole).map_err(|_| Unreadable::Damaged)?
        }
        Err(_) => return Err(Unreadable::Damaged),
    };
    let Some((whole, _)) = text.rsplit_once('\n') else { return Ok(None) };
    parse(whole).ok_or(Unreadable::Damaged).map(Some)
}

fn parse(text: &str) -> Option<Log> {
    let mut lines = text.split('\n');
    let header = serde_json::from_str(lines.next()?).ok()?;
    let mut entries: Vec<Entry> = Vec::new();
    for (at, line) in lines.enumerate() {
        if at >= MOST_LINES {
            return None;
        }
        match serde_json::from_str(line).ok()? {
            Line::Undo(undo) => entries.push(Entry { undo, made: None }),
            Line::Made(made) => entries.last_mut()?.made = Some(made),
            Line::Refused => drop(entries.pop()?),
        }
    }
    Some(Log { header, entries })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::probe::file;

    /// A journal with a line of each kind.
    fn journal() -> Vec<u8> {
        let identity = file::look(Path::new("/")).unwrap().unwrap().identity;
        let path = || "/run/netns/왼쪽".into();
        let namespace = || "net:[4026532256]".to_owned();
        let undos = [
            Undo::RemoveDir { path: path() },
            Undo::CloseNetnsFolder { made: true },
            Undo::DeleteNetns { path: path(), namespace: namespace() },
            Undo::Unmount { target: path(), source: "lab-token".to_owned() },
            Undo::KillRun { token: "token".to_owned() },
            Undo::RemoveCgroup { path: path() },
            Undo::DisableController { group: path(), identity, controller: "cpu".to_owned() },
        ];
        let header =
            Header { pid: 1, boot: "boot".to_owned(), token: "token".to_owned(), rootless: false };
        let mut lines = vec![serde_json::to_string(&header).unwrap()];
        for undo in undos {
            for line in [Line::Undo(undo), Line::Made(identity)] {
                lines.push(serde_json::to_string(&line).unwrap());
            }
        }
        lines.push(serde_json::to_string(&Line::Refused).unwrap());
        (lines.join("\n") + "\n").into_bytes()
    }

    fn is_damaged(bytes: &[u8]) -> bool {
        matches!(read(bytes), Err(Unreadable::Damaged))
    }

    #[test]
    fn what_was_written_is_read() {
        let log = read(journal().as_slice()).unwrap().unwrap();
        assert_eq!(log.entries.len(), 6);
        assert!(log.entries.iter().all(|entry| entry.made.is_some()));
    }

    #[test]
    fn more_than_a_run_writes_is_damaged_and_not_read_to_its_end() {
        assert!(is_damaged(&vec![b'\n'; 2 << 20]));
        assert!(matches!(read(io::repeat(b'x')), Err(Unreadable::Damaged)));
        let mut many = journal();
        let line = b"{\"undo\":{\"remove_dir\":{\"path\":\"/\"}}}\n";
        many.extend(line.repeat(MOST_LINES));
        assert!(many.len() < 1 << 20);
        assert!(is_damaged(&many));
    }

    #[test]
    fn what_is_not_utf_8_is_damaged() {
        assert!(is_damaged(b"\xff\xfe"));
        assert!(is_damaged(&[journal().as_slice(), b"\xff\n"].concat()));
    }

    /// A mutation: bytes at some place are replaced by others.
    fn mutation() -> impl Strategy<Value = (prop::sample::Index, usize, Vec<u8>)> {
        (any::<prop::sample::Index>(), 0..40usize, prop::collection::vec(any::<u8>(), 0..40))
    }

    fn mutate(bytes: &mut Vec<u8>, (at, length, with): (prop::sample::Index, usize, Vec<u8>)) {
        let at = at.index(bytes.len() + 1);
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, with);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_damaged(bytes in prop::collection::vec(any::<u8>(), 0..5000)) {
            let _ = read(bytes.as_slice());
        }

        #[test]
        fn any_mutation_is_read_or_damaged(all in prop::collection::vec(mutation(), 1..6)) {
            let mut bytes = journal();
            all.into_iter().for_each(|one| mutate(&mut bytes, one));
            if let Ok(Some(log)) = read(bytes.as_slice()) {
                prop_assert!(log.entries.len() <= bytes.iter().filter(|byte| **byte == b'\n').count());
            }
        }

        /// Whatever of it was written when the run was killed, it is no damage, and what is read is how
        /// the journal begins.
        #[test]
        fn any_beginning_is_read(at in any::<prop::sample::Index>()) {
            let mut bytes = journal();
            let ends_well = read(bytes.as_slice()).unwrap().unwrap().entries;
            // Without the last line, which takes one back.
            bytes.truncate(at.index(bytes.len() - "\"refused\"\n".len()));
            if let Some(log) = read(bytes.as_slice()).unwrap() {
                for (read, written) in log.entries.iter().zip(&ends_well) {
                    prop_assert_eq!(&read.undo, &written.undo);
                }
            }
        }
    }
}
