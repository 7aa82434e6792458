//! The settings of a connection, as its parts use them.

use std::time::Duration;

use crate::{
    control::{Control, ReceiveMode},
    protocol::Limits,
};

/// The settings that matter after connecting.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) limits: Limits,
    /// Whether messages are delivered whole: then pieces of them are of no use.
    pub(super) gathers: bool,
    pub(super) read_size: usize,
    pub(super) outbound_buffer_size: usize,
    pub(super) send_timeout: Duration,
    pub(super) close_timeout: Duration,
}

impl Settings {
    pub(super) fn new(control: &Control, limits: Limits) -> Self {
        Self {
            limits,
            gathers: limits.text && control.receive_mode == ReceiveMode::Full,
            read_size: control.inbound_buffer_size.clamp(MIN_READ_SIZE, MAX_READ_SIZE),
            outbound_buffer_size: control.outbound_buffer_size,
            send_timeout: control.send_timeout,
            close_timeout: control.close_timeout,
        }
    }
}

const MIN_READ_SIZE: usize = 4 * 1024;
const MAX_READ_SIZE: usize = 64 * 1024;
