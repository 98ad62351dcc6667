//! What people get wrong with this lab, by what the kernel shows.

use std::fs;

use nix::unistd::Pid;

use super::checks;
use crate::error::Result;
use crate::lab::check::Subject;
use crate::lab::goal::Mistake;
use crate::probe::namespace;
use crate::text::Text;
use crate::visit::kind::Kind;

/// All of them; of one check the first that fits is it.
pub static ALL: &[Mistake] = &[
    Mistake {
        id: "no-uts",
        check: &checks::UTS_NAMESPACE,
        name: Text::new("unshare without --uts", "--uts 없이 실행한 unshare"),
        what_happened: Text::new(
            "it has the machine's UTS namespace, and a name that is set in there is the whole machine's",
            "호스트와 같은 UTS 네임스페이스에 있어, 안에서 이름을 바꾸면 시스템 전체의 이름이 바뀝니다",
        ),
        looks_like: |subject| Ok(!has_own(subject, Kind::Uts)? && has_own(subject, Kind::Pid)?),
    },
    Mistake {
        id: "renamed-outside",
        check: &checks::HOST_NAME_APART,
        name: Text::new("a name set in the wrong terminal", "다른 터미널에서 바꾼 호스트 이름"),
        what_happened: Text::new(
            "hostname was typed outside: the machine has the new name now, and the namespace kept the old one",
            "hostname을 바깥에서 실행해 시스템의 이름이 바뀌고, 네임스페이스에는 원래 이름이 남았습니다",
        ),
        looks_like: |subject| {
            let (inside, outside) = names(subject)?;
            Ok(is_renamed_outside(&inside, &outside))
        },
    },
    Mistake {
        id: "name-never-set",
        check: &checks::HOST_NAME_APART,
        name: Text::new("a name that was never set", "설정하지 않은 호스트 이름"),
        what_happened: Text::new(
            "a new UTS namespace begins with a copy of the name, and nobody has changed it",
            "새 UTS 네임스페이스는 이름을 복사해 시작하는데, 그 뒤로 아무도 바꾸지 않았습니다",
        ),
        looks_like: |subject| {
            let (inside, outside) = names(subject)?;
            Ok(inside == outside && has_own(subject, Kind::Uts)?)
        },
    },
    Mistake {
        id: "no-fork",
        check: &checks::PID_ONE,
        name: Text::new("unshare --pid without --fork", "--fork 없이 실행한 unshare --pid"),
        what_happened: Text::new(
            "the shell stayed in the old PID namespace: only its children are born into a new one, and the first of them is PID 1",
            "셸 자신은 원래 PID 네임스페이스에 남습니다. 새 네임스페이스에서 시작하는 것은 자식뿐이고, 그 첫 자식이 PID 1입니다",
        ),
        looks_like: |subject| {
            let pid = subject.pid()?;
            let ours = namespace::ours(Kind::Pid)?;
            Ok(!has_own(subject, Kind::Pid)? && namespace::for_children(pid)? != ours)
        },
    },
    Mistake {
        id: "no-mount-proc",
        check: &checks::PROC_OF_ITS_OWN,
        name: Text::new("a /proc that was not mounted anew", "새로 마운트하지 않은 /proc"),
        what_happened: Text::new(
            "/proc is the one that was mounted outside, and so ps lists the processes out there",
            "/proc이 바깥에서 마운트한 것 그대로라서 ps에 바깥의 프로세스가 나옵니다",
        ),
        looks_like: |subject| {
            let (_, strangers) = checks::own_and_strangers(subject.pid()?)?;
            Ok(strangers > 0)
        },
    },
    Mistake {
        id: "proc-covered",
        check: &checks::PROC_OF_ITS_OWN,
        name: Text::new("something else mounted on /proc", "/proc에 마운트한 다른 파일 시스템"),
        what_happened: Text::new(
            "what is on /proc in there is no proc: it shows nobody, and ps does not start",
            "네임스페이스 안의 /proc에 있는 것은 proc이 아니어서 아무 프로세스도 보이지 않고 ps도 실행되지 않습니다",
        ),
        looks_like: |subject| {
            let (own, strangers) = checks::own_and_strangers(subject.pid()?)?;
            Ok(own + strangers == 0)
        },
    },
];

fn has_own(subject: &Subject, kind: Kind) -> Result<bool> {
    namespace::is_apart(subject.pid()?, kind)
}

/// The host name in there, and the one outside.
fn names(subject: &Subject) -> Result<(String, String)> {
    Ok((namespace::host_name(subject.pid()?)?, namespace::host_name(Pid::this())?))
}

/// Whether it is the machine that was given another name. The kernel keeps no former one: the name that the exercise asks
/// for gives it away, or a machine that is called otherwise than it was when it started (man 5 hostname), while the
/// namespace is still called so.
pub fn is_renamed_outside(inside: &str, outside: &str) -> bool {
    let at_start = fs::read_to_string("/etc/hostname").unwrap_or_default();
    let kept = inside == at_start.trim();
    inside != outside && (outside == checks::HOST_NAME || kept)
}
