//! Channels of pictures in vector lanes, and one by one for `f64`.

use crate::simd::Vector;

/// Some numbers next to each other.
pub(super) trait Lanes: Copy {
    type Number: Copy;
    const LANES: usize;

    unsafe fn same(value: f32) -> Self;
    unsafe fn read(from: *const Self::Number, count: usize) -> Self;
    unsafe fn write(self, to: *mut Self::Number, count: usize);
    fn plus(self, other: Self) -> Self;
    fn over(self, other: Self) -> Self;
    /// The larger one, NaN if either is.
    fn larger(self, other: Self) -> Self;
    /// `yes` where `self` is less than `other`, else `no`.
    fn if_less(self, other: Self, yes: Self, no: Self) -> Self;
    /// `yes` where both are equal, else `no`.
    fn if_equal(self, other: Self, yes: Self, no: Self) -> Self;
}

impl<V: Vector> Lanes for V {
    type Number = f32;
    const LANES: usize = V::LANES;

    #[inline(always)]
    unsafe fn same(value: f32) -> V {
        // SAFETY: passed on to the caller.
        unsafe { V::splat(value) }
    }

    #[inline(always)]
    unsafe fn read(from: *const f32, count: usize) -> V {
        // SAFETY: passed on to the caller.
        unsafe { if count == V::LANES { V::load(from) } else { V::load_partial(from, count) } }
    }

    #[inline(always)]
    unsafe fn write(self, to: *mut f32, count: usize) {
        // SAFETY: passed on to the caller.
        unsafe { if count == V::LANES { self.store(to) } else { self.store_partial(to, count) } }
    }

    #[inline(always)]
    fn plus(self, other: V) -> V {
        self + other
    }

    #[inline(always)]
    fn over(self, other: V) -> V {
        self / other
    }

    #[inline(always)]
    fn larger(self, other: V) -> V {
        self.maximum(other)
    }

    #[inline(always)]
    fn if_less(self, other: V, yes: V, no: V) -> V {
        V::select(self.less(other), yes, no)
    }

    #[inline(always)]
    fn if_equal(self, other: V, yes: V, no: V) -> V {
        V::select(self.equal(other), yes, no)
    }
}

impl Lanes for f64 {
    type Number = f64;
    const LANES: usize = 1;

    unsafe fn same(value: f32) -> f64 {
        value.into()
    }

    unsafe fn read(from: *const f64, _count: usize) -> f64 {
        // SAFETY: passed on to the caller.
        unsafe { *from }
    }

    unsafe fn write(self, to: *mut f64, _count: usize) {
        // SAFETY: passed on to the caller.
        unsafe { *to = self };
    }

    fn plus(self, other: f64) -> f64 {
        self + other
    }

    fn over(self, other: f64) -> f64 {
        self / other
    }

    fn larger(self, other: f64) -> f64 {
        if self.is_nan() || self > other { self } else { other }
    }

    fn if_less(self, other: f64, yes: f64, no: f64) -> f64 {
        if self < other { yes } else { no }
    }

    fn if_equal(self, other: f64, yes: f64, no: f64) -> f64 {
        if self == other { yes } else { no }
    }
}
