//! From a program to a plan.
//!
//! `lower` turns instructions into nodes, `schedule` orders them, `storage`
//! places their results in the arena, `barriers` finds where threads must wait,
//! `fusion` what is computed together.

use crate::ir::graph::{Access, Graph, Location, Node, Placement, Storage};
use crate::ir::program::{Declaration, Program};
use crate::ir::{types, verify};
use crate::memory::Buffer;
use crate::simd::Level;
use crate::specialized::programs;
use finished::{ARENA, CONSTANTS, FIRST_INPUT};
use phases::Phases;

mod barriers;
pub(crate) mod bodies;
mod describe;
mod fetches;
pub(crate) mod finished;
mod fusion;
mod long_steps;
mod lower;
pub(crate) mod phases;
mod results;
mod schedule;
mod storage;

pub use finished::Plan;

impl Plan {
    /// Verifies and plans a program.
    ///
    /// # Errors
    /// A sentence about the first thing that is wrong with the program.
    pub fn new(program: &Program, constants: &[u8], name: &str, level: Level) -> Result<Plan, String> {
        verify::verify(program, constants)?;
        let mut graph = lower::lower(program, level)?;
        let phases = schedule::order(&mut graph);
        storage::reuse(&mut graph, &phases);
        let (offsets, arena_bytes) = storage::place(&graph, &phases);
        barriers::find(&mut graph, &offsets);
        barriers::separate_loops(&mut graph);
        let locations = locate(program, &graph, &offsets);
        fusion::find(&mut graph, &locations);
        let (found, bundles) = (Phases::of(&graph), graph.bundles());
        let special = programs::plan(program, &graph, level);
        let all = types::types(program);
        let declare = |id: &usize| Declaration {
            dtype: all[*id].dtype,
            shape: all[*id].shape.to_vec(),
            transposed: false,
        };
        Ok(Plan {
            name: name.to_string(),
            inputs: program.inputs.clone(),
            variables: program.variables.clone(),
            updated: (0..program.variables.len()).map(|number| is_updated(program, number)).collect(),
            outputs: program.outputs.iter().map(declare).collect(),
            titles: (0..program.instructions.len())
                .map(|number| verify::instruction_title(number, &program.instructions[number]))
                .collect(),
            locations,
            transposed: transposed(program, &graph, &offsets),
            in_place: graph.in_place,
            constants: Buffer::copy_of(constants),
            arena_bytes,
            scratch_bytes: scratch_bytes(&graph.nodes).next_multiple_of(128),
            cost: graph.nodes.iter().map(|node| node.cost).sum(),
            level,
            special,
            phases: found,
            bundles,
            nodes: graph.nodes,
        })
    }
}

/// For each node: where its `write` and its `reads` are.
fn locate(program: &Program, graph: &Graph, offsets: &[usize]) -> Vec<Vec<Location>> {
    let locate = |access: &Access| {
        let number = graph.storage_of[access.value];
        location(program, &graph.storages[number], offsets[number])
    };
    let of_node = |node: &Node| {
        let write = node.write.as_ref().map(locate).unwrap_or_default();
        std::iter::once(write).chain(node.reads.iter().map(locate)).collect()
    };
    graph.nodes.iter().map(of_node).collect()
}

fn location(program: &Program, storage: &Storage, offset: usize) -> Location {
    let first_variable = FIRST_INPUT + program.inputs.len();
    let (base, offset) = match storage.placement {
        Placement::Arena | Placement::Transposed(_) | Placement::Private => (ARENA, offset),
        Placement::Constant(offset) => (CONSTANTS, offset),
        Placement::Input(number) => (FIRST_INPUT + number, 0),
        Placement::Variable(number) => (first_variable + number, 0),
        Placement::Output(number) => (first_variable + program.variables.len() + number, 0),
        Placement::Own(offset) => (first_variable + program.variables.len() + program.outputs.len(), offset),
    };
    let stride = if storage.placement == Placement::Private { storage::room_of(storage) } else { 0 };
    Location { base, offset, stride }
}

fn is_updated(program: &Program, variable: usize) -> bool {
    program.updates.iter().any(|update| update.0 == variable)
}

fn transposed(program: &Program, graph: &Graph, offsets: &[usize]) -> Vec<(usize, usize, bool)> {
    let of_storage = |(number, storage): (usize, &Storage)| match storage.placement {
        Placement::Transposed(variable) => Some((variable, offsets[number], is_updated(program, variable))),
        _ => None,
    };
    graph.storages.iter().enumerate().filter_map(of_storage).collect()
}

/// Memory that a thread needs for itself: of the neediest node, with those that are computed along with it.
fn scratch_bytes(nodes: &[Node]) -> usize {
    let together = |(number, node): (usize, &Node)| {
        let all = &nodes[number..=number + node.group.followers];
        let own = |node: &Node| node.action().map_or(0, |action| action.scratch_bytes());
        all.iter().map(|node| own(node).next_multiple_of(64)).sum()
    };
    nodes.iter().enumerate().map(together).max().unwrap_or(0)
}
