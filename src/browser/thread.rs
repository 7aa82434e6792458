//! Values that belong to one thread, inside types that are `Send`.

use std::{fmt, mem};

use send_wrapper::SendWrapper;

use crate::error::{Error, ErrorKind, Result};

/// A value of the thread that made it: to any other thread it gives an error, never a panic.
///
/// JavaScript values exist in one thread only, also where wasm threads share their memory.
pub(super) struct Local<T> {
    /// Empty only while it is dropped.
    value: Option<SendWrapper<T>>,
}

impl<T> Local<T> {
    pub(super) fn new(value: T) -> Self {
        Self { value: Some(SendWrapper::new(value)) }
    }

    pub(super) fn get(&self) -> Result<&T> {
        match &self.value {
            // Without shared memory there is one thread only.
            Some(value) if cfg!(not(target_feature = "atomics")) || value.valid() => Ok(value),
            _ => Err(wrong_thread()),
        }
    }
}

impl<T> Drop for Local<T> {
    /// Leaks the value on another thread: it cannot be dropped there, and dropping its wrapper would panic.
    fn drop(&mut self) {
        mem::forget(self.value.take_if(|value| !value.valid()));
    }
}

impl<T> fmt::Debug for Local<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").finish_non_exhaustive()
    }
}

fn wrong_thread() -> Error {
    Error::new(ErrorKind::WrongThread, "the socket belongs to the thread that opened it")
}
