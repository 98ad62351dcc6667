//! What `lab veth` claims of what crosses over: whether it does, and that a port belongs to one side.

use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;

use super::cable::{self, Cable};
use super::checks::sides;
use super::crossing::{self, Outcome};
use super::fault::Fault;
use super::targets::{self, Target};
use super::{advice, mends};
use crate::error::Result;
use crate::interrupt;
use crate::lab::check::{Check, Subject, Watch};
use crate::lab::finding::Seen;
use crate::probe::net::Link;
use crate::probe::netlink::visit;
use crate::probe::ping::{self, Answer};
use crate::text::Text;
use crate::visit::listen;

/// The port that is bound twice.
pub const PORT: u16 = 8080;

/// How long the kernel may ask who else has an address of IPv6: a second, after up to one more (RFC 4862, 5.4.2), and
/// before these up to one in which it has not noticed that the link is up.
const PATIENCE_FOR_DUPLICATES: Duration = Duration::from_millis(3200);
/// How long a link may take to send once it is up.
const PATIENCE_TO_WORK: Duration = Duration::from_millis(400);
const PAUSE: Duration = Duration::from_millis(10);
/// For so long nobody is told what is waited for.
const UNTOLD: Duration = Duration::from_millis(500);

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
        let cables = cable::all(subject)?;
        let expected = Text::plain("ENETUNREACH");
        // An address that no prefix leads to shows as well that nothing crosses over.
        let given = cables.first().and_then(|cable| {
            let own = |ip| cable.left.given().any(|(_, address)| address.ip == ip);
            cable.right.given().map(|(_, address)| address.ip).find(|ip| !own(*ip))
        });
        let Some(to) = given else { return Ok(no_target(expected)) };
        let answer = ping::ping(sides(subject)?.0, to)?;
        Ok(Seen::judge(
            answer == Answer::Refused(Errno::ENETUNREACH),
            expected,
            Text::plain(answer),
            "sendto(2)",
        ))
    },
};

/// Echo requests are answered, whichever side sends them.
pub static REACHABLE: Check = Check {
    id: "reachable",
    claim: Text::new(
        "each answers the other's ICMP echo request",
        "양쪽 모두 상대의 ICMP 에코 요청에 응답합니다",
    ),
    hint: Text::new(
        "look at addresses, prefix lengths and routes: `ip address`, `ip route`",
        "`ip address`와 `ip route`로 주소, 프리픽스 길이, 경로를 확인하십시오",
    ),
    probe: |subject, watch| {
        let expected = Text::new("echo reply each way", "양방향 에코 응답");
        let source = "recv(2)";
        let cables = settled(subject, watch)?;
        let ends = || cables.iter().flat_map(|cable| [&cable.left.end, &cable.right.end]);
        if !ends().all(|end| end.carrier) {
            let reason = Text::new("an end is down", "한쪽 인터페이스가 DOWN 상태입니다");
            return Ok(Seen::unknown(expected, reason, source));
        }
        for cable in &cables {
            let targets = worth_trying(cable)?;
            if targets.is_empty() {
                return Ok(no_target(expected));
            }
            if targets.iter().all(|target| target.tentative) {
                let reason = Text::new(
                    "the kernel still asks who else has the address: verify again in a second",
                    "커널이 아직 중복 주소를 검사하고 있습니다. 잠시 후 다시 검증하십시오",
                );
                return Ok(Seen::unknown(expected, reason, "IFA_F_TENTATIVE"));
            }
            if let Outcome::Faults(faults) = crossing::look(cable, &targets)? {
                return Ok(in_the_way(cable, &faults, expected, source));
            }
        }
        Ok(Seen::judge(true, expected.clone(), expected, source))
    },
};

/// What is in the way over a cable, with what works.
fn in_the_way(cable: &Cable, faults: &[Fault<'_>], expected: Text, source: &str) -> Seen {
    let mut said: Vec<Text> = faults.iter().map(advice::said_of).collect();
    // What only one of two ways has come to nothing at, the other has done.
    if let ([one], true) = (faults, faults.iter().all(|it| it.cause.is_of_one_way())) {
        let ways = cable.both_ways().into_iter().zip(advice::answered(cable));
        let other = ways.into_iter().find(|((from, _), _)| from.file != one.from.file);
        said.extend(other.map(|(_, works)| works));
    }
    let said: Vec<String> = said.iter().map(ToString::to_string).collect();
    let first = faults.first();
    Seen::judge(false, expected, Text::plain(said.join("; ")), source)
        .advise(|| first.map(advice::for_fault))
        .mend(|| first.and_then(mends::cleared))
}

/// The cables, once they send what they are given, and the kernel has stopped asking who else has their addresses; not for
/// ever.
fn settled(subject: &Subject, watch: Watch<'_>) -> Result<Vec<Cable>> {
    let begun = Instant::now();
    let mut told = false;
    loop {
        let cables = cable::all(subject)?;
        let mut asks = false;
        for cable in &cables {
            asks |= targets::of(cable)?.first().is_some_and(|target| target.tentative);
        }
        let sends = cables.iter().flat_map(Cable::pairs).all(is_settled);
        let waits = (asks && begun.elapsed() < PATIENCE_FOR_DUPLICATES)
            || (!sends && begun.elapsed() < PATIENCE_TO_WORK);
        if told || (waits && begun.elapsed() > UNTOLD) {
            told = true;
            let what = Text::new("duplicate address detection", "중복 주소 검사(DAD)");
            watch(what, Vec::new(), !waits)?;
        }
        if !waits {
            return Ok(cables);
        }
        interrupt::sleep(PAUSE)?;
    }
}

/// Whether both ends of a pair send. The one that was set up first gets its carrier when the other comes up, but sends only
/// once the kernel has noticed in the background, and drops what it is given before. That one is seen to at once, and both
/// are marked (`IFLA_OPERSTATE`), the other up to a second later. Without a carrier there is nothing to wait for.
fn is_settled((one, other): (&Link, &Link)) -> bool {
    one.operational || other.operational || !(one.carrier && other.carrier)
}

/// The likeliest target of each family: one that works is enough.
fn worth_trying(cable: &Cable) -> Result<Vec<Target>> {
    let all = targets::of(cable)?;
    let of = |is_ipv4: bool| all.iter().find(|it| it.left.is_ipv4() == is_ipv4).copied();
    let mut targets: Vec<Target> = of(true).into_iter().chain(of(false)).collect();
    // A way that is there goes before one that is not.
    targets.sort_by_key(|target| !target.routed);
    Ok(targets)
}

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
