//! The well-behaved half: tokio-tungstenite checks the request and runs the protocol.

use std::io;

use futures::{FutureExt, SinkExt, StreamExt};
use tokio::io::BufReader;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::server::{create_response, write_response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

use crate::connection::{Connection, Socket};
use crate::frames::pattern_message;
use crate::http::{BadParameter, Head, Query};
use crate::record::Record;

/// What a connection of this half does once it is open; in the end all of them echo but one.
#[derive(Debug)]
pub(crate) enum WellBehaved {
    Echo,
    Close { messages: u64, frame: Option<CloseFrame> },
    Repeat { message: Message, count: u64 },
    Protocol(Vec<HeaderValue>),
    Request,
    Mute,
}

impl WellBehaved {
    pub(crate) fn parse(path: &str, query: &Query) -> Result<Option<Self>, BadParameter> {
        Ok(Some(match path {
            "/echo" => Self::Echo,
            "/close" => Self::Close { messages: query.number("messages", 0, u64::MAX)?, frame: close_frame(query)? },
            "/text" => Self::Repeat {
                message: Message::text(query.get("body").unwrap_or_default()),
                count: query.number("count", 1, u64::MAX)?,
            },
            "/binary" => {
                let size = query.number("size", 0, MAX_MESSAGE as u64)? as usize;
                Self::Repeat {
                    message: Message::Binary(Bytes::from(pattern_message(size))),
                    count: query.number("count", 1, u64::MAX)?,
                }
            }
            "/protocol" => Self::Protocol(query.all("answer").map(header_value).collect::<Result<_, _>>()?),
            "/request" => Self::Request,
            "/mute" => Self::Mute,
            _ => return Ok(None),
        }))
    }

    pub(crate) async fn serve(self, connection: &mut Connection, head: &Head) -> io::Result<()> {
        let protocols = match &self {
            Self::Protocol(protocols) => &protocols[..],
            _ => &[],
        };
        if !accept(connection, head, protocols).await? {
            return connection.finish().await;
        }
        let mut socket = open(&mut connection.socket).await;
        let is_mute = matches!(self, Self::Mute);
        let mut outcome = self.start(&mut socket, head).await;
        if outcome.is_ok() {
            outcome = listen(&mut socket, &connection.record, !is_mute).await;
        }
        drop(socket);
        end(connection, outcome).await
    }

    async fn start(self, socket: &mut WebSocket<'_>, head: &Head) -> Result<(), Error> {
        match self {
            Self::Echo | Self::Protocol(_) | Self::Mute => Ok(()),
            Self::Close { messages, frame } => {
                for number in 0..messages {
                    socket.feed(Message::text(number.to_string())).await?;
                }
                socket.send(Message::Close(frame)).await
            }
            Self::Repeat { message, count } => {
                for _ in 0..count {
                    socket.feed(message.clone()).await?;
                }
                socket.flush().await
            }
            Self::Request => {
                let lines: Vec<&str> = head.lines().collect();
                socket.send(Message::text(lines.join("\n"))).await
            }
        }
    }
}

pub(crate) type WebSocket<'a> = WebSocketStream<&'a mut BufReader<Socket>>;

/// Answers the request. False: it was refused, since it does not ask properly for a WebSocket.
pub(crate) async fn accept(connection: &mut Connection, head: &Head, protocols: &[HeaderValue]) -> io::Result<bool> {
    let mut bytes = Vec::new();
    let written = create_response(&head.request).and_then(|mut response| {
        for protocol in protocols {
            let headers = response.headers_mut();
            headers.append("Sec-WebSocket-Protocol", protocol.clone());
        }
        write_response(&mut bytes, &response)
    });
    if let Err(error) = &written {
        bytes = crate::http::refusal("400 Bad Request", &[], &error.to_string());
    }
    connection.write(&bytes).await?;
    Ok(written.is_ok())
}

/// The protocol over a connection whose request has been answered.
pub(crate) async fn open(socket: &mut BufReader<Socket>) -> WebSocket<'_> {
    let config = WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
    WebSocketStream::from_raw_socket(socket, Role::Server, Some(config)).await
}

/// Echoes until the connection is closed.
pub(crate) async fn echo(socket: &mut WebSocket<'_>, record: &Record) -> Result<(), Error> {
    listen(socket, record, true).await
}

/// Reads until the connection is closed. Echoes gather while more messages are at hand.
async fn listen(socket: &mut WebSocket<'_>, record: &Record, echoes: bool) -> Result<(), Error> {
    loop {
        let next = match socket.next().now_or_never() {
            Some(next) => next,
            None => {
                socket.flush().await?;
                socket.next().await
            }
        };
        let Some(message) = next.transpose()? else {
            return Ok(());
        };
        record_message(record, &message);
        if echoes && (message.is_text() || message.is_binary()) {
            socket.feed(message).await?;
        }
    }
}

/// Ends TCP after the protocol has ended, well or not.
pub(crate) async fn end(connection: &mut Connection, outcome: Result<(), Error>) -> io::Result<()> {
    match outcome {
        Ok(()) | Err(Error::ConnectionClosed | Error::AlreadyClosed) => {}
        Err(Error::Io(error)) => return Err(error),
        Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => return Ok(()),
        Err(error) => connection.record.note(format_args!("violation {error}")),
    }
    connection.finish().await
}

fn record_message(record: &Record, message: &Message) {
    match message {
        Message::Text(text) => record.saw(format_args!("message text {}", text.len())),
        Message::Binary(bytes) => record.saw(format_args!("message binary {}", bytes.len())),
        Message::Ping(bytes) => record.saw(format_args!("ping {}", bytes.len())),
        Message::Pong(bytes) => record.saw(format_args!("pong {}", bytes.len())),
        Message::Close(None) => record.note("close empty"),
        Message::Close(Some(close)) => {
            let line = format!("close {} {}", u16::from(close.code), close.reason);
            record.note(line.trim_end());
        }
        // Only ever written.
        Message::Frame(_) => {}
    }
}

fn close_frame(query: &Query) -> Result<Option<CloseFrame>, BadParameter> {
    if query.get("code").is_none() {
        return Ok(None);
    }
    let code = query.number("code", 0, u64::from(u16::MAX))?;
    let code = u16::try_from(code).expect("bounded by the line before");
    Ok(Some(CloseFrame { code: CloseCode::from(code), reason: query.get("reason").unwrap_or_default().into() }))
}

fn header_value(text: &str) -> Result<HeaderValue, BadParameter> {
    HeaderValue::from_str(text).map_err(|_| BadParameter(format!("{text:?}: no value of a header")))
}

/// The longest message that is read or made; a longer one is refused.
const MAX_MESSAGE: usize = 1 << 30;
