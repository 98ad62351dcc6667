//! What is said once all of this lab is proven.

use crate::lab::debrief::Debrief;
use crate::text::Text;

/// Where a cable between two networks is met.
pub static DEBRIEF: Debrief = Debrief {
    met: &[
        (
            "docker0",
            Text::new(
                "the bridge on the host into which the other end of each container's cable goes",
                "각 컨테이너 veth의 반대쪽이 꽂히는 호스트의 브리지입니다",
            ),
        ),
        (
            "docker run -p 8080:80",
            Text::new(
                "the host's 8080 is led to 80 of the container: two namespaces, two ports",
                "호스트의 8080을 컨테이너의 80으로 넘깁니다. 네임스페이스가 둘이라 포트도 따로입니다",
            ),
        ),
        (
            "Kubernetes pod",
            Text::new(
                "its containers share one network namespace, and so one set of ports",
                "Pod의 컨테이너들은 네트워크 네임스페이스 하나를 함께 써서 포트도 함께 씁니다",
            ),
        ),
    ],
    left_out: Text::new(
        "the way further: a bridge for more than two, NAT to the internet, names by DNS",
        "셋 이상을 잇는 브리지, 인터넷으로 나가는 NAT, DNS는 다루지 않았습니다",
    ),
    deeper: Text::new(
        "Listen on one end with `tcpdump -n -i NAME` and ping from the other: what crosses before the first echo request?",
        "한쪽에서 `tcpdump -n -i NAME`을 켜 두고 다른 쪽에서 ping을 보내 보십시오. 첫 에코 요청보다 먼저 지나가는 것은 무엇입니까?",
    ),
};
