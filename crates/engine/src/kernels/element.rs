//! The element types that the `f32` kernels read.

use crate::simd::Vector;

/// A number that a kernel turns into `f32` as it reads it.
pub(crate) trait Element: Copy {
    /// Reads a vector of numbers.
    ///
    /// # Safety
    /// The machine has the level of `V`; `V::LANES` elements are readable.
    unsafe fn load<V: Vector>(from: *const Self) -> V;

    /// Reads `count < V::LANES` numbers; the other lanes are zero.
    ///
    /// # Safety
    /// The machine has the level of `V`; `count` elements are readable.
    unsafe fn load_partial<V: Vector>(from: *const Self, count: usize) -> V;

    /// The number.
    fn number(self) -> f32;

    /// A bit for each of 16 elements: whether it is not zero.
    ///
    /// # Safety
    /// The machine has the level of `V`; the elements are readable.
    unsafe fn nonzero_sixteen<V: Vector>(from: *const Self) -> u32;

    /// Transposes 16 rows of 16 elements round.
    ///
    /// # Safety
    /// The machine has the level of `V`; the rows and the place are there and do not overlap.
    unsafe fn transpose_sixteen<V: Vector>(rows: &[*const Self; 16], to: *mut Self, to_step: usize);
}

impl Element for f32 {
    #[inline(always)]
    unsafe fn load<V: Vector>(from: *const f32) -> V {
        // SAFETY: passed on to the caller.
        unsafe { V::load(from) }
    }

    #[inline(always)]
    unsafe fn load_partial<V: Vector>(from: *const f32, count: usize) -> V {
        // SAFETY: passed on to the caller.
        unsafe { V::load_partial(from, count) }
    }

    #[inline(always)]
    fn number(self) -> f32 {
        self
    }

    #[inline(always)]
    unsafe fn nonzero_sixteen<V: Vector>(from: *const f32) -> u32 {
        // SAFETY: passed on to the caller.
        unsafe { V::nonzero_numbers(from) as u32 }
    }

    #[inline(always)]
    unsafe fn transpose_sixteen<V: Vector>(rows: &[*const f32; 16], to: *mut f32, to_step: usize) {
        for (place, row) in rows.iter().enumerate() {
            for column in 0..16 {
                // SAFETY: passed on to the caller.
                unsafe { *to.add(column * to_step + place) = *row.add(column) };
            }
        }
    }
}

impl Element for u8 {
    #[inline(always)]
    unsafe fn load<V: Vector>(from: *const u8) -> V {
        // SAFETY: passed on to the caller.
        unsafe { V::load_bytes(from) }
    }

    #[inline(always)]
    unsafe fn load_partial<V: Vector>(from: *const u8, count: usize) -> V {
        // SAFETY: passed on to the caller.
        unsafe { V::load_bytes_partial(from, count) }
    }

    #[inline(always)]
    fn number(self) -> f32 {
        f32::from(self)
    }

    #[inline(always)]
    unsafe fn nonzero_sixteen<V: Vector>(from: *const u8) -> u32 {
        // SAFETY: passed on to the caller.
        unsafe { V::nonzero_bytes(from) }
    }

    #[inline(always)]
    unsafe fn transpose_sixteen<V: Vector>(rows: &[*const u8; 16], to: *mut u8, to_step: usize) {
        // SAFETY: passed on to the caller.
        unsafe { V::transpose_bytes(rows, to, to_step) }
    }
}
