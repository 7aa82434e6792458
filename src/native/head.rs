//! The transport as tungstenite sees it during the opening handshake.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::{handshake::client::Response, http::header};

/// Shows tungstenite the head of the response and keeps what follows it: those are the first frames.
///
/// tungstenite alone would keep them inside the WebSocket that it makes, out of reach.
pub(super) struct Head<S> {
    pub(super) transport: S,
    /// What came behind the head.
    pub(super) early: BytesMut,
    /// Whether there was anything but empty lines, which may come before the head.
    has_begun: bool,
    /// How many line ends in a row came last; two end the head.
    line_ends: u8,
}

impl<S> Head<S> {
    pub(super) fn new(transport: S) -> Self {
        Self { transport, early: BytesMut::new(), has_begun: false, line_ends: 0 }
    }

    /// How many of the `bytes` belong to the head.
    fn scan(&mut self, bytes: &[u8]) -> usize {
        for (index, byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' if self.has_begun => self.line_ends += 1,
                b'\r' | b'\n' => {}
                _ => (self.has_begun, self.line_ends) = (true, 0),
            }
            if self.line_ends == 2 {
                return index + 1;
            }
        }
        bytes.len()
    }
}

impl<S: AsyncRead + Unpin> Head<S> {
    /// Reads what is left of a response, so that the transport can carry another request; false if it cannot.
    pub(super) async fn discard_body(&mut self, response: &Response) -> bool {
        let Some(mut missing) = body_length(response) else { return false };
        while self.early.len() < missing {
            missing -= self.early.len();
            self.early.clear();
            self.early.reserve(READ_SIZE);
            if !self.transport.read_buf(&mut self.early).await.is_ok_and(|amount| amount > 0) {
                return false;
            }
        }
        // Nothing may come before it was asked for.
        let is_clean = self.early.len() == missing;
        (self.early, self.has_begun, self.line_ends) = (BytesMut::new(), false, 0);
        is_clean
    }
}

/// The length of a body that ends by itself and is worth reading, on a connection that goes on (RFC 9112 sections 6 and 9).
fn body_length(response: &Response) -> Option<usize> {
    let headers = response.headers();
    let connection = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let closes = connection.flat_map(|value| value.split(',')).any(|token| token.trim().eq_ignore_ascii_case("close"));
    if closes || headers.contains_key(header::TRANSFER_ENCODING) {
        return None;
    }
    let length = headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()?;
    (length <= MAX_BODY).then_some(length)
}

impl<S: AsyncRead + Unpin> AsyncRead for Head<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.line_ends == 2 {
            // Whoever wants more of the head will not get what follows it.
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.transport).poll_read(cx, buf))?;
        let end = before + this.scan(&buf.filled()[before..]);
        this.early.extend_from_slice(&buf.filled()[end..]);
        buf.set_filled(end);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Head<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().transport).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().transport).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().transport).poll_shutdown(cx)
    }
}

/// How much of the body of a response is read at once.
const READ_SIZE: usize = 4096;

/// A longer body costs more than a fresh connection.
const MAX_BODY: usize = 64 * 1024;
