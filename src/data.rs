//! `DataReader` and `DataWriter`: values as bytes, in a buffer or on a stream (UWP: `Windows.Storage.Streams`).
//!
//! Plain library code, the same on both targets. [`stream`] says what they need of a stream, and is the only place here
//! that knows sockets; [`buffer`] holds what was loaded; [`layout`] and [`text`] know how values look as bytes.

mod buffer;
mod layout;
mod reader;
mod stream;
mod text;
mod time;
mod writer;

pub use self::{
    layout::ByteOrder,
    reader::{DataReader, InputStreamOptions},
    stream::{DataInput, DataOutput},
    text::UnicodeEncoding,
    time::{DateTime, TimeSpan},
    writer::DataWriter,
};
