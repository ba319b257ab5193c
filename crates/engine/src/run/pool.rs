//! The threads that share a step's work.
//!
//! Workers are made when they are first needed and then wait for jobs: they
//! spin for a moment, since the next job often comes at once, and then sleep.
//! A job is one closure that every thread runs; inside it the threads wait for each other at a
//! `Barrier`. There is one pool a process. Who finds it busy works alone: the
//! results do not depend on the number of threads.

use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use crate::partition::MAX_PARTS;
use crate::run::cpus;

/// How long a worker looks out for the next job before it sleeps.
const SPIN: Duration = Duration::from_micros(50);
/// How often a barrier looks before it lets other programs have the core.
const LOOKS_BEFORE_YIELD: usize = 1000;

static THREADS: AtomicUsize = AtomicUsize::new(0);
static POOL: Mutex<Option<Pool>> = Mutex::new(None);

/// How many threads a program may use: as set, or else as `TENSORLET_THREADS`
/// says, or else as many as the machine runs at once; at most `MAX_PARTS`.
pub fn threads() -> usize {
    match THREADS.load(Ordering::Relaxed) {
        0 => {
            let named = std::env::var("TENSORLET_THREADS").ok().and_then(|text| text.trim().parse().ok());
            let own = || std::thread::available_parallelism().map_or(1, |count| count.get());
            set_threads(named.filter(|&count| count > 0).unwrap_or_else(own));
            threads()
        }
        count => count,
    }
}

/// Sets how many threads programs may use, from 1 to `MAX_PARTS`.
pub fn set_threads(count: usize) {
    THREADS.store(count.clamp(1, MAX_PARTS), Ordering::Relaxed);
}

/// Keeps a value away from the cache lines of its neighbours.
#[repr(align(128))]
#[derive(Default)]
struct Apart<T>(T);

/// Where the threads of a job wait for each other.
pub struct Barrier {
    threads: usize,
    arrived: Apart<AtomicUsize>,
    round: Apart<AtomicUsize>,
    broken: Apart<AtomicBool>,
}

/// Another thread has failed; the job is over.
#[derive(Debug, PartialEq)]
pub struct Broken;

impl Barrier {
    /// A barrier for so many threads.
    pub fn new(threads: usize) -> Barrier {
        Barrier { threads, arrived: Apart::default(), round: Apart::default(), broken: Apart::default() }
    }

    /// How many threads wait here for each other.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Waits until every thread is here. What they wrote before can be read after.
    ///
    /// # Errors
    /// When a thread has broken the barrier and will never come.
    #[inline]
    pub fn wait(&self) -> Result<(), Broken> {
        if self.threads == 1 {
            return Ok(());
        }
        let round = self.round.0.load(Ordering::Relaxed);
        if self.arrived.0.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.0.store(0, Ordering::Relaxed);
            self.round.0.store(round.wrapping_add(1), Ordering::Release);
            return Ok(());
        }
        let mut looks = 0;
        while self.round.0.load(Ordering::Acquire) == round {
            if self.broken.0.load(Ordering::Relaxed) {
                return Err(Broken);
            }
            looks += 1;
            if looks < LOOKS_BEFORE_YIELD { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
        Ok(())
    }

    /// Lets everybody go who waits, now and later.
    pub fn break_up(&self) {
        self.broken.0.store(true, Ordering::Relaxed);
    }
}

/// A closure that every thread of a job runs, with its own number.
type Job<'a> = &'a (dyn Fn(usize) + Sync);

/// What the caller and the workers share.
struct Shared {
    /// Names the current job: its number times `MAX_PARTS + 1`, plus its threads. A
    /// worker looks at it when it changes; one word, so that both belong together.
    job_number: Apart<AtomicUsize>,
    job: UnsafeCell<Option<Job<'static>>>,
    /// Workers that have not finished the current job.
    busy: Apart<AtomicUsize>,
    /// The CPU that each thread began the job on, the caller first.
    cpus: [Apart<AtomicUsize>; MAX_PARTS],
    /// What a worker's panic said.
    failure: Mutex<Option<String>>,
}

// SAFETY: `job` is written only by the thread that holds the pool's lock, while
// no worker is busy, and read by workers only between the release of
// `job_number` and their own release of `busy`.
unsafe impl Sync for Shared {}
// SAFETY: as above; the closure itself is `Sync`.
unsafe impl Send for Shared {}

impl Shared {
    /// Sees to it that a thread does not share its CPU with one of those before it.
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
    workers: Vec<Thread>,
    /// After a fork the child has the pool's memory, but not its threads.
    process: u32,
}

/// Runs `job` on `threads` threads and waits until all are done. `job` is called
/// with the thread's number and the barrier, which knows how many threads there
/// really are: only one if the pool is in use or no thread can be made.
///
/// # Errors
/// What a panic said, in whichever thread it happened.
pub fn run(threads: usize, job: &(dyn Fn(usize, &Barrier) + Sync)) -> Result<(), String> {
    let threads = threads.min(MAX_PARTS);
    if threads > 1
        && let Ok(mut pool) = POOL.try_lock()
        && let Some(pool) = ready(&mut pool, threads)
    {
        return pool.run(threads, job);
    }
    let barrier = Barrier::new(1);
    catch_unwind(AssertUnwindSafe(|| job(0, &barrier))).map_err(|panic| panic_message(&*panic))
}

/// Runs a job on this thread; gives what it gives.
///
/// # Errors
/// What a panic said.
pub fn alone<T>(job: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(job)).map_err(|panic| panic_message(&*panic))
}

/// The pool with enough workers, or `None` if they cannot be had.
fn ready(pool: &mut Option<Pool>, threads: usize) -> Option<&Pool> {
    let process = std::process::id();
    if pool.as_ref().is_some_and(|pool| pool.process != process) {
        // The old threads do not exist in this process; only their memory does.
        std::mem::forget(pool.take());
    }
    let pool = pool.get_or_insert_with(|| Pool::new(process));
    while pool.workers.len() + 1 < threads {
        pool.add_worker().ok()?;
    }
    Some(pool)
}

impl Pool {
    fn new(process: u32) -> Pool {
        let shared = Shared {
            job_number: Apart::default(),
            job: UnsafeCell::new(None),
            busy: Apart::default(),
            cpus: Default::default(),
            failure: Mutex::new(None),
        };
        Pool { shared: Arc::new(shared), workers: Vec::new(), process }
    }

    fn add_worker(&mut self) -> std::io::Result<()> {
        let number = self.workers.len() + 1;
        let shared = Arc::clone(&self.shared);
        let seen = shared.job_number.0.load(Ordering::Relaxed);
        let handle = std::thread::Builder::new()
            .name(format!("tensorlet-{number}"))
            .spawn(move || work(number, &shared, seen))?;
        self.workers.push(handle.thread().clone());
        Ok(())
    }

    fn run(&self, threads: usize, job: &(dyn Fn(usize, &Barrier) + Sync)) -> Result<(), String> {
        let barrier = Barrier::new(threads);
        let guarded = |thread: usize| {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| job(thread, &barrier))) {
                barrier.break_up();
                let mut failure = self.shared.failure.lock().unwrap_or_else(PoisonError::into_inner);
                failure.get_or_insert_with(|| panic_message(&*panic));
            }
        };
        let short: Job = &guarded;
        // SAFETY: only the lifetime changes. The workers drop the closure before they
        // count themselves out of `busy`, and this function waits for that.
        let job: Job<'static> = unsafe { std::mem::transmute(short) };
        // SAFETY: no worker is busy, so none reads the cell.
        unsafe { *self.shared.job.get() = Some(job) };
        self.shared.busy.0.store(threads - 1, Ordering::Relaxed);
        self.shared.settle(0);
        let previous = self.shared.job_number.0.load(Ordering::Relaxed) / (MAX_PARTS + 1);
        let name = previous.wrapping_add(1).wrapping_mul(MAX_PARTS + 1).wrapping_add(threads);
        self.shared.job_number.0.store(name, Ordering::Release);
        for worker in &self.workers[..threads - 1] {
            worker.unpark();
        }
        guarded(0);
        let mut looks = 0;
        while self.shared.busy.0.load(Ordering::Acquire) > 0 {
            looks += 1;
            if looks < LOOKS_BEFORE_YIELD { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
        let mut failure = self.shared.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take().map_or(Ok(()), Err)
    }
}

/// The life of a worker.
fn work(number: usize, shared: &Shared, mut seen: usize) {
    loop {
        seen = next_job(shared, seen);
        if number < seen % (MAX_PARTS + 1) {
            // SAFETY: the job was published before its number, and stays until this
            // worker has counted itself out.
            if let Some(job) = unsafe { *shared.job.get() } {
                shared.settle(number);
                job(number);
            }
            shared.busy.0.fetch_sub(1, Ordering::Release);
        }
    }
}

/// Waits for another job than `seen`.
fn next_job(shared: &Shared, seen: usize) -> usize {
    let mut start: Option<Instant> = None;
    loop {
        for _ in 0..64 {
            let number = shared.job_number.0.load(Ordering::Acquire);
            if number != seen {
                return number;
            }
            std::hint::spin_loop();
        }
        match start {
            None => start = Some(Instant::now()),
            Some(start) if start.elapsed() > SPIN => std::thread::park(),
            Some(_) => {}
        }
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_string());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a thread panicked".to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pool is one a process: these tests take turns.
    static TURN: Mutex<()> = Mutex::new(());

    #[test]
    fn every_thread_works_and_meets_the_others() {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        for threads in 1..=4 {
            let counts: Vec<AtomicUsize> = (0..4).map(|_| AtomicUsize::new(0)).collect();
            run(threads, &|thread, barrier| {
                for round in 1..=100 {
                    counts[thread].fetch_add(1, Ordering::Relaxed);
                    barrier.wait().unwrap();
                    let all = &counts[..threads];
                    assert!(all.iter().all(|count| count.load(Ordering::Relaxed) == round));
                    barrier.wait().unwrap();
                }
            })
            .unwrap();
        }
    }

    #[test]
    fn a_panic_becomes_an_error_and_the_pool_lives_on() {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        for broken in 0..2 {
            let error = run(2, &|thread, barrier| {
                assert!(thread != broken, "thread {thread} broke");
                // The other one must not wait for ever.
                assert_eq!(barrier.wait(), Err(Broken));
            });
            assert_eq!(error, Err(format!("thread {broken} broke")));
        }
        assert_eq!(run(2, &|_, barrier| barrier.wait().unwrap()), Ok(()));
    }
}
