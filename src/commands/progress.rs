//! How far somebody is: what was proven by hand, and when; how many hints were given. It is kept in the
//! user's state folder, under sudo the calling user's.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use nix::errno::Errno;
use nix::libc;
use nix::sched::CloneFlags;
use nix::unistd::{Gid, Uid, User, setgroups, setresgid, setresuid};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Context, Error, Result};
use crate::interrupt;
use crate::kernel::files;
use crate::lab::finding::{Finding, Verdict};
use crate::lab::play::Score;
use crate::stage::output;
use crate::text;
use crate::text::Text;
use crate::visit::child;
use crate::visit::user::is_machines_root;

/// How far somebody is in one lab.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// When each check was last proven by hand.
    #[serde(default)]
    pub proven: BTreeMap<String, DateTime<Utc>>,
    /// How many hints were given for each.
    #[serde(default)]
    pub hints: BTreeMap<String, usize>,
    /// When it was last watched to its end, and how many answers of the kernel were predicted then, of how many.
    #[serde(default)]
    pub watched: Option<Watched>,
}

/// A run of a lab that somebody has watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// When it ended.
    pub at: DateTime<Utc>,
    /// How many answers were predicted right.
    pub predicted: usize,
    /// Of how many.
    pub asked: usize,
}

/// All labs, by their identifiers.
pub type Book = BTreeMap<String, Progress>;

/// More than any book: some hundred checks with a date each.
pub const MOST_BYTES: u64 = 1 << 20;

/// How long another that changes the book is waited for, and how often it is asked.
const PATIENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(20);

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
        let folder = folder.join("lab");
        // Root in a user namespace can do no more than who has made that.
        if is_machines_root() {
            must_be_roots(&folder)?;
        }
        Ok(Place { folder, owner: None })
    }

    /// Does `work` with the book's folder, as its owner.
    fn visit<T>(&self, work: impl FnOnce(&Path) -> Result<T>) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
    {
        let Some((user, group)) = self.owner else { return work(&self.folder) };
        child::ask(CloneFlags::empty(), || {
            setgroups(&[group]).context("setgroups", group)?;
            setresgid(group, group, group).context("setresgid", group)?;
            setresuid(user, user, user).context("setresuid", user)?;
            work(&self.folder)
        })
    }
}

/// Who called sudo (man 8 sudo, `SUDO_UID`), where somebody did. Who has no entry in the user database has
/// no home, and root's HOME may still be theirs.
fn caller() -> Result<Option<User>> {
    let asked = std::env::var("SUDO_UID").unwrap_or_default();
    if !Uid::effective().is_root() || matches!(asked.as_str(), "" | "0") {
        return Ok(None);
    }
    let user = match asked.parse() {
        Ok(id) => User::from_uid(Uid::from_raw(id)).context("getpwuid", id)?,
        Err(_) => None,
    };
    user.map(Some).ok_or_else(|| {
        Error::unable(
            text!(
                "no progress is kept: SUDO_UID is {asked}, which is no user of this machine",
                "진도를 저장하지 않습니다: SUDO_UID가 {asked}인데, 이 시스템에 없는 사용자입니다"
            ),
            Text::new(
                "unset it for progress of root's own",
                "root의 진도로 저장하려면 이 변수를 지우십시오",
            ),
        )
    })
}

/// Makes sure that nobody but root can have a say in where `folder` leads: after `su -m` HOME may still be
/// somebody else's, with links in it. Each part of the path that is there must be root's, and closed to
/// others but for a sticky folder on the way, in which they can move nothing of root's.
fn must_be_roots(folder: &Path) -> Result<()> {
    let there = folder.ancestors().find(|part| fs::symlink_metadata(part).is_ok());
    let there = there.unwrap_or(Path::new("/"));
    let end = fs::canonicalize(there).context("realpath", there.display())?;
    let is_roots = |part: &Path| {
        fs::symlink_metadata(part).is_ok_and(|meta| {
            let is_closed = meta.is_symlink()
                || meta.mode() & 0o022 == 0
                || (meta.mode() & 0o1000 != 0 && part != end);
            meta.uid() == 0 && is_closed
        })
    };
    if there.ancestors().chain(end.ancestors()).all(is_roots) {
        return Ok(());
    }
    let folder = folder.display();
    Err(Error::unable(
        text!(
            "no progress is kept: others than root can change where {folder} leads",
            "진도를 저장하지 않습니다: {folder} 경로를 root가 아닌 사용자가 바꿀 수 있습니다"
        ),
        Text::new(
            "use sudo, or set HOME to root's home",
            "sudo를 쓰거나 HOME을 root의 홈 디렉터리로 설정하십시오",
        ),
    ))
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
    let file = match files::open_regular(&path, OpenOptions::new().read(true)) {
        Err(error) if error.errno() == Some(Errno::ENOENT) => return Ok(Book::new()),
        other => other?,
    };
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).context("read", path.display())?;
    let book = Some(bytes).filter(|bytes| bytes.len() as u64 <= MOST_BYTES);
    book.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(|| {
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
/// As for [`read`]; write(2)'s; [`Error::Unable`] when somebody else keeps it locked.
pub fn change<T>(work: impl FnOnce(&mut Book) -> T) -> Result<T>
where
    T: Serialize + DeserializeOwned,
{
    Place::find()?.visit(|folder| {
        fs::create_dir_all(folder).context("mkdir", folder.display())?;
        // Held until the end.
        let _lock = lock(folder)?;
        let mut book = read_in(folder)?;
        let result = work(&mut book);
        write(folder, &book)?;
        Ok(result)
    })
}

fn lock(folder: &Path) -> Result<File> {
    let mut open = OpenOptions::new();
    let file = open.read(true).custom_flags(libc::O_DIRECTORY).open(folder);
    let file = file.context("open", folder.display())?;
    let end = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => {
                return Err(error).context("flock", folder.display());
            }
            Err(TryLockError::WouldBlock) if Instant::now() < end => interrupt::sleep(PAUSE)?,
            Err(TryLockError::WouldBlock) => break,
        }
    }
    let folder = folder.display();
    Err(Error::unable(
        text!(
            "another program keeps {folder} locked",
            "다른 프로그램이 이 디렉터리를 잠가 두었습니다: {folder}"
        ),
        text!("see who does: fuser -v {folder}", "누구인지 확인하십시오: fuser -v {folder}"),
    ))
}

fn write(folder: &Path, book: &Book) -> Result<()> {
    let (path, new) = (folder.join("progress.json"), folder.join("progress.json.new"));
    // Left by a run that was killed: while we hold the lock, no other writes it.
    match files::remove(&new) {
        Err(error) if error.errno() == Some(Errno::ENOENT) => {}
        other => other?,
    }
    let json = serde_json::to_string_pretty(book)?;
    files::make_file(&new, &json)?;
    fs::rename(&new, &path).context("rename", path.display())
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
    or_complain(kept, ())
}

/// Writes down that a lab was watched to its end. What could not be written is said on standard error.
///
/// # Errors
/// [`Error::Interrupted`].
pub fn keep_watched(lab: &str, score: &Score) -> Result<()> {
    let Score { predicted, asked, .. } = *score;
    let kept = change(|book| {
        let watched = Watched { at: Utc::now(), predicted, asked };
        book.entry(lab.to_owned()).or_default().watched = Some(watched);
    });
    or_complain(kept, ())
}

/// Counts one more of the `most` hints for a check, and returns how many it are now. What could not be
/// written is said on standard error; it is the first hint then.
///
/// # Errors
/// [`Error::Interrupted`].
pub fn one_more_hint(lab: &str, check: &str, most: usize) -> Result<usize> {
    let counted = change(|book| {
        let hints = &mut book.entry(lab.to_owned()).or_default().hints;
        let given = hints.entry(check.to_owned()).or_default();
        *given = given.saturating_add(1).min(most);
        *given
    });
    or_complain(counted, 1)
}

/// What came of it; else says why on standard error, and goes on with `otherwise`.
fn or_complain<T>(outcome: Result<T>, otherwise: T) -> Result<T> {
    match outcome {
        Err(error @ Error::Interrupted(_)) => Err(error),
        Err(error) => {
            output::complain(&error);
            Ok(otherwise)
        }
        done => done,
    }
}
