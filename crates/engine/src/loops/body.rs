//! The plan of a loop's body.

use crate::ir::graph::{Graph, Location, Node, Placement, Touch};
use crate::ir::ops::Loop;
use crate::partition::Partition;
use crate::plan::bodies::{self, Arranged, Lowered};
use crate::plan::finished::{CONSTANTS, FIRST_INPUT};
use crate::simd::Level;

/// Bodies of more nodes are run whole.
const MOST_NODES: usize = 512;
/// The share of the work that every thread may do for itself.
const MOST_OWN_WORK: f64 = 0.25;
/// Where arrays in the memory of a thread start.
const ALIGNMENT: usize = 64;

/// A body that is ready to run.
#[derive(Debug)]
pub(super) struct Body {
    pub nodes: Vec<Node>,
    /// Where the arrays of all nodes are, and where each node's begin in this list.
    pub locations: Vec<Location>,
    pub starts: Vec<usize>,
    /// For each node, where in the memory of a thread it keeps what it lays out for all rounds.
    pub kept: Vec<Option<usize>>,
    pub kept_bytes: usize,
    /// Memory that all threads share.
    pub arena_bytes: usize,
    /// Memory that each thread has for what it computes for itself.
    pub own_bytes: usize,
    pub scratch_bytes: usize,
    /// Rough time of a round on one thread, in nanoseconds.
    pub cost: f64,
    /// For each output, where it is if each thread computes it for itself.
    pub own_outputs: Vec<Option<usize>>,
    /// How the rows are cut; `None` if one thread runs the loop.
    pub rows: Option<Partition>,
    /// For each input, whether it is cut by rows.
    pub cut_inputs: Vec<bool>,
}

impl Body {
    /// The body for one thread.
    pub fn whole(looping: &Loop, level: Level) -> Result<Body, String> {
        let Lowered { graph, .. } = bodies::lower(&looping.body, level, None, 0..0)?;
        let arranged = bodies::arrange(&looping.body, graph, false);
        let outputs = vec![None; looping.body.outputs.len()];
        Ok(Body::new(looping, arranged, 0, outputs, None, vec![false; looping.body.inputs.len()]))
    }

    /// The body for threads that each have some rows; `None` if rows depend on each other.
    pub fn by_rows(looping: &Loop, level: Level, rows: Partition) -> Result<Option<Body>, String> {
        let first = looping.first();
        let changing = first..first + looping.states + looping.rows;
        let Lowered { mut graph, cut_inputs } = bodies::lower(&looping.body, level, Some(rows), changing)?;
        if graph.nodes.len() > MOST_NODES {
            return Ok(None);
        }
        let mut sorting = Sorting { rows, own_bytes: 0, own_outputs: vec![None; looping.body.outputs.len()] };
        if !sorting.sort(&mut graph, &cut_inputs) {
            return Ok(None);
        }
        let agree = |state: usize| cut_inputs[state] == sorting.own_outputs[state].is_none();
        if !(0..first + looping.states).all(agree) {
            return Ok(None);
        }
        let Sorting { own_bytes, own_outputs, .. } = sorting;
        let arranged = bodies::arrange(&looping.body, graph, true);
        if !arranged.is_free_of_barriers {
            return Ok(None);
        }
        Ok(Some(Body::new(looping, arranged, own_bytes, own_outputs, Some(rows), cut_inputs)))
    }

    fn new(
        looping: &Loop,
        arranged: Arranged,
        own_bytes: usize,
        own_outputs: Vec<Option<usize>>,
        rows: Option<Partition>,
        cut_inputs: Vec<bool>,
    ) -> Body {
        let Arranged { nodes, locations, arena_bytes, scratch_bytes, .. } = arranged;
        let mut starts = Vec::with_capacity(nodes.len());
        let mut count = 0;
        for places in &locations {
            starts.push(count);
            count += places.len();
        }
        let (kept, kept_bytes) = kept_places(looping, &nodes, &locations);
        Body {
            kept,
            kept_bytes,
            cost: nodes.iter().map(|node| node.cost).sum::<f64>().max(1.0),
            locations: locations.into_iter().flatten().collect(),
            starts,
            arena_bytes,
            own_bytes,
            scratch_bytes,
            own_outputs,
            rows,
            cut_inputs,
            nodes,
        }
    }
}

/// Where the nodes keep what they lay out for all rounds, and the bytes of all together.
fn kept_places(looping: &Loop, nodes: &[Node], locations: &[Vec<Location>]) -> (Vec<Option<usize>>, usize) {
    let first = FIRST_INPUT + looping.first() + looping.states + looping.rows;
    let fixed = first..FIRST_INPUT + looping.body.inputs.len();
    let mut total = 0;
    let place = |(node, places): (&Node, &Vec<Location>)| {
        let is_fixed = |read: usize| {
            let base = places[read + 1].base;
            base == CONSTANTS || fixed.contains(&base)
        };
        let bytes = node.action().map_or(0, |action| action.kept_bytes(&is_fixed));
        let at = total;
        total += bytes.next_multiple_of(ALIGNMENT);
        (bytes > 0).then_some(at)
    };
    (nodes.iter().zip(locations).map(place).collect(), total)
}

/// Sorts nodes into those that are cut by rows, and those that every thread runs for itself.
struct Sorting {
    rows: Partition,
    own_bytes: usize,
    own_outputs: Vec<Option<usize>>,
}

impl Sorting {
    /// Marks what every thread computes for itself; whether no row depends on another one.
    fn sort(&mut self, graph: &mut Graph, cut_inputs: &[bool]) -> bool {
        // How each value is cut: by rows in this way, or it is every thread's own.
        let mut by_rows: Vec<Option<Touch>> = vec![None; graph.storage_of.len()];
        for (input, _) in cut_inputs.iter().enumerate().filter(|(_, cut)| **cut) {
            let bytes = graph.storages[graph.storage_of[input]].bytes;
            by_rows[input] = Some(self.touch(bytes));
        }
        let all: f64 = graph.nodes.iter().map(|node| node.cost).sum();
        let mut own_work = 0.0;
        for number in 0..graph.nodes.len() {
            let node = &graph.nodes[number];
            if self.is_cut(node) {
                let harmless = node.accesses().all(|(access, writes)| {
                    writes || by_rows[access.value].is_none_or(|touch| touch == access.touch)
                });
                if !harmless {
                    return false;
                }
                for (access, _) in node.accesses().filter(|(_, writes)| *writes) {
                    by_rows[access.value] = Some(access.touch);
                }
                continue;
            }
            own_work += node.cost;
            if node.reads.iter().any(|read| by_rows[read.value].is_some()) || own_work > MOST_OWN_WORK * all {
                return false;
            }
            self.keep_for_itself(graph, number);
        }
        for node in &mut graph.nodes {
            for access in node.write.iter_mut().chain(&mut node.reads) {
                let storage = graph.storage_of[access.value];
                if matches!(graph.storages[storage].placement, Placement::Own(_)) {
                    access.touch = Touch::Private;
                }
            }
        }
        true
    }

    fn touch(&self, bytes: usize) -> Touch {
        let len = self.rows.axis_len();
        Touch::Own { outer: 1, len, inner: bytes / len.max(1), partition: self.rows }
    }

    /// Whether a node is cut by rows.
    fn is_cut(&self, node: &Node) -> bool {
        let own = |touch: Touch| matches!(touch, Touch::Own { partition, .. } if partition == self.rows);
        node.partition == self.rows && node.write.is_some_and(|write| own(write.touch))
    }

    /// Every thread runs the node, with results of its own.
    fn keep_for_itself(&mut self, graph: &mut Graph, number: usize) {
        graph.nodes[number].everywhere = true;
        let results: Vec<usize> = graph.nodes[number].results().collect();
        for value in results {
            let storage = &mut graph.storages[graph.storage_of[value]];
            if let Placement::Output(output) = storage.placement {
                self.own_outputs[output] = Some(self.own_bytes);
            }
            storage.placement = Placement::Own(self.own_bytes);
            self.own_bytes += storage.bytes.max(1).next_multiple_of(ALIGNMENT);
        }
    }
}
