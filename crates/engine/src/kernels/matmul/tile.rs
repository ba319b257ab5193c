//! Products by tiles: some rows by two vectors of columns, held in registers
//! while the inner axis runs by.
//!
//! `a` is read one number at a time and spread over a vector; where its rows
//! are not next to each other, or are bytes, a tile's rows are copied to a
//! small block first. `b` is read in vectors, from panels that were copied
//! together or right where it lies. Bytes turn into numbers in registers.

use std::ops::Range;

use crate::ir::program::Dtype;
use crate::kernels::batch::Batch;
use crate::kernels::element::Element;
use crate::kernels::matmul::pack::{COPIED, COPIED_STEP, Left, MAX_ROWS, Panels, STRETCH, TileRows, pack};
use crate::kernels::matmul::{
    Cutting, MatmulPlan, MatmulSpec, Product, ProductKernel, Split, SumOrder, WIDE, block,
};
use crate::simd::{self, Kernel, Level, Vector};

/// Copying `b` into panels pays when each panel serves this many tiles of a part.
const PACK_FROM_TILES: usize = 5;

/// Tiles in registers: the kernel that takes every product of `f32`.
#[derive(Debug)]
pub(crate) struct Tiles;

impl ProductKernel for Tiles {
    fn matches(&self, spec: &MatmulSpec, _level: Level) -> bool {
        spec.out == Dtype::F32
    }

    fn cutting(&self, spec: &MatmulSpec) -> Cutting {
        let weights = !spec.transpose_a && spec.k >= WIDE && spec.n >= WIDE && spec.n >= 2 * spec.m;
        Cutting { granule: 4, inner: false, columns: true, as_before: true, weights }
    }

    /// Room for a tile's rows, results on their way to a sink, and panels of `b`.
    fn plan(&self, plan: &mut MatmulPlan) {
        let MatmulSpec { m, n, k, transpose_a, transpose_b, b, .. } = plan.spec;
        let tiles = largest_part(&plan.split, m).div_ceil(tile_rows(plan.level));
        let collides = (n * b.size()).is_multiple_of(2048) && tiles > 1;
        let convert = b == Dtype::U8 && !transpose_a;
        plan.pack = transpose_b || convert || collides || tiles >= PACK_FROM_TILES;
        let panels = if plan.pack { k * (n + 2 * simd::MAX_LANES) } else { 0 };
        plan.scratch_bytes = (COPIED + results_room(&plan.spec) + panels) * 4;
    }

    unsafe fn run(&self, plan: &MatmulPlan, parts: Range<usize>, product: Product) {
        // SAFETY: the caller vouches for the level and the arrays.
        unsafe { simd::run(plan.level, Parts { plan, parts, product }) }
    }

    fn sum_order(&self, _spec: &MatmulSpec) -> Option<SumOrder> {
        Some(SumOrder::Fused)
    }

    fn kept_bytes(&self, plan: &MatmulPlan) -> usize {
        let MatmulSpec { n, k, .. } = plan.spec;
        if matches!(plan.split, Split::Rows(_)) { k * (n + 2 * simd::MAX_LANES) * 4 } else { 0 }
    }

    unsafe fn keep(&self, plan: &MatmulPlan, b: *const u8, kept: *mut u8) {
        // SAFETY: the caller vouches for the level and the arrays.
        unsafe { simd::run(plan.level, Panels { spec: &plan.spec, b, kept }) }
    }
}

/// The most rows of the result in a part.
fn largest_part(split: &Split, m: usize) -> usize {
    match split {
        Split::Rows(partition) => {
            (0..partition.parts()).map(|part| partition.range(part).len()).max().unwrap_or(0)
        }
        Split::Columns(_) | Split::Inner(_) => m,
    }
}

/// Rows of a tile at this level.
fn tile_rows(level: Level) -> usize {
    struct Rows<'a>(&'a mut usize);
    impl Kernel for Rows<'_> {
        #[inline(always)]
        unsafe fn run<V: Vector>(self) {
            *self.0 = V::TILE_ROWS;
        }
    }
    let mut rows = 0;
    // SAFETY: levels are only made for machines that have them.
    unsafe { simd::run(level, Rows(&mut rows)) };
    rows
}

/// The operand `b`: read where it lies, `step` elements from row to row, or from panels.
#[derive(Clone, Copy)]
pub(crate) struct Right {
    pub(crate) at: *const u8,
    pub(crate) bytes: bool,
    pub(crate) step: usize,
    /// Panels of two vectors' width, each with all of the inner axis.
    pub(crate) packed: bool,
    pub(crate) k: usize,
}

/// Parts of a product that is cut by rows or columns. They are computed together, so that the
/// operands are laid out once; the sums are in the same order anyway.
struct Parts<'a, 's> {
    plan: &'a MatmulPlan,
    parts: Range<usize>,
    product: Product<'s>,
}

impl Kernel for Parts<'_, '_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let spec = self.plan.spec;
        let (m, n, k) = (spec.m, spec.n, spec.k);
        let (rows, columns) = block(self.plan, self.parts.clone());
        let Product { a, b, out, scratch, kept, mut sink, .. } = self.product;
        let (out, scratch) = (out.cast::<f32>(), scratch.cast::<f32>());
        let a_step = if spec.transpose_a { m } else { k } * spec.a.size();
        let stored = Batch::new(a, a_step, self.plan.in_place);
        let left = Left { stored, bytes: spec.a == Dtype::U8, transposed: spec.transpose_a, m, k };
        // SAFETY: the caller vouches for the arrays; the scratch has the plan's size.
        unsafe {
            let results = scratch.add(COPIED);
            let mut right = Right { at: b, bytes: spec.b == Dtype::U8, step: n, packed: false, k };
            right.at = right.at.add(columns.start * spec.b.size());
            if !kept.is_null() {
                right = Right { at: kept, bytes: false, step: 2 * V::LANES, packed: true, k };
            } else if self.plan.pack {
                let panels = results.add(results_room(&spec));
                pack::<V>(&spec, b, columns.clone(), panels);
                right = Right { at: panels.cast(), bytes: false, step: 2 * V::LANES, packed: true, k };
            }
            let tiles = rows.len().div_ceil(V::TILE_ROWS);
            let border = |tile: usize| rows.start + rows.len() * tile / tiles;
            let together = if sink.is_some() { tiles_together(&spec) } else { tiles.max(1) };
            for first in (0..tiles).step_by(together) {
                let group = first..tiles.min(first + together);
                let group_rows = border(group.start)..border(group.end);
                let (to, to_step) = match sink {
                    Some(_) => (results, columns.len()),
                    None => (out.add(group_rows.start * n + columns.start), n),
                };
                for (inner, block) in blocks::<V>(k, columns.len(), group.len()) {
                    for tile in group.clone() {
                        let tile = border(tile)..border(tile + 1);
                        let to = to.add((tile.start - group_rows.start) * to_step);
                        let (inner, block) = (inner.clone(), block.clone());
                        stretch_of_tiles::<V>(&left, &right, tile, inner, block, scratch, to, to_step);
                    }
                }
                let Some(sink) = sink.as_deref_mut() else { continue };
                if columns.len() == n {
                    sink.span(group_rows.start, 0, group_rows.len() * n, results.cast());
                } else {
                    sink.block(group_rows.start, group_rows.len(), columns.clone(), results);
                }
            }
        }
    }
}

/// Numbers of `b` that stay in the nearest caches while the rows go by.
const BLOCK: usize = 1 << 15;
/// Tiles that share a block of `b` on their way to a sink: their results must stay in cache too.
const TOGETHER: usize = 8;

/// How many tiles a sink gets at once. One is enough where `b` stays in the cache by itself.
fn tiles_together(spec: &MatmulSpec) -> usize {
    if spec.k * spec.n > BLOCK { TOGETHER } else { 1 }
}

/// Numbers of room for the results that a sink gets at once.
fn results_room(spec: &MatmulSpec) -> usize {
    (tiles_together(spec) * MAX_ROWS * spec.n).next_multiple_of(16)
}

/// The stretches of the inner axis, and for each the columns: in blocks of `b` that stay in cache
/// if several tiles read them, else all.
fn blocks<V: Vector>(
    k: usize,
    columns: usize,
    tiles: usize,
) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
    let stretches = k.div_ceil(STRETCH).max(1);
    (0..stretches).flat_map(move |stretch| {
        let inner = k * stretch / stretches..k * (stretch + 1) / stretches;
        let width = match tiles > 1 && k * columns > BLOCK {
            true => (BLOCK / inner.len()).next_multiple_of(2 * V::LANES),
            false => columns.max(1),
        };
        (0..columns).step_by(width).map(move |first| (inner.clone(), first..columns.min(first + width)))
    })
}

/// Computes the rows `rows` of the result, `count` columns, into `to`.
#[inline(always)]
pub(crate) unsafe fn rows_of_tiles<V: Vector>(
    left: &Left,
    right: &Right,
    rows: Range<usize>,
    count: usize,
    room: *mut f32,
    to: *mut f32,
    to_step: usize,
) {
    let stretches = left.k.div_ceil(STRETCH).max(1);
    for stretch in 0..stretches {
        let inner = left.k * stretch / stretches..left.k * (stretch + 1) / stretches;
        // SAFETY: passed on to the caller.
        unsafe { stretch_of_tiles::<V>(left, right, rows.clone(), inner, 0..count, room, to, to_step) };
    }
}

/// Adds the products of a stretch of the inner axis, for some columns; the first stretch begins the sums.
/// `to` is the place of column 0.
#[allow(clippy::too_many_arguments)] // the operands, what is computed of them, and where
#[inline(always)]
unsafe fn stretch_of_tiles<V: Vector>(
    left: &Left,
    right: &Right,
    rows: Range<usize>,
    inner: Range<usize>,
    columns: Range<usize>,
    room: *mut f32,
    to: *mut f32,
    to_step: usize,
) {
    // SAFETY: the caller vouches for the operands, the room and the place.
    unsafe {
        let left_rows = left.tile_rows::<V>(rows.clone(), inner.clone(), room);
        let tile = |column: usize, width: usize| Tile {
            len: inner.len(),
            left: left_rows,
            width,
            to: to.add(column),
            to_step,
            accumulate: inner.start > 0,
            at: std::ptr::null(),
            step: right.step,
        };
        let mut column = columns.start;
        while column < columns.end {
            // Two vectors at a time, then one, which may be filled in part.
            let vectors = if column + 2 * V::LANES <= columns.end { 2 } else { 1 };
            let width = (vectors * V::LANES).min(columns.end - column);
            let tile = tile(column, width);
            let place = match right.packed {
                true => {
                    let panel = column / (2 * V::LANES);
                    (panel * right.k + inner.start) * right.step + column % (2 * V::LANES)
                }
                false => inner.start * right.step + column,
            };
            if right.bytes {
                tile.on(right.at.add(place)).choose_adjacent::<V>(rows.len(), vectors);
            } else {
                tile.on(right.at.cast::<f32>().add(place)).choose::<V>(rows.len(), vectors);
            }
            column += width;
        }
    }
}

/// A tile of the result: all its rows, one or two vectors of columns.
#[derive(Clone, Copy)]
struct Tile<E> {
    len: usize,
    left: TileRows,
    at: *const E,
    step: usize,
    /// Columns; fewer than the vectors hold only if there is one vector.
    width: usize,
    to: *mut f32,
    to_step: usize,
    /// Go on with the sums that `to` holds.
    accumulate: bool,
}

/// A tile of known size: `APART` is from one row of `a` to the next.
struct Fixed<E, const ROWS: usize, const VECTORS: usize, const APART: usize>(Tile<E>);

impl Tile<u8> {
    #[inline(always)]
    fn on<E>(self, at: *const E) -> Tile<E> {
        let Tile { len, left, step, width, to, to_step, accumulate, .. } = self;
        Tile { len, left, at, step, width, to, to_step, accumulate }
    }
}

impl<E: Element> Tile<E> {
    #[inline(always)]
    unsafe fn choose<V: Vector>(self, rows: usize, vectors: usize) {
        // SAFETY: passed on to the caller.
        unsafe {
            match (self.left.adjacent, vectors) {
                (true, _) => self.choose_adjacent::<V>(rows, vectors),
                (false, 2) => self.choose_rows::<V, 2, COPIED_STEP>(rows),
                (false, _) => self.choose_rows::<V, 1, COPIED_STEP>(rows),
            }
        }
    }

    #[inline(always)]
    unsafe fn choose_adjacent<V: Vector>(self, rows: usize, vectors: usize) {
        // SAFETY: passed on to the caller.
        unsafe {
            match vectors {
                2 => self.choose_rows::<V, 2, 1>(rows),
                _ => self.choose_rows::<V, 1, 1>(rows),
            }
        }
    }

    #[inline(always)]
    unsafe fn choose_rows<V: Vector, const VECTORS: usize, const APART: usize>(self, rows: usize) {
        // SAFETY: passed on to the caller.
        unsafe {
            match rows {
                1 => V::enter(Fixed::<E, 1, VECTORS, APART>(self)),
                2 => V::enter(Fixed::<E, 2, VECTORS, APART>(self)),
                3 => V::enter(Fixed::<E, 3, VECTORS, APART>(self)),
                4 => V::enter(Fixed::<E, 4, VECTORS, APART>(self)),
                5 if V::TILE_ROWS >= 5 => V::enter(Fixed::<E, 5, VECTORS, APART>(self)),
                6 if V::TILE_ROWS >= 6 => V::enter(Fixed::<E, 6, VECTORS, APART>(self)),
                7 if V::TILE_ROWS >= 7 => V::enter(Fixed::<E, 7, VECTORS, APART>(self)),
                8 if V::TILE_ROWS >= 8 => V::enter(Fixed::<E, 8, VECTORS, APART>(self)),
                9 if V::TILE_ROWS >= 9 => V::enter(Fixed::<E, 9, VECTORS, APART>(self)),
                10 if V::TILE_ROWS >= 10 => V::enter(Fixed::<E, 10, VECTORS, APART>(self)),
                11 if V::TILE_ROWS >= 11 => V::enter(Fixed::<E, 11, VECTORS, APART>(self)),
                12 if V::TILE_ROWS >= 12 => V::enter(Fixed::<E, 12, VECTORS, APART>(self)),
                _ => unreachable!("tiles have up to TILE_ROWS rows"),
            }
        }
    }
}

impl<E: Element, const ROWS: usize, const VECTORS: usize, const APART: usize> Kernel
    for Fixed<E, ROWS, VECTORS, APART>
{
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let tile = self.0;
        let partial = tile.width < VECTORS * V::LANES;
        let mut a = tile.left.at;
        let mut b = tile.at;
        // SAFETY: the caller vouches for `len` steps of both operands, and the place.
        unsafe {
            let mut sums = [[V::splat(0.0); VECTORS]; ROWS];
            if tile.accumulate {
                for (row, sums) in sums.iter_mut().enumerate() {
                    let from = tile.to.add(row * tile.to_step);
                    for (vector, sum) in sums.iter_mut().enumerate() {
                        *sum = match partial {
                            true => V::load_partial(from, tile.width),
                            false => V::load(from.add(vector * V::LANES)),
                        };
                    }
                }
            }
            for _ in 0..tile.len {
                let columns: [V; VECTORS] = std::array::from_fn(|vector| {
                    if VECTORS == 1 && partial {
                        E::load_partial(b, tile.width)
                    } else {
                        E::load(b.add(vector * V::LANES))
                    }
                });
                for (row, sums) in sums.iter_mut().enumerate() {
                    let factor = V::splat(*a.add(row * APART));
                    for (sum, column) in sums.iter_mut().zip(columns) {
                        *sum = factor.mul_add(column, *sum);
                    }
                }
                a = a.wrapping_add(tile.left.step);
                b = b.wrapping_add(tile.step);
            }
            for (row, sums) in sums.into_iter().enumerate() {
                let to = tile.to.add(row * tile.to_step);
                for (vector, sum) in sums.into_iter().enumerate() {
                    let to = to.add(vector * V::LANES);
                    if partial { sum.store_partial(to, tile.width) } else { sum.store(to) }
                }
            }
        }
    }
}
