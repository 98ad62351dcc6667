//! What the shells of this lab are good for.

use crate::lab::around::{Around, Try};
use crate::text::Text;

/// All of them.
pub static ALL: &[Around] = &[
    Around {
        steps: &["uts", "hostname"],
        place: Text::new(
            "in the new UTS namespace; these are this machine's real files",
            "새 UTS 네임스페이스 안: 파일은 이 시스템의 실제 파일입니다",
        ),
        name: "uts",
        tries: &[
            Try::new(
                "readlink /proc/$$/ns/uts",
                "another inode than outside",
                "바깥과 다른 inode입니다",
            ),
            Try::new("uname -n", "the host name in here", "이 안의 호스트 이름입니다"),
        ],
    },
    Around {
        steps: &["pid"],
        place: Text::new(
            "in the new PID namespace; these are this machine's real files",
            "새 PID 네임스페이스 안: 파일은 이 시스템의 실제 파일입니다",
        ),
        name: "pid",
        tries: &[
            Try::new(
                "echo $$",
                "a small number: few were born in here",
                "이 안에서 태어난 프로세스가 적어 작은 값입니다",
            ),
            Try::new(
                "kill -KILL 1",
                "nothing happens: from in here PID 1 cannot be killed",
                "아무 일도 일어나지 않습니다. 이 안에서는 PID 1을 강제 종료할 수 없습니다",
            ),
        ],
    },
    Around {
        steps: &["hosts-proc"],
        place: Text::new(
            "in the new PID namespace, with the host's /proc; these are this machine's real files",
            "새 PID 네임스페이스 안, /proc은 호스트의 것: 파일은 이 시스템의 실제 파일입니다",
        ),
        name: "pid",
        tries: &[
            Try::new("echo $$", "your PID in here", "이 안에서의 PID입니다"),
            Try::new(
                "cat /proc/1/comm",
                "and PID 1 by this /proc: the host's",
                "이 /proc의 PID 1은 호스트의 것입니다",
            ),
        ],
    },
    Around {
        steps: &["own-proc", "orphan", "table"],
        place: Text::new(
            "in the new namespaces, with a /proc of their own; the other files are this machine's real ones",
            "새 네임스페이스 안, /proc도 전용: 나머지는 이 시스템의 실제 파일입니다",
        ),
        name: "pid",
        tries: &[
            Try::new("cat /proc/1/comm", "PID 1 in here", "이 안의 PID 1입니다"),
            Try::new("ls -d /proc/[0-9]*", "all processes in here", "이 안의 모든 프로세스입니다"),
            Try::new(
                "ls -l /proc/self/ns",
                "its namespaces, by inode",
                "네임스페이스들의 inode입니다",
            ),
        ],
    },
];
