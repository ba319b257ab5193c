//! The tiniest matrix products, in plain loops.

use crate::ir::program::Dtype;
use crate::kernels::matmul::{
    Cutting, MatmulPlan, MatmulSpec, Product, ProductKernel, Sink, SumOrder, block,
};
use crate::simd::Level;
use std::ops::Range;

/// Products of fewer multiply-adds than this take plain loops.
pub(super) const SIMPLE_BELOW: usize = 128;

/// Plain loops.
#[derive(Debug)]
pub(crate) struct Simple;

impl ProductKernel for Simple {
    fn matches(&self, spec: &MatmulSpec, _level: Level) -> bool {
        spec.m * spec.n * spec.k < SIMPLE_BELOW
    }

    fn cutting(&self, _spec: &MatmulSpec) -> Cutting {
        Cutting { granule: 4, inner: false, columns: false, as_before: false, weights: false }
    }

    /// Room for one part's rows, when a sink takes them.
    fn plan(&self, plan: &mut MatmulPlan) {
        let rows = rows_at_once(&plan.spec);
        plan.scratch_bytes = rows * plan.spec.n * plan.spec.out.size();
    }

    unsafe fn run(&self, plan: &MatmulPlan, parts: Range<usize>, mut product: Product) {
        for part in parts {
            let Product { a, b, out, scratch, sink, .. } = product.reborrow();
            // SAFETY: handed on.
            unsafe { run_part(plan, part, a, b, out, scratch, sink) };
        }
    }

    fn sum_order(&self, spec: &MatmulSpec) -> Option<SumOrder> {
        (spec.out == Dtype::F32).then_some(SumOrder::Plain)
    }
}

/// Tiny results go to a sink in one span, others row by row.
fn rows_at_once(spec: &MatmulSpec) -> usize {
    if spec.m * spec.n <= 1024 { spec.m } else { 1 }
}

/// Computes one part.
///
/// # Safety
/// As `matmul::run_parts`.
unsafe fn run_part(
    plan: &MatmulPlan,
    part: usize,
    a: *const u8,
    b: *const u8,
    out: *mut u8,
    scratch: *mut u8,
    mut sink: Option<&mut dyn Sink>,
) {
    let spec = &plan.spec;
    let (rows, _) = block(plan, part..part + 1);
    let size = spec.out.size();
    let step = if sink.is_some() { rows_at_once(spec) } else { rows.len() };
    let mut start = rows.start;
    while start < rows.end {
        let stop = (start + step.max(1)).min(rows.end);
        // SAFETY: the caller vouches for the arrays; rows `start..stop` fit the scratch.
        unsafe {
            let target = if sink.is_some() { scratch } else { out.add(start * spec.n * size) };
            rows_into(spec, start..stop, a, b, target);
            if let Some(sink) = sink.as_deref_mut() {
                sink.span(start, 0, (stop - start) * spec.n, target);
            }
        }
        start = stop;
    }
}

unsafe fn rows_into(spec: &MatmulSpec, rows: Range<usize>, a: *const u8, b: *const u8, out: *mut u8) {
    // SAFETY: the caller vouches for the arrays; the types are the plan's.
    unsafe {
        match (spec.out, spec.a, spec.b) {
            (Dtype::F64, ..) => product::<f64, f64, f64>(spec, rows, a.cast(), b.cast(), out.cast()),
            (_, Dtype::U8, Dtype::U8) => product::<u8, u8, f32>(spec, rows, a, b, out.cast()),
            (_, Dtype::U8, _) => product::<u8, f32, f32>(spec, rows, a, b.cast(), out.cast()),
            (_, _, Dtype::U8) => product::<f32, u8, f32>(spec, rows, a.cast(), b, out.cast()),
            _ => product::<f32, f32, f32>(spec, rows, a.cast(), b.cast(), out.cast()),
        }
    }
}

unsafe fn product<A, B, T>(spec: &MatmulSpec, rows: Range<usize>, a: *const A, b: *const B, out: *mut T)
where
    A: Copy + Into<T>,
    B: Copy + Into<T>,
    T: Copy + Default + std::ops::Add<Output = T> + std::ops::Mul<Output = T>,
{
    let MatmulSpec { m, n, k, .. } = *spec;
    let (a_row, a_inner) = if spec.transpose_a { (1, m) } else { (k, 1) };
    for (position, row) in rows.enumerate() {
        // SAFETY: all indices lie inside the arrays that the caller vouches for.
        unsafe {
            let sums = std::slice::from_raw_parts_mut(out.add(position * n), n);
            let factor = |inner: usize| -> T { (*a.add(row * a_row + inner * a_inner)).into() };
            if spec.transpose_b {
                for (column, sum) in sums.iter_mut().enumerate() {
                    let b = b.add(column * k);
                    *sum =
                        (0..k).fold(T::default(), |sum, inner| sum + factor(inner) * (*b.add(inner)).into());
                }
            } else {
                sums.fill(T::default());
                for inner in 0..k {
                    let factor = factor(inner);
                    for (column, sum) in sums.iter_mut().enumerate() {
                        *sum = *sum + factor * (*b.add(inner * n + column)).into();
                    }
                }
            }
        }
    }
}
