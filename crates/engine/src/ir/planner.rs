//! What operations plan with: the types of values, how they were cut, and the nodes so far.
//!
//! A node takes over the cut of what it reads, where the operation allows it:
//! then whoever has computed a part goes on with it, and no barrier is needed. Otherwise work is cut only if it is
//! worth two barriers.

use std::any::{Any, TypeId};
use std::collections::HashMap;

use crate::ir::graph::{Access, Action, Graph, Node, Placement, Storage, Task, Touch};
use crate::ir::program::ValueId;
use crate::ir::types::Type;
use crate::partition::{MAX_PARTS, Partition};
use crate::simd::Level;

/// The axis along which a value was cut when it was computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cut {
    pub axis: usize,
    pub partition: Partition,
}

/// Work of less than this many nanoseconds is not worth two barriers.
pub(crate) const WORTH_CUTTING: f64 = 3000.0;
/// What a node costs besides its work, in nanoseconds.
const COST_OF_A_NODE: f64 = 20.0;

/// A node's work; what all nodes have in common is added to it.
pub(crate) struct Planned {
    pub action: Box<dyn Action>,
    pub cut: Option<Cut>,
    pub reads: Vec<Access>,
    /// Rough time on one thread, in nanoseconds.
    pub cost: f64,
}

impl Planned {
    /// Work of an action.
    pub fn new(action: impl Action, cut: Option<Cut>, reads: Vec<Access>, cost: f64) -> Planned {
        Planned { action: Box::new(action), cut, reads, cost }
    }
}

/// Work that is done row by row: `items` rows for each item of the cut.
pub(crate) struct RowWork {
    pub cut: Option<Cut>,
    pub width: usize,
    pub items: usize,
    pub cost: f64,
}

/// The planning of one program.
pub(crate) struct Planner<'a> {
    pub types: Vec<Type<'a>>,
    /// How many of the values are inputs: batches of rows, perhaps.
    pub inputs: usize,
    pub level: Level,
    pub graph: Graph,
    /// What each program value shows: itself, or what it is a reshape of.
    pub roots: Vec<ValueId>,
    /// How each program value was cut.
    pub cuts: Vec<Option<Cut>>,
    /// In the body of a loop whose threads go through all rounds with the rows of their parts: how rows are cut.
    pub rows: Option<Partition>,
    /// What those who plan remember from one operation to the next.
    notes: HashMap<TypeId, Box<dyn Any>>,
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

/// Each part has a block of its own.
pub(crate) fn blocks(parts: usize, inner: usize) -> Touch {
    match parts {
        1 => Touch::All,
        _ => Touch::Own { outer: 1, len: parts, inner, partition: Partition::limited(parts, 1, MAX_PARTS) },
    }
}

/// Elements of a value for each item of its first axis; all of them if it is not cut.
pub(crate) fn items_of(value: Type, cut: Option<Cut>) -> usize {
    match cut {
        Some(_) => value.shape[1..].iter().product(),
        None => value.elements(),
    }
}

impl<'a> Planner<'a> {
    /// Without any nodes.
    pub fn new(types: Vec<Type<'a>>, inputs: usize, level: Level) -> Planner<'a> {
        Planner {
            roots: (0..types.len()).collect(),
            cuts: vec![None; types.len()],
            graph: Graph::default(),
            rows: None,
            notes: HashMap::new(),
            types,
            inputs,
            level,
        }
    }

    /// What those who plan with a type of notes have noted so far.
    pub fn notes<T: Any + Default>(&mut self) -> &mut T {
        let notes = self.notes.entry(TypeId::of::<T>()).or_insert_with(|| Box::<T>::default());
        notes.downcast_mut().expect("notes are kept by their type")
    }

    /// A new value with bytes of its own.
    pub fn new_value(&mut self, placement: Placement, bytes: usize) -> usize {
        self.graph.storages.push(Storage { placement, bytes });
        self.graph.storage_of.push(self.graph.storages.len() - 1);
        self.graph.storage_of.len() - 1
    }

    /// An access to a program value, cut along an axis of that value.
    pub fn access(&self, value: ValueId, cut: Option<Cut>) -> Access {
        Access { value: self.roots[value], touch: own(self.types[value], cut) }
    }

    /// An access in which every part may read everything.
    pub fn access_all(&self, value: ValueId) -> Access {
        Access { value: self.roots[value], touch: Touch::All }
    }

    /// Adds the node that computes a program value.
    pub fn add(&mut self, value: ValueId, planned: Planned) {
        let cut = planned.cut.filter(|cut| cut.partition.parts() > 1);
        self.cuts[value] = cut;
        let write = self.access(value, cut);
        self.push(planned.action, cut.map(|cut| cut.partition), write, planned.reads, planned.cost);
    }

    /// Adds a node; gives it.
    pub fn push(
        &mut self,
        action: Box<dyn Action>,
        partition: Option<Partition>,
        write: Access,
        reads: Vec<Access>,
        cost: f64,
    ) -> &mut Node {
        let partition = partition.unwrap_or(Partition::whole(action.units()));
        let number = self.graph.nodes.len();
        let task = Task::Compute(action);
        self.graph.nodes.push(Node::new(task, partition, Some(write), reads, cost + COST_OF_A_NODE));
        &mut self.graph.nodes[number]
    }

    /// Along the first axis, if there is enough work and the axis is long enough.
    pub fn cut_rows(&self, value: Type, cost: f64) -> Option<Cut> {
        let rows = *value.shape.first()?;
        if let Some(partition) = self.rows {
            return (partition.axis_len() == rows).then_some(Cut { axis: 0, partition });
        }
        let granule = if value.shape.len() == 1 { 16 } else { 4 };
        (cost > WORTH_CUTTING && rows >= 4 * granule)
            .then(|| Cut { axis: 0, partition: Partition::worth(rows, granule, cost) })
    }

    /// In a loop that is cut by rows: the cut of a value that has as many rows.
    pub fn loop_cut(&self, value: Type) -> Option<Cut> {
        self.rows.and_then(|_| self.cut_rows(value, 0.0))
    }

    /// What is read of a value whose rows stay where they are, or of all of it.
    pub fn access_rows(&self, value: ValueId, cut: Option<Cut>) -> Access {
        match self.rows {
            Some(_) if self.cuts[value].is_some() && self.cuts[value] == cut => self.access(value, cut),
            _ => self.access_all(value),
        }
    }

    /// The cut of a value along its first axis, if it has one.
    pub fn row_cut_of(&self, value: ValueId) -> Option<Cut> {
        self.cuts[value].filter(|cut| cut.axis == 0)
    }

    /// The cut of the first operand that has one which means something in the
    /// result; operands of the result's shape are asked first.
    pub fn inherited_cut(&self, operands: &[ValueId], shape: &[usize]) -> Option<Cut> {
        let aligned = |&id: &ValueId| {
            let cut = self.cuts[id]?;
            let own = self.types[id].shape;
            let axis = cut.axis + shape.len() - own.len();
            (own[cut.axis] == shape[axis]).then_some(Cut { axis, ..cut })
        };
        let (alike, others): (Vec<&ValueId>, Vec<&ValueId>) =
            operands.iter().partition(|&&id| self.types[id].shape == shape);
        alike.into_iter().chain(others).find_map(aligned)
    }

    /// What the parts of an elementwise node read of an operand.
    pub fn operand(&self, id: ValueId, shape: &[usize], cut: Option<Cut>) -> Access {
        let own_shape = self.types[id].shape;
        let missing = shape.len() - own_shape.len();
        let own_cut = cut
            .filter(|cut| cut.axis >= missing && own_shape[cut.axis - missing] == shape[cut.axis])
            .map(|cut| Cut { axis: cut.axis - missing, ..cut });
        self.access(id, own_cut)
    }

    /// The rows along the last axis of a value, for operations in which each row goes its own way;
    /// `cost`: nanoseconds for each element.
    pub fn rows_of(&self, x: ValueId, cost: f64) -> RowWork {
        let shape = self.types[x].shape;
        let width = shape[shape.len() - 1];
        let rows: usize = shape[..shape.len() - 1].iter().product();
        let cost = self.types[x].elements() as f64 * cost;
        let cut = (shape.len() > 1)
            .then(|| self.row_cut_of(x).or_else(|| self.cut_rows(self.types[x], cost)))
            .flatten();
        let items = cut.map_or(rows, |_| rows / shape[0].max(1));
        RowWork { cut, width, items, cost }
    }

    /// Makes a value show the elements of another one under its own shape.
    pub fn alias(&mut self, value: ValueId, source: ValueId) {
        self.roots[value] = self.roots[source];
        self.cuts[value] = self.reshaped_cut(source, value);
    }

    /// A cut along the first or last axis survives a reshape that keeps this axis.
    fn reshaped_cut(&self, source: ValueId, value: ValueId) -> Option<Cut> {
        let cut = self.cuts[source]?;
        let (from, to) = (self.types[source].shape, self.types[value].shape);
        let axis = if cut.axis == 0 { 0 } else { to.len().checked_sub(1)? };
        (to.len() > axis && around(from, cut.axis) == around(to, axis)).then_some(Cut { axis, ..cut })
    }
}
