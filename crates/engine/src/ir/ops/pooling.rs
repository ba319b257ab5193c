//! Pooling of pictures, and its gradients.

use serde::{Deserialize, Serialize};

use super::windows::{Axes, picture_cut};
use super::{Entry, Operation};
use crate::ir::check::{exactly, expect, expect_float};
use crate::ir::graph::{Action, Work};
use crate::ir::planner::{Planned, Planner};
use crate::ir::program::ValueId;
use crate::ir::types::{Type, describe_type};
use crate::kernels::index::BadIndex;
use crate::kernels::pooling::{self, Arrays, Pooling, PoolingPlan};

pub(super) const FAMILY: &[Entry] = &[
    Entry::of::<MaxPool2d>(),
    Entry::of::<MaxPool2dSelect>(),
    Entry::of::<MaxPool2dScatter>(),
    Entry::of::<AvgPool2d>(),
    Entry::of::<AvgPool2dGradient>(),
];

/// An operation over windows of `[batch, rows, columns, channels]`.
macro_rules! windowed {
    ($(#[$doc:meta])* $name:ident, $text:literal, $kind:ident, $inputs:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        pub struct $name {
            /// Height and width of a window.
            pub window: [usize; 2],
            /// From one window to the next.
            pub strides: [usize; 2],
            /// How far the first window begins before the pictures.
            pub before: [usize; 2],
        }

        impl Operation for $name {
            const NAME: &'static str = $text;

            fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
                exactly::<$inputs>(inputs)?;
                Windows::from(self).check(Pooling::$kind, inputs, result)
            }

            fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
                Windows::from(self).plan(Pooling::$kind, planner, inputs, value)
            }
        }

        impl From<&$name> for Windows {
            fn from(operation: &$name) -> Windows {
                let $name { window, strides, before } = *operation;
                Windows { window, axes: Axes { strides, dilations: [1, 1], before } }
            }
        }
    };
}

windowed!(
    /// The largest number of each window.
    MaxPool2d, "max_pool2d", Largest, 1
);
windowed!(
    /// Of each window the number of the first input where the second is largest.
    MaxPool2dSelect, "max_pool2d_select", Select, 2
);
windowed!(
    /// Each number of the first input goes to where its window of the second is largest.
    MaxPool2dScatter, "max_pool2d_scatter", Scatter, 2
);
windowed!(
    /// The mean of each window.
    AvgPool2d, "avg_pool2d", Mean, 1
);
windowed!(
    /// Each number is shared out equally to its window.
    AvgPool2dGradient, "avg_pool2d_gradient", Share, 1
);

/// Windows of any of the operations.
struct Windows {
    window: [usize; 2],
    axes: Axes,
}

/// Whether each number goes to a window.
fn spreads(kind: Pooling) -> bool {
    matches!(kind, Pooling::Scatter | Pooling::Share)
}

impl Windows {
    fn check(&self, kind: Pooling, inputs: &[Type], result: Type) -> Result<(), String> {
        expect_float(inputs[0])?;
        let plan = self.kernel(kind, inputs[0], result)?;
        match kind {
            Pooling::Select if inputs[1] != inputs[0] => Err(format!(
                "needs two inputs of one type, got {} and {}",
                describe_type(inputs[0]),
                describe_type(inputs[1])
            )),
            Pooling::Scatter => expect(result, inputs[1].dtype, inputs[1].shape),
            _ => expect(result, plan.dtype, result.shape),
        }
    }

    fn kernel(&self, kind: Pooling, first: Type, result: Type) -> Result<PoolingPlan, String> {
        let (pictures, windows) = if spreads(kind) { (result, first) } else { (first, result) };
        let (&[batch, height, width, channels], &[batch_w, down, right, channels_w]) =
            (pictures.shape, windows.shape)
        else {
            return Err(format!(
                "needs four axes, got {} and {}",
                describe_type(first),
                describe_type(result)
            ));
        };
        if (batch, channels) != (batch_w, channels_w) {
            return Err(format!("{} and {} do not fit", describe_type(first), describe_type(result)));
        }
        let (rows, columns) =
            self.axes.of((height, width), (down, right), (self.window[0], self.window[1]))?;
        Ok(PoolingPlan { kind, dtype: first.dtype, rows, columns, channels })
    }

    fn plan(
        &self,
        kind: Pooling,
        planner: &mut Planner,
        inputs: &[ValueId],
        value: ValueId,
    ) -> Result<(), String> {
        let result = planner.types[value];
        let plan = self.kernel(kind, planner.types[inputs[0]], result)?;
        let batch = result.shape[0];
        let numbers = batch * plan.rows.output * plan.columns.output * plan.channels;
        let cost = (numbers * self.window[0] * self.window[1]) as f64 * 0.15;
        let cut = picture_cut(planner, inputs, cost);
        let reads = inputs.iter().map(|&id| planner.access(id, cut)).collect();
        planner.add(value, Planned::new(Pool { plan, batch }, cut, reads, cost));
        Ok(())
    }
}

/// Reads the operation's inputs, in their order.
#[derive(Debug)]
struct Pool {
    plan: PoolingPlan,
    batch: usize,
}

impl Action for Pool {
    fn describe(&self) -> String {
        let PoolingPlan { kind, rows, columns, .. } = self.plan;
        let name = match kind {
            Pooling::Largest => MaxPool2d::NAME,
            Pooling::Select => MaxPool2dSelect::NAME,
            Pooling::Scatter => MaxPool2dScatter::NAME,
            Pooling::Mean => AvgPool2d::NAME,
            Pooling::Share => AvgPool2dGradient::NAME,
        };
        format!("{name} {}x{}", rows.taps, columns.taps)
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let pictures = work.inputs.get(1).map_or(std::ptr::null(), |pictures| pictures.cast_const());
        let arrays = Arrays { source: work.inputs[0], pictures, out: work.out };
        // SAFETY: the arrays and the range are those of the plan.
        unsafe { pooling::run(&self.plan, work.level, work.range.clone(), arrays) };
        Ok(())
    }

    fn units(&self) -> usize {
        self.batch
    }
}
