//! Sorting along the last axis. NaN sorts last.

use serde::{Deserialize, Serialize};

use super::{Entry, Operation};
use crate::ir::check::{exactly, expect};
use crate::ir::graph::{Action, Work};
use crate::ir::planner::{Planned, Planner};
use crate::ir::program::{Dtype, ValueId};
use crate::ir::types::Type;
use crate::kernels::index::BadIndex;
use crate::kernels::sort;

pub(super) const FAMILY: &[Entry] = &[Entry::of::<Sort>(), Entry::of::<Argsort>()];

/// Sorted values along the last axis.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sort {
    /// Largest first.
    pub descending: bool,
}

/// The positions (`i32`) that sort the last axis; equal elements keep their order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Argsort {
    /// Largest first.
    pub descending: bool,
}

impl Operation for Sort {
    const NAME: &'static str = "sort";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        check(None, inputs, result)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        plan(planner, inputs[0], value, self.descending, false);
        Ok(())
    }
}

impl Operation for Argsort {
    const NAME: &'static str = "argsort";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        check(Some(Dtype::I32), inputs, result)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        plan(planner, inputs[0], value, self.descending, true);
        Ok(())
    }
}

fn check(positions: Option<Dtype>, inputs: &[Type], result: Type) -> Result<(), String> {
    exactly::<1>(inputs)?;
    if inputs[0].shape.is_empty() {
        return Err("needs at least one axis, got a scalar".to_string());
    }
    expect(result, positions.unwrap_or(inputs[0].dtype), inputs[0].shape)
}

fn plan(planner: &mut Planner, x: ValueId, value: ValueId, descending: bool, positions: bool) {
    let rows = planner.rows_of(x, 30.0);
    let (dtype, width, items) = (planner.types[x].dtype, rows.width, rows.items);
    let action = SortAction { dtype, width, items, descending, positions };
    let reads = vec![planner.access(x, rows.cut)];
    planner.add(value, Planned::new(action, rows.cut, reads, rows.cost));
}

/// `items` rows for each item of the first axis.
#[derive(Debug)]
struct SortAction {
    dtype: Dtype,
    width: usize,
    items: usize,
    descending: bool,
    positions: bool,
}

impl Action for SortAction {
    fn describe(&self) -> String {
        if self.positions { "argsort" } else { "sort" }.to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let SortAction { dtype, width, items, descending, positions } = *self;
        let (rows, x) = (work.times(items), work.inputs[0]);
        // SAFETY: the arrays and the range are those of the plan; a row fits the scratch memory.
        unsafe { sort::sort(dtype, rows, width, descending, positions, x, work.out, work.scratch) };
        Ok(())
    }

    fn scratch_bytes(&self) -> usize {
        self.width * 16
    }
}
