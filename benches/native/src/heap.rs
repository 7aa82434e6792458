//! The heap, counted on request.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
};

/// The system's allocator. Unless it counts, it costs one load of a flag more than that.
#[derive(Debug)]
pub(crate) struct Counting;

/// What the program has asked of the heap since [`count`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Calls that allocated, or reallocated.
    pub(crate) allocations: u64,
    /// Bytes in use.
    pub(crate) live: u64,
}

/// Starts to count; to be called before the runtime is built, so that what is freed later has been counted.
pub(crate) fn count() {
    COUNTS.store(true, Relaxed);
}

/// What has been counted so far.
pub(crate) fn usage() -> Usage {
    // Memory from before `count` may have been freed since: the difference of two usages is still right.
    Usage { allocations: ALLOCATIONS.load(Relaxed), live: ALLOCATED.load(Relaxed).wrapping_sub(FREED.load(Relaxed)) }
}

#[allow(unsafe_code, reason = "GlobalAlloc is an unsafe trait; every call goes to System unchanged")]
// SAFETY: every method hands its arguments to `System` and returns what that returned.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: the contract of the caller is that of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: the contract of the caller is that of `System`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size, layout.size());
        // SAFETY: the contract of the caller is that of `System`.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(0, layout.size());
        // SAFETY: the contract of the caller is that of `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[inline]
fn note(allocated: usize, freed: usize) {
    if COUNTS.load(Relaxed) {
        ALLOCATIONS.fetch_add(u64::from(allocated > 0), Relaxed);
        ALLOCATED.fetch_add(allocated as u64, Relaxed);
        FREED.fetch_add(freed as u64, Relaxed);
    }
}

static COUNTS: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static ALLOCATED: AtomicU64 = AtomicU64::new(0);
static FREED: AtomicU64 = AtomicU64::new(0);
