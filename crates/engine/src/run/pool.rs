//! The threads that share the work of a step. None waits for a thread that is not working.
//!
//! A job is a sequence of phases, and each phase has the same number of bundles.
//! A bundle is a fixed share of the work; *who* does it is decided while the job
//! runs: each thread first claims its usual bundles, then any that have not been
//! claimed. A thread that the system has suspended finds its bundles done when it
//! comes back. A phase ends when all its bundles are done; the thread that does the
//! last one opens the next phase.
//!
//! Only a thread that is suspended in the middle of a bundle delays the others. They
//! spin for a moment, since a phase is often short, and then sleep, so that other
//! programs, or the suspended thread, can use the core.
//!
//! There is one pool per process. A caller that finds it busy works alone: the results
//! do not depend on the number of threads.

use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::cpus;
use super::flush::FlushTiny;
use crate::partition::{MAX_PARTS, owned};

/// How long a thread spins before it sleeps: about the time that it takes to sleep and be woken.
const SPIN: Duration = Duration::from_micros(50);
/// How often a thread checks whether others claim their bundles before it takes them over: about a microsecond.
const PATIENCE: usize = 24;
/// The calling thread checks for signals at least this often.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);

static POOL: Mutex<Option<Pool>> = Mutex::new(None);

/// A job of several phases, as the pool sees it.
pub trait Work: Sync {
    /// Does the work of one bundle in the current phase, on thread `thread`.
    ///
    /// # Safety
    /// It is called once for each bundle of each phase; phases follow each other.
    unsafe fn run(&self, bundle: usize, thread: usize);

    /// Called once between two phases, by whichever thread: whether there is another phase.
    fn advance(&self) -> bool;

    /// Called on the thread that called [`run`], between bundles and at least every few milliseconds while it waits.
    fn look(&self);
}

/// Keeps a value on cache lines of its own.
#[repr(align(128))]
#[derive(Default)]
struct Apart<T>(T);

/// What can be claimed now: the number of the phase, its bundles, and the threads that take part.
/// One word, so that the three belong together; no bundles where no job runs.
#[derive(Clone, Copy, PartialEq)]
struct Now(u64);

impl Now {
    fn phase(self) -> u64 {
        self.0 >> 16
    }

    fn bundles(self) -> usize {
        (self.0 >> 8 & 0xff) as usize
    }

    fn threads(self) -> usize {
        (self.0 & 0xff) as usize
    }

    /// The phase behind this one. Numbers go on from job to job.
    fn next(self, bundles: usize, threads: usize) -> Now {
        Now((self.phase() + 1) << 16 | (bundles as u64) << 8 | threads as u64)
    }
}

/// What a thread sleeps on.
#[derive(Default)]
struct Bed {
    asleep: AtomicBool,
    lock: Mutex<()>,
    bell: Condvar,
}

/// What the caller and the workers share. It outlives every job: a worker may look at it at any time.
struct Shared {
    now: Apart<AtomicU64>,
    /// For each bundle, the last phase in which it was claimed.
    claims: [Apart<AtomicU64>; MAX_PARTS],
    /// The number of bundles of the current phase that are done.
    done: Apart<AtomicUsize>,
    work: UnsafeCell<Option<&'static dyn Work>>,
    beds: [Apart<Bed>; MAX_PARTS],
    /// Whether a thread may have gone to sleep since the last check.
    tired: Apart<AtomicBool>,
    /// The CPU that each thread was last seen on, the caller first.
    cpus: [Apart<AtomicUsize>; MAX_PARTS],
    failed: AtomicBool,
    /// The message of the first panic.
    failure: Mutex<Option<String>>,
}

// SAFETY: `work` is written only by the thread that holds the pool's lock, while no
// phase is open, and read only by those who have claimed a bundle and not yet counted it done.
unsafe impl Sync for Shared {}
// SAFETY: as above; the work itself is `Sync`.
unsafe impl Send for Shared {}

impl Shared {
    fn new() -> Shared {
        Shared {
            now: Apart::default(),
            claims: std::array::from_fn(|_| Apart::default()),
            done: Apart::default(),
            work: UnsafeCell::new(None),
            beds: std::array::from_fn(|_| Apart::default()),
            tired: Apart::default(),
            cpus: std::array::from_fn(|_| Apart::default()),
            failed: AtomicBool::new(false),
            failure: Mutex::new(None),
        }
    }

    fn now(&self) -> Now {
        Now(self.now.0.load(Ordering::Acquire))
    }

    /// Claims a bundle. In a phase that is over, every bundle has been claimed, so that a late thread gets none.
    fn claim(&self, bundle: usize, phase: u64) -> bool {
        let claimed = &self.claims[bundle].0;
        let before = claimed.load(Ordering::Relaxed);
        before < phase
            && claimed.compare_exchange(before, phase, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Does one bundle, if one is left; `present`: the other threads have recently claimed their own.
    /// Returns false if there is nothing to do until the next phase.
    fn help(&self, now: Now, thread: usize, present: &mut bool) -> bool {
        let (phase, bundles) = (now.phase(), now.bundles());
        let own = owned(bundles, thread, now.threads());
        if let Some(bundle) = own.clone().find(|&bundle| self.claim(bundle, phase)) {
            self.do_bundle(bundle, thread, now);
            return true;
        }
        if *present && bundles <= now.threads() {
            for _ in 0..PATIENCE {
                if self.now() != now {
                    return true;
                }
                std::hint::spin_loop();
            }
        }
        match (own.end..bundles).chain(0..own.start).find(|&bundle| self.claim(bundle, phase)) {
            Some(bundle) => {
                *present = false;
                self.do_bundle(bundle, thread, now);
                true
            }
            None => {
                *present = true;
                false
            }
        }
    }

    fn do_bundle(&self, bundle: usize, thread: usize, now: Now) {
        // SAFETY: the phase cannot end before this bundle is done, nor the job before its phases.
        let Some(work) = (unsafe { *self.work.get() }) else { return };
        // SAFETY: this thread alone has claimed the bundle.
        self.guarded(|| unsafe { work.run(bundle, thread) });
        if self.done.0.fetch_add(1, Ordering::AcqRel) + 1 < now.bundles() {
            return;
        }
        self.done.0.store(0, Ordering::Relaxed);
        let goes_on = !self.failed.load(Ordering::Relaxed) && self.guarded(|| work.advance()) == Some(true);
        if goes_on {
            self.open(now.next(now.bundles(), now.threads()));
            if self.tired.0.load(Ordering::SeqCst) && self.tired.0.swap(false, Ordering::SeqCst) {
                (0..now.threads()).for_each(|thread| self.wake(thread));
            }
        } else {
            // From here on, the work may be gone.
            self.open(now.next(0, 0));
            self.wake(0);
        }
    }

    /// Calls `work`; a panic makes the job fail.
    fn guarded<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(result) => Some(result),
            Err(panic) => {
                let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                failure.get_or_insert_with(|| panic_message(&*panic));
                self.failed.store(true, Ordering::Relaxed);
                None
            }
        }
    }

    /// Makes `next` the current phase. What was written before can be read by all who see it.
    fn open(&self, next: Now) {
        self.now.0.store(next.0, Ordering::SeqCst);
    }

    fn wake(&self, thread: usize) {
        let bed = &self.beds[thread].0;
        if bed.asleep.swap(false, Ordering::SeqCst) {
            drop(bed.lock.lock());
            bed.bell.notify_one();
        }
    }

    /// Waits until `ready` returns true, or `limit` has passed.
    fn wait(&self, thread: usize, limit: Option<Duration>, ready: impl Fn(Now) -> bool) {
        let start = Instant::now();
        while start.elapsed() < SPIN {
            for _ in 0..16 {
                if ready(self.now()) {
                    return;
                }
                std::hint::spin_loop();
            }
        }
        let bed = &self.beds[thread].0;
        let mut lock = bed.lock.lock().unwrap_or_else(PoisonError::into_inner);
        bed.asleep.store(true, Ordering::SeqCst);
        self.tired.0.store(true, Ordering::SeqCst);
        // The thread that opens a phase does so before it checks `tired`; here the order is the reverse.
        while bed.asleep.load(Ordering::SeqCst) && !ready(Now(self.now.0.load(Ordering::SeqCst))) {
            lock = match limit {
                None => bed.bell.wait(lock).unwrap_or_else(PoisonError::into_inner),
                Some(limit) => {
                    let (lock, result) =
                        bed.bell.wait_timeout(lock, limit).unwrap_or_else(PoisonError::into_inner);
                    if result.timed_out() {
                        bed.asleep.store(false, Ordering::SeqCst);
                    }
                    lock
                }
            };
        }
        bed.asleep.store(false, Ordering::SeqCst);
        drop(lock);
        self.settle(thread);
    }

    /// Makes sure that a thread does not share its CPU with one of the threads before it.
    fn settle(&self, thread: usize) {
        let Some(own) = cpus::current() else { return };
        let mut others = [0; MAX_PARTS];
        for (other, cpu) in others.iter_mut().zip(&self.cpus[..thread]) {
            *other = cpu.0.load(Ordering::Relaxed);
        }
        let others = &others[..thread];
        let now = if others.contains(&own) {
            cpus::leave(others);
            cpus::current().unwrap_or(own)
        } else {
            own
        };
        self.cpus[thread].0.store(now, Ordering::Relaxed);
    }
}

struct Pool {
    shared: Arc<Shared>,
    workers: usize,
    /// After a fork the child has the pool's memory, but not its threads.
    process: u32,
}

/// Runs `work` in `bundles` bundles on up to `threads` threads, or on one if the pool is in use or
/// no thread can be created.
///
/// # Errors
/// The message of a panic, in whichever thread it happened.
pub fn run(threads: usize, bundles: usize, work: &dyn Work) -> Result<(), String> {
    let (threads, bundles) = (threads.min(MAX_PARTS), bundles.clamp(1, MAX_PARTS));
    if threads > 1
        && let Ok(mut pool) = POOL.try_lock()
        && let Some(pool) = ready(&mut pool, threads)
    {
        return pool.run(threads, bundles, work);
    }
    alone(|| {
        loop {
            for bundle in 0..bundles {
                // SAFETY: bundle after bundle, phase after phase.
                unsafe { work.run(bundle, 0) };
                work.look();
            }
            if !work.advance() {
                return;
            }
        }
    })
}

/// Runs a job on this thread; returns its result.
///
/// # Errors
/// The message of a panic.
pub fn alone<T>(job: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(job)).map_err(|panic| panic_message(&*panic))
}

/// The pool with enough workers, or `None` if they cannot be created.
fn ready(pool: &mut Option<Pool>, threads: usize) -> Option<&Pool> {
    let process = std::process::id();
    if pool.as_ref().is_some_and(|pool| pool.process != process) {
        // The old threads do not exist in this process; only their memory does.
        std::mem::forget(pool.take());
    }
    let pool = pool.get_or_insert_with(|| Pool { shared: Arc::new(Shared::new()), workers: 0, process });
    while pool.workers + 1 < threads {
        pool.add_worker().ok()?;
    }
    Some(pool)
}

impl Pool {
    fn add_worker(&mut self) -> std::io::Result<()> {
        let number = self.workers + 1;
        let shared = Arc::clone(&self.shared);
        std::thread::Builder::new()
            .name(format!("tensorlet-{number}"))
            .spawn(move || live(number, &shared))?;
        self.workers = number;
        Ok(())
    }

    fn run(&self, threads: usize, bundles: usize, work: &dyn Work) -> Result<(), String> {
        let shared = &*self.shared;
        // SAFETY: only the lifetime changes. The work is used by those who have claimed a
        // bundle of an open phase, and this function waits until no phase is open.
        let lasting: &'static dyn Work = unsafe { std::mem::transmute(work) };
        // SAFETY: no phase is open, so nobody reads the cell.
        unsafe { *shared.work.get() = Some(lasting) };
        shared.failed.store(false, Ordering::Relaxed);
        shared.settle(0);
        shared.open(shared.now().next(bundles, threads));
        (1..threads).for_each(|worker| shared.wake(worker));
        let mut present = true;
        loop {
            let now = shared.now();
            if now.bundles() == 0 {
                break;
            }
            if !shared.help(now, 0, &mut present) {
                shared.wait(0, Some(LOOK_INTERVAL), |other| other != now);
            }
            shared.guarded(|| work.look());
        }
        let mut failure = shared.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take().map_or(Ok(()), Err)
    }
}

/// The main loop of a worker.
fn live(number: usize, shared: &Shared) {
    let _flush = FlushTiny::start();
    let mut present = true;
    loop {
        let now = shared.now();
        if number >= now.threads() || !shared.help(now, number, &mut present) {
            shared.wait(number, None, |other| other != now && number < other.threads());
        }
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_string());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a thread panicked".to_string())
}

#[cfg(test)]
mod tests;
