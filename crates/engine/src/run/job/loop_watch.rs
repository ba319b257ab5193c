//! How a loop learns that it should stop in the middle of a step.

use std::sync::atomic::Ordering;

use super::Job;
use crate::ir::graph::Watch;

/// Whom a node asks that takes long.
pub(super) struct LoopWatch<'a, 'b> {
    pub job: &'a Job<'b>,
    pub thread: usize,
    pub number: usize,
}

impl Watch for LoopWatch<'_, '_> {
    fn gives_up(&self) -> bool {
        let job = self.job;
        if self.thread == 0 {
            job.look_now(job.done.load(Ordering::Relaxed));
        }
        let gives_up = job.stop.load(Ordering::Relaxed) && job.has_changed_nothing(self.number);
        if gives_up {
            job.given_up.store(true, Ordering::Relaxed);
        }
        gives_up
    }
}

impl Job<'_> {
    /// Whether no variable has been changed, nor is being changed, while a node runs.
    fn has_changed_nothing(&self, number: usize) -> bool {
        let phases = &self.plan.phases;
        self.phase.load(Ordering::Relaxed) < phases.first_change
            || (self.bundles == 1 && number < phases.first_changing)
    }
}
