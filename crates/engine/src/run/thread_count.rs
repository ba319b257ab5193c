//! How many threads a program may use, and how many are of use now.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::cpus;
use crate::partition::MAX_PARTS;

/// As set by [`set_threads`]; 0 until then.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// The number of threads that a program may use: as set, or else the value of `TENSORLET_THREADS`,
/// or else the number of usable CPUs; at most `MAX_PARTS`.
pub fn threads() -> usize {
    match THREADS.load(Ordering::Relaxed) {
        0 => {
            let named = std::env::var("TENSORLET_THREADS").ok().and_then(|text| text.trim().parse().ok());
            set_threads(named.filter(|&count| count > 0).unwrap_or_else(cpus::usable));
            threads()
        }
        count => count,
    }
}

thread_local!(static ALONE: Cell<bool> = const { Cell::new(false) });

/// The number of threads that are of use now: [`threads`], but no more than the usable CPUs; 1 in [`alone`].
pub fn useful_threads() -> usize {
    if ALONE.get() { 1 } else { threads().min(cpus::usable()) }
}

/// Runs something whose programs use this thread only.
pub fn alone<T>(work: impl FnOnce() -> T) -> T {
    /// Also resets the flag after a panic.
    struct Reset(bool);
    impl Drop for Reset {
        fn drop(&mut self) {
            ALONE.set(self.0);
        }
    }
    let _reset = Reset(ALONE.replace(true));
    work()
}

/// Sets the number of threads that programs may use, from 1 to `MAX_PARTS`.
pub fn set_threads(count: usize) {
    THREADS.store(count.clamp(1, MAX_PARTS), Ordering::Relaxed);
}
