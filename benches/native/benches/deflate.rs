//! permessage-deflate: what compressing and inflating a message costs, with and without what came before it.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use websocket_anywhere::{
    Compression,
    protocol::deflate::{Agreement, Deflater, Inflater},
};

criterion_group!(deflate, deflating, inflating);
criterion_main!(deflate);

fn deflating(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("deflate");
    for (name, answer) in ANSWERS {
        for size in SIZES {
            let messages = messages(size);
            let mut deflater = agreement(answer).deflater().expect("the window is large enough");
            group.throughput(Throughput::Bytes(size as u64));
            group.bench_function(BenchmarkId::new(name, size), |bencher| {
                let mut messages = messages.iter().cycle();
                bencher.iter(|| deflated(&mut deflater, messages.next().expect("it is endless")).len());
            });
        }
    }
    group.finish();
}

fn inflating(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("inflate");
    for (name, answer) in ANSWERS {
        for size in SIZES {
            let agreement = agreement(answer);
            let mut deflater = agreement.deflater().expect("the window is large enough");
            // The round starts over with an empty window on both sides.
            let payloads: Vec<_> =
                messages(size).iter().map(|message| deflated(&mut deflater, message).to_vec()).collect();
            group.throughput(Throughput::Bytes((size * payloads.len()) as u64));
            group.bench_function(BenchmarkId::new(name, size), |bencher| {
                bencher.iter_batched_ref(
                    || agreement.inflater(),
                    |inflater| payloads.iter().map(|payload| inflated(inflater, payload)).sum::<usize>(),
                    BatchSize::SmallInput,
                );
            });
        }
    }
    group.finish();
}

fn agreement(answer: &str) -> Agreement {
    Agreement::parse(answer, &Compression::new().threshold(0)).expect("a server may answer this")
}

fn deflated<'a>(deflater: &'a mut Deflater, message: &[u8]) -> &'a [u8] {
    deflater.deflate(black_box(message)).expect("text shrinks")
}

/// Inflates a whole message and gives its length.
fn inflated(inflater: &mut Inflater, mut payload: &[u8]) -> usize {
    let mut len = 0;
    loop {
        let piece = inflater.inflate(black_box(payload), true, Inflater::MAX_KEPT_PIECE).expect("the payload is sound");
        payload = &payload[piece.consumed..];
        len += inflater.take().len();
        if piece.is_last {
            return len;
        }
    }
}

/// Messages such as a feed of prices has: alike, and no two the same.
fn messages(size: usize) -> Vec<Vec<u8>> {
    let message = |number: usize| {
        let quotes = (0..).flat_map(move |at: usize| {
            let price = (number * 7919 + at * 104_729) % 100_000;
            format!("{{\"symbol\":\"S{:03}\",\"price\":{price},\"at\":{}}},", at % 500, number + at).into_bytes()
        });
        quotes.take(size).collect()
    };
    (0..MESSAGES).map(message).collect()
}

const ANSWERS: [(&str, &str); 2] = [
    ("takeover", "permessage-deflate"),
    ("alone", "permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
];
const SIZES: [usize; 3] = [64, 1024, 64 * 1024];
const MESSAGES: usize = 64;
