//! Connecting again and again.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use futures::Stream;

use crate::{
    address::without_user_info,
    backend::{Delay, Moment, fraction},
    control::Control,
    error::{Error, Result},
    message::MessageWebSocket,
    stream::StreamWebSocket,
};

/// An async iterator of connected sockets: whenever a connection is lost, call `next` for another (RFC 6455 section 7.2.3).
///
/// The first attempt starts at once. Each later one is preceded by a delay, by truncated binary exponential backoff with
/// jitter: a random time between half of a bound and the bound, which is `initial_delay` at first and doubles with every
/// attempt up to `max_delay`. The bound is reset once a connection has lasted `max_delay`; a connection that is lost sooner
/// counts as a failed attempt, so that a server which accepts and drops connections is not flooded. A response with
/// `Retry-After` (RFC 9110 section 10.2.3) adds that time to the delay, at most an hour (3600 s).
///
/// After a transient error ([`ErrorKind::is_transient`](crate::ErrorKind::is_transient)) another attempt is made. Any other
/// error, and the error of the last attempt that `max_attempts` allows, is returned; every later call returns `None`.
///
/// It is also a [`Stream`] of `Result<MessageWebSocket>`, or of `Result<StreamWebSocket>`.
///
/// # Cancel safety
///
/// An attempt belongs to this value, not to the future of [`next`](Self::next): if the future is dropped, the next call
/// continues the attempt.
///
/// # Platform notes
///
/// A browser does not report causes: every failure to connect is transient except one that the browser forbids
/// ([`NotAllowed`](crate::ErrorKind::NotAllowed)), and `Retry-After` is not known. Browsers may add delays of their own.
///
/// In a browser a delay also ends when the network comes back (`online`), or the page (`visibilitychange` to visible,
/// `pageshow`).
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> Result<(), websocket_anywhere::Error> {
/// use websocket_anywhere::{Control, Reconnect};
///
/// let mut sockets = Reconnect::new("wss://example.com/ticker", Control::new());
/// while let Some(socket) = sockets.next().await {
///     let mut socket = socket?; // it makes no sense to go on
///     while let Ok(Some(message)) = socket.receive().await {
///         println!("{message:?}");
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Reconnect<S = MessageWebSocket> {
    url: String,
    control: Control,
    initial_delay: Duration,
    max_delay: Duration,
    max_attempts: Option<u32>,
    /// Attempts in a row that failed.
    failures: u32,
    /// How often the bound of the delay has doubled.
    doublings: u32,
    last_error: Option<Error>,
    state: State<S>,
}

enum State<S> {
    /// The next attempt is made without a delay.
    New,
    Waiting(Delay),
    /// Nobody locks it: it makes the whole `Sync`.
    Connecting(Mutex<Connecting<S>>),
    /// A socket was given away.
    Given(Moment),
    Ended,
}

type Connecting<S> = Pin<Box<dyn Future<Output = Result<S>> + Send>>;

/// A socket type that [`Reconnect`] can connect: [`MessageWebSocket`] and [`StreamWebSocket`].
pub trait Connect: sealed::Connect {}

impl<S: sealed::Connect> Connect for S {}

impl Reconnect<MessageWebSocket> {
    /// Connects [`MessageWebSocket`]s, each as [`MessageWebSocket::connect_with`] would.
    ///
    /// # Errors
    ///
    /// An impossible URL or setting is the error of the first [`next`](Self::next).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Control, Reconnect};
    ///
    /// let sockets = Reconnect::new("wss://example.com/chat", Control::new()).max_attempts(Some(10));
    /// ```
    #[must_use]
    pub fn new(url: &str, control: Control) -> Self {
        Self::with(url, control)
    }
}

impl Reconnect<StreamWebSocket> {
    /// Connects [`StreamWebSocket`]s, each as [`StreamWebSocket::connect_with`] would.
    ///
    /// # Errors
    ///
    /// As [`Reconnect::new`].
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Control, Reconnect};
    ///
    /// let streams = Reconnect::new_stream("wss://example.com/tunnel", Control::new());
    /// ```
    #[must_use]
    pub fn new_stream(url: &str, control: Control) -> Self {
        Self::with(url, control)
    }
}

impl<S: Connect> Reconnect<S> {
    fn with(url: &str, control: Control) -> Self {
        Self {
            url: url.to_owned(),
            control,
            initial_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(60),
            max_attempts: None,
            failures: 0,
            doublings: 0,
            last_error: None,
            state: State::New,
        }
    }

    /// The bound of the first delay. Default: 1 s.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use websocket_anywhere::{Control, Reconnect};
    ///
    /// let sockets = Reconnect::new("wss://example.com", Control::new()).initial_delay(Duration::from_secs(5));
    /// ```
    #[must_use]
    pub fn initial_delay(mut self, delay: Duration) -> Self {
        self.initial_delay = delay;
        self
    }

    /// The longest bound of a delay, and how long a connection must last for the backoff to be reset. Default: 60 s.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use websocket_anywhere::{Control, Reconnect};
    ///
    /// let sockets = Reconnect::new("wss://example.com", Control::new()).max_delay(Duration::from_secs(10));
    /// ```
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// The number of consecutive attempts that may fail before the last error is returned; `None` for no limit, and 0 counts
    /// as 1. Default: `None`.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Control, Reconnect};
    ///
    /// let sockets = Reconnect::new("wss://example.com", Control::new()).max_attempts(Some(5));
    /// ```
    #[must_use]
    pub fn max_attempts(mut self, attempts: Option<u32>) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Waits for the next connected socket, or returns `None` after an error.
    ///
    /// # Errors
    ///
    /// Those of [`MessageWebSocket::connect_with`] that are not transient, and any error once `max_attempts` consecutive
    /// attempts have failed.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: the next call continues the attempt or the delay.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut sockets: websocket_anywhere::Reconnect) -> Result<(), websocket_anywhere::Error> {
    /// let socket = sockets.next().await.transpose()?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn next(&mut self) -> Option<Result<S>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// Makes the next attempt at once: ends the current delay, or skips the one that would follow.
    ///
    /// Call it for reasons that this crate cannot know: the user asks for it, or the network has changed. It changes neither
    /// the delays of later attempts nor an attempt in progress.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::pin::pin;
    ///
    /// use futures::future::{Either, select};
    /// use websocket_anywhere::{Error, MessageWebSocket, Reconnect};
    ///
    /// /// `button`: ready when the user asks for another attempt.
    /// async fn next(sockets: &mut Reconnect, mut button: impl AsyncFnMut()) -> Option<Result<MessageWebSocket, Error>> {
    ///     loop {
    ///         if let Either::Left((next, _)) = select(pin!(sockets.next()), pin!(button())).await {
    ///             return next;
    ///         }
    ///         sockets.retry_now();
    ///     }
    /// }
    /// ```
    pub fn retry_now(&mut self) {
        if let State::Waiting(_) | State::Given(_) = self.state {
            self.note_lasting();
            self.state = State::New;
        }
    }

    /// The number of consecutive failed attempts, for display.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Control, Reconnect};
    ///
    /// assert_eq!(Reconnect::new("wss://example.com", Control::new()).failures(), 0);
    /// ```
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// The error of the last attempt, or `None` if it succeeded.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Control, Reconnect};
    ///
    /// assert!(Reconnect::new("wss://example.com", Control::new()).last_error().is_none());
    /// ```
    #[must_use]
    pub const fn last_error(&self) -> Option<&Error> {
        self.last_error.as_ref()
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<S>>> {
        loop {
            match &mut self.state {
                State::New => self.state = State::Connecting(Mutex::new(self.attempt())),
                State::Ended => return Poll::Ready(None),
                State::Given(_) => {
                    self.note_lasting();
                    if let Err(error) = self.wait(Duration::ZERO) {
                        return self.end(error);
                    }
                }
                State::Waiting(delay) => match Pin::new(delay).poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(())) => self.state = State::Connecting(Mutex::new(self.attempt())),
                    Poll::Ready(Err(error)) => return self.end(error),
                },
                State::Connecting(attempt) => match unlocked(attempt).as_mut().poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(socket)) => {
                        self.state = State::Given(Moment::now());
                        (self.failures, self.last_error) = (0, None);
                        return Poll::Ready(Some(Ok(socket)));
                    }
                    Poll::Ready(Err(error)) => {
                        if let Err(error) = self.fail(error) {
                            return self.end(error);
                        }
                    }
                },
            }
        }
    }

    fn attempt(&self) -> Connecting<S> {
        S::connect(self.url.clone(), self.control.clone())
    }

    /// Lets the delays start over if the last connection has lasted.
    fn note_lasting(&mut self) {
        if let State::Given(since) = self.state {
            if since.elapsed() >= self.max_delay {
                self.doublings = 0;
            }
        }
    }

    /// Counts a failure, and waits unless it is the last.
    fn fail(&mut self, error: Error) -> Result<()> {
        self.failures = self.failures.saturating_add(1);
        self.last_error = Some(error.clone());
        let is_over = self.max_attempts.is_some_and(|most| self.failures >= most);
        if is_over || !error.kind().is_transient() {
            return Err(error);
        }
        let retry_after = error.response().and_then(|response| response.retry_after);
        self.wait(retry_after.unwrap_or_default().min(MAX_RETRY_AFTER))
    }

    /// Starts the next delay, which is at least `least`: who is told the same comes back at different times none the less.
    fn wait(&mut self, least: Duration) -> Result<()> {
        let factor = 1_u32.checked_shl(self.doublings).unwrap_or(u32::MAX);
        let bound = self.initial_delay.saturating_mul(factor).min(self.max_delay);
        self.doublings = self.doublings.saturating_add(1);
        let half = bound / 2;
        self.state = State::Waiting(Delay::start(least.saturating_add(half + half.mul_f64(fraction())))?);
        Ok(())
    }

    fn end(&mut self, error: Error) -> Poll<Option<Result<S>>> {
        self.state = State::Ended;
        Poll::Ready(Some(Err(error)))
    }
}

fn unlocked<T>(mutex: &mut Mutex<T>) -> &mut T {
    mutex.get_mut().unwrap_or_else(PoisonError::into_inner)
}

/// A server does not send a program to sleep for ever.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

impl<S: Connect> Stream for Reconnect<S> {
    type Item = Result<S>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

/// Shows no password.
impl<S> fmt::Debug for Reconnect<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Reconnect");
        debug.field("url", &without_user_info(&self.url)).field("failures", &self.failures).finish_non_exhaustive()
    }
}

mod sealed {
    use super::{Connecting, Control, MessageWebSocket, StreamWebSocket};

    pub trait Connect: Sized + 'static {
        fn connect(url: String, control: Control) -> Connecting<Self>;
    }

    impl Connect for MessageWebSocket {
        fn connect(url: String, control: Control) -> Connecting<Self> {
            Box::pin(async move { Self::connect_with(&url, control).await })
        }
    }

    impl Connect for StreamWebSocket {
        fn connect(url: String, control: Control) -> Connecting<Self> {
            Box::pin(async move { Self::connect_with(&url, control).await })
        }
    }
}
