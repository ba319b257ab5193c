//! Softmax and its logarithm, row by row.

use crate::ir::program::Dtype;
use crate::simd::{self, Kernel, Level, MAX_LANES, Vector, math};
use std::mem::MaybeUninit;
use std::ops::Range;

/// Rows whose sums are kept together, so that their logarithms are taken in vectors.
const BLOCK: usize = 64;

/// Softmax (or its logarithm) over rows of `width` numbers: those in `rows`.
///
/// The row's largest number is taken out first. `out` may be `x`.
///
/// # Safety
/// The level is there; `x` and `out` hold `rows.end * width` numbers of `dtype`
/// (`F32` or `F64`); nobody else writes these rows.
pub unsafe fn softmax(
    level: Level,
    log: bool,
    dtype: Dtype,
    rows: Range<usize>,
    width: usize,
    x: *const u8,
    out: *mut u8,
) {
    // SAFETY: the caller vouches for the arrays.
    unsafe {
        if dtype == Dtype::F64 {
            return softmax_double(log, rows, width, x.cast(), out.cast());
        }
        let (x, out) = (x.cast::<f32>().add(rows.start * width), out.cast::<f32>().add(rows.start * width));
        simd::run(level, Softmax { log, rows: rows.len(), width, x, out });
    }
}

struct Softmax {
    log: bool,
    rows: usize,
    width: usize,
    x: *const f32,
    out: *mut f32,
}

impl Kernel for Softmax {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let width = self.width;
        for start in (0..self.rows).step_by(BLOCK) {
            let rows = BLOCK.min(self.rows - start);
            let mut sums = [1.0; BLOCK];
            // SAFETY: the caller vouches for the rows; BLOCK is a whole number of vectors.
            unsafe {
                let (x, out) = (self.x.add(start * width), self.out.add(start * width));
                if width < V::LANES {
                    narrow::<V>(self.log, rows, width, x, out);
                    continue;
                }
                for (row, sum) in sums[..rows].iter_mut().enumerate() {
                    *sum = exponentials::<V>(width, x.add(row * width), out.add(row * width), self.log);
                }
                if self.log {
                    for first in (0..rows).step_by(V::LANES) {
                        let place = sums.as_mut_ptr().add(first);
                        math::log(V::load(place)).store(place);
                    }
                }
                for (row, sum) in sums[..rows].iter().enumerate() {
                    finish::<V>(width, out.add(row * width), *sum, self.log);
                }
            }
        }
    }
}

/// Up to `BLOCK` rows that fit into a vector each. They stay in whole vectors: a row that was written
/// in part could only be read again when it has reached the cache. As `Softmax`, to the bit.
#[inline(always)]
unsafe fn narrow<V: Vector>(log: bool, rows: usize, width: usize, x: *const f32, out: *mut f32) {
    let mut sums = [1.0; BLOCK];
    let mut kept = Kept([MaybeUninit::uninit(); BLOCK * MAX_LANES]);
    let kept = kept.0.as_mut_ptr().cast::<f32>();
    // SAFETY: the caller vouches for the rows; BLOCK is a whole number of vectors.
    unsafe {
        for (row, sum) in sums[..rows].iter_mut().enumerate() {
            let x = V::load_or(x.add(row * width), width, f32::NEG_INFINITY);
            let difference = x - V::splat(x.largest());
            let power = math::exp_negative(difference);
            *sum = power.sum();
            (if log { difference } else { power }).store(kept.add(row * V::LANES));
        }
        if log {
            for first in (0..rows).step_by(V::LANES) {
                let place = sums.as_mut_ptr().add(first);
                math::log(V::load(place)).store(place);
            }
        }
        for (row, sum) in sums[..rows].iter().enumerate() {
            let (value, sum) = (V::load(kept.add(row * V::LANES)), V::splat(*sum));
            (if log { value - sum } else { value / sum }).store_partial(out.add(row * width), width);
        }
    }
}

/// Room for a block of rows of a vector each.
#[repr(align(64))]
struct Kept([MaybeUninit<f32>; BLOCK * MAX_LANES]);

/// Calls `with(position, count)` for whole vectors, then for what is left.
macro_rules! each_vector {
    ($lanes:expr, $len:expr, |$at:ident| $whole:expr, |$rest:ident, $count:ident| $partial:expr) => {
        let mut $at = 0;
        while $at + $lanes <= $len {
            $whole;
            $at += $lanes;
        }
        let ($rest, $count) = ($at, $len - $at);
        if $count > 0 {
            $partial;
        }
    };
}

/// Takes the largest number out; writes the differences (for the logarithm) or
/// their exponentials, and returns the sum of the exponentials. A NaN makes the
/// sum NaN, whatever number was taken out.
#[inline(always)]
unsafe fn exponentials<V: Vector>(width: usize, x: *const f32, out: *mut f32, log: bool) -> f32 {
    // SAFETY: the caller vouches for `width` numbers and places.
    unsafe {
        let mut largest = V::splat(f32::NEG_INFINITY);
        each_vector!(V::LANES, width, |i| largest = largest.max_fast(V::load(x.add(i))), |i, count| {
            largest = largest.max_fast(V::load_or(x.add(i), count, f32::NEG_INFINITY));
        });
        let largest = V::splat(largest.largest());
        let mut sums = V::splat(0.0);
        each_vector!(
            V::LANES,
            width,
            |i| {
                let difference = V::load(x.add(i)) - largest;
                let power = math::exp_negative(difference);
                sums = sums + power;
                (if log { difference } else { power }).store(out.add(i));
            },
            |i, count| {
                let difference = V::load_or(x.add(i), count, f32::NEG_INFINITY) - largest;
                let power = math::exp_negative(difference);
                sums = sums + power;
                (if log { difference } else { power }).store_partial(out.add(i), count);
            }
        );
        sums.sum()
    }
}

/// Subtracts the logarithm of the sum, or divides by the sum.
#[inline(always)]
unsafe fn finish<V: Vector>(width: usize, out: *mut f32, sum: f32, log: bool) {
    // SAFETY: the caller vouches for `width` numbers.
    unsafe {
        let sum = V::splat(sum);
        let change = |value: V| if log { value - sum } else { value / sum };
        each_vector!(V::LANES, width, |i| change(V::load(out.add(i))).store(out.add(i)), |i, count| {
            change(V::load_partial(out.add(i), count)).store_partial(out.add(i), count);
        });
    }
}

unsafe fn softmax_double(log: bool, rows: Range<usize>, width: usize, x: *const f64, out: *mut f64) {
    for row in rows {
        // SAFETY: the caller vouches for the rows.
        unsafe {
            let (x, out) = (x.add(row * width), out.add(row * width));
            let largest = (0..width).fold(f64::NEG_INFINITY, |largest, i| largest.max(*x.add(i)));
            let mut sum = 0.0;
            for i in 0..width {
                let difference = *x.add(i) - largest;
                let power = difference.exp();
                sum += power;
                *out.add(i) = if log { difference } else { power };
            }
            let log_sum = sum.ln();
            for i in 0..width {
                *out.add(i) = if log { *out.add(i) - log_sum } else { *out.add(i) / sum };
            }
        }
    }
}
