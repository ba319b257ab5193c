//! Sums of eight vectors of eight numbers at once, with AVX2 and with AVX-512.

use std::arch::x86_64::*;

/// Sums of eight vectors of eight.
#[inline(always)]
pub(super) unsafe fn with_avx2(from: *const f32, to: *mut f32) {
    // SAFETY: the caller vouches for the level, the vectors and the place.
    unsafe {
        let pair = |row: usize| {
            _mm256_hadd_ps(_mm256_loadu_ps(from.add(8 * row)), _mm256_loadu_ps(from.add(8 * row + 8)))
        };
        let low = _mm256_hadd_ps(pair(0), pair(2));
        let high = _mm256_hadd_ps(pair(4), pair(6));
        let first_halves = _mm256_permute2f128_ps::<0x20>(low, high);
        let second_halves = _mm256_permute2f128_ps::<0x31>(low, high);
        _mm256_storeu_ps(to, _mm256_add_ps(first_halves, second_halves));
    }
}

/// Sums of eight vectors of eight, two to a register.
#[inline(always)]
pub(super) unsafe fn with_avx512(from: *const f32, to: *mut f32) {
    // SAFETY: the caller vouches for the level, the vectors and the place.
    unsafe {
        let pair = |number: usize| _mm512_loadu_ps(from.add(16 * number));
        let join = |a, b| _mm512_add_ps(_mm512_shuffle_ps::<0x88>(a, b), _mm512_shuffle_ps::<0xdd>(a, b));
        let quarters = join(join(pair(0), pair(1)), join(pair(2), pair(3)));
        let sums = _mm512_add_ps(quarters, _mm512_shuffle_f32x4::<0b10_11_00_01>(quarters, quarters));
        let in_order = _mm512_setr_epi32(0, 8, 1, 9, 2, 10, 3, 11, 0, 8, 1, 9, 2, 10, 3, 11);
        _mm256_storeu_ps(to, _mm512_castps512_ps256(_mm512_permutexvar_ps(in_order, sums)));
    }
}
