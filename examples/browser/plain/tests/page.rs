//! What JavaScript sees of a connection: echoes, the end, and errors in words.

use js_sys::{Array, Function, JsString, Promise};
use plain::Connection;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// The peer of the tests, started beside them.
fn peer(path: &str) -> String {
    format!("{}{path}", option_env!("PEER_URL").unwrap_or("ws://127.0.0.1:9123"))
}

/// Waits until so many texts have been shown.
async fn shown(texts: &Array, count: u32) -> Vec<String> {
    while texts.length() < count {
        let turn = Promise::new(&mut |resolve, _| drop(set_timeout(&resolve, 1)));
        JsFuture::from(turn).await.unwrap();
    }
    texts.iter().map(|text| text.unchecked_into::<JsString>().into()).collect()
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, millis: i32) -> JsValue;
}

fn show_in(texts: &Array) -> Function {
    let texts = texts.clone();
    let push = move |text: JsValue| {
        texts.push(&text);
    };
    Closure::<dyn FnMut(JsValue)>::new(push).into_js_value().unchecked_into()
}

#[wasm_bindgen_test]
async fn what_is_sent_comes_back_and_free_closes() {
    let texts = Array::new();
    let mut connection = Connection::open(peer("/echo"), show_in(&texts)).await.unwrap_throw();
    connection.send("hello".to_owned()).unwrap_throw();
    assert_eq!(shown(&texts, 1).await, ["hello"]);
    drop(connection);
    assert_eq!(shown(&texts, 2).await[1], "closed with code 1000");
}

#[wasm_bindgen_test]
async fn a_lost_connection_is_shown_and_sending_throws() {
    let texts = Array::new();
    let mut connection = Connection::open(peer("/close?code=4000&reason=enough"), show_in(&texts)).await.unwrap_throw();
    assert!(shown(&texts, 1).await[0].contains("enough"));
    while connection.send("late".to_owned()).is_ok() {}
}

#[wasm_bindgen_test]
async fn a_server_that_is_not_there_is_an_error() {
    let texts = Array::new();
    assert!(Connection::open("ws://127.0.0.1:9/".to_owned(), show_in(&texts)).await.is_err());
}
