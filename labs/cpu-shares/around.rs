//! What the shells of this lab are good for.

use crate::lab::around::{Around, Try};
use crate::text::Text;

const GROUPS: Text = Text::new(
    "in the folder of lab's groups, on this machine; what lies outside of it is real",
    "lab이 만든 그룹의 디렉터리 안: 그 바깥은 이 시스템의 실제 파일입니다",
);

/// All of them.
pub static ALL: &[Around] = &[
    Around {
        steps: &["contest", "equal", "half", "quarter", "three"],
        place: GROUPS,
        name: "groups",
        tries: &[
            Try::new("cat a/cgroup.procs", "the worker in a", "a에 있는 프로세스입니다"),
            Try::new(
                "grep . a/cpu.*",
                "all that the controller knows of a",
                "컨트롤러가 a에 대해 아는 것 전부입니다",
            ),
            Try::new("ls", "a folder is a group", "디렉터리 하나가 그룹 하나입니다"),
        ],
    },
    Around {
        steps: &["limit"],
        place: GROUPS,
        name: "groups",
        tries: &[
            Try::new(
                "grep nr_ a/cpu.stat",
                "periods, and those in which a stood still",
                "지난 주기와, a가 멈춘 주기의 수입니다",
            ),
            Try::new(
                "sleep 1; grep nr_ a/cpu.stat",
                "ten more a second",
                "1초에 열 번씩 늘어납니다",
            ),
        ],
    },
];
