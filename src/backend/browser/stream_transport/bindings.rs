//! `WebSocketStream` and the streams that it is made of; web-sys has no `WebSocketStream` and more of the streams than is
//! needed here.
//!
//! It is specified by the WHATWG WebSockets standard's proposal and by the Streams standard. Chromium has it since 124.

use js_sys::{Object, Promise};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    pub(super) type WebSocketStream;

    #[wasm_bindgen(catch, constructor)]
    pub(super) fn new(url: &str, options: &Options) -> Result<WebSocketStream, JsValue>;

    /// Gives a [`Connection`].
    #[wasm_bindgen(method, getter)]
    pub(super) fn opened(this: &WebSocketStream) -> Promise;

    /// Gives a [`CloseInfo`], also where it is rejected.
    #[wasm_bindgen(method, getter)]
    pub(super) fn closed(this: &WebSocketStream) -> Promise;

    #[wasm_bindgen(catch, method)]
    pub(super) fn close(this: &WebSocketStream, info: &CloseInfo) -> Result<(), JsValue>;

    /// What to connect with.
    pub(super) type Options;

    #[wasm_bindgen(method, setter)]
    pub(super) fn set_protocols(this: &Options, protocols: &JsValue);

    #[wasm_bindgen(method, setter)]
    pub(super) fn set_signal(this: &Options, signal: &JsValue);

    /// What is known once it is open.
    pub(super) type Connection;

    #[wasm_bindgen(method, getter)]
    pub(super) fn readable(this: &Connection) -> ReadableStream;

    #[wasm_bindgen(method, getter)]
    pub(super) fn writable(this: &Connection) -> WritableStream;

    /// Code and reason of a Close.
    pub(super) type CloseInfo;

    #[wasm_bindgen(method, getter, js_name = closeCode)]
    pub(super) fn close_code(this: &CloseInfo) -> Option<u16>;

    #[wasm_bindgen(method, setter, js_name = closeCode)]
    pub(super) fn set_close_code(this: &CloseInfo, code: u16);

    #[wasm_bindgen(method, getter)]
    pub(super) fn reason(this: &CloseInfo) -> Option<String>;

    #[wasm_bindgen(method, setter)]
    pub(super) fn set_reason(this: &CloseInfo, reason: &str);

    pub(super) type ReadableStream;

    /// Locks the stream.
    #[wasm_bindgen(catch, method, js_name = getReader)]
    pub(super) fn reader(this: &ReadableStream) -> Result<Reader, JsValue>;

    pub(super) type Reader;

    /// Gives a [`ReadResult`].
    #[wasm_bindgen(method)]
    pub(super) fn read(this: &Reader) -> Promise;

    /// Unlocks the stream; a read that waits is rejected and takes nothing.
    #[wasm_bindgen(method, js_name = releaseLock)]
    pub(super) fn release_lock(this: &Reader);

    pub(super) type ReadResult;

    #[wasm_bindgen(method, getter)]
    pub(super) fn done(this: &ReadResult) -> bool;

    /// A string or an `ArrayBuffer`.
    #[wasm_bindgen(method, getter)]
    pub(super) fn value(this: &ReadResult) -> JsValue;

    pub(super) type WritableStream;

    /// Locks the stream.
    #[wasm_bindgen(catch, method, js_name = getWriter)]
    pub(super) fn writer(this: &WritableStream) -> Result<Writer, JsValue>;

    pub(super) type Writer;

    /// Ends when the chunk has been handed to the network.
    #[wasm_bindgen(method)]
    pub(super) fn write(this: &Writer, chunk: &JsValue) -> Promise;

    /// Throws away what is not yet on its way.
    #[wasm_bindgen(method)]
    pub(super) fn abort(this: &Writer) -> Promise;

    /// Ends as soon as a closing handshake has begun.
    #[wasm_bindgen(method, getter)]
    pub(super) fn closed(this: &Writer) -> Promise;

    pub(super) type AbortController;

    #[wasm_bindgen(catch, constructor)]
    pub(super) fn new() -> Result<AbortController, JsValue>;

    #[wasm_bindgen(method, getter)]
    pub(super) fn signal(this: &AbortController) -> JsValue;

    #[wasm_bindgen(method)]
    pub(super) fn abort(this: &AbortController);

    /// The global object, with what it may lack.
    type Global;

    #[wasm_bindgen(method, getter, js_name = WebSocketStream)]
    fn web_socket_stream(this: &Global) -> JsValue;
}

/// Whether the platform has a `WebSocketStream`.
pub(super) fn is_present() -> bool {
    js_sys::global().unchecked_into::<Global>().web_socket_stream().is_function()
}

/// An object to set properties of.
pub(super) fn object<T: JsCast>() -> T {
    Object::new().unchecked_into()
}
