//! What a socket tells, in the card that shows it: its state, `Information`, `Closed`, and errors.

use web_sys::Element;
use websocket_anywhere::{Backend, Closed, Error, Information, Traffic};

use crate::format;
use crate::page::{self, Page};

/// The card of one socket.
pub(crate) struct Card {
    root: Element,
}

/// How far a socket is.
#[derive(Clone, Copy)]
pub(crate) enum State {
    Idle,
    Connecting,
    Open,
    Closing,
    Closed,
    Failed,
}

impl Card {
    /// The card with this id; its list of facts is empty so far.
    pub(crate) fn new(page: &Page, id: &str) -> Self {
        let this = Self { root: page.element(id) };
        let list = this.find("details dl");
        for (name, label) in FACTS {
            page::append(&list, &page.make("dt", "", label));
            let value = page.make("dd", "", UNKNOWN);
            page::set(&value, "data-fact", name);
            page::append(&list, &value);
        }
        this
    }

    pub(crate) fn show_state(&self, state: State) {
        let (name, words) = match state {
            State::Idle => ("idle", "not connected"),
            State::Connecting => ("connecting", "connecting …"),
            State::Open => ("open", "open"),
            State::Closing => ("closing", "closing …"),
            State::Closed => ("closed", "closed"),
            State::Failed => ("failed", "failed"),
        };
        let badge = self.fact("state");
        badge.set_text_content(Some(words));
        page::set(&badge, "data-state", name);
    }

    /// Nothing is known of the connection that is about to be made.
    pub(crate) fn clear(&self) {
        for (name, _) in FACTS {
            self.show(name, UNKNOWN);
        }
        self.show_failure("");
    }

    pub(crate) fn show_information(&self, information: &Information) {
        self.show("backend", backend(information.backend()));
        self.show("protocol", information.protocol().unwrap_or("none"));
        self.show("extensions", information.extensions().unwrap_or("none"));
        self.show("sent", &traffic(information.sent()));
        self.show("received", &traffic(information.received()));
        let statistics = information.bandwidth_statistics();
        let (out, out_off) = (statistics.outbound_bits_per_second, statistics.outbound_bits_per_second_instability);
        self.show("outbound", &bandwidth(out, out_off));
        let (inward, inward_off) = (statistics.inbound_bits_per_second, statistics.inbound_bits_per_second_instability);
        self.show("inbound", &bandwidth(inward, inward_off));
        let hidden = || "hidden by the browser".to_owned();
        let address = information.remote_address().map(|address| address.to_string());
        self.show("address", &address.unwrap_or_else(hidden));
        let trip = information.last_round_trip_time().map(|time| format::milliseconds(time.as_micros() as u64));
        self.show("trip", &trip.unwrap_or_else(hidden));
    }

    /// How the connection ended.
    pub(crate) fn show_closed(&self, closed: &Closed) {
        let code = u16::from(closed.code());
        let reason = Some(closed.reason()).filter(|reason| !reason.is_empty());
        let reason = reason.map_or_else(|| "no reason".to_owned(), |reason| format!("“{reason}”"));
        let how = if closed.was_clean() { "clean" } else { "not clean" };
        self.show("closed", &format!("{code}, {reason}, {how}"));
    }

    /// What went wrong, in words and in the terms of UWP.
    pub(crate) fn show_error(&self, error: &Error) {
        self.show_failure(&format::with_causes(error));
        let status = error.status();
        self.show("kind", &format!("{:?}", error.kind()));
        self.show("status", &format!("{status:?} ({})", status.number()));
        self.show("hresult", &error.hresult().to_string());
    }

    /// What went wrong, in words alone; nothing, if they are empty.
    pub(crate) fn show_failure(&self, words: &str) {
        self.show("failure", words);
        for name in ERROR {
            self.show(name, UNKNOWN);
        }
    }

    fn show(&self, name: &str, text: &str) {
        let fact = self.fact(name);
        // What is selected or being read aloud stays untouched while it stays the same.
        if fact.text_content().as_deref() != Some(text) {
            fact.set_text_content(Some(text));
        }
    }

    fn fact(&self, name: &str) -> Element {
        self.find(&format!("[data-fact={name}]"))
    }

    fn find(&self, selector: &str) -> Element {
        let found = self.root.query_selector(selector).ok().flatten();
        found.expect("index.html has what each card needs")
    }
}

fn backend(backend: Backend) -> &'static str {
    match backend {
        Backend::WebSocket => "WebSocket",
        Backend::WebSocketStream => "WebSocketStream",
        _ => "unknown",
    }
}

fn bandwidth(bits_per_second: u64, instability: u64) -> String {
    if bits_per_second == 0 {
        return "not measured yet".to_owned();
    }
    format!("{} ± {}", format::bit_rate(bits_per_second), format::bit_rate(instability))
}

fn traffic(traffic: Traffic) -> String {
    let plural = if traffic.messages == 1 { "" } else { "s" };
    format!("{} message{plural}, {}", traffic.messages, format::size(traffic.bytes))
}

/// What a card lists, by name and by the words before it.
const FACTS: [(&str, &str); 13] = [
    ("backend", "Backend"),
    ("protocol", "Subprotocol"),
    ("extensions", "Extensions"),
    ("sent", "Sent"),
    ("received", "Received"),
    ("outbound", "Bandwidth out"),
    ("inbound", "Bandwidth in"),
    ("address", "Server address"),
    ("trip", "Ping and pong"),
    ("closed", "Closed"),
    ("kind", "Error"),
    ("status", "WebErrorStatus"),
    ("hresult", "HRESULT"),
];

/// Those that tell an error.
const ERROR: [&str; 3] = ["kind", "status", "hresult"];
/// What is unknown is not listed.
const UNKNOWN: &str = "";
