//! Who is woken, and who is not: a task that wakes itself at each poll starves everything else in a browser.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Context,
};

use futures::{
    AsyncWrite, SinkExt,
    task::{ArcWake, waker},
};

use crate::support::{message_socket, soon, stream_socket, test};

#[derive(Default)]
struct Wakes(AtomicUsize);

impl ArcWake for Wakes {
    fn wake_by_ref(this: &Arc<Self>) {
        this.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Polls a few times without a pause, and counts the wakes.
fn wakes(mut is_pending: impl FnMut(&mut Context<'_>) -> bool) -> usize {
    let wakes = Arc::new(Wakes::default());
    let waker = waker(wakes.clone());
    for _ in 0..5 {
        assert!(is_pending(&mut Context::from_waker(&waker)));
    }
    wakes.0.load(Ordering::SeqCst)
}

#[test]
async fn closing_a_sink_does_not_wake_itself() {
    let mut socket = message_socket("/never-close").await.unwrap();
    assert_eq!(wakes(|cx| socket.poll_close_unpin(cx).is_pending()), 0);
}

#[test]
async fn closing_a_stream_does_not_wake_itself() {
    let mut stream = stream_socket("/never-close").await.unwrap();
    assert_eq!(wakes(|cx| std::pin::Pin::new(&mut stream).poll_close(cx).is_pending()), 0);
}

#[test]
async fn bursts_and_lone_messages_by_turns_all_wake() {
    let mut socket = message_socket("/echo").await.unwrap();
    // One limit for all: a message that wakes nobody would be found when a limit of its own ends.
    soon(async {
        for burst in [1; 40].into_iter().chain([500, 1, 1, 1, 2000, 1, 3, 1]) {
            for number in 0..burst {
                socket.send(format!("{number}")).await.unwrap();
            }
            for number in 0..burst {
                let message = socket.receive().await.unwrap().unwrap();
                assert_eq!(message.as_text(), Some(&*format!("{number}")), "of {burst}");
            }
        }
    })
    .await;
}

#[test]
async fn text_of_every_length_and_script_arrives_as_it_was_sent() {
    let mut socket = message_socket("/echo").await.unwrap();
    for sample in ["a", "\u{e9}", "\u{65e5}", "\u{1f980}", "ab\u{e9}\u{1f980}"] {
        for count in [0, 1, 63, 64, 127, 128, 129, 1023, 1024, 1025, 2048, 4095, 4096, 4097, 20_000] {
            let text = sample.repeat(count);
            soon(socket.send(&text)).await.unwrap();
            let message = soon(socket.receive()).await.unwrap().unwrap();
            assert!(message.as_text() == Some(&*text), "{count} times {sample}");
        }
    }
}

#[test]
async fn very_long_text_is_cut_inside_of_no_character() {
    // Two units of UTF-16 each: wherever it is cut, it is inside of one in one of the two.
    for before in ["", "x"] {
        let text = before.to_owned() + &"\u{1d11e}".repeat(700_000);
        let mut socket = message_socket("/echo").await.unwrap();
        socket.send(&*text).await.unwrap();
        let echo = soon(socket.receive()).await.unwrap().unwrap();
        assert!(echo.as_text() == Some(&text), "{} bytes", echo.as_bytes().len());
    }
}
