//! What one would write by hand on web-sys: a listener, a queue and a waker.

use std::{
    cell::RefCell,
    collections::VecDeque,
    future::poll_fn,
    rc::Rc,
    task::{Poll, Waker},
};

use bytes::Bytes;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{BinaryType, Event, MessageEvent, WebSocket};

use super::{Client, ended};
use crate::Result;

pub(crate) struct Raw {
    socket: WebSocket,
    queue: Rc<RefCell<Queue>>,
    _on_open: Closure<dyn FnMut(Event)>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(Event)>,
}

#[derive(Default)]
struct Queue {
    messages: VecDeque<Message>,
    waker: Option<Waker>,
    is_open: bool,
    is_closed: bool,
}

enum Message {
    Binary(Vec<u8>),
    Text(String),
}

impl Client for Raw {
    async fn connect(url: &str) -> Result<Self> {
        let socket = WebSocket::new(url).map_err(thrown)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let queue = Rc::<RefCell<Queue>>::default();
        let on_open = on(&queue, |queue, _: Event| queue.is_open = true);
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        let on_message = on(&queue, |queue, event: MessageEvent| {
            let message = match event.data().dyn_into::<ArrayBuffer>() {
                Ok(buffer) => Message::Binary(Uint8Array::new(&buffer).to_vec()),
                Err(data) => Message::Text(data.as_string().unwrap_or_default()),
            };
            queue.messages.push_back(message);
        });
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let on_close = on(&queue, |queue, _: Event| queue.is_closed = true);
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        let this = Self { socket, queue, _on_open: on_open, _on_message: on_message, _on_close: on_close };
        this.wait(|queue| queue.is_open.then_some(())).await?;
        Ok(this)
    }

    async fn send_bytes(&mut self, bytes: &Bytes) -> Result<()> {
        Ok(self.socket.send_with_u8_array(bytes).map_err(thrown)?)
    }

    async fn send_text(&mut self, text: &str) -> Result<()> {
        Ok(self.socket.send_with_str(text).map_err(thrown)?)
    }

    async fn receive(&mut self) -> Result<usize> {
        Ok(match self.wait(|queue| queue.messages.pop_front()).await? {
            Message::Binary(bytes) => bytes.len(),
            Message::Text(text) => text.len(),
        })
    }
}

impl Raw {
    async fn wait<T>(&self, take: impl Fn(&mut Queue) -> Option<T>) -> Result<T> {
        poll_fn(|cx| {
            let mut queue = self.queue.borrow_mut();
            if let Some(value) = take(&mut queue) {
                return Poll::Ready(Ok(value));
            }
            if queue.is_closed {
                return Poll::Ready(Err(ended()));
            }
            queue.waker = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}

/// A listener that changes the queue and wakes.
fn on<E: wasm_bindgen::convert::FromWasmAbi + 'static>(
    queue: &Rc<RefCell<Queue>>,
    change: fn(&mut Queue, E),
) -> Closure<dyn FnMut(E)> {
    let queue = Rc::clone(queue);
    Closure::new(move |event| {
        let mut queue = queue.borrow_mut();
        change(&mut queue, event);
        if let Some(waker) = queue.waker.take() {
            waker.wake();
        }
    })
}

fn thrown(error: JsValue) -> String {
    format!("{error:?}")
}
