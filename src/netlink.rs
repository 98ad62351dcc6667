//! Talking to rtnetlink(7): one request, its answer, errors with their number.

use std::fs::File;
use std::path::Path;

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};

use crate::error::{Context, Error, Result, SysError};

/// Runs `make` in the network namespace that the file `namespace` holds, and comes back. A socket
/// that is made there stays there, so whole conversations need only this one visit.
///
/// # Errors
/// open(2)'s, setns(2)'s, `make`'s.
pub fn visit<T>(namespace: &Path, make: impl FnOnce() -> Result<T>) -> Result<T> {
    let open = |path: &Path| File::open(path).context("open", path.display());
    let ours = open(Path::new("/proc/self/ns/net"))?;
    setns(open(namespace)?, CloneFlags::CLONE_NEWNET).context("setns", namespace.display())?;
    let made = make();
    setns(ours, CloneFlags::CLONE_NEWNET).context("setns", "/proc/self/ns/net")?;
    made
}

/// A socket to rtnetlink in one network namespace.
pub struct Route {
    socket: Socket,
}

impl Route {
    /// A socket in the network namespace that the file `namespace` holds.
    ///
    /// # Errors
    /// [`visit`]'s, socket(2)'s.
    pub fn open(namespace: &Path) -> Result<Route> {
        let socket = visit(namespace, || {
            let socket = Socket::new(NETLINK_ROUTE).context("socket", "NETLINK_ROUTE")?;
            socket.connect(&SocketAddr::new(0, 0)).context("connect", "NETLINK_ROUTE")?;
            Ok(socket)
        })?;
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
    let malformed =
        |error: netlink_packet_core::DecodeError| Error::Broken(format!("{what}: {error}"));
    let mut rest = bytes;
    while !rest.is_empty() {
        let message =
            NetlinkMessage::<RouteNetlinkMessage>::deserialize(rest).map_err(malformed)?;
        match message.payload {
            NetlinkPayload::Done(_) => return Ok(true),
            NetlinkPayload::Error(error) => {
                return match error.code {
                    None => Ok(true),
                    // The kernel answers with the negative error number.
                    Some(code) => {
                        let errno = Errno::from_raw(-code.get());
                        Err(Error::Sys(SysError::new("rtnetlink", what, errno)))
                    }
                };
            }
            NetlinkPayload::InnerMessage(inner) => answers.push(inner),
            _ => {}
        }
        // Messages begin at multiples of four (NLMSG_ALIGN).
        let length = (message.header.length as usize).next_multiple_of(4).max(16);
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(false)
}
