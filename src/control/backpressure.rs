//! Whether a peer waits for a program that does not receive.

use super::Control;
use crate::backend::Opener;

impl Control {
    /// Whether a peer has to wait while the program does not receive. Default: false (UWP has no such property).
    ///
    /// # Platform notes
    ///
    /// Natively it always has to, and this is advisory. A browser's `WebSocket` cannot be paused: up to 64 MiB are kept as
    /// [`inbound_buffer_size`](Self::inbound_buffer_size) says. Its `WebSocketStream` (Chromium 124 and later; WHATWG
    /// WebSockets, proposed) can be, at twice the cost for each small message. `true` uses it where there is one, found at
    /// run time; elsewhere, as in Firefox and Safari, it changes nothing.
    ///
    /// Three faults of Chromium are why it is not the default, for a [`StreamWebSocket`](crate::StreamWebSocket) neither:
    ///
    /// * Chromium 156 crashes the page when something is written to a `WebSocketStream` whose connection has just been lost,
    ///   or is lost while a write waits for the peer. A program that only receives does not meet it.
    /// * It crashes the page, too, when a message and a frame that breaks the protocol arrive together: a server can end the page.
    /// * It throws away what is unread when the server closes. If that may have happened to a program that receives more
    ///   slowly than the server sends, the receive fails with [`InboundBufferFull`](crate::ErrorKind::InboundBufferFull)
    ///   behind the messages that were kept. It does not happen where the client closes, or while less than
    ///   [`inbound_buffer_size`](Self::inbound_buffer_size) is unread.
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new().backpressure(true);
    /// ```
    #[must_use]
    pub const fn backpressure(mut self, backpressure: bool) -> Self {
        self.backpressure = if backpressure { Opener::BACKPRESSURE } else { Opener::PLAIN };
        self
    }
}
