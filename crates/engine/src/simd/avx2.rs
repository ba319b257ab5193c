//! 256-bit vectors of x86-64.

use super::doubles::Avx2Doubles;
use super::{Kernel, Vector, sum_eight};
use std::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Sub};

/// Eight numbers in a register, where there are so many registers.
#[derive(Clone, Copy)]
pub struct Eight<const REGISTERS: usize>(pub(super) __m256);

/// Eight numbers, as machines with AVX2 and FMA have them.
pub type Avx2 = Eight<16>;

/// Eight numbers where AVX-512 has twice the registers: zeros are left out in stretches of
/// eight, and shorter vectors leave out more of them.
pub type Avx512Eight = Eight<32>;

/// All bits of a lane set where a comparison holds.
#[derive(Clone, Copy)]
pub struct Avx2Mask(__m256);

macro_rules! operator {
    ($trait:ident, $method:ident, $intrinsic:ident) => {
        impl<const REGISTERS: usize> $trait for Eight<REGISTERS> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: a vector exists, so the machine has its level.
                Eight(unsafe { $intrinsic(self.0, other.0) })
            }
        }
    };
}
operator!(Add, add, _mm256_add_ps);
operator!(Sub, sub, _mm256_sub_ps);
operator!(Mul, mul, _mm256_mul_ps);
operator!(Div, div, _mm256_div_ps);

/// `count` lanes set, from the first on.
#[inline(always)]
unsafe fn first_lanes(count: usize) -> __m256i {
    // SAFETY: the caller vouches for the level.
    unsafe {
        let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), lanes)
    }
}

/// Transposes a square of eight rows round.
#[inline(always)]
pub(super) unsafe fn transpose_eight(from: *const f32, from_step: usize, to: *mut f32, to_step: usize) {
    // SAFETY: the caller vouches for the level and both squares.
    unsafe {
        // Rows r and r + 4 share a register's halves, so that the lanes end in order.
        let half = |row: usize, column: usize| {
            let low = _mm256_castps128_ps256(_mm_loadu_ps(from.add(row * from_step + column)));
            _mm256_insertf128_ps::<1>(low, _mm_loadu_ps(from.add((row + 4) * from_step + column)))
        };
        for column in [0, 4] {
            let (a, b, c, d) = (half(0, column), half(1, column), half(2, column), half(3, column));
            let (ab_low, ab_high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
            let (cd_low, cd_high) = (_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
            let to = to.add(column * to_step);
            _mm256_storeu_ps(to, _mm256_shuffle_ps::<0x44>(ab_low, cd_low));
            _mm256_storeu_ps(to.add(to_step), _mm256_shuffle_ps::<0xee>(ab_low, cd_low));
            _mm256_storeu_ps(to.add(2 * to_step), _mm256_shuffle_ps::<0x44>(ab_high, cd_high));
            _mm256_storeu_ps(to.add(3 * to_step), _mm256_shuffle_ps::<0xee>(ab_high, cd_high));
        }
    }
}

impl<const REGISTERS: usize> Vector for Eight<REGISTERS> {
    const LANES: usize = 8;
    const FOLDED: usize = 8;
    const TILE_ROWS: usize = if REGISTERS == 32 { 12 } else { 6 };
    const DOT_GROUP: usize = if REGISTERS == 32 { 10 } else { 5 };
    type Short = Self;
    type Mask = Avx2Mask;
    type Doubles = Avx2Doubles;

    #[inline(always)]
    unsafe fn enter<K: Kernel>(kernel: K) {
        #[target_feature(enable = "avx2,fma,popcnt,bmi1,bmi2")]
        unsafe fn avx2<K: Kernel>(kernel: K) {
            // SAFETY: the caller vouches for the level and the kernel's needs.
            unsafe { kernel.run::<Avx2>() }
        }
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,popcnt,bmi1,bmi2")]
        unsafe fn avx512<K: Kernel>(kernel: K) {
            // SAFETY: the caller vouches for the level and the kernel's needs.
            unsafe { kernel.run::<Avx512Eight>() }
        }
        // SAFETY: the caller vouches for the level and the kernel's needs.
        unsafe { if REGISTERS == 32 { avx512(kernel) } else { avx2(kernel) } }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the caller vouches for the level.
        Eight(unsafe { _mm256_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for the level and the numbers.
        Eight(unsafe { _mm256_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn load_or(from: *const f32, count: usize, fill: f32) -> Self {
        // SAFETY: the caller vouches for the level and `count` numbers; the others are not read.
        Eight(unsafe {
            let mask = first_lanes(count);
            let loaded = _mm256_maskload_ps(from, mask);
            _mm256_blendv_ps(_mm256_set1_ps(fill), loaded, _mm256_castsi256_ps(mask))
        })
    }

    #[inline(always)]
    unsafe fn load_partial(from: *const f32, count: usize) -> Self {
        // SAFETY: the caller vouches for the level and `count` numbers; the others are not read.
        Eight(unsafe { _mm256_maskload_ps(from, first_lanes(count)) })
    }

    #[inline(always)]
    unsafe fn load_bytes(from: *const u8) -> Self {
        // SAFETY: the caller vouches for the level and eight bytes.
        Eight(unsafe { _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(from.cast()))) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller vouches for the place; a vector exists.
        unsafe { _mm256_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn store_partial(self, to: *mut f32, count: usize) {
        // SAFETY: the caller vouches for `count` places; the others are not written.
        unsafe { _mm256_maskstore_ps(to, first_lanes(count), self.0) }
    }

    #[inline(always)]
    unsafe fn sum_folded(from: *const f32, to: *mut f32) {
        // SAFETY: passed on to the caller.
        unsafe {
            if REGISTERS == 32 { sum_eight::with_avx512(from, to) } else { sum_eight::with_avx2(from, to) }
        }
    }

    #[inline(always)]
    unsafe fn transpose(from: *const f32, from_step: usize, to: *mut f32, to_step: usize) {
        // SAFETY: the caller vouches for the level and both squares.
        unsafe { transpose_eight(from, from_step, to, to_step) }
    }

    #[inline(always)]
    unsafe fn transpose_bytes(rows: &[*const u8; 16], to: *mut u8, to_step: usize) {
        // SAFETY: passed on to the caller.
        unsafe { transpose_bytes(rows, to, to_step) }
    }

    #[inline(always)]
    unsafe fn nonzero_bytes(from: *const u8) -> u32 {
        // SAFETY: the caller vouches for the level and the bytes.
        unsafe {
            let zeros = _mm_cmpeq_epi8(_mm_loadu_si128(from.cast()), _mm_setzero_si128());
            !_mm_movemask_epi8(zeros) as u32 & 0xffff
        }
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        // SAFETY: a vector exists, so the machine has its level.
        Eight(unsafe { _mm256_fmadd_ps(self.0, factor.0, summand.0) })
    }

    #[inline(always)]
    fn min_fast(self, other: Self) -> Self {
        // SAFETY: as above.
        Eight(unsafe { _mm256_min_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn max_fast(self, other: Self) -> Self {
        // SAFETY: as above.
        Eight(unsafe { _mm256_max_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: as above.
        Eight(unsafe { _mm256_sqrt_ps(self.0) })
    }

    #[inline(always)]
    fn abs(self) -> Self {
        // SAFETY: as above.
        Eight(unsafe { _mm256_andnot_ps(_mm256_set1_ps(-0.0), self.0) })
    }

    #[inline(always)]
    fn negate(self) -> Self {
        // SAFETY: as above.
        Eight(unsafe { _mm256_xor_ps(_mm256_set1_ps(-0.0), self.0) })
    }

    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        // SAFETY: as above.
        Eight(unsafe {
            let sign_bit = _mm256_set1_ps(-0.0);
            _mm256_or_ps(_mm256_and_ps(sign_bit, sign.0), _mm256_andnot_ps(sign_bit, self.0))
        })
    }

    #[inline(always)]
    fn round(self) -> Self {
        // SAFETY: as above.
        Eight(unsafe { _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0) })
    }

    #[inline(always)]
    fn floor(self) -> Self {
        // SAFETY: as above.
        Eight(unsafe { _mm256_floor_ps(self.0) })
    }

    #[inline(always)]
    fn ceil(self) -> Self {
        // SAFETY: as above.
        Eight(unsafe { _mm256_ceil_ps(self.0) })
    }

    #[inline(always)]
    fn less(self, other: Self) -> Avx2Mask {
        // SAFETY: as above.
        Avx2Mask(unsafe { _mm256_cmp_ps::<_CMP_LT_OQ>(self.0, other.0) })
    }

    #[inline(always)]
    fn equal(self, other: Self) -> Avx2Mask {
        // SAFETY: as above.
        Avx2Mask(unsafe { _mm256_cmp_ps::<_CMP_EQ_OQ>(self.0, other.0) })
    }

    #[inline(always)]
    fn select(mask: Avx2Mask, yes: Self, no: Self) -> Self {
        // SAFETY: as above.
        Eight(unsafe { _mm256_blendv_ps(no.0, yes.0, mask.0) })
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        // SAFETY: as above.
        Eight(unsafe {
            let biased = _mm256_add_epi32(_mm256_cvtps_epi32(self.0), _mm256_set1_epi32(127));
            _mm256_castsi256_ps(_mm256_slli_epi32::<23>(biased))
        })
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        // SAFETY: as above.
        unsafe {
            let bits = _mm256_castps_si256(self.0);
            let fraction = _mm256_and_si256(bits, _mm256_set1_epi32(0x007f_ffff));
            let mantissa = _mm256_or_si256(fraction, _mm256_set1_epi32(0x3f80_0000));
            let exponent = _mm256_sub_epi32(_mm256_srli_epi32::<23>(bits), _mm256_set1_epi32(127));
            (Eight(_mm256_castsi256_ps(mantissa)), Eight(_mm256_cvtepi32_ps(exponent)))
        }
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: as above.
        unsafe {
            let half = _mm_add_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
            let pair = _mm_add_ps(half, _mm_movehl_ps(half, half));
            _mm_cvtss_f32(_mm_add_ss(pair, _mm_shuffle_ps::<1>(pair, pair)))
        }
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        // SAFETY: as above.
        unsafe {
            let half = _mm_max_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
            let pair = _mm_max_ps(half, _mm_movehl_ps(half, half));
            _mm_cvtss_f32(_mm_max_ss(pair, _mm_shuffle_ps::<1>(pair, pair)))
        }
    }
}

/// See [`Vector::transpose_bytes`].
///
/// # Safety
/// The machine has SSE2, as all 64-bit ones have; the rows and the place are there and do not overlap.
#[inline(always)]
pub(super) unsafe fn transpose_bytes(rows: &[*const u8; 16], to: *mut u8, to_step: usize) {
    // SAFETY: the caller vouches for rows and place.
    unsafe {
        let mut square = [_mm_setzero_si128(); 16];
        for (bytes, row) in square.iter_mut().zip(rows) {
            *bytes = _mm_loadu_si128(row.cast());
        }
        // Weaving rows that are 8 apart, four times over, transposes the square.
        for _ in 0..4 {
            let before = square;
            for pair in 0..8 {
                let (a, b) = (before[pair], before[pair + 8]);
                square[2 * pair] = _mm_unpacklo_epi8(a, b);
                square[2 * pair + 1] = _mm_unpackhi_epi8(a, b);
            }
        }
        for (row, bytes) in square.into_iter().enumerate() {
            _mm_storeu_si128(to.add(row * to_step).cast(), bytes);
        }
    }
}
