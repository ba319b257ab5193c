//! A plan: what runs in which order, where each value lives, how work is cut, and where barriers are.

use std::any::Any;
use std::fmt;

use super::phases::Phases;
use crate::ir::graph::{Location, Node};
use crate::ir::program::Declaration;
use crate::memory::Buffer;
use crate::simd::Level;

/// A program, ready to run.
#[derive(Debug)]
pub struct Plan {
    pub(crate) name: String,
    pub(crate) inputs: Vec<Declaration>,
    pub(crate) variables: Vec<Declaration>,
    /// For each variable: whether a step changes it.
    pub(crate) updated: Vec<bool>,
    pub(crate) outputs: Vec<Declaration>,
    /// Names of the instructions, for messages.
    pub(crate) titles: Vec<String>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) phases: Phases,
    /// The most bundles that have work to do.
    pub(super) bundles: usize,
    /// For each node: where its `write` and its `reads` are.
    pub(crate) locations: Vec<Vec<Location>>,
    /// Transposed variables: number, offset in the arena, whether a step changes it.
    pub(crate) transposed: Vec<(usize, usize, bool)>,
    /// Inputs whose array is a table of pointers to their rows; whether each bundle has its own.
    pub(crate) in_place: Vec<(usize, bool)>,
    pub(crate) constants: Buffer,
    pub(crate) arena_bytes: usize,
    pub(crate) scratch_bytes: usize,
    /// Rough time of a step on one thread, in nanoseconds.
    pub(crate) cost: f64,
    pub(crate) level: Level,
    /// The same steps in another form, if it is a special case.
    pub(crate) special: Option<Box<dyn SpecialProgram>>,
}

/// Another form of a whole program. See `specialized::programs`.
pub(crate) trait SpecialProgram: Any + fmt::Debug + Send + Sync {
    /// What it is, in words.
    fn describe(&self) -> String;
}

/// Base pointers: the arena, the constants, then inputs, variables and outputs.
pub(crate) const ARENA: usize = 0;
pub(crate) const CONSTANTS: usize = 1;
pub(crate) const FIRST_INPUT: usize = 2;

/// A bundle of a node's parts should not take longer than this (in nanoseconds) on one thread.
const LONG_BUNDLE: f64 = 5e6;

impl Plan {
    /// The user's name for the program.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The inputs that a run needs.
    pub fn inputs(&self) -> &[Declaration] {
        &self.inputs
    }

    /// The variables that a run needs.
    pub fn variables(&self) -> &[Declaration] {
        &self.variables
    }

    /// For each variable, whether a step changes it.
    pub fn updated(&self) -> &[bool] {
        &self.updated
    }

    /// The types of what a run gives.
    pub fn outputs(&self) -> &[Declaration] {
        &self.outputs
    }

    /// Bytes that values take while the program runs.
    pub fn arena_bytes(&self) -> usize {
        self.arena_bytes
    }

    /// How many instructions the program has.
    pub fn instruction_count(&self) -> usize {
        self.titles.len()
    }

    /// Barriers in one step.
    pub fn barrier_count(&self) -> usize {
        self.nodes.iter().filter(|node| node.barrier).count()
    }

    /// Rough time of a step on one thread, in nanoseconds.
    pub fn cost(&self) -> f64 {
        self.cost
    }

    /// Into how many bundles of parts a step is cut for so many threads. One for each thread lets kernels
    /// take many parts at once; of long steps there are more, so that a thread that has less of its core
    /// does less, and no bundle takes long.
    pub(crate) fn bundles_for(&self, threads: usize) -> usize {
        let wanted = (self.phases.longest / LONG_BUNDLE) as usize;
        wanted.next_multiple_of(threads).clamp(threads, self.max_threads().max(threads))
    }

    /// The most bundles that have work to do, and so the most threads.
    pub fn max_threads(&self) -> usize {
        self.bundles
    }
}
