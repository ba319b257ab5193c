//! Runs a plan: one step, or an epoch of steps, without allocating anything.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::RunError;
use crate::execute::{execute, read_number};
use crate::fetch::{Feed, Fetcher, Rows, check_rows};
use crate::kernels::movement::{self, BadIndex};
use crate::memory::Buffer;
use crate::partition::{MAX_PARTS, owned};
use crate::plan::{ARENA, Action, CONSTANTS, FIRST_INPUT, Node, Plan};
use crate::pool::{self, Barrier};

/// How often an epoch asks whether it should go on.
const CONTROL_INTERVAL: Duration = Duration::from_millis(5);
/// Steps quicker than this (in nanoseconds) look at the clock only now and then.
const QUICK_STEP: f64 = 1000.0;
/// Less work than this (in nanoseconds) is not worth waking other threads.
const WORTH_WAKING: f64 = 40_000.0;
/// Nor are steps shorter than this.
const WORTH_SHARING: f64 = 5_000.0;
/// Inputs smaller than this are in cache before anybody can ask for them.
const WORTH_PREFETCHING: usize = 16_384;

/// A plan with its memory.
pub struct Runner {
    plan: Plan,
    arena: Buffer,
    /// Private memory of each thread, one behind the other.
    scratch: Buffer,
    /// Fetched rows of each input that has been a column.
    slabs: Vec<Option<Buffer>>,
    /// The arrays of all nodes, one node after the other, and where each node's begin.
    arrays: Vec<*mut u8>,
    array_starts: Vec<usize>,
    bases: Vec<*mut u8>,
    sums: Vec<f64>,
    poison: Option<[u8; 4]>,
    forced_threads: Option<usize>,
}

// SAFETY: the pointers are set anew by each run, which has the runner to itself.
unsafe impl Send for Runner {}

/// Called between steps with the steps done and the sums of the scalar outputs
/// so far; `false` stops the epoch.
pub type Control<'a> = &'a (dyn Fn(usize, &[f64]) -> bool + Sync);

impl Runner {
    /// Allocates what the plan needs.
    pub fn new(plan: Plan) -> Runner {
        let mut array_starts = Vec::with_capacity(plan.locations.len());
        let mut count = 0;
        for places in &plan.locations {
            array_starts.push(count);
            count += places.len();
        }
        let bases = FIRST_INPUT + plan.inputs.len() + plan.variables.len() + plan.outputs.len();
        Runner {
            arena: Buffer::new(plan.arena_bytes),
            scratch: Buffer::new(plan.scratch_bytes * MAX_PARTS),
            slabs: plan.inputs.iter().map(|_| None).collect(),
            arrays: vec![std::ptr::null_mut(); count],
            array_starts,
            bases: vec![std::ptr::null_mut(); bases],
            sums: vec![0.0; plan.outputs.len()],
            poison: None,
            forced_threads: None,
            plan,
        }
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Fills arena and scratch memory with a pattern before each run. Results must not change.
    pub fn poison(&mut self, pattern: [u8; 4]) {
        self.poison = Some(pattern);
    }

    /// Runs on so many threads, whether or not the work is worth it.
    pub fn force_threads(&mut self, threads: usize) {
        self.forced_threads = Some(threads);
    }

    /// Of the last epoch, for each output: the sum over the steps if it is a scalar, else 0.
    pub fn sums(&self) -> &[f64] {
        &self.sums
    }

    /// Runs one step.
    ///
    /// # Errors
    /// When the data do not fit; the variables are then as they were.
    ///
    /// # Safety
    /// The pointers are those of C-contiguous arrays of the plan's types and
    /// shapes; outputs and variables overlap nothing.
    pub unsafe fn run(
        &mut self,
        inputs: &[*const u8],
        variables: &[*mut u8],
        outputs: &[*mut u8],
    ) -> Result<(), RunError> {
        self.set_bases(inputs.iter().copied(), variables, outputs);
        let rows = Rows { order: None, first_step: 0 };
        // SAFETY: handed on.
        unsafe { self.drive(&[], rows, 1, &|_, _| true).map(|_| ()) }
    }

    /// Runs `steps` steps over rows; gives how many were done when it ended or was stopped.
    /// Outputs hold the values of the last step; see also `sums`.
    ///
    /// # Errors
    /// When the rows do not exist or the data do not fit; the variables are then
    /// as they were before the step in which that was found.
    ///
    /// # Safety
    /// As `run`; columns have rows of the shape of their input, each contiguous.
    pub unsafe fn run_epoch(
        &mut self,
        feeds: &[Feed],
        rows: Rows,
        steps: usize,
        variables: &[*mut u8],
        outputs: &[*mut u8],
        control: Control,
    ) -> Result<usize, RunError> {
        let mut fetchers: Vec<Option<Fetcher>> = Vec::with_capacity(feeds.len());
        let mut inputs: Vec<*const u8> = Vec::with_capacity(feeds.len());
        for (number, feed) in feeds.iter().enumerate() {
            match *feed {
                Feed::Fixed(array) => {
                    fetchers.push(None);
                    inputs.push(array);
                }
                Feed::Rows(column) => {
                    let input = &self.plan.inputs[number];
                    let Some(&batch) = input.shape.first() else {
                        let message = format!("input {number} is a scalar and cannot be fed with rows");
                        return Err(RunError::Data(message));
                    };
                    check_rows(&rows, steps, batch, column.rows)
                        .map_err(|message| RunError::Data(format!("input {number}: {message}")))?;
                    let bytes = input.shape.iter().product::<usize>() * input.dtype.size();
                    let slab = self.slabs[number].get_or_insert_with(|| Buffer::new(bytes)).start();
                    let fetcher =
                        Fetcher::new(column, input, slab, self.plan.level).map_err(RunError::Data)?;
                    fetchers.push(Some(fetcher));
                    inputs.push(slab);
                }
            }
        }
        self.set_bases(inputs.into_iter(), variables, outputs);
        // SAFETY: handed on.
        unsafe { self.drive(&fetchers, rows, steps, control) }
    }

    fn set_bases(
        &mut self,
        inputs: impl Iterator<Item = *const u8>,
        variables: &[*mut u8],
        outputs: &[*mut u8],
    ) {
        self.bases[ARENA] = self.arena.start();
        self.bases[CONSTANTS] = self.plan.constants.start();
        let given = inputs.map(<*const u8>::cast_mut).chain(variables.iter().copied()).chain(outputs.iter().copied());
        self.bases[FIRST_INPUT..].iter_mut().zip(given).for_each(|(base, pointer)| *base = pointer);
        let places = self.plan.locations.iter().flatten();
        for (array, place) in self.arrays.iter_mut().zip(places) {
            *array = self.bases[place.base].wrapping_add(place.offset);
        }
    }

    /// Turns variables, runs the steps on as many threads as are worth it, and turns them back.
    unsafe fn drive(
        &mut self,
        fetchers: &[Option<Fetcher>],
        rows: Rows,
        steps: usize,
        control: Control,
    ) -> Result<usize, RunError> {
        if let Some(pattern) = self.poison {
            self.arena.fill(pattern);
            self.scratch.fill(pattern);
        }
        self.sums.fill(0.0);
        // SAFETY: handed on.
        unsafe { self.turn_variables(true) };
        let threads = self.threads_for(steps);
        let first_output = self.bases.len() - self.plan.outputs.len();
        let job = Job {
            plan: &self.plan,
            arrays: &self.arrays,
            array_starts: &self.array_starts,
            outputs: &self.bases[first_output..],
            scratch: self.scratch.start(),
            fetchers,
            prefetched: widest(&self.plan, fetchers),
            rows,
            steps,
            control,
            sums: self.sums.as_mut_ptr(),
            stop_after: AtomicUsize::new(usize::MAX),
            done: AtomicUsize::new(0),
            failures: Failures::default(),
        };
        // SAFETY: handed on.
        let ran = pool::run(threads, &|thread, barrier| unsafe { job.work(thread, barrier) });
        let done = job.done.load(Ordering::Relaxed);
        let failure = job.failures.take();
        // SAFETY: handed on; the threads are done.
        unsafe { self.turn_variables(false) };
        ran.map_err(RunError::Internal)?;
        match failure {
            Some(failure) => Err(RunError::Data(self.failure_message(failure, steps))),
            None => Ok(done),
        }
    }

    fn threads_for(&self, steps: usize) -> usize {
        let most = self.plan.max_threads();
        if let Some(threads) = self.forced_threads {
            return threads.min(most);
        }
        let worth = self.plan.cost > WORTH_SHARING && self.plan.cost * steps as f64 > WORTH_WAKING;
        if most > 1 && worth { pool::threads().min(most) } else { 1 }
    }

    /// Copies transposed variables into the arena, or changed ones back to the caller.
    unsafe fn turn_variables(&self, load: bool) {
        for &(number, offset, changed) in &self.plan.turned {
            let variable = &self.plan.variables[number];
            let (rows, columns) = (variable.shape[0], variable.shape[1]);
            let theirs = self.bases[FIRST_INPUT + self.plan.inputs.len() + number];
            // SAFETY: both have `rows * columns` elements; the caller's has the axes swapped.
            unsafe {
                let own = self.arena.start().add(offset);
                if load {
                    movement::turn(theirs, columns, rows, own, variable.dtype.size());
                } else if changed {
                    movement::turn(own, rows, columns, theirs, variable.dtype.size());
                }
            }
        }
    }

    fn failure_message(&self, failure: Failure, steps: usize) -> String {
        let node = &self.plan.nodes[failure.node];
        let title = node.instruction.map_or("", |number| &self.plan.titles[number]);
        let BadIndex { position, value } = failure.bad;
        let allowed = match &node.action {
            Action::Pick { width, .. } => *width,
            Action::Gather { shape, .. } => shape.len,
            Action::ScatterAdd { rows, .. } => *rows,
            _ => 0,
        };
        let step = if steps == 1 { String::new() } else { format!(" of step {}", failure.step) };
        format!(
            "{title}: index {value} at position {position}{step} lies outside 0 to {}; \
             no variable was changed in this step",
            allowed as isize - 1
        )
    }
}

/// The input whose next rows are asked for while a step is computed.
fn widest(plan: &Plan, fetchers: &[Option<Fetcher>]) -> Option<usize> {
    let bytes = |number: usize| fetchers[number].as_ref().map_or(0, Fetcher::batch_bytes);
    let fetched = plan.nodes.iter().filter_map(|node| match node.action {
        Action::Fetch { input, .. } if input < fetchers.len() => Some(input),
        _ => None,
    });
    fetched.max_by_key(|&input| bytes(input)).filter(|&input| bytes(input) >= WORTH_PREFETCHING)
}

/// An index outside its axis, and where it was met.
#[derive(Clone, Copy, Debug)]
struct Failure {
    step: usize,
    node: usize,
    bad: BadIndex,
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

/// A run, as all threads see it.
struct Job<'a> {
    plan: &'a Plan,
    arrays: &'a [*mut u8],
    array_starts: &'a [usize],
    outputs: &'a [*mut u8],
    scratch: *mut u8,
    fetchers: &'a [Option<Fetcher>],
    prefetched: Option<usize>,
    rows: Rows<'a>,
    steps: usize,
    control: Control<'a>,
    sums: *mut f64,
    /// All threads end when this step is done.
    stop_after: AtomicUsize,
    done: AtomicUsize,
    failures: Failures,
}

// SAFETY: threads touch the arrays where the plan says that they own them, with
// barriers in between; only the first thread touches `sums`.
unsafe impl Sync for Job<'_> {}

/// Rows of the next step that a thread has yet to ask for.
struct Prefetch {
    next: usize,
    elements: std::ops::Range<usize>,
    rows: std::ops::Range<usize>,
    /// Rows a nanosecond of work.
    pace: f64,
    owed: f64,
}

impl Job<'_> {
    /// What one thread does.
    unsafe fn work(&self, thread: usize, barrier: &Barrier) {
        let threads = barrier.threads();
        // SAFETY: there is scratch memory for `MAX_PARTS` threads.
        let scratch = unsafe { self.scratch.add(thread * self.plan.scratch_bytes) };
        let mut clock = Clock::new(self.plan.cost);
        let mut prefetch = self.prefetch_for(thread, threads);
        for step in 0..self.steps {
            for (number, node) in self.plan.nodes.iter().enumerate() {
                if node.barrier && barrier.wait().is_err() {
                    return;
                }
                let parts = owned(node.partition.parts(), thread, threads);
                // SAFETY: handed on.
                unsafe {
                    match node.action {
                        Action::Check if self.failures.step.load(Ordering::Acquire) <= step => return,
                        Action::Check => {}
                        _ if parts.is_empty() => {}
                        Action::Fetch { .. } => {
                            self.fetch(node, parts, step);
                            prefetch.next = prefetch.rows.start;
                        }
                        _ => {
                            let arrays = &self.arrays[self.array_starts[number]..];
                            let arrays = &arrays[..self.plan.locations[number].len()];
                            if let Err(bad) = execute(node, parts, arrays, scratch, self.plan.level) {
                                self.failures.record(Failure { step, node: number, bad });
                            }
                        }
                    }
                    self.ask_for_rows(&mut prefetch, step + 1, node.cost);
                }
            }
            if thread == 0 {
                // SAFETY: the first thread computes all scalars and owns the sums.
                let go_on = unsafe { self.end_step(step, &mut clock) };
                if !go_on && threads == 1 {
                    return;
                }
                if !go_on {
                    // The others may be in the next step already: it is the last one.
                    self.stop_after.store(step + 1, Ordering::Release);
                }
            }
            if self.stop_after.load(Ordering::Acquire) <= step {
                return;
            }
        }
    }

    /// Adds the scalar outputs up; gives whether the epoch should go on.
    unsafe fn end_step(&self, step: usize, clock: &mut Clock) -> bool {
        for (number, (output, array)) in self.plan.outputs.iter().zip(self.outputs).enumerate() {
            if output.shape.is_empty() {
                // SAFETY: each output has an array and a sum; only this thread uses the sums.
                unsafe { *self.sums.add(number) += read_number(*array, output.dtype) };
            }
        }
        self.done.store(step + 1, Ordering::Relaxed);
        if self.stop_after.load(Ordering::Relaxed) != usize::MAX || !clock.is_time(step) {
            return true;
        }
        // SAFETY: as above; the slice is gone before the sums change again.
        let sums = unsafe { std::slice::from_raw_parts(self.sums, self.plan.outputs.len()) };
        (self.control)(step + 1, sums)
    }

    /// The rows and elements that the parts of a fetching node stand for.
    fn share(&self, node: &Node, parts: std::ops::Range<usize>) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let Action::Fetch { outer, len, inner, input } = node.action else { return (0..0, 0..0) };
        let range = node.partition.range(parts.start).start..node.partition.range(parts.end - 1).end;
        let batch = self.plan.inputs[input].shape[0];
        if outer == batch {
            return (0..batch, range.start * inner..range.end * inner);
        }
        debug_assert_eq!((outer, len), (1, batch));
        (range, 0..inner)
    }

    unsafe fn fetch(&self, node: &Node, parts: std::ops::Range<usize>, step: usize) {
        let Action::Fetch { input, .. } = node.action else { return };
        if let Some(Some(fetcher)) = self.fetchers.get(input) {
            let (rows, elements) = self.share(node, parts);
            // SAFETY: the rows were checked, and these parts are the thread's own.
            unsafe { fetcher.fetch(&self.rows, step, rows, elements) };
        }
    }

    fn prefetch_for(&self, thread: usize, threads: usize) -> Prefetch {
        let mut prefetch = Prefetch { next: 0, elements: 0..0, rows: 0..0, pace: 0.0, owed: 0.0 };
        let node = self.plan.nodes.iter().find(
            |node| matches!(node.action, Action::Fetch { input, .. } if Some(input) == self.prefetched),
        );
        if let Some(node) = node {
            let parts = owned(node.partition.parts(), thread, threads);
            if !parts.is_empty() {
                (prefetch.rows, prefetch.elements) = self.share(node, parts);
                prefetch.next = prefetch.rows.end;
                // Somewhat faster than needed, so that the last rows are asked for early enough.
                prefetch.pace = 1.25 * prefetch.rows.len() as f64 / self.plan.cost;
            }
        }
        prefetch
    }

    /// Spreads the requests for the next step's rows over this step's work.
    #[inline]
    unsafe fn ask_for_rows(&self, prefetch: &mut Prefetch, step: usize, cost: f64) {
        if prefetch.next >= prefetch.rows.end || step >= self.steps {
            return;
        }
        prefetch.owed += cost * prefetch.pace;
        let count = (prefetch.owed as usize).min(prefetch.rows.end - prefetch.next);
        prefetch.owed -= count as f64;
        if let Some(Some(fetcher)) = self.prefetched.map(|input| &self.fetchers[input]) {
            let rows = prefetch.next..prefetch.next + count;
            // SAFETY: the rows were checked when the epoch began.
            unsafe { fetcher.prefetch(&self.rows, step, rows, prefetch.elements.clone()) };
            prefetch.next += count;
        }
    }
}

/// Says when it is time to ask whether the epoch should go on.
struct Clock {
    last: Instant,
    steps_between_looks: usize,
}

impl Clock {
    fn new(cost: f64) -> Clock {
        let steps_between_looks = if cost < QUICK_STEP { 32 } else { 1 };
        Clock { last: Instant::now(), steps_between_looks }
    }

    fn is_time(&mut self, step: usize) -> bool {
        if step % self.steps_between_looks != 0 {
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
