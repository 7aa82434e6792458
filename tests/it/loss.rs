//! Connections that are lost: what arrived is delivered, then one error, then nothing for ever.

use std::error::Error as _;

use futures::AsyncReadExt;
use websocket_anywhere::{CloseCode, Error, ErrorKind, HResult, MessageWebSocket, WebErrorStatus};

use crate::support::{
    BROWSER, known, message_socket, message_socket_without_backpressure, receive_to_end, soon, stream_socket, test,
};

#[test]
async fn tcp_that_ends_without_a_close_is_a_loss() {
    let mut socket = message_socket("/drop?messages=100").await.unwrap();
    let (texts, error) = receive_to_end(&mut socket).await;
    assert_eq!(texts, (0..100).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_lost(&error.unwrap());
    assert_stays_lost(&mut socket).await;
}

#[test]
async fn tcp_that_ends_at_once_is_a_loss() {
    let mut socket = message_socket("/drop").await.unwrap();
    let (texts, error) = receive_to_end(&mut socket).await;
    assert!(texts.is_empty());
    assert_lost(&error.unwrap());
    assert_stays_lost(&mut socket).await;
}

#[test]
async fn a_reset_is_a_loss() {
    let mut socket = message_socket("/reset?messages=3").await.unwrap();
    let (texts, error) = receive_to_end(&mut socket).await;
    // A system may drop what was not read when the reset came, from the end.
    assert!(["0", "1", "2"].starts_with(&texts.iter().map(String::as_str).collect::<Vec<_>>()), "{texts:?}");
    assert_lost(&error.unwrap());
    assert_stays_lost(&mut socket).await;
}

#[test]
async fn a_message_that_was_cut_off_is_not_delivered() {
    let mut socket = message_socket("/half-message").await.unwrap();
    let (texts, error) = receive_to_end(&mut socket).await;
    assert!(texts.is_empty(), "{texts:?}");
    assert_lost(&error.unwrap());
    assert_stays_lost(&mut socket).await;
}

#[test]
async fn tcp_that_ends_inside_a_frame_is_a_loss() {
    // A text, then: a header cut off; a length cut off; a payload cut off; a Close cut off.
    for cut in ["82", "827e00", "82020a", "880203"] {
        let mut socket = message_socket(&format!("/raw?hex=81026f6b{cut}&then=drop")).await.unwrap();
        let (texts, error) = receive_to_end(&mut socket).await;
        assert_eq!(texts, ["ok"], "{cut}");
        assert_lost(&error.unwrap());
    }
}

#[test]
async fn both_halves_see_the_loss() {
    let (mut sender, mut receiver) = message_socket("/drop?messages=1").await.unwrap().split();
    assert_eq!(soon(receiver.receive()).await.unwrap().unwrap().as_text(), Some("0"));
    assert_lost(&soon(receiver.receive()).await.unwrap_err());
    assert_eq!(soon(receiver.receive()).await.unwrap(), None);
    assert_eq!(soon(sender.send("late")).await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
    assert_eq!(sender.closed().unwrap().code(), CloseCode::ABNORMAL);
    assert_eq!(receiver.closed(), sender.closed());
}

#[test]
async fn a_peer_that_vanishes_fails_the_sends_of_a_program_that_only_sends() {
    let (mut sender, _receiver) = message_socket_without_backpressure("/reset").await.unwrap().split();
    let error = soon(async {
        loop {
            if let Err(error) = sender.send(vec![0; 4096]).await {
                break error;
            }
            crate::support::yield_now().await;
        }
    });
    assert_eq!(error.await.kind(), ErrorKind::ConnectionAborted);
    // That a send fails decides nothing: the peer's Close could lie unread.
    assert_eq!(known(|| sender.closed()).await.code(), CloseCode::ABNORMAL);
}

#[test]
async fn a_stream_that_is_lost_gives_its_bytes_then_one_error() {
    let mut stream = stream_socket("/raw?hex=8203010203&then=drop").await.unwrap();
    let mut bytes = [0; 3];
    soon(stream.read_exact(&mut bytes)).await.unwrap();
    assert_eq!(bytes, [1, 2, 3]);
    let error = soon(stream.read(&mut bytes)).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionAborted);
    let inner = error.get_ref().unwrap().downcast_ref::<Error>().unwrap();
    assert_lost(inner);
    assert_eq!(soon(stream.read(&mut bytes)).await.unwrap(), 0, "an error comes once");
    assert_eq!(stream.closed().unwrap().code(), CloseCode::ABNORMAL);
}

#[test]
async fn a_loss_inside_a_message_of_a_stream_gives_the_bytes_that_arrived() {
    let mut stream = stream_socket("/raw?hex=82030102&then=drop").await.unwrap();
    if !BROWSER {
        // A browser delivers whole messages.
        let mut bytes = [0; 2];
        soon(stream.read_exact(&mut bytes)).await.unwrap();
        assert_eq!(bytes, [1, 2]);
    }
    assert_lost(&soon(stream.read_chunk()).await.unwrap_err());
    assert_eq!(soon(stream.read_chunk()).await.unwrap(), None);
}

#[track_caller]
fn assert_lost(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::ConnectionAborted, "{error:?}");
    assert_eq!(error.hresult(), HResult::WININET_E_CONNECTION_ABORTED);
    assert_eq!(error.hresult().code(), 0x8007_2EFE);
    assert_eq!(error.status(), WebErrorStatus::ConnectionAborted);
    assert!(BROWSER || error.source().is_some(), "the cause is missing: {error:?}");
}

async fn assert_stays_lost(socket: &mut MessageWebSocket) {
    let closed = socket.closed().unwrap();
    assert_eq!((closed.code(), closed.reason(), closed.was_clean()), (CloseCode::ABNORMAL, "", false));
    assert_eq!(soon(socket.send("late")).await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
    assert_eq!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap(), closed);
    assert_eq!(socket.closed(), Some(closed));
    assert_eq!(soon(socket.receive()).await.unwrap(), None);
}
