//! Arrays joined to others, or set into larger ones.

use serde::{Deserialize, Serialize};

use super::{Entry, Operation};
use crate::ir::check::{exactly, expect, expect_axis};
use crate::ir::graph::{Action, Work};
use crate::ir::planner::{Planned, Planner, around};
use crate::ir::program::ValueId;
use crate::ir::types::{MAX_AXES, Type, describe_type, dtype_name};
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
        let stay = from.shape.first() == out.shape.first();
        let cut = planner.loop_cut(out).filter(|_| stay);
        let action = PadAction {
            rows: cut.is_some(),
            from: from.shape.to_vec(),
            before: self.before.clone(),
            shape: out.shape.to_vec(),
            size: out.dtype.size(),
        };
        let reads = vec![planner.access_rows(inputs[0], cut), planner.access_all(inputs[1])];
        planner.add(value, Planned::new(action, cut, reads, out.elements() as f64 * 0.5));
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
        let cut = planner.loop_cut(out).filter(|_| self.axis > 0);
        let items = cut.map_or(outer, |_| outer / out.shape[0].max(1));
        let action = ConcatAction { blocks: inputs.iter().map(bytes).collect(), items, rows: cut.is_some() };
        let reads = inputs.iter().map(|&id| planner.access_rows(id, cut)).collect();
        planner.add(value, Planned::new(action, cut, reads, out.elements() as f64 * 0.5));
        Ok(())
    }
}

/// `rows`: it is cut by rows, which stay where they are.
#[derive(Debug)]
struct PadAction {
    rows: bool,
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
        let PadAction { rows, from, before, shape, size } = self;
        let [x, fill] = *work.inputs else { return Ok(()) };
        let (mut some, mut out_some) = ([0; MAX_AXES], [0; MAX_AXES]);
        let (some, out_some) = (&mut some[..from.len()], &mut out_some[..shape.len()]);
        some.copy_from_slice(from);
        out_some.copy_from_slice(shape);
        let mut start = 0;
        if *rows {
            (start, some[0], out_some[0]) = (work.range.start, work.range.len(), work.range.len());
        }
        let bytes = |shape: &[usize]| start * shape.iter().skip(1).product::<usize>() * size;
        // SAFETY: the arrays and the range are those of the plan.
        unsafe {
            let (x, out) = (x.add(bytes(from)), work.out.add(bytes(shape)));
            movement::pad(x, some, fill, before, out, out_some, *size);
        }
        Ok(())
    }
}

/// `items` times a block of each input, of so many bytes; for each row if it is cut by `rows`.
#[derive(Debug)]
struct ConcatAction {
    blocks: Vec<usize>,
    items: usize,
    rows: bool,
}

impl Action for ConcatAction {
    fn describe(&self) -> String {
        "concat".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let range = if self.rows { work.times(self.items) } else { 0..self.items };
        // SAFETY: the arrays and the range are those of the plan.
        unsafe { movement::concat(work.inputs, &self.blocks, range, work.out) };
        Ok(())
    }
}
