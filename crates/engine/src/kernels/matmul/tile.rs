//! Products by tiles: some rows by two vectors of columns, held in registers
//! while the inner axis runs by.
//!
//! `a` is read one number at a time and spread over a vector; where its rows
//! are not next to each other, or are bytes, a tile's rows are copied to a
//! small block first. `b` is read in vectors, from panels that were copied
//! together or right where it lies. Bytes turn into numbers in registers.

use crate::ir::program::Dtype;
use crate::kernels::element::Element;
use crate::kernels::matmul::pack::{COPIED, COPIED_STEP, Left, MAX_ROWS, STRETCH, TileRows, pack};
use crate::kernels::matmul::{Form, MatmulPlan, Operands, Sink, block};
use crate::simd::{self, Kernel, Level, Vector};
use crate::specialized::sparse_rows::list_products::Listed;
use crate::specialized::sparse_rows::mark_products::{self, Outer, Skip, Zeros};
use crate::specialized::sparse_rows::marks::Batch;
use std::ops::Range;

/// Rows of a tile at this level.
pub(crate) fn tile_rows(level: Level) -> usize {
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
pub(crate) fn scratch_bytes(plan: &MatmulPlan) -> usize {
    let spec = &plan.spec;
    let (results, panels) = match plan.form {
        Form::Transposed => (2 * spec.m * spec.n, 0),
        Form::Tiles { pack: true } => (MAX_ROWS * spec.n, spec.k * (spec.n + 2 * simd::MAX_LANES)),
        _ => (MAX_ROWS * spec.n, 0),
    };
    (COPIED + results.next_multiple_of(16) + panels) * 4
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
    let scratch = scratch.cast::<f32>();
    let out = out.cast::<f32>();
    // SAFETY: the caller vouches for the level and the arrays.
    unsafe {
        simd::run(plan.level, Parts { plan, parts, operands, out, scratch, sink });
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

/// Parts of a product that is cut by rows or columns.
struct Parts<'a, 's> {
    plan: &'a MatmulPlan,
    parts: Range<usize>,
    operands: Operands<'a>,
    out: *mut f32,
    scratch: *mut f32,
    sink: Option<&'s mut dyn Sink>,
}

impl Kernel for Parts<'_, '_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        // SAFETY: passed on to the caller.
        unsafe {
            if self.plan.form == Form::Transposed { self.transposed::<V>() } else { self.standing::<V>() }
        }
    }
}

impl Parts<'_, '_> {
    /// How zeros are left out, if they are to be this time.
    #[inline(always)]
    unsafe fn skip<V: Vector>(&self, factors: *const u8, count: usize) -> Option<Skip> {
        let skip = self.plan.skip?;
        let (part, marks) = (self.parts.start, self.operands.marks);
        // SAFETY: the caller of the kernel vouches for operands and marks.
        let wanted = unsafe { mark_products::wanted::<V>(&skip, part, marks, factors.cast(), count) };
        wanted.then_some(skip)
    }

    /// The product by the lists of its left operand, if it has some and they pay; whether that was so.
    #[inline(always)]
    unsafe fn by_lists<V: Vector>(&mut self, rows: Range<usize>, columns: Range<usize>) -> bool {
        let Some(plan) = &self.plan.lists else { return false };
        let spec = self.plan.spec;
        let listed = Listed {
            lists: plan.at(self.operands.marks.cast_mut()),
            rows,
            columns,
            b: self.operands.b.cast(),
            n: spec.n,
            out: self.out,
            scratch: self.scratch,
            sink: match &mut self.sink {
                Some(sink) => Some(&mut **sink),
                None => None,
            },
        };
        // SAFETY: the caller of the kernel vouches for operands and lists; the scratch has room.
        unsafe {
            let pays = listed.pays::<V>(spec.k);
            if pays {
                listed.run::<V>(spec.k);
            }
            pays
        }
    }

    #[inline(always)]
    unsafe fn standing<V: Vector>(mut self) {
        let spec = self.plan.spec;
        let (m, n, k) = (spec.m, spec.n, spec.k);
        let (rows, columns) = block(self.plan, self.parts.clone());
        let Operands { a, b, .. } = self.operands;
        let a_step = if spec.transpose_a { m } else { k } * spec.a.size();
        let stored = match &self.plan.lists {
            Some(lists) => lists.batch(a),
            None => Batch::adjacent(a, a_step),
        };
        let left = Left { stored, bytes: spec.a == Dtype::U8, transposed: spec.transpose_a, m, k };
        // SAFETY: the caller vouches for the arrays; the scratch was sized by `scratch_bytes`.
        unsafe {
            if self.by_lists::<V>(rows.clone(), columns.clone()) {
                return;
            }
            let results = self.scratch.add(COPIED);
            let outer = self.plan.skip.filter(|skip| skip.zeros == Zeros::OfRightRows);
            let skip = if outer.is_some() { self.skip::<V>(a, m * k) } else { None };
            let mut right = Right { at: b, bytes: spec.b == Dtype::U8, step: n, packed: false, k };
            right.at = right.at.add(columns.start * spec.b.size());
            if self.plan.form == (Form::Tiles { pack: true }) {
                let panels = results.add((MAX_ROWS * n).next_multiple_of(16));
                pack::<V>(&spec, b, columns.clone(), panels);
                right = Right { at: panels.cast(), bytes: false, step: 2 * V::LANES, packed: true, k };
            }
            let tiles = rows.len().div_ceil(V::TILE_ROWS);
            for tile in 0..tiles {
                let border = |tile: usize| rows.start + rows.len() * tile / tiles;
                let tile = border(tile)..border(tile + 1);
                let (to, to_step) = match self.sink {
                    Some(_) => (results, columns.len()),
                    None => (self.out.add(tile.start * n + columns.start), n),
                };
                let room = self.scratch;
                match &outer {
                    Some(outer) => {
                        self.columns::<V>(outer, skip.is_some(), a, m, tile.clone(), to, to_step);
                    }
                    None => {
                        rows_of_tiles::<V>(&left, &right, tile.clone(), columns.len(), room, to, to_step);
                    }
                }
                let Some(sink) = self.sink.as_deref_mut() else { continue };
                if columns.len() == n {
                    sink.span(tile.start, 0, tile.len() * n, results.cast());
                    continue;
                }
                for (position, row) in tile.enumerate() {
                    let sums = results.add(position * columns.len());
                    sink.span(row, columns.start, columns.len(), sums.cast());
                }
            }
        }
    }

    /// A tall and narrow `out[m, n]`: computed as `[n, m]`, then transposed.
    #[inline(always)]
    unsafe fn transposed<V: Vector>(self) {
        let spec = self.plan.spec;
        let (m, n, k) = (spec.m, spec.n, spec.k);
        let (rows, _) = block(self.plan, self.parts.clone());
        let Operands { a, b, .. } = self.operands;
        let stored = Batch::adjacent(b, n * 4);
        let left = Left { stored, bytes: false, transposed: true, m: n, k };
        // SAFETY: the caller vouches for the arrays; the scratch was sized by `scratch_bytes`.
        unsafe {
            let at = a.add(rows.start * spec.a.size());
            let right = Right { at, bytes: spec.a == Dtype::U8, step: m, packed: false, k };
            let lying = self.scratch.add(COPIED);
            let skip = self.skip::<V>(b, k * n);
            let tiles = n.div_ceil(V::TILE_ROWS);
            for tile in 0..tiles {
                let tile = n * tile / tiles..n * (tile + 1) / tiles;
                let to = lying.add(tile.start * rows.len());
                match &self.plan.skip {
                    Some(outer) => {
                        self.columns::<V>(outer, skip.is_some(), b, n, tile, to, rows.len());
                    }
                    None => {
                        rows_of_tiles::<V>(&left, &right, tile, rows.len(), self.scratch, to, rows.len());
                    }
                }
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

    /// Rows `rows` of a result whose columns are those of a batch of rows. `other` holds
    /// the factors, `[k, height]`; with `skipping` the zeros of the batch are left out.
    #[inline(always)]
    #[allow(clippy::too_many_arguments)]
    unsafe fn columns<V: Vector>(
        &self,
        outer: &Skip,
        skipping: bool,
        factors: *const u8,
        height: usize,
        rows: Range<usize>,
        to: *mut f32,
        to_step: usize,
    ) {
        // SAFETY: the caller of the kernel vouches for operands, marks and the place.
        unsafe {
            let batch = if outer.zeros == Zeros::OfRightRows { self.operands.b } else { self.operands.a };
            let marks = outer.marks.part(self.operands.marks, self.parts.start);
            // Without marks, all rows of each unit.
            let all: [u64; STRETCH / 64] = std::array::from_fn(|word| {
                let left = outer.marks.rows.saturating_sub(word * 64);
                if left >= 64 { u64::MAX } else { (1 << left) - 1 }
            });
            let (of_units, marks_step) =
                if skipping { (marks.of_units, marks.row_words) } else { (all.as_ptr(), 0) };
            let dtype = outer.marks.dtype;
            let mut a = factors.cast::<f32>();
            if rows.len() < height {
                // The factors of these rows, side by side.
                for i in 0..outer.marks.rows {
                    let from = a.add(i * height + rows.start);
                    std::ptr::copy_nonoverlapping(from, self.scratch.add(i * rows.len()), rows.len());
                }
                a = self.scratch;
            }
            let outer = Outer {
                prefetcher: self.operands.prefetcher,
                marks: of_units,
                marks_step,
                words: marks.row_words,
                units: marks.units,
                a,
                rows: rows.len(),
                b: outer.marks.batch(batch),
                first: outer.marks.partition.range(self.parts.start).start,
                to,
                to_step,
            };
            let pairs = self.plan.pairs;
            if dtype == Dtype::U8 { outer.run::<V, u8>(pairs) } else { outer.run::<V, f32>(pairs) }
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
            let left_rows = left.tile_rows::<V>(rows.clone(), inner.clone(), room);
            let accumulate = stretch > 0;
            let tile = |column: usize, width: usize| {
                let to = to.add(column);
                Tile {
                    len: inner.len(),
                    left: left_rows,
                    width,
                    to,
                    to_step,
                    accumulate,
                    at: std::ptr::null(),
                    step: right.step,
                }
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
