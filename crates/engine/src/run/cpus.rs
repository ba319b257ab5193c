//! Which CPU a thread runs on, and how it makes room for another.
//!
//! A thread that sleeps between short jobs may be woken up on the CPU of the one that
//! wakes it, while another CPU is idle: Linux looks for an idle one only if that seems
//! worth it. The two would then take turns, and the job would take twice as long.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long the number of usable CPUs is cached: reading a quota takes about ten microseconds.
const BELIEVED: Duration = Duration::from_secs(1);

/// How many threads the process may run at once: the CPUs that it is allowed, or fewer where a container's
/// quota gives it less time. Both may change while it runs.
pub(crate) fn usable() -> usize {
    static KNOWN: Mutex<Option<(Instant, usize)>> = Mutex::new(None);
    let count = || std::thread::available_parallelism().map_or(1, |count| count.get());
    // After a fork the lock may be held by a thread that does not exist.
    let Ok(mut known) = KNOWN.try_lock() else { return count() };
    let fresh = known.filter(|(when, _)| when.elapsed() < BELIEVED);
    known.insert(fresh.unwrap_or_else(|| (Instant::now(), count()))).1
}

/// The CPU that the calling thread runs on, where the system tells.
pub(crate) fn current() -> Option<usize> {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: it takes no arguments and has no effect.
        usize::try_from(unsafe { libc::sched_getcpu() }).ok()
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// Moves the calling thread to a CPU that it may run on and that is none of `others`, if there is one.
/// Later the system may move it wherever it might have done before.
pub(crate) fn leave(others: &[usize]) {
    #[cfg(target_os = "linux")]
    {
        let size = size_of::<libc::cpu_set_t>();
        // SAFETY: a set of CPUs is plain bits; the calls read and write sets of this size, and
        // numbers that a set has no bit for are left out.
        unsafe {
            let mut allowed: libc::cpu_set_t = std::mem::zeroed();
            if libc::sched_getaffinity(0, size, &raw mut allowed) != 0 {
                return;
            }
            let mut free = allowed;
            for &cpu in others.iter().filter(|&&cpu| cpu < libc::CPU_SETSIZE as usize) {
                libc::CPU_CLR(cpu, &mut free);
            }
            if libc::CPU_COUNT(&free) > 0 && libc::sched_setaffinity(0, size, &raw const free) == 0 {
                libc::sched_setaffinity(0, size, &raw const allowed);
            }
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = others;
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_leaves_a_cpu_and_may_come_back() {
        let allowed = std::thread::available_parallelism().map_or(1, |count| count.get());
        let left = || {
            let before = current().unwrap();
            leave(&[before]);
            current() != Some(before)
        };
        // It may have come back already; not every time.
        assert!(allowed == 1 || (0..100).any(|_| left()));
        assert_eq!(std::thread::available_parallelism().map_or(1, |count| count.get()), allowed);
        // There is no other CPU.
        leave(&(0..4096).collect::<Vec<_>>());
        assert_eq!(std::thread::available_parallelism().map_or(1, |count| count.get()), allowed);
    }
}
