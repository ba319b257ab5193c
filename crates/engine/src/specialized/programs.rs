//! Special cases of whole programs.

use std::sync::Arc;

use crate::ir::graph::Graph;
use crate::ir::program::Program;
use crate::plan::finished::{Plan, SpecialProgram};
use crate::run::fetch::{Column, Fetcher, Rows};
use crate::run::job::Control;
use crate::simd::Level;

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

type PlanRule = fn(&Program, &Graph, Level) -> Option<Box<dyn SpecialProgram>>;
type RunRule = fn(&Plan, *mut u8) -> Option<Box<dyn ProgramRunner>>;

/// The special form of a program whose nodes are in order and in place, if it has one.
pub(crate) fn plan(program: &Program, graph: &Graph, level: Level) -> Option<Box<dyn SpecialProgram>> {
    let rules: &[PlanRule] = &[
        #[cfg(feature = "tiny-programs")]
        crate::specialized::tiny_programs::plan,
    ];
    rules.iter().find_map(|rule| rule(program, graph, level))
}

/// Runs a plan in its special form, if it has one. The plan must live as long; `scratch` has its size.
pub(crate) fn runner(plan: &Plan, scratch: *mut u8) -> Option<Box<dyn ProgramRunner>> {
    let rules: &[RunRule] = &[
        #[cfg(feature = "tiny-programs")]
        crate::specialized::tiny_programs::runner,
    ];
    rules.iter().find_map(|rule| rule(plan, scratch))
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

/// Puts programs together; `None` if one of them is no special case, or the arrays do not allow it.
///
/// # Safety
/// The arrays are those of the plans, the columns of at least `rows` rows that an
/// epoch's order names. All are there, and used by nobody else, as long as the block is.
pub unsafe fn block(stages: &[Stage], copies: &[Copied], rows: usize) -> Option<Box<dyn Block>> {
    #[cfg(feature = "tiny-programs")]
    // SAFETY: handed on.
    if let Some(block) = unsafe { crate::specialized::tiny_programs::block(stages, copies, rows) } {
        return Some(block);
    }
    let _ = (stages, copies, rows);
    None
}
