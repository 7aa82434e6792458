//! The same small program with each client: it connects to an echo server, sends a text, receives it and closes.
//!
//! A feature chooses the client; without one, nothing is sent, which shows what everything but a client takes.

#![cfg(all(target_family = "wasm", target_os = "unknown"))]

use wasm_bindgen::prelude::wasm_bindgen;

/// What comes back of `text`; nothing if anything fails.
#[wasm_bindgen]
pub async fn echo(url: String, text: String) -> Option<String> {
    client::echo(url, text).await
}

#[cfg(not(any(
    feature = "async-wsocket",
    feature = "ewebsock",
    feature = "gloo-net",
    feature = "tokio-tungstenite-wasm",
    feature = "web-sys",
    feature = "websock",
    feature = "websocket-anywhere",
    feature = "websocket-web",
    feature = "ws_stream_wasm"
)))]
mod client {
    //! No client.

    pub(crate) async fn echo(_: String, text: String) -> Option<String> {
        Some(text)
    }
}

#[cfg(feature = "websocket-anywhere")]
mod client {
    //! This crate.

    use websocket_anywhere::{CloseCode, Message, MessageWebSocket};

    pub(crate) async fn echo(url: String, text: String) -> Option<String> {
        let mut socket = MessageWebSocket::connect(&url).await.ok()?;
        socket.send(text).await.ok()?;
        let Message::Text(text) = socket.receive().await.ok()?? else { return None };
        socket.close(CloseCode::NORMAL, "").await.ok()?;
        Some(text.as_str().to_owned())
    }
}

#[cfg(feature = "gloo-net")]
mod client {
    //! gloo-net.

    use futures::{SinkExt as _, StreamExt as _};
    use gloo_net::websocket::{Message, futures::WebSocket};

    pub(crate) async fn echo(url: String, text: String) -> Option<String> {
        let mut socket = WebSocket::open(&url).ok()?;
        socket.send(Message::Text(text)).await.ok()?;
        let Message::Text(text) = socket.next().await?.ok()? else { return None };
        socket.close(Some(1000), None).ok()?;
        Some(text)
    }
}

#[cfg(feature = "ws_stream_wasm")]
mod client {
    //! ws_stream_wasm.

    use futures::{SinkExt as _, StreamExt as _};
    use ws_stream_wasm::{WsMessage, WsMeta};

    pub(crate) async fn echo(url: String, text: String) -> Option<String> {
        let (meta, mut stream) = WsMeta::connect(url, None).await.ok()?;
        stream.send(WsMessage::Text(text)).await.ok()?;
        let WsMessage::Text(text) = stream.next().await? else { return None };
        meta.close_code(1000).await.ok()?;
        Some(text)
    }
}

#[cfg(feature = "tokio-tungstenite-wasm")]
mod client {
    //! tokio-tungstenite-wasm.

    use futures::{SinkExt as _, StreamExt as _};
    use tokio_tungstenite_wasm::{Message, connect};

    pub(crate) async fn echo(url: String, text: String) -> Option<String> {
        let mut stream = connect(&url).await.ok()?;
        stream.send(Message::text(text)).await.ok()?;
        let Message::Text(text) = stream.next().await?.ok()? else { return None };
        stream.close().await.ok()?;
        Some(text.as_str().to_owned())
    }
}

#[cfg(feature = "websocket-web")]
mod client {
    //! websocket-web.

    use futures::{SinkExt as _, StreamExt as _};
    use websocket_web::{CloseCode, Msg, WebSocket};

    pub(crate) async fn echo(url: String, text: String) -> Option<String> {
        let mut socket = WebSocket::connect(url).await.ok()?;
        socket.send(text).await.ok()?;
        let Msg::Text(text) = socket.next().await?.ok()? else { return None };
        socket.close_with_reason(CloseCode::NormalClosure, "");
        Some(text)
    }
}

#[cfg(feature = "websock")]
mod client {
    //! websock.

    use websock::{ClientBuilder, Message};

    pub(crate) async fn echo(url: String, text: String) -> Option<String> {
        let mut connection = ClientBuilder::new().build().connect(&url).await.ok()?;
        connection.send(Message::Text(text)).await.ok()?;
        let Message::Text(text) = connection.recv().await.ok()? else { return None };
        connection.close().await.ok()?;
        Some(text)
    }
}

#[cfg(feature = "async-wsocket")]
mod client {
    //! async-wsocket.

    use async_wsocket::{ConnectionMode, Message, Url, WebSocket};
    use futures::{SinkExt as _, StreamExt as _};

    pub(crate) async fn echo(url: String, text: String) -> Option<String> {
        let url = Url::parse(&url).ok()?;
        let mut socket = WebSocket::connect(&url, &ConnectionMode::direct()).await.ok()?;
        socket.send(Message::Text(text)).await.ok()?;
        let Message::Text(text) = socket.next().await?.ok()? else { return None };
        socket.close().await.ok()?;
        Some(text)
    }
}

#[cfg(feature = "ewebsock")]
mod client {
    //! ewebsock, which calls back.

    use std::ops::ControlFlow;

    use ewebsock::{Options, WsEvent, WsMessage, ws_connect};
    use futures::{StreamExt as _, channel::mpsc};

    pub(crate) async fn echo(url: String, text: String) -> Option<String> {
        let (sender, mut events) = mpsc::unbounded();
        let on_event = Box::new(move |event| {
            // Nobody listens once the text is there.
            let _ = sender.unbounded_send(event);
            ControlFlow::Continue(())
        });
        let mut socket = ws_connect(url, Options::default(), on_event).ok()?;
        while !matches!(events.next().await?, WsEvent::Opened) {}
        socket.send(WsMessage::Text(text));
        let text = loop {
            if let WsEvent::Message(WsMessage::Text(text)) = events.next().await? {
                break text;
            }
        };
        socket.close();
        Some(text)
    }
}

#[cfg(feature = "web-sys")]
mod client {
    //! Raw web-sys: a listener, a queue and a waker.

    use std::{
        cell::RefCell,
        collections::VecDeque,
        future::poll_fn,
        rc::Rc,
        task::{Poll, Waker},
    };

    use wasm_bindgen::{JsCast as _, closure::Closure, convert::FromWasmAbi};
    use web_sys::{BinaryType, Event, MessageEvent, WebSocket};

    #[derive(Default)]
    struct Queue {
        messages: VecDeque<String>,
        waker: Option<Waker>,
        is_open: bool,
        is_closed: bool,
    }

    pub(crate) async fn echo(url: String, text: String) -> Option<String> {
        let socket = WebSocket::new(&url).ok()?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let queue = Rc::<RefCell<Queue>>::default();
        let on_open = on(&queue, |queue, _: Event| queue.is_open = true);
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        let on_message = on(&queue, |queue, event: MessageEvent| queue.messages.extend(event.data().as_string()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let on_close = on(&queue, |queue, _: Event| queue.is_closed = true);
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        wait(&queue, |queue| queue.is_open.then_some(())).await?;
        socket.send_with_str(&text).ok()?;
        let text = wait(&queue, |queue| queue.messages.pop_front()).await?;
        socket.close_with_code(1000).ok()?;
        Some(text)
    }

    async fn wait<T>(queue: &RefCell<Queue>, take: impl Fn(&mut Queue) -> Option<T>) -> Option<T> {
        poll_fn(|cx| {
            let mut queue = queue.borrow_mut();
            match take(&mut queue) {
                None if !queue.is_closed => {
                    queue.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
                value => Poll::Ready(value),
            }
        })
        .await
    }

    /// A listener that changes the queue and wakes.
    fn on<E: FromWasmAbi + 'static>(queue: &Rc<RefCell<Queue>>, change: fn(&mut Queue, E)) -> Closure<dyn FnMut(E)> {
        let queue = Rc::clone(queue);
        Closure::new(move |event| {
            let mut queue = queue.borrow_mut();
            change(&mut queue, event);
            if let Some(waker) = queue.waker.take() {
                waker.wake();
            }
        })
    }
}
