//! What a reader of this lab predicts; the wrong answers are what people believe.

use super::{checks, traffic};
use crate::lab::question::Question;
use crate::text::Text;

/// All of them, in the order of the steps.
pub static ALL: &[Question] = &[
    Question {
        id: "what-is-new",
        step: "namespaces",
        ask: Text::new(
            "What does `ip link` show in a network namespace that was just made?",
            "방금 만든 네트워크 네임스페이스에서 `ip link`를 실행하면 무엇이 보입니까?",
        ),
        answers: &[
            Text::new("a copy of the host's interfaces", "호스트 인터페이스의 사본"),
            Text::new("lo, up, with 127.0.0.1", "127.0.0.1이 할당된 UP 상태의 lo"),
            Text::new("lo, down", "DOWN 상태의 lo"),
        ],
        right: 2,
        shown_by: &checks::ONLY_LO,
    },
    Question {
        id: "addresses-alone",
        step: "addresses",
        ask: Text::new(
            "Both ends of the cable get an address of one subnet, and are still down. What does the kernel answer to a ping from one to the other?",
            "veth 양쪽에 같은 서브넷의 주소를 할당했고, 아직 둘 다 DOWN입니다. 한쪽에서 다른 쪽으로 ping을 보내면 커널이 어떻게 답합니까?",
        ),
        answers: &[
            Text::new("it sends, and nothing comes back", "보내지만 응답이 없다"),
            Text::new("it does not even send: no route", "보내지도 않는다. 경로가 없다"),
            Text::new("it works: they are one cable", "통신된다. 케이블 하나로 이어져 있으니까"),
        ],
        right: 1,
        shown_by: &traffic::UNREACHABLE,
    },
    Question {
        id: "one-port-twice",
        step: "port",
        ask: Text::new(
            "A server listens on port 8080 in the first namespace. Now one in the second wants 8080 too.",
            "첫 번째 네임스페이스에서 서버가 8080 포트를 쓰고 있습니다. 두 번째 네임스페이스의 서버도 8080을 쓰려고 합니다.",
        ),
        answers: &[
            Text::new("both listen, each on its own 8080", "둘 다 된다. 각자의 8080이니까"),
            Text::new(
                "EADDRINUSE: a port is the machine's",
                "EADDRINUSE. 포트는 시스템에 하나뿐이니까",
            ),
            Text::new("both listen, and take turns", "둘 다 되고, 연결을 번갈아 받는다"),
        ],
        right: 0,
        shown_by: &traffic::SAME_PORT,
    },
];
