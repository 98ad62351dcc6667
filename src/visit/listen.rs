//! Listening on a port, in whichever network namespace this process is.

use std::net::{Ipv4Addr, TcpListener};

use crate::error::{Context, Result};

/// A listener on the TCP port `port`, over IPv4; it is gone when it is dropped. (std sets
/// `SO_REUSEADDR`, which lets a port be taken over from TIME_WAIT, but never from a listener.)
///
/// # Errors
/// EADDRINUSE when another socket of this network namespace has the port.
pub fn tcp(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).context("bind", format!("tcp port {port}"))
}
