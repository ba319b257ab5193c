//! The stretches of nodes between two barriers.

use crate::ir::graph::Graph;

/// Where the phases of a step begin, and what a run has to know of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Phases {
    /// The first node of each phase, in order; the first phase begins with the first node.
    pub begins: Vec<usize>,
    /// The last phase goes on into the first one of the next step, since no barrier stands between them.
    pub wraps: bool,
    /// The first phase that changes a variable. A step that is given up before has changed none.
    pub first_change: usize,
    /// The first node that changes a variable; the number of nodes if none does.
    pub first_changing: usize,
    /// Rough time of the longest node on one thread, in nanoseconds.
    pub longest: f64,
}

impl Phases {
    /// The phases of a graph whose barriers have been found.
    pub fn of(graph: &Graph) -> Phases {
        let barriers = (0..graph.nodes.len()).filter(|&node| graph.nodes[node].barrier);
        let begins: Vec<usize> = std::iter::once(0).chain(barriers.filter(|&node| node > 0)).collect();
        let wraps = begins.len() > 1 && !graph.nodes[0].barrier;
        let changes = |node: &usize| graph.changes_variable(&graph.nodes[*node]);
        let first = (0..graph.nodes.len()).find(changes).unwrap_or(graph.nodes.len());
        let first_change = begins.partition_point(|&begin| begin <= first) - 1;
        let longest = graph.nodes.iter().map(|node| node.cost).fold(0.0, f64::max);
        Phases { begins, wraps, first_change, first_changing: first, longest }
    }

    /// The phase that follows phase `phase` of a step, and how many steps further on it is.
    pub fn after(&self, phase: usize) -> (usize, usize) {
        match phase + 1 < self.begins.len() {
            true => (phase + 1, 0),
            false => (usize::from(self.wraps), 1),
        }
    }
}
