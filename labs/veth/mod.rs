//! `lab veth`: two network namespaces, and the cable between them.

mod addressing;
mod advice;
mod around;
mod by_hand;
mod cable;
mod candidates;
pub mod checks;
mod crossing;
mod debrief;
mod entering;
mod fault;
mod mends;
mod mistakes;
mod networks;
mod questions;
mod targets;
pub mod traffic;

use std::net::Ipv4Addr;
use std::path::PathBuf;

use indoc::{formatdoc, indoc};
use nix::sched::CloneFlags;
use nix::unistd::Pid;

use crate::error::Result;
use crate::kernel::process::{self, Inside};
use crate::kernel::{link, netns};
use crate::lab::check::Subject;
use crate::lab::event::View;
use crate::lab::scene::{Scene, must_fail};
use crate::lab::{ByHand, Lab, Step};
use crate::probe::need::{Need, Privilege};
use crate::probe::{net, ping};
use crate::text;
use crate::text::Text;
use crate::visit::kind::Kind;
use crate::visit::listen;
use crate::visit::place::Place;

/// One side: the namespace's name, the link's in there, and its address (RFC 5737, TEST-NET-2).
const LEFT: (&str, &str, Ipv4Addr) = ("lab-left", "left", Ipv4Addr::new(198, 51, 100, 1));
const RIGHT: (&str, &str, Ipv4Addr) = ("lab-right", "right", Ipv4Addr::new(198, 51, 100, 2));
const PREFIX: u8 = 24;

/// The files that hold the two namespaces.
struct Sides {
    left: PathBuf,
    right: PathBuf,
}

impl Sides {
    fn subject(&self) -> Subject {
        Subject { netns: vec![self.left.clone(), self.right.clone()], ..Subject::default() }
    }
}

/// The lab.
pub static LAB: Lab = Lab {
    id: "veth",
    title: Text::new("Two networks and a cable", "네트워크 둘과 케이블 하나"),
    needs: &[Need::Capabilities, Need::Namespace("net")],
    steps: &[
        Step {
            id: "namespaces",
            title: Text::new("Two network namespaces", "네트워크 네임스페이스 둘"),
            met: Text::new("one for each container or pod", "컨테이너나 파드마다 하나"),
        },
        Step {
            id: "pair",
            title: Text::new("A cable: a veth pair", "케이블: veth 쌍"),
            met: Text::new("docker: eth0 and veth…", "docker의 eth0과 veth…"),
        },
        Step {
            id: "addresses",
            title: Text::new(
                "Addresses, and nobody there yet",
                "주소를 할당해도 아직 통신되지 않는다",
            ),
            met: Text::new("docker inspect: IPAddress", "docker inspect: IPAddress"),
        },
        Step {
            id: "up",
            title: Text::new("Up, and reachable", "양쪽을 활성화하면 통신된다"),
            met: Text::new("docker network create", "docker network create"),
        },
        Step {
            id: "port",
            title: Text::new("The same port, twice", "같은 포트를 두 번"),
            met: Text::new("docker run -p 8080:80", "docker run -p 8080:80"),
        },
    ],
    perform,
    checks: checks::ALL,
    questions: questions::ALL,
    around: around::ALL,
    by_hand: ByHand {
        find: by_hand::find,
        goals: by_hand::GOALS,
        mistakes: mistakes::ALL,
        not_found: networks::not_found,
    },
    handout: Text::new(include_str!("README.md"), include_str!("README.ko.md")),
    answers: Text::new(include_str!("ANSWERS.md"), include_str!("ANSWERS.ko.md")),
    debrief: &debrief::DEBRIEF,
};

fn perform(scene: &mut Scene<'_>) -> Result<()> {
    let sides = make_namespaces(scene)?;
    make_pair(scene, &sides)?;
    add_addresses(scene, &sides)?;
    set_up(scene, &sides)?;
    bind_the_same_port(scene, &sides)
}

/// How another terminal comes to see the names.
fn ip_netns(privilege: Privilege) -> (String, &'static str) {
    match privilege {
        Privilege::Root => ("ip netns".to_owned(), ""),
        Privilege::Rootless => {
            let pid = Pid::this();
            let enter = format!("nsenter -t {pid} -U -m --preserve-credentials ip netns");
            (enter, "mount -t tmpfs none /run\n")
        }
    }
}

fn make_namespaces(scene: &mut Scene<'_>) -> Result<Sides> {
    let (look, first) = ip_netns(scene.privilege());
    scene.step("namespaces", Text::from_strings(
            formatdoc! {"
                A network namespace isolates network interfaces, addresses, routing tables, ports and
                firewall rules. A new one has lo, and that is down: who is in there can reach nobody.
                (Tunnel drivers, where loaded, add a tunl0, down too.) A name under /run/netns keeps
                it alive. Another terminal shows both with `{look}`.
            "},
            formatdoc! {"
                네트워크 네임스페이스는 네트워크 인터페이스, 주소, 라우팅 테이블, 포트, 방화벽 규칙을
                격리합니다. 새로 만들면 lo가 DOWN 상태로 있을 뿐이라(터널 드라이버가 올라와 있으면
                tunl0 등도) 아무 데와도 통신할 수 없습니다. /run/netns의 이름이 네임스페이스를
                유지합니다. 다른 터미널에서 `{look}`로 확인하십시오.
            "},
        ))?;
    scene.shell(format!(
        "{first}ip netns add lab-left\nip netns add lab-right\nip -n lab-left link"
    ))?;
    let sides = scene.act(|cleanup| {
        let mut make = |name: &str| {
            let holder = process::spawn(cleanup, CloneFlags::CLONE_NEWNET, Inside::hold)?;
            netns::name(cleanup, name, &holder)
        };
        Ok(Sides { left: make(LEFT.0)?, right: make(RIGHT.0)? })
    })?;
    scene.inside(Place::namespace(Kind::Net, &sides.left));
    scene.on_the_other_side(Place::namespace(Kind::Net, &sides.right));
    observe_links(scene, Text::plain("RTM_GETLINK, RTM_GETADDR"), &sides)?;
    scene.prove(&[&checks::ONLY_LO], &sides.subject())?;
    Ok(sides)
}

fn make_pair(scene: &mut Scene<'_>, sides: &Sides) -> Result<()> {
    scene.step(
        "pair",
        Text::new(
            indoc! {"
                A veth pair is a cable made of software: what goes in at one end comes out at the
                other, in whichever namespace that is. Each end, an interface, names its peer by
                ifindex, the number of an interface, and the peer's namespace by a number too
                (link-netnsid). The host's network shows none of it.
            "},
            indoc! {"
                veth 쌍은 소프트웨어로 만든 랜 케이블입니다. 한쪽으로 들어간 패킷은 다른 쪽이 어느
                네임스페이스에 있든 그쪽으로 나옵니다. 양쪽 인터페이스에는 상대의 ifindex(인터페이스
                번호)와, 상대가 있는 네임스페이스의 번호(link-netnsid)가 기록되어 있습니다. 호스트의
                네트워크에는 아무것도 보이지 않습니다.
            "},
        ),
    )?;
    scene.shell("ip -n lab-left link add left type veth peer name right netns lab-right")?;
    scene.act(|_| link::make_pair((&sides.left, LEFT.1), (&sides.right, RIGHT.1)))?;
    observe_links(scene, Text::plain("RTM_GETLINK, RTM_GETADDR"), sides)?;
    scene.prove(&[&checks::PEERS_FIT, &checks::HOST_UNTOUCHED], &sides.subject())
}

fn add_addresses(scene: &mut Scene<'_>, sides: &Sides) -> Result<()> {
    scene.step("addresses", Text::new(
            indoc! {"
                Both ends get an address of the same subnet, so that each is the other's neighbour: no
                router is needed between them. But an interface that is down has no route: the kernel
                does not even try to send, and returns ENETUNREACH.
            "},
            indoc! {"
                양쪽에 같은 서브넷의 주소를 할당해 라우터 없이 직접 통신할 수 있는 이웃(neighbour)으로
                만듭니다. 하지만 DOWN 상태인 인터페이스에는 라우팅 경로가 없으므로, 커널은 패킷을
                보내 보지도 않고 ENETUNREACH를 반환합니다.
            "},
        ))?;
    scene.shell(must_fail(
        "ip -n lab-left address add 198.51.100.1/24 dev left\n\
         ip -n lab-right address add 198.51.100.2/24 dev right\n\
         ip netns exec lab-left ping -c 1 198.51.100.2",
        "ENETUNREACH",
    ))?;
    scene.act(|_| {
        link::add_address(&sides.left, LEFT.1, LEFT.2, PREFIX)?;
        link::add_address(&sides.right, RIGHT.1, RIGHT.2, PREFIX)
    })?;
    let answer = ping::ping(&sides.left, RIGHT.2.into())?;
    let caption = text!(
        "an echo request from left to right: {answer}",
        "left에서 right로 보낸 ICMP 에코 요청: {answer}"
    );
    observe_links(scene, caption, sides)?;
    scene.prove(&[&addressing::SAME_NETWORK, &traffic::UNREACHABLE], &sides.subject())
}

fn set_up(scene: &mut Scene<'_>, sides: &Sides) -> Result<()> {
    scene.step("up", Text::new(
            indoc! {"
                With both ends up the kernel adds a route to 198.51.100.0/24 on each side, and an ICMP
                echo request is answered. lab sends it itself, from a socket in lab-left; the first
                takes longer, for ARP asks for the address before it. One end alone is not enough: a
                veth carries nothing until its peer is up as well.
            "},
            indoc! {"
                양쪽을 모두 활성화하면(UP) 커널이 198.51.100.0/24로 가는 경로를 양쪽에 추가합니다.
                lab-left 안에서 연 소켓으로 lab이 보낸 ICMP 에코 요청에 응답이 돌아옵니다. 첫 요청은
                ARP로 상대의 MAC 주소부터 알아내느라 더 오래 걸립니다. 한쪽만으로는 안 됩니다.
                veth는 양쪽이 모두 UP이어야 패킷을 전달합니다.
            "},
        ))?;
    scene.shell(
        "ip -n lab-left link set left up\n\
         ip -n lab-right link set right up\n\
         ip netns exec lab-left ping -c 1 198.51.100.2",
    )?;
    scene.act(|_| {
        link::set_up(&sides.left, LEFT.1)?;
        link::set_up(&sides.right, RIGHT.1)?;
        link::wait_until_operational(&sides.left, LEFT.1)
    })?;
    let answer = ping::ping(&sides.left, RIGHT.2.into())?;
    scene.observe(
        text!("the first echo request: {answer}", "첫 ICMP 에코 요청: {answer}"),
        View::lines(indoc! {"
            lab-left                            lab-right
            ┌───────────────────────┐           ┌───────────────────────┐
            │ left  198.51.100.1/24 │═══ veth ══│ right 198.51.100.2/24 │
            └───────────────────────┘           └───────────────────────┘
        "}),
    )?;
    scene.prove(&[&checks::ENDS_UP, &traffic::REACHABLE], &sides.subject())
}

fn bind_the_same_port(scene: &mut Scene<'_>, sides: &Sides) -> Result<()> {
    scene.step(
        "port",
        Text::new(
            indoc! {"
                A port belongs to a network namespace. So a server can listen on 8080 in each of
                them, as one can in each of your containers; a second one in the same namespace gets
                EADDRINUSE.
            "},
            indoc! {"
                포트는 네트워크 네임스페이스마다 따로 관리됩니다. 그래서 두 네임스페이스에서 각각
                8080 포트로 서버를 실행할 수 있습니다. 컨테이너마다 같은 포트를 사용할 수 있는 것도
                이 때문입니다. 같은 네임스페이스에서 한 번 더 바인드하면 EADDRINUSE 오류가 납니다.
            "},
        ),
    )?;
    scene.shell(must_fail(
        "ip netns exec lab-left python3 -m http.server 8080 &\n\
         ip netns exec lab-right python3 -m http.server 8080 &\n\
         sleep 1\n\
         ip netns exec lab-left python3 -m http.server 8080",
        "EADDRINUSE",
    ))?;
    scene.act(|cleanup| {
        for side in [&sides.left, &sides.right] {
            process::spawn(cleanup, CloneFlags::empty(), |inside| {
                Place::namespace(Kind::Net, side).enter()?;
                let _listener = listen::tcp(traffic::PORT)?;
                inside.hold()
            })?;
        }
        Ok(())
    })?;
    let mut table = View::table([
        Text::new("namespace", "네임스페이스"),
        Text::new("first bind", "첫 번째 bind"),
        Text::new("one more bind", "한 번 더 bind"),
    ]);
    for (name, file) in [(LEFT.0, &sides.left), (RIGHT.0, &sides.right)] {
        let again = Text::plain(traffic::one_more_bind(file)?);
        table = table.row([Text::plain(name), Text::plain("0"), again]);
    }
    scene.observe(Text::plain("bind(2), tcp 8080"), table)?;
    scene.prove(&[&traffic::SAME_PORT], &sides.subject())
}

fn observe_links(scene: &mut Scene<'_>, caption: Text, sides: &Sides) -> Result<()> {
    let mut table = View::table([
        Text::new("namespace", "네임스페이스"),
        Text::new("interface", "인터페이스"),
        Text::new("state", "상태"),
        Text::new("peer", "상대"),
        Text::plain("link-netnsid"),
        Text::new("address", "주소"),
    ]);
    for (name, file) in [(LEFT.0, &sides.left), (RIGHT.0, &sides.right)] {
        for link in net::links(file)? {
            let or_none = |value: Option<String>| Text::plain(value.unwrap_or_else(|| "–".into()));
            let address = link.addresses.first().map(ToString::to_string);
            table = table.row([
                Text::plain(name),
                Text::plain(format!("{} {}", link.index, link.name)),
                Text::plain(if link.up { "UP" } else { "DOWN" }),
                or_none(link.peer.filter(|_| link.is_veth()).map(|peer| peer.to_string())),
                or_none(link.peer_namespace.map(|number| number.to_string())),
                or_none(address),
            ]);
        }
    }
    scene.observe(caption, table)
}
