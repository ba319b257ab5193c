//! The nodes that fetch rows, and the one that checks whether the data were valid.

use super::lower::Lowering;
use crate::ir::graph::{Access, Node, Task, Touch};
use crate::partition::Partition;

/// Fetching fewer bytes than this is left to the first thread.
const WORTH_FETCHING_TOGETHER: usize = 16_384;

impl Lowering<'_> {
    /// One node for each input that can be a batch of rows; fixed inputs skip it.
    pub(super) fn add_fetches(&mut self, needed: &[bool]) {
        for (input, &needed) in needed.iter().enumerate().take(self.program.inputs.len()) {
            let shape = self.planner.types[input].shape;
            if !needed || shape.is_empty() {
                continue;
            }
            let (batch, row) = (shape[0], shape[1..].iter().product());
            let write = self.planner.access_all(input);
            let task = Task::Fetch { input, outer: batch, len: row, inner: 1, private: false };
            let cost = self.planner.types[input].bytes() as f64 / 20.0;
            let node = Node::new(task, Partition::whole(row), Some(write), Vec::new(), cost);
            self.planner.graph.nodes.push(node);
        }
    }

    /// Rows are fetched by those who will read them.
    pub(super) fn cut_fetches(&mut self) {
        for number in 0..self.planner.graph.nodes.len() {
            let Task::Fetch { input, .. } = self.planner.graph.nodes[number].task else { break };
            let value = self.planner.types[input];
            if value.bytes() < WORTH_FETCHING_TOGETHER {
                continue;
            }
            let (batch, row) = (value.shape[0], value.shape[1..].iter().product::<usize>());
            let size = value.dtype.size();
            let readers = self.planner.graph.nodes.iter().flat_map(|node| &node.reads);
            let wanted =
                readers.filter(|access| access.value == input).find_map(|access| match access.touch {
                    Touch::Own { outer, len, inner, partition }
                        if outer == batch || (outer == 1 && len == batch) =>
                    {
                        Some((outer, len, inner / size, partition))
                    }
                    _ => None,
                });
            let (outer, len, inner, partition) = wanted.unwrap_or((batch, row, 1, Partition::new(row, 16)));
            let touch = Touch::Own { outer, len, inner: inner * size, partition };
            let node = &mut self.planner.graph.nodes[number];
            node.task = Task::Fetch { input, outer, len, inner, private: false };
            node.partition = partition;
            node.write = Some(Access { value: input, touch });
        }
    }

    /// Marks fetched rows of which every part is read by its owner only.
    pub(super) fn find_private_fetches(&mut self) {
        for number in 0..self.planner.graph.nodes.len() {
            let write = self.planner.graph.nodes[number].write;
            let only_owners = write.is_some_and(|write| {
                let mut reads = self.planner.graph.nodes.iter().flat_map(|node| &node.reads);
                write.touch != Touch::All
                    && reads.all(|read| read.value != write.value || read.touch == write.touch)
            });
            if let Task::Fetch { private, .. } = &mut self.planner.graph.nodes[number].task {
                *private = only_owners;
            }
        }
    }

    /// If the data can be invalid, all threads check before the first variable changes.
    pub(super) fn add_check(&mut self) {
        let graph = &mut self.planner.graph;
        let fallible: Vec<usize> =
            (0..graph.nodes.len()).filter(|&node| graph.nodes[node].is_fallible()).collect();
        if fallible.is_empty() {
            return;
        }
        let check = graph.nodes.len();
        graph.nodes.push(Node::new(Task::Check, Partition::whole(1), None, Vec::new(), 1.0));
        graph.order.extend(fallible.into_iter().map(|node| (node, check)));
    }
}
