//! What operations have in common that move windows over pictures.

use crate::ir::planner::{Cut, Planner, WORTH_CUTTING};
use crate::ir::program::ValueId;
use crate::kernels::convolution::Axis;
use crate::partition::Partition;

/// The farthest that the taps of a window may reach.
const MOST_REACH: usize = 1 << 24;

/// Attributes of both axes: height, then width.
#[derive(Clone, Copy)]
pub(super) struct Axes {
    pub strides: [usize; 2],
    pub dilations: [usize; 2],
    pub before: [usize; 2],
}

impl Axes {
    /// Both axes, for pictures and outputs of such heights and widths.
    ///
    /// # Errors
    /// A sentence about windows that lie outside of the pictures.
    pub fn of(
        self,
        input: (usize, usize),
        output: (usize, usize),
        taps: (usize, usize),
    ) -> Result<(Axis, Axis), String> {
        let axis = |number: usize, input, output, taps| {
            let (stride, dilation) = (self.strides[number], self.dilations[number]);
            check(Axis { input, output, taps, stride, dilation, before: self.before[number] })
        };
        Ok((axis(0, input.0, output.0, taps.0)?, axis(1, input.1, output.1, taps.1)?))
    }
}

/// Every window covers a place of the pictures at least with its reach.
fn check(axis: Axis) -> Result<Axis, String> {
    let Axis { input, output, taps, stride, dilation, before } = axis;
    let reach = taps.checked_sub(1).and_then(|gaps| gaps.checked_mul(dilation));
    let last = output.saturating_sub(1).checked_mul(stride);
    let (Some(reach), Some(last)) = (reach, last) else {
        return Err(format!(
            "windows of {taps} taps with stride {stride}, dilation {dilation} are too large"
        ));
    };
    let positive = stride > 0 && dilation > 0 && reach <= MOST_REACH && stride <= MOST_REACH;
    if !positive || before > reach || (output > 0 && last >= input + before) {
        return Err(format!(
            "{output} windows of {taps} taps with stride {stride}, dilation {dilation} and {before} zeros before \
             do not lie over {input} places"
        ));
    }
    Ok(axis)
}

/// How work on pictures is cut: as the first of the values was, or as it is worth.
pub(super) fn picture_cut(planner: &Planner, values: &[ValueId], cost: f64) -> Option<Cut> {
    let batch = planner.types[values[0]].shape[0];
    let own = (cost > WORTH_CUTTING && batch > 1)
        .then(|| Cut { axis: 0, partition: Partition::worth(batch, 1, cost) });
    let before = values.iter().find_map(|&value| planner.row_cut_of(value));
    let enough = own.map_or(1, |cut| cut.partition.parts().div_ceil(2));
    before.filter(|cut| cut.partition.parts() >= enough).or(own)
}
