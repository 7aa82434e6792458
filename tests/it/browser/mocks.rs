//! What the `WebSocket` of a platform may do against the rules: each is an error, none is a panic, and nothing hangs.

use std::time::Duration;

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::JsValue;
use websocket_anywhere::{CloseCode, Control, Error, ErrorKind, Message, MessageWebSocket, Reconnect, Result};

use crate::support::{message_socket_with, soon, test};

/// A `WebSocket` that does what a script says, in place of the browser's, until it is dropped.
pub(crate) struct Mock {
    original: JsValue,
    /// The sockets that were made; of each, `closed` is what `close` was last called with.
    made: Array,
}

impl Mock {
    /// `script` runs in the constructor, with `socket`.
    pub(crate) fn new(script: &str) -> Self {
        let original = Reflect::get(&js_sys::global(), &"WebSocket".into()).unwrap();
        let made = Array::new();
        let make = Function::new_with_args(
            "script, made",
            "return class {
                bufferedAmount = 0; protocol = ''; extensions = ''; closed = undefined;
                constructor() { made.push(this); script(this); }
                send() {}
                close(...values) { this.closed = values; }
            }",
        );
        let script = Function::new_with_args("socket", script);
        let class = make.call2(&JsValue::NULL, &script, &made).unwrap();
        Reflect::set(&js_sys::global(), &"WebSocket".into(), &class).unwrap();
        Self { original, made }
    }

    /// One that opens, and then does this.
    fn opened(script: &str) -> Self {
        Self::new(&format!("setTimeout(() => {{ socket.onopen({{}}); {script} }})"))
    }

    /// The code by which the last socket was closed.
    fn close_code(&self) -> Option<f64> {
        let closed = Reflect::get(&self.made.pop(), &"closed".into()).unwrap();
        Reflect::get_u32(&closed, 0).ok()?.as_f64()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        Reflect::set(&js_sys::global(), &"WebSocket".into(), &self.original).unwrap();
    }
}

async fn connect(control: Control) -> Result<MessageWebSocket> {
    soon(MessageWebSocket::connect_with("ws://mock.example/", control)).await
}

/// An error of a browser that does not allow a connection.
pub(crate) async fn not_allowed() -> Error {
    let _mock = Mock::new(SECURITY_ERROR);
    connect(Control::new()).await.unwrap_err()
}

const SECURITY_ERROR: &str = "throw new DOMException('insecure', 'SecurityError')";

#[test]
async fn what_the_constructor_throws_tells_what_is_wrong() {
    let one = || Control::new().supported_protocol("A").supported_protocol("a");
    for (script, control, kind) in [
        (SECURITY_ERROR, Control::new(), ErrorKind::NotAllowed),
        // Firefox, where a content security policy forbids it.
        ("throw { toString: () => '[Exception... NS_ERROR_CONTENT_BLOCKED]' }", Control::new(), ErrorKind::NotAllowed),
        ("throw new DOMException('The URL is invalid.', 'SyntaxError')", Control::new(), ErrorKind::InvalidUrl),
        ("throw new ReferenceError('WebSocket is not defined')", Control::new(), ErrorKind::NotSupported),
        ("throw new TypeError('Illegal constructor')", Control::new(), ErrorKind::NotSupported),
        ("throw new DOMException('The URL is invalid.', 'SyntaxError')", one(), ErrorKind::InvalidUrl),
        (SECURITY_ERROR, one(), ErrorKind::NotAllowed),
        // Node, Deno, Bun.
        (
            "throw new DOMException('Invalid Sec-WebSocket-Protocol value', 'SyntaxError')",
            one(),
            ErrorKind::InvalidArgument,
        ),
        (
            "throw new DOMException('Cannot supply multiple times the same protocol', 'SyntaxError')",
            one(),
            ErrorKind::InvalidArgument,
        ),
        ("throw new SyntaxError(`WebSocket protocols contain duplicates: 'a'`)", one(), ErrorKind::InvalidArgument),
    ] {
        let _mock = Mock::new(script);
        assert_eq!(connect(control).await.unwrap_err().kind(), kind, "{script}");
    }
}

#[test]
async fn what_a_browser_forbids_is_not_tried_again() {
    let mock = Mock::new(SECURITY_ERROR);
    let mut sockets = Reconnect::new("ws://mock.example/", Control::new()).initial_delay(Duration::ZERO);
    assert_eq!(soon(sockets.next()).await.unwrap().unwrap_err().kind(), ErrorKind::NotAllowed);
    assert!(soon(sockets.next()).await.is_none());
    assert_eq!(mock.made.length(), 1);
}

#[test]
async fn bytes_of_any_form_are_read() {
    for (data, bytes) in [
        ("new Uint8Array([1, 2, 3]).buffer", &[1, 2, 3][..]),
        ("new Uint8Array([1, 2, 3])", &[1, 2, 3]),
        ("new Uint8Array([0, 1, 2, 0]).subarray(1, 3)", &[1, 2]),
        ("new DataView(new Uint8Array([0, 1, 2, 0]).buffer, 1, 2)", &[1, 2]),
        ("new Uint16Array([0x0201, 0x0403])", &[1, 2, 3, 4]),
        ("new Float32Array([1])", &[0, 0, 128, 63]),
        ("new BigInt64Array([1n])", &[1, 0, 0, 0, 0, 0, 0, 0]),
        ("new DataView(new ArrayBuffer(0))", &[]),
    ] {
        let _mock = Mock::opened(&format!("socket.onmessage({{ data: {data} }})"));
        let mut socket = connect(Control::new()).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from(bytes.to_vec())), "{data}");
    }
}

#[test]
async fn data_that_are_neither_text_nor_bytes_end_the_connection() {
    for data in [
        "null",
        "undefined",
        "7",
        "7n",
        "true",
        "Symbol()",
        "{}",
        "[1, 2]",
        "{ byteLength: 3 }",
        "{ byteLength: 3, byteOffset: 9, buffer: new ArrayBuffer(1) }",
        "new Blob(['text'])",
        "new String('text')",
        "() => {}",
    ] {
        let mock =
            Mock::opened(&format!("socket.onmessage({{ data: 'before' }}); socket.onmessage({{ data: {data} }})"));
        let mut socket = connect(Control::new()).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("before"), "{data}");
        assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), ErrorKind::NotSupported, "{data}");
        assert_eq!(soon(socket.receive()).await.unwrap(), None, "{data}");
        assert_eq!(soon(socket.send("after")).await.unwrap_err().kind(), ErrorKind::NotSupported, "{data}");
        assert_eq!(mock.close_code(), Some(3003.0), "{data}");
    }
}

#[test]
async fn an_error_without_a_close_ends_the_connection() {
    let _mock = Mock::opened("socket.onmessage({ data: 'before' }); socket.readyState = 3; socket.onerror({})");
    let mut socket = connect(Control::new().close_timeout(Duration::from_millis(50))).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("before"));
    assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
    assert_eq!(soon(socket.receive()).await.unwrap(), None);
    assert_eq!(socket.closed().unwrap().code(), CloseCode::ABNORMAL);
}

#[test]
async fn a_server_that_chose_no_subprotocol_is_said_to_have_chosen_none() {
    for (chosen, words) in [("", "chose none of the subprotocols"), ("c", "chose the subprotocol \"c\"")] {
        let _mock = Mock::new(&format!("socket.protocol = '{chosen}'; setTimeout(() => socket.onopen({{}}))"));
        let error = connect(Control::new().supported_protocol("a")).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
async fn a_connection_that_takes_too_long_tells_the_time_that_it_had() {
    let _mock = Mock::new("");
    let time = |millis| Duration::from_millis(millis);
    for (control, words) in [
        (Control::new().deadline(Some(time(30))), "30ms"),
        (Control::new().connect_timeout(time(20)), "20ms"),
        (Control::new().connect_timeout(time(20)).deadline(Some(time(30))), "20ms"),
        (Control::new().connect_timeout(time(30)).deadline(Some(time(20))), "20ms"),
    ] {
        let error = connect(control).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (ErrorKind::Timeout, format!("connecting took longer than {words}"))
        );
    }
}

#[test]
async fn a_message_over_the_limit_is_told_with_its_size() {
    for path in ["/binary?size=11&count=1", "/text?body=hello,world&count=1"] {
        let mut socket = message_socket_with(path, Control::new().max_message_size(Some(10))).await.unwrap();
        let error = soon(socket.receive()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MessageTooBig);
        assert_eq!(error.to_string(), "a message of 11 bytes is over the limit of 10");
    }
}
