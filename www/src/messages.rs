//! `MessageWebSocket`: a text, ten bytes, and a clean close.

use websocket_anywhere::{CloseCode, Message, MessageWebSocket};

use crate::Result;
use crate::page::Page;

const TEXT: &str = "Hello, World!";
const BYTES: [u8; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/// Sends both messages, shows what comes back, closes.
pub(crate) async fn run(page: &Page, url: &str) -> Result<()> {
    let mut socket = MessageWebSocket::connect(url).await?;

    socket.send(TEXT).await?;
    let Some(Message::Text(text)) = socket.receive().await? else {
        return Err("the text did not come back as text".into());
    };
    page.show("text", &text);

    socket.send(&BYTES[..]).await?;
    let Some(Message::Binary(bytes)) = socket.receive().await? else {
        return Err("the bytes did not come back as bytes".into());
    };
    page.show("binary", &hexadecimal(&bytes));

    let closed = socket.close(CloseCode::NORMAL, "bye").await?;
    let how = if closed.was_clean() { "clean" } else { "not clean" };
    let code = u16::from(closed.code());
    page.show("closed", &format!("{code} {} ({how})", closed.reason()));

    let same = *text == *TEXT && *bytes == BYTES && closed.code() == CloseCode::NORMAL;
    if same { Ok(()) } else { Err("the server is no echo server".into()) }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
