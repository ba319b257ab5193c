//! Loops: programs that stand in a program, planned once and run round after round.
//!
//! A loop is one node. Its body has nodes, places and memory of its own, which are the same in each round: a block of
//! the arena. The rows of stacked arrays are read and written where they lie. A state has two arrays, which take
//! turns: the result itself and a spare one, so that the last round writes the result.
//!
//! If each row of a batch goes its own way, the loop is cut by rows: a thread goes through all rounds with the rows of
//! its parts, and waits for nobody. What has no rows, such as the number of a round, each thread computes for itself.
//! Any other loop is run by one thread.

use std::collections::HashMap;

use crate::ir::graph::{Access, Placement, Touch};
use crate::ir::ops::Loop;
use crate::ir::planner::{Cut, Planner, WORTH_CUTTING, own};
use crate::ir::program::{Dtype, ValueId};
use crate::ir::types::{Type, types};
use crate::partition::Partition;

mod body;
mod run;

use body::Body;
use run::{Carried, LoopAction, Stacked};

/// How many rounds a loop has that asks whether there is another one; nobody knows.
const ROUNDS_OF_CONDITIONAL: usize = 1000;
/// Such a loop may take long (in nanoseconds), and is looked in on.
const COST_OF_CONDITIONAL: f64 = 2.5e6;
/// Nanoseconds between two looks at whether the loop should go on.
const LOOK_INTERVAL: f64 = 20_000.0;
/// Fewer rows are not cut.
const FEWEST_ROWS: usize = 16;
/// Where arrays of a block start.
const ALIGNMENT: usize = 64;

/// The loops of a program: for each the values that hold its results, and its node.
#[derive(Default)]
struct Results(HashMap<ValueId, (usize, Vec<ResultValue>)>);

/// A result: its planner value, how it is cut, and whether a program value stands for it.
#[derive(Clone, Copy)]
struct ResultValue {
    value: usize,
    cut: Option<Cut>,
    shown: bool,
}

/// Adds the node of a loop.
///
/// # Errors
/// When an instruction of the body has no kernel.
pub(crate) fn plan(
    looping: &Loop,
    planner: &mut Planner,
    inputs: &[ValueId],
    value: ValueId,
) -> Result<(), String> {
    let whole = Body::whole(looping, planner.level)?;
    let rounds = if looping.conditional { looping.length.min(ROUNDS_OF_CONDITIONAL) } else { looping.length };
    let cost = whole.cost * rounds as f64;
    let rows = partition(looping, planner, cost);
    let body =
        rows.map(|rows| Body::by_rows(looping, planner.level, rows)).transpose()?.flatten().unwrap_or(whole);
    let cost = if looping.conditional { cost.max(COST_OF_CONDITIONAL) } else { cost };
    Planning { looping, inputs, value, body, cost }.add(planner);
    Ok(())
}

/// Makes a program value stand for a result of a loop.
pub(crate) fn show_result(planner: &mut Planner, looping: ValueId, index: usize, value: ValueId) {
    let Some((node, results)) = planner.notes::<Results>().0.get_mut(&looping) else { return };
    let (node, result) = (*node, results[index]);
    if index == 0 || result.shown {
        planner.alias(value, result.value);
    } else {
        results[index] = ResultValue { value, shown: true, ..result };
        let reads = planner.graph.nodes[node].reads.iter_mut();
        reads.filter(|read| read.value == result.value).for_each(|read| read.value = value);
    }
    planner.cuts[value] = result.cut;
}

/// How the rows of a loop could be cut: the first axis of the largest state, or else of what is read in each round.
fn partition(looping: &Loop, planner: &Planner, cost: f64) -> Option<Partition> {
    let first = looping.first();
    let all = types(&looping.body);
    let states = &all[first..first + looping.states];
    let rows = &all[first + looping.states..first + looping.states + looping.rows];
    let candidates = if states.iter().all(|value| value.shape.is_empty()) { rows } else { states };
    let largest = candidates.iter().max_by_key(|value| value.elements())?;
    let len = *largest.shape.first()?;
    if let Some(partition) = planner.rows {
        return (partition.axis_len() == len).then_some(partition);
    }
    let partition = Partition::worth(len, 4, cost);
    (len >= FEWEST_ROWS && cost > WORTH_CUTTING && partition.parts() > 1).then_some(partition)
}

/// A loop whose node is yet to be added.
struct Planning<'a> {
    looping: &'a Loop,
    inputs: &'a [ValueId],
    value: ValueId,
    body: Body,
    cost: f64,
}

impl Planning<'_> {
    fn add(self, planner: &mut Planner) {
        let all = types(&self.looping.body);
        let given: Vec<Type> =
            self.looping.body.outputs[self.looping.first()..].iter().map(|&id| all[id]).collect();
        let results: Vec<Answer> =
            given.iter().enumerate().map(|(number, &of)| self.answer(number, of)).collect();
        let mut reads = self.reads(planner);
        let read = reads.len();
        let mut values =
            vec![ResultValue { value: planner.roots[self.value], cut: results[0].cut, shown: true }];
        for result in &results[1..] {
            let value = planner.new_value(Placement::Arena, result.bytes());
            reads.push(result.access(value));
            values.push(ResultValue { value, cut: result.cut, shown: false });
        }
        let (carried, spare) = self.carried(&given);
        for bytes in [spare, self.body.arena_bytes] {
            let value = planner.new_value(Placement::Arena, bytes);
            reads.push(Access { value, touch: Touch::All });
        }
        let write = results[0].access(planner.roots[self.value]);
        planner.cuts[self.value] = results[0].cut;
        let (written, rows, cost, value) = (reads.len() - read, self.body.rows, self.cost, self.value);
        let action = self.action(&all, &given, carried);
        let number = planner.graph.nodes.len();
        planner.push(Box::new(action), rows, write, reads, cost).written = written;
        planner.notes::<Results>().0.insert(value, (number, values));
    }

    /// What the node reads: the inputs, and the constants, wherever they are in the blob.
    fn reads(&self, planner: &mut Planner) -> Vec<Access> {
        let states = self.looping.first() + self.looping.states;
        let access = |(number, &id): (usize, &ValueId)| {
            let cut = self.body.rows.filter(|_| self.body.cut_inputs[number]);
            planner.access(id, cut.map(|partition| Cut { axis: usize::from(number >= states), partition }))
        };
        let mut reads: Vec<Access> = self.inputs.iter().enumerate().map(access).collect();
        let constants = planner.new_value(Placement::Constant(0), 0);
        reads.push(Access { value: constants, touch: Touch::All });
        reads
    }

    /// A result, of which each round gives `of`.
    fn answer(&self, number: usize, of: Type) -> Answer {
        let stacked = number >= self.looping.states;
        let front = stacked.then_some(self.looping.length);
        let shape: Vec<usize> = front.into_iter().chain(of.shape.iter().copied()).collect();
        let axis = usize::from(stacked);
        let rows = self.body.rows.filter(|_| self.body.own_outputs[self.looping.first() + number].is_none());
        let cut = rows
            .filter(|rows| shape.get(axis) == Some(&rows.axis_len()))
            .map(|partition| Cut { axis, partition });
        Answer { dtype: of.dtype, shape, cut }
    }

    /// The states, and the bytes of their spare arrays.
    fn carried(&self, given: &[Type]) -> (Vec<Carried>, usize) {
        let mut spare = 0;
        let state = |number: usize| {
            let (bytes, own) = (given[number].bytes(), self.body.own_outputs[self.looping.first() + number]);
            let at = spare;
            spare += if own.is_none() { bytes.next_multiple_of(ALIGNMENT) } else { 0 };
            Carried { bytes, own, spare: at }
        };
        let carried = (0..self.looping.states).map(state).collect();
        (carried, spare)
    }

    fn action(self, all: &[Type], given: &[Type], carried: Vec<Carried>) -> LoopAction {
        let Planning { looping, body, inputs, .. } = self;
        let (first, states) = (looping.first(), looping.states);
        let parts = &all[first + states..first + states + looping.rows];
        let stacked =
            |number: usize| Stacked { bytes: given[number].bytes(), own: body.own_outputs[first + number] };
        LoopAction {
            length: looping.length,
            reverse: looping.reverse,
            conditional: looping.conditional,
            inputs: inputs.len(),
            carried,
            parts: parts.iter().map(Type::bytes).collect(),
            stacked: (states..given.len()).map(stacked).collect(),
            look_every: (LOOK_INTERVAL / body.cost).clamp(1.0, 4096.0) as usize,
            body,
        }
    }
}

/// The type of a result, and how it is cut.
struct Answer {
    dtype: Dtype,
    shape: Vec<usize>,
    cut: Option<Cut>,
}

impl Answer {
    fn as_type(&self) -> Type<'_> {
        Type { dtype: self.dtype, shape: &self.shape }
    }

    fn bytes(&self) -> usize {
        self.as_type().bytes()
    }

    fn access(&self, value: usize) -> Access {
        Access { value, touch: own(self.as_type(), self.cut) }
    }
}
