//! From instructions to nodes, and what happens to the results of a step.

use super::{Access, Action, Graph, Node, Placement, Storage, Touch};
use crate::ir::program::{Op, Program, ValueId};
use crate::ir::verify::{self, Type};
use crate::partition::Partition;
use crate::plan::fusion::FusionGroup;
use crate::simd::Level;
use crate::specialized::sparse_rows::lists::ListPlan;
use crate::specialized::sparse_rows::marks::MarkPlan;

/// The axis along which a value was cut when it was computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cut {
    pub axis: usize,
    pub partition: Partition,
}

/// Work of less than this many nanoseconds is not worth two barriers.
pub(crate) const WORTH_CUTTING: f64 = 3000.0;
/// New values of so few bytes that others read are copied into their variable when all is read: the
/// readers then need not wait until the variable may change.
const SMALL: usize = 64;
/// Fetching fewer bytes than this is left to the first thread.
const WORTH_FETCHING_TOGETHER: usize = 16_384;

/// The lowering of one program.
pub(crate) struct Lowering<'a> {
    pub program: &'a Program,
    pub types: Vec<Type<'a>>,
    pub level: Level,
    pub graph: Graph,
    /// What each program value shows: itself, or what it is a reshape of.
    pub roots: Vec<ValueId>,
    /// How each program value was cut.
    pub cuts: Vec<Option<Cut>>,
    /// Marks that have been made: of which value, how, and where they are.
    pub marks: Vec<(ValueId, MarkPlan, usize)>,
    /// The same of lists, and the parts in which they are made; None: every thread makes all.
    pub lists: Vec<(ValueId, ListPlan, Option<Partition>, usize)>,
}

/// Lowers a verified program.
pub(crate) fn lower(program: &Program, level: Level) -> Result<Graph, String> {
    let types = verify::types(program);
    let mut lowering = Lowering {
        program,
        level,
        roots: (0..types.len()).collect(),
        cuts: vec![None; types.len()],
        graph: Graph::default(),
        marks: Vec::new(),
        lists: Vec::new(),
        types,
    };
    lowering.place_given_values();
    let needed = lowering.needed();
    lowering.add_fetches(&needed);
    let first = lowering.first_computed();
    for number in 0..program.instructions.len() {
        if needed[first + number] {
            lowering.lower_instruction(number)?;
        }
    }
    lowering.cut_fetches();
    lowering.add_check();
    lowering.settle_updates();
    lowering.settle_outputs();
    lowering.find_private_fetches();
    lowering.read_in_place();
    Ok(lowering.graph)
}

/// An array as `outer` blocks of `len` items of `inner` elements, seen from one axis.
pub(crate) fn around(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    (shape[..axis].iter().product(), shape[axis], shape[axis + 1..].iter().product())
}

/// What each part touches of an array that is cut along an axis.
pub(crate) fn own(value: Type, cut: Option<Cut>) -> Touch {
    match cut {
        Some(Cut { axis, partition }) if partition.parts() > 1 => {
            let (outer, len, inner) = around(value.shape, axis);
            Touch::Own { outer, len, inner: inner * value.dtype.size(), partition }
        }
        _ => Touch::All,
    }
}

impl Lowering<'_> {
    /// The number of the first value that an instruction computes.
    pub fn first_computed(&self) -> usize {
        self.types.len() - self.program.instructions.len()
    }

    /// A new value with bytes of its own.
    pub fn new_value(&mut self, placement: Placement, bytes: usize) -> usize {
        self.graph.storages.push(Storage { placement, bytes });
        self.graph.storage_of.push(self.graph.storages.len() - 1);
        self.graph.storage_of.len() - 1
    }

    fn place_given_values(&mut self) {
        let program = self.program;
        let inputs = (0..program.inputs.len()).map(Placement::Input);
        let variables = program.variables.iter().enumerate().map(|(number, variable)| {
            if variable.transposed { Placement::Transposed(number) } else { Placement::Variable(number) }
        });
        let constants = program.constants.iter().map(|constant| Placement::Constant(constant.offset));
        let computed = program.instructions.iter().map(|_| Placement::Arena);
        let placements: Vec<Placement> = inputs.chain(variables).chain(constants).chain(computed).collect();
        for (value, placement) in placements.into_iter().enumerate() {
            self.new_value(placement, self.types[value].bytes());
        }
    }

    /// Which values an output or an update depends on.
    fn needed(&self) -> Vec<bool> {
        let mut needed = vec![false; self.types.len()];
        let ends = self.program.outputs.iter().chain(self.program.updates.iter().map(|(_, value)| value));
        ends.for_each(|&value| needed[value] = true);
        for (number, instruction) in self.program.instructions.iter().enumerate().rev() {
            if needed[self.first_computed() + number] {
                instruction.inputs.iter().for_each(|&value| needed[value] = true);
            }
        }
        needed
    }

    /// An access to a program value, cut along an axis of that value.
    pub fn access(&self, value: ValueId, cut: Option<Cut>) -> Access {
        Access { value: self.roots[value], touch: own(self.types[value], cut) }
    }

    /// An access in which every part may read everything.
    pub fn access_all(&self, value: ValueId) -> Access {
        Access { value: self.roots[value], touch: Touch::All }
    }

    fn lower_instruction(&mut self, number: usize) -> Result<(), String> {
        let instruction = &self.program.instructions[number];
        let value = self.first_computed() + number;
        if instruction.op == Op::Reshape {
            let source = instruction.inputs[0];
            self.roots[value] = self.roots[source];
            self.cuts[value] = self.reshaped_cut(source, value);
            return Ok(());
        }
        let first_node = self.graph.nodes.len();
        self.lower_operation(number)
            .map_err(|message| format!("{}: {message}", verify::instruction_title(number, instruction)))?;
        for node in &mut self.graph.nodes[first_node..] {
            node.instruction = Some(number);
        }
        Ok(())
    }

    /// A cut along the first or last axis survives a reshape that keeps this axis.
    fn reshaped_cut(&self, source: ValueId, value: ValueId) -> Option<Cut> {
        let cut = self.cuts[source]?;
        let (from, to) = (self.types[source].shape, self.types[value].shape);
        let axis = if cut.axis == 0 { 0 } else { to.len().checked_sub(1)? };
        (to.len() > axis && around(from, cut.axis) == around(to, axis)).then_some(Cut { axis, ..cut })
    }

    /// One node for each input that can be a batch of rows; fixed inputs skip it.
    fn add_fetches(&mut self, needed: &[bool]) {
        for (input, &needed) in needed.iter().enumerate().take(self.program.inputs.len()) {
            let shape = self.types[input].shape;
            if !needed || shape.is_empty() {
                continue;
            }
            let (batch, row) = (shape[0], shape[1..].iter().product());
            let write = self.access_all(input);
            self.graph.nodes.push(Node {
                instruction: None,
                action: Action::Fetch { input, outer: batch, len: row, inner: 1, private: false },
                partition: Partition::whole(row),
                write: Some(write),
                reads: Vec::new(),
                cost: self.types[input].bytes() as f64 / 20.0,
                barrier: false,
                group: FusionGroup::default(),
                everywhere: false,
            });
        }
    }

    /// Rows are fetched by those who will read them.
    fn cut_fetches(&mut self) {
        for number in 0..self.graph.nodes.len() {
            let Action::Fetch { input, .. } = self.graph.nodes[number].action else { break };
            let value = self.types[input];
            if value.bytes() < WORTH_FETCHING_TOGETHER {
                continue;
            }
            let (batch, row) = (value.shape[0], value.shape[1..].iter().product::<usize>());
            let size = value.dtype.size();
            let readers = self.graph.nodes.iter().flat_map(|node| &node.reads);
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
            let node = &mut self.graph.nodes[number];
            node.action = Action::Fetch { input, outer, len, inner, private: false };
            node.partition = partition;
            node.write = Some(Access { value: input, touch });
        }
    }

    /// Marks fetched rows of which every part is read by its owner only.
    fn find_private_fetches(&mut self) {
        for number in 0..self.graph.nodes.len() {
            let write = self.graph.nodes[number].write;
            let only_owners = write.is_some_and(|write| {
                let mut reads = self.graph.nodes.iter().flat_map(|node| &node.reads);
                write.touch != Touch::All
                    && reads.all(|read| read.value != write.value || read.touch == write.touch)
            });
            if let Action::Fetch { private, .. } = &mut self.graph.nodes[number].action {
                *private = only_owners;
            }
        }
    }

    /// If data can be wrong, everybody looks before the first variable is changed.
    fn add_check(&mut self) {
        let fallible: Vec<usize> =
            (0..self.graph.nodes.len()).filter(|&node| self.graph.nodes[node].is_fallible()).collect();
        if fallible.is_empty() {
            return;
        }
        let check = self.graph.nodes.len();
        self.graph.nodes.push(Node {
            instruction: None,
            action: Action::Check,
            partition: Partition::whole(1),
            write: None,
            reads: Vec::new(),
            cost: 1.0,
            barrier: false,
            group: FusionGroup::default(),
            everywhere: false,
        });
        self.graph.order.extend(fallible.into_iter().map(|node| (node, check)));
    }

    /// Lets instructions write straight into the variables where nobody can
    /// tell the difference; the other new values are copied when all is read.
    fn settle_updates(&mut self) {
        let variables = self.program.inputs.len();
        let mut copies = Vec::new();
        for &(variable, value) in &self.program.updates {
            let (old, new) = (variables + variable, self.roots[value]);
            if old == new || self.write_in_place(old, new) {
                continue;
            }
            copies.push((old, value));
        }
        // A new value that is another variable is saved before that one changes.
        let saved: Vec<(usize, usize, ValueId)> = copies
            .into_iter()
            .map(|(old, value)| {
                match self.graph.storages[self.graph.storage_of[self.roots[value]]].placement {
                    Placement::Variable(_) | Placement::Transposed(_)
                        if self.roots[value] < self.first_computed() =>
                    {
                        let target = self.new_value(Placement::Arena, self.types[value].bytes());
                        let copy = self.add_copy(self.roots[value], target, value);
                        self.read_before_change(self.roots[value], copy);
                        (old, target, value)
                    }
                    _ => (old, self.roots[value], value),
                }
            })
            .collect();
        for (old, source, value) in saved {
            let target = self.graph.storage_of.len();
            self.graph.storage_of.push(self.graph.storage_of[old]);
            let copy = self.add_copy(source, target, value);
            self.keep_order(old, copy);
        }
    }

    /// Makes the node that computes `new` write into the storage of variable
    /// `old`, if every other reader of the old value can run before it.
    fn write_in_place(&mut self, old: ValueId, new: ValueId) -> bool {
        let storage = self.graph.storage_of[new];
        let Some(writer) = self.writer_of(new) else { return false };
        if self.types[new].bytes() <= SMALL && self.graph.nodes.iter().any(|node| node.reads_value(new)) {
            return false;
        }
        if self.graph.storages[storage].placement != Placement::Arena
            || self.graph.nodes[writer].is_fallible()
        {
            return false;
        }
        let node = &self.graph.nodes[writer];
        let harmless = node
            .reads
            .iter()
            .enumerate()
            .all(|(number, access)| access.value != old || may_overwrite(&node.action, number));
        let after = self.reachable_from(writer);
        let must_run_before = |node: &Node| {
            node.is_fallible()
                || matches!(node.action, Action::Check)
                || node.reads.iter().any(|access| access.value == old)
        };
        let free = (0..self.graph.nodes.len())
            .all(|other| other == writer || !after[other] || !must_run_before(&self.graph.nodes[other]));
        if harmless && free {
            self.graph.storage_of[new] = self.graph.storage_of[old];
            self.keep_order(old, writer);
        }
        harmless && free
    }

    /// Readers of the old value, and the look at the data, come before the node that changes it.
    fn keep_order(&mut self, old: ValueId, changer: usize) {
        for (number, node) in self.graph.nodes.iter().enumerate() {
            let before =
                matches!(node.action, Action::Check) || node.reads.iter().any(|access| access.value == old);
            if before && number != changer {
                self.graph.order.push((number, changer));
            }
        }
    }

    fn writer_of(&self, value: ValueId) -> Option<usize> {
        self.graph.nodes.iter().position(|node| node.write.is_some_and(|access| access.value == value))
    }

    /// Which nodes must run after a node.
    fn reachable_from(&self, start: usize) -> Vec<bool> {
        let successors = crate::plan::schedule::successors(&self.graph);
        let mut reached = vec![false; self.graph.nodes.len()];
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
    fn settle_outputs(&mut self) {
        for (number, &value) in self.program.outputs.iter().enumerate() {
            let root = self.roots[value];
            let storage = self.graph.storage_of[root];
            if self.graph.storages[storage].placement == Placement::Arena && self.writer_of(root).is_some() {
                self.graph.storages[storage].placement = Placement::Output(number);
                continue;
            }
            let target = self.new_value(Placement::Output(number), self.types[value].bytes());
            let copy = self.add_copy(root, target, value);
            self.read_before_change(root, copy);
        }
    }

    /// A late reader of a variable's old value runs before the variable changes.
    fn read_before_change(&mut self, root: ValueId, reader: usize) {
        let storage = self.graph.storage_of[root];
        let changer = self.graph.nodes.iter().position(|node| {
            node.write
                .is_some_and(|access| access.value != root && self.graph.storage_of[access.value] == storage)
        });
        if let Some(changer) = changer
            && root < self.first_computed()
        {
            self.graph.order.push((reader, changer));
        }
    }

    /// Adds a copy of `source`, which has the type and cut of program value `like`.
    fn add_copy(&mut self, source: usize, target: usize, like: ValueId) -> usize {
        let value = self.types[like];
        let cut = self.cuts[like];
        let touch = own(value, cut);
        let size = value.dtype.size();
        let (outer, len, inner) = match cut {
            Some(cut) => around(value.shape, cut.axis),
            None => (1, value.elements(), 1),
        };
        self.graph.nodes.push(Node {
            instruction: None,
            action: Action::Copy { outer, len, inner: inner * size },
            partition: cut.map_or(Partition::whole(len), |cut| cut.partition),
            write: Some(Access { value: target, touch }),
            reads: vec![Access { value: source, touch }],
            cost: value.bytes() as f64 / 20.0,
            barrier: false,
            group: FusionGroup::default(),
            everywhere: false,
        });
        self.graph.nodes.len() - 1
    }
}

/// Whether a node may write its result over what it reads as number `read`.
pub(crate) fn may_overwrite(action: &Action, read: usize) -> bool {
    match action {
        Action::Map { kernel, .. } => kernel.reads_in_place(read),
        Action::Matmul { epilogue: Some(kernel), .. } => read >= 2 && kernel.reads_in_place(read - 1),
        Action::Combine { epilogue: Some(kernel), .. } => read >= 1 && kernel.reads_in_place(read),
        _ => false,
    }
}
