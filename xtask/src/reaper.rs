//! No driver and no browser outlives the xtask: what its children leave behind is adopted and ended.

use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};

pub(crate) use platform::end_descendants;

/// The exit status of a program that was interrupted.
const INTERRUPTED: i32 = 130;

static ENDING: Mutex<()> = Mutex::new(());

/// Adopts orphaned descendants from now on, and ends all descendants when this program is interrupted or terminated.
pub(crate) fn install() -> Result<()> {
    platform::adopt_orphans().context("cannot adopt orphaned processes")?;
    ctrlc::set_handler(|| {
        let _until_the_end = hold();
        end_descendants();
        process::exit(INTERRUPTED);
    })
    .context("cannot handle interrupts")
}

/// Holds off the end: no child can be started behind the back of an interrupt that ends them all.
pub(crate) fn hold() -> MutexGuard<'static, ()> {
    ENDING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(target_os = "linux")]
mod platform {
    //! Linux hands orphans to their nearest subreaper, so that every browser stays within reach.

    use std::{fs, io};

    use rustix::process::{self, Pid, Signal, WaitOptions};

    pub(super) fn adopt_orphans() -> io::Result<()> {
        Ok(process::set_child_subreaper(Some(process::getpid()))?)
    }

    /// Ends every process that this one started, directly or not, and waits until all are gone.
    ///
    /// To be called when no thread waits for a child of its own.
    pub(crate) fn end_descendants() {
        loop {
            let (children, others) = descendants();
            if children.is_empty() {
                return;
            }
            for pid in children.iter().chain(&others) {
                // Gone already is as good.
                let _ = process::kill_process(*pid, Signal::KILL);
            }
            for pid in children {
                let _ = process::waitpid(Some(pid), WaitOptions::empty());
            }
        }
    }

    /// The children of this process, and the descendants of those.
    fn descendants() -> (Vec<Pid>, Vec<Pid>) {
        let family = parents();
        let children_of = |parent: Pid| family.iter().filter(move |(_, of)| *of == parent).map(|(pid, _)| *pid);
        let children: Vec<Pid> = children_of(process::getpid()).collect();
        let mut all = children.clone();
        let mut next = 0;
        while let Some(pid) = all.get(next).copied() {
            all.extend(children_of(pid));
            next += 1;
        }
        let others = all.split_off(children.len());
        (children, others)
    }

    /// Every process of the machine with its parent.
    fn parents() -> Vec<(Pid, Pid)> {
        let Ok(entries) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        let parent_of = |entry: fs::DirEntry| {
            let pid = pid(entry.file_name().to_str()?)?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name, in parentheses, may hold anything; state and parent follow it.
            let (_, fields) = stat.rsplit_once(')')?;
            Some((pid, self::pid(fields.split_whitespace().nth(1)?)?))
        };
        entries.flatten().filter_map(parent_of).collect()
    }

    fn pid(text: &str) -> Option<Pid> {
        Pid::from_raw(text.parse().ok()?)
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    //! Elsewhere the drivers end their browsers, and each caller ends its driver.

    pub(super) fn adopt_orphans() -> std::io::Result<()> {
        Ok(())
    }

    pub(crate) fn end_descendants() {}
}
