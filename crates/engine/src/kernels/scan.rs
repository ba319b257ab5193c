//! Cumulative sums.

use crate::ir::program::Dtype;

/// Numbers that can be added up; integers wrap.
pub(crate) trait Number: Copy {
    const ZERO: Self;
    fn plus(self, other: Self) -> Self;
}

macro_rules! number {
    ($($type:ty, $zero:expr, $add:expr;)*) => {$(
        impl Number for $type {
            const ZERO: Self = $zero;
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                let add: fn($type, $type) -> $type = $add;
                add(self, other)
            }
        }
    )*};
}

number! {
    f32, 0.0, |a, b| a + b;
    f64, 0.0, |a, b| a + b;
    i32, 0, i32::wrapping_add;
    i64, 0, i64::wrapping_add;
    u8, 0, u8::wrapping_add;
}

/// Calls a generic function with the Rust type of an element type.
macro_rules! with_number {
    ($dtype:expr, $function:ident ( $($argument:expr),* )) => {
        match $dtype {
            Dtype::F32 => $function::<f32>($($argument),*),
            Dtype::F64 => $function::<f64>($($argument),*),
            Dtype::I32 => $function::<i32>($($argument),*),
            Dtype::I64 => $function::<i64>($($argument),*),
            Dtype::U8 | Dtype::Bool => $function::<u8>($($argument),*),
        }
    };
}
pub(crate) use with_number;

/// Cumulative sums along an axis of `len`, between `outer` and `inner` others.
#[derive(Clone, Copy, Debug)]
pub struct CumsumShape {
    /// Element type.
    pub dtype: Dtype,
    /// Elements before the axis.
    pub outer: usize,
    /// Length of the axis.
    pub len: usize,
    /// Elements after the axis.
    pub inner: usize,
    /// Leave the element itself out.
    pub exclusive: bool,
    /// From the end.
    pub reverse: bool,
}

/// Computes cumulative sums.
///
/// # Safety
/// Both arrays have the shape that `shape` says and do not overlap.
pub unsafe fn cumsum(shape: &CumsumShape, x: *const u8, out: *mut u8) {
    // SAFETY: handed on.
    unsafe { with_number!(shape.dtype, cumsum_of(shape, x, out)) }
}

unsafe fn cumsum_of<T: Number>(shape: &CumsumShape, x: *const u8, out: *mut u8) {
    let (x, out) = (x.cast::<T>(), out.cast::<T>());
    for lane in 0..shape.outer * shape.inner {
        let base = lane / shape.inner * shape.len * shape.inner + lane % shape.inner;
        let mut sum = T::ZERO;
        for step in 0..shape.len {
            let item = if shape.reverse { shape.len - 1 - step } else { step };
            let position = base + item * shape.inner;
            // SAFETY: the position lies within both arrays.
            unsafe {
                let next = sum.plus(x.add(position).read_unaligned());
                out.add(position).write_unaligned(if shape.exclusive { sum } else { next });
                sum = next;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_sums() {
        let x = [1i32, 2, 3, 4, 5, 6];
        let run = |exclusive, reverse| {
            let shape = CumsumShape { dtype: Dtype::I32, outer: 2, len: 3, inner: 1, exclusive, reverse };
            let mut out = [0i32; 6];
            // SAFETY: two rows of three elements.
            unsafe { cumsum(&shape, x.as_ptr().cast(), out.as_mut_ptr().cast()) };
            out
        };
        assert_eq!(run(false, false), [1, 3, 6, 4, 9, 15]);
        assert_eq!(run(true, false), [0, 1, 3, 0, 4, 9]);
        assert_eq!(run(false, true), [6, 5, 3, 15, 11, 6]);
        assert_eq!(run(true, true), [5, 3, 0, 11, 6, 0]);
    }
}
