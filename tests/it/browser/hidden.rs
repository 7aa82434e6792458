//! A hidden page sends as fast as a visible one, though its timers are throttled.

use std::time::Duration;

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use websocket_anywhere::{CloseCode, Control, MessageWebSocket, Reconnect};

use crate::{
    reconnect::until_it_waits,
    support::{peer, poll_once, sleep, soon, test, unique_id},
};

/// Another page in front of this one, until it is dropped.
struct InFront {
    page: JsValue,
}

impl InFront {
    /// Waits until this page is hidden and its timers are throttled.
    async fn open() -> Self {
        let page = call("open", &"about:blank".into());
        assert!(page.is_object(), "the browser opens no page");
        let this = Self { page };
        let is_throttled = async {
            loop {
                let before = now();
                sleep(Duration::from_millis(1)).await;
                if is_hidden() && now() - before > 500.0 {
                    return;
                }
            }
        };
        soon(is_throttled).await;
        this
    }
}

impl Drop for InFront {
    fn drop(&mut self) {
        let close: Function = get(&self.page, "close").unchecked_into();
        close.call0(&self.page).unwrap();
    }
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

fn call(name: &str, argument: &JsValue) -> JsValue {
    get(&js_sys::global(), name).unchecked_into::<Function>().call1(&JsValue::UNDEFINED, argument).unwrap()
}

/// In milliseconds.
fn now() -> f64 {
    js_sys::Date::now()
}

/// Workers and Node have no page that could be hidden.
fn has_page() -> bool {
    get(&js_sys::global(), "document").is_object()
}

fn is_hidden() -> bool {
    get(&get(&js_sys::global(), "document"), "hidden").is_truthy()
}

/// How many milliseconds it takes to send 24 MiB, with a buffer of 1 MiB.
async fn much() -> f64 {
    let mut socket = soon(MessageWebSocket::connect(&peer("/sink"))).await.unwrap();
    let message = vec![1; 64 << 10];
    let before = now();
    soon(async {
        for _ in 0..24 * 16 {
            socket.send(&message[..]).await.unwrap();
        }
        socket.flush().await.unwrap();
    })
    .await;
    let took = now() - before;
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
    took
}

/// How many milliseconds it takes to send ten small messages, and to wait until each has left.
async fn little() -> f64 {
    let mut socket = soon(MessageWebSocket::connect(&peer("/sink"))).await.unwrap();
    let before = now();
    soon(async {
        for _ in 0..10 {
            socket.send(&[1; 100]).await.unwrap();
            socket.flush().await.unwrap();
        }
    })
    .await;
    now() - before
}

/// One that waits for an hour before it connects.
async fn waiting() -> Reconnect {
    let url = peer(&format!("/reject/503?first=1&id={}", unique_id()));
    let mut sockets = Reconnect::new(&url, Control::new()).initial_delay(Duration::from_secs(3600));
    until_it_waits(&mut sockets).await;
    sockets
}

#[test]
async fn reconnecting_goes_on_when_the_network_or_the_page_comes_back() {
    if !has_page() {
        return;
    }
    for event in ["online", "pageshow"] {
        let mut sockets = waiting().await;
        assert!(poll_once(sockets.next()).is_pending());
        let made = Reflect::construct(&get(&js_sys::global(), "Event").into(), &Array::of1(&event.into())).unwrap();
        call("dispatchEvent", &made);
        assert!(soon(sockets.next()).await.unwrap().is_ok(), "{event}");
    }
}

#[test]
async fn reconnecting_goes_on_when_the_page_is_seen_again() {
    if !has_page() {
        return;
    }
    let mut sockets = waiting().await;
    let front = InFront::open().await;
    assert!(poll_once(sockets.next()).is_pending());
    assert_eq!(sockets.failures(), 1, "a page that is hidden waits");
    drop(front);
    assert!(soon(sockets.next()).await.unwrap().is_ok());
}

#[test]
async fn a_hidden_page_sends_as_fast_as_a_visible_one() {
    if !has_page() {
        return;
    }
    let visible = [much().await, little().await];
    let front = InFront::open().await;
    let hidden = [much().await, little().await];
    assert!(is_hidden(), "all of it was hidden");
    drop(front);
    // Half a second for the start of the worker: one wait for a throttled timer takes twice as long.
    for (visible, hidden) in visible.into_iter().zip(hidden) {
        assert!(hidden < 2.0 * visible + 500.0, "{hidden} ms hidden, {visible} ms visible");
    }
}
