//! The rules of RFC 6455 sections 5 to 8 and of RFC 7692 sections 6 and 7, one row each: what a peer sends, and what has to come
//! of it. Each row is played to a client and to a server, for whole messages and for parts, in one piece and byte by byte, with
//! compression and without.

mod closing;
mod compressed;
mod data;
mod frames;
mod sending;

use properties::wire::{FIN, RSV1, header};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use websocket_anywhere::{
    Compression, Control, ErrorKind, Message, MessageWebSocket, ReceiveMode, ServerControl, ServerMessageWebSocket,
    SocketMessageType,
};

use super::memory_pipe::{CAPACITY, URL, accept};
use crate::support::soon;

/// A rule, and a peer that keeps or breaks it.
struct Row {
    /// The section, and what it says.
    rule: &'static str,
    /// What the peer writes.
    input: fn(Peer) -> Vec<u8>,
    messages: Vec<Message>,
    /// The payloads of the Pongs that answer.
    pongs: Vec<Vec<u8>>,
    end: End,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The peer has broken nothing: it closes with 1000 by itself behind the input.
    Open,
    /// The input has a Close with this code, or 1005 for none, which is answered by the same.
    Closed(u16),
    /// The connection is failed: an error, and a Close with this code.
    Failed(ErrorKind, u16),
}

/// 1002 (RFC 6455 section 7.4.1).
const PROTOCOL: End = End::Failed(ErrorKind::Protocol, 1002);
/// 1007.
const NOT_UTF8: End = End::Failed(ErrorKind::InvalidUtf8, 1007);
/// 1009.
const TOO_BIG: End = End::Failed(ErrorKind::MessageTooBig, 1009);

/// The longest message that is accepted in these rows.
const LIMIT: usize = 100_000;

/// The side that the rows are played by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peer {
    Server,
    Client,
}

impl Peer {
    /// A frame with the mask of this side (section 5.1).
    fn frame(self, first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
        let payload = payload.as_ref();
        self.raw(&header(first, payload.len() as u64), payload)
    }

    /// A frame with any header, which has no mask yet.
    fn raw(self, header: &[u8], payload: &[u8]) -> Vec<u8> {
        let mut bytes = header.to_vec();
        if self == Self::Server {
            return [&bytes, payload].concat();
        }
        bytes[1] |= 0x80;
        bytes.extend(MASK);
        bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
        bytes
    }

    const fn other(self) -> Self {
        match self {
            Self::Server => Self::Client,
            Self::Client => Self::Server,
        }
    }

    fn close(self, code: u16, reason: impl AsRef<[u8]>) -> Vec<u8> {
        self.frame(FIN | 8, [&code.to_be_bytes(), reason.as_ref()].concat())
    }
}

/// The key of the examples in section 5.7.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

fn row(rule: &'static str, input: fn(Peer) -> Vec<u8>, messages: &[Message], end: End) -> Row {
    Row { rule, input, messages: messages.to_vec(), pongs: Vec::new(), end }
}

/// A row with Pings.
fn pinged(rule: &'static str, input: fn(Peer) -> Vec<u8>, messages: &[Message], pongs: &[&[u8]], end: End) -> Row {
    let pongs = pongs.iter().map(|pong| pong.to_vec()).collect();
    Row { pongs, ..row(rule, input, messages, end) }
}

fn text(text: &str) -> Message {
    Message::from(text)
}

fn binary(bytes: impl Into<Vec<u8>>) -> Message {
    Message::from(bytes.into())
}

/// How a row is played.
#[derive(Clone, Copy, Debug)]
struct Play {
    peer: Peer,
    compression: bool,
    mode: ReceiveMode,
    bytewise: bool,
}

/// Which connections a row is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum With {
    Anything,
    /// Without the extension.
    Plain,
    /// With it. A server of this crate declines it, so only servers send what is compressed.
    Compression,
}

async fn play_all(with: With, rows: Vec<Row>) {
    let mut played = 0;
    for row in &rows {
        for (peer, compression) in [(Peer::Server, false), (Peer::Server, true), (Peer::Client, false)] {
            let fits = with == With::Anything || (with == With::Compression) == compression;
            for mode in [ReceiveMode::Full, ReceiveMode::Partial] {
                for bytewise in [false, true] {
                    if fits {
                        soon(play(row, Play { peer, compression, mode, bytewise })).await;
                        played += 1;
                    }
                }
            }
        }
    }
    assert!(played >= rows.len() * 4, "{played}");
}

async fn play(row: &Row, play: Play) {
    let (mut socket, mut wire) = open(play).await;
    let mut input = (row.input)(play.peer);
    if row.end == End::Open {
        input.extend(play.peer.close(1000, ""));
    }
    let peer = async {
        if play.bytewise && input.len() < 1000 {
            for byte in &input {
                // The other side may have ended it already, which is what the row may be about.
                let _ = wire.write_all(&[*byte]).await;
                tokio::task::yield_now().await;
            }
        } else {
            let _ = wire.write_all(&input).await;
        }
        let frames = read_frames(&mut wire, play.peer.other()).await;
        drop(wire);
        frames
    };
    let receive = async {
        let mut messages = Vec::new();
        let error = loop {
            match receive(&mut socket, play.mode).await {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break None,
                Err(error) => break Some(error.kind()),
            }
        };
        (messages, error)
    };
    let (written, (messages, error)) = tokio::join!(peer, receive);
    let about = format!("{}\n{play:?}", row.rule);
    assert_eq!(messages, row.messages, "{about}");
    let (kind, answer) = match row.end {
        End::Open => (None, 1000),
        End::Closed(code) => (None, code),
        End::Failed(kind, code) => (Some(kind), code),
    };
    assert_eq!(error, kind, "{about}");
    let (close, pongs) = written.split_last().unwrap_or_else(|| panic!("nothing was written: {about}"));
    assert_eq!((close.0, code(&close.1)), (FIN | 8, answer), "{about}");
    let pongs: Vec<_> = pongs.iter().map(|(first, payload)| (*first, payload.clone())).collect();
    let expected: Vec<_> = row.pongs.iter().map(|payload| (FIN | 0xa, payload.clone())).collect();
    assert_eq!(pongs, expected, "{about}");
    let closed = soon(socket.close(1000, "")).await.unwrap();
    if kind.is_none() {
        assert_eq!((u16::from(closed.code()), closed.was_clean()), (answer, true), "{about}");
    } else {
        assert!(!closed.was_clean(), "{about}");
    }
}

/// The code of a Close, 1005 for none (section 7.1.5).
fn code(payload: &[u8]) -> u16 {
    payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code))
}

/// An open socket, and the transport of its peer.
async fn open(play: Play) -> (MessageWebSocket, DuplexStream) {
    let (near, mut far) = duplex(CAPACITY * 4);
    let mut control = Control::new().receive_mode(play.mode).max_message_size(Some(LIMIT));
    if play.peer == Peer::Client {
        let request = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        far.write_all(request.as_bytes()).await.unwrap();
        let socket = ServerMessageWebSocket::accept(near, ServerControl::new().settings(control)).await.unwrap();
        super::memory_pipe::read_head(&mut far).await;
        return (socket, far);
    }
    let mut extension = "";
    if play.compression {
        control = control.compression(Compression::new().threshold(0));
        extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    }
    let (socket, _) = tokio::join!(MessageWebSocket::handshake(near, URL, control), accept(&mut far, extension));
    (socket.unwrap(), far)
}

/// A message, whichever way it is received.
async fn receive(socket: &mut MessageWebSocket, mode: ReceiveMode) -> websocket_anywhere::Result<Option<Message>> {
    if mode == ReceiveMode::Full {
        return socket.receive().await;
    }
    let mut bytes = Vec::new();
    while let Some(part) = socket.receive_part().await? {
        bytes.extend_from_slice(&part.bytes);
        if part.is_message_complete {
            return Ok(Some(match part.kind {
                SocketMessageType::Utf8 => Message::from(String::from_utf8(bytes).unwrap()),
                SocketMessageType::Binary => Message::from(bytes),
            }));
        }
    }
    assert!(bytes.is_empty(), "the end comes inside a message without an error");
    Ok(None)
}

/// The frames of a side up to its Close, or to the end of the transport: first byte and payload.
async fn read_frames(wire: &mut DuplexStream, side: Peer) -> Vec<(u8, Vec<u8>)> {
    let mut frames: Vec<(u8, Vec<u8>)> = Vec::new();
    while frames.last().is_none_or(|(first, _)| first & !RSV1 != FIN | 8) {
        let Ok(first) = wire.read_u8().await else { break };
        let second = wire.read_u8().await.unwrap();
        // Section 5.1: a client masks each frame, a server none.
        assert_eq!(second & 0x80 != 0, side == Peer::Client, "{first:x} {second:x}");
        let len = match second & 0x7f {
            126 => wire.read_u16().await.unwrap().into(),
            127 => wire.read_u64().await.unwrap(),
            len => len.into(),
        };
        // Section 5.2: "the minimal number of bytes MUST be used".
        assert_eq!(header(first, len)[1], second & 0x7f, "a length of {len}");
        let mut key = [0; 4];
        if side == Peer::Client {
            wire.read_exact(&mut key).await.unwrap();
        }
        let mut payload = vec![0; len as usize];
        wire.read_exact(&mut payload).await.unwrap();
        payload.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
        frames.push((first, payload));
    }
    frames
}
