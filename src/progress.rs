//! How far somebody is: what was proven by hand, and when; how many hints were given. It is kept in the
//! user's state folder, under sudo the calling user's.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use nix::sched::CloneFlags;
use nix::unistd::{Gid, Uid, User, setgroups, setresgid, setresuid};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Context, Error, Result};
use crate::kernel::process;
use crate::lab::{Finding, Verdict};
use crate::text;
use crate::text::Text;

/// How far somebody is in one lab.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// When each check was last proven by hand.
    #[serde(default)]
    pub proven: BTreeMap<String, DateTime<Utc>>,
    /// How many hints were given for each.
    #[serde(default)]
    pub hints: BTreeMap<String, usize>,
}

/// All labs, by their identifiers.
pub type Book = BTreeMap<String, Progress>;

/// Where the book is, and who owns it.
struct Place {
    folder: PathBuf,
    /// The user to become first, as root under sudo: what is in a home is its owner's business, and a
    /// link in there must not lead root astray.
    owner: Option<(Uid, Gid)>,
}

impl Place {
    /// `$XDG_STATE_HOME/lab`, else `~/.local/state/lab` (XDG Base Directory Specification).
    fn find() -> Result<Place> {
        if let Some(user) = caller()? {
            let folder = user.dir.join(".local/state/lab");
            return Ok(Place { folder, owner: Some((user.uid, user.gid)) });
        }
        let variable = |name| std::env::var_os(name).map(PathBuf::from);
        let state = variable("XDG_STATE_HOME").filter(|path| path.is_absolute());
        let folder = state.or_else(|| variable("HOME").map(|home| home.join(".local/state")));
        let folder = folder.ok_or_else(|| {
            Error::unable(
                Text::new(
                    "there is no home to keep progress in",
                    "진도를 저장할 홈 디렉터리가 없습니다",
                ),
                Text::new("set HOME or XDG_STATE_HOME", "HOME이나 XDG_STATE_HOME을 설정하십시오"),
            )
        })?;
        Ok(Place { folder: folder.join("lab"), owner: None })
    }

    /// Does `work` with the book's folder, as its owner.
    fn visit<T>(&self, work: impl FnOnce(&Path) -> Result<T>) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
    {
        let Some((user, group)) = self.owner else { return work(&self.folder) };
        process::ask(CloneFlags::empty(), || {
            setgroups(&[group]).context("setgroups", group)?;
            setresgid(group, group, group).context("setresgid", group)?;
            setresuid(user, user, user).context("setresuid", user)?;
            work(&self.folder)
        })
    }
}

/// Who called sudo (man 8 sudo, `SUDO_UID`), where somebody did.
fn caller() -> Result<Option<User>> {
    let asked = std::env::var("SUDO_UID").ok().and_then(|user| user.parse().ok());
    let Some(user) = asked.filter(|user| Uid::effective().is_root() && *user != 0) else {
        return Ok(None);
    };
    User::from_uid(Uid::from_raw(user)).context("getpwuid", user)
}

/// Reads the book; an empty one where there is none yet.
///
/// # Errors
/// open(2)'s; [`Error::Unable`] when it is damaged.
pub fn read() -> Result<Book> {
    Place::find()?.visit(read_in)
}

fn read_in(folder: &Path) -> Result<Book> {
    let path = folder.join("progress.json");
    let text = match fs::read_to_string(&path).context("read", path.display()) {
        Err(error) if error.errno() == Some(nix::errno::Errno::ENOENT) => return Ok(Book::new()),
        other => other?,
    };
    serde_json::from_str(&text).map_err(|_| {
        let path = path.display();
        Error::unable(
            text!("{path} is damaged", "진도 파일이 손상되었습니다: {path}"),
            Text::new("mend it, or remove it", "파일을 고치거나 지우십시오"),
        )
    })
}

/// Changes the book. Two that do it at once wait for each other, and a reader sees all of it or none.
///
/// # Errors
/// As for [`read`]; write(2)'s.
pub fn change<T>(work: impl FnOnce(&mut Book) -> T) -> Result<T>
where
    T: Serialize + DeserializeOwned,
{
    Place::find()?.visit(|folder| {
        fs::create_dir_all(folder).context("mkdir", folder.display())?;
        let lock = File::open(folder).context("open", folder.display())?;
        lock.lock().context("flock", folder.display())?;
        let mut book = read_in(folder)?;
        let result = work(&mut book);
        let (path, new) = (folder.join("progress.json"), folder.join("progress.json.new"));
        let json = serde_json::to_vec_pretty(&book).map_err(|e| Error::Broken(e.to_string()))?;
        let mut file = File::create(&new).context("open", new.display())?;
        file.write_all(&json).context("write", new.display())?;
        fs::rename(&new, &path).context("rename", path.display())?;
        Ok(result)
    })
}

/// Writes down what was proven by hand. What could not be written is said on standard error, and takes
/// nothing from the verdict.
///
/// # Errors
/// [`Error::Interrupted`].
pub fn keep(lab: &str, findings: &[Finding]) -> Result<()> {
    let now = Utc::now();
    let proven: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Pass)
        .map(|finding| finding.check)
        .collect();
    if proven.is_empty() {
        return Ok(());
    }
    let kept = change(|book| {
        let progress = book.entry(lab.to_owned()).or_default();
        progress.proven.extend(proven.iter().map(|check| ((*check).to_owned(), now)));
    });
    match kept {
        Err(error @ Error::Interrupted(_)) => Err(error),
        Err(error) => {
            crate::complain(&error);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}
