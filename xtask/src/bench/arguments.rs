//! The command line of the comparison in a browser: as that of the native one.

use clap::{Parser, ValueEnum};

use super::workloads::{Workload, by_name};

/// Compare this crate with its peers in headless Chromium.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench --browser", bin_name = "cargo xtask bench --browser")]
pub(crate) struct Arguments {
    /// Fail if an aim is missed, and name the rows that miss it
    #[arg(long)]
    pub(crate) check: bool,
    /// Only these workloads
    #[arg(long, value_name = "WORKLOAD", value_delimiter = ',', value_parser = by_name)]
    pub(crate) only: Vec<&'static Workload>,
    /// Only these clients
    #[arg(long, value_name = "CLIENT", value_delimiter = ',')]
    pub(crate) clients: Vec<Client>,
    /// How often each client runs each workload; the medians count
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: u32,
    /// How long each run measures at least
    #[arg(long, default_value_t = 300)]
    pub(crate) milliseconds: u64,
    /// How long each run works before that
    #[arg(long, default_value_t = 200)]
    pub(crate) warm_up: u64,
}

/// Who is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Client {
    /// Plain JavaScript, without a queue
    Javascript,
    /// Raw web-sys: a listener, a queue and a waker
    WebSys,
    GlooNet,
    #[value(name = "ws_stream_wasm")]
    WsStreamWasm,
    TokioTungsteniteWasm,
    WebsocketWeb,
    WebsocketAnywhere,
}

impl Client {
    /// Its name, which for a crate is that of its package.
    pub(crate) fn name(self) -> String {
        let value = self.to_possible_value().expect("no client is skipped");
        value.get_name().to_owned()
    }

    /// Whether it is another crate.
    pub(crate) fn is_rival(self) -> bool {
        !matches!(self, Self::Javascript | Self::WebSys | Self::WebsocketAnywhere)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn clients_are_called_as_in_the_module() {
        let module = include_str!("../../../benches/browser/src/clients/mod.rs");
        let in_module = |client: &&Client| **client != Client::Javascript;
        for client in Client::value_variants().iter().filter(in_module) {
            assert!(module.contains(&format!("\"{}\" =>", client.name())), "{client:?}");
        }
    }
}
