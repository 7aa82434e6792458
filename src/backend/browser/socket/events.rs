//! What happens to a connection: the events of its transport, and its deadlines.

use std::rc::Rc;

use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use super::{Socket, WakerKind};
use crate::{
    backend::browser::{exception, property, timer, transport::OfferProtocols, turn::Turns, wake_scheduler::Wake},
    close::{Close, CloseCode},
    error::{Error, ErrorCode, ErrorKind, Result},
    protocol::{CloseFrame, Violation},
};

/// The events of a plain `WebSocket`.
impl Socket {
    pub(in crate::backend::browser) fn on_message(self: &Rc<Self>, event: JsValue) {
        self.on_data(event.unchecked_into::<Event>().data());
    }

    /// A failure to connect, which Node may not follow by a close event; otherwise that event says how it ended, if it comes:
    /// undici, Deno and workerd have been seen to leave it out. While this side closes, there is a deadline already.
    pub(in crate::backend::browser) fn on_error(self: &Rc<Self>) {
        let (is_open, is_live) = {
            let state = self.state();
            (state.is_open(), state.is_live())
        };
        if !is_open {
            self.on_loss();
        } else if is_live {
            self.set_deadline(timer::seconds(self.control.close_timeout), |socket, _| socket.on_loss());
        }
    }

    pub(in crate::backend::browser) fn on_close(self: &Rc<Self>, event: JsValue) {
        let event: Event = event.unchecked_into();
        let code = CloseCode::from(event.code());
        let is_connected = self.state().is_open();
        if !is_connected || !event.was_clean() || code == CloseCode::ABNORMAL {
            return self.on_loss();
        }
        let frame = CloseFrame { code, reason: exception::words(&property::get(&event, "reason")) };
        self.on_end(Some(frame).filter(|frame| frame.code != CloseCode::NO_STATUS), false);
    }
}

/// What a transport tells.
impl Socket {
    pub(in crate::backend::browser) fn on_open(&self) {
        self.deadline.take();
        if let Err(error) = OfferProtocols::check(&self.control, &*self.transport) {
            return self.fail(error, None);
        }
        self.state().set_open();
        self.wakers.of(WakerKind::Receiver).wake();
    }

    /// The data of a message, which are text or an `ArrayBuffer`.
    pub(in crate::backend::browser) fn on_data(self: &Rc<Self>, data: JsValue) {
        let mut state = self.state();
        if !state.is_live() {
            return;
        }
        let result = state.inbox.push(data);
        drop(state);
        self.count_arrived();
        match result {
            Ok(size) => self.on_arrival(size),
            Err(fault) => self.fail(fault.into(), Some(why(fault))),
        }
    }

    /// Wakes the task that receives, now or in a turn.
    fn on_arrival(self: &Rc<Self>, size: usize) {
        let mut pace = self.pace.get();
        let mut wake = pace.on_arrival(size, self.wakers.of(WakerKind::Receiver).is_taken());
        if wake == Wake::Later && self.ask_for_turn().is_err() {
            pace.give_up();
            wake = Wake::Now;
        }
        self.pace.set(pace);
        if wake == Wake::Now {
            self.wakers.of(WakerKind::Receiver).wake();
        }
    }

    fn ask_for_turn(self: &Rc<Self>) -> Result<(), JsValue> {
        let turns = match self.turns.take() {
            Some(turns) => turns,
            None => Turns::new(self.callback(|socket, _| socket.on_turn()))?,
        };
        turns.ask();
        self.turns.set(Some(turns));
        Ok(())
    }

    fn on_turn(&self) {
        let mut pace = self.pace.get();
        pace.on_turn();
        self.pace.set(pace);
        self.wakers.of(WakerKind::Receiver).wake();
    }

    /// Whether enough has arrived for now.
    pub(in crate::backend::browser) fn is_full(&self) -> bool {
        let state = self.state();
        state.is_live() && state.inbox.is_full(self.control.inbound_buffer_size)
    }

    /// Nothing more will arrive until something has been received.
    pub(in crate::backend::browser) fn on_pause(&self) {
        self.wakers.of(WakerKind::Receiver).wake();
    }

    /// `buffered_amount` has fallen.
    pub(in crate::backend::browser) fn on_sent(&self) {
        self.wakers.of(WakerKind::Sender).wake();
    }

    /// Both sides have closed, the peer by this frame. `has_lost`: messages before it may not have been told.
    pub(in crate::backend::browser) fn on_end(&self, frame: Option<CloseFrame>, has_lost: bool) {
        let mut state = self.state();
        if has_lost {
            let message = "the peer closed while the browser held unread messages, which it then threw away";
            state.lose(Error::new(ErrorKind::InboundBufferFull, message));
        }
        state.end(frame);
        drop(state);
        self.finish();
    }

    /// The connection has ended otherwise, or could not be made.
    pub(in crate::backend::browser) fn on_loss(&self) {
        let is_connected = self.state().is_open();
        self.fail(if is_connected { ErrorCode::Lost } else { ErrorCode::Hidden }.into(), None);
    }

    pub(super) fn on_connect_timeout(&self) {
        self.fail(ErrorCode::ConnectTimeout(self.control.one_attempt()).into(), None);
    }

    /// Looks how far a close is. While bytes still leave, our Close has not left, and the peer is slow, not gone.
    pub(super) fn on_close_timeout(self: &Rc<Self>) {
        let unsent = self.buffered_amount();
        let before = self.unsent_at_look.replace(unsent);
        if unsent == 0 && before == 0 {
            let mut state = self.state();
            state.flushed();
            state.give_up();
            drop(state);
            return self.finish();
        }
        let is_stalled = unsent > 0 && unsent >= before;
        let stalled = if is_stalled { self.stalled.get() + self.time_of_look() } else { 0.0 };
        self.stalled.set(stalled);
        if is_stalled && stalled >= self.patience_at_end() {
            self.fail(ErrorCode::CloseTimeout.into(), None);
        } else {
            self.wait_for_end();
        }
    }
}

/// What tells the peer that its message is not taken. A browser refuses to send the native codes: 1009 becomes 3009. The words
/// are here, as those of all violations would make the program larger.
const fn why(fault: ErrorCode) -> Close<'static> {
    match fault {
        ErrorCode::ManyUnread(_) => (CloseCode::MESSAGE_TOO_BIG.private(), "too many messages unread"),
        ErrorCode::MessageTooBig { .. } => (CloseCode::MESSAGE_TOO_BIG.private(), "message over the limit"),
        ErrorCode::Unreadable => (CloseCode::UNSUPPORTED_DATA.private(), "neither text nor bytes"),
        ErrorCode::Violation(Violation::UnexpectedText) => {
            (CloseCode::UNSUPPORTED_DATA.private(), "text message on a stream of bytes")
        }
        _ => (CloseCode::INVALID_PAYLOAD.private(), "text that is not UTF-8"),
    }
}

#[wasm_bindgen]
extern "C" {
    /// A `MessageEvent` or a `CloseEvent`.
    type Event;

    #[wasm_bindgen(method, getter)]
    fn data(this: &Event) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn code(this: &Event) -> u16;

    #[wasm_bindgen(method, getter, js_name = wasClean)]
    fn was_clean(this: &Event) -> bool;
}
