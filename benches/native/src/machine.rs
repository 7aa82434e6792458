//! The machine that the figures are of.

use std::{fs, thread, time::SystemTime};

use anyhow::{Context as _, Result};
use httpdate::fmt_http_date;

/// Processor, cores, kernel and date: figures of another machine are other figures.
pub(crate) fn describe() -> Result<String> {
    let processors = fs::read_to_string("/proc/cpuinfo").context("cannot read /proc/cpuinfo")?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").context("cannot read the kernel's version")?;
    let cores = thread::available_parallelism()?;
    let processor = model(&processors).unwrap_or("unknown processor");
    Ok(format!("{processor}, {cores} cores, Linux {}, {}", kernel.trim(), fmt_http_date(SystemTime::now())))
}

/// ARM has no names there, only numbers.
fn model(processors: &str) -> Option<&str> {
    let value = |name| processors.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
    value("model name").or_else(|| value("CPU part")).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_has_a_name() {
        assert_eq!(model("processor\t: 0\nmodel name\t: AMD EPYC 7763\n"), Some("AMD EPYC 7763"));
        assert_eq!(model("processor\t: 0\nCPU part\t: 0xd0c\n"), Some("0xd0c"));
        assert_eq!(model(""), None);
        assert!(describe().expect("there is a machine").contains("cores"));
    }
}
