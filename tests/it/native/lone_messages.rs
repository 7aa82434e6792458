//! A lone message leaves inside `send`: nothing else has to run for it.

use tokio::{
    io::AsyncWriteExt,
    task::{unconstrained, yield_now},
};
use websocket_anywhere::Control;

use super::memory_pipe::{message_socket, read_frame};
use crate::support::{poll_once, soon};

const TEXT: u8 = 0x81;

#[tokio::test]
async fn each_message_of_a_conversation_leaves_inside_send() {
    let (mut socket, mut server) = message_socket(Control::new()).await;
    // The background task has to begin, then to see that there is traffic; after that no message needs it.
    for _ in 0..2 {
        socket.send("hello").await.unwrap();
        assert_eq!(soon(read_frame(&mut server)).await, (TEXT, b"hello".to_vec()));
        yield_now().await;
    }
    for number in 0..20 {
        server.write_all(&[TEXT, 1, b'x']).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("x"));
        let question = number.to_string();
        assert!(poll_once(socket.send(&question)).is_ready());
        let sent = poll_once(unconstrained(read_frame(&mut server)));
        assert!(matches!(sent, std::task::Poll::Ready(frame) if frame == (TEXT, question.into_bytes())), "{number}");
    }
    assert_eq!(socket.buffered_amount(), 0);
}

#[tokio::test]
async fn messages_without_answers_leave_one_after_the_other() {
    let (mut socket, mut server) = message_socket(Control::new()).await;
    for number in 0..100 {
        let word = number.to_string();
        socket.send(&word).await.unwrap();
        assert_eq!(soon(read_frame(&mut server)).await, (TEXT, word.into_bytes()));
    }
}
