//! `lab chroot`: a root directory of its own, library by library, and why that is no wall yet.

mod by_hand;
pub mod checks;
mod escape;

use std::path::{Path, PathBuf};

use indoc::{formatdoc, indoc};
use nix::sched::CloneFlags;
use nix::unistd::{Pid, chdir, chroot};

use crate::by_hand::{Candidate, Goal, Wanted};
use crate::error::{Context, Error, Result};
use crate::event::View;
use crate::kernel::place::Place;
use crate::kernel::process::{self, Process};
use crate::kernel::{files, program};
use crate::lab::{Check, Lab, Subject};
use crate::probe::elf::{self, Library};
use crate::probe::namespace::{self, Kind};
use crate::probe::need::{Need, Privilege};
use crate::probe::survey::Survey;
use crate::scene::Scene;
use crate::text;
use crate::text::Text;

/// The lab.
pub struct Chroot;

/// The programs that go in.
const PROGRAMS: [&str; 2] = ["/bin/bash", "/bin/ls"];

impl Lab for Chroot {
    fn id(&self) -> &'static str {
        "chroot"
    }

    fn title(&self) -> Text {
        Text::new("A root directory of its own", "나만의 루트 디렉터리")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Capabilities, Need::Program("/bin/bash"), Need::Program("/bin/ls")]
    }

    fn steps(&self) -> usize {
        8
    }

    fn checks(&self) -> &'static [&'static Check] {
        checks::ALL
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<()> {
        let root = make_tree(scene)?;
        copy_programs(scene, &root)?;
        let libraries = find_libraries(scene)?;
        copy_libraries(scene, &root, &libraries)?;
        let inmate = enter(scene, &root)?;
        compare_namespaces(scene, inmate.pid)?;
        escape::walk_out_of_chroot(scene, &root)?;
        escape::walk_against_pivot_root(scene, &root)
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

fn make_tree(scene: &mut Scene<'_>) -> Result<PathBuf> {
    let seen = format!("/proc/{}/root{}", Pid::this(), scene.workspace_path()?.display());
    let (as_root, as_root_ko) = match scene.privilege() {
        Privilege::Root => (" (as root)", " root로"),
        Privilege::Rootless => ("", ""),
    };
    scene.step(
        "tree",
        Text::new("Make an empty tree", "빈 트리 만들기"),
        Text::from_strings(
            formatdoc! {"
                A container's root is nothing but a directory. This one starts with three empty
                folders. It lives in memory, in a mount namespace of lab's own, so the kernel takes
                it away when lab ends. From another terminal{as_root} you see it under
                {seen}.
            "},
            formatdoc! {"
                컨테이너의 루트는 그저 디렉터리 하나입니다. 빈 폴더 세 개로 시작합니다. 이 트리는
                lab 전용 마운트 네임스페이스 안의 메모리에 있으므로 lab이 끝나면 커널이 치웁니다.
                다른 터미널에서는{as_root_ko} {seen} 아래를 보면 됩니다.
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
        Text::new("Put bash and ls in, and try to start bash", "bash와 ls를 넣고 bash 실행해 보기"),
        Text::new(
            indoc! {"
                Two files are copied, then bash is started with newroot as its root. The kernel
                answers ENOENT, 'No such file or directory', about a file that is plainly there.
                What is missing is another file: bash is dynamically linked, so the kernel starts
                the interpreter that its PT_INTERP header names, and that one is not in newroot.
            "},
            indoc! {"
                파일 두 개를 복사한 뒤 newroot를 루트로 삼아 bash를 실행합니다. 분명히 있는 파일인데
                커널은 ENOENT, 'No such file or directory'라고 답합니다. 없는 것은 다른 파일입니다.
                bash는 동적 링크 프로그램이라 커널은 PT_INTERP 헤더에 적힌 인터프리터를 먼저
                실행하는데, 그 인터프리터가 newroot 안에 없습니다.
            "},
        ),
    )?;
    scene.shell("cp /bin/bash /bin/ls newroot/bin/\nchroot newroot /bin/bash")?;
    scene.act(|_| {
        PROGRAMS.iter().try_for_each(|program| copy_into(root, Path::new(program)).map(drop))
    })?;
    let answer = match program::run(&Place::root(root), &["/bin/bash", "-c", "exit"]) {
        Ok(output) => format!("exit status {:?}", output.status),
        Err(error) => error.to_string(),
    };
    let interpreter = elf::interpreter(root, Path::new("/bin/bash"))?;
    let interpreter = interpreter.unwrap_or_default().display().to_string();
    scene.observe(
        Text::new("what the kernel says, and why", "커널의 답과 그 이유"),
        View::table([Text::new("what", "항목"), Text::new("shows", "값")])
            .row([Text::plain("execve"), Text::plain(answer)])
            .row([Text::plain("PT_INTERP"), Text::plain(interpreter)]),
    )?;
    scene.prove(&[&checks::NO_INTERPRETER], &Subject::directory(root))
}

fn find_libraries(scene: &mut Scene<'_>) -> Result<Vec<Library>> {
    scene.step(
        "libraries",
        Text::new("Ask what bash and ls need", "bash와 ls에 필요한 것 알아보기"),
        Text::new(
            indoc! {"
                ldd shows the libraries, but it runs the program's interpreter to find out, which is
                unwise for a file nobody trusts. lab reads the same from the ELF headers: DT_NEEDED
                names the libraries, and the loader's search path says where they are. linux-vdso,
                which ldd lists too, is no file: the kernel maps it into every process.
            "},
            indoc! {"
                ldd는 라이브러리를 보여 주지만 그러려고 프로그램의 인터프리터를 실행합니다. 믿을 수
                없는 파일이라면 위험합니다. lab은 같은 내용을 ELF 헤더에서 읽습니다. DT_NEEDED에
                라이브러리 이름이, 로더의 검색 경로에 그 위치가 있습니다. ldd가 함께 보여 주는
                linux-vdso는 파일이 아니라 커널이 모든 프로세스에 매핑해 주는 것입니다.
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
    scene.prove(&[&checks::PROGRAMS_RESOLVE], &Subject::directory("/"))?;
    Ok(libraries)
}

/// Where a library of the machine is.
fn found_at(library: &Library) -> Result<&Path> {
    library.path.as_deref().ok_or_else(|| {
        let name = &library.name;
        Error::unable(
            text!("{name} is not on this machine", "{name}이(가) 이 머신에 없습니다"),
            Text::new("reinstall bash and coreutils", "bash와 coreutils를 다시 설치하십시오"),
        )
    })
}

fn copy_libraries(scene: &mut Scene<'_>, root: &Path, libraries: &[Library]) -> Result<()> {
    scene.step(
        "copy",
        Text::new("Copy the libraries to the same places", "라이브러리를 같은 경로로 복사하기"),
        Text::new(
            indoc! {"
                The loader in the new root will look under the same names as here: /lib/… inside is
                newroot/lib/… outside. So each file goes to the same path below newroot. An image of
                a container is no more than such a tree, packed.
            "},
            indoc! {"
                새 루트 안의 로더도 여기와 같은 이름으로 찾습니다. 안에서의 /lib/…는 밖에서의
                newroot/lib/…입니다. 그래서 파일마다 newroot 아래 같은 경로로 복사합니다. 컨테이너
                이미지도 결국 이런 트리를 묶어 놓은 것입니다.
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
    scene.prove(&[&checks::LIBRARIES_RESOLVE, &checks::BASH_RUNS], &Subject::directory(root))
}

/// Copies a file of the machine to the same path inside `root`; how many bytes.
fn copy_into(root: &Path, path: &Path) -> Result<u64> {
    let target = root.join(path.strip_prefix("/").unwrap_or(path));
    files::make_dirs(target.parent().unwrap_or(root))?;
    files::copy(path, &target)
}

fn enter(scene: &mut Scene<'_>, root: &Path) -> Result<Process> {
    scene.step(
        "enter",
        Text::new("Go in", "들어가기"),
        Text::new(
            indoc! {"
                chroot(2) changes one thing: where this process, and its children, begin to look for
                a path that starts with /. Inside, bash says that it stands in /, and sees the three
                folders; date was never copied, so there is none.
            "},
            indoc! {"
                chroot(2)가 바꾸는 것은 하나, 이 프로세스와 자식들이 /로 시작하는 경로를 어디서부터
                찾는가입니다. 안에서 bash는 자신이 /에 있다고 하고 폴더 셋만 봅니다. date는 복사한
                적이 없으니 없습니다.
            "},
        ),
    )?;
    scene.shell("chroot newroot /bin/bash -c 'pwd; ls; date'")?;
    let inmate = scene.act(|cleanup| {
        process::spawn(cleanup, CloneFlags::empty(), |inside| {
            go_in(root)?;
            inside.hold()
        })
    })?;
    scene.inside(Place::of(inmate.pid, &[]));
    let said = program::run(&Place::root(root), &["/bin/bash", "-c", "pwd; ls; date"])?;
    scene.observe(Text::new("bash inside says", "안에서 bash가 한 말"), View::lines(&said.text))?;
    scene.prove(
        &[&checks::ROOT_MOVED, &checks::ONLY_THREE, &checks::OUTSIDE_UNREACHABLE],
        &Subject::process(inmate.pid).at(root),
    )?;
    Ok(inmate)
}

/// chroot(2), and then chdir(2): until the working directory follows, it is still outside.
fn go_in(root: &Path) -> Result<()> {
    chroot(root).context("chroot", root.display())?;
    chdir("/").context("chdir", "/")
}

fn compare_namespaces(scene: &mut Scene<'_>, inmate: Pid) -> Result<()> {
    scene.step(
        "namespaces",
        Text::new("chroot is no namespace", "chroot는 네임스페이스가 아니다"),
        Text::new(
            indoc! {"
                Everything but the root is still shared: the process numbers, the network, the host
                name. Whoever is root in there can send a signal to any process out here. The next
                lab, unshare, takes these apart.
            "},
            indoc! {"
                루트를 뺀 나머지는 여전히 공유합니다. 프로세스 번호도, 네트워크도, 호스트 이름도
                같습니다. 안에서 root라면 바깥의 아무 프로세스에나 시그널을 보낼 수 있습니다. 이것을
                나누는 것이 다음 실습 unshare입니다.
            "},
        ),
    )?;
    scene.shell(format!("ls -l /proc/{inmate}/ns /proc/$$/ns"))?;
    let mut table = View::table([
        Text::new("namespace", "네임스페이스"),
        Text::new("inside", "안"),
        Text::new("outside", "밖"),
    ]);
    for kind in [Kind::Ipc, Kind::Net, Kind::Pid, Kind::User, Kind::Uts] {
        let inside = Text::plain(namespace::of(inmate, kind)?);
        let outside = Text::plain(namespace::of(Pid::this(), kind)?);
        table = table.row([Text::plain(kind.name()), inside, outside]);
    }
    scene.observe(Text::plain(""), table)?;
    scene.prove(&[&checks::PID_NAMESPACE_SHARED], &Subject::process(inmate))
}
