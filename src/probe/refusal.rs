//! What an ordinary user is refused here, found out by trying, and who refuses it. A child tries, in
//! namespaces that end with it.

use std::fs;
use std::path::Path;

use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::CloneFlags;
use nix::unistd::Pid;

use crate::error::{Context, Error, Result, SysError};
use crate::probe::missing::Missing;
use crate::probe::{mountinfo, namespace, process};
use crate::text;
use crate::text::Text;
use crate::visit::child::ask;
use crate::visit::user;

/// Why this process cannot be root in a user namespace of its own; `None` when it can.
pub fn of_user_namespaces() -> Option<Missing> {
    let error = ask(CloneFlags::empty(), user::try_root).err()?;
    Some(because(&error, &Limits::read()))
}

/// Why it cannot mount `/proc` anew for a PID namespace of its own.
pub fn of_proc() -> Option<Missing> {
    let flags = CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNS;
    let tried = ask(flags, || {
        crate::visit::mounts::make_private()?;
        crate::visit::mounts::proc(Path::new("/proc"))
    });
    let error = tried.err()?;
    if matches!(&error, Error::Sys(error) if error.call == "clone") {
        return Some(because(&error, &Limits::read()));
    }
    Some(Missing {
        reason: text!(
            "/proc cannot be mounted anew here, because parts of it are hidden: {error}",
            "여기서는 /proc의 일부가 가려져 있어 새로 마운트할 수 없습니다: {error}"
        ),
        mend: Text::new(
            "docker hides them: give it --security-opt systempaths=unconfined, or use the VM",
            "docker가 가린 것입니다. --security-opt systempaths=unconfined를 붙이거나 VM을 사용하십시오",
        ),
    })
}

/// Why it cannot mount an overlay with all that belongs to one.
pub fn of_overlays() -> Option<Missing> {
    // Who is root already gets other mounts here, and who is not with the user namespace.
    let flags = match user::is_capable() {
        Ok(true) => CloneFlags::CLONE_NEWNS,
        _ => CloneFlags::empty(),
    };
    let tried = ask(flags, || {
        user::become_root()?;
        crate::visit::mounts::make_private()?;
        // A folder that is there on every machine, and not needed any more.
        try_overlay(Path::new("/proc"))
    });
    let error = tried.err()?;
    Some(Missing { reason: why_no_overlay(&error), mend: use_root() })
}

/// Mounts one in a new file system in memory on `folder`.
fn try_overlay(folder: &Path) -> Result<()> {
    let mounted = |source: &str, target: &Path, options: Option<&str>| {
        mount(Some(source), target, Some(source), MsFlags::empty(), options)
            .context("mount", format!("-t {source}"))
    };
    mounted("tmpfs", folder, None)?;
    let names = ["lower", "upper", "work", "merged"];
    let [lower, upper, work, merged] = names.map(|name| folder.join(name));
    for path in [&lower, &upper, &work, &merged] {
        fs::create_dir(path).context("mkdir", path.display())?;
    }
    let (lower, upper, work) = (lower.display(), upper.display(), work.display());
    let options = format!("lowerdir={lower},upperdir={upper},workdir={work},userxattr");
    mounted("overlay", &merged, Some(&options))?;
    xattr::set(folder.join("upper"), "user.lab", b"y").context("setxattr", "user.lab")
}

fn why_no_overlay(error: &Error) -> Text {
    let call = |error: &SysError| (error.call.clone(), error.on.clone());
    match error {
        Error::Sys(error) if call(error).0 == "setxattr" => Text::new(
            "this kernel's tmpfs holds no user attributes, which an ordinary user's overlay needs (Linux 6.6)",
            "이 커널의 tmpfs에는 일반 사용자의 오버레이에 필요한 user 확장 속성이 없습니다(Linux 6.6부터)",
        ),
        Error::Sys(error) if call(error).1.contains("overlay") => text!(
            "this kernel mounts no overlay in a user namespace (Linux 5.11 and newer do): {error}",
            "이 커널은 사용자 네임스페이스에서 오버레이를 마운트하지 못합니다(Linux 5.11부터 가능): {error}"
        ),
        _ => Text::plain(error),
    }
}

/// Why root cannot mount over its root, replace it, or come back to it from another mount namespace; `None` when it
/// can.
pub fn of_a_chroot() -> Option<Missing> {
    is_chrooted().then(|| Missing {
        reason: Text::new(
            "inside a chroot the root is no mount namespace's, so pivot_root(2) and private mounts are refused",
            "chroot 안의 루트는 마운트 네임스페이스의 루트가 아니어서 pivot_root(2)와 비공개(private) 마운트를 쓸 수 없습니다",
        ),
        mend: run_outside(),
    })
}

/// Found out by trying where that is allowed. Who may not has a root that is no mount, or cannot tell.
fn is_chrooted() -> bool {
    namespace::is_chrooted().unwrap_or_else(|_| {
        let mounts = mountinfo::read();
        mounts.is_ok_and(|mounts| mounts.iter().all(|mount| mount.target != Path::new("/")))
    })
}

fn run_outside() -> Text {
    Text::new("run lab outside of it", "chroot 밖에서 실행하십시오")
}

/// Everything that may stand in the way of a user namespace.
#[derive(Debug, Default)]
struct Limits {
    /// `/proc/sys/user/max_user_namespaces`.
    most: Option<u64>,
    /// Debian's `kernel.unprivileged_userns_clone`.
    debians: Option<u64>,
    /// Ubuntu's `kernel.apparmor_restrict_unprivileged_userns`.
    ubuntus: Option<u64>,
    /// Whether system calls are filtered (`Seccomp: 2`, man 5 proc_pid_status).
    filtered: bool,
    /// Whether we are inside a chroot(2), where nobody may make one.
    chrooted: bool,
}

impl Limits {
    fn read() -> Limits {
        let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse().ok();
        Limits {
            most: number("/proc/sys/user/max_user_namespaces"),
            debians: number("/proc/sys/kernel/unprivileged_userns_clone"),
            ubuntus: number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
            filtered: process::status(Pid::this(), "Seccomp").is_ok_and(|mode| mode == "2"),
            chrooted: is_chrooted(),
        }
    }
}

/// Who is behind `error`, and what mends it.
fn because(error: &Error, limits: &Limits) -> Missing {
    let refused = match error {
        Error::Sys(error) => error,
        _ => return Missing { reason: Text::plain(error), mend: use_root() },
    };
    let errno = refused.errno();
    let forbidden = matches!(errno, Errno::EPERM | Errno::EACCES);
    let unshare = ["unshare", "clone"].contains(&refused.call.as_str());
    match limits {
        _ if unshare && errno == Errno::EINVAL => no_such_kernel(),
        Limits { most: Some(0), .. } if errno == Errno::ENOSPC => {
            set("user.max_user_namespaces", 0, "15000")
        }
        _ if errno == Errno::ENOSPC => too_many(),
        Limits { debians: Some(0), .. } if unshare && forbidden => {
            set("kernel.unprivileged_userns_clone", 0, "1")
        }
        Limits { chrooted: true, .. } if unshare && errno == Errno::EPERM => in_a_chroot(),
        Limits { filtered: true, .. } if unshare => by_seccomp(errno),
        Limits { ubuntus: Some(1), .. } if forbidden => by_apparmor(),
        _ => Missing {
            reason: text!(
                "no user namespace for you here: {refused}",
                "여기서는 사용자 네임스페이스를 쓸 수 없습니다: {refused}"
            ),
            mend: use_root(),
        },
    }
}

fn use_root() -> Text {
    Text::new("run it with sudo, or in the VM", "sudo를 붙이거나 VM에서 실행하십시오")
}

fn no_such_kernel() -> Missing {
    Missing {
        reason: Text::new(
            "this kernel has no user namespaces (CONFIG_USER_NS)",
            "이 커널에는 사용자 네임스페이스(CONFIG_USER_NS)가 없습니다",
        ),
        mend: use_root(),
    }
}

/// A setting that has to be another.
fn set(name: &str, is: u64, should: &str) -> Missing {
    Missing {
        reason: text!(
            "no user namespace for you here: {name} is {is}",
            "여기서는 사용자 네임스페이스를 쓸 수 없습니다: {name} 값이 {is}입니다"
        ),
        mend: text!(
            "have root run `sysctl {name}={should}`, or run lab with sudo",
            "관리자에게 `sysctl {name}={should}` 실행을 요청하거나 sudo로 lab을 실행하십시오"
        ),
    }
}

fn too_many() -> Missing {
    Missing {
        reason: Text::new(
            "no more user namespaces are allowed here: their number, or their depth, is at its limit",
            "사용자 네임스페이스를 더 만들 수 없습니다. 개수나 깊이가 한도에 도달했습니다",
        ),
        mend: Text::new(
            "end what holds some (`lsns --type user`), or raise user.max_user_namespaces as root",
            "사용 중인 프로세스를 종료하거나(`lsns --type user`) root로 user.max_user_namespaces 값을 올리십시오",
        ),
    }
}

fn in_a_chroot() -> Missing {
    Missing {
        reason: Text::new(
            "inside a chroot the kernel lets nobody make a user namespace",
            "chroot 안에서는 커널이 사용자 네임스페이스를 만들지 못하게 합니다",
        ),
        mend: run_outside(),
    }
}

fn by_seccomp(errno: Errno) -> Missing {
    Missing {
        reason: text!(
            "a seccomp filter, as a container runtime sets it, denies user namespaces ({errno:?})",
            "컨테이너 런타임이 설정한 seccomp 필터가 사용자 네임스페이스를 거부합니다({errno:?})"
        ),
        mend: Text::new(
            "docker run --security-opt seccomp=unconfined lifts it; or run lab outside",
            "docker run --security-opt seccomp=unconfined로 풀거나 컨테이너 밖에서 실행하십시오",
        ),
    }
}

fn by_apparmor() -> Missing {
    let name = "kernel.apparmor_restrict_unprivileged_userns";
    Missing {
        reason: text!(
            "AppArmor lets no program without a profile be root in a user namespace ({name} is 1)",
            "AppArmor 프로필이 없는 프로그램은 사용자 네임스페이스의 root가 될 수 없습니다({name} 값이 1)"
        ),
        mend: text!(
            "have root run `sysctl {name}=0`, or run lab with sudo",
            "관리자에게 `sysctl {name}=0` 실행을 요청하거나 sudo로 lab을 실행하십시오"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(call: &str, errno: Errno, limits: &Limits) -> String {
        let error = Error::Sys(SysError::new(call, "CLONE_NEWUSER", errno));
        because(&error, limits).reason.to_string()
    }

    /// What this machine does not have to refuse with; the others are provoked in `tests/rootless.rs`.
    #[test]
    fn each_refusal_is_told_by_what_is_behind_it() {
        let none = Limits::default();
        let ubuntu = Limits { ubuntus: Some(1), debians: Some(1), ..Limits::default() };
        let debian = Limits { debians: Some(0), ..Limits::default() };
        for (call, errno, limits, word) in [
            ("unshare", Errno::EINVAL, &none, "CONFIG_USER_NS"),
            ("unshare", Errno::EPERM, &debian, "unprivileged_userns_clone is 0"),
            ("write", Errno::EPERM, &ubuntu, "AppArmor"),
            ("mount", Errno::EACCES, &ubuntu, "AppArmor"),
            ("unshare", Errno::ENOSPC, &none, "limit"),
            ("unshare", Errno::EPERM, &none, "no user namespace for you here: unshare"),
        ] {
            let reason = reason(call, errno, limits);
            assert!(reason.contains(word), "{word} in {reason}");
        }
    }

    #[test]
    fn an_old_kernels_overlay_is_told_from_an_old_tmpfs() {
        let error = |call, on| Error::Sys(SysError::new(call, on, Errno::EPERM));
        let said = |error| why_no_overlay(&error).to_string();
        assert!(said(error("mount", "-t overlay")).contains("5.11"));
        assert!(said(error("setxattr", "user.lab")).contains("6.6"));
    }
}
