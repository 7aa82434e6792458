//! What a run took, as it goes from the process of the client to the driver.

use std::{
    fmt::{self, Display},
    str::FromStr,
    time::Duration,
};

use anyhow::{Context as _, Error, Result};

use crate::measure::Spent;

/// The outcome of one run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Summary {
    /// How many messages (or connections) were measured.
    pub(crate) messages: u64,
    pub(crate) spent: Spent,
    /// What the workload says about memory, if it does.
    pub(crate) memory: Option<f64>,
    /// How many messages there were, warm-up included: the server has worked for all of them.
    pub(crate) all: u64,
}

impl Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { messages, spent, memory, all } = self;
        let memory = memory.map_or_else(|| "-".into(), |memory| memory.to_string());
        write!(f, "{messages}\t{}\t{}\t{memory}\t{all}", spent.cpu.as_nanos(), spent.wall.as_nanos())
    }
}

impl FromStr for Summary {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        let fields: Vec<_> = line.trim_end().split('\t').collect();
        let [messages, cpu, wall, memory, all] = fields[..] else {
            return Err(Error::msg(format!("not a summary: {line}")));
        };
        Ok(Self {
            messages: messages.parse().context("messages")?,
            spent: Spent {
                cpu: Duration::from_nanos(cpu.parse().context("CPU time")?),
                wall: Duration::from_nanos(wall.parse().context("wall time")?),
            },
            memory: (memory != "-").then(|| memory.parse()).transpose().context("memory")?,
            all: all.parse().context("all messages")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_come_back() {
        for memory in [None, Some(1.5)] {
            let spent = Spent { cpu: Duration::from_nanos(5), wall: Duration::from_nanos(7) };
            let summary = Summary { messages: 3, spent, memory, all: 4 };
            let back: Summary = summary.to_string().parse().expect("it is a summary");
            assert_eq!((back.messages, back.memory, back.all), (3, memory, 4));
            assert_eq!((back.spent.cpu, back.spent.wall), (spent.cpu, spent.wall));
        }
        assert!("thread panicked".parse::<Summary>().is_err());
    }
}
