//! Tests in a browser, with the peer in another process.

use std::{future::Future, io, time::Duration};

use futures::channel::oneshot;
use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
pub(crate) use wasm_bindgen_test::wasm_bindgen_test as test;
use websocket_anywhere::Control;

pub(crate) const BROWSER: bool = true;

/// The settings of the sockets that a test connects without a thought for back-pressure.
pub(crate) fn settings(control: Control) -> Control {
    if asks_for_backpressure() { control.backpressure(true) } else { control }
}

/// Whether they ask for back-pressure: so the test command covers `WebSocketStream`.
fn asks_for_backpressure() -> bool {
    user_agent().contains("tests by WebSocketStream")
}

/// Whether the platform can make a peer wait.
pub(crate) fn has_web_socket_stream() -> bool {
    Reflect::get(&js_sys::global(), &"WebSocketStream".into()).is_ok_and(|found| found.is_function())
}

/// Whether the peer of such a socket waits while nobody receives.
pub(crate) fn peers_wait() -> bool {
    asks_for_backpressure() && has_web_socket_stream()
}

/// Whether the peer of a socket that asks for it does.
pub(crate) fn peers_wait_on_request() -> bool {
    has_web_socket_stream()
}

/// Nobody calls it: a browser connects by itself.
pub(crate) async fn dial(_: String, _: u16) -> io::Result<tokio::io::Empty> {
    Ok(tokio::io::empty())
}

/// The URL of a path of the peer.
pub(crate) fn peer(path: &str) -> String {
    format!("{}{path}", env!("PEER_URL"))
}

/// Whether giving up a connection before it is open ends TCP at once: Firefox lets it linger.
pub(crate) fn ends_what_never_opened() -> bool {
    !user_agent().contains("Firefox")
}

/// Whether percent-encoded credentials of a URL reach the server as they are meant: Node sends them as they are written.
pub(crate) fn decodes_user_info() -> bool {
    !user_agent().contains("Node.js")
}

/// Whether `Connection: keep-alive, Upgrade` is taken for the list that it is: Node compares the whole value.
pub(crate) fn reads_connection_as_list() -> bool {
    !user_agent().contains("Node.js")
}

/// Whether a long queue is seen to become shorter while a slow peer takes it: Node writes all of it at once, and tells when that
/// is done.
pub(crate) fn shows_progress() -> bool {
    !user_agent().contains("Node.js")
}

/// The time since some moment.
pub(crate) fn now() -> Duration {
    Duration::from_secs_f64(js_sys::Date::now() / 1000.0)
}

pub(crate) fn random() -> u32 {
    (js_sys::Math::random() * f64::from(u32::MAX)) as u32
}

pub(crate) async fn sleep(duration: Duration) {
    let (sender, receiver) = oneshot::channel();
    let callback = Closure::once(move || {
        // Somebody waits, or the timeout would have been cleared.
        let _ = sender.send(());
    });
    let id = set_timeout(callback.as_ref().unchecked_ref(), duration.as_millis() as i32);
    let _timeout = Timeout { id, _callback: callback };
    receiver.await.unwrap();
}

/// A test that counts timers must not have its own left over.
struct Timeout {
    id: JsValue,
    _callback: Closure<dyn FnMut()>,
}

impl Drop for Timeout {
    fn drop(&mut self) {
        cancel(&self.id);
    }
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

/// What runs the tests; Node 20 does not say.
fn user_agent() -> String {
    let get = |object: &JsValue, name: &str| Reflect::get(object, &name.into());
    let agent = get(&js_sys::global(), "navigator").and_then(|navigator| get(&navigator, "userAgent"));
    agent.ok().and_then(|agent| agent.as_string()).unwrap_or_default()
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: i32) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn cancel(timeout: &JsValue);
}
