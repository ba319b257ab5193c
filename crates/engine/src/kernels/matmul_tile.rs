//! Products by tiles: some rows by two vectors of columns, held in registers
//! while the inner axis runs by.
//!
//! `a` is read one number at a time and spread over a vector; where its rows
//! are not next to each other, or are bytes, a tile's rows are copied to a
//! small block first. `b` is read in vectors, from panels that were copied
//! together or right where it lies. Bytes turn into numbers in registers.

use super::element::Element;
use super::matmul::{Form, MatmulPlan, Sink, block};
use crate::program::Dtype;
use crate::simd::{self, Kernel, Level, Vector};
use std::ops::Range;

/// The most rows in a tile, at any level.
const MAX_ROWS: usize = 16;
/// The inner axis is walked in stretches of up to this many, so that a tile's rows stay in cache.
const STRETCH: usize = 512;
/// From one row of a copied tile to the next: off the powers of two, which share cache lines.
const COPIED_STEP: usize = STRETCH + 16;
/// Numbers in the block for a tile's rows.
const COPIED: usize = MAX_ROWS * COPIED_STEP;

/// Rows of a tile at this level.
pub(super) fn tile_rows(level: Level) -> usize {
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

/// Room for a tile's rows, results on their way to a sink, and panels of `b`.
pub(super) fn scratch_bytes(plan: &MatmulPlan) -> usize {
    let spec = &plan.spec;
    let (results, panels) = match plan.form {
        Form::Turned => (2 * spec.m * spec.n, 0),
        Form::Tiles { pack: true } => (MAX_ROWS * spec.n, spec.k * (spec.n + 2 * simd::MAX_LANES)),
        _ => (MAX_ROWS * spec.n, 0),
    };
    (COPIED + results.next_multiple_of(16) + panels) * 4
}

/// Computes one part.
///
/// # Safety
/// As `matmul::run_part`.
pub(super) unsafe fn run(
    plan: &MatmulPlan,
    part: usize,
    a: *const u8,
    b: *const u8,
    out: *mut u8,
    scratch: *mut u8,
    sink: Option<&mut dyn Sink>,
) {
    let scratch = scratch.cast::<f32>();
    let out = out.cast::<f32>();
    // SAFETY: the caller vouches for the level and the arrays.
    unsafe {
        if plan.form == Form::Turned {
            simd::run(plan.level, Turned { plan, part, a, b, out, scratch, sink });
        } else {
            simd::run(plan.level, Part { plan, part, a, b, out, scratch, sink });
        }
    }
}

/// Where the numbers of `a` for a tile are: row `r`, inner `i` at `rows * r + step * i`.
#[derive(Clone, Copy)]
struct Spread {
    at: *const f32,
    /// The rows lie next to each other, and `step` leads along the inner axis;
    /// otherwise rows are `COPIED_STEP` apart and the inner axis is contiguous.
    adjacent: bool,
    step: usize,
}

/// The operand `a`, or what stands for it.
#[derive(Clone, Copy)]
struct Left {
    at: *const u8,
    bytes: bool,
    transposed: bool,
    m: usize,
    k: usize,
}

impl Left {
    /// Makes a tile's rows readable: in place, or copied to `room`.
    #[inline(always)]
    unsafe fn spread<V: Vector>(&self, rows: Range<usize>, inner: Range<usize>, room: *mut f32) -> Spread {
        let (m, k, bytes) = (self.m, self.k, self.at);
        let numbers = self.at.cast::<f32>();
        // SAFETY: rows and inner lie in the array; the room holds MAX_ROWS rows of a stretch.
        unsafe {
            match (self.transposed, self.bytes) {
                (true, false) => {
                    return Spread { at: numbers.add(inner.start * m + rows.start), adjacent: true, step: m };
                }
                (true, true) => {
                    for (position, inner) in inner.enumerate() {
                        let from = bytes.add(inner * m + rows.start);
                        let to = room.add(position * MAX_ROWS);
                        if rows.start + MAX_ROWS <= m {
                            convert::<V, u8>(from, MAX_ROWS, to);
                        } else {
                            convert::<V, u8>(from, rows.len(), to);
                        }
                    }
                    return Spread { at: room, adjacent: true, step: MAX_ROWS };
                }
                (false, true) => {
                    for (position, row) in rows.enumerate() {
                        convert::<V, u8>(bytes.add(row * k + inner.start), inner.len(), room.add(position * COPIED_STEP));
                    }
                }
                (false, false) => {
                    for (position, row) in rows.enumerate() {
                        convert::<V, f32>(numbers.add(row * k + inner.start), inner.len(), room.add(position * COPIED_STEP));
                    }
                }
            }
        }
        Spread { at: room, adjacent: false, step: 1 }
    }
}

/// Copies numbers, as `f32`.
#[inline(always)]
unsafe fn convert<V: Vector, E: Element>(from: *const E, len: usize, to: *mut f32) {
    let mut i = 0;
    // SAFETY: the caller vouches for `len` elements and places.
    unsafe {
        while i + V::LANES <= len {
            E::load::<V>(from.add(i)).store(to.add(i));
            i += V::LANES;
        }
        if i < len {
            E::load_partial::<V>(from.add(i), len - i).store_partial(to.add(i), len - i);
        }
    }
}

/// The operand `b`: read where it lies, `step` elements from row to row, or from panels.
#[derive(Clone, Copy)]
struct Right {
    at: *const u8,
    bytes: bool,
    step: usize,
    /// Panels of two vectors' width, each with all of the inner axis.
    packed: bool,
    k: usize,
}

/// Copies the columns `columns` of `b` into panels, the last one filled up with zeros.
#[inline(always)]
unsafe fn pack<V: Vector>(plan: &MatmulPlan, b: *const u8, columns: Range<usize>, panels: *mut f32) {
    let spec = &plan.spec;
    let width = 2 * V::LANES;
    let mut to = panels;
    for first in columns.clone().step_by(width) {
        let count = width.min(columns.end - first);
        // SAFETY: columns lie in the array; the panels have room.
        unsafe {
            if count < width {
                std::ptr::write_bytes(to, 0, width * spec.k);
            }
            match (spec.transpose_b, spec.b == Dtype::U8) {
                (false, false) => pack_rows::<V, f32>(b.cast::<f32>().add(first), spec.n, spec.k, count, to),
                (false, true) => pack_rows::<V, u8>(b.add(first), spec.n, spec.k, count, to),
                (true, false) => pack_turned::<V>(b.cast::<f32>().add(first * spec.k), spec.k, count, to),
                (true, true) => pack_elements(b.add(first * spec.k), spec.k, 0..spec.k, 0..count, width, to),
            }
            to = to.add(width * spec.k);
        }
    }
}

#[inline(always)]
unsafe fn pack_rows<V: Vector, E: Element>(from: *const E, step: usize, k: usize, count: usize, to: *mut f32) {
    for inner in 0..k {
        // SAFETY: the caller vouches for `k` rows of `count` elements, and the panel.
        unsafe { convert::<V, E>(from.add(inner * step), count, to.add(inner * 2 * V::LANES)) };
    }
}

/// A panel from a transposed operand: whole squares at once, the edges one by one.
#[inline(always)]
unsafe fn pack_turned<V: Vector>(from: *const f32, k: usize, count: usize, to: *mut f32) {
    let (lanes, width) = (V::LANES, 2 * V::LANES);
    let (whole_k, whole_count) = (k / lanes * lanes, count / lanes * lanes);
    // SAFETY: the caller vouches for `count` rows of `k` numbers, and the panel.
    unsafe {
        for column in (0..whole_count).step_by(lanes) {
            for inner in (0..whole_k).step_by(lanes) {
                V::transpose(from.add(column * k + inner), k, to.add(inner * width + column), width);
            }
        }
        pack_elements(from, k, whole_k..k, 0..whole_count, width, to);
        pack_elements(from, k, 0..k, whole_count..count, width, to);
    }
}

#[inline(always)]
unsafe fn pack_elements<E: Element>(
    from: *const E,
    k: usize,
    inner: Range<usize>,
    columns: Range<usize>,
    width: usize,
    to: *mut f32,
) {
    for column in columns {
        for inner in inner.clone() {
            // SAFETY: the caller vouches for the operand and the panel.
            unsafe { *to.add(inner * width + column) = (*from.add(column * k + inner)).number() };
        }
    }
}

/// One part of a product that is cut by rows or columns.
struct Part<'a, 's> {
    plan: &'a MatmulPlan,
    part: usize,
    a: *const u8,
    b: *const u8,
    out: *mut f32,
    scratch: *mut f32,
    sink: Option<&'s mut dyn Sink>,
}

impl Kernel for Part<'_, '_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(mut self) {
        let spec = &self.plan.spec;
        let (m, n, k) = (spec.m, spec.n, spec.k);
        let (rows, columns) = block(self.plan, self.part);
        let left = Left { at: self.a, bytes: spec.a == Dtype::U8, transposed: spec.transpose_a, m, k };
        // SAFETY: the caller vouches for the arrays; the scratch was sized by `scratch_bytes`.
        unsafe {
            let results = self.scratch.add(COPIED);
            let mut right = Right { at: self.b, bytes: spec.b == Dtype::U8, step: n, packed: false, k };
            right.at = right.at.add(columns.start * spec.b.size());
            if self.plan.form == (Form::Tiles { pack: true }) {
                let panels = results.add((MAX_ROWS * n).next_multiple_of(16));
                pack::<V>(self.plan, self.b, columns.clone(), panels);
                right = Right { at: panels.cast(), bytes: false, step: 2 * V::LANES, packed: true, k };
            }
            let tiles = rows.len().div_ceil(V::TILE_ROWS);
            for tile in 0..tiles {
                let border = |tile: usize| rows.start + rows.len() * tile / tiles;
                let tile = border(tile)..border(tile + 1);
                let Some(sink) = self.sink.as_deref_mut() else {
                    let to = self.out.add(tile.start * n + columns.start);
                    rows_of_tiles::<V>(&left, &right, tile, columns.len(), self.scratch, to, n);
                    continue;
                };
                rows_of_tiles::<V>(&left, &right, tile.clone(), columns.len(), self.scratch, results, columns.len());
                if columns.len() == n {
                    sink.span(tile.start, 0, tile.len() * n, results.cast());
                    continue;
                }
                for (position, row) in tile.enumerate() {
                    sink.span(row, columns.start, columns.len(), results.add(position * columns.len()).cast());
                }
            }
        }
    }
}

/// One part of `out[m, n]`, tall and narrow: computed as `[n, m]`, then turned.
struct Turned<'a, 's> {
    plan: &'a MatmulPlan,
    part: usize,
    a: *const u8,
    b: *const u8,
    out: *mut f32,
    scratch: *mut f32,
    sink: Option<&'s mut dyn Sink>,
}

impl Kernel for Turned<'_, '_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let spec = &self.plan.spec;
        let (m, n, k) = (spec.m, spec.n, spec.k);
        let (rows, _) = block(self.plan, self.part);
        let left = Left { at: self.b, bytes: false, transposed: true, m: n, k };
        // SAFETY: the caller vouches for the arrays; the scratch was sized by `scratch_bytes`.
        unsafe {
            let at = self.a.add(rows.start * spec.a.size());
            let right = Right { at, bytes: spec.a == Dtype::U8, step: m, packed: false, k };
            let lying = self.scratch.add(COPIED);
            let tiles = n.div_ceil(V::TILE_ROWS);
            for tile in 0..tiles {
                let tile = n * tile / tiles..n * (tile + 1) / tiles;
                let to = lying.add(tile.start * rows.len());
                rows_of_tiles::<V>(&left, &right, tile, rows.len(), self.scratch, to, rows.len());
            }
            let standing = match self.sink {
                Some(_) => lying.add(rows.len() * n),
                None => self.out.add(rows.start * n),
            };
            for row in 0..rows.len() {
                for column in 0..n {
                    *standing.add(row * n + column) = *lying.add(column * rows.len() + row);
                }
            }
            if let Some(sink) = self.sink {
                sink.span(rows.start, 0, rows.len() * n, standing.cast());
            }
        }
    }
}

/// Computes the rows `rows` of the result, `count` columns, into `to`.
#[inline(always)]
unsafe fn rows_of_tiles<V: Vector>(
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
        // SAFETY: the caller vouches for the operands, the room and the place.
        unsafe {
            let spread = left.spread::<V>(rows.clone(), inner.clone(), room);
            let accumulate = stretch > 0;
            let tile = |column: usize, width: usize| {
                let to = to.add(column);
                Tile { len: inner.len(), spread, width, to, to_step, accumulate, at: std::ptr::null(), step: right.step }
            };
            let mut column = 0;
            while column < count {
                // Two vectors at a time, then one, which may be filled in part.
                let vectors = if column + 2 * V::LANES <= count { 2 } else { 1 };
                let width = (vectors * V::LANES).min(count - column);
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
}

/// A tile of the result: all its rows, one or two vectors of columns.
#[derive(Clone, Copy)]
struct Tile<E> {
    len: usize,
    spread: Spread,
    at: *const E,
    step: usize,
    /// Columns; fewer than the vectors hold only if there is one vector.
    width: usize,
    to: *mut f32,
    to_step: usize,
    /// Add to what `to` holds.
    accumulate: bool,
}

/// A tile of known size: `APART` is from one row of `a` to the next.
struct Fixed<E, const ROWS: usize, const VECTORS: usize, const APART: usize>(Tile<E>);

impl Tile<u8> {
    #[inline(always)]
    fn on<E>(self, at: *const E) -> Tile<E> {
        let Tile { len, spread, step, width, to, to_step, accumulate, .. } = self;
        Tile { len, spread, at, step, width, to, to_step, accumulate }
    }
}

impl<E: Element> Tile<E> {
    #[inline(always)]
    unsafe fn choose<V: Vector>(self, rows: usize, vectors: usize) {
        // SAFETY: passed on to the caller.
        unsafe {
            match (self.spread.adjacent, vectors) {
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
        let mut a = tile.spread.at;
        let mut b = tile.at;
        // SAFETY: the caller vouches for `len` steps of both operands, and the place.
        unsafe {
            let mut sums = [[V::splat(0.0); VECTORS]; ROWS];
            for _ in 0..tile.len {
                let columns: [V; VECTORS] = std::array::from_fn(|vector| {
                    if VECTORS == 1 && partial {
                        E::load_partial(b, tile.width)
                    } else {
                        E::load(b.add(vector * V::LANES))
                    }
                });
                for row in 0..ROWS {
                    let factor = V::splat(*a.add(row * APART));
                    for vector in 0..VECTORS {
                        sums[row][vector] = factor.mul_add(columns[vector], sums[row][vector]);
                    }
                }
                a = a.wrapping_add(tile.spread.step);
                b = b.wrapping_add(tile.step);
            }
            for row in 0..ROWS {
                let to = tile.to.add(row * tile.to_step);
                for vector in 0..VECTORS {
                    let to = to.add(vector * V::LANES);
                    put(sums[row][vector], to, partial, tile.width, tile.accumulate);
                }
            }
        }
    }
}

/// Writes a vector of sums, or adds it to what is there.
#[inline(always)]
unsafe fn put<V: Vector>(sums: V, to: *mut f32, partial: bool, width: usize, accumulate: bool) {
    // SAFETY: the caller vouches for the place.
    unsafe {
        match (partial, accumulate) {
            (false, false) => sums.store(to),
            (false, true) => (V::load(to) + sums).store(to),
            (true, false) => sums.store_partial(to, width),
            (true, true) => (V::load_partial(to, width) + sums).store_partial(to, width),
        }
    }
}
