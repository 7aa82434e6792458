//! `MessageWebSocket`: what is typed is sent, what arrives is listed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::channel::mpsc;
use futures::future::{self, AbortHandle};
use futures::{StreamExt as _, join};
use wasm_bindgen_futures::spawn_local;
use websocket_anywhere::{CloseCode, Error, Message, MessageReceiver, MessageSender, MessageWebSocket};

use crate::card::{Card, State};
use crate::format;
use crate::live::Live;
use crate::log::{Log, Way};
use crate::page::{self, Page};
use crate::round_trip::{Probe, RoundTrip};
use crate::server::Server;
use crate::ticker::Ticker;

pub(crate) struct Messages {
    page: Rc<Page>,
    card: Card,
    server: Rc<Server>,
    live: Rc<Live>,
    log: Rc<Log>,
    phase: RefCell<Phase>,
    /// Whether the program has been asked to close the open connection.
    is_closing: Cell<bool>,
}

enum Phase {
    /// There is no connection.
    Idle,
    /// The attempt can be given up.
    Connecting(AbortHandle),
    /// The task that owns the sending half takes these.
    Open(mpsc::Sender<Command>),
    /// Nothing more is received; what was ordered before is still done.
    Ending,
}

/// What the sending half is to do.
enum Command {
    Text(String),
    Bytes(Vec<u8>),
    Probe(Probe),
    Close(CloseCode, String),
}

/// The page.
impl Messages {
    pub(crate) fn start(page: &Rc<Page>, server: &Rc<Server>, live: &Rc<Live>) {
        let this = Rc::new(Self {
            page: Rc::clone(page),
            card: Card::new(page, "messages"),
            server: Rc::clone(server),
            live: Rc::clone(live),
            log: Log::start(page),
            phase: RefCell::new(Phase::Idle),
            is_closing: Cell::default(),
        });
        let on = |id, event, order: fn(&Rc<Self>)| {
            let this = Rc::clone(&this);
            page.on_order(id, event, move || order(&this));
        };
        on("settings", "submit", Self::connect);
        on("composer", "submit", Self::send);
        on("closer", "submit", Self::close);
        for kind in ["kind-text", "kind-binary"] {
            let this = Rc::clone(&this);
            page.on(&page.element(kind), "change", move |_| this.name_message());
        }
        this.name_message();
    }

    /// The field for the message says what belongs into it.
    fn name_message(&self) {
        let is_binary = self.page.is_checked("kind-binary");
        self.page.show("message-label", if is_binary { "Bytes, like 00 2a ff" } else { "Message" });
        self.note("");
    }

    fn connect(self: &Rc<Self>) {
        if !matches!(*self.phase.borrow(), Phase::Idle) {
            return self.note("Not while there is a connection: close it first.");
        }
        let this = Rc::clone(self);
        let (attempt, handle) = future::abortable(async move {
            MessageWebSocket::connect_with(&this.server.url(), this.server.control()).await
        });
        self.phase.replace(Phase::Connecting(handle));
        self.card.clear();
        self.card.show_state(State::Connecting);
        self.note("");
        let this = Rc::clone(self);
        spawn_local(async move {
            match attempt.await {
                Ok(Ok(socket)) => this.talk(socket).await,
                Ok(Err(error)) => this.fail(&error),
                Err(_) => this.card.show_state(State::Idle),
            }
            this.phase.replace(Phase::Idle);
        });
    }

    fn send(self: &Rc<Self>) {
        let typed = self.page.typed("message");
        let command = if self.page.is_checked("kind-binary") {
            match format::bytes(&typed) {
                Ok(bytes) => Command::Bytes(bytes),
                Err(fault) => return self.note(&fault),
            }
        } else {
            Command::Text(typed)
        };
        self.note("");
        self.order(command);
    }

    fn close(self: &Rc<Self>) {
        if let Phase::Connecting(attempt) = &*self.phase.borrow() {
            return attempt.abort();
        }
        let typed = self.page.typed("close-code");
        let Ok(code) = typed.trim().parse::<u16>() else {
            return self.card.show_failure(&format!("“{typed}” is no close code: 1000 and 3000 to 4999 are"));
        };
        self.order(Command::Close(code.into(), self.page.typed("close-reason")));
    }

    fn order(&self, command: Command) {
        let Phase::Open(commands) = &mut *self.phase.borrow_mut() else {
            return self.note("Not connected: press Connect first.");
        };
        self.card.show_failure("");
        if commands.try_send(command).is_err() {
            self.note("The server takes nothing at the moment: what was sent before is still on its way.");
        }
    }

    fn note(&self, words: &str) {
        self.page.show("composer-note", words);
        let is_invalid = if words.is_empty() { "false" } else { "true" };
        page::set(&self.page.element("message"), "aria-invalid", is_invalid);
    }

    fn fail(&self, error: &Error) {
        self.card.show_state(State::Failed);
        self.card.show_error(error);
        self.log.event(&format!("failed: {error}"));
    }
}

/// The program.
impl Messages {
    /// Sends and receives until the connection ends.
    async fn talk(&self, socket: MessageWebSocket) {
        let (commands, orders) = mpsc::channel(MOST_ORDERS);
        self.phase.replace(Phase::Open(commands));
        self.is_closing.set(false);
        self.card.show_state(State::Open);
        self.card.show_information(&socket.information());
        self.log.event("connected");

        let (mut sender, mut receiver) = socket.split();
        let receive = async {
            let end = self.receive(&mut receiver).await;
            // No more orders: those that wait are the last.
            self.phase.replace(Phase::Ending);
            end
        };
        let (end, ()) = join!(receive, self.obey(orders, &mut sender));

        self.card.show_information(&sender.information());
        if let Some(closed) = sender.closed() {
            self.card.show_closed(&closed);
            self.log.event(&format!("closed: {closed}"));
        }
        match end {
            Ok(()) => self.card.show_state(State::Closed),
            Err(error) => self.fail(&error),
        }
    }

    /// Shows what arrives, and every now and then what is known about the connection.
    async fn receive(&self, receiver: &mut MessageReceiver) -> Result<(), Error> {
        let trip = RoundTrip::default();
        let mut ticker = Ticker::new(TICK);
        loop {
            match ticker.or(receiver.receive()).await {
                Some(message) => match message? {
                    Some(message) => self.show(&message, &trip),
                    None => return Ok(()),
                },
                None => {
                    self.card.show_information(&receiver.information());
                    self.probe(&trip);
                }
            }
        }
    }

    fn show(&self, message: &Message, trip: &RoundTrip) {
        let bytes = message.as_bytes();
        self.live.add_received(bytes.len());
        if let Some(milliseconds) = trip.took(bytes, self.page.now()) {
            return self.live.add_round_trip(milliseconds);
        }
        match message.as_text() {
            Some(text) => self.log.text(Way::Received, text),
            None => self.log.bytes(Way::Received, bytes),
        }
    }

    /// Sends a probe, if that is wanted and nobody has closed.
    fn probe(&self, trip: &RoundTrip) {
        let Phase::Open(commands) = &mut *self.phase.borrow_mut() else { return };
        if self.page.is_checked("probe") && !self.is_closing.get() {
            if let Some(probe) = trip.next(self.page.now()) {
                // Behind so many orders it would measure nothing but them.
                if commands.try_send(Command::Probe(probe)).is_err() {
                    trip.forget();
                }
            }
        }
    }

    /// Does what is ordered, one after the other; what cannot be done is told.
    async fn obey(&self, mut orders: mpsc::Receiver<Command>, sender: &mut MessageSender) {
        while let Some(command) = orders.next().await {
            if let Err(error) = self.obey_one(command, sender).await {
                self.card.show_error(&error);
            }
        }
    }

    async fn obey_one(&self, command: Command, sender: &mut MessageSender) -> Result<(), Error> {
        match command {
            Command::Text(text) => {
                sender.send(text.as_str()).await?;
                self.live.add_sent(text.len());
                self.log.text(Way::Sent, &text);
            }
            Command::Bytes(bytes) => {
                sender.send(&bytes).await?;
                self.live.add_sent(bytes.len());
                self.log.bytes(Way::Sent, &bytes);
            }
            Command::Probe(probe) => {
                sender.send(&probe[..]).await?;
                self.live.add_sent(probe.len());
            }
            Command::Close(code, reason) => {
                self.is_closing.set(true);
                self.card.show_state(State::Closing);
                if let Err(error) = sender.close(code, &reason).await {
                    self.is_closing.set(false);
                    self.card.show_state(State::Open);
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

/// How many orders may wait while the server takes nothing.
const MOST_ORDERS: usize = 64;
/// How often something other than a message is looked at, in milliseconds.
const TICK: u32 = 500;
