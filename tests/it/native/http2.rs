//! WebSockets over HTTP/2 (RFC 8441): against a server by the crate h2 that does what the path says, faults among it.

mod both_sides;
mod chromium;
mod faults;
mod open;
mod server;
mod sharing;
