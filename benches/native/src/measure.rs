//! Clocks, cores and limits of this process.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use rustix::{
    process::{Resource, Rlimit, getrlimit, setrlimit},
    thread::{CpuSet, sched_setaffinity},
    time::{ClockId, clock_gettime},
};

/// CPU time of the process (user and system, all threads) and wall time, summed over the spans that were measured.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    pub(crate) cpu: Duration,
    pub(crate) wall: Duration,
}

/// A span that is being measured.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    cpu: Duration,
    wall: Instant,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { wall: Instant::now(), cpu: cpu_time() }
    }

    pub(crate) fn stop(self, spent: &mut Spent) {
        spent.cpu += cpu_time() - self.cpu;
        spent.wall += self.wall.elapsed();
    }
}

/// Keeps this thread, and those it will start, on one core. On a machine with a single core everything shares it.
pub(crate) fn pin(core: usize) -> Result<()> {
    let cores = std::thread::available_parallelism()?.get();
    let mut set = CpuSet::new();
    set.set(core.min(cores - 1));
    sched_setaffinity(None, &set).context("cannot pin the process to a core")
}

/// Allows as many open files as the system lets us.
pub(crate) fn raise_file_limit() -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    setrlimit(Resource::Nofile, raised).context("cannot raise the limit of open files")
}

/// How many files may be open.
pub(crate) fn file_limit() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Resident memory in bytes: now, and the most there ever was.
pub(crate) fn resident() -> Result<(u64, u64)> {
    let status = fs::read_to_string("/proc/self/status").context("cannot read /proc/self/status")?;
    Ok((status_kib(&status, "VmRSS:")? * 1024, status_kib(&status, "VmHWM:")? * 1024))
}

/// CPU time of the main thread of another process, all of the work of the server.
pub(crate) fn cpu_time_of(process: u32) -> Result<Duration> {
    let path = format!("/proc/{process}/schedstat");
    let statistics = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let nanoseconds = statistics.split(' ').next().and_then(|field| field.parse().ok());
    nanoseconds.map(Duration::from_nanos).with_context(|| format!("{path} is not as expected: {statistics}"))
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("CPU time is not negative")
}

fn status_kib(status: &str, field: &str) -> Result<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB")).and_then(|number| number.trim().parse().ok());
    number.with_context(|| format!("no {field} in /proc/self/status"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_off_the_status() {
        let status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        assert_eq!(status_kib(status, "VmHWM:").expect("it is there"), 2048);
        assert!(status_kib(status, "VmSwap:").is_err());
    }

    #[test]
    fn work_takes_cpu_time() {
        let mut spent = Spent::default();
        let watch = Stopwatch::start();
        std::hint::black_box((0..1_000_000_u64).map(std::hint::black_box).sum::<u64>());
        watch.stop(&mut spent);
        assert!(spent.cpu > Duration::ZERO);
    }
}
