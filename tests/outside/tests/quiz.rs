//! The quiz against a peer that the tests direct, and the sockets in memory by themselves.

use std::time::Duration;

use futures::join;
use outside::{Outcome, play};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use tokio::test;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
use wasm_bindgen_test::wasm_bindgen_test as test;
use websocket_anywhere::{CloseCode, Control, ErrorKind, MessageWebSocket, Result, StreamWebSocket, test_util};

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

fn answer(question: &str) -> String {
    if question == "6 times 7" { "42".to_owned() } else { "no idea".to_owned() }
}

#[test]
async fn a_quiz_is_played_to_its_end() -> Result<()> {
    let (socket, mut peer) = test_util::message_peer(Control::new())?;
    let script = async {
        peer.expect("ready").await;
        peer.send("6 times 7").await?;
        peer.expect("42").await;
        peer.send("8 times 9").await?;
        assert_eq!(peer.receive().await?.unwrap().as_text(), Some("no idea"));
        peer.send("points 1").await?;
        let closed = peer.expect_close().await;
        assert_eq!((closed.code(), closed.reason()), (CloseCode::NORMAL, "thanks"));
        Ok::<_, websocket_anywhere::Error>(())
    };
    let (outcome, script) = join!(play(socket, answer), script);
    script?;
    assert_eq!(outcome?, Outcome::Points(1));
    Ok(())
}

#[test]
async fn a_server_may_send_a_player_away() -> Result<()> {
    let (socket, mut peer) = test_util::message_peer(Control::new())?;
    let script = async {
        peer.expect("ready").await;
        peer.close(4000, "too late").await
    };
    let (outcome, closed) = join!(play(socket, answer), script);
    assert!(closed?.was_clean());
    assert_eq!(outcome?, Outcome::SentAway("too late".to_owned()));
    Ok(())
}

#[test]
async fn a_server_may_vanish_behind_its_last_question() -> Result<()> {
    let (socket, mut peer) = test_util::message_peer(Control::new())?;
    peer.send("6 times 7").await?;
    let script = async {
        peer.expect("ready").await;
        peer.expect("42").await;
        peer.drop().await;
    };
    let (outcome, ()) = join!(play(socket, answer), script);
    assert_eq!(outcome?, Outcome::Lost);
    Ok(())
}

#[test]
async fn a_server_may_stall_and_a_heartbeat_notices() -> Result<()> {
    let limit = Duration::from_millis(200);
    let control = Control::new().heartbeat("beat", limit / 4, limit);
    let (socket, mut peer) = test_util::message_peer(control)?;
    let script = async {
        peer.expect("ready").await;
        peer.stall();
    };
    let (outcome, ()) = join!(play(socket, answer), script);
    assert_eq!(outcome?, Outcome::Lost);
    Ok(())
}

#[test]
async fn a_close_and_a_send_do_not_wait_for_ever_for_a_peer_that_stalls() -> Result<()> {
    let limit = Duration::from_millis(200);
    let control = Control::new().close_timeout(limit).send_timeout(limit).outbound_buffer_size(0);
    let (mut socket, mut peer) = test_util::message_peer(control.clone())?;
    peer.stall();
    assert!(!socket.close(CloseCode::NORMAL, "").await?.was_clean());
    let (mut socket, mut peer) = test_util::message_peer(control)?;
    peer.stall();
    let error = loop {
        if let Err(error) = socket.send(vec![0; 100_000]).await {
            break error;
        }
    };
    assert_eq!(error.kind(), ErrorKind::Timeout);
    // Even then it can vanish.
    peer.drop().await;
    Ok(())
}

#[test]
async fn what_was_sent_before_the_peer_vanished_arrives() -> Result<()> {
    let (mut socket, mut peer) = test_util::message_peer(Control::new())?;
    for number in 0..100 {
        peer.send(number.to_string()).await?;
    }
    peer.drop().await;
    for number in 0..100 {
        assert_eq!(socket.receive().await?.unwrap().as_text(), Some(&*number.to_string()));
    }
    assert_eq!(socket.receive().await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
    assert_eq!(socket.receive().await?, None);
    assert!(socket.send("late").await.is_err());
    Ok(())
}

#[test]
async fn streams_have_peers_too() -> Result<()> {
    let (mut stream, mut peer) = test_util::stream_peer(Control::new())?;
    peer.send(b"bytes").await?;
    assert_eq!(stream.read_chunk().await?.unwrap(), &b"bytes"[..]);
    peer.send("text").await?;
    assert_eq!(stream.read_chunk().await.unwrap_err().kind(), ErrorKind::UnexpectedText);
    Ok(())
}

#[test]
async fn two_sockets_and_two_streams_are_pairs() -> Result<()> {
    let (mut one, mut other) = MessageWebSocket::pair(Control::new())?;
    one.send("over").await?;
    assert_eq!(other.receive().await?.unwrap().as_text(), Some("over"));
    let (one, mut other) = StreamWebSocket::pair(Control::new())?;
    drop(one);
    assert_eq!(other.read_chunk().await?, None);
    Ok(())
}
