//! "Advanced options for MessageWebSocket and StreamWebSocket".

use websocket_anywhere::{Control, Error, StreamWebSocket};

/// By default, the Nagle algorithm is not used. This overrides that, and causes it to be used.
///
/// Settings are a value that connecting consumes: none can be changed too late.
pub(crate) async fn no_delay(url: &str) -> Result<StreamWebSocket, Error> {
    let control = Control::new().no_delay(false);
    StreamWebSocket::connect_with(url, control).await
}
