//! The raw half: bytes written by hand, frames read by a reader of the peer's own.

use std::io;
use std::num::NonZeroU64;

use data_encoding::HEXLOWER_PERMISSIVE;
use socket2::SockRef;

use crate::connection::Connection;
use crate::deflate;
use crate::flood;
use crate::frames::{CLOSE, MAX_CONTROL, PING, PONG, TEXT, frame, header};
use crate::http::{self, BadParameter, Head, Query};
use crate::sink::sink;

/// What a connection of this half does once it is open.
#[derive(Debug)]
pub(crate) enum Raw {
    Script { bytes: Vec<u8>, delivery: Delivery, then: Then, is_held: bool },
    Flood { bytes: u64, size: u64 },
    BigFrame { bytes: u64, fragments: u64 },
    Deflate,
    Sink,
    SlowReader { rate: u64 },
    Silent,
}

/// How a script leaves.
#[derive(Debug)]
pub(crate) enum Delivery {
    Whole,
    Bytes,
    Glued,
}

/// What follows the script.
#[derive(Debug)]
pub(crate) enum Then {
    /// Reads to the client's Close and answers it with its own payload.
    Wait,
    /// As `Wait`, but three texts leave before the answer.
    WaitThenLate,
    /// Sends a Close, then as `Closed`.
    Close,
    /// Reads to the client's Close without answering it, since the script had one; then ends TCP.
    Closed,
    /// Reads to the end of TCP and answers nothing.
    Hold,
    Drop,
    Reset,
}

impl Raw {
    pub(crate) fn parse(path: &str, query: &Query) -> Result<Option<Self>, BadParameter> {
        let mut raw = match path {
            "/raw" => Self::Script {
                bytes: hex(query.get("hex").unwrap_or_default())?,
                delivery: Delivery::parse(query.get("mode"))?,
                then: Then::parse(query.get("then"))?,
                is_held: false,
            },
            "/drop" => Self::script(numbered(query)?, Then::Drop),
            "/reset" => Self::script(numbered(query)?, Then::Reset),
            "/half-message" => {
                let half = [header(TEXT, false, 4), b"half".to_vec()].concat();
                Self::script(half, Then::Drop)
            }
            "/never-close" => Self::script(Vec::new(), Then::Hold),
            "/data-after-close" => Self::script(Vec::new(), Then::WaitThenLate),
            "/ping" => {
                let count = query.number("count", 1, MAX_COUNT)?;
                let pings = control(PING, query)?.repeat(count as usize);
                Self::script([pings, frame(TEXT, b"after")].concat(), Then::Wait)
            }
            "/pong" => {
                let pong = control(PONG, query)?;
                Self::script([pong, frame(TEXT, b"after")].concat(), Then::Wait)
            }
            "/flood" => Self::Flood {
                bytes: query.number("bytes", 0, u64::MAX)?,
                size: query.number("size", 64 * 1024, flood::MAX_SIZE)?.max(1),
            },
            "/big-frame" => Self::BigFrame {
                bytes: query.number("bytes", 0, i64::MAX as u64)?,
                fragments: query.number("fragments", 1, u64::MAX)?.max(1),
            },
            "/deflate" => Self::Deflate,
            "/sink" => Self::Sink,
            "/slow-reader" => Self::SlowReader { rate: query.number("rate", 0, u64::MAX)? },
            "/accept-then-silent" => Self::Silent,
            _ => return Ok(None),
        };
        if let Self::Script { is_held, .. } = &mut raw {
            *is_held = query.get("held").is_some();
        }
        Ok(Some(raw))
    }

    pub(crate) async fn serve(self, connection: &mut Connection, head: &Head) -> io::Result<()> {
        let Some(accept) = head.accept_key() else {
            return connection.refuse("400 Bad Request", "no Sec-WebSocket-Key").await;
        };
        let query = head.query();
        let upgrade = query.get("upgrade").unwrap_or("websocket");
        let connections = query.get("connection").unwrap_or("Upgrade");
        let extensions: Vec<_> = query.all("extensions").map(|value| ("Sec-WebSocket-Extensions", value)).collect();
        let answer = http::switching_by(upgrade, connections, &accept, &extensions);
        let then = match self {
            Self::Script { bytes, delivery, then, is_held } => {
                delivery.write(connection, answer, is_held, &bytes).await?;
                then
            }
            Self::Flood { bytes, size } => {
                connection.write(&answer).await?;
                flood::flood(connection, bytes, size).await?;
                Then::Wait
            }
            Self::BigFrame { bytes, fragments } => {
                connection.write(&answer).await?;
                flood::big_message(connection, bytes, fragments).await?;
                Then::Wait
            }
            Self::Deflate => {
                connection.write(&answer).await?;
                return deflate::echo(connection, query.get("extensions").unwrap_or_default()).await;
            }
            Self::Sink => {
                connection.write(&answer).await?;
                return sink(connection, None).await;
            }
            Self::SlowReader { rate } => {
                let rate = NonZeroU64::new(rate);
                if rate.is_some() {
                    SockRef::from(connection.tcp()).set_recv_buffer_size(SLOW_BUFFER)?;
                }
                connection.write(&answer).await?;
                if rate.is_none() {
                    released(connection).await?;
                }
                return sink(connection, rate).await;
            }
            Self::Silent => {
                connection.write(&answer).await?;
                return connection.client_gone().await;
            }
        };
        then.serve(connection).await
    }

    fn script(bytes: Vec<u8>, then: Then) -> Self {
        Self::Script { bytes, delivery: Delivery::Whole, then, is_held: false }
    }
}

impl Delivery {
    fn parse(mode: Option<&str>) -> Result<Self, BadParameter> {
        match mode {
            None | Some("whole") => Ok(Self::Whole),
            Some("bytes") => Ok(Self::Bytes),
            Some("glued") => Ok(Self::Glued),
            Some(other) => Err(BadParameter(format!("mode={other}"))),
        }
    }

    async fn write(
        &self,
        connection: &mut Connection,
        mut answer: Vec<u8>,
        is_held: bool,
        bytes: &[u8],
    ) -> io::Result<()> {
        if matches!(self, Self::Glued) {
            answer.extend_from_slice(bytes);
            return connection.write(&answer).await;
        }
        connection.write(&answer).await?;
        if is_held {
            released(connection).await?;
        }
        if matches!(self, Self::Whole) {
            return connection.write(bytes).await;
        }
        for byte in bytes {
            connection.write(&[*byte]).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

impl Then {
    fn parse(then: Option<&str>) -> Result<Self, BadParameter> {
        match then {
            None | Some("wait") => Ok(Self::Wait),
            Some("close") => Ok(Self::Close),
            Some("closed") => Ok(Self::Closed),
            Some("hold") => Ok(Self::Hold),
            Some("drop") => Ok(Self::Drop),
            Some("reset") => Ok(Self::Reset),
            Some(other) => Err(BadParameter(format!("then={other}"))),
        }
    }

    pub(crate) async fn serve(self, connection: &mut Connection) -> io::Result<()> {
        match self {
            Self::Wait => wait(connection, &[]).await,
            Self::WaitThenLate => wait(connection, &frame(TEXT, b"late").repeat(3)).await,
            Self::Close => {
                connection.write(&frame(CLOSE, &1000_u16.to_be_bytes())).await?;
                closed(connection).await
            }
            Self::Closed => closed(connection).await,
            Self::Hold => connection.client_end().await,
            Self::Drop => connection.finish().await,
            Self::Reset => connection.reset(),
        }
    }
}

/// Waits for the release of the connection, or for the client to go: then nobody is left to wait for.
async fn released(connection: &mut Connection) -> io::Result<()> {
    tokio::select! {
        () = connection.record.released() => {
            connection.record.note("released");
            Ok(())
        }
        gone = connection.client_gone() => gone,
    }
}

/// Reads to the client's Close, writes `first` and then the same Close, and ends TCP.
async fn wait(connection: &mut Connection, first: &[u8]) -> io::Result<()> {
    match connection.client_close().await? {
        Some(payload) => answer_close(connection, first, &payload).await,
        None => Ok(()),
    }
}

/// Reads to the client's Close, which is the second one, and ends TCP.
async fn closed(connection: &mut Connection) -> io::Result<()> {
    match connection.client_close().await? {
        Some(_) => connection.finish().await,
        None => Ok(()),
    }
}

/// Writes `first` and then the Close, and ends TCP.
pub(crate) async fn answer_close(connection: &mut Connection, first: &[u8], payload: &[u8]) -> io::Result<()> {
    let answer = [first, &frame(CLOSE, payload)].concat();
    connection.write(&answer).await?;
    connection.finish().await
}

/// N texts that say their number.
fn numbered(query: &Query) -> Result<Vec<u8>, BadParameter> {
    let messages = query.number("messages", 0, MAX_COUNT)?;
    let texts = (0..messages).map(|number| frame(TEXT, number.to_string().as_bytes()));
    Ok(texts.collect::<Vec<_>>().concat())
}

fn control(opcode: u8, query: &Query) -> Result<Vec<u8>, BadParameter> {
    let payload = query.get("payload").unwrap_or_default();
    if payload.len() > MAX_CONTROL {
        return Err(BadParameter(format!("payload: over {MAX_CONTROL} bytes")));
    }
    Ok(frame(opcode, payload.as_bytes()))
}

fn hex(text: &str) -> Result<Vec<u8>, BadParameter> {
    let decoded = HEXLOWER_PERMISSIVE.decode(text.as_bytes());
    decoded.map_err(|error| BadParameter(format!("hex: {error}")))
}

/// How many frames a script may have: it is built as a whole before it leaves.
const MAX_COUNT: u64 = 100_000;

/// How much the system may hold for a reader that has a rate: what it takes at once is not slow.
const SLOW_BUFFER: usize = 64 * 1024;
