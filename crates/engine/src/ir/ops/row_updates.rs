//! Updates of a few rows of a large array, such as the table of an embedding: the rows are computed apart, and put back.

use serde::{Deserialize, Serialize};

use super::{Entry, Operation};
use crate::ir::check::{exactly, expect, expect_index};
use crate::ir::graph::{Action, Work};
use crate::ir::planner::{Planned, Planner};
use crate::ir::program::{Dtype, ValueId};
use crate::ir::types::{Type, describe_type};
use crate::kernels::index::BadIndex;
use crate::kernels::row_updates::{self, PutShape};

pub(super) const FAMILY: &[Entry] = &[Entry::of::<FirstPlaces>(), Entry::of::<PutRows>()];

/// For each of some indices, of any shape, the first position that has the same one; an `i32` array of one axis.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FirstPlaces {
    /// The indices are below this.
    pub rows: usize,
}

/// `x` (first input) with row `i` of `rows` (fourth) at `index[i]` (second), where `first[i]` (third) is `i`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PutRows {}

impl Operation for FirstPlaces {
    const NAME: &'static str = "first_places";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        exactly::<1>(inputs)?;
        expect_index(inputs[0])?;
        if inputs[0].elements() > i32::MAX as usize {
            return Err(format!("takes fewer than 2^31 indices, got {}", describe_type(inputs[0])));
        }
        expect(result, Dtype::I32, &[inputs[0].elements()])
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let index = planner.types[inputs[0]];
        let count = index.elements();
        let action = FirstPlacesAction { rows: self.rows, count, index: index.dtype };
        let reads = vec![planner.access_all(inputs[0])];
        planner.add(value, Planned::new(action, None, reads, count as f64 * 5.0));
        Ok(())
    }
}

impl Operation for PutRows {
    const NAME: &'static str = "put_rows";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        exactly::<4>(inputs)?;
        let (x, index, first, rows) = (inputs[0], inputs[1], inputs[2], inputs[3]);
        expect_index(index)?;
        let Some((_, row)) = x.shape.split_first() else {
            return Err("puts rows into an array with at least one axis, got a scalar".to_string());
        };
        let count = index.elements();
        let (places, put) = ([count], [&[count], row].concat());
        let wanted = (Type { dtype: Dtype::I32, shape: &places }, Type { dtype: x.dtype, shape: &put });
        if (first, rows) != wanted {
            return Err(format!(
                "needs a first place and a row for each index, {} and {}, got {} and {}",
                describe_type(wanted.0),
                describe_type(wanted.1),
                describe_type(first),
                describe_type(rows)
            ));
        }
        expect(result, x.dtype, x.shape)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let (x, index) = (planner.types[inputs[0]], planner.types[inputs[1]]);
        let bytes = x.shape[1..].iter().product::<usize>() * x.dtype.size();
        let shape = PutShape { rows: x.shape[0], bytes, count: index.elements(), index: index.dtype };
        let cost = shape.count as f64 * (5.0 + bytes as f64 / 8.0);
        let reads = inputs.iter().map(|&id| planner.access_all(id)).collect();
        planner.add(value, Planned::new(PutRowsAction { shape }, None, reads, cost));
        Ok(())
    }
}

#[derive(Debug)]
struct FirstPlacesAction {
    rows: usize,
    count: usize,
    index: Dtype,
}

impl Action for FirstPlacesAction {
    fn describe(&self) -> String {
        "first_places".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let (table, out) = (work.scratch.cast(), work.out.cast());
        // SAFETY: the arrays are those of the plan.
        unsafe { row_updates::first_places(self.rows, self.count, work.inputs[0], self.index, table, out) }
    }

    fn scratch_bytes(&self) -> usize {
        row_updates::slots(self.count) * 4
    }

    fn is_fallible(&self) -> bool {
        true
    }
}

/// Writes over the array that the rows belong to, where nobody else needs it any longer.
#[derive(Debug)]
struct PutRowsAction {
    shape: PutShape,
}

impl Action for PutRowsAction {
    fn describe(&self) -> String {
        "put_rows".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let inputs = work.inputs;
        // SAFETY: the arrays are those of the plan.
        unsafe {
            row_updates::put_rows(&self.shape, inputs[0], inputs[1], inputs[2].cast(), inputs[3], work.out);
        }
        Ok(())
    }

    fn may_overwrite(&self, read: usize) -> bool {
        read == 0
    }
}
