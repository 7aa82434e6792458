//! Two servers that others wrote, Python's `websockets` and Node's `ws`: what they send is read, what is sent they read.
//!
//! `cargo xtask test` installs them, in the versions that the lock files in tests/interop name, and runs these tests.

#[cfg(feature = "http2")]
mod http2;
mod server;

use futures::{AsyncReadExt, AsyncWriteExt};
use websocket_anywhere::{
    CloseCode, Closed, Compression, Control, ErrorKind, Message, MessageWebSocket, StreamWebSocket,
};

use self::server::{Deflate, Library, Server};
use crate::support::{soon, test, wire::pattern};

const MEBIBYTE: usize = 1 << 20;

/// Compresses whatever is not empty, if the server does.
fn control() -> Control {
    Control::new().compression(Compression::new().threshold(0))
}

async fn socket(server: &Server, path: &str) -> MessageWebSocket {
    soon(MessageWebSocket::connect_with(&server.url(path), control())).await.unwrap()
}

/// Text of about so many bytes that deflate has some work with, in characters of one to four bytes.
fn text(len: usize) -> String {
    let words = ["lorem ", "ipsum ", "größe ", "€uro ", "😀 ", "\0", "Съешь "];
    (0..)
        .map(|at: usize| words[(at * at + at / 7) % words.len()])
        .scan(0, |sum, word| {
            *sum += word.len();
            (*sum <= len).then_some(word)
        })
        .collect()
}

/// One message there and back.
async fn echo(socket: &mut MessageWebSocket, message: Message) {
    soon(socket.send(&message)).await.unwrap();
    let echo = soon(socket.receive()).await.unwrap();
    assert!(echo == Some(message.clone()), "{} bytes came back otherwise", message.as_bytes().len());
}

async fn close(mut socket: MessageWebSocket) -> Closed {
    let closed = soon(socket.close(CloseCode::NORMAL, "")).await.unwrap();
    assert!(closed.was_clean());
    closed
}

#[test]
#[ignore = "cargo xtask test installs the servers"]
async fn messages_of_every_size_come_back() {
    for library in Library::ALL {
        for deflate in Deflate::ALL {
            let server = Server::start(library, deflate).await;
            let mut socket = socket(&server, "/echo").await;
            for len in [0, 1, 125, 126, 127, 4096, 65535, 65536, MEBIBYTE] {
                echo(&mut socket, text(len).into()).await;
                echo(&mut socket, pattern(0, len).into()).await;
            }
            assert_eq!(close(socket).await.code(), CloseCode::NORMAL);
        }
    }
}

#[test]
#[ignore = "cargo xtask test installs the servers"]
async fn compression_is_as_the_server_wants_it() {
    for library in Library::ALL {
        for deflate in Deflate::ALL {
            let server = Server::start(library, deflate).await;
            let socket = socket(&server, "/echo").await;
            let extensions = socket.information().extensions().unwrap_or_default().to_owned();
            let mut parameters: Vec<_> = extensions.split(';').map(str::trim).collect();
            parameters.sort_unstable();
            let expected: &[_] = match deflate {
                Deflate::Plain => &[""],
                Deflate::Takeover => &["permessage-deflate"],
                Deflate::Alone => &[
                    "client_max_window_bits=10",
                    "client_no_context_takeover",
                    "permessage-deflate",
                    "server_max_window_bits=10",
                    "server_no_context_takeover",
                ],
            };
            assert_eq!(parameters, expected, "{library:?}");
            close(socket).await;
        }
    }
}

#[test]
#[ignore = "cargo xtask test installs the servers"]
async fn nothing_is_compressed_for_a_client_that_does_not_ask() {
    for library in Library::ALL {
        let server = Server::start(library, Deflate::Takeover).await;
        let mut socket = soon(MessageWebSocket::connect(&server.url("/echo"))).await.unwrap();
        assert_eq!(socket.information().extensions(), None);
        echo(&mut socket, text(10_000).into()).await;
        close(socket).await;
    }
}

#[test]
#[ignore = "cargo xtask test installs the servers"]
async fn messages_of_16_mebibytes_come_back() {
    for library in Library::ALL {
        for deflate in [Deflate::Plain, Deflate::Takeover] {
            let server = Server::start(library, deflate).await;
            let mut socket = socket(&server, "/echo").await;
            echo(&mut socket, text(16 * MEBIBYTE).into()).await;
            echo(&mut socket, pattern(0, 16 * MEBIBYTE).into()).await;
            close(socket).await;
        }
    }
}

#[test]
#[ignore = "cargo xtask test installs the servers"]
async fn a_burst_comes_back_in_order() {
    for library in Library::ALL {
        for deflate in Deflate::ALL {
            let server = Server::start(library, deflate).await;
            let (mut sender, mut receiver) = socket(&server, "/echo").await.split();
            let sending = async {
                for number in 0..2000 {
                    sender.send(&*format!("message number {number}")).await.unwrap();
                }
            };
            let receiving = async {
                for number in 0..2000 {
                    let message = receiver.receive().await.unwrap().unwrap();
                    assert_eq!(message.as_text(), Some(&*format!("message number {number}")));
                }
            };
            soon(futures::future::join(sending, receiving)).await;
        }
    }
}

#[test]
#[ignore = "cargo xtask test installs the servers"]
async fn fragments_are_put_together() {
    for library in Library::ALL {
        for deflate in Deflate::ALL {
            let server = Server::start(library, deflate).await;
            for (size, len) in [(1, 300), (7, 5000), (4096, MEBIBYTE)] {
                let mut socket = socket(&server, &format!("/fragments?size={size}")).await;
                echo(&mut socket, text(len).into()).await;
                echo(&mut socket, pattern(0, len).into()).await;
                echo(&mut socket, "".into()).await;
                close(socket).await;
            }
        }
    }
}

#[test]
#[ignore = "cargo xtask test installs the servers"]
async fn a_stream_comes_back() {
    for library in Library::ALL {
        for deflate in Deflate::ALL {
            let mut server = Server::start(library, deflate).await;
            let stream = soon(StreamWebSocket::connect_with(&server.url("/echo"), control())).await.unwrap();
            let (mut input, mut output) = stream.split();
            let sent = pattern(0, 16 * MEBIBYTE);
            let sending = async {
                output.write_all(&sent).await.unwrap();
                output.flush().await.unwrap();
            };
            let mut received = vec![0; sent.len()];
            let (_, read) = soon(futures::future::join(sending, input.read_exact(&mut received))).await;
            read.unwrap();
            assert!(received == sent, "{library:?}, {deflate:?}");
            soon(output.close(CloseCode::NORMAL, "")).await.unwrap();
            assert_eq!(server.closed().await, "1000 ");
        }
    }
}

#[test]
#[ignore = "cargo xtask test installs the servers"]
async fn pings_are_answered_inside_a_message() {
    for library in Library::ALL {
        for deflate in Deflate::ALL {
            let server = Server::start(library, deflate).await;
            let mut socket = socket(&server, "/ping?payload=are-you-there").await;
            let message = soon(socket.receive()).await.unwrap().unwrap();
            assert_eq!(message.as_text(), Some("sent before and while the ping was out, then answered"));
            close(socket).await;
        }
    }
}

#[test]
#[ignore = "cargo xtask test installs the servers"]
async fn the_server_is_told_code_and_reason() {
    let longest = "é".repeat(61) + "!";
    for library in Library::ALL {
        let mut server = Server::start(library, Deflate::Takeover).await;
        for (code, reason) in [(1000, ""), (1000, "bye"), (3000, "größer"), (4000, &*longest), (4999, "")] {
            let mut socket = socket(&server, "/echo").await;
            let closed = soon(socket.close(code, reason)).await.unwrap();
            assert_eq!((u16::from(closed.code()), closed.was_clean()), (code, true), "the server repeats the code");
            assert_eq!(server.closed().await, format!("{code} {reason}"));
        }
        drop(socket(&server, "/echo").await);
        assert_eq!(server.closed().await, "1005 ", "a dropped socket says nothing else");
    }
}

#[test]
#[ignore = "cargo xtask test installs the servers"]
async fn the_client_is_told_code_and_reason() {
    for library in Library::ALL {
        let mut server = Server::start(library, Deflate::Takeover).await;
        let codes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4000, 4999];
        for code in codes {
            let mut socket = socket(&server, &format!("/close?code={code}&reason=so%20long%20%E2%82%AC")).await;
            assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("last words"));
            assert_eq!(soon(socket.receive()).await.unwrap(), None);
            let closed = socket.closed().unwrap();
            assert_eq!((u16::from(closed.code()), closed.reason(), closed.was_clean()), (code, "so long €", true));
            assert_eq!(server.closed().await, format!("{code} so long €"), "the client repeats the Close");
        }
        let mut socket = socket(&server, "/close").await;
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("last words"));
        assert_eq!(soon(socket.receive()).await.unwrap(), None);
        assert_eq!(socket.closed().unwrap().code(), CloseCode::NO_STATUS);
        assert_eq!(server.closed().await, "1005 ");
    }
}

#[test]
#[ignore = "cargo xtask test installs the servers"]
async fn the_server_is_told_what_was_wrong() {
    for library in Library::ALL {
        for deflate in Deflate::ALL {
            let mut server = Server::start(library, deflate).await;
            let url = server.url("/echo");
            let mut socket =
                MessageWebSocket::connect_with(&url, control().max_message_size(Some(1000))).await.unwrap();
            soon(socket.send(vec![b'a'; 1001])).await.unwrap();
            assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), ErrorKind::MessageTooBig);
            assert_eq!(server.closed().await.split(' ').next(), Some("1009"));

            let mut socket = self::socket(&server, "/not-utf8").await;
            assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), ErrorKind::InvalidUtf8);
            assert_eq!(server.closed().await.split(' ').next(), Some("1007"));

            let mut stream = soon(StreamWebSocket::connect_with(&server.url("/not-utf8"), control())).await.unwrap();
            assert_eq!(soon(stream.read_chunk()).await.unwrap_err().kind(), ErrorKind::UnexpectedText);
            assert_eq!(server.closed().await.split(' ').next(), Some("1003"));
        }
    }
}

#[test]
#[ignore = "cargo xtask test installs the servers"]
async fn a_subprotocol_is_agreed_on() {
    for library in Library::ALL {
        let server = Server::start(library, Deflate::Plain).await;
        let control = Control::new().supported_protocols(["superchat", "chat"]);
        let socket = soon(MessageWebSocket::connect_with(&server.url("/echo"), control)).await.unwrap();
        assert_eq!(socket.information().protocol(), Some("chat"));
        close(socket).await;
    }
}
