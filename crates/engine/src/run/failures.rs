//! What goes wrong with the data while a run is under way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::kernels::index::BadIndex;

/// An index outside its axis, and where it was met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub step: usize,
    pub node: usize,
    pub bad: BadIndex,
}

/// The first failure, in the order of steps, nodes and positions.
pub(super) struct Failures {
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
    /// Whether something has failed in this step or before.
    pub fn until(&self, step: usize) -> bool {
        self.step.load(Ordering::Acquire) <= step
    }

    pub fn record(&self, failure: Failure) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let key = |failure: &Failure| (failure.step, failure.node, failure.bad.position);
        if first.as_ref().is_none_or(|known| key(&failure) < key(known)) {
            *first = Some(failure);
        }
        self.step.fetch_min(failure.step, Ordering::AcqRel);
    }

    pub fn take(&self) -> Option<Failure> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
