//! What a peer can do wrong, and the close code that says so.

use std::fmt;

use crate::close::CloseCode;

/// The reason why a connection must be failed (RFC 6455 section 7.1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Violation {
    /// A close code that no endpoint may send (section 7.4).
    CloseCode(u16),
    /// A Close frame with one byte of payload (section 5.5.1).
    CloseTooShort,
    /// A control frame with more than 125 bytes (section 5.5).
    ControlTooLong,
    /// A control frame in fragments (section 5.5).
    FragmentedControl,
    /// A new message before the last one was complete (section 5.4).
    InterleavedMessage,
    /// A compressed message that cannot be inflated (RFC 7692 section 7.2.2).
    InvalidDeflate,
    /// A text message or a close reason that is not UTF-8 (sections 5.6 and 8.1).
    InvalidUtf8,
    /// A payload length above 2^63 - 1 (section 5.2).
    LengthOverflow,
    /// A payload length in more bytes than it needs (section 5.2).
    LengthNotMinimal,
    /// A frame of a server with a mask, or one of a client without (section 5.1).
    MaskedByServer,
    /// A message over the limit of the receiver (section 7.4.1, code 1009).
    MessageTooBig,
    /// An opcode that has no meaning (section 5.2).
    ReservedOpcode(u8),
    /// A reserved bit without an extension that gives it a meaning there (section 5.2; RFC 7692 section 6.1).
    ReservedBits,
    /// A continuation of nothing (section 5.4).
    StrayContinuation,
    /// A text message where only binary ones are accepted (section 7.4.1, code 1003).
    UnexpectedText,
}

impl Violation {
    /// The code of the Close frame that the receiver answers with (RFC 6455 section 7.4.1).
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::InvalidUtf8 => CloseCode::INVALID_PAYLOAD,
            Self::MessageTooBig => CloseCode::MESSAGE_TOO_BIG,
            Self::UnexpectedText => CloseCode::UNSUPPORTED_DATA,
            Self::CloseCode(_)
            | Self::CloseTooShort
            | Self::ControlTooLong
            | Self::FragmentedControl
            | Self::InterleavedMessage
            // No RFC names a code for it; browsers and the Python `websockets` use this one.
            | Self::InvalidDeflate
            | Self::LengthOverflow
            | Self::LengthNotMinimal
            | Self::MaskedByServer
            | Self::ReservedOpcode(_)
            | Self::ReservedBits
            | Self::StrayContinuation => CloseCode::PROTOCOL_ERROR,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::CloseCode(code) => return write!(f, "close code {code} may not be sent (RFC 6455 section 7.4)"),
            Self::ReservedOpcode(opcode) => {
                return write!(f, "opcode {opcode:#x} is reserved (RFC 6455 section 5.2)");
            }
            Self::CloseTooShort => "close frame with one byte of payload (RFC 6455 section 5.5.1)",
            Self::ControlTooLong => "control frame with more than 125 bytes (RFC 6455 section 5.5)",
            Self::FragmentedControl => "control frame in fragments (RFC 6455 section 5.5)",
            Self::InterleavedMessage => "new message inside a fragmented one (RFC 6455 section 5.4)",
            Self::InvalidDeflate => "compressed message that cannot be inflated (RFC 7692 section 7.2.2)",
            Self::InvalidUtf8 => "text that is not UTF-8 (RFC 6455 section 8.1)",
            Self::LengthOverflow => "payload length above 2^63 - 1 (RFC 6455 section 5.2)",
            Self::LengthNotMinimal => "payload length in more bytes than it needs (RFC 6455 section 5.2)",
            Self::MaskedByServer => {
                "masked frame from a server, or one from a client that is not masked (RFC 6455 section 5.1)"
            }
            Self::MessageTooBig => "message over the limit",
            Self::ReservedBits => "reserved bit without an extension (RFC 6455 section 5.2)",
            Self::StrayContinuation => "continuation without a message (RFC 6455 section 5.4)",
            Self::UnexpectedText => "text message on a stream of bytes",
        };
        f.write_str(text)
    }
}

impl std::error::Error for Violation {}
