//! Signals and progress functions of Python, looked at while an epoch runs.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

/// Handles signals and calls the progress function from time to time while an epoch runs.
pub struct Watch {
    pub progress: Option<Py<PyAny>>,
    pub interval: Duration,
    pub scalars: Vec<bool>,
    pub last: Mutex<Instant>,
    pub raised: Mutex<Option<PyErr>>,
}

impl Watch {
    /// Whether the epoch should continue.
    pub fn look(&self, done: usize, sums: &[f64]) -> bool {
        Python::attach(|py| match self.call(py, done, sums) {
            Ok(()) => true,
            Err(error) => {
                *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                false
            }
        })
    }

    fn call(&self, py: Python<'_>, done: usize, sums: &[f64]) -> PyResult<()> {
        py.check_signals()?;
        let Some(progress) = self.progress.as_ref().filter(|_| done > 0) else { return Ok(()) };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= self.interval {
            progress.call1(py, (done, self.scalar_sums(sums)))?;
            *last = Instant::now();
        }
        Ok(())
    }

    /// The sums of the outputs that are scalars.
    pub fn scalar_sums(&self, sums: &[f64]) -> Vec<f64> {
        sums.iter().zip(&self.scalars).filter(|(_, scalar)| **scalar).map(|(sum, _)| *sum).collect()
    }
}
