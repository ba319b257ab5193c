//! Reads and writes at indices in the data. An index out of range is a run-time error.

use serde::{Deserialize, Serialize};

use super::{Entry, Operation};
use crate::ir::check::{exactly, expect, expect_axis, expect_index};
use crate::ir::graph::{Action, Work};
use crate::ir::planner::{Planned, Planner, around, items_of};
use crate::ir::program::{Dtype, ValueId};
use crate::ir::types::{Type, describe_type};
use crate::kernels::index::{self, BadIndex, GatherShape};

pub(super) const FAMILY: &[Entry] = &[Entry::of::<Pick>(), Entry::of::<Gather>(), Entry::of::<ScatterAdd>()];

/// `out[r] = x[r, index[r]]` for `x` of two axes and `i32`, `i64` or `u8` indices.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pick {}

/// `x` (first input) indexed along an axis by the second: `i32`, `i64` or `u8`, of any shape.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Gather {
    /// The axis.
    pub axis: usize,
}

/// Zeros of the instruction's shape with `updates` (second input) added at
/// rows `indices` (first input): the gradient of `Gather` along axis 0.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScatterAdd {}

impl Operation for Pick {
    const NAME: &'static str = "pick";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        exactly::<2>(inputs)?;
        let (x, index) = (inputs[0], inputs[1]);
        expect_index(index)?;
        if x.shape.len() != 2 || index.shape != &x.shape[..1] {
            return Err(format!(
                "needs rows and one index for each, got {} and {}",
                describe_type(x),
                describe_type(index)
            ));
        }
        expect(result, x.dtype, index.shape)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let (x, index) = (planner.types[inputs[0]], planner.types[inputs[1]]);
        let cost = index.elements() as f64 * 2.0;
        let cut = planner.row_cut_of(inputs[0]).or_else(|| planner.cut_rows(index, cost));
        let (rows, width, size) = (index.elements(), x.shape[1], x.dtype.size());
        let action = PickAction { rows, width, size, index: index.dtype };
        let reads = inputs.iter().map(|&id| planner.access(id, cut)).collect();
        planner.add(value, Planned::new(action, cut, reads, cost));
        Ok(())
    }
}

impl Operation for Gather {
    const NAME: &'static str = "gather";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        let axis = self.axis;
        exactly::<2>(inputs)?;
        let (x, index) = (inputs[0], inputs[1]);
        expect_axis(axis, x)?;
        expect_index(index)?;
        let shape = [&x.shape[..axis], index.shape, &x.shape[axis + 1..]].concat();
        expect(result, x.dtype, &shape)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let (x, index, out) = (planner.types[inputs[0]], planner.types[inputs[1]], planner.types[value]);
        let (outer, len, inner) = around(x.shape, self.axis);
        let (inner, count) = (inner * out.dtype.size(), index.elements());
        let shape = GatherShape { outer, len, inner, count, index: index.dtype };
        let cost = out.bytes() as f64 / 8.0 + count as f64 * 5.0;
        let cut = (self.axis == 0 && !index.shape.is_empty())
            .then(|| planner.row_cut_of(inputs[1]).or_else(|| planner.cut_rows(index, cost)))
            .flatten();
        let reads = vec![planner.access_all(inputs[0]), planner.access(inputs[1], cut)];
        let action = GatherAction { shape, items: items_of(index, cut) };
        planner.add(value, Planned::new(action, cut, reads, cost));
        Ok(())
    }
}

impl Operation for ScatterAdd {
    const NAME: &'static str = "scatter_add";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        exactly::<2>(inputs)?;
        let (index, updates) = (inputs[0], inputs[1]);
        expect_index(index)?;
        if updates.dtype == Dtype::Bool {
            return Err("adds numbers, got bool updates".to_string());
        }
        let Some((_, row)) = result.shape.split_first() else {
            return Err("the result needs at least one axis, got a scalar".to_string());
        };
        if updates.shape != [index.shape, row].concat() {
            return Err(format!(
                "updates {} at indices {} do not fit rows of {}",
                describe_type(updates),
                describe_type(index),
                describe_type(result)
            ));
        }
        expect(result, updates.dtype, result.shape)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let (index, out) = (planner.types[inputs[0]], planner.types[value]);
        let action = ScatterAction {
            dtype: out.dtype,
            rows: out.shape[0],
            width: out.shape[1..].iter().product(),
            count: index.elements(),
            index: index.dtype,
        };
        let reads = inputs.iter().map(|&id| planner.access_all(id)).collect();
        planner.add(value, Planned::new(action, None, reads, out.elements() as f64 * 0.5));
        Ok(())
    }
}

#[derive(Debug)]
struct PickAction {
    rows: usize,
    width: usize,
    size: usize,
    index: Dtype,
}

impl Action for PickAction {
    fn describe(&self) -> String {
        "pick".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let Work { range, inputs, out, .. } = work;
        // SAFETY: the arrays and the range are those of the plan.
        unsafe { index::pick(range.clone(), self.width, self.size, inputs[0], inputs[1], self.index, *out) }
    }

    fn units(&self) -> usize {
        self.rows
    }

    fn is_fallible(&self) -> bool {
        true
    }
}

/// `items` indices for each item of the first axis.
#[derive(Debug)]
struct GatherAction {
    shape: GatherShape,
    items: usize,
}

impl Action for GatherAction {
    fn describe(&self) -> String {
        "gather".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let Work { inputs, out, .. } = work;
        // SAFETY: the arrays and the range are those of the plan.
        unsafe { index::gather(&self.shape, work.times(self.items), inputs[0], inputs[1], *out) }
    }

    fn is_fallible(&self) -> bool {
        true
    }
}

#[derive(Debug)]
struct ScatterAction {
    dtype: Dtype,
    rows: usize,
    width: usize,
    count: usize,
    index: Dtype,
}

impl Action for ScatterAction {
    fn describe(&self) -> String {
        "scatter_add".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let ScatterAction { dtype, rows, width, count, index } = *self;
        let Work { inputs, out, .. } = work;
        // SAFETY: the arrays are those of the plan.
        unsafe { index::scatter_add(dtype, rows, width, count, inputs[0], index, inputs[1], *out) }
    }

    fn is_fallible(&self) -> bool {
        true
    }
}
