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
        let Self { messages, spent: Spent { cpu, wall, faults, instructions }, memory, all } = self;
        let (memory, instructions) = (optional(memory.as_ref()), optional(instructions.as_ref()));
        let (cpu, wall) = (cpu.as_nanos(), wall.as_nanos());
        write!(f, "{messages}\t{cpu}\t{wall}\t{memory}\t{all}\t{faults}\t{instructions}")
    }
}

impl FromStr for Summary {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        let fields: Vec<_> = line.trim_end().split('\t').collect();
        let [messages, cpu, wall, memory, all, faults, instructions] = fields[..] else {
            return Err(Error::msg(format!("not a summary: {line}")));
        };
        Ok(Self {
            messages: messages.parse().context("messages")?,
            spent: Spent {
                cpu: Duration::from_nanos(cpu.parse().context("CPU time")?),
                wall: Duration::from_nanos(wall.parse().context("wall time")?),
                faults: faults.parse().context("page faults")?,
                instructions: (instructions != "-")
                    .then(|| instructions.parse())
                    .transpose()
                    .context("instructions")?,
            },
            memory: (memory != "-").then(|| memory.parse()).transpose().context("memory")?,
            all: all.parse().context("all messages")?,
        })
    }
}

fn optional<T: Display>(number: Option<&T>) -> String {
    number.map_or_else(|| "-".into(), T::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_come_back() {
        for (memory, instructions) in [(None, Some(11)), (Some(1.5), None)] {
            let (cpu, wall) = (Duration::from_nanos(5), Duration::from_nanos(7));
            let spent = Spent { cpu, wall, faults: 9, instructions };
            let summary = Summary { messages: 3, spent, memory, all: 4 };
            let back: Summary = summary.to_string().parse().expect("it is a summary");
            assert_eq!((back.messages, back.memory, back.all), (3, memory, 4));
            assert_eq!((back.spent.cpu, back.spent.wall), (spent.cpu, spent.wall));
            assert_eq!((back.spent.faults, back.spent.instructions), (9, instructions));
        }
        assert!("thread panicked".parse::<Summary>().is_err());
    }
}
