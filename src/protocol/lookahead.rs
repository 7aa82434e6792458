//! Control frames that lie behind messages which nobody has received yet.

use bytes::Bytes;

use super::{
    decoder::{Decoder, Event},
    frame::{Header, Parsed},
};

/// How far control frames have been looked for ahead of the decoder.
///
/// While a program does not receive, what arrives stays as it is; only the headers in it are looked at, so that a ping or a
/// Close is answered in time. The [`Decoder`] gives the same control frames again when the program gets there. Positions are
/// counted from the first byte of the connection.
#[derive(Debug, Default)]
pub struct Lookahead {
    /// Where the first frame begins that has not been looked at.
    position: u64,
}

impl Lookahead {
    /// Whether a control frame that ends at this position has been given.
    #[must_use]
    pub const fn has_given(&self, end: u64) -> bool {
        end <= self.position
    }

    /// The next control frame in `input`, whose first byte has the position `start` and belongs to the state of `decoder`.
    ///
    /// `None` if there is none, or if what follows breaks a rule: that is for the decoder to find, once the program has
    /// received what comes before.
    pub fn next(&mut self, decoder: &Decoder, input: &[u8], start: u64) -> Option<Event> {
        self.position = self.position.max(start.saturating_add(decoder.rest_of_frame()));
        loop {
            let offset = usize::try_from(self.position - start).ok()?;
            let rest = input.get(offset..)?;
            let Ok(Parsed::Done { header, size }) = Header::parse(rest, decoder.rsv1()) else { return None };
            let end = self.position.saturating_add(size as u64).saturating_add(header.len);
            if !header.opcode.is_control() {
                self.position = end;
                continue;
            }
            // At most 125 bytes.
            let payload = rest.get(size..size + header.len as usize)?;
            let event = Event::control(header.opcode, Bytes::copy_from_slice(payload)).ok()?;
            self.position = end;
            return Some(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;
    use crate::protocol::Limits;

    /// A text, a ping, a fragment, a pong inside, its end, a Close, and what must not be looked at.
    const INPUT: &[u8] = b"\x81\x02ok\x89\x01a\x02\x03\x89\x00\x88\x8a\x01b\x80\x00\x88\x02\x03\xe8\x89\x00";

    fn decoder() -> Decoder {
        Decoder::new(Limits { max_message_size: None, text: true })
    }

    fn controls(decoder: &Decoder, lookahead: &mut Lookahead, input: &[u8], start: u64) -> Vec<Event> {
        let mut found = Vec::new();
        while let Some(event) = lookahead.next(decoder, input, start) {
            let is_close = matches!(event, Event::Close(_));
            found.push(event);
            if is_close {
                break;
            }
        }
        found
    }

    #[test]
    fn control_frames_are_found_once_wherever_the_input_is_cut_and_the_decoder_stands() {
        let (mut all, mut input, mut decoded) = (decoder(), BytesMut::from(INPUT), Vec::new());
        while let Some(event) = all.decode(&mut input).unwrap() {
            if matches!(event, Event::Ping(_) | Event::Pong(_) | Event::Close(_)) {
                decoded.push(event);
            }
        }
        assert_eq!(decoded.len(), 3);
        for cut in 0..=INPUT.len() {
            for taken in 0..=cut {
                // The decoder has been given the first `taken` bytes; the lookahead sees what it left.
                let (mut decoder, mut input) = (decoder(), BytesMut::from(&INPUT[..taken]));
                let (mut lookahead, mut found) = (Lookahead::default(), Vec::new());
                let mut start = 0;
                while let Ok(Some(event)) = decoder.decode(&mut input) {
                    start = (taken - input.len()) as u64;
                    if matches!(event, Event::Ping(_) | Event::Pong(_) | Event::Close(_)) {
                        found.push(event);
                    }
                }
                start = start.max((taken - input.len()) as u64);
                if !matches!(found.last(), Some(Event::Close(_))) {
                    for end in [cut, INPUT.len()] {
                        let rest = &INPUT[start as usize..end];
                        found.extend(controls(&decoder, &mut lookahead, rest, start));
                        if matches!(found.last(), Some(Event::Close(_))) {
                            break;
                        }
                    }
                }
                assert_eq!(found, decoded, "{cut} {taken}");
            }
        }
    }

    #[test]
    fn a_broken_rule_is_left_to_the_decoder() {
        for broken in [&b"\x89\x00\x8f\x00\x89\x00"[..], b"\x89\x00\x88\x01x\x89\x00", b"\x89\x00\x82\x80\x89\x00"] {
            let found = controls(&decoder(), &mut Lookahead::default(), broken, 0);
            assert_eq!(found, [Event::Ping(Bytes::new())], "{broken:?}");
        }
    }
}
