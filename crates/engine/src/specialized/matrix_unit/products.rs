//! Products of bytes and numbers on a matrix unit; see `unit` for the slices of a number.
//!
//! Sums are taken in the unit's order, 32 products at a time, whatever rows and columns are computed
//! together: the bits do not depend on how work is cut.

use std::marker::PhantomData;
use std::ops::Range;

use super::unit::{DEPTH, GROUP, SIDE, SLICES, TILE, Unit};
use crate::ir::program::Dtype;
use crate::kernels::matmul::{
    Cutting, MatmulPlan, MatmulSpec, NARROW, Product, ProductKernel, Sink, WIDE, block,
};
use crate::simd::Level;

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

/// Products on a matrix unit.
#[derive(Debug)]
pub struct OnUnit<U>(pub PhantomData<fn() -> U>);

impl<U: Unit> ProductKernel for OnUnit<U> {
    fn matches(&self, spec: &MatmulSpec, level: Level) -> bool {
        U::is_there(level) && possible(spec)
    }

    fn cutting(&self, spec: &MatmulSpec) -> Cutting {
        let weights = !spec.transpose_a && spec.n >= WIDE;
        Cutting { granule: SIDE, inner: false, columns: true, as_before: false, weights }
    }

    /// Room for tiles, and for sums on their way.
    fn plan(&self, plan: &mut MatmulPlan) {
        plan.scratch_bytes = ScratchLayout::new(&plan.spec).bytes;
    }

    unsafe fn run(&self, plan: &MatmulPlan, parts: Range<usize>, product: Product) {
        // SAFETY: handed on.
        unsafe { run::<U>(plan, parts, product) }
    }
}

/// Whether a unit takes a product: a batch of bytes times weights, or its columns times
/// numbers, which is the gradient.
fn possible(spec: &MatmulSpec) -> bool {
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

unsafe fn run<U: Unit>(plan: &MatmulPlan, parts: Range<usize>, product: Product) {
    let MatmulSpec { m, n, k, transpose_a, .. } = plan.spec;
    let (rows, columns) = block(plan, parts);
    let layout = ScratchLayout::new(&plan.spec);
    let Product { a, b, out, scratch, sink, .. } = product;
    // SAFETY: the caller vouches for the arrays, and for scratch memory as `ScratchLayout` says.
    unsafe {
        let job = Job::<U> {
            unit: U::begin(),
            a,
            a_step: if transpose_a { m } else { k },
            b: b.cast(),
            n,
            k,
            depth: k.div_ceil(DEPTH),
            rows,
            columns,
            plain: scratch,
            sliced: scratch.add(layout.sliced_at),
            sums: scratch.add(layout.sums_at).cast(),
            layout,
            out: out.cast(),
            sink,
        };
        if transpose_a { job.gradient() } else { job.forward() }
    }
}

/// Some parts of a product.
struct Job<'s, U> {
    unit: U,
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
    layout: ScratchLayout,
    out: *mut f32,
    sink: Option<&'s mut dyn Sink>,
}

impl<U: Unit> Job<'_, U> {
    /// The elements of the inner axis from a tile on.
    fn inner(&self, place: usize) -> Range<usize> {
        place * DEPTH..self.k
    }

    /// A batch times weights.
    unsafe fn forward(mut self) {
        let (step, wide) = (sums_step(self.columns.len()), self.columns.len().div_ceil(SIDE));
        let pieces = self.depth.div_ceil(PIECE) * wide;
        // SAFETY: the caller vouches for arrays and room.
        unsafe {
            for start in self.rows.clone().step_by(self.layout.rows) {
                let rows = start..self.rows.end.min(start + self.layout.rows);
                let high = rows.len().div_ceil(SIDE);
                for (number, row) in rows.clone().step_by(SIDE).enumerate() {
                    for place in 0..self.depth {
                        let to = self.plain.add((place * high + number) * TILE);
                        U::lay_out_rows(self.a, self.a_step, row..rows.end, self.inner(place), to);
                    }
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
                        product.run(&mut self.unit);
                    }
                }
                self.hand_on(rows);
            }
            self.unit.end();
        }
    }

    /// Slices a piece of the weights: some tiles along the inner axis, of a tile of columns.
    unsafe fn slice(&self, piece: usize, wide: usize) {
        let (first, column) = (piece / wide * PIECE, self.columns.start + piece % wide * SIDE);
        for place in first..self.depth.min(first + PIECE) {
            // SAFETY: the caller vouches for columns and room.
            unsafe {
                let to = self.sliced.add((piece % 2 * PIECE + place - first) * SLICES * TILE);
                U::slice_rows(self.b, self.n, self.inner(place), column..self.columns.end, to);
            }
        }
    }

    /// The columns of a batch times numbers, which are few enough to be sliced at once.
    unsafe fn gradient(mut self) {
        let step = sums_step(self.columns.len());
        // SAFETY: the caller vouches for arrays and room.
        unsafe {
            for place in 0..self.depth {
                for (number, column) in self.columns.clone().step_by(SIDE).enumerate() {
                    let to = self.sliced.add((number * self.depth + place) * SLICES * TILE);
                    U::slice_rows(self.b, self.n, self.inner(place), column..self.columns.end, to);
                }
            }
            for start in self.rows.clone().step_by(self.layout.rows) {
                let rows = start..self.rows.end.min(start + self.layout.rows);
                for (number, row) in rows.clone().step_by(SIDE).enumerate() {
                    for place in 0..self.depth {
                        let to = self.plain.add((number * self.depth + place) * TILE);
                        U::lay_out_columns(self.a, self.a_step, self.inner(place), row..rows.end, to);
                    }
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
                    product.run(&mut self.unit);
                }
                self.hand_on(rows);
            }
            self.unit.end();
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
    unsafe fn run<U: Unit>(&self, unit: &mut U) {
        /// Does something for each tile of sums that is in use.
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
                unit.load::<$tile>(self.sums.add($tile * SIDE * self.step), self.step)
            };
        }
        macro_rules! store {
            ($tile:literal) => {
                unit.store::<$tile>(self.sums.add($tile * SIDE * self.step), self.step)
            };
        }
        // SAFETY: the caller vouches for the unit and for the tiles.
        unsafe {
            if self.add {
                for_tiles!(load);
            } else {
                unit.zero();
            }
            for place in 0..self.depth {
                unit.load_slices(self.sliced.add(place * SLICES * TILE));
                macro_rules! multiply {
                    ($tile:literal) => {
                        unit.multiply::<$tile>(
                            self.plain.add(place * self.plain_step + $tile * self.plain_apart),
                        )
                    };
                }
                for_tiles!(multiply);
            }
            for_tiles!(store);
        }
    }
}
