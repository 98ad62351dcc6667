//! What kind of place a machine is, as far as it changes what labs can do there.

use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::probe::mountinfo;
use crate::text;
use crate::text::Text;

/// One thing about this machine.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    /// The same in every language.
    pub id: &'static str,
    /// What it is, and what then works.
    pub what: Text,
}

/// What is known of the machine whose root is `root`, by the kernel's files and those that runtimes leave there. What may
/// not be read is not known.
pub fn look(root: &Path) -> Vec<Place> {
    let all = [wsl, container, apparmor, groups, swap, emulation];
    all.iter().filter_map(|look| look(root)).collect()
}

fn read(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap_or_default()
}

/// WSL 2 runs Microsoft's build of the kernel (`/proc/sys/kernel/osrelease`).
fn wsl(root: &Path) -> Option<Place> {
    let release = read(root, "proc/sys/kernel/osrelease").to_lowercase();
    release.contains("microsoft").then_some(Place {
        id: "wsl2",
        what: Text::new(
            "WSL 2: a virtual machine with a kernel of its own. All labs run as root; cpu-shares needs the cpu controller, so \
             start WSL with systemd=true in /etc/wsl.conf",
            "WSL 2: 전용 커널을 쓰는 가상 머신입니다. 모든 실습을 root로 할 수 있습니다. cpu-shares에는 cpu 컨트롤러가 필요하므로 \
             /etc/wsl.conf에 systemd=true를 적고 다시 시작하십시오",
        ),
    })
}

/// Docker and podman leave a file each; Codespaces and dev containers are theirs.
fn container(root: &Path) -> Option<Place> {
    let marks = [".dockerenv", "run/.containerenv"];
    marks.iter().any(|mark| root.join(mark).exists()).then_some(Place {
        id: "container",
        what: Text::new(
            "a container, as dev containers and Codespaces are: new namespaces and mounts are refused unless it was started with \
             --privileged, and control groups are not delegated; the VM has all of it",
            "컨테이너 안(dev container나 Codespaces 등): --privileged로 시작하지 않았다면 새 네임스페이스와 마운트가 거부되고, 컨트롤 \
             그룹도 위임되지 않습니다. VM에서는 모두 할 수 있습니다",
        ),
    })
}

/// Ubuntu's rule, from 23.10 on (`kernel.apparmor_restrict_unprivileged_userns`).
fn apparmor(root: &Path) -> Option<Place> {
    let rule = "proc/sys/kernel/apparmor_restrict_unprivileged_userns";
    (read(root, rule).trim() == "1").then_some(Place {
        id: "apparmor",
        what: Text::new(
            "AppArmor restricts user namespaces, as on Ubuntu: labs run as root; without root only programs with a profile get one",
            "AppArmor가 사용자 네임스페이스를 제한합니다(Ubuntu의 기본 설정). root로는 실습할 수 있고, root 권한 없이는 프로파일이 있는 \
             프로그램만 만들 수 있습니다",
        ),
    })
}

/// Which versions of control groups are mounted: both is a hybrid, where v2 has what v1 leaves.
fn groups(root: &Path) -> Option<Place> {
    let mounts = mountinfo::read_file(&root.join("proc/self/mountinfo")).ok()?;
    let has = |kind: &str| mounts.iter().any(|mount| mount.kind == kind);
    let (id, what) = match (has("cgroup"), has("cgroup2")) {
        (true, true) => (
            "cgroup-hybrid",
            Text::new(
                "control groups v1 and v2 side by side: a controller belongs to one of them, mostly to v1",
                "컨트롤 그룹 v1과 v2가 함께 있습니다. 컨트롤러는 둘 중 한쪽, 대개 v1에 있습니다",
            ),
        ),
        (true, false) => ("cgroup-v1", Text::new("control groups v1", "컨트롤 그룹 v1")),
        (false, true) => ("cgroup-v2", Text::new("control groups v2", "컨트롤 그룹 v2")),
        (false, false) => (
            "cgroup-none",
            Text::new("no control groups are mounted", "컨트롤 그룹이 마운트되어 있지 않습니다"),
        ),
    };
    Some(Place { id, what })
}

/// `/proc/swaps` has a line for each, below its head.
fn swap(root: &Path) -> Option<Place> {
    (read(root, "proc/swaps").lines().count() > 1).then_some(Place {
        id: "swap",
        what: Text::new(
            "swap is on: a limit on memory may push pages out before anybody is killed",
            "스왑이 켜져 있습니다. 메모리를 제한하면 프로세스가 종료되기 전에 페이지가 스왑으로 나갈 수 있습니다",
        ),
    })
}

/// QEMU without help of the processor calls its processors after itself (`/proc/cpuinfo`).
fn emulation(root: &Path) -> Option<Place> {
    let info = read(root, "proc/cpuinfo");
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map(|(_, model)| model)?;
    model.starts_with("QEMU TCG").then(|| Place {
        id: "emulation",
        what: text!(
            "an emulated processor ({model}): everything works, some ten times slower, and measurements take longer",
            "에뮬레이션된 CPU({model}): 모두 되지만 열 배쯤 느리고, 측정도 오래 걸립니다"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is known of a machine with these files.
    fn known(files: &[(&str, &str)]) -> Vec<&'static str> {
        let root = std::env::temp_dir().join(format!("lab-surroundings-{}", std::process::id()));
        fs::create_dir(&root).unwrap();
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let ids = look(&root).into_iter().map(|place| place.id).collect();
        for (path, _) in files {
            fs::remove_file(root.join(path)).unwrap();
        }
        let folders = ["proc/sys/kernel", "proc/self", "proc/sys", "proc", "run", ""];
        folders.iter().for_each(|folder| drop(fs::remove_dir(root.join(folder))));
        assert!(!root.exists());
        ids
    }

    const V1: &str = "30 24 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n";
    const V2: &str = "31 24 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";

    #[test]
    fn each_place_is_known_by_its_files() {
        let mounts = "proc/self/mountinfo";
        assert_eq!(known(&[(mounts, V2)]), ["cgroup-v2"]);
        assert_eq!(known(&[(mounts, V1)]), ["cgroup-v1"]);
        assert_eq!(known(&[(mounts, &format!("{V1}{V2}"))]), ["cgroup-hybrid"]);
        assert_eq!(known(&[(mounts, "")]), ["cgroup-none"]);
        let release = "proc/sys/kernel/osrelease";
        assert_eq!(known(&[(release, "6.6.87.2-microsoft-standard-WSL2\n")]), ["wsl2"]);
        assert_eq!(known(&[(release, "6.12.41+deb13-amd64\n")]), [""; 0]);
        assert_eq!(known(&[(".dockerenv", "")]), ["container"]);
        assert_eq!(known(&[("run/.containerenv", "")]), ["container"]);
        let rule = "proc/sys/kernel/apparmor_restrict_unprivileged_userns";
        assert_eq!(known(&[(rule, "1\n")]), ["apparmor"]);
        assert_eq!(known(&[(rule, "0\n")]), [""; 0]);
        assert_eq!(known(&[("proc/swaps", "Filename Type\n/dev/sda2 partition\n")]), ["swap"]);
        assert_eq!(known(&[("proc/swaps", "Filename Type\n")]), [""; 0]);
        let cpu = "processor\t: 0\nmodel name\t: QEMU TCG CPU version 2.5+\n";
        assert_eq!(known(&[("proc/cpuinfo", cpu)]), ["emulation"]);
    }
}
