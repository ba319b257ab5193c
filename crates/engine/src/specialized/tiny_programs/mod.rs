//! Programs so small that a call costs more than the arithmetic.
//!
//! Measured with `fit`, one thread, against the same engine without this folder: XOR (2-8-1, four rows) is 3.2 times as
//! fast, 8-16-1 at batch 1 5.8 times, at batch 32 1.7 to 2.3 times. The bits are the same.
//!
//! Where all of a step is the work of one thread and takes a few microseconds, its
//! nodes are written out as a *tape*: one operation after the other, each over groups
//! of eight numbers, with the places of its operands beside it. Every value has a place
//! of its own, in whole groups, so that nothing is cut short and nothing is broadcast at
//! run time: a single number stands in all eight places of its group. Variables live in
//! these places while the tape runs; they are copied in before and out after.
//!
//! `lower` and `expression` turn nodes into steps, `order` puts them in order and joins those that do
//! the same, `tape` gives them addresses, `walk` runs them, `run` runs a program's steps
//! and `block` several programs in turn. Whatever has no operation here is run by its
//! kernel, as one operation of the tape. The numbers are the same as without a tape.

use crate::ir::graph::Graph;
use crate::ir::program::Program;
use crate::plan::finished::{Plan, SpecialProgram};
use crate::simd::Level;
use crate::specialized::program_types::{Block, Copied, ProgramRunner, Stage};

mod block;
mod expression;
mod lower;
mod operation;
mod order;
mod run;
mod tape;
mod template;
mod walk;

/// The tape of a program, if it is tiny.
pub(super) fn plan(program: &Program, graph: &Graph, level: Level) -> Option<Box<dyn SpecialProgram>> {
    Some(Box::new(lower::lower(program, graph, level)?))
}

/// Runs the tape of a plan, if it has one.
pub(super) fn runner(plan: &Plan, scratch: *mut u8) -> Option<Box<dyn ProgramRunner>> {
    Some(Box::new(run::Tiny::new(plan, scratch)?))
}

/// Puts tapes together.
///
/// # Safety
/// As `programs::block`.
pub(super) unsafe fn block(stages: &[Stage], copies: &[Copied], rows: usize) -> Option<Box<dyn Block>> {
    // SAFETY: handed on.
    Some(Box::new(unsafe { block::TapeBlock::new(stages, copies, rows) }?))
}
