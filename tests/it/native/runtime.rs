//! Tokio runtimes that are missing, that are another, and that end before the socket.

use std::{pin::pin, thread, time::Duration};

use futures::{executor::block_on, future::poll_immediate};
use tokio::runtime::{Builder, Runtime};
use websocket_anywhere::{CloseCode, Control, ErrorKind, Event, HResult, MessageWebSocket, StreamWebSocket};

use crate::support::{lines, message_socket, message_socket_with, peer, report, soon, unique_id};

#[test]
fn connecting_outside_a_runtime_is_an_error() {
    let error = block_on(MessageWebSocket::connect(&peer("/echo"))).unwrap_err();
    assert_eq!((error.kind(), error.hresult()), (ErrorKind::NoRuntime, HResult::E_ILLEGAL_METHOD_CALL));
    let error = block_on(StreamWebSocket::connect(&peer("/echo"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoRuntime);
}

#[test]
fn dropping_a_socket_after_its_runtime_is_harmless() {
    for runtime in runtimes() {
        let id = unique_id();
        let mut socket = runtime.block_on(message_socket(&format!("/raw?id={id}"))).unwrap();
        runtime.block_on(socket.send("sent")).unwrap();
        drop(runtime);
        drop(socket);
        assert_eq!(lines(&new_runtime().block_on(report(&id, "end")), "end").len(), 1);
    }
}

#[test]
fn dropping_halves_after_their_runtime_is_harmless() {
    for runtime in runtimes() {
        let id = unique_id();
        let (sender, receiver) = runtime.block_on(message_socket(&format!("/raw?id={id}"))).unwrap().split();
        drop(runtime);
        drop(receiver);
        drop(sender);
        assert_eq!(lines(&new_runtime().block_on(report(&id, "end")), "end").len(), 1);
    }
}

#[test]
fn after_its_runtime_a_socket_fails_instead_of_hanging() {
    for runtime in runtimes() {
        let mut socket = runtime.block_on(message_socket("/never-close")).unwrap();
        drop(runtime);
        new_runtime().block_on(async {
            assert_eq!(soon(socket.send("late")).await.unwrap_err().kind(), ErrorKind::NoRuntime);
            assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), ErrorKind::NoRuntime);
            assert_eq!(soon(socket.receive()).await.unwrap(), None);
            assert_eq!(soon(socket.flush()).await.unwrap_err().kind(), ErrorKind::NoRuntime);
            assert_eq!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().code(), CloseCode::ABNORMAL);
        });
    }
}

#[test]
fn after_its_runtime_a_socket_delivers_what_had_arrived() {
    let runtime = new_runtime();
    let mut socket = runtime.block_on(message_socket("/text?body=there&count=3")).unwrap();
    assert_eq!(runtime.block_on(socket.receive()).unwrap().unwrap().as_text(), Some("there"));
    drop(runtime);
    new_runtime().block_on(async {
        let error = loop {
            match soon(socket.receive()).await {
                Ok(message) => assert_eq!(message.unwrap().as_text(), Some("there")),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::NoRuntime);
        assert_eq!(soon(socket.receive()).await.unwrap(), None);
    });
}

#[test]
fn what_was_sent_leaves_when_the_runtime_ends() {
    for messages in [1, 10, 100] {
        for (runtime, is_dropped) in runtimes().into_iter().chain(runtimes()).zip([false, false, true, true]) {
            let id = unique_id();
            let mut socket = runtime.block_on(message_socket(&format!("/sink?id={id}"))).unwrap();
            runtime.block_on(async {
                for _ in 0..messages {
                    soon(socket.send("sent")).await.unwrap();
                }
            });
            // As when `main` returns: the socket goes before the runtime, or it is in a task and goes with it.
            let kept = if is_dropped { None } else { Some(socket) };
            drop(runtime);
            drop(kept);
            let record = new_runtime().block_on(report(&id, "end"));
            let expected = format!("sink messages={messages} text={messages} ");
            assert!(lines(&record, "sink")[0].starts_with(&expected), "{is_dropped}: {record}");
            assert_eq!(lines(&record, "close"), ["close empty"], "{record}");
        }
    }
}

#[test]
fn a_close_that_was_begun_leaves_when_the_runtime_ends() {
    for runtime in runtimes() {
        let id = unique_id();
        let mut socket = runtime.block_on(message_socket(&format!("/sink?id={id}"))).unwrap();
        runtime.block_on(async {
            soon(socket.send("sent")).await.unwrap();
            // Begun, and most often not ended.
            let _ = poll_immediate(pin!(socket.close(3000, "bye"))).await;
        });
        drop(runtime);
        let record = new_runtime().block_on(report(&id, "end"));
        assert!(lines(&record, "sink")[0].starts_with("sink messages=1 "), "{record}");
        assert_eq!(lines(&record, "close"), ["close 3000 bye"], "{record}");
    }
}

#[test]
fn a_handler_learns_once_that_its_runtime_is_gone() {
    for runtime in runtimes() {
        let (events, received) = std::sync::mpsc::channel();
        let socket = runtime.block_on(message_socket("/never-close")).unwrap();
        let sender = socket.listen(move |event| events.send(event).unwrap());
        runtime.block_on(tokio::task::yield_now());
        drop(runtime);
        let events: Vec<Event> = received.iter().collect();
        assert!(matches!(&events[..], [Event::Failed(error)] if error.kind() == ErrorKind::NoRuntime), "{events:?}");
        drop(sender);
    }
}

#[test]
fn listening_in_a_runtime_that_is_gone_is_told_at_once() {
    let runtime = new_runtime();
    let stream = runtime.block_on(StreamWebSocket::connect(&peer("/never-close"))).unwrap();
    drop(runtime);
    let (events, received) = std::sync::mpsc::channel();
    stream.listen(move |event| events.send(event).unwrap());
    assert!(matches!(received.try_recv(), Ok(Event::Failed(error)) if error.kind() == ErrorKind::NoRuntime));
}

#[test]
fn a_receive_that_waits_in_another_runtime_fails_when_its_own_ends() {
    let runtime = new_runtime();
    let (_sender, mut receiver) = runtime.block_on(message_socket("/never-close")).unwrap().split();
    let (waiting, waits) = std::sync::mpsc::channel();
    let waiter = thread::spawn(move || {
        new_runtime().block_on(async {
            let mut receive = pin!(receiver.receive());
            assert!(poll_immediate(receive.as_mut()).await.is_none());
            waiting.send(()).unwrap();
            soon(receive).await
        })
    });
    waits.recv().unwrap();
    drop(runtime);
    assert_eq!(waiter.join().unwrap().unwrap_err().kind(), ErrorKind::NoRuntime);
}

#[test]
fn a_send_that_waits_in_another_runtime_fails_when_its_own_ends() {
    let runtime = new_runtime();
    let control = Control::new().outbound_buffer_size(0);
    let (mut sender, _receiver) = runtime.block_on(message_socket_with("/slow-reader", control)).unwrap().split();
    let (waiting, waits) = std::sync::mpsc::channel();
    let waiter = thread::spawn(move || {
        new_runtime().block_on(async {
            soon(sender.send(vec![0; 32 << 20])).await.unwrap();
            let mut send = pin!(sender.send("no room"));
            assert!(poll_immediate(send.as_mut()).await.is_none());
            waiting.send(()).unwrap();
            soon(send).await
        })
    });
    waits.recv().unwrap();
    drop(runtime);
    assert_eq!(waiter.join().unwrap().unwrap_err().kind(), ErrorKind::NoRuntime);
}

#[test]
fn a_close_that_waits_in_another_runtime_ends_when_its_own_ends() {
    let runtime = new_runtime();
    let control = Control::new().close_timeout(Duration::from_secs(600));
    let mut socket = runtime.block_on(message_socket_with("/never-close", control)).unwrap();
    let (waiting, waits) = std::sync::mpsc::channel();
    let waiter = thread::spawn(move || {
        new_runtime().block_on(async {
            let mut close = pin!(socket.close(CloseCode::NORMAL, ""));
            assert!(poll_immediate(close.as_mut()).await.is_none());
            waiting.send(()).unwrap();
            soon(close).await
        })
    });
    waits.recv().unwrap();
    drop(runtime);
    assert_eq!(waiter.join().unwrap().unwrap().code(), CloseCode::ABNORMAL);
}

#[test]
fn a_socket_works_in_another_runtime_and_outside_of_any() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut socket = runtime.block_on(message_socket("/echo")).unwrap();
    new_runtime().block_on(async {
        soon(socket.send("elsewhere")).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("elsewhere"));
    });
    block_on(async {
        socket.send("nowhere").await.unwrap();
        assert_eq!(socket.receive().await.unwrap().unwrap().as_text(), Some("nowhere"));
        assert!(socket.close(CloseCode::NORMAL, "").await.unwrap().was_clean());
    });
}

#[test]
fn a_runtime_that_ends_while_connecting_ends_the_connection() {
    let runtime = new_runtime();
    let id = unique_id();
    let url = peer(&format!("/stall-upgrade?id={id}"));
    runtime.spawn(async move { MessageWebSocket::connect(&url).await.map(drop) });
    runtime.block_on(report(&id, "request"));
    drop(runtime);
    new_runtime().block_on(report(&id, "end"));
}

fn runtimes() -> [Runtime; 2] {
    [new_runtime(), Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()]
}

fn new_runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}
