//! Products that leave out zeros, against the same products that leave nothing out: the same bits.

use tensorlet_engine::kernels::marks::{self, GRANULE, MarkPlan, WIDE, Weights};
use tensorlet_engine::kernels::matmul::{self, MatmulPlan, MatmulSpec, Operands, Split};
use tensorlet_engine::kernels::matmul_skip::{Skip, Zeros};
use tensorlet_engine::partition::Partition;
use tensorlet_engine::program::Dtype;
use tensorlet_engine::simd::Level;

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

fn compute(plan: &MatmulPlan, operands: Operands) -> Vec<u32> {
    let (m, n) = (plan.spec.m, plan.spec.n);
    let (mut out, mut shared) = (aligned(m * n * 4), aligned(plan.shared_bytes));
    let mut scratch = aligned(plan.scratch_bytes);
    let (out, shared, scratch) = (start(&mut out), start(&mut shared), start(&mut scratch));
    // SAFETY: the arrays have the sizes that the plan asks for.
    unsafe {
        for part in 0..plan.split.partition().parts() {
            matmul::run_part(plan, part, operands, out, shared, scratch, None);
        }
        if let Split::Inner(_) = plan.split {
            matmul::combine(plan, 0..m, shared, out, None);
        }
        (0..m * n).map(|i| *out.cast::<u32>().add(i)).collect()
    }
}

/// The product with and without zeros; whether it was worth leaving them out.
fn both(
    spec: MatmulSpec,
    zeros: Zeros,
    grain: usize,
    level: Level,
    other: &[f32],
) -> (Vec<u32>, Vec<u32>, bool) {
    let mut plan = matmul::plan(&spec, level);
    assert_eq!(plan.possible_skip(), Some((zeros, grain)), "{spec:?}");
    let (rows, columns, dtype) = match zeros {
        Zeros::OfRows => (spec.m, spec.k, spec.a),
        Zeros::OfTransposedRows => (spec.k, spec.m, spec.a),
        Zeros::OfRightRows => (spec.k, spec.n, spec.b),
    };
    let partition = match (zeros, grain) {
        (Zeros::OfRows, 1) => Partition::new(columns, GRANULE),
        _ => *plan.split.partition(),
    };
    // The marks are made for the product that sums over the columns.
    let weights = match zeros {
        Zeros::OfRows => Weights { width: spec.n, transposed: spec.transpose_b },
        _ => Weights { width: 1, transposed: false },
    };
    let marking = MarkPlan { rows, grain, partition, dtype, in_place: false, weights };
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
    let operands = Operands { a, b, marks: made, ahead: None };
    plan.skip = Some(Skip { zeros, marks: marking });
    let skipping = compute(&plan, operands);
    // Marks that say that everything is set: nothing is left out.
    for part in 0..partition.parts() {
        // SAFETY: the first word of a part's block counts its marks.
        unsafe { *made.add(part * marking.block_bytes()).cast::<u64>() = u64::MAX >> 8 };
    }
    (compute(&plan, operands), skipping, pays)
}

fn cases() -> Vec<(MatmulSpec, Zeros, usize)> {
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
            cases.push((spec(rows, width, columns, false, true, data, floats), Zeros::OfRows, WIDE));
            cases.push((spec(rows, width, columns, false, false, data, floats), Zeros::OfRows, WIDE));
            cases.push((spec(width, columns, rows, true, false, floats, data), Zeros::OfRightRows, WIDE));
            if rows * width >= 256 {
                let turned = spec(columns, width, rows, true, false, data, floats);
                cases.push((turned, Zeros::OfTransposedRows, WIDE));
            }
        }
    }
    for (rows, width, columns) in [(100, 128, 784), (50, 133, 208), (70, 17, 1600), (101, 512, 784)] {
        cases.push((spec(rows, width, columns, false, false, bytes, floats), Zeros::OfRows, 1));
        cases.push((spec(columns, width, rows, true, false, bytes, floats), Zeros::OfTransposedRows, 1));
    }
    cases
}

#[test]
fn zeros_left_out_change_no_bit() {
    for level in Level::available() {
        for (spec, zeros, grain) in cases() {
            let others = if zeros == Zeros::OfRightRows { spec.m * spec.k } else { spec.k * spec.n };
            let (dense, skipping, pays) = both(spec, zeros, grain, level, &numbers(others));
            assert!(pays, "{spec:?}: the data are meant to be sparse");
            assert!(dense == skipping, "{spec:?} at {level:?}: other bits");
        }
    }
}

#[test]
fn a_number_that_is_not_finite_reaches_all_sums() {
    for level in Level::available() {
        for (spec, zeros, grain) in cases() {
            let others = if zeros == Zeros::OfRightRows { spec.m * spec.k } else { spec.k * spec.n };
            for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut other = numbers(others);
                other[others / 2 + 1] = bad;
                let (dense, skipping, _) = both(spec, zeros, grain, level, &other);
                let is_nan = |bits: &u32| f32::from_bits(*bits).is_nan();
                assert!(dense.iter().any(is_nan));
                assert!(
                    dense.iter().zip(&skipping).all(|(a, b)| a == b || (is_nan(a) && is_nan(b))),
                    "{spec:?} at {level:?}"
                );
            }
        }
    }
}
