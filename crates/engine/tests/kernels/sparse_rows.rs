//! Products that leave out zeros, against the same products that leave nothing out: the same bits.

use std::sync::Arc;

use crate::common::{aligned, aligned_start};
use tensorlet_engine::ir::program::Dtype;
use tensorlet_engine::kernels::matmul::{self, MatmulPlan, MatmulSpec, Product, ProductKernel};
use tensorlet_engine::partition::Partition;
use tensorlet_engine::simd::Level;
use tensorlet_engine::specialized::sparse_rows::{self, ListPlan, ListedTiles};

/// A batch of rows, mostly zero; some columns are never used.
fn batch(rows: usize, columns: usize, dtype: Dtype) -> Vec<u8> {
    let byte = |i: usize| {
        let (row, column) = (i / columns, i % columns);
        let inked = (column / 32 + row) % 3 == 0 && (i * 7919) % 5 < 2 && column % 48 < 40;
        if inked { 1 + (i * 31 % 255) as u8 } else { 0 }
    };
    let bytes = (0..rows * columns).map(byte);
    match dtype {
        Dtype::U8 => bytes.collect(),
        _ => bytes.flat_map(|byte| (f32::from(byte) / 7.0).to_ne_bytes()).collect(),
    }
}

fn numbers(len: usize) -> Vec<f32> {
    (0..len).map(|i| ((i * 48271 % 65537) as f32 - 30000.0) / 40000.0).collect()
}

/// The first part alone, the others together, as threads may own them.
fn compute(plan: &MatmulPlan, a: *const u8, b: &[f32], lists: *const u8) -> Vec<u32> {
    let (m, n) = (plan.spec.m, plan.spec.n);
    let mut out = aligned(m * n * 4);
    let mut scratch = aligned(plan.scratch_bytes);
    let (out, scratch) = (aligned_start(&mut out), aligned_start(&mut scratch));
    for parts in [0..1, 1..plan.split.partition().parts()] {
        let (b, shared) = (b.as_ptr().cast(), std::ptr::null_mut());
        // SAFETY: the arrays have the sizes that the plan asks for.
        unsafe {
            let (aside, kept) = (lists, std::ptr::null());
            matmul::run_parts(plan, parts, Product { a, b, aside, out, shared, scratch, kept, sink: None })
        };
    }
    // SAFETY: the result has `m * n` numbers.
    unsafe { (0..m * n).map(|i| *out.cast::<u32>().add(i)).collect() }
}

/// The same bits, or both not a number.
fn same(a: &[u32], b: &[u32]) -> bool {
    let is_nan = |bits: &u32| f32::from_bits(*bits).is_nan();
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b || (is_nan(a) && is_nan(b)))
}

/// The product with and without zeros; whether it was worth leaving them out.
fn both(spec: MatmulSpec, in_place: bool, level: Level, other: &[f32]) -> (Vec<u32>, Vec<u32>, bool) {
    // Columns as another product has cut them, for some of the shapes.
    let columns = spec.n.is_multiple_of(128).then(|| Partition::new(spec.n, 16));
    let mut plan = matmul::plan(&spec, level, columns, &[]);
    assert!(ListedTiles::possible(&plan), "{spec:?}");
    let transposed = spec.transpose_a;
    let (batch_rows, batch_columns) = if transposed { (spec.k, spec.m) } else { (spec.m, spec.k) };
    let lists = ListPlan { batch_rows, batch_columns, dtype: spec.a, in_place, transposed };
    let batch = batch(batch_rows, batch_columns, spec.a);
    let table: Vec<*const u8> = batch.chunks(batch_columns * spec.a.size()).map(<[u8]>::as_ptr).collect();
    let rows = if in_place { table.as_ptr().cast() } else { batch.as_ptr() };
    let mut room = aligned(lists.bytes());
    let made = aligned_start(&mut room);
    // SAFETY: arrays of the plan's sizes.
    let pays = unsafe {
        sparse_rows::list(&lists, level, 0..lists.rows(), rows, made);
        lists.pays(made)
    };
    let kernel = ListedTiles { lists };
    kernel.plan(&mut plan);
    plan.in_place = in_place;
    plan.kernel = Arc::new(kernel);
    let skipping = compute(&plan, rows, other, made);
    // SAFETY: the first number says whether there are lists.
    unsafe { *made.cast::<u32>() = 0 };
    (compute(&plan, rows, other, made), skipping, pays)
}

/// Products, and whether the rows are read in place.
fn cases() -> Vec<(MatmulSpec, bool)> {
    let spec = |m, n, k, transpose_a, a| MatmulSpec {
        m,
        n,
        k,
        transpose_a,
        transpose_b: false,
        a,
        b: Dtype::F32,
        out: Dtype::F32,
    };
    let mut cases = Vec::new();
    for data in [Dtype::U8, Dtype::F32] {
        for (rows, width, columns) in [(100, 128, 784), (50, 133, 208), (70, 17, 1600), (101, 512, 784)] {
            for in_place in [false, true] {
                cases.push((spec(rows, width, columns, false, data), in_place));
                cases.push((spec(columns, width, rows, true, data), in_place));
            }
        }
    }
    cases
}

pub fn zeros_left_out_change_no_bit(level: Level) {
    for (spec, in_place) in cases() {
        let (dense, skipping, pays) = both(spec, in_place, level, &numbers(spec.k * spec.n));
        assert!(pays, "{spec:?}: the data are meant to be sparse");
        assert!(dense == skipping, "{spec:?} at {level:?}: other bits");
    }
}

pub fn a_number_that_is_not_finite_reaches_all_sums(level: Level) {
    for (spec, in_place) in cases() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut other = numbers(spec.k * spec.n);
            let middle = other.len() / 2 + 1;
            other[middle] = bad;
            let (dense, skipping, _) = both(spec, in_place, level, &other);
            assert!(dense.iter().any(|bits| f32::from_bits(*bits).is_nan()));
            assert!(same(&dense, &skipping), "{spec:?} at {level:?}");
        }
    }
}

pub fn lists_of_full_batches_do_not_pay(level: Level) {
    for transposed in [false, true] {
        let (batch_rows, batch_columns) = (50, 208);
        let lists = ListPlan { batch_rows, batch_columns, dtype: Dtype::U8, in_place: false, transposed };
        let batch = vec![7u8; batch_rows * batch_columns];
        let mut room = aligned(lists.bytes());
        let made = aligned_start(&mut room);
        // SAFETY: arrays of the plan's sizes.
        let pays = unsafe {
            sparse_rows::list(&lists, level, 0..lists.rows(), batch.as_ptr(), made);
            lists.pays(made)
        };
        assert!(!pays);
        // The next batches are not looked at; a later one is.
        let empty = vec![0u8; batch_rows * batch_columns];
        let looked_at = (0..40)
            .map(|_| {
                // SAFETY: as above.
                unsafe {
                    sparse_rows::list(&lists, level, 0..lists.rows(), empty.as_ptr(), made);
                    lists.pays(made)
                }
            })
            .position(|pays| pays);
        assert_eq!(looked_at, Some(31));
    }
}
