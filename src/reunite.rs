//! What happens to halves that do not belong together.

use std::{error, fmt};

/// The error of `reunite` for halves of different sockets; it contains both halves.
///
/// # Examples
///
/// ```no_run
/// # fn run(one: websocket_anywhere::MessageWebSocket, other: websocket_anywhere::MessageWebSocket) {
/// let (sender, _) = one.split();
/// let (_, receiver) = other.split();
/// let (sender, receiver) = sender.reunite(receiver).unwrap_err().into_halves();
/// # }
/// ```
pub struct ReuniteError<S, R> {
    halves: Box<(S, R)>,
}

impl<S, R> ReuniteError<S, R> {
    pub(crate) fn new(sender: S, receiver: R) -> Self {
        Self { halves: Box::new((sender, receiver)) }
    }

    /// The two halves, unchanged.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(error: websocket_anywhere::ReuniteError<i32, i32>) {
    /// let (sender, receiver) = error.into_halves();
    /// # }
    /// ```
    #[must_use]
    pub fn into_halves(self) -> (S, R) {
        *self.halves
    }
}

impl<S, R> fmt::Debug for ReuniteError<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReuniteError").finish_non_exhaustive()
    }
}

impl<S, R> fmt::Display for ReuniteError<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the halves are not of the same socket")
    }
}

impl<S, R> error::Error for ReuniteError<S, R> {}
