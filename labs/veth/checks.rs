//! What `lab veth` claims.
//!
//! The subject's `netns` are the two namespaces that the pair joins. Which links are its ends the
//! kernel says, by number; names and addresses may be any.

use std::path::Path;

use super::advice;
use super::traffic;
use crate::error::{Error, Result};
use crate::lab::check::{Check, Subject};
use crate::lab::finding::Seen;
use crate::probe::net::{self, Link};
use crate::text;
use crate::text::Text;

/// All of them, in the order in which the lab proves them.
pub static ALL: &[&Check] = &[
    &ONLY_LO,
    &PEERS_FIT,
    &HOST_UNTOUCHED,
    &SAME_NETWORK,
    &traffic::UNREACHABLE,
    &ENDS_UP,
    &traffic::REACHABLE,
    &traffic::SAME_PORT,
];

/// The machine's own network namespace, or rather that of whoever asks.
pub const OURS: &str = "/proc/self/ns/net";

pub fn sides(subject: &Subject) -> Result<(&Path, &Path)> {
    match subject.netns.as_slice() {
        [left, right] => Ok((left, right)),
        _ => Err(Error::unable(
            Text::new(
                "no two network namespaces were named",
                "네트워크 네임스페이스 두 개가 지정되지 않았습니다",
            ),
            Text::new("make them with `ip netns add`", "`ip netns add`로 만드십시오"),
        )),
    }
}

/// The two ends of the pair.
pub fn ends(subject: &Subject) -> Result<(Link, Link)> {
    let (left, right) = sides(subject)?;
    net::pair(left, right)?.ok_or_else(|| {
        Error::unable(
            Text::new(
                "no veth pair joins the two namespaces",
                "두 네임스페이스를 잇는 veth 쌍이 없습니다",
            ),
            Text::new(
                "make one with `ip link add … type veth`",
                "`ip link add … type veth`로 만드십시오",
            ),
        )
    })
}

/// What the kernel's tunnel drivers, where loaded, put into each new namespace
/// (`net.core.fb_tunnels_only_for_init_net`, sysctl/net.rst): nobody's, and down.
const FALLBACK_TUNNELS: [&str; 9] =
    ["tunl0", "gre0", "gretap0", "erspan0", "sit0", "ip6tnl0", "ip6gre0", "ip_vti0", "ip6_vti0"];

/// Whether a new namespace has such a link.
fn is_of_a_new_one(link: &Link) -> bool {
    let tunnel = !link.veth && FALLBACK_TUNNELS.contains(&link.name.as_str());
    !link.up && (link.name == "lo" || tunnel)
}

/// Nothing but a `lo`, and what is the kernel's own, all of it down.
pub static ONLY_LO: Check = Check {
    id: "only-lo",
    claim: Text::new(
        "in each there is only lo, fallback tunnels aside, and it is down",
        "두 네임스페이스 모두 인터페이스가 (기본 터널을 빼면) lo뿐이고 DOWN입니다",
    ),
    hint: Text::new("these namespaces are not new", "새로 만든 네임스페이스가 아닙니다"),
    probe: |subject, _| {
        let (left, right) = sides(subject)?;
        let all = [net::links(left)?, net::links(right)?];
        let shown = |links: &Vec<Link>| {
            let state = |link: &Link| if link.up { "UP" } else { "DOWN" };
            let names = links.iter().map(|link| format!("{} {}", link.name, state(link)));
            names.collect::<Vec<_>>().join(", ")
        };
        let new = |links: &Vec<Link>| {
            links.iter().any(|link| link.name == "lo") && links.iter().all(is_of_a_new_one)
        };
        let seen = Text::plain(all.iter().map(shown).collect::<Vec<_>>().join(" | "));
        let expected = Text::plain("lo DOWN | lo DOWN");
        Ok(Seen::judge(all.iter().all(new), expected, seen, "RTM_GETLINK")
            .advise(|| all.iter().find_map(|links| advice::for_links(links))))
    },
};

/// What is there in the place of a pair: veth links whose other end lies beside them, or none.
fn no_pair(sides: [&Path; 2], source: &str) -> Result<Seen> {
    let mut names = Vec::new();
    for side in sides {
        let links = net::links(side)?.into_iter();
        names.extend(links.filter(|l| l.veth && l.peer_namespace.is_none()).map(|l| l.name));
    }
    let coiled = !names.is_empty();
    let names = names.join(", ");
    let expected =
        Text::new("a veth pair, one end in each", "네임스페이스마다 한쪽씩 있는 veth 쌍");
    let seen = match coiled {
        false => Text::new("no veth", "veth 없음"),
        true => text!(
            "both ends in one namespace: {names}",
            "양쪽이 모두 한 네임스페이스에 있음: {names}"
        ),
    };
    Ok(Seen::judge(false, expected, seen, source).advise(|| advice::for_pair(coiled)))
}

/// Each end is the other's peer.
pub static PEERS_FIT: Check = Check {
    id: "peers-fit",
    claim: Text::new(
        "each end names the other: ifindex and link-netnsid fit",
        "양쪽이 서로를 가리킵니다. ifindex와 link-netnsid가 서로 일치합니다",
    ),
    hint: Text::new(
        "move one end over with `ip link set NAME netns OTHER`",
        "`ip link set NAME netns OTHER`로 한쪽 인터페이스를 옮기십시오",
    ),
    probe: |subject, _| {
        let source = "IFLA_LINK, IFLA_LINK_NETNSID, RTM_GETNSID";
        let (here, there) = sides(subject)?;
        let Some((left, right)) = net::pair(here, there)? else {
            return no_pair([here, there], source);
        };
        let shown = |link: &Link| {
            let number = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
            let peer = number(link.peer.map(|peer| peer.to_string()));
            let namespace = number(link.peer_namespace.map(|number| number.to_string()));
            format!("{}: {} → {peer} (netnsid {namespace})", link.name, link.index)
        };
        Ok(Seen::judge(
            left.peer == Some(right.index) && right.peer == Some(left.index),
            Text::plain(format!("{0} → {1}, {1} → {0}", left.index, right.index)),
            Text::plain(format!("{}, {}", shown(&left), shown(&right))),
            source,
        ))
    },
};

/// None of it is in the machine's own namespace.
pub static HOST_UNTOUCHED: Check = Check {
    id: "host-untouched",
    claim: Text::new(
        "neither end is in the host's network",
        "호스트의 네트워크에는 이 veth가 없습니다",
    ),
    hint: Text::new(
        "one end was never moved away from the host's network",
        "한쪽 인터페이스가 호스트의 네트워크에 남아 있습니다",
    ),
    probe: |subject, _| {
        let (left, right) = sides(subject)?;
        let ours = Path::new(OURS);
        let numbers = [net::number_of(ours, left)?, net::number_of(ours, right)?];
        let ends: Vec<String> = net::links(ours)?
            .into_iter()
            .filter(|link| link.peer_namespace.is_some() && numbers.contains(&link.peer_namespace))
            .map(|link| link.name)
            .collect();
        Ok(Seen::judge(
            ends.is_empty(),
            Text::new("no interface", "인터페이스 없음"),
            match ends.is_empty() {
                true => Text::new("no interface", "인터페이스 없음"),
                false => Text::plain(ends.join(" ")),
            },
            "RTM_GETLINK",
        ))
    },
};

/// Both ends have an address, of the same network and not the same.
pub static SAME_NETWORK: Check = Check {
    id: "same-network",
    claim: Text::new(
        "both ends have addresses of one subnet",
        "양쪽의 주소가 같은 서브넷에 있습니다",
    ),
    hint: Text::new(
        "give each end an address of its own, with the same prefix length, such as /24",
        "양쪽에 서로 다른 주소를 할당하되 프리픽스 길이는 /24처럼 같게 하십시오",
    ),
    probe: |subject, _| {
        let (left, right) = ends(subject)?;
        let shown = |link: &Link| match link.addresses.as_slice() {
            [] => "–".to_owned(),
            all => all
                .iter()
                .map(|(address, prefix)| format!("{address}/{prefix}"))
                .collect::<Vec<_>>()
                .join(" "),
        };
        Ok(Seen::judge(
            traffic::neighbour(&left, &right).is_some(),
            Text::new("two addresses, one subnet", "같은 서브넷의 서로 다른 주소 두 개"),
            Text::plain(format!("{}, {}", shown(&left), shown(&right))),
            "RTM_GETADDR",
        )
        .advise(|| advice::for_addresses(&left, &right)))
    },
};

/// Both ends are up.
pub static ENDS_UP: Check = Check {
    id: "ends-up",
    claim: Text::new(
        "both ends are up and carry packets",
        "양쪽 인터페이스가 모두 UP이고 패킷을 전달합니다",
    ),
    hint: Text::new(
        "`ip link set NAME up`, on both sides",
        "양쪽에서 `ip link set NAME up`을 실행하십시오",
    ),
    probe: |subject, _| {
        let (left, right) = ends(subject)?;
        let shown = |link: &Link| {
            let state = match (link.up, link.carrier) {
                (false, _) => "DOWN",
                (true, false) => "UP, NO-CARRIER",
                (true, true) => "UP",
            };
            format!("{} {state}", link.name)
        };
        Ok(Seen::judge(
            left.carrier && right.carrier,
            Text::plain("UP, UP"),
            Text::plain(format!("{}, {}", shown(&left), shown(&right))),
            "IFF_UP, IFF_LOWER_UP",
        )
        .advise(|| advice::for_ends(&left, &right)))
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_namespace_may_have_the_kernels_own_tunnels_and_no_others() {
        let link = |name: &str, up, veth| Link { name: name.into(), up, veth, ..Link::default() };
        assert!(is_of_a_new_one(&link("lo", false, false)));
        assert!(is_of_a_new_one(&link("tunl0", false, false)));
        assert!(!is_of_a_new_one(&link("lo", true, false)));
        assert!(!is_of_a_new_one(&link("sit0", true, false)));
        assert!(!is_of_a_new_one(&link("gre0", false, true)));
        assert!(!is_of_a_new_one(&link("tun1", false, false)));
    }
}
