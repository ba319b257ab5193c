//! Whether a long run goes on: Ctrl-C and other signals of Python, asked now and then, and why a run ended.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use tensorlet_engine::error::RunError;

/// How often Python's signals are looked for.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// Why a schedule ended early: an engine's error in a stage, a Python error such as Ctrl-C, or one in a schedule
/// that runs beside it.
pub(crate) enum Ending {
    Failed(usize, RunError),
    Raised(PyErr),
    Stopped,
}

/// Says whether the run goes on; keeps the error if Python has one. Only the thread that made it asks Python.
pub(crate) struct Signals {
    last: Mutex<(Instant, Option<PyErr>)>,
    stopped: AtomicBool,
    owner: ThreadId,
}

impl Signals {
    pub(crate) fn new() -> Signals {
        Signals {
            last: Mutex::new((Instant::now(), None)),
            stopped: AtomicBool::new(false),
            owner: std::thread::current().id(),
        }
    }

    /// Whether the run goes on.
    pub(crate) fn look(&self) -> bool {
        if self.owner == std::thread::current().id() {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.1.is_none() && last.0.elapsed() >= LOOK_INTERVAL {
                last.1 = Python::attach(|py| py.check_signals()).err();
                last.0 = Instant::now();
                self.stopped.fetch_or(last.1.is_some(), Ordering::Relaxed);
            }
        }
        !self.stopped.load(Ordering::Relaxed)
    }

    /// The error that Python has and no run has taken.
    pub(crate) fn error(&self) -> Option<PyErr> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).1.take()
    }

    /// Ends all runs.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Why the run has been stopped, if it has; the error is given once.
    pub(crate) fn ending(&self) -> Option<Ending> {
        match self.error() {
            Some(error) => Some(Ending::Raised(error)),
            None => self.stopped.load(Ordering::Relaxed).then_some(Ending::Stopped),
        }
    }
}
