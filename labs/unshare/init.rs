//! The first process of a PID namespace: its PIDs, its `/proc`, its orphans, its end.

use std::path::{Path, PathBuf};

use indoc::indoc;
use nix::sched::CloneFlags;
use nix::sys::prctl;
use nix::unistd::Pid;

use super::checks;
use crate::error::{Context, Result};
use crate::kernel::process::{self, Process};
use crate::lab::check::Subject;
use crate::lab::event::View;
use crate::lab::scene::Scene;
use crate::probe;
use crate::text;
use crate::text::Text;
use crate::visit::kind::Kind;
use crate::visit::place::Place;
use crate::visit::{child, mounts};

/// How many processes of a long list are shown.
const SHOWN: usize = 4;

/// A child in a PID namespace of its own, and in a mount namespace of its own for later.
pub fn become_pid_1(scene: &mut Scene<'_>) -> Result<Process> {
    scene.step(
        "pid",
        Text::new(
            indoc! {"
                A process never changes its PID, so unshare --pid needs --fork: the first child is
                born into the new namespace, as PID 1. It has two PIDs now, one in there and one on
                the host; NSpid lists both. So the host still sees, and can kill, what runs in a
                container.
            "},
            indoc! {"
                프로세스의 PID는 바뀌지 않으므로 unshare --pid에는 --fork가 필요합니다. 첫 자식
                프로세스가 새 네임스페이스에서 PID 1을 받습니다. 이 프로세스는 네임스페이스 안의
                PID와 호스트의 PID를 함께 가지며, NSpid에 둘 다 나옵니다. 그래서 호스트에서는
                컨테이너의 프로세스를 볼 수도, 종료할 수도 있습니다.
            "},
        ),
    )?;
    scene.shell(Text::new(
        "unshare --uts --pid --fork --mount bash\n\
         echo $$; grep NSpid /proc/self/status   # grep's own",
        "unshare --uts --pid --fork --mount bash\n\
         echo $$; grep NSpid /proc/self/status   # grep의 PID",
    ))?;
    let flags = CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWUTS;
    let first = scene.act(|cleanup| {
        process::spawn(cleanup, flags, |inside| {
            // Under systemd / is shared, and a mount in here would appear out there.
            mounts::make_private()?;
            inside.hold_as_bash()
        })
    })?;
    scene.inside(Place::of(first.pid, &[Kind::Uts, Kind::Pid, Kind::Mnt]));
    let numbers = probe::process::status(first.pid, "NSpid")?;
    let mut numbers = numbers.split_whitespace();
    let outside = Text::plain(numbers.next().unwrap_or_default());
    let inside = Text::plain(numbers.next_back().unwrap_or_default());
    scene.observe(
        Text::plain(format!("/proc/{}/status: NSpid", first.pid)),
        View::table([
            Text::new("PID on the host", "호스트의 PID"),
            Text::new("PID in the namespace", "네임스페이스 안의 PID"),
        ])
        .row([outside, inside]),
    )?;
    scene.prove(&[&checks::PID_ONE], &Subject::process(first.pid))?;
    Ok(first)
}

/// `ps` inside, before /proc is mounted anew.
pub fn look_at_hosts_proc(scene: &mut Scene<'_>, first: &Process) -> Result<()> {
    scene.step("hosts-proc", Text::new(
            indoc! {"
                ps does not ask the kernel who is in its namespace. It reads /proc, and a /proc shows
                the PID namespace in which it was mounted: this one was mounted on the host, when it
                booted. So a new PID namespace alone hides nothing.
            "},
            indoc! {"
                ps는 자신의 네임스페이스에 어떤 프로세스가 있는지 커널에 묻지 않고 /proc을 읽습니다.
                /proc은 그것을 마운트한 PID 네임스페이스를 보여 주는데, 지금의 /proc은 부팅할 때
                호스트에서 마운트한 것입니다. 그래서 PID 네임스페이스를 새로 만드는 것만으로는
                아무것도 가려지지 않습니다.
            "},
        ))?;
    scene.shell(Text::new(
        "ps -e -o pid,ppid,comm   # in the namespace",
        "ps -e -o pid,ppid,comm   # 네임스페이스 안에서",
    ))?;
    observe_ps(scene, first.pid)?;
    scene.prove(&[&checks::PROC_OF_HOST], &Subject::process(first.pid))
}

/// `ps` inside, after /proc is mounted anew.
pub fn mount_own_proc(scene: &mut Scene<'_>, first: &Process) -> Result<()> {
    scene.step("own-proc", Text::new(
            indoc! {"
                A /proc mounted in the new namespace shows the new namespace. On the host this mount
                would cover the host's own /proc: that is what the mount namespace is for. unshare
                --mount-proc does both. Now ps shows PID 1, and no process of another namespace.
            "},
            indoc! {"
                네임스페이스 안에서 마운트한 /proc은 새 PID 네임스페이스를 보여 줍니다. 이 마운트가
                호스트에까지 적용되면 호스트의 /proc이 가려지므로 마운트 네임스페이스도 함께
                필요합니다. unshare --mount-proc은 두 가지를 한꺼번에 해 줍니다. 이제 ps에는 PID 1부터
                이 네임스페이스의 프로세스만 보입니다.
            "},
        ))?;
    scene.shell(Text::new(
        "mount -t proc proc /proc   # in the namespace\nps -e -o pid,ppid,comm",
        "mount -t proc proc /proc   # 네임스페이스 안에서\nps -e -o pid,ppid,comm",
    ))?;
    let place = Place::of(first.pid, &[Kind::Pid, Kind::Mnt]);
    let mounter = scene.act(|cleanup| {
        place.births(|flags| {
            process::spawn(cleanup, flags, |_| {
                place.enter()?;
                mounts::proc(Path::new("/proc"))
            })
        })
    })?;
    child::wait(mounter.pid)?;
    observe_ps(scene, first.pid)?;
    scene.prove(&[&checks::PROC_OF_ITS_OWN], &Subject::process(first.pid))
}

/// A parent inside ends before its child.
pub fn leave_an_orphan(scene: &mut Scene<'_>, first: &Process) -> Result<Pid> {
    scene.step(
        "orphan",
        Text::new(
            indoc! {"
                When a parent ends before its child, the kernel gives the child to the nearest
                subreaper (prctl(2)), and where there is none to the first process of the PID
                namespace. So PID 1 of a container inherits its orphans, and must wait(2) for them
                when they end, or they stay as zombies. Many programs do not; that is why docker run
                has --init.
            "},
            indoc! {"
                부모가 자식보다 먼저 종료되면 커널은 그 자식을 가까운 subreaper(prctl(2))에, 없으면
                PID 네임스페이스의 첫 프로세스에 맡깁니다. 그래서 컨테이너의 PID 1은 고아 프로세스를
                물려받으며, 그 프로세스가 종료되면 wait(2)로 회수해야 합니다. 회수하지 않으면 좀비
                프로세스로 남습니다. 회수하지 않는 프로그램이 많아 docker run에는 --init 옵션이
                있습니다.
            "},
        ),
    )?;
    scene.shell(Text::new(
        "bash -c 'sleep 1000 & exit'   # in the namespace\nps -e -o pid,ppid,comm",
        "bash -c 'sleep 1000 & exit'   # 네임스페이스 안에서\nps -e -o pid,ppid,comm",
    ))?;
    let place = Place::of(first.pid, &[Kind::Pid, Kind::Mnt]);
    let parent = scene.act(|cleanup| {
        place.births(|flags| {
            process::spawn(cleanup, flags, |_| {
                place.enter()?;
                child::start(CloneFlags::empty(), || {
                    // It is to outlive its parent; its namespace's end is its own.
                    prctl::set_pdeathsig(None).context("prctl", "PR_SET_PDEATHSIG")?;
                    child::exec(Path::new("/bin/sleep"), &["sleep", "1000"], &[""; 0])
                })
                .map(drop)
            })
        })
    })?;
    child::wait(parent.pid)?;
    let mut adopted = probe::process::children_of(first.pid)?;
    let orphan = adopted.pop().ok_or_else(child::ended_early)?;
    observe_ps(scene, first.pid)?;
    scene.prove(&[&checks::ORPHAN_ADOPTED], &Subject::process(orphan).with([first.pid]))?;
    Ok(orphan)
}

/// The end of PID 1 is the end of all.
pub fn kill_pid_1(scene: &mut Scene<'_>, first: &Process, orphan: Pid) -> Result<()> {
    scene.step(
        "kill",
        Text::new(
            indoc! {"
                When PID 1 ends, the kernel kills all other processes of the PID namespace with
                SIGKILL. From in there PID 1 cannot even be killed with SIGKILL; from the host it
                can, and that is docker kill. docker stop sends SIGTERM first, which a PID 1 without
                a handler for it ignores, and waits; then it does the same.
            "},
            indoc! {"
                PID 1이 종료되면 커널이 그 PID 네임스페이스의 나머지 프로세스도 모두 SIGKILL로
                종료합니다. 네임스페이스 안에서는 SIGKILL로도 PID 1을 죽일 수 없지만 호스트에서는
                되며, 이것이 docker kill입니다. docker stop은 먼저 SIGTERM을 보내고 기다렸다가,
                끝나지 않으면 이렇게 합니다. 핸들러가 없는 PID 1은 SIGTERM을 무시합니다.
            "},
        ),
    )?;
    scene.shell_to_read(format!("kill -KILL {}", first.pid))?;
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
        true => {
            text!("processes: the first {SHOWN} of {count}", "프로세스 {count}개 중 처음 {SHOWN}개")
        }
        false => text!("processes: {count}", "프로세스: {count}개"),
    };
    scene.observe(caption, table)
}
