//! `/report` and `/release`: how a test learns, over a WebSocket, what the peer saw.

use std::io;
use std::time::Duration;

use futures::SinkExt;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::connection::Connection;
use crate::http::{BadParameter, Head, Query};
use crate::record::{Record, Records};
use crate::tungstenite_half::{WebSocket, accept, echo, end, open};

/// A look into a record, or a signal through it.
#[derive(Debug)]
pub(crate) enum Inspection {
    Report { id: String, until: String },
    Release { id: String },
}

impl Inspection {
    pub(crate) fn parse(path: &str, query: &Query) -> Result<Option<Self>, BadParameter> {
        let id = || {
            let id = query.get("id").map(str::to_owned);
            id.ok_or_else(|| BadParameter("id: missing".to_owned()))
        };
        Ok(Some(match path {
            "/report" => Self::Report { id: id()?, until: query.get("until").unwrap_or("end").to_owned() },
            "/release" => Self::Release { id: id()? },
            _ => return Ok(None),
        }))
    }

    pub(crate) async fn serve(self, connection: &mut Connection, head: &Head, records: &Records) -> io::Result<()> {
        if !accept(connection, head, &[]).await? {
            return connection.finish().await;
        }
        let text = match self {
            Self::Report { id, until } => {
                let record = records.under(&id);
                tokio::select! {
                    text = report(&record, &until) => text,
                    gone = connection.client_gone() => return gone,
                }
            }
            Self::Release { id } => {
                records.under(&id).release();
                "released".to_owned()
            }
        };
        let mut socket = open(&mut connection.socket).await;
        let outcome = tell(&mut socket, text).await;
        drop(socket);
        end(connection, outcome).await
    }
}

async fn report(record: &Record, until: &str) -> String {
    match tokio::time::timeout(PATIENCE, record.reaches(until)).await {
        Ok(()) => record.text(),
        Err(_) => format!("timeout\n{}", record.text()),
    }
}

async fn tell(socket: &mut WebSocket<'_>, text: String) -> Result<(), Error> {
    socket.feed(Message::text(text)).await?;
    let close = CloseFrame { code: CloseCode::Normal, reason: "".into() };
    socket.send(Message::Close(Some(close))).await?;
    echo(socket, &Record::default()).await
}

/// How long a report waits for its line.
const PATIENCE: Duration = Duration::from_secs(30);
