//! What others ask about the reading side.

use bytes::Bytes;

use super::Inbound;

impl Inbound {
    /// How many bytes have been read.
    pub(in crate::backend::native) const fn received(&self) -> u64 {
        self.received
    }

    /// How many bytes of messages have been read. What is seen of a control frame before it is whole is counted, too, until then.
    pub(in crate::backend::native) const fn received_data(&self) -> u64 {
        self.received.saturating_sub(self.controls)
    }

    pub(super) const fn count_control(&mut self, payload: &Bytes) {
        // Two bytes of header without a mask (RFC 6455 section 5.5).
        self.controls += 2 + payload.len() as u64;
    }

    /// How many reads the tasks that receive have made: while it does not grow, nobody receives.
    pub(in crate::backend::native) const fn reads(&self) -> u64 {
        self.reads
    }

    /// Whether more of the peer could be heard: not while the program leaves unread as much as may be.
    pub(in crate::backend::native) const fn can_hear(&self) -> bool {
        !self.is_full && !self.is_complete && !self.has_ended
    }
}
