//! What is said once all of this lab is proven.

use crate::lab::debrief::Debrief;
use crate::text::Text;

/// Where layers are met.
pub static DEBRIEF: Debrief = Debrief {
    met: &[
        (
            "docker diff",
            Text::new(
                "lists what is in the container's layer: A added, C changed, D a whiteout",
                "컨테이너 레이어의 내용을 보여 줍니다. A는 추가, C는 변경, D는 화이트아웃입니다",
            ),
        ),
        (
            "docker commit",
            Text::new(
                "packs the container's layer as one more layer of an image",
                "컨테이너 레이어를 이미지의 레이어 하나로 만듭니다",
            ),
        ),
        (
            "RUN rm -rf …",
            Text::new(
                "in a later line of a Dockerfile: a whiteout, and the image no smaller",
                "Dockerfile의 뒷줄에서 실행하면 화이트아웃만 생기고 이미지는 작아지지 않습니다",
            ),
        ),
    ],
    left_out: Text::new(
        "how layers travel: as tar archives, named by their digests, with .wh. files for whiteouts",
        "레이어를 옮기는 방법(다이제스트로 이름 붙인 tar, 화이트아웃을 나타내는 .wh. 파일)은 다루지 않았습니다",
    ),
    deeper: Text::new(
        "chmod a large file through merge: is it copied as a whole? And with -o metacopy=on?",
        "merge에서 큰 파일에 chmod만 해 보십시오. 파일 전체가 복사됩니까? -o metacopy=on이라면 어떻습니까?",
    ),
};
