//! `lab unshare`: a host name, process numbers and a `/proc` of its own.

mod by_hand;
pub mod checks;
mod init;

use nix::sched::CloneFlags;
use nix::unistd::{Pid, sethostname};

use indoc::indoc;

use crate::by_hand::{Candidate, Goal, Wanted};
use crate::error::{Context, Result};
use crate::event::View;
use crate::kernel::place::Place;
use crate::kernel::process::{self, Process};
use crate::lab::{Check, Lab, Subject};
use crate::probe::namespace::{self, Kind};
use crate::probe::need::Need;
use crate::probe::survey::Survey;
use crate::scene::Scene;
use crate::text::Text;

/// The lab.
pub struct Unshare;

impl Lab for Unshare {
    fn id(&self) -> &'static str {
        "unshare"
    }

    fn title(&self) -> Text {
        Text::new(
            "Namespaces: a name and numbers of its own",
            "네임스페이스: 따로 갖는 이름과 번호",
        )
    }

    fn needs(&self) -> &'static [Need] {
        &[
            Need::Capabilities,
            Need::Proc,
            Need::Namespace("uts"),
            Need::Namespace("pid"),
            Need::Namespace("mnt"),
        ]
    }

    fn steps(&self) -> usize {
        8
    }

    fn checks(&self) -> &'static [&'static Check] {
        checks::ALL
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<()> {
        let named = new_uts_namespace(scene)?;
        set_host_name(scene, &named)?;
        let first = init::become_pid_1(scene)?;
        init::look_at_hosts_proc(scene, &first)?;
        init::mount_own_proc(scene, &first)?;
        let orphan = init::leave_an_orphan(scene, &first)?;
        compare_all(scene, &first)?;
        init::kill_pid_1(scene, &first, orphan)
    }

    fn handout(&self) -> Text {
        Text::new(include_str!("README.md"), include_str!("README.ko.md"))
    }

    fn goals(&self) -> &'static [Goal] {
        by_hand::GOALS
    }

    fn find(&self, survey: &Survey, wanted: &Wanted) -> Result<Vec<Candidate>> {
        by_hand::find(survey, wanted)
    }
}

fn new_uts_namespace(scene: &mut Scene<'_>) -> Result<Process> {
    scene.step(
        "uts",
        Text::new("A UTS namespace", "UTS 네임스페이스"),
        Text::new(
            indoc! {"
                A namespace gives some processes a kernel resource of their own. The one named UTS
                holds the host name and the NIS domain name. A process that is made with CLONE_NEWUTS
                gets a copy of its own; any other shares its parent's. In /proc each namespace has
                an inode: same inode, shared namespace.
            "},
            indoc! {"
                네임스페이스는 커널 자원 하나를 일부 프로세스에게 따로 내주는 것입니다. UTS에는
                호스트 이름과 NIS 도메인 이름이 들어 있습니다. CLONE_NEWUTS로 만든 프로세스는 그 사본을
                따로 받고, 그렇지 않으면 부모의 것을 함께 씁니다. /proc을 보면 네임스페이스마다 inode가
                있고, inode가 같으면 공유하는 것입니다.
            "},
        ),
    )?;
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
        Text::new("Another host name, in there only", "그 안에서만 다른 호스트 이름"),
        Text::new(
            indoc! {"
                sethostname(2) changes the name in the UTS namespace of whoever calls it. So inside
                the machine is happy.life.com from now on, and out here it is called what it was.
                This is why each container can have a name of its own.
            "},
            indoc! {"
                sethostname(2)은 호출한 프로세스의 UTS 네임스페이스에서만 이름을 바꿉니다. 이제
                안에서는 이 머신이 happy.life.com이고, 밖에서는 원래 이름 그대로입니다. 컨테이너마다
                이름이 다를 수 있는 이유입니다.
            "},
        ),
    )?;
    scene.shell("hostname happy.life.com   # inside\nuname -n")?;
    let outside = || namespace::host_name(Pid::this());
    let (before, outside_before) = (namespace::host_name(process.pid)?, outside()?);
    scene.act(|_| {
        process::ask(CloneFlags::empty(), || {
            Place::of(process.pid, &[Kind::Uts]).enter()?;
            sethostname(checks::HOST_NAME).context("sethostname", checks::HOST_NAME)
        })
    })?;
    scene.observe(
        Text::new("what uname -n says", "uname -n의 답"),
        View::table([Text::plain(""), Text::new("before", "이전"), Text::new("after", "이후")])
            .row([
                Text::new("inside", "안"),
                Text::plain(before),
                Text::plain(namespace::host_name(process.pid)?),
            ])
            .row([
                Text::new("outside", "밖"),
                Text::plain(outside_before),
                Text::plain(outside()?),
            ]),
    )?;
    scene.prove(&[&checks::HOST_NAME_APART], &Subject::process(process.pid))
}

fn compare_all(scene: &mut Scene<'_>, first: &Process) -> Result<()> {
    scene.step(
        "table",
        Text::new("All namespaces, inside beside outside", "네임스페이스 전체, 안과 밖"),
        Text::new(
            indoc! {"
                There are eight kinds. Our process has three of its own, and shares the other five
                with lab: the same network, the same users. A container runtime asks for nearly all
                of them, with the same flags of clone(2).
            "},
            indoc! {"
                네임스페이스는 여덟 가지입니다. 우리 프로세스는 셋을 따로 갖고 나머지 다섯은 lab과
                공유합니다. 네트워크도 사용자도 같습니다. 컨테이너 런타임은 같은 clone(2) 플래그로
                거의 전부를 따로 만듭니다.
            "},
        ),
    )?;
    scene.shell(format!("ls -l /proc/{}/ns /proc/$$/ns", first.pid))?;
    observe_namespaces(scene, first.pid, &Kind::ALL)?;
    scene.prove(&[&checks::THREE_OF_EIGHT], &Subject::process(first.pid))
}

fn observe_namespaces(scene: &mut Scene<'_>, pid: Pid, kinds: &[Kind]) -> Result<()> {
    let mut table = View::table([
        Text::new("namespace", "네임스페이스"),
        Text::new("inside", "안"),
        Text::new("outside", "밖"),
        Text::plain(""),
    ]);
    for kind in kinds {
        let (inside, outside) = (namespace::of(pid, *kind)?, namespace::of(Pid::this(), *kind)?);
        let differs = match inside == outside {
            true => Text::new("shared", "공유"),
            false => Text::new("its own", "따로"),
        };
        let cells = [Text::plain(kind.name()), Text::plain(inside), Text::plain(outside), differs];
        table = table.row(cells);
    }
    scene.observe(Text::plain(""), table)
}
