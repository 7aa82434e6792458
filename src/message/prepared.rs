//! Messages that go to many.

use std::sync::Arc;

use super::{Message, Payload};
use crate::protocol::deflate::Forms;

/// A message for many connections, compressed once for all of them.
///
/// Send it by [`send`](crate::MessageWebSocket::send), [`feed`](crate::MessageWebSocket::feed) or
/// [`try_send`](crate::MessageWebSocket::try_send). Connections without context takeover (on a server,
/// [`server_no_context_takeover`](crate::Compression::server_no_context_takeover); RFC 7692 section 7.1.1.1) that have the
/// same level and window share one compressed form: the first send makes it, and concurrent sends wait for it.
///
/// With context takeover each connection compresses on its own, because the result depends on its earlier messages. Without
/// compression nothing is shared, and cloning a [`Message`] is as cheap.
///
/// Clones share the message and its compressed forms. Up to 8 forms are kept; further ones are compressed for each send.
///
/// # Platform notes
///
/// In a browser, which compresses by itself, it is an ordinary message.
///
/// # Examples
///
/// ```no_run
/// # async fn run(clients: &mut [websocket_anywhere::MessageWebSocket]) -> Result<(), websocket_anywhere::Error> {
/// use websocket_anywhere::PreparedMessage;
///
/// let news = PreparedMessage::new("the news");
/// for client in clients {
///     client.send(&news).await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct PreparedMessage(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    message: Message,
    forms: Forms,
}

impl PreparedMessage {
    /// Prepares a message, as [`MessageWebSocket::send`](crate::MessageWebSocket::send) takes it: text from `&str`, `String` or
    /// [`Text`](crate::Text), binary from bytes. Nothing is made before it is sent.
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{Message, PreparedMessage};
    ///
    /// assert_eq!(PreparedMessage::new("hi").message(), &Message::from("hi"));
    /// ```
    #[must_use]
    pub fn new(message: impl Into<Message>) -> Self {
        Self(Arc::new(Shared { message: message.into(), forms: Forms::default() }))
    }

    /// The message, as [`TrySendError::into_message`](crate::TrySendError::into_message) gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(websocket_anywhere::PreparedMessage::new("hi").message().as_text(), Some("hi"));
    /// ```
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.0.message
    }

    /// What compression has made of it.
    #[allow(dead_code, reason = "a browser compresses by itself")]
    pub(crate) fn forms(&self) -> &Forms {
        &self.0.forms
    }
}

/// The same message, whatever has been made of it.
impl PartialEq for PreparedMessage {
    fn eq(&self, other: &Self) -> bool {
        self.message() == other.message()
    }
}

impl Eq for PreparedMessage {}

impl<'a> From<&'a PreparedMessage> for Payload<'a> {
    fn from(message: &'a PreparedMessage) -> Self {
        Self::Prepared(message)
    }
}
