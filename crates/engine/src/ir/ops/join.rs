//! Arrays joined to others, or set into larger ones.

use serde::{Deserialize, Serialize};

use super::{Entry, Operation};
use crate::ir::check::{exactly, expect, expect_axis};
use crate::ir::graph::{Action, Work};
use crate::ir::planner::{Planned, Planner, around};
use crate::ir::program::ValueId;
use crate::ir::types::{Type, describe_type, dtype_name};
use crate::kernels::index::BadIndex;
use crate::kernels::movement;

pub(super) const FAMILY: &[Entry] = &[Entry::of::<Pad>(), Entry::of::<Concat>()];

/// Sets the input into an array filled with the scalar second input.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pad {
    /// Elements before it on each axis.
    pub before: Vec<usize>,
}

/// Joins the inputs along an axis.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Concat {
    /// The axis.
    pub axis: usize,
}

impl Operation for Pad {
    const NAME: &'static str = "pad";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        let before = &self.before;
        exactly::<2>(inputs)?;
        let (x, fill) = (inputs[0], inputs[1]);
        if fill.dtype != x.dtype || !fill.shape.is_empty() {
            let wanted = dtype_name(x.dtype);
            return Err(format!("the fill value must be a scalar {wanted}, got {}", describe_type(fill)));
        }
        expect(result, x.dtype, result.shape)?;
        let fits = before.len() == x.shape.len()
            && result.shape.len() == x.shape.len()
            && (0..before.len()).all(|axis| {
                before[axis].checked_add(x.shape[axis]).is_some_and(|end| end <= result.shape[axis])
            });
        if fits {
            return Ok(());
        }
        Err(format!("{} set at {before:?} does not fit into {}", describe_type(x), describe_type(result)))
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let (from, out) = (planner.types[inputs[0]], planner.types[value]);
        let action = PadAction {
            from: from.shape.to_vec(),
            before: self.before.clone(),
            shape: out.shape.to_vec(),
            size: out.dtype.size(),
        };
        let reads = inputs.iter().map(|&id| planner.access_all(id)).collect();
        planner.add(value, Planned::new(action, None, reads, out.elements() as f64 * 0.5));
        Ok(())
    }
}

impl Operation for Concat {
    const NAME: &'static str = "concat";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        let axis = self.axis;
        let Some(first) = inputs.first() else {
            return Err("takes at least 1 input, got 0".to_string());
        };
        expect_axis(axis, *first)?;
        let mut shape = first.shape.to_vec();
        shape[axis] = 0;
        for input in inputs {
            let alike = input.dtype == first.dtype
                && input.shape.len() == shape.len()
                && (0..shape.len()).all(|other| other == axis || input.shape[other] == shape[other]);
            if !alike {
                let (input, first) = (describe_type(*input), describe_type(*first));
                return Err(format!("{input} cannot be joined to {first} along axis {axis}"));
            }
            shape[axis] += input.shape[axis];
        }
        expect(result, first.dtype, &shape)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let out = planner.types[value];
        let (outer, _, inner) = around(out.shape, self.axis);
        let bytes = |&id: &ValueId| planner.types[id].shape[self.axis] * inner * out.dtype.size();
        let action = ConcatAction { blocks: inputs.iter().map(bytes).collect(), outer };
        let reads = inputs.iter().map(|&id| planner.access_all(id)).collect();
        planner.add(value, Planned::new(action, None, reads, out.elements() as f64 * 0.5));
        Ok(())
    }
}

#[derive(Debug)]
struct PadAction {
    from: Vec<usize>,
    before: Vec<usize>,
    shape: Vec<usize>,
    size: usize,
}

impl Action for PadAction {
    fn describe(&self) -> String {
        "pad".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let PadAction { from, before, shape, size } = self;
        // SAFETY: the arrays are those of the plan.
        unsafe { movement::pad(work.inputs[0], from, work.inputs[1], before, work.out, shape, *size) };
        Ok(())
    }
}

/// `outer` times a block of each input, of so many bytes.
#[derive(Debug)]
struct ConcatAction {
    blocks: Vec<usize>,
    outer: usize,
}

impl Action for ConcatAction {
    fn describe(&self) -> String {
        "concat".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        // SAFETY: the arrays are those of the plan.
        unsafe { movement::concat(work.inputs, &self.blocks, self.outer, work.out) };
        Ok(())
    }
}
