//! What a reader of this lab predicts; the wrong answers are what people believe.

use super::measured;
use crate::lab::question::Question;
use crate::text::Text;

/// All of them, in the order of the steps.
pub static ALL: &[Question] = &[
    Question {
        id: "half-the-shares",
        step: "half",
        ask: Text::new(
            "Groups a and b share a processor, both busy, 1024 to 1024. Now a gets 512, half of what every group begins with. How much of the processor does a get?",
            "바쁜 그룹 a와 b가 1024 대 1024로 CPU 하나를 나눠 쓰고 있습니다. 이제 a의 값을 기본값의 절반인 512로 바꿉니다. a는 CPU를 얼마나 씁니까?",
        ),
        answers: &[
            Text::new("half of it", "절반"),
            Text::new("a quarter of it", "4분의 1"),
            Text::new("a third of it", "3분의 1"),
        ],
        right: 2,
        shown_by: &measured::HALF_SHARE,
    },
    Question {
        id: "one-more-group",
        step: "three",
        ask: Text::new(
            "a and b have 1024 each, and half of the processor each. A third busy group comes in, with 2048. What does a get then?",
            "a와 b가 1024씩 갖고 CPU를 절반씩 씁니다. 2048인 바쁜 그룹이 하나 더 들어옵니다. 이제 a는 얼마나 씁니까?",
        ),
        answers: &[
            Text::new("a quarter", "4분의 1"),
            Text::new(
                "half, as before: its number did not change",
                "그대로 절반. 값이 바뀌지 않았으니까",
            ),
            Text::new("a third: there are three", "3분의 1. 그룹이 셋이니까"),
        ],
        right: 0,
        shown_by: &measured::THREE_SHARES,
    },
    Question {
        id: "alone-with-a-quota",
        step: "limit",
        ask: Text::new(
            "b and c have ended, and a is alone. It has a quota of 20 ms in every 100 ms. How much does it get?",
            "b와 c가 끝나 a만 남았습니다. a에는 100ms마다 20ms라는 상한이 있습니다. a는 얼마나 씁니까?",
        ),
        answers: &[
            Text::new("all of it: nobody else wants it", "전부. 다른 경쟁자가 없으니까"),
            Text::new("a fifth, and then it stands still", "5분의 1만 쓰고 나머지 시간은 멈춘다"),
            Text::new("a fifth at least, and more when idle", "최소 5분의 1, CPU가 놀면 더 쓴다"),
        ],
        right: 1,
        shown_by: &measured::LIMITED,
    },
];
