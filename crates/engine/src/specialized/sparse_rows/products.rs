//! Products of a batch of rows that is mostly zero, by its lists.
//!
//! Every sum is taken in the order of the products that leave nothing out, so that the
//! bits are the same. See `lists`.

use super::lists::{ListPlan, Lists, TOGETHER};
use crate::ir::program::Dtype;
use crate::kernels::finite::finite;
use crate::kernels::matmul::pack::convert;
use crate::kernels::matmul::tile::Tiles;
use crate::kernels::matmul::{Cutting, MatmulPlan, MatmulSpec, Product, ProductKernel, Sink, block};
use crate::simd::{self, Kernel, Level, MAX_LANES, Vector};
use std::ops::Range;

/// Vectors of a block of columns.
const BLOCK: usize = 4;
/// Rows of a product that are computed before they are handed on.
const GROUP: usize = 64;
/// The most rows of the other operand that are laid out in panels.
const MOST_PANEL_ROWS: usize = 128;

/// Products that read the lists of their left operand where the data say that it pays, and the
/// operand itself elsewhere.
#[derive(Debug)]
pub struct ListedTiles {
    /// The lists of the batch of rows.
    pub lists: ListPlan,
}

impl ListedTiles {
    /// Whether a product can read lists instead of its left operand, a batch of rows.
    pub fn possible(plan: &MatmulPlan) -> bool {
        let spec = &plan.spec;
        plan.kernel_of::<Tiles>().is_some()
            && matches!(spec.a, Dtype::U8 | Dtype::F32)
            && (spec.b, spec.out) == (Dtype::F32, Dtype::F32)
            && !spec.transpose_b
    }
}

impl ProductKernel for ListedTiles {
    fn matches(&self, spec: &MatmulSpec, level: Level) -> bool {
        Tiles.matches(spec, level)
    }

    fn cutting(&self, spec: &MatmulSpec) -> Cutting {
        Tiles.cutting(spec)
    }

    /// Room for a group of rows, and for panels.
    fn plan(&self, plan: &mut MatmulPlan) {
        Tiles.plan(plan);
        let MatmulSpec { n, k, .. } = plan.spec;
        let panels = if k <= MOST_PANEL_ROWS { k * n.next_multiple_of(BLOCK * MAX_LANES) } else { 0 };
        let bytes = ((GROUP * n).next_multiple_of(16) + panels) * 4;
        plan.scratch_bytes = plan.scratch_bytes.max(bytes);
    }

    unsafe fn run(&self, plan: &MatmulPlan, parts: Range<usize>, product: Product) {
        // SAFETY: handed on.
        unsafe { simd::run(plan.level, Parts { lists: &self.lists, plan, parts, product }) }
    }

    fn table_operand(&self) -> Option<usize> {
        Some(0)
    }
}

struct Parts<'a, 's> {
    lists: &'a ListPlan,
    plan: &'a MatmulPlan,
    parts: Range<usize>,
    product: Product<'s>,
}

impl Kernel for Parts<'_, '_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Parts { lists, plan, parts, mut product } = self;
        let (rows, columns) = block(plan, parts.clone());
        let Product { b, aside, out, scratch, sink, .. } = product.reborrow();
        let listed = Listed {
            lists: lists.at(aside.cast_mut()),
            rows,
            columns,
            b: b.cast(),
            n: plan.spec.n,
            out: out.cast(),
            scratch: scratch.cast(),
            sink,
        };
        // SAFETY: the caller vouches for operands and lists; the scratch has room.
        unsafe {
            if listed.pays::<V>(plan.spec.k) {
                listed.run::<V>(plan.spec.k);
            } else {
                Tiles.run(plan, parts, product);
            }
        }
    }
}

/// A product that reads the lists of its left operand.
struct Listed<'s> {
    lists: Lists,
    /// Of the result.
    rows: Range<usize>,
    columns: Range<usize>,
    /// The other operand, with `n` columns.
    b: *const f32,
    n: usize,
    out: *mut f32,
    scratch: *mut f32,
    sink: Option<&'s mut dyn Sink>,
}

impl Listed<'_> {
    /// Whether there are lists, and the other operand is finite where it is needed.
    #[inline(always)]
    unsafe fn pays<V: Vector>(&self, k: usize) -> bool {
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
    unsafe fn run<V: Vector>(mut self, k: usize) {
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
