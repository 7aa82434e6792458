//! What the tests of the components share: the peer, and a page with a component in it.

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, Event, EventInit, HtmlInputElement};
use websocket_anywhere::MessageWebSocket;

/// The peer of the tests, started beside them.
pub(crate) fn peer(path: &str) -> String {
    format!("{}{path}", option_env!("PEER_URL").unwrap_or("ws://127.0.0.1:9123"))
}

/// What the peer has seen of a connection, once that has closed.
pub(crate) async fn record_of(id: &str) -> String {
    let report = peer(&format!("/report?id={id}&until=close"));
    let record = MessageWebSocket::connect(&report).await.unwrap().receive().await.unwrap().unwrap();
    record.as_text().unwrap().to_owned()
}

/// Waits until the page is as it should be.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        let turn = Promise::new(&mut |resolve, _| drop(set_timeout(&resolve, 1)));
        JsFuture::from(turn).await.unwrap();
    }
}

/// A place for a component in the page.
pub(crate) fn root() -> Element {
    let document = web_sys::window().unwrap().document().unwrap();
    let root = document.create_element("main").unwrap();
    document.body().unwrap().append_child(&root).unwrap();
    root
}

pub(crate) fn text_of(root: &Element, selector: &str) -> String {
    root.query_selector(selector).unwrap().and_then(|found| found.text_content()).unwrap_or_default()
}

/// Enters a text and sends it.
pub(crate) fn submit(root: &Element, text: &str) {
    let input: HtmlInputElement = root.query_selector("input").unwrap().unwrap().unchecked_into();
    input.set_value(text);
    let init = EventInit::new();
    init.set_bubbles(true);
    init.set_cancelable(true);
    let submit = Event::new_with_event_init_dict("submit", &init).unwrap();
    root.query_selector("form").unwrap().unwrap().dispatch_event(&submit).unwrap();
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, millis: i32) -> JsValue;
}
