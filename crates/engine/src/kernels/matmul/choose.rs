//! Which kernel computes a product, and how the work is cut.

use std::sync::Arc;

use super::dot::Dot;
use super::double::Doubles;
use super::simple::Simple;
use super::tile::Tiles;
use super::transposed::Transposed;
use super::{Cutting, MatmulPlan, MatmulSpec, NARROW, ProductKernel, Split};
use crate::ir::program::Dtype;
use crate::partition::{FEW_PARTS, Partition};
use crate::simd::Level;

/// Products of fewer multiply-adds than this are not cut into parts.
const WHOLE_BELOW: usize = 1 << 16;
/// Products of fewer multiply-adds are cut into two parts only: each part costs a little.
const MANY_PARTS_FROM: usize = 1 << 21;
/// A result of fewer rows, and of more columns, is cut by columns.
const LOW: usize = 48;
const LONG: usize = 64;

/// Chooses kernel and split, from the shapes only; `columns`: how the columns of `b` have been cut.
/// The kernels `first` are asked before the general ones.
pub fn plan(
    spec: &MatmulSpec,
    level: Level,
    columns: Option<Partition>,
    first: &[Arc<dyn ProductKernel>],
) -> MatmulPlan {
    let kernel = first
        .iter()
        .find(|kernel| kernel.matches(spec, level))
        .map_or_else(|| general(spec, level), Arc::clone);
    let split = split(spec, kernel.cutting(spec), columns);
    finished(spec, level, kernel, split)
}

/// The same for products whose rows must have the same bits however many rows there are: neither the kernel
/// nor the order of the sums depends on `m`.
pub fn plan_steady(spec: &MatmulSpec, level: Level, columns: Option<Partition>) -> MatmulPlan {
    let kernel = steady(spec, level);
    let cutting = Cutting { inner: false, ..kernel.cutting(spec) };
    finished(spec, level, kernel, split(spec, cutting, columns))
}

/// A product whose rows are cut in a given way. `is_steady`: their bits do not depend on how many there are.
pub fn plan_by_rows(spec: &MatmulSpec, level: Level, rows: Partition, is_steady: bool) -> MatmulPlan {
    let kernel = if is_steady { steady(spec, level) } else { general(spec, level) };
    finished(spec, level, kernel, Split::Rows(rows))
}

/// A kernel that does not depend on the number of rows.
fn steady(spec: &MatmulSpec, level: Level) -> Arc<dyn ProductKernel> {
    // Vectors along `k` read columns of `b`, and tiles read rows: neither lays `b` out anew for a single row.
    match spec.transpose_b {
        _ if spec.out == Dtype::F64 => Arc::new(Doubles),
        true if Dot.matches(spec, level) => Arc::new(Dot),
        _ => Arc::new(Tiles),
    }
}

fn finished(spec: &MatmulSpec, level: Level, kernel: Arc<dyn ProductKernel>, split: Split) -> MatmulPlan {
    let mut plan = MatmulPlan {
        spec: *spec,
        split,
        shared_bytes: 0,
        scratch_bytes: 0,
        in_place: false,
        pack: false,
        kernel: Arc::clone(&kernel),
        level,
    };
    kernel.plan(&mut plan);
    if let Split::Inner(partition) = split {
        plan.shared_bytes = partition.parts() * spec.m * spec.n * 4;
    }
    plan
}

/// The first of the general kernels that takes a product; the last one takes all.
fn general(spec: &MatmulSpec, level: Level) -> Arc<dyn ProductKernel> {
    if Simple.matches(spec, level) {
        Arc::new(Simple)
    } else if Doubles.matches(spec, level) {
        Arc::new(Doubles)
    } else if Dot.matches(spec, level) {
        Arc::new(Dot)
    } else if Transposed.matches(spec, level) {
        Arc::new(Transposed)
    } else {
        Arc::new(Tiles)
    }
}

fn split(spec: &MatmulSpec, cutting: Cutting, columns: Option<Partition>) -> Split {
    let MatmulSpec { m, n, k, transpose_a, .. } = *spec;
    let work = m * n * k;
    let parts = match work < MANY_PARTS_FROM {
        true => 2,
        // The sums of narrow results belong to parts: both of its products have as many.
        false if m.min(n) <= NARROW => FEW_PARTS,
        false => Partition::worth(m.max(n), 1, spec.cost()).parts(),
    };
    if work < WHOLE_BELOW {
        Split::Rows(Partition::whole(m))
    } else if cutting.inner {
        Split::Inner(Partition::limited(k, 16, parts))
    } else if let (true, Some(columns)) = (cutting.as_before, columns) {
        // Threads go on with the columns that they have.
        Split::Columns(columns)
    } else if (cutting.columns && m < LOW && n >= LONG) || cutting.weights {
        Split::Columns(Partition::limited(n, if cutting.weights { 32 } else { 16 }, parts))
    } else {
        // The rows of a transposed operand are columns of the data it is made of.
        Split::Rows(Partition::limited(m, if transpose_a { 16 } else { cutting.granule }, parts))
    }
}
