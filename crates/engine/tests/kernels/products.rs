//! Matrix products against plain loops in `f64`.

use crate::common::{Noise, aligned, aligned_start, plan};
use tensorlet_engine::ir::program::Dtype;
use tensorlet_engine::kernels::matmul::{self, MatmulPlan, MatmulSpec, Product, Sink, Split};
use tensorlet_engine::simd::Level;

/// An operand of a product: its bytes, and its numbers.
struct Operand {
    bytes: Vec<u8>,
    numbers: Vec<f64>,
}

impl Operand {
    fn new(dtype: Dtype, len: usize, noise: &mut Noise) -> Operand {
        let numbers: Vec<f64> = match dtype {
            Dtype::U8 => (0..len).map(|_| (noise.word() >> 56) as f64).collect(),
            Dtype::F32 => (0..len).map(|_| f64::from(noise.number())).collect(),
            _ => (0..len).map(|_| f64::from(noise.number()) / 3.0).collect(),
        };
        let bytes = match dtype {
            Dtype::U8 => numbers.iter().map(|number| *number as u8).collect(),
            Dtype::F32 => numbers.iter().flat_map(|number| (*number as f32).to_ne_bytes()).collect(),
            _ => numbers.iter().flat_map(|number| number.to_ne_bytes()).collect(),
        };
        Operand { bytes, numbers }
    }
}

/// Notes where sums arrive, and that each arrives once.
struct Collect<'a> {
    columns: usize,
    result: &'a mut [f64],
    size: usize,
}

impl Sink for Collect<'_> {
    unsafe fn span(&mut self, row: usize, column: usize, len: usize, sums: *const u8) {
        assert!(column + len <= self.columns || (column == 0 && len.is_multiple_of(self.columns)));
        for i in 0..len {
            let place = &mut self.result[row * self.columns + column + i];
            assert!(place.is_nan(), "sum ({row}, {column}) + {i} came twice");
            // SAFETY: the kernel hands `len` numbers on.
            *place = unsafe {
                match self.size {
                    4 => f64::from(*sums.cast::<f32>().add(i)),
                    _ => *sums.cast::<f64>().add(i),
                }
            };
        }
    }
}

fn compute(plan: &MatmulPlan, a: &Operand, b: &Operand, through_sink: bool) -> Vec<f64> {
    let (m, n) = (plan.spec.m, plan.spec.n);
    let size = plan.spec.out.size();
    let (mut out, mut shared) = (aligned(m * n * size), aligned(plan.shared_bytes));
    let mut scratch = aligned(plan.scratch_bytes);
    let (out_start, shared) = (aligned_start(&mut out), aligned_start(&mut shared));
    let scratch = aligned_start(&mut scratch);
    let mut collected = vec![f64::NAN; m * n];
    let mut collect = Collect { columns: n, result: &mut collected, size };
    // SAFETY: the arrays have the sizes that the plan asks for.
    unsafe {
        for part in (0..plan.split.partition().parts()).rev() {
            let sink = through_sink.then_some(&mut collect as &mut dyn Sink);
            let (a, b) = (a.bytes.as_ptr(), b.bytes.as_ptr());
            let (aside, kept) = (std::ptr::null(), std::ptr::null());
            let product = Product { a, b, aside, out: out_start, shared, scratch, kept, sink };
            matmul::run_parts(plan, part..part + 1, product);
        }
        if let Split::Inner(_) = plan.split {
            for rows in [0..m / 3, m / 3..m] {
                let sink = through_sink.then_some(&mut collect as &mut dyn Sink);
                matmul::combine(plan, rows, shared, out_start, sink);
            }
        }
        if !through_sink {
            for (i, number) in collected.iter_mut().enumerate() {
                *number = match size {
                    4 => f64::from(*out_start.cast::<f32>().add(i)),
                    _ => *out_start.cast::<f64>().add(i),
                };
            }
        }
    }
    collected
}

fn check_product(spec: MatmulSpec, level: Level, noise: &mut Noise) {
    let MatmulSpec { m, n, k, transpose_a, transpose_b, .. } = spec;
    let (a, b) = (Operand::new(spec.a, m * k, noise), Operand::new(spec.b, k * n, noise));
    let mut expected = vec![0.0; m * n];
    let mut magnitude = vec![0.0; m * n];
    for row in 0..m {
        for column in 0..n {
            for inner in 0..k {
                let x = a.numbers[if transpose_a { inner * m + row } else { row * k + inner }];
                let y = b.numbers[if transpose_b { column * k + inner } else { inner * n + column }];
                expected[row * n + column] += x * y;
                magnitude[row * n + column] += (x * y).abs();
            }
        }
    }
    // Sums of 64 bits are taken in the same order as here, at every level.
    let epsilon = if spec.out == Dtype::F32 { 1e-6 } else { 0.0 };
    let plan = plan(&spec, level);
    let direct = compute(&plan, &a, &b, false);
    for (i, (got, want)) in direct.iter().zip(&expected).enumerate() {
        let close = (got - want).abs() <= epsilon * magnitude[i] + 1e-30;
        assert!(close, "{spec:?} at {level:?}: element {i} is {got}, expected {want}");
    }
    let collected = compute(&plan, &a, &b, true);
    assert_eq!(direct, collected, "{spec:?} at {level:?}: the sink sees other sums");
}

fn spec(m: usize, n: usize, k: usize, transposes: usize, a: Dtype, b: Dtype) -> MatmulSpec {
    let (transpose_a, transpose_b) = (transposes & 1 != 0, transposes & 2 != 0);
    MatmulSpec { m, n, k, transpose_a, transpose_b, a, b, out: if a == Dtype::F64 { a } else { Dtype::F32 } }
}

pub fn products_of_all_small_shapes_and_types(level: Level) {
    let mut noise = Noise(1);
    let types = [
        (Dtype::F32, Dtype::F32),
        (Dtype::U8, Dtype::F32),
        (Dtype::F32, Dtype::U8),
        (Dtype::F64, Dtype::F64),
    ];
    for round in 0..1200 {
        let mut size = || 1 + (noise.word() >> 33) as usize % 20;
        let (m, n, k) = (size(), size(), size());
        let (a, b) = types[round / 4 % 4];
        check_product(spec(m, n, k, round % 4, a, b), level, &mut noise);
    }
    check_product(spec(3, 40, 9, 0, Dtype::U8, Dtype::U8), level, &mut noise);
    check_product(spec(3, 40, 9, 3, Dtype::U8, Dtype::U8), level, &mut noise);
}

pub fn products_of_medium_shapes(level: Level) {
    let mut noise = Noise(2);
    for round in 0..60 {
        let mut size = |least: usize, range: usize| least + (noise.word() >> 33) as usize % range;
        let (m, n, k) = (size(1, 150), size(1, 150), size(1, 150));
        let a = if round % 3 == 0 { Dtype::U8 } else { Dtype::F32 };
        let b = if round % 5 == 0 { Dtype::U8 } else { Dtype::F32 };
        check_product(spec(m, n, k, round % 4, a, b), level, &mut noise);
    }
}

pub fn products_of_the_networks_we_train(level: Level) {
    let mut noise = Noise(3);
    for data in [Dtype::U8, Dtype::F32] {
        check_product(spec(100, 10, 784, 2, data, Dtype::F32), level, &mut noise);
        check_product(spec(100, 10, 784, 0, data, Dtype::F32), level, &mut noise);
        check_product(spec(10, 784, 100, 1, Dtype::F32, data), level, &mut noise);
        check_product(spec(784, 10, 100, 1, data, Dtype::F32), level, &mut noise);
        check_product(spec(100, 128, 784, 0, data, Dtype::F32), level, &mut noise);
        check_product(spec(784, 128, 100, 1, data, Dtype::F32), level, &mut noise);
        check_product(spec(100, 300, 784, 0, data, Dtype::F32), level, &mut noise);
        check_product(spec(128, 784, 100, 1, Dtype::F32, data), level, &mut noise);
    }
    check_product(spec(100, 784, 128, 2, Dtype::F32, Dtype::F32), level, &mut noise);
    check_product(spec(1025, 10, 520, 2, Dtype::U8, Dtype::F32), level, &mut noise);
    check_product(spec(60, 1024, 1030, 0, Dtype::F32, Dtype::F32), level, &mut noise);
    check_product(spec(7, 16, 1111, 2, Dtype::F32, Dtype::F32), level, &mut noise);
    // Large enough to go through `b` in blocks, and through a sink several tiles at a time.
    for transposes in 0..4 {
        check_product(spec(157, 301, 611, transposes, Dtype::F32, Dtype::F32), level, &mut noise);
    }
    check_product(spec(157, 301, 611, 0, Dtype::U8, Dtype::F32), level, &mut noise);
    check_product(spec(157, 301, 611, 1, Dtype::F32, Dtype::U8), level, &mut noise);
}

pub fn empty_products_are_zero(level: Level) {
    let mut noise = Noise(4);
    for transposes in 0..4 {
        check_product(spec(5, 7, 0, transposes, Dtype::F32, Dtype::F32), level, &mut noise);
        check_product(spec(0, 7, 3, transposes, Dtype::U8, Dtype::F32), level, &mut noise);
        check_product(spec(5, 0, 3, transposes, Dtype::F64, Dtype::F64), level, &mut noise);
    }
}

pub fn partial_sums_are_added_in_the_order_of_the_parts(level: Level) {
    let plan = plan(&spec(400, 10, 784, 2, Dtype::U8, Dtype::F32), level);
    assert_eq!(plan.split.partition().parts(), 4);
    assert_eq!(plan.shared_bytes, 4 * 400 * 10 * 4);
    // ((1e8 + 1) - 1e8) + 1 is 1 in f32; any other order gives 0 or 2.
    let parts = [1e8f32, 1.0, -1e8, 1.0];
    let shared: Vec<f32> = parts.iter().flat_map(|part| vec![*part; 4000]).collect();
    let mut out = vec![0.0f32; 4000];
    // SAFETY: the arrays have the plan's sizes.
    unsafe { matmul::combine(&plan, 0..400, shared.as_ptr().cast(), out.as_mut_ptr().cast(), None) };
    assert_eq!(out, vec![1.0; 4000]);
}

pub fn work_is_cut_as_the_runner_expects() {
    let split = |spec| plan(&spec, Level::Portable).split;
    let inner = split(spec(100, 10, 784, 2, Dtype::U8, Dtype::F32));
    assert!(matches!(inner, Split::Inner(parts) if parts.range(0) == (0..384) && parts.parts() == 2));
    let columns = split(spec(10, 784, 100, 1, Dtype::F32, Dtype::U8));
    assert!(matches!(columns, Split::Columns(parts) if parts.range(0) == (0..384)));
    let rows = split(spec(784, 10, 400, 1, Dtype::U8, Dtype::F32));
    assert!(matches!(rows, Split::Rows(parts) if parts.range(3) == (576..784)));
    let whole = split(spec(4, 8, 2, 0, Dtype::F32, Dtype::F32));
    assert_eq!(whole.partition().parts(), 1);
}
