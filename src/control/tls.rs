//! TLS itself: its version, and its secrets for who looks at the wire.

use super::Control;

/// A version of TLS (UWP: the members `Tls12` and `Tls13` of `SocketProtectionLevel`).
///
/// # Examples
///
/// ```
/// use websocket_anywhere::TlsVersion;
///
/// assert!(TlsVersion::Tls12 < TlsVersion::Tls13);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246), only with forward secrecy and authenticated encryption.
    #[default]
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
}

impl Control {
    /// The oldest version of TLS that is accepted from the server and from a proxy. Default: Tls12 ([`TlsVersion::Tls12`];
    /// UWP uses the setting of the system). TLS 1.3 is used with every server that supports it; versions older than 1.2 are
    /// never used (RFC 8996).
    ///
    /// # Errors
    ///
    /// Connecting to a `wss` URL fails with [`ErrorKind::Tls`](crate::ErrorKind::Tls) if the server supports only older
    /// versions.
    ///
    /// # Platform notes
    ///
    /// In a browser, which decides by itself, connecting with another value than the default fails with
    /// [`ErrorKind::NotSupported`](crate::ErrorKind::NotSupported).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Control, TlsVersion};
    ///
    /// let control = Control::new().min_tls_version(TlsVersion::Tls13);
    /// ```
    #[must_use]
    pub fn min_tls_version(mut self, version: TlsVersion) -> Self {
        self.extras_mut().certificates.min_tls_version = version;
        self
    }

    /// Whether the TLS secrets are written, in NSS key log format, to the file named by the environment variable
    /// `SSLKEYLOGFILE`, for tools such as Wireshark. Default: false.
    ///
    /// Anyone who has the file can decrypt recorded connections. If the variable is not set, nothing is written.
    ///
    /// # Errors
    ///
    /// Connecting to a `wss` URL fails with [`ErrorKind::Tls`](crate::ErrorKind::Tls) if the file cannot be opened.
    ///
    /// # Platform notes
    ///
    /// Advisory: Chromium and Firefox read the variable themselves.
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new().key_log(cfg!(debug_assertions));
    /// ```
    #[must_use]
    pub fn key_log(mut self, is_written: bool) -> Self {
        self.extras_mut().certificates.key_log = is_written;
        self
    }
}
