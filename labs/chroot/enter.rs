//! Going into the new root, and what that leaves as it was.

use std::path::Path;

use indoc::indoc;
use nix::sched::CloneFlags;
use nix::unistd::{Pid, chdir, chroot};

use super::{checks, chroot_command, content};
use crate::error::{Context, Result};
use crate::kernel::process::{self, Process};
use crate::lab::check::Subject;
use crate::lab::event::View;
use crate::lab::scene::Scene;
use crate::probe::namespace;
use crate::text;
use crate::text::Text;
use crate::visit::kind::Kind;
use crate::visit::place::Place;
use crate::visit::program;

/// bash in the new root, and a process that stays there.
pub fn enter(scene: &mut Scene<'_>, root: &Path) -> Result<Process> {
    scene.step(
        "enter",
        Text::new(
            indoc! {"
                chroot(2) changes one thing: where this process, and its children, begin to look for
                a path that starts with /. In the new root pwd prints /, and ls the three folders;
                date was never copied, so there is none.
            "},
            indoc! {"
                chroot(2)는 한 가지만 바꿉니다. 이 프로세스와 그 자식이 /로 시작하는 경로를 찾을
                때의 출발점입니다. 새 루트 안의 bash에서 pwd를 실행하면 /가 나오고, ls에는
                디렉터리 셋만 보입니다. date는 복사한 적이 없으므로 없습니다.
            "},
        ),
    )?;
    let chroot = chroot_command(scene);
    let command = format!("{chroot} newroot /bin/bash -c 'pwd; ls; date'");
    scene.shell(text!("{command}  # date must fail", "{command}  # date는 실패 예상"))?;
    let inmate = scene.act(|cleanup| {
        process::spawn(cleanup, CloneFlags::empty(), |inside| {
            go_in(root)?;
            inside.hold()
        })
    })?;
    scene.inside(Place::of(inmate.pid, &[]));
    let said = program::run(&Place::root(root), &["/bin/bash", "-c", "pwd; ls; date"])?;
    scene.observe(
        Text::new("what bash in the new root prints", "새 루트 안에서 실행한 bash의 출력"),
        View::lines(&said.text),
    )?;
    scene.prove(
        &[&checks::ROOT_MOVED, &content::ONLY_THREE, &content::OUTSIDE_UNREACHABLE],
        &Subject::process(inmate.pid).at(root),
    )?;
    Ok(inmate)
}

/// chroot(2), and then chdir(2): until the working directory follows, it is still outside.
pub fn go_in(root: &Path) -> Result<()> {
    chroot(root).context("chroot", root.display())?;
    chdir("/").context("chdir", "/")
}

/// The namespaces of a process in the new root are those of lab.
pub fn compare_namespaces(scene: &mut Scene<'_>, inmate: Pid) -> Result<()> {
    scene.step("namespaces", Text::new(
            indoc! {"
                Nothing but the root directory was set apart. Each namespace is the one that lab is
                in, with its PIDs, its network, its host name. From in there the host's
                root can send a signal to any process out here, an ordinary user to their own. The
                next lab, unshare, takes these apart.
            "},
            indoc! {"
                루트 디렉터리 말고는 아무것도 격리되지 않았습니다. 네임스페이스가 모두 lab과 같으므로
                PID도, 네트워크도, 호스트 이름도 공유합니다. 새 루트 안에서도 호스트의 root라면 바깥의
                모든 프로세스에, 일반 사용자라면 자신의 프로세스에 시그널을 보낼 수 있습니다. 이런
                자원을 격리하는 방법은 다음 실습 unshare에서 다룹니다.
            "},
        ))?;
    scene.shell_to_read(format!("ls -l /proc/{inmate}/ns /proc/{}/ns", Pid::this()))?;
    let mut table = View::table([
        Text::new("namespace", "네임스페이스"),
        Text::new("in the new root", "새 루트 안의 bash"),
        Text::plain("lab"),
    ]);
    for kind in [Kind::Ipc, Kind::Mnt, Kind::Net, Kind::Pid, Kind::User, Kind::Uts] {
        let inside = Text::plain(namespace::of(inmate, kind)?);
        let outside = Text::plain(namespace::of(Pid::this(), kind)?);
        table = table.row([Text::plain(kind.name()), inside, outside]);
    }
    scene.observe(Text::plain(""), table)?;
    scene.prove(&[&checks::PID_NAMESPACE_SHARED], &Subject::process(inmate))
}
