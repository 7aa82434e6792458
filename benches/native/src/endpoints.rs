//! Where the server listens.

use std::{
    fmt::{self, Display},
    net::SocketAddr,
    str::FromStr,
};

use anyhow::{Context as _, Error, Result};
use rustls::pki_types::CertificateDer;

/// Its ports, and whom to trust: as it says to the driver, which tells the clients.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    pub(crate) plain: SocketAddr,
    /// TLS whose sessions can be resumed.
    pub(crate) tls: SocketAddr,
    /// TLS whose every handshake is a full one.
    pub(crate) full: SocketAddr,
    /// HTTP/2 by TCP, without any agreement on it.
    pub(crate) http2: SocketAddr,
    /// Where the load generator takes orders.
    pub(crate) load: SocketAddr,
    /// The authority that has signed the server's certificate.
    pub(crate) root: CertificateDer<'static>,
}

impl Display for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plain, tls, full, http2, load, root } = self;
        write!(f, "{plain} {tls} {full} {http2} {load} ")?;
        root.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Endpoints {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [plain, tls, full, http2, load, root] = fields[..] else {
            return Err(Error::msg("five addresses and a certificate, as `serve` prints them, are expected"));
        };
        let address = |text: &str| text.parse().with_context(|| format!("not an address: {text}"));
        let root: Result<Vec<u8>> = (0..root.len()).step_by(2).map(|at| byte(root, at)).collect();
        let (plain, tls, full) = (address(plain)?, address(tls)?, address(full)?);
        Ok(Self { plain, tls, full, http2: address(http2)?, load: address(load)?, root: root?.into() })
    }
}

fn byte(digits: &str, at: usize) -> Result<u8> {
    let digits = digits.get(at..at + 2).context("half a byte")?;
    u8::from_str_radix(digits, 16).with_context(|| format!("not hexadecimal: {digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_come_back() {
        let line = "127.0.0.1:1 127.0.0.1:2 [::1]:3 127.0.0.1:4 127.0.0.1:5 00ff10";
        let endpoints: Endpoints = line.parse().expect("it is such a line");
        assert_eq!((endpoints.full.port(), endpoints.http2.port(), &endpoints.root[..]), (3, 4, &[0, 255, 16][..]));
        assert_eq!(endpoints.to_string(), line);
        for wrong in [
            "",
            "127.0.0.1:1",
            "127.0.0.1:1 127.0.0.1:2 [::1]:3 127.0.0.1:4 127.0.0.1:5 00f",
            "127.0.0.1:1 127.0.0.1:2 [::1]:3 127.0.0.1:4 127.0.0.1:5 zz",
        ] {
            assert!(wrong.parse::<Endpoints>().is_err(), "{wrong}");
        }
    }
}
