//! The kernels of the protocol: what is done for every byte, and for every message.

use std::hint::black_box;

use bytes::BytesMut;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use websocket_anywhere::protocol::{Decoder, Header, Limits, Opcode, Rsv1, Utf8, encode, mask};

criterion_group!(kernels, masking, headers, text, frames);
criterion_main!(kernels);

fn masking(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mask");
    for size in SIZES {
        let mut payload = vec![0xa5; size];
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| mask(black_box(KEY), black_box(&mut payload)));
        });
    }
    group.finish();
}

fn headers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("header");
    let [short, medium, long] = [&b"\x82\x40"[..], b"\x82\x7e\x04\x00", b"\x82\x7f\0\0\0\0\0\x10\0\0"];
    for (name, bytes) in [("short", short), ("medium", medium), ("long", long)] {
        group.bench_function(name, |bencher| bencher.iter(|| Header::parse(black_box(bytes), Rsv1::Reserved)));
    }
    group.finish();
}

fn text(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("utf8");
    for (name, sample) in [("ascii", "The quick brown fox. "), ("mixed", "Zażółć いろは Съешь 🦀 ")] {
        for size in SIZES {
            let text = sample.repeat(size / sample.len() + 1);
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_function(BenchmarkId::new(name, size), |bencher| {
                bencher.iter(|| Utf8::default().push(black_box(text.as_bytes()), true));
            });
        }
    }
    group.finish();
}

/// Small messages one after the other: what each costs besides its bytes.
fn frames(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frames of 64 B");
    group.throughput(Throughput::Elements(FRAMES as u64));
    group.bench_function("encode", |bencher| {
        let mut out = Vec::with_capacity(FRAMES * (64 + Header::MAX_SIZE));
        bencher.iter(|| {
            out.clear();
            for _ in 0..FRAMES {
                encode(black_box(KEY), Opcode::Binary, black_box(&[0; 64]), &mut out);
            }
        });
    });
    let input = [&[0x82, 64][..], &[0; 64]].concat().repeat(FRAMES);
    group.bench_function("decode", |bencher| {
        bencher.iter(|| {
            let mut input = BytesMut::from(&input[..]);
            let mut decoder = Decoder::new(Limits { max_message_size: None, text: true });
            while let Ok(Some(event)) = decoder.decode(&mut input) {
                black_box(event);
            }
        });
    });
    group.finish();
}

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const SIZES: [usize; 4] = [64, 1024, 64 * 1024, 1024 * 1024];
const FRAMES: usize = 1000;
