//! Bodies of loops: lowered, ordered and placed as programs are, without rows to fetch and variables to change.

use std::ops::Range;

use super::lower::Lowering;
use super::{barriers, fusion, locate, schedule, scratch_bytes, storage};
use crate::ir::graph::{Graph, Location, Node};
use crate::ir::planner::{Cut, Planner};
use crate::ir::program::Program;
use crate::ir::types::types;
use crate::partition::Partition;
use crate::simd::Level;

/// A body as nodes.
pub(crate) struct Lowered {
    pub graph: Graph,
    /// For each input, whether it is cut by rows.
    pub cut_inputs: Vec<bool>,
}

/// A body whose nodes are in order and in place.
pub(crate) struct Arranged {
    pub nodes: Vec<Node>,
    /// For each node: where its `write` and its `reads` are.
    pub locations: Vec<Vec<Location>>,
    pub arena_bytes: usize,
    pub scratch_bytes: usize,
    /// No part of a node touches what another part has written.
    pub is_free_of_barriers: bool,
}

/// Lowers a verified body. `rows`: cut by rows in this way where that is possible, with the inputs
/// `changing` that have as many rows.
///
/// # Errors
/// When an instruction has no kernel.
pub(crate) fn lower(
    body: &Program,
    level: Level,
    rows: Option<Partition>,
    changing: Range<usize>,
) -> Result<Lowered, String> {
    let mut planner = Planner::new(types(body), 0, level);
    planner.rows = rows;
    let mut cut_inputs = vec![false; body.inputs.len()];
    for input in changing {
        let len = planner.types[input].shape.first().copied();
        if let Some(partition) = rows.filter(|rows| Some(rows.axis_len()) == len) {
            planner.cuts[input] = Some(Cut { axis: 0, partition });
            cut_inputs[input] = true;
        }
    }
    let mut lowering = Lowering { program: body, planner };
    lowering.place_given_values();
    lowering.lower_needed()?;
    lowering.settle_outputs();
    Ok(Lowered { graph: lowering.planner.graph, cut_inputs })
}

/// Orders and places the nodes of a body. `together`: threads go through them without waiting for each other.
pub(crate) fn arrange(body: &Program, mut graph: Graph, together: bool) -> Arranged {
    schedule::order(&mut graph);
    // One thread does one node after the other; several may be anywhere.
    let phases: Vec<usize> = (0..graph.nodes.len()).map(|node| if together { 0 } else { node }).collect();
    storage::reuse(&mut graph, &phases);
    let (offsets, arena_bytes) = storage::place(&graph, &phases);
    let is_free_of_barriers = together && !barriers::any_clash(&graph, &offsets);
    let locations = locate(body, &graph, &offsets);
    fusion::find(&mut graph, &locations);
    let scratch_bytes = scratch_bytes(&graph.nodes).next_multiple_of(128);
    Arranged { nodes: graph.nodes, locations, arena_bytes, scratch_bytes, is_free_of_barriers }
}
