//! What to say about what a check of this lab saw, and what to do about it. An interface's name may be anything, so no
//! command here holds one: those that do are [`super::mends`].

use nix::errno::Errno;

use super::cable::{Cable, Side};
use super::fault::{Cause, Count, Fault};
use super::targets::Lack;
use crate::probe::net::Link;
use crate::text;
use crate::text::Text;

/// Interfaces that make a namespace another than a new one.
pub fn for_links(links: &[Link]) -> Option<Text> {
    let lo = links.iter().any(|link| link.name == "lo" && link.up);
    lo.then_some(Text::new(
        "lo is up already: `ip link set lo down`, in that namespace",
        "lo가 이미 UP 상태입니다. 그 네임스페이스에서 `ip link set lo down`을 실행하십시오",
    ))
}

/// Where no pair joins the two namespaces.
pub fn for_pair(coiled: bool) -> Text {
    match coiled {
        true => Text::new(
            "move one of the two over: `ip link set NAME netns OTHER`, in the namespace where they are",
            "둘 중 하나를 옮기십시오. 지금 있는 네임스페이스에서 `ip link set NAME netns OTHER`를 실행합니다",
        ),
        false => Text::new(
            "make one, an end in each: `ip link add NAME netns ONE type veth peer name NAME netns OTHER`",
            "네임스페이스마다 한쪽씩 만드십시오: `ip link add NAME netns ONE type veth peer name NAME netns OTHER`",
        ),
    }
}

/// Why two ends cannot send to each other.
pub fn for_lack(lack: &Lack<'_>) -> Text {
    match lack {
        Lack::Bare(sides) => {
            let names: Vec<&str> = sides.iter().map(|side| side.end.name.as_str()).collect();
            let names = names.join(", ");
            text!(
                "no address on {names}: `ip address add ADDRESS/24 dev NAME`, in its namespace",
                "주소가 없는 인터페이스: {names}. 그 네임스페이스에서 `ip address add ADDRESS/24 dev NAME`을 실행하십시오"
            )
        }
        Lack::Elsewhere(side, link, address) => {
            let (end, link_name) = (&side.end.name, &link.name);
            match link.kind.as_str() {
                "bridge" => text!(
                    "{address} is on {link_name}, and {end} is not in that bridge",
                    "{address} 주소는 {link_name} 브리지에 있는데, {end} 인터페이스가 그 브리지에 연결되어 있지 않습니다"
                ),
                _ => text!(
                    "{address} is on {link_name}, and belongs on {end}",
                    "{address} 주소가 {link_name} 인터페이스에 있습니다. {end} 인터페이스에 할당해야 합니다"
                ),
            }
        }
        Lack::Same(_) => Text::new(
            "both have the same address: give one of them another of the same subnet",
            "양쪽 주소가 같습니다. 한쪽에 같은 서브넷의 다른 주소를 할당하십시오",
        ),
        Lack::OneWay(side, _) => {
            let end = &side.end.name;
            text!(
                "the prefix lengths differ: for {end} the other is not on its network. Give both the same, such as /24",
                "프리픽스 길이가 다릅니다. {end} 쪽에서는 상대가 자기 네트워크에 없습니다. 양쪽 모두 /24처럼 같게 하십시오"
            )
        }
        Lack::Apart => Text::new(
            "two networks with no router between: give both ends addresses of one, or each a route to the other",
            "서로 다른 네트워크이고 라우터도 없습니다. 양쪽에 같은 서브넷의 주소를 할당하거나 상대로 가는 경로를 추가하십시오",
        ),
    }
}

/// Which links are down.
pub fn for_down(names: &[&str]) -> Text {
    let names = names.join(", ");
    text!(
        "{names} is down: `ip link set NAME up`, in its namespace",
        "{names}: DOWN 상태입니다. 그 네임스페이스에서 `ip link set NAME up`을 실행하십시오"
    )
}

/// What became of a request, with both sides named.
pub fn said_of(fault: &Fault<'_>) -> Text {
    let Fault { from, side, to, cause } = fault;
    let (a, b) = (&from.name, &side.name);
    let what = match cause {
        Cause::NoWay(errno) => no_way(*errno, &to.to_string()),
        Cause::OtherLink(Some(link)) => {
            let name = &link.name;
            text!("{to} leaves through {name}", "{to}: {name} 인터페이스로 나감")
        }
        Cause::OtherLink(None) => {
            text!("{to} stays in there", "{to}: 네임스페이스 밖으로 나가지 않음")
        }
        Cause::Unplugged(hub, end) => {
            let (place, end) = (&hub.name, &end.name);
            text!("{end} is in no bridge ({place})", "{end}: 브리지에 연결되지 않음({place})")
        }
        Cause::TwoBridges(_, bridge, end) => {
            let (bridge, end) = (&bridge.name, &end.name);
            text!(
                "{end} is not in {bridge}, but in another bridge",
                "{end}: {bridge} 아닌 다른 브리지에 연결됨"
            )
        }
        Cause::BridgeDown(_, bridge) => {
            let bridge = &bridge.name;
            text!("the bridge {bridge} is DOWN", "{bridge} 브리지가 DOWN")
        }
        Cause::NotLetOut => text!("EPERM: {a} lets nothing out", "EPERM: {a} 쪽에서 나가지 못함"),
        Cause::NoArp(_, link) => {
            let name = &link.name;
            text!("{name} has NOARP", "{name}: NOARP")
        }
        Cause::NoNeighbour(ip) => {
            text!(
                "nobody answers for {ip} (no hardware address)",
                "{ip}: 응답 없음(MAC 주소를 알 수 없음)"
            )
        }
        Cause::WrongNeighbour(ip, ..) => {
            text!(
                "{ip} has a wrong hardware address, typed in",
                "{ip}: 직접 등록한 MAC 주소가 틀림"
            )
        }
        Cause::Ignored => {
            text!(
                "it arrives, and {b} ignores echo requests",
                "도착하지만 {b} 쪽이 에코 요청을 무시함"
            )
        }
        Cause::Lost(count, _) => counted(from, side, *count),
    };
    text!("{a} → {b}: {what}", "{a} → {b}: {what}")
}

fn no_way(errno: Errno, to: &str) -> Text {
    match errno {
        Errno::ENETUNREACH => text!("no route to {to}", "{to}: 경로 없음"),
        Errno::EINVAL => text!("the route to {to} is a blackhole", "{to}: 경로가 blackhole"),
        Errno::EACCES => text!("the route to {to} is prohibit", "{to}: 경로가 prohibit"),
        Errno::EHOSTUNREACH => {
            text!("the route to {to} is unreachable", "{to}: 경로가 unreachable")
        }
        errno => text!("{errno:?} for {to}", "{to}: {errno:?}"),
    }
}

fn counted(from: &Side, side: &Side, count: Count) -> Text {
    let (here, there) = (&from.end.name, &side.end.name);
    let Count { left, arrived, returned, back } = count;
    let packets = if left == 1 { "packet" } else { "packets" };
    let (en, ko) = match (returned, back) {
        (0, _) => ("none came back".to_owned(), "돌아온 것 없음".to_owned()),
        (_, 0) => (
            format!("{returned} left {there} again, none came back"),
            format!("{there} 인터페이스로 다시 나간 패킷 {returned}개, 돌아온 것 없음"),
        ),
        _ => (
            format!("{back} came back to {here}, and no reply was let in"),
            format!("{here} 인터페이스로 {back}개가 돌아왔지만 받아들이지 않음"),
        ),
    };
    Text::from_strings(
        format!("{left} {packets} left {here}, {arrived} arrived at {there}, {en}"),
        format!(
            "{here} 인터페이스로 나간 패킷 {left}개, {there} 인터페이스에 도착한 패킷 {arrived}개, {ko}"
        ),
    )
}

/// What to do about it.
pub fn for_fault(fault: &Fault<'_>) -> Text {
    let Fault { from, side, cause, .. } = fault;
    let (a, b) = (&from.name, &side.name);
    match cause {
        Cause::NoWay(Errno::ENETUNREACH) => text!(
            "`ip route` in {a} shows no way there: an address with its prefix, on an interface that is up, adds one",
            "{a}: `ip route`에 경로가 없습니다. UP 상태인 인터페이스에 프리픽스를 붙여 주소를 할당하면 생깁니다"
        ),
        Cause::NoWay(_) => text!(
            "`ip route` in {a} shows a route (`ip rule` a rule) that lets nothing through, and goes before the one over the cable",
            "{a}: `ip route`에 패킷을 버리는 경로(`ip rule`에는 규칙)가 있고, 케이블로 가는 경로보다 우선합니다"
        ),
        Cause::OtherLink(Some(_)) => text!(
            "another interface in {a} has an address of the same subnet, or a route there: `ip route` shows which",
            "{a}: 다른 인터페이스에 같은 서브넷의 주소나 경로가 있습니다. `ip route`로 확인하십시오"
        ),
        Cause::OtherLink(None) => text!(
            "{a} takes that address for its own: `ip route show table local` shows where",
            "{a} 네임스페이스가 그 주소를 자기 주소로 봅니다. `ip route show table local`로 확인하십시오"
        ),
        Cause::Unplugged(..) | Cause::TwoBridges(..) => Text::new(
            "put both ends into one bridge: `ip link set NAME master BRIDGE`",
            "양쪽을 같은 브리지에 연결하십시오: `ip link set NAME master BRIDGE`",
        ),
        Cause::BridgeDown(..) => Text::new(
            "a bridge forwards only when it is up: `ip link set BRIDGE up`",
            "브리지는 UP 상태여야 패킷을 전달합니다: `ip link set BRIDGE up`",
        ),
        Cause::NotLetOut => text!(
            "a firewall in {a} drops what leaves (`nft list ruleset`, `iptables -S`, in there)",
            "{a} 네임스페이스의 방화벽이 나가는 패킷을 버립니다(그 안에서 `nft list ruleset`, `iptables -S`)"
        ),
        Cause::NoArp(..) => Text::new(
            "without ARP neither learns the other's hardware address: `ip link set NAME arp on`",
            "ARP 없이는 상대의 MAC 주소를 알 수 없습니다: `ip link set NAME arp on`",
        ),
        Cause::NoNeighbour(ip) => text!(
            "does {b} have {ip}, and do rules there drop what asks for it (`ip address`, `nft list ruleset`)?",
            "{b} 네임스페이스에 {ip} 주소가 있습니까? 요청을 막는 규칙이 있습니까(`ip address`, `nft list ruleset`)?"
        ),
        Cause::WrongNeighbour(..) => text!(
            "`ip neighbour` in {a} shows the entry that somebody has typed in",
            "{a}: `ip neighbour`에 직접 등록한 항목이 있습니다"
        ),
        Cause::Ignored => text!(
            "icmp_echo_ignore_all is set in {b}: `sysctl` turns it off, in there",
            "{b} 네임스페이스에 icmp_echo_ignore_all이 설정되어 있습니다. 그 안에서 `sysctl`로 끄십시오"
        ),
        Cause::Lost(count, hub) => {
            let (_, place) = fault.end_of(*count, *hub);
            text!(
                "it left and nothing came back: a firewall in {place} drops it (`nft list ruleset`, `iptables -S`, in there)",
                "보냈지만 응답이 없습니다. {place} 네임스페이스의 방화벽이 버립니다(그 안에서 `nft list ruleset`, `iptables -S`)"
            )
        }
    }
}

/// For each way that it works.
pub fn answered(cable: &Cable) -> [Text; 2] {
    cable.both_ways().map(|(from, side)| {
        let (a, b) = (&from.name, &side.name);
        text!("{a} → {b}: echo reply", "{a} → {b}: 에코 응답")
    })
}

/// In which of the two nobody listens.
pub fn for_port(answers: [&str; 2]) -> Option<Text> {
    match answers.map(|answer| answer == "0") {
        [true, true] => Some(Text::new(
            "nobody listens on 8080 in either: start a server in each",
            "양쪽 모두 8080 포트에서 실행 중인 서버가 없습니다. 하나씩 실행하십시오",
        )),
        [true, false] => Some(Text::new(
            "nobody listens on 8080 in the first of the two: start a server there",
            "첫 번째 네임스페이스에 8080 포트를 쓰는 서버가 없습니다. 거기서 실행하십시오",
        )),
        [false, true] => Some(Text::new(
            "nobody listens on 8080 in the second of the two: start a server there",
            "두 번째 네임스페이스에 8080 포트를 쓰는 서버가 없습니다. 거기서 실행하십시오",
        )),
        [false, false] => None,
    }
}
