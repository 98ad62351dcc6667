//! What is said once all of this lab is proven.

use crate::lab::debrief::Debrief;
use crate::text::Text;

/// Where a root of one's own is met.
pub static DEBRIEF: Debrief = Debrief {
    met: &[
        (
            "FROM scratch",
            Text::new(
                "an empty new root: a static binary runs in there, bash does not",
                "빈 새 루트입니다. 정적 링크 바이너리는 실행되고 bash는 실행되지 않습니다",
            ),
        ),
        (
            "docker run IMAGE",
            Text::new(
                "the image's tree becomes the root, by pivot_root",
                "이미지의 트리가 pivot_root로 루트가 됩니다",
            ),
        ),
        (
            "RootDirectory=",
            Text::new(
                "of a systemd unit: chroot for one service (man 5 systemd.exec)",
                "systemd 유닛의 설정. 서비스 하나에 적용하는 chroot입니다(man 5 systemd.exec)",
            ),
        ),
    ],
    left_out: Text::new(
        "users, devices and /proc in there: a root alone is no container",
        "그 안의 사용자, 장치, /proc은 다루지 않았습니다. 루트만으로는 컨테이너가 아닙니다",
    ),
    deeper: Text::new(
        "Which programs of this machine would start in an empty root as they are? `file` tells; try one.",
        "이 시스템의 프로그램 중 빈 루트에서 그대로 실행되는 것은 무엇일까요? `file`로 찾아 직접 실행해 보십시오.",
    ),
};
