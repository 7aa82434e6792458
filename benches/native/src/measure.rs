//! Clocks, counters, cores and limits of this process.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use perf_event::{Builder, Counter, events::Hardware};
use rustix::{
    process::{Resource, Rlimit, getrlimit, setrlimit},
    thread::{CpuSet, sched_setaffinity},
    time::{ClockId, clock_gettime},
};

/// What the process took (user and system, all threads), summed over the spans that were measured.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    pub(crate) cpu: Duration,
    pub(crate) wall: Duration,
    /// Pages that the system had to supply.
    pub(crate) faults: u64,
    /// Instructions, where the processor's counters can be read; virtual machines often hide them.
    pub(crate) instructions: Option<u64>,
}

/// Measures spans, one after the other.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    cpu: Duration,
    wall: Instant,
    faults: u64,
    instructions: Option<Counter>,
    spent: Spent,
}

impl Stopwatch {
    /// To be made before the threads are started whose instructions count.
    pub(crate) fn new() -> Self {
        let counter = Builder::new(Hardware::INSTRUCTIONS).inherit(true).include_kernel().build();
        // Without the kernel's, where the system does not let us see those.
        let counter = counter.or_else(|_| Builder::new(Hardware::INSTRUCTIONS).inherit(true).build());
        Self {
            cpu: Duration::ZERO,
            wall: Instant::now(),
            faults: 0,
            instructions: counter.ok(),
            spent: Spent::default(),
        }
    }

    pub(crate) fn start(&mut self) -> Result<()> {
        if let Some(counter) = &mut self.instructions {
            counter.enable()?;
        }
        self.faults = faults()?;
        self.wall = Instant::now();
        self.cpu = cpu_time();
        Ok(())
    }

    pub(crate) fn stop(&mut self) -> Result<()> {
        self.spent.cpu += cpu_time() - self.cpu;
        self.spent.wall += self.wall.elapsed();
        self.spent.faults += faults()? - self.faults;
        if let Some(counter) = &mut self.instructions {
            counter.disable()?;
            self.spent.instructions = Some(counter.read()?);
        }
        Ok(())
    }

    /// What all spans took.
    pub(crate) const fn spent(&self) -> Spent {
        self.spent
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

/// How often a page of this process was missing, without those that had to be read from a disk.
fn faults() -> Result<u64> {
    let statistics = fs::read_to_string("/proc/self/stat").context("cannot read /proc/self/stat")?;
    // The name of the program, which may hold anything, ends with the last parenthesis.
    let fields = statistics.rsplit_once(')').map(|(_, fields)| fields);
    let number = fields.and_then(|fields| fields.split_whitespace().nth(FAULTS_BEHIND_NAME)?.parse().ok());
    number.with_context(|| format!("/proc/self/stat is not as expected: {statistics}"))
}

/// Where `minflt` stands behind the program's name, counted from zero: proc_pid_stat(5).
const FAULTS_BEHIND_NAME: usize = 7;

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
        let mut watch = Stopwatch::new();
        watch.start().expect("it starts");
        std::hint::black_box((0..1_000_000_u64).map(std::hint::black_box).sum::<u64>());
        watch.stop().expect("it stops");
        assert!(watch.spent().cpu > Duration::ZERO);
        assert!(watch.spent().instructions.is_none_or(|count| count > 1_000_000));
    }

    #[test]
    fn new_pages_are_faults() {
        let before = faults().expect("they are counted");
        let pages: Vec<u8> = std::hint::black_box(vec![1; 16 << 20]);
        assert!(faults().expect("they are counted") > before, "{}", pages.len());
    }
}
