//! What a lab needs of the machine, and whether it is there.

use std::fs;
use std::path::Path;

use nix::sys::utsname::uname;
use nix::unistd::{Pid, Uid};

use crate::error::{Error, Result};
use crate::probe::cgroup::Cpu;
use crate::probe::process;
use crate::text;
use crate::text::Text;

/// Something that the machine, or the user, must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Root with the capabilities that the labs use.
    Root,
    /// A program, by its path.
    Program(&'static str),
    /// A file system that the kernel has, or can load.
    FileSystem(&'static str),
    /// The cpu controller, of control groups v1 or v2.
    CpuController,
    /// A kind of namespace, by its file in `/proc/self/ns`.
    Namespace(&'static str),
}

/// What is missing, and what would mend it.
#[derive(Clone, Debug)]
pub struct Missing {
    /// What is missing.
    pub reason: Text,
    /// What would mend it.
    pub mend: Text,
}

/// Bits of `CapEff`, from linux/capability.h.
const CAPABILITIES: [(u32, &str); 3] =
    [(12, "CAP_NET_ADMIN"), (18, "CAP_SYS_CHROOT"), (21, "CAP_SYS_ADMIN")];

impl Need {
    /// In a word, for the course's table.
    pub fn name(&self) -> Text {
        match self {
            Need::Root => Text::plain("root"),
            Need::Program(path) => Text::plain(path),
            Need::FileSystem(name) => Text::plain(name),
            Need::CpuController => Text::new("cgroup cpu controller", "cgroup cpu 컨트롤러"),
            Need::Namespace(name) => text!("{name} namespaces", "{name} 네임스페이스"),
        }
    }

    /// Why it is not there; `None` when it is.
    pub fn missing(&self) -> Option<Missing> {
        match self {
            Need::Root => missing_root(),
            Need::Program(path) => (!Path::new(path).is_file()).then(|| Missing {
                reason: text!("{path} is not there", "{path}이(가) 없습니다"),
                mend: text!("install the package that has it", "해당 패키지를 설치하십시오"),
            }),
            Need::FileSystem(name) => (!has_file_system(name)).then(|| Missing {
                reason: text!("this kernel has no {name}", "이 커널에는 {name}이(가) 없습니다"),
                mend: text!(
                    "load it with `modprobe {name}`, or use the VM",
                    "`modprobe {name}`으로 올리거나 VM을 쓰십시오"
                ),
            }),
            Need::CpuController => missing_cpu_controller(),
            Need::Namespace(name) => {
                let there = Path::new("/proc/self/ns").join(name).exists();
                (!there).then(|| Missing {
                    reason: text!(
                        "this kernel has no {name} namespaces",
                        "이 커널에는 {name} 네임스페이스가 없습니다"
                    ),
                    mend: Text::new("use the VM", "VM을 쓰십시오"),
                })
            }
        }
    }
}

/// Makes sure that all `needs` are met.
///
/// # Errors
/// [`Error::Unable`] for the first that is not.
pub fn require(needs: &[Need]) -> Result<()> {
    match needs.iter().find_map(Need::missing) {
        Some(Missing { reason, mend }) => Err(Error::unable(reason, mend)),
        None => Ok(()),
    }
}

fn missing_root() -> Option<Missing> {
    if !Uid::effective().is_root() {
        return Some(Missing {
            reason: Text::new("this lab needs root", "이 실습에는 root 권한이 필요합니다"),
            mend: Text::new(
                "run it with sudo, or in the VM",
                "sudo를 붙이거나 VM에서 실행하십시오",
            ),
        });
    }
    let effective = process::status(Pid::this(), "CapEff").ok()?;
    let bits = u64::from_str_radix(&effective, 16).ok()?;
    let (_, name) = CAPABILITIES.into_iter().find(|(bit, _)| bits & (1 << bit) == 0)?;
    Some(Missing {
        reason: text!("root lacks {name} here", "이 root에는 {name} 권한이 없습니다"),
        mend: Text::new(
            "in a container, start it with --privileged; else use the VM",
            "컨테이너라면 --privileged로 시작하고, 아니면 VM을 쓰십시오",
        ),
    })
}

fn missing_cpu_controller() -> Option<Missing> {
    let reason = match Cpu::find() {
        Ok(Some(cpu)) if cpu.can_have_children() => return None,
        Ok(Some(_)) => Text::new(
            "the control group at the root here holds processes, so groups in it cannot share",
            "여기 최상위 cgroup에 프로세스가 들어 있어 그 안의 그룹끼리 나눌 수 없습니다",
        ),
        Ok(None) => Text::new(
            "no control group hierarchy with the cpu controller is mounted",
            "cpu 컨트롤러가 있는 cgroup 계층이 마운트되어 있지 않습니다",
        ),
        Err(error) => {
            text!("control groups cannot be read: {error}", "cgroup을 읽을 수 없습니다: {error}")
        }
    };
    Some(Missing { reason, mend: Text::new("use the VM", "VM을 쓰십시오") })
}

/// Built in or loaded already, or a module that mount(2) will load.
fn has_file_system(name: &str) -> bool {
    let known = fs::read_to_string("/proc/filesystems").unwrap_or_default();
    let release = uname().map(|uts| uts.release().to_owned()).unwrap_or_default();
    let modules = Path::new("/lib/modules").join(release).join("modules.dep");
    let loadable = fs::read_to_string(modules).unwrap_or_default();
    known.split_whitespace().any(|word| word == name)
        || loadable.lines().any(|line| {
            line.split(':').next().is_some_and(|path| path.contains(&format!("/{name}.ko")))
        })
}
