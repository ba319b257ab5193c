//! Programs as Python objects.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use tensorlet_engine::error::RunError;
use tensorlet_engine::plan::Plan;
use tensorlet_engine::run::fetch::{Feed, Rows};
use tensorlet_engine::run::runner::{Control, Runner};

use crate::arguments::{column, fixed_input, items, new_outputs, order_of, variable_pointers};
use crate::guarded;
use crate::watch::Watch;

/// Work of less than this (in nanoseconds) is done before another thread could use the GIL.
const WORTH_RELEASING: f64 = 20_000.0;

/// A program, ready to run.
#[pyclass(frozen, module = "tensorlet._native")]
pub struct Program {
    runner: Mutex<Runner>,
    /// Names the thread that runs the program; 0 if none does.
    owner: AtomicUsize,
}

/// Pointers of arrays that Python objects keep alive while the program runs.
struct Pointers {
    inputs: Vec<*const u8>,
    variables: Vec<*mut u8>,
    outputs: Vec<*mut u8>,
    feeds: Vec<Feed>,
}

// SAFETY: the caller keeps the arrays alive until the run is over, wherever it takes place.
unsafe impl Send for Pointers {}
// SAFETY: as above.
unsafe impl Sync for Pointers {}

pub(crate) fn to_exception(py: Python<'_>, name: &str, error: RunError) -> PyErr {
    let prefix = if name.is_empty() { String::new() } else { format!("{name}: ") };
    match error {
        RunError::Rows(message) => PyValueError::new_err(format!("{prefix}{message}")),
        RunError::Index(message) => out_of_range(py, format!("{prefix}{message}. {COUNT_FROM_0}")),
        internal => PyRuntimeError::new_err(format!("{prefix}{internal}")),
    }
}

/// What to do about an index outside its range, most often a label.
const COUNT_FROM_0: &str =
    "Labels and indices count from 0: check them, or give the last layer an output for each class.";

/// The error that the operations themselves raise for an index outside its range.
fn out_of_range(py: Python<'_>, message: String) -> PyErr {
    let class = py.import("tensorlet.errors").and_then(|errors| errors.getattr("OutOfRangeError"));
    match class.and_then(|class| class.call1((message,))) {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}

/// A number that names the running thread.
fn this_thread() -> usize {
    thread_local!(static MARK: u8 = const { 0 });
    MARK.with(|mark| std::ptr::from_ref(mark) as usize)
}

impl Program {
    /// The runner, for this thread alone.
    pub(crate) fn lock<'a>(&'a self, py: Python<'_>) -> PyResult<Running<'a>> {
        let runner = match self.runner.try_lock() {
            Ok(runner) => runner,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                self.refuse_own_thread().map_err(PyRuntimeError::new_err)?;
                py.detach(|| Waited(self.runner.lock().unwrap_or_else(PoisonError::into_inner))).0
            }
        };
        self.owner.store(this_thread(), Ordering::Relaxed);
        Ok(Running { runner, owner: &self.owner })
    }

    /// The same for a thread that does not hold the GIL.
    pub(crate) fn lock_detached(&self) -> Result<Running<'_>, RunError> {
        let runner = match self.runner.try_lock() {
            Ok(runner) => runner,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                self.refuse_own_thread().map_err(|message| RunError::Internal(message.into()))?;
                self.runner.lock().unwrap_or_else(PoisonError::into_inner)
            }
        };
        self.owner.store(this_thread(), Ordering::Relaxed);
        Ok(Running { runner, owner: &self.owner })
    }

    /// A thread that waited for itself would wait for ever.
    fn refuse_own_thread(&self) -> Result<(), &'static str> {
        match self.owner.load(Ordering::Relaxed) == this_thread() {
            true => Err("the program is running already; a progress function cannot run it again"),
            false => Ok(()),
        }
    }
}

/// A lock that was waited for without the GIL.
struct Waited<'a>(MutexGuard<'a, Runner>);

// SAFETY: the guard does not leave the thread: `detach` runs its closure in place.
unsafe impl Send for Waited<'_> {}

/// A locked runner.
pub(crate) struct Running<'a> {
    runner: MutexGuard<'a, Runner>,
    owner: &'a AtomicUsize,
}

impl Running<'_> {
    pub(crate) fn runner(&mut self) -> &mut Runner {
        &mut self.runner
    }

    pub(crate) fn plan(&self) -> &Plan {
        self.runner.plan()
    }

    pub(crate) fn shared_plan(&self) -> Arc<Plan> {
        self.runner.shared_plan()
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.owner.store(0, Ordering::Relaxed);
    }
}

/// A runner that goes along when the GIL is let go.
struct Moved<'a>(&'a mut Runner);

impl Moved<'_> {
    unsafe fn run(&mut self, pointers: &Pointers, control: Control) -> Result<bool, RunError> {
        // SAFETY: handed on.
        unsafe { self.0.run_controlled(&pointers.inputs, &pointers.variables, &pointers.outputs, control) }
    }
}

/// Steps done, sums of the scalar outputs, last values of the others (`None` for scalars).
type Epoch<'py> = (usize, Vec<f64>, Vec<Option<Bound<'py, PyAny>>>);

#[pymethods]
impl Program {
    #[new]
    #[pyo3(signature = (text, constants, name = ""))]
    fn new(text: &str, constants: &Bound<'_, PyBytes>, name: &str) -> PyResult<Program> {
        guarded(|| {
            let load = || {
                let program = tensorlet_engine::ir::program::Program::from_json(text)?;
                Plan::new(&program, constants.as_bytes(), name, crate::level())
            };
            let plan = load().map_err(|message| {
                let prefix = if name.is_empty() { String::new() } else { format!("{name}: ") };
                PyValueError::new_err(format!("{prefix}{message}"))
            })?;
            Ok(Program { runner: Mutex::new(Runner::new(plan)), owner: AtomicUsize::new(0) })
        })
    }

    /// Runs one step.
    fn run<'py>(
        &self,
        py: Python<'py>,
        inputs: &Bound<'py, PyAny>,
        variables: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        let mut running = self.lock(py)?;
        let plan = running.runner.plan();
        let cost = plan.cost();
        let inputs = items(inputs, "inputs", plan.inputs().len())?;
        let variables = items(variables, "variables", plan.variables().len())?;
        let mut copies = Vec::new();
        let (variable_data, addresses) = variable_pointers(&variables, plan)?;
        let mut input_data = Vec::with_capacity(inputs.len());
        for (number, (object, declared)) in inputs.iter().zip(plan.inputs()).enumerate() {
            input_data.push(fixed_input(number, object, declared, &addresses, &mut copies)?);
        }
        let (outputs, output_data) = new_outputs(py, plan.outputs())?;
        let pointers = Pointers {
            inputs: input_data,
            variables: variable_data,
            outputs: output_data,
            feeds: Vec::new(),
        };
        let mut moved = Moved(&mut running.runner);
        let raised = Mutex::new(None);
        let control = |_: usize, _: &[f64]| {
            let Err(error) = Python::attach(|py| py.check_signals()) else { return true };
            *raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            false
        };
        // SAFETY: the arrays were checked above and live until the function ends.
        let mut run = || unsafe { moved.run(&pointers, &control) };
        let result = guarded(|| Ok(if cost < WORTH_RELEASING { run() } else { py.detach(run) }))?;
        result.map_err(|error| to_exception(py, running.runner.plan().name(), error))?;
        if let Some(error) = raised.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        PyList::new(py, outputs)
    }

    /// Runs `steps` steps over the rows of the columns.
    #[pyo3(signature = (columns, order, start_step, steps, inputs, variables, progress, interval = 0.1))]
    #[allow(clippy::too_many_arguments)] // the arguments of the Python method
    fn run_epoch<'py>(
        &self,
        py: Python<'py>,
        columns: &Bound<'py, PyAny>,
        order: Option<Bound<'py, PyAny>>,
        start_step: usize,
        steps: usize,
        inputs: &Bound<'py, PyAny>,
        variables: &Bound<'py, PyAny>,
        progress: Option<Py<PyAny>>,
        interval: f64,
    ) -> PyResult<Epoch<'py>> {
        let interval = Duration::try_from_secs_f64(interval).map_err(|_| {
            PyValueError::new_err(format!("interval must be a number of seconds, got {interval}"))
        })?;
        let mut running = self.lock(py)?;
        let plan = running.runner.plan();
        let columns = items(columns, "columns", plan.inputs().len())?;
        let inputs = items(inputs, "inputs", plan.inputs().len())?;
        let variables = items(variables, "variables", plan.variables().len())?;
        let (variable_data, addresses) = variable_pointers(&variables, plan)?;
        let mut copies = Vec::new();
        let mut feeds = Vec::with_capacity(inputs.len());
        for (number, declared) in plan.inputs().iter().enumerate() {
            feeds.push(match (columns[number].is_none(), inputs[number].is_none()) {
                (false, true) => Feed::Rows(column(number, &columns[number], declared)?),
                (true, false) => {
                    let object = &inputs[number];
                    Feed::Fixed(fixed_input(number, object, declared, &addresses, &mut copies)?)
                }
                _ => {
                    let message = format!("input {number} needs either a column or an array, not both");
                    return Err(PyValueError::new_err(message));
                }
            });
        }
        let (outputs, output_data) = new_outputs(py, plan.outputs())?;
        let scalars: Vec<bool> = plan.outputs().iter().map(|output| output.shape.is_empty()).collect();
        let rows = Rows { order: order_of(&order)?, first_step: start_step };
        let pointers = Pointers { inputs: Vec::new(), variables: variable_data, outputs: output_data, feeds };
        let watch =
            Watch { progress, interval, scalars, last: Mutex::new(Instant::now()), raised: Mutex::new(None) };
        let moved = Moved(&mut running.runner);
        let run = || {
            let (moved, pointers) = (moved, &pointers);
            let control = |done: usize, sums: &[f64]| watch.look(done, sums);
            // SAFETY: the arrays were checked above and live until the function ends.
            unsafe {
                let (variables, outputs) = (&pointers.variables, &pointers.outputs);
                moved.0.run_epoch(&pointers.feeds, rows, steps, variables, outputs, &control)
            }
        };
        let result = guarded(|| Ok(py.detach(run)))?;
        if let Some(error) = watch.raised.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(error);
        }
        let done = result.map_err(|error| to_exception(py, running.runner.plan().name(), error))?;
        let last = outputs
            .into_iter()
            .zip(&watch.scalars)
            .map(|(array, scalar)| (!scalar && done > 0).then_some(array));
        Ok((done, watch.scalar_sums(running.runner.sums()), last.collect()))
    }

    /// The plan in words.
    fn describe(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.lock(py)?.runner.plan().describe())
    }

    /// Bytes that values take while the program runs.
    #[getter]
    fn arena_bytes(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.lock(py)?.runner.plan().arena_bytes())
    }

    /// How many instructions the program has.
    #[getter]
    fn instruction_count(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.lock(py)?.runner.plan().instruction_count())
    }

    /// Barriers in one step.
    #[getter]
    fn barrier_count(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.lock(py)?.runner.plan().barrier_count())
    }

    /// Fills the program's memory with a byte before each run; for tests.
    fn poison(&self, py: Python<'_>, byte: u8) -> PyResult<()> {
        self.lock(py)?.runner.poison([byte; 4]);
        Ok(())
    }

    /// Runs on so many threads, whether or not the work is worth it; for tests.
    fn force_threads(&self, py: Python<'_>, threads: usize) -> PyResult<()> {
        self.lock(py)?.runner.force_threads(threads);
        Ok(())
    }
}
