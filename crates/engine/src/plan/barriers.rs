//! Where barriers are needed: decided from the bytes that nodes touch.
//!
//! Whatever the scheduler hoped for, two accesses to overlapping bytes, one of
//! them a write, need a barrier between them, unless one thread makes both.

use super::schedule::clash;
use crate::ir::graph::{Access, Graph, Placement, Touch};

/// An access to bytes: node, placement (arena storages are one), first and last byte, how.
struct Touched {
    node: usize,
    place: Option<usize>,
    start: usize,
    end: usize,
    touch: Touch,
    writes: bool,
}

/// Marks the nodes that need a barrier before them. Steps follow each other, so the
/// last nodes of a step are looked at against the first ones of the next.
pub(crate) fn find(graph: &mut Graph, offsets: &[usize]) {
    if graph.nodes.iter().all(|node| node.partition.parts() == 1) {
        return;
    }
    let touched: Vec<Vec<Touched>> =
        (0..graph.nodes.len()).map(|node| touched_bytes(graph, offsets, node)).collect();
    let mut since: Vec<usize> = Vec::new();
    let mut fallible = false;
    let mut before = None;
    // The first round knows nothing of the step before; later ones go on until
    // nothing new is found.
    while before != Some(count(graph)) || since.is_empty() {
        before = Some(count(graph));
        for number in 0..graph.nodes.len() {
            let node = &graph.nodes[number];
            let looks = node.is_check() && fallible;
            let needed = node.barrier
                || looks
                || since.iter().any(|&other| clashes(graph, &touched[other], &touched[number]));
            fallible = (fallible && !needed) || node.is_fallible();
            if needed {
                since.clear();
                graph.nodes[number].barrier = true;
            }
            since.push(number);
        }
    }
    // Once a step at least, so that all threads stop at the same step.
    if graph.nodes.iter().all(|node| !node.barrier) {
        graph.nodes[0].barrier = true;
    }
}

/// A loop that takes long can be given up only if nobody changes a variable meanwhile: a barrier stands between.
pub(crate) fn separate_loops(graph: &mut Graph) {
    let parts = graph.nodes.iter().any(|node| node.partition.parts() > 1);
    let first = graph.nodes.iter().position(|node| graph.changes_variable(node));
    if let (true, true, Some(first)) = (parts, graph.has_long_loop(), first) {
        graph.nodes[first].barrier = true;
    }
}

/// Whether a part of a node touches bytes that another part of a node writes.
pub(crate) fn any_clash(graph: &Graph, offsets: &[usize]) -> bool {
    let touched: Vec<Vec<Touched>> =
        (0..graph.nodes.len()).map(|node| touched_bytes(graph, offsets, node)).collect();
    touched
        .iter()
        .enumerate()
        .any(|(number, one)| touched[number + 1..].iter().any(|other| clashes(graph, one, other)))
}

fn count(graph: &Graph) -> usize {
    graph.nodes.iter().filter(|node| node.barrier).count()
}

fn touched_bytes(graph: &Graph, offsets: &[usize], node: usize) -> Vec<Touched> {
    let touched = |(access, writes): (Access, bool)| {
        let storage = graph.storage_of[access.value];
        let in_arena =
            matches!(graph.storages[storage].placement, Placement::Arena | Placement::Transposed(_));
        let start = if in_arena { offsets[storage] } else { 0 };
        let end = start + graph.storages[storage].bytes;
        let place = (!in_arena).then_some(storage);
        Touched { node, place, start, end, touch: access.touch, writes }
    };
    graph.nodes[node].accesses().map(touched).collect()
}

fn clashes(graph: &Graph, before: &[Touched], after: &[Touched]) -> bool {
    before.iter().any(|a| {
        after.iter().any(|b| {
            let overlap = a.place == b.place && a.start < b.end && b.start < a.end;
            // Parts own the same bytes only of arrays that start together.
            let touch = if a.start == b.start { b.touch } else { Touch::All };
            overlap
                && clash((&graph.nodes[a.node], a.touch, a.writes), (&graph.nodes[b.node], touch, b.writes))
        })
    })
}
