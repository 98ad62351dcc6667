//! What `lab veth` claims of the addresses of the two ends.

use super::cable::{self, Cable, Side};
use super::targets::{self, Lack};
use super::{advice, mends};
use crate::lab::check::Check;
use crate::lab::finding::Seen;
use crate::text;
use crate::text::Text;

/// Each end can send to an address of the other without leaving the cable.
pub static SAME_NETWORK: Check = Check {
    id: "same-network",
    claim: Text::new(
        "each end's prefix or route leads to the other's address",
        "양쪽 주소가 서로 상대의 프리픽스나 경로에 들어 있습니다",
    ),
    hint: Text::new(
        "give each end an address of its own, with the same prefix length, such as /24",
        "양쪽에 서로 다른 주소를 할당하되 프리픽스 길이는 /24처럼 같게 하십시오",
    ),
    probe: |subject, _| {
        let source = "RTM_GETADDR, RTM_GETROUTE";
        let expected = Text::new(
            "two addresses, each led to by the other",
            "서로 상대가 찾아갈 수 있는 주소 두 개",
        );
        let cables = cable::all(subject)?;
        let all = cables.iter().map(shown_addresses).collect::<Vec<_>>().join("; ");
        for cable in &cables {
            if targets::of(cable)?.is_empty() {
                return Ok(no_target(cable, expected, source));
            }
        }
        Ok(Seen::judge(true, expected, Text::plain(all), source))
    },
};

/// What there is in the place of addresses that lead to each other: nothing yet, or what does not fit.
fn no_target(cable: &Cable, expected: Text, source: &str) -> Seen {
    let lack = targets::lack(cable);
    let seen = Text::plain(shown_addresses(cable));
    let is_new = !(cable.left.end.up || cable.right.end.up);
    let seen = match &lack {
        Lack::Bare(sides) if sides.len() == 2 && is_new => Seen::open(expected, seen, source),
        Lack::Elsewhere(side, link, address) => {
            let (name, link) = (&side.name, &link.name);
            let more =
                text!("{seen}; {name}: {address} on {link}", "{seen}; {name}: {link}에 {address}");
            Seen::judge(false, expected, more, source)
        }
        _ => Seen::judge(false, expected, seen, source),
    };
    seen.advise(|| Some(advice::for_lack(&lack))).mend(|| mends::addressed(cable, &lack))
}

fn shown_addresses(cable: &Cable) -> String {
    let shown = |side: &Side| {
        let mark = |duplicate| if duplicate { " (dadfailed)" } else { "" };
        let all = side.given().map(|(_, it)| format!("{it}{}", mark(it.duplicate)));
        let all = all.collect::<Vec<_>>().join(" ");
        if all.is_empty() { "–".to_owned() } else { all }
    };
    format!("{}, {}", shown(&cable.left), shown(&cable.right))
}
