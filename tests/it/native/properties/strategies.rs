//! Inputs that are mostly what they should be, so that what is wrong with them is met late.

use properties::{
    connection::{self, Step},
    decoder, deflate, differential, inflate,
    reference::Server,
    transport::End,
    upgrade,
    wire::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, RSV1, TEXT, close_frame, frame},
};
use proptest::{collection::vec, option, prelude::*, sample::select, strategy::Union};

pub(super) fn decoder() -> impl Strategy<Value = decoder::Case> {
    let settings = (select(&[None, Some(0), Some(125), Some(4000)]), any::<bool>(), any::<bool>(), any::<bool>());
    (settings, any::<bool>(), cuts()).prop_flat_map(|settings| {
        let ((max_message_size, text, gathers, inflates), server_context_takeover, cuts) = settings;
        stream(inflates, server_context_takeover).prop_map(move |stream| decoder::Case {
            max_message_size,
            text,
            gathers,
            inflates,
            server_context_takeover,
            cuts: cuts.clone(),
            stream,
        })
    })
}

pub(super) fn differential() -> impl Strategy<Value = differential::Case> {
    (cuts(), stream(false, false)).prop_map(|(cuts, stream)| differential::Case { cuts, stream })
}

pub(super) fn inflate() -> impl Strategy<Value = inflate::Case> {
    (any::<bool>(), cuts(), vec((payload(), fault()), 0..5)).prop_map(|(context_takeover, cuts, messages)| {
        let payloads = compressed(messages, context_takeover);
        inflate::Case { context_takeover, cuts, payloads }
    })
}

pub(super) fn deflate() -> impl Strategy<Value = deflate::Case> {
    let repeated = (payload(), 0..500_usize).prop_map(|(payload, times)| payload.repeat(times));
    let settings = (0..=9_u8, 8..=15_u8, any::<bool>(), select(&[0, 50]));
    (settings, vec(repeated, 0..4)).prop_map(|((level, window_bits, context_takeover, threshold), messages)| {
        deflate::Case { level, window_bits, context_takeover, threshold, messages }
    })
}

pub(super) fn upgrade() -> impl Strategy<Value = upgrade::Case> {
    (any::<bool>(), any::<bool>(), cuts(), response(), stream(false, false), option::weighted(0.3, fault())).prop_map(
        |(protocols, compression, cuts, mut response, stream, fault)| {
            response.extend(stream);
            if let Some(fault) = fault {
                damage(&mut response, fault);
            }
            upgrade::Case { protocols, compression, cuts, response }
        },
    )
}

pub(super) fn connection() -> impl Strategy<Value = connection::Case> {
    let settings = (any::<bool>(), select(&[None, Some(1000)]), select(&[0, 100, 1 << 20]), end());
    (settings, vec(any::<u8>(), 0..5), cuts(), vec(step(), 0..12)).prop_flat_map(|(settings, takes, cuts, steps)| {
        let (compression, max_message_size, outbound_buffer_size, end) = settings;
        stream(compression, true).prop_map(move |stream| connection::Case {
            compression,
            max_message_size,
            outbound_buffer_size,
            end,
            takes: takes.clone(),
            cuts: cuts.clone(),
            steps: steps.clone(),
            stream,
        })
    })
}

fn cuts() -> impl Strategy<Value = Vec<u16>> {
    vec(any::<u16>(), 0..6)
}

fn end() -> impl Strategy<Value = End> {
    select(&[End::Eof, End::Reset, End::Silence])
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..2000_u16).prop_map(Step::SendText),
        (0..2000_u16).prop_map(Step::SendBinary),
        (0..2000_u16).prop_map(Step::SendImpatiently),
        select(&[Step::Flush, Step::Receive, Step::ReceiveImpatiently, Step::TryReceive, Step::Yield]),
    ]
}

/// Mostly text, mostly short.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => ".{0,20}".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..20),
        1 => (select(&[124, 125, 126, 1000, 4000, 4001, 65535, 65536]), any::<u8>()).prop_map(|(len, byte)| vec![byte & 0x7f; len]),
    ]
}

/// A bit to flip: where, modulo the length, and which.
fn fault() -> impl Strategy<Value = (usize, u32)> {
    (any::<usize>(), 0..8_u32)
}

fn damage(bytes: &mut [u8], (at, bit): (usize, u32)) {
    if !bytes.is_empty() {
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
    }
}

/// The payloads of compressed messages, the first one damaged now and then.
fn compressed(messages: Vec<(Vec<u8>, (usize, u32))>, context_takeover: bool) -> Vec<Vec<u8>> {
    let mut server = Server::new();
    let compress = |(message, fault): (Vec<u8>, (usize, u32))| {
        if !context_takeover {
            server = Server::new();
        }
        let mut payload = server.deflate(&message);
        if fault.0 % 4 == 0 {
            damage(&mut payload, fault);
        }
        payload
    };
    messages.into_iter().map(compress).collect()
}

/// Frames, one of which may be damaged.
fn stream(inflates: bool, context_takeover: bool) -> impl Strategy<Value = Vec<u8>> {
    (vec(message(), 0..6), option::weighted(0.3, fault()), option::weighted(0.5, end_of_stream())).prop_map(
        move |(messages, fault, end)| {
            let mut server = Server::new();
            let mut stream = Vec::new();
            for message in messages {
                if !context_takeover {
                    server = Server::new();
                }
                message.write(inflates, &mut server, &mut stream);
            }
            stream.extend(end.unwrap_or_default());
            if let Some(fault) = fault {
                damage(&mut stream, fault);
            }
            stream
        },
    )
}

/// A Close, or what should not be there.
fn end_of_stream() -> impl Strategy<Value = Vec<u8>> {
    let code = select(&[999, 1000, 1001, 1004, 1005, 1006, 1011, 1012, 1014, 1015, 2999, 3000, 4999, 5000]);
    Union::new([
        Just(frame(FIN | CLOSE, "")).boxed(),
        (code, ".{0,40}").prop_map(|(code, reason)| close_frame(code, reason)).boxed(),
        vec(any::<u8>(), 1..12).boxed(),
    ])
}

/// A message of a server, or a ping or pong.
#[derive(Clone, Debug)]
struct Sent {
    opcode: u8,
    payload: Vec<u8>,
    /// Where it is divided into frames, and whether a ping comes there.
    fragments: Vec<(u16, bool)>,
    plain: bool,
}

fn message() -> impl Strategy<Value = Sent> {
    let opcode = prop_oneof![3 => Just(TEXT), 3 => Just(BINARY), 1 => Just(PING), 1 => Just(PONG)];
    (opcode, payload(), vec((any::<u16>(), any::<bool>()), 0..3), any::<bool>())
        .prop_map(|(opcode, payload, fragments, plain)| Sent { opcode, payload, fragments, plain })
}

impl Sent {
    fn write(mut self, inflates: bool, server: &mut Server, stream: &mut Vec<u8>) {
        if matches!(self.opcode, PING | PONG) {
            self.payload.truncate(125);
            return stream.extend(frame(FIN | self.opcode, self.payload));
        }
        let mut first = self.opcode;
        if inflates && !self.plain {
            self.payload = server.deflate(&self.payload);
            first |= RSV1;
        }
        let mut rest = &self.payload[..];
        for (at, ping) in self.fragments {
            let (fragment, tail) = rest.split_at(usize::from(at) % (rest.len() + 1));
            stream.extend(frame(first, fragment));
            (first, rest) = (CONTINUATION, tail);
            if ping {
                stream.extend(frame(FIN | PING, at.to_be_bytes()));
            }
        }
        stream.extend(frame(FIN | first, rest));
    }
}

/// The head of a response, mostly one that makes a connection.
fn response() -> impl Strategy<Value = Vec<u8>> {
    let mostly =
        |right: &'static str, wrong: &'static [&'static str]| prop_oneof![6 => Just(right), 1 => select(wrong)];
    (
        mostly("", &["HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n", "HTTP/1.0 100 x\n\n"]),
        mostly(
            "HTTP/1.1 101 Switching Protocols",
            &["HTTP/1.1 200 OK", "HTTP/1.0 101 x", "HTTP/1.1 404 Not Found", ""],
        ),
        mostly(
            "Upgrade: websocket",
            &[
                "Upgrade: h2c",
                "Upgrade : websocket",
                "Upgrade:\r\n websocket",
                "upgrade: WebSocket, x",
                "Sec-WebSocket-Version: 13",
            ],
        ),
        mostly(
            "Connection: Upgrade",
            &["Connection: close", "connection: keep-alive, upgrade", "X: y\r\n Connection: upgrade"],
        ),
        mostly("Sec-WebSocket-Accept: {accept}", &["Sec-WebSocket-Accept: x", "X: y"]),
        mostly("X: y", &["Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: other", "Sec-WebSocket-Protocol: "]),
        mostly(
            "Server: z",
            &[
                "Server : z",
                "Server: z\r\n\tfolded",
                "no header",
                "Sec-WebSocket-Extensions : permessage-deflate",
                "Sec-WebSocket-Extensions: permessage-deflate",
                "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10",
                "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=16",
                "Sec-WebSocket-Extensions: x-other",
            ],
        ),
        select(&["\r\n", "\n"]),
    )
        .prop_map(|(interim, status, upgrade, connection, accept, protocol, extensions, end)| {
            let head = [status, upgrade, connection, accept, protocol, extensions, "", ""].join(end);
            [interim, &*head].concat().into_bytes()
        })
}
