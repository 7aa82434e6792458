//! The settings of a connection, as its parts use them.

use std::time::Duration;

use super::liveness::Intervals;
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
    /// How much may be unread before the peer waits.
    pub(super) inbound_capacity: usize,
    pub(super) outbound_buffer_size: usize,
    pub(super) send_timeout: Duration,
    pub(super) close_timeout: Duration,
    /// How long the peer may take nothing once the connection closes.
    pub(super) patience_at_end: Duration,
    pub(super) intervals: Intervals,
}

impl Settings {
    pub(super) fn new(control: &Control, limits: Limits) -> Self {
        let gathers = limits.text && control.receive_mode == ReceiveMode::Full;
        Self {
            limits,
            gathers,
            read_size: control.inbound_buffer_size.clamp(MIN_READ_SIZE, if gathers { MAX_READ_SIZE } else { MAX_PART }),
            inbound_capacity: control.inbound_buffer_size.max(MIN_READ_SIZE),
            outbound_buffer_size: control.outbound_buffer_size,
            send_timeout: control.send_timeout,
            close_timeout: control.close_timeout,
            patience_at_end: control.patience_at_end(),
            intervals: Intervals {
                pong: control.desired_unsolicited_pong_interval.max(MIN_PONG_INTERVAL),
                life: control.receive_timeout.max(MIN_LIFE),
            },
        }
    }
}

/// More pongs would be a load, and tell nobody more.
const MIN_PONG_INTERVAL: Duration = Duration::from_secs(1);
/// Less is below what timers can tell.
const MIN_LIFE: Duration = Duration::from_millis(10);
const MIN_READ_SIZE: usize = 4 * 1024;
/// The more messages a read gives, the less each of them costs; above this it makes no difference.
const MAX_READ_SIZE: usize = 128 * 1024;
/// What a program that receives in parts or from a stream is given at once.
const MAX_PART: usize = 64 * 1024;
