//! A component of Leptos with a connection of its own, by a function to copy: it connects when it is mounted, tells its state,
//! and closes when its owner is cleaned up.

use futures::{StreamExt, channel::mpsc};
use leptos::{ev::SubmitEvent, html::Input, prelude::*, task::spawn_local};
use wasm_bindgen::prelude::wasm_bindgen;
use websocket_anywhere::{CloseCode, Event, MessageWebSocket};

/// How far a connection is.
#[derive(Clone, PartialEq)]
pub enum State {
    Connecting,
    Open,
    /// With how it ended, in words.
    Ended(String),
}

/// A connection to `url`: its state, and what sends texts. `on_text` is called with each text that comes.
pub fn use_socket(url: String, on_text: impl Fn(String) + 'static) -> (ReadSignal<State>, impl Fn(String) + Copy) {
    let (state, set_state) = signal(State::Connecting);
    let (sender, texts) = mpsc::channel(MOST_WAITING);
    // It is dropped together with the owner, and then the task below closes.
    let queue = StoredValue::new(sender);
    spawn_local(run(url, texts, set_state, on_text));
    let send = move |text| {
        // Fails if the connection does not take so many texts, or has ended; the state tells.
        let _ = queue.try_update_value(|queue| queue.try_send(text));
    };
    (state, send)
}

/// The owner may be gone whenever this tells something: hence `try_set`.
async fn run(
    url: String,
    mut texts: mpsc::Receiver<String>,
    state: WriteSignal<State>,
    on_text: impl Fn(String) + 'static,
) {
    let socket = match MessageWebSocket::connect(&url).await {
        Ok(socket) => socket,
        Err(error) => return drop(state.try_set(State::Ended(error.to_string()))),
    };
    state.try_set(State::Open);
    let mut sender = socket.listen(move |event| match event {
        Event::MessageReceived(message) => on_text(message.as_text().unwrap_or("(bytes)").to_owned()),
        Event::Closed(closed) => drop(state.try_set(State::Ended(format!("closed with {closed}")))),
        Event::Failed(error) => drop(state.try_set(State::Ended(error.to_string()))),
    });
    while let Some(text) = texts.next().await {
        if sender.send(text).await.is_err() {
            return;
        }
    }
    let _ = sender.close(CloseCode::NORMAL, "unmounted").await;
}

/// Sends what is entered, and shows what comes. The URL may be relative to the page.
#[component]
pub fn Chat(#[prop(into)] url: String) -> impl IntoView {
    let (heard, set_heard) = signal(Vec::new());
    let (state, send) = use_socket(url, move |text| {
        set_heard.try_update(|heard: &mut Vec<String>| {
            heard.push(text);
            heard.drain(..heard.len().saturating_sub(MOST_SHOWN));
        });
    });
    let input = NodeRef::<Input>::new();
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(input) = input.get() {
            send(input.value());
            input.set_value("");
        }
    };
    let status = move || match state.get() {
        State::Connecting => "connecting".to_owned(),
        State::Open => "open".to_owned(),
        State::Ended(why) => why,
    };
    view! {
        <form on:submit=on_submit>
            <output>{status}</output>
            <input node_ref=input disabled=move || state.get() != State::Open />
            <ul>{move || heard.get().into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul>
        </form>
    }
}

/// Shows the component on the page.
#[wasm_bindgen]
pub fn show(url: String) {
    mount_to_body(move || view! { <Chat url /> });
}

const MOST_WAITING: usize = 16;
const MOST_SHOWN: usize = 100;
