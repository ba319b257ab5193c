//! Whether numbers are finite: then a zero times any of them is zero.

use crate::simd::Vector;

/// Whether there is no infinity and no NaN among `len` numbers.
///
/// # Safety
/// The machine has the level, and the numbers are there.
#[inline(always)]
pub(crate) unsafe fn finite<V: Vector>(numbers: *const f32, len: usize) -> bool {
    // SAFETY: the caller vouches for the numbers.
    unsafe {
        // Zero times anything finite is zero; the sums stay zero unless one is not.
        let zero = V::splat(0.0);
        let mut sums = [zero; 4];
        let mut i = 0;
        while i + 4 * V::LANES <= len {
            for (number, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(numbers.add(i + number * V::LANES)).mul_add(zero, *sum);
            }
            i += 4 * V::LANES;
        }
        while i + V::LANES <= len {
            sums[0] = V::load(numbers.add(i)).mul_add(zero, sums[0]);
            i += V::LANES;
        }
        if i < len {
            sums[1] = V::load_partial(numbers.add(i), len - i).mul_add(zero, sums[1]);
        }
        ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum() == 0.0
    }
}
