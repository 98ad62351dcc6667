//! The step that comes first for who is not root: becoming root in a user namespace, and what that is
//! worth. The lab that follows is the same.

use indoc::formatdoc;
use nix::errno::Errno;
use nix::sched::CloneFlags;
use nix::unistd::{Pid, Uid, gethostname, sethostname, setuid};

use crate::error::{Context, Error, Result};
use crate::lab::Step;
use crate::lab::check::{Check, Subject};
use crate::lab::event::View;
use crate::lab::finding::Seen;
use crate::lab::scene::{Scene, must_fail};
use crate::probe::namespace;
use crate::probe::process::status;
use crate::text::Text;
use crate::visit::kind::Kind;
use crate::visit::{child, user};

/// The step.
pub static STEP: Step = Step {
    id: "user-namespace",
    title: Text::new("Root without being root", "root 권한 없이 root 되기"),
    met: Text::new("rootless docker, podman", "rootless docker와 podman"),
};

/// What the step proves.
pub static CHECKS: &[&Check] = &[&ONE_USER, &SETGROUPS_DENIED, &MACHINE_REFUSES, &NOBODY_ELSE];

/// Who this process is.
struct Standing {
    namespace: String,
    user: Uid,
    capabilities: String,
}

impl Standing {
    fn look() -> Result<Standing> {
        Ok(Standing {
            namespace: namespace::of(Pid::this(), Kind::User)?,
            user: Uid::effective(),
            capabilities: status(Pid::this(), "CapEff")?,
        })
    }
}

/// Becomes root in a user namespace, and shows what that root is.
///
/// # Errors
/// unshare(2)'s, write(2)'s, mount(2)'s; the stage's.
pub fn become_root(scene: &mut Scene<'_>) -> Result<()> {
    let before = Standing::look()?;
    let user = before.user;
    scene.step(
        STEP.id,
        Text::from_strings(
            formatdoc! {"
                Whoever makes a user namespace has all capabilities in there and, once a uid map says
                so, is root: it may mount, and make other namespaces. The map says who that is out
                here: uid {user}, and nobody else. Over the host's resources it has no power. Rootless
                containers work like this.
            "},
            formatdoc! {"
                사용자 네임스페이스를 만들면 그 안에서 모든 capability(세분화된 root 권한)를 얻고, UID
                매핑(uid_map)을 기록하면 root가 되어 마운트도, 다른 네임스페이스 생성도 할 수 있습니다.
                매핑에 따라 호스트에서는 uid {user}일 뿐이고, 호스트의 자원에는 아무 권한이 없습니다.
                rootless 컨테이너가 이렇게 동작합니다.
            "},
        ),
    )?;
    scene.shell(must_fail(
        "unshare --user --map-root-user --mount bash\n\
         cat /proc/$$/uid_map; hostname outside",
        "EPERM",
    ))?;
    scene.act(crate::kernel::cleanup::Cleanup::become_root)?;
    let after = Standing::look()?;
    let head = [Text::plain(""), Text::new("before", "이전"), Text::new("after", "이후")];
    let row = |name: Text, of: fn(&Standing) -> String| {
        [name, Text::plain(of(&before)), Text::plain(of(&after))]
    };
    scene.observe(
        Text::plain(""),
        View::table(head)
            .row(row(Text::new("namespace", "네임스페이스"), |it| it.namespace.clone()))
            .row(row(Text::plain("uid"), |it| it.user.to_string()))
            .row(row(Text::plain("CapEff"), |it| it.capabilities.clone())),
    )?;
    scene.prove(CHECKS, &Subject::process(Pid::this()))
}

/// Its root is one user outside, and there is no other.
static ONE_USER: Check = Check {
    id: "one-user",
    claim: Text::new(
        "uid 0 in there is one user of the host, and no other is mapped",
        "uid 0은 호스트의 사용자 한 명이고, 다른 사용자는 없습니다",
    ),
    hint: Text::new(
        "start it with `unshare --user --map-root-user`",
        "`unshare --user --map-root-user`로 실행하십시오",
    ),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let map = user::uid_map(pid)?;
        let lines: Vec<String> = map.iter().map(ToString::to_string).collect();
        let one = matches!(map.as_slice(), [only] if only.inside == 0 && only.count == 1);
        Ok(Seen::judge(
            one,
            Text::new("one line: 0 UID 1", "한 줄: 0 UID 1"),
            Text::plain(lines.join(", ")),
            format!("/proc/{pid}/uid_map"),
        ))
    },
};

/// It cannot drop a group, and with it what that group is refused.
static SETGROUPS_DENIED: Check = Check {
    id: "setgroups-denied",
    claim: Text::new("it may not drop a supplementary group", "보조 그룹을 버릴 수 없습니다"),
    hint: Text::new(
        "write deny to /proc/PID/setgroups before the gid_map",
        "gid_map보다 먼저 /proc/PID/setgroups에 deny를 기록하십시오",
    ),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let source = format!("/proc/{pid}/setgroups");
        Ok(Seen::equal("deny".to_owned(), user::setgroups(pid)?, source))
    },
};

/// What belongs to the machine is refused: here its host name, which would be set to what it is.
static MACHINE_REFUSES: Check = Check {
    id: "machine-refuses",
    claim: Text::new(
        "it may not set the host's name",
        "호스트의 이름(hostname)을 바꿀 수 없습니다",
    ),
    hint: Text::new("is this root the host's own?", "이 root가 호스트의 진짜 root입니까?"),
    probe: |_, _| {
        let name = gethostname().context("gethostname", "")?;
        let answer = sethostname(name).context("sethostname", "");
        refused(Errno::EPERM, "sethostname(2)", answer)
    },
};

/// Another user has no number in here.
static NOBODY_ELSE: Check = Check {
    id: "nobody-else",
    claim: Text::new("it may not become another user", "다른 사용자가 될 수 없습니다"),
    hint: Text::new("does uid 1 have a line in the uid_map?", "uid_map에 uid 1이 들어 있습니까?"),
    probe: |_, _| {
        let other = Uid::from_raw(1);
        // A child asks: were it allowed, there would be no way back.
        let answer = child::ask(CloneFlags::empty(), || setuid(other).context("setuid", other));
        refused(Errno::EINVAL, "setuid(1)", answer)
    },
};

/// Whether `call` was answered with `errno`.
fn refused(errno: Errno, call: &str, answer: Result<()>) -> Result<Seen> {
    let seen = match answer {
        Ok(()) => "0".to_owned(),
        Err(Error::Sys(error)) => format!("{:?}", error.errno()),
        Err(error) => return Err(error),
    };
    Ok(Seen::equal(format!("{errno:?}"), seen, call))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::finding::Verdict;

    #[test]
    fn outside_of_one_no_claim_holds() {
        if !user::is_machines_root() {
            use std::io::Write;
            // Past libtest's capture.
            let _ = writeln!(std::io::stderr(), "skipped: outside_of_one_no_claim_holds: no root");
            return;
        }
        for check in CHECKS {
            let finding = check.hold(&Subject::process(Pid::this()), &mut |_, _, _| Ok(()));
            assert_eq!(finding.unwrap().verdict, Verdict::Fail, "{}", check.id);
        }
    }
}
