//! Whether a sending half may send now.

use std::task::{Context, Poll};

use super::{MessageSender, Payload};
use crate::{
    backend::{Sink as _, Writer},
    error::{ErrorCode, Result},
};

impl MessageSender {
    /// The way out, unless a `DataWriter` has closed it.
    #[inline]
    pub(crate) fn open_sink(&mut self) -> Result<&mut Writer> {
        if self.is_shut { Err(ErrorCode::Shut.into()) } else { Ok(&mut self.sink) }
    }

    /// The way out for whole messages, unless one is being sent in parts.
    #[inline]
    pub(crate) fn whole_sink(&mut self) -> Result<&mut Writer> {
        self.outgoing.check_whole()?;
        self.open_sink()
    }

    /// Waits until a whole message may be sent, and sends it.
    #[inline]
    pub(super) fn poll_send(&mut self, payload: &Payload<'_>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.whole_sink()?.poll_send(payload, cx)
    }

    /// Nothing can be sent any more, but a Close.
    pub(crate) const fn shut(&mut self) {
        self.is_shut = true;
    }
}
