//! `StreamWebSocket`: a stream of bytes.

mod halves;
mod io;

pub use self::halves::{InputStream, OutputStream};
use crate::{
    address::Address,
    backend,
    close::{CloseCode, Closed},
    control::Control,
    error::Result,
    information::Information,
};

/// A WebSocket as a stream of bytes, over binary messages (UWP: `Windows.Networking.Sockets.StreamWebSocket`).
///
/// It is for very large transfers: photos, videos, tunnels. It implements `AsyncRead`, `AsyncBufRead` and `AsyncWrite` of
/// futures-io and of tokio, on both targets, so that `tokio::io::copy` and `futures::io::copy` work. Where messages begin and
/// end does not show; a frame of any size is delivered as it arrives, in bounded memory. Each write is sent as one binary
/// message of at most 64 KiB (65,536 bytes).
///
/// **Closing ends both directions.** A WebSocket has no half-close: after `close`, `shutdown` (tokio) or `poll_close`
/// (futures-io) nothing can be read any more, on either target. Read all you need, then close.
///
/// The peer's Close with 1000, 1001 or without a code is the end of the stream; any other code is an error that carries it
/// ([`Error::close`](crate::Error::close)). A text message ends the stream with
/// [`UnexpectedText`](crate::ErrorKind::UnexpectedText).
///
/// [`lifecycle`](crate::docs::lifecycle) says how long everything waits, and what slow, silent and vanished peers change.
///
/// # Cancel safety
///
/// All futures of this type are cancel-safe, as defined at [`MessageWebSocket`](crate::MessageWebSocket), except that a
/// dropped `connect` gives the connection up.
///
/// # Examples
///
/// ```no_run
/// # async fn run(file: &mut (impl futures::AsyncRead + Unpin)) -> std::io::Result<()> {
/// use websocket_anywhere::StreamWebSocket;
///
/// let mut stream = StreamWebSocket::connect("wss://example.com/upload").await?;
/// futures::io::copy(file, &mut stream).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct StreamWebSocket {
    pub(crate) input: InputStream,
    pub(crate) output: OutputStream,
}

impl StreamWebSocket {
    /// Connects with the default settings (UWP: `ConnectAsync`).
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::connect_with`](crate::MessageWebSocket::connect_with).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the attempt up and closes what was opened.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), websocket_anywhere::Error> {
    /// let stream = websocket_anywhere::StreamWebSocket::connect("wss://example.com/upload").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect(url: &str) -> Result<Self> {
        Self::connect_with(url, Control::new()).await
    }

    /// Connects with the given settings, which are fixed from here on (UWP: `Control`, `ConnectAsync`).
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::connect_with`](crate::MessageWebSocket::connect_with).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the attempt up and closes what was opened.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{Control, StreamWebSocket};
    ///
    /// // By default, Nagle's algorithm is not used. This overrides that.
    /// let control = Control::new().no_delay(false);
    /// let stream = StreamWebSocket::connect_with("wss://example.com/upload", control).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect_with(url: &str, control: Control) -> Result<Self> {
        let address = Address::parse(url)?;
        control.check()?;
        let limits = control.stream_limits()?;
        Ok(Self::new(backend::open(address, control, limits).await?))
    }

    pub(crate) fn new((source, sink): (backend::Reader, backend::Writer)) -> Self {
        Self { input: InputStream::new(source), output: OutputStream::new(sink) }
    }

    /// Receives the next bytes as they arrived, without a copy; `None` at the end of the stream.
    ///
    /// A chunk is never empty.
    ///
    /// # Errors
    ///
    /// Once, and last: as [`MessageWebSocket::receive`](crate::MessageWebSocket::receive), and
    /// [`ClosedByPeer`](crate::ErrorKind::ClosedByPeer), [`UnexpectedText`](crate::ErrorKind::UnexpectedText). Bytes that
    /// arrived before are delivered first.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: bytes that were not returned are returned by the next call.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut stream: websocket_anywhere::StreamWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// while let Some(chunk) = stream.read_chunk().await? {
    ///     println!("{} bytes", chunk.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn read_chunk(&mut self) -> Result<Option<bytes::Bytes>> {
        self.input.read_chunk().await
    }

    /// Waits until everything written has been handed to the platform (UWP: `FlushAsync`).
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::flush`](crate::MessageWebSocket::flush).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut stream: websocket_anywhere::StreamWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// stream.flush().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn flush(&mut self) -> Result<()> {
        self.output.flush().await
    }

    /// Closes the connection in both directions, as [`MessageWebSocket::close`](crate::MessageWebSocket::close) does.
    ///
    /// Nothing can be read any more: what the peer sends from here on is discarded.
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::close`](crate::MessageWebSocket::close). A peer that does not answer is no error; for `shutdown`
    /// (tokio) and `poll_close` (futures-io), which give no [`Closed`], it is
    /// [`ConnectionAborted`](crate::ErrorKind::ConnectionAborted).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: once polled the handshake goes on without the future; call it again for the outcome.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut stream: websocket_anywhere::StreamWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// let closed = stream.close(websocket_anywhere::CloseCode::NORMAL, "done").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(&mut self, code: impl Into<CloseCode>, reason: &str) -> Result<Closed> {
        self.output.close(code, reason).await
    }

    /// How the connection ended; `None` while it has not (UWP: the event `Closed`). A lost connection gives 1006.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(stream: &websocket_anywhere::StreamWebSocket) {
    /// println!("{:?}", stream.closed());
    /// # }
    /// ```
    #[must_use]
    pub fn closed(&self) -> Option<Closed> {
        self.output.closed()
    }

    /// What is known about the connection, now (UWP: `Information`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(stream: &websocket_anywhere::StreamWebSocket) {
    /// println!("{} bytes received", stream.information().received().bytes);
    /// # }
    /// ```
    #[must_use]
    pub fn information(&self) -> Information {
        self.output.information()
    }

    /// How many bytes wait to be handed to the platform (WHATWG: `bufferedAmount`).
    ///
    /// # Platform notes
    ///
    /// Natively frame headers count; in a browser they do not.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(stream: &websocket_anywhere::StreamWebSocket) {
    /// println!("{} bytes to go", stream.buffered_amount());
    /// # }
    /// ```
    #[must_use]
    pub fn buffered_amount(&self) -> usize {
        self.output.buffered_amount()
    }

    /// Takes the stream apart, so that two tasks can read and write at the same time (UWP: `InputStream`, `OutputStream`).
    ///
    /// Both halves can close. Put them together again with [`OutputStream::reunite`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(stream: websocket_anywhere::StreamWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// let (mut input, output) = stream.split();
    /// println!("{:?}", input.read_chunk().await?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn split(self) -> (InputStream, OutputStream) {
        (self.input, self.output)
    }
}
