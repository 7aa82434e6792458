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
    /// RFC 5246, with the modern ciphers alone: ephemeral keys and authenticated encryption.
    #[default]
    Tls12,
    /// RFC 8446.
    Tls13,
}

impl Control {
    /// The oldest version of TLS that is spoken, to the server and to a proxy. Default: Tls12 ([`TlsVersion::Tls12`]; UWP takes that of
    /// the system). Tls13 is spoken with whoever speaks it; older versions than Tls12 are never (RFC 8996).
    ///
    /// # Errors
    ///
    /// Connecting to a `wss` URL fails with [`ErrorKind::Tls`](crate::ErrorKind::Tls) if the server speaks older ones only.
    ///
    /// # Platform notes
    ///
    /// A browser decides by itself: there, connecting with another value than the default fails with
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

    /// Whether the secrets of TLS connections are written to the file that the variable `SSLKEYLOGFILE` of the environment names, so
    /// that programs such as Wireshark can read what was recorded. Default: false (the format is that of NSS; UWP has no such
    /// setting).
    ///
    /// Whoever has the file can read all that was said. Without the variable nothing is written.
    ///
    /// # Errors
    ///
    /// Connecting to a `wss` URL fails with [`ErrorKind::Tls`](crate::ErrorKind::Tls) if the file cannot be opened.
    ///
    /// # Platform notes
    ///
    /// Advisory: Chromium and Firefox look at the variable by themselves.
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
