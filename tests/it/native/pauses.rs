//! Signs of life over real sockets: a program that pauses, and a peer that is busy with what it has.

use std::{net::Ipv4Addr, thread, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket},
    time::{sleep, timeout},
};
use websocket_anywhere::{CloseCode, Control, MessageWebSocket};

use super::memory_pipe::accept;
use crate::support::{message_socket_with, peer, soon};

/// Nobody on this thread can look, or the whole process is stopped: for the connection it is the same.
#[test]
fn a_thread_that_was_blocked_does_not_take_its_peer_for_dead() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let limit = Duration::from_millis(300);
    runtime.block_on(async {
        // The peer has threads of its own, and answers pings.
        let control = Control::new().receive_timeout(limit);
        let mut socket = message_socket_with("/echo", control).await.unwrap();
        for pause in [2, 3, 5] {
            thread::sleep(limit * pause);
            let idle = timeout(limit * 3, socket.receive()).await;
            assert!(idle.is_err(), "nothing comes, and nothing fails: {idle:?}");
        }
        soon(socket.send("still here")).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("still here"));
    });
}

/// A server over TCP whose system holds little, so that the client's system has to hold the rest.
async fn small_server() -> (TcpListener, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let listener = socket.listen(1).unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    (listener, url)
}

/// Only Linux tells how much of what was sent the peer has taken.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_peer_that_takes_a_long_message_slowly_lives_and_gets_all_of_it() {
    const LEN: usize = 3_000_000;
    let (listener, url) = small_server().await;
    let server = tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        accept(&mut tcp, "").await;
        let mut piece = vec![0; 64 * 1024];
        let (mut taken, mut tail) = (0, Vec::new());
        // The slowness is what is tested: ten times as long as `receive_timeout` in all, and no answer to any ping. The Close
        // is the last that comes, and has two bytes.
        while taken < LEN || !(tail.len() >= 8 && tail[tail.len() - 8..].starts_with(&[0x88, 0x82])) {
            sleep(Duration::from_millis(60)).await;
            let amount = soon(tcp.read(&mut piece)).await.unwrap();
            assert_ne!(amount, 0, "{taken} bytes and no Close");
            taken += amount;
            tail = [&tail[tail.len().saturating_sub(8)..], &piece[..amount]].concat();
        }
        tcp.write_all(b"\x88\x02\x03\xe8").await.unwrap();
    });
    let control = Control::new().receive_timeout(Duration::from_millis(300)).close_timeout(Duration::from_millis(700));
    let mut socket = soon(MessageWebSocket::connect_with(&url, control)).await.unwrap();
    soon(socket.send(vec![0; LEN])).await.unwrap();
    let mut idle = Box::pin(socket.receive());
    assert!(timeout(Duration::from_secs(1), &mut idle).await.is_err(), "it is busy, not dead");
    drop(idle);
    let closed = soon(socket.close(CloseCode::NORMAL, "")).await.unwrap();
    assert!(closed.was_clean(), "{closed:?}: close_timeout begins when the Close has left the system");
    server.await.unwrap();
}

#[tokio::test]
async fn a_peer_that_has_everything_and_answers_nothing_is_dead() {
    let control = Control::new().receive_timeout(Duration::from_millis(300));
    let mut socket = soon(MessageWebSocket::connect_with(&peer("/accept-then-silent"), control)).await.unwrap();
    soon(socket.send(vec![0; 10_000])).await.unwrap();
    let error = soon(socket.receive()).await.unwrap_err();
    assert!(error.to_string().contains("sign of life"), "{error}");
}
