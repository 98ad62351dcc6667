//! What the shells of this lab are good for.

use crate::lab::around::{Around, Try};
use crate::text::Text;

const WORKSPACE: Text = Text::new(
    "in lab's workspace; what lies outside of this folder are this machine's real files",
    "lab의 작업 디렉터리 안: 그 바깥은 이 시스템의 실제 파일입니다",
);

/// All of them.
pub static ALL: &[Around] = &[
    Around {
        steps: &["layers"],
        place: WORKSPACE,
        name: "workspace",
        tries: &[
            Try::new(
                "ls image1 image2",
                "what the image layers hold",
                "이미지 레이어의 내용입니다",
            ),
            Try::new("ls -A container merge", "nothing yet", "아직 비어 있습니다"),
        ],
    },
    Around {
        steps: &["mount"],
        place: WORKSPACE,
        name: "workspace",
        tries: &[
            Try::new("cat merge/both", "the text of image2", "image2의 내용입니다"),
            Try::new(
                "grep merge /proc/self/mountinfo",
                "the layers, as the kernel has them",
                "커널이 아는 레이어입니다",
            ),
            Try::new(
                "ls -A container",
                "reading has written nothing",
                "읽기만 해서는 아무것도 기록되지 않습니다",
            ),
        ],
    },
    Around {
        steps: &["copy-up", "new-file"],
        place: WORKSPACE,
        name: "workspace",
        tries: &[
            Try::new(
                "cat merge/a image1/a",
                "the copy, and the file below",
                "사본과 하위 레이어의 파일입니다",
            ),
            Try::new("ls -i container image1", "other inodes", "inode가 다릅니다"),
        ],
    },
    Around {
        steps: &["whiteout"],
        place: WORKSPACE,
        name: "workspace",
        tries: &[
            Try::new("ls -l container", "a character device 0, 0", "0, 0 문자 장치가 있습니다"),
            Try::failing("cat merge/b", "it is gone from here", "여기에는 없습니다"),
            Try::new("cat image1/b", "and still there", "여기에는 그대로 있습니다"),
        ],
    },
    Around {
        steps: &["opaque", "remount"],
        place: WORKSPACE,
        name: "workspace",
        tries: &[
            Try::new("ls -A merge/dir", "the new folder, empty", "비어 있는 새 디렉터리입니다"),
            Try::new("ls image1/dir", "what it hides", "가려진 내용입니다"),
        ],
    },
    Around {
        steps: &["second"],
        place: WORKSPACE,
        name: "workspace",
        tries: &[
            Try::new(
                "cat merge/a merge2/a",
                "two containers, two texts",
                "컨테이너마다 내용이 다릅니다",
            ),
            Try::new(
                "ls -A container2",
                "the second has written nothing",
                "두 번째 컨테이너는 아무것도 기록하지 않았습니다",
            ),
        ],
    },
];
