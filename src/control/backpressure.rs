//! Whether a peer waits for a program that does not receive.

use super::Control;
use crate::backend::ConnectFn;

impl Control {
    /// Whether the peer is stopped while the program does not receive. Default: false.
    ///
    /// # Platform notes
    ///
    /// Natively the peer is always stopped, and this is advisory. A browser's `WebSocket` cannot be paused and buffers up to
    /// 64 MiB, as [`inbound_buffer_size`](Self::inbound_buffer_size) describes. A `WebSocketStream` (Chromium 124 and later;
    /// WHATWG WebSockets, proposed) can be paused, at twice the cost for each small message. `true` uses it if the browser
    /// has one, which is detected at run time; in others, such as Firefox and Safari, the setting has no effect.
    ///
    /// It is not the default, not even for a [`StreamWebSocket`](crate::StreamWebSocket), because of three faults of
    /// Chromium:
    ///
    /// * Chromium 156 crashes the page when something is written to a `WebSocketStream` whose connection has just been lost,
    ///   or is lost while a write waits for the peer. A program that only receives does not meet it.
    /// * It also crashes the page when a message and a frame that violates the protocol arrive together, so a server can end
    ///   the page.
    /// * It discards unread messages when the server closes. If that may have happened because the program receives more
    ///   slowly than the server sends, the receive fails with [`InboundBufferFull`](crate::ErrorKind::InboundBufferFull)
    ///   after the messages that were kept. It cannot happen if the client closes, or while less than
    ///   [`inbound_buffer_size`](Self::inbound_buffer_size) is unread.
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new().backpressure(true);
    /// ```
    #[must_use]
    pub const fn backpressure(mut self, backpressure: bool) -> Self {
        self.backpressure = if backpressure { ConnectFn::BACKPRESSURE } else { ConnectFn::PLAIN };
        self
    }
}
