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

use crate::support::{message_socket, stream_socket, test};

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
