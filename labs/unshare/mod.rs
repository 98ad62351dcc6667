//! `lab unshare`: a host name, process numbers and a `/proc` of its own.

mod around;
mod by_hand;
pub mod checks;
mod debrief;
mod init;
mod mends;
mod mistakes;
mod questions;

use nix::sched::CloneFlags;
use nix::unistd::{Pid, sethostname};

use indoc::indoc;

use crate::error::{Context, Result};
use crate::kernel::process::{self, Process};
use crate::lab::check::Subject;
use crate::lab::event::View;
use crate::lab::scene::Scene;
use crate::lab::{ByHand, Lab, Step};
use crate::probe::namespace;
use crate::probe::need::Need;
use crate::text;
use crate::text::Text;
use crate::visit::child;
use crate::visit::kind::Kind;
use crate::visit::place::Place;

/// The lab.
pub static LAB: Lab = Lab {
    id: "unshare",
    title: Text::new(
        "Namespaces: a host name and PIDs of its own",
        "네임스페이스: 나만의 호스트 이름과 PID",
    ),
    needs: &[
        Need::Capabilities,
        Need::OwnRoot,
        Need::Proc,
        Need::Program("/bin/bash"),
        Need::Program("/bin/sleep"),
        Need::Namespace("uts"),
        Need::Namespace("pid"),
        Need::Namespace("mnt"),
    ],
    steps: &[
        Step {
            id: "uts",
            title: Text::new("A UTS namespace", "UTS 네임스페이스"),
            met: Text::new("docker run --uts", "docker run --uts"),
        },
        Step {
            id: "hostname",
            title: Text::new(
                "Another host name, in there only",
                "네임스페이스 안에서만 호스트 이름 바꾸기",
            ),
            met: Text::new("docker run --hostname web", "docker run --hostname web"),
        },
        Step {
            id: "pid",
            title: Text::new(
                "A PID namespace: PID 1 in there",
                "PID 네임스페이스: 그 안에서는 PID 1",
            ),
            met: Text::new(
                "docker exec NAME cat /proc/1/comm",
                "docker exec NAME cat /proc/1/comm",
            ),
        },
        Step {
            id: "hosts-proc",
            title: Text::new(
                "ps in there still shows the host's processes",
                "네임스페이스 안에서도 ps에는 호스트의 프로세스가 보인다",
            ),
            met: Text::new("hostPID: true", "hostPID: true"),
        },
        Step {
            id: "own-proc",
            title: Text::new("Mount /proc anew", "/proc 새로 마운트하기"),
            met: Text::new("runc's config.json: mounts", "runc config.json의 mounts"),
        },
        Step {
            id: "orphan",
            title: Text::new(
                "An orphan becomes a child of PID 1",
                "고아 프로세스는 PID 1의 자식이 된다",
            ),
            met: Text::new("docker run --init", "docker run --init"),
        },
        Step {
            id: "table",
            title: Text::new("All namespaces, beside lab's own", "전체 네임스페이스 비교하기"),
            met: Text::new(
                "docker run --ipc, --network, --pid",
                "docker run --ipc, --network, --pid",
            ),
        },
        Step {
            id: "kill",
            title: Text::new("Killing PID 1 kills all", "PID 1이 종료되면 모두 종료된다"),
            met: Text::new("docker kill", "docker kill"),
        },
    ],
    perform,
    checks: checks::ALL,
    questions: questions::ALL,
    around: around::ALL,
    by_hand: ByHand {
        find: by_hand::find,
        goals: by_hand::GOALS,
        mistakes: mistakes::ALL,
        not_found: by_hand::not_found,
    },
    handout: Text::new(include_str!("README.md"), include_str!("README.ko.md")),
    answers: Text::new(include_str!("ANSWERS.md"), include_str!("ANSWERS.ko.md")),
    debrief: &debrief::DEBRIEF,
};

fn perform(scene: &mut Scene<'_>) -> Result<()> {
    let named = new_uts_namespace(scene)?;
    set_host_name(scene, &named)?;
    let first = init::become_pid_1(scene)?;
    init::look_at_hosts_proc(scene, &first)?;
    init::mount_own_proc(scene, &first)?;
    let orphan = init::leave_an_orphan(scene, &first)?;
    compare_all(scene, &first)?;
    init::kill_pid_1(scene, &first, orphan)
}

fn new_uts_namespace(scene: &mut Scene<'_>) -> Result<Process> {
    scene.step("uts", Text::new(
            indoc! {"
                A namespace isolates a kernel resource: a group of processes sees one of its own. The
                one named UTS (Unix time-sharing) holds the host name and the NIS domain name. A
                process made with CLONE_NEWUTS is in a new one, a copy of its parent's; any other
                shares its parent's. In /proc each namespace has an inode: same inode, same namespace.
            "},
            indoc! {"
                네임스페이스는 커널이 관리하는 자원을 프로세스 그룹마다 격리해 따로 보이게 하는
                기능입니다. UTS(Unix Time Sharing) 네임스페이스는 호스트 이름과 NIS 도메인 이름을
                격리합니다. CLONE_NEWUTS로 만든 프로세스는 부모의 값을 복사한 새 네임스페이스에
                들어가고, 그 밖의 프로세스는 부모와 공유합니다. /proc에서 inode가 같으면 같은
                네임스페이스입니다.
            "},
        ))?;
    scene.shell("unshare --uts bash\nls -l /proc/$$/ns/uts")?;
    let process = scene
        .act(|cleanup| process::spawn(cleanup, CloneFlags::CLONE_NEWUTS, process::Inside::hold))?;
    scene.inside(Place::of(process.pid, &[Kind::Uts]));
    observe_namespaces(scene, process.pid, &[Kind::Uts])?;
    scene.prove(&[&checks::UTS_NAMESPACE], &Subject::process(process.pid))?;
    Ok(process)
}

fn set_host_name(scene: &mut Scene<'_>, process: &Process) -> Result<()> {
    scene.step(
        "hostname",
        Text::new(
            indoc! {"
                sethostname(2) changes the name in the UTS namespace of whoever calls it, and in no
                other. In the new namespace the host name is happy.life.com from now on, and on the
                host it is what it was. So each container can have a host name of its own:
                docker run --hostname.
            "},
            indoc! {"
                sethostname(2)은 호출한 프로세스가 속한 UTS 네임스페이스의 이름만 바꿉니다. 이제 이
                네임스페이스 안에서는 호스트 이름이 happy.life.com이고, 호스트에서는 원래 이름
                그대로입니다. 그래서 컨테이너마다 호스트 이름이 다를 수 있습니다. docker run
                --hostname이 이렇게 동작합니다.
            "},
        ),
    )?;
    let name = checks::HOST_NAME;
    scene.shell(text!(
        "hostname {name}   # in the namespace\nuname -n",
        "hostname {name}   # 네임스페이스 안에서\nuname -n"
    ))?;
    let outside = || namespace::host_name(Pid::this());
    let (before, outside_before) = (namespace::host_name(process.pid)?, outside()?);
    scene.act(|_| {
        child::ask(CloneFlags::empty(), || {
            Place::of(process.pid, &[Kind::Uts]).enter()?;
            sethostname(checks::HOST_NAME).context("sethostname", checks::HOST_NAME)
        })
    })?;
    scene.observe(
        Text::new("what uname -n prints", "uname -n의 출력"),
        View::table([Text::plain(""), Text::new("before", "이전"), Text::new("after", "이후")])
            .row([
                Text::new("in the namespace", "네임스페이스 안"),
                Text::plain(before),
                Text::plain(namespace::host_name(process.pid)?),
            ])
            .row([
                Text::new("on the host", "호스트"),
                Text::plain(outside_before),
                Text::plain(outside()?),
            ]),
    )?;
    scene.prove(&[&checks::HOST_NAME_APART], &Subject::process(process.pid))
}

fn compare_all(scene: &mut Scene<'_>, first: &Process) -> Result<()> {
    scene.step(
        "table",
        Text::new(
            indoc! {"
                There are eight kinds. Our process has three of its own, and shares the other five
                with lab: the same network, the same users. A container runtime asks for most of
                them, with the same flags of clone(2).
            "},
            indoc! {"
                네임스페이스는 여덟 가지입니다. 이 프로세스는 그중 셋이 독립되어 있고 나머지 다섯은
                lab과 공유합니다. 네트워크도 사용자도 같습니다. 컨테이너 런타임도 같은 clone(2)
                플래그로 네임스페이스 대부분을 새로 만듭니다.
            "},
        ),
    )?;
    scene.shell_to_read(format!("ls -l /proc/{}/ns /proc/{}/ns", first.pid, Pid::this()))?;
    observe_namespaces(scene, first.pid, &Kind::ALL)?;
    scene.prove(&[&checks::THREE_OF_EIGHT], &Subject::process(first.pid))
}

fn observe_namespaces(scene: &mut Scene<'_>, pid: Pid, kinds: &[Kind]) -> Result<()> {
    let mut table = View::table([
        Text::new("namespace", "네임스페이스"),
        Text::new("our process", "이 프로세스"),
        Text::plain("lab"),
        Text::plain(""),
    ]);
    for kind in kinds {
        let (inside, outside) = (namespace::of(pid, *kind)?, namespace::of(Pid::this(), *kind)?);
        let differs = match inside == outside {
            true => Text::new("shared", "공유"),
            false => Text::new("its own", "독립"),
        };
        let cells = [Text::plain(kind.name()), Text::plain(inside), Text::plain(outside), differs];
        table = table.row(cells);
    }
    scene.observe(Text::plain(""), table)
}
