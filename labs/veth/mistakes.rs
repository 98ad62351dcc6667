//! What people get wrong with this lab, by what the kernel shows.

use nix::errno::Errno;

use super::addressing;
use super::cable::{self, Cable};
use super::checks;
use super::crossing;
use super::fault::{self, Cause};
use super::targets::{self, Lack};
use super::traffic;
use crate::error::Result;
use crate::lab::check::Subject;
use crate::lab::goal::Mistake;
use crate::text::Text;

/// All of them; of one check the first that fits is it.
pub static ALL: &[Mistake] = &[
    Mistake {
        id: "never-moved",
        check: &checks::PEERS_FIT,
        name: Text::new("an end that was never moved", "옮기지 않은 veth"),
        what_happened: Text::new(
            "both ends lie in one namespace: what goes in at one comes out beside it",
            "양쪽 인터페이스가 모두 한 네임스페이스에 있어, 한쪽으로 들어간 패킷이 바로 옆으로 나옵니다",
        ),
        looks_like: |subject| is_coiled(subject),
    },
    Mistake {
        id: "no-cable",
        check: &checks::PEERS_FIT,
        name: Text::new("namespaces without a cable", "연결하지 않은 네임스페이스"),
        what_happened: Text::new(
            "the namespaces are there, and no veth pair has an end in each",
            "네임스페이스는 만들었지만 둘을 잇는 veth 쌍이 없습니다",
        ),
        looks_like: |subject| Ok(!is_coiled(subject)?),
    },
    Mistake {
        id: "both-on-one-side",
        check: &addressing::SAME_NETWORK,
        name: Text::new("two addresses on one end", "한쪽에 모두 할당한 주소"),
        what_happened: Text::new(
            "both addresses were given to one end, and the other has none",
            "두 주소를 모두 한쪽 인터페이스에 할당해 다른 쪽에는 주소가 없습니다",
        ),
        looks_like: |subject| {
            lacks(subject, |cable, lack| match lack {
                Lack::Bare(sides) => {
                    let given = |side: &cable::Side| side.given().count();
                    sides.len() == 1 && given(&cable.left) + given(&cable.right) > 1
                }
                _ => false,
            })
        },
    },
    Mistake {
        id: "address-on-lo",
        check: &addressing::SAME_NETWORK,
        name: Text::new("an address on lo", "lo에 할당한 주소"),
        what_happened: Text::new(
            "the address was given to lo, which leads nowhere, and not to the end of the cable",
            "주소를 veth가 아니라 lo에 할당했습니다. lo로 나간 패킷은 네임스페이스를 벗어나지 않습니다",
        ),
        looks_like: |subject| {
            lacks(
                subject,
                |_, lack| matches!(lack, Lack::Elsewhere(_, link, _) if link.name == "lo"),
            )
        },
    },
    Mistake {
        id: "same-address",
        check: &addressing::SAME_NETWORK,
        name: Text::new("one address given twice", "양쪽에 똑같이 할당한 주소"),
        what_happened: Text::new(
            "both ends have the same address: each takes what is sent to it for its own, and sends nothing",
            "양쪽 주소가 같아, 그 주소로 보내는 패킷이 밖으로 나가지 않고 자기 자신에게 돌아갑니다",
        ),
        looks_like: |subject| lacks(subject, |_, lack| matches!(lack, Lack::Same(_))),
    },
    Mistake {
        id: "other-prefix",
        check: &addressing::SAME_NETWORK,
        name: Text::new("another prefix length on one side", "한쪽만 다른 프리픽스 길이"),
        what_happened: Text::new(
            "one end takes the other for its neighbour; the other's prefix leaves it out, and there is no route back",
            "한쪽에서는 상대가 같은 서브넷이지만, 상대의 프리픽스에는 이쪽이 들어 있지 않아 돌아올 경로가 없습니다",
        ),
        looks_like: |subject| lacks(subject, |_, lack| matches!(lack, Lack::OneWay(..))),
    },
    Mistake {
        id: "other-network",
        check: &addressing::SAME_NETWORK,
        name: Text::new("addresses of two networks", "서로 다른 네트워크의 주소"),
        what_happened: Text::new(
            "each end is in a network of its own, and no router and no route joins the two",
            "양쪽 주소의 네트워크가 다른데, 둘을 잇는 라우터나 경로가 없습니다",
        ),
        looks_like: |subject| lacks(subject, |_, lack| matches!(lack, Lack::Apart)),
    },
    Mistake {
        id: "never-up",
        check: &checks::ENDS_UP,
        name: Text::new("an end that was never set up", "활성화하지 않은 인터페이스"),
        what_happened: Text::new(
            "a new interface is down, and a veth carries only when both its ends are up",
            "새 인터페이스는 DOWN 상태이고, veth는 양쪽이 모두 UP이어야 패킷을 전달합니다",
        ),
        looks_like: |subject| {
            let cables = cable::all(subject)?;
            Ok(cables.iter().flat_map(Cable::links).any(|(_, link)| !link.up))
        },
    },
    Mistake {
        id: "route-removed",
        check: &traffic::REACHABLE,
        name: Text::new("a route that is gone", "없어진 경로"),
        what_happened: Text::new(
            "the route that comes with an address and its prefix is not there any more",
            "프리픽스를 붙여 주소를 할당하면 함께 생기는 경로가 없어졌습니다",
        ),
        looks_like: |subject| {
            is_before(subject, |it| matches!(it, Cause::NoWay(Errno::ENETUNREACH)))
        },
    },
    Mistake {
        id: "blackhole",
        check: &traffic::REACHABLE,
        name: Text::new("a route that lets nothing through", "패킷을 버리는 경로"),
        what_happened: Text::new(
            "a route of the kind blackhole, unreachable or prohibit is narrower than the one over the cable",
            "blackhole, unreachable, prohibit 같은 경로가 케이블로 가는 경로보다 구체적이어서 우선합니다",
        ),
        looks_like: |subject| {
            is_before(subject, |it| match it {
                Cause::NoWay(errno) => *errno != Errno::ENETUNREACH,
                _ => false,
            })
        },
    },
    Mistake {
        id: "second-way",
        check: &traffic::REACHABLE,
        name: Text::new("the same subnet on two interfaces", "두 인터페이스에 있는 같은 서브넷"),
        what_happened: Text::new(
            "another interface has the same subnet, and its route is taken: the packets never get to the cable",
            "다른 인터페이스에도 같은 서브넷이 있고 그쪽 경로가 선택되어, 패킷이 케이블로 가지 않습니다",
        ),
        looks_like: |subject| is_before(subject, |it| matches!(it, Cause::OtherLink(Some(_)))),
    },
    Mistake {
        id: "not-in-the-bridge",
        check: &traffic::REACHABLE,
        name: Text::new("an end that is not in the bridge", "브리지에 연결하지 않은 인터페이스"),
        what_happened: Text::new(
            "the cable goes to where the bridge is, and was not plugged in: a bridge joins those that are in it",
            "케이블은 브리지가 있는 곳까지 갔지만 브리지에 연결하지 않았습니다. 브리지는 연결된 인터페이스끼리만 이어 줍니다",
        ),
        looks_like: |subject| {
            is_before(subject, |it| matches!(it, Cause::Unplugged(..) | Cause::TwoBridges(..)))
        },
    },
    Mistake {
        id: "echo-ignored",
        check: &traffic::REACHABLE,
        name: Text::new("echo requests that are ignored", "무시하도록 설정한 에코 요청"),
        what_happened: Text::new(
            "icmp_echo_ignore_all is set: requests arrive and are left unanswered",
            "icmp_echo_ignore_all이 설정되어 있어, 요청이 도착해도 응답하지 않습니다",
        ),
        looks_like: |subject| {
            let cables = cable::all(subject)?;
            let clear = !is_before(subject, |_| true)?;
            let ignores = |cable: &Cable| {
                let target = targets::of(cable)?.into_iter().next();
                let ways = target.map(|to| [(&cable.left, to.left), (&cable.right, to.right)]);
                let mut ways = ways.into_iter().flatten();
                Ok(ways.any(|(side, to)| fault::is_ignored(&side.file, to).unwrap_or(false)))
            };
            Ok(clear && cables.iter().map(ignores).collect::<Result<Vec<_>>>()?.contains(&true))
        },
    },
];

/// Whether both ends of a pair lie in one of the namespaces.
fn is_coiled(subject: &Subject) -> Result<bool> {
    for ends in cable::neighbours(subject)? {
        if cable::between(&ends)?.is_none() {
            return Ok(checks::coil(&ends)?.is_some());
        }
    }
    Ok(false)
}

/// Whether the first cable without targets lacks them so.
fn lacks(subject: &Subject, looks: impl Fn(&Cable, &Lack<'_>) -> bool) -> Result<bool> {
    for cable in cable::all(subject)? {
        if targets::of(&cable)?.is_empty() {
            return Ok(looks(&cable, &targets::lack(&cable)));
        }
    }
    Ok(false)
}

/// Whether something that `looks` so is in the way before anything is sent.
fn is_before(subject: &Subject, looks: impl Fn(&Cause<'_>) -> bool) -> Result<bool> {
    for cable in cable::all(subject)? {
        let Some(target) = targets::of(&cable)?.into_iter().next() else { continue };
        if let Some(fault) = crossing::before(&cable, &target)? {
            return Ok(looks(&fault.cause));
        }
    }
    Ok(false)
}
