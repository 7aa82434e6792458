//! What a prepared message is on the wire: the same as any other.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex};
use websocket_anywhere::{
    Compression, Control, Message, MessageWebSocket, Payload, PreparedMessage, ServerControl, ServerMessageWebSocket,
};

use super::memory_pipe::{URL, read_head, switching_protocols};
use crate::support::{poll_once, soon};

/// Room for all that a test sends, so that nothing waits.
const ROOM: usize = 4 * 1024 * 1024;

/// What can be negotiated: the settings of this side, and the answer or offer of the other.
fn negotiated() -> Vec<(&'static str, Control, &'static str)> {
    let on = || Compression::new().threshold(0);
    let with = |compression| Control::new().compression(compression);
    let fresh = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    vec![
        ("off", Control::new(), ""),
        ("takeover", with(on()), "permessage-deflate"),
        ("fresh", with(on()), fresh),
        ("fresh, level 1", with(on().level(1)), fresh),
        (
            "fresh, a small window",
            with(on().server_max_window_bits(9).client_max_window_bits(9)),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; \
             client_max_window_bits=9",
        ),
        ("fresh, only what is long", with(Compression::new().threshold(1000)), fresh),
    ]
}

/// Messages of all forms: each length of a header, compressible or not, copied or left where they are.
fn messages() -> Vec<Message> {
    let mut messages = Vec::new();
    for len in [0, 1, 125, 126, 999, 1000, 16 * 1024 - 1, 16 * 1024, 70_000, 1024 * 1024 + 5] {
        messages.push(Message::from("to compress ".repeat(len / 12 + 1)[..len].to_owned()));
        let mut state = len as u32;
        let noise = (0..len).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        messages.push(Message::from(noise.collect::<Vec<u8>>()));
    }
    messages
}

/// A server with a client by hand, which offers this.
async fn server(control: Control, offer: &str, room: usize, is_vectored: bool) -> (MessageWebSocket, DuplexStream) {
    let (mut client, pipe) = duplex(room);
    let far = End { pipe, is_vectored };
    let offer = if offer.is_empty() { String::new() } else { format!("Sec-WebSocket-Extensions: {offer}\r\n") };
    let request = format!(
        "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{offer}\r\n"
    );
    client.write_all(request.as_bytes()).await.unwrap();
    let control = ServerControl::new().settings(control.outbound_buffer_size(ROOM));
    let socket = soon(ServerMessageWebSocket::accept(far, control)).await.unwrap();
    read_head(&mut client).await;
    (socket, client)
}

/// An end of a pipe, which takes several pieces at a time or one.
struct End {
    pipe: DuplexStream,
    is_vectored: bool,
}

impl AsyncRead for End {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_read(cx, buf)
    }
}

impl AsyncWrite for End {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.pipe).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        assert!(self.is_vectored, "it takes one piece at a time");
        Pin::new(&mut self.pipe).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.is_vectored
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(cx)
    }
}

/// A client with a server by hand, which answers this.
async fn client(control: Control, answer: &str) -> (MessageWebSocket, DuplexStream) {
    let (near, mut server) = duplex(ROOM);
    let answer = if answer.is_empty() { String::new() } else { format!("Sec-WebSocket-Extensions: {answer}\r\n") };
    let accepting = async {
        let head = read_head(&mut server).await;
        server.write_all(switching_protocols(&head, &answer).as_bytes()).await.unwrap();
    };
    let control = control.outbound_buffer_size(ROOM);
    let (socket, ()) = soon(async { tokio::join!(MessageWebSocket::handshake(near, URL, control), accepting) }).await;
    (socket.unwrap(), server)
}

/// Everything that comes until the socket is dropped.
async fn all(socket: MessageWebSocket, peer: &mut DuplexStream) -> Vec<u8> {
    let mut socket = socket;
    soon(socket.flush()).await.unwrap();
    assert_eq!(socket.buffered_amount(), 0);
    drop(socket);
    let mut bytes = Vec::new();
    let mut space = vec![0; 64 * 1024];
    loop {
        let amount = soon(peer.read(&mut space)).await.unwrap();
        bytes.extend_from_slice(&space[..amount]);
        let is_closed = frames(&bytes).last().is_some_and(|frame| frame.first & 0xf == 8);
        if amount == 0 || is_closed {
            return bytes;
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Frame {
    first: u8,
    key: Option<[u8; 4]>,
    /// Without its mask.
    payload: Vec<u8>,
}

/// The frames that are all there.
fn frames(bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut rest = bytes;
    while let Some((frame, behind)) = next(rest) {
        frames.push(frame);
        rest = behind;
    }
    frames
}

fn next(bytes: &[u8]) -> Option<(Frame, &[u8])> {
    let &[first, second, ref rest @ ..] = bytes else { return None };
    let size = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let (len, rest) = rest.split_at_checked(size)?;
    let len = if size == 0 {
        usize::from(second & 0x7f)
    } else {
        len.iter().fold(0, |len, &byte| len << 8 | usize::from(byte))
    };
    let (key, rest) = rest.split_at_checked(if second & 0x80 == 0 { 0 } else { 4 })?;
    let (payload, rest) = rest.split_at_checked(len)?;
    let key: Option<[u8; 4]> = key.try_into().ok();
    let payload = payload.iter().enumerate().map(|(at, byte)| byte ^ key.map_or(0, |key| key[at % 4])).collect();
    Some((Frame { first, key, payload }, rest))
}

#[tokio::test]
async fn what_many_are_told_is_on_the_wire_what_one_is_told() {
    let prepared: Vec<_> = messages().into_iter().map(PreparedMessage::new).collect();
    let lens = prepared.iter().map(|message| message.message().as_bytes().len() as u64);
    let expected = (prepared.len() as u64, lens.sum::<u64>());
    for (name, control, extensions) in negotiated() {
        for is_server in [true, false] {
            let mut said = Vec::new();
            // Alone, prepared by the first connection, and taken from there by those that follow.
            for way in 0..4 {
                let (mut socket, mut peer) = if is_server {
                    server(control.clone(), extensions, ROOM, way < 3).await
                } else {
                    client(control.clone(), extensions).await
                };
                for (at, (message, prepared)) in messages().into_iter().zip(&prepared).enumerate() {
                    let payload = if way == 0 { Payload::from(message) } else { Payload::from(prepared) };
                    match at % 3 {
                        0 => soon(socket.send(payload)).await.unwrap(),
                        1 => soon(socket.feed(payload)).await.unwrap(),
                        _ => socket.try_send(payload).unwrap(),
                    }
                }
                let sent = socket.information().sent();
                assert_eq!((sent.messages, sent.bytes), expected, "{name}");
                said.push(frames(&all(socket, &mut peer).await));
            }
            let plain =
                |frames: &[Frame]| frames.iter().map(|frame| (frame.first, frame.payload.clone())).collect::<Vec<_>>();
            assert_eq!(said[0].len(), prepared.len() + 1, "{name}: and the Close");
            for prepared in &said[1..] {
                assert!(plain(prepared) == plain(&said[0]), "{name}, server: {is_server}");
                let is_masked_anew = prepared.iter().zip(&said[0]).all(|(one, other)| one.key != other.key);
                assert!(prepared.iter().all(|frame| frame.key.is_none() == is_server), "{name}");
                assert!(is_server || is_masked_anew, "{name}: a key is there twice");
            }
        }
    }
}

#[tokio::test]
async fn what_waits_to_be_sent_is_counted_whether_it_is_shared_or_not() {
    // Nobody reads: all that the pipe does not take waits.
    const PIPE: usize = 1024;
    for (name, control, extensions) in negotiated() {
        let mut waiting = Vec::new();
        for is_prepared in [false, true] {
            let (mut socket, peer) = server(control.clone(), extensions, PIPE, true).await;
            for message in messages() {
                let prepared = PreparedMessage::new(message.clone());
                let payload = if is_prepared { Payload::from(&prepared) } else { Payload::from(message) };
                soon(socket.feed(payload)).await.unwrap();
            }
            assert!(poll_once(socket.flush()).is_pending(), "{name}: there is more than the pipe takes");
            waiting.push(socket.buffered_amount());
            drop(peer);
        }
        assert!(waiting[0] > PIPE && waiting[0] == waiting[1], "{name}: {waiting:?}");
    }
}
