//! Products of bytes and numbers on the matrix unit; see `amx` for the unit and for the slices of a number.
//!
//! Sums are taken in the unit's order, 32 products at a time, whatever rows and columns are computed
//! together: the bits do not depend on how work is cut.

use crate::ir::program::Dtype;
use crate::kernels::matmul::{MatmulPlan, MatmulSpec, NARROW, Operands, Sink, block};
use crate::kernels::prefetch::Prefetcher;
use crate::simd::{Avx512, Vector};
use crate::specialized::matrix_unit::unit::{
    DEPTH, SIDE, SLICES, Shapes, TILE, join, lanes, numbers, pair, release, split,
};
use std::arch::asm;
use std::arch::x86_64::*;
use std::ops::Range;

/// Tiles of bytes that are multiplied by the slices while these stay in registers.
const GROUP: usize = 4;
/// Rows of a batch that are laid out at once.
const ROWS_TOGETHER: usize = 128;
/// Rows of a gradient that are computed and handed on at once.
const COLUMNS_TOGETHER: usize = GROUP * SIDE;
/// Tiles of weights that are sliced at once: they stay in the first cache, and their rows are as
/// many streams as processors look out for.
const PIECE: usize = 2;
/// The most scratch memory, in bytes, for tiles that are used again and again: what a second cache holds.
const MOST_ROOM: usize = 4 << 20;
/// Fewer multiply-adds than this are not worth the trouble.
const LEAST_WORK: usize = 1 << 15;

/// Whether a product runs on the matrix unit: a batch of bytes times weights, or its columns times
/// numbers, which is the gradient. For narrow results see `narrow`, and `matmul::dot`, which leaves zeros
/// out.
pub(crate) fn possible(spec: &MatmulSpec) -> bool {
    let MatmulSpec { m, n, k, transpose_b, .. } = *spec;
    let of_bytes = (spec.a, spec.b, spec.out) == (Dtype::U8, Dtype::F32, Dtype::F32) && !transpose_b;
    let large = m >= SIDE && n > NARROW && k >= SIDE && m * n * k >= LEAST_WORK;
    of_bytes && large && ScratchLayout::new(spec).bytes <= MOST_ROOM
}

/// Where things lie in the scratch memory, in bytes, and how long they are.
struct ScratchLayout {
    /// Rows of the result that are computed together.
    rows: usize,
    sliced_at: usize,
    sums_at: usize,
    bytes: usize,
}

impl ScratchLayout {
    fn new(spec: &MatmulSpec) -> ScratchLayout {
        let MatmulSpec { m, n, k, transpose_a, .. } = *spec;
        let depth = k.div_ceil(DEPTH);
        let rows = m.min(if transpose_a { COLUMNS_TOGETHER } else { ROWS_TOGETHER });
        let slices = if transpose_a { n.div_ceil(SIDE) * depth } else { 2 * PIECE };
        let high = rows.div_ceil(SIDE);
        let sliced_at = high * depth * TILE;
        let sums_at = sliced_at + slices * SLICES * TILE;
        ScratchLayout { rows, sliced_at, sums_at, bytes: sums_at + high * SIDE * sums_step(n) * 4 }
    }
}

/// Numbers from row to row of the sums: off the powers of two, which share cache lines.
fn sums_step(columns: usize) -> usize {
    columns.next_multiple_of(SIDE) + SIDE
}

/// ScratchLayout for tiles, and for sums on their way.
pub(crate) fn scratch_bytes(plan: &MatmulPlan) -> usize {
    ScratchLayout::new(&plan.spec).bytes
}

/// Computes some parts.
///
/// # Safety
/// As `matmul::run_parts`.
pub(crate) unsafe fn run(
    plan: &MatmulPlan,
    parts: Range<usize>,
    operands: Operands,
    out: *mut u8,
    scratch: *mut u8,
    sink: Option<&mut dyn Sink>,
) {
    let MatmulSpec { m, n, k, transpose_a, .. } = plan.spec;
    let (rows, columns) = block(plan, parts);
    let room = ScratchLayout::new(&plan.spec);
    // SAFETY: the caller vouches for the arrays, and for scratch memory as `ScratchLayout` lays it out.
    unsafe {
        let job = Job {
            a: operands.a,
            a_step: if transpose_a { m } else { k },
            b: operands.b.cast(),
            n,
            k,
            depth: k.div_ceil(DEPTH),
            rows,
            columns,
            plain: scratch,
            sliced: scratch.add(room.sliced_at),
            sums: scratch.add(room.sums_at).cast(),
            room,
            out: out.cast(),
            sink,
            prefetcher: operands.prefetcher,
        };
        // Registers 0 to 3 are sums, 4 is bytes, 5 to 7 are slices.
        Shapes::new([(SIDE, SIDE); 8]).configure();
        if transpose_a {
            job.gradient()
        } else {
            job.forward()
        }
        release();
    }
}

/// Some parts of a product.
struct Job<'a, 's> {
    a: *const u8,
    /// Bytes from row to row as `a` is stored.
    a_step: usize,
    b: *const f32,
    n: usize,
    k: usize,
    /// Tiles along the inner axis.
    depth: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    plain: *mut u8,
    sliced: *mut u8,
    sums: *mut f32,
    room: ScratchLayout,
    out: *mut f32,
    sink: Option<&'s mut dyn Sink>,
    prefetcher: Option<&'a Prefetcher>,
}

impl Job<'_, '_> {
    /// The elements of the inner axis from a tile on.
    fn inner(&self, place: usize) -> Range<usize> {
        place * DEPTH..self.k
    }

    /// Asks for rows of the next batch, once for every two of 16 that were read.
    fn ask(&self) {
        if let Some(prefetcher) = self.prefetcher {
            (0..SIDE / 2).for_each(|_| prefetcher.ask());
        }
    }

    /// A batch times weights.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn forward(mut self) {
        let (step, wide) = (sums_step(self.columns.len()), self.columns.len().div_ceil(SIDE));
        let pieces = self.depth.div_ceil(PIECE) * wide;
        // SAFETY: the caller vouches for arrays and room.
        unsafe {
            for start in self.rows.clone().step_by(self.room.rows) {
                let rows = start..self.rows.end.min(start + self.room.rows);
                let high = rows.len().div_ceil(SIDE);
                for (number, row) in rows.clone().step_by(SIDE).enumerate() {
                    for place in 0..self.depth {
                        let to = self.plain.add((place * high + number) * TILE);
                        lay_out_rows(self.a, self.a_step, row..rows.end, self.inner(place), to);
                    }
                    self.ask();
                }
                self.slice(0, wide);
                for piece in 0..pieces {
                    // What is stored has to reach the cache before the unit can read it: one piece ahead.
                    if piece + 1 < pieces {
                        self.slice(piece + 1, wide);
                    }
                    let (first, column) = (piece / wide * PIECE, piece % wide * SIDE);
                    for group in (0..high).step_by(GROUP) {
                        let product = TileProduct {
                            tiles: GROUP.min(high - group),
                            depth: PIECE.min(self.depth - first),
                            plain: self.plain.add((first * high + group) * TILE),
                            plain_apart: TILE,
                            plain_step: high * TILE,
                            sliced: self.sliced.add(piece % 2 * PIECE * SLICES * TILE),
                            sums: self.sums.add(group * SIDE * step + column),
                            step,
                            add: first > 0,
                        };
                        product.run();
                    }
                }
                self.hand_on(rows);
            }
        }
    }

    /// Slices a piece of the weights: some tiles along the inner axis, of a tile of columns.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn slice(&self, piece: usize, wide: usize) {
        let (first, column) = (piece / wide * PIECE, self.columns.start + piece % wide * SIDE);
        for place in first..self.depth.min(first + PIECE) {
            // SAFETY: the caller vouches for columns and room.
            unsafe {
                let to = self.sliced.add((piece % 2 * PIECE + place - first) * SLICES * TILE);
                slice_rows(self.b, self.n, self.inner(place), column..self.columns.end, to);
            }
        }
    }

    /// The columns of a batch times numbers, which are few enough to be sliced at once.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn gradient(mut self) {
        let step = sums_step(self.columns.len());
        // SAFETY: the caller vouches for arrays and room.
        unsafe {
            for place in 0..self.depth {
                for (number, column) in self.columns.clone().step_by(SIDE).enumerate() {
                    let to = self.sliced.add((number * self.depth + place) * SLICES * TILE);
                    slice_rows(self.b, self.n, self.inner(place), column..self.columns.end, to);
                }
            }
            for start in self.rows.clone().step_by(self.room.rows) {
                let rows = start..self.rows.end.min(start + self.room.rows);
                for (number, row) in rows.clone().step_by(SIDE).enumerate() {
                    for place in 0..self.depth {
                        let to = self.plain.add((number * self.depth + place) * TILE);
                        lay_out_columns(self.a, self.a_step, self.inner(place), row..rows.end, to);
                    }
                    self.ask();
                }
                for (number, column) in (0..self.columns.len()).step_by(SIDE).enumerate() {
                    let product = TileProduct {
                        tiles: rows.len().div_ceil(SIDE),
                        depth: self.depth,
                        plain: self.plain,
                        plain_apart: self.depth * TILE,
                        plain_step: TILE,
                        sliced: self.sliced.add(number * self.depth * SLICES * TILE),
                        sums: self.sums.add(column),
                        step,
                        add: false,
                    };
                    product.run();
                }
                self.hand_on(rows);
            }
        }
    }

    /// Gives finished rows to the sink, or to the result.
    unsafe fn hand_on(&mut self, rows: Range<usize>) {
        let (width, step, sums) = (self.columns.len(), sums_step(self.columns.len()), self.sums);
        // SAFETY: the caller vouches for the result; the sums of these rows are there.
        unsafe {
            let (to, to_step) = match &self.sink {
                Some(_) => (sums, width),
                None => (self.out.add(rows.start * self.n + self.columns.start), self.n),
            };
            for row in 0..rows.len() {
                // In place, rows move towards the start: what is still to be moved is never overwritten.
                std::ptr::copy(sums.add(row * step), to.add(row * to_step), width);
            }
            let Some(sink) = self.sink.as_deref_mut() else { return };
            if width == self.n {
                sink.span(rows.start, 0, rows.len() * width, sums.cast());
            } else {
                sink.block(rows.start, rows.len(), self.columns.clone(), sums);
            }
        }
    }
}

/// Some tiles of bytes times the slices of one tile, along the inner axis.
struct TileProduct {
    /// How many tiles of bytes, up to `GROUP`.
    tiles: usize,
    /// Steps along the inner axis.
    depth: usize,
    plain: *const u8,
    /// Bytes from a tile to the next one, and to the same one a step inwards.
    plain_apart: usize,
    plain_step: usize,
    sliced: *const u8,
    sums: *mut f32,
    /// Numbers from row to row.
    step: usize,
    /// Go on with sums that are there.
    add: bool,
}

impl TileProduct {
    unsafe fn run(&self) {
        macro_rules! for_tiles {
            ($do:ident) => {
                $do!(0);
                if self.tiles > 1 {
                    $do!(1);
                }
                if self.tiles > 2 {
                    $do!(2);
                }
                if self.tiles > 3 {
                    $do!(3);
                }
            };
        }
        macro_rules! load {
            ($tile:literal) => {
                asm!(
                    concat!("tileloadd tmm", $tile, ", [{at} + {row}]"),
                    at = in(reg) self.sums.add($tile * SIDE * self.step), row = in(reg) self.step * 4,
                    options(nostack)
                )
            };
        }
        macro_rules! store {
            ($tile:literal) => {
                asm!(
                    concat!("tilestored [{at} + {row}], tmm", $tile),
                    at = in(reg) self.sums.add($tile * SIDE * self.step), row = in(reg) self.step * 4,
                    options(nostack)
                )
            };
        }
        // SAFETY: the caller vouches for the unit, whose registers have shapes, and for the tiles.
        unsafe {
            if self.add {
                for_tiles!(load);
            } else {
                asm!(
                    "tilezero tmm0",
                    "tilezero tmm1",
                    "tilezero tmm2",
                    "tilezero tmm3",
                    options(nostack, nomem)
                );
            }
            for place in 0..self.depth {
                asm!(
                    "tileloadd tmm5, [{at} + {row}]",
                    "tileloadd tmm6, [{at} + {row} + 1024]",
                    "tileloadd tmm7, [{at} + {row} + 2048]",
                    at = in(reg) self.sliced.add(place * SLICES * TILE), row = in(reg) 64usize,
                    options(nostack)
                );
                macro_rules! multiply {
                    ($tile:literal) => {
                        asm!(
                            "tileloadd tmm4, [{at} + {row}]",
                            concat!("tdpbf16ps tmm", $tile, ", tmm4, tmm5"),
                            concat!("tdpbf16ps tmm", $tile, ", tmm4, tmm6"),
                            concat!("tdpbf16ps tmm", $tile, ", tmm4, tmm7"),
                            at = in(reg) self.plain.add(place * self.plain_step + $tile * self.plain_apart),
                            row = in(reg) 64usize,
                            options(nostack)
                        )
                    };
                }
                for_tiles!(multiply);
            }
            for_tiles!(store);
        }
    }
}

/// A left tile of bytes: up to 16 rows, of up to 32 elements that are summed over.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
unsafe fn lay_out_rows(from: *const u8, step: usize, rows: Range<usize>, inner: Range<usize>, to: *mut u8) {
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

/// A left tile of bytes: up to 16 columns, of up to 32 rows that are summed over.
#[inline]
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

/// The slices of a right tile: up to 16 columns of up to 32 rows that are summed over.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
unsafe fn slice_rows(from: *const f32, step: usize, inner: Range<usize>, columns: Range<usize>, to: *mut u8) {
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
                _mm512_storeu_si512(to.add(slice * TILE + place * 64).cast(), pair(even[slice], odd[slice]));
            }
        }
    }
}
