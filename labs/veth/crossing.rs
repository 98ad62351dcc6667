//! Whether echo requests cross over a cable, and where they come to an end: the first thing on the way that is not so.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;

use super::cable::{Cable, Hub, Side};
use super::fault::{Cause, Count, Fault, is_ignored};
use super::targets::{self, Target};
use crate::error::Result;
use crate::probe::net::route::{Neighbour, Way, neighbour};
use crate::probe::net::{self, Link};
use crate::probe::ping::{Answer, Request, ping_all};

/// How long a reply is waited for; between two namespaces it takes microseconds.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long one more is waited for whose packets are counted.
const PATIENCE_TO_COUNT: Duration = Duration::from_millis(60);
/// So often it is counted at most.
const MOST_COUNTED: usize = 4;

/// What became of one request each way.
#[derive(Clone, Debug)]
pub enum Outcome<'a> {
    /// Both were answered.
    Answered,
    /// This is in the way, or these two are; a way that is not named works.
    Faults(Vec<Fault<'a>>),
}

/// Sends a request each way to each of `targets`, and finds out why none of them answers both; of several the first is
/// the one that counts then.
///
/// # Errors
/// open(2)'s, setns(2)'s, socket(2)'s, rtnetlink's.
pub fn look<'a>(cable: &'a Cable, targets: &[Target]) -> Result<Outcome<'a>> {
    let mut clear = Vec::new();
    let mut first = None;
    for target in targets {
        match before(cable, target)? {
            Some(fault) if clear.is_empty() => first = first.or(Some(fault)),
            Some(_) => {}
            None => clear.extend(ways(cable, target)),
        }
    }
    if clear.is_empty() {
        return Ok(Outcome::Faults(first.into_iter().collect()));
    }
    let mut requests = Vec::new();
    for (from, side, to) in clear.iter().copied() {
        let Some(prepared) = request(from, to)? else {
            // The way was taken away meanwhile.
            let cause = Cause::NoWay(Errno::ENETUNREACH);
            return Ok(Outcome::Faults(vec![Fault { from, side, to, cause }]));
        };
        requests.push(prepared);
    }
    let answers = ping_all(&borrowed(&requests), PATIENCE)?;
    let is_reply = |answer: &Answer| matches!(answer, Answer::Reply(_));
    if answers.chunks(2).any(|both| both.len() == 2 && both.iter().all(is_reply)) {
        return Ok(Outcome::Answered);
    }
    let mut faults = Vec::new();
    for ((from, side, to), answer) in clear.into_iter().zip(answers).take(2) {
        let cause = match answer {
            Answer::Reply(_) => continue,
            Answer::Refused(Errno::EPERM) => Cause::NotLetOut,
            Answer::Refused(errno) => Cause::NoWay(errno),
            Answer::Silence => silence(cable.hub.as_ref(), from, side, to)?,
        };
        faults.push(Fault { from, side, to, cause });
    }
    // Whose reply is lost on its way back is not what is wrong, where the way back is.
    faults.sort_by_key(|fault: &Fault<'_>| matches!(fault.cause, Cause::Lost(..)));
    Ok(Outcome::Faults(faults))
}

fn ways<'a>(cable: &'a Cable, target: &Target) -> [(&'a Side, &'a Side, IpAddr); 2] {
    let Cable { left, right, .. } = cable;
    [(left, right, target.right), (right, left, target.left)]
}

/// What is in the way before anything is sent: no packet goes anywhere but into the cable.
///
/// # Errors
/// rtnetlink's.
pub fn before<'a>(cable: &'a Cable, target: &Target) -> Result<Option<Fault<'a>>> {
    for (from, side, to) in ways(cable, target) {
        let fault = |cause| Some(Fault { from, side, to, cause });
        match targets::way(from, to)? {
            Way::Refused(errno) => return Ok(fault(Cause::NoWay(errno))),
            Way::Own => return Ok(fault(Cause::OtherLink(None))),
            Way::Out { link, .. } if !from.is_on(link) => {
                return Ok(fault(Cause::OtherLink(from.link(link))));
            }
            Way::Out { .. } => {}
        }
    }
    let Some(hub) = &cable.hub else { return Ok(None) };
    let (from, side, to) = (&cable.left, &cable.right, target.right);
    let fault = |cause| Some(Fault { from, side, to, cause });
    let [(near, one), (far, other)] = &hub.ends;
    Ok(match (one, other) {
        (None, _) => fault(Cause::Unplugged(hub, near)),
        (_, None) => fault(Cause::Unplugged(hub, far)),
        (Some(one), Some(other)) if one.index != other.index => {
            fault(Cause::TwoBridges(hub, one, far))
        }
        (Some(bridge), _) if !bridge.up => fault(Cause::BridgeDown(hub, bridge)),
        _ => None,
    })
}

/// A request with what it borrows from.
type Prepared<'a> = (&'a Path, IpAddr, String, u32);

fn request(from: &Side, to: IpAddr) -> Result<Option<Prepared<'_>>> {
    let out = targets::way(from, to)?.link().and_then(|link| from.link(link));
    Ok(out.map(|link| (from.file.as_path(), to, link.name.clone(), link.index)))
}

fn borrowed<'a>(requests: &'a [Prepared<'a>]) -> Vec<Request<'a>> {
    let one = |(namespace, to, name, index): &'a Prepared<'a>| Request {
        namespace,
        to: *to,
        link: Some((name.as_str(), *index)),
    };
    requests.iter().map(one).collect()
}

/// Why a request that was sent was not answered.
fn silence<'a>(
    hub: Option<&'a Hub>,
    from: &'a Side,
    side: &'a Side,
    to: IpAddr,
) -> Result<Cause<'a>> {
    let Way::Out { link, gateway, .. } = targets::way(from, to)? else {
        return Ok(Cause::NoWay(Errno::ENETUNREACH));
    };
    let next = gateway.unwrap_or(to);
    let off = |side: &'a Side| {
        let link = side.on.iter().find(|link| !link.arp);
        link.map(|link| Cause::NoArp(side, link))
    };
    match neighbour(&from.file, next, link)? {
        _ if off(from).is_some() || off(side).is_some() => {
            return Ok(off(from).or_else(|| off(side)).unwrap_or(Cause::NoNeighbour(next)));
        }
        Neighbour::Silent => return Ok(Cause::NoNeighbour(next)),
        Neighbour::Known { address, typed: true } => {
            let is_theirs = |link: &Link| link.address.as_ref() == Some(&address);
            let receiver =
                side.on.iter().find(|link| link.addresses.iter().any(|it| it.ip == next));
            let receiver = receiver.filter(|_| !side.on.iter().any(is_theirs));
            if let Some((out, receiver)) = from.link(link).zip(receiver) {
                return Ok(Cause::WrongNeighbour(next, out, receiver));
            }
        }
        Neighbour::Known { .. } => {}
    }
    if is_ignored(&side.file, to)? {
        return Ok(Cause::Ignored);
    }
    Ok(Cause::Lost(count(from, side, to)?, hub))
}

/// Sends one more, and counts what leaves and arrives meanwhile. The kernel may send something of its own at that moment
/// (IPv6 looks for routers): what is counted twice in a row is believed.
fn count(from: &Side, side: &Side, to: IpAddr) -> Result<Count> {
    let (mut last, mut least) = (None, None::<Count>);
    for _ in 0..MOST_COUNTED {
        let (here, there) = (packets(from)?, packets(side)?);
        let one: Vec<Prepared<'_>> = request(from, to)?.into_iter().collect();
        ping_all(&borrowed(&one), PATIENCE_TO_COUNT)?;
        let (here_now, there_now) = (packets(from)?, packets(side)?);
        let counted = Count {
            left: here_now.0.saturating_sub(here.0),
            arrived: there_now.1.saturating_sub(there.1),
            returned: there_now.0.saturating_sub(there.0),
            back: here_now.1.saturating_sub(here.1),
        };
        if last.replace(counted) == Some(counted) {
            return Ok(counted);
        }
        least = least
            .into_iter()
            .chain([counted])
            .min_by_key(|one| one.left + one.arrived + one.returned + one.back);
    }
    Ok(least.unwrap_or_default())
}

/// How many packets have left through the end of `side`, and how many have arrived.
fn packets(side: &Side) -> Result<(u64, u64)> {
    let links = net::links(&side.file)?;
    let end = links.iter().find(|link| link.index == side.end.index).unwrap_or(&side.end);
    Ok((end.sent, end.received))
}
