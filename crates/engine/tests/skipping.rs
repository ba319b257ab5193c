//! Products that leave out zeros, against the same products that leave nothing out: the same bits.

use tensorlet_engine::ir::program::Dtype;
use tensorlet_engine::kernels::matmul::{self, MatmulPlan, MatmulSpec, Operands, Split};
use tensorlet_engine::partition::Partition;
use tensorlet_engine::simd::Level;
use tensorlet_engine::specialized::sparse_rows::lists::{self, ListPlan};
use tensorlet_engine::specialized::sparse_rows::mark_products::{Skip, Zeros};
use tensorlet_engine::specialized::sparse_rows::marks::{self, MarkPlan, Weights};

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

fn aligned(bytes: usize) -> Vec<[u64; 8]> {
    vec![[u64::MAX; 8]; bytes.div_ceil(64) + 1]
}

fn start(memory: &mut [[u64; 8]]) -> *mut u8 {
    let start = memory.as_mut_ptr().cast::<u8>();
    start.wrapping_add(start.align_offset(64))
}

/// The first part alone, the others together, as threads may own them.
fn parts(plan: &MatmulPlan) -> [std::ops::Range<usize>; 2] {
    let count = plan.split.partition().parts();
    [0..1, 1..count]
}

fn compute(plan: &MatmulPlan, operands: Operands) -> Vec<u32> {
    let (m, n) = (plan.spec.m, plan.spec.n);
    let (mut out, mut shared) = (aligned(m * n * 4), aligned(plan.shared_bytes));
    let mut scratch = aligned(plan.scratch_bytes);
    let (out, shared, scratch) = (start(&mut out), start(&mut shared), start(&mut scratch));
    // SAFETY: the arrays have the sizes that the plan asks for.
    unsafe {
        for parts in parts(plan) {
            matmul::run_parts(plan, parts, operands, out, shared, scratch, None);
        }
        if let Split::Inner(_) = plan.split {
            matmul::combine(plan, 0..m, shared, out, None);
        }
        (0..m * n).map(|i| *out.cast::<u32>().add(i)).collect()
    }
}

/// The same bits, or both not a number.
fn same(a: &[u32], b: &[u32]) -> bool {
    let is_nan = |bits: &u32| f32::from_bits(*bits).is_nan();
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b || (is_nan(a) && is_nan(b)))
}

/// The product with and without zeros; whether it was worth leaving them out.
fn both(spec: MatmulSpec, kind: Kind, level: Level, other: &[f32]) -> (Vec<u32>, Vec<u32>, bool) {
    match kind {
        Kind::Marks(zeros) => by_marks(spec, zeros, level, other),
        Kind::Lists { in_place } => by_lists(spec, in_place, level, other),
    }
}

fn by_marks(spec: MatmulSpec, zeros: Zeros, level: Level, other: &[f32]) -> (Vec<u32>, Vec<u32>, bool) {
    let mut plan = matmul::plan(&spec, level, None);
    assert_eq!(plan.possible_skip(), Some(zeros), "{spec:?}");
    let (rows, columns, dtype) = match zeros {
        Zeros::OfRows => (spec.m, spec.k, spec.a),
        Zeros::OfTransposedRows => (spec.k, spec.m, spec.a),
        Zeros::OfRightRows => (spec.k, spec.n, spec.b),
    };
    let partition = *plan.split.partition();
    // The marks are made for the product that sums over the columns.
    let weights = match zeros {
        Zeros::OfRows => Weights { width: spec.n, transposed: spec.transpose_b },
        _ => Weights { width: 1, transposed: false },
    };
    let marking = MarkPlan { rows, partition, dtype, in_place: false, weights };
    let batch = batch(rows, columns, dtype);
    let mut room = aligned(marking.bytes());
    let made = start(&mut room);
    let looked_at = if zeros == Zeros::OfRows { other.to_vec() } else { vec![1.0; columns] };
    // SAFETY: arrays of the plan's sizes.
    let pays = unsafe {
        for part in 0..partition.parts() {
            marks::mark(&marking, level, part, batch.as_ptr(), looked_at.as_ptr(), made);
        }
        marking.pays(made, 0..partition.parts())
    };
    let other = other.as_ptr().cast::<u8>();
    let (a, b) = match zeros {
        Zeros::OfRightRows => (other, batch.as_ptr()),
        _ => (batch.as_ptr(), other),
    };
    let operands = Operands { a, b, marks: made, prefetcher: None };
    plan.skip = Some(Skip { zeros, marks: marking });
    let counts = |part: usize| made.wrapping_add(part * marking.block_bytes()).cast::<u64>();
    // SAFETY: the first word of a part's block counts its marks.
    let set: Vec<u64> = (0..partition.parts()).map(|part| unsafe { *counts(part) }).collect();
    let own = plan.pairs;
    let mut in_form = |pairs: bool| {
        plan.pairs = pairs;
        let skipping = compute(&plan, operands);
        for part in 0..partition.parts() {
            // Marks that say that everything is set: nothing is left out.
            // SAFETY: as above.
            unsafe { *counts(part) = u64::MAX >> 8 };
        }
        let dense = compute(&plan, operands);
        for (part, &set) in set.iter().enumerate() {
            // SAFETY: as above.
            unsafe { *counts(part) = set };
        }
        (dense, skipping)
    };
    // The form that another machine takes, too.
    let (dense, skipping) = in_form(!own);
    assert!(same(&dense, &skipping), "{spec:?} at {level:?}, pairs of units: {}", !own);
    let (dense, skipping) = in_form(own);
    (dense, skipping, pays)
}

fn by_lists(spec: MatmulSpec, in_place: bool, level: Level, other: &[f32]) -> (Vec<u32>, Vec<u32>, bool) {
    // Columns as another product has cut them, for some of the shapes.
    let columns = spec.n.is_multiple_of(128).then(|| Partition::new(spec.n, 16));
    let mut plan = matmul::plan(&spec, level, columns);
    assert!(plan.can_read_lists(), "{spec:?}");
    let transposed = spec.transpose_a;
    let (batch_rows, batch_columns) = if transposed { (spec.k, spec.m) } else { (spec.m, spec.k) };
    let lists = ListPlan { batch_rows, batch_columns, dtype: spec.a, in_place, transposed };
    let batch = batch(batch_rows, batch_columns, spec.a);
    let row_bytes = batch_columns * spec.a.size();
    let table: Vec<*const u8> = batch.chunks(row_bytes).map(<[u8]>::as_ptr).collect();
    let rows = if in_place { table.as_ptr().cast() } else { batch.as_ptr() };
    let mut room = aligned(lists.bytes());
    let made = start(&mut room);
    // SAFETY: arrays of the plan's sizes.
    let pays = unsafe {
        lists::list(&lists, level, 0..lists.rows(), rows, made);
        lists.at(made).pay()
    };
    let operands = Operands { a: rows, b: other.as_ptr().cast(), marks: made, prefetcher: None };
    plan.read_lists(lists);
    let skipping = compute(&plan, operands);
    // SAFETY: the first number says whether there are lists.
    unsafe { *made.cast::<u32>() = 0 };
    (compute(&plan, operands), skipping, pays)
}

/// How zeros are left out.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Marks(Zeros),
    Lists { in_place: bool },
}

fn cases() -> Vec<(MatmulSpec, Kind)> {
    let spec = |m, n, k, transpose_a, transpose_b, a, b| MatmulSpec {
        m,
        n,
        k,
        transpose_a,
        transpose_b,
        a,
        b,
        out: Dtype::F32,
    };
    let (bytes, floats) = (Dtype::U8, Dtype::F32);
    let mut cases = Vec::new();
    for data in [bytes, floats] {
        for (rows, width, columns) in [(100, 10, 784), (37, 3, 1104), (90, 16, 512), (129, 7, 784)] {
            cases.push((spec(rows, width, columns, false, true, data, floats), Kind::Marks(Zeros::OfRows)));
            cases.push((spec(rows, width, columns, false, false, data, floats), Kind::Marks(Zeros::OfRows)));
            cases.push((
                spec(width, columns, rows, true, false, floats, data),
                Kind::Marks(Zeros::OfRightRows),
            ));
            if rows * width >= 256 {
                let transposed = spec(columns, width, rows, true, false, data, floats);
                cases.push((transposed, Kind::Marks(Zeros::OfTransposedRows)));
            }
        }
    }
    for data in [bytes, floats] {
        for (rows, width, columns) in [(100, 128, 784), (50, 133, 208), (70, 17, 1600), (101, 512, 784)] {
            for in_place in [false, true] {
                let kind = Kind::Lists { in_place };
                cases.push((spec(rows, width, columns, false, false, data, floats), kind));
                cases.push((spec(columns, width, rows, true, false, data, floats), kind));
            }
        }
    }
    cases
}

/// The matrix unit leaves nothing out.
fn levels() -> impl Iterator<Item = Level> {
    Level::available().into_iter().filter(|level| *level != Level::Amx)
}

#[test]
fn zeros_left_out_change_no_bit() {
    for level in levels() {
        for (spec, kind) in cases() {
            let left = kind == Kind::Marks(Zeros::OfRightRows);
            let others = if left { spec.m * spec.k } else { spec.k * spec.n };
            let (dense, skipping, pays) = both(spec, kind, level, &numbers(others));
            assert!(pays, "{spec:?}, {kind:?}: the data are meant to be sparse");
            assert!(dense == skipping, "{spec:?}, {kind:?} at {level:?}: other bits");
        }
    }
}

#[test]
fn a_number_that_is_not_finite_reaches_all_sums() {
    for level in levels() {
        for (spec, kind) in cases() {
            let left = kind == Kind::Marks(Zeros::OfRightRows);
            let others = if left { spec.m * spec.k } else { spec.k * spec.n };
            for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut other = numbers(others);
                other[others / 2 + 1] = bad;
                let (dense, skipping, _) = both(spec, kind, level, &other);
                let is_nan = |bits: &u32| f32::from_bits(*bits).is_nan();
                assert!(dense.iter().any(is_nan));
                assert!(same(&dense, &skipping), "{spec:?}, {kind:?} at {level:?}");
            }
        }
    }
}

#[test]
fn lists_of_full_batches_do_not_pay() {
    for level in Level::available() {
        for transposed in [false, true] {
            let (batch_rows, batch_columns) = (50, 208);
            let lists = ListPlan { batch_rows, batch_columns, dtype: Dtype::U8, in_place: false, transposed };
            let batch = vec![7u8; batch_rows * batch_columns];
            let mut room = aligned(lists.bytes());
            let made = start(&mut room);
            // SAFETY: arrays of the plan's sizes.
            let pays = unsafe {
                lists::list(&lists, level, 0..lists.rows(), batch.as_ptr(), made);
                lists.at(made).pay()
            };
            assert!(!pays);
            // The next batches are not looked at; a later one is.
            let empty = vec![0u8; batch_rows * batch_columns];
            let looked_at = (0..40)
                .map(|_| {
                    // SAFETY: as above.
                    unsafe {
                        lists::list(&lists, level, 0..lists.rows(), empty.as_ptr(), made);
                        lists.at(made).pay()
                    }
                })
                .position(|pays| pays);
            assert_eq!(looked_at, Some(31));
        }
    }
}
