//! The two halves of a `StreamWebSocket`.

use std::{
    future::poll_fn,
    mem,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};

use super::StreamWebSocket;
use crate::{
    backend::{self, Chunk, Link, Reader, Sink, Source, Writer},
    close::{CloseCode, Closed},
    error::{Error, ErrorCode, Result},
    information::Information,
    message::Payload,
    reunite::ReuniteError,
};

/// The receiving half of a [`StreamWebSocket`]: `AsyncRead` and `AsyncBufRead`, of futures-io and of tokio (UWP:
/// `InputStream`).
///
/// Dropping only this half leaves the connection open for sending; data that arrive afterwards are discarded.
///
/// # Examples
///
/// ```no_run
/// # async fn run(stream: websocket_anywhere::StreamWebSocket) -> std::io::Result<()> {
/// use futures::AsyncReadExt;
///
/// let (mut input, output) = stream.split();
/// let mut all = Vec::new();
/// input.read_to_end(&mut all).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct InputStream {
    pub(crate) source: Reader,
    /// Bytes that were received and not yet read.
    chunk: Bytes,
    finished: bool,
    /// A `DataReader` was dropped with this half, borrowed, in it.
    is_shut: bool,
}

/// The sending half of a [`StreamWebSocket`]: `AsyncWrite`, of futures-io and of tokio (UWP: `OutputStream`).
///
/// # Examples
///
/// ```no_run
/// # async fn run(stream: websocket_anywhere::StreamWebSocket) -> std::io::Result<()> {
/// use futures::AsyncWriteExt;
///
/// let (input, mut output) = stream.split();
/// output.write_all(b"bytes").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct OutputStream {
    pub(crate) sink: Writer,
    /// A `DataWriter` was dropped with this half, borrowed, in it.
    is_shut: bool,
}

impl InputStream {
    pub(crate) const fn new(source: Reader) -> Self {
        Self { source, chunk: Bytes::new(), finished: false, is_shut: false }
    }

    /// Receives the next bytes as they arrived, as [`StreamWebSocket::read_chunk`].
    ///
    /// # Errors
    ///
    /// As [`StreamWebSocket::read_chunk`].
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: bytes that were not returned are returned by the next call.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut input: websocket_anywhere::InputStream) -> Result<(), websocket_anywhere::Error> {
    /// while let Some(chunk) = input.read_chunk().await? {
    ///     println!("{} bytes", chunk.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn read_chunk(&mut self) -> Result<Option<Bytes>> {
        poll_fn(|cx| self.poll_fill(cx)).await?;
        let chunk = mem::take(&mut self.chunk);
        Ok(Some(chunk).filter(|chunk| !chunk.is_empty()))
    }

    /// Closes the connection in both directions, as [`StreamWebSocket::close`].
    ///
    /// # Errors
    ///
    /// As [`StreamWebSocket::close`].
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: once polled the handshake goes on without the future; call it again for the outcome.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut input: websocket_anywhere::InputStream) -> Result<(), websocket_anywhere::Error> {
    /// input.close(websocket_anywhere::CloseCode::NORMAL, "enough").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(&mut self, code: impl Into<CloseCode>, reason: &str) -> Result<Closed> {
        let closed = backend::close(&mut self.source, code.into(), reason)?.await;
        self.chunk = Bytes::new();
        closed
    }

    /// How the connection ended, as [`StreamWebSocket::closed`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(input: &websocket_anywhere::InputStream) {
    /// println!("{:?}", input.closed());
    /// # }
    /// ```
    #[must_use]
    pub fn closed(&self) -> Option<Closed> {
        self.source.closed()
    }

    /// What is known about the connection, as [`StreamWebSocket::information`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(input: &websocket_anywhere::InputStream) {
    /// println!("{:?}", input.information());
    /// # }
    /// ```
    #[must_use]
    pub fn information(&self) -> Information {
        self.source.information()
    }

    /// Waits until there are unread bytes, or the stream has ended and there never will be.
    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if self.is_shut {
            return Poll::Ready(Err(ErrorCode::Shut.into()));
        }
        if self.source.was_closed_here() {
            self.chunk = Bytes::new();
        }
        while self.chunk.is_empty() && !self.finished {
            match ready!(self.source.poll_chunk(cx)) {
                Ok(Some(Chunk::Message(message))) => self.chunk = message.into_bytes(),
                Ok(Some(Chunk::Part(part))) => self.chunk = part.bytes,
                Ok(None) => {
                    self.finished = true;
                    self.check_end()?;
                }
                Err(error) => {
                    // What cannot be read here is still there.
                    self.finished = self.source.check_thread().is_ok();
                    return Poll::Ready(Err(error));
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    /// A Close that says that something went wrong must not look like the end of the data.
    fn check_end(&self) -> Result<()> {
        match self.source.closed() {
            Some(closed) if !self.source.was_closed_here() && !closed.is_end_of_stream() => {
                Err(Error::closed_by_peer(closed))
            }
            _ => Ok(()),
        }
    }

    /// The bytes that [`poll_fill`](Self::poll_fill) waited for; empty at the end of the stream.
    pub(super) fn unread(&self) -> &[u8] {
        &self.chunk
    }

    /// Takes at most `limit` unread bytes, without a copy.
    pub(crate) fn take_unread(&mut self, limit: usize) -> Bytes {
        self.chunk.split_to(limit.min(self.chunk.len()))
    }

    /// Makes `bytes` unread again.
    pub(crate) fn put_back(&mut self, bytes: Bytes) {
        self.chunk = if self.chunk.is_empty() { bytes } else { [bytes, mem::take(&mut self.chunk)].concat().into() };
    }

    /// Nothing can be read any more.
    pub(crate) fn shut(&mut self) {
        self.is_shut = true;
        self.chunk = Bytes::new();
        self.source.discard();
    }

    /// Marks the first `amount` unread bytes as read.
    pub(super) fn mark_read(&mut self, amount: usize) {
        self.chunk.advance(amount.min(self.chunk.len()));
    }
}

impl OutputStream {
    pub(crate) const fn new(sink: Writer) -> Self {
        Self { sink, is_shut: false }
    }

    /// Waits until everything written has been handed to the platform, as [`StreamWebSocket::flush`].
    ///
    /// # Errors
    ///
    /// As [`StreamWebSocket::flush`].
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut output: websocket_anywhere::OutputStream) -> Result<(), websocket_anywhere::Error> {
    /// output.flush().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn flush(&mut self) -> Result<()> {
        poll_fn(|cx| self.poll_handed_over(cx)).await
    }

    /// Closes the connection in both directions, as [`StreamWebSocket::close`].
    ///
    /// # Errors
    ///
    /// As [`StreamWebSocket::close`].
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: once polled the handshake goes on without the future; call it again for the outcome.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut output: websocket_anywhere::OutputStream) -> Result<(), websocket_anywhere::Error> {
    /// output.close(websocket_anywhere::CloseCode::NORMAL, "done").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(&mut self, code: impl Into<CloseCode>, reason: &str) -> Result<Closed> {
        backend::close(&mut self.sink, code.into(), reason)?.await
    }

    /// How the connection ended, as [`StreamWebSocket::closed`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(output: &websocket_anywhere::OutputStream) {
    /// println!("{:?}", output.closed());
    /// # }
    /// ```
    #[must_use]
    pub fn closed(&self) -> Option<Closed> {
        self.sink.closed()
    }

    /// What is known about the connection, as [`StreamWebSocket::information`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(output: &websocket_anywhere::OutputStream) {
    /// println!("{:?}", output.information());
    /// # }
    /// ```
    #[must_use]
    pub fn information(&self) -> Information {
        self.sink.information()
    }

    /// How many bytes wait to be handed to the platform, as [`StreamWebSocket::buffered_amount`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(output: &websocket_anywhere::OutputStream) {
    /// println!("{}", output.buffered_amount());
    /// # }
    /// ```
    #[must_use]
    pub fn buffered_amount(&self) -> usize {
        self.sink.buffered_amount()
    }

    /// Puts the two halves of a stream together again.
    ///
    /// # Errors
    ///
    /// Gives both back if they are not of the same stream.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(stream: websocket_anywhere::StreamWebSocket) {
    /// let (input, output) = stream.split();
    /// let stream = output.reunite(input).unwrap();
    /// # }
    /// ```
    pub fn reunite(self, input: InputStream) -> Result<StreamWebSocket, ReuniteError<Self, InputStream>> {
        if input.source.is_half_of(&self.sink) {
            Ok(StreamWebSocket { input, output: self })
        } else {
            Err(ReuniteError::new(self, input))
        }
    }

    /// Sends the front of `bytes` as one message and tells its length.
    pub(crate) fn poll_send(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let bytes = &bytes[..bytes.len().min(MAX_MESSAGE_LEN)];
        let sink = self.open_sink()?;
        if !bytes.is_empty() {
            ready!(sink.poll_ready(cx))?;
            sink.start(&Payload::Slice(bytes))?;
        }
        Poll::Ready(Ok(bytes.len()))
    }

    pub(crate) fn poll_handed_over(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.open_sink()?.poll_flush(cx)
    }

    /// Nothing can be written any more, but a Close.
    pub(crate) const fn shut(&mut self) {
        self.is_shut = true;
    }

    fn open_sink(&mut self) -> Result<&mut Writer> {
        if self.is_shut { Err(ErrorCode::Shut.into()) } else { Ok(&mut self.sink) }
    }

    /// Sends what is queued and a Close with 1000, and waits for the end; an end without the peer's Close is an error.
    pub(super) fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let closed = ready!(backend::poll_close_normally(&mut self.sink, cx))?;
        if closed.was_clean() {
            return Poll::Ready(Ok(()));
        }
        // What was written last may not have arrived; a writer must not take it for delivered.
        ready!(self.sink.poll_flush(cx))?;
        Poll::Ready(Err(ErrorCode::Unanswered.into()))
    }
}

/// A browser delivers whole messages, so large data are sent in messages that it can hold (64 KiB).
const MAX_MESSAGE_LEN: usize = 64 * 1024;
