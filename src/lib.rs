#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod address;
#[macro_use]
mod backend;
mod certificate;
mod close;
mod compression;
mod control;
mod data;
pub mod docs;
mod error;
mod event;
mod heartbeat;
mod information;
mod message;
mod pair;
mod ping;
#[doc(hidden)]
pub mod protocol;
mod reconnect;
mod response;
mod reunite;
#[cfg(feature = "http2")]
mod shared_connections;
mod stream;
#[cfg(feature = "test-util")]
pub mod test_util;

#[cfg(feature = "http2")]
pub use crate::shared_connections::SharedConnections;
pub use crate::{
    backend::public::*,
    certificate::{Certificate, ChainValidationResult, ServerCertificates, ServerValidation, SocketSslErrorSeverity},
    close::{CloseCode, Closed},
    compression::Compression,
    control::{Control, HttpVersion, Proxy, ReceiveMode, SocketMessageType, TlsVersion},
    data::{
        ByteOrder, DataInput, DataOutput, DataReader, DataWriter, DateTime, InputStreamOptions, TimeSpan,
        UnicodeEncoding,
    },
    error::{Error, ErrorKind, HResult, Result, WebErrorStatus, WebSocketError},
    event::Event,
    information::{Backend, BandwidthStatistics, Information, Traffic},
    message::{
        Message, MessageReceiver, MessageSender, MessageWebSocket, Part, Payload, PreparedMessage, Text, TrySendError,
    },
    reconnect::{Connect, Reconnect},
    response::{Headers, HttpResponse},
    reunite::ReuniteError,
    stream::{InputStream, OutputStream, StreamWebSocket},
};
