//! What `lab veth` claims.
//!
//! The subject's `netns` are the two namespaces that the pair joins; or several, and in the last place the one with the
//! bridge that joins them. Which links are its ends the kernel says, by number; names and addresses may be any.

use std::collections::BTreeSet;
use std::path::Path;

use super::cable::{self, Cable, Ends};
use super::{addressing, advice, mends, traffic};
use crate::error::Result;
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
    &addressing::SAME_NETWORK,
    &traffic::UNREACHABLE,
    &ENDS_UP,
    &traffic::REACHABLE,
    &traffic::SAME_PORT,
];

/// The machine's own network namespace, or rather that of whoever asks.
pub const OURS: &str = "/proc/self/ns/net";

/// The first two namespaces that the subject is about.
///
/// # Errors
/// Where it names no two.
pub fn sides(subject: &Subject) -> Result<(&Path, &Path)> {
    let all = cable::neighbours(subject)?;
    let first = all.first().map(|Ends { sides: [left, right], .. }| (*left, *right));
    first.ok_or_else(|| crate::error::Error::Broken("no neighbours".to_owned()))
}

/// What the kernel's tunnel drivers, where loaded, put into each new namespace
/// (`net.core.fb_tunnels_only_for_init_net`, sysctl/net.rst): nobody's, and down.
const FALLBACK_TUNNELS: [&str; 9] =
    ["tunl0", "gre0", "gretap0", "erspan0", "sit0", "ip6tnl0", "ip6gre0", "ip_vti0", "ip6_vti0"];

/// Whether a new namespace has such a link.
fn is_of_a_new_one(link: &Link) -> bool {
    let tunnel = !link.is_veth() && FALLBACK_TUNNELS.contains(&link.name.as_str());
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

/// A veth whose other end lies beside it.
pub struct Coil<'a> {
    /// The file that holds the namespace.
    pub file: &'a Path,
    /// The two ends.
    pub ends: [Link; 2],
}

/// The first pair that lies in one of the two namespaces with both ends.
///
/// # Errors
/// open(2)'s, rtnetlink's.
pub fn coil<'a>(ends: &Ends<'a>) -> Result<Option<Coil<'a>>> {
    for file in ends.sides {
        let links = net::links(file)?;
        let loose = || links.iter().filter(|link| link.is_veth() && link.peer_namespace.is_none());
        for one in loose() {
            if let Some(other) = loose().find(|other| one.peer == Some(other.index)) {
                return Ok(Some(Coil { file, ends: [one.clone(), other.clone()] }));
            }
        }
    }
    Ok(None)
}

/// What there is in the place of a pair.
fn instead(ends: &Ends<'_>) -> Result<Text> {
    let mut names = Vec::new();
    for file in ends.sides {
        let links = net::links(file)?.into_iter().filter(|link| !is_of_a_new_one(link));
        let place = cable::name_of(file);
        let kind = |link: &Link| {
            if link.kind.is_empty() { String::new() } else { format!(" ({})", link.kind) }
        };
        let shown = links.filter(|link| link.name != "lo" && !link.is_veth());
        names.extend(shown.map(|link| format!("{place}: {}{}", link.name, kind(&link))));
    }
    let names = names.join(", ");
    Ok(match names.is_empty() {
        true => Text::new("no veth", "veth 없음"),
        false => {
            text!("no veth between the two, but {names}", "둘을 잇는 veth 없음. 있는 것: {names}")
        }
    })
}

/// What is there in the place of a pair: veth links whose other end lies beside them, or none.
fn no_pair(ends: &Ends<'_>, source: &str) -> Result<Seen> {
    let expected =
        Text::new("a veth pair, one end in each", "네임스페이스마다 한쪽씩 있는 veth 쌍");
    let Some(coil) = coil(ends)? else {
        return Ok(Seen::judge(false, expected, instead(ends)?, source)
            .advise(|| Some(advice::for_pair(false)))
            .mend(|| mends::joined(ends)));
    };
    let [one, other] = &coil.ends;
    let (names, place) = (format!("{}, {}", one.name, other.name), cable::name_of(coil.file));
    let seen = text!(
        "both ends in one namespace, {place}: {names}",
        "양쪽이 모두 한 네임스페이스({place})에 있음: {names}"
    );
    let elsewhere = ends.sides.into_iter().find(|file| *file != coil.file);
    Ok(Seen::judge(false, expected, seen, source)
        .advise(|| Some(advice::for_pair(true)))
        .mend(|| mends::moved(coil.file, [one, other], elsewhere.unwrap_or(coil.file))))
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
        let mut shown = Vec::new();
        for ends in cable::neighbours(subject)? {
            let Some(cable) = cable::between(&ends)? else { return no_pair(&ends, source) };
            let joints = cable.pairs().into_iter().map(|(a, b)| (a.clone(), b.clone()));
            shown.extend(joints);
        }
        let expected = shown.iter().map(|(a, b)| format!("{0} → {1}, {1} → {0}", a.index, b.index));
        let seen = shown.iter().flat_map(|(a, b)| [a, b]).map(points);
        Ok(Seen::judge(
            shown.iter().all(|(a, b)| a.peer == Some(b.index) && b.peer == Some(a.index)),
            Text::plain(expected.collect::<Vec<_>>().join(", ")),
            Text::plain(seen.collect::<Vec<_>>().join(", ")),
            source,
        ))
    },
};

/// Whom an end names.
fn points(link: &Link) -> String {
    let number = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    let peer = number(link.peer.map(|peer| peer.to_string()));
    let namespace = number(link.peer_namespace.map(|number| number.to_string()));
    format!("{}: {} → {peer} (netnsid {namespace})", link.name, link.index)
}

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
        let cables = cable::all(subject)?;
        let mut links: Vec<(&Path, &Link)> = cables.iter().flat_map(Cable::links).collect();
        // Who is between two others belongs to both cables.
        let mut known = BTreeSet::new();
        links.retain(|(file, link)| known.insert((*file, link.index)));
        let state = |link: &Link| match (link.up, link.carrier) {
            (false, _) => "DOWN",
            (true, false) => "UP, NO-CARRIER",
            (true, true) => "UP",
        };
        let seen = links.iter().map(|(_, link)| format!("{} {}", link.name, state(link)));
        let seen = Text::plain(seen.collect::<Vec<_>>().join(", "));
        let expected = Text::plain(links.iter().map(|_| "UP").collect::<Vec<_>>().join(", "));
        let source = "IFF_UP, IFF_LOWER_UP";
        let down: Vec<(&Path, &Link)> =
            links.iter().copied().filter(|(_, link)| !link.up).collect();
        let is_new = links.iter().all(|(_, link)| !link.up)
            && cables
                .iter()
                .flat_map(|it| [&it.left, &it.right])
                .all(|it| it.given().next().is_none());
        let seen = match is_new {
            true => Seen::open(expected, seen, source),
            false => {
                let carried = links.iter().all(|(_, link)| link.up && link.carrier);
                Seen::judge(carried, expected, seen, source)
            }
        };
        let names: Vec<&str> = down.iter().map(|(_, link)| link.name.as_str()).collect();
        Ok(seen
            .advise(|| (!names.is_empty()).then(|| advice::for_down(&names)))
            .mend(|| mends::set_up(&down)))
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_namespace_may_have_the_kernels_own_tunnels_and_no_others() {
        let link = |name: &str, up, kind: &str| {
            let (name, kind) = (name.to_owned(), kind.to_owned());
            Link { name, up, kind, ..Link::default() }
        };
        assert!(is_of_a_new_one(&link("lo", false, "")));
        assert!(is_of_a_new_one(&link("tunl0", false, "ipip")));
        assert!(!is_of_a_new_one(&link("lo", true, "")));
        assert!(!is_of_a_new_one(&link("sit0", true, "sit")));
        assert!(!is_of_a_new_one(&link("gre0", false, "veth")));
        assert!(!is_of_a_new_one(&link("tun1", false, "tun")));
    }
}
