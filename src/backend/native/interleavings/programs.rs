//! What the tasks of a connection do, and what must hold whatever the order.

use std::{future::poll_fn, sync::Arc, task::Poll};

use properties::wire::{BINARY, CLOSE, FIN, PING, PONG, client_frames, close_frame, frame};
use shuttle::{
    future::{block_on, spawn},
    rand::{Rng as _, thread_rng},
};
use tokio::runtime::Handle;

use super::pipe::{Incoming, Outgoing, Pipe};
use crate::{
    backend::{
        Link as _, Observer as _, Sink as _, Source as _,
        native::{
            Reader, Writer,
            connection::Connection,
            dial::{Endpoints, Transport},
            driver::Driver,
            observer::Observer,
            settings::Settings,
            upgrade::Upgraded,
        },
    },
    close::{CloseCode, Closed},
    control::Control,
    error::Result,
    message::Payload,
};

/// What each task does, until it drops what it has.
#[derive(Clone, Debug)]
pub(super) struct Play {
    /// How much each direction of the transport holds.
    pub(super) capacity: usize,
    pub(super) sender: Vec<SenderStep>,
    pub(super) receiver: Vec<ReceiverStep>,
    pub(super) peer: Peer,
    /// Whether a task waits for the end that is no half.
    pub(super) has_observer: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SenderStep {
    Send,
    /// Lets it wait for what follows.
    Feed,
    Flush,
    Close,
    Leave,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReceiverStep {
    Receive,
    ReceiveAll,
    Close,
    Leave,
}

/// What the peer sends; it reads all there is, and answers a Close.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Peer {
    pub(super) messages: u8,
    pub(super) pings: u8,
    /// Whether it closes behind that.
    pub(super) closes: bool,
    /// Whether it leaves behind that, without a word.
    pub(super) cuts: bool,
}

impl Play {
    /// What nobody can wait for in vain.
    pub(super) fn random() -> Self {
        let mut chance = thread_rng();
        let peer = Peer {
            messages: chance.gen_range(0..4),
            pings: chance.gen_range(0..3),
            closes: chance.gen_bool(0.3),
            cuts: chance.gen_bool(0.3),
        };
        let peer = Peer { closes: peer.closes && !peer.cuts, ..peer };
        let mut sender: Vec<_> = (0..chance.gen_range(0..5))
            .map(|_| [SenderStep::Send, SenderStep::Feed, SenderStep::Flush][chance.gen_range(0..3)])
            .collect();
        let sender_closes = chance.gen_bool(0.5);
        sender.push(if sender_closes { SenderStep::Close } else { SenderStep::Leave });
        let most = if peer.messages == 0 { 0 } else { chance.gen_range(0..=peer.messages) };
        let mut receiver = vec![ReceiverStep::Receive; most.into()];
        receiver.push(match chance.gen_range(0..3) {
            0 => ReceiverStep::Close,
            1 if sender_closes || peer.closes || peer.cuts => ReceiverStep::ReceiveAll,
            _ => ReceiverStep::Leave,
        });
        let capacity = [7, 40, 1000][chance.gen_range(0..3)];
        Self { capacity, sender, receiver, peer, has_observer: chance.gen_bool(0.5) }
    }

    /// Whether nobody but the sender queues anything before it closes.
    fn sender_is_alone(&self) -> bool {
        let Peer { pings, closes, cuts, .. } = self.peer;
        pings == 0 && !closes && !cuts && !self.receiver.contains(&ReceiverStep::Close)
    }

    /// Runs all tasks to their ends.
    pub(super) fn run(self) {
        let play = Arc::new(self);
        let (up, down) = (Pipe::new(play.capacity), Pipe::new(play.capacity));
        let connection = connect(&up, &down);
        let driving = spawn(Driver::new(connection.clone()).drive());
        let answering = spawn(play.peer.act(up.clone(), down));
        let observing = play.has_observer.then(|| spawn(observe(connection.clone())));
        let sending = spawn(send(play.clone(), Writer::new(connection.clone(), None), up.clone()));
        let reader = Reader::new(connection.clone(), Handle::current());
        let receiving = spawn(receive(play.clone(), reader));
        let (sent, received, said, observed) = block_on(async {
            let (sent, received) = (sending.await.expect("no task panics"), receiving.await.expect("no task panics"));
            driving.await.expect("no task panics");
            let observed = match observing {
                Some(observing) => Some(observing.await.expect("no task panics")),
                None => None,
            };
            (sent, received, answering.await.expect("no task panics"), observed)
        });
        let closed = connection.closed().expect("it has ended");
        assert_eq!(connection.buffered_amount(), 0, "nothing waits behind the end");
        for seen in [sent.closed, received.closed, observed].into_iter().flatten() {
            assert!(!matches!(&seen, Ok(seen) if *seen != closed), "{seen:?} and {closed:?}: one end");
            assert!(seen.is_ok() || play.peer.cuts, "{seen:?}");
        }
        assert!(closed.was_clean() || play.peer.cuts, "{closed:?}");
        play.check_sent(&sent.messages, &said);
        let theirs = play.peer.messages();
        assert!(theirs.starts_with(&received.messages), "{:?} of {theirs:?}", received.messages);
        assert!(!received.heard_all || received.messages == theirs, "{:?} of {theirs:?}", received.messages);
    }

    /// Each message once and in order, and nothing behind the Close.
    fn check_sent(&self, sent: &[Vec<u8>], said: &[u8]) {
        let mut frames = client_frames(said).expect("they are frames");
        if self.peer.cuts {
            frames.retain(|(first, _)| *first != FIN | CLOSE);
        } else {
            assert_eq!(frames.pop().map(|(first, _)| first), Some(FIN | CLOSE), "a Close is the last that comes");
        }
        let (pongs, messages): (Vec<_>, Vec<_>) = frames.into_iter().partition(|(first, _)| *first == FIN | PONG);
        let messages: Vec<_> = messages.into_iter().inspect(|(first, _)| assert_eq!(*first, FIN | BINARY)).collect();
        let messages: Vec<_> = messages.into_iter().map(|(_, payload)| payload).collect();
        assert!(sent.starts_with(&messages), "{messages:?} of {sent:?}");
        assert!(self.peer.cuts || messages == sent, "{messages:?} of {sent:?}");
        assert!(pongs.len() <= self.peer.pings.into() && pongs.iter().all(|(_, payload)| payload == b"?"), "{pongs:?}");
    }
}

/// A client's connection, behind the handshake.
fn connect(up: &Arc<Pipe>, down: &Arc<Pipe>) -> Arc<Connection> {
    let transport = Transport { reader: Box::new(Incoming(down.clone())), writer: Box::new(Outgoing(up.clone())) };
    let control = Control::new().outbound_buffer_size(10);
    let settings = Settings::new(&control, control.message_limits());
    Connection::new(transport, Upgraded::without_handshake(None), settings, Endpoints::default())
        .expect("there are random numbers")
}

/// What became of a half.
#[derive(Default)]
struct Outcome {
    messages: Vec<Vec<u8>>,
    closed: Option<Result<Closed>>,
    /// Whether the end of what the peer sends was reached.
    heard_all: bool,
}

async fn send(play: Arc<Play>, mut writer: Writer, up: Arc<Pipe>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut queued = 0;
    for (number, &step) in play.sender.iter().enumerate() {
        match step {
            SenderStep::Send | SenderStep::Feed => {
                if poll_fn(|cx| writer.poll_ready(cx)).await.is_err() {
                    continue;
                }
                let message = vec![number as u8; number];
                let payload = Payload::from(&message);
                let queuing = if step == SenderStep::Send { writer.start(&payload) } else { writer.feed(&payload) };
                if queuing.is_ok() {
                    queued += MASKED_HEADER + message.len();
                    outcome.messages.push(message);
                }
                if play.sender_is_alone() {
                    // In this order: what is written meanwhile is counted twice, never not at all.
                    let buffered = writer.buffered_amount();
                    let written = up.written();
                    assert!(buffered + written >= queued, "{buffered} of {queued} bytes, {written} written");
                    assert!(buffered <= queued + 1, "{buffered} of {queued} bytes");
                }
            }
            SenderStep::Flush => {
                let flushed = poll_fn(|cx| writer.poll_flush(cx)).await;
                if flushed.is_ok() && play.sender_is_alone() {
                    assert_eq!((writer.buffered_amount(), up.written()), (0, queued), "after a flush");
                }
            }
            SenderStep::Close => {
                writer.start_close(Some((CloseCode::from(3001), "")));
                outcome.closed = Some(poll_fn(|cx| writer.poll_closed(cx)).await);
            }
            SenderStep::Leave => break,
        }
    }
    outcome
}

async fn receive(play: Arc<Play>, mut reader: Reader) -> Outcome {
    let mut outcome = Outcome::default();
    for &step in &play.receiver {
        match step {
            ReceiverStep::Receive => {
                if let Ok(Some(message)) = poll_fn(|cx| reader.poll_message(cx)).await {
                    outcome.messages.push(message.into_bytes().to_vec());
                }
            }
            ReceiverStep::ReceiveAll => {
                let end = loop {
                    match poll_fn(|cx| reader.poll_message(cx)).await {
                        Ok(Some(message)) => outcome.messages.push(message.into_bytes().to_vec()),
                        end => break end,
                    }
                };
                assert!(end.is_ok() || play.peer.cuts, "{end:?}");
                outcome.heard_all = !play.sender.contains(&SenderStep::Close);
                assert!(matches!(poll_fn(|cx| reader.poll_message(cx)).await, Ok(None)), "after the end");
            }
            ReceiverStep::Close => {
                reader.start_close(Some((CloseCode::from(3002), "")));
                outcome.closed = Some(poll_fn(|cx| reader.poll_closed(cx)).await);
            }
            ReceiverStep::Leave => break,
        }
    }
    outcome
}

async fn observe(connection: Arc<Connection>) -> Result<Closed> {
    let mut observer = Observer::new(connection);
    poll_fn(|cx| observer.poll_end(cx)).await
}

impl Peer {
    fn messages(self) -> Vec<Vec<u8>> {
        (0..self.messages).map(|number| vec![number; 3]).collect()
    }

    fn script(self) -> Vec<u8> {
        let pings = (0..self.pings).flat_map(|_| frame(FIN | PING, "?"));
        let messages = self.messages().into_iter().flat_map(|message| frame(FIN | BINARY, message));
        let close = if self.closes { close_frame(4001, "") } else { Vec::new() };
        pings.chain(messages).chain(close).collect()
    }

    /// Writes and reads as far as both go; gives what it has read.
    async fn act(self, up: Arc<Pipe>, down: Arc<Pipe>) -> Vec<u8> {
        let (mut rest, mut read) = (self.script(), Vec::new());
        let mut has_answered = self.closes;
        poll_fn(|cx| {
            loop {
                let mut has_moved = false;
                if !rest.is_empty() {
                    if let Poll::Ready(written) = down.poll_write(cx, &rest) {
                        let amount = written.unwrap_or(rest.len());
                        rest.drain(..amount);
                        has_moved = true;
                    }
                }
                if self.cuts && rest.is_empty() {
                    down.end();
                    up.refuse();
                    return Poll::Ready(());
                }
                if let Poll::Ready(bytes) = up.poll_read(cx, usize::MAX) {
                    if bytes.is_empty() {
                        down.end();
                        return Poll::Ready(());
                    }
                    read.extend_from_slice(&bytes);
                    has_moved = true;
                }
                let is_closed = client_frames(&read)
                    .expect("they are frames")
                    .last()
                    .is_some_and(|(first, _)| *first == FIN | CLOSE);
                if is_closed && !has_answered {
                    has_answered = true;
                    rest.extend(close_frame(1000, ""));
                    has_moved = true;
                }
                if is_closed && rest.is_empty() {
                    // The server is the first to end TCP.
                    down.end();
                }
                if !has_moved {
                    return Poll::Pending;
                }
            }
        })
        .await;
        read
    }
}

/// What a short message of a client has before it.
const MASKED_HEADER: usize = 6;
