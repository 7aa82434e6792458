//! A whole connection: whatever its transport and its program do, what is delivered is what the decoder reads, what is
//! written is what was sent, and it comes to an end.

use futures::future::poll_immediate;
use websocket_anywhere::{
    Closed, Compression, Control, Error, ErrorKind, Message, MessageWebSocket,
    protocol::{CloseFrame, Decoder, Violation, deflate::Agreement},
};

use super::{
    reference::Server,
    run,
    transport::{End, Script, Transport, Watch},
};
use crate::{
    input::Input,
    receiver::{Outcome, UNLIMITED, receive_within},
    wire::{BINARY, CLOSE, FIN, PONG, RSV1, TEXT, client_frames},
};

/// What the server and the program do.
#[derive(Clone, Debug)]
pub struct Case {
    pub compression: bool,
    pub max_message_size: Option<usize>,
    pub outbound_buffer_size: usize,
    pub end: End,
    pub takes: Vec<u8>,
    pub cuts: Vec<u16>,
    pub steps: Vec<Step>,
    /// What the server sends behind its response.
    pub stream: Vec<u8>,
}

/// What a program does with its socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    SendText(u16),
    SendBinary(u16),
    /// Polls a send once and drops it.
    SendImpatiently(u16),
    Flush,
    Receive,
    /// Polls a receive once and drops it.
    ReceiveImpatiently,
    TryReceive,
    /// Lets the driver run.
    Yield,
}

impl Case {
    /// Settings, how much the server takes, the cuts, the program, the stream.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut input = Input::new(bytes);
        let flags = input.byte();
        Self {
            compression: flags & 1 != 0,
            max_message_size: [None, Some(1000)][usize::from(flags >> 1 & 1)],
            outbound_buffer_size: [0, 100, 1 << 20, usize::MAX][usize::from(flags >> 2 & 3)],
            end: [End::Eof, End::Reset, End::Silence][usize::from(flags >> 4) % 3],
            takes: input.numbers().into_iter().map(|number| number as u8).collect(),
            cuts: input.numbers(),
            steps: input.numbers().into_iter().map(Step::read).collect(),
            stream: input.rest().to_vec(),
        }
    }

    fn control(&self) -> Control {
        let control =
            Control::new().max_message_size(self.max_message_size).outbound_buffer_size(self.outbound_buffer_size);
        if self.compression { control.compression(Compression::new().threshold(0)) } else { control }
    }

    fn script(&self) -> Script {
        let extension = if self.compression { "Sec-WebSocket-Extensions: permessage-deflate\r\n" } else { "" };
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {{accept}}\r\n{extension}\r\n"
        );
        let answer = [head.as_bytes(), &self.stream].concat();
        Script { answer, cuts: self.cuts.clone(), end: self.end, takes: self.takes.clone() }
    }

    /// What is read out of the stream, within the limits or without any.
    fn outcomes(&self, limited: bool) -> Vec<Outcome> {
        let mut limits = UNLIMITED;
        if limited {
            limits.max_message_size = self.max_message_size.map(|limit| limit as u64);
        }
        let mut decoder = Decoder::new(limits);
        if self.compression {
            decoder = decoder.inflating(self.agreement().inflater());
        }
        receive_within(usize::MAX, decoder.gathering(), &self.stream, &[]).expect("the decoder works")
    }

    fn agreement(&self) -> Agreement {
        Agreement::parse("permessage-deflate", &Compression::new()).expect("a server may answer this")
    }
}

impl Step {
    fn read(number: u16) -> Self {
        let len = number >> 3;
        match number & 7 {
            0 => Self::SendText(len),
            1 => Self::SendBinary(len),
            2 => Self::SendImpatiently(len),
            3 => Self::Flush,
            4 => Self::Receive,
            5 => Self::ReceiveImpatiently,
            6 => Self::TryReceive,
            _ => Self::Yield,
        }
    }
}

/// Runs the program three times: it receives to the end, closes, or drops its socket.
pub fn check(case: &Case) {
    receive_to_the_end(case);
    close(case);
    drop_it(case);
}

fn receive_to_the_end(case: &Case) {
    run(async {
        let mut program = Program::start(case).await;
        if case.end != End::Silence || program.will_end() {
            while program.has_more() {
                let received = program.socket.receive().await;
                program.note(received);
            }
            program.ended();
        }
        program.finish().await;
    });
}

fn close(case: &Case) {
    run(async {
        let mut program = Program::start(case).await;
        let closed = program.socket.close(1000, "bye").await.expect("code and reason may be sent");
        // Limits no longer count: nothing is delivered.
        let expected = case.outcomes(false);
        match expected.last() {
            Some(Outcome::Close(frame)) if closed.was_clean() => assert_eq!(parts(&closed), said(frame), "{case:?}"),
            _ => assert!(!closed.was_clean() && u16::from(closed.code()) == 1006, "{closed:?} in {case:?}"),
        }
        assert_eq!(program.socket.closed(), Some(closed), "{case:?}");
        assert!(program.error.is_some() || matches!(program.socket.receive().await, Ok(None) | Err(_)), "{case:?}");
        program.finish().await;
    });
}

fn drop_it(case: &Case) {
    run(async { Program::start(case).await.finish().await });
}

/// A program in the middle of its work.
struct Program<'a> {
    case: &'a Case,
    socket: MessageWebSocket,
    watch: Watch,
    sent: Vec<Message>,
    received: Vec<Message>,
    expected: Vec<Message>,
    verdict: Option<Outcome>,
    /// What receiving ended with, if it has.
    error: Option<Option<Error>>,
    /// Whether all that was sent has been handed over.
    is_flushed: bool,
}

impl<'a> Program<'a> {
    /// Connects and takes all steps.
    async fn start(case: &'a Case) -> Self {
        let (transport, watch) = Transport::new(case.script());
        let socket = MessageWebSocket::handshake(transport, "ws://example.com/", case.control()).await;
        let socket = socket.unwrap_or_else(|error| panic!("{error:?}: {case:?}"));
        let mut outcomes = case.outcomes(true);
        let has_ended = matches!(outcomes.last(), Some(Outcome::Close(_) | Outcome::Violation(_)));
        let verdict = if has_ended { outcomes.pop() } else { None };
        let expected = outcomes.into_iter().filter_map(|outcome| match outcome {
            Outcome::Message(message) => Some(message),
            _ => None,
        });
        let (sent, received, expected) = (Vec::new(), Vec::new(), expected.collect());
        let mut program =
            Self { case, socket, watch, sent, received, expected, verdict, error: None, is_flushed: false };
        for &step in &case.steps {
            program.take(step).await;
        }
        program
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::SendText(len) => self.send(Message::from("€".repeat(usize::from(len) / 3)), false).await,
            Step::SendBinary(len) => self.send(Message::from(vec![len as u8; len.into()]), false).await,
            Step::SendImpatiently(len) => self.send(Message::from(vec![len as u8; len.into()]), true).await,
            Step::Flush => {
                if self.socket.flush().await.is_ok() {
                    self.is_flushed = true;
                    assert_eq!(self.socket.buffered_amount(), 0, "after a flush: {:?}", self.case);
                }
            }
            Step::Receive => {
                // Nothing more may come, for ever.
                if self.has_more() && (self.received.len() < self.expected.len() || self.case.end != End::Silence) {
                    let received = self.socket.receive().await;
                    self.note(received);
                }
            }
            Step::ReceiveImpatiently => {
                if let Some(received) = poll_immediate(self.socket.receive()).await {
                    self.note(received);
                }
            }
            Step::TryReceive => match self.socket.try_receive() {
                // Nothing there, or the end: the next receive will tell.
                Ok(None) => {}
                received => self.note(received),
            },
            Step::Yield => tokio::task::yield_now().await,
        }
    }

    async fn send(&mut self, message: Message, impatiently: bool) {
        let sent = if impatiently {
            poll_immediate(self.socket.send(&message)).await
        } else {
            Some(self.socket.send(&message).await)
        };
        if let Some(Ok(())) = sent {
            self.sent.push(message);
            self.is_flushed = false;
        }
    }

    fn has_more(&self) -> bool {
        self.error.is_none()
    }

    /// Whether the stream itself ends the connection.
    const fn will_end(&self) -> bool {
        self.verdict.is_some()
    }

    fn note(&mut self, received: Result<Option<Message>, Error>) {
        match received {
            Ok(Some(message)) => {
                assert!(self.error.is_none(), "a message after the end: {:?}", self.case);
                self.received.push(message);
                assert!(self.expected.starts_with(&self.received), "{:?} in {:?}", self.received.last(), self.case);
            }
            Ok(None) => {
                self.error.get_or_insert(None);
            }
            Err(error) => {
                assert!(self.error.is_none(), "{error:?} after the end: {:?}", self.case);
                self.error = Some(Some(error));
            }
        }
    }

    /// Checks the end that receiving came to.
    fn ended(&self) {
        let case = self.case;
        assert_eq!(self.received, self.expected, "{case:?}");
        let error = self.error.as_ref().and_then(Option::as_ref).map(Error::kind);
        match (&self.verdict, error, self.socket.closed()) {
            (Some(Outcome::Close(frame)), None, Some(closed)) => {
                assert_eq!((parts(&closed), closed.was_clean()), (said(frame), true), "{case:?}");
            }
            (Some(Outcome::Violation(violation)), Some(kind), _) => {
                assert!(may_show(*violation, kind, case.compression), "{kind:?} for {violation:?} in {case:?}");
            }
            (None, Some(ErrorKind::ConnectionAborted), Some(closed)) => assert!(!closed.was_clean()),
            other => panic!("{other:?} in {case:?}"),
        }
    }

    /// Drops the socket, waits until the connection has let its transport go, and reads what was written.
    async fn finish(self) {
        let Self { case, socket, mut watch, sent, is_flushed, .. } = self;
        drop(socket);
        watch.dropped().await;
        let written = watch.written();
        let frames = client_frames(&written).unwrap_or_else(|error| panic!("{error}: {case:?}"));
        let mut server = Server::new();
        let (mut messages, mut pongs) = (Vec::new(), Vec::new());
        for (at, (first, payload)) in frames.into_iter().enumerate() {
            match first {
                first if first == FIN | PONG => pongs.push(payload),
                first if first == FIN | CLOSE => {
                    CloseFrame::parse(&payload).unwrap_or_else(|error| panic!("{error}: {case:?}"));
                    assert!(client_frames(&written).is_ok_and(|all| at + 1 == all.len()), "after a Close: {case:?}");
                }
                first => messages.push(message(first, payload, &mut server)),
            }
        }
        assert!(sent.starts_with(&messages), "{messages:?} for {sent:?} in {case:?}");
        assert!(!is_flushed || messages == sent, "what was flushed is not there: {case:?}");
        let outcomes = case.outcomes(false);
        let mut pings = outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Ping(payload) => Some(payload),
            _ => None,
        });
        assert!(pongs.iter().all(|pong| pings.any(|ping| ping == pong)), "{pongs:?} in {case:?}");
    }
}

/// A message as a server reads it.
fn message(first: u8, payload: Vec<u8>, server: &mut Server) -> Message {
    let payload = if first & RSV1 == 0 { payload } else { server.inflate(&payload) };
    match first & !RSV1 {
        first if first == FIN | TEXT => Message::from(String::from_utf8(payload).expect("text is UTF-8")),
        first if first == FIN | BINARY => Message::from(payload),
        first => panic!("a client sends no frame that begins with {first:#x}"),
    }
}

/// Whether an error tells of this violation; a compressed message may break several rules, see the property of the decoder.
fn may_show(violation: Violation, kind: ErrorKind, compression: bool) -> bool {
    let shown = match violation {
        Violation::InvalidUtf8 => ErrorKind::InvalidUtf8,
        Violation::MessageTooBig => ErrorKind::MessageTooBig,
        _ => ErrorKind::Protocol,
    };
    let is_about_payload = matches!(kind, ErrorKind::InvalidUtf8 | ErrorKind::MessageTooBig | ErrorKind::Protocol);
    kind == shown || compression && is_about_payload
}

fn parts(closed: &Closed) -> (u16, &str) {
    (closed.code().into(), closed.reason())
}

/// What a Close tells, whether or not it has a code (RFC 6455 section 7.1.5).
fn said(frame: &Option<CloseFrame>) -> (u16, &str) {
    frame.as_ref().map_or((1005, ""), |frame| (frame.code.into(), &frame.reason))
}
