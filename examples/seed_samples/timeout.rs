//! "Setting timeouts on WebSocket operations": gives up connecting after a time; 5 s in the sample.

use std::time::Duration;

use websocket_anywhere::{Control, Error, ErrorKind, MessageWebSocket};

/// The socket, or `None` if connecting timed out.
///
/// A dropped future cancels what it does, so that `tokio::time::timeout` around `connect` does the same.
pub(crate) async fn connect_within(url: &str, limit: Duration) -> Result<Option<MessageWebSocket>, Error> {
    let control = Control::new().connect_timeout(limit);
    match MessageWebSocket::connect_with(url, control).await {
        // Add code here to use the MessageWebSocket.
        Ok(socket) => Ok(Some(socket)),
        Err(error) if error.kind() == ErrorKind::Timeout => Ok(None),
        Err(error) => Err(error),
    }
}
