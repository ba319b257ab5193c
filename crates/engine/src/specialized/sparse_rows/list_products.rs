//! Products of a batch of rows that is mostly zero, by its lists.
//!
//! Every sum is taken in the order of the products that leave nothing out, so that the
//! bits are the same. See `lists`.

use crate::ir::program::Dtype;
use crate::kernels::matmul::pack::convert;
use crate::kernels::matmul::{Form, MatmulPlan, Sink};
use crate::simd::{Kernel, MAX_LANES, Vector};
use crate::specialized::sparse_rows::lists::{Lists, TOGETHER};
use crate::specialized::sparse_rows::marks::finite;
use std::ops::Range;

/// Vectors of a block of columns.
const BLOCK: usize = 4;
/// Rows of a product that are computed before they are handed on.
const GROUP: usize = 64;
/// The most rows of the other operand that are laid out in panels.
const MOST_PANEL_ROWS: usize = 128;

/// Whether a product can read lists instead of its left operand, a batch of rows.
pub fn possible(plan: &MatmulPlan) -> bool {
    let spec = &plan.spec;
    matches!(plan.form, Form::Tiles { .. })
        && matches!(spec.a, Dtype::U8 | Dtype::F32)
        && (spec.b, spec.out) == (Dtype::F32, Dtype::F32)
        && !spec.transpose_b
}

/// Room for a group of rows, and for panels.
pub fn scratch_bytes(plan: &MatmulPlan) -> usize {
    let spec = &plan.spec;
    let in_panels = spec.k <= MOST_PANEL_ROWS;
    let panels = if in_panels { spec.k * spec.n.next_multiple_of(BLOCK * MAX_LANES) } else { 0 };
    ((GROUP * spec.n).next_multiple_of(16) + panels) * 4
}

/// A product that reads the lists of its left operand.
pub(crate) struct Listed<'s> {
    pub lists: Lists,
    /// Of the result.
    pub rows: Range<usize>,
    pub columns: Range<usize>,
    /// The other operand, with `n` columns.
    pub b: *const f32,
    pub n: usize,
    pub out: *mut f32,
    pub scratch: *mut f32,
    pub sink: Option<&'s mut dyn Sink>,
}

impl Listed<'_> {
    /// Whether there are lists, and the other operand is finite where it is needed.
    #[inline(always)]
    pub unsafe fn pays<V: Vector>(&self, k: usize) -> bool {
        // SAFETY: the caller vouches for lists and operand.
        unsafe {
            if !self.lists.pay() {
                return false;
            }
            let width = self.columns.len();
            let (rows, len) = if width == self.n { (1, k * width) } else { (k, width) };
            for row in 0..rows {
                if !finite::<V>(self.b.add(row * self.n + self.columns.start), len) {
                    return false;
                }
            }
            true
        }
    }

    #[inline(always)]
    pub unsafe fn run<V: Vector>(mut self, k: usize) {
        let width = self.columns.len();
        let block = BLOCK * V::LANES;
        // SAFETY: the caller vouches for the operands, the places and the scratch memory.
        unsafe {
            // Few rows are laid out in panels that fit into the first cache; many are read where they lie.
            let panels = self.scratch.add((GROUP * self.n).next_multiple_of(16));
            let in_panels = k <= MOST_PANEL_ROWS;
            if in_panels {
                for column in (0..width).step_by(block) {
                    let count = block.min(width - column);
                    for row in 0..k {
                        let from = self.b.add(row * self.n + self.columns.start + column);
                        convert::<V, f32>(from, count, panels.add(column * k + row * block));
                    }
                }
            }
            for first in self.rows.clone().step_by(GROUP) {
                let rows = first..(first + GROUP).min(self.rows.end);
                let (to, to_step) = match self.sink {
                    Some(_) => (self.scratch, width),
                    None => (self.out.add(first * self.n + self.columns.start), self.n),
                };
                for column in (0..width).step_by(block) {
                    let (b, b_step) = match in_panels {
                        true => (panels.add(column * k).cast_const(), block),
                        false => (self.b.add(self.columns.start + column), self.n),
                    };
                    for row in rows.clone().step_by(TOGETHER) {
                        let group = Group {
                            lists: self.lists,
                            entries: self.lists.entries(row / TOGETHER),
                            rows: TOGETHER.min(rows.end - row),
                            b,
                            b_step,
                            to: to.add((row - first) * to_step + column),
                            to_step,
                        };
                        group.run::<V>(block.min(width - column));
                    }
                }
                let Some(sink) = self.sink.as_deref_mut() else { continue };
                if width == self.n {
                    sink.span(first, 0, rows.len() * width, self.scratch.cast());
                } else {
                    sink.block(first, rows.len(), self.columns.clone(), self.scratch);
                }
            }
        }
    }
}

/// A group of rows of the result, and a block of its columns.
#[derive(Clone)]
struct Group {
    lists: Lists,
    entries: Range<usize>,
    /// Rows that are kept.
    rows: usize,
    b: *const f32,
    b_step: usize,
    to: *mut f32,
    to_step: usize,
}

impl Group {
    /// `width` columns, at most a block.
    #[inline(always)]
    unsafe fn run<V: Vector>(mut self, width: usize) {
        let mut left = width;
        while left > 0 {
            let whole = left >= BLOCK * V::LANES;
            let count = if whole { BLOCK * V::LANES } else { left.min(V::LANES) };
            // SAFETY: passed on to the caller.
            unsafe {
                match whole {
                    true => V::enter(GroupOf::<BLOCK>(self.clone(), count)),
                    false => V::enter(GroupOf::<1>(self.clone(), count)),
                }
                self.b = self.b.add(count);
                self.to = self.to.add(count);
            }
            left -= count;
        }
    }
}

/// So many vectors of columns; fewer columns than they hold only if there is one.
struct GroupOf<const VECTORS: usize>(Group, usize);

impl<const VECTORS: usize> Kernel for GroupOf<VECTORS> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let GroupOf(group, width) = self;
        let partial = VECTORS == 1 && width < V::LANES;
        let Lists { columns, numbers, .. } = group.lists;
        // SAFETY: the caller vouches for the operands and the place.
        unsafe {
            let mut sums = [[V::splat(0.0); VECTORS]; TOGETHER];
            for entry in group.entries {
                let b = group.b.add(*columns.add(entry) as usize * group.b_step);
                let mut own = [V::splat(0.0); VECTORS];
                for (vector, own) in own.iter_mut().enumerate() {
                    *own = match partial {
                        true => V::load_partial(b, width),
                        false => V::load(b.add(vector * V::LANES)),
                    };
                }
                for (sums, numbers) in sums.iter_mut().zip(numbers) {
                    let factor = V::splat(*numbers.add(entry));
                    for (sum, own) in sums.iter_mut().zip(own) {
                        *sum = factor.mul_add(own, *sum);
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate().take(group.rows) {
                for (vector, sum) in sums.iter().enumerate() {
                    let to = group.to.add(row * group.to_step + vector * V::LANES);
                    if partial { sum.store_partial(to, width) } else { sum.store(to) }
                }
            }
        }
    }
}
