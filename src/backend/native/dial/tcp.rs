//! TCP to one address, with its options.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpSocket, TcpStream};

use crate::{
    backend::native::os::set_tcp_user_timeout,
    control::Control,
    error::{Error, ErrorKind, Result},
};

pub(super) async fn connect(remote: SocketAddr, control: &Control) -> Result<TcpStream> {
    let refused =
        |error| Error::with_source(ErrorKind::CannotConnect, format!("cannot connect to {remote} by TCP"), error);
    let tcp = match control.extras().route.local_address {
        None => TcpStream::connect(remote).await,
        Some(local) => match bound(local) {
            Ok(socket) => socket.connect(remote).await,
            Err(error) => {
                let message = format!("cannot connect from the local_address {local}");
                return Err(Error::with_source(ErrorKind::CannotConnect, message, error));
            }
        },
    };
    let tcp = tcp.map_err(refused)?;
    tune(&tcp, control);
    Ok(tcp)
}

fn bound(local: IpAddr) -> io::Result<TcpSocket> {
    let socket = if local.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.bind(SocketAddr::new(local, 0))?;
    Ok(socket)
}

/// Sets the options that only tune: a transport without them works as well, so nobody is told.
pub(super) fn tune(tcp: &TcpStream, control: &Control) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::native::os::tcp_times;

    #[tokio::test]
    async fn options_reach_the_socket() {
        let minute = Duration::from_secs(60);
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("the loopback has a free port");
        let address = server.local_addr().expect("it is bound");
        let control = Control::new();
        let plain = connect(address, &control).await.expect("it listens");
        assert!(plain.nodelay().expect("there is such an option"));
        assert!(!SockRef::from(&plain).keepalive().expect("there is such an option"));

        let control = control.no_delay(false).tcp_keep_alive(Some(minute)).tcp_user_timeout(Some(minute / 2));
        let tuned = connect(address, &control).await.expect("it listens");
        assert!(!tuned.nodelay().expect("there is such an option"));
        let socket = SockRef::from(&tuned);
        assert!(socket.keepalive().expect("there is such an option"));
        if let Some(times) = tcp_times(&socket) {
            assert_eq!(times.expect("there are such options"), (minute, Some(minute / 2)));
        }

        // The longest that a system takes, where a setting is longer.
        let control = control.tcp_keep_alive(Some(Duration::MAX)).tcp_user_timeout(Some(Duration::MAX));
        let endless = connect(address, &control).await.expect("it listens");
        if let Some(times) = tcp_times(&SockRef::from(&endless)) {
            let most = Duration::from_millis(i32::MAX as u64);
            assert_eq!(times.expect("there are such options"), (MAX_KEEP_ALIVE, Some(most)));
        }
    }
}
