//! What a socket tells about its connection.

use std::{net::SocketAddr, time::Duration};

use futures::{AsyncReadExt, AsyncWriteExt};
use websocket_anywhere::{Backend, BandwidthStatistics, Control, Information, MessageWebSocket};

use crate::support::{BROWSER, message_socket, message_socket_with, peer, receive_to_end, soon, stream_socket, test};

#[test]
async fn the_addresses_are_those_of_tcp() {
    let socket = message_socket("/echo").await.unwrap();
    assert_addresses(&socket.information());
    let stream = stream_socket("/echo").await.unwrap();
    assert_addresses(&stream.information());
    assert!(BROWSER || stream.information().local_address() != socket.information().local_address());
}

#[test]
async fn without_subprotocol_and_extension_there_are_none() {
    let information = message_socket("/echo").await.unwrap().information();
    assert_eq!((information.protocol(), information.extensions()), (None, None));
    assert_eq!((information.sent(), information.received()), Default::default());
}

#[test]
async fn the_url_is_told_without_user_and_password() {
    let plain = peer("/echo?a@b");
    for url in [plain.clone(), plain.replace("ws://", "ws://us%20er:p@ss@"), format!(" {plain} ")] {
        let socket = soon(MessageWebSocket::connect(&url)).await.unwrap();
        assert_eq!(socket.information().url(), Some(&*plain), "{url}");
    }
}

#[test]
async fn messages_and_bytes_are_counted_each_way() {
    let mut socket = message_socket("/echo").await.unwrap();
    for text in ["ab", "\u{e9}", ""] {
        soon(socket.send(text)).await.unwrap();
    }
    soon(socket.send(vec![0; 100_000])).await.unwrap();
    assert_eq!(counts(&socket), ((4, 100_004), (0, 0)));
    for received in [(1, 2), (2, 4), (3, 4), (4, 100_004)] {
        soon(socket.receive()).await.unwrap().unwrap();
        assert_eq!(counts(&socket), ((4, 100_004), received));
    }
}

#[test]
async fn fragments_and_control_frames_do_not_count() {
    let script = ["8900", "8a00", "0103616263", "890170", "8003646566"].concat();
    let mut socket = message_socket(&format!("/raw?hex={script}&then=close")).await.unwrap();
    assert_eq!(receive_to_end(&mut socket).await.0, ["abcdef"]);
    assert_eq!(counts(&socket), ((0, 0), (1, 6)));
}

#[test]
async fn what_was_refused_does_not_count() {
    let mut socket = message_socket("/raw").await.unwrap();
    soon(socket.send("sent")).await.unwrap();
    soon(socket.close(1000, "")).await.unwrap();
    soon(socket.send("late")).await.unwrap_err();
    assert_eq!(counts(&socket), ((1, 4), (0, 0)));
}

#[test]
async fn both_halves_tell_the_same() {
    let (mut sender, mut receiver) = message_socket("/echo").await.unwrap().split();
    soon(sender.send("both")).await.unwrap();
    soon(receiver.receive()).await.unwrap().unwrap();
    assert_eq!(sender.information(), receiver.information());
    assert_eq!((sender.information().sent().messages, sender.information().received().messages), (1, 1));
}

#[test]
async fn the_bytes_of_a_stream_are_counted() {
    let mut stream = stream_socket("/echo").await.unwrap();
    soon(stream.write_all(&[1; 1000])).await.unwrap();
    soon(stream.read_exact(&mut [0; 1000])).await.unwrap();
    let information = stream.information();
    assert_eq!((information.sent().bytes, information.received().bytes), (1000, 1000));
}

#[test]
async fn the_bandwidth_is_measured_while_messages_travel() {
    let mut socket = message_socket("/echo").await.unwrap();
    assert_eq!(socket.information().bandwidth_statistics(), BandwidthStatistics::default());
    let measuring = soon(async {
        loop {
            socket.send(vec![0; 10_000]).await.unwrap();
            socket.receive().await.unwrap().unwrap();
            let information = socket.information();
            let statistics = information.bandwidth_statistics();
            if statistics.inbound_bits_per_second > 0 && statistics.outbound_bits_per_second > 0 {
                break (statistics, information.received().bytes);
            }
        }
    });
    let (statistics, bytes) = measuring.await;
    // The first look comes after a second, give or take the haste of a timer.
    for rate in [statistics.inbound_bits_per_second, statistics.outbound_bits_per_second] {
        assert!((80_000..bytes * 8 * 2).contains(&rate), "{statistics:?} of {bytes} bytes");
    }
    let instability = (statistics.inbound_bits_per_second_instability, statistics.outbound_bits_per_second_instability);
    assert!(instability.0 > 0 && instability.1 > 0, "{statistics:?}");
}

#[test]
async fn what_a_browser_hides_is_unknown() {
    let socket = message_socket("/echo").await.unwrap();
    let information = socket.information();
    let interval = (!BROWSER).then_some(Duration::from_secs(30));
    assert_eq!(information.actual_unsolicited_pong_interval(), interval);
    assert_eq!(information.last_round_trip_time().is_none(), BROWSER);
}

#[test]
async fn the_backend_is_native_outside_of_browsers_alone() {
    let (messages, stream) = (message_socket("/echo").await.unwrap(), stream_socket("/echo").await.unwrap());
    for backend in [messages.information().backend(), stream.information().backend()] {
        assert_eq!(backend == Backend::Native, !BROWSER, "{backend:?}");
    }
}

#[test]
async fn a_closed_socket_still_tells() {
    let control = Control::new().supported_protocol("chat");
    let mut socket = message_socket_with("/protocol?answer=chat", control).await.unwrap();
    soon(socket.send("x")).await.unwrap();
    soon(socket.receive()).await.unwrap().unwrap();
    let open = socket.information();
    soon(socket.close(1000, "")).await.unwrap();
    let closed = socket.information();
    assert_eq!((closed.remote_address(), closed.local_address()), (open.remote_address(), open.local_address()));
    assert_eq!((closed.protocol(), closed.sent(), closed.received()), (open.protocol(), open.sent(), open.received()));
    assert_addresses(&open);
    assert_eq!((open.protocol(), open.sent().messages, open.received().messages), (Some("chat"), 1, 1));
}

#[test]
async fn a_lost_socket_still_tells() {
    let mut socket = message_socket("/drop?messages=2").await.unwrap();
    assert!(receive_to_end(&mut socket).await.1.is_some());
    assert_addresses(&socket.information());
    assert_eq!(counts(&socket), ((0, 0), (2, 2)));
}

#[track_caller]
fn assert_addresses(information: &Information) {
    if BROWSER {
        assert_eq!((information.local_address(), information.remote_address()), (None, None));
        return;
    }
    let server: SocketAddr = peer("").trim_start_matches("ws://").parse().unwrap();
    assert_eq!(information.remote_address(), Some(server));
    let local = information.local_address().unwrap();
    assert!(local.ip().is_loopback() && local.port() != 0 && local != server, "{local}");
}

/// Messages and bytes, sent and received.
fn counts(socket: &MessageWebSocket) -> ((u64, u64), (u64, u64)) {
    let information = socket.information();
    let (sent, received) = (information.sent(), information.received());
    ((sent.messages, sent.bytes), (received.messages, received.bytes))
}
