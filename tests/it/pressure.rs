//! A peer that does not read: sends wait, nothing is lost, and in the end they time out.

use std::time::Duration;

use websocket_anywhere::{CloseCode, Control, ErrorKind};

use crate::support::{
    message_socket, message_socket_with,
    pressure::{assert_sunk, fill, release},
    soon, test, unique_id,
    wire::pattern,
};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

#[test]
async fn sends_wait_for_a_peer_that_does_not_read_and_lose_nothing() {
    let id = unique_id();
    let message = pattern(0, 64 * KIB);
    let mut socket = message_socket(&format!("/slow-reader?id={id}")).await.unwrap();
    let mut count = fill(&mut socket, &message, MIB).await;
    assert!(count * message.len() >= MIB, "{count} messages do not fill the outbound buffer");
    release(&id).await;
    for _ in 0..16 {
        soon(socket.send(&message)).await.unwrap();
        count += 1;
    }
    soon(socket.flush()).await.unwrap();
    assert_eq!(socket.buffered_amount(), 0);
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
    assert_sunk(&id, std::iter::repeat_n(&message[..], count)).await;
}

#[test]
async fn close_sends_what_waits_first() {
    let id = unique_id();
    let message = pattern(0, 64 * KIB);
    let mut socket = message_socket(&format!("/slow-reader?id={id}")).await.unwrap();
    let count = fill(&mut socket, &message, MIB).await;
    let release = crate::support::spawn({
        let id = id.clone();
        async move { release(&id).await }
    });
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
    release.await;
    assert_sunk(&id, std::iter::repeat_n(&message[..], count)).await;
}

#[test]
async fn a_small_outbound_buffer_is_honoured() {
    for size in [0, 10 * KIB] {
        let id = unique_id();
        let message = pattern(0, KIB);
        let control = Control::new().outbound_buffer_size(size);
        let mut socket = message_socket_with(&format!("/slow-reader?id={id}"), control).await.unwrap();
        let mut count = fill(&mut socket, &message, size).await;
        release(&id).await;
        for _ in 0..200 {
            soon(socket.send(&message)).await.unwrap();
            count += 1;
            assert!(socket.buffered_amount() <= size + message.len() + 14, "{}", socket.buffered_amount());
        }
        assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
        assert_sunk(&id, std::iter::repeat_n(&message[..], count)).await;
    }
}

#[test]
async fn a_message_larger_than_the_outbound_buffer_is_sent() {
    let id = unique_id();
    let control = Control::new().outbound_buffer_size(1);
    let mut socket = message_socket_with(&format!("/sink?id={id}"), control).await.unwrap();
    let message = pattern(0, 3 * MIB);
    for _ in 0..3 {
        soon(socket.send(&message)).await.unwrap();
    }
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
    assert_sunk(&id, std::iter::repeat_n(&message[..], 3)).await;
}

#[test]
async fn a_peer_that_takes_nothing_for_send_timeout_fails_the_connection() {
    let control = Control::new().send_timeout(Duration::from_millis(500));
    let mut socket = message_socket_with("/slow-reader", control).await.unwrap();
    let message = pattern(0, 256 * KIB);
    let error = soon(async {
        for _ in 0..256 {
            if let Err(error) = socket.send(&message).await {
                return error;
            }
        }
        panic!("64 MiB were taken by a peer that does not read");
    })
    .await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let closed = socket.closed().unwrap();
    assert_eq!((closed.code(), closed.was_clean()), (CloseCode::ABNORMAL, false));
    assert_eq!(socket.send("later").await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(socket.flush().await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(soon(socket.receive()).await.unwrap(), None);
    assert_eq!(socket.try_receive().unwrap(), None);
}

#[test]
async fn a_receive_that_waits_learns_of_the_send_timeout() {
    let control = Control::new().send_timeout(Duration::from_millis(500));
    let (mut sender, mut receiver) = message_socket_with("/slow-reader", control).await.unwrap().split();
    let receiving = crate::support::spawn(async move { (receiver.receive().await, receiver.receive().await) });
    let message = pattern(0, 256 * KIB);
    while soon(sender.send(&message)).await.is_ok() {}
    let (first, second) = soon(receiving).await;
    assert_eq!(first.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(second.unwrap(), None);
}

#[test]
async fn an_idle_connection_does_not_time_out() {
    let control = Control::new().send_timeout(Duration::from_millis(20));
    let mut socket = message_socket_with("/echo", control).await.unwrap();
    socket.send("before").await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("before"));
    crate::support::sleep(Duration::from_millis(200)).await;
    socket.send("after").await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("after"));
}
