//! `Control::heartbeat`: a peer whose program is silent is noticed on every target, and no other.

use std::time::Duration;

use websocket_anywhere::{CloseCode, Control, ErrorKind, Message};

use crate::support::{
    BROWSER, lines, message_socket, message_socket_with, now, report, shows_progress, sleep, soon, test, unique_id,
    wire::pattern,
};

const INTERVAL: Duration = Duration::from_millis(50);
const TIMEOUT: Duration = Duration::from_millis(600);

fn beating() -> Control {
    Control::new().heartbeat("beat", INTERVAL, TIMEOUT)
}

#[test]
async fn a_peer_that_sends_nothing_is_noticed_though_its_system_answers() {
    // One answers the pings that are sent to it, the other nothing at all.
    for (path, control) in [("/mute", beating().receive_timeout(TIMEOUT / 6)), ("/never-close", beating())] {
        let id = unique_id();
        let mut socket = message_socket_with(&format!("{path}?id={id}"), control).await.unwrap();
        let start = now();
        let error = soon(socket.receive()).await.unwrap_err();
        let took = now() - start;
        assert_eq!(error.kind(), ErrorKind::Timeout, "{path}");
        assert!(error.to_string().contains("600ms"), "{error}");
        assert!(error.kind().is_transient());
        assert!(took > TIMEOUT && took < TIMEOUT * 5, "{path}: {took:?}");
        assert_eq!(socket.closed().unwrap().code(), CloseCode::ABNORMAL);
        assert_eq!(soon(socket.send("late")).await.unwrap_err().kind(), ErrorKind::Timeout);
        assert_eq!(soon(socket.receive()).await.unwrap(), None);
        // A browser keeps TCP for as long as it likes, and says Close first.
        let record = report(&id, if BROWSER { "close" } else { "end" }).await;
        let beats = record.lines().filter(|line| *line == "message text 4" || line.starts_with("frame opcode=1 "));
        assert!((5..20).contains(&beats.count()), "{record}");
        assert!(BROWSER || path != "/mute" || record.contains("\nping "), "natively pings were answered: {record}");
    }
}

#[test]
async fn a_send_learns_of_it_though_nobody_receives() {
    let mut socket = message_socket_with("/mute", beating()).await.unwrap();
    soon(async {
        while socket.closed().is_none() {
            sleep(INTERVAL).await
        }
    })
    .await;
    assert_eq!(soon(socket.send("late")).await.unwrap_err().kind(), ErrorKind::Timeout);
}

#[test]
async fn answers_reach_the_program_and_keep_the_connection() {
    let mut socket = message_socket_with("/echo", beating()).await.unwrap();
    let start = now();
    while now() - start < TIMEOUT * 3 {
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("beat"));
    }
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}

#[test]
async fn whatever_arrives_is_an_answer_also_for_a_program_that_does_not_receive() {
    let mut socket = message_socket_with("/echo", beating()).await.unwrap();
    sleep(TIMEOUT * 3).await;
    assert_eq!(socket.closed(), None);
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("beat"));
    let (mut sender, receiver) = socket.split();
    drop(receiver);
    sleep(TIMEOUT * 2).await;
    soon(sender.send("alive")).await.unwrap();
    assert!(soon(sender.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}

#[test]
async fn no_beat_falls_between_the_parts_of_a_message_or_behind_a_close() {
    let id = unique_id();
    let mut socket = message_socket_with(&format!("/echo?id={id}"), beating()).await.unwrap();
    soon(socket.send_part("long ", false)).await.unwrap();
    // Natively nothing can be asked meanwhile, and so nothing is decided.
    sleep(TIMEOUT * 2).await;
    soon(socket.send_part("message", true)).await.unwrap();
    let whole = soon(async {
        loop {
            let message = socket.receive().await.unwrap().unwrap();
            if message.as_text() != Some("beat") {
                return message;
            }
        }
    });
    assert_eq!(whole.await, Message::from("long message"));
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
    let record = report(&id, "end").await;
    assert!(lines(&record, "violation").is_empty(), "{record}");
    assert_eq!(lines(&record, "close"), ["close 1000"], "{record}");
}

#[test]
async fn a_peer_that_takes_bytes_slowly_is_alive_until_all_have_left() {
    // 3 s at 8 MiB/s, of which what the system holds is not seen by a browser.
    let control = beating().outbound_buffer_size(64 << 20).send_timeout(Duration::from_secs(10));
    let mut socket = message_socket_with(&format!("/slow-reader?rate={}", 8 << 20), control).await.unwrap();
    let start = now();
    for _ in 0..4 * 24 {
        soon(socket.send(pattern(0, 256 << 10))).await.unwrap();
    }
    let error = soon(socket.receive()).await.unwrap_err();
    let took = now() - start;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let least = match shows_progress() {
        false => TIMEOUT,
        true if BROWSER => TIMEOUT * 2,
        true => TIMEOUT * 5,
    };
    assert!(took > least, "it took {took:?}");
}

#[test]
async fn without_a_heartbeat_silence_is_no_fault() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/mute?id={id}")).await.unwrap();
    sleep(TIMEOUT * 2).await;
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
    assert!(lines(&report(&id, "end").await, "message").is_empty());
}
