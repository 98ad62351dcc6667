//! What a reader of this lab predicts; the wrong answers are what people believe.

use super::{checks, walks};
use crate::lab::question::Question;
use crate::text::Text;

/// All of them, in the order of the steps.
pub static ALL: &[Question] = &[
    Question {
        id: "bash-alone",
        step: "programs",
        ask: Text::new(
            "bash and ls are copied into newroot/bin, and nothing else. What does `chroot newroot /bin/bash` answer?",
            "newroot/bin에 bash와 ls만 복사했습니다. `chroot newroot /bin/bash`를 실행하면 어떻게 됩니까?",
        ),
        answers: &[
            Text::new("a prompt: bash is there", "프롬프트가 나온다. bash가 있으니까"),
            Text::new(
                "No such file or directory, though newroot/bin/bash is there",
                "newroot/bin/bash가 있는데도 No such file or directory",
            ),
            Text::new(
                "Permission denied: a program cannot run outside of its place",
                "Permission denied. 프로그램은 원래 있던 곳에서만 실행되니까",
            ),
        ],
        right: 1,
        shown_by: &checks::NO_INTERPRETER,
    },
    Question {
        id: "processes-outside",
        step: "namespaces",
        ask: Text::new(
            "bash runs in the new root, and sees no file but its own. Which PIDs can it send a signal to?",
            "bash가 새 루트 안에서 실행 중이고, 바깥의 파일은 보이지 않습니다. 이 bash는 어느 PID에 시그널을 보낼 수 있습니까?",
        ),
        answers: &[
            Text::new("only those started in the new root", "새 루트 안에서 시작한 프로세스만"),
            Text::new("none, not even its own children", "아무 데도. 자기 자식에게도 못 보낸다"),
            Text::new("the same as from outside", "바깥에서와 똑같다"),
        ],
        right: 2,
        shown_by: &checks::PID_NAMESPACE_SHARED,
    },
    Question {
        id: "a-way-out",
        step: "escape",
        ask: Text::new(
            "A program that is root in the new root wants to see the host's files. Can it?",
            "새 루트 안에서 root로 실행되는 프로그램이 호스트의 파일을 보려고 합니다. 볼 수 있을까요?",
        ),
        answers: &[
            Text::new("yes, with chroot(2) itself", "볼 수 있다. chroot(2)만으로 된다"),
            Text::new(
                "no: above its root there is nothing",
                "볼 수 없다. 루트 위에는 아무것도 없다",
            ),
            Text::new(
                "only if somebody has mounted them in there",
                "누군가 그 안에 마운트해 주었을 때만",
            ),
        ],
        right: 0,
        shown_by: &walks::WALKED_OUT,
    },
];
