//! Schedules that run side by side: models that are trained together.

use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyAny;

use tensorlet_engine::error::RunError;
use tensorlet_engine::run::runner::Runner;
use tensorlet_engine::run::thread_count;

use crate::guarded;
use crate::program::Program;
use crate::schedule::{GivenStage, Lender, Schedule, Shuffle, Stage, schedule};
use crate::signals::{Ending, Signals};

/// How often the calling thread looks for Ctrl-C while it waits for the others.
const WAIT: Duration = Duration::from_millis(2);

/// As Python gives it: stages, shuffle, history.
type GivenMember<'py> = (Vec<GivenStage<'py>>, Option<Shuffle>, Bound<'py, PyAny>);

/// The epochs that a member has done, and why it ended early.
type Outcome = (usize, Option<Ending>);

/// The runners of one thread: programs that members share are planned once, and have memory for each thread.
#[derive(Default)]
struct OfThread {
    runners: RefCell<HashMap<*const Program, Runner>>,
}

impl Lender for OfThread {
    fn lend(
        &self,
        stage: &Stage,
        work: &mut dyn FnMut(&mut Runner) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let mut runners = self.runners.borrow_mut();
        let program = std::ptr::from_ref(stage.program);
        work(runners.entry(program).or_insert_with(|| Runner::of(Arc::clone(&stage.plan))))
    }
}

/// Members, each of which one thread runs from its first epoch to its last.
struct Population<'a> {
    members: Vec<Schedule<'a>>,
    next: AtomicUsize,
    outcomes: Vec<Mutex<Outcome>>,
    signals: Signals,
}

impl Population<'_> {
    /// Runs members until none is left.
    unsafe fn work(&self) {
        let runners = OfThread::default();
        thread_count::alone(|| {
            loop {
                let number = self.next.fetch_add(1, Ordering::Relaxed);
                let Some(member) = self.members.get(number).filter(|_| self.signals.look()) else { return };
                // SAFETY: handed on; each member is run once.
                let outcome = unsafe { member.run(&runners, &self.signals) };
                if matches!(outcome.1, Some(Ending::Failed(..))) {
                    self.signals.stop();
                }
                *self.outcomes[number].lock().unwrap_or_else(PoisonError::into_inner) = outcome;
            }
        });
    }

    /// Runs all members on some threads, of which this is one.
    unsafe fn run(&self, threads: usize) {
        std::thread::scope(|scope| {
            let work = || {
                // SAFETY: handed on.
                unsafe { self.work() }
            };
            let others: Vec<_> = (1..threads)
                .filter_map(|_| std::thread::Builder::new().spawn_scoped(scope, work).ok())
                .collect();
            work();
            while others.iter().any(|other| !other.is_finished()) {
                std::thread::sleep(WAIT);
                self.signals.look();
            }
            for other in others {
                other.join().unwrap_or_else(|panic| resume_unwind(panic));
            }
        });
    }
}

/// Runs the schedules of all members; see `_native.pyi`.
#[pyfunction]
pub fn run_population<'py>(
    py: Python<'py>,
    members: Vec<GivenMember<'py>>,
) -> PyResult<(Vec<usize>, Option<Py<PyAny>>)> {
    let mut alive = Vec::new();
    let members = members
        .iter()
        .map(|(stages, shuffle, history)| schedule(py, stages, *shuffle, history, &mut alive))
        .collect::<PyResult<Vec<Schedule>>>()?;
    let threads = thread_count::useful_threads().min(members.len()).max(1);
    let population = Population {
        next: AtomicUsize::new(0),
        outcomes: members.iter().map(|_| Mutex::new((0, None))).collect(),
        signals: Signals::new(),
        members,
    };
    guarded(|| {
        // SAFETY: the arrays were checked above and live until the function ends.
        py.detach(|| unsafe { population.run(threads) });
        Ok(())
    })?;
    let mut error = None;
    let mut done = Vec::with_capacity(population.members.len());
    for (member, outcome) in population.members.iter().zip(population.outcomes) {
        let (epochs, ending) = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.push(epochs);
        error = error.or_else(|| ending.and_then(|ending| ending.into_error(py, member)));
    }
    let error = error.or_else(|| population.signals.error());
    Ok((done, error.map(|error| error.into_value(py).into_any())))
}
