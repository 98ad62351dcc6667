//! What `lab veth` claims of what crosses over: whether it does, and that a port belongs to one side.

use std::net::Ipv4Addr;
use std::path::Path;

use nix::errno::Errno;

use super::advice;
use super::checks::{ends, sides};
use crate::error::Result;
use crate::lab::check::Check;
use crate::lab::finding::Seen;
use crate::probe::net::{self, Link};
use crate::probe::netlink::visit;
use crate::probe::ping::{self, Answer};
use crate::text;
use crate::text::Text;
use crate::visit::listen;

/// The port that is bound twice.
pub const PORT: u16 = 8080;

/// The first address of `right` that is of one network with an address of `left`, and not the same.
pub fn neighbour(left: &Link, right: &Link) -> Option<Ipv4Addr> {
    let network = |(address, prefix): (Ipv4Addr, u8)| {
        let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
        (address.to_bits() & mask, prefix)
    };
    let near = |b: &(Ipv4Addr, u8)| {
        left.addresses.iter().any(|a| a.0 != b.0 && network(*a) == network(*b))
    };
    right.addresses.iter().copied().find(near).map(|(address, _)| address)
}

/// Where to send what should cross over: an address that is no neighbour's shows that nothing does.
fn target(left: &Link, right: &Link) -> Option<Ipv4Addr> {
    let own = |address: &Ipv4Addr| left.addresses.iter().any(|(own, _)| own == address);
    let mut others = right.addresses.iter().map(|(address, _)| *address);
    neighbour(left, right).or_else(|| others.find(|address| !own(address)))
}

/// That there is nowhere to send anything to.
fn no_target(expected: Text) -> Seen {
    let reason = Text::new(
        "the other end has no address of its own",
        "상대 인터페이스에 다른 주소가 없습니다",
    );
    Seen::unknown(expected, reason, "RTM_GETADDR")
}

/// No way from one to the other yet.
pub static UNREACHABLE: Check = Check {
    id: "unreachable",
    claim: Text::new("one cannot reach the other yet", "아직 서로 통신할 수 없습니다"),
    hint: Text::new("are the ends up already?", "양쪽 인터페이스가 이미 UP 상태입니까?"),
    probe: |subject, _| {
        let (left, right) = ends(subject)?;
        let expected = Text::plain("ENETUNREACH");
        let Some(to) = target(&left, &right) else { return Ok(no_target(expected)) };
        let answer = ping::ping(sides(subject)?.0, to, None)?;
        Ok(Seen::judge(
            answer == Answer::Refused(Errno::ENETUNREACH),
            expected,
            Text::plain(answer),
            "sendto(2)",
        ))
    },
};

/// An echo request is answered.
pub static REACHABLE: Check = Check {
    id: "reachable",
    claim: Text::new("an ICMP echo request is answered", "ICMP 에코 요청에 응답이 돌아옵니다"),
    hint: Text::new(
        "look at addresses, prefix lengths and routes: `ip address`, `ip route`",
        "`ip address`와 `ip route`로 주소, 프리픽스 길이, 경로를 확인하십시오",
    ),
    probe: |subject, _| {
        let expected = Text::new("echo reply", "에코 응답");
        let source = "recv(2)";
        let (left, right) = ends(subject)?;
        if !(left.carrier && right.carrier) {
            let reason = Text::new("an end is down", "한쪽 인터페이스가 DOWN 상태입니다");
            return Ok(Seen::unknown(expected, reason, source));
        }
        let Some(to) = target(&left, &right) else { return Ok(no_target(expected)) };
        // Asked first, so that no packet goes anywhere but into the cable.
        let way = net::route_to(sides(subject)?.0, to)?;
        if way != Some(left.index) {
            let seen = match way {
                None => text!("no route to {to}", "{to}: 경로 없음"),
                Some(link) => {
                    text!(
                        "{to} leaves through interface {link}",
                        "{to}: {link}번 인터페이스로 나감"
                    )
                }
            };
            return Ok(Seen::judge(false, expected, seen, "RTM_GETROUTE")
                .advise(|| Some(advice::for_way(way))));
        }
        let answer = ping::ping(sides(subject)?.0, to, Some(&left.name))?;
        let holds = matches!(answer, Answer::Reply(_));
        let seen = Text::plain(answer);
        Ok(Seen::judge(holds, expected, seen, source).advise(|| advice::for_answer(&answer)))
    },
};

/// What the kernel says to one more listener on [`PORT`] in a namespace: `0`, or the error's name.
///
/// # Errors
/// open(2)'s, setns(2)'s.
pub fn one_more_bind(namespace: &Path) -> Result<String> {
    match visit(namespace, || Ok(listen::tcp(PORT).err()))? {
        None => Ok("0".to_owned()),
        Some(error) => Ok(error.errno().map_or_else(|| error.to_string(), |e| format!("{e:?}"))),
    }
}

/// The same port in both at once, and not twice in one.
pub static SAME_PORT: Check = Check {
    id: "same-port",
    claim: Text::new(
        "port 8080 is bound in both at once, and cannot be bound twice in one",
        "8080 포트가 양쪽에 동시에 바인드되어 있고, 한쪽에 두 번은 안 됩니다",
    ),
    hint: Text::new(
        "start one listener in each namespace",
        "네임스페이스마다 서버를 하나씩 실행하십시오",
    ),
    probe: |subject, _| {
        let (left, right) = sides(subject)?;
        let (first, second) = (one_more_bind(left)?, one_more_bind(right)?);
        let seen = format!("{first}, {second}");
        Ok(Seen::equal("EADDRINUSE, EADDRINUSE".to_owned(), seen, "bind(2)")
            .advise(|| advice::for_port([&first, &second])))
    },
};
