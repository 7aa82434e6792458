//! Values that belong to one thread, inside types that are `Send`.

use std::{
    fmt,
    mem::{self, ManuallyDrop},
};

use fragile::Fragile;

use crate::error::{Error, ErrorCode, Result};

/// A value of the thread that made it: to any other thread it gives an error, never a panic.
///
/// JavaScript values exist in one thread only, also where wasm threads share their memory.
pub(super) struct Local<T> {
    /// Empty only while it is dropped. [`Fragile`] would panic if it was dropped on another thread.
    value: Option<ManuallyDrop<Fragile<T>>>,
}

impl<T> Local<T> {
    pub(super) fn new(value: T) -> Self {
        Self { value: Some(ManuallyDrop::new(Fragile::new(value))) }
    }

    pub(super) fn get(&self) -> Result<&T> {
        let value = self.value.as_ref().and_then(|value| value.try_get().ok());
        value.ok_or_else(wrong_thread)
    }
}

impl<T> Drop for Local<T> {
    /// Leaks the value on another thread: it cannot be dropped there, and dropping its wrapper would panic.
    fn drop(&mut self) {
        if let Some(Err(value)) = self.value.take().map(ManuallyDrop::into_inner).map(Fragile::try_into_inner) {
            mem::forget(value);
        }
    }
}

impl<T> fmt::Debug for Local<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").finish_non_exhaustive()
    }
}

fn wrong_thread() -> Error {
    ErrorCode::WrongThread.into()
}
