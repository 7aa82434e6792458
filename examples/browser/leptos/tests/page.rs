//! The component in a page: it connects, sends, shows, and closes when it is unmounted.

use js_sys::{Function, Promise};
use leptos::{mount::mount_to, prelude::*};
use leptos_chat::Chat;
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, Event, EventInit, HtmlInputElement};
use websocket_anywhere::MessageWebSocket;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// The peer of the tests, started beside them.
fn peer(path: &str) -> String {
    format!("{}{path}", option_env!("PEER_URL").unwrap_or("ws://127.0.0.1:9123"))
}

/// Waits until the page is as it should be.
async fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        let turn = Promise::new(&mut |resolve, _| drop(set_timeout(&resolve, 1)));
        JsFuture::from(turn).await.unwrap();
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, millis: i32) -> JsValue;
}

fn mount(url: &str) -> (Element, impl Sized + use<>) {
    let document = web_sys::window().unwrap().document().unwrap();
    let root = document.create_element("main").unwrap();
    document.body().unwrap().append_child(&root).unwrap();
    let url = url.to_owned();
    let handle = mount_to(root.clone().unchecked_into(), move || view! { <Chat url=url.clone() /> });
    (root, handle)
}

fn text_of(root: &Element, selector: &str) -> String {
    root.query_selector(selector).unwrap().and_then(|found| found.text_content()).unwrap_or_default()
}

#[wasm_bindgen_test]
async fn it_connects_sends_shows_and_closes_when_unmounted() {
    let id = format!("leptos-{}", js_sys::Math::random());
    let (root, app) = mount(&peer(&format!("/echo?id={id}")));
    until(|| text_of(&root, "output") == "open").await;
    let input: HtmlInputElement = root.query_selector("input").unwrap().unwrap().unchecked_into();
    input.set_value("hello");
    let init = EventInit::new();
    init.set_bubbles(true);
    init.set_cancelable(true);
    let submit = Event::new_with_event_init_dict("submit", &init).unwrap();
    root.query_selector("form").unwrap().unwrap().dispatch_event(&submit).unwrap();
    until(|| text_of(&root, "li") == "hello").await;
    drop(app);
    let report = peer(&format!("/report?id={id}&until=close"));
    let record = MessageWebSocket::connect(&report).await.unwrap().receive().await.unwrap().unwrap();
    assert!(record.as_text().unwrap().contains("close 1000 unmounted"), "{record:?}");
    root.remove();
}

#[wasm_bindgen_test]
async fn it_shows_how_a_connection_ended() {
    let (root, app) = mount(&peer("/close?code=4000&reason=enough"));
    until(|| text_of(&root, "output").contains("enough")).await;
    drop(app);
    root.remove();
}
