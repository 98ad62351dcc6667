//! What the shells of this lab are good for.

use crate::lab::around::{Around, Try};
use crate::text::Text;

const LEFT: Text = Text::new(
    "in the network namespace lab-left (S: lab-right); these are this machine's real files",
    "네트워크 네임스페이스 lab-left 안(S는 lab-right): 파일은 이 시스템의 실제 파일입니다",
);

/// All of them.
pub static ALL: &[Around] = &[
    Around {
        steps: &["namespaces", "pair"],
        place: LEFT,
        name: "netns",
        tries: &[
            Try::new(
                "ip -br link",
                "the interfaces of this namespace",
                "이 네임스페이스의 인터페이스입니다",
            ),
            Try::new("ip route", "no way to anywhere", "어디로 가는 경로도 없습니다"),
        ],
    },
    Around {
        steps: &["addresses"],
        place: LEFT,
        name: "netns",
        tries: &[
            Try::new(
                "ip -br address",
                "an address, and the interface down",
                "주소는 있고 인터페이스는 DOWN입니다",
            ),
            Try::failing(
                "ping -c 1 198.51.100.2",
                "Network is unreachable",
                "Network is unreachable",
            ),
        ],
    },
    Around {
        steps: &["up", "port"],
        place: LEFT,
        name: "netns",
        tries: &[
            Try::new(
                "ip route",
                "the way that came with the address",
                "주소와 함께 생긴 경로입니다",
            ),
            Try::new(
                "ip neigh",
                "the hardware address that ARP has found",
                "ARP로 알아낸 하드웨어 주소입니다",
            ),
            Try::new(
                "ss -ltn",
                "who listens in this namespace",
                "이 네임스페이스에서 열려 있는 포트입니다",
            ),
        ],
    },
];
