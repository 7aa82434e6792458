//! The payload of a Close frame: RFC 6455 sections 5.5.1 and 7.4.

use std::str;

use super::violation::Violation;
use crate::close::CloseCode;

/// A code and a reason; a Close frame may also have neither.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CloseFrame {
    /// Why the connection ends.
    pub code: CloseCode,
    /// The same in words, possibly empty.
    pub reason: String,
}

impl CloseFrame {
    /// Reads the payload of a received Close frame; an empty one has no code.
    ///
    /// # Errors
    ///
    /// The rule of RFC 6455 sections 5.5.1, 7.4 or 8.1 that it breaks.
    pub fn parse(payload: &[u8]) -> Result<Option<Self>, Violation> {
        let Some((code, reason)) = payload.split_first_chunk() else {
            // "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer" (section 5.5.1).
            return if payload.is_empty() { Ok(None) } else { Err(Violation::CloseTooShort) };
        };
        let code = CloseCode::from(u16::from_be_bytes(*code));
        if !may_be_received(code) {
            return Err(Violation::CloseCode(code.into()));
        }
        // "UTF-8-encoded data" (section 5.5.1); anything else fails the connection (section 8.1).
        let reason = str::from_utf8(reason).map_err(|_| Violation::InvalidUtf8)?;
        Ok(Some(Self { code, reason: reason.to_owned() }))
    }

    /// The bytes of the payload.
    #[must_use]
    pub fn to_payload(&self) -> Vec<u8> {
        let mut payload = Vec::with_capacity(2 + self.reason.len());
        payload.extend_from_slice(&u16::from(self.code).to_be_bytes());
        payload.extend_from_slice(self.reason.as_bytes());
        payload
    }
}

/// Codes 1004, 1005, 1006 and 1015 "MUST NOT be set" in a frame (section 7.4.1), what is below 1000 "not used", what is
/// from 5000 on undefined, and the rest below 3000 reserved for this protocol (section 7.4.2; 1012 to 1014 are
/// registered with IANA).
fn may_be_received(code: CloseCode) -> bool {
    matches!(u16::from(code), 1000..=1003 | 1007..=1014 | 3000..=4999)
}
