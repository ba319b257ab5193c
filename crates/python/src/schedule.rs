//! Several epochs in one call: programs that take turns, without Python between them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyAny;

use tensorlet_engine::error::RunError;
use tensorlet_engine::ir::program::{Declaration, Dtype};
use tensorlet_engine::kernels::random;
use tensorlet_engine::memory::zeros;
use tensorlet_engine::plan::Plan;
use tensorlet_engine::run::fetch::{Column, Feed, Rows};
use tensorlet_engine::run::runner::Runner;
use tensorlet_engine::specialized::programs::{self, Block, Copied};

use crate::guarded;
use crate::program::{self, Program};
use crate::signals::{Ending, Signals};
use crate::{arguments, arrays};

/// Nanoseconds of work, roughly, between two looks at the clock, and the most epochs.
const BETWEEN_LOOKS: f64 = 20_000.0;
const MOST_BETWEEN_LOOKS: usize = 32;

/// As Python gives it: program, columns, variables, steps, first place in the shuffle (none: rows as they
/// lie), whether its outputs are reported.
pub(crate) type GivenStage<'py> =
    (Bound<'py, Program>, Vec<Bound<'py, PyAny>>, Vec<Bound<'py, PyAny>>, usize, Option<usize>, bool);

/// What an epoch draws: number of rows, key, and the first epoch's counter.
pub(crate) type Shuffle = (usize, u64, i64);

/// One program's part of an epoch. Its arrays are kept alive by the caller.
pub(crate) struct Stage<'a> {
    pub(crate) program: &'a Program,
    pub(crate) plan: Arc<Plan>,
    columns: Vec<Column>,
    feeds: Vec<Feed>,
    variables: Vec<*mut u8>,
    outputs: Vec<*mut u8>,
    /// 0: one step without rows.
    steps: usize,
    first_row: Option<usize>,
    reports: bool,
}

pub(crate) struct Schedule<'a> {
    pub(crate) stages: Vec<Stage<'a>>,
    copies: Vec<Copied>,
    shuffle: Option<Shuffle>,
    /// One row of reported numbers for each epoch.
    history: *mut f64,
    epochs: usize,
    width: usize,
    limit: Duration,
}

// SAFETY: the caller keeps all arrays alive and waits until the run is over.
unsafe impl Sync for Schedule<'_> {}

/// Lends the runner of a stage's program.
pub(crate) trait Lender {
    fn lend(
        &self,
        stage: &Stage,
        work: &mut dyn FnMut(&mut Runner) -> Result<(), RunError>,
    ) -> Result<(), RunError>;
}

/// The runners that the programs have, which one thread uses at a time.
struct Locked;

impl Lender for Locked {
    fn lend(
        &self,
        stage: &Stage,
        work: &mut dyn FnMut(&mut Runner) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        work(stage.program.lock_detached()?.runner())
    }
}

impl Stage<'_> {
    fn in_block(&self) -> programs::Stage<'_> {
        programs::Stage {
            plan: Arc::clone(&self.plan),
            columns: &self.columns,
            variables: &self.variables,
            steps: self.steps,
            first_row: self.first_row,
            reports: self.reports,
        }
    }

    /// Runs the stage.
    ///
    /// # Safety
    /// All arrays are alive and fit; see `Runner::run_epoch`.
    unsafe fn run(
        &self,
        runner: &mut Runner,
        order: Option<&[i64]>,
        signals: &Signals,
    ) -> Result<(), RunError> {
        let control = |_: usize, _: &[f64]| signals.look();
        if self.steps == 0 {
            // SAFETY: handed on.
            return unsafe {
                runner.run_controlled(&[], &self.variables, &self.outputs, &control).map(|_| ())
            };
        }
        let order = match (order, self.first_row) {
            (Some(order), Some(first)) => Some(order.get(first..).unwrap_or(&[])),
            _ => None,
        };
        let rows = Rows { order, first_step: 0 };
        // SAFETY: handed on.
        unsafe {
            runner
                .run_epoch(&self.feeds, rows, self.steps, &self.variables, &self.outputs, &control)
                .map(|_| ())
        }
    }
}

impl Schedule<'_> {
    /// Runs epochs until all are done, time is up, or a number of one is not finite.
    ///
    /// # Safety
    /// All arrays are alive.
    pub(crate) unsafe fn run(&self, runners: &dyn Lender, signals: &Signals) -> (usize, Option<Ending>) {
        let start = Instant::now();
        // SAFETY: handed on.
        if let Some(mut block) = unsafe { self.block() } {
            // SAFETY: handed on.
            return unsafe { self.run_block(&mut *block, start, signals) };
        }
        let mut order = zeros(self.shuffle.map_or(0, |(rows, _, _)| rows));
        for epoch in 0..self.epochs {
            if let Some((_, key, counter)) = self.shuffle {
                random::permute(&mut order, key, counter.wrapping_add(epoch as i64));
            }
            let rows = self.shuffle.map(|_| order.as_slice());
            // SAFETY: handed on; the history has a row for each epoch.
            let finite = unsafe {
                for copy in &self.copies {
                    std::ptr::copy_nonoverlapping(copy.from, copy.to, copy.bytes);
                }
                let row = std::slice::from_raw_parts_mut(self.history.add(epoch * self.width), self.width);
                if let Err(ending) = self.epoch(runners, rows, row, signals) {
                    return (epoch, Some(ending));
                }
                row.iter().all(|number| number.is_finite())
            };
            if !signals.look() {
                return (epoch + 1, signals.ending());
            }
            if !finite || start.elapsed() >= self.limit {
                return (epoch + 1, None);
            }
        }
        (self.epochs, None)
    }

    /// All stages over one memory, if they are tiny.
    unsafe fn block(&self) -> Option<Box<dyn Block>> {
        let stages: Vec<programs::Stage> = self.stages.iter().map(Stage::in_block).collect();
        let rows = self.shuffle.map_or(0, |(rows, _, _)| rows);
        // SAFETY: handed on.
        unsafe { programs::block(&stages, &self.copies, rows) }
    }

    /// The same as `run` in a block.
    unsafe fn run_block(
        &self,
        block: &mut dyn Block,
        start: Instant,
        signals: &Signals,
    ) -> (usize, Option<Ending>) {
        let mut order = zeros(self.shuffle.map_or(0, |(rows, _, _)| rows));
        // A look at the clock takes as long as a tiny epoch.
        let between = ((BETWEEN_LOOKS / block.cost().max(1.0)) as usize).clamp(1, MOST_BETWEEN_LOOKS);
        let mut ended = (self.epochs, None);
        for epoch in 0..self.epochs {
            if let Some((_, key, counter)) = self.shuffle {
                random::permute(&mut order, key, counter.wrapping_add(epoch as i64));
            }
            let rows = self.shuffle.map(|_| order.as_slice());
            // SAFETY: handed on; the history has a row for each epoch.
            let row =
                unsafe { std::slice::from_raw_parts_mut(self.history.add(epoch * self.width), self.width) };
            // SAFETY: the order names each row of the columns once.
            if !unsafe { block.epoch(rows, row, &|| signals.look()) } {
                ended = (epoch, signals.ending());
                break;
            }
            if !row.iter().all(|number| number.is_finite()) {
                ended = (epoch + 1, None);
                break;
            }
            if epoch % between == 0 {
                if !signals.look() {
                    ended = (epoch + 1, signals.ending());
                    break;
                }
                if start.elapsed() >= self.limit {
                    ended = (epoch + 1, None);
                    break;
                }
            }
        }
        // SAFETY: handed on.
        unsafe { block.store() };
        ended
    }

    unsafe fn epoch(
        &self,
        runners: &dyn Lender,
        order: Option<&[i64]>,
        row: &mut [f64],
        signals: &Signals,
    ) -> Result<(), Ending> {
        let mut numbers = row.iter_mut();
        for (place, stage) in self.stages.iter().enumerate() {
            // SAFETY: handed on.
            let mut run = |runner: &mut Runner| unsafe { stage.run(runner, order, signals) };
            runners.lend(stage, &mut run).map_err(|error| Ending::Failed(place, error))?;
            if let Some(ending) = signals.ending() {
                return Err(ending);
            }
            if stage.reports {
                for (output, number) in stage.outputs.iter().zip(numbers.by_ref()) {
                    // SAFETY: outputs of stages that report are single float32 numbers.
                    *number = f64::from(unsafe { output.cast::<f32>().read() });
                }
            }
        }
        Ok(())
    }
}

fn is_number(declared: &Declaration) -> bool {
    declared.shape.is_empty() && declared.dtype == Dtype::F32
}

fn stage<'a, 'py>(
    py: Python<'py>,
    given: &'a GivenStage<'py>,
    alive: &mut Vec<Bound<'py, PyAny>>,
) -> PyResult<Stage<'a>> {
    let (program, columns, variables, steps, first_row, reports) = given;
    let program = program.get();
    let running = program.lock(py)?;
    let plan = running.plan();
    let wanted = if *steps == 0 { 0 } else { columns.len() };
    if plan.inputs().len() != wanted || plan.variables().len() != variables.len() {
        return Err(PyValueError::new_err(format!(
            "the program '{}' has {} inputs and {} variables, got {wanted} and {}",
            plan.name(),
            plan.inputs().len(),
            plan.variables().len(),
            variables.len()
        )));
    }
    if *reports && !plan.outputs().iter().all(is_number) {
        return Err(PyValueError::new_err(format!(
            "the program '{}' reports an output that is no single float32 number",
            plan.name()
        )));
    }
    let (variables, _) = arguments::variable_pointers(variables, plan)?;
    let mut own_columns = Vec::with_capacity(wanted);
    for (number, declared) in plan.inputs().iter().enumerate() {
        own_columns.push(arguments::column(number, &columns[number], declared)?);
    }
    let (arrays, outputs) = arguments::new_outputs(py, plan.outputs())?;
    alive.extend(arrays);
    Ok(Stage {
        program,
        plan: running.shared_plan(),
        feeds: own_columns.iter().copied().map(Feed::Rows).collect(),
        columns: own_columns,
        variables,
        outputs,
        steps: *steps,
        first_row: *first_row,
        reports: *reports,
    })
}

/// A pair of arrays of the same size: the second becomes a copy of the first.
fn pair_of(number: usize, pair: &(Bound<'_, PyAny>, Bound<'_, PyAny>)) -> PyResult<Copied> {
    let title = || format!("copy {number}");
    let (from, to) = (arrays::view(&pair.0, title)?, arrays::view(&pair.1, title)?);
    let (ours, theirs) = (from.addresses(), to.addresses());
    let plain = from.is_contiguous() && to.is_contiguous() && from.dtype.is_some() && from.dtype == to.dtype;
    let apart = ours.end <= theirs.start || theirs.end <= ours.start;
    if !plain || !apart || !to.is_writable() || ours.len() != theirs.len() {
        return Err(PyValueError::new_err(format!(
            "copy {number} needs two contiguous arrays of one size, the second one writable and apart from the first"
        )));
    }
    Ok(Copied { from: from.data, to: to.data, bytes: ours.len() })
}

/// The memory of a float64 array of shape (epochs, width).
fn history_of(history: &Bound<'_, PyAny>, width: usize) -> PyResult<(*mut f64, usize)> {
    let view = arrays::view(history, || "history".to_string())?;
    let epochs = view.shape.first().map_or(0, |&len| len as usize);
    let declared = Declaration { dtype: Dtype::F64, shape: vec![epochs, width], transposed: false };
    if width == 0 || !view.fits(&declared) || !view.is_writable() {
        return Err(PyValueError::new_err(format!(
            "history must be a writable array {}, got {}",
            arrays::describe(&declared),
            view.describe(history)
        )));
    }
    Ok((view.data.cast(), epochs))
}

/// Runs epoch after epoch; see `_native.pyi`.
#[pyfunction]
pub fn run_schedule<'py>(
    py: Python<'py>,
    stages: Vec<GivenStage<'py>>,
    copies: Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    shuffle: Option<Shuffle>,
    history: &Bound<'py, PyAny>,
    seconds: f64,
) -> PyResult<(usize, Option<Py<PyAny>>)> {
    let limit = Duration::try_from_secs_f64(seconds)
        .map_err(|_| PyValueError::new_err(format!("seconds must be a number of seconds, got {seconds}")))?;
    let mut alive = Vec::new();
    let mut schedule = schedule(py, &stages, shuffle, history, &mut alive)?;
    schedule.limit = limit;
    schedule.copies = copies
        .iter()
        .enumerate()
        .map(|(number, pair)| pair_of(number, pair))
        .collect::<PyResult<Vec<Copied>>>()?;
    let (done, ending) = guarded(|| {
        let signals = Signals::new();
        // SAFETY: the arrays were checked above and live until the function ends.
        Ok(py.detach(|| unsafe { schedule.run(&Locked, &signals) }))
    })?;
    let error = ending.and_then(|ending| ending.into_error(py, &schedule));
    Ok((done, error.map(|error| error.into_value(py).into_any())))
}

impl Ending {
    /// The error that Python raises; `None` if another schedule has it.
    pub(crate) fn into_error(self, py: Python<'_>, schedule: &Schedule) -> Option<PyErr> {
        match self {
            Ending::Raised(error) => Some(error),
            Ending::Failed(place, error) => {
                let name = schedule.stages[place].plan.name();
                Some(program::to_exception(py, name, error))
            }
            Ending::Stopped => None,
        }
    }
}

/// What Python has given, checked; `alive` keeps new arrays alive.
pub(crate) fn schedule<'a, 'py>(
    py: Python<'py>,
    stages: &'a [GivenStage<'py>],
    shuffle: Option<Shuffle>,
    history: &Bound<'py, PyAny>,
    alive: &mut Vec<Bound<'py, PyAny>>,
) -> PyResult<Schedule<'a>> {
    if shuffle.is_some_and(|(rows, _, _)| u32::try_from(rows).is_err()) {
        return Err(PyValueError::new_err("a shuffle takes fewer than 2**32 rows"));
    }
    let stages = stages.iter().map(|given| stage(py, given, alive)).collect::<PyResult<Vec<Stage>>>()?;
    let width = stages.iter().filter(|stage| stage.reports).map(|stage| stage.outputs.len()).sum();
    let (history, epochs) = history_of(history, width)?;
    Ok(Schedule { stages, copies: Vec::new(), shuffle, history, epochs, width, limit: Duration::MAX })
}
