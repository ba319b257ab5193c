//! Runs a plan: one step, or an epoch of steps, without allocating anything.

mod memory;

use std::time::Instant;

use crate::error::RunError;
use crate::kernels::index::BadIndex;
use crate::memory::Buffer;
use crate::partition::FEW_PARTS;
use crate::plan::finished::{ARENA, CONSTANTS, FIRST_INPUT, Plan};
use crate::run::fetch::{Feed, Fetcher, Next, Rows, Slab, check_rows};
pub use crate::run::job::Control;
use crate::run::job::{Failure, Job, Places, Requests};
use crate::run::pace::Pace;
use crate::run::{pool, thread_count};
use crate::specialized::programs::{self, Given, ProgramRunner};
use std::sync::Arc;

/// Less work than this (in nanoseconds) is not worth waking other threads.
const WORTH_WAKING: f64 = 40_000.0;
/// Nor are steps shorter than this.
const WORTH_SHARING: f64 = 5_000.0;

/// A plan with its memory.
pub struct Runner {
    plan: Arc<Plan>,
    /// Runs the plan in its special form, if it has one.
    special: Option<Box<dyn ProgramRunner>>,
    arena: Buffer,
    /// Private memory of each thread, one behind the other.
    scratch: Buffer,
    /// Fetched rows of each input that has been a column.
    slabs: Vec<Option<Buffer>>,
    /// Pointers to the rows of each input that is read in place.
    tables: Vec<Option<Buffer>>,
    /// The arrays of all nodes, one node after the other, for each bundle.
    arrays: Vec<*mut u8>,
    /// Where each node's arrays begin in a bundle's list.
    array_starts: Vec<usize>,
    bases: Vec<*mut u8>,
    /// The most bundles, and so the most threads, that a step is cut into.
    bundles: usize,
    requests: Vec<Requests>,
    /// One for each output, and as many again for those who look at them.
    sums: Vec<f64>,
    poison: Option<[u8; 4]>,
    forced_threads: Option<usize>,
    pace: Pace,
    /// The rows that follow those of the last single step.
    expected: Option<Next>,
}

// SAFETY: the pointers are set anew by each run, which has the runner to itself.
unsafe impl Send for Runner {}

impl Runner {
    /// Allocates what the plan needs.
    pub fn new(plan: Plan) -> Runner {
        Runner::of(Arc::new(plan))
    }

    /// A runner of a plan that others run too, with memory of its own.
    pub fn of(plan: Arc<Plan>) -> Runner {
        let mut array_starts = Vec::with_capacity(plan.locations.len());
        let mut count = 0;
        for places in &plan.locations {
            array_starts.push(count);
            count += places.len();
        }
        let bases = FIRST_INPUT + plan.inputs.len() + plan.variables.len() + plan.outputs.len();
        let bundles = plan.max_threads();
        let scratch = Buffer::new(plan.scratch_bytes * bundles.min(FEW_PARTS));
        Runner {
            special: programs::runner(&plan, scratch.start()),
            arena: Buffer::new(plan.arena_bytes),
            scratch,
            slabs: plan.inputs.iter().map(|_| None).collect(),
            tables: (0..plan.inputs.len()).map(|input| memory::table_for(&plan, input, bundles)).collect(),
            arrays: vec![std::ptr::null_mut(); count * bundles],
            array_starts,
            bases: vec![std::ptr::null_mut(); bases],
            bundles,
            requests: (0..bundles).map(|_| Requests::default()).collect(),
            sums: vec![0.0; 2 * plan.outputs.len()],
            poison: None,
            forced_threads: None,
            pace: Pace::new(plan.cost),
            expected: None,
            plan,
        }
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The plan, for callers that outlive the runner.
    pub fn shared_plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan)
    }

    /// Fills arena and scratch memory with a pattern before each run. Results must not change.
    pub fn poison(&mut self, pattern: [u8; 4]) {
        self.poison = Some(pattern);
    }

    /// Runs on this many threads, whether or not that pays, and without a special form of the plan.
    pub fn force_threads(&mut self, threads: usize) {
        self.forced_threads = Some(threads);
    }

    /// Of the last epoch, for each output: the sum over the steps if it is a scalar, else 0.
    pub fn sums(&self) -> &[f64] {
        &self.sums[..self.plan.outputs.len()]
    }

    /// Runs one step.
    ///
    /// # Errors
    /// If the data are invalid; the variables are then unchanged.
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
        // SAFETY: handed on.
        unsafe { self.run_controlled(inputs, variables, outputs, &|_, _| true).map(|_| ()) }
    }

    /// Runs one step; returns false if `control` stopped it before it had changed a variable.
    ///
    /// # Errors
    /// As `run`.
    ///
    /// # Safety
    /// As `run`.
    pub unsafe fn run_controlled(
        &mut self,
        inputs: &[*const u8],
        variables: &[*mut u8],
        outputs: &[*mut u8],
        control: Control,
    ) -> Result<bool, RunError> {
        let rows = Rows { order: None, first_step: 0 };
        if self.is_special() {
            let given = Given { inputs, variables, outputs };
            // SAFETY: handed on.
            return unsafe { self.run_special(&given, &[], (rows, 1), control).map(|_| true) };
        }
        let threads = self.threads_for(1);
        let bundles = self.plan.bundles_for(threads);
        self.set_bases(inputs.iter().copied(), variables, outputs, &[], bundles);
        let next = self.next_rows(inputs);
        // SAFETY: handed on.
        unsafe { self.drive(&[], rows, 1, control, threads, next).map(|done| done == 1) }
    }

    /// The rows that follow those of an input that is read in place, if they followed those of the last run.
    fn next_rows(&mut self, inputs: &[*const u8]) -> Option<Next> {
        let &(input, _) = self.plan.in_place.first()?;
        let next = Next::after(inputs[input], input, &self.plan.inputs[input]);
        let follows = self.expected.replace(next).is_some_and(|before| before.is_at(inputs[input]));
        follows.then_some(next)
    }

    /// Runs `steps` steps over rows; returns how many were done when it ended or was stopped.
    /// Outputs have the values of the last step; see also `sums`.
    ///
    /// # Errors
    /// If the rows do not exist or the data are invalid; the variables are then
    /// as they were before the step in which this was found.
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
                    let input = self.plan.inputs[number].clone();
                    let Some(&batch) = input.shape.first() else {
                        let message = format!("input {number} is a scalar and cannot be fed with rows");
                        return Err(RunError::Rows(message));
                    };
                    check_rows(&rows, steps, batch, column.rows)
                        .map_err(|message| RunError::Rows(format!("input {number}: {message}")))?;
                    let bytes = input.shape.iter().product::<usize>() * input.dtype.size();
                    // Rows that are read in place need no room, unless their type is another one.
                    let table = self.table(number);
                    let in_place = table.is_some() && column.dtype == input.dtype;
                    let special = self.special.as_ref().filter(|_| self.is_special());
                    let place = special.and_then(|special| special.place_of_input(&self.plan, number));
                    let slab = match place {
                        Some(start) => Slab { start, stride: 0 },
                        None => self.slab(number, if in_place { 0 } else { bytes }),
                    };
                    if table.is_some() && !in_place {
                        self.tabulate(number, slab.start, slab.stride);
                    }
                    let fetcher =
                        Fetcher::new(column, &input, slab, table, self.plan.level).map_err(RunError::Rows)?;
                    inputs.push(fetcher.given().start);
                    fetchers.push(Some(fetcher));
                }
            }
        }
        if self.is_special() {
            let given = Given { inputs: &inputs, variables, outputs };
            // SAFETY: handed on.
            return unsafe { self.run_special(&given, &fetchers, (rows, steps), control) };
        }
        let threads = self.threads_for(steps);
        let bundles = self.plan.bundles_for(threads);
        self.set_bases(inputs.into_iter(), variables, outputs, &fetchers, bundles);
        // SAFETY: handed on.
        unsafe { self.drive(&fetchers, rows, steps, control, threads, None) }
    }

    fn set_bases(
        &mut self,
        inputs: impl Iterator<Item = *const u8>,
        variables: &[*mut u8],
        outputs: &[*mut u8],
        fetchers: &[Option<Fetcher>],
        bundles: usize,
    ) {
        self.bases[ARENA] = self.arena.start();
        self.bases[CONSTANTS] = self.plan.constants.start();
        let given =
            inputs.map(<*const u8>::cast_mut).chain(variables.iter().copied()).chain(outputs.iter().copied());
        self.bases[FIRST_INPUT..].iter_mut().zip(given).for_each(|(base, pointer)| *base = pointer);
        for &(input, _) in &self.plan.in_place {
            if fetchers.get(input).is_none_or(Option::is_none) {
                let array = self.bases[FIRST_INPUT + input];
                self.bases[FIRST_INPUT + input] = self.tabulate(input, array, 0).cast_mut();
            }
        }
        let count = self.arrays.len() / self.bundles;
        for (bundle, arrays) in self.arrays.chunks_mut(count.max(1)).enumerate().take(bundles) {
            for (number, fetcher) in fetchers.iter().enumerate() {
                if let Some(fetcher) = fetcher {
                    self.bases[FIRST_INPUT + number] = fetcher.given().of_bundle(bundle);
                }
            }
            for (array, place) in arrays.iter_mut().zip(self.plan.locations.iter().flatten()) {
                *array = self.bases[place.base].wrapping_add(place.offset + bundle * place.stride);
            }
        }
    }

    /// Transposes variables, runs the steps on as many threads as are worth it, and transposes them back.
    unsafe fn drive(
        &mut self,
        fetchers: &[Option<Fetcher>],
        rows: Rows,
        steps: usize,
        control: Control,
        threads: usize,
        next: Option<Next>,
    ) -> Result<usize, RunError> {
        let room = self.plan.scratch_bytes * threads;
        if self.scratch.bytes() < room && self.special.is_none() {
            self.scratch = Buffer::new(room);
        }
        if let Some(pattern) = self.poison {
            self.arena.fill(pattern);
            self.scratch.fill(pattern);
            self.slabs.iter_mut().flatten().for_each(|slab| slab.fill(pattern));
        }
        self.sums.fill(0.0);
        // SAFETY: handed on.
        unsafe { self.transpose_variables(true) };
        let first_output = self.bases.len() - self.plan.outputs.len();
        let places = Places {
            arrays: &self.arrays,
            count: self.arrays.len() / self.bundles,
            starts: &self.array_starts,
            outputs: &self.bases[first_output..],
            scratch: self.scratch.start(),
            sums: self.sums.as_mut_ptr(),
            requests: &self.requests,
        };
        let mut job = Job::new(&self.plan, places, fetchers, rows, steps, control, next);
        let mut ran = Ok(());
        while ran.is_ok() && job.left() > 0 {
            let (threads, count) = match self.forced_threads {
                Some(_) => (threads, steps),
                None => self.pace.next(threads, job.left()),
            };
            let bundles = self.plan.bundles_for(threads);
            job.begin(count, bundles);
            let start = Instant::now();
            ran = pool::run(threads, bundles, &job);
            self.pace.record(threads, count, start.elapsed());
        }
        let (done, failure) = job.result();
        // SAFETY: handed on; the threads are done.
        unsafe { self.transpose_variables(false) };
        ran.map_err(RunError::Internal)?;
        match failure {
            Some(failure) => Err(RunError::Index(self.failure_message(failure, steps))),
            None => Ok(done),
        }
    }

    fn is_special(&self) -> bool {
        self.special.is_some() && self.forced_threads.is_none()
    }

    /// Runs steps of the plan's special form.
    unsafe fn run_special(
        &mut self,
        given: &Given,
        fetchers: &[Option<Fetcher>],
        rows: (Rows, usize),
        control: Control,
    ) -> Result<usize, RunError> {
        let Some(special) = &mut self.special else { return Ok(0) };
        if let Some(pattern) = self.poison {
            self.scratch.fill(pattern);
            self.slabs.iter_mut().flatten().for_each(|slab| slab.fill(pattern));
            special.poison(&self.plan, pattern);
        }
        let (plan, sums) = (&*self.plan, &mut self.sums);
        sums.fill(0.0);
        // SAFETY: handed on.
        let run = || unsafe { special.run(plan, given, fetchers, rows, sums, control) };
        pool::alone(run).map_err(RunError::Internal)
    }

    fn threads_for(&self, steps: usize) -> usize {
        // The tape's memory stays where it is, with room for few threads.
        let most = if self.special.is_some() { FEW_PARTS } else { usize::MAX }.min(self.plan.max_threads());
        if let Some(threads) = self.forced_threads {
            return threads.min(most);
        }
        let worth = self.plan.cost > WORTH_SHARING && self.plan.cost * steps as f64 > WORTH_WAKING;
        if most > 1 && worth { thread_count::useful_threads().min(most) } else { 1 }
    }

    fn failure_message(&self, failure: Failure, steps: usize) -> String {
        let node = &self.plan.nodes[failure.node];
        let title = node.instruction.map_or("", |number| &self.plan.titles[number]);
        let BadIndex { position, value, limit } = failure.bad;
        let step = if steps == 1 { String::new() } else { format!(" of step {}", failure.step) };
        format!(
            "{title}: index {value} at position {position}{step} is not between 0 and {}; \
             no variable was changed in this step",
            limit as isize - 1
        )
    }
}
