//! The tests of both sockets: one binary, each behaviour once, run natively and in real browsers.
//!
//! `support` chooses the target: it names the test attribute, the peer and the clock. The peer is a server whose behaviour
//! the URL chooses; see the crate `peer`.

mod support;
