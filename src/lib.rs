#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod address;
mod backend;
mod certificate;
mod close;
mod compression;
mod control;
mod error;
mod information;
mod message;
#[doc(hidden)]
pub mod protocol;
mod reunite;
mod stream;

pub use crate::{
    certificate::{Certificate, ChainValidationResult, ServerCertificates, ServerValidation, SocketSslErrorSeverity},
    close::{CloseCode, Closed},
    compression::Compression,
    control::{Control, Proxy},
    error::{Error, ErrorKind, HResult, Result, WebErrorStatus, WebSocketError},
    information::{BandwidthStatistics, Information, Traffic},
    message::{Message, MessageReceiver, MessageSender, MessageWebSocket, Payload, Text},
    reunite::ReuniteError,
    stream::{InputStream, OutputStream, StreamWebSocket},
};
