//! Elementwise operations.

use crate::common::Noise;
use tensorlet_engine::ir::program::{Dtype, MapOp};
use tensorlet_engine::kernels::tile;
use tensorlet_engine::simd::Level;

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

fn check_function(level: Level, op: MapOp, bound: f64, inputs: &[f32], truth: impl Fn(f64) -> f64) {
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

/// Applies an operation with one type of operand.
fn apply_as<A: Copy, R: Copy + Default>(
    level: Level,
    op: MapOp,
    from: Dtype,
    to: Dtype,
    args: &[&[A]],
) -> Vec<R> {
    let function = tile::lookup(op, &vec![from; args.len()], to, level).expect("a function");
    let mut out = vec![R::default(); args[0].len()];
    let pointers = std::array::from_fn(|i| args.get(i).map_or(std::ptr::null(), |arg| arg.as_ptr().cast()));
    // SAFETY: all arrays have the same length and the types that the function is for.
    unsafe { function(out.len(), pointers, out.as_mut_ptr().cast()) };
    out
}

pub fn functions_are_within_two_units_in_the_last_place(level: Level) {
    let all = all_magnitudes(f32::INFINITY);
    check_function(level, MapOp::Exp, 1.5, &all, f64::exp);
    check_function(level, MapOp::Log, 1.5, &all, f64::ln);
    check_function(level, MapOp::Expm1, 2.0, &all, f64::exp_m1);
    check_function(level, MapOp::Log1p, 2.0, &all, f64::ln_1p);
    check_function(level, MapOp::Tanh, 2.5, &all, f64::tanh);
    check_function(level, MapOp::Sigmoid, 2.5, &all, |x| 1.0 / (1.0 + (-x).exp()));
    check_function(level, MapOp::Softplus, 2.5, &all, |x| {
        if x > 30.0 { x + (-x).exp() } else { x.exp().ln_1p() }
    });
    check_function(level, MapOp::Sqrt, 0.5, &all, f64::sqrt);
    check_function(level, MapOp::Rsqrt, 1.5, &all, |x| {
        if x == 0.0 { f64::INFINITY.copysign(x) } else { 1.0 / x.sqrt() }
    });
    check_function(level, MapOp::Round, 0.0, &all, f64::round_ties_even);
    check_function(level, MapOp::Floor, 0.0, &all, f64::floor);
}

pub fn error_function_has_its_known_values(level: Level) {
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

pub fn larger_and_smaller_pass_nan_on(level: Level) {
    let x = [1.0, f32::NAN, 3.0, f32::NAN, -0.5];
    let y = [2.0, 1.0, f32::NAN, f32::NAN, -7.0];
    let larger = apply(MapOp::Max, level, &[&x, &y]);
    assert_eq!((larger[0], larger[4]), (2.0, -0.5));
    assert!(larger[1..4].iter().all(|value| value.is_nan()));
    let smaller = apply(MapOp::Min, level, &[&x, &y]);
    assert_eq!((smaller[0], smaller[4]), (1.0, -7.0));
    assert!(smaller[1..4].iter().all(|value| value.is_nan()));
}

pub fn elementwise_in_place_and_at_every_length(level: Level) {
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

pub fn division_follows_numpy(level: Level) {
    let (x, y) = ([7, -7, 7, -7, 5, i32::MIN], [2, 2, -2, -2, 0, -1]);
    let quotients: Vec<i32> = apply_as(level, MapOp::FloorDiv, Dtype::I32, Dtype::I32, &[&x, &y]);
    assert_eq!(quotients, [3, -4, -4, 3, 0, i32::MIN]);
    let remainders: Vec<i32> = apply_as(level, MapOp::Mod, Dtype::I32, Dtype::I32, &[&x, &y]);
    assert_eq!(remainders, [1, 1, -1, -1, 0, 0]);
    let (x, y) = ([7.5f32, -7.5, 1.0, -1.0, -1.0], [2.0f32, 2.0, 0.0, 0.0, f32::INFINITY]);
    let quotients: Vec<f32> = apply_as(level, MapOp::FloorDiv, Dtype::F32, Dtype::F32, &[&x, &y]);
    assert_eq!(quotients, [3.0, -4.0, f32::INFINITY, f32::NEG_INFINITY, -1.0]);
    let remainders: Vec<f32> = apply_as(level, MapOp::Mod, Dtype::F32, Dtype::F32, &[&x, &y]);
    assert_eq!((remainders[0], remainders[1], remainders[4]), (1.5, 0.5, f32::INFINITY));
    assert!(remainders[2].is_nan() && remainders[3].is_nan());
}

pub fn integers_wrap_and_powers_truncate(level: Level) {
    let sums: Vec<u8> = apply_as(level, MapOp::Add, Dtype::U8, Dtype::U8, &[&[250u8, 3], &[10, 4]]);
    assert_eq!(sums, [4, 7]);
    let powers: Vec<i64> =
        apply_as(level, MapOp::Pow, Dtype::I64, Dtype::I64, &[&[3i64, -1, 2, 10, 0], &[4, -3, -1, 0, 5]]);
    assert_eq!(powers, [81, -1, 0, 1, 0]);
    let signs: Vec<f32> =
        apply_as(level, MapOp::Sign, Dtype::F32, Dtype::F32, &[&[-2.0f32, 0.0, 5.0, f32::NAN]]);
    assert_eq!(signs[..3], [-1.0, 0.0, 1.0]);
    assert!(signs[3].is_nan());
}

pub fn casts_truncate_saturate_and_ask_for_zero(level: Level) {
    let numbers = [1.9f32, -1.9, 3e9, f32::NAN, 0.0];
    let whole: Vec<i32> = apply_as(level, MapOp::Cast, Dtype::F32, Dtype::I32, &[&numbers]);
    assert_eq!(whole, [1, -1, i32::MAX, 0, 0]);
    let bools: Vec<u8> = apply_as(level, MapOp::Cast, Dtype::F32, Dtype::Bool, &[&numbers]);
    assert_eq!(bools, [1, 1, 1, 1, 0]);
    let bytes: Vec<u8> = apply_as(level, MapOp::Cast, Dtype::I32, Dtype::U8, &[&[257i32, -1, 3]]);
    assert_eq!(bytes, [1, 255, 3]);
}

pub fn comparisons_and_choices(level: Level) {
    let (x, y) = ([1.0f32, f32::NAN, 2.0], [1.0f32, 1.0, 1.0]);
    let equal: Vec<u8> = apply_as(level, MapOp::Equal, Dtype::F32, Dtype::Bool, &[&x, &y]);
    let unequal: Vec<u8> = apply_as(level, MapOp::NotEqual, Dtype::F32, Dtype::Bool, &[&x, &y]);
    let greater: Vec<u8> = apply_as(level, MapOp::Greater, Dtype::F32, Dtype::Bool, &[&x, &y]);
    assert_eq!((equal, unequal, greater), (vec![1, 0, 0], vec![0, 1, 1], vec![0, 0, 1]));
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

pub fn lookup_refuses_what_makes_no_sense(level: Level) {
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
        assert!(tile::lookup(op, &args, out, level).is_none(), "{op:?} {args:?}");
    }
}
