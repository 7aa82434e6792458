//! What came of reading ahead of the program.

/// Whether there is more to read ahead of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backend::native) enum Ahead {
    /// There is nothing more to read now, and the transport wakes when there is.
    Armed,
    /// As much lies here as may.
    Full,
    /// There may be more: it is the turn of other tasks.
    More,
    /// The end of the connection was found, or had been.
    Ended,
}
