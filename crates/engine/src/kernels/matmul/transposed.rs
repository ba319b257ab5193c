//! Tall and narrow products of a transposed operand: `out[m, n]` is computed as `[n, m]`, by tiles,
//! then transposed.

use std::ops::Range;

use crate::ir::program::Dtype;
use crate::kernels::batch::Batch;
use crate::kernels::matmul::pack::{COPIED, Left};
use crate::kernels::matmul::tile::{Right, rows_of_tiles};
use crate::kernels::matmul::{
    Cutting, MatmulPlan, MatmulSpec, NARROW, Product, ProductKernel, SumOrder, block,
};
use crate::simd::{self, Kernel, Level, Vector};

/// Fewer rows of the result are not worth it.
const TALL: usize = 64;

/// Tiles of the transposed result.
#[derive(Debug)]
pub(crate) struct Transposed;

impl ProductKernel for Transposed {
    fn matches(&self, spec: &MatmulSpec, _level: Level) -> bool {
        let narrow = spec.n <= NARROW && spec.m >= TALL;
        narrow && spec.transpose_a && !spec.transpose_b && spec.b == Dtype::F32
    }

    fn cutting(&self, _spec: &MatmulSpec) -> Cutting {
        Cutting { granule: 4, inner: false, columns: true, as_before: false, weights: false }
    }

    fn plan(&self, plan: &mut MatmulPlan) {
        let results: usize = 2 * plan.spec.m * plan.spec.n;
        plan.scratch_bytes = (COPIED + results.next_multiple_of(16)) * 4;
    }

    unsafe fn run(&self, plan: &MatmulPlan, parts: Range<usize>, product: Product) {
        // SAFETY: the caller vouches for the level and the arrays.
        unsafe { simd::run(plan.level, Parts { plan, parts, product }) }
    }

    fn sum_order(&self, _spec: &MatmulSpec) -> Option<SumOrder> {
        Some(SumOrder::Fused)
    }
}

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
        let (rows, _) = block(self.plan, self.parts.clone());
        let Product { a, b, out, scratch, sink, .. } = self.product;
        let scratch = scratch.cast::<f32>();
        let left = Left { stored: Batch::adjacent(b, n * 4), bytes: false, transposed: true, m: n, k };
        // SAFETY: the caller vouches for the arrays; the scratch has the plan's size.
        unsafe {
            let at = a.add(rows.start * spec.a.size());
            let right = Right { at, bytes: spec.a == Dtype::U8, step: m, packed: false, k };
            let lying = scratch.add(COPIED);
            let tiles = n.div_ceil(V::TILE_ROWS);
            for tile in 0..tiles {
                let tile = n * tile / tiles..n * (tile + 1) / tiles;
                let to = lying.add(tile.start * rows.len());
                rows_of_tiles::<V>(&left, &right, tile, rows.len(), scratch, to, rows.len());
            }
            let standing = match sink {
                Some(_) => lying.add(rows.len() * n),
                None => out.cast::<f32>().add(rows.start * n),
            };
            for row in 0..rows.len() {
                for column in 0..n {
                    *standing.add(row * n + column) = *lying.add(column * rows.len() + row);
                }
            }
            if let Some(sink) = sink {
                sink.span(rows.start, 0, rows.len() * n, standing.cast());
            }
        }
    }
}
