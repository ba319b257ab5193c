//! Element-wise expressions.

use serde::{Deserialize, Serialize};

use super::{Entry, Operation};
use crate::ir::check::{expect, expect_broadcast};
use crate::ir::graph::{Action, Work};
use crate::ir::planner::{Cut, Planned, Planner, WORTH_CUTTING, around};
use crate::ir::program::{Dtype, MapOp, MapStep, ValueId};
use crate::ir::stages::Stages;
use crate::ir::types::{MAX_MAP_INPUTS, MAX_REGISTERS, Type, dtype_name, list_dtypes};
use crate::kernels::index::BadIndex;
use crate::kernels::map::MapKernel;
use crate::kernels::tile;
use crate::partition::Partition;
use crate::simd::Level;
use crate::specialized::expressions;

pub(super) const FAMILY: &[Entry] = &[Entry::of::<Map>()];

/// Inputs broadcast to the instruction's shape, as in NumPy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Map {
    /// The expression.
    pub code: Vec<MapStep>,
}

impl Operation for Map {
    const NAME: &'static str = "map";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        if self.code.is_empty() || inputs.is_empty() {
            let (inputs, steps) = (inputs.len(), self.code.len());
            return Err(format!("needs at least one input and one step, got {inputs} and {steps}"));
        }
        expect_broadcast(inputs, result.shape)?;
        let dtypes: Vec<Dtype> = inputs.iter().map(|input| input.dtype).collect();
        expect(result, check_code(&self.code, &dtypes)?, result.shape)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let result = planner.types[value];
        let shape = result.shape;
        let operands: Vec<(Dtype, &[usize])> =
            inputs.iter().map(|&id| (planner.types[id].dtype, planner.types[id].shape)).collect();
        let kernel = kernel(&self.code, &operands, shape, planner.level)?;
        let cost = map_cost(&self.code, result);
        let cut = planner.inherited_cut(inputs, shape).or_else(|| {
            let last = shape.len().checked_sub(1)?;
            planner.cut_rows(result, cost).or_else(|| {
                (planner.rows.is_none() && cost > WORTH_CUTTING && shape[last] >= 64)
                    .then(|| Cut { axis: last, partition: Partition::worth(shape[last], 16, cost) })
            })
        });
        let (outer, len, inner) = match cut {
            Some(cut) => around(shape, cut.axis),
            None => (1, result.elements(), 1),
        };
        let reads = inputs.iter().map(|&id| planner.operand(id, shape, cut)).collect();
        let action = MapAction { kernel, outer, len, inner };
        planner.add(value, Planned::new(action, cut, reads, cost));
        Ok(())
    }
}

/// An expression over `outer` blocks of `len` items of `inner` elements.
#[derive(Debug)]
pub(crate) struct MapAction {
    kernel: MapKernel,
    outer: usize,
    len: usize,
    inner: usize,
}

impl Action for MapAction {
    fn describe(&self) -> String {
        "map".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let Work { range, inputs, out, .. } = work;
        let count = range.len() * self.inner;
        let starts = (0..self.outer).map(|block| (block * self.len + range.start) * self.inner);
        // SAFETY: the arrays and the range are those of the plan.
        unsafe {
            if work.followers.is_empty() {
                let mut state = self.kernel.begin(work.scratch);
                starts.for_each(|start| self.kernel.run(&mut state, start, count, inputs, *out));
                return Ok(());
            }
            let mut stages = Stages::new(work.scratch);
            stages.push(&self.kernel, inputs, 0, *out);
            stages.follow(work.followers, work.arrays, std::ptr::null_mut());
            starts.for_each(|start| stages.run(start, count, std::ptr::null()));
        }
        Ok(())
    }

    fn units(&self) -> usize {
        self.len
    }

    fn scratch_bytes(&self) -> usize {
        self.kernel.scratch_bytes
    }

    fn may_overwrite(&self, read: usize) -> bool {
        self.kernel.reads_in_place(read)
    }

    fn expression(&self) -> Option<(&MapKernel, usize)> {
        Some((&self.kernel, self.outer * self.len * self.inner))
    }
}

/// The kernel of an expression: a specialized one if there is one for it.
pub(super) fn kernel(
    code: &[MapStep],
    operands: &[(Dtype, &[usize])],
    shape: &[usize],
    level: Level,
) -> Result<MapKernel, String> {
    let mut kernel = MapKernel::new(code, operands, shape, level)?;
    kernel.specialize(|places| expressions::kernel(code, places, level));
    Ok(kernel)
}

/// Checks an elementwise expression and gives the element type of its result.
///
/// # Errors
/// A sentence naming the step.
pub(super) fn check_code(code: &[MapStep], inputs: &[Dtype]) -> Result<Dtype, String> {
    let mut registers = inputs.to_vec();
    if inputs.len() > MAX_MAP_INPUTS || inputs.len() + code.len() > MAX_REGISTERS {
        return Err(format!(
            "the expression has {} inputs and {} steps; the maximum is {MAX_MAP_INPUTS} inputs and \
             {MAX_REGISTERS} of both together",
            inputs.len(),
            code.len()
        ));
    }
    for (number, step) in code.iter().enumerate() {
        if let Some(register) = step.args.iter().find(|&&register| register >= registers.len()) {
            return Err(format!(
                "step {number} ({:?}) reads register {register}, but only {} exist before it",
                step.op,
                registers.len()
            ));
        }
        let args: Vec<Dtype> = step.args.iter().map(|&register| registers[register]).collect();
        if tile::lookup(step.op, &args, step.dtype, Level::Portable).is_none() {
            return Err(format!(
                "step {number}: {:?} is not defined from {} to {}",
                step.op,
                list_dtypes(&args),
                dtype_name(step.dtype)
            ));
        }
        registers.push(step.dtype);
    }
    registers.last().copied().ok_or_else(|| "the expression has no inputs and no steps".to_string())
}

/// Rough time of an expression, in nanoseconds.
pub(super) fn map_cost(code: &[MapStep], result: Type) -> f64 {
    let weight = |step: &MapStep| match step.op {
        MapOp::Tan | MapOp::Pow | MapOp::Erf | MapOp::Sin | MapOp::Cos | MapOp::Mod | MapOp::FloorDiv => 5.0,
        MapOp::Exp | MapOp::Log | MapOp::Log1p | MapOp::Expm1 => 0.5,
        MapOp::Tanh | MapOp::Sigmoid | MapOp::Softplus => 0.6,
        MapOp::Div | MapOp::Sqrt | MapOp::Rsqrt => 0.15,
        _ => 0.06,
    };
    code.iter().map(weight).sum::<f64>() * result.elements() as f64
}
