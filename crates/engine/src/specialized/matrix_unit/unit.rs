//! Intel's matrix unit (AMX), which its servers have since 2023: tiles, and numbers as the unit reads them.
//!
//! The unit multiplies two tiles of bf16, numbers of 8 bits, and adds the products up in `f32`:
//! sixteen times what vectors do in a cycle. A byte is a bf16 as it is. The 24 bits of an `f32`
//! are exactly three bf16, its *slices*, so each product is computed in full and only the sums
//! are rounded, as everywhere else.
//!
//! Rust has no stable names for the instructions; they are written as assembly. The registers of
//! the unit are used by nothing but `wide` and `narrow`.

use std::arch::asm;
use std::arch::x86_64::*;

/// Rows of a tile, and its columns in the result.
pub const SIDE: usize = 16;
/// Products of a sum that two tiles take.
pub const DEPTH: usize = 32;
/// Bytes of a tile.
pub const TILE: usize = SIDE * 64;
/// Tiles that are together an `f32`.
pub const SLICES: usize = 3;

/// The shapes of the eight tile registers.
#[repr(C, align(64))]
pub struct Shapes {
    palette: u8,
    start: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

impl Shapes {
    /// Rows of each register, and the words in a row.
    pub fn new(all: [(usize, usize); 8]) -> Shapes {
        let (mut row_bytes, mut rows) = ([0; 16], [0; 16]);
        for (register, (height, words)) in all.into_iter().enumerate() {
            (rows[register], row_bytes[register]) = (height as u8, 4 * words as u16);
        }
        Shapes { palette: 1, start: 0, reserved: [0; 14], row_bytes, rows }
    }

    /// Gives the registers their shapes, and zeros.
    ///
    /// # Safety
    /// The machine has the unit.
    pub unsafe fn configure(&self) {
        // SAFETY: the caller vouches for the unit.
        unsafe { asm!("ldtilecfg [{}]", in(reg) self, options(nostack, readonly)) };
    }
}

/// Gives the registers back.
///
/// # Safety
/// The machine has the unit.
pub unsafe fn release() {
    // SAFETY: the caller vouches for the unit.
    unsafe { asm!("tilerelease", options(nostack, nomem)) };
}

/// Sixteen bytes as numbers, each a bf16 in the upper half of a word whose lower half is zero.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub unsafe fn numbers(from: *const u8, lanes: __mmask16) -> __m512i {
    // SAFETY: the caller vouches for these bytes.
    let bytes = unsafe { _mm_maskz_loadu_epi8(lanes, from.cast()) };
    _mm512_castps_si512(_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes)))
}

/// The upper eight bits of each number, exactly; then those of what is left, twice. Nothing is left of infinity.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub fn split(whole: __m512) -> [__m512i; SLICES] {
    let upper = |number| _mm512_and_ps(number, _mm512_castsi512_ps(_mm512_set1_epi32(-1 << 16)));
    let first = upper(whole);
    let more = _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(whole, first);
    let left = _mm512_maskz_sub_ps(more, whole, first);
    let second = upper(left);
    let third = _mm512_sub_ps(left, second);
    [first, second, third].map(|slice| _mm512_castps_si512(slice))
}

/// Words of two bf16, each in the upper half of a word.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub fn pair(even: __m512i, odd: __m512i) -> __m512i {
    _mm512_or_si512(_mm512_srli_epi32::<16>(even), odd)
}

/// The upper halves of the words of both, as bf16.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub fn join(first: __m512i, second: __m512i) -> __m512i {
    let odd: [i16; DEPTH] = std::array::from_fn(|place| 2 * place as i16 + 1);
    // SAFETY: as long as a vector.
    let odd = unsafe { _mm512_loadu_si512(odd.as_ptr().cast()) };
    _mm512_permutex2var_epi16(first, odd, second)
}

/// A bit for each of up to 16 elements.
#[inline(always)]
pub fn lanes(count: usize) -> __mmask16 {
    if count >= SIDE { !0 } else { (1 << count) - 1 }
}
