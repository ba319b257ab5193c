//! Products that leave out the zeros of one operand, by its marks.
//!
//! Every sum is taken in the order of the products that leave nothing out, so that
//! the bits are the same. See `marks`.

use crate::ir::program::Dtype;
use crate::kernels::element::Element;
use crate::kernels::matmul::pack::STRETCH;
use crate::kernels::matmul::{Form, MatmulPlan, Split};
use crate::kernels::prefetch::Prefetcher;
use crate::simd::{Kernel, Vector};
use crate::specialized::sparse_rows::marks::{Batch, MarkPlan, Marks, WIDE, finite};
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

/// The zeros that a product could leave out.
pub fn possible(plan: &MatmulPlan) -> Option<Zeros> {
    let spec = &plan.spec;
    let bytes_or_numbers = |dtype| matches!(dtype, Dtype::U8 | Dtype::F32);
    let by_parts = |split: &Split| split.partition().parts() > 1;
    if spec.out != Dtype::F32 || !bytes_or_numbers(spec.a) || !bytes_or_numbers(spec.b) {
        return None;
    }
    match (plan.form, &plan.split) {
        (Form::Dot, Split::Inner(_)) => Some(Zeros::OfRows),
        (Form::Transposed, Split::Rows(_)) if by_parts(&plan.split) && spec.k <= STRETCH => {
            Some(Zeros::OfTransposedRows)
        }
        (Form::Tiles { .. }, Split::Columns(_))
            if spec.transpose_a && !spec.transpose_b && spec.a == Dtype::F32 && spec.k <= STRETCH =>
        {
            Some(Zeros::OfRightRows)
        }
        _ => None,
    }
}

/// Every other mark.
const FIRST_OF_PAIRS: u64 = 0x5555_5555_5555_5555;

/// The marks of a product, if its zeros are to be left out this time.
///
/// # Safety
/// `marks` were made by `skip.marks`; `factors` are the `count` numbers that the rows
/// are multiplied by, unless the marks have looked at them.
#[inline(always)]
pub(crate) unsafe fn wanted<V: Vector>(
    skip: &Skip,
    part: usize,
    marks: *const u8,
    factors: *const f32,
    count: usize,
) -> bool {
    // SAFETY: the caller vouches for marks and numbers.
    unsafe {
        skip.marks.pays(marks, part..part + 1) && (skip.zeros == Zeros::OfRows || finite::<V>(factors, count))
    }
}

/// Rows of `a` against a group of columns of `b`, summed over the marked units only.
pub(crate) struct Dots<'a, E, const COLUMNS: usize> {
    pub element: PhantomData<E>,
    pub prefetcher: Option<&'a Prefetcher>,
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
                if let Some(prefetcher) = self.prefetcher.filter(|_| row % 2 == 0) {
                    prefetcher.ask();
                }
                let a = self.a.at::<E>(row, self.first);
                let mut sums = [V::splat(0.0); COLUMNS];
                for word in 0..words {
                    let mut marks = *self.marks.of_rows.add(row * words + word);
                    if V::LANES == 2 * WIDE {
                        marks = (marks | marks >> 1) & FIRST_OF_PAIRS;
                    }
                    while marks != 0 {
                        let first = (word * 64 + marks.trailing_zeros() as usize) * WIDE;
                        marks &= marks - 1;
                        for vector in 0..(WIDE / V::LANES).max(1) {
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
pub(crate) struct Outer<'a> {
    pub prefetcher: Option<&'a Prefetcher>,
    /// For each of `units` the rows in which it is marked.
    pub marks: *const u64,
    pub units: usize,
    pub words: usize,
    /// Words from one unit's marks to the next one's.
    pub marks_step: usize,
    /// The number for row `r` of the result and row `i` of `b` is at `r + rows * i`.
    pub a: *const f32,
    pub rows: usize,
    pub b: Batch,
    /// The part's first column.
    pub first: usize,
    pub to: *mut f32,
    pub to_step: usize,
}

impl Outer<'_> {
    /// Up to `V::TILE_ROWS` rows, in short vectors or `pairs` of units.
    #[inline(always)]
    pub unsafe fn run<V: Vector, E: Element>(self, pairs: bool) {
        // SAFETY: passed on to the caller.
        unsafe {
            if pairs && V::LANES == 2 * WIDE {
                self.choose::<V, E, 1>()
            } else if V::Short::LANES == WIDE {
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

struct OuterRows<'a, E, const ROWS: usize, const VECTORS: usize>(Outer<'a>, PhantomData<E>);

impl<E: Element, const ROWS: usize, const VECTORS: usize> Kernel for OuterRows<'_, E, ROWS, VECTORS> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let outer = self.0;
        // Units whose columns fill the vectors; parts hold a whole number of pairs.
        let together = V::LANES * VECTORS / WIDE;
        // SAFETY: the caller vouches for rows, columns and the place.
        unsafe {
            for unit in (0..outer.units).step_by(together) {
                let first = outer.first + unit * WIDE;
                let mut sums = [[V::splat(0.0); VECTORS]; ROWS];
                for word in 0..outer.words {
                    if let Some(prefetcher) = outer.prefetcher {
                        prefetcher.ask();
                    }
                    let at = outer.marks.add(unit * outer.marks_step + word);
                    let mut marks = *at;
                    if together == 2 {
                        marks |= *at.add(outer.marks_step);
                    }
                    while marks != 0 {
                        let i = word * 64 + marks.trailing_zeros() as usize;
                        marks &= marks - 1;
                        let b = outer.b.at::<E>(i, first);
                        let columns: [V; VECTORS] =
                            std::array::from_fn(|vector| E::load(b.add(vector * V::LANES)));
                        let a = outer.a.add(i * ROWS);
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
