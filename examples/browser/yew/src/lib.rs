//! A component of Yew with a connection of its own, by a hook to copy: it connects when it is mounted, tells its state, and
//! closes when it is unmounted. For another URL, give the component another `key`.

use std::rc::Rc;

use futures::{StreamExt, channel::mpsc};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlInputElement;
use websocket_anywhere::{CloseCode, Event, MessageWebSocket};
use yew::{platform::spawn_local, prelude::*};

/// How far a connection is.
#[derive(Clone, PartialEq)]
pub enum State {
    Connecting,
    Open,
    /// With how it ended, in words.
    Ended(String),
}

type Handle = UseStateHandle<State>;

/// A connection to `url`: its state, and what sends texts. `on_text` is called with each text that comes.
#[hook]
pub fn use_socket(url: AttrValue, on_text: Callback<String>) -> (State, Callback<String>) {
    let state = use_state(|| State::Connecting);
    let queue = use_mut_ref(|| None::<mpsc::Sender<String>>);
    use_effect_with((), {
        let (state, queue) = (state.clone(), Rc::clone(&queue));
        move |()| {
            let (sender, texts) = mpsc::channel(MOST_WAITING);
            queue.replace(Some(sender));
            spawn_local(run(url, texts, state, on_text));
            // The task below closes when its queue has ended.
            move || drop(queue.take())
        }
    });
    let send = move |text| {
        // Fails if the connection does not take so many texts, or has ended; the state tells.
        let _ = queue.borrow_mut().as_mut().map(|queue| queue.try_send(text));
    };
    ((*state).clone(), Callback::from(send))
}

async fn run(url: AttrValue, mut texts: mpsc::Receiver<String>, state: Handle, on_text: Callback<String>) {
    let socket = match MessageWebSocket::connect(&url).await {
        Ok(socket) => socket,
        Err(error) => return state.set(State::Ended(error.to_string())),
    };
    state.set(State::Open);
    let mut sender = socket.listen(move |event| match event {
        Event::MessageReceived(message) => on_text.emit(message.as_text().unwrap_or("(bytes)").to_owned()),
        Event::Closed(closed) => state.set(State::Ended(format!("closed with {closed}"))),
        Event::Failed(error) => state.set(State::Ended(error.to_string())),
    });
    while let Some(text) = texts.next().await {
        if sender.send(text).await.is_err() {
            return;
        }
    }
    let _ = sender.close(CloseCode::NORMAL, "unmounted").await;
}

/// What was heard, oldest first.
#[derive(Default)]
struct Heard(Vec<String>);

impl Reducible for Heard {
    type Action = String;

    fn reduce(self: Rc<Self>, text: String) -> Rc<Self> {
        let from = (self.0.len() + 1).saturating_sub(MOST_SHOWN);
        Rc::new(Self(self.0.iter().skip(from).cloned().chain([text]).collect()))
    }
}

#[derive(Properties, PartialEq)]
pub struct ChatProps {
    /// May be relative to the page.
    pub url: AttrValue,
}

/// Sends what is entered, and shows what comes.
#[component]
pub fn Chat(props: &ChatProps) -> Html {
    let heard = use_reducer(Heard::default);
    let dispatcher = heard.dispatcher();
    let (state, send) = use_socket(props.url.clone(), Callback::from(move |text| dispatcher.dispatch(text)));
    let input = use_node_ref();
    let entered = input.clone();
    let onsubmit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(input) = entered.cast::<HtmlInputElement>() {
            send.emit(input.value());
            input.set_value("");
        }
    };
    let (status, is_open) = match &state {
        State::Connecting => ("connecting", false),
        State::Open => ("open", true),
        State::Ended(why) => (why.as_str(), false),
    };
    html! {
        <form {onsubmit}>
            <output>{ status }</output>
            <input ref={input} disabled={!is_open} />
            <ul>{ for heard.0.iter().map(|text| html! { <li>{ text }</li> }) }</ul>
        </form>
    }
}

/// Shows the component on the page.
#[wasm_bindgen]
pub fn mount(url: String) {
    yew::Renderer::<Chat>::with_props(ChatProps { url: url.into() }).render();
}

const MOST_WAITING: usize = 16;
const MOST_SHOWN: usize = 100;
