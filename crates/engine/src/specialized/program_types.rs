//! What the list of special programs and each of them share.

use std::sync::Arc;

use crate::plan::finished::Plan;
use crate::run::fetch::{Column, Fetcher, Rows};
use crate::run::job::Control;

/// What a run is given, besides rows.
pub(crate) struct Given<'a> {
    pub inputs: &'a [*const u8],
    pub variables: &'a [*mut u8],
    pub outputs: &'a [*mut u8],
}

/// Runs the steps of a special program, with memory of its own.
pub(crate) trait ProgramRunner: Send {
    /// Where the rows of an input go, if it has a place.
    fn place_of_input(&self, plan: &Plan, input: usize) -> Option<*mut u8>;

    /// Fills what a step must not rely on.
    fn poison(&self, plan: &Plan, pattern: [u8; 4]);

    /// Runs `steps` steps; gives how many were done. `fetchers`: none where an input is fixed.
    ///
    /// # Safety
    /// As `Runner::run_epoch`; the plan is the one that the runner was made for.
    unsafe fn run(
        &mut self,
        plan: &Plan,
        given: &Given,
        fetchers: &[Option<Fetcher>],
        rows: (Rows, usize),
        sums: &mut [f64],
        control: Control,
    ) -> usize;
}

/// One program's part of an epoch.
pub struct Stage<'a> {
    /// The program.
    pub plan: Arc<Plan>,
    /// Where its rows come from.
    pub columns: &'a [Column],
    /// The caller's arrays.
    pub variables: &'a [*mut u8],
    /// 0: one step without rows.
    pub steps: usize,
    /// First place in the epoch's order; none: rows as they lie.
    pub first_row: Option<usize>,
    /// Whether its outputs, single `f32`, are the epoch's numbers.
    pub reports: bool,
}

/// Memory that is copied before each epoch.
#[derive(Clone, Copy, Debug)]
pub struct Copied {
    /// The array.
    pub from: *const u8,
    /// What becomes the same.
    pub to: *mut u8,
    /// The size of both.
    pub bytes: usize,
}

/// Several programs that take turns, epoch after epoch, over one memory.
pub trait Block {
    /// Rough time of an epoch, in nanoseconds.
    fn cost(&self) -> f64;

    /// Runs an epoch. `numbers` gets what is reported; `control` is asked now and then
    /// whether to go on. Gives whether the epoch came to its end.
    ///
    /// # Safety
    /// The order names rows that exist; besides that, as [`block`].
    unsafe fn epoch(
        &mut self,
        order: Option<&[i64]>,
        numbers: &mut [f64],
        control: &dyn Fn() -> bool,
    ) -> bool;

    /// Copies what the programs and copies have changed to the caller's arrays.
    ///
    /// # Safety
    /// As [`block`].
    unsafe fn store(&self);
}
