//! Events: a handler that is called for what arrives, in the background.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{
    backend::{MaybeSend, Observer, Source},
    close::Closed,
    error::{Error, ErrorKind, Result},
    message::{Message, MessageReceiver, MessageSender, MessageWebSocket},
    stream::StreamWebSocket,
};

/// An event that a handler receives, in the order of arrival (UWP: the events `MessageReceived` and `Closed`).
///
/// A handler receives any number of messages, then exactly one [`Closed`](Self::Closed) or [`Failed`](Self::Failed), which
/// is the last event.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> Result<(), websocket_anywhere::Error> {
/// use websocket_anywhere::{Event, MessageWebSocket};
///
/// let mut socket = MessageWebSocket::connect("wss://example.com/chat").await?.listen(|event| match event {
///     Event::MessageReceived(message) => println!("{message:?}"),
///     Event::Closed(closed) => println!("closed with {closed}"),
///     Event::Failed(error) => println!("lost: {error}"),
/// });
/// socket.send("hello").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub enum Event {
    /// A whole message (UWP: `MessageReceived`). Never sent by a [`StreamWebSocket`], whose bytes are read.
    MessageReceived(Message),
    /// The peer's Close frame arrived, on its own or as the answer to this side's: the last event (UWP: `Closed`).
    Closed(Closed),
    /// The connection ended without the peer's Close frame, with the error that [`receive`](MessageWebSocket::receive) would
    /// return: the last event. UWP raises `MessageReceived` in this case, whose arguments then throw, and never `Closed`.
    Failed(Error),
}

impl MessageWebSocket {
    /// Calls `handler` for every message and for the end, in the background, and returns the sending half (UWP: the events
    /// `MessageReceived` and `Closed`).
    ///
    /// The handler receives everything that has arrived since the connection was opened. It is called from one task, never
    /// concurrently; while it runs nothing is read, so it should not block. It is dropped after its last event.
    ///
    /// The sending half now owns the socket: dropping it sends a Close frame without a code (UWP: `Dispose`), and the
    /// handler receives the end. [`MessageReceiver::listen`] is for a handler that owns the sending half.
    ///
    /// If the handler panics, the connection is closed with code 1011 (RFC 6455 section 7.4.1), and the sending half fails
    /// with [`HandlerPanicked`](ErrorKind::HandlerPanicked). The handler is not called again.
    ///
    /// Whole messages are delivered in either [`ReceiveMode`](crate::ReceiveMode).
    ///
    /// # Platform notes
    ///
    /// Natively the handler runs in a task of the tokio runtime that opened the socket, and must be `Send`; if that runtime
    /// shuts down first, the last event is `Failed` with [`NoRuntime`](ErrorKind::NoRuntime). In a browser it runs in a
    /// microtask of the thread that opened the socket, and the close code after a panic is 3011, because browsers cannot
    /// send 1011.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{Event, MessageWebSocket};
    ///
    /// let socket = MessageWebSocket::connect("wss://example.com/ticker").await?;
    /// let mut sender = socket.listen(|event| println!("{event:?}"));
    /// sender.send("subscribe").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "dropping the sending half closes the connection"]
    pub fn listen(self, handler: impl FnMut(Event) + MaybeSend + 'static) -> MessageSender {
        let (sender, receiver) = self.split();
        receiver.listen(handler);
        sender
    }
}

impl MessageReceiver {
    /// Calls `handler` for every message and for the end, as [`MessageWebSocket::listen`]. The handler may own the sending
    /// half, to answer, close or drop it.
    ///
    /// Dropping the sending half closes the connection. If it was dropped before, the connection stays open until the peer
    /// ends it.
    ///
    /// # Platform notes
    ///
    /// As [`MessageWebSocket::listen`].
    ///
    /// # Examples
    ///
    /// A handler cannot wait, but `try_send` needs no waiting, and a `send` that is polled once sends the message unless
    /// more than `outbound_buffer_size` bytes are unsent.
    ///
    /// ```no_run
    /// # fn run(socket: websocket_anywhere::MessageWebSocket) {
    /// use futures::FutureExt;
    /// use websocket_anywhere::{Event, Message};
    ///
    /// let (mut sender, receiver) = socket.split();
    /// receiver.listen(move |event| {
    ///     if let Event::MessageReceived(message) = event {
    ///         match sender.send(message).now_or_never() {
    ///             Some(result) => println!("answered: {result:?}"),
    ///             None => println!("too much is unsent"),
    ///         }
    ///     }
    /// });
    /// # }
    /// ```
    pub fn listen(mut self, handler: impl FnMut(Event) + MaybeSend + 'static) {
        self.source.detach();
        self.source.spawner().spawn(deliver(self, Handler(Some(handler))));
    }
}

impl StreamWebSocket {
    /// Calls `handler` once, in the background, when the connection has ended: with [`Event::Closed`] or [`Event::Failed`]
    /// (UWP: the event `Closed`). The program reads and writes as before.
    ///
    /// The handler may be called before the program has read the last bytes. If there are several handlers, each is called.
    /// A handler does not keep the connection open: dropping the socket or both of its halves closes it.
    ///
    /// # Platform notes
    ///
    /// As [`MessageWebSocket::listen`]. Natively the end is noticed within a second even if the program does not read,
    /// unless more than `inbound_buffer_size` bytes are unread.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut stream: websocket_anywhere::StreamWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// stream.listen(|event| println!("{event:?}"));
    /// while let Some(chunk) = stream.read_chunk().await? {
    ///     println!("{} bytes", chunk.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn listen(&self, handler: impl FnMut(Event) + MaybeSend + 'static) {
        let mut observer = self.input.source.observer();
        let mut handler = Handler(Some(handler));
        self.input.source.spawner().spawn(async move {
            let end = poll_fn(|cx| observer.poll_end(cx)).await;
            handler.finish(end);
        });
    }
}

/// Hands on what a socket receives, then how it ended.
async fn deliver(mut receiver: MessageReceiver, mut handler: Handler<impl FnMut(Event)>) {
    let end = loop {
        match receiver.receive().await {
            Ok(Some(message)) => {
                if !handler.call(Event::MessageReceived(message)) {
                    // First: the handler may own the sending half, which is dropped with it.
                    receiver.source.fail(panicked());
                    return handler.end();
                }
            }
            Ok(None) => {
                let mut observer = receiver.source.observer();
                break poll_fn(|cx| observer.poll_end(cx)).await;
            }
            Err(error) => break Err(error),
        }
    };
    handler.finish(end);
}

/// The end of a connection whose handler panicked.
pub(crate) fn panicked() -> Error {
    Error::new(ErrorKind::HandlerPanicked, "the event handler panicked")
}

/// The user's handler until its last event. Dropped before that, it is told that its runtime is gone.
struct Handler<H: FnMut(Event)>(Option<H>);

impl<H: FnMut(Event)> Handler<H> {
    /// Tells of an event; false if the handler panicked.
    fn call(&mut self, event: Event) -> bool {
        self.0.as_mut().is_some_and(|handler| catch_unwind(AssertUnwindSafe(|| handler(event))).is_ok())
    }

    /// Tells of the last event. A panic has nothing left to end.
    fn finish(&mut self, end: Result<Closed>) {
        self.call(end.map_or_else(Event::Failed, Event::Closed));
        self.end();
    }

    fn end(&mut self) {
        self.0 = None;
    }
}

impl<H: FnMut(Event)> Drop for Handler<H> {
    fn drop(&mut self) {
        if self.0.is_some() {
            self.finish(Err(Error::new(ErrorKind::NoRuntime, "the tokio runtime shut down")));
        }
    }
}
