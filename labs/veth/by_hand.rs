//! What by hand looks like this lab, and what it must meet.

use super::addressing;
use super::candidates;
use super::checks;
use super::networks;
use super::traffic;
use crate::error::Result;
use crate::lab::goal::{Candidate, Goal, Wanted};
use crate::probe::survey::Survey;
use crate::text::Text;

/// What must hold at the end of the exercise.
pub static GOALS: &[Goal] = &[
    Goal {
        check: &checks::PEERS_FIT,
        after: &[],
        hints: &[
            Text::new(
                "a cable has two ends: in which namespace is each?",
                "veth 쌍은 인터페이스 두 개입니다. 각각 어느 네임스페이스에 있습니까?",
            ),
            Text::new(
                "ip link shows the ends that are still in this namespace; one must be moved away",
                "ip link에는 아직 이 네임스페이스에 있는 인터페이스만 보입니다. 한쪽을 옮겨야 합니다",
            ),
            Text::new("ip -n red link set right netns blue", "ip -n red link set right netns blue"),
        ],
    },
    Goal {
        check: &addressing::SAME_NETWORK,
        after: &[&checks::PEERS_FIT],
        hints: &[
            Text::new(
                "ip address, on both sides: what do the two addresses have in common?",
                "양쪽에서 ip address를 보십시오. 두 주소의 공통점은 무엇입니까?",
            ),
            Text::new(
                "each end needs an address of its own, and its prefix, or a route, has to lead to the other's: the same /24 on both is the simplest",
                "양쪽에 서로 다른 주소가 있어야 하고, 프리픽스나 경로가 상대의 주소를 포함해야 합니다. 양쪽 모두 같은 /24로 하는 것이 가장 간단합니다",
            ),
            Text::new(
                "ip -n red address add 198.51.100.1/24 dev left; ip -n blue address add 198.51.100.2/24 dev right",
                "ip -n red address add 198.51.100.1/24 dev left; ip -n blue address add 198.51.100.2/24 dev right",
            ),
        ],
    },
    Goal {
        check: &checks::ENDS_UP,
        after: &[&checks::PEERS_FIT],
        hints: &[
            Text::new(
                "a new interface is down, and a veth carries only when both ends are up",
                "새 인터페이스는 DOWN 상태입니다. veth는 양쪽이 모두 UP이어야 통신됩니다",
            ),
            Text::new(
                "ip link shows UP and LOWER_UP when both are",
                "양쪽이 모두 활성화되면 ip link에 UP과 LOWER_UP이 보입니다",
            ),
            Text::new(
                "ip -n red link set left up; ip -n blue link set right up",
                "ip -n red link set left up; ip -n blue link set right up",
            ),
        ],
    },
    Goal {
        check: &traffic::REACHABLE,
        after: &[&addressing::SAME_NETWORK, &checks::ENDS_UP],
        hints: &[
            Text::new(
                "which route does the kernel choose? ip route get ADDRESS",
                "커널이 어떤 경로를 선택합니까? ip route get ADDRESS",
            ),
            Text::new(
                "an address with a prefix brings its route along, unless it was removed; a firewall may be in the way too",
                "프리픽스 길이와 함께 할당한 주소에는 경로가 따라옵니다. 지우지 않았다면 방화벽이 막고 있는지도 확인하십시오",
            ),
            Text::new(
                "ip -n red route add 198.51.100.0/24 dev left",
                "ip -n red route add 198.51.100.0/24 dev left",
            ),
        ],
    },
];

/// Each two namespaces that a cable joins, or all that are at one bridge; where nothing joins any, the namespaces as they
/// are.
pub fn find(survey: &Survey, wanted: &Wanted) -> Result<Vec<Candidate>> {
    Ok(candidates::of(&networks::all(survey, wanted)?, wanted))
}
