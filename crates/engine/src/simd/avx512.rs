//! 512-bit vectors of x86-64.

use super::avx2::{Avx512Eight, Eight, transpose_eight};
use super::doubles::Avx512Doubles;
use super::sum_eight;
use super::{Kernel, Vector};
use std::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Sub};

/// Sixteen numbers in a register.
#[derive(Clone, Copy)]
pub struct Avx512(__m512);

macro_rules! operator {
    ($trait:ident, $method:ident, $intrinsic:ident) => {
        impl $trait for Avx512 {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: a vector exists, so the machine has its level.
                Avx512(unsafe { $intrinsic(self.0, other.0) })
            }
        }
    };
}
operator!(Add, add, _mm512_add_ps);
operator!(Sub, sub, _mm512_sub_ps);
operator!(Mul, mul, _mm512_mul_ps);
operator!(Div, div, _mm512_div_ps);

impl Avx512 {
    /// The sum of the two halves.
    #[inline(always)]
    fn fold(self) -> __m256 {
        // SAFETY: a vector exists, so the machine has its level.
        unsafe { _mm256_add_ps(_mm512_castps512_ps256(self.0), _mm512_extractf32x8_ps::<1>(self.0)) }
    }
}

/// Whether there is a matrix unit for bf16, and the system lets this process have it. Its registers
/// are 8 KB of state for each thread, which Linux sets aside only for those who ask.
pub(super) fn matrix_unit() -> bool {
    const BF16_AND_TILES: u32 = 1 << 22 | 1 << 24;
    if __cpuid(0).eax < 7 || __cpuid_count(7, 0).edx & BF16_AND_TILES != BF16_AND_TILES {
        return false;
    }
    #[cfg(target_os = "linux")]
    {
        const ASK_FOR_STATE: libc::c_long = 0x1023;
        const TILE_DATA: libc::c_long = 18;
        // SAFETY: asking changes nothing but what this process may use.
        unsafe { libc::syscall(libc::SYS_arch_prctl, ASK_FOR_STATE, TILE_DATA) == 0 }
    }
    #[cfg(not(target_os = "linux"))]
    false
}

/// `count < 16` lanes set, from the first on.
#[inline(always)]
fn first_lanes(count: usize) -> __mmask16 {
    ((1u32 << count) - 1) as __mmask16
}

/// Square roots, correctly rounded. The instruction keeps the divider busy, which those who want a root mostly
/// want next; this leaves it free. (Goldschmidt's iteration, then Markstein's last
/// step: P. Markstein, IA-64 and Elementary Functions, 2000, chapter 9.)
#[inline(always)]
unsafe fn square_root(x: __m512) -> __m512 {
    // Between these bounds nothing that is computed on the way is too small or too large.
    let (low, high) = (f32::from_bits(27 << 23), f32::from_bits(227 << 23));
    // SAFETY: the caller vouches for the level.
    unsafe {
        let (zero, half) = (_mm512_setzero_ps(), _mm512_set1_ps(0.5));
        let small = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(x, _mm512_set1_ps(low));
        let other = _mm512_mask_cmp_ps_mask::<_CMP_NEQ_OQ>(small, x, zero)
            | _mm512_cmp_ps_mask::<_CMP_NLE_UQ>(x, _mm512_set1_ps(high));
        if other != 0 {
            return _mm512_sqrt_ps(x);
        }
        // The root of zero is zero, with its sign: nothing times zero, plus zero.
        let inverse = _mm512_maskz_rsqrt14_ps(!small, x);
        let (root, halved) = (_mm512_mul_ps(x, inverse), _mm512_mul_ps(half, inverse));
        let error = _mm512_fnmadd_ps(halved, root, half);
        let (root, halved) = (_mm512_fmadd_ps(root, error, root), _mm512_fmadd_ps(halved, error, halved));
        let left = _mm512_fnmadd_ps(root, root, x);
        _mm512_fmadd_ps(halved, left, root)
    }
}

impl Vector for Avx512 {
    const LANES: usize = 16;
    const FOLDED: usize = 8;
    const TILE_ROWS: usize = 12;
    const DOT_GROUP: usize = 10;
    type Short = Avx512Eight;
    type Mask = __mmask16;
    type Doubles = Avx512Doubles;

    #[inline(always)]
    unsafe fn enter<K: Kernel>(kernel: K) {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,popcnt,bmi1,bmi2")]
        unsafe fn inner<K: Kernel>(kernel: K) {
            // SAFETY: the caller vouches for the level and the kernel's needs.
            unsafe { kernel.run::<Avx512>() }
        }
        // SAFETY: the caller vouches for the level and the kernel's needs.
        unsafe { inner(kernel) }
    }

    const PACKS: bool = true;

    #[inline(always)]
    unsafe fn pack(self, bits: u32, to: *mut f32) {
        // SAFETY: a vector exists, so the level is there; the caller vouches for the room.
        unsafe { _mm512_storeu_ps(to, _mm512_maskz_compress_ps(bits as __mmask16, self.0)) }
    }

    #[inline(always)]
    unsafe fn pack_places(bits: u32, first: u32, to: *mut u32) {
        // SAFETY: the caller vouches for the level and the room.
        unsafe {
            let lanes = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
            let places = _mm512_add_epi32(lanes, _mm512_set1_epi32(first as i32));
            _mm512_storeu_si512(to.cast(), _mm512_maskz_compress_epi32(bits as __mmask16, places));
        }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the caller vouches for the level.
        Avx512(unsafe { _mm512_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for the level and the numbers.
        Avx512(unsafe { _mm512_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn load_or(from: *const f32, count: usize, fill: f32) -> Self {
        // SAFETY: the caller vouches for the level and `count` numbers; the others are not read.
        Avx512(unsafe { _mm512_mask_loadu_ps(_mm512_set1_ps(fill), first_lanes(count), from) })
    }

    #[inline(always)]
    unsafe fn load_partial(from: *const f32, count: usize) -> Self {
        // SAFETY: the caller vouches for the level and `count` numbers; the others are not read.
        Avx512(unsafe { _mm512_maskz_loadu_ps(first_lanes(count), from) })
    }

    #[inline(always)]
    unsafe fn load_bytes(from: *const u8) -> Self {
        // SAFETY: the caller vouches for the level and sixteen bytes.
        Avx512(unsafe { _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(from.cast()))) })
    }

    #[inline(always)]
    unsafe fn load_bytes_partial(from: *const u8, count: usize) -> Self {
        // SAFETY: the caller vouches for the level and `count` bytes; the others are not read.
        Avx512(unsafe {
            let bytes = _mm_maskz_loadu_epi8(first_lanes(count), from.cast());
            _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes))
        })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller vouches for the place; a vector exists.
        unsafe { _mm512_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn store_partial(self, to: *mut f32, count: usize) {
        // SAFETY: the caller vouches for `count` places; the others are not written.
        unsafe { _mm512_mask_storeu_ps(to, first_lanes(count), self.0) }
    }

    #[inline(always)]
    unsafe fn store_folded(self, to: *mut f32) {
        // SAFETY: the caller vouches for the place; a vector exists.
        unsafe { _mm256_storeu_ps(to, self.fold()) }
    }

    #[inline(always)]
    unsafe fn sum_folded(from: *const f32, to: *mut f32) {
        // SAFETY: passed on to the caller.
        unsafe { sum_eight::with_avx512(from, to) }
    }

    #[inline(always)]
    unsafe fn transpose(from: *const f32, from_step: usize, to: *mut f32, to_step: usize) {
        for row in [0, 8] {
            for column in [0, 8] {
                // SAFETY: the caller vouches for the level and both squares; a quarter of each.
                unsafe {
                    let from = from.add(row * from_step + column);
                    transpose_eight(from, from_step, to.add(column * to_step + row), to_step);
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn transpose_bytes(rows: &[*const u8; 16], to: *mut u8, to_step: usize) {
        // SAFETY: passed on to the caller.
        unsafe { super::avx2::transpose_bytes(rows, to, to_step) }
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
    unsafe fn nonzero_numbers(from: *const f32) -> u64 {
        // SAFETY: the caller vouches for the level and the numbers.
        unsafe {
            let numbers = _mm512_loadu_si512(from.cast());
            u64::from(_mm512_test_epi32_mask(numbers, numbers))
        }
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        // SAFETY: a vector exists, so the machine has its level.
        Avx512(unsafe { _mm512_fmadd_ps(self.0, factor.0, summand.0) })
    }

    #[inline(always)]
    fn min_fast(self, other: Self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { _mm512_min_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn max_fast(self, other: Self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { _mm512_max_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { square_root(self.0) })
    }

    #[inline(always)]
    fn abs(self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { _mm512_andnot_ps(_mm512_set1_ps(-0.0), self.0) })
    }

    #[inline(always)]
    fn negate(self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { _mm512_xor_ps(_mm512_set1_ps(-0.0), self.0) })
    }

    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe {
            let sign_bit = _mm512_set1_ps(-0.0);
            _mm512_or_ps(_mm512_and_ps(sign_bit, sign.0), _mm512_andnot_ps(sign_bit, self.0))
        })
    }

    #[inline(always)]
    fn round(self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0) })
    }

    #[inline(always)]
    fn floor(self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(self.0) })
    }

    #[inline(always)]
    fn ceil(self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { _mm512_roundscale_ps::<{ _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC }>(self.0) })
    }

    #[inline(always)]
    fn less(self, other: Self) -> __mmask16 {
        // SAFETY: as above.
        unsafe { _mm512_cmp_ps_mask::<_CMP_LT_OQ>(self.0, other.0) }
    }

    #[inline(always)]
    fn equal(self, other: Self) -> __mmask16 {
        // SAFETY: as above.
        unsafe { _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(self.0, other.0) }
    }

    #[inline(always)]
    fn select(mask: __mmask16, yes: Self, no: Self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe { _mm512_mask_blend_ps(mask, no.0, yes.0) })
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        // SAFETY: as above.
        Avx512(unsafe {
            let biased = _mm512_add_epi32(_mm512_cvtps_epi32(self.0), _mm512_set1_epi32(127));
            _mm512_castsi512_ps(_mm512_slli_epi32::<23>(biased))
        })
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        // SAFETY: as above.
        unsafe {
            let bits = _mm512_castps_si512(self.0);
            let fraction = _mm512_and_si512(bits, _mm512_set1_epi32(0x007f_ffff));
            let mantissa = _mm512_or_si512(fraction, _mm512_set1_epi32(0x3f80_0000));
            let exponent = _mm512_sub_epi32(_mm512_srli_epi32::<23>(bits), _mm512_set1_epi32(127));
            (Avx512(_mm512_castsi512_ps(mantissa)), Avx512(_mm512_cvtepi32_ps(exponent)))
        }
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        Eight::<32>(self.fold()).sum()
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        // SAFETY: as above.
        let half =
            unsafe { _mm256_max_ps(_mm512_castps512_ps256(self.0), _mm512_extractf32x8_ps::<1>(self.0)) };
        Eight::<32>(half).largest()
    }
}
