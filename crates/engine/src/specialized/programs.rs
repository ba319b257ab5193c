//! Special cases of whole programs.

use crate::ir::graph::Graph;
use crate::ir::program::Program;
use crate::plan::finished::{Plan, SpecialProgram};
use crate::simd::Level;
pub use crate::specialized::program_types::{Block, Copied, Stage};
pub(crate) use crate::specialized::program_types::{Given, ProgramRunner};

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
