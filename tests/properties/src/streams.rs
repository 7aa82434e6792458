//! What a server might send: valid streams, and streams with one thing wrong.

use crate::wire::{BINARY, CONTINUATION, FIN, PING, PONG, TEXT, close_frame, frame};

/// Marsaglia's xorshift: the same numbers for the same seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        // The state may not be zero, and the first numbers of neighbouring seeds should not look alike.
        let mut random = Self((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        random.number();
        random
    }

    pub fn number(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.number() >> 16) as usize % end
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.number() as u8).collect()
    }

    /// Text of about so many bytes, in characters of every length.
    pub fn text(&mut self, len: usize) -> String {
        let mut text = String::new();
        while text.len() < len {
            text.push(self.pick(&['a', '\0', 'é', '\u{7ff}', '€', '\u{ffff}', '😀', '\u{10ffff}']));
        }
        text
    }

    /// Mostly short, sometimes around the length forms.
    pub fn usual_len(&mut self) -> usize {
        match self.below(20) {
            0 => self.pick(&[124, 125, 126, 127, 128]),
            1 => self.pick(&[1000, 4096]),
            2 if self.one_in(4) => self.pick(&[65535, 65536, 65537]),
            _ => self.below(20),
        }
    }
}

/// Frames without a fault, in order.
pub fn valid(random: &mut Random) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    for _ in 0..random.below(6) {
        message(random, &mut frames);
    }
    if random.one_in(2) {
        frames.push(close(random));
    }
    frames
}

/// A stream with one fault, which may be harmless.
pub fn faulty(random: &mut Random) -> Vec<u8> {
    let mut frames = valid(random);
    if frames.is_empty() {
        return random.bytes(10);
    }
    let (one, other) = (random.below(frames.len()), random.below(frames.len()));
    match random.below(7) {
        0 => frames.swap(one, other),
        1 => drop(frames.remove(one)),
        2 => frames.insert(one, frames[other].clone()),
        // In the first byte or in the length.
        3 | 4 => flip(random, &mut frames[one], 2),
        5 => flip(random, &mut frames[one], usize::MAX),
        _ => {
            let len = random.below(frames[one].len());
            frames[one].truncate(len);
        }
    }
    frames.concat()
}

fn message(random: &mut Random, frames: &mut Vec<Vec<u8>>) {
    let len = random.usual_len();
    let (mut first, payload) =
        if random.one_in(2) { (TEXT, random.text(len).into_bytes()) } else { (BINARY, random.bytes(len)) };
    let mut rest = &payload[..];
    while random.one_in(2) {
        let (fragment, tail) = rest.split_at(random.below(rest.len() + 1));
        frames.push(frame(first, fragment));
        control(random, frames);
        (first, rest) = (CONTINUATION, tail);
    }
    frames.push(frame(FIN | first, rest));
    control(random, frames);
}

fn control(random: &mut Random, frames: &mut Vec<Vec<u8>>) {
    if random.one_in(4) {
        let len = random.usual_len().min(125);
        frames.push(frame(FIN | random.pick(&[PING, PONG]), random.bytes(len)));
    }
}

fn close(random: &mut Random) -> Vec<u8> {
    let code = random.pick(&[1000, 1001, 1004, 1006, 1011, 1012, 1013, 1014, 1015, 2999, 3000, 4000, 4999, 5000]);
    match random.below(4) {
        0 => frame(FIN | 8, ""),
        1 => close_frame(code, random.bytes(5)),
        _ => close_frame(code, random.text(30)),
    }
}

/// Flips one bit among the first bytes.
fn flip(random: &mut Random, frame: &mut [u8], among: usize) {
    let at = random.below(frame.len().min(among));
    frame[at] ^= 1 << random.below(8);
}
