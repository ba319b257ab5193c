//! Loops: a program inside a program.

use serde::{Deserialize, Serialize};

use super::{Entry, Operation};
use crate::ir::check::expect;
use crate::ir::planner::Planner;
use crate::ir::program::{Dtype, Program, ValueId};
use crate::ir::types::{MAX_ELEMENTS, Type, describe_type, types};

pub(super) const FAMILY: &[Entry] = &[Entry::of::<Loop>(), Entry::of::<LoopResult>()];

/// The most rounds of a loop of known length.
pub const MAX_ROUNDS: usize = 1 << 40;
/// So many loops may stand in each other.
pub const MAX_DEPTH: usize = 4;

/// Runs a program round after round.
///
/// Its inputs are the first `states`, then `rows`: arrays of which round `i` reads the part at `i` of the first
/// axis, and whatever else the body reads, the same in each round. The body takes a state each, a part each, and the
/// rest; it has no variables. Its outputs are the next states, and results that are stacked along a first axis: at
/// their round's place, from the last to the first if `reverse`. Its constants lie in the program's blob.
///
/// A `conditional` loop has one more input and output in front, scalar bools: whether there is a first round, and
/// whether there is another one. It stops after `length` rounds at the latest, and stacks nothing.
///
/// The loop's results are the last states, then the stacks. The first is the value of the instruction; the others
/// are read by [`LoopResult`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Loop {
    /// One round.
    pub body: Program,
    /// Rounds.
    pub length: usize,
    /// How many of the inputs are states.
    pub states: usize,
    /// How many are arrays of parts.
    pub rows: usize,
    /// The parts are read and written from the last one on.
    #[serde(default)]
    pub reverse: bool,
    /// It asks after each round whether there is another one.
    #[serde(default)]
    pub conditional: bool,
}

/// Result number `index` of the loop that its input is the value of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoopResult {
    /// Which one.
    pub index: usize,
}

impl Loop {
    /// Inputs and outputs in front of the states.
    pub fn first(&self) -> usize {
        usize::from(self.conditional)
    }

    /// The type of a result: element type and shape.
    pub fn result(&self, index: usize) -> Option<(Dtype, Vec<usize>)> {
        let all = types(&self.body);
        let value = *self.body.outputs.get(index.checked_add(self.first())?)?;
        let Type { dtype, shape } = *all.get(value)?;
        let front = (index >= self.states).then_some(self.length);
        Some((dtype, front.into_iter().chain(shape.iter().copied()).collect()))
    }

    /// How many results it has.
    pub fn results(&self) -> usize {
        self.body.outputs.len().saturating_sub(self.first())
    }

    fn check_counts(&self, inputs: &[Type]) -> Result<(), String> {
        let Loop { body, states, rows, length, .. } = self;
        if *length > MAX_ROUNDS {
            return Err(format!("has {length} rounds; the maximum is {MAX_ROUNDS}"));
        }
        if !body.variables.is_empty() || !body.updates.is_empty() {
            return Err("the body has variables; what it changes must be a state".to_string());
        }
        if inputs.len() != body.inputs.len() {
            let (given, taken) = (inputs.len(), body.inputs.len());
            return Err(format!("has {given} inputs, but the body takes {taken}"));
        }
        let least = states.checked_add(*rows).and_then(|sum| sum.checked_add(self.first()));
        if least.is_none_or(|least| inputs.len() < least) {
            let given = inputs.len();
            return Err(format!(
                "{states} states and {rows} arrays of parts are more than the {given} inputs"
            ));
        }
        let results = body.outputs.len();
        if results < states + self.first() || self.results() == 0 {
            return Err(format!("the body has {results} outputs, too few for {states} states"));
        }
        if self.conditional && self.results() > *states {
            return Err("a conditional loop cannot stack results".to_string());
        }
        Ok(())
    }

    /// The body takes what it is given.
    fn check_inputs(&self, inputs: &[Type]) -> Result<(), String> {
        let start = self.first() + self.states;
        for (number, (given, taken)) in inputs.iter().zip(&self.body.inputs).enumerate() {
            let taken = Type { dtype: taken.dtype, shape: &taken.shape };
            let mut shape = given.shape;
            if (start..start + self.rows).contains(&number) {
                if shape.first() != Some(&self.length) {
                    let given = describe_type(*given);
                    return Err(format!("input {number} is {given}, but there are {} rounds", self.length));
                }
                shape = &shape[1..];
            }
            expect(taken, given.dtype, shape)
                .map_err(|message| format!("input {number} of the body: {message}"))?;
        }
        Ok(())
    }

    /// The body's states keep their types, and what is stacked is not too large.
    fn check_outputs(&self) -> Result<(), String> {
        let all = types(&self.body);
        let of = |value: ValueId| {
            all.get(value).copied().ok_or("an output of the body does not exist".to_string())
        };
        let states = all.iter().zip(&self.body.outputs).take(self.first() + self.states);
        for (number, (state, &next)) in states.enumerate() {
            expect(of(next)?, state.dtype, state.shape)
                .map_err(|message| format!("state {number}: {message}"))?;
        }
        if self.conditional {
            expect(all[0], Dtype::Bool, &[]).map_err(|message| format!("the condition: {message}"))?;
        }
        for &value in &self.body.outputs[self.first() + self.states..] {
            let elements =
                of(value)?.shape.iter().try_fold(self.length.max(1), |n, &len| n.checked_mul(len.max(1)));
            if elements.is_none_or(|elements| elements > MAX_ELEMENTS) {
                let value = describe_type(of(value)?);
                return Err(format!(
                    "{} rounds of {value} are more than {MAX_ELEMENTS} elements",
                    self.length
                ));
            }
        }
        Ok(())
    }
}

impl Operation for Loop {
    const NAME: &'static str = "loop";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        self.check_counts(inputs)?;
        self.check_inputs(inputs)?;
        self.check_outputs()?;
        match self.result(0) {
            Some((dtype, shape)) => expect(result, dtype, &shape),
            None => Err("has no results".to_string()),
        }
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        crate::loops::plan(self, planner, inputs, value)
    }
}

impl Operation for LoopResult {
    const NAME: &'static str = "loop_result";

    /// Only `verify` sees whose result it is.
    fn check(&self, inputs: &[Type], _result: Type) -> Result<(), String> {
        crate::ir::check::exactly::<1>(inputs)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        crate::loops::show_result(planner, inputs[0], self.index, value);
        Ok(())
    }
}
