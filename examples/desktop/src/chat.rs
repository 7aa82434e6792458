//! A conversation over a `MessageWebSocket`: a handler of its events writes the log, a task sends.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    runtime::Handle,
    select,
    sync::{mpsc, oneshot},
    task::AbortHandle,
};
use websocket_anywhere::{CloseCode, Control, Error, Event, Message, MessageSender, MessageWebSocket};

use crate::{Wake, explained};

/// One conversation after the other, with one log.
pub struct Chat {
    runtime: Handle,
    desk: Desk,
    talk: Option<Talk>,
}

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// There is no connection.
    #[default]
    Closed,
    /// A connection is being made.
    Connecting,
    /// Messages can be sent.
    Open,
    /// The peer has not answered our Close yet.
    Closing,
}

/// What the window shows.
#[derive(Debug, Default)]
pub struct View {
    /// Where the conversation stands.
    pub state: State,
    /// The last [`MOST_LINES`] things that happened.
    pub log: VecDeque<Line>,
    /// Messages sent over all conversations.
    pub sent: u64,
    /// Messages received over all conversations.
    pub received: u64,
    /// The conversation that may write here; what is left of earlier ones may not.
    current: u64,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, since the program started.
    pub at: Duration,
    /// What.
    pub kind: Kind,
    /// In words; of a message the first [`MOST_CHARACTERS`] characters.
    pub text: String,
    /// The size of a message.
    pub bytes: Option<usize>,
}

/// What a line of the log is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message of ours.
    Sent,
    /// A message of theirs.
    Received,
    /// The connection opened or closed.
    Note,
    /// The connection was lost, or could not be made.
    Failure,
}

struct Talk {
    orders: mpsc::Sender<Order>,
    task: AbortHandle,
}

enum Order {
    Send(Message),
    Close,
}

impl Chat {
    /// No conversation yet.
    pub fn new(runtime: Handle, wake: Wake) -> Self {
        let view = Arc::default();
        Self { runtime, desk: Desk { view, started: Instant::now(), wake, number: 0 }, talk: None }
    }

    /// What to show; the background waits as long as this is held.
    pub fn view(&self) -> MutexGuard<'_, View> {
        self.desk.view()
    }

    /// Connects, in the background. A conversation that is under way is left.
    pub fn connect(&mut self, url: &str, protocol: &str) {
        self.leave();
        self.desk.number += 1;
        self.desk.view().current = self.desk.number;
        self.desk.record(Kind::Note, format!("connecting to {url}"), None, |view| view.state = State::Connecting);
        let offered = protocol.split(',').map(str::trim).filter(|name| !name.is_empty());
        let control = Control::new().supported_protocols(offered);
        let (orders, taken) = mpsc::channel(MOST_ORDERS);
        let task = self.runtime.spawn(talk(url.to_owned(), control, taken, self.desk.clone()));
        self.talk = Some(Talk { orders, task: task.abort_handle() });
    }

    /// Sends a message; gives it back if there is no open connection, or too much is on its way already.
    pub fn send(&mut self, message: Message) -> Result<(), Message> {
        let talk = self.talk.as_ref().filter(|_| self.view().state == State::Open);
        match talk.and_then(|talk| talk.orders.try_reserve().ok()) {
            Some(place) => {
                place.send(Order::Send(message));
                Ok(())
            }
            None => Err(message),
        }
    }

    /// Closes the connection; once more, or while it is being made, gives it up.
    pub fn close(&mut self) {
        let mut view = self.view();
        let Some(talk) = self.talk.as_ref().filter(|_| view.state != State::Closed) else {
            return;
        };
        // Under the lock, or the answer might be written down first.
        if view.state == State::Open && talk.orders.try_send(Order::Close).is_ok() {
            view.state = State::Closing;
            return;
        }
        drop(view);
        self.leave();
        self.desk.end(Kind::Note, "given up".to_owned());
    }

    /// Empties the log.
    pub fn clear(&mut self) {
        self.view().log.clear();
    }

    /// The end of the task drops its socket, which sends a Close.
    fn leave(&mut self) {
        if let Some(talk) = self.talk.take() {
            talk.task.abort();
        }
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        self.leave();
    }
}

async fn talk(url: String, control: Control, mut orders: mpsc::Receiver<Order>, desk: Desk) {
    let socket = match MessageWebSocket::connect_with(&url, control).await {
        Ok(socket) => socket,
        Err(error) => return desk.end(Kind::Failure, reason(&error)),
    };
    let information = socket.information();
    let protocol = information.protocol().map_or_else(String::new, |name| format!(", subprotocol {name}"));
    let peer = information.remote_address().map_or_else(String::new, |address| format!(" to {address}"));
    desk.open(format!("connected{peer}{protocol}"));
    // The handler is dropped after its last event.
    let (handler, mut ended) = oneshot::channel::<()>();
    let listener = desk.clone();
    let mut sender = socket.listen(move |event| {
        let _until_the_end = &handler;
        listener.hear(event);
    });
    loop {
        let carried_out = select! {
            _ = &mut ended => return,
            order = orders.recv() => match order {
                Some(order) => carry_out(order, &mut sender, &desk).await,
                None => return,
            },
        };
        if let Err(error) = carried_out {
            desk.record(Kind::Failure, format!("not sent: {}", reason(&error)), None, |_| ());
        }
    }
}

async fn carry_out(order: Order, sender: &mut MessageSender, desk: &Desk) -> Result<(), Error> {
    match order {
        Order::Send(message) => {
            // The answer may be there before the send returns.
            desk.message(Kind::Sent, &message);
            sender.send(message).await
        }
        // The handler hears how it ends.
        Order::Close => sender.close(CloseCode::NORMAL, "goodbye").await.map(drop),
    }
}

fn reason(error: &Error) -> String {
    format!("{} ({:?}, {})", explained(error), error.status(), error.hresult())
}

/// Where a conversation writes down what happens.
#[derive(Clone)]
struct Desk {
    view: Arc<Mutex<View>>,
    started: Instant,
    wake: Wake,
    /// Of the conversation.
    number: u64,
}

impl Desk {
    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, event: Event) {
        match event {
            Event::MessageReceived(message) => self.message(Kind::Received, &message),
            Event::Closed(closed) => self.end(Kind::Note, format!("closed: {closed}")),
            Event::Failed(error) => self.end(Kind::Failure, reason(&error)),
        }
    }

    fn open(&self, text: String) {
        self.record(Kind::Note, text, None, |view| view.state = State::Open);
    }

    fn end(&self, kind: Kind, text: String) {
        self.record(kind, text, None, |view| view.state = State::Closed);
    }

    fn message(&self, kind: Kind, message: &Message) {
        let text = match message.as_text() {
            Some(text) => text.chars().take(MOST_CHARACTERS).collect(),
            None => {
                let digits = message.as_bytes().iter().take(MOST_CHARACTERS / 3);
                digits.map(|byte| format!("{byte:02x} ")).collect::<String>().trim_end().to_owned()
            }
        };
        self.record(kind, text, Some(message.as_bytes().len()), |view| match kind {
            Kind::Sent => view.sent += 1,
            _ => view.received += 1,
        });
    }

    /// Changes the view and writes the line that says so, in one.
    fn record(&self, kind: Kind, text: String, bytes: Option<usize>, change: impl FnOnce(&mut View)) {
        let line = Line { at: self.started.elapsed(), kind, text, bytes };
        self.change(|view| {
            change(view);
            if view.log.len() == MOST_LINES {
                view.log.pop_front();
            }
            view.log.push_back(line);
        });
        (self.wake)();
    }

    fn change(&self, change: impl FnOnce(&mut View)) {
        let mut view = self.view();
        if view.current == self.number {
            change(&mut view);
        }
    }
}

/// How many lines the log keeps; older ones are forgotten.
pub const MOST_LINES: usize = 1000;
/// How much of a message the log keeps.
pub const MOST_CHARACTERS: usize = 2000;
/// How many messages may wait to be sent, besides what the socket buffers.
const MOST_ORDERS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_an_earlier_conversation_changes_nothing() {
        let before = Desk { view: Arc::default(), started: Instant::now(), wake: Arc::new(|| ()), number: 1 };
        let now = Desk { number: 2, ..before.clone() };
        now.view().current = 2;
        now.open("connected".to_owned());
        before.end(Kind::Failure, "lost".to_owned());
        before.message(Kind::Received, &"late".into());
        let view = now.view();
        assert_eq!((view.state, view.received, view.log.len()), (State::Open, 0, 1));
    }
}
