//! Exponentials, logarithms and related functions on vectors of `f32`, within two units in the last place.
//!
//! Full range: subnormal numbers, infinities and NaN come out as in NumPy.

use super::Vector;

/// The leading bits of ln 2, so few that small multiples of it are exact, and the rest.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// Fits of the error function, highest power first; see [`erf`].
const ERF_NEAR: [f32; 7] = [
    7.889_119e-5,
    -8.020_841e-4,
    5.189_535e-3,
    -2.685_444_4e-2,
    0.112_836,
    -0.376_126_26,
    std::f32::consts::FRAC_2_SQRT_PI,
];
const ERF_FAR: [f32; 8] = [
    2.149_611_3e-5,
    -4.391_063_7e-4,
    4.193_611e-3,
    -2.517_896_7e-2,
    0.108_372_48,
    0.633_262_63,
    1.129_556_8,
    -1.834_441_5e-4,
];

/// Splits `x = n ln 2 + r`; gives `n` and `exp(r) - 1`.
#[inline(always)]
fn reduced_expm1<V: Vector>(x: V) -> (V, V) {
    let n = (x * x.like(std::f32::consts::LOG2_E)).round();
    let r = n.mul_add(x.like(-LN_2_HIGH), x);
    let r = n.mul_add(x.like(-LN_2_LOW), r);
    // (exp(r) - 1 - r) / r^2 on |r| <= ln 2 / 2: a least-maximum fit, 6e-8 off at most.
    let q = x.like(1.394_13e-3).mul_add(r, x.like(8.363_29e-3));
    let q = q.mul_add(r, x.like(4.166_637e-2));
    let q = q.mul_add(r, x.like(1.666_657_6e-1));
    let q = q.mul_add(r, x.like(0.5));
    (n, q.mul_add(r * r, r))
}

/// `value * 2^n` for `n` from -252 to 254, in two steps so that subnormal results round right.
#[inline(always)]
fn scale<V: Vector>(value: V, n: V) -> V {
    let half = (n * n.like(0.5)).floor();
    value * half.power_of_two() * (n - half).power_of_two()
}

/// `x` inside the borders; NaN stays NaN, because it comes second.
#[inline(always)]
fn clamp<V: Vector>(x: V, low: f32, high: f32) -> V {
    x.like(high).min_fast(x.like(low).max_fast(x))
}

/// e to the power of `x`.
#[inline(always)]
pub fn exp<V: Vector>(x: V) -> V {
    let (n, p) = reduced_expm1(clamp(x, -105.0, 90.0));
    scale(p + x.like(1.0), n)
}

/// e to the power of `x`, for `x <= 0`; results below 1e-37 are zero.
#[inline(always)]
pub fn exp_negative<V: Vector>(x: V) -> V {
    let (n, p) = reduced_expm1(x.like(-87.0).max_fast(x));
    let power = n.power_of_two();
    let value = p.mul_add(power, power);
    V::select(x.less(x.like(-86.0)), x.like(0.0), value)
}

/// `exp(x) - 1`, without loss near zero.
#[inline(always)]
pub fn expm1<V: Vector>(x: V) -> V {
    let one = x.like(1.0);
    let (n, p) = reduced_expm1(clamp(x, -20.0, 60.0));
    let power = n.power_of_two();
    let near = p.mul_add(power, power - one);
    let value = V::select(x.like(60.0).less(x), exp(x), near);
    // Zero keeps its sign.
    V::select(x.equal(x.like(0.0)), x, value)
}

/// The natural logarithm. Negative numbers give NaN, zero gives minus infinity.
#[inline(always)]
pub fn log<V: Vector>(x: V) -> V {
    let one = x.like(1.0);
    let zero = x.like(0.0);
    let subnormal = x.less(x.like(f32::MIN_POSITIVE));
    let normal = V::select(subnormal, x * x.like(16_777_216.0), x);
    let (mantissa, exponent) = normal.split();
    let exponent = V::select(subnormal, exponent - x.like(24.0), exponent);
    // Mantissas from sqrt(1/2) to sqrt(2), so that numbers near one lose nothing.
    let large = x.like(std::f32::consts::SQRT_2).less(mantissa);
    let mantissa = V::select(large, mantissa * x.like(0.5), mantissa);
    let exponent = V::select(large, exponent + one, exponent);
    // ln(1 + f) = 2 artanh(s) with s = f / (2 + f); f is split off because it is exact.
    let f = mantissa - one;
    let s = f / (f + x.like(2.0));
    let s2 = s * s;
    let series = s2.mul_add(x.like(2.0 / 9.0), x.like(2.0 / 7.0));
    let series = series.mul_add(s2, x.like(2.0 / 5.0));
    let series = series.mul_add(s2, x.like(2.0 / 3.0)) * s2;
    let half_square = f * f * x.like(0.5);
    let small = s.mul_add(half_square + series, exponent * x.like(LN_2_LOW));
    let value = exponent.mul_add(x.like(LN_2_HIGH), f - (half_square - small));
    let value = V::select(x.equal(zero), x.like(f32::NEG_INFINITY), value);
    let value = V::select(x.less(zero), x.like(f32::NAN), value);
    // Infinity and NaN are their own logarithms.
    V::select(x.less(x.like(f32::INFINITY)), value, x)
}

/// `ln(1 + x)`, without loss near zero.
#[inline(always)]
pub fn log1p<V: Vector>(x: V) -> V {
    let one = x.like(1.0);
    let sum = x + one;
    // What rounding the sum lost, over the sum, is what the logarithm lacks.
    let lost = V::select(x.less(one), x - (sum - one), one - (sum - x));
    let value = log(sum) + lost / sum;
    let plain = V::select(sum.equal(x.like(0.0)), x.like(f32::NEG_INFINITY), value);
    let plain = V::select(x.less(x.like(f32::INFINITY)), plain, x);
    let plain = V::select(x.less(x.like(-1.0)), x.like(f32::NAN), plain);
    V::select(x.equal(x.like(0.0)), x, plain)
}

/// Hyperbolic tangent.
#[inline(always)]
pub fn tanh<V: Vector>(x: V) -> V {
    let two = x.like(2.0);
    let magnitude = x.like(20.0).min_fast(x.abs());
    let e = expm1(magnitude * x.like(-2.0));
    (e.negate() / (e + two)).with_sign_of(x)
}

/// `1 / (1 + exp(-x))`.
#[inline(always)]
pub fn sigmoid<V: Vector>(x: V) -> V {
    let one = x.like(1.0);
    let e = exp(x.abs().negate());
    let numerator = V::select(x.less(x.like(0.0)), e, one);
    numerator / (e + one)
}

/// `ln(1 + exp(x))`.
#[inline(always)]
pub fn softplus<V: Vector>(x: V) -> V {
    let e = exp(x.abs().negate());
    x.like(0.0).max_fast(x) + log1p(e)
}

/// The error function.
#[inline(always)]
pub fn erf<V: Vector>(x: V) -> V {
    let magnitude = x.like(4.0).min_fast(x.abs());
    // Up to one: x P(x^2), a least-maximum fit, 1e-9 off at most.
    let square = magnitude * magnitude;
    let near = polynomial(square, ERF_NEAR);
    // Beyond: 1 - exp(-P(x)), fitted likewise; from 4 on it is one.
    let far = polynomial(magnitude, ERF_FAR);
    let far = x.like(1.0) - exp(far.negate());
    V::select(magnitude.less(x.like(1.0)), near * magnitude, far).with_sign_of(x)
}

/// Horner's rule, highest power first.
#[inline(always)]
fn polynomial<V: Vector, const N: usize>(x: V, coefficients: [f32; N]) -> V {
    let mut value = x.like(coefficients[0]);
    for coefficient in &coefficients[1..] {
        value = value.mul_add(x, x.like(*coefficient));
    }
    value
}
