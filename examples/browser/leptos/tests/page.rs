//! The component in a page: it connects, sends, shows, and closes when it is unmounted.

#[path = "../../support.rs"]
mod support;

use leptos::{mount::mount_to, prelude::*};
use leptos_chat::Chat;
use support::{peer, record_of, root, submit, text_of, until};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Element;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

fn mount(url: &str) -> (Element, impl Sized + use<>) {
    let (root, url) = (root(), url.to_owned());
    let handle = mount_to(root.clone().unchecked_into(), move || view! { <Chat url=url.clone() /> });
    (root, handle)
}

#[wasm_bindgen_test]
async fn it_connects_sends_shows_and_closes_when_unmounted() {
    let id = format!("leptos-{}", js_sys::Math::random());
    let (root, app) = mount(&peer(&format!("/echo?id={id}")));
    until(|| text_of(&root, "output") == "open").await;
    submit(&root, "hello");
    until(|| text_of(&root, "li") == "hello").await;
    drop(app);
    let record = record_of(&id).await;
    assert!(record.contains("close 1000 unmounted"), "{record}");
    root.remove();
}

#[wasm_bindgen_test]
async fn it_shows_how_a_connection_ended() {
    let (root, app) = mount(&peer("/close?code=4000&reason=enough"));
    until(|| text_of(&root, "output").contains("enough")).await;
    drop(app);
    root.remove();
}
