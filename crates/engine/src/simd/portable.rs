//! Vectors in plain Rust.

use super::doubles::PortableDoubles;
use super::{Kernel, Vector, halve};
use std::ops::{Add, Div, Mul, Sub};

const LANES: usize = 8;

/// Eight numbers in an array.
#[derive(Clone, Copy)]
pub struct Portable([f32; LANES]);

/// The answer of a comparison.
#[derive(Clone, Copy)]
pub struct PortableMask([bool; LANES]);

impl Portable {
    #[inline(always)]
    fn map(self, f: impl Fn(f32) -> f32) -> Self {
        Portable(self.0.map(f))
    }

    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Portable(std::array::from_fn(|lane| f(self.0[lane], other.0[lane])))
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $symbol:tt) => {
        impl $trait for Portable {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.zip(other, |a, b| a $symbol b)
            }
        }
    };
}
operator!(Add, add, +);
operator!(Sub, sub, -);
operator!(Mul, mul, *);
operator!(Div, div, /);

impl Vector for Portable {
    const LANES: usize = LANES;
    const FOLDED: usize = LANES;
    const TILE_ROWS: usize = 4;
    const DOT_GROUP: usize = 5;
    type Short = Self;
    type Mask = PortableMask;
    type Doubles = PortableDoubles;

    #[inline(always)]
    unsafe fn enter<K: Kernel>(kernel: K) {
        // SAFETY: the caller vouches for the kernel's needs; the level is always there.
        unsafe { kernel.run::<Self>() }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Portable([value; LANES])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for the numbers.
        Portable(unsafe { from.cast::<[f32; LANES]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn load_or(from: *const f32, count: usize, fill: f32) -> Self {
        let mut lanes = [fill; LANES];
        // SAFETY: the caller vouches for `count < LANES` numbers.
        unsafe { std::ptr::copy_nonoverlapping(from, lanes.as_mut_ptr(), count) };
        Portable(lanes)
    }

    #[inline(always)]
    unsafe fn load_bytes(from: *const u8) -> Self {
        // SAFETY: the caller vouches for the bytes.
        Portable(unsafe { from.cast::<[u8; LANES]>().read_unaligned() }.map(f32::from))
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller vouches for the place.
        unsafe { to.cast::<[f32; LANES]>().write_unaligned(self.0) }
    }

    #[inline(always)]
    unsafe fn store_partial(self, to: *mut f32, count: usize) {
        // SAFETY: the caller vouches for `count < LANES` places.
        unsafe { std::ptr::copy_nonoverlapping(self.0.as_ptr(), to, count) }
    }

    #[inline(always)]
    unsafe fn sum_folded(from: *const f32, to: *mut f32) {
        for index in 0..LANES {
            // SAFETY: the caller vouches for the block and the place.
            unsafe { *to.add(index) = Self::load(from.add(index * LANES)).sum() };
        }
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        self * factor + summand
    }

    #[inline(always)]
    fn min_fast(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn max_fast(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        self.map(f32::sqrt)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        self.map(f32::abs)
    }

    #[inline(always)]
    fn negate(self) -> Self {
        self.map(|x| -x)
    }

    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        self.zip(sign, f32::copysign)
    }

    #[inline(always)]
    fn round(self) -> Self {
        self.map(f32::round_ties_even)
    }

    #[inline(always)]
    fn floor(self) -> Self {
        self.map(f32::floor)
    }

    #[inline(always)]
    fn ceil(self) -> Self {
        self.map(f32::ceil)
    }

    #[inline(always)]
    fn less(self, other: Self) -> PortableMask {
        PortableMask(std::array::from_fn(|lane| self.0[lane] < other.0[lane]))
    }

    #[inline(always)]
    fn equal(self, other: Self) -> PortableMask {
        PortableMask(std::array::from_fn(|lane| self.0[lane] == other.0[lane]))
    }

    #[inline(always)]
    fn select(mask: PortableMask, yes: Self, no: Self) -> Self {
        Portable(std::array::from_fn(|lane| if mask.0[lane] { yes.0[lane] } else { no.0[lane] }))
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        self.map(|x| f32::from_bits((((x as i32) + 127) << 23) as u32))
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let mantissa = self.map(|x| f32::from_bits((x.to_bits() & 0x007f_ffff) | 0x3f80_0000));
        (mantissa, self.map(|x| (x.to_bits() >> 23) as f32 - 127.0))
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        halve(self.0, |a, b| a + b)
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        halve(self.0, f32::max)
    }
}
