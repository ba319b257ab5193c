//! What the threads of a run do, step by step.

use std::cell::UnsafeCell;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(crate) use super::failures::Failure;
use super::failures::Failures;
use crate::ir::graph::{Node, Task};
use crate::kernels::prefetch::{Prefetcher, UpcomingRows};
use crate::plan::finished::Plan;
use crate::run::execute::{Setting, execute, read_number};
use crate::run::fetch::{Fetcher, Next, Rows, Share};
use crate::run::flush::FlushTiny;
use crate::run::pool::Work;
use loop_watch::LoopWatch;

mod loop_watch;

/// How often an epoch asks whether it should go on.
const CONTROL_INTERVAL: Duration = Duration::from_millis(5);
/// Steps quicker than this (in nanoseconds) look at the clock only now and then.
const QUICK_STEP: f64 = 1000.0;
/// Steps longer than this (in nanoseconds) are looked in on in the middle.
const LONG_STEP: f64 = 2e6;
/// Inputs smaller than this are in cache before anybody can ask for them.
const WORTH_PREFETCHING: usize = 16_384;

/// Called from time to time with the steps done and the sums of the scalar outputs
/// so far; `false` stops the epoch: within the step if that has changed no variable
/// yet, otherwise behind it.
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

/// Where a run finds its arrays.
pub(crate) struct Places<'a> {
    /// The arrays of all nodes, one node after the other; the whole list for each bundle.
    pub arrays: &'a [*mut u8],
    /// Length of a bundle's list.
    pub count: usize,
    /// Where each node's arrays begin.
    pub starts: &'a [usize],
    pub outputs: &'a [*mut u8],
    /// Private memory of each thread, one behind the other.
    pub scratch: *mut u8,
    /// One for each output, and then as many again, for the control to look at.
    pub sums: *mut f64,
    /// What is asked for while each bundle is computed.
    pub requests: &'a [Requests],
}

/// What is asked for while a bundle is computed: the same part of the next rows.
#[repr(align(128))]
#[derive(Default)]
pub(crate) struct Requests(UnsafeCell<Prefetch>);

// SAFETY: only who computes the bundle touches it, or who begins a run.
unsafe impl Sync for Requests {}

#[derive(Default)]
struct Prefetch {
    prefetcher: Prefetcher,
    share: Share,
    /// Lines a nanosecond of work.
    pace: f64,
}

/// A run, as all threads see it. Its work is cut into bundles of parts: bundle `b` of `n` has the parts
/// that [`Node::parts_of`] says, in every node, and arrays of its own where nodes keep something private.
pub(crate) struct Job<'a> {
    plan: &'a Plan,
    places: Places<'a>,
    fetchers: &'a [Option<Fetcher>],
    /// The input whose next rows are asked for.
    prefetched: Option<usize>,
    rows: Rows<'a>,
    /// What a single step asks for: rows that the next call may bring.
    next: Option<Next>,
    /// The steps that run now, in so many bundles, and how many there are in all.
    first: usize,
    end: usize,
    bundles: usize,
    steps: usize,
    /// The step and the phase that run now; no step from `until` on is begun.
    step: AtomicUsize,
    phase: AtomicUsize,
    until: AtomicUsize,
    control: Control<'a>,
    /// The caller's; the lock is never waited for.
    clock: Mutex<Clock>,
    /// The steps done at the last look.
    seen: AtomicUsize,
    stop: AtomicBool,
    /// A loop has ended early; its step does not count.
    given_up: AtomicBool,
    /// Steps done; changes together with the sums, under the lock.
    done: AtomicUsize,
    adding: Mutex<()>,
    failures: Failures,
    /// The mode of the caller's thread.
    flush: FlushTiny,
}

// SAFETY: threads touch the arrays where the plan says that the bundle owns them, and all bundles of a
// phase are done before the next begins; the sums are guarded by a lock; the rest is the caller's.
unsafe impl Sync for Job<'_> {}

impl<'a> Job<'a> {
    /// A run of `steps` steps, none of which has been done, controlled by this thread.
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
            bundles: 1,
            steps,
            step: AtomicUsize::new(0),
            phase: AtomicUsize::new(0),
            until: AtomicUsize::new(0),
            control,
            clock: Mutex::new(Clock::new(plan.cost)),
            seen: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
            given_up: AtomicBool::new(false),
            done: AtomicUsize::new(0),
            adding: Mutex::new(()),
            failures: Failures::default(),
            flush: FlushTiny::start(),
        }
    }

    /// Steps done, and what went wrong.
    pub fn result(&self) -> (usize, Option<Failure>) {
        (self.done.load(Ordering::Relaxed), self.failures.take())
    }

    /// Steps that are left; none if something speaks against running them.
    pub fn left(&self) -> usize {
        let ended = self.stop.load(Ordering::Relaxed) || self.failures.until(self.steps);
        if ended { 0 } else { self.steps - self.end }
    }

    /// Gets ready for the next steps, in so many bundles. No thread works on the job.
    pub fn begin(&mut self, count: usize, bundles: usize) {
        (self.first, self.end, self.bundles) = (self.end, self.end + count, bundles);
        self.step.store(self.first, Ordering::Relaxed);
        self.phase.store(0, Ordering::Relaxed);
        self.until.store(self.end, Ordering::Relaxed);
        for (bundle, requests) in self.places.requests[..bundles].iter().enumerate() {
            // SAFETY: no thread works on the job.
            self.prepare(bundle, unsafe { &mut *requests.0.get() });
        }
    }

    /// Adds the scalar outputs of a step up.
    unsafe fn end_step(&self, step: usize) {
        let _adding = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        for (number, (output, array)) in self.plan.outputs.iter().zip(self.places.outputs).enumerate() {
            if output.shape.is_empty() {
                // SAFETY: each output has an array and a sum.
                unsafe { *self.places.sums.add(number) += read_number(*array, output.dtype) };
            }
        }
        self.done.store(step + 1, Ordering::Relaxed);
    }

    /// Runs a node, and those that are computed along with it, for a bundle.
    unsafe fn node(&self, number: usize, step: usize, bundle: usize, thread: usize) {
        let node = &self.plan.nodes[number];
        let parts = node.parts_of(bundle, self.bundles);
        if parts.is_empty() {
            return;
        }
        // SAFETY: there is scratch memory for every thread; the rest is handed on.
        unsafe {
            let scratch = self.places.scratch.add(thread * self.plan.scratch_bytes);
            if let Task::Fetch { .. } = node.task {
                return self.fetch(node, parts, step, bundle);
            }
            let nodes = &self.plan.nodes[number..=number + node.group.followers];
            let arrays = &self.places.arrays[bundle * self.places.count + self.places.starts[number]..];
            let watch = LoopWatch { job: self, thread, number };
            let setting = Setting { watch: &watch, ..Setting::new(scratch, self.plan.level) };
            if let Err(bad) = execute(nodes, parts, arrays, setting) {
                self.failures.record(Failure { step, node: number, bad });
            }
        }
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

    unsafe fn fetch(&self, node: &Node, parts: Range<usize>, step: usize, bundle: usize) {
        let Task::Fetch { input, .. } = node.task else { return };
        if let Some(Some(fetcher)) = self.fetchers.get(input) {
            // SAFETY: the rows were checked, and these parts are the bundle's own.
            unsafe { fetcher.fetch(&self.rows, step, self.share(node, parts), bundle) };
        }
    }

    /// What a bundle asks for in the steps that come.
    fn prepare(&self, bundle: usize, prefetch: &mut Prefetch) {
        *prefetch = Prefetch::default();
        let fetches =
            |node: &&Node| matches!(node.task, Task::Fetch { input, .. } if Some(input) == self.prefetched);
        let Some(node) = self.plan.nodes.iter().find(fetches) else { return };
        let parts = node.parts_of(bundle, self.bundles);
        if parts.is_empty() {
            return;
        }
        prefetch.share = self.share(node, parts.clone());
        let lines = self.upcoming(self.first + 1, &prefetch.share).map_or(0, |upcoming| upcoming.lines());
        // Faster than needed, so that the last rows, too, are there in time.
        prefetch.pace = 3.0 * lines as f64 / self.plan.cost;
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

impl Work for Job<'_> {
    unsafe fn run(&self, bundle: usize, thread: usize) {
        let begin = self.plan.phases.begins[self.phase.load(Ordering::Relaxed)];
        let (mut step, mut number) = (self.step.load(Ordering::Relaxed), begin);
        // SAFETY: the requests are the bundle's own.
        let prefetch = unsafe { &*self.places.requests[bundle].0.get() };
        let mut first = true;
        loop {
            if number == self.plan.nodes.len() {
                if bundle == 0 {
                    // SAFETY: the first bundle computes all scalars.
                    unsafe { self.end_step(step) };
                }
                step += 1;
                if !self.plan.phases.wraps || step >= self.until.load(Ordering::Relaxed) {
                    return;
                }
                number = 0;
            }
            let node = &self.plan.nodes[number];
            if node.barrier && !first {
                return;
            }
            first = false;
            if number == 0 {
                let upcoming = self.upcoming(step + 1, &prefetch.share);
                // SAFETY: the rows were checked when the epoch began.
                unsafe { prefetch.prefetcher.begin(upcoming) };
            }
            match node.task {
                Task::Check if self.failures.until(step) => return,
                Task::Check => {}
                // SAFETY: the bundle is this thread's in this phase.
                _ => unsafe { self.node(number, step, bundle, thread) },
            }
            if self.given_up.load(Ordering::Relaxed) {
                return;
            }
            // Spread over the step's work.
            prefetch.prefetcher.owe((node.cost * prefetch.pace) as f32);
            number += 1 + node.group.followers;
        }
    }

    fn advance(&self) -> bool {
        let (step, phase) = (self.step.load(Ordering::Relaxed), self.phase.load(Ordering::Relaxed));
        let (phase, steps) = self.plan.phases.after(phase);
        let step = step + steps;
        if self.failures.until(step) || self.given_up.load(Ordering::Relaxed) {
            return false;
        }
        if self.stop.load(Ordering::Relaxed) {
            if phase <= self.plan.phases.first_change {
                return false;
            }
            self.until.fetch_min(step + 1, Ordering::Relaxed);
        }
        self.step.store(step, Ordering::Relaxed);
        self.phase.store(phase, Ordering::Relaxed);
        step < self.until.load(Ordering::Relaxed)
    }

    fn look(&self) {
        let done = self.done.load(Ordering::Relaxed);
        if self.seen.swap(done, Ordering::Relaxed) != done || self.plan.cost > LONG_STEP {
            self.look_now(done);
        }
    }
}

impl Job<'_> {
    /// Asks the caller whether to go on, if it is time. Only the caller's thread does so.
    fn look_now(&self, done: usize) {
        let is_time = || self.clock.lock().unwrap_or_else(PoisonError::into_inner).is_time(done);
        if self.stop.load(Ordering::Relaxed) || !is_time() {
            return;
        }
        let outputs = self.plan.outputs.len();
        // SAFETY: only the caller's thread uses the second half of the sums.
        let (done, sums) = unsafe {
            let _adding = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
            let copy = self.places.sums.add(outputs);
            std::ptr::copy_nonoverlapping(self.places.sums, copy, outputs);
            (self.done.load(Ordering::Relaxed), std::slice::from_raw_parts(copy, outputs))
        };
        if !self.flush.without(|| (self.control)(done, sums)) {
            self.stop.store(true, Ordering::Relaxed);
        }
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
