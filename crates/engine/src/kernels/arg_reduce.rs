//! Positions of the largest and the smallest elements along an axis.

use std::ops::Range;

use crate::ir::program::Dtype;

/// Positions that are looked for at the same time: one after the other, each would wait for the last.
const TOGETHER: usize = 8;

/// How the index of the largest or smallest element is found.
#[derive(Clone, Debug)]
pub struct ArgReducePlan {
    dtype: Dtype,
    largest: bool,
    outer: usize,
    len: usize,
    inner: usize,
}

impl ArgReducePlan {
    /// Elements of the result; [`run`] takes ranges of them.
    pub fn outputs(&self) -> usize {
        self.outer * self.inner
    }
}

/// Plans the search for the first largest (or smallest) element along an axis.
///
/// # Errors
/// A sentence, when there is no such axis or it is empty.
pub fn plan(dtype: Dtype, shape: &[usize], axis: usize, largest: bool) -> Result<ArgReducePlan, String> {
    let Some(&len) = shape.get(axis) else {
        return Err(format!("axis {axis} must lie inside the shape {shape:?}"));
    };
    let outer: usize = shape[..axis].iter().product();
    let inner: usize = shape[axis + 1..].iter().product();
    if len == 0 && outer * inner > 0 {
        return Err(format!("the largest of no elements has no index: shape {shape:?}, axis {axis}"));
    }
    Ok(ArgReducePlan { dtype, largest, outer, len, inner })
}

/// Computes the elements `outputs` (`i64`) of the result.
///
/// # Safety
/// `x` and `out` are arrays as planned; nobody else writes these elements.
pub unsafe fn run(plan: &ArgReducePlan, outputs: Range<usize>, x: *const u8, out: *mut u8) {
    // SAFETY: the caller vouches for the arrays, the plan for the element types.
    unsafe {
        let out = out.cast::<i64>();
        match plan.dtype {
            Dtype::F32 => positions::<f32>(plan, outputs, x.cast(), out),
            Dtype::F64 => positions::<f64>(plan, outputs, x.cast(), out),
            Dtype::I32 => positions::<i32>(plan, outputs, x.cast(), out),
            Dtype::I64 => positions::<i64>(plan, outputs, x.cast(), out),
            Dtype::U8 | Dtype::Bool => positions::<u8>(plan, outputs, x, out),
        }
    }
}

// `known == known` is false for NaN, which nothing can beat.
#[allow(clippy::eq_op)]
unsafe fn positions<T: Copy + PartialOrd>(
    plan: &ArgReducePlan,
    outputs: Range<usize>,
    x: *const T,
    out: *mut i64,
) {
    let start_of = |output: usize| match plan.inner {
        1 => output * plan.len,
        inner => output / inner * plan.len * inner + output % inner,
    };
    for first in outputs.clone().step_by(TOGETHER) {
        // The last one is looked for several times where there are not enough.
        let starts: [usize; TOGETHER] =
            std::array::from_fn(|place| start_of((first + place).min(outputs.end - 1)));
        // SAFETY: the caller vouches for the arrays; the axis is not empty where there are outputs.
        unsafe {
            let mut best = starts.map(|start| *x.add(start));
            let mut positions = [0; TOGETHER];
            for i in 1..plan.len {
                for place in 0..TOGETHER {
                    let (value, known) = (*x.add(starts[place] + i * plan.inner), best[place]);
                    // No short cuts: which element is largest is chance, and a wrong guess costs more.
                    let beats = (plan.largest & (value > known)) | (!plan.largest & (value < known));
                    let take = (beats | (value != value)) & (known == known);
                    best[place] = if take { value } else { known };
                    positions[place] = if take { i as i64 } else { positions[place] };
                }
            }
            let count = TOGETHER.min(outputs.end - first);
            std::ptr::copy_nonoverlapping(positions.as_ptr(), out.add(first), count);
        }
    }
}
