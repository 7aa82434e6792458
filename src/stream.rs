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
/// Use it for very large transfers: photos, videos, tunnels. On both targets it implements `AsyncRead`, `AsyncBufRead` and
/// `AsyncWrite` of futures-io and of tokio, for example for `tokio::io::copy` and `futures::io::copy`. Message boundaries
/// are not visible; a frame of any size is delivered as it arrives, in bounded memory. Each write sends one binary message
/// of at most 64 KiB (65,536 bytes).
///
/// **Closing ends both directions.** A WebSocket has no half-close: after `close`, `shutdown` (tokio) or `poll_close`
/// (futures-io) nothing can be read, on either target. Read everything you need before you close.
///
/// A Close frame of the peer with code 1000, 1001 or without a code ends the stream; any other code is an error that carries
/// it ([`Error::close`](crate::Error::close)). A text message ends the stream with
/// [`UnexpectedText`](crate::ErrorKind::UnexpectedText).
///
/// [`lifecycle`](crate::docs::lifecycle) lists every timeout and describes slow, silent and vanished peers.
///
/// # Cancel safety
///
/// All futures of this type are cancel-safe, as defined at [`MessageWebSocket`](crate::MessageWebSocket), except that
/// dropping `connect` abandons the connection.
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
    /// Dropping the future abandons the attempt and closes what it opened.
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

    /// Connects with the given settings, which cannot change afterwards (UWP: `Control`, `ConnectAsync`).
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::connect_with`](crate::MessageWebSocket::connect_with).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the attempt and closes what it opened.
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

    /// Receives the next bytes as they arrived, without a copy, or `None` at the end of the stream.
    ///
    /// A chunk is never empty.
    ///
    /// # Errors
    ///
    /// An error is returned once, after all bytes that arrived before it: those of
    /// [`MessageWebSocket::receive`](crate::MessageWebSocket::receive), [`ClosedByPeer`](crate::ErrorKind::ClosedByPeer) and
    /// [`UnexpectedText`](crate::ErrorKind::UnexpectedText).
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

    /// Waits until the platform has accepted everything that was written (UWP: `FlushAsync`).
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
    /// Afterwards nothing can be read: later data of the peer are discarded.
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::close`](crate::MessageWebSocket::close). `close` does not fail if the peer does not answer;
    /// `shutdown` (tokio) and `poll_close` (futures-io), which return no [`Closed`], then fail with
    /// [`ConnectionAborted`](crate::ErrorKind::ConnectionAborted).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: once the future has been polled, the closing handshake continues without it; call `close` again for the
    /// result.
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

    /// How the connection ended, or `None` while it is open (UWP: the event `Closed`). The code of a lost connection is
    /// 1006.
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

    /// A snapshot of what is known about the connection (UWP: `Information`).
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

    /// The number of bytes that are queued and not yet handed to the platform (WHATWG: `bufferedAmount`).
    ///
    /// # Platform notes
    ///
    /// Natively the count includes frame headers; in a browser it does not.
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

    /// Splits the stream into halves that two tasks can use at the same time (UWP: `InputStream`, `OutputStream`).
    ///
    /// Both halves can close the connection. [`OutputStream::reunite`] joins them again.
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
