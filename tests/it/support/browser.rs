//! Tests in a browser, with the peer in another process.

use std::{future::Future, time::Duration};

use futures::channel::oneshot;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
pub(crate) use wasm_bindgen_test::wasm_bindgen_test as test;
use websocket_anywhere::Control;

pub(crate) const BROWSER: bool = true;

/// Whether the sockets for messages ask for back-pressure: so the test command takes them, too, to `WebSocketStream`.
const BACKPRESSURE: bool = option_env!("TEST_BACKPRESSURE").is_some();

/// The settings of the sockets for messages.
pub(crate) fn settings(control: Control) -> Control {
    if BACKPRESSURE { control.backpressure(true) } else { control }
}

/// Whether the platform can make a peer wait.
pub(crate) fn has_web_socket_stream() -> bool {
    Reflect::get(&js_sys::global(), &"WebSocketStream".into()).is_ok_and(|found| found.is_function())
}

/// Whether the peer of a `MessageWebSocket` waits while nobody receives.
pub(crate) fn messages_wait() -> bool {
    BACKPRESSURE && has_web_socket_stream()
}

/// Whether the peer of a `StreamWebSocket` waits while nobody reads.
pub(crate) fn bytes_wait() -> bool {
    has_web_socket_stream()
}

/// The URL of a path of the peer.
pub(crate) fn peer(path: &str) -> String {
    format!("{}{path}", env!("PEER_URL"))
}

/// Whether giving up a connection before it is open ends TCP at once: Firefox lets it linger.
pub(crate) fn ends_what_never_opened() -> bool {
    !NAVIGATOR.with(Navigator::user_agent).contains("Firefox")
}

pub(crate) fn random() -> u32 {
    (js_sys::Math::random() * f64::from(u32::MAX)) as u32
}

pub(crate) async fn sleep(duration: Duration) {
    let promise = Promise::new(&mut |resolve, _| {
        set_timeout(&resolve, duration.as_millis() as i32);
    });
    JsFuture::from(promise).await.unwrap();
}

/// Lets the browser deliver events.
pub(crate) async fn yield_now() {
    sleep(Duration::ZERO).await;
}

/// Runs a future beside the test and gives its output.
pub(crate) fn spawn<T: 'static>(future: impl Future<Output = T> + 'static) -> impl Future<Output = T> {
    let (sender, receiver) = oneshot::channel();
    spawn_local(async move {
        // The test may have ended.
        let _ = sender.send(future.await);
    });
    async move { receiver.await.unwrap() }
}

#[wasm_bindgen]
extern "C" {
    type Navigator;

    #[wasm_bindgen(method, getter, js_name = userAgent)]
    fn user_agent(this: &Navigator) -> String;

    #[wasm_bindgen(thread_local_v2, js_name = navigator)]
    static NAVIGATOR: Navigator;

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: i32) -> JsValue;
}
