//! What a reader of this lab predicts; the wrong answers are what people believe.

use super::checks;
use crate::lab::question::Question;
use crate::text::Text;

/// All of them, in the order of the steps.
pub static ALL: &[Question] = &[
    Question {
        id: "whose-name",
        step: "hostname",
        ask: Text::new(
            "A process in a UTS namespace of its own sets the host name to happy.life.com. What does `uname -n` print in your other terminals?",
            "독립된 UTS 네임스페이스의 프로세스가 호스트 이름을 happy.life.com으로 바꿉니다. 다른 터미널에서 `uname -n`을 실행하면 무엇이 나옵니까?",
        ),
        answers: &[
            Text::new("the old name", "원래 이름"),
            Text::new(
                "happy.life.com: a machine has one name",
                "happy.life.com. 시스템의 이름은 하나니까",
            ),
            Text::new("the old name, until they are opened anew", "새로 열기 전까지만 원래 이름"),
        ],
        right: 0,
        shown_by: &checks::HOST_NAME_APART,
    },
    Question {
        id: "which-pid",
        step: "pid",
        ask: Text::new(
            "A child is born into a new PID namespace, where it is PID 1. What does the host see?",
            "새 PID 네임스페이스에서 자식 프로세스가 태어나 그 안에서 PID 1이 됩니다. 호스트에서는 어떻게 보입니까?",
        ),
        answers: &[
            Text::new("nothing: it is hidden", "보이지 않는다. 숨겨졌으니까"),
            Text::new("a second PID 1", "PID 1이 하나 더 있다"),
            Text::new("the same process, under another PID", "같은 프로세스가 다른 PID로 보인다"),
        ],
        right: 2,
        shown_by: &checks::PID_ONE,
    },
    Question {
        id: "what-ps-shows",
        step: "hosts-proc",
        ask: Text::new(
            "In that PID namespace, where /proc was not touched, PID 1 runs `ps -e`. Which processes does it list?",
            "그 PID 네임스페이스의 PID 1이, /proc은 그대로 둔 채 `ps -e`를 실행합니다. 어떤 프로세스가 나옵니까?",
        ),
        answers: &[
            Text::new("its own namespace's: PID 1 and ps", "자기 네임스페이스의 것만. PID 1과 ps"),
            Text::new("all of the host's", "호스트의 모든 프로세스"),
            Text::new("none", "아무것도 안 나온다"),
        ],
        right: 1,
        shown_by: &checks::PROC_OF_HOST,
    },
    Question {
        id: "pid-one-ends",
        step: "kill",
        ask: Text::new(
            "From the host, PID 1 of the namespace is killed. What becomes of the other processes in there?",
            "호스트에서 그 네임스페이스의 PID 1을 강제 종료합니다. 안의 다른 프로세스는 어떻게 됩니까?",
        ),
        answers: &[
            Text::new(
                "they go on, as orphans of the host's init",
                "호스트 init의 자식이 되어 계속 실행된다",
            ),
            Text::new("the oldest of them becomes PID 1", "가장 오래된 프로세스가 PID 1이 된다"),
            Text::new(
                "they are told by SIGTERM, and may go on",
                "SIGTERM만 받고 계속 실행될 수 있다",
            ),
            Text::new("the kernel kills all of them", "커널이 모두 강제 종료한다"),
        ],
        right: 3,
        shown_by: &checks::ALL_DEAD,
    },
];
