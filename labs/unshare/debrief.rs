//! What is said once all of this lab is proven.

use crate::lab::debrief::Debrief;
use crate::text::Text;

/// Where a host name and PIDs of one's own are met.
pub static DEBRIEF: Debrief = Debrief {
    met: &[
        (
            "docker run --hostname",
            Text::new(
                "sethostname(2) in the container's UTS namespace",
                "컨테이너의 UTS 네임스페이스에서 sethostname(2)를 호출합니다",
            ),
        ),
        (
            "docker run --init",
            Text::new(
                "a PID 1 that waits for the orphans it inherits",
                "물려받은 고아 프로세스를 거두는 PID 1을 둡니다",
            ),
        ),
        (
            "shareProcessNamespace",
            Text::new(
                "of a Kubernetes pod: one PID namespace for all its containers",
                "Kubernetes Pod의 필드. Pod의 컨테이너가 PID 네임스페이스 하나를 함께 씁니다",
            ),
        ),
    ],
    left_out: Text::new(
        "going into a namespace that is there already: setns(2), nsenter, docker exec",
        "이미 있는 네임스페이스로 들어가는 방법(setns(2), nsenter, docker exec)은 다루지 않았습니다",
    ),
    deeper: Text::new(
        "Go in with `nsenter --target PID --pid bash`, PID being that of the bash in there. Which PID does $$ print, and why not a second 1?",
        "안에 있는 bash의 PID로 `nsenter --target PID --pid bash`를 실행해 들어가 보십시오. $$는 얼마이고, 왜 1이 아닐까요?",
    ),
};
