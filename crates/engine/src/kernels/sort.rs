//! Sorting along the last axis. NaN sorts last, whatever the direction.

use std::cmp::Ordering;
use std::ops::Range;

use crate::ir::program::Dtype;

/// Elements with an order in which NaN comes last.
trait Ordered: Copy {
    fn order(self, other: Self) -> Ordering;
    /// Sorts last in both directions.
    fn is_last(self) -> bool;
}

macro_rules! ordered {
    ($($type:ty: $nan:expr;)*) => {$(
        impl Ordered for $type {
            fn order(self, other: Self) -> Ordering {
                self.partial_cmp(&other).unwrap_or(Ordering::Equal)
            }
            fn is_last(self) -> bool {
                let is_nan: fn($type) -> bool = $nan;
                is_nan(self)
            }
        }
    )*};
}

ordered! {
    f32: f32::is_nan;
    f64: f64::is_nan;
    i32: |_| false;
    i64: |_| false;
    u8: |_| false;
}

fn compare<T: Ordered>(a: T, b: T, descending: bool) -> Ordering {
    a.is_last().cmp(&b.is_last()).then_with(|| if descending { b.order(a) } else { a.order(b) })
}

/// Sorts the rows of a range; with `positions`, gives the `i32` positions that sort them.
///
/// # Safety
/// `x` has rows of `width` elements of `dtype`; `out` as many of `dtype` or `i32`,
/// without overlap. `scratch` has `width * 16` bytes, aligned to 8.
#[allow(clippy::too_many_arguments)] // the array, its shape and the two options
pub unsafe fn sort(
    dtype: Dtype,
    rows: Range<usize>,
    width: usize,
    descending: bool,
    positions: bool,
    x: *const u8,
    out: *mut u8,
    scratch: *mut u8,
) {
    // SAFETY: handed on.
    unsafe {
        match dtype {
            Dtype::F32 => rows_of::<f32>(rows, width, descending, positions, x, out, scratch),
            Dtype::F64 => rows_of::<f64>(rows, width, descending, positions, x, out, scratch),
            Dtype::I32 => rows_of::<i32>(rows, width, descending, positions, x, out, scratch),
            Dtype::I64 => rows_of::<i64>(rows, width, descending, positions, x, out, scratch),
            Dtype::U8 | Dtype::Bool => rows_of::<u8>(rows, width, descending, positions, x, out, scratch),
        }
    }
}

/// The position stands beside the element, so that an unstable sort, which
/// needs no memory of its own, keeps equal elements in order.
unsafe fn rows_of<T: Ordered>(
    rows: Range<usize>,
    width: usize,
    descending: bool,
    positions: bool,
    x: *const u8,
    out: *mut u8,
    scratch: *mut u8,
) {
    for row in rows {
        // SAFETY: the caller vouches for the rows and the scratch memory; a pair of an
        // element and its position takes at most 16 bytes.
        unsafe {
            let from = x.cast::<T>().add(row * width);
            let pairs = scratch.cast::<(T, i32)>();
            for i in 0..width {
                pairs.add(i).write((from.add(i).read_unaligned(), i as i32));
            }
            let pairs = std::slice::from_raw_parts_mut(pairs, width);
            pairs.sort_unstable_by(|a, b| compare(a.0, b.0, descending).then(a.1.cmp(&b.1)));
            for (i, pair) in pairs.iter().enumerate() {
                if positions {
                    out.cast::<i32>().add(row * width + i).write_unaligned(pair.1);
                } else {
                    out.cast::<T>().add(row * width + i).write_unaligned(pair.0);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_sorts_last_and_equals_keep_their_order() {
        let x = [2.0f32, f32::NAN, 1.0, 2.0, -1.0];
        let mut scratch = [0u64; 16];
        let mut sorted = [0.0f32; 5];
        let mut positions = [0i32; 5];
        // SAFETY: one row of five elements; the scratch memory has 128 bytes.
        unsafe {
            let (from, aside) = (x.as_ptr().cast(), scratch.as_mut_ptr().cast());
            sort(Dtype::F32, 0..1, 5, false, false, from, sorted.as_mut_ptr().cast(), aside);
            assert_eq!(sorted[..4], [-1.0, 1.0, 2.0, 2.0]);
            assert!(sorted[4].is_nan());
            sort(Dtype::F32, 0..1, 5, false, true, from, positions.as_mut_ptr().cast(), aside);
            assert_eq!(positions, [4, 2, 0, 3, 1]);
            sort(Dtype::F32, 0..1, 5, true, true, from, positions.as_mut_ptr().cast(), aside);
            assert_eq!(positions, [0, 3, 2, 4, 1]);
        }
    }
}
