//! What carries a connection.

use super::Information;

/// What carries a connection (UWP has no such type: there is one).
///
/// # Examples
///
/// ```no_run
/// # fn show(information: websocket_anywhere::Information) {
/// use websocket_anywhere::Backend;
///
/// if information.backend() == Backend::WebSocket {
///     println!("this browser cannot make the server wait");
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// Nobody knows: in a browser the socket belongs to another thread than the one that asks.
    #[default]
    Unknown,
    /// The engine of this crate (RFC 6455, RFC 7692), outside of browsers.
    Native,
    /// The `WebSocket` that every browser has (WHATWG WebSockets).
    WebSocket,
    /// The browser's `WebSocketStream` (WHATWG WebSockets, proposed), which makes the server of a slow program wait.
    WebSocketStream,
    /// Nothing but memory: the sockets of [`pair`](crate::MessageWebSocket::pair) in a browser. Natively the engine carries them.
    Memory,
}

impl Information {
    /// What carries the connection (UWP has no such property).
    ///
    /// # Platform notes
    ///
    /// In a browser [`Control::backpressure`](crate::Control::backpressure) and what the browser has decide which of its two
    /// sockets it is.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(information: websocket_anywhere::Information) {
    /// println!("carried by {:?}", information.backend());
    /// # }
    /// ```
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.backend
    }
}
