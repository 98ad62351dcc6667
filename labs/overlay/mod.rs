//! `lab overlay`: image layers, copy-on-write, whiteouts.

mod advice;
mod around;
mod by_hand;
mod changes;
pub mod checks;
mod copies;
mod debrief;
mod deletions;
mod folders;
mod layout;
mod looks;
mod mends;
mod mistakes;
mod order;
mod questions;
mod remounts;
mod strangers;
mod view;
mod writes;

use std::path::{Path, PathBuf};

use indoc::indoc;

use crate::error::Result;
use crate::kernel::{files, mount};
use crate::lab::check::Subject;
use crate::lab::scene::Scene;
use crate::lab::{ByHand, Lab, Step};
use crate::probe::folder::Folder;
use crate::probe::need::Need;
use crate::text::Text;
use crate::visit::place::Place;

/// What the image layers hold, both of them together.
const NAMES: &[&str] = &["a", "b", "both", "c", "dir"];

/// One container: its folders under the workspace.
struct Container {
    workspace: PathBuf,
    upper: &'static str,
    work: &'static str,
    merged: &'static str,
}

impl Container {
    fn folder(&self, name: &str) -> PathBuf {
        self.workspace.join(name)
    }

    fn merged(&self) -> PathBuf {
        self.folder(self.merged)
    }

    fn subject(&self) -> Subject {
        Subject::directory(self.merged())
    }

    /// Mounts it over both image layers, `image2` above `image1`.
    fn mount(&self, scene: &mut Scene<'_>) -> Result<()> {
        let lowers = [self.folder("image2"), self.folder("image1")];
        let (upper, work) = (self.folder(self.upper), self.folder(self.work));
        scene.act(|cleanup| mount::overlay(cleanup, &lowers, &upper, &work, &self.merged()))
    }
}

/// The lab.
pub static LAB: Lab = Lab {
    id: "overlay",
    title: Text::new("Image layers and copy-on-write", "이미지 레이어와 copy-on-write"),
    needs: &[Need::Capabilities, Need::OwnRoot, Need::Overlay],
    steps: &[
        Step {
            id: "layers",
            title: Text::new(
                "Two image layers and an empty one",
                "이미지 레이어 둘과 빈 레이어 하나",
            ),
            met: Text::new("docker image inspect: Layers", "docker image inspect: Layers"),
        },
        Step {
            id: "mount",
            title: Text::new("Mount them as one", "하나로 마운트하기"),
            met: Text::new("findmnt -t overlay", "findmnt -t overlay"),
        },
        Step {
            id: "copy-up",
            title: Text::new(
                "Write to a file of an image layer",
                "이미지 레이어에 있는 파일 수정하기",
            ),
            met: Text::new("why data goes into volumes", "데이터를 볼륨에 두는 까닭"),
        },
        Step {
            id: "new-file",
            title: Text::new("Make a new file", "새 파일 만들기"),
            met: Text::new("docker diff: A", "docker diff: A"),
        },
        Step {
            id: "whiteout",
            title: Text::new("Delete a file of an image layer", "이미지 레이어에 있는 파일 지우기"),
            met: Text::new("docker diff: D; RUN rm", "docker diff: D; RUN rm"),
        },
        Step {
            id: "opaque",
            title: Text::new("Delete a folder and make it again", "디렉터리를 지우고 다시 만들기"),
            met: Text::new(".wh..wh..opq in a layer's tar", "레이어 tar의 .wh..wh..opq"),
        },
        Step {
            id: "remount",
            title: Text::new("Stop it and start it again", "멈추었다가 다시 시작하기"),
            met: Text::new("docker stop, docker start", "docker stop, docker start"),
        },
        Step {
            id: "second",
            title: Text::new(
                "A second container of the same image",
                "같은 이미지로 두 번째 컨테이너 만들기",
            ),
            met: Text::new("docker ps --size", "docker ps --size"),
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
    let workspace = make_layers(scene)?;
    let first = Container { workspace, upper: "container", work: "work", merged: "merge" };
    mount_first(scene, &first)?;
    writes::copy_up(scene, &first)?;
    writes::new_file(scene, &first)?;
    writes::delete_file(scene, &first)?;
    writes::replace_folder(scene, &first)?;
    mount_again(scene, &first)?;
    second_container(scene, first.workspace)
}

fn make_layers(scene: &mut Scene<'_>) -> Result<PathBuf> {
    scene.step("layers", Text::new(
            indoc! {"
                An image is a stack of layers, folders that nobody writes to any more, and a
                configuration. image1 and image2 are two layers of one image; the file named both is
                in each of them. container is the layer where one container's changes will go, work is
                the kernel's scratch space, and merge is where all of it will be seen as one.
            "},
            indoc! {"
                이미지는 더 이상 수정되지 않는 읽기 전용 디렉터리(레이어)를 층층이 쌓고 설정을 더한
                것입니다. image1과 image2는 한 이미지의 두 레이어이고, both라는 파일은 양쪽에 다
                있습니다. container는 컨테이너의 변경이 기록될 레이어, work는 커널의 작업 공간,
                merge는 이 모두를 합쳐서 볼 곳입니다.
            "},
        ))?;
    scene.shell(
        "mkdir container image1 image2 work merge image1/dir\n\
         echo Hello, a > image1/a; echo Hello, b > image1/b\n\
         echo HEllo, c > image2/c; echo old > image1/dir/old\n\
         echo image1 > image1/both; echo image2 > image2/both",
    )?;
    let workspace = scene.workspace()?;
    scene.inside(Place::directory(&workspace));
    scene.act(|_| {
        for folder in ["container", "image1", "image2", "work", "merge", "image1/dir"] {
            files::make_dir(&workspace.join(folder))?;
        }
        for (file, text) in [
            ("image1/a", "Hello, a\n"),
            ("image1/b", "Hello, b\n"),
            ("image1/both", "image1\n"),
            ("image1/dir/old", "old\n"),
            ("image2/c", "HEllo, c\n"),
            ("image2/both", "image2\n"),
        ] {
            files::make_file(&workspace.join(file), text)?;
        }
        Ok(())
    })?;
    let layers = ["container", "image2", "image1"].iter();
    let layers =
        layers.map(|name| Folder::open(&workspace.join(name))).collect::<Result<Vec<_>>>()?;
    view::layers(scene, None, &layers.iter().collect::<Vec<_>>())?;
    scene.prove(&[&checks::CONTAINER_EMPTY], &Subject::directory(workspace.join("container")))?;
    Ok(workspace)
}

fn mount_first(scene: &mut Scene<'_>, container: &Container) -> Result<()> {
    scene.step(
        "mount",
        Text::new(
            indoc! {"
                An overlay looks for a name in the upper layer first, then in lowerdir from left to
                right. So both shows the text of image2. A union mount copies nothing: a container
                starts at once, however large its image is.
            "},
            indoc! {"
                오버레이는 상위 레이어(upperdir)를 먼저, 그다음 하위 레이어(lowerdir)를 왼쪽부터
                살펴보므로 both에는 image2의 내용이 보입니다. 유니온 마운트는 파일을 복사하지 않아
                이미지가 커도 컨테이너가 바로 시작됩니다.
            "},
        ),
    )?;
    scene.shell(mount_command("", "container", "work", "merge"))?;
    container.mount(scene)?;
    view::container(scene, container)?;
    scene.prove(
        &[&checks::MOUNTED, &checks::ALL_SHOWN, &checks::NEWER_ON_TOP, &checks::NOTHING_WRITTEN],
        &container.subject().showing(NAMES),
    )
}

fn mount_again(scene: &mut Scene<'_>, container: &Container) -> Result<()> {
    scene.step("remount", Text::new(
            indoc! {"
                The changes are plain files in container, so they outlive the mount. A container that
                was stopped and is started again finds them: a new text in a, d, and no b. Deleting
                a container means deleting this layer.
            "},
            indoc! {"
                변경은 container 안의 평범한 파일이므로 마운트를 해제해도 남습니다. 멈춘 컨테이너를
                다시 시작하면 변경 내용이 그대로 보입니다. a는 바뀐 내용이고, d가 있고, b는 없습니다.
                컨테이너를 지운다는 것은 이 레이어를 지운다는 뜻입니다.
            "},
        ))?;
    scene.shell(mount_command("umount merge\n", "container", "work", "merge"))?;
    scene.act(|_| mount::detach(&container.merged()))?;
    container.mount(scene)?;
    view::container(scene, container)?;
    scene.prove(&[&checks::LAYER_KEPT], &container.subject())
}

fn second_container(scene: &mut Scene<'_>, workspace: PathBuf) -> Result<()> {
    scene.step("second", Text::new(
            indoc! {"
                Another container gets an empty layer of its own over the same two image layers. It
                sees them as they were, for nobody ever wrote to them. So a hundred containers of one
                image take the space of one image, plus what each has changed.
            "},
            indoc! {"
                두 번째 컨테이너는 같은 이미지 레이어 위에 전용 빈 레이어를 얹습니다. 이미지 레이어는
                수정된 적이 없으므로 처음 그대로 보입니다. 그래서 같은 이미지로 컨테이너를 백 개
                띄워도 이미지는 한 벌만 저장되고, 나머지는 각 컨테이너가 바꾼 만큼만 공간을
                차지합니다.
            "},
        ))?;
    let folders = "mkdir container2 work2 merge2\n";
    scene.shell(mount_command(folders, "container2", "work2", "merge2"))?;
    let second = Container { workspace, upper: "container2", work: "work2", merged: "merge2" };
    scene.act(|_| {
        let folders = [second.upper, second.work, second.merged];
        folders.iter().try_for_each(|name| files::make_dir(&second.folder(name)))
    })?;
    second.mount(scene)?;
    view::container(scene, &second)?;
    scene.prove(&[&checks::IMAGES_AS_THEY_WERE], &second.subject())
}

/// The command that mounts a container over both image layers, after `first`.
fn mount_command(first: &str, upper: &str, work: &str, merged: &str) -> String {
    let marks = mount::own_attributes();
    format!(
        "{first}mount -t overlay overlay -o \\\n  \
           lowerdir=image2:image1,upperdir={upper},workdir={work}{marks} {merged}"
    )
}

/// The last part of a path, as the commands show it.
fn short(path: &Path) -> String {
    path.file_name().unwrap_or_default().display().to_string()
}
