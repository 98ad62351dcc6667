//! The first process of a PID namespace: its numbers, its `/proc`, its orphans, its end.

use std::path::{Path, PathBuf};

use indoc::indoc;
use nix::sched::CloneFlags;
use nix::sys::prctl;
use nix::unistd::{Pid, pause};

use super::checks;
use crate::error::{Context, Result};
use crate::event::View;
use crate::kernel::mount;
use crate::kernel::place::Place;
use crate::kernel::process::{self, Process};
use crate::lab::Subject;
use crate::probe;
use crate::probe::namespace::Kind;
use crate::scene::Scene;
use crate::text;
use crate::text::Text;

/// How many processes of a long list are shown.
const SHOWN: usize = 4;

/// A child in a PID namespace of its own, and in a mount namespace of its own for later.
pub fn become_pid_1(scene: &mut Scene<'_>) -> Result<Process> {
    scene.step(
        "pid",
        Text::new("A PID namespace: number 1 inside", "PID 네임스페이스: 안에서는 1번"),
        Text::new(
            indoc! {"
                A process does not change its own number, so unshare --pid needs --fork: the first
                child is born into the new namespace, as number 1. It has two numbers now, one in
                there and one out here; NSpid lists both. That is how the machine still sees and
                kills what runs in a container.
            "},
            indoc! {"
                프로세스는 자기 번호를 바꾸지 못합니다. 그래서 unshare --pid에는 --fork가 필요하고,
                첫 자식이 새 네임스페이스에서 1번으로 태어납니다. 이 프로세스는 안의 번호와 밖의
                번호를 함께 가지며 NSpid에 둘 다 나옵니다. 머신이 컨테이너 안의 프로세스를 여전히
                보고 끝낼 수 있는 이유입니다.
            "},
        ),
    )?;
    scene.shell("unshare --uts --pid --fork --mount bash\ngrep NSpid /proc/PID/status")?;
    let flags = CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWUTS;
    let first = scene.act(|cleanup| {
        process::spawn(cleanup, flags, |inside| {
            // Under systemd / is shared, and a mount in here would appear out there.
            mount::make_private()?;
            inside.hold()
        })
    })?;
    scene.inside(Place::of(first.pid, &[Kind::Uts, Kind::Pid, Kind::Mnt]));
    let numbers = probe::process::status(first.pid, "NSpid")?;
    let mut numbers = numbers.split_whitespace();
    let outside = Text::plain(numbers.next().unwrap_or_default());
    let inside = Text::plain(numbers.next_back().unwrap_or_default());
    scene.observe(
        Text::plain(format!("NSpid, /proc/{}/status", first.pid)),
        View::table([
            Text::new("number outside", "밖에서의 번호"),
            Text::new("number inside", "안에서의 번호"),
        ])
        .row([outside, inside]),
    )?;
    scene.prove(&[&checks::PID_ONE], &Subject::process(first.pid))?;
    Ok(first)
}

/// `ps` inside, before /proc is mounted anew.
pub fn look_at_hosts_proc(scene: &mut Scene<'_>, first: &Process) -> Result<()> {
    scene.step(
        "hosts-proc",
        Text::new(
            "ps inside still shows the machine's processes",
            "안의 ps에는 아직 머신의 프로세스가 보인다",
        ),
        Text::new(
            indoc! {"
                ps does not ask the kernel who is in its namespace. It reads /proc, and /proc shows the
                PID namespace of whoever mounted it: the machine, when it booted. So a new PID
                namespace alone hides nothing.
            "},
            indoc! {"
                ps는 자기 네임스페이스에 누가 있는지 커널에 묻지 않고 /proc을 읽습니다. /proc은 그것을
                마운트한 쪽의 PID 네임스페이스를 보여 주는데, 부팅할 때 머신이 마운트한 것입니다.
                그래서 새 PID 네임스페이스만으로는 아무것도 가려지지 않습니다.
            "},
        ),
    )?;
    scene.shell("ps -e -o pid,ppid,comm   # inside")?;
    observe_ps(scene, first.pid)?;
    scene.prove(&[&checks::PROC_OF_HOST], &Subject::process(first.pid))
}

/// `ps` inside, after /proc is mounted anew.
pub fn mount_own_proc(scene: &mut Scene<'_>, first: &Process) -> Result<()> {
    scene.step(
        "own-proc",
        Text::new("Mount /proc anew", "/proc 새로 마운트하기"),
        Text::new(
            indoc! {"
                Mounted from inside, /proc shows the new PID namespace. The mount itself must stay
                inside too, or the machine would lose its own /proc: that is what the mount
                namespace is for. unshare --mount-proc does both. Now ps sees number 1 and no
                stranger.
            "},
            indoc! {"
                안에서 마운트하면 /proc은 새 PID 네임스페이스를 보여 줍니다. 이 마운트가 밖으로 나가면
                머신이 자기 /proc을 잃으므로 마운트 네임스페이스가 필요합니다. unshare --mount-proc이
                둘을 함께 합니다. 이제 ps에는 1번이 보이고 남의 프로세스는 보이지 않습니다.
            "},
        ),
    )?;
    scene.shell("mount -t proc proc /proc   # inside\nps -e -o pid,ppid,comm")?;
    let place = Place::of(first.pid, &[Kind::Pid, Kind::Mnt]);
    let mounter = scene.act(|cleanup| {
        place.births(|flags| {
            process::spawn(cleanup, flags, |_| {
                place.enter()?;
                mount::proc(Path::new("/proc"))
            })
        })
    })?;
    process::wait(mounter.pid)?;
    observe_ps(scene, first.pid)?;
    scene.prove(&[&checks::PROC_OF_ITS_OWN], &Subject::process(first.pid))
}

/// A parent inside ends before its child.
pub fn leave_an_orphan(scene: &mut Scene<'_>, first: &Process) -> Result<Pid> {
    scene.step(
        "orphan",
        Text::new("An orphan becomes a child of 1", "고아 프로세스는 1번의 자식이 된다"),
        Text::new(
            indoc! {"
                When a parent ends before its child, the kernel gives the child to the first process
                of the PID namespace. So number 1 of a container inherits all its orphans, and must
                wait(2) for them when they end, or they stay as zombies. Many programs do not; that
                is why docker run has --init.
            "},
            indoc! {"
                부모가 자식보다 먼저 끝나면 커널은 그 자식을 PID 네임스페이스의 첫 프로세스에게
                맡깁니다. 컨테이너의 1번은 고아를 모두 물려받고, 그들이 끝날 때 wait(2)해야 합니다.
                하지 않으면 좀비로 남습니다. 그러지 않는 프로그램이 많아서 docker run에는 --init이
                있습니다.
            "},
        ),
    )?;
    scene.shell("bash -c 'sleep 1000 & exit'   # inside\nps -e -o pid,ppid,comm")?;
    let place = Place::of(first.pid, &[Kind::Pid, Kind::Mnt]);
    let parent = scene.act(|cleanup| {
        place.births(|flags| {
            process::spawn(cleanup, flags, |_| {
                place.enter()?;
                process::fork(|inside| {
                    // It is to outlive its parent; its namespace's end is its own.
                    prctl::set_pdeathsig(None).context("prctl", "PR_SET_PDEATHSIG")?;
                    inside.ready()?;
                    loop {
                        pause();
                    }
                })
                .map(drop)
            })
        })
    })?;
    process::wait(parent.pid)?;
    let mut adopted = probe::process::children_of(first.pid)?;
    let orphan = adopted.pop().ok_or_else(process::ended_early)?;
    observe_ps(scene, first.pid)?;
    scene.prove(&[&checks::ORPHAN_ADOPTED], &Subject::process(orphan).with([first.pid]))?;
    Ok(orphan)
}

/// The end of number 1 is the end of all.
pub fn kill_pid_1(scene: &mut Scene<'_>, first: &Process, orphan: Pid) -> Result<()> {
    scene.step(
        "kill",
        Text::new("Killing 1 kills all", "1번을 죽이면 모두 죽는다"),
        Text::new(
            indoc! {"
                A PID namespace does not outlive its first process: when number 1 ends, the kernel
                kills everything in there. From inside number 1 cannot even be killed with SIGKILL;
                from out here it can. That is all that stopping a container comes to.
            "},
            indoc! {"
                PID 네임스페이스는 첫 프로세스보다 오래 살지 못합니다. 1번이 끝나면 커널이 그 안의
                모든 것을 죽입니다. 안에서는 SIGKILL로도 1번을 죽일 수 없지만 밖에서는 됩니다.
                컨테이너를 멈춘다는 것은 결국 이것입니다.
            "},
        ),
    )?;
    scene.shell(format!("kill -KILL {}", first.pid))?;
    let numbers = [first.pid, orphan];
    let state = |pid: Pid| match probe::process::stat(pid) {
        Ok(stat) => Text::plain(stat.state),
        Err(_) => Text::new("gone", "없음"),
    };
    let before = numbers.map(state);
    scene.act(|_| first.end())?;
    let after = numbers.map(state);
    let mut table = View::table([
        Text::new("process", "프로세스"),
        Text::new("state before", "이전 상태"),
        Text::new("state after", "이후 상태"),
    ]);
    for ((pid, before), after) in numbers.into_iter().zip(before).zip(after) {
        table = table.row([Text::plain(pid), before, after]);
    }
    scene.observe(Text::plain("/proc/PID/stat"), table)?;
    scene.nowhere();
    scene.prove(&[&checks::ALL_DEAD], &Subject::default().with(numbers))
}

/// What `ps` reads in the `/proc` that `pid` sees.
fn observe_ps(scene: &mut Scene<'_>, pid: Pid) -> Result<()> {
    let proc = PathBuf::from(format!("/proc/{pid}/root/proc"));
    let pids = probe::process::pids_in(&proc)?;
    let mut table = View::table([Text::plain("PID"), Text::plain("PPID"), Text::plain("COMMAND")]);
    for pid in pids.iter().take(SHOWN) {
        // Gone by now, as processes of a machine are.
        let Ok(stat) = probe::process::stat_in(&proc, *pid) else { continue };
        table = table.row([Text::plain(pid), Text::plain(stat.parent), Text::plain(stat.command)]);
    }
    let count = pids.len();
    let caption = match count > SHOWN {
        true => text!(
            "processes: the first {SHOWN} of {count}",
            "프로세스 {count}개 가운데 처음 {SHOWN}개"
        ),
        false => text!("processes: {count}", "프로세스: {count}개"),
    };
    scene.observe(caption, table)
}
