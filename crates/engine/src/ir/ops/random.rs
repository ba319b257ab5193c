//! Random numbers from a counter.

use serde::{Deserialize, Serialize};

use super::{Entry, Operation};
use crate::ir::check::{exactly, expect, expect_float};
use crate::ir::graph::{Action, Work};
use crate::ir::planner::{Planned, Planner, items_of};
use crate::ir::program::{Dtype, RandomKind, ValueId};
use crate::ir::types::{Type, describe_type, dtype_name};
use crate::kernels::index::BadIndex;
use crate::kernels::random::{self, Draw};

pub(super) const FAMILY: &[Entry] = &[Entry::of::<Random>()];

/// Philox numbers. The input is a scalar `i64`: the call counter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Random {
    /// Which distribution.
    pub kind: RandomKind,
    /// The key.
    pub seed: u64,
    /// Separates the operations of one program.
    pub stream: u32,
    /// Integers: the smallest, and how many there are.
    #[serde(default)]
    pub low: i64,
    /// See `low`.
    #[serde(default)]
    pub span: u64,
}

impl Operation for Random {
    const NAME: &'static str = "random";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        let Random { kind, low, span, .. } = *self;
        exactly::<1>(inputs)?;
        expect(inputs[0], Dtype::I64, &[]).map_err(|_| {
            format!("the call counter must be a scalar i64, got {}", describe_type(inputs[0]))
        })?;
        if kind == RandomKind::Permutation {
            let fits = result.shape.len() == 1 && result.elements() <= i32::MAX as usize;
            return match (fits, result.dtype) {
                (true, Dtype::I32 | Dtype::I64) => Ok(()),
                _ => Err(format!(
                    "a permutation is one axis of fewer than 2^31 numbers, i32 or i64, not {}",
                    describe_type(result)
                )),
            };
        }
        if kind != RandomKind::Integer {
            return expect_float(result);
        }
        if span == 0 {
            return Err("span is 0: there is no integer to draw".to_string());
        }
        let (smallest, largest) = match result.dtype {
            Dtype::I32 => (i32::MIN as i128, i32::MAX as i128),
            Dtype::I64 => (i64::MIN as i128, i64::MAX as i128),
            other => return Err(format!("integers are i32 or i64, not {}", dtype_name(other))),
        };
        let last = low as i128 + span as i128 - 1;
        if (low as i128) < smallest || last > largest {
            return Err(format!(
                "integers from {low} to {last} do not fit into {}",
                dtype_name(result.dtype)
            ));
        }
        Ok(())
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let Random { kind, seed, stream, low, span } = *self;
        let out = planner.types[value];
        let cost = out.elements() as f64 * if kind == RandomKind::Normal { 6.0 } else { 3.0 };
        // A permutation is drawn as a whole.
        let cut = if kind == RandomKind::Permutation { None } else { planner.cut_rows(out, cost) };
        let draw = Draw { kind, dtype: out.dtype, seed, stream, low, span };
        let reads = vec![planner.access_all(inputs[0])];
        planner.add(value, Planned::new(RandomAction { draw, items: items_of(out, cut) }, cut, reads, cost));
        Ok(())
    }
}

/// `items` numbers for each item of the first axis.
#[derive(Debug)]
struct RandomAction {
    draw: Draw,
    items: usize,
}

impl Action for RandomAction {
    fn describe(&self) -> String {
        "random".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        // SAFETY: the arrays and the range are those of the plan.
        unsafe {
            let call = work.inputs[0].cast::<i64>().read_unaligned();
            random::draw(&self.draw, work.level, call, work.times(self.items), work.out);
        }
        Ok(())
    }
}
