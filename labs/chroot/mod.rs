//! `lab chroot`: a root directory of its own, library by library, and why that is no wall yet.

mod advice;
mod around;
mod by_hand;
pub mod checks;
pub mod content;
mod debrief;
mod enter;
mod escape;
mod holds;
pub mod libraries;
mod mends;
mod mistakes;
mod outside;
mod programs;
mod questions;
mod trees;
pub mod walks;

use std::path::{Path, PathBuf};

use indoc::{formatdoc, indoc};
use nix::unistd::Pid;

use self::programs::PROGRAMS;
use crate::error::{Error, Result};
use crate::kernel::files;
use crate::lab::check::Subject;
use crate::lab::event::View;
use crate::lab::scene::{Scene, must_fail};
use crate::lab::{ByHand, Lab, Step};
use crate::probe::elf::{self, Library};
use crate::probe::need::{Need, Privilege};
use crate::text;
use crate::text::Text;
use crate::visit::place::Place;
use crate::visit::program::{self, Output};

/// The lab.
pub static LAB: Lab = Lab {
    id: "chroot",
    title: Text::new("A root directory of its own", "나만의 루트 디렉터리"),
    needs: &[
        Need::Capabilities,
        Need::OwnRoot,
        Need::Program("/bin/bash"),
        Need::Program("/bin/ls"),
    ],
    steps: &[
        Step {
            id: "tree",
            title: Text::new("Make an empty tree", "빈 트리 만들기"),
            met: Text::new("an image's layer, unpacked", "압축을 푼 이미지 레이어"),
        },
        Step {
            id: "programs",
            title: Text::new(
                "Put bash and ls in, and try to start bash",
                "bash와 ls를 넣고 bash 실행해 보기",
            ),
            met: Text::new(
                "exec /app: no such file or directory",
                "exec /app: no such file or directory",
            ),
        },
        Step {
            id: "libraries",
            title: Text::new("Ask what bash and ls need", "bash와 ls에 필요한 것 알아보기"),
            met: Text::new(
                "a Debian program in an Alpine image",
                "Alpine 이미지 속의 Debian 프로그램",
            ),
        },
        Step {
            id: "copy",
            title: Text::new(
                "Copy the libraries to the same places",
                "라이브러리를 같은 경로로 복사하기",
            ),
            met: Text::new("Dockerfile: COPY --from=build", "Dockerfile: COPY --from=build"),
        },
        Step {
            id: "enter",
            title: Text::new("Go in", "새 루트로 들어가기"),
            met: Text::new("docker run IMAGE; RootDirectory=", "docker run IMAGE; RootDirectory="),
        },
        Step {
            id: "namespaces",
            title: Text::new("chroot is no namespace", "chroot는 네임스페이스가 아니다"),
            met: Text::new("docker run --pid host", "docker run --pid host"),
        },
        Step {
            id: "escape",
            title: Text::new("Escape from a chroot", "chroot에서 탈출하기"),
            met: Text::new(
                "why chroot is not enough for docker",
                "docker가 chroot만 쓰지 않는 까닭",
            ),
        },
        Step {
            id: "pivot",
            title: Text::new("The answer: pivot_root", "해답: pivot_root"),
            met: Text::new("runc, for each container", "runc가 컨테이너마다 하는 일"),
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
    let root = make_tree(scene)?;
    copy_programs(scene, &root)?;
    let libraries = find_libraries(scene)?;
    copy_libraries(scene, &root, &libraries)?;
    let inmate = enter::enter(scene, &root)?;
    enter::compare_namespaces(scene, inmate.pid)?;
    escape::walk_out_of_chroot(scene, &root)?;
    escape::walk_against_pivot_root(scene, &root)
}

fn make_tree(scene: &mut Scene<'_>) -> Result<PathBuf> {
    let seen = format!("/proc/{}/root{}", Pid::this(), scene.workspace_path()?.display());
    let (as_root, as_root_ko) = match scene.privilege() {
        Privilege::Root => (" (as root)", " root로"),
        Privilege::Rootless => ("", ""),
    };
    scene.step(
        "tree",
        Text::from_strings(
            formatdoc! {"
                A container's root begins as a plain directory. This one starts with three empty
                folders. It is on a tmpfs, a file system in memory, mounted in a mount namespace of
                lab's own, so the kernel takes it away when lab ends. From another
                terminal{as_root} you see it under {seen}.
            "},
            formatdoc! {"
                컨테이너의 루트도 처음에는 그저 디렉터리 하나입니다. 빈 디렉터리 세 개로
                시작합니다. 이 트리는 lab 전용 마운트 네임스페이스에 마운트한 tmpfs(메모리 파일
                시스템)에 있으므로 lab이 끝나면 커널이 치웁니다. 다른 터미널에서는{as_root_ko}
                {seen} 아래를 보면 됩니다.
            "},
        ),
    )?;
    scene.shell("mkdir -p newroot/{bin,lib,lib64}")?;
    let root = scene.workspace()?.join("newroot");
    scene.inside(Place::directory(root.parent().unwrap_or(&root)));
    scene.act(|_| {
        files::make_dir(&root)?;
        ["bin", "lib", "lib64"].iter().try_for_each(|name| files::make_dir(&root.join(name)))
    })?;
    scene.observe(
        Text::new("newroot now holds", "newroot의 내용"),
        View::lines("newroot/\n├── bin/\n├── lib/\n└── lib64/"),
    )?;
    scene.prove(&[&checks::TREE_EMPTY], &Subject::directory(&root))?;
    Ok(root)
}

fn copy_programs(scene: &mut Scene<'_>, root: &Path) -> Result<()> {
    scene.step(
        "programs",
        Text::new(
            indoc! {"
                Two files are copied, then bash is started with newroot as its root. The kernel
                returns ENOENT, 'No such file or directory', about a file that is plainly there.
                What is missing is another file: bash is dynamically linked, so the kernel starts
                its interpreter first, the loader that its PT_INTERP header names, and that one is
                not in newroot.
            "},
            indoc! {"
                파일 두 개를 복사한 뒤 newroot를 루트로 삼아 bash를 실행합니다. 분명히 있는 파일인데
                커널은 ENOENT, 'No such file or directory'를 반환합니다. 없는 것은 다른 파일입니다.
                bash는 동적 링크 프로그램이라 커널은 PT_INTERP 헤더에 적힌 인터프리터, 곧 동적
                로더를 먼저 실행하는데, 그 로더가 newroot 안에 없습니다.
            "},
        ),
    )?;
    let chroot = chroot_command(scene);
    let commands = format!("cp /bin/bash /bin/ls newroot/bin/\n{chroot} newroot /bin/bash");
    scene.shell(must_fail(commands, "ENOENT"))?;
    scene.act(|_| {
        PROGRAMS.iter().try_for_each(|program| copy_into(root, Path::new(program)).map(drop))
    })?;
    let answer = match program::run(&Place::root(root), &["/bin/bash", "-c", "exit"]) {
        Ok(Output { status: Some(status), .. }) => {
            text!("exit status {status}", "종료 코드 {status}")
        }
        Ok(Output { status: None, .. }) => Text::new("a signal ended it", "시그널로 종료됨"),
        Err(error) => Text::plain(error),
    };
    let interpreter = elf::interpreter(root, Path::new("/bin/bash"))?;
    let interpreter = interpreter.unwrap_or_default().display().to_string();
    scene.observe(
        Text::new(
            "the error that the kernel returns, and its cause",
            "커널이 반환한 오류와 그 원인",
        ),
        View::table([Text::new("what", "항목"), Text::new("shows", "값")])
            .row([Text::plain("execve"), answer])
            .row([Text::plain("PT_INTERP"), Text::plain(interpreter)]),
    )?;
    scene.prove(&[&checks::NO_INTERPRETER], &Subject::directory(root))
}

fn find_libraries(scene: &mut Scene<'_>) -> Result<Vec<Library>> {
    scene.step(
        "libraries",
        Text::new(
            indoc! {"
                ldd shows the libraries, but it runs the program's interpreter to find out, which is
                unwise for a file nobody trusts. lab reads the same from the ELF headers: DT_NEEDED
                names the libraries, and the loader's search path says where they are. linux-vdso,
                which ldd lists too, is no file: the kernel maps it into every process.
            "},
            indoc! {"
                ldd는 필요한 라이브러리를 보여 주지만 그러려고 프로그램의 인터프리터를 실행합니다.
                믿을 수 없는 파일이라면 위험합니다. lab은 같은 내용을 ELF 헤더에서 읽습니다.
                DT_NEEDED에 라이브러리 이름이 있고, 그 위치는 로더의 검색 경로에서 찾습니다. ldd가
                함께 보여 주는 linux-vdso는 파일이 아니라 커널이 모든 프로세스에 매핑해 주는
                메모리입니다.
            "},
        ),
    )?;
    scene.shell("ldd /bin/bash /bin/ls")?;
    let libraries = elf::libraries(Path::new("/"), &PROGRAMS)?;
    let mut table = View::table([
        Text::new("library", "라이브러리"),
        Text::new("found at", "위치"),
        Text::new("used by", "사용처"),
    ]);
    for library in &libraries {
        let users: Vec<_> = library.users.iter().filter_map(|path| path.file_name()).collect();
        table = table.row([
            Text::plain(Path::new(&library.name).file_name().unwrap_or_default().display()),
            Text::plain(found_at(library)?.display()),
            Text::plain(users.join(" ".as_ref()).display()),
        ]);
    }
    scene.observe(Text::new("read from the headers", "헤더에서 읽은 내용"), table)?;
    scene.prove(&[&libraries::PROGRAMS_RESOLVE], &Subject::directory("/"))?;
    Ok(libraries)
}

/// Where a library of the machine is.
fn found_at(library: &Library) -> Result<&Path> {
    library.path.as_deref().ok_or_else(|| {
        let name = &library.name;
        Error::unable(
            text!("{name} is not on this machine", "이 시스템에 {name} 라이브러리가 없습니다"),
            Text::new("reinstall bash and coreutils", "bash와 coreutils를 다시 설치하십시오"),
        )
    })
}

fn copy_libraries(scene: &mut Scene<'_>, root: &Path, libraries: &[Library]) -> Result<()> {
    scene.step(
        "copy",
        Text::new(
            indoc! {"
                The new root's loader looks in the same paths: its /lib/… is newroot/lib/… here. So
                each file goes to the same path below newroot. An image's layer is such a tree,
                packed; an image is layers and a configuration.
            "},
            indoc! {"
                새 루트 안의 로더도 같은 경로에서 라이브러리를 찾으므로, 각 파일을 newroot 아래 같은
                경로로 복사합니다. 컨테이너 이미지의 레이어가 바로 이런 트리를 묶은 것이고, 이미지는
                레이어에 무엇을 실행할지 적은 설정을 더한 것입니다.
            "},
        ),
    )?;
    scene.shell(
        "for f in $(ldd /bin/bash /bin/ls | grep -o '/lib[^ )]*' | sort -u)\n  \
         do mkdir -p newroot${f%/*}; cp $f newroot$f; done",
    )?;
    let mut table = View::table([Text::new("file", "파일"), Text::new("bytes", "바이트")]);
    for library in libraries {
        let path = found_at(library)?;
        let size = scene.act(|_| copy_into(root, path))?;
        let shown = format!("newroot{}", path.display());
        table = table.row([Text::plain(shown), Text::plain(size)]);
    }
    scene.observe(Text::new("copied", "복사한 파일"), table)?;
    scene.prove(&[&libraries::LIBRARIES_RESOLVE, &checks::BASH_RUNS], &Subject::directory(root))
}

/// Copies a file of the machine to the same path inside `root`; how many bytes.
fn copy_into(root: &Path, path: &Path) -> Result<u64> {
    let target = root.join(path.strip_prefix("/").unwrap_or(path));
    files::make_dirs(target.parent().unwrap_or(root))?;
    files::copy(path, &target)
}

/// chroot(8) as it is called: an ordinary user's PATH may leave /usr/sbin out, and stays what it was
/// in a user namespace.
fn chroot_command(scene: &Scene<'_>) -> &'static str {
    match scene.privilege() {
        Privilege::Root => "chroot",
        Privilege::Rootless => "/usr/sbin/chroot",
    }
}
