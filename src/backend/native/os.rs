//! What differs by operating system below the native engine: options of TCP, settings of proxies, and the trust store.

use std::{io, time::Duration};

use socket2::Socket;
use tokio::net::TcpStream;

#[cfg(all(feature = "platform-verifier", any(test, target_os = "android")))]
mod beside;

/// Whether the system has settings of proxies besides the variables of the environment.
#[cfg(feature = "proxy")]
pub(super) const SYSTEM_HAS_PROXIES: bool = cfg!(any(windows, target_os = "macos"));

cfg_if::cfg_if! {
    if #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))] {
        /// Sets how long bytes may stay unacknowledged (RFC 5482).
        pub(super) fn set_tcp_user_timeout(socket: &Socket, timeout: Duration) -> io::Result<()> {
            // The option is a number of milliseconds; 0 means the default.
            let max = Duration::from_millis(i32::MAX as u64);
            socket.set_tcp_user_timeout(Some(timeout.min(max)))
        }

        /// How many bytes the system has taken to send, and the peer's system has not acknowledged.
        pub(super) fn unacknowledged(tcp: &TcpStream) -> Option<usize> {
            use std::os::fd::AsRawFd as _;
            let mut bytes: libc::c_int = 0;
            // SAFETY: `TIOCOUTQ` (`SIOCOUTQ` for sockets, tcp(7)) writes one `int` to the address it is given, which is that of
            // a live variable of this type; the descriptor is open as long as `tcp` is borrowed.
            #[allow(unsafe_code, reason = "no library has this call, without which a slow peer looks dead")]
            let result = unsafe { libc::ioctl(tcp.as_raw_fd(), libc::TIOCOUTQ, &raw mut bytes) };
            usize::try_from(bytes).ok().filter(|_| result == 0)
        }

        /// After how long TCP asks for a sign of life, and how long bytes may stay unacknowledged.
        #[cfg(test)]
        pub(super) fn tcp_times(socket: &Socket) -> Option<io::Result<(Duration, Option<Duration>)>> {
            Some(socket.tcp_keepalive_time().and_then(|idle| Ok((idle, socket.tcp_user_timeout()?))))
        }
    } else {
        /// This system has no such option.
        pub(super) fn set_tcp_user_timeout(_: &Socket, _: Duration) -> io::Result<()> {
            Ok(())
        }

        /// This system does not tell.
        pub(super) fn unacknowledged(_: &TcpStream) -> Option<usize> {
            None
        }

        /// Nor can this system be asked for both.
        #[cfg(test)]
        pub(super) fn tcp_times(_: &Socket) -> Option<io::Result<(Duration, Option<Duration>)>> {
            None
        }
    }
}

#[cfg(feature = "platform-verifier")]
mod trust {
    use std::sync::Arc;

    use rustls::{Error, client::danger::ServerCertVerifier, crypto::CryptoProvider, pki_types::CertificateDer};
    use rustls_platform_verifier::Verifier;

    /// The platform's verifier, which trusts these authorities besides its own.
    #[cfg(target_os = "android")]
    pub(in crate::backend::native) fn platform_verifier(
        roots: &[CertificateDer<'static>],
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ServerCertVerifier>, Error> {
        let platform = Arc::new(Verifier::new(provider.clone())?);
        Ok(Arc::new(super::beside::Beside::new(platform, roots, provider)?))
    }

    /// The platform's verifier, which trusts these authorities besides its own.
    #[cfg(not(target_os = "android"))]
    pub(in crate::backend::native) fn platform_verifier(
        roots: &[CertificateDer<'static>],
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ServerCertVerifier>, Error> {
        let provider = provider.clone();
        // With added roots the platform's verifiers do more work.
        let verifier = if roots.is_empty() {
            Verifier::new(provider)?
        } else {
            Verifier::new_with_extra_roots(roots.iter().cloned(), provider)?
        };
        Ok(Arc::new(verifier))
    }
}

#[cfg(feature = "platform-verifier")]
pub(super) use self::trust::platform_verifier;
