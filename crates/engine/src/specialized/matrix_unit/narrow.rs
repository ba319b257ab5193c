//! Narrow products on the matrix unit: a batch of bytes times up to ten columns, and its gradient.
//!
//! See `amx` for the unit and for the slices of a number. Ten columns are 30 columns of slices,
//! which fill two tiles: the *stack*. Each has sums of its own, and those of the slices are added
//! at the end.
//!
//! What takes the time is to lay the bytes out. That is done a tile at a time, between the products
//! of the tiles before, so that the unit and the vectors work side by side.

use crate::ir::program::Dtype;
use crate::kernels::matmul::{
    INNER_FROM, INNER_MAX_ROWS, MatmulPlan, MatmulSpec, Operands, Sink, Split, block,
};
use crate::kernels::prefetch::Prefetcher;
use crate::partition::MAX_PARTS;
use crate::specialized::matrix_unit::unit::{
    DEPTH, SIDE, SLICES, Shapes, TILE, join, lanes, numbers, pair, release, split,
};
use crate::specialized::sparse_rows::marks::Batch;
use std::arch::asm;
use std::arch::x86_64::*;
use std::ops::Range;

/// Tiles of bytes that are multiplied in turn, and tiles of the stack.
const GROUP: usize = 2;
const STACK: usize = 2;
/// The most columns whose slices fit the stack.
const WIDEST: usize = STACK * SIDE / SLICES;
/// Fewer multiply-adds than this are not worth the trouble.
const LEAST_WORK: usize = 1 << 17;

/// The operand that is a batch of bytes, if the product runs here: the left one times weights that are
/// stored by columns, or the right one, times numbers for each of its rows: the gradient of those weights.
pub(crate) fn batch_operand(spec: &MatmulSpec) -> Option<usize> {
    let MatmulSpec { m, n, k, transpose_a, transpose_b, .. } = *spec;
    let long = |len: usize| len.is_multiple_of(SIDE) && len >= INNER_FROM;
    let tall = |len: usize| (SIDE..=INNER_MAX_ROWS).contains(&len);
    let large = spec.out == Dtype::F32 && m * n * k >= LEAST_WORK;
    match (spec.a, spec.b, transpose_a, transpose_b) {
        (Dtype::U8, Dtype::F32, false, true) if large && n <= WIDEST && tall(m) && long(k) => Some(0),
        (Dtype::F32, Dtype::U8, true, false) if large && m <= WIDEST && tall(k) && long(n) => Some(1),
        _ => None,
    }
}

/// Rows of a batch that a tile of the gradient takes: as many for each, in pairs.
fn rows_of_tile(rows: usize) -> usize {
    rows.div_ceil(rows.div_ceil(DEPTH)).next_multiple_of(2)
}

/// Room for two groups of tiles of bytes, a group's sums, all stacks, and the sums of a gradient.
pub(crate) fn scratch_bytes(plan: &MatmulPlan) -> usize {
    let MatmulSpec { m, n, k, transpose_a, .. } = plan.spec;
    let sums = if transpose_a { m * n * 4 } else { 0 };
    (2 * GROUP + (GROUP + k.div_ceil(DEPTH) + MAX_PARTS) * STACK) * TILE + sums
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
    shared: *mut u8,
    scratch: *mut u8,
    sink: Option<&mut dyn Sink>,
) {
    let MatmulSpec { m, n, k, .. } = plan.spec;
    let (bytes, prefetcher) = (scratch, operands.prefetcher);
    let sums_of_slices = scratch.wrapping_add(2 * GROUP * TILE);
    let stacks = sums_of_slices.wrapping_add(GROUP * STACK * TILE);
    let sums_of_slices = sums_of_slices.cast();
    // SAFETY: the caller vouches for the arrays, and for scratch memory of `scratch_bytes`.
    unsafe {
        if let Split::Inner(partition) = &plan.split {
            let job = |part: usize| {
                let inner = partition.range(part);
                // A part may end in the middle of a tile.
                let place = inner.start.div_ceil(DEPTH) + part;
                Job::<true> {
                    batch: Batch::new(operands.a, k, plan.in_place),
                    numbers: operands.b.cast(),
                    width: n,
                    prefetcher,
                    bytes,
                    sums_of_slices,
                    stacks: stacks.add(place * STACK * TILE),
                    inner,
                    each: DEPTH,
                    outer: 0..m,
                    sums: shared.cast::<f32>().add(part * m * n),
                    step: n,
                }
            };
            job(parts.start).shapes().configure();
            parts.clone().for_each(|part| job(part).stack_columns(k));
            parts.for_each(|part| job(part).multiply());
            release();
            return;
        }
        let (_, columns) = block(plan, parts);
        let (sums, step) = match sink {
            Some(_) => (stacks.add(k.div_ceil(DEPTH) * STACK * TILE).cast::<f32>(), columns.len()),
            None => (out.cast::<f32>().add(columns.start), n),
        };
        let job = Job::<false> {
            batch: Batch::new(operands.b, n, plan.in_place),
            numbers: operands.a.cast(),
            width: m,
            prefetcher,
            bytes,
            sums_of_slices,
            stacks,
            inner: 0..k,
            each: rows_of_tile(k),
            outer: columns.clone(),
            sums,
            step,
        };
        job.shapes().configure();
        job.stack_rows();
        job.multiply();
        release();
        if let Some(sink) = sink {
            sink.block(0, m, columns, sums);
        }
    }
}

/// A part: rows of bytes times numbers (`FORWARD`), or the gradient.
struct Job<'a, const FORWARD: bool> {
    batch: Batch,
    /// The other operand, and how many columns it has.
    numbers: *const f32,
    width: usize,
    prefetcher: Option<&'a Prefetcher>,
    /// Two groups of tiles of bytes: one is laid out while the other is multiplied.
    bytes: *mut u8,
    /// A group's sums, with those of the slices side by side.
    sums_of_slices: *mut f32,
    stacks: *mut u8,
    /// What is summed over: elements of the rows, or rows; and how many of them a tile takes.
    inner: Range<usize>,
    each: usize,
    /// Rows of the batch, or its columns, that make tiles.
    outer: Range<usize>,
    sums: *mut f32,
    /// Numbers from row to row of the sums.
    step: usize,
}

/// Up to `GROUP` tiles of bytes, and how far along the inner axis they are.
#[derive(Clone, Copy)]
struct Item {
    /// The first tile, and how many there are.
    first: usize,
    tiles: usize,
    place: usize,
    /// Which half of the room for bytes is theirs.
    half: usize,
}

impl<const FORWARD: bool> Job<'_, FORWARD> {
    /// Tiles along the inner axis.
    fn depth(&self) -> usize {
        self.inner.len().div_ceil(self.each)
    }

    /// What a tile is summed over.
    fn stretch(&self, place: usize) -> Range<usize> {
        let start = self.inner.start + place * self.each;
        start..self.inner.end.min(start + self.each)
    }

    /// The first row or column of a tile. The last tile takes some of the one before again, which makes the
    /// same sums.
    fn start(&self, tile: usize) -> usize {
        (self.outer.start + tile * SIDE).min(self.outer.end - SIDE)
    }

    /// The group that begins with a tile, if there is one.
    fn group(&self, first: usize, place: usize, half: usize) -> Option<Item> {
        let tiles = self.outer.len().div_ceil(SIDE).checked_sub(first).filter(|tiles| *tiles > 0)?;
        Some(Item { first, tiles: tiles.min(GROUP), place, half })
    }

    fn after(&self, item: Item) -> Option<Item> {
        match item.place + 1 < self.depth() {
            true => self.group(item.first, item.place + 1, 1 - item.half),
            false => self.group(item.first + item.tiles, 0, 1 - item.half),
        }
    }

    /// Where a tile of bytes is laid out.
    fn slot(&self, item: Item, tile: usize) -> *mut u8 {
        self.bytes.wrapping_add((item.half * GROUP + tile) * TILE)
    }

    /// Where the stack of a place on the inner axis lies.
    fn stack(&self, place: usize) -> *mut u8 {
        self.stacks.wrapping_add(place * STACK * TILE)
    }

    /// How many rows or columns of each tile of the stack are in use.
    fn heights(&self) -> [usize; STACK] {
        let height = SLICES * self.width;
        [height.min(SIDE), height.saturating_sub(SIDE)]
    }

    /// The shapes of the registers: 0 to 3 are sums, 4 and 7 bytes, 5 and 6 the stack.
    fn shapes(&self) -> Shapes {
        let [first, second] = self.heights().map(|height| height.max(1));
        let (inner, bytes) = (self.each / 2, (if FORWARD { SIDE } else { self.each / 2 }, SIDE));
        let sums = |height: usize| if FORWARD { (SIDE, height) } else { (height, SIDE) };
        let stack = |height: usize| if FORWARD { (inner, height) } else { (height, inner) };
        let (sums, stack) = ([sums(first), sums(second)], [stack(first), stack(second)]);
        Shapes::new([sums[0], sums[1], sums[0], sums[1], bytes, stack[0], stack[1], bytes])
    }

    /// All sums.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn multiply(&self) {
        let both = self.heights()[1] > 0;
        let (mut item, mut next) = (None, self.group(0, 0, 0));
        macro_rules! multiply {
            ($sums:literal, $bytes:literal, $stack:literal) => {
                match FORWARD {
                    true => asm!(
                        concat!("tdpbf16ps ", $sums, ", ", $bytes, ", ", $stack),
                        options(nostack, nomem)
                    ),
                    false => asm!(
                        concat!("tdpbf16ps ", $sums, ", ", $stack, ", ", $bytes),
                        options(nostack, nomem)
                    ),
                }
            };
        }
        // SAFETY: the caller vouches for the unit, arrays and room.
        unsafe {
            while item.is_some() || next.is_some() {
                if let Some(item) = item {
                    self.begin(item);
                }
                for tile in 0..GROUP {
                    if let Some(next) = next.filter(|next: &Item| tile < next.tiles) {
                        self.lay_out(next, tile);
                    }
                    let Some(item) = item.filter(|item: &Item| tile < item.tiles) else { continue };
                    let (bytes, row) = (self.slot(item, tile), 64usize);
                    if tile == 0 {
                        asm!("tileloadd tmm4, [{} + {}]", in(reg) bytes, in(reg) row, options(nostack, readonly));
                        multiply!("tmm0", "tmm4", "tmm5");
                        if both {
                            multiply!("tmm1", "tmm4", "tmm6");
                        }
                    } else {
                        asm!("tileloadd tmm7, [{} + {}]", in(reg) bytes, in(reg) row, options(nostack, readonly));
                        multiply!("tmm2", "tmm7", "tmm5");
                        if both {
                            multiply!("tmm3", "tmm7", "tmm6");
                        }
                    }
                }
                if let Some(item) = item.filter(|item| item.place + 1 == self.depth()) {
                    self.end(item);
                }
                item = next;
                next = item.and_then(|item| self.after(item));
            }
        }
    }

    /// Makes the sums of a group ready, and the stack that it is multiplied by.
    #[inline(always)]
    unsafe fn begin(&self, item: Item) {
        // SAFETY: the caller vouches for the unit, whose registers have shapes, and for the stack.
        unsafe {
            if item.place == 0 {
                asm!(
                    "tilezero tmm0",
                    "tilezero tmm1",
                    "tilezero tmm2",
                    "tilezero tmm3",
                    options(nostack, nomem)
                );
            }
            asm!(
                "tileloadd tmm5, [{at} + {row}]",
                "tileloadd tmm6, [{at} + {row} + 1024]",
                at = in(reg) self.stack(item.place), row = in(reg) 64usize, options(nostack, readonly)
            );
        }
    }

    /// Adds the sums of the slices up, and stores them.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn end(&self, item: Item) {
        let room = self.sums_of_slices;
        // The second tile of the stack stands beside the first one, or below it.
        let (row, second) = if FORWARD { (STACK * SIDE, SIDE) } else { (SIDE, SIDE * SIDE) };
        let (height, lanes) = if FORWARD { (SIDE, lanes(self.width)) } else { (self.width, !0) };
        let apart = if FORWARD { self.width } else { self.width * SIDE };
        // SAFETY: the caller vouches for the unit, the room and the place of the sums.
        unsafe {
            asm!(
                "tilestored [{first} + {row}], tmm0",
                "tilestored [{second} + {row}], tmm1",
                "tilestored [{first} + {row} + 2048], tmm2",
                "tilestored [{second} + {row} + 2048], tmm3",
                first = in(reg) room, second = in(reg) room.add(second), row = in(reg) row * 4,
                options(nostack)
            );
            for tile in 0..item.tiles {
                let from = room.add(tile * STACK * SIDE * SIDE);
                let start = self.start(item.first + tile) - self.outer.start;
                let to = self.sums.add(if FORWARD { start * self.step } else { start });
                for number in 0..height {
                    let of =
                        |slice: usize| _mm512_maskz_loadu_ps(lanes, from.add(number * row + slice * apart));
                    let sum = _mm512_add_ps(_mm512_add_ps(of(0), of(1)), of(2));
                    _mm512_mask_storeu_ps(to.add(number * self.step), lanes, sum);
                }
            }
        }
    }

    /// Lays a tile of bytes out, and asks for rows of the next batch.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn lay_out(&self, item: Item, tile: usize) {
        if let Some(prefetcher) = self.prefetcher {
            prefetcher.ask();
        }
        let (start, stretch) = (self.start(item.first + tile), self.stretch(item.place));
        let to = self.slot(item, tile);
        // SAFETY: the caller vouches for rows and columns of the batch, and for the room.
        unsafe {
            for place in 0..if FORWARD { SIDE } else { self.each / 2 } {
                let words = if FORWARD {
                    let row = self.batch.at::<u8>(start + place, stretch.start);
                    let whole = stretch.len() > SIDE;
                    let second = if whole { numbers(row.add(SIDE), !0) } else { _mm512_setzero_si512() };
                    join(numbers(row, !0), second)
                } else {
                    let row = stretch.start + 2 * place;
                    let words = |row| match row < stretch.end {
                        true => numbers(self.batch.at::<u8>(row, start), !0),
                        false => _mm512_setzero_si512(),
                    };
                    pair(words(row), words(row + 1))
                };
                _mm512_storeu_si512(to.add(place * 64).cast(), words);
            }
        }
    }
}

/// Multiplies zeros. The unit falls asleep when it has nothing to do for a quarter of a microsecond, and takes
/// two quarters to wake up; meanwhile there is other work.
#[inline(always)]
unsafe fn stay_awake<const FORWARD: bool>() {
    // SAFETY: the caller vouches for the unit, whose registers have shapes and hold zeros.
    unsafe {
        match FORWARD {
            true => asm!("tdpbf16ps tmm0, tmm4, tmm5", options(nostack, nomem)),
            false => asm!("tdpbf16ps tmm0, tmm5, tmm4", options(nostack, nomem)),
        }
    }
}

impl Job<'_, true> {
    /// Stacks weights that are stored by columns, of `k` each.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn stack_columns(&self, k: usize) {
        let mut columns = [0.0f32; STACK * SIDE * SIDE];
        for place in 0..self.depth() {
            let stretch = self.stretch(place);
            let second = lanes(stretch.len() - SIDE);
            // SAFETY: the caller vouches for the weights and the room.
            unsafe {
                stay_awake::<true>();
                for column in 0..self.width {
                    let from = self.numbers.add(column * k + stretch.start);
                    let first = split(_mm512_loadu_ps(from));
                    let second = split(_mm512_maskz_loadu_ps(second, from.wrapping_add(SIDE)));
                    for slice in 0..SLICES {
                        let to = columns.as_mut_ptr().add((slice * self.width + column) * SIDE);
                        _mm512_storeu_si512(to.cast(), join(first[slice], second[slice]));
                    }
                }
                for tile in 0..STACK {
                    let row = |row: usize| columns.as_ptr().add((tile * SIDE + row) * SIDE);
                    let rows: [*const f32; SIDE] = std::array::from_fn(row);
                    for word in (0..SIDE).step_by(4) {
                        let to = self.stack(place).add(tile * TILE + word * 64).cast::<f32>();
                        for (row, transposed) in transpose_four(&rows, word).into_iter().enumerate() {
                            _mm512_storeu_ps(to.add(row * SIDE), transposed);
                        }
                    }
                }
            }
        }
    }
}

impl Job<'_, false> {
    /// Stacks the numbers for each row of the batch.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn stack_rows(&self) {
        let mut rows = [0.0f32; DEPTH * SIDE];
        for place in 0..self.depth() {
            let stretch = self.stretch(place);
            // SAFETY: the caller vouches for the numbers and the room.
            unsafe {
                stay_awake::<false>();
                for row in 0..self.each {
                    let lanes = if row < stretch.len() { lanes(self.width) } else { 0 };
                    let from = self.numbers.wrapping_add((stretch.start + row) * self.width);
                    _mm512_storeu_ps(rows.as_mut_ptr().add(row * SIDE), _mm512_maskz_loadu_ps(lanes, from));
                }
                let half =
                    |half: usize| std::array::from_fn(|row| rows.as_ptr().add((half * SIDE + row) * SIDE));
                let (upper, lower): ([_; SIDE], [_; SIDE]) = (half(0), half(1));
                for first in (0..self.width).step_by(4) {
                    let (upper, lower) = (transpose_four(&upper, first), transpose_four(&lower, first));
                    for number in 0..4.min(self.width - first) {
                        let (upper, lower) = (split(upper[number]), split(lower[number]));
                        for slice in 0..SLICES {
                            let to = self.stack(place).add((slice * self.width + first + number) * 64);
                            _mm512_storeu_si512(to.cast(), join(upper[slice], lower[slice]));
                        }
                    }
                }
            }
        }
    }
}

/// Four numbers of each of 16 rows, from `column` on, as four columns of 16.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
unsafe fn transpose_four(rows: &[*const f32; SIDE], column: usize) -> [__m512; 4] {
    // Rows r, r + 4, r + 8 and r + 12 share a register's quarters, so that the lanes end in order.
    // SAFETY: the caller vouches for the numbers.
    unsafe {
        let quarter = |row: usize| _mm_loadu_ps(rows[row].add(column));
        let together = |row: usize| {
            let first = _mm512_castps128_ps512(quarter(row));
            let second = _mm512_insertf32x4::<1>(first, quarter(row + 4));
            let third = _mm512_insertf32x4::<2>(second, quarter(row + 8));
            _mm512_insertf32x4::<3>(third, quarter(row + 12))
        };
        let (a, b, c, d) = (together(0), together(1), together(2), together(3));
        let (ab_low, ab_high) = (_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
        let (cd_low, cd_high) = (_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
        [
            _mm512_shuffle_ps::<0x44>(ab_low, cd_low),
            _mm512_shuffle_ps::<0xee>(ab_low, cd_low),
            _mm512_shuffle_ps::<0x44>(ab_high, cd_high),
            _mm512_shuffle_ps::<0xee>(ab_high, cd_high),
        ]
    }
}
