//! The server's side of the negotiation: RFC 7692 section 7.1.

use super::offer::{Agreement, MAX_WINDOW_BITS, NAME, Refusal, flag, window_bits};
use crate::compression::Compression;

/// The value of `Sec-WebSocket-Extensions` that accepts the first of the client's offers that can be, and what that means;
/// `None` if none can be, which declines them.
pub fn accept<'a>(offers: impl Iterator<Item = &'a str>, ours: &Compression) -> Option<(String, Agreement)> {
    offers.filter_map(|offer| ClientOffer::parse(offer).ok()).map(|offer| offer.accept(ours)).next()
}

/// What a client offers.
#[derive(Default)]
struct ClientOffer {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<u8>,
    /// `Some(15)` where it stands without a value.
    client_max_window_bits: Option<u8>,
}

impl ClientOffer {
    /// "A server MUST decline an extension negotiation offer" that has something unknown, twice, or wrong in it (section 7).
    fn parse(offer: &str) -> Result<Self, Refusal> {
        let mut parts = offer.split(';').map(str::trim);
        if parts.next() != Some(NAME) {
            return Err(Refusal::UnknownExtension);
        }
        let mut this = Self::default();
        for part in parts {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name.trim_end(), Some(value.trim_start())),
                None => (part, None),
            };
            match (name, value) {
                ("server_no_context_takeover", value) => flag(&mut this.server_no_context_takeover, value)?,
                ("client_no_context_takeover", value) => flag(&mut this.client_no_context_takeover, value)?,
                ("server_max_window_bits", value) => window_bits(&mut this.server_max_window_bits, value)?,
                // "The parameter may have no value" (section 7.1.2.2).
                ("client_max_window_bits", value) => {
                    window_bits(&mut this.client_max_window_bits, value.or(Some("15")))?;
                }
                _ => return Err(Refusal::UnknownParameter),
            }
        }
        Ok(this)
    }

    fn accept(self, ours: &Compression) -> (String, Agreement) {
        let mut answer = NAME.to_owned();
        let server_no_context_takeover = self.server_no_context_takeover || ours.server_no_context_takeover;
        if server_no_context_takeover {
            answer.push_str("; server_no_context_takeover");
        }
        // What the client does anyway may be said, so that nobody keeps a window for it (section 7.1.1.2).
        let client_no_context_takeover = self.client_no_context_takeover || ours.client_no_context_takeover;
        if client_no_context_takeover {
            answer.push_str("; client_no_context_takeover");
        }
        let server_bits = self.server_max_window_bits.unwrap_or(MAX_WINDOW_BITS).min(ours.server_max_window_bits);
        if self.server_max_window_bits.is_some() || server_bits < MAX_WINDOW_BITS {
            answer.push_str(&format!("; server_max_window_bits={server_bits}"));
        }
        // Only "if the client indicated" that it can (section 7.1.2.2).
        let client_bits = self.client_max_window_bits.map(|offered| offered.min(ours.client_max_window_bits));
        if let Some(client_bits) = client_bits.filter(|bits| *bits < MAX_WINDOW_BITS) {
            answer.push_str(&format!("; client_max_window_bits={client_bits}"));
        }
        let agreement = Agreement {
            own_context_takeover: !server_no_context_takeover,
            own_window_bits: server_bits,
            peer_context_takeover: !client_no_context_takeover,
            level: ours.level,
            threshold: ours.threshold,
        };
        (answer, agreement)
    }
}
