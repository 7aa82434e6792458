//! The negotiation: RFC 7692 sections 5 and 7.1.

use std::{error, fmt};

use super::{deflater::Deflater, inflater::Inflater};
use crate::compression::Compression;

/// The value of `Sec-WebSocket-Extensions` in the client's request.
#[must_use]
pub fn offer(compression: &Compression) -> String {
    let mut offer = NAME.to_owned();
    if compression.server_no_context_takeover {
        offer.push_str("; server_no_context_takeover");
    }
    if compression.client_no_context_takeover {
        offer.push_str("; client_no_context_takeover");
    }
    if compression.server_max_window_bits < MAX_WINDOW_BITS {
        offer.push_str(&format!("; server_max_window_bits={}", compression.server_max_window_bits));
    }
    // Always there, so that the server may choose it for its answer (section 7.1.2.2).
    offer.push_str("; client_max_window_bits");
    if compression.client_max_window_bits < MAX_WINDOW_BITS {
        offer.push_str(&format!("={}", compression.client_max_window_bits));
    }
    offer
}

/// What client and server agreed on (RFC 7692 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Of what is sent here; a window larger than this is not looked back on.
    pub(super) own_context_takeover: bool,
    pub(super) own_window_bits: u8,
    /// Of what the peer sends.
    pub(super) peer_context_takeover: bool,
    pub(super) level: u8,
    pub(super) threshold: usize,
}

impl Agreement {
    /// Reads the `Sec-WebSocket-Extensions` of a server that was sent the [`offer`] of the same settings.
    ///
    /// # Errors
    ///
    /// The rule that the answer breaks: "the client MUST _Fail the WebSocket Connection_" (section 7.1).
    pub fn parse(answer: &str, compression: &Compression) -> Result<Self, Refusal> {
        let mut extensions = answer.split(',').map(str::trim).filter(|extension| !extension.is_empty());
        let mut parts = extensions.next().unwrap_or_default().split(';').map(str::trim);
        if parts.next() != Some(NAME) {
            return Err(Refusal::UnknownExtension);
        }
        // "A client MUST NOT" be given an extension twice, nor another one (section 5; RFC 6455 section 4.1).
        if extensions.next().is_some() {
            return Err(Refusal::SecondExtension);
        }
        let mut answer = AcceptedParameters::default();
        for part in parts {
            answer.accept(part)?;
        }
        answer.conclude(compression)
    }

    /// What compresses the messages of this side; `None` if none may be compressed.
    ///
    /// No deflate library writes for a window of 256 bytes. Who has to, sends everything as it is, which may be done
    /// with any message (section 6.1).
    #[must_use]
    pub fn deflater(&self) -> Option<Box<Deflater>> {
        (self.own_window_bits > MIN_WINDOW_BITS).then(|| {
            let Self { own_context_takeover, own_window_bits, level, threshold, .. } = *self;
            Box::new(Deflater::new(own_window_bits, own_context_takeover, level, threshold))
        })
    }

    /// What decompresses the peer's messages.
    #[must_use]
    pub fn inflater(&self) -> Box<Inflater> {
        Box::new(Inflater::new(self.peer_context_takeover))
    }
}

/// The parameters of an answer.
#[derive(Debug, Default)]
struct AcceptedParameters {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<u8>,
    client_max_window_bits: Option<u8>,
}

impl AcceptedParameters {
    /// Takes one parameter, which may come once and with a value only where it has one (section 7.1).
    fn accept(&mut self, parameter: &str) -> Result<(), Refusal> {
        let (name, value) = match parameter.split_once('=') {
            Some((name, value)) => (name.trim_end(), Some(value.trim_start())),
            None => (parameter, None),
        };
        match name {
            "server_no_context_takeover" => flag(&mut self.server_no_context_takeover, value),
            "client_no_context_takeover" => flag(&mut self.client_no_context_takeover, value),
            "server_max_window_bits" => window_bits(&mut self.server_max_window_bits, value),
            "client_max_window_bits" => window_bits(&mut self.client_max_window_bits, value),
            _ => Err(Refusal::UnknownParameter),
        }
    }

    /// Checks the answer against the offer.
    fn conclude(self, offered: &Compression) -> Result<Agreement, Refusal> {
        // "A server accepts [...] by including the "server_no_context_takeover" extension parameter" (section 7.1.1.1).
        if offered.server_no_context_takeover && !self.server_no_context_takeover {
            return Err(Refusal::ContextTakeover);
        }
        // "with the same or smaller value as the offer" (section 7.1.2.1); the answer may have it without an offer.
        let server_window_bits = self.server_max_window_bits.unwrap_or(MAX_WINDOW_BITS);
        if server_window_bits > offered.server_max_window_bits {
            return Err(Refusal::WindowTooLarge);
        }
        // "a value equal to or smaller than the received value" (section 7.1.2.2). Some servers answer with a larger one, which
        // only permits what the client does not do: no window may be larger than the smaller of the two.
        let client_window_bits =
            self.client_max_window_bits.unwrap_or(MAX_WINDOW_BITS).min(offered.client_max_window_bits);
        Ok(Agreement {
            own_context_takeover: !(offered.client_no_context_takeover || self.client_no_context_takeover),
            own_window_bits: client_window_bits,
            peer_context_takeover: !self.server_no_context_takeover,
            level: offered.level,
            threshold: offered.threshold,
        })
    }
}

/// A parameter without a value (sections 7.1.1.1 and 7.1.1.2).
pub(super) fn flag(seen: &mut bool, value: Option<&str>) -> Result<(), Refusal> {
    if value.is_some() {
        return Err(Refusal::InvalidValue);
    }
    if std::mem::replace(seen, true) { Err(Refusal::RepeatedParameter) } else { Ok(()) }
}

/// "A decimal integer value without leading zeroes between 8 to 15, inclusive" (sections 7.1.2.1 and 7.1.2.2); like any
/// value it may be quoted (RFC 6455 section 9.1).
pub(super) fn window_bits(seen: &mut Option<u8>, value: Option<&str>) -> Result<(), Refusal> {
    let value = value.ok_or(Refusal::InvalidValue)?;
    let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    let bits = match unquoted {
        "8" => 8,
        "9" => 9,
        "10" => 10,
        "11" => 11,
        "12" => 12,
        "13" => 13,
        "14" => 14,
        "15" => 15,
        _ => return Err(Refusal::InvalidValue),
    };
    if seen.replace(bits).is_some() { Err(Refusal::RepeatedParameter) } else { Ok(()) }
}

/// Why an answer cannot be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// A context takeover that the client asked the server to do without (section 7.1.1.1).
    ContextTakeover,
    /// A value where there is none, or none where one must be, or an invalid one (section 7.1).
    InvalidValue,
    /// A parameter twice (section 7.1).
    RepeatedParameter,
    /// More than the one extension that was offered (section 5).
    SecondExtension,
    /// An extension that was not offered (RFC 6455 section 4.1).
    UnknownExtension,
    /// A parameter that the extension does not have (section 7.1).
    UnknownParameter,
    /// A window of the server that is larger than offered (section 7.1.2.1).
    WindowTooLarge,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ContextTakeover => "no server_no_context_takeover, which was asked for (RFC 7692 section 7.1.1.1)",
            Self::InvalidValue => "invalid value of a parameter (RFC 7692 section 7.1)",
            Self::RepeatedParameter => "parameter that comes twice (RFC 7692 section 7.1)",
            Self::SecondExtension => "second extension where one was offered (RFC 6455 section 4.1)",
            Self::UnknownExtension => "extension that was not offered (RFC 6455 section 4.1)",
            Self::UnknownParameter => "parameter that is not defined (RFC 7692 section 7.1)",
            Self::WindowTooLarge => "window of the server larger than offered (RFC 7692 section 7.1.2.1)",
        })
    }
}

impl error::Error for Refusal {}

pub(super) const NAME: &str = "permessage-deflate";

/// A window of 256 bytes (section 7.1.2).
const MIN_WINDOW_BITS: u8 = 8;

/// Without the parameter, a window has 32,768 bytes (section 7.1.2).
pub(super) const MAX_WINDOW_BITS: u8 = 15;
