//! A program as somebody else would write it: a client of a quiz. Its tests need no server.

use websocket_anywhere::{CloseCode, ErrorKind, MessageWebSocket, Result};

/// How a quiz ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// So many answers were right.
    Points(u32),
    /// The server had enough, and said why.
    SentAway(String),
    /// Nobody knows.
    Lost,
}

/// Answers each question, until the server closes or tells the points.
///
/// # Errors
///
/// What the socket fails with, unless the connection was lost.
pub async fn play(mut socket: MessageWebSocket, answer: impl Fn(&str) -> String) -> Result<Outcome> {
    socket.send("ready").await?;
    loop {
        let message = match socket.receive().await {
            Ok(Some(message)) => message,
            Ok(None) => {
                let reason = socket.closed().map(|closed| closed.reason().to_owned());
                return Ok(Outcome::SentAway(reason.unwrap_or_default()));
            }
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::Timeout) => {
                return Ok(Outcome::Lost);
            }
            Err(error) => return Err(error),
        };
        let text = message.as_text().unwrap_or_default();
        if let Some(points) = text.strip_prefix("points ").and_then(|points| points.parse().ok()) {
            socket.close(CloseCode::NORMAL, "thanks").await?;
            return Ok(Outcome::Points(points));
        }
        socket.send(answer(text)).await?;
    }
}
