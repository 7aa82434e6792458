//! A connection for a page without a framework: JavaScript shows and enters texts, Rust does the rest.

use futures::{StreamExt, channel::mpsc};
use js_sys::Function;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use websocket_anywhere::{CloseCode, Event, MessageWebSocket};

/// A connection. `free()` closes it.
#[wasm_bindgen]
pub struct Connection(mpsc::Sender<String>);

#[wasm_bindgen]
impl Connection {
    /// Connects; `show` is called with each text that comes, and with how it ended. The URL may be relative to the page.
    pub async fn open(url: String, show: Function) -> Result<Connection, JsError> {
        let show = move |text: String| drop(show.call1(&JsValue::NULL, &text.into()));
        let mut socket = MessageWebSocket::connect(&url).await?.listen(move |event| match event {
            Event::MessageReceived(message) => show(message.as_text().unwrap_or("(bytes)").to_owned()),
            Event::Closed(closed) => show(format!("closed with {closed}")),
            Event::Failed(error) => show(format!("lost: {error}")),
        });
        let (sender, mut texts) = mpsc::channel::<String>(MOST_WAITING);
        spawn_local(async move {
            while let Some(text) = texts.next().await {
                if socket.send(text).await.is_err() {
                    return; // The handler above is told why.
                }
            }
            let _ = socket.close(CloseCode::NORMAL, "").await;
        });
        Ok(Self(sender))
    }

    /// Sends a text; throws if too many wait already, or the connection has ended.
    pub fn send(&mut self, text: String) -> Result<(), JsError> {
        Ok(self.0.try_send(text)?)
    }
}

const MOST_WAITING: usize = 16;
