//! The component in a page: it connects, sends, shows, and closes when it is unmounted.

#[path = "../../support.rs"]
mod support;

use support::{peer, record_of, root, submit, text_of, until};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Element;
use yew_chat::{Chat, ChatProps};

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

fn mount(url: &str) -> (Element, yew::AppHandle<Chat>) {
    let (root, props) = (root(), ChatProps { url: url.to_owned().into() });
    (root.clone(), yew::Renderer::<Chat>::with_root_and_props(root, props).render())
}

#[wasm_bindgen_test]
async fn it_connects_sends_shows_and_closes_when_unmounted() {
    let id = format!("yew-{}", js_sys::Math::random());
    let (root, app) = mount(&peer(&format!("/echo?id={id}")));
    until(|| text_of(&root, "output") == "open").await;
    submit(&root, "hello");
    until(|| text_of(&root, "li") == "hello").await;
    app.destroy();
    let record = record_of(&id).await;
    assert!(record.contains("close 1000 unmounted"), "{record}");
    root.remove();
}

#[wasm_bindgen_test]
async fn it_shows_how_a_connection_ended() {
    let (root, app) = mount(&peer("/close?code=4000&reason=enough"));
    until(|| text_of(&root, "output").contains("enough")).await;
    app.destroy();
    root.remove();
}
