//! `lab veth`: two network namespaces, and the cable between them.

mod by_hand;
pub mod checks;

use std::net::Ipv4Addr;
use std::path::PathBuf;

use indoc::{formatdoc, indoc};
use nix::sched::CloneFlags;
use nix::unistd::Pid;

use crate::by_hand::{Candidate, Goal, Wanted};
use crate::error::Result;
use crate::event::View;
use crate::kernel::place::Place;
use crate::kernel::process::{self, Inside};
use crate::kernel::{link, listen, netns};
use crate::lab::{Check, Lab, Subject};
use crate::probe::namespace::Kind;
use crate::probe::need::{Need, Privilege};
use crate::probe::survey::Survey;
use crate::probe::{net, ping};
use crate::scene::Scene;
use crate::text;
use crate::text::Text;

/// The lab.
pub struct Veth;

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

impl Lab for Veth {
    fn id(&self) -> &'static str {
        "veth"
    }

    fn title(&self) -> Text {
        Text::new("Two networks and a cable", "네트워크 둘과 케이블 하나")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Capabilities, Need::Namespace("net")]
    }

    fn steps(&self) -> usize {
        5
    }

    fn checks(&self) -> &'static [&'static Check] {
        checks::ALL
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<()> {
        let sides = make_namespaces(scene)?;
        make_pair(scene, &sides)?;
        add_addresses(scene, &sides)?;
        set_up(scene, &sides)?;
        bind_the_same_port(scene, &sides)
    }

    fn handout(&self) -> Text {
        Text::new(include_str!("README.md"), include_str!("README.ko.md"))
    }

    fn goals(&self) -> &'static [Goal] {
        by_hand::GOALS
    }

    fn find(&self, survey: &Survey, wanted: &Wanted) -> Result<Vec<Candidate>> {
        by_hand::find(survey, wanted)
    }
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
    scene.step(
        "namespaces",
        Text::new("Two network namespaces", "네트워크 네임스페이스 둘"),
        Text::from_strings(
            formatdoc! {"
                A network namespace has links, addresses, routes, ports and firewall rules of its
                own. A new one has a single link, lo, and even that is down: who lives in there can
                reach nobody. A name under /run/netns keeps it alive. Both are shown in another
                terminal by `{look}`.
            "},
            formatdoc! {"
                네트워크 네임스페이스는 링크, 주소, 라우팅, 포트, 방화벽 규칙을 따로 갖습니다. 새로
                만들면 링크는 lo 하나뿐이고 그마저 꺼져 있어, 안에서는 아무 데도 닿지 못합니다.
                /run/netns 아래의 이름이 네임스페이스를 붙들고 있습니다. 다른 터미널에서
                `{look}`를 실행하면 둘 다 보입니다.
            "},
        ),
    )?;
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
    observe_links(scene, Text::plain("RTM_GETLINK, RTM_GETADDR"), &sides)?;
    scene.prove(&[&checks::ONLY_LO], &sides.subject())?;
    Ok(sides)
}

fn make_pair(scene: &mut Scene<'_>, sides: &Sides) -> Result<()> {
    scene.step(
        "pair",
        Text::new("A cable: a veth pair", "케이블: veth 쌍"),
        Text::new(
            indoc! {"
                A veth pair is a cable made of software: what goes in at one end comes out at the
                other, wherever that is. Each end names its peer by number, and the peer's namespace
                by a number too (link-netnsid). This machine's own network sees none of it.
            "},
            indoc! {"
                veth 쌍은 소프트웨어로 만든 케이블입니다. 한쪽 끝으로 들어간 것은 다른 쪽 끝이 어디에
                있든 그리로 나옵니다. 각 끝은 상대의 번호와 상대가 있는 네임스페이스의 번호
                (link-netnsid)를 알고 있습니다. 이 머신 자체의 네트워크에는 아무것도 보이지 않습니다.
            "},
        ),
    )?;
    scene.shell("ip -n lab-left link add left type veth peer name right netns lab-right")?;
    scene.act(|_| link::make_pair((&sides.left, LEFT.1), (&sides.right, RIGHT.1)))?;
    observe_links(scene, Text::plain("RTM_GETLINK, RTM_GETADDR"), sides)?;
    scene.prove(&[&checks::PEERS_FIT, &checks::HOST_UNTOUCHED], &sides.subject())
}

fn add_addresses(scene: &mut Scene<'_>, sides: &Sides) -> Result<()> {
    scene.step(
        "addresses",
        Text::new("Addresses, and nobody there yet", "주소를 주었지만 아직 닿지 않는다"),
        Text::new(
            indoc! {"
                Both ends get an address of the same network, so that each is the other's neighbour.
                But a link that is down has no route: the kernel does not even try to send, and says
                ENETUNREACH.
            "},
            indoc! {"
                두 끝에 같은 네트워크의 주소를 주어 서로 이웃이 되게 합니다. 하지만 꺼진 링크에는
                라우팅 경로가 없으므로 커널은 보내 보지도 않고 ENETUNREACH라고 답합니다.
            "},
        ),
    )?;
    scene.shell(
        "ip -n lab-left address add 198.51.100.1/24 dev left\n\
         ip -n lab-right address add 198.51.100.2/24 dev right\n\
         ip netns exec lab-left ping -c 1 198.51.100.2",
    )?;
    scene.act(|_| {
        link::add_address(&sides.left, LEFT.1, LEFT.2, PREFIX)?;
        link::add_address(&sides.right, RIGHT.1, RIGHT.2, PREFIX)
    })?;
    let answer = ping::ping(&sides.left, RIGHT.2, None)?;
    let caption = text!(
        "an echo request from left to right: {answer}",
        "left에서 right로 보낸 에코 요청: {answer}"
    );
    observe_links(scene, caption, sides)?;
    scene.prove(&[&checks::SAME_NETWORK, &checks::UNREACHABLE], &sides.subject())
}

fn set_up(scene: &mut Scene<'_>, sides: &Sides) -> Result<()> {
    scene.step(
        "up",
        Text::new("Up, and reachable", "켜면 닿는다"),
        Text::new(
            indoc! {"
                With both ends up the kernel adds a route to 198.51.100.0/24 on each side, and an ICMP
                echo request comes back. lab sends it itself, from a socket inside lab-left. One end
                alone is not enough: a veth carries nothing until its peer is up as well.
            "},
            indoc! {"
                두 끝을 모두 켜면 커널이 양쪽에 198.51.100.0/24로 가는 경로를 추가하고 ICMP 에코 요청에
                답이 돌아옵니다. 이 요청은 lab이 lab-left 안의 소켓으로 직접 보냅니다. 한쪽만 켜서는
                안 됩니다. veth는 상대까지 켜져야 패킷을 나릅니다.
            "},
        ),
    )?;
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
    let answer = ping::ping(&sides.left, RIGHT.2, None)?.to_string();
    scene.observe(
        Text::plain(answer),
        View::lines(indoc! {"
            lab-left                            lab-right
            ┌───────────────────────┐           ┌───────────────────────┐
            │ left  198.51.100.1/24 │═══ veth ══│ right 198.51.100.2/24 │
            └───────────────────────┘           └───────────────────────┘
        "}),
    )?;
    scene.prove(&[&checks::ENDS_UP, &checks::REACHABLE], &sides.subject())
}

fn bind_the_same_port(scene: &mut Scene<'_>, sides: &Sides) -> Result<()> {
    scene.step(
        "port",
        Text::new("The same port, twice", "같은 포트를 두 번"),
        Text::new(
            indoc! {"
                A port belongs to a network namespace. So a server can listen on 8080 in each of
                them, as it does in each of your containers; a second one in the same namespace gets
                EADDRINUSE.
            "},
            indoc! {"
                포트는 네트워크 네임스페이스에 속합니다. 그래서 두 곳에서 각각 8080 포트로 서버를 열 수
                있습니다. 컨테이너마다 같은 포트를 쓰는 것과 같습니다. 같은 네임스페이스에서 한 번 더
                열면 EADDRINUSE입니다.
            "},
        ),
    )?;
    scene.shell(
        "ip netns exec lab-left python3 -m http.server 8080 &\n\
         ip netns exec lab-right python3 -m http.server 8080 &\n\
         ip netns exec lab-left python3 -m http.server 8080",
    )?;
    scene.act(|cleanup| {
        for side in [&sides.left, &sides.right] {
            process::spawn(cleanup, CloneFlags::empty(), |inside| {
                Place::namespace(Kind::Net, side).enter()?;
                let _listener = listen::tcp(checks::PORT)?;
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
        let again = Text::plain(checks::one_more_bind(file)?);
        table = table.row([Text::plain(name), Text::plain("0"), again]);
    }
    scene.observe(Text::plain("bind(2), tcp 8080"), table)?;
    scene.prove(&[&checks::SAME_PORT], &sides.subject())
}

fn observe_links(scene: &mut Scene<'_>, caption: Text, sides: &Sides) -> Result<()> {
    let mut table = View::table([
        Text::new("namespace", "네임스페이스"),
        Text::new("number, link", "번호, 링크"),
        Text::new("state", "상태"),
        Text::new("peer", "상대"),
        Text::plain("link-netnsid"),
        Text::new("address", "주소"),
    ]);
    for (name, file) in [(LEFT.0, &sides.left), (RIGHT.0, &sides.right)] {
        for link in net::links(file)? {
            let or_none = |value: Option<String>| Text::plain(value.unwrap_or_else(|| "–".into()));
            let address = link.addresses.first().map(|(ip, prefix)| format!("{ip}/{prefix}"));
            table = table.row([
                Text::plain(name),
                Text::plain(format!("{} {}", link.index, link.name)),
                Text::plain(if link.up { "UP" } else { "DOWN" }),
                or_none(link.peer.filter(|_| link.veth).map(|peer| peer.to_string())),
                or_none(link.peer_namespace.map(|number| number.to_string())),
                or_none(address),
            ]);
        }
    }
    scene.observe(caption, table)
}
