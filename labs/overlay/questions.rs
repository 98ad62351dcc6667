//! What a reader of this lab predicts; the wrong answers are what people believe.

use super::{changes, checks, deletions};
use crate::lab::question::Question;
use crate::text::Text;

/// All of them, in the order of the steps.
pub static ALL: &[Question] = &[
    Question {
        id: "mounted-and-read",
        step: "mount",
        ask: Text::new(
            "The overlay is mounted over both image layers, and every file in it is read once. What is in container, the layer for changes, then?",
            "두 이미지 레이어 위에 오버레이를 마운트하고 모든 파일을 한 번씩 읽었습니다. 변경이 기록되는 container 레이어에는 무엇이 있습니까?",
        ),
        answers: &[
            Text::new("copies of the files that were read", "읽은 파일의 사본"),
            Text::new("links to the image layers' files", "이미지 레이어의 파일을 가리키는 링크"),
            Text::new("nothing", "아무것도 없다"),
        ],
        right: 2,
        shown_by: &checks::NOTHING_WRITTEN,
    },
    Question {
        id: "one-letter",
        step: "copy-up",
        ask: Text::new(
            "One letter of a large file of an image layer is changed, through the merged view. What is in container then?",
            "병합 뷰에서 이미지 레이어에 있는 큰 파일의 글자 하나를 바꿉니다. 그러면 container에는 무엇이 있습니까?",
        ),
        answers: &[
            Text::new("the block that was changed", "바뀐 블록만"),
            Text::new("the whole file", "파일 전체"),
            Text::new(
                "nothing: the image layer's file has changed",
                "아무것도 없다. 이미지 레이어의 파일이 바뀌었다",
            ),
        ],
        right: 1,
        shown_by: &changes::COPIED_UP,
    },
    Question {
        id: "deleted-where",
        step: "whiteout",
        ask: Text::new(
            "In a container, a file of its image is deleted. What becomes of the file in the image layer?",
            "컨테이너 안에서 이미지에 있던 파일을 지웁니다. 이미지 레이어에 있는 그 파일은 어떻게 됩니까?",
        ),
        answers: &[
            Text::new(
                "it stays; container gets something that hides it",
                "그대로 있고, container에 그것을 가리는 것이 생긴다",
            ),
            Text::new("it is gone, and its space is free again", "없어지고 공간도 비워진다"),
            Text::new(
                "deleting is refused: layers are read-only",
                "거부된다. 레이어는 읽기 전용이니까",
            ),
        ],
        right: 0,
        shown_by: &deletions::WHITEOUT,
    },
    Question {
        id: "after-unmounting",
        step: "remount",
        ask: Text::new(
            "The overlay is unmounted, and mounted again with the same folders. What is left of the container's changes?",
            "오버레이를 마운트 해제했다가 같은 디렉터리로 다시 마운트합니다. 컨테이너에서 바꾼 것은 어떻게 됩니까?",
        ),
        answers: &[
            Text::new("nothing: they went with the mount", "모두 사라진다. 마운트와 함께 없어졌다"),
            Text::new(
                "the new files; what was deleted is back",
                "새 파일만 남고, 지운 파일은 되살아난다",
            ),
            Text::new("all of them, what was deleted too", "모두 남는다. 지운 것도 지워진 그대로"),
        ],
        right: 2,
        shown_by: &checks::LAYER_KEPT,
    },
];
