//! What carries a connection.

use super::Information;

/// The implementation that carries a connection.
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
    /// Unknown: in a browser, the socket belongs to another thread than the one that asks.
    #[default]
    Unknown,
    /// The engine of this crate (RFC 6455, RFC 7692), outside of browsers.
    Native,
    /// The `WebSocket` that every browser has (WHATWG WebSockets).
    WebSocket,
    /// The browser's `WebSocketStream` (WHATWG WebSockets, proposed), which has back-pressure for received messages.
    WebSocketStream,
    /// Memory: the sockets of [`pair`](crate::MessageWebSocket::pair) in a browser. Natively the engine carries them.
    Memory,
}

impl Information {
    /// The implementation that carries the connection.
    ///
    /// # Platform notes
    ///
    /// In a browser it depends on [`Control::backpressure`](crate::Control::backpressure) and on whether the browser has
    /// `WebSocketStream`.
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
