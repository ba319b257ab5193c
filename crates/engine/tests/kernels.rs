//! The heavy kernels at every level of the machine, against plain loops in `f64`.

use tensorlet_engine::ir::program::{Dtype, MapOp, ReduceKind};
use tensorlet_engine::kernels::matmul::{self, MatmulPlan, MatmulSpec, Operands, Sink, Split};
use tensorlet_engine::kernels::{reduce, rows, tile};
use tensorlet_engine::simd::Level;

/// Small, fast, repeatable noise.
struct Noise(u64);

impl Noise {
    fn word(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn number(&mut self) -> f32 {
        (self.word() >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn numbers(&mut self, len: usize) -> Vec<f32> {
        (0..len).map(|_| self.number()).collect()
    }
}

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

fn aligned(bytes: usize) -> Vec<[u64; 8]> {
    vec![[u64::MAX; 8]; bytes.div_ceil(64) + 1]
}

fn aligned_start(memory: &mut [[u64; 8]]) -> *mut u8 {
    let start = memory.as_mut_ptr().cast::<u8>();
    start.wrapping_add(start.align_offset(64))
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
            matmul::run_parts(
                plan,
                part..part + 1,
                Operands {
                    a: a.bytes.as_ptr(),
                    b: b.bytes.as_ptr(),
                    marks: std::ptr::null(),
                    prefetcher: None,
                },
                out_start,
                shared,
                scratch,
                sink,
            );
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

fn check_product(spec: MatmulSpec, noise: &mut Noise) {
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
    let epsilon = if spec.out == Dtype::F32 { 1e-6 } else { 1e-14 };
    for level in Level::available() {
        let plan = matmul::plan(&spec, level, None);
        let direct = compute(&plan, &a, &b, false);
        for (i, (got, want)) in direct.iter().zip(&expected).enumerate() {
            let close = (got - want).abs() <= epsilon * magnitude[i] + 1e-30;
            assert!(close, "{spec:?} at {level:?}: element {i} is {got}, expected {want}");
        }
        let collected = compute(&plan, &a, &b, true);
        assert_eq!(direct, collected, "{spec:?} at {level:?}: the sink sees other sums");
    }
}

fn spec(m: usize, n: usize, k: usize, transposes: usize, a: Dtype, b: Dtype) -> MatmulSpec {
    let (transpose_a, transpose_b) = (transposes & 1 != 0, transposes & 2 != 0);
    MatmulSpec { m, n, k, transpose_a, transpose_b, a, b, out: if a == Dtype::F64 { a } else { Dtype::F32 } }
}

#[test]
fn products_of_all_small_shapes_and_types() {
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
        check_product(spec(m, n, k, round % 4, a, b), &mut noise);
    }
    check_product(spec(3, 40, 9, 0, Dtype::U8, Dtype::U8), &mut noise);
    check_product(spec(3, 40, 9, 3, Dtype::U8, Dtype::U8), &mut noise);
}

#[test]
fn products_of_medium_shapes() {
    let mut noise = Noise(2);
    for round in 0..60 {
        let mut size = |least: usize, range: usize| least + (noise.word() >> 33) as usize % range;
        let (m, n, k) = (size(1, 150), size(1, 150), size(1, 150));
        let a = if round % 3 == 0 { Dtype::U8 } else { Dtype::F32 };
        let b = if round % 5 == 0 { Dtype::U8 } else { Dtype::F32 };
        check_product(spec(m, n, k, round % 4, a, b), &mut noise);
    }
}

#[test]
fn products_of_the_networks_we_train() {
    let mut noise = Noise(3);
    for data in [Dtype::U8, Dtype::F32] {
        check_product(spec(100, 10, 784, 2, data, Dtype::F32), &mut noise);
        check_product(spec(100, 10, 784, 0, data, Dtype::F32), &mut noise);
        check_product(spec(10, 784, 100, 1, Dtype::F32, data), &mut noise);
        check_product(spec(784, 10, 100, 1, data, Dtype::F32), &mut noise);
        check_product(spec(100, 128, 784, 0, data, Dtype::F32), &mut noise);
        check_product(spec(784, 128, 100, 1, data, Dtype::F32), &mut noise);
        check_product(spec(100, 300, 784, 0, data, Dtype::F32), &mut noise);
        check_product(spec(128, 784, 100, 1, Dtype::F32, data), &mut noise);
    }
    check_product(spec(100, 784, 128, 2, Dtype::F32, Dtype::F32), &mut noise);
    check_product(spec(1025, 10, 520, 2, Dtype::U8, Dtype::F32), &mut noise);
    check_product(spec(60, 1024, 1030, 0, Dtype::F32, Dtype::F32), &mut noise);
    check_product(spec(7, 16, 1111, 2, Dtype::F32, Dtype::F32), &mut noise);
}

#[test]
fn empty_products_are_zero() {
    let mut noise = Noise(4);
    for transposes in 0..4 {
        check_product(spec(5, 7, 0, transposes, Dtype::F32, Dtype::F32), &mut noise);
        check_product(spec(0, 7, 3, transposes, Dtype::U8, Dtype::F32), &mut noise);
        check_product(spec(5, 0, 3, transposes, Dtype::F64, Dtype::F64), &mut noise);
    }
}

#[test]
fn partial_sums_are_added_in_the_order_of_the_parts() {
    let plan = matmul::plan(&spec(400, 10, 784, 2, Dtype::U8, Dtype::F32), Level::detect(), None);
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

#[test]
fn work_is_cut_as_the_runner_expects() {
    let split = |spec| matmul::plan(&spec, Level::Portable, None).split;
    let inner = split(spec(100, 10, 784, 2, Dtype::U8, Dtype::F32));
    assert!(matches!(inner, Split::Inner(parts) if parts.range(0) == (0..384) && parts.parts() == 2));
    let columns = split(spec(10, 784, 100, 1, Dtype::F32, Dtype::U8));
    assert!(matches!(columns, Split::Columns(parts) if parts.range(0) == (0..384)));
    let rows = split(spec(784, 10, 400, 1, Dtype::U8, Dtype::F32));
    assert!(matches!(rows, Split::Rows(parts) if parts.range(3) == (576..784)));
    let whole = split(spec(4, 8, 2, 0, Dtype::F32, Dtype::F32));
    assert_eq!(whole.partition().parts(), 1);
}

fn apply(op: MapOp, level: Level, args: &[&[f32]]) -> Vec<f32> {
    let function = tile::lookup(op, &vec![Dtype::F32; args.len()], Dtype::F32, level).expect("a function");
    let mut out = vec![f32::NAN; args[0].len()];
    let mut pointers = [std::ptr::null(); 3];
    for (pointer, arg) in pointers.iter_mut().zip(args) {
        *pointer = arg.as_ptr().cast();
    }
    // SAFETY: all arrays have the same length.
    unsafe { function(out.len(), pointers, out.as_mut_ptr().cast()) };
    out
}

/// Units in the last place between a result and the truth.
fn ulps(got: f32, want: f64) -> f64 {
    if got.is_nan() || want.is_nan() || want as f32 == f32::INFINITY || want as f32 == f32::NEG_INFINITY {
        let same = got.is_nan() == want.is_nan() && (got.is_nan() || got == want as f32);
        return if same { 0.0 } else { f64::INFINITY };
    }
    let nearest = want as f32;
    let exponent = (nearest.abs().max(f32::MIN_POSITIVE).to_bits() >> 23) as i32 - 127 - 23;
    (f64::from(got) - want).abs() / f64::from(exponent).exp2()
}

fn check_function(op: MapOp, bound: f64, inputs: &[f32], truth: impl Fn(f64) -> f64) {
    for level in Level::available() {
        let got = apply(op, level, &[inputs]);
        for (x, y) in inputs.iter().zip(got) {
            let want = truth(f64::from(*x));
            assert!(
                ulps(y, want) <= bound,
                "{op:?}({x:e}) at {level:?} is {y:e}, expected {want:e}: {} ulp",
                ulps(y, want)
            );
        }
    }
}

const SPECIAL: [f32; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
    f32::MIN_POSITIVE,
    1e-45,
    -1e-45,
    1e-40,
    3e38,
    -3e38,
    0.5,
    88.8,
    -104.0,
];

/// Numbers of all magnitudes, of both signs, and special ones.
fn all_magnitudes(below: f32) -> Vec<f32> {
    let mut noise = Noise(5);
    let any = (0..60_000).map(|_| f32::from_bits(noise.word() as u32)).filter(|x| x.abs() < below);
    let mut numbers: Vec<f32> = any.collect();
    let mut noise = Noise(6);
    for scale in [0.5, 3.0, 20.0, 100.0] {
        numbers.extend((0..20_000).map(|_| noise.number() * scale));
    }
    numbers.extend(SPECIAL);
    numbers
}

#[test]
fn functions_are_within_two_units_in_the_last_place() {
    let all = all_magnitudes(f32::INFINITY);
    check_function(MapOp::Exp, 1.5, &all, f64::exp);
    check_function(MapOp::Log, 1.5, &all, f64::ln);
    check_function(MapOp::Expm1, 2.0, &all, f64::exp_m1);
    check_function(MapOp::Log1p, 2.0, &all, f64::ln_1p);
    check_function(MapOp::Tanh, 2.5, &all, f64::tanh);
    check_function(MapOp::Sigmoid, 2.5, &all, |x| 1.0 / (1.0 + (-x).exp()));
    check_function(MapOp::Softplus, 2.5, &all, |x| if x > 30.0 { x + (-x).exp() } else { x.exp().ln_1p() });
    check_function(MapOp::Sqrt, 0.5, &all, f64::sqrt);
    check_function(MapOp::Rsqrt, 1.5, &all, |x| {
        if x == 0.0 { f64::INFINITY.copysign(x) } else { 1.0 / x.sqrt() }
    });
    check_function(MapOp::Round, 0.0, &all, f64::round_ties_even);
    check_function(MapOp::Floor, 0.0, &all, f64::floor);
}

#[test]
fn error_function_has_its_known_values() {
    // Abramowitz and Stegun, table 7.1, to ten places.
    let known = [
        (0.0, 0.0),
        (0.1, 0.112_462_916_0),
        (0.5, 0.520_499_877_8),
        (0.9, 0.796_908_212_4),
        (1.0, 0.842_700_792_9),
        (1.1, 0.880_205_069_6),
        (1.5, 0.966_105_146_5),
        (2.0, 0.995_322_265_0),
        (f64::INFINITY, 1.0),
    ];
    let (inputs, truth): (Vec<f64>, Vec<f64>) = known.into_iter().unzip();
    for level in Level::available() {
        let function = tile::lookup(MapOp::Erf, &[Dtype::F64], Dtype::F64, level).expect("a function");
        let mut out = vec![0.0f64; inputs.len()];
        let args = [inputs.as_ptr().cast(), std::ptr::null(), std::ptr::null()];
        // SAFETY: both arrays have the same length.
        unsafe { function(out.len(), args, out.as_mut_ptr().cast()) };
        for (got, want) in out.iter().zip(&truth) {
            assert!((got - want).abs() < 6e-11, "{got} {want}");
        }
        let wide: Vec<f64> = (-600..=600).map(|i| f64::from(i) / 100.0).collect();
        let mut exact = vec![0.0f64; wide.len()];
        // SAFETY: both arrays have the same length.
        unsafe { function(wide.len(), [wide.as_ptr().cast(); 3], exact.as_mut_ptr().cast()) };
        let singles: Vec<f32> = wide.iter().map(|x| *x as f32).collect();
        for ((x, y), want) in singles.iter().zip(apply(MapOp::Erf, level, &[&singles])).zip(exact) {
            assert!(
                (f64::from(y) - want).abs() <= 3e-7 * want.abs(),
                "erf({x}) at {level:?} is {y}, expected {want}"
            );
        }
    }
}

#[test]
fn larger_and_smaller_pass_nan_on() {
    let x = [1.0, f32::NAN, 3.0, f32::NAN, -0.5];
    let y = [2.0, 1.0, f32::NAN, f32::NAN, -7.0];
    for level in Level::available() {
        let larger = apply(MapOp::Max, level, &[&x, &y]);
        assert_eq!((larger[0], larger[4]), (2.0, -0.5));
        assert!(larger[1..4].iter().all(|value| value.is_nan()));
        let smaller = apply(MapOp::Min, level, &[&x, &y]);
        assert_eq!((smaller[0], smaller[4]), (1.0, -7.0));
        assert!(smaller[1..4].iter().all(|value| value.is_nan()));
    }
}

#[test]
fn elementwise_in_place_and_at_every_length() {
    for level in Level::available() {
        let function = tile::lookup(MapOp::MulSub, &[Dtype::F32; 3], Dtype::F32, level).expect("a function");
        for len in 0..70 {
            let (a, b): (Vec<f32>, Vec<f32>) = (0..len).map(|i| (i as f32, 0.5)).unzip();
            let mut c = vec![10.0f32; len + 1];
            let out = c.as_mut_ptr().cast::<u8>();
            // SAFETY: the arrays have `len` numbers; the result takes the third operand's place.
            unsafe { function(len, [a.as_ptr().cast(), b.as_ptr().cast(), out], out) };
            let expected: Vec<f32> = (0..len).map(|i| 10.0 - i as f32 * 0.5).chain([10.0]).collect();
            assert_eq!(c, expected);
        }
    }
}

/// Applies an operation with one type of operand, at the highest level.
fn apply_as<A: Copy, R: Copy + Default>(op: MapOp, from: Dtype, to: Dtype, args: &[&[A]]) -> Vec<R> {
    let function = tile::lookup(op, &vec![from; args.len()], to, Level::detect()).expect("a function");
    let mut out = vec![R::default(); args[0].len()];
    let pointers = std::array::from_fn(|i| args.get(i).map_or(std::ptr::null(), |arg| arg.as_ptr().cast()));
    // SAFETY: all arrays have the same length and the types that the function is for.
    unsafe { function(out.len(), pointers, out.as_mut_ptr().cast()) };
    out
}

#[test]
fn division_follows_numpy() {
    let (x, y) = ([7, -7, 7, -7, 5, i32::MIN], [2, 2, -2, -2, 0, -1]);
    let quotients: Vec<i32> = apply_as(MapOp::FloorDiv, Dtype::I32, Dtype::I32, &[&x, &y]);
    assert_eq!(quotients, [3, -4, -4, 3, 0, i32::MIN]);
    let remainders: Vec<i32> = apply_as(MapOp::Mod, Dtype::I32, Dtype::I32, &[&x, &y]);
    assert_eq!(remainders, [1, 1, -1, -1, 0, 0]);
    let (x, y) = ([7.5f32, -7.5, 1.0, -1.0, -1.0], [2.0f32, 2.0, 0.0, 0.0, f32::INFINITY]);
    let quotients: Vec<f32> = apply_as(MapOp::FloorDiv, Dtype::F32, Dtype::F32, &[&x, &y]);
    assert_eq!(quotients, [3.0, -4.0, f32::INFINITY, f32::NEG_INFINITY, -1.0]);
    let remainders: Vec<f32> = apply_as(MapOp::Mod, Dtype::F32, Dtype::F32, &[&x, &y]);
    assert_eq!((remainders[0], remainders[1], remainders[4]), (1.5, 0.5, f32::INFINITY));
    assert!(remainders[2].is_nan() && remainders[3].is_nan());
}

#[test]
fn integers_wrap_and_powers_truncate() {
    let sums: Vec<u8> = apply_as(MapOp::Add, Dtype::U8, Dtype::U8, &[&[250u8, 3], &[10, 4]]);
    assert_eq!(sums, [4, 7]);
    let powers: Vec<i64> =
        apply_as(MapOp::Pow, Dtype::I64, Dtype::I64, &[&[3i64, -1, 2, 10, 0], &[4, -3, -1, 0, 5]]);
    assert_eq!(powers, [81, -1, 0, 1, 0]);
    let signs: Vec<f32> = apply_as(MapOp::Sign, Dtype::F32, Dtype::F32, &[&[-2.0f32, 0.0, 5.0, f32::NAN]]);
    assert_eq!(signs[..3], [-1.0, 0.0, 1.0]);
    assert!(signs[3].is_nan());
}

#[test]
fn casts_truncate_saturate_and_ask_for_zero() {
    let numbers = [1.9f32, -1.9, 3e9, f32::NAN, 0.0];
    let whole: Vec<i32> = apply_as(MapOp::Cast, Dtype::F32, Dtype::I32, &[&numbers]);
    assert_eq!(whole, [1, -1, i32::MAX, 0, 0]);
    let bools: Vec<u8> = apply_as(MapOp::Cast, Dtype::F32, Dtype::Bool, &[&numbers]);
    assert_eq!(bools, [1, 1, 1, 1, 0]);
    let bytes: Vec<u8> = apply_as(MapOp::Cast, Dtype::I32, Dtype::U8, &[&[257i32, -1, 3]]);
    assert_eq!(bytes, [1, 255, 3]);
}

#[test]
fn comparisons_and_choices() {
    let (x, y) = ([1.0f32, f32::NAN, 2.0], [1.0f32, 1.0, 1.0]);
    let equal: Vec<u8> = apply_as(MapOp::Equal, Dtype::F32, Dtype::Bool, &[&x, &y]);
    let unequal: Vec<u8> = apply_as(MapOp::NotEqual, Dtype::F32, Dtype::Bool, &[&x, &y]);
    let greater: Vec<u8> = apply_as(MapOp::Greater, Dtype::F32, Dtype::Bool, &[&x, &y]);
    assert_eq!((equal, unequal, greater), (vec![1, 0, 0], vec![0, 1, 1], vec![0, 0, 1]));
    for level in Level::available() {
        let types = [Dtype::Bool, Dtype::F32, Dtype::F32];
        let function = tile::lookup(MapOp::Select, &types, Dtype::F32, level).expect("a function");
        let condition: Vec<u8> = (0..37).map(|i| u8::from(i % 3 == 0)).collect();
        let (yes, no) = (vec![1.0f32; 37], vec![f32::NEG_INFINITY; 37]);
        let mut out = vec![0.0f32; 37];
        let args = [condition.as_ptr(), yes.as_ptr().cast(), no.as_ptr().cast()];
        // SAFETY: all arrays have 37 elements.
        unsafe { function(37, args, out.as_mut_ptr().cast()) };
        for (i, value) in out.iter().enumerate() {
            assert_eq!(*value, if i % 3 == 0 { 1.0 } else { f32::NEG_INFINITY });
        }
    }
}

#[test]
fn lookup_refuses_what_makes_no_sense() {
    use Dtype::{Bool, F32, F64, I32, U8};
    let refused = [
        (MapOp::Div, vec![I32, I32], I32),
        (MapOp::Add, vec![F32, F64], F32),
        (MapOp::Add, vec![F32], F32),
        (MapOp::Exp, vec![U8], U8),
        (MapOp::Neg, vec![Bool], Bool),
        (MapOp::And, vec![F32, F32], F32),
        (MapOp::Less, vec![F32, F32], F32),
        (MapOp::Select, vec![F32, F32, F32], F32),
        (MapOp::Cast, vec![], F32),
    ];
    for (op, args, out) in refused {
        assert!(tile::lookup(op, &args, out, Level::Portable).is_none(), "{op:?} {args:?}");
    }
}

#[test]
fn softmax_of_rows() {
    let mut noise = Noise(7);
    for (count, width) in [(1, 1), (5, 3), (100, 10), (7, 16), (70, 17), (3, 200), (0, 5), (4, 0)] {
        let x: Vec<f32> = noise.numbers(count * width).iter().map(|x| x * 20.0).collect();
        for (level, log) in Level::available().into_iter().flat_map(|level| [(level, false), (level, true)]) {
            let mut out = vec![f32::NAN; x.len()];
            // SAFETY: both arrays have `count` rows.
            unsafe {
                let (x, out) = (x.as_ptr().cast(), out.as_mut_ptr().cast());
                rows::softmax(level, log, Dtype::F32, 0..count / 2, width, x, out);
                rows::softmax(level, log, Dtype::F32, count / 2..count, width, x, out);
            }
            for (x, out) in x.chunks(width.max(1)).zip(out.chunks(width.max(1))) {
                let sum: f64 = x.iter().map(|x| f64::from(*x).exp()).sum();
                for (x, y) in x.iter().zip(out) {
                    let want = if log { f64::from(*x) - sum.ln() } else { f64::from(*x).exp() / sum };
                    let error = (f64::from(*y) - want).abs();
                    // Differences of up to 40 are rounded to 2e-6, which the exponential passes on.
                    let bound = if log { 5e-6 } else { 3e-6 * want + 1e-37 };
                    assert!(error <= bound, "{level:?} {y} {want}");
                }
            }
        }
    }
}

#[test]
fn softmax_passes_nan_and_infinity_on() {
    let infinity = f32::INFINITY;
    let x = [1.0, f32::NAN, 2.0, infinity, 0.0, 1.0, -infinity, 0.0, 0.0, -infinity, -infinity, -infinity];
    for level in Level::available() {
        let mut out = [0.0f32; 12];
        // SAFETY: four rows of three numbers.
        unsafe {
            rows::softmax(level, false, Dtype::F32, 0..4, 3, x.as_ptr().cast(), out.as_mut_ptr().cast())
        };
        assert!(out[..3].iter().all(|value| value.is_nan()), "{out:?}");
        assert!(out[3..6].iter().any(|value| value.is_nan()), "{out:?}");
        assert_eq!(out[6..9], [0.0, 0.5, 0.5]);
        assert!(out[9..].iter().all(|value| value.is_nan()), "{out:?}");
    }
}

/// A reduction by its definition: every element joins the result that its kept indices name.
fn naive_sum(x: &[f32], shape: &[usize], axes: &[usize]) -> Vec<f64> {
    let kept = |axis: usize| !axes.contains(&axis);
    let outputs = shape.iter().enumerate().filter(|(axis, _)| kept(*axis)).map(|(_, len)| len).product();
    let mut out = vec![0.0; outputs];
    for (flat, value) in x.iter().enumerate() {
        let (mut rest, mut place, mut step) = (flat, 0, 1);
        for (axis, len) in shape.iter().enumerate().rev() {
            if kept(axis) {
                place += rest % len * step;
                step *= len;
            }
            rest /= len;
        }
        out[place] += f64::from(*value);
    }
    out
}

fn reduced<T: Copy + Default>(
    kind: ReduceKind,
    dtype: Dtype,
    shape: &[usize],
    axes: &[usize],
    x: &[T],
    level: Level,
) -> Vec<T> {
    let plan = reduce::plan(kind, dtype, shape, axes).expect("a plan");
    let mut out = vec![T::default(); plan.outputs()];
    let middle = plan.outputs() / 2;
    // SAFETY: the arrays are as planned.
    unsafe {
        reduce::run(&plan, level, middle..plan.outputs(), x.as_ptr().cast(), out.as_mut_ptr().cast());
        reduce::run(&plan, level, 0..middle, x.as_ptr().cast(), out.as_mut_ptr().cast());
    }
    out
}

#[test]
fn sums_over_every_set_of_axes() {
    let mut noise = Noise(8);
    for shape in
        [&[100, 10][..], &[10, 100], &[3, 4, 5], &[2, 3, 4, 5], &[1, 7, 1], &[2000], &[600, 33], &[1]]
    {
        let x = noise.numbers(shape.iter().product());
        for set in 0..1usize << shape.len() {
            let axes: Vec<usize> = (0..shape.len()).filter(|axis| set >> axis & 1 == 1).collect();
            let want = naive_sum(&x, shape, &axes);
            let count = x.len() as f64 / want.len() as f64;
            for level in Level::available() {
                let sums = reduced(ReduceKind::Sum, Dtype::F32, shape, &axes, &x, level);
                let means = reduced(ReduceKind::Mean, Dtype::F32, shape, &axes, &x, level);
                for i in 0..want.len() {
                    assert!(
                        (f64::from(sums[i]) - want[i]).abs() <= 1e-6 * count.sqrt(),
                        "{shape:?} {axes:?}"
                    );
                    assert!((f64::from(means[i]) - want[i] / count).abs() <= 1e-6, "{shape:?} {axes:?}");
                }
            }
        }
    }
}

#[test]
fn reductions_by_hand() {
    let x = [1.0f32, 5.0, -2.0, 4.0, f32::NAN, 3.0];
    let shape = [2, 3];
    for level in Level::available() {
        let largest = reduced(ReduceKind::Max, Dtype::F32, &shape, &[1], &x, level);
        assert!(largest[0] == 5.0 && largest[1].is_nan());
        let smallest = reduced(ReduceKind::Min, Dtype::F32, &shape, &[0], &x, level);
        assert!(smallest[0] == 1.0 && smallest[1].is_nan() && smallest[2] == -2.0);
        let product = reduced(ReduceKind::Prod, Dtype::F32, &[2, 2], &[1], &x[..4], level);
        assert_eq!(product, [5.0, -8.0]);
        assert_eq!(reduced(ReduceKind::Prod, Dtype::I32, &[3], &[0], &[4, -5, 6], level), [-120]);
        assert_eq!(reduced(ReduceKind::Max, Dtype::I64, &[2, 2], &[0], &[4i64, -5, 6, -7], level), [6, -5]);
        assert_eq!(reduced(ReduceKind::Sum, Dtype::U8, &[3], &[0], &[200u8, 50, 10], level), [4]);
        assert_eq!(reduced(ReduceKind::Any, Dtype::Bool, &[2, 2], &[1], &[0u8, 1, 0, 0], level), [1, 0]);
        assert_eq!(reduced(ReduceKind::All, Dtype::Bool, &[2, 2], &[1], &[1u8, 1, 0, 1], level), [1, 0]);
        // A million tenths: plain addition in f32 would be off by one in a hundred.
        let tenths = vec![0.1f32; 1_000_000];
        let sum = reduced(ReduceKind::Sum, Dtype::F32, &[1_000_000], &[0], &tenths, level);
        assert!((sum[0] - 100_000.0).abs() < 0.1, "{sum:?}");
        let sums = reduced(ReduceKind::Sum, Dtype::F32, &[500_000, 2], &[0], &tenths, level);
        assert!((sums[1] - 50_000.0).abs() < 1.0, "{sums:?}");
    }
}

#[test]
fn reductions_of_nothing() {
    let level = Level::detect();
    let none: [f32; 0] = [];
    assert_eq!(reduced(ReduceKind::Sum, Dtype::F32, &[0, 3], &[0], &none, level), [0.0; 3]);
    assert_eq!(reduced(ReduceKind::Prod, Dtype::F32, &[3, 0], &[1], &none, level), [1.0; 3]);
    assert!(reduced(ReduceKind::Mean, Dtype::F32, &[0], &[0], &none, level)[0].is_nan());
    assert_eq!(reduced(ReduceKind::Sum, Dtype::I32, &[0], &[0], &[0i32; 0], level), [0]);
    assert_eq!(reduced(ReduceKind::Max, Dtype::F32, &[0, 3], &[1], &none, level), none);
    let refusal =
        reduce::plan(ReduceKind::Max, Dtype::F32, &[0, 3], &[0]).expect_err("nothing has no largest");
    assert!(refusal.contains("no elements"), "{refusal}");
    assert!(reduce::plan(ReduceKind::Mean, Dtype::I32, &[3], &[0]).is_err());
    assert!(reduce::plan(ReduceKind::Sum, Dtype::F32, &[3], &[1]).is_err());
    assert!(reduce::plan(ReduceKind::Sum, Dtype::F32, &[3, 3], &[1, 0]).is_err());
}

#[test]
fn positions_of_the_largest() {
    let x = [1.0f32, 5.0, 5.0, 4.0, f32::NAN, f32::NAN];
    let positions = |axis, largest| {
        let plan = reduce::arg_plan(Dtype::F32, &[2, 3], axis, largest).expect("a plan");
        let mut out = vec![-1i64; plan.outputs()];
        // SAFETY: the arrays are as planned.
        unsafe { reduce::arg_run(&plan, 0..plan.outputs(), x.as_ptr().cast(), out.as_mut_ptr().cast()) };
        out
    };
    assert_eq!(positions(1, true), [1, 1]);
    assert_eq!(positions(1, false), [0, 1]);
    assert_eq!(positions(0, true), [1, 1, 1]);
    assert_eq!(positions(0, false), [0, 1, 1]);
    assert!(reduce::arg_plan(Dtype::F32, &[2, 0], 1, true).is_err());
}

#[test]
fn positions_of_many_rows_are_those_of_each() {
    for (rows, width, inner) in [(1, 7, 1), (8, 10, 1), (21, 10, 1), (3, 4, 5), (19, 1, 1)] {
        let x: Vec<i32> = (0..rows * width * inner).map(|i| (i * 7919 % 13) as i32).collect();
        let plan = reduce::arg_plan(Dtype::I32, &[rows, width, inner], 1, true).expect("a plan");
        let mut out = vec![-1i64; plan.outputs() + 1];
        let half = plan.outputs() / 2;
        for outputs in [0..half, half..plan.outputs()] {
            // SAFETY: the arrays are as planned.
            unsafe { reduce::arg_run(&plan, outputs, x.as_ptr().cast(), out.as_mut_ptr().cast()) };
        }
        for (output, &found) in out[..plan.outputs()].iter().enumerate() {
            let at = |i: usize| x[(output / inner * width + i) * inner + output % inner];
            let first = (0..width).rev().max_by_key(|&i| at(i)).expect("a row has elements");
            assert_eq!(found, first as i64, "{rows} rows of {width}, {inner} within, output {output}");
        }
        assert_eq!(out[plan.outputs()], -1);
    }
}
