//! What happens to the results of a step: new values of variables, and outputs.

use super::long_steps::is_product;
use super::lower::Lowering;
use super::schedule;
use crate::ir::graph::{Access, Node, Placement, Task};
use crate::ir::ops::movement::CopyAction;
use crate::ir::planner::{around, own};
use crate::ir::program::ValueId;
use crate::partition::Partition;

/// New values of so few bytes that others read are copied into their variable when all is read: the
/// readers then need not wait until the variable may change.
const SMALL: usize = 64;

impl Lowering<'_> {
    /// Lets instructions write straight into the variables where nobody can
    /// tell the difference; the other new values are copied when all is read.
    pub(super) fn settle_updates(&mut self) {
        let variables = self.program.inputs.len();
        let mut copies = Vec::new();
        for &(variable, value) in &self.program.updates {
            let (old, new) = (variables + variable, self.planner.roots[value]);
            if old == new || self.write_in_place(old, new) {
                continue;
            }
            copies.push((old, value));
        }
        // A new value that is another variable is saved before that one changes.
        let saved: Vec<(usize, usize, ValueId)> = copies
            .into_iter()
            .map(|(old, value)| {
                match self.planner.graph.storages[self.planner.graph.storage_of[self.planner.roots[value]]]
                    .placement
                {
                    Placement::Variable(_) | Placement::Transposed(_)
                        if self.planner.roots[value] < self.first_computed() =>
                    {
                        let target =
                            self.planner.new_value(Placement::Arena, self.planner.types[value].bytes());
                        let copy = self.add_copy(self.planner.roots[value], target, value);
                        self.read_before_change(self.planner.roots[value], copy);
                        (old, target, value)
                    }
                    _ => (old, self.planner.roots[value], value),
                }
            })
            .collect();
        for (old, source, value) in saved {
            let target = self.planner.graph.storage_of.len();
            self.planner.graph.storage_of.push(self.planner.graph.storage_of[old]);
            let copy = self.add_copy(source, target, value);
            self.keep_order(old, copy);
        }
    }

    /// Makes the node that computes `new` write into the storage of variable
    /// `old`, if every other reader of the old value can run before it.
    fn write_in_place(&mut self, old: ValueId, new: ValueId) -> bool {
        let storage = self.planner.graph.storage_of[new];
        let Some(writer) = self.writer_of(new) else { return false };
        if self.planner.types[new].bytes() <= SMALL
            && self.planner.graph.nodes.iter().any(|node| node.reads_value(new))
        {
            return false;
        }
        if self.planner.graph.storages[storage].placement != Placement::Arena
            || self.planner.graph.nodes[writer].is_fallible()
        {
            return false;
        }
        let node = &self.planner.graph.nodes[writer];
        // A loop that is given up must not have changed the variable.
        if node.is_loop() {
            return false;
        }
        if is_product(node) && self.planner.graph.is_long() {
            return false;
        }
        let harmless = node
            .reads
            .iter()
            .enumerate()
            .all(|(number, access)| access.value != old || node.may_overwrite(number));
        let after = self.reachable_from(writer);
        let must_run_before = |node: &Node| {
            node.is_fallible() || node.is_check() || node.reads.iter().any(|access| access.value == old)
        };
        let free = (0..self.planner.graph.nodes.len()).all(|other| {
            other == writer || !after[other] || !must_run_before(&self.planner.graph.nodes[other])
        });
        if harmless && free {
            self.planner.graph.storage_of[new] = self.planner.graph.storage_of[old];
            self.keep_order(old, writer);
        }
        harmless && free
    }

    /// Readers of the old value, and the look at the data, come before the node that changes it.
    fn keep_order(&mut self, old: ValueId, changer: usize) {
        for (number, node) in self.planner.graph.nodes.iter().enumerate() {
            let before = node.is_check() || node.reads.iter().any(|access| access.value == old);
            if before && number != changer {
                self.planner.graph.order.push((number, changer));
            }
        }
    }

    fn writer_of(&self, value: ValueId) -> Option<usize> {
        self.planner.graph.nodes.iter().position(|node| node.results().any(|result| result == value))
    }

    /// Which nodes must run after a node.
    pub(super) fn reachable_from(&self, start: usize) -> Vec<bool> {
        let successors = schedule::successors(&self.planner.graph);
        let mut reached = vec![false; self.planner.graph.nodes.len()];
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            for &next in &successors[node] {
                if !std::mem::replace(&mut reached[next], true) {
                    open.push(next);
                }
            }
        }
        reached
    }

    /// Results are computed where the caller wants them, or copied there.
    pub(super) fn settle_outputs(&mut self) {
        for (number, &value) in self.program.outputs.iter().enumerate() {
            let root = self.planner.roots[value];
            let storage = self.planner.graph.storage_of[root];
            if self.planner.graph.storages[storage].placement == Placement::Arena
                && self.writer_of(root).is_some()
            {
                self.planner.graph.storages[storage].placement = Placement::Output(number);
                continue;
            }
            let target = self.planner.new_value(Placement::Output(number), self.planner.types[value].bytes());
            let copy = self.add_copy(root, target, value);
            self.read_before_change(root, copy);
        }
    }

    /// A late reader of a variable's old value runs before the variable changes.
    fn read_before_change(&mut self, root: ValueId, reader: usize) {
        let storage = self.planner.graph.storage_of[root];
        let changer = self.planner.graph.nodes.iter().position(|node| {
            node.write.is_some_and(|access| {
                access.value != root && self.planner.graph.storage_of[access.value] == storage
            })
        });
        if let Some(changer) = changer
            && root < self.first_computed()
        {
            self.planner.graph.order.push((reader, changer));
        }
    }

    /// Adds a copy of `source`, which has the type and cut of program value `like`.
    fn add_copy(&mut self, source: usize, target: usize, like: ValueId) -> usize {
        let value = self.planner.types[like];
        let cut = self.planner.cuts[like].or_else(|| self.planner.loop_cut(value));
        let touch = own(value, cut);
        let size = value.dtype.size();
        let (outer, len, inner) = match cut {
            Some(cut) => around(value.shape, cut.axis),
            None => (1, value.elements(), 1),
        };
        let action = CopyAction { outer, len, inner: inner * size };
        let task = Task::Compute(Box::new(action));
        let partition = cut.map_or(Partition::whole(len), |cut| cut.partition);
        let (write, reads) = (Access { value: target, touch }, vec![Access { value: source, touch }]);
        let cost = value.bytes() as f64 / 20.0;
        self.planner.graph.nodes.push(Node::new(task, partition, Some(write), reads, cost));
        self.planner.graph.nodes.len() - 1
    }
}
