//! The settings of a socket: one plain value for both sockets and both targets.

mod backpressure;
pub(crate) mod certificates;
mod extras;
mod http_version;
mod liveness;
mod message_type;
pub(crate) mod proxy;
mod receive_mode;
mod redirects;
mod request;
pub(crate) mod route;
mod support;
mod timing;
mod tls;

use std::time::Duration;

#[allow(unused_imports, reason = "a browser reads no settings that it refuses")]
pub(crate) use self::extras::Extras;
pub(crate) use self::message_type::MessageModes;
#[allow(unused_imports, reason = "a browser refuses them unread")]
pub(crate) use self::request::{Credential, RequestHeader};
pub(crate) use self::support::ConnectionKind;
use self::{
    extras::{Checks, LazyExtras},
    timing::Timing,
};
pub use self::{
    http_version::HttpVersion, message_type::SocketMessageType, proxy::Proxy, receive_mode::ReceiveMode,
    tls::TlsVersion,
};
use crate::{
    backend::{ConnectFn, OfferProtocols},
    compression::Compression,
    error::{Error, ErrorKind, Message, Result, Value},
    heartbeat::Start,
    protocol::Limits,
};

/// The settings of a socket, fixed once it is connected (UWP: `MessageWebSocketControl`, `StreamWebSocketControl`).
///
/// If a setting decides *whom* a program talks to or *what* it sends, and the platform cannot honour it, `connect_with`
/// fails with an error that names the setting ([`ErrorKind::NotSupported`]). Settings that only tune are advisory where the
/// table says so. No setting is ignored silently.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use websocket_anywhere::Control;
///
/// let control = Control::new().supported_protocol("chat").connect_timeout(Duration::from_secs(5));
/// ```
#[doc = include_str!("control/settings.md")]
#[derive(Clone, Debug)]
pub struct Control {
    extras: LazyExtras,
    /// `None` while nothing was set that may be wrong.
    checks: Option<Checks>,
    /// How subprotocols are offered, if some are.
    pub(crate) offer: Option<OfferProtocols>,
    pub(crate) heartbeat: Option<Start>,
    pub(crate) timing: Timing,
    pub(crate) max_message_size: Option<usize>,
    pub(crate) outbound_buffer_size: usize,
    pub(crate) inbound_buffer_size: usize,
    pub(crate) no_delay: bool,
    pub(crate) message_type: SocketMessageType,
    pub(crate) receive_mode: ReceiveMode,
    pub(crate) compression: Option<Compression>,
    pub(crate) backpressure: ConnectFn,
    pub(crate) connect_timeout: Duration,
    pub(crate) send_timeout: Duration,
    pub(crate) receive_timeout: Duration,
    pub(crate) close_timeout: Duration,
    pub(crate) max_redirects: u32,
    pub(crate) desired_unsolicited_pong_interval: Duration,
}

impl Control {
    /// The default settings (UWP: those of a new `Control`).
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self {
            extras: LazyExtras::none(),
            checks: None,
            offer: None,
            heartbeat: None,
            timing: Timing::default(),
            max_message_size: Some(64 * MIB),
            outbound_buffer_size: MIB,
            inbound_buffer_size: MIB,
            no_delay: true,
            message_type: SocketMessageType::Binary,
            receive_mode: ReceiveMode::Full,
            compression: None,
            backpressure: ConnectFn::PLAIN,
            connect_timeout: Duration::from_secs(60),
            send_timeout: Duration::from_secs(30),
            receive_timeout: Duration::from_secs(30),
            close_timeout: Duration::from_secs(10),
            max_redirects: 0,
            desired_unsolicited_pong_interval: Duration::from_secs(30),
        }
    }

    /// Adds a subprotocol to those offered to the server, in order of preference. Default: none (UWP: `SupportedProtocols`).
    ///
    /// The server's choice is [`Information::protocol`](crate::Information::protocol).
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidArgument`] if a name is not an HTTP token or is offered twice, and with
    /// [`ErrorKind::CannotConnect`] if the server chooses a subprotocol that was not offered (RFC 6455 section 4.1) or
    /// chooses none although some were offered (WHATWG WebSockets, "establish a WebSocket connection"). The kind is the same
    /// on both targets: a browser does not report why connecting failed.
    ///
    /// # Platform notes
    ///
    /// If nothing was offered, Firefox ignores a server's choice; other platforms fail to connect.
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new().supported_protocol("mqtt").supported_protocol("chat");
    /// ```
    #[must_use]
    pub fn supported_protocol(mut self, protocol: impl Into<String>) -> Self {
        self.offer(protocol.into());
        self
    }

    /// Adds several subprotocols, in this order, to those offered to the server. Default: none.
    ///
    /// # Errors
    ///
    /// As [`supported_protocol`](Self::supported_protocol).
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new().supported_protocols(["v2.chat", "v1.chat"]);
    /// ```
    #[must_use]
    pub fn supported_protocols(mut self, protocols: impl IntoIterator<Item = impl Into<String>>) -> Self {
        protocols.into_iter().for_each(|protocol| self.offer(protocol.into()));
        self
    }

    /// The size in bytes of the longest message that is accepted from the peer; `None` for no limit. Default: 64 MiB
    /// (67,108,864 bytes; UWP: `MaxMessageSize`).
    ///
    /// A longer message fails the connection with close code 1009, and `receive` with [`ErrorKind::MessageTooBig`]. The
    /// limit applies to [`MessageWebSocket`](crate::MessageWebSocket) only: a [`StreamWebSocket`](crate::StreamWebSocket)
    /// delivers bytes as they arrive and needs no limit.
    ///
    /// # Platform notes
    ///
    /// Natively the length is checked before a byte of the payload is buffered. A browser delivers whole messages, so the
    /// length is checked on arrival, and the close code is 3009 (browsers cannot send 1009).
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new().max_message_size(Some(64 * 1024));
    /// ```
    #[must_use]
    pub const fn max_message_size(mut self, bytes: Option<usize>) -> Self {
        self.max_message_size = bytes;
        self
    }

    /// The number of unsent bytes above which `send` waits. Default: 1 MiB (1,048,576 bytes; UWP:
    /// `OutboundBufferSizeInBytes`).
    ///
    /// A message is always queued whole, so the queue holds at most this many bytes and one message. With 0, each message
    /// waits until the operating system has accepted the previous one.
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new().outbound_buffer_size(16 * 1024);
    /// ```
    #[must_use]
    pub const fn outbound_buffer_size(mut self, bytes: usize) -> Self {
        self.outbound_buffer_size = bytes;
        self
    }

    /// The number of bytes that may be buffered before the program receives them. Default: 1 MiB (1,048,576 bytes).
    ///
    /// # Platform notes
    ///
    /// Natively, up to this many bytes (at least 4 KiB) are read ahead of a program that does not receive, to see pings and
    /// the Close frame; beyond that TCP back-pressure stops the peer. While the program receives, at most 128 KiB are read
    /// at once. A browser's `WebSocketStream`, if [`backpressure`](Self::backpressure) selects it, is read ahead by this
    /// many bytes and one message, and also stops the peer. A browser's `WebSocket` cannot be paused: if more than 64 MiB,
    /// or more than this setting if that is larger, are unread, the receive fails with [`ErrorKind::InboundBufferFull`].
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new().inbound_buffer_size(64 * 1024);
    /// ```
    #[must_use]
    pub const fn inbound_buffer_size(mut self, bytes: usize) -> Self {
        self.inbound_buffer_size = bytes;
        self
    }

    /// Whether Nagle's algorithm is off, so that small packets are sent at once. Default: true (UWP: `NoDelay`).
    ///
    /// # Platform notes
    ///
    /// Advisory: a browser decides by itself, and a transport that the program supplies is already connected.
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new().no_delay(false);
    /// ```
    #[must_use]
    pub const fn no_delay(mut self, no_delay: bool) -> Self {
        self.no_delay = no_delay;
        self
    }

    /// Offers to compress messages by permessage-deflate, or not if `None`. Default: off (RFC 7692).
    ///
    /// If the server accepts, [`Information::extensions`](crate::Information::extensions) says so; otherwise messages are
    /// not compressed. Limits apply to uncompressed messages: [`max_message_size`](Self::max_message_size) is checked while
    /// a message is inflated.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidArgument`] if a setting is out of its range, and with
    /// [`ErrorKind::InvalidResponse`] if the server's answer does not fit the offer. Receiving data that cannot be inflated
    /// fails with [`ErrorKind::Protocol`].
    ///
    /// # Platform notes
    ///
    /// Advisory: a browser negotiates compression by itself, even if this is off.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Compression, Control};
    ///
    /// let control = Control::new().compression(Compression::new());
    /// ```
    #[must_use]
    pub fn compression(mut self, compression: impl Into<Option<Compression>>) -> Self {
        self.compression = compression.into();
        self.checks = Some(Checks::ALL);
        self
    }

    /// How long connecting may take. Default: 60 s.
    ///
    /// # Platform notes
    ///
    /// Natively the time applies to each address of the host, at most 5, including the TLS and WebSocket handshakes, as in
    /// UWP; if an address has no TCP connection after 250 ms, the next one is tried at the same time (RFC 8305). The lookup
    /// of the host may take as long again. [`deadline`](Self::deadline) bounds the sum. In a browser the time covers
    /// everything.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let control = websocket_anywhere::Control::new().connect_timeout(Duration::from_secs(5));
    /// ```
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long queued bytes may wait without any progress; `None` for no limit. Default: 30 s (UWP: fixed, the same).
    ///
    /// After that the connection fails: waiting and later sends, and the receive, fail with [`ErrorKind::Timeout`]. The
    /// limit also applies to bytes that are queued when the program closes; if it is `None`,
    /// [`close_timeout`](Self::close_timeout) applies to them instead. [`lifecycle`](crate::docs::lifecycle) has the
    /// details.
    ///
    /// # Platform notes
    ///
    /// Natively the time runs whether or not the program waits; in a browser it runs while the program waits for a send, a
    /// flush or a close.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let control = websocket_anywhere::Control::new().send_timeout(Duration::from_secs(10));
    /// ```
    #[must_use]
    pub fn send_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.send_timeout = timing::or_never(timeout);
        self
    }

    /// How long the peer may take to answer a Close. Default: 10 s.
    ///
    /// The time begins when the Close frame has left: a peer that accepts the earlier bytes slowly does not count against
    /// it. After that, `close` returns a [`Closed`](crate::Closed) with code 1006 that is not clean.
    ///
    /// # Platform notes
    ///
    /// Over TCP on Linux and Android, the Close frame has left when the send queue of the system stops moving; on other
    /// systems, over HTTP/2, and over a transport of the program's own, when it was handed over; in a browser when
    /// `bufferedAmount` is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let control = websocket_anywhere::Control::new().close_timeout(Duration::from_secs(2));
    /// ```
    #[must_use]
    pub const fn close_timeout(mut self, timeout: Duration) -> Self {
        self.close_timeout = timeout;
        self
    }

    fn offer(&mut self, protocol: String) {
        self.extras_mut().supported_protocols.push(protocol);
        self.offer = Some(OfferProtocols::LISTED);
    }

    /// Refuses what no platform could do: subprotocols (RFC 6455 section 4.1, item 10), headers, compression.
    fn check_settings(&self) -> Result<()> {
        let Extras { supported_protocols, certificates, proxy, .. } = self.extras();
        for (index, protocol) in supported_protocols.iter().enumerate() {
            if !is_token(protocol) {
                let message = Message::With("subprotocol ", Value::Quoted(protocol.clone()), " is not a token of HTTP");
                return Err(Error::new(ErrorKind::InvalidArgument, message));
            }
            if supported_protocols[..index].contains(protocol) {
                let message = Message::With("subprotocol ", Value::Quoted(protocol.clone()), " is offered twice");
                return Err(Error::new(ErrorKind::InvalidArgument, message));
            }
        }
        certificates.check()?;
        proxy.check()?;
        self.timing.check()?;
        self.check_route()?;
        self.check_request()?;
        #[cfg(feature = "http2")]
        self.check_http_version()?;
        self.compression.as_ref().map_or(Ok(()), Compression::check)
    }

    /// What a socket for whole messages accepts.
    pub(crate) fn message_limits(&self) -> Limits {
        Limits { max_message_size: self.max_message_size.map(|size| size as u64), text: true }
    }

    /// What a socket for a stream of bytes accepts.
    pub(crate) fn stream_limits(&self) -> Result<Limits> {
        self.check_binary()?;
        self.check_beatless()?;
        Ok(Limits { max_message_size: None, text: false })
    }
}

impl Default for Control {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether `text` is a token (RFC 9110 section 5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

const MIB: usize = 1 << 20;
