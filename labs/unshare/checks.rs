//! What `lab unshare` claims.
//!
//! The subject's `pid` is a process in the namespace that the claim is about, its `others`, where there
//! are any, begin with the first process of its PID namespace.

use std::path::PathBuf;

use nix::unistd::Pid;

use crate::error::Result;
use crate::lab::{Check, Seen};
use crate::probe::namespace::{self, Kind};
use crate::probe::process;
use crate::text;
use crate::text::Text;

/// All of them, in the order in which the lab proves them.
pub static ALL: &[&Check] = &[
    &UTS_NAMESPACE,
    &HOST_NAME_APART,
    &PID_ONE,
    &PROC_OF_HOST,
    &PROC_OF_ITS_OWN,
    &ORPHAN_ADOPTED,
    &THREE_OF_EIGHT,
    &ALL_DEAD,
];

/// The name that the course gives the machine inside.
pub const HOST_NAME: &str = "happy.life.com";

/// The UTS namespace is another one.
pub static UTS_NAMESPACE: Check = Check {
    id: "uts-namespace",
    claim: Text::new(
        "the process has a UTS namespace of its own",
        "프로세스가 UTS 네임스페이스를 따로 갖습니다",
    ),
    hint: Text::new("start it with `unshare --uts`", "`unshare --uts`로 시작하십시오"),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let (ours, theirs) = (namespace::ours(Kind::Uts)?, namespace::of(pid, Kind::Uts)?);
        Ok(Seen::judge(
            ours != theirs,
            text!("not {ours}", "{ours}이(가) 아님"),
            Text::plain(&theirs),
            format!("/proc/{pid}/ns/uts"),
        ))
    },
};

/// The name was changed inside, and only there.
pub static HOST_NAME_APART: Check = Check {
    id: "host-name-apart",
    claim: Text::new(
        "the host name inside is another than the one outside",
        "안의 호스트 이름이 밖의 이름과 다릅니다",
    ),
    hint: Text::new(
        "run `hostname happy.life.com` inside, after `unshare --uts`",
        "`unshare --uts` 뒤에 안에서 `hostname happy.life.com`을 실행하십시오",
    ),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let (inside, outside) = (namespace::host_name(pid)?, namespace::host_name(Pid::this())?);
        Ok(Seen::judge(
            inside != outside,
            text!("not {outside} inside", "안에서는 {outside}이(가) 아님"),
            text!("{inside} inside, {outside} outside", "안 {inside}, 밖 {outside}"),
            "uname(2)",
        ))
    },
};

/// It has two numbers, and the one inside is 1.
pub static PID_ONE: Check = Check {
    id: "pid-one",
    claim: Text::new(
        "number 1 inside, another number outside",
        "안에서는 1번, 밖에서는 다른 번호입니다",
    ),
    hint: Text::new(
        "`unshare --pid` needs `--fork`: the first child is number 1",
        "`unshare --pid`에는 `--fork`가 필요합니다. 첫 자식이 1번입니다",
    ),
    probe: |subject, _| {
        // Where a process of the namespace is meant, it is the namespace's first that counts.
        let pid = subject.others.first().copied().map_or_else(|| subject.pid(), Ok)?;
        process::must_run(pid)?;
        let numbers = process::status(pid, "NSpid")?;
        let listed: Vec<&str> = numbers.split_whitespace().collect();
        Ok(Seen::judge(
            listed.len() > 1 && listed.last() == Some(&"1"),
            Text::plain(format!("{pid} 1")),
            Text::plain(listed.join(" ")),
            format!("NSpid in /proc/{pid}/status"),
        ))
    },
};

/// How many of the processes that `/proc` inside shows are in the PID namespace of `pid`, and how
/// many are strangers. What ends during the look is neither.
fn own_and_strangers(pid: Pid) -> Result<(usize, usize)> {
    process::must_run(pid)?;
    let proc = PathBuf::from(format!("/proc/{pid}/root/proc"));
    let shown = process::pids_in(&proc)?;
    let ours = namespace::of(pid, Kind::Pid)?;
    let theirs: Vec<String> =
        shown.iter().filter_map(|pid| namespace::in_proc(&proc, *pid, Kind::Pid).ok()).collect();
    let own = theirs.iter().filter(|it| **it == ours).count();
    Ok((own, theirs.len() - own))
}

/// `/proc` inside is the machine's.
pub static PROC_OF_HOST: Check = Check {
    id: "proc-of-host",
    claim: Text::new(
        "/proc inside shows processes outside of its namespace",
        "안의 /proc에 네임스페이스 밖의 프로세스가 보입니다",
    ),
    hint: Text::new("/proc was mounted anew already", "/proc이 이미 새로 마운트되어 있습니다"),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let (own, strangers) = own_and_strangers(pid)?;
        let shown = own + strangers;
        Ok(Seen::judge(
            strangers > 0,
            Text::new("strangers", "남의 프로세스가 있음"),
            text!("{strangers} strangers of {shown}", "{shown}개 가운데 남의 것 {strangers}개"),
            format!("/proc/{pid}/root/proc"),
        ))
    },
};

/// `/proc` inside is its own.
pub static PROC_OF_ITS_OWN: Check = Check {
    id: "proc-of-its-own",
    claim: Text::new(
        "/proc inside shows the processes of its namespace only",
        "안의 /proc에는 자기 네임스페이스의 프로세스만 보입니다",
    ),
    hint: Text::new(
        "mount proc inside, or start with `unshare --mount-proc`",
        "안에서 proc을 마운트하거나 `unshare --mount-proc`으로 시작하십시오",
    ),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let (own, strangers) = own_and_strangers(pid)?;
        Ok(Seen::judge(
            strangers == 0 && own > 0,
            Text::new("no stranger", "남의 프로세스 없음"),
            text!(
                "{own} of its own, {strangers} strangers",
                "자기 것 {own}개, 남의 것 {strangers}개"
            ),
            format!("/proc/{pid}/root/proc"),
        ))
    },
};

/// The subject's `pid` is an orphan, `others` the first process of its PID namespace.
pub static ORPHAN_ADOPTED: Check = Check {
    id: "orphan-adopted",
    claim: Text::new("the orphan's parent is number 1", "고아의 부모는 1번입니다"),
    hint: Text::new(
        "its parent still lives, or a subreaper took it",
        "부모가 아직 살아 있거나 subreaper가 거두었습니다",
    ),
    probe: |subject, _| {
        let pid = subject.pid()?;
        process::must_run(pid)?;
        let first = subject.others.first().map_or(0, |first| first.as_raw());
        let parent = process::stat(pid)?.parent;
        Ok(Seen::equal(first, parent, format!("PPid in /proc/{pid}/status")))
    },
};

/// Which namespaces are its own.
pub static THREE_OF_EIGHT: Check = Check {
    id: "three-of-eight",
    claim: Text::new(
        "mnt, pid and uts are its own, the others are shared",
        "mnt, pid, uts는 따로이고 나머지는 공유합니다",
    ),
    hint: Text::new(
        "compare the inodes under /proc/PID/ns with those under /proc/self/ns",
        "/proc/PID/ns와 /proc/self/ns의 inode를 견주어 보십시오",
    ),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let mut own = Vec::new();
        for kind in Kind::ALL {
            if namespace::of(pid, kind)? != namespace::ours(kind)? {
                own.push(kind.name());
            }
        }
        // Nobody but root may make them without a user namespace.
        let by_root = process::user(pid)?.is_root();
        let expected = if by_root { "mnt pid uts" } else { "mnt pid user uts" };
        Ok(Seen::equal(expected.to_owned(), own.join(" "), format!("/proc/{pid}/ns")))
    },
};

/// `others` were the processes of a PID namespace, its first among them.
pub static ALL_DEAD: Check = Check {
    id: "all-dead",
    claim: Text::new(
        "no process of the namespace is left",
        "네임스페이스의 프로세스가 하나도 없습니다",
    ),
    hint: Text::new(
        "the process that was killed was not number 1",
        "죽인 프로세스가 1번이 아니었습니다",
    ),
    probe: |subject, _| {
        let alive = subject.others.iter().filter(|pid| process::must_run(**pid).is_ok()).count();
        let files: Vec<String> =
            subject.others.iter().map(|pid| format!("/proc/{pid}/stat")).collect();
        Ok(Seen::equal(0, alive, files.join(" ")))
    },
};
