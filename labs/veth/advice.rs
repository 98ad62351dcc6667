//! What to do about what a check of this lab saw. An interface's name may be anything, so no command here
//! holds one.

use crate::probe::net::Link;
use crate::probe::ping::Answer;
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
pub fn for_pair(coiled: bool) -> Option<Text> {
    (!coiled).then_some(Text::new(
        "make one, an end in each: `ip link add NAME netns ONE type veth peer name NAME netns OTHER`",
        "네임스페이스마다 한쪽씩 만드십시오: `ip link add NAME netns ONE type veth peer name NAME netns OTHER`",
    ))
}

/// Why two ends are in no common subnet.
pub fn for_addresses(left: &Link, right: &Link) -> Option<Text> {
    let bare: Vec<&str> = [left, right]
        .iter()
        .filter(|end| end.addresses.is_empty())
        .map(|end| end.name.as_str())
        .collect();
    if !bare.is_empty() {
        let names = bare.join(", ");
        return Some(text!(
            "no address on {names}: `ip address add ADDRESS/24 dev NAME`, in its namespace",
            "주소가 없는 인터페이스: {names}. 그 네임스페이스에서 `ip address add ADDRESS/24 dev NAME`을 실행하십시오"
        ));
    }
    let of = |end: &Link| end.addresses.clone();
    if of(left).iter().any(|(ip, _)| of(right).iter().any(|(other, _)| other == ip)) {
        return Some(Text::new(
            "both have the same address: give one of them another of the same subnet",
            "양쪽 주소가 같습니다. 한쪽에 같은 서브넷의 다른 주소를 할당하십시오",
        ));
    }
    let prefixes: Vec<u8> = of(left).iter().chain(&of(right)).map(|(_, prefix)| *prefix).collect();
    prefixes.windows(2).any(|pair| pair.first() != pair.last()).then_some(Text::new(
        "the prefix lengths differ: give both the same, such as /24",
        "프리픽스 길이가 다릅니다. 양쪽 모두 /24처럼 같게 하십시오",
    ))
}

/// Which end is down.
pub fn for_ends(left: &Link, right: &Link) -> Option<Text> {
    let down: Vec<&str> =
        [left, right].iter().filter(|end| !end.up).map(|end| end.name.as_str()).collect();
    let names = down.join(", ");
    (!down.is_empty()).then(|| {
        text!(
            "{names} is down: `ip link set NAME up`, in its namespace",
            "{names}: DOWN 상태입니다. 그 네임스페이스에서 `ip link set NAME up`을 실행하십시오"
        )
    })
}

/// Which way a packet would take, where it is not through the pair.
pub fn for_way(way: Option<u32>) -> Text {
    match way {
        None => Text::new(
            "`ip route` shows no way there: an address with its prefix, on an interface that is up, adds one",
            "`ip route`에 경로가 없습니다. UP 상태인 인터페이스에 프리픽스를 붙여 주소를 할당하면 생깁니다",
        ),
        Some(_) => Text::new(
            "another interface has an address of the same subnet: `ip route` shows which",
            "다른 인터페이스에 같은 서브넷의 주소가 있습니다. `ip route`로 확인하십시오",
        ),
    }
}

/// Why a request that was sent was not answered.
pub fn for_answer(answer: &Answer) -> Option<Text> {
    matches!(answer, Answer::Silence).then_some(Text::new(
        "it left and nothing came back: do firewall rules drop it (`nft list ruleset`, in both)?",
        "보냈지만 응답이 없습니다. 방화벽 규칙에 막히지 않았습니까(양쪽에서 `nft list ruleset`)?",
    ))
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
