//! Matrix products of 64-bit numbers, in tiles of registers.
//!
//! Each sum starts at zero and adds rounded products in the order of the inner axis, as plain loops would.

use std::ops::Range;

use super::{Cutting, MatmulPlan, MatmulSpec, Product, ProductKernel, block};
use crate::ir::program::Dtype;
use crate::kernels::matmul::simple::SIMPLE_BELOW;
use crate::simd::{self, Doubles as _, Kernel, Level, Vector};

/// Rows and columns of a tile: its sums, two vectors of `b` and one number of `a` fit 16 registers.
const ROWS: usize = 6;
const COLUMNS: usize = 8;
/// Steps along the inner axis whose part of `b` is copied at once.
const DEPTH: usize = 256;
/// Sums that are computed before a sink takes them.
const SINK_SUMS: usize = 1 << 13;

/// Tiles of 64-bit sums.
#[derive(Debug)]
pub(crate) struct Doubles;

impl ProductKernel for Doubles {
    fn matches(&self, spec: &MatmulSpec, _level: Level) -> bool {
        spec.out == Dtype::F64 && spec.m * spec.n * spec.k >= SIMPLE_BELOW
    }

    fn cutting(&self, _spec: &MatmulSpec) -> Cutting {
        Cutting { granule: ROWS, inner: false, columns: false, as_before: false, weights: false }
    }

    /// Room for the rows that a sink takes at once.
    fn plan(&self, plan: &mut MatmulPlan) {
        plan.scratch_bytes = rows_for_sink(&plan.spec) * plan.spec.n * size_of::<f64>();
    }

    unsafe fn run(&self, plan: &MatmulPlan, parts: Range<usize>, mut product: Product) {
        let spec = &plan.spec;
        let (rows, _) = block(plan, parts);
        let (a, b) = (product.a.cast(), product.b.cast());
        let Some(sink) = product.sink.as_deref_mut() else {
            // SAFETY: the caller vouches for the arrays and the level.
            unsafe {
                let out = product.out.cast::<f64>().add(rows.start * spec.n);
                simd::run(plan.level, Tiling { spec, rows, a, b, out });
            }
            return;
        };
        let step = rows_for_sink(spec);
        for start in rows.clone().step_by(step) {
            let some = start..(start + step).min(rows.end);
            let count = some.len() * spec.n;
            // SAFETY: as above; the scratch memory holds `step` rows.
            unsafe {
                let out = product.scratch.cast();
                simd::run(plan.level, Tiling { spec, rows: some, a, b, out });
                sink.span(start, 0, count, product.scratch);
            }
        }
    }
}

fn rows_for_sink(spec: &MatmulSpec) -> usize {
    (SINK_SUMS / spec.n.max(1)).clamp(ROWS, spec.m.max(ROWS))
}

/// Some rows of the result; `out` points at the first of them.
struct Tiling<'a> {
    spec: &'a MatmulSpec,
    rows: Range<usize>,
    a: *const f64,
    b: *const f64,
    out: *mut f64,
}

impl Kernel for Tiling<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let MatmulSpec { n, k, .. } = *self.spec;
        let mut panel = [[0.0; COLUMNS]; DEPTH];
        for column in (0..n).step_by(COLUMNS) {
            let width = COLUMNS.min(n - column);
            for depth in (0..k).step_by(DEPTH) {
                let steps = depth..(depth + DEPTH).min(k);
                // SAFETY: all indices lie inside the arrays that the caller vouches for.
                unsafe { self.fill(&mut panel, column, width, steps.clone()) };
                for start in self.rows.clone().step_by(ROWS) {
                    // SAFETY: as above.
                    unsafe {
                        match (self.rows.end - start).min(ROWS) {
                            1 => self.tile::<V, 1>(&panel, start, column, width, steps.clone()),
                            2 => self.tile::<V, 2>(&panel, start, column, width, steps.clone()),
                            3 => self.tile::<V, 3>(&panel, start, column, width, steps.clone()),
                            4 => self.tile::<V, 4>(&panel, start, column, width, steps.clone()),
                            5 => self.tile::<V, 5>(&panel, start, column, width, steps.clone()),
                            _ => self.tile::<V, ROWS>(&panel, start, column, width, steps.clone()),
                        }
                    }
                }
            }
        }
    }
}

impl Tiling<'_> {
    /// Copies some columns of `b`; columns that it lacks keep what they had, and are not stored later.
    #[inline(always)]
    unsafe fn fill(
        &self,
        panel: &mut [[f64; COLUMNS]; DEPTH],
        column: usize,
        width: usize,
        steps: Range<usize>,
    ) {
        let (row, inner) = if self.spec.transpose_b { (1, self.spec.k) } else { (self.spec.n, 1) };
        for (numbers, step) in panel.iter_mut().zip(steps) {
            for (place, number) in numbers.iter_mut().enumerate().take(width) {
                // SAFETY: the caller vouches for the indices.
                *number = unsafe { *self.b.add(step * row + (column + place) * inner) };
            }
        }
    }

    /// Adds some steps of the sums of `HEIGHT` rows; the first steps start from zero.
    #[inline(always)]
    unsafe fn tile<V: Vector, const HEIGHT: usize>(
        &self,
        panel: &[[f64; COLUMNS]; DEPTH],
        start: usize,
        column: usize,
        width: usize,
        steps: Range<usize>,
    ) {
        let MatmulSpec { m, n, k, transpose_a, .. } = *self.spec;
        let (row, inner) = if transpose_a { (1, m) } else { (k, 1) };
        // SAFETY: the caller vouches for the rows and columns.
        let out = unsafe { self.out.add((start - self.rows.start) * n + column) };
        // SAFETY: as above. A narrow tile goes through a row of its own.
        unsafe {
            let mut sums = [V::Doubles::splat(0.0); HEIGHT];
            if steps.start > 0 {
                for (position, sum) in sums.iter_mut().enumerate() {
                    let mut row = [0.0; COLUMNS];
                    std::ptr::copy_nonoverlapping(out.add(position * n), row.as_mut_ptr(), width);
                    *sum = V::Doubles::load(row.as_ptr());
                }
            }
            let mut from = self.a.add(start * row + steps.start * inner);
            for numbers in &panel[..steps.len()] {
                let numbers = V::Doubles::load(numbers.as_ptr());
                for (position, sum) in sums.iter_mut().enumerate() {
                    *sum = *sum + V::Doubles::splat(*from.add(position * row)) * numbers;
                }
                from = from.wrapping_add(inner);
            }
            for (position, sum) in sums.iter().enumerate() {
                let mut row = [0.0; COLUMNS];
                sum.store(row.as_mut_ptr());
                std::ptr::copy_nonoverlapping(row.as_ptr(), out.add(position * n), width);
            }
        }
    }
}
