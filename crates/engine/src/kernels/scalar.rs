//! Element-wise operations on single numbers, with NumPy's rules.

/// Integers that wrap around.
pub(super) trait Integer: Copy + PartialEq + PartialOrd {
    fn floor_div(self, divisor: Self) -> Self;
    fn modulo(self, divisor: Self) -> Self;
    fn power(self, exponent: Self) -> Self;
    fn sign(self) -> Self;
}

macro_rules! signed {
    ($type:ty) => {
        impl Integer for $type {
            /// Rounds towards minus infinity; zero when divided by zero.
            #[inline(always)]
            fn floor_div(self, divisor: Self) -> Self {
                if divisor == 0 {
                    return 0;
                }
                let quotient = self.wrapping_div(divisor);
                let remainder = self.wrapping_rem(divisor);
                quotient - ((remainder != 0 && (remainder < 0) != (divisor < 0)) as $type)
            }

            /// Has the sign of the divisor; zero when divided by zero.
            #[inline(always)]
            fn modulo(self, divisor: Self) -> Self {
                if divisor == 0 {
                    return 0;
                }
                let remainder = self.wrapping_rem(divisor);
                if remainder != 0 && (remainder < 0) != (divisor < 0) {
                    remainder + divisor
                } else {
                    remainder
                }
            }

            /// Wraps; a negative exponent gives the reciprocal without its fraction.
            #[inline(always)]
            fn power(self, exponent: Self) -> Self {
                match (self, exponent) {
                    (_, 0..) => power_by_squaring(self, exponent as u64, <$type>::wrapping_mul, 1),
                    (1, _) => 1,
                    (-1, _) => 1 - 2 * (exponent & 1),
                    _ => 0,
                }
            }

            #[inline(always)]
            fn sign(self) -> Self {
                self.signum()
            }
        }
    };
}
signed!(i32);
signed!(i64);

impl Integer for u8 {
    #[inline(always)]
    fn floor_div(self, divisor: Self) -> Self {
        self.checked_div(divisor).unwrap_or(0)
    }

    #[inline(always)]
    fn modulo(self, divisor: Self) -> Self {
        self.checked_rem(divisor).unwrap_or(0)
    }

    #[inline(always)]
    fn power(self, exponent: Self) -> Self {
        power_by_squaring(self, u64::from(exponent), u8::wrapping_mul, 1)
    }

    #[inline(always)]
    fn sign(self) -> Self {
        (self != 0) as u8
    }
}

#[inline(always)]
fn power_by_squaring<T: Copy>(mut base: T, mut exponent: u64, multiply: impl Fn(T, T) -> T, one: T) -> T {
    let mut result = one;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply(result, base);
        }
        base = multiply(base, base);
        exponent >>= 1;
    }
    result
}

/// Floating-point numbers of either width.
pub(super) trait Float: Copy + PartialEq + PartialOrd {
    fn floor_div(self, divisor: Self) -> Self;
    fn modulo(self, divisor: Self) -> Self;
    fn sign(self) -> Self;
    fn smaller(self, other: Self) -> Self;
    fn larger(self, other: Self) -> Self;
}

macro_rules! float {
    ($type:ty) => {
        impl Float for $type {
            /// The floor of the true quotient, with NumPy's care for rounding and signs.
            #[inline(always)]
            fn floor_div(self, divisor: Self) -> Self {
                if divisor == 0.0 {
                    return self / divisor;
                }
                let remainder = self % divisor;
                let opposite = remainder != 0.0 && (remainder < 0.0) != (divisor < 0.0);
                let quotient = (self - remainder) / divisor - if opposite { 1.0 } else { 0.0 };
                if quotient == 0.0 {
                    return <$type>::copysign(0.0, self / divisor);
                }
                let floor = quotient.floor();
                if quotient - floor > 0.5 { floor + 1.0 } else { floor }
            }

            /// Has the sign of the divisor.
            #[inline(always)]
            fn modulo(self, divisor: Self) -> Self {
                let remainder = self % divisor;
                if remainder == 0.0 {
                    <$type>::copysign(0.0, divisor)
                } else if (remainder < 0.0) != (divisor < 0.0) && divisor != 0.0 {
                    remainder + divisor
                } else {
                    remainder
                }
            }

            #[inline(always)]
            fn sign(self) -> Self {
                if self > 0.0 {
                    1.0
                } else if self < 0.0 {
                    -1.0
                } else {
                    // Zero keeps its kind, NaN stays NaN.
                    self + 0.0
                }
            }

            #[inline(always)]
            fn smaller(self, other: Self) -> Self {
                if self < other || self.is_nan() { self } else { other }
            }

            #[inline(always)]
            fn larger(self, other: Self) -> Self {
                if self > other || self.is_nan() { self } else { other }
            }
        }
    };
}
float!(f32);
float!(f64);

/// `1 / (1 + exp(-x))`, without overflow on either side.
pub(super) fn sigmoid(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

/// `ln(1 + exp(x))`.
pub(super) fn softplus(x: f64) -> f64 {
    x.larger(0.0) + (-x.abs()).exp().ln_1p()
}

/// The error function: its power series with positive terms near zero, and
/// further out the continued fraction of the complement (Abramowitz and Stegun,
/// 7.1.6 and 7.1.14).
pub(super) fn erf(x: f64) -> f64 {
    let magnitude = x.abs();
    if magnitude.is_nan() {
        return x;
    }
    let gauss = (-x * x).exp() / std::f64::consts::PI.sqrt();
    let value = if magnitude < 2.5 {
        let (mut term, mut sum, mut odd) = (magnitude, magnitude, 1.0);
        while term > sum * 1e-17 {
            odd += 2.0;
            term *= 2.0 * x * x / odd;
            sum += term;
        }
        2.0 * gauss * sum
    } else if magnitude < 6.0 {
        let fraction = (1..=60).rev().fold(magnitude, |tail, step| magnitude + f64::from(step) / 2.0 / tail);
        1.0 - gauss / fraction
    } else {
        1.0
    };
    value.copysign(x)
}
