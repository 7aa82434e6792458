//! TCP to one address, with its options.

use std::{net::SocketAddr, time::Duration};

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

use crate::{
    backend::set_tcp_user_timeout,
    control::Control,
    error::{Error, ErrorKind, Result},
};

pub(super) async fn connect(remote: SocketAddr, control: &Control) -> Result<TcpStream> {
    let refused =
        |error| Error::with_source(ErrorKind::CannotConnect, format!("cannot connect to {remote} by TCP"), error);
    let tcp = TcpStream::connect(remote).await.map_err(refused)?;
    tune(&tcp, control);
    Ok(tcp)
}

/// Sets the options that only tune: a transport without them works as well, so nobody is told.
fn tune(tcp: &TcpStream, control: &Control) {
    let _ = tcp.set_nodelay(control.no_delay);
    let socket = SockRef::from(tcp);
    if let Some(idle) = control.timing.tcp_keep_alive {
        let _ = socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(idle.min(MAX_KEEP_ALIVE)));
    }
    if let Some(timeout) = control.timing.tcp_user_timeout {
        let _ = set_tcp_user_timeout(&socket, timeout);
    }
}

/// Linux takes no more.
const MAX_KEEP_ALIVE: Duration = Duration::from_secs(32767);
