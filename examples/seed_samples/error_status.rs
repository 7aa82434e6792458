//! "Handling exceptions": what went wrong, as an HRESULT and as a `WebErrorStatus`.

use websocket_anywhere::{HResult, MessageWebSocket, WebErrorStatus, WebSocketError};

/// Connects, and tells why that failed, if it failed. [`Error::status`](websocket_anywhere::Error::status) does both steps.
pub(crate) async fn error_status(url: &str) -> Option<(HResult, WebErrorStatus)> {
    match MessageWebSocket::connect(url).await {
        Ok(_) => None,
        Err(error) => {
            let web_error_status = WebSocketError::get_status(error.hresult());
            // Add code here to handle errors.
            Some((error.hresult(), web_error_status))
        }
    }
}
