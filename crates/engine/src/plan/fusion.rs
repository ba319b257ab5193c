//! Nodes that are computed together, tile by tile.
//!
//! An optimizer reads a gradient, its slots and the weights, one elementwise node
//! after the other. One node at a time, each of these arrays goes through the cache
//! several times. Neighbours over the same elements, cut in the same way, are
//! computed together instead: a tile of all of them, then the next tile. A product
//! in front hands its sums on while they are in cache, and does not store them if
//! nobody else wants them.

use super::long_steps::is_product;
use crate::ir::graph::{Access, FusionGroup, Graph, Location, MOST_FUSED, Node, Placement, Touch};
use crate::kernels::map::TILE;

/// Fewer elements stay in cache anyway.
const FEWEST_ELEMENTS: usize = 8 * TILE;

/// Elements of a node's result, if it may lead others: it hands its result on piece by piece.
fn led_elements(node: &Node) -> Option<usize> {
    node.action()?.handed_on()
}

fn mapped_elements(node: &Node) -> Option<usize> {
    node.action()?.expression().map(|(_, elements)| elements)
}

/// Whether an elementwise node walks over the same elements as `lead`, in the same parts.
pub(crate) fn fits(lead: &Node, node: &Node) -> bool {
    let alike = led_elements(lead)
        .is_some_and(|elements| elements >= FEWEST_ELEMENTS && mapped_elements(node) == Some(elements));
    let touch = |node: &Node| node.write.map(|write| write.touch);
    let same_parts = match touch(lead) {
        Some(Touch::All) => lead.is_whole() && node.is_whole(),
        touched => touched == touch(node) && lead.partition == node.partition,
    };
    alike && same_parts
}

/// Where an access lies: its location, and the bytes of its storage.
struct Place {
    location: Location,
    bytes: usize,
}

impl Place {
    fn overlaps(&self, other: &Place) -> bool {
        let (a, b) = (self.location, other.location);
        a.base == b.base && a.offset < b.offset + other.bytes && b.offset < a.offset + self.bytes
    }
}

/// Finds the nodes that are computed together, in their final order and places.
pub(crate) fn find(graph: &mut Graph, locations: &[Vec<Location>]) {
    let long = graph.is_long();
    let mut first = 0;
    while first < graph.nodes.len() {
        let mut end = first + 1;
        while end < graph.nodes.len()
            && end - first < MOST_FUSED
            && !graph.nodes[end].barrier
            && !(long && is_product(&graph.nodes[first]) && graph.changes_variable(&graph.nodes[end]))
            && fits(&graph.nodes[first], &graph.nodes[end])
            && !disturbs(graph, locations, first..end, end)
        {
            end += 1;
        }
        let followers = end - first - 1;
        let streams = followers > 0 && streams(graph, locations, first, end);
        graph.nodes[first].group = FusionGroup { followers, streams };
        first = end;
    }
}

/// Whether node `next` touches something of the nodes `group` in any other way than
/// element by element, so that tiles would not come in the right order.
fn disturbs(graph: &Graph, locations: &[Vec<Location>], group: std::ops::Range<usize>, next: usize) -> bool {
    let place = |access: &Access, location: Location| Place {
        location,
        bytes: graph.storages[graph.storage_of[access.value]].bytes,
    };
    let write_of = |node: usize| graph.nodes[node].write.map(|write| place(&write, locations[node][0]));
    let reads_harmfully = |reader: usize, written: &Place| {
        graph.nodes[reader].reads.iter().enumerate().any(|(number, access)| {
            let read = place(access, locations[reader][number + 1]);
            let element_by_element =
                read.location == written.location && graph.nodes[reader].may_overwrite(number);
            read.overlaps(written) && !element_by_element
        })
    };
    let Some(own) = write_of(next) else { return true };
    group.into_iter().any(|other| {
        let Some(theirs) = write_of(other) else { return true };
        let clash = own.overlaps(&theirs) && own.location != theirs.location;
        clash || reads_harmfully(next, &theirs) || reads_harmfully(other, &own)
    })
}

/// Whether only the followers read the sums of the product `first`, before anything takes their place.
fn streams(graph: &Graph, locations: &[Vec<Location>], first: usize, end: usize) -> bool {
    let node = &graph.nodes[first];
    let can_stream = node.action().is_some_and(|action| action.can_stream());
    let (true, Some(write)) = (can_stream, node.write) else { return false };
    let placement = graph.storages[graph.storage_of[write.value]].placement;
    let elsewhere = graph.nodes.iter().enumerate().any(|(number, other)| {
        !(first..end).contains(&number) && other.reads.iter().any(|access| access.value == write.value)
    });
    let replaced = (first + 1..end).any(|follower| locations[follower][0] == locations[first][0]);
    placement == Placement::Arena && !elsewhere && !replaced
}
