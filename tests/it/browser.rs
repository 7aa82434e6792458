//! What only a browser has: its two sockets, their events, and what they may leave behind.

mod leaks;
mod transports;
