//! URLs that are relative to the page, as WHATWG reads them.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use websocket_anywhere::{MessageWebSocket, StreamWebSocket};

use crate::support::{peer, soon, test};

/// `<base href>` of the page, until it is dropped.
struct Base {
    element: JsValue,
}

impl Base {
    /// `None` in workers and in Node, which have no page.
    fn set(href: &str) -> Option<Self> {
        let document = get(&js_sys::global(), "document");
        if !document.is_object() {
            return None;
        }
        let element = call(&document, "createElement", &"base".into());
        Reflect::set(&element, &"href".into(), &href.into()).unwrap();
        call(&get(&document, "head"), "append", &element);
        Some(Self { element })
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        call(&self.element, "remove", &JsValue::UNDEFINED);
    }
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

fn call(object: &JsValue, name: &str, argument: &JsValue) -> JsValue {
    get(object, name).unchecked_into::<Function>().call1(object, argument).unwrap()
}

#[test]
async fn a_relative_url_is_resolved_against_the_page() {
    let base = peer("/app/page").replace("ws://", "http://");
    let Some(_base) = Base::set(&base) else { return };
    let host = base.split('/').nth(2).unwrap();
    for (url, path) in [
        ("/request", "/request"),
        ("../request?a=b:c", "/request?a=b:c"),
        ("x/../../request?", "/request?"),
        (&format!("//{host}/request"), "/request"),
    ] {
        let mut socket = soon(MessageWebSocket::connect(url)).await.unwrap_or_else(|error| panic!("{url}: {error:?}"));
        let head = soon(socket.receive()).await.unwrap().unwrap();
        assert!(head.as_text().unwrap().starts_with(&format!("GET {path} HTTP/1.1\n")), "{url}: {head:?}");
    }
    soon(StreamWebSocket::connect("/echo")).await.unwrap();
}
