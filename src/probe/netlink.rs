//! Talking to rtnetlink(7): one request, its answer, errors with their number.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::rc::Rc;

use netlink_packet_core::{
    DecodeError, Emitable, NLM_F_ACK, NLM_F_DUMP, NLM_F_MULTIPART, NLM_F_REQUEST, NetlinkBuffer,
    NetlinkHeader, NetlinkMessage, NetlinkPayload, NlasIterator, ParseableParametrized,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{LinkAttribute, LinkHeader, LinkMessage};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};
use nix::unistd::Pid;

use crate::error::{Context, Error, Result, SysError};
use crate::probe::namespace;
use crate::visit::kind::{Kind, is_ours};
use crate::visit::{clone, user};

/// Runs `make` in the network namespace that the file `namespace` holds. A socket that is made there
/// stays there, so whole conversations need only this one visit.
///
/// # Errors
/// [`namespace::open`]'s, setns(2)'s, `make`'s.
pub fn visit<T>(namespace: &Path, make: impl FnOnce() -> Result<T>) -> Result<T> {
    visit_open(&namespace::open(namespace)?, make)
}

/// The same of an open file.
fn visit_open<T>(there: &File, make: impl FnOnce() -> Result<T>) -> Result<T> {
    if is_ours(there, Kind::Net) {
        return make();
    }
    let ours = namespace::open(&Kind::Net.file(Pid::this()))?;
    let go = |to: &File| setns(to, CloneFlags::CLONE_NEWNET).context("setns", "CLONE_NEWNET");
    if user::may_come_back_to(&ours)? {
        go(there)?;
        let made = make();
        go(&ours)?;
        return made;
    }
    clone::errand(|| {
        user::join_owner(there)?;
        go(there)?;
        make()
    })
}

/// A socket to rtnetlink in one network namespace.
pub struct Route {
    socket: Rc<Socket>,
}

/// A namespace, by the device and the inode of the files that hold it. They are its own for as long as
/// it lives, and an open socket keeps it alive.
type Number = (u64, u64);

/// So many sockets are kept open.
const KEPT: usize = 8;

thread_local! {
    /// Sockets for the next question: what costs time is the way there.
    static OPEN: RefCell<HashMap<Number, Rc<Socket>>> = RefCell::default();
}

impl Route {
    /// A socket in the network namespace that the file `namespace` holds.
    ///
    /// # Errors
    /// [`visit`]'s, socket(2)'s.
    pub fn open(namespace: &Path) -> Result<Route> {
        let there = namespace::open(namespace)?;
        let meta = there.metadata().context("fstat", namespace.display())?;
        let number = (meta.dev(), meta.ino());
        if let Some(socket) = OPEN.with_borrow(|open| open.get(&number).cloned()) {
            return Ok(Route { socket });
        }
        let socket = visit_open(&there, || {
            let socket = Socket::new(NETLINK_ROUTE).context("socket", "NETLINK_ROUTE")?;
            socket.connect(&SocketAddr::new(0, 0)).context("connect", "NETLINK_ROUTE")?;
            Ok(Rc::new(socket))
        })?;
        OPEN.with_borrow_mut(|open| {
            if open.len() == KEPT {
                open.clear();
            }
            open.insert(number, Rc::clone(&socket));
        });
        Ok(Route { socket })
    }

    /// Changes something; `flags` such as `NLM_F_CREATE`. `what` names it in an error.
    ///
    /// # Errors
    /// The kernel's answer.
    pub fn change(&self, what: &str, message: RouteNetlinkMessage, flags: u16) -> Result<()> {
        self.request(what, message, NLM_F_ACK | flags).map(drop)
    }

    /// Asks for everything of a kind.
    ///
    /// # Errors
    /// The kernel's answer.
    pub fn dump(
        &self,
        what: &str,
        message: RouteNetlinkMessage,
    ) -> Result<Vec<RouteNetlinkMessage>> {
        self.request(what, message, NLM_F_DUMP)
    }

    /// Asks for one thing.
    ///
    /// # Errors
    /// The kernel's answer.
    pub fn get(
        &self,
        what: &str,
        message: RouteNetlinkMessage,
    ) -> Result<Vec<RouteNetlinkMessage>> {
        self.request(what, message, NLM_F_ACK)
    }

    fn request(
        &self,
        what: &str,
        message: RouteNetlinkMessage,
        flags: u16,
    ) -> Result<Vec<RouteNetlinkMessage>> {
        let mut request = NetlinkMessage::new(NetlinkHeader::default(), message.into());
        request.header.flags = NLM_F_REQUEST | flags;
        request.finalize();
        let mut bytes = vec![0; request.buffer_len()];
        request.serialize(&mut bytes);
        self.socket.send(&bytes, 0).context("send", what)?;
        let mut answers = Vec::new();
        loop {
            let (bytes, _) = self.socket.recv_from_full().context("recv", what)?;
            if read_answers(what, &bytes, &mut answers)? {
                return Ok(answers);
            }
        }
    }
}

/// Takes the messages out of one datagram; whether the answer is complete.
fn read_answers(what: &str, bytes: &[u8], answers: &mut Vec<RouteNetlinkMessage>) -> Result<bool> {
    let malformed = |error: DecodeError| Error::Broken(format!("{what}: {error}"));
    let mut rest = bytes;
    while !rest.is_empty() {
        let raw = NetlinkBuffer::new_checked(rest).map_err(malformed)?;
        match NetlinkMessage::<RouteNetlinkMessage>::deserialize(rest).map(|read| read.payload) {
            Ok(NetlinkPayload::Done(_)) => return Ok(true),
            Ok(NetlinkPayload::Error(error)) => {
                return match error.code {
                    None => Ok(true),
                    // The kernel answers with the negative error number.
                    Some(code) => {
                        let errno = Errno::from_raw(-code.get());
                        Err(Error::Sys(SysError::new("rtnetlink", what, errno)))
                    }
                };
            }
            Ok(NetlinkPayload::InnerMessage(inner)) => answers.push(inner),
            Ok(_) => {}
            // One of many, and what answers for the whole is none of them: the others are read.
            Err(_)
                if raw.flags() & NLM_F_MULTIPART != 0 && raw.message_type() >= FIRST_OF_ROUTE =>
            {
                let link = (raw.message_type() == NEW_LINK).then(|| read_link(raw.payload()));
                answers.extend(link.flatten().map(RouteNetlinkMessage::NewLink));
            }
            Err(error) => return Err(malformed(error)),
        }
        // Messages begin at multiples of four (NLMSG_ALIGN).
        let length = (raw.length() as usize).next_multiple_of(4);
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(false)
}

/// Smaller types are netlink's own, such as errors (`NLMSG_MIN_TYPE`).
const FIRST_OF_ROUTE: u16 = 16;
/// `RTM_NEWLINK`.
const NEW_LINK: u16 = 16;
/// `IFLA_IFNAME`.
const NAME: u16 = 3;

/// A link with what can be read of it: its name and its alias may be any bytes, and one that is not UTF-8
/// must not hide the rest.
fn read_link(payload: &[u8]) -> Option<LinkMessage> {
    let mut link = LinkMessage::default();
    link.header = LinkHeader::parse(payload).ok()?;
    let family = link.header.interface_family;
    for attribute in NlasIterator::new(payload.get(link.header.buffer_len()..)?) {
        let attribute = attribute.ok()?;
        match LinkAttribute::parse_with_param(&attribute, family) {
            Ok(read) => link.attributes.push(read),
            Err(_) if attribute.kind() == NAME => {
                let name = String::from_utf8_lossy(attribute.value());
                link.attributes.push(LinkAttribute::IfName(name.trim_end_matches('\0').to_owned()));
            }
            Err(_) => {}
        }
    }
    Some(link)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use super::*;

    /// A link as the kernel tells of it, `flags` in the header, with an alias that is not UTF-8.
    fn odd_link(flags: u16) -> Vec<u8> {
        let mut link = LinkMessage::default();
        link.attributes = vec![
            LinkAttribute::IfAlias("alias".to_owned()),
            LinkAttribute::IfName("left".to_owned()),
        ];
        let link = RouteNetlinkMessage::NewLink(link);
        let mut message = NetlinkMessage::new(NetlinkHeader::default(), link.into());
        message.header.flags = flags;
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        let at = bytes.windows(5).position(|five| five == b"alias").unwrap();
        bytes.splice(at..=at, [0xff]);
        bytes
    }

    #[test]
    fn an_odd_alias_hides_neither_its_link_nor_the_next() {
        let mut answers = Vec::new();
        let bytes = [odd_link(NLM_F_MULTIPART), odd_link(NLM_F_MULTIPART)].concat();
        assert!(!read_answers("RTM_GETLINK", &bytes, &mut answers).unwrap());
        assert_eq!(answers.len(), 2);
        for answer in &answers {
            let RouteNetlinkMessage::NewLink(link) = answer else { unreachable!() };
            assert_eq!(link.attributes, [LinkAttribute::IfName("left".to_owned())]);
        }
    }

    #[test]
    fn the_one_answer_that_was_asked_for_is_not_left_out() {
        let read = read_answers("RTM_GETLINK", &odd_link(0), &mut Vec::new());
        assert!(matches!(read, Err(Error::Broken(_))));
    }

    #[test]
    fn an_error_is_an_error_in_a_dump_too() {
        // NLMSG_ERROR, with the number of the error and the request's header.
        let mut bytes = vec![36, 0, 0, 0, 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend((-(Errno::EPERM as i32)).to_ne_bytes());
        bytes.extend([0; 16]);
        let read = read_answers("RTM_GETLINK", &bytes, &mut Vec::new());
        assert_eq!(read.unwrap_err().errno(), Some(Errno::EPERM));
    }
}
