//! Whether a part of the control groups was delegated to this process (cgroup-v2.rst, "Delegation").

use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, Pid, access};

use crate::error::Result;
use crate::probe::cgroup::{self, Cpu};
use crate::probe::missing::Missing;
use crate::text;
use crate::text::Text;

/// What gives somebody a group of their own, with the lab alone in it.
const COMMAND: &str = "systemd-run --user --scope -p Delegate=yes lab cpu-shares";

/// The group that was delegated to this process: the one that it is in.
///
/// # Errors
/// open(2)'s.
pub fn group(cpu: &Cpu) -> Result<PathBuf> {
    cpu.group_of(Pid::this())
}

/// Why groups with shares cannot be made in the group that this process is in; `None` when they can.
pub fn missing(cpu: &Cpu) -> Option<Missing> {
    if let Cpu::V1 { .. } = cpu {
        return Some(Missing {
            reason: Text::new(
                "the groups of cgroup v1 are root's, and cannot be delegated safely",
                "cgroup v1의 그룹은 root만 쓸 수 있고 안전하게 위임할 수 없습니다",
            ),
            mend: Text::new(
                "run it with sudo, or boot with cgroup v2",
                "sudo로 실행하거나 cgroup v2로 부팅하십시오",
            ),
        });
    }
    let command = || text!("run `{COMMAND}`", "`{COMMAND}`로 실행하십시오");
    let group = match group(cpu) {
        Ok(group) => group,
        Err(error) => return Some(Missing { reason: Text::plain(error), mend: command() }),
    };
    let shown = group.display();
    if !is_writable(&group) {
        return Some(Missing {
            reason: text!(
                "your control group {shown} was not delegated to you",
                "{shown} 그룹은 위임받은 그룹이 아닙니다"
            ),
            mend: command(),
        });
    }
    if !cgroup::has_cpu(&group) {
        return Some(Missing {
            reason: text!(
                "the cpu controller was not delegated to {shown}",
                "{shown} 그룹에는 cpu 컨트롤러가 위임되지 않았습니다"
            ),
            mend: Text::new(
                "have root set Delegate=cpu for user@.service, or run lab with sudo",
                "root로 user@.service에 Delegate=cpu를 설정하거나 sudo로 실행하십시오",
            ),
        });
    }
    let strangers = cgroup::processes(&group).unwrap_or_default();
    strangers.iter().any(|pid| *pid != Pid::this()).then(|| Missing {
        reason: text!(
            "other processes are in {shown}, so groups in it cannot share",
            "{shown} 그룹에 다른 프로세스가 있어 하위 그룹끼리 CPU를 나눌 수 없습니다"
        ),
        mend: command(),
    })
}

fn is_writable(group: &Path) -> bool {
    [group.to_owned(), group.join("cgroup.procs"), group.join("cgroup.subtree_control")]
        .iter()
        .all(|path| access(path, AccessFlags::W_OK).is_ok())
}
