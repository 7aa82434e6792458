//! `StreamWebSocket`: a file goes out and comes back, and its hash tells whether it is the same.

mod progress;
mod source;

use std::cell::RefCell;
use std::io;
use std::pin::pin;
use std::rc::Rc;

use futures::AsyncWriteExt as _;
use futures::future::{self, AbortHandle, Either};
use sha2::digest::Output;
use sha2::{Digest as _, Sha256};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DragEvent, FileList, HtmlInputElement};
use websocket_anywhere::{CloseCode, Error, InputStream, OutputStream, StreamWebSocket};

use self::progress::Progress;
use self::source::Source;
use crate::card::{Card, State};
use crate::format;
use crate::live::Live;
use crate::page::{self, Page};
use crate::server::Server;
use crate::ticker::Ticker;

pub(crate) struct Transfer {
    page: Rc<Page>,
    card: Card,
    server: Rc<Server>,
    live: Rc<Live>,
    /// Ends the transfer that is under way.
    under_way: RefCell<Option<AbortHandle>>,
}

/// Why a file did not come back.
enum Failure {
    Socket(Error),
    /// Something else, in words.
    Other(String),
}

type Result<T, E = Failure> = std::result::Result<T, E>;

/// The page.
impl Transfer {
    pub(crate) fn start(page: &Rc<Page>, server: &Rc<Server>, live: &Rc<Live>) {
        let this = Rc::new(Self {
            page: Rc::clone(page),
            card: Card::new(page, "transfer"),
            server: Rc::clone(server),
            live: Rc::clone(live),
            under_way: RefCell::default(),
        });
        this.take_drops();
        let picked = Rc::clone(&this);
        page.on(&page.element("file"), "change", move |_| picked.take_picked());
        let sample = Rc::clone(&this);
        page.on_order("sample", "click", move || sample.begin(Ok(Source::sample())));
        let cancel = Rc::clone(&this);
        page.on_order("cancel", "click", move || cancel.cancel());
    }

    fn take_drops(self: &Rc<Self>) {
        let zone = self.page.element("drop");
        for event in ["dragenter", "dragover"] {
            let zone = zone.clone();
            self.page.on(&self.page.element("drop"), event, move |event| {
                event.prevent_default();
                page::set(&zone, "data-over", "yes");
            });
        }
        let left = zone.clone();
        self.page.on(&zone, "dragleave", move |_| page::set(&left, "data-over", "no"));
        let (this, over) = (Rc::clone(self), zone.clone());
        self.page.on(&zone, "drop", move |event| {
            event.prevent_default();
            page::set(&over, "data-over", "no");
            let event: DragEvent = event.unchecked_into();
            this.begin(first(event.data_transfer().and_then(|dropped| dropped.files())));
        });
    }

    fn take_picked(self: &Rc<Self>) {
        let input: HtmlInputElement = self.page.element_as("file");
        let picked = first(input.files());
        // The same file can be picked again.
        input.set_value("");
        if picked.is_ok() {
            self.begin(picked);
        }
    }

    fn begin(self: &Rc<Self>, source: Result<Source>) {
        if self.under_way.borrow().is_some() {
            return self.conclude("busy", "One file at a time: cancel this one first.");
        }
        let source = match source {
            Ok(source) => source,
            Err(failure) => return self.fail(&failure),
        };
        let (cancelled, handle) = future::abortable(future::pending::<()>());
        self.under_way.replace(Some(handle));
        self.card.clear();
        let this = Rc::clone(self);
        spawn_local(async move {
            if let Err(failure) = this.run(&source, cancelled).await {
                this.fail(&failure);
            }
            this.under_way.take();
        });
    }

    fn cancel(&self) {
        match &*self.under_way.borrow() {
            Some(transfer) => transfer.abort(),
            None => self.conclude("none", "There is nothing to cancel."),
        }
    }

    fn fail(&self, failure: &Failure) {
        let words = match failure {
            Failure::Socket(error) => {
                self.card.show_state(State::Failed);
                self.card.show_error(error);
                "The transfer failed."
            }
            Failure::Other(words) => words,
        };
        self.conclude("failed", words);
    }

    fn conclude(&self, verdict: &str, words: &str) {
        page::set(&self.page.element("verdict"), "data-verdict", verdict);
        self.page.show("verdict", words);
    }
}

/// The program.
impl Transfer {
    /// Connects, carries everything, closes; or closes early.
    async fn run(&self, source: &Source, cancelled: impl Future) -> Result<()> {
        let mut cancelled = pin!(cancelled);
        let progress = Progress::start(&self.page, source.size());
        let (name, size) = (source.name.as_str(), format::size(source.size()));
        self.conclude("running", &format!("{name}, {size}, is on its way."));
        self.card.show_state(State::Connecting);
        let (url, control) = (self.server.url(), self.server.control());
        let attempt = pin!(StreamWebSocket::connect_with(&url, control));
        let Either::Left((stream, _)) = future::select(attempt, &mut cancelled).await else {
            self.card.show_state(State::Idle);
            self.conclude("cancelled", "Cancelled before it began.");
            return Ok(());
        };
        let (mut input, mut output) = stream?.split();
        self.card.show_state(State::Open);

        let carry = async {
            futures::try_join!(self.send(source, &progress, &mut output), self.receive(&progress, &mut input))
        };
        let carried = match future::select(pin!(carry), &mut cancelled).await {
            Either::Left((carried, _)) => Some(carried),
            Either::Right(_) => None,
        };
        progress.show();
        self.card.show_information(&output.information());

        self.card.show_state(State::Closing);
        let reason = match &carried {
            Some(Ok(_)) => "done",
            Some(Err(_)) => "failed",
            None => "cancelled",
        };
        let closed = output.close(CloseCode::NORMAL, reason).await?;
        self.card.show_closed(&closed);
        self.card.show_state(State::Closed);
        match carried {
            Some(hashes) => self.judge(&hashes?, &format!("{name}, {size}")),
            None => {
                self.conclude("cancelled", &format!("{name} was cancelled: {}.", progress.words()));
                Ok(())
            }
        }
    }

    async fn send(&self, source: &Source, progress: &Progress, output: &mut OutputStream) -> Result<Output<Sha256>> {
        let mut hash = Sha256::new();
        let mut position = 0;
        while position < source.size() {
            let piece = source.read(position).await.map_err(Failure::Other)?;
            for chunk in piece.chunks(CHUNK) {
                hash.update(chunk);
                output.write_all(chunk).await?;
                progress.add_sent(chunk.len());
                self.live.add_sent(chunk.len());
            }
            position += piece.len() as u64;
        }
        output.flush().await?;
        Ok(hash.finalize())
    }

    /// Takes what returns, and every now and then shows how far it is.
    async fn receive(&self, progress: &Progress, input: &mut InputStream) -> Result<Output<Sha256>> {
        let mut hash = Sha256::new();
        let mut ticker = Ticker::new(TICK);
        while !progress.is_complete() {
            let Some(chunk) = ticker.or(input.read_chunk()).await else {
                progress.show();
                self.card.show_information(&input.information());
                continue;
            };
            let ended = || Failure::Other(format!("The server closed too early: {}.", progress.words()));
            let chunk = chunk?.ok_or_else(ended)?;
            hash.update(&chunk);
            progress.add_returned(chunk.len());
            self.live.add_received(chunk.len());
        }
        Ok(hash.finalize())
    }

    fn judge(&self, (sent, returned): &(Output<Sha256>, Output<Sha256>), about: &str) -> Result<()> {
        self.page.show("hash-sent", &format::hash(sent));
        self.page.show("hash-returned", &format::hash(returned));
        if sent != returned {
            return Err(Failure::Other("Other bytes came back than were sent.".to_owned()));
        }
        self.conclude("ok", &format!("{about}, came back as it was sent."));
        Ok(())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Socket(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
        inner.map_or_else(|| Self::Other(error.to_string()), |inner| Self::Socket(inner.clone()))
    }
}

/// The first of the files, and no more than that.
fn first(files: Option<FileList>) -> Result<Source> {
    let file = files.and_then(|files| files.get(0));
    file.map(Source::from).ok_or_else(|| Failure::Other("That was no file.".to_owned()))
}

/// What is written at a time.
const CHUNK: usize = 1 << 16;
/// How often the progress is shown, in milliseconds.
const TICK: u32 = 100;
