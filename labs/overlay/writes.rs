//! What happens to the layers when somebody writes through the merged view.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use indoc::indoc;

use super::{Container, changes, deletions, view};
use crate::error::Result;
use crate::kernel::files;
use crate::lab::event::View;
use crate::lab::scene::Scene;
use crate::probe::overlay;
use crate::text;
use crate::text::Text;

/// A file of an image layer is written to.
pub fn copy_up(scene: &mut Scene<'_>, container: &Container) -> Result<()> {
    scene.step("copy-up", Text::new(
            indoc! {"
                a belongs to image1, which is read-only from up here. When it is first opened for
                writing, the kernel copies the whole file up into the container's layer, and only the
                copy changes. That is copy-on-write. So the first write to a large file is slow.
            "},
            indoc! {"
                a는 image1의 파일이고, 오버레이에서 하위 레이어는 읽기 전용입니다. 수정하려고 처음 여는
                순간 커널이 파일 전체를 컨테이너 레이어로 복사하고(copy-up), 바뀌는 것은 그
                사본뿐입니다. 이것이 copy-on-write(CoW)입니다. 그래서 큰 파일은 처음 수정할 때
                느립니다.
            "},
        ))?;
    scene.shell("echo 'Hello, yumi' > merge/a")?;
    let layers = ["container", "image1"].map(|name| (name, container.folder(name).join("a")));
    let before: Vec<Text> = layers.iter().map(|(_, path)| describe(path)).collect();
    scene.act(|_| files::write(&container.merged().join("a"), "Hello, yumi\n"))?;
    let mut table = View::table([
        Text::new("layer", "레이어"),
        Text::new("before", "이전"),
        Text::new("after", "이후"),
    ]);
    for ((name, path), before) in layers.iter().zip(before) {
        table = table.row([Text::plain(name), before, describe(path)]);
    }
    scene.observe(Text::new("the file a in each layer", "각 레이어의 파일 a"), table)?;
    scene.prove(&[&changes::COPIED_UP, &changes::IMAGE_UNTOUCHED], &container.subject().about("a"))
}

/// A file that no image layer has.
pub fn new_file(scene: &mut Scene<'_>, container: &Container) -> Result<()> {
    scene.step("new-file", Text::new(
            indoc! {"
                A new file has nothing to be copied from. It is simply made in the container's layer,
                and the image layers stay as they are.
            "},
            indoc! {"
                새 파일은 복사해 올 원본이 없습니다. 컨테이너 레이어에 바로 만들어지고, 이미지
                레이어에는 아무 영향이 없습니다.
            "},
        ))?;
    scene.shell("echo 'Hello, d' > merge/d")?;
    scene.act(|_| files::make_file(&container.merged().join("d"), "Hello, d\n"))?;
    view::container(scene, container)?;
    scene.prove(&[&changes::NEW_FILE_ON_TOP], &container.subject().about("d"))
}

/// A file of an image layer is deleted.
pub fn delete_file(scene: &mut Scene<'_>, container: &Container) -> Result<()> {
    scene.step(
        "whiteout",
        Text::new(
            indoc! {"
                The image layer cannot lose its file, so the kernel hides it: it makes a whiteout, a
                character device 0:0 of that name, in the container's layer. So deleting a file in
                a container, or in a later line of a Dockerfile, never makes an image smaller.
            "},
            indoc! {"
                이미지 레이어의 파일은 없앨 수 없으므로 커널이 가립니다. 컨테이너 레이어에 같은
                이름으로 0:0 문자 장치를 만드는데, 이것이 화이트아웃(whiteout)입니다. 그래서
                컨테이너에서, 또는 Dockerfile의 뒤쪽 명령에서 파일을 지워도 이미지는 작아지지
                않습니다.
            "},
        ),
    )?;
    scene.shell("rm merge/b\nls -l container/b")?;
    scene.act(|_| files::remove(&container.merged().join("b")))?;
    view::container(scene, container)?;
    scene.prove(&[&deletions::WHITEOUT], &container.subject().about("b"))
}

/// A folder of an image layer is deleted and made again.
pub fn replace_folder(scene: &mut Scene<'_>, container: &Container) -> Result<()> {
    scene.step("opaque", Text::new(
            indoc! {"
                The new dir must be empty, but a folder normally shows what the lower layers have in
                it. So the kernel marks it opaque, with an extended attribute: here the looking ends.
            "},
            indoc! {"
                새 dir은 비어 있어야 하는데, 디렉터리는 보통 하위 레이어의 내용까지 합쳐서 보여 줍니다.
                그래서 커널은 확장 속성(xattr)으로 불투명(opaque) 표시를 붙입니다. 하위 레이어는 더
                찾지 말라는 뜻입니다.
            "},
        ))?;
    let mark = overlay::opaque();
    // Not getfattr(1), which no machine has unless somebody installed it.
    scene.shell(format!(
        "rm -r merge/dir; mkdir merge/dir\n\
         python3 -c 'import os; print(os.getxattr(\n  \
           \"container/dir\", \"{mark}\"))'"
    ))?;
    let folder = container.merged().join("dir");
    scene.act(|_| {
        files::remove(&folder.join("old"))?;
        files::remove_empty_dir(&folder)?;
        files::make_dir(&folder)
    })?;
    view::container(scene, container)?;
    scene.prove(&[&deletions::OPAQUE], &container.subject().about("dir"))
}

fn describe(path: &Path) -> Text {
    match fs::metadata(path) {
        Ok(meta) => {
            let (bytes, inode) = (meta.len(), meta.ino());
            text!("{bytes} bytes, inode {inode}", "{bytes}바이트, inode {inode}")
        }
        Err(_) => Text::plain("–"),
    }
}
