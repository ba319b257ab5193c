//! Products that leave out the zeros of one operand, by its marks.
//!
//! Every sum is taken in the order of the products that leave nothing out, so that
//! the bits are the same. See `marks`.

use super::element::Element;
use super::marks::{Batch, MarkPlan, Marks, WIDE, finite};
use super::matmul::{Form, MatmulPlan, Split};
use super::matmul_pack::{COPIED, MAX_ROWS, STRETCH};
use crate::partition::MAX_PARTS;
use crate::program::Dtype;
use crate::simd::{Kernel, Vector};
use std::marker::PhantomData;
use std::ops::Range;

/// Which operand's zeros a product leaves out, and along what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zeros {
    /// `a` is a batch of rows; its columns are summed over.
    OfRows,
    /// `a` is a batch of rows, transposed: its columns are the result's rows.
    OfTransposedRows,
    /// `b` is a batch of rows: its columns are the result's columns.
    OfRightRows,
}

/// How a product leaves zeros out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skip {
    /// Which zeros.
    pub zeros: Zeros,
    /// The marks of the batch of rows.
    pub marks: MarkPlan,
}

/// The zeros that a product could leave out, and the grain of the marks for it.
pub fn possible(plan: &MatmulPlan) -> Option<(Zeros, usize)> {
    let spec = &plan.spec;
    let bytes_or_numbers = |dtype| matches!(dtype, Dtype::U8 | Dtype::F32);
    let by_parts = |split: &Split| split.partition().parts() > 1;
    if spec.out != Dtype::F32 || !bytes_or_numbers(spec.a) || !bytes_or_numbers(spec.b) {
        return None;
    }
    match (plan.form, &plan.split) {
        (Form::Dot, Split::Inner(_)) => Some((Zeros::OfRows, WIDE)),
        (Form::Turned, Split::Rows(_)) if by_parts(&plan.split) && spec.k <= STRETCH => {
            Some((Zeros::OfTransposedRows, WIDE))
        }
        (Form::Tiles { .. }, Split::Columns(_))
            if spec.transpose_a && !spec.transpose_b && spec.a == Dtype::F32 && spec.k <= STRETCH =>
        {
            Some((Zeros::OfRightRows, WIDE))
        }
        (Form::Tiles { .. }, Split::Rows(_))
            if spec.a == Dtype::U8 && spec.b == Dtype::F32 && !spec.transpose_b =>
        {
            match spec.transpose_a {
                false if 2 * spec.k <= COPIED => Some((Zeros::OfRows, 1)),
                true if by_parts(&plan.split) && spec.k <= STRETCH => Some((Zeros::OfTransposedRows, 1)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The marks of a product, if its zeros are to be left out this time.
///
/// # Safety
/// `marks` were made by `skip.marks`; `factors` are the `count` numbers that the rows
/// are multiplied by, unless the marks have looked at them.
#[inline(always)]
pub(super) unsafe fn wanted<V: Vector>(
    skip: &Skip,
    part: usize,
    marks: *const u8,
    factors: *const f32,
    count: usize,
) -> bool {
    let own = match (skip.zeros, skip.marks.grain) {
        // Rows of narrow units are walked from end to end.
        (Zeros::OfRows, 1) => 0..skip.marks.partition.parts(),
        _ => part..part + 1,
    };
    // SAFETY: the caller vouches for marks and numbers.
    unsafe { skip.marks.pays(marks, own) && (skip.zeros == Zeros::OfRows || finite::<V>(factors, count)) }
}

/// Rows of `a` against a group of columns of `b`, summed over the marked units only.
pub(super) struct Dots<'a, E, const COLUMNS: usize> {
    pub element: PhantomData<E>,
    pub rows: Range<usize>,
    pub marks: &'a Marks,
    pub a: Batch,
    /// The part's first column.
    pub first: usize,
    pub b: *const f32,
    pub b_step: usize,
    pub to: *mut f32,
    pub to_step: usize,
}

impl<E: Element, const COLUMNS: usize> Kernel for Dots<'_, E, COLUMNS> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let words = self.marks.unit_words;
        // SAFETY: the caller vouches for rows, columns and the place.
        unsafe {
            let mut to = self.to;
            for row in self.rows {
                let a = self.a.at::<E>(row, self.first);
                let mut sums = [V::splat(0.0); COLUMNS];
                for word in 0..words {
                    let mut marks = *self.marks.of_rows.add(row * words + word);
                    while marks != 0 {
                        let first = (word * 64 + marks.trailing_zeros() as usize) * WIDE;
                        marks &= marks - 1;
                        for vector in 0..WIDE / V::LANES {
                            let i = first + vector * V::LANES;
                            let x = E::load::<V>(a.add(i));
                            for (column, sum) in sums.iter_mut().enumerate() {
                                *sum = x.mul_add(V::load(self.b.add(column * self.b_step + i)), *sum);
                            }
                        }
                    }
                }
                for (column, sum) in sums.iter().enumerate() {
                    sum.store_folded(to.add(column * V::FOLDED));
                }
                to = to.wrapping_add(self.to_step);
            }
        }
    }
}

/// Some rows of `a^T` against the columns of a part of `b`: for each unit of columns
/// the rows of `b` in which it is marked.
pub(super) struct Outer {
    /// For each of `units` the rows in which it is marked.
    pub marks: *const u64,
    pub units: usize,
    pub words: usize,
    /// Words from one unit's marks to the next one's.
    pub marks_step: usize,
    /// The number for row `r` of the result and row `i` of `b` is at `r + a_step * i`.
    pub a: *const f32,
    pub a_step: usize,
    pub rows: usize,
    pub b: Batch,
    /// The part's first column.
    pub first: usize,
    pub to: *mut f32,
    pub to_step: usize,
}

impl Outer {
    /// Up to `V::TILE_ROWS` rows, in short vectors.
    #[inline(always)]
    pub unsafe fn run<V: Vector, E: Element>(self) {
        // SAFETY: passed on to the caller.
        unsafe {
            if V::Short::LANES == WIDE {
                self.choose::<V::Short, E, 1>()
            } else {
                self.choose::<V::Short, E, 2>()
            }
        }
    }

    #[inline(always)]
    unsafe fn choose<V: Vector, E: Element, const VECTORS: usize>(self) {
        // SAFETY: passed on to the caller.
        unsafe {
            match self.rows {
                1 => V::enter(OuterRows::<E, 1, VECTORS>(self, PhantomData)),
                2 => V::enter(OuterRows::<E, 2, VECTORS>(self, PhantomData)),
                3 => V::enter(OuterRows::<E, 3, VECTORS>(self, PhantomData)),
                4 => V::enter(OuterRows::<E, 4, VECTORS>(self, PhantomData)),
                5 if V::TILE_ROWS >= 5 => V::enter(OuterRows::<E, 5, VECTORS>(self, PhantomData)),
                6 if V::TILE_ROWS >= 6 => V::enter(OuterRows::<E, 6, VECTORS>(self, PhantomData)),
                7 if V::TILE_ROWS >= 7 => V::enter(OuterRows::<E, 7, VECTORS>(self, PhantomData)),
                8 if V::TILE_ROWS >= 8 => V::enter(OuterRows::<E, 8, VECTORS>(self, PhantomData)),
                9 if V::TILE_ROWS >= 9 => V::enter(OuterRows::<E, 9, VECTORS>(self, PhantomData)),
                10 if V::TILE_ROWS >= 10 => V::enter(OuterRows::<E, 10, VECTORS>(self, PhantomData)),
                11 if V::TILE_ROWS >= 11 => V::enter(OuterRows::<E, 11, VECTORS>(self, PhantomData)),
                12 if V::TILE_ROWS >= 12 => V::enter(OuterRows::<E, 12, VECTORS>(self, PhantomData)),
                _ => unreachable!("tiles have up to TILE_ROWS rows"),
            }
        }
    }
}

struct OuterRows<E, const ROWS: usize, const VECTORS: usize>(Outer, PhantomData<E>);

impl<E: Element, const ROWS: usize, const VECTORS: usize> Kernel for OuterRows<E, ROWS, VECTORS> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let outer = self.0;
        // SAFETY: the caller vouches for rows, columns and the place.
        unsafe {
            for unit in 0..outer.units {
                let first = outer.first + unit * WIDE;
                let mut sums = [[V::splat(0.0); VECTORS]; ROWS];
                for word in 0..outer.words {
                    let mut marks = *outer.marks.add(unit * outer.marks_step + word);
                    while marks != 0 {
                        let i = word * 64 + marks.trailing_zeros() as usize;
                        marks &= marks - 1;
                        let b = outer.b.at::<E>(i, first);
                        let columns: [V; VECTORS] =
                            std::array::from_fn(|vector| E::load(b.add(vector * V::LANES)));
                        let a = outer.a.add(i * outer.a_step);
                        for (row, sums) in sums.iter_mut().enumerate() {
                            let factor = V::splat(*a.add(row));
                            for (sum, column) in sums.iter_mut().zip(columns) {
                                *sum = factor.mul_add(column, *sum);
                            }
                        }
                    }
                }
                for (row, sums) in sums.iter().enumerate() {
                    for (vector, sum) in sums.iter().enumerate() {
                        sum.store(outer.to.add(row * outer.to_step + unit * WIDE + vector * V::LANES));
                    }
                }
            }
        }
    }
}

/// Marks of two rows of the result, from a stretch of the sums.
#[derive(Clone, Copy)]
struct Stretch {
    first: *const u64,
    second: *const u64,
    words: usize,
    /// What the first bit stands for.
    start: usize,
}

/// One or two rows of the result: what is summed over is marked for either.
#[derive(Clone, Copy)]
struct Pair {
    stretches: [Stretch; MAX_PARTS],
    count: usize,
    /// The number for row `r` and place `i` is at `r * apart + i * step`.
    a: *const f32,
    apart: usize,
    step: usize,
    b: *const f32,
    b_step: usize,
    to: *mut f32,
    to_step: usize,
    /// Columns left; fewer than a vector only if there is one vector.
    width: usize,
}

impl Pair {
    /// All `width` columns.
    #[inline(always)]
    unsafe fn run<V: Vector>(mut self, rows: usize) {
        // As many vectors as leave registers for the numbers that meet them.
        let most = if V::TILE_ROWS > 6 { 8 } else { 4 };
        let mut left = self.width;
        while left > 0 {
            let vectors = (left / V::LANES).min(most);
            let vectors = if vectors < 2 { 1 } else { 1 << vectors.ilog2() };
            self.width = left.min(vectors * V::LANES);
            // SAFETY: passed on to the caller.
            unsafe {
                match (rows, vectors) {
                    (1, 8) if V::TILE_ROWS > 6 => V::enter(PairRows::<1, 8>(self)),
                    (1, 4) => V::enter(PairRows::<1, 4>(self)),
                    (1, 2) => V::enter(PairRows::<1, 2>(self)),
                    (1, _) => V::enter(PairRows::<1, 1>(self)),
                    (_, 8) if V::TILE_ROWS > 6 => V::enter(PairRows::<2, 8>(self)),
                    (_, 4) => V::enter(PairRows::<2, 4>(self)),
                    (_, 2) => V::enter(PairRows::<2, 2>(self)),
                    (_, _) => V::enter(PairRows::<2, 1>(self)),
                }
                self.b = self.b.add(self.width);
                self.to = self.to.add(self.width);
            }
            left -= self.width;
        }
    }
}

struct PairRows<const ROWS: usize, const VECTORS: usize>(Pair);

impl<const ROWS: usize, const VECTORS: usize> Kernel for PairRows<ROWS, VECTORS> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let pair = self.0;
        let partial = VECTORS == 1 && pair.width < V::LANES;
        // SAFETY: the caller vouches for the operands and the place.
        unsafe {
            let mut sums = [[V::splat(0.0); VECTORS]; ROWS];
            for stretch in &pair.stretches[..pair.count] {
                for word in 0..stretch.words {
                    let mut marks = *stretch.first.add(word) | *stretch.second.add(word);
                    let start = stretch.start + word * 64;
                    while marks != 0 {
                        let i = start + marks.trailing_zeros() as usize;
                        marks &= marks - 1;
                        let b = pair.b.add(i * pair.b_step);
                        let a = pair.a.add(i * pair.step);
                        let factors: [V; ROWS] =
                            std::array::from_fn(|row| V::splat(*a.add(row * pair.apart)));
                        for vector in 0..VECTORS {
                            let column = match partial {
                                true => V::load_partial(b, pair.width),
                                false => V::load(b.add(vector * V::LANES)),
                            };
                            for (sums, factor) in sums.iter_mut().zip(factors) {
                                sums[vector] = factor.mul_add(column, sums[vector]);
                            }
                        }
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate() {
                for (vector, sum) in sums.iter().enumerate() {
                    let to = pair.to.add(row * pair.to_step + vector * V::LANES);
                    if partial { sum.store_partial(to, pair.width) } else { sum.store(to) }
                }
            }
        }
    }
}

/// Up to [`MAX_ROWS`] rows of a product of bytes with narrow marks.
pub(super) struct Rows<'a> {
    pub skip: &'a Skip,
    pub marks: *const u8,
    pub part: usize,
    /// The rows of the result.
    pub rows: Range<usize>,
    pub a: *const u8,
    pub m: usize,
    pub k: usize,
    pub b: *const f32,
    pub n: usize,
    /// Room for `COPIED` numbers.
    pub room: *mut f32,
    pub to: *mut f32,
}

impl Rows<'_> {
    #[inline(always)]
    pub unsafe fn run<V: Vector>(self) {
        // SAFETY: passed on to the caller.
        unsafe {
            match self.skip.zeros {
                Zeros::OfTransposedRows => self.transposed::<V>(),
                _ => self.summed_over::<V>(),
            }
        }
    }

    fn pair(&self, row: usize, stretches: [Stretch; MAX_PARTS], count: usize) -> Pair {
        Pair {
            stretches,
            count,
            a: self.room,
            apart: self.k,
            step: 1,
            b: self.b,
            b_step: self.n,
            to: self.to.wrapping_add((row - self.rows.start) * self.n),
            to_step: self.n,
            width: self.n,
        }
    }

    /// Rows of the batch are rows of the result: what is summed over are the columns.
    #[inline(always)]
    unsafe fn summed_over<V: Vector>(&self) {
        let plan = &self.skip.marks;
        let parts = plan.partition.parts();
        for row in self.rows.clone().step_by(2) {
            let count = 2.min(self.rows.end - row);
            // SAFETY: the caller vouches for rows, marks and room.
            unsafe {
                for position in 0..count {
                    let from = self.a.add((row + position) * self.k);
                    super::matmul_pack::convert::<V, u8>(from, self.k, self.room.add(position * self.k));
                }
                let stretches = std::array::from_fn(|part| {
                    let part = part.min(parts - 1);
                    let marks = plan.part(self.marks, part);
                    let of = |row: usize| marks.of_rows.add(row * marks.unit_words);
                    let start = plan.partition.range(part).start;
                    Stretch { first: of(row), second: of(row + count - 1), words: marks.unit_words, start }
                });
                self.pair(row, stretches, parts).run::<V>(count);
            }
        }
    }

    /// Columns of the batch are rows of the result: what is summed over are its rows.
    #[inline(always)]
    unsafe fn transposed<V: Vector>(&self) {
        // SAFETY: the caller vouches for rows, marks and room.
        unsafe {
            for row in 0..self.k {
                let from = self.a.add(row * self.m + self.rows.start);
                super::matmul_pack::convert::<V, u8>(from, self.rows.len(), self.room.add(row * MAX_ROWS));
            }
            let marks = self.skip.marks.part(self.marks, self.part);
            let first_unit = self.skip.marks.partition.range(self.part).start;
            for row in self.rows.clone().step_by(2) {
                let count = 2.min(self.rows.end - row);
                let of = |row: usize| marks.of_units.add((row - first_unit) * marks.row_words);
                let stretch =
                    Stretch { first: of(row), second: of(row + count - 1), words: marks.row_words, start: 0 };
                let mut pair = self.pair(row, [stretch; MAX_PARTS], 1);
                (pair.a, pair.apart, pair.step) = (self.room.add(row - self.rows.start), 1, MAX_ROWS);
                pair.run::<V>(count);
            }
        }
    }
}
