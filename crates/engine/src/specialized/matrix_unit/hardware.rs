//! Intel's matrix unit (AMX), which its servers have since 2023.
//!
//! Rust has no stable names for the instructions; they are written as assembly. The registers of
//! the unit are used here only: 0 to 3 are sums, 4 is bytes, 5 to 7 are slices.

use std::arch::asm;
use std::arch::x86_64::*;
use std::ops::Range;

use super::unit::{DEPTH, SIDE, SLICES, TILE, Unit};
use crate::simd::{Avx512, Level, Vector};

/// The shapes of the eight tile registers.
#[repr(C, align(64))]
struct Shapes {
    palette: u8,
    start: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

impl Shapes {
    /// Rows of each register, and the words in a row.
    fn new(all: [(usize, usize); 8]) -> Shapes {
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
    unsafe fn configure(&self) {
        // SAFETY: the caller vouches for the unit.
        unsafe { asm!("ldtilecfg [{}]", in(reg) self, options(nostack, readonly)) };
    }
}

/// The unit, with registers in use.
#[derive(Debug)]
pub(crate) struct Hardware(());

impl Unit for Hardware {
    fn is_there(level: Level) -> bool {
        level == Level::Amx
    }

    unsafe fn begin() -> Hardware {
        // SAFETY: the caller vouches for the unit.
        unsafe { Shapes::new([(SIDE, SIDE); 8]).configure() };
        Hardware(())
    }

    unsafe fn end(self) {
        // SAFETY: the caller vouches for the unit.
        unsafe { asm!("tilerelease", options(nostack, nomem)) };
    }

    #[inline(always)]
    unsafe fn zero(&mut self) {
        // SAFETY: the registers have shapes.
        unsafe {
            asm!("tilezero tmm0", "tilezero tmm1", "tilezero tmm2", "tilezero tmm3", options(nostack, nomem));
        }
    }

    #[inline(always)]
    unsafe fn load<const SUMS: usize>(&mut self, from: *const f32, step: usize) {
        // SAFETY: the caller vouches for the sums.
        unsafe {
            asm!(
                "tileloadd tmm{sums}, [{at} + {row}]",
                sums = const SUMS, at = in(reg) from, row = in(reg) step * 4, options(nostack, readonly)
            );
        }
    }

    #[inline(always)]
    unsafe fn store<const SUMS: usize>(&mut self, to: *mut f32, step: usize) {
        // SAFETY: the caller vouches for the place.
        unsafe {
            asm!(
                "tilestored [{at} + {row}], tmm{sums}",
                sums = const SUMS, at = in(reg) to, row = in(reg) step * 4, options(nostack)
            );
        }
    }

    #[inline(always)]
    unsafe fn load_slices(&mut self, from: *const u8) {
        // SAFETY: the caller vouches for three tiles.
        unsafe {
            asm!(
                "tileloadd tmm5, [{at} + {row}]",
                "tileloadd tmm6, [{at} + {row} + 1024]",
                "tileloadd tmm7, [{at} + {row} + 2048]",
                at = in(reg) from, row = in(reg) 64usize, options(nostack, readonly)
            );
        }
    }

    #[inline(always)]
    unsafe fn multiply<const SUMS: usize>(&mut self, bytes: *const u8) {
        // SAFETY: the caller vouches for the tile.
        unsafe {
            asm!(
                "tileloadd tmm4, [{at} + {row}]",
                "tdpbf16ps tmm{sums}, tmm4, tmm5",
                "tdpbf16ps tmm{sums}, tmm4, tmm6",
                "tdpbf16ps tmm{sums}, tmm4, tmm7",
                sums = const SUMS, at = in(reg) bytes, row = in(reg) 64usize, options(nostack, readonly)
            );
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn lay_out_rows(
        from: *const u8,
        step: usize,
        rows: Range<usize>,
        inner: Range<usize>,
        to: *mut u8,
    ) {
        let (low, high) = (lanes(inner.len()), lanes(inner.len().saturating_sub(SIDE)));
        // SAFETY: the caller vouches for the rows and the room.
        unsafe {
            for place in 0..SIDE {
                let mut words = _mm512_setzero_si512();
                if place < rows.len() {
                    let row = from.add((rows.start + place) * step + inner.start);
                    let first = numbers(row, low);
                    let second = if high == 0 { words } else { numbers(row.add(SIDE), high) };
                    words = join(first, second);
                }
                _mm512_storeu_si512(to.add(place * 64).cast(), words);
            }
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn lay_out_columns(
        from: *const u8,
        step: usize,
        inner: Range<usize>,
        columns: Range<usize>,
        to: *mut u8,
    ) {
        let lanes = lanes(columns.len());
        let mut pairs = [0.0f32; TILE / 4];
        // SAFETY: the caller vouches for the rows and the room. Pairs are transposed as they are.
        unsafe {
            for place in 0..SIDE {
                let row = |row: usize| match inner.start + row < inner.end {
                    true => numbers(from.add((inner.start + row) * step + columns.start), lanes),
                    false => _mm512_setzero_si512(),
                };
                let words = pair(row(2 * place), row(2 * place + 1));
                _mm512_storeu_si512(pairs.as_mut_ptr().add(place * SIDE).cast(), words);
            }
            Avx512::transpose(pairs.as_ptr(), SIDE, to.cast(), SIDE);
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn slice_rows(
        from: *const f32,
        step: usize,
        inner: Range<usize>,
        columns: Range<usize>,
        to: *mut u8,
    ) {
        let lanes = lanes(columns.len());
        // SAFETY: the caller vouches for the rows and the room.
        unsafe {
            let row = |row: usize| match row < inner.end {
                true => split(_mm512_maskz_loadu_ps(lanes, from.add(row * step + columns.start))),
                false => [_mm512_setzero_si512(); SLICES],
            };
            for place in 0..SIDE {
                let (even, odd) = (row(inner.start + 2 * place), row(inner.start + 2 * place + 1));
                for slice in 0..SLICES {
                    _mm512_storeu_si512(
                        to.add(slice * TILE + place * 64).cast(),
                        pair(even[slice], odd[slice]),
                    );
                }
            }
        }
    }
}

/// Sixteen bytes as numbers, each a bf16 in the upper half of a word whose lower half is zero.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
unsafe fn numbers(from: *const u8, lanes: __mmask16) -> __m512i {
    // SAFETY: the caller vouches for these bytes.
    let bytes = unsafe { _mm_maskz_loadu_epi8(lanes, from.cast()) };
    _mm512_castps_si512(_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes)))
}

/// The upper eight bits of each number, exactly; then those of what is left, twice. Nothing is left of infinity.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn split(whole: __m512) -> [__m512i; SLICES] {
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
fn pair(even: __m512i, odd: __m512i) -> __m512i {
    _mm512_or_si512(_mm512_srli_epi32::<16>(even), odd)
}

/// The upper halves of the words of both, as bf16.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn join(first: __m512i, second: __m512i) -> __m512i {
    let odd: [i16; DEPTH] = std::array::from_fn(|place| 2 * place as i16 + 1);
    // SAFETY: as long as a vector.
    let odd = unsafe { _mm512_loadu_si512(odd.as_ptr().cast()) };
    _mm512_permutex2var_epi16(first, odd, second)
}

/// A bit for each of up to 16 elements.
#[inline(always)]
fn lanes(count: usize) -> __mmask16 {
    if count >= SIDE { !0 } else { (1 << count) - 1 }
}
