//! Two sockets that are connected to each other in memory: a transport without a socket of the browser. Only programs that ask
//! for a pair are linked with it.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fmt,
    rc::{Rc, Weak},
};

use js_sys::{Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::{
    Reader, Writer, callback, exception,
    half::SocketHalf,
    property,
    socket::Socket,
    thread::Local,
    transport::{Connection, SendPath, Sender, Transport},
    turn::Turns,
};
use crate::{
    close::Close,
    control::{ConnectionKind, Control},
    error::Result,
    heartbeat::Start,
    information::Backend,
    message::Payload,
    protocol::{CloseFrame, Limits},
};

/// Two sockets, and the line between them.
pub(crate) fn pair(control: &Control, limits: [Limits; 2]) -> Result<([(Reader, Writer); 2], Line)> {
    control.check_supported(ConnectionKind::Pair)?;
    let cable = Rc::new(Cable {
        directions: [Direction::default(), Direction::default()],
        is_stalled: Cell::default(),
        protocol: control.extras().supported_protocols.first().cloned(),
    });
    for (index, direction) in cable.directions.iter().enumerate() {
        let weak = Rc::downgrade(&cable);
        let turn = callback::new(move |_| {
            if let Some(cable) = weak.upgrade() {
                cable.deliver(index);
            }
        });
        direction.turns.replace(Some(Turns::new(turn).map_err(exception::of_constructor)?));
    }
    let open = |side| {
        let socket =
            Socket::over(Box::new(End { cable: Rc::clone(&cable), side }), None, control.clone(), limits[side]);
        socket.on_open();
        let reader = Reader::new(SocketHalf::new(&socket));
        Start::begin(control, &reader);
        (reader, Writer::new(SocketHalf::new(&socket)))
    };
    Ok(([open(0), open(1)], Line(Local::new(cable))))
}

/// What happens between two sockets, in the hands of a test.
#[cfg_attr(not(feature = "test-util"), allow(dead_code, reason = "only the test kit touches it"))]
pub(crate) struct Line(Local<Rc<Cable>>);

#[cfg(feature = "test-util")]
impl Line {
    /// The second socket takes nothing any more, and nothing of it arrives.
    pub(crate) fn stall(&self) {
        if let Ok(cable) = self.0.get() {
            cable.is_stalled.set(true);
        }
    }

    /// The connection is lost, behind what has been sent to the first socket.
    pub(crate) fn cut(&self) {
        let Ok(cable) = self.0.get() else { return };
        cable.is_stalled.set(false);
        cable.post(1, Item::Lost);
        cable.directions[0].end();
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").finish_non_exhaustive()
    }
}

/// Both directions. Each is named by the side that sends.
struct Cable {
    directions: [Direction; 2],
    is_stalled: Cell<bool>,
    protocol: Option<String>,
}

/// What is on its way to one of the two. Bounded by the `outbound_buffer_size` of the other, and one message.
#[derive(Default)]
struct Direction {
    queue: RefCell<VecDeque<Item>>,
    unsent: Cell<usize>,
    /// Whether the Close of the side that sends is among it, or was.
    has_close: Cell<bool>,
    receiver: RefCell<Weak<Socket>>,
    /// `None` once nothing will arrive any more.
    turns: RefCell<Option<Turns>>,
}

enum Item {
    Message {
        data: JsValue,
        size: usize,
    },
    Close(Option<CloseFrame>),
    #[cfg_attr(not(feature = "test-util"), allow(dead_code, reason = "only the test kit cuts"))]
    Lost,
}

impl Cable {
    /// Sends by the way of this side, and has it delivered in a turn.
    fn post(&self, side: usize, item: Item) {
        self.directions[side].queue.borrow_mut().push_back(item);
        self.directions[side].ask();
    }

    fn close(&self, side: usize, frame: Option<CloseFrame>) {
        if !self.directions[side].has_close.replace(true) {
            self.post(side, Item::Close(frame));
        }
    }

    /// Delivers as much as the receiving socket takes.
    fn deliver(&self, side: usize) {
        let (direction, back) = (&self.directions[side], &self.directions[1 - side]);
        let receiver = direction.receiver.borrow().upgrade();
        let Some(receiver) = receiver else { return direction.end() };
        while !self.is_stalled.get() && !receiver.is_full() {
            let item = direction.queue.borrow_mut().pop_front();
            match item {
                None => break,
                Some(Item::Message { data, size }) => {
                    direction.unsent.set(direction.unsent.get() - size);
                    receiver.on_data(data);
                }
                Some(Item::Close(frame)) => {
                    direction.end();
                    receiver.on_end(frame.clone(), false);
                    // The answer, unless that side has closed by itself (RFC 6455 section 5.5.1).
                    return self.close(1 - side, frame);
                }
                Some(Item::Lost) => {
                    direction.end();
                    return receiver.on_loss();
                }
            }
        }
        let sender = back.receiver.borrow().upgrade();
        if let Some(sender) = sender {
            sender.on_sent();
        }
    }
}

impl Direction {
    fn ask(&self) {
        if let Some(turns) = &*self.turns.borrow() {
            turns.ask();
        }
    }

    /// Nothing will arrive any more.
    fn end(&self) {
        self.turns.take();
        self.queue.take();
        self.unsent.set(0);
    }
}

/// One end of the cable.
struct End {
    cable: Rc<Cable>,
    side: usize,
}

impl End {
    fn incoming(&self) -> &Direction {
        &self.cable.directions[1 - self.side]
    }
}

impl Transport for End {
    fn listen(&self, socket: &Rc<Socket>) {
        self.incoming().receiver.replace(Rc::downgrade(socket));
    }

    fn lane(&self) -> SendPath {
        SendPath::Other(Rc::new(Self { cable: Rc::clone(&self.cable), side: self.side }))
    }

    fn buffered_amount(&self) -> usize {
        self.cable.directions[self.side].unsent.get()
    }

    fn has_backpressure(&self) -> bool {
        true
    }

    fn backend(&self) -> Backend {
        Backend::Memory
    }

    fn resume(&self) {
        self.incoming().ask();
    }

    fn close(&self, close: Option<Close<'_>>) {
        self.cable.close(self.side, close.map(CloseFrame::from));
    }

    fn stop(&self) {
        self.incoming().receiver.take();
        self.incoming().ask();
    }

    fn connection(&self) -> Connection {
        let connection = Object::new();
        property::set(&connection, "protocol", &JsValue::from(self.cable.protocol.as_deref()));
        connection.unchecked_into()
    }
}

impl Sender for End {
    fn send(&self, payload: &Payload<'_>) {
        let bytes = payload.as_bytes();
        let data = match payload.as_text() {
            Some(text) => JsValue::from_str(text),
            None => Uint8Array::from(bytes).into(),
        };
        let size = bytes.len() + HEADER;
        let direction = &self.cable.directions[self.side];
        direction.unsent.set(direction.unsent.get() + size);
        self.cable.post(self.side, Item::Message { data, size });
    }
}

/// What a message counts besides its bytes, so that very many empty ones are too much as well: the least header of a frame.
const HEADER: usize = 2;
