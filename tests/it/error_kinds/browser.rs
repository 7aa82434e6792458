//! Errors that only programs in a browser meet.

use websocket_anywhere::{Control, Error};

use crate::{
    browser::mocks::not_allowed,
    support::{message_socket_with, message_socket_without_backpressure, soon, yield_now},
};

pub(super) async fn errors() -> Vec<Error> {
    let option = Control::new().root_certificate(&b"unused"[..]);
    vec![message_socket_with("/echo", option).await.unwrap_err(), inbound_buffer_full().await, not_allowed().await]
}

async fn inbound_buffer_full() -> Error {
    let mut socket =
        message_socket_without_backpressure(&format!("/flood?bytes={}&size={}", 80 << 20, 1 << 20)).await.unwrap();
    soon(async {
        while socket.closed().is_none() {
            yield_now().await;
        }
        loop {
            if let Err(error) = socket.receive().await {
                return error;
            }
        }
    })
    .await
}
