//! Which of the browser's sockets is used, and that its events count once.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use websocket_anywhere::{Backend, CloseCode, Control, ErrorKind, MessageWebSocket, StreamWebSocket};

use crate::support::{has_web_socket_stream, peer, soon, test};

/// Records what is constructed by this name, until it is dropped.
struct Watched {
    name: &'static str,
    original: JsValue,
    made: Array,
}

impl Watched {
    fn new(name: &'static str) -> Self {
        let original = Reflect::get(&js_sys::global(), &name.into()).unwrap();
        let made = Array::new();
        let wrap = Function::new_with_args(
            "original, made",
            "return original && new Proxy(original, {
                construct(target, values) {
                    const object = new target(...values);
                    made.push(object);
                    return object;
                }
            })",
        );
        let wrapped = wrap.call2(&JsValue::NULL, &original, &made).unwrap();
        Reflect::set(&js_sys::global(), &name.into(), &wrapped).unwrap();
        Self { name, original, made }
    }

    /// What was made since the last time.
    fn take(&self) -> Vec<JsValue> {
        self.made.splice(0, self.made.length(), &JsValue::UNDEFINED).iter().filter(|made| made.is_object()).collect()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        Reflect::set(&js_sys::global(), &self.name.into(), &self.original).unwrap();
    }
}

fn waiting_control() -> Control {
    Control::new().backpressure(true)
}

#[test]
async fn web_socket_stream_is_used_only_on_request() {
    let (plain, waiting) = (Watched::new("WebSocket"), Watched::new("WebSocketStream"));
    let is_present = usize::from(has_web_socket_stream());
    let made = || (plain.take().len(), waiting.take().len());
    let url = peer("/echo");

    let messages = soon(MessageWebSocket::connect(&url)).await.unwrap();
    assert_eq!(made(), (1, 0), "messages");
    let messages_that_wait = soon(MessageWebSocket::connect_with(&url, waiting_control())).await.unwrap();
    assert_eq!(made(), (1 - is_present, is_present), "messages with back-pressure");
    let bytes = soon(StreamWebSocket::connect(&url)).await.unwrap();
    assert_eq!(made(), (1, 0), "bytes");
    let bytes_that_wait = soon(StreamWebSocket::connect_with(&url, waiting_control())).await.unwrap();
    assert_eq!(made(), (1 - is_present, is_present), "bytes with back-pressure");
    let best = if is_present == 1 { Backend::WebSocketStream } else { Backend::WebSocket };
    assert_eq!(
        (messages.information().backend(), bytes.information().backend()),
        (Backend::WebSocket, Backend::WebSocket)
    );
    assert_eq!((messages_that_wait.information().backend(), bytes_that_wait.information().backend()), (best, best));
}

#[test]
async fn a_browser_without_web_socket_stream_is_found_out_at_run_time() {
    let hidden = Watched::new("WebSocketStream");
    Reflect::set(&js_sys::global(), &"WebSocketStream".into(), &JsValue::UNDEFINED).unwrap();
    let plain = Watched::new("WebSocket");
    let mut stream = soon(StreamWebSocket::connect_with(&peer("/echo"), waiting_control())).await.unwrap();
    assert_eq!((plain.take().len(), hidden.take().len()), (1, 0));
    assert!(soon(stream.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}

#[test]
async fn the_streams_of_a_web_socket_stream_are_locked() {
    if !has_web_socket_stream() {
        return;
    }
    let waiting = Watched::new("WebSocketStream");
    let stream = soon(StreamWebSocket::connect_with(&peer("/echo"), waiting_control())).await.unwrap();
    let made = waiting.take().remove(0);
    let opened: js_sys::Promise = Reflect::get(&made, &"opened".into()).unwrap().unchecked_into();
    let opened = wasm_bindgen_futures::JsFuture::from(opened).await.unwrap();
    for name in ["readable", "writable"] {
        let side = Reflect::get(&opened, &name.into()).unwrap();
        assert_eq!(Reflect::get(&side, &"locked".into()).unwrap(), JsValue::TRUE, "{name}");
    }
    drop(stream);
}

#[test]
async fn an_error_event_and_two_close_events_are_one_loss() {
    let plain = Watched::new("WebSocket");
    let mut socket = soon(MessageWebSocket::connect(&peer("/echo"))).await.unwrap();
    let dispatch = Function::new_with_args(
        "socket",
        "socket.dispatchEvent(new Event('error'));
        socket.dispatchEvent(new MessageEvent('message', { data: 'between' }));
        for (const code of [1006, 1000])
            socket.dispatchEvent(new CloseEvent('close', { code, wasClean: code === 1000 }));
        socket.dispatchEvent(new MessageEvent('message', { data: 'behind' }));",
    );
    dispatch.call1(&JsValue::NULL, &plain.take().remove(0)).unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("between"));
    assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
    assert_eq!(soon(socket.receive()).await.unwrap(), None);
    let closed = socket.closed().unwrap();
    assert_eq!((closed.code(), closed.was_clean()), (CloseCode::ABNORMAL, false));
    assert_eq!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap(), closed);
}
