//! A scripted peer in memory, for tests without a server on every target (feature `test-util`).
//!
//! [`message_peer`] and [`stream_peer`] connect a socket of the program under test to a [`Peer`], which expects, sends,
//! closes, stalls and vanishes as the test directs. If two ordinary sockets are enough, use
//! [`MessageWebSocket::pair`](crate::MessageWebSocket::pair).
//!
//! A panic of a `Peer` is a failed test. Do not enable the feature in programs.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use crate::{
    backend::{Delay, Line},
    close::{CloseCode, Closed},
    control::Control,
    error::Result,
    message::{Message, MessageWebSocket, Payload},
    pair,
    stream::StreamWebSocket,
};

/// Creates a [`MessageWebSocket`] and its peer, connected in memory.
///
/// # Errors
///
/// As [`MessageWebSocket::pair`].
///
/// # Examples
///
/// ```
/// use websocket_anywhere::{Control, MessageWebSocket, test_util};
///
/// /// What is to be tested.
/// async fn greet(socket: &mut MessageWebSocket) -> Result<String, websocket_anywhere::Error> {
///     socket.send("hello").await?;
///     Ok(socket.receive().await?.map_or_else(String::new, |message| message.as_text().unwrap_or_default().to_owned()))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), websocket_anywhere::Error> {
/// let (mut socket, mut peer) = test_util::message_peer(Control::new())?;
/// let script = async {
///     peer.expect("hello").await;
///     peer.send("welcome").await
/// };
/// let (greeting, sent) = futures::join!(greet(&mut socket), script);
/// sent?;
/// assert_eq!(greeting?, "welcome");
/// # Ok(())
/// # }
/// ```
pub fn message_peer(control: Control) -> Result<(MessageWebSocket, Peer)> {
    let limits = control.message_limits();
    let ([socket, other], line) = pair::open(&control, [limits; 2])?;
    let modes = control.message_modes();
    Ok((MessageWebSocket::new(socket, modes), Peer::new(MessageWebSocket::new(other, modes), line)))
}

/// Creates a [`StreamWebSocket`] and its peer, connected in memory. The peer receives messages, and may send text, which is
/// an error for the stream.
///
/// # Errors
///
/// As [`StreamWebSocket::pair`].
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), websocket_anywhere::Error> {
/// use websocket_anywhere::{Control, ErrorKind, test_util};
///
/// let (mut stream, mut peer) = test_util::stream_peer(Control::new())?;
/// peer.send("text").await?;
/// assert_eq!(stream.read_chunk().await.unwrap_err().kind(), ErrorKind::UnexpectedText);
/// # Ok(())
/// # }
/// ```
pub fn stream_peer(control: Control) -> Result<(StreamWebSocket, Peer)> {
    let limits = [control.stream_limits()?, control.message_limits()];
    let ([socket, other], line) = pair::open(&control, limits)?;
    Ok((StreamWebSocket::new(socket), Peer::new(MessageWebSocket::new(other, control.message_modes()), line)))
}

/// The other end of a socket under test.
///
/// Dropping it in the ordinary way closes the connection without a code, as for any socket; [`drop`](Self::drop) lets it
/// vanish.
///
/// # Examples
///
/// As those of [`message_peer`].
#[derive(Debug)]
pub struct Peer {
    socket: MessageWebSocket,
    line: Line,
    is_stalled: bool,
}

impl Peer {
    const fn new(socket: MessageWebSocket, line: Line) -> Self {
        Self { socket, line, is_stalled: false }
    }

    /// Receives the next message, as [`MessageWebSocket::receive`], and panics if it differs from `message`, if the
    /// connection ends, or if nothing arrives within 10 s.
    ///
    /// # Panics
    ///
    /// In these cases.
    ///
    /// # Cancel safety
    ///
    /// As [`MessageWebSocket::receive`]: nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), websocket_anywhere::Error> {
    /// # let (mut socket, mut peer) = websocket_anywhere::test_util::message_peer(websocket_anywhere::Control::new())?;
    /// socket.send(b"bytes").await?;
    /// peer.expect(b"bytes").await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn expect(&mut self, message: impl Into<Message>) {
        let expected = message.into();
        match soon(self.socket.receive(), &expected).await {
            Ok(Some(message)) => assert_eq!(message, expected, "another message was expected"),
            Ok(None) => panic!("{expected:?} was expected, but the socket has closed: {:?}", self.socket.closed()),
            Err(error) => panic!("{expected:?} was expected, but the connection has ended: {error}"),
        }
    }

    /// Waits for the Close frame of the socket under test (RFC 6455 section 5.5.1), and panics if a message or an error
    /// comes before it, or if nothing arrives within 10 s.
    ///
    /// # Panics
    ///
    /// In these cases.
    ///
    /// # Cancel safety
    ///
    /// As [`MessageWebSocket::receive`]: nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), websocket_anywhere::Error> {
    /// # let (mut socket, mut peer) = websocket_anywhere::test_util::message_peer(websocket_anywhere::Control::new())?;
    /// let (closed, seen) = futures::join!(socket.close(4000, "done"), peer.expect_close());
    /// assert_eq!((closed?.was_clean(), seen.reason()), (true, "done"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn expect_close(&mut self) -> Closed {
        match soon(self.socket.receive(), &"a Close").await {
            Ok(None) => self.socket.closed().unwrap_or_else(|| panic!("the connection has ended without a Close")),
            Ok(Some(message)) => panic!("a Close was expected, but {message:?} came"),
            Err(error) => panic!("a Close was expected, but the connection has ended: {error}"),
        }
    }

    /// Receives the next message, as [`MessageWebSocket::receive`].
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::receive`], which it is as cancel-safe as.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), websocket_anywhere::Error> {
    /// # let (mut socket, mut peer) = websocket_anywhere::test_util::message_peer(websocket_anywhere::Control::new())?;
    /// socket.send("42").await?;
    /// assert!(peer.receive().await?.is_some_and(|message| message.as_text().is_some()));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn receive(&mut self) -> Result<Option<Message>> {
        self.socket.receive().await
    }

    /// Sends a message.
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::send`], which it is as cancel-safe as.
    ///
    /// # Examples
    ///
    /// As those of [`message_peer`].
    pub async fn send(&mut self, message: impl Into<Payload<'_>>) -> Result<()> {
        self.socket.send(message).await
    }

    /// Closes, and waits for the answer of the socket under test.
    ///
    /// # Errors
    ///
    /// As [`MessageWebSocket::close`], which it is as cancel-safe as.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), websocket_anywhere::Error> {
    /// # let (mut socket, mut peer) = websocket_anywhere::test_util::message_peer(websocket_anywhere::Control::new())?;
    /// let (closed, received) = futures::join!(peer.close(4001, "maintenance"), socket.receive());
    /// assert_eq!((closed?.was_clean(), received?), (true, None));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(&mut self, code: impl Into<CloseCode>, reason: &str) -> Result<Closed> {
        self.socket.close(code, reason).await
    }

    /// Stops reading and answering, including pings and Close frames (RFC 6455 section 5.5), like a peer behind a dead
    /// network.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{CloseCode, Control, test_util};
    ///
    /// let (mut socket, mut peer) = test_util::message_peer(Control::new())?;
    /// peer.stall();
    /// assert!(!socket.close(CloseCode::NORMAL, "").await?.was_clean(), "after close_timeout");
    /// # Ok(())
    /// # }
    /// ```
    pub fn stall(&mut self) {
        self.is_stalled = true;
        self.line.stall();
    }

    /// Ends the connection without a Close frame, after what the peer has sent (RFC 6455 section 7.1.5): the socket under
    /// test fails with [`ConnectionAborted`](crate::ErrorKind::ConnectionAborted). Messages from the socket that the peer
    /// has not received are lost.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before completion closes the connection, like dropping the peer.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{Control, ErrorKind, test_util};
    ///
    /// let (mut socket, peer) = test_util::message_peer(Control::new())?;
    /// peer.drop().await;
    /// assert_eq!(socket.receive().await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn drop(mut self) {
        if !self.is_stalled {
            // If it fails, there is nothing left to send.
            let _ = self.socket.flush().await;
        }
        self.line.cut();
    }
}

/// Fails a test that would wait for ever.
async fn soon<T>(future: impl Future<Output = T>, expected: &dyn std::fmt::Debug) -> T {
    let mut future = pin!(future);
    let mut limit = pin!(async {
        match Delay::start(PATIENCE) {
            Ok(delay) => delay.await,
            Err(error) => Err(error),
        }
    });
    poll_fn(|cx| match Pin::as_mut(&mut future).poll(cx) {
        Poll::Ready(output) => Poll::Ready(output),
        Poll::Pending if Pin::as_mut(&mut limit).poll(cx).is_ready() => {
            panic!("{expected:?} was expected, but nothing came within {PATIENCE:?}")
        }
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// How long a peer waits for what it expects.
const PATIENCE: Duration = Duration::from_secs(10);
