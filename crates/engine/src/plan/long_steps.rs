//! Steps so long that a user may want to stop in the middle of one.
//!
//! A step can be given up as long as it has changed no variable. In a long one all
//! products are therefore computed before the first variable changes, and their sums
//! are stored until then: what is left takes a small part of the step.

use super::lower::Lowering;
use crate::ir::graph::{Graph, Node, Placement};

/// Steps of more than this (in nanoseconds, on one thread) are long.
const LONG_STEP: f64 = 3e7;
/// Loops of more than this (in nanoseconds, on one thread) are looked in on.
const LONG_LOOP: f64 = 2e6;

impl Graph {
    /// Whether a step is long. Nodes that are added later take little time.
    pub fn is_long(&self) -> bool {
        self.nodes.iter().map(|node| node.cost).sum::<f64>() > LONG_STEP || self.has_long_loop()
    }

    /// Whether a loop takes so long that a user may want to stop in the middle of it.
    pub fn has_long_loop(&self) -> bool {
        self.nodes.iter().any(|node| node.is_loop() && node.cost > LONG_LOOP)
    }

    /// Whether a node changes a variable.
    pub fn changes_variable(&self, node: &Node) -> bool {
        let placement = |value: usize| self.storages[self.storage_of[value]].placement;
        node.write.is_some_and(|write| {
            matches!(placement(write.value), Placement::Variable(_) | Placement::Transposed(_))
        })
    }
}

/// Whether a node is one of those that take the time.
pub(super) fn is_product(node: &Node) -> bool {
    node.action().is_some_and(|action| action.takes_long())
}

impl Lowering<'_> {
    /// Has variables changed after all products of a long step, but for those that need the new values.
    pub(super) fn change_variables_late(&mut self) {
        if !self.planner.graph.is_long() {
            return;
        }
        let nodes = &self.planner.graph.nodes;
        let changing: Vec<usize> =
            (0..nodes.len()).filter(|&node| self.planner.graph.changes_variable(&nodes[node])).collect();
        let mut after = vec![false; nodes.len()];
        for &node in &changing {
            after[node] = true;
            after.iter_mut().zip(self.reachable_from(node)).for_each(|(after, reached)| *after |= reached);
        }
        let early: Vec<usize> =
            (0..nodes.len()).filter(|&node| is_product(&nodes[node]) && !after[node]).collect();
        for node in early {
            self.planner.graph.order.extend(changing.iter().map(|&change| (node, change)));
        }
    }
}
