//! Softmax and its logarithm, over the last axis.

use serde::{Deserialize, Serialize};

use super::{Entry, Operation};
use crate::ir::check::{exactly, expect, expect_float};
use crate::ir::graph::{Action, Work};
use crate::ir::planner::{Planned, Planner};
use crate::ir::program::{Dtype, ValueId};
use crate::ir::types::Type;
use crate::kernels::index::BadIndex;
use crate::kernels::rows;

pub(super) const FAMILY: &[Entry] = &[Entry::of::<Softmax>(), Entry::of::<LogSoftmax>()];

/// Softmax over the last axis, with the maximum taken out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Softmax {}

/// Logarithm of the softmax over the last axis.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogSoftmax {}

impl Operation for Softmax {
    const NAME: &'static str = "softmax";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        check(inputs, result)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        plan(planner, inputs[0], value, false);
        Ok(())
    }
}

impl Operation for LogSoftmax {
    const NAME: &'static str = "log_softmax";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        check(inputs, result)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        plan(planner, inputs[0], value, true);
        Ok(())
    }
}

fn check(inputs: &[Type], result: Type) -> Result<(), String> {
    exactly::<1>(inputs)?;
    expect_float(inputs[0])?;
    if inputs[0].shape.is_empty() {
        return Err("needs at least one axis, got a scalar".to_string());
    }
    expect(result, inputs[0].dtype, inputs[0].shape)
}

fn plan(planner: &mut Planner, x: ValueId, value: ValueId, log: bool) {
    let rows = planner.rows_of(x, 1.2);
    let action = SoftmaxAction { log, dtype: planner.types[x].dtype, width: rows.width, items: rows.items };
    let reads = vec![planner.access(x, rows.cut)];
    planner.add(value, Planned::new(action, rows.cut, reads, rows.cost));
}

/// `items` rows for each item of the first axis.
#[derive(Debug)]
struct SoftmaxAction {
    log: bool,
    dtype: Dtype,
    width: usize,
    items: usize,
}

impl Action for SoftmaxAction {
    fn describe(&self) -> String {
        if self.log { "log_softmax" } else { "softmax" }.to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let rows = work.times(self.items);
        // SAFETY: the arrays and the range are those of the plan.
        unsafe {
            rows::softmax(work.level, self.log, self.dtype, rows, self.width, work.inputs[0], work.out)
        };
        Ok(())
    }
}
