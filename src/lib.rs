#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod address;
mod backend;
mod close;
mod compression;
mod control;
mod data;
pub mod docs;
mod error;
mod information;
mod message;
#[doc(hidden)]
pub mod protocol;
mod reunite;
mod stream;

pub use crate::{
    close::{CloseCode, Closed},
    compression::Compression,
    control::{Control, SocketMessageType},
    data::{
        ByteOrder, DataInput, DataOutput, DataReader, DataWriter, DateTime, InputStreamOptions, TimeSpan,
        UnicodeEncoding,
    },
    error::{Error, ErrorKind, HResult, Result, WebErrorStatus, WebSocketError},
    information::{Information, Traffic},
    message::{Message, MessageReceiver, MessageSender, MessageWebSocket, Payload, Text},
    reunite::ReuniteError,
    stream::{InputStream, OutputStream, StreamWebSocket},
};
