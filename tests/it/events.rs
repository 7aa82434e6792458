//! Handlers of events: everything in order, exactly one end, and what handlers may do.

use std::{panic, time::Duration};

use futures::{
    AsyncReadExt, FutureExt, StreamExt,
    channel::mpsc::{UnboundedReceiver, unbounded},
};
use websocket_anywhere::{CloseCode, Closed, Control, Error, ErrorKind, Event, HResult, Message};

use crate::support::{
    BROWSER, lines, message_socket, message_socket_with, report, soon, stream_socket, test, unique_id,
};

/// A handler that keeps what it is told, and what it was told; the stream ends when the handler is dropped.
fn recorder() -> (impl FnMut(Event) + Send + 'static, UnboundedReceiver<Event>) {
    let (sender, receiver) = unbounded();
    // The test may have seen enough.
    (move |event| drop(sender.unbounded_send(event)), receiver)
}

/// All events up to the drop of the handler: the texts and how it ended.
async fn to_the_end(events: UnboundedReceiver<Event>) -> (Vec<String>, Result<Closed, Error>) {
    let mut events: Vec<Event> = soon(events.collect()).await;
    let end = match events.pop() {
        Some(Event::Closed(closed)) => Ok(closed),
        Some(Event::Failed(error)) => Err(error),
        other => panic!("the last event is {other:?}"),
    };
    let texts = events.into_iter().map(|event| match event {
        Event::MessageReceived(message) => message.as_text().unwrap().to_owned(),
        end => panic!("{end:?} is not the last event"),
    });
    (texts.collect(), end)
}

fn numbers(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

#[test]
async fn a_handler_is_told_of_every_message_in_order_and_then_of_the_close() {
    let (handler, events) = recorder();
    let sender = message_socket("/close?messages=300&code=4001&reason=over").await.unwrap().listen(handler);
    let (texts, end) = to_the_end(events).await;
    assert_eq!(texts, numbers(0..300));
    let closed = end.unwrap();
    assert_eq!((closed.code(), closed.reason(), closed.was_clean()), (4001.into(), "over", true));
    assert_eq!(sender.closed(), Some(closed));
}

#[test]
async fn nothing_is_lost_between_connecting_and_listening() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/close?messages=50&code=1000&id={id}")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("0")));
    // Some of what follows lies in the socket by now, some is on its way.
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("1")));
    let (handler, events) = recorder();
    let _sender = socket.listen(handler);
    let (texts, end) = to_the_end(events).await;
    assert_eq!((texts, end.unwrap().code()), (numbers(2..50), CloseCode::NORMAL));
}

#[test]
async fn a_loss_is_failed_and_never_closed() {
    let (handler, events) = recorder();
    let mut sender = message_socket("/drop?messages=3").await.unwrap().listen(handler);
    let (texts, end) = to_the_end(events).await;
    assert_eq!(texts, numbers(0..3));
    let error = end.unwrap_err();
    assert_eq!((error.kind(), error.hresult()), (ErrorKind::ConnectionAborted, HResult::WININET_E_CONNECTION_ABORTED));
    assert_eq!(soon(sender.send("late")).await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
}

#[test]
async fn data_that_are_refused_are_failed() {
    let (handler, events) = recorder();
    let control = Control::new().max_message_size(Some(3));
    let _sender = message_socket_with("/text?body=four&count=1", control).await.unwrap().listen(handler);
    let (texts, end) = to_the_end(events).await;
    assert_eq!((texts.len(), end.unwrap_err().kind()), (0, ErrorKind::MessageTooBig));
}

#[test]
async fn closing_tells_the_handler_of_the_peers_answer() {
    let (handler, events) = recorder();
    let mut sender = message_socket("/echo").await.unwrap().listen(handler);
    let closed = soon(sender.close(4002, "enough")).await.unwrap();
    let (texts, end) = to_the_end(events).await;
    assert_eq!((texts.len(), end.unwrap()), (0, closed.clone()));
    assert_eq!((closed.code(), closed.was_clean()), (4002.into(), true));
}

#[test]
async fn a_close_that_is_not_answered_is_failed() {
    let (handler, events) = recorder();
    let control = Control::new().close_timeout(Duration::from_millis(50));
    let mut sender = message_socket_with("/never-close", control).await.unwrap().listen(handler);
    assert!(!soon(sender.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
    let (_, end) = to_the_end(events).await;
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionAborted);
}

#[test]
async fn dropping_the_sending_half_closes_and_the_handler_is_told() {
    let id = unique_id();
    let (handler, events) = recorder();
    drop(message_socket(&format!("/raw?id={id}")).await.unwrap().listen(handler));
    let (_, end) = to_the_end(events).await;
    assert!(end.unwrap().was_clean());
    let record = report(&id, "end").await;
    assert_eq!((lines(&record, "close"), lines(&record, "end")), (vec!["close empty"], vec!["end eof"]), "{record}");
}

#[test]
async fn a_handler_that_owns_the_sending_half_can_answer_and_close() {
    let (mut sender, receiver) = message_socket("/echo").await.unwrap().split();
    soon(sender.send("1")).await.unwrap();
    let (mut record, events) = recorder();
    receiver.listen(move |event| {
        if let Event::MessageReceived(message) = &event {
            let number: u32 = message.as_text().unwrap().parse().unwrap();
            if number < 5 {
                sender.send((number + 1).to_string()).now_or_never().unwrap().unwrap();
            } else {
                // Polled once, the closing handshake goes on by itself.
                assert!(sender.close(CloseCode::NORMAL, "five").now_or_never().is_none());
            }
        }
        record(event);
    });
    let (texts, end) = to_the_end(events).await;
    assert_eq!(texts, numbers(1..6));
    let closed = end.unwrap();
    assert_eq!((closed.code(), closed.reason()), (CloseCode::NORMAL, "five"));
}

#[test]
async fn a_handler_can_drop_the_sending_half() {
    let id = unique_id();
    let (sender, receiver) = message_socket(&format!("/raw?hex=81026f6b81026f6b&id={id}")).await.unwrap().split();
    let mut sender = Some(sender);
    let (mut record, events) = recorder();
    receiver.listen(move |event| {
        drop(sender.take());
        record(event);
    });
    let (texts, end) = to_the_end(events).await;
    assert_eq!(texts, ["ok"], "nothing is delivered after closing");
    assert!(end.unwrap().was_clean());
    assert_eq!(lines(&report(&id, "end").await, "close"), ["close empty"]);
}

#[test]
async fn without_a_sending_half_listening_lasts_until_the_peer_ends_it() {
    let id = unique_id();
    let path = format!("/close?messages=3&code=4003&id={id}");
    let (sender, receiver) = message_socket(&path).await.unwrap().split();
    drop(sender);
    let (handler, events) = recorder();
    receiver.listen(handler);
    let (texts, end) = to_the_end(events).await;
    assert_eq!((texts, end.unwrap().code()), (numbers(0..3), 4003.into()));
}

#[test]
async fn a_handler_that_panics_ends_the_connection_and_both_sides_learn_it() {
    let id = unique_id();
    let (mut record, mut events) = recorder();
    let socket = message_socket(&format!("/raw?hex=81026f6b81026f6b&then=wait&id={id}")).await.unwrap();
    let mut sender = quietly(async {
        let sender = socket.listen(move |event| {
            record(event);
            panic!("{PANIC}");
        });
        assert!(matches!(soon(events.next()).await, Some(Event::MessageReceived(_))));
        report(&id, "close").await;
        sender
    })
    .await;
    let error = soon(sender.send("late")).await.unwrap_err();
    assert_eq!((error.kind(), error.hresult()), (ErrorKind::HandlerPanicked, HResult::E_UNEXPECTED));
    assert_eq!(error.to_string(), "the event handler panicked");
    assert_eq!(sender.closed().unwrap().code(), CloseCode::ABNORMAL);
    if !BROWSER {
        assert!(soon(events.next()).await.is_none(), "the handler is dropped, without another event");
    }
    let record = report(&id, "close").await;
    let code = if BROWSER { 3011 } else { 1011 };
    assert_eq!(lines(&record, "close"), [format!("close {code} the event handler panicked")], "{record}");
}

#[test]
async fn the_peer_learns_of_a_panic_also_when_the_handler_owns_the_sending_half() {
    let id = unique_id();
    let (sender, receiver) = message_socket(&format!("/raw?hex=81026f6b&then=wait&id={id}")).await.unwrap().split();
    let record = quietly(async {
        receiver.listen(move |_| panic!("{PANIC}: {:?}", sender.closed()));
        report(&id, "end").await
    });
    let record = record.await;
    let code = if BROWSER { 3011 } else { 1011 };
    assert_eq!(lines(&record, "close"), [format!("close {code} the event handler panicked")], "{record}");
}

#[test]
async fn a_stream_tells_of_the_peers_close() {
    let stream = stream_socket("/raw?hex=8203010203880503e8627965&then=closed").await.unwrap();
    let (first, first_events) = recorder();
    let (second, second_events) = recorder();
    stream.listen(first);
    stream.listen(second);
    let (mut input, output) = stream.split();
    let mut bytes = Vec::new();
    soon(input.read_to_end(&mut bytes)).await.unwrap();
    assert_eq!(bytes, [1, 2, 3]);
    for events in [first_events, second_events] {
        let (_, end) = to_the_end(events).await;
        let closed = end.unwrap();
        assert_eq!((closed.code(), closed.reason()), (CloseCode::NORMAL, "bye"));
        assert_eq!(output.closed(), Some(closed));
    }
}

#[test]
async fn a_stream_tells_of_a_loss() {
    let mut stream = stream_socket("/raw?hex=8203010203&then=drop").await.unwrap();
    let (handler, events) = recorder();
    stream.listen(handler);
    let mut bytes = Vec::new();
    soon(stream.read_to_end(&mut bytes)).await.unwrap_err();
    let (_, end) = to_the_end(events).await;
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionAborted);
}

#[test]
async fn listening_to_a_stream_does_not_keep_it_open() {
    let id = unique_id();
    let stream = stream_socket(&format!("/raw?id={id}")).await.unwrap();
    let (handler, events) = recorder();
    stream.listen(handler);
    drop(stream);
    let (_, end) = to_the_end(events).await;
    assert!(end.unwrap().was_clean());
    assert_eq!(lines(&report(&id, "end").await, "close"), ["close empty"]);
}

/// Runs what panics on purpose without a word of it on the console. In a browser, where a panic is not unwound, the hook
/// cannot be set any more once something has panicked.
pub(crate) async fn quietly<T>(future: impl Future<Output = T>) -> T {
    if !BROWSER {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !info.to_string().contains(PANIC) {
                usual(info);
            }
        }));
    }
    future.await
}

pub(crate) const PANIC: &str = "a handler panics";
