//! Cumulative sums.

use serde::{Deserialize, Serialize};

use super::{Entry, Operation};
use crate::ir::check::{exactly, expect, expect_axis};
use crate::ir::graph::{Action, Work};
use crate::ir::planner::{Planned, Planner, around};
use crate::ir::program::{Dtype, ValueId};
use crate::ir::types::Type;
use crate::kernels::index::BadIndex;
use crate::kernels::scan::{CumsumShape, cumsum};

pub(super) const FAMILY: &[Entry] = &[Entry::of::<Cumsum>()];

/// Cumulative sum along an axis.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cumsum {
    /// The axis.
    pub axis: usize,
    /// Exclude the element itself.
    pub exclusive: bool,
    /// From the end.
    pub reverse: bool,
}

impl Operation for Cumsum {
    const NAME: &'static str = "cumsum";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        exactly::<1>(inputs)?;
        expect_axis(self.axis, inputs[0])?;
        if inputs[0].dtype == Dtype::Bool {
            return Err("adds numbers, got bool".to_string());
        }
        expect(result, inputs[0].dtype, inputs[0].shape)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let out = planner.types[value];
        let (outer, len, inner) = around(out.shape, self.axis);
        let (exclusive, reverse) = (self.exclusive, self.reverse);
        let shape = CumsumShape { dtype: out.dtype, outer, len, inner, exclusive, reverse };
        let reads = vec![planner.access_all(inputs[0])];
        planner.add(value, Planned::new(CumsumAction { shape }, None, reads, out.elements() as f64 * 0.5));
        Ok(())
    }
}

#[derive(Debug)]
struct CumsumAction {
    shape: CumsumShape,
}

impl Action for CumsumAction {
    fn describe(&self) -> String {
        "cumsum".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        // SAFETY: the arrays are those of the plan.
        unsafe { cumsum(&self.shape, work.inputs[0], work.out) };
        Ok(())
    }
}
