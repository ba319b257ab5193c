//! What the threads of a run do, step by step.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::ir::graph::{Node, Task};
use crate::kernels::index::BadIndex;
use crate::kernels::prefetch::{Prefetcher, UpcomingRows};
use crate::plan::finished::Plan;
use crate::run::execute::{execute, read_number};
use crate::run::fetch::{Fetcher, Next, Rows, Share};
use crate::run::flush::FlushTiny;
use crate::run::pool::Barrier;

/// How often an epoch asks whether it should go on.
const CONTROL_INTERVAL: Duration = Duration::from_millis(5);
/// Steps quicker than this (in nanoseconds) look at the clock only now and then.
const QUICK_STEP: f64 = 1000.0;
/// Inputs smaller than this are in cache before anybody can ask for them.
const WORTH_PREFETCHING: usize = 16_384;

/// Called between steps with the steps done and the sums of the scalar outputs
/// so far; `false` stops the epoch.
pub type Control<'a> = &'a (dyn Fn(usize, &[f64]) -> bool + Sync);

/// The input whose next rows are asked for while a step is computed.
fn widest(plan: &Plan, fetchers: &[Option<Fetcher>]) -> Option<usize> {
    let bytes = |number: usize| fetchers[number].as_ref().map_or(0, Fetcher::batch_bytes);
    let fetched = plan.nodes.iter().filter_map(|node| match node.task {
        Task::Fetch { input, .. } if input < fetchers.len() => Some(input),
        _ => None,
    });
    fetched.max_by_key(|&input| bytes(input)).filter(|&input| bytes(input) >= WORTH_PREFETCHING)
}

/// An index outside its axis, and where it was met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub step: usize,
    pub node: usize,
    pub bad: BadIndex,
}

/// The first failure, in the order of steps, nodes and positions.
struct Failures {
    /// The step of the first failure; all threads look at it.
    step: AtomicUsize,
    first: Mutex<Option<Failure>>,
}

impl Default for Failures {
    fn default() -> Self {
        Failures { step: AtomicUsize::new(usize::MAX), first: Mutex::new(None) }
    }
}

impl Failures {
    fn record(&self, failure: Failure) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let key = |failure: &Failure| (failure.step, failure.node, failure.bad.position);
        if first.as_ref().is_none_or(|known| key(&failure) < key(known)) {
            *first = Some(failure);
        }
        self.step.fetch_min(failure.step, Ordering::AcqRel);
    }

    fn take(&self) -> Option<Failure> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Where a run finds its arrays.
pub(crate) struct Places<'a> {
    /// The arrays of all nodes, one node after the other; the whole list for each thread.
    pub arrays: &'a [*mut u8],
    /// Length of a thread's list.
    pub count: usize,
    /// Where each node's arrays begin.
    pub starts: &'a [usize],
    pub outputs: &'a [*mut u8],
    /// Private memory of each thread, one behind the other.
    pub scratch: *mut u8,
    /// One for each output.
    pub sums: *mut f64,
}

/// A run, as all threads see it.
pub(crate) struct Job<'a> {
    plan: &'a Plan,
    places: Places<'a>,
    fetchers: &'a [Option<Fetcher>],
    /// The input whose next rows are asked for.
    prefetched: Option<usize>,
    rows: Rows<'a>,
    /// What a single step asks for: rows that the next call may bring.
    next: Option<Next>,
    /// The steps that run now, with one number of threads, and how many there are in all.
    pub first: usize,
    pub end: usize,
    steps: usize,
    control: Control<'a>,
    /// The first thread's; the lock is never waited for.
    clock: Mutex<Clock>,
    /// All threads end when this step is done.
    stop_after: AtomicUsize,
    done: AtomicUsize,
    failures: Failures,
}

// SAFETY: threads touch the arrays where the plan says that they own them, with
// barriers in between; only the first thread touches `sums`.
unsafe impl Sync for Job<'_> {}

/// What a thread asks for while it computes.
#[derive(Default)]
struct Prefetch {
    share: Share,
    /// Lines a nanosecond of work.
    pace: f64,
}

impl<'a> Job<'a> {
    /// A run of `steps` steps, none of which has been done.
    pub fn new(
        plan: &'a Plan,
        places: Places<'a>,
        fetchers: &'a [Option<Fetcher>],
        rows: Rows<'a>,
        steps: usize,
        control: Control<'a>,
        next: Option<Next>,
    ) -> Job<'a> {
        let prefetched = widest(plan, fetchers).or(next.map(|next| next.input));
        Job {
            plan,
            places,
            fetchers,
            prefetched,
            rows,
            next,
            first: 0,
            end: 0,
            steps,
            control,
            clock: Mutex::new(Clock::new(plan.cost)),
            stop_after: AtomicUsize::new(usize::MAX),
            done: AtomicUsize::new(0),
            failures: Failures::default(),
        }
    }

    /// Steps done, and what went wrong.
    pub fn result(&self) -> (usize, Option<Failure>) {
        (self.done.load(Ordering::Relaxed), self.failures.take())
    }

    /// Whether steps are left, and nothing speaks against running them.
    pub fn goes_on(&self) -> bool {
        self.end < self.steps
            && self.stop_after.load(Ordering::Relaxed) >= self.end
            && self.failures.step.load(Ordering::Relaxed) == usize::MAX
    }

    /// What one thread does.
    pub unsafe fn work(&self, thread: usize, barrier: &Barrier) {
        let flush = FlushTiny::start();
        let threads = barrier.threads();
        // SAFETY: there is scratch memory for `MAX_PARTS` threads.
        let scratch = unsafe { self.places.scratch.add(thread * self.plan.scratch_bytes) };
        let arrays = &self.places.arrays[thread * self.places.count..];
        let prefetch = self.prefetch_for(thread, threads);
        let prefetcher = Prefetcher::default();
        for step in self.first..self.end {
            let upcoming = self.upcoming(step + 1, &prefetch.share);
            // SAFETY: the rows were checked when the epoch began.
            unsafe { prefetcher.begin(upcoming) };
            let mut number = 0;
            while number < self.plan.nodes.len() {
                let node = &self.plan.nodes[number];
                let end = number + 1 + node.group.followers;
                if node.barrier && barrier.wait().is_err() {
                    return;
                }
                let parts = node.parts_of(thread, threads);
                // SAFETY: handed on.
                unsafe {
                    match node.task {
                        Task::Check if self.failures.step.load(Ordering::Acquire) <= step => return,
                        Task::Check => {}
                        _ if parts.is_empty() => {}
                        Task::Fetch { .. } => self.fetch(node, parts, step, thread),
                        _ => {
                            let arrays = &arrays[self.places.starts[number]..];
                            let nodes = &self.plan.nodes[number..end];
                            if let Err(bad) = execute(nodes, parts, arrays, scratch, self.plan.level) {
                                self.failures.record(Failure { step, node: number, bad });
                            }
                        }
                    }
                }
                // Spread over the step's work.
                prefetcher.owe((node.cost * prefetch.pace) as f32);
                number = end;
            }
            if thread == 0 {
                // SAFETY: the first thread computes all scalars and owns the sums.
                let go_on = unsafe { self.end_step(step, &flush) };
                if !go_on {
                    // Other threads may be in the next step already: then it is the last one.
                    let last = if threads == 1 { step } else { step + 1 };
                    self.stop_after.store(last, Ordering::Release);
                }
            }
            if self.stop_after.load(Ordering::Acquire) <= step {
                return;
            }
        }
    }

    /// Adds the scalar outputs up; gives whether the epoch should go on.
    unsafe fn end_step(&self, step: usize, flush: &FlushTiny) -> bool {
        for (number, (output, array)) in self.plan.outputs.iter().zip(self.places.outputs).enumerate() {
            if output.shape.is_empty() {
                // SAFETY: each output has an array and a sum; only this thread uses the sums.
                unsafe { *self.places.sums.add(number) += read_number(*array, output.dtype) };
            }
        }
        self.done.store(step + 1, Ordering::Relaxed);
        let is_time = || self.clock.lock().unwrap_or_else(PoisonError::into_inner).is_time(step);
        if self.stop_after.load(Ordering::Relaxed) != usize::MAX || !is_time() {
            return true;
        }
        // SAFETY: as above; the slice is gone before the sums change again.
        let sums = unsafe { std::slice::from_raw_parts(self.places.sums, self.plan.outputs.len()) };
        flush.without(|| (self.control)(step + 1, sums))
    }

    /// The rows and elements that the parts of a fetching node stand for.
    fn share(&self, node: &Node, parts: Range<usize>) -> Share {
        let Task::Fetch { outer, len, inner, input, .. } = node.task else { return Share::default() };
        let range = node.partition.range(parts.start).start..node.partition.range(parts.end - 1).end;
        let batch = self.plan.inputs[input].shape[0];
        if outer == batch {
            return Share { rows: 0..batch, elements: range.start * inner..range.end * inner };
        }
        debug_assert_eq!((outer, len), (1, batch));
        Share { rows: range, elements: 0..inner }
    }

    unsafe fn fetch(&self, node: &Node, parts: Range<usize>, step: usize, thread: usize) {
        let Task::Fetch { input, .. } = node.task else { return };
        if let Some(Some(fetcher)) = self.fetchers.get(input) {
            // SAFETY: the rows were checked, and these parts are the thread's own.
            unsafe { fetcher.fetch(&self.rows, step, self.share(node, parts), thread) };
        }
    }

    fn prefetch_for(&self, thread: usize, threads: usize) -> Prefetch {
        let mut prefetch = Prefetch::default();
        let fetches =
            |node: &&Node| matches!(node.task, Task::Fetch { input, .. } if Some(input) == self.prefetched);
        let Some(node) = self.plan.nodes.iter().find(fetches) else { return prefetch };
        let parts = node.parts_of(thread, threads);
        if parts.is_empty() {
            return prefetch;
        }
        prefetch.share = self.share(node, parts.clone());
        let lines = self.upcoming(self.first + 1, &prefetch.share).map_or(0, |upcoming| upcoming.lines());
        // Faster than needed, so that the last rows, too, are there in time.
        prefetch.pace = 3.0 * lines as f64 / self.plan.cost;
        prefetch
    }

    /// What may be asked for: rows of a step, if there is one.
    fn upcoming(&self, step: usize, share: &Share) -> Option<UpcomingRows> {
        if let Some(next) = self.next {
            return Some(next.upcoming(share));
        }
        let fetcher = self.prefetched.and_then(|input| self.fetchers[input].as_ref())?;
        (step < self.steps).then(|| fetcher.upcoming(&self.rows, step, share))
    }
}

/// Says when it is time to ask whether the epoch should go on.
pub(crate) struct Clock {
    last: Instant,
    steps_between_looks: usize,
}

impl Clock {
    pub(crate) fn new(cost: f64) -> Clock {
        let steps_between_looks = if cost < QUICK_STEP { 32 } else { 1 };
        Clock { last: Instant::now(), steps_between_looks }
    }

    pub(crate) fn is_time(&mut self, step: usize) -> bool {
        if !step.is_multiple_of(self.steps_between_looks) {
            return false;
        }
        let now = Instant::now();
        let due = now.duration_since(self.last) >= CONTROL_INTERVAL;
        if due {
            self.last = now;
        }
        due
    }
}
