//! `DataReader` and `DataWriter`: values as bytes, and bytes over sockets.

mod buffer;
mod messages;
mod reader;
mod round_trip;
mod stream;
mod text;
mod time;
mod values;

use websocket_anywhere::{Error, ErrorKind, HResult};

/// More was to be read than is there.
#[track_caller]
fn assert_out_of_bounds<T: std::fmt::Debug>(result: Result<T, Error>) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.hresult()), (ErrorKind::OutOfBounds, HResult::E_BOUNDS), "{error:?}");
    assert_eq!(error.hresult().code(), 0x8000_000B);
}

/// Bytes are not text.
#[track_caller]
fn assert_no_text<T: std::fmt::Debug>(result: Result<T, Error>) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.hresult().code()), (ErrorKind::InvalidText, 0x8007_0459), "{error:?}");
}

/// The stream is gone with its reader or writer.
#[track_caller]
fn assert_closed<T: std::fmt::Debug>(result: Result<T, Error>) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.hresult().code()), (ErrorKind::Closed, 0x8000_0013), "{error:?}");
}
