//! The settings of permessage-deflate.

use crate::error::{Error, ErrorKind, Message, Result, Value};

/// The settings of compression, given to [`Control::compression`](crate::Control::compression) (RFC 7692).
///
/// Compression trades time and memory for bandwidth. Natively, a connection with compression allocates about 375 KiB for
/// sending and 50 KiB for receiving, with the first compressed message of each direction. Do not compress secrets together
/// with data that an attacker can choose: the length of the result reveals parts of the secret (RFC 7692 section 8).
///
/// # Examples
///
/// ```
/// use websocket_anywhere::{Compression, Control};
///
/// let control = Control::new().compression(Compression::new().level(1).threshold(256));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compression {
    pub(crate) client_no_context_takeover: bool,
    pub(crate) server_no_context_takeover: bool,
    pub(crate) client_max_window_bits: u8,
    pub(crate) server_max_window_bits: u8,
    pub(crate) level: u8,
    pub(crate) threshold: usize,
}

impl Compression {
    /// The default settings, which compress best (RFC 7692 section 7).
    ///
    /// # Examples
    ///
    /// ```
    /// let compression = websocket_anywhere::Compression::new();
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self {
            client_no_context_takeover: false,
            server_no_context_takeover: false,
            client_max_window_bits: 15,
            server_max_window_bits: 15,
            level: 6,
            threshold: 64,
        }
    }

    /// Whether each sent message is compressed on its own, without the window of earlier messages. Default: false (RFC 7692
    /// section 7.1.1.2).
    ///
    /// Small messages then compress less. The server may also request it, and the request is granted.
    ///
    /// # Examples
    ///
    /// ```
    /// let compression = websocket_anywhere::Compression::new().client_no_context_takeover(true);
    /// ```
    #[must_use]
    pub const fn client_no_context_takeover(mut self, no_context_takeover: bool) -> Self {
        self.client_no_context_takeover = no_context_takeover;
        self
    }

    /// Whether the server is asked to compress each message on its own. Default: false (RFC 7692 section 7.1.1.1).
    ///
    /// A server that does not support this declines, and nothing is compressed.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidResponse`] if the server agrees to compress, but not to this.
    ///
    /// # Examples
    ///
    /// ```
    /// let compression = websocket_anywhere::Compression::new().server_no_context_takeover(true);
    /// ```
    #[must_use]
    pub const fn server_no_context_takeover(mut self, no_context_takeover: bool) -> Self {
        self.server_no_context_takeover = no_context_takeover;
        self
    }

    /// The base-2 logarithm of the window size for sending. Default: 15 (32,768 bytes; RFC 7692 section 7.1.2.2).
    ///
    /// With 9, a connection allocates 250 KiB for sending. The server may request a smaller window, and the request is
    /// granted. With 8, which the RFC allows and deflate libraries do not support, messages are sent uncompressed.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidArgument`] if it is not from 8 to 15.
    ///
    /// # Examples
    ///
    /// ```
    /// let compression = websocket_anywhere::Compression::new().client_max_window_bits(12);
    /// ```
    #[must_use]
    pub const fn client_max_window_bits(mut self, bits: u8) -> Self {
        self.client_max_window_bits = bits;
        self
    }

    /// The base-2 logarithm of the server's largest window size for sending. Default: 15 (32,768 bytes; RFC 7692 section
    /// 7.1.2.1).
    ///
    /// A smaller window saves memory of the server, not of the client. A server that supports only 15 declines, and nothing
    /// is compressed.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidArgument`] if it is not from 8 to 15, and with
    /// [`ErrorKind::InvalidResponse`] if the server agrees to compress, but not to this.
    ///
    /// # Examples
    ///
    /// ```
    /// let compression = websocket_anywhere::Compression::new().server_max_window_bits(12);
    /// ```
    #[must_use]
    pub const fn server_max_window_bits(mut self, bits: u8) -> Self {
        self.server_max_window_bits = bits;
        self
    }

    /// The compression level for sending, from 0 (none) to 9 (smallest and slowest). Default: 6 (RFC 1951 leaves it to the
    /// sender).
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidArgument`] if it is over 9.
    ///
    /// # Examples
    ///
    /// ```
    /// let compression = websocket_anywhere::Compression::new().level(1);
    /// ```
    #[must_use]
    pub const fn level(mut self, level: u8) -> Self {
        self.level = level;
        self
    }

    /// The size in bytes from which a sent message is compressed. Default: 64 bytes.
    ///
    /// A shorter message is sent uncompressed (RFC 7692 section 6.1).
    ///
    /// # Examples
    ///
    /// ```
    /// let compression = websocket_anywhere::Compression::new().threshold(1024);
    /// ```
    #[must_use]
    pub const fn threshold(mut self, bytes: usize) -> Self {
        self.threshold = bytes;
        self
    }

    /// Refuses what RFC 7692 section 7.1.2 and deflate do not know.
    pub(crate) fn check(&self) -> Result<()> {
        let invalid = |message| Err(Error::new(ErrorKind::InvalidArgument, message));
        for bits in [self.client_max_window_bits, self.server_max_window_bits] {
            if !(8..=15).contains(&bits) {
                return invalid(Message::With("max_window_bits ", Value::Number(bits.into()), " is not from 8 to 15"));
            }
        }
        if self.level > 9 {
            return invalid(Message::With(
                "compression level ",
                Value::Number(self.level.into()),
                " is not from 0 to 9",
            ));
        }
        Ok(())
    }
}

impl Default for Compression {
    fn default() -> Self {
        Self::new()
    }
}
