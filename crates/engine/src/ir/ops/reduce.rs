//! Reductions over axes.

use serde::{Deserialize, Serialize};

use super::{Entry, Operation};
use crate::ir::check::{exactly, expect, expect_axis, expect_float};
use crate::ir::graph::{Action, Work};
use crate::ir::planner::{Cut, Planned, Planner, WORTH_CUTTING};
use crate::ir::program::{Dtype, ReduceKind, ValueId};
use crate::ir::types::{Type, describe_type};
use crate::kernels::arg_reduce::{self, ArgReducePlan};
use crate::kernels::index::BadIndex;
use crate::kernels::reduce::{self, ReducePlan};
use crate::partition::Partition;

pub(super) const FAMILY: &[Entry] = &[Entry::of::<Reduce>(), Entry::of::<ArgReduce>()];

/// Reduces the named axes. Whether they are kept with length 1 shows in the shape.
/// `Mean` is for floats; `Any` and `All` for bools. Sums of integers wrap.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reduce {
    /// How.
    pub kind: ReduceKind,
    /// The axes, in ascending order.
    pub axes: Vec<usize>,
}

/// Position (`i64`) of the first largest (or smallest) element along an axis; NaN wins, as in NumPy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ArgReduce {
    /// The axis.
    pub axis: usize,
    /// Largest, or smallest.
    pub largest: bool,
}

impl Operation for Reduce {
    const NAME: &'static str = "reduce";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        let (kind, axes) = (self.kind, &self.axes);
        exactly::<1>(inputs)?;
        let x = inputs[0];
        if !axes.windows(2).all(|pair| pair[0] < pair[1]) {
            return Err(format!("axes must be rising, got {axes:?}"));
        }
        for &axis in axes {
            expect_axis(axis, x)?;
        }
        match kind {
            ReduceKind::Mean => expect_float(x)?,
            ReduceKind::Any | ReduceKind::All if x.dtype != Dtype::Bool => {
                return Err(format!("{kind:?} needs bool, got {}", describe_type(x)));
            }
            _ => {}
        }
        reduce::plan(kind, x.dtype, x.shape, axes)?;
        expect_reduced(axes, x, result, x.dtype)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let (x, axes) = (inputs[0], &self.axes);
        let shape = planner.types[x].shape;
        let plan = reduce::plan(self.kind, planner.types[x].dtype, shape, axes)?;
        let cost = planner.types[x].elements() as f64 * 0.1;
        let kept: Vec<usize> = (0..shape.len()).filter(|axis| !axes.contains(axis)).collect();
        let outputs = plan.outputs();
        // Results follow each other along the first kept axis; only a cut there, or
        // along the only kept axis, gives each part results that stand together.
        let x_cut = planner.cuts[x].filter(|cut| kept.first() == Some(&cut.axis)).or_else(|| {
            let axis = *kept.first()?;
            let granule = if axis == 0 { 4 } else { 16 };
            (planner.rows.is_none() && cost > WORTH_CUTTING && shape[axis] >= 4 * granule)
                .then(|| Cut { axis, partition: Partition::worth(shape[axis], granule, cost) })
        });
        let items = x_cut.map_or(outputs, |cut| outputs / shape[cut.axis].max(1));
        let keeps_axes = planner.types[value].shape.len() == shape.len();
        let cut = x_cut.map(|cut| Cut { axis: if keeps_axes { cut.axis } else { 0 }, ..cut });
        let reads = vec![planner.access(x, x_cut)];
        planner.add(value, Planned::new(ReduceAction { plan, items }, cut, reads, cost));
        Ok(())
    }
}

impl Operation for ArgReduce {
    const NAME: &'static str = "arg_reduce";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        let axis = self.axis;
        exactly::<1>(inputs)?;
        expect_axis(axis, inputs[0])?;
        if inputs[0].shape[axis] == 0 {
            return Err(format!("axis {axis} of {} is empty", describe_type(inputs[0])));
        }
        expect_reduced(&[axis], inputs[0], result, Dtype::I64)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let x = inputs[0];
        let shape = planner.types[x].shape;
        let plan = arg_reduce::plan(planner.types[x].dtype, shape, self.axis, self.largest)?;
        let cost = planner.types[x].elements() as f64 * 0.5;
        let cut = (self.axis > 0)
            .then(|| planner.row_cut_of(x).or_else(|| planner.cut_rows(planner.types[x], cost)))
            .flatten();
        let items = cut.map_or(plan.outputs(), |_| plan.outputs() / shape[0].max(1));
        let reads = vec![planner.access(x, cut)];
        planner.add(value, Planned::new(ArgReduceAction { plan, items }, cut, reads, cost));
        Ok(())
    }
}

/// The reduced axes may be left out of the result, or kept with length 1.
fn expect_reduced(axes: &[usize], x: Type, result: Type, dtype: Dtype) -> Result<(), String> {
    let kept: Vec<usize> =
        x.shape.iter().enumerate().map(|(axis, &len)| if axes.contains(&axis) { 1 } else { len }).collect();
    if result.dtype == dtype && result.shape == kept {
        return Ok(());
    }
    let dropped: Vec<usize> = (0..kept.len()).filter(|axis| !axes.contains(axis)).map(|a| kept[a]).collect();
    expect(result, dtype, &dropped)
}

/// `items` results for each item of the partition.
#[derive(Debug)]
pub(crate) struct ReduceAction {
    pub plan: ReducePlan,
    items: usize,
}

impl Action for ReduceAction {
    fn describe(&self) -> String {
        "reduce".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        // SAFETY: the arrays and the range are those of the plan.
        unsafe { reduce::run(&self.plan, work.level, work.times(self.items), work.inputs[0], work.out) };
        Ok(())
    }
}

/// `items` results for each item of the first axis.
#[derive(Debug)]
struct ArgReduceAction {
    plan: ArgReducePlan,
    items: usize,
}

impl Action for ArgReduceAction {
    fn describe(&self) -> String {
        "arg_reduce".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        // SAFETY: the arrays and the range are those of the plan.
        unsafe { arg_reduce::run(&self.plan, work.times(self.items), work.inputs[0], work.out) };
        Ok(())
    }
}
