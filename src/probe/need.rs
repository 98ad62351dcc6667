//! What a lab needs of the machine, and whether it is there.

use std::fs;
use std::path::Path;

use nix::sys::utsname::uname;
use nix::unistd::{AccessFlags, Pid, Uid, access};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::probe::cgroup::Cpu;
use crate::probe::missing::Missing;
use crate::probe::{delegation, process, refusal};
use crate::text;
use crate::text::Text;

/// How a lab comes by what only root may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Privilege {
    /// It is run by root.
    Root,
    /// It is run by anybody, and becomes root in a user namespace of its own; control groups have to be
    /// delegated to it.
    Rootless,
}

impl Privilege {
    /// What this process's user comes by.
    pub fn of_the_user() -> Privilege {
        if Uid::effective().is_root() { Privilege::Root } else { Privilege::Rootless }
    }

    /// In a word, for the reader.
    pub fn name(self) -> Text {
        match self {
            Privilege::Root => Text::new("as root", "root로"),
            Privilege::Rootless => Text::new("without root", "root 권한 없이"),
        }
    }
}

/// Something that the machine, or the user, must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The capabilities that the labs use: root's, or those of root in a user namespace.
    Capabilities,
    /// A program, by its path.
    Program(&'static str),
    /// Overlays, which the kernel has, or can load.
    Overlay,
    /// A `/proc` that can be mounted anew.
    Proc,
    /// A root directory that is its mount namespace's: chroot(2) has not moved it.
    OwnRoot,
    /// The cpu controller, of control groups v1 or v2.
    CpuController,
    /// A kind of namespace, by its file in `/proc/self/ns`.
    Namespace(&'static str),
}

/// Bits of `CapEff`, from linux/capability.h.
const CAPABILITIES: [(u32, &str); 3] =
    [(12, "CAP_NET_ADMIN"), (18, "CAP_SYS_CHROOT"), (21, "CAP_SYS_ADMIN")];

impl Need {
    /// In a word, for the course's table.
    pub fn name(&self) -> Text {
        match self {
            Need::Capabilities => {
                Text::new("root, or a user namespace", "root 또는 사용자 네임스페이스")
            }
            Need::Program(path) => Text::plain(path),
            Need::Overlay => Text::plain("overlay"),
            Need::Proc => Text::new("a new /proc", "새 /proc"),
            Need::OwnRoot => Text::new("no chroot around it", "chroot 밖"),
            Need::CpuController => Text::new("cgroup cpu controller", "cgroup cpu 컨트롤러"),
            Need::Namespace(name) => text!("{name} namespaces", "{name} 네임스페이스"),
        }
    }

    /// Why it is not there for who comes by `privilege`; `None` when it is. What root could do is told
    /// to an ordinary user too.
    pub fn missing(&self, privilege: Privilege) -> Option<Missing> {
        let root = privilege == Privilege::Root;
        match self {
            Need::Capabilities if root => missing_capability(),
            Need::Capabilities => refusal::of_user_namespaces(),
            Need::Program(path) => (!Path::new(path).is_file()).then(|| Missing {
                reason: text!("{path} is not there", "{path} 파일이 없습니다"),
                mend: text!(
                    "install the package that has it",
                    "이 파일이 들어 있는 패키지를 설치하십시오"
                ),
            }),
            Need::Overlay if !has_overlay() => Some(Missing {
                reason: Text::new(
                    "this kernel has no overlayfs",
                    "이 커널에는 overlayfs가 없습니다",
                ),
                mend: Text::new(
                    "load it with `modprobe overlay`, or use the VM",
                    "`modprobe overlay`로 모듈을 올리거나 VM을 사용하십시오",
                ),
            }),
            Need::OwnRoot if root => refusal::of_a_chroot(),
            // A user namespace is refused there in the first place.
            Need::OwnRoot => None,
            Need::Overlay | Need::Proc if root => None,
            Need::Overlay => refusal::of_overlays(),
            Need::Proc => refusal::of_proc(),
            Need::CpuController => missing_cpu_controller(privilege),
            Need::Namespace(name) => {
                let there = Path::new("/proc/self/ns").join(name).exists();
                (!there).then(|| Missing {
                    reason: text!(
                        "this kernel has no {name} namespaces",
                        "이 커널에는 {name} 네임스페이스가 없습니다"
                    ),
                    mend: Text::new("use the VM", "VM을 사용하십시오"),
                })
            }
        }
    }
}

/// Makes sure that all `needs` are met for who comes by `privilege`.
///
/// # Errors
/// [`Error::Unable`] for the first that is not.
pub fn require(needs: &[Need], privilege: Privilege) -> Result<()> {
    // Who may mount in a user namespace may have one: what was tried with more is not tried again.
    let mounts = |need: &&Need| matches!(need, Need::Overlay | Need::Proc);
    let tried = |need: &Need| need.missing(privilege).is_none();
    let rootless = privilege == Privilege::Rootless;
    let may_mount = rootless && needs.iter().find(mounts).is_some_and(tried);
    let open = |need: &&Need| !(may_mount && (mounts(need) || **need == Need::Capabilities));
    match needs.iter().filter(open).find_map(|need| need.missing(privilege)) {
        Some(Missing { reason, mend }) => Err(Error::unable(reason, mend)),
        None => Ok(()),
    }
}

/// Makes sure that this process is root's.
///
/// # Errors
/// [`Error::Unable`] when it is not.
pub fn require_root() -> Result<()> {
    if Uid::effective().is_root() {
        return Ok(());
    }
    Err(Error::unable(
        Text::new("you are not root", "root가 아닙니다"),
        Text::new(
            "run it with sudo, or leave --root out",
            "sudo를 붙이거나 --root를 빼고 실행하십시오",
        ),
    ))
}

/// What root has here, or would have: nobody gets more than the bounding set (man 7 capabilities).
fn missing_capability() -> Option<Missing> {
    let set = if Uid::effective().is_root() { "CapEff" } else { "CapBnd" };
    let bits = u64::from_str_radix(&process::status(Pid::this(), set).ok()?, 16).ok()?;
    let (_, name) = CAPABILITIES.into_iter().find(|(bit, _)| bits & (1 << bit) == 0)?;
    Some(Missing {
        reason: text!("root lacks {name} here", "이 root에는 {name} capability가 없습니다"),
        mend: Text::new(
            "try --rootless; in a container, start it with --privileged; else use the VM",
            "--rootless를 붙여 보십시오. 컨테이너라면 --privileged로 실행하고, 아니면 VM을 사용하십시오",
        ),
    })
}

fn missing_cpu_controller(privilege: Privilege) -> Option<Missing> {
    let reason = match Cpu::find() {
        Ok(Some(cpu)) if privilege == Privilege::Rootless => return delegation::missing(&cpu),
        Ok(Some(cpu)) if Uid::effective().is_root() && is_read_only(&cpu) => {
            let root = cpu.root().display();
            text!(
                "no group can be made in {root} here",
                "여기서는 {root}에 그룹을 만들 수 없습니다"
            )
        }
        Ok(Some(cpu)) if cpu.can_have_children() => return None,
        Ok(Some(_)) => Text::new(
            "the control group at the root here holds processes, so groups in it cannot share",
            "최상위 cgroup에 프로세스가 들어 있어 하위 그룹끼리 CPU를 나눌 수 없습니다",
        ),
        Ok(None) => Text::new(
            "no control group hierarchy with the cpu controller is mounted",
            "cpu 컨트롤러가 있는 cgroup 계층이 마운트되어 있지 않습니다",
        ),
        Err(error) => {
            text!("control groups cannot be read: {error}", "cgroup을 읽을 수 없습니다: {error}")
        }
    };
    Some(Missing { reason, mend: Text::new("use the VM", "VM을 사용하십시오") })
}

/// Whether even root may make no group: in a user namespace, or in a container that only shows them.
fn is_read_only(cpu: &Cpu) -> bool {
    access(cpu.root(), AccessFlags::W_OK).is_err()
}

/// Built in or loaded already, or a module that mount(2) will load.
fn has_overlay() -> bool {
    let known = fs::read_to_string("/proc/filesystems").unwrap_or_default();
    let release = uname().map(|uts| uts.release().to_owned()).unwrap_or_default();
    let modules = Path::new("/lib/modules").join(release).join("modules.dep");
    let loadable = fs::read_to_string(modules).unwrap_or_default();
    known.split_whitespace().any(|word| word == "overlay")
        || loadable
            .lines()
            .any(|line| line.split(':').next().is_some_and(|path| path.contains("/overlay.ko")))
}
