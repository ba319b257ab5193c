//! The order of the nodes: as few barriers as possible.

use std::collections::HashMap;

use super::fusion;
use crate::ir::graph::{Graph, Node, Touch};

/// Which nodes must run after each node: those that read what it writes, and
/// those that the lowering has put after it.
pub(crate) fn successors(graph: &Graph) -> Vec<Vec<usize>> {
    let mut writers: HashMap<usize, usize> = HashMap::new();
    for (number, node) in graph.nodes.iter().enumerate() {
        for value in node.results() {
            writers.insert(value, number);
        }
    }
    let mut successors = vec![Vec::new(); graph.nodes.len()];
    for (number, node) in graph.nodes.iter().enumerate() {
        for access in &node.reads {
            if let Some(&writer) = writers.get(&access.value)
                && writer != number
            {
                successors[writer].push(number);
            }
        }
    }
    for &(before, after) in &graph.order {
        successors[before].push(after);
    }
    successors
}

/// Whether two accesses of one array by different nodes must be kept apart.
pub(crate) fn clash(a: (&Node, Touch, bool), b: (&Node, Touch, bool)) -> bool {
    let writes = a.2 || b.2;
    if a.1 == Touch::Private && b.1 == Touch::Private {
        return false;
    }
    let same_thread = (a.0.is_whole() && b.0.is_whole()) || (a.1 == b.1 && a.1 != Touch::All);
    writes && !same_thread
}

/// Sorts the nodes and gives the phase of each one: there is a barrier between phases.
///
/// Among the nodes that may run next, one that needs no barrier goes first.
pub(crate) fn order(graph: &mut Graph) -> Vec<usize> {
    let successors = successors(graph);
    let mut waiting = vec![0usize; graph.nodes.len()];
    successors.iter().flatten().for_each(|&after| waiting[after] += 1);
    let mut ready: Vec<usize> = (0..graph.nodes.len()).filter(|&node| waiting[node] == 0).collect();
    let mut order = Vec::with_capacity(graph.nodes.len());
    let mut phases = Vec::with_capacity(graph.nodes.len());
    let mut phase = Phase::default();
    // The node that those behind it may be computed along with.
    let mut lead = None;
    while !ready.is_empty() {
        let free = next(graph, &ready, &phase, lead);
        if free.is_none() {
            phase = Phase { number: phase.number + 1, ..Phase::default() };
        }
        let node = ready.remove(free.unwrap_or(0));
        if free.is_none() || !lead.is_some_and(|lead| fusion::fits(&graph.nodes[lead], &graph.nodes[node])) {
            lead = Some(node);
        }
        phase.add(graph, node);
        order.push(node);
        phases.push(phase.number);
        for &after in &successors[node] {
            waiting[after] -= 1;
            if waiting[after] == 0 {
                let place = ready.partition_point(|&other| other < after);
                ready.insert(place, after);
            }
        }
    }
    rearrange(graph, &order);
    phases
}

/// Nodes of less work than this (in nanoseconds) on one thread are hardly noticed.
const SMALL: f64 = 60.0;

/// Which of the ready nodes runs next without a barrier: one that goes along with the nodes
/// before it, else the look at the data or a small node, for which larger ones may wait, else the first.
fn next(graph: &Graph, ready: &[usize], phase: &Phase, lead: Option<usize>) -> Option<usize> {
    let node = |place: usize| &graph.nodes[ready[place]];
    let free: Vec<usize> = (0..ready.len()).filter(|&place| !phase.clashes(graph, ready[place])).collect();
    let along = |&&place: &&usize| lead.is_some_and(|lead| fusion::fits(&graph.nodes[lead], node(place)));
    let looks = |&&place: &&usize| node(place).is_check();
    let small = |&&place: &&usize| node(place).is_whole() && node(place).cost < SMALL;
    let early = || free.iter().find(looks).or_else(|| free.iter().find(small));
    free.iter().find(along).or_else(early).or(free.first()).copied()
}

fn rearrange(graph: &mut Graph, order: &[usize]) {
    let mut nodes: Vec<Option<Node>> = std::mem::take(&mut graph.nodes).into_iter().map(Some).collect();
    assert_eq!(order.len(), nodes.len(), "the order of the nodes has a cycle");
    graph.nodes = order.iter().filter_map(|&node| nodes[node].take()).collect();
    graph.order.clear();
}

/// What has been touched since the threads last met.
#[derive(Default)]
struct Phase {
    number: usize,
    touched: HashMap<usize, Vec<(usize, Touch, bool)>>,
    fallible: Vec<usize>,
}

impl Phase {
    fn clashes(&self, graph: &Graph, candidate: usize) -> bool {
        let node = &graph.nodes[candidate];
        if node.is_check() {
            // Every thread looks at what any thread may have found.
            let several = graph.nodes.iter().any(|other| other.partition.parts() > 1);
            return several && !self.fallible.is_empty();
        }
        node.accesses().any(|(access, writes)| {
            let storage = graph.storage_of[access.value];
            let others = self.touched.get(&storage).map_or(&[][..], Vec::as_slice);
            others.iter().any(|&(other, touch, wrote)| {
                clash((&graph.nodes[other], touch, wrote), (node, access.touch, writes))
            })
        })
    }

    fn add(&mut self, graph: &Graph, number: usize) {
        let node = &graph.nodes[number];
        if node.is_fallible() {
            self.fallible.push(number);
        }
        for (access, writes) in node.accesses() {
            let storage = graph.storage_of[access.value];
            self.touched.entry(storage).or_default().push((number, access.touch, writes));
        }
    }
}
