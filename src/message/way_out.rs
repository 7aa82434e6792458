//! Whether a sending half may send now.

use super::MessageSender;
use crate::{
    backend::Writer,
    error::{Fault, Result},
};

impl MessageSender {
    /// The way out, unless a `DataWriter` has closed it.
    pub(crate) fn open_sink(&mut self) -> Result<&mut Writer> {
        if self.is_shut { Err(Fault::Shut.into()) } else { Ok(&mut self.sink) }
    }

    /// The way out for whole messages, unless one is being sent in parts.
    pub(crate) fn whole_sink(&mut self) -> Result<&mut Writer> {
        self.outgoing.check_whole()?;
        self.open_sink()
    }

    /// Nothing can be sent any more, but a Close.
    pub(crate) const fn shut(&mut self) {
        self.is_shut = true;
    }
}
