//! The bytes of a fuzzer as numbers, places and payloads.

/// Takes bytes apart, front first; past their end there are zeros.
#[derive(Debug)]
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or_default()
    }

    pub fn number(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// Up to 15 numbers, how many a byte says.
    pub fn numbers(&mut self) -> Vec<u16> {
        let count = self.byte() % 16;
        (0..count).map(|_| self.number()).collect()
    }

    /// As many bytes as the number before them says.
    pub fn chunk(&mut self) -> &'a [u8] {
        let len = self.number();
        self.take(len.into())
    }

    pub fn rest(&mut self) -> &'a [u8] {
        self.take(usize::MAX)
    }

    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

/// The places in `len` bytes that any numbers name, in order.
#[must_use]
pub fn places(numbers: &[u16], len: usize) -> Vec<usize> {
    let mut places: Vec<_> = numbers.iter().map(|&number| usize::from(number) % (len + 1)).collect();
    places.sort_unstable();
    places
}
