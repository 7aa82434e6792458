//! "Secure your connection with TLS/SSL".

use websocket_anywhere::{Control, Error, MessageWebSocket};

/// Connects to a `wss:` address. `control` is `Control::new()` for a server that the platform trusts.
pub(crate) async fn secure(url: &str, control: Control) -> Result<MessageWebSocket, Error> {
    MessageWebSocket::connect_with(url, control).await
}
