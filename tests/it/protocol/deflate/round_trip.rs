//! Every combination of parameters, there and back, by messages that a seed chooses.

use properties::{deflate, streams::Random};
use websocket_anywhere::{
    Compression,
    protocol::{Decoder, deflate::Agreement},
};

use properties::receiver::receive_by;

use super::{
    super::{
        check::{Outcome, UNLIMITED, binary},
        wire::{BINARY, CONTINUATION, FIN, PING, frame},
    },
    RSV1,
    reference::{Server, Windowed},
};

/// Every answer to the default offer that a server can give.
fn answers() -> impl Iterator<Item = (String, [bool; 2], [u8; 2])> {
    (0..4).flat_map(|flags| {
        let [client_alone, server_alone] = [flags & 1 != 0, flags & 2 != 0];
        (8..=15).flat_map(move |client_bits| {
            (8..=15).map(move |server_bits| {
                let client = if client_alone { "; client_no_context_takeover" } else { "" };
                let server = if server_alone { "; server_no_context_takeover" } else { "" };
                let windows = format!("; client_max_window_bits={client_bits}; server_max_window_bits={server_bits}");
                let answer = format!("permessage-deflate{client}{server}{windows}");
                (answer, [client_alone, server_alone], [client_bits, server_bits])
            })
        })
    })
}

/// Text, noise, or runs, most of them with something that came before.
fn message(random: &mut Random, before: &[u8]) -> Vec<u8> {
    let len = random.pick(&[0, 1, 5, 64, 300, 2000, 5000, 40_000]);
    let mut message = match random.below(4) {
        0 => random.bytes(len),
        1 => vec![random.number() as u8; len],
        2 => random.text(len).into_bytes(),
        _ => before.to_vec(),
    };
    if random.one_in(2) {
        message.extend_from_slice(&before[..random.below(before.len() + 1)]);
    }
    message.truncate(60_000);
    message
}

#[test]
fn what_a_client_writes_any_server_reads() {
    for (number, (_, [alone, _], [window_bits, _])) in answers().enumerate() {
        let mut random = Random::new(number as u64);
        let mut messages: Vec<Vec<u8>> = Vec::new();
        for _ in 0..6 {
            messages.push(message(&mut random, messages.last().map_or(&[], |before| before)));
        }
        let (level, threshold) = (random.below(10) as u8, random.pick(&[0, 50]));
        deflate::check(&deflate::Case { level, window_bits, context_takeover: !alone, threshold, messages });
    }
}

#[test]
fn what_any_server_writes_a_client_reads() {
    for (number, (answer, [_, alone], [_, bits])) in answers().enumerate() {
        let mut random = Random::new(number as u64);
        let agreement = Agreement::parse(&answer, &Compression::new()).unwrap();
        // A window of 512 bytes is used up to 250 of them.
        let bits = bits.max(9);
        let mut server = Windowed::new(bits);
        let (mut input, mut expected) = (Vec::new(), Vec::new());
        let mut before = Vec::new();
        for _ in 0..6 {
            if alone {
                server = Windowed::new(bits);
            }
            let message = message(&mut random, &before);
            match random.below(4) {
                0 => input.extend(frame(FIN | BINARY, &message)),
                1 => fragments(&mut random, &server.deflate(&message), &mut input, &mut expected),
                _ => input.extend(frame(FIN | RSV1 | BINARY, server.deflate(&message))),
            }
            expected.push(binary(message.clone()));
            before = message;
        }
        for _ in 0..3 {
            let mut cuts: Vec<_> = (0..random.below(8)).map(|_| random.below(input.len())).collect();
            cuts.sort_unstable();
            let decoder = Decoder::new(UNLIMITED).inflating(agreement.inflater());
            let observed = receive_by(decoder, &input, &cuts);
            assert!(observed.as_deref() == Ok(&expected), "{answer}, cut at {cuts:?}");
        }
    }
}

/// A compressed message in frames of any length, with a Ping somewhere.
fn fragments(random: &mut Random, payload: &[u8], input: &mut Vec<u8>, expected: &mut Vec<Outcome>) {
    let (mut opcode, mut rest) = (RSV1 | BINARY, payload);
    while !random.one_in(3) {
        let (piece, others) = rest.split_at(random.below(rest.len() + 1));
        input.extend(frame(opcode, piece));
        (opcode, rest) = (CONTINUATION, others);
        if random.one_in(4) {
            input.extend(frame(FIN | PING, "!"));
            expected.push(Outcome::Ping(b"!".to_vec()));
        }
    }
    input.extend(frame(FIN | opcode, rest));
}

#[test]
fn damage_is_survived_and_judged_alike_wherever_it_is_cut() {
    for seed in 0..2000 {
        let mut random = Random::new(seed);
        let mut server = Server::new();
        let mut input = Vec::new();
        for _ in 0..3 {
            let len = random.below(300);
            let mut payload = server.deflate(random.text(len).as_bytes());
            for _ in 0..random.below(4) {
                let at = random.below(payload.len());
                payload[at] ^= 1 << random.below(8);
            }
            input.extend(frame(FIN | RSV1 | BINARY, payload));
        }
        let whole = receive_by(super::inflating(), &input, &[]).unwrap();
        let bytewise: Vec<_> = (0..=input.len()).collect();
        assert!(receive_by(super::inflating(), &input, &bytewise).as_ref() == Ok(&whole), "seed {seed}");
    }
}
