//! The log of the messages: which way, when, what and how long. It shows the last [`MOST`] and counts all.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

use crate::format;
use crate::page::{self, Page};

pub(crate) struct Log {
    page: Rc<Page>,
    view: Element,
    list: Element,
    /// What has not been painted yet.
    waiting: RefCell<VecDeque<Entry>>,
    count: Cell<u64>,
    is_painting: Cell<bool>,
}

/// One line.
struct Entry {
    way: Way,
    time: String,
    /// The kind of message and its size, empty for what is no message.
    what: String,
    preview: String,
}

/// What a line is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Sent,
    Received,
    /// What happened to the connection.
    Event,
}

impl Log {
    pub(crate) fn start(page: &Rc<Page>) -> Rc<Self> {
        let this = Rc::new(Self {
            page: Rc::clone(page),
            view: page.element("log-view"),
            list: page.element("log"),
            waiting: RefCell::default(),
            count: Cell::default(),
            is_painting: Cell::default(),
        });
        let log = Rc::clone(&this);
        page.on_order("clear", "click", move || log.clear());
        this
    }

    /// Adds a text that was carried one way.
    pub(crate) fn text(self: &Rc<Self>, way: Way, text: &str) {
        let what = format!("text, {}", format::size(text.len() as u64));
        self.add(Entry { way, time: now(), what, preview: format::preview(text, LONGEST_TEXT) });
    }

    /// Adds bytes that were carried one way.
    pub(crate) fn bytes(self: &Rc<Self>, way: Way, bytes: &[u8]) {
        let what = format!("binary, {}", format::size(bytes.len() as u64));
        self.add(Entry { way, time: now(), what, preview: format::hexadecimal(bytes, LONGEST_BYTES) });
    }

    /// Adds what happened to the connection.
    pub(crate) fn event(self: &Rc<Self>, words: &str) {
        self.add(Entry { way: Way::Event, time: now(), what: String::new(), preview: words.to_owned() });
    }

    fn add(self: &Rc<Self>, entry: Entry) {
        if entry.way != Way::Event {
            self.count.set(self.count.get() + 1);
        }
        let mut waiting = self.waiting.borrow_mut();
        if waiting.len() == MOST {
            waiting.pop_front();
        }
        waiting.push_back(entry);
        drop(waiting);
        // A burst is painted at once; what nobody sees is not painted at all.
        if !self.is_painting.replace(true) {
            let this = Rc::clone(self);
            spawn_local(async move {
                this.page.frame().await;
                this.is_painting.set(false);
                this.paint();
            });
        }
    }

    fn paint(&self) {
        let follows = self.view.scroll_height() - self.view.scroll_top() - self.view.client_height() < NEAR_THE_END;
        for entry in self.waiting.take() {
            page::append(&self.list, &self.line(&entry));
        }
        while self.list.child_element_count() as usize > MOST {
            if let Some(oldest) = self.list.first_element_child() {
                oldest.remove();
            }
        }
        if follows {
            self.view.set_scroll_top(self.view.scroll_height());
        }
        self.show_count();
    }

    fn line(&self, entry: &Entry) -> Element {
        let (class, arrow, words) = match entry.way {
            Way::Sent => ("sent", "↑", "sent, "),
            Way::Received => ("received", "↓", "received, "),
            Way::Event => ("event", "·", ""),
        };
        let line = self.page.make("li", class, "");
        let arrow = self.page.make("span", "way", arrow);
        page::set(&arrow, "aria-hidden", "true");
        page::append(&line, &arrow);
        page::append(&line, &self.page.make("time", "", &entry.time));
        page::append(&line, &self.page.make("span", "what", &format!("{words}{}", entry.what)));
        page::append(&line, &self.page.make("span", "preview", &entry.preview));
        line
    }

    fn clear(&self) {
        self.waiting.take();
        self.list.set_text_content(None);
        self.count.set(0);
        self.show_count();
    }

    fn show_count(&self) {
        let count = self.count.get();
        let text = match count {
            0 => "empty".to_owned(),
            1 => "1 message".to_owned(),
            _ if count > MOST as u64 => format!("{count} messages, the last {MOST} lines are shown"),
            _ => format!("{count} messages"),
        };
        self.page.show("log-count", &text);
    }
}

/// How many lines are kept.
const MOST: usize = 200;
/// How many characters of a text are shown.
const LONGEST_TEXT: usize = 300;
/// How many bytes are shown.
const LONGEST_BYTES: usize = 64;
/// Whoever has scrolled up by more pixels wants to stay there.
const NEAR_THE_END: i32 = 24;

/// The time of day, here.
fn now() -> String {
    let now = js_sys::Date::new_0();
    format::time([now.get_hours(), now.get_minutes(), now.get_seconds(), now.get_milliseconds()])
}
