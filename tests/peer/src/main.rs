//! The peer as a program: starts it, says where it listens, and goes on until it is ended.

use std::process::ExitCode;
use std::thread;

use clap::Parser;
use peer::Peer;

/// A WebSocket server for tests, on the loopback: the URL chooses how it behaves, or misbehaves
///
/// /echo echoes, /close?code=4000 closes, /never-close ignores a Close, /slow-reader?rate=1000 reads slowly; README.md has the
/// table of all paths.
#[derive(Debug, Parser)]
#[command(name = "websocket-anywhere-peer", version)]
struct Arguments {
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 9123)]
    port: u16,
}

fn main() -> ExitCode {
    let Arguments { port } = Arguments::parse();
    let peer = match Peer::start_on(port) {
        Ok(peer) => peer,
        Err(error) => {
            eprintln!("error: cannot listen on port {port} of 127.0.0.1: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("{}", peer.url(""));
    loop {
        // Until the process is ended; a thread may wake up without a cause.
        thread::park();
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Arguments::command().debug_assert();
    }
}
