//! What the shells of this lab are good for.

use crate::lab::around::{Around, Try};
use crate::text::Text;

const OUTSIDE: Text = Text::new(
    "beside the new root: newroot is lab's own, all else are this machine's real files",
    "새 루트 바깥: newroot는 lab의 것이고 나머지는 모두 이 시스템의 실제 파일입니다",
);
const INSIDE: Text = Text::new(
    "in the new root, with bash and ls and nothing else: these files are lab's own",
    "새 루트 안: bash와 ls뿐이고, 파일은 모두 lab의 것입니다",
);

/// All of them.
pub static ALL: &[Around] = &[
    Around {
        steps: &["tree"],
        place: OUTSIDE,
        name: "workspace",
        tries: &[
            Try::new(
                "ls -R newroot",
                "three folders, and no file",
                "디렉터리 셋뿐이고 파일은 없습니다",
            ),
            Try::new(
                "stat -f -c %T .",
                "a file system in memory",
                "메모리에 있는 파일 시스템입니다",
            ),
        ],
    },
    Around {
        steps: &["programs", "libraries"],
        place: OUTSIDE,
        name: "workspace",
        tries: &[
            Try::new(
                "newroot/bin/ls newroot",
                "out here the copy runs: this machine has its loader",
                "바깥에서는 사본이 실행됩니다. 이 시스템에는 로더가 있습니다",
            ),
            Try::failing(
                "/usr/sbin/chroot newroot /bin/ls",
                "in there it does not",
                "새 루트 안에서는 실행되지 않습니다",
            ),
            Try::new(
                "ldd newroot/bin/ls",
                "what it lacks in there",
                "새 루트에 빠져 있는 파일입니다",
            ),
        ],
    },
    Around {
        steps: &["copy"],
        place: OUTSIDE,
        name: "workspace",
        tries: &[
            Try::new(
                "find newroot -type f",
                "all that the new root has",
                "새 루트에 있는 파일 전부입니다",
            ),
            Try::new(
                "/usr/sbin/chroot newroot /bin/ls /",
                "what / is in there",
                "새 루트 안에서 보이는 /입니다",
            ),
        ],
    },
    Around {
        steps: &["enter"],
        place: INSIDE,
        name: "newroot",
        tries: &[
            Try::new("echo /*", "all there is", "보이는 것 전부입니다"),
            Try::new("cd ..; pwd", "above / is / again", "/의 위도 /입니다"),
            Try::failing("date", "it was never copied", "복사한 적이 없습니다"),
        ],
    },
    Around {
        steps: &["namespaces"],
        place: INSIDE,
        name: "newroot",
        tries: &[
            Try::new(
                "echo $$",
                "a PID like any other out there",
                "바깥의 프로세스와 다를 것 없는 PID입니다",
            ),
            Try::new(
                "kill -0 $PPID",
                "its parent, out there, can be sent a signal",
                "바깥에 있는 부모에게 시그널을 보낼 수 있습니다",
            ),
        ],
    },
    Around {
        steps: &["escape"],
        place: Text::new(
            "out of the new root: these are this machine's real files",
            "새 루트를 빠져나온 곳: 이 시스템의 실제 파일입니다",
        ),
        name: "escaped",
        tries: &[
            Try::new("ls /", "the host's root", "호스트의 루트입니다"),
            Try::new("readlink /proc/$$/root", "the kernel says so too", "커널도 그렇게 답합니다"),
        ],
    },
    Around {
        steps: &["pivot"],
        place: INSIDE,
        name: "newroot",
        tries: &[
            Try::new("echo /*", "all there is", "보이는 것 전부입니다"),
            Try::new(
                "cd ../../..; pwd",
                "the same way up ends here",
                "같은 방법으로 올라가도 여기서 끝납니다",
            ),
        ],
    },
];
