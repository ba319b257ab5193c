//! Reductions over any axes.
//!
//! Axes of one kind that follow each other are joined when the reduction is
//! planned. Sums of floats are taken in blocks, so that long ones stay accurate.
//! The order of additions depends on the shape and the level alone.

use crate::ir::program::{Dtype, ReduceKind};
use crate::kernels::scalar::Float;
use crate::simd::{self, Kernel, Level, Vector};
use std::ops::Range;

/// Elements (or rows) that are added up before their sum joins the total.
const BLOCK: usize = 256;

/// A length and a stride, in elements.
type Axis = (usize, usize);

/// How a reduction walks over its input.
#[derive(Clone, Debug)]
pub struct ReducePlan {
    kind: ReduceKind,
    dtype: Dtype,
    /// The axes of the result.
    kept: Vec<Axis>,
    /// The axes that vanish but the last, and the last.
    reduced: Vec<Axis>,
    run: Axis,
    outputs: usize,
    count: usize,
}

impl ReducePlan {
    /// Elements of the result; [`run`] takes ranges of them.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Elements of the input that one element of the result is made of.
    pub fn count(&self) -> usize {
        self.count
    }
}

/// Plans a reduction of the named axes.
///
/// # Errors
/// A sentence, when the type does not fit the kind, an axis does not exist or is
/// named twice, or the largest of no elements is asked for.
pub fn plan(kind: ReduceKind, dtype: Dtype, shape: &[usize], axes: &[usize]) -> Result<ReducePlan, String> {
    let is_float = matches!(dtype, Dtype::F32 | Dtype::F64);
    let fits = match kind {
        ReduceKind::Mean => is_float,
        ReduceKind::Any | ReduceKind::All => dtype == Dtype::Bool,
        ReduceKind::Max | ReduceKind::Min => true,
        ReduceKind::Sum | ReduceKind::Prod => dtype != Dtype::Bool,
    };
    if !fits {
        return Err(format!("a reduction of kind {kind:?} cannot take elements of type {dtype:?}"));
    }
    if !axes.is_sorted_by(|a, b| a < b) || axes.iter().any(|axis| *axis >= shape.len()) {
        return Err(format!("axes {axes:?} must rise and lie inside the shape {shape:?}"));
    }
    let count = axes.iter().map(|axis| shape[*axis]).product();
    let (mut kept, mut reduced) = joined_axes(shape, axes);
    let outputs = kept.iter().map(|axis| axis.0).product();
    if count == 0 && outputs > 0 && matches!(kind, ReduceKind::Max | ReduceKind::Min) {
        return Err(format!("{kind:?} of no elements: shape {shape:?}, axes {axes:?}"));
    }
    let run = reduced.pop().unwrap_or((1, 1));
    if kept.is_empty() {
        kept.push((1, 1));
    }
    Ok(ReducePlan { kind, dtype, kept, reduced, run, outputs, count })
}

/// Kept and reduced axes, those of one kind that follow each other joined.
fn joined_axes(shape: &[usize], axes: &[usize]) -> (Vec<Axis>, Vec<Axis>) {
    let (mut kept, mut reduced) = (Vec::<Axis>::new(), Vec::<Axis>::new());
    let mut stride = 1;
    let mut previous = None;
    for (axis, &len) in shape.iter().enumerate().rev() {
        if len == 1 {
            continue;
        }
        let vanishes = axes.contains(&axis);
        let list = if vanishes { &mut reduced } else { &mut kept };
        match list.last_mut() {
            Some(last) if previous == Some(vanishes) => last.0 *= len,
            _ => list.push((len, stride)),
        }
        previous = Some(vanishes);
        stride *= len;
    }
    kept.reverse();
    reduced.reverse();
    (kept, reduced)
}

/// Where the element number `flat` over these axes starts.
fn offset(axes: &[Axis], mut flat: usize) -> usize {
    let mut offset = 0;
    for (len, stride) in axes.iter().rev() {
        offset += flat % len * stride;
        flat /= len;
    }
    offset
}

/// Computes the elements `outputs` of the result.
///
/// # Safety
/// The level is there; `x` and `out` are arrays as planned; nobody else writes
/// these elements.
pub unsafe fn run(plan: &ReducePlan, level: Level, outputs: Range<usize>, x: *const u8, out: *mut u8) {
    // SAFETY: the caller vouches for level and arrays, the plan for the element types.
    unsafe {
        match plan.dtype {
            Dtype::F32 if plan.in_vectors() => {
                simd::run(level, Vectors { plan, outputs, x: x.cast(), out: out.cast() });
            }
            Dtype::F32 => floats::<f32>(plan, outputs, x.cast(), out.cast()),
            Dtype::F64 => floats::<f64>(plan, outputs, x.cast(), out.cast()),
            Dtype::I32 => {
                integers::<i32>(plan, outputs, x.cast(), out.cast(), i32::wrapping_add, i32::wrapping_mul)
            }
            Dtype::I64 => {
                integers::<i64>(plan, outputs, x.cast(), out.cast(), i64::wrapping_add, i64::wrapping_mul)
            }
            Dtype::U8 => integers::<u8>(plan, outputs, x, out, u8::wrapping_add, u8::wrapping_mul),
            Dtype::Bool => booleans(plan, outputs, x, out),
        }
    }
}

impl ReducePlan {
    /// Rows, columns and divisor, if this adds up rows of `f32` that follow each other, each
    /// column by itself, and no sum is taken in several blocks or vectors.
    pub fn few_sums(&self, level: Level) -> Option<(usize, usize, usize)> {
        let divisor = match self.kind {
            ReduceKind::Sum => 1,
            ReduceKind::Mean => self.count,
            _ => return None,
        };
        let [(columns, 1)] = *self.kept.as_slice() else { return None };
        let (rows, stride) = self.run;
        let most = if columns == 1 { level.lanes() } else { BLOCK };
        let plain = self.dtype == Dtype::F32 && self.reduced.is_empty() && stride == columns;
        (plain && self.count > 0 && rows <= most).then_some((rows, columns, divisor))
    }

    /// Whether vectors can run along the reduced axis, or along the result.
    fn in_vectors(&self) -> bool {
        let along_result = self.kept.last().is_some_and(|last| last.1 == 1);
        self.kind != ReduceKind::Prod && self.reduced.is_empty() && (self.run.1 == 1 || along_result)
    }

    /// Joins all elements of one element of the result.
    #[inline(always)]
    unsafe fn fold<T: Copy, S>(
        &self,
        output: usize,
        x: *const T,
        start: S,
        mut join: impl FnMut(S, T) -> S,
    ) -> S {
        let base = offset(&self.kept, output);
        let (len, stride) = self.run;
        let mut state = start;
        let runs = self.count.checked_div(len).unwrap_or(0);
        for run in 0..runs {
            let base = base + offset(&self.reduced, run);
            for i in 0..len {
                // SAFETY: inside the planned input.
                state = join(state, unsafe { *x.add(base + i * stride) });
            }
        }
        state
    }
}

/// A sum in two parts: a block, and the total of the blocks before.
struct Sum<T> {
    total: T,
    block: T,
    count: usize,
}

unsafe fn floats<T>(plan: &ReducePlan, outputs: Range<usize>, x: *const T, out: *mut T)
where
    T: Float + From<f32> + std::ops::Add<Output = T> + std::ops::Mul<Output = T> + std::ops::Div<Output = T>,
    T: std::iter::Sum,
{
    let number = |value: f32| T::from(value);
    for output in outputs {
        // SAFETY: the caller vouches for the arrays.
        unsafe {
            *out.add(output) = match plan.kind {
                ReduceKind::Prod => plan.fold(output, x, number(1.0), |a, b| a * b),
                ReduceKind::Max => plan.fold(output, x, number(f32::NEG_INFINITY), Float::larger),
                ReduceKind::Min => plan.fold(output, x, number(f32::INFINITY), Float::smaller),
                _ => {
                    let start = Sum { total: number(0.0), block: number(0.0), count: 0 };
                    let sum = plan.fold(output, x, start, |mut sum, value| {
                        sum.block = sum.block + value;
                        sum.count += 1;
                        if sum.count % BLOCK == 0 {
                            sum.total = sum.total + sum.block;
                            sum.block = number(0.0);
                        }
                        sum
                    });
                    let sum = sum.total + sum.block;
                    if plan.kind == ReduceKind::Mean { sum / number(plan.count as f32) } else { sum }
                }
            };
        }
    }
}

unsafe fn integers<T: Copy + Ord + From<u8>>(
    plan: &ReducePlan,
    outputs: Range<usize>,
    x: *const T,
    out: *mut T,
    add: impl Fn(T, T) -> T,
    multiply: impl Fn(T, T) -> T,
) {
    for output in outputs {
        // SAFETY: the caller vouches for the arrays; the largest of nothing is refused by `plan`.
        unsafe {
            let first = || *x.add(offset(&plan.kept, output));
            *out.add(output) = match plan.kind {
                ReduceKind::Max => plan.fold(output, x, first(), T::max),
                ReduceKind::Min => plan.fold(output, x, first(), T::min),
                ReduceKind::Prod => plan.fold(output, x, T::from(1), &multiply),
                _ => plan.fold(output, x, T::from(0), &add),
            };
        }
    }
}

unsafe fn booleans(plan: &ReducePlan, outputs: Range<usize>, x: *const u8, out: *mut u8) {
    let every = matches!(plan.kind, ReduceKind::All | ReduceKind::Min);
    for output in outputs {
        // SAFETY: the caller vouches for the arrays.
        unsafe {
            let answer = plan.fold(output, x, every, |answer, value| match every {
                true => answer && value != 0,
                false => answer || value != 0,
            });
            *out.add(output) = u8::from(answer);
        }
    }
}

/// Sums, means, largest and smallest of `f32`, in vectors.
struct Vectors<'a> {
    plan: &'a ReducePlan,
    outputs: Range<usize>,
    x: *const f32,
    out: *mut f32,
}

impl Kernel for Vectors<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        // SAFETY: passed on to the caller.
        unsafe {
            match self.plan.kind {
                ReduceKind::Max => self.all::<V>(f32::NEG_INFINITY, V::maximum, Float::larger, 1.0),
                ReduceKind::Min => self.all::<V>(f32::INFINITY, V::minimum, Float::smaller, 1.0),
                ReduceKind::Mean => self.all::<V>(0.0, |a, b| a + b, |a, b| a + b, self.plan.count as f64),
                _ => self.all::<V>(0.0, |a, b| a + b, |a, b| a + b, 1.0),
            }
        }
    }
}

impl Vectors<'_> {
    #[inline(always)]
    unsafe fn all<V: Vector>(
        &self,
        start: f32,
        join: impl Fn(V, V) -> V + Copy,
        join_numbers: impl Fn(f64, f64) -> f64 + Copy,
        divisor: f64,
    ) {
        // SAFETY: passed on to the caller.
        unsafe {
            if self.plan.run.1 == 1 {
                for output in self.outputs.clone() {
                    let x = self.x.add(offset(&self.plan.kept, output));
                    let value = along::<V>(x, self.plan.run.0, start, join, join_numbers);
                    *self.out.add(output) = (value / divisor) as f32;
                }
                return;
            }
            let inner = self.plan.kept.last().map_or(1, |last| last.0);
            let mut output = self.outputs.start;
            while output < self.outputs.end {
                // Up to the end of a row of the result.
                let left = (inner - output % inner).min(self.outputs.end - output);
                let x = self.x.add(offset(&self.plan.kept, output));
                let width = left.min(V::LANES);
                let value = down::<V>(x, self.plan.run, width, start, join);
                let value = value / V::splat(divisor as f32);
                if width == V::LANES {
                    value.store(self.out.add(output));
                } else {
                    value.store_partial(self.out.add(output), width);
                }
                output += width;
            }
        }
    }
}

/// Joins `len` numbers that lie next to each other; blocks are joined in `f64`.
#[inline(always)]
unsafe fn along<V: Vector>(
    x: *const f32,
    len: usize,
    start: f32,
    join: impl Fn(V, V) -> V,
    join_numbers: impl Fn(f64, f64) -> f64,
) -> f64 {
    let mut total = f64::from(start);
    // SAFETY: the caller vouches for `len` numbers.
    unsafe {
        let empty = V::splat(start);
        let mut first = 0;
        while first < len {
            let end = len.min(first + BLOCK * V::LANES);
            let mut sums = [empty; 4];
            let mut i = first;
            while i + 4 * V::LANES <= end {
                for (lane, sum) in sums.iter_mut().enumerate() {
                    *sum = join(*sum, V::load(x.add(i + lane * V::LANES)));
                }
                i += 4 * V::LANES;
            }
            while i < end {
                let count = V::LANES.min(end - i);
                let value =
                    if count == V::LANES { V::load(x.add(i)) } else { V::load_or(x.add(i), count, start) };
                sums[0] = join(sums[0], value);
                i += count;
            }
            let sum = join(join(sums[0], sums[1]), join(sums[2], sums[3]));
            let mut lanes = [start; simd::MAX_LANES];
            sum.store(lanes.as_mut_ptr());
            for lane in &lanes[..V::LANES] {
                total = join_numbers(total, f64::from(*lane));
            }
            first = end;
        }
    }
    total
}

/// Joins rows: `width <= LANES` numbers of each.
#[inline(always)]
unsafe fn down<V: Vector>(
    x: *const f32,
    (rows, stride): Axis,
    width: usize,
    start: f32,
    join: impl Fn(V, V) -> V,
) -> V {
    // SAFETY: the caller vouches for `width` numbers in each row.
    unsafe {
        let empty = V::splat(start);
        let mut total = empty;
        let load = |row: usize| {
            let row = x.add(row * stride);
            if width == V::LANES { V::load(row) } else { V::load_partial(row, width) }
        };
        for first in (0..rows).step_by(BLOCK) {
            let end = rows.min(first + BLOCK);
            let mut sums = [empty; 4];
            let mut row = first;
            while row + 4 <= end {
                for (step, sum) in sums.iter_mut().enumerate() {
                    *sum = join(*sum, load(row + step));
                }
                row += 4;
            }
            while row < end {
                sums[0] = join(sums[0], load(row));
                row += 1;
            }
            total = join(total, join(join(sums[0], sums[1]), join(sums[2], sums[3])));
        }
        total
    }
}
