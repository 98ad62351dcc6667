//! What `lab unshare` claims.
//!
//! The subject's `pid` is a process in the namespace that the claim is about, its `others`, where there
//! are any, begin with the first process of its PID namespace.

use std::path::PathBuf;

use nix::unistd::Pid;

use super::{mends, mistakes};
use crate::error::Result;
use crate::lab::check::Check;
use crate::lab::finding::Seen;
use crate::probe::{namespace, process};
use crate::text;
use crate::text::Text;
use crate::visit::kind::Kind;

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

/// The host name that the course sets in there.
pub const HOST_NAME: &str = "happy.life.com";

/// The UTS namespace is another one.
pub static UTS_NAMESPACE: Check = Check {
    id: "uts-namespace",
    claim: Text::new(
        "the process has a UTS namespace of its own",
        "프로세스가 독립된 UTS 네임스페이스에 있습니다",
    ),
    hint: Text::new("start it with `unshare --uts`", "`unshare --uts`로 실행하십시오"),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let (ours, theirs) = (namespace::ours(Kind::Uts)?, namespace::of(pid, Kind::Uts)?);
        Ok(Seen::judge(
            ours != theirs,
            text!("not {ours}", "{ours} 이외의 값"),
            Text::plain(&theirs),
            format!("/proc/{pid}/ns/uts"),
        )
        .mend(|| mends::anew(pid)))
    },
};

/// The name was changed inside, and only there.
pub static HOST_NAME_APART: Check = Check {
    id: "host-name-apart",
    claim: Text::new(
        "the host name in the namespace is another than the host's",
        "네임스페이스 안의 호스트 이름이 호스트의 이름과 다릅니다",
    ),
    hint: Text::new(
        "run `hostname happy.life.com` in the bash that `unshare --uts` has started",
        "`unshare --uts`로 실행한 bash에서 `hostname happy.life.com`을 실행하십시오",
    ),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let (inside, outside) = (namespace::host_name(pid)?, namespace::host_name(Pid::this())?);
        if mistakes::is_renamed_outside(&inside, &outside) {
            let expected = Text::new("a new name in there only", "네임스페이스 안에서만 새 이름");
            let seen = text!(
                "{outside} outside, and {inside} in there",
                "바깥이 {outside}, 네임스페이스 안은 {inside}"
            );
            return Ok(Seen::judge(false, expected, seen, "uname(2)")
                .advise(|| Some(mends::NAME_BACK))
                .mend(|| mends::names_set_right(pid, &inside)));
        }
        Ok(Seen::judge(
            inside != outside,
            text!("in there not {outside}", "네임스페이스 안에서는 {outside} 이외의 이름"),
            text!(
                "{inside} in there, {outside} outside",
                "네임스페이스 안 {inside}, 바깥 {outside}"
            ),
            "uname(2)",
        )
        .advise(|| shares_host_name(pid))
        .mend(|| mends::name_in(pid)))
    },
};

/// That a name which is set in there would be the host's.
fn shares_host_name(pid: Pid) -> Option<Text> {
    let shares = !namespace::is_apart(pid, Kind::Uts).ok()?;
    shares.then_some(Text::new(
        "it has the host's UTS namespace: start it with `unshare --uts` before you set a name",
        "호스트와 같은 UTS 네임스페이스에 있습니다. 이름을 바꾸기 전에 `unshare --uts`로 실행하십시오",
    ))
}

/// It has two numbers, and the one inside is 1.
pub static PID_ONE: Check = Check {
    id: "pid-one",
    claim: Text::new(
        "it is PID 1 in the namespace, and has another PID outside",
        "네임스페이스 안에서는 PID 1이고, 바깥에서는 PID가 다릅니다",
    ),
    hint: Text::new(
        "`unshare --pid` needs `--fork`: the first child is PID 1",
        "`unshare --pid`에는 `--fork`가 필요합니다. 첫 자식 프로세스가 PID 1입니다",
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
            format!("/proc/{pid}/status: NSpid"),
        )
        .advise(|| (listed.len() == 1).then(without_namespace))
        .mend(|| mends::anew(pid)))
    },
};

/// How many of the processes that `/proc` inside shows are in the PID namespace of `pid`, and how
/// many are strangers. What ends during the look is neither.
pub fn own_and_strangers(pid: Pid) -> Result<(usize, usize)> {
    process::must_run(pid)?;
    let proc = PathBuf::from(format!("/proc/{pid}/root/proc"));
    let shown = process::pids_in(&proc)?;
    let ours = namespace::of(pid, Kind::Pid)?;
    let theirs: Vec<String> =
        shown.iter().filter_map(|pid| namespace::in_proc(&proc, *pid, Kind::Pid).ok()).collect();
    let own = theirs.iter().filter(|it| **it == ours).count();
    Ok((own, theirs.len() - own))
}

fn without_namespace() -> Text {
    Text::new(
        "it has one PID, and so no PID namespace of its own: `unshare --pid --fork`",
        "PID가 하나뿐이므로 PID 네임스페이스가 따로 없습니다: `unshare --pid --fork`",
    )
}

/// `/proc` inside is the machine's.
pub static PROC_OF_HOST: Check = Check {
    id: "proc-of-host",
    claim: Text::new(
        "its /proc shows processes outside of its PID namespace",
        "이 프로세스의 /proc에는 PID 네임스페이스 밖의 프로세스도 보입니다",
    ),
    hint: Text::new("/proc was mounted anew already", "/proc이 이미 새로 마운트되어 있습니다"),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let (own, strangers) = own_and_strangers(pid)?;
        let shown = own + strangers;
        Ok(Seen::judge(
            strangers > 0,
            Text::new("processes of other namespaces", "다른 네임스페이스의 프로세스가 있음"),
            text!(
                "{strangers} of {shown} in other namespaces",
                "{shown}개 중 다른 네임스페이스의 프로세스 {strangers}개"
            ),
            format!("/proc/{pid}/root/proc"),
        ))
    },
};

const NO_PROC: Text = Text::new(
    "no proc is mounted on /proc in there: `mount -t proc proc /proc`, in there",
    "네임스페이스 안의 /proc에 proc이 마운트되어 있지 않습니다. 그 안에서 `mount -t proc proc /proc`을 실행하십시오",
);

/// `/proc` inside is its own.
pub static PROC_OF_ITS_OWN: Check = Check {
    id: "proc-of-its-own",
    claim: Text::new(
        "its /proc shows the processes of its PID namespace only",
        "이 프로세스의 /proc에는 같은 PID 네임스페이스의 프로세스만 보입니다",
    ),
    hint: Text::new(
        "mount proc in the new namespaces, or start with `unshare --mount-proc`",
        "새 네임스페이스 안에서 proc을 마운트하거나 `unshare --mount-proc`으로 실행하십시오",
    ),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let (own, strangers) = own_and_strangers(pid)?;
        Ok(Seen::judge(
            strangers == 0 && own > 0,
            Text::new("no process of another namespace", "다른 네임스페이스의 프로세스 없음"),
            text!(
                "{own} of its own namespace, {strangers} of others",
                "같은 네임스페이스 {own}개, 다른 네임스페이스 {strangers}개"
            ),
            format!("/proc/{pid}/root/proc"),
        )
        .advise(|| (own + strangers == 0).then_some(NO_PROC))
        .mend(|| mends::anew(pid)))
    },
};

/// The subject's `pid` is an orphan, `others` the first process of its PID namespace.
pub static ORPHAN_ADOPTED: Check = Check {
    id: "orphan-adopted",
    claim: Text::new("the orphan's parent is PID 1", "고아 프로세스의 부모는 PID 1입니다"),
    hint: Text::new(
        "its parent still lives, or a subreaper took it",
        "부모가 아직 실행 중이거나 subreaper가 대신 물려받았습니다",
    ),
    probe: |subject, _| {
        let pid = subject.pid()?;
        process::must_run(pid)?;
        let first = subject.others.first().map_or(0, |first| first.as_raw());
        let parent = process::stat(pid)?.parent;
        Ok(Seen::equal(first, parent, format!("/proc/{pid}/status: PPid")))
    },
};

/// Which namespaces are its own: the three at least. Any more are more than was asked for, and no lesson is lost by them.
pub static THREE_OF_EIGHT: Check = Check {
    id: "three-of-eight",
    claim: Text::new(
        "mnt, pid, uts (with unshare -U user too) are its own, the others shared",
        "mnt, pid, uts(unshare -U라면 user도)는 독립되어 있고 나머지는 공유합니다",
    ),
    hint: Text::new(
        "compare the inodes under /proc/PID/ns with those under /proc/self/ns",
        "/proc/PID/ns와 /proc/self/ns의 inode를 비교해 보십시오",
    ),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let mut own = Vec::new();
        for kind in Kind::ALL {
            if namespace::is_apart(pid, kind)? {
                own.push(kind.name());
            }
        }
        let missing: Vec<&str> = THREE.into_iter().filter(|name| !own.contains(name)).collect();
        // Nobody but root may make them without a user namespace.
        let is_asked_for = |name: &str| THREE.contains(&name) || name == Kind::User.name();
        let more: Vec<&str> = own.iter().copied().filter(|name| !is_asked_for(name)).collect();
        let (expected, seen) = (THREE.join(" "), own.join(" "));
        let (lacks, has) = (missing.join(" "), more.join(" "));
        Ok(Seen::judge(
            missing.is_empty(),
            Text::plain(expected),
            Text::plain(seen),
            format!("/proc/{pid}/ns"),
        )
        .advise(|| {
            Some(text!(
                "{lacks} is shared with the host: unshare has an option for each",
                "호스트와 공유하는 네임스페이스: {lacks}. unshare에 각각의 옵션이 있습니다"
            ))
        })
        .mend(|| mends::anew(pid))
        .remark(|| {
            (!more.is_empty()).then(|| {
                text!(
                    "{has} is its own too, which was not asked for",
                    "{has}도 독립되어 있습니다. 과제에서 요구하지는 않은 것입니다"
                )
            })
        }))
    },
};

/// The namespaces that the exercise asks for, in the order of [`Kind::ALL`].
const THREE: [&str; 3] = ["mnt", "pid", "uts"];

/// `others` were the processes of a PID namespace, its first among them.
pub static ALL_DEAD: Check = Check {
    id: "all-dead",
    claim: Text::new(
        "no process of the namespace is left",
        "네임스페이스의 프로세스가 하나도 남아 있지 않습니다",
    ),
    hint: Text::new(
        "the process that was killed was not PID 1",
        "강제 종료한 프로세스가 PID 1이 아니었습니다",
    ),
    probe: |subject, _| {
        let alive = subject.others.iter().filter(|pid| process::must_run(**pid).is_ok()).count();
        let files: Vec<String> =
            subject.others.iter().map(|pid| format!("/proc/{pid}/stat")).collect();
        // Not that one of them has ended: all of them should have.
        Ok(Seen::equal(0, alive, files.join(" ")).advise(|| Some(ALL_DEAD.hint.clone())))
    },
};
