//! What a server that is measured tells the load generator, one line an order; each is answered when it is done.

use std::{
    fmt::{self, Display},
    net::{Ipv4Addr, SocketAddr},
    str::FromStr,
};

use anyhow::{Context as _, Error, Result, ensure};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

/// One order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Opens connections one after the other, to this port, with this path and query.
    Open { port: u16, count: u64, path: String },
    /// Has up to `window` messages on the way to the server and back, until `count` have come back.
    Echo { size: usize, count: u64, window: u32 },
    /// Sends messages.
    Send { size: usize, count: u64 },
    /// Takes messages from each connection.
    Swallow { count: u64 },
    /// Sends a message on each connection, then takes one from each.
    Touch { size: usize },
}

impl Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { port, count, path } => write!(f, "open {port} {count} {path}"),
            Self::Echo { size, count, window } => write!(f, "echo {size} {count} {window}"),
            Self::Send { size, count } => write!(f, "send {size} {count}"),
            Self::Swallow { count } => write!(f, "swallow {count}"),
            Self::Touch { size } => write!(f, "touch {size}"),
        }
    }
}

impl FromStr for Order {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        let words: Vec<_> = line.split(' ').collect();
        Ok(match words[..] {
            ["open", port, count, path] => {
                Self::Open { port: port.parse()?, count: count.parse()?, path: path.to_owned() }
            }
            ["echo", size, count, window] => {
                Self::Echo { size: size.parse()?, count: count.parse()?, window: window.parse()? }
            }
            ["send", size, count] => Self::Send { size: size.parse()?, count: count.parse()? },
            ["swallow", count] => Self::Swallow { count: count.parse()? },
            ["touch", size] => Self::Touch { size: size.parse()? },
            _ => return Err(Error::msg(format!("not an order: {line}"))),
        })
    }
}

/// The load generator, from where orders are given.
#[derive(Debug)]
pub(crate) struct Generator(BufReader<TcpStream>);

impl Generator {
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("no load generator")?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Gives an order, which [`done`](Self::done) waits for.
    pub(crate) async fn order(&mut self, order: &Order) -> Result<()> {
        Ok(self.0.get_mut().write_all(format!("{order}\n").as_bytes()).await?)
    }

    pub(crate) async fn done(&mut self) -> Result<()> {
        let mut answer = String::new();
        self.0.read_line(&mut answer).await?;
        ensure!(answer == DONE, "the load generator: {}", answer.trim());
        Ok(())
    }
}

/// The answer to an order that has been carried out; another one says what went wrong.
pub(crate) const DONE: &str = "done\n";

/// Where the servers that are measured listen.
pub(crate) const HOST: Ipv4Addr = Ipv4Addr::LOCALHOST;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_come_back() {
        for order in [
            Order::Open { port: 1, count: 2, path: "/?deflate=fresh".to_owned() },
            Order::Echo { size: 64, count: 3, window: 4 },
            Order::Send { size: 5, count: 6 },
            Order::Swallow { count: 7 },
            Order::Touch { size: 8 },
        ] {
            assert_eq!(order.to_string().parse::<Order>().expect("it is one"), order);
        }
        for wrong in ["", "open 1 2", "send x 1", "stop"] {
            assert!(wrong.parse::<Order>().is_err(), "{wrong}");
        }
    }
}
