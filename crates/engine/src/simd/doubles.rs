//! Vectors of eight `f64`, for products of 64-bit numbers.

use std::ops::{Add, Mul};

/// Eight numbers of 64 bits; sums and products are rounded one by one, so that every level has the same bits.
pub trait Doubles: Copy + Add<Output = Self> + Mul<Output = Self> {
    /// The same number eight times.
    ///
    /// # Safety
    /// The machine has the level.
    unsafe fn splat(value: f64) -> Self;

    /// Reads eight numbers, at any alignment.
    ///
    /// # Safety
    /// The machine has the level; the numbers are readable.
    unsafe fn load(from: *const f64) -> Self;

    /// Writes eight numbers, at any alignment.
    ///
    /// # Safety
    /// The machine has the level; the numbers are writable.
    unsafe fn store(self, to: *mut f64);
}

/// Plain Rust.
#[derive(Clone, Copy)]
pub struct PortableDoubles([f64; 8]);

impl Add for PortableDoubles {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        PortableDoubles(std::array::from_fn(|lane| self.0[lane] + other.0[lane]))
    }
}

impl Mul for PortableDoubles {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        PortableDoubles(std::array::from_fn(|lane| self.0[lane] * other.0[lane]))
    }
}

impl Doubles for PortableDoubles {
    #[inline(always)]
    unsafe fn splat(value: f64) -> Self {
        PortableDoubles([value; 8])
    }

    #[inline(always)]
    unsafe fn load(from: *const f64) -> Self {
        // SAFETY: the caller vouches for the numbers.
        PortableDoubles(unsafe { from.cast::<[f64; 8]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f64) {
        // SAFETY: the caller vouches for the numbers.
        unsafe { to.cast::<[f64; 8]>().write_unaligned(self.0) };
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Doubles;
    use std::arch::x86_64::*;
    use std::ops::{Add, Mul};

    /// A register of 512 bits.
    #[derive(Clone, Copy)]
    pub struct Avx512Doubles(__m512d);

    /// Two registers of 256 bits.
    #[derive(Clone, Copy)]
    pub struct Avx2Doubles(__m256d, __m256d);

    macro_rules! operator {
        ($trait:ident, $method:ident, $wide:ident, $half:ident) => {
            impl $trait for Avx512Doubles {
                type Output = Self;
                #[inline(always)]
                fn $method(self, other: Self) -> Self {
                    // SAFETY: a vector exists, so the machine has its level.
                    Avx512Doubles(unsafe { $wide(self.0, other.0) })
                }
            }
            impl $trait for Avx2Doubles {
                type Output = Self;
                #[inline(always)]
                fn $method(self, other: Self) -> Self {
                    // SAFETY: a vector exists, so the machine has its level.
                    unsafe { Avx2Doubles($half(self.0, other.0), $half(self.1, other.1)) }
                }
            }
        };
    }
    operator!(Add, add, _mm512_add_pd, _mm256_add_pd);
    operator!(Mul, mul, _mm512_mul_pd, _mm256_mul_pd);

    impl Doubles for Avx512Doubles {
        #[inline(always)]
        unsafe fn splat(value: f64) -> Self {
            // SAFETY: the caller vouches for the level.
            Avx512Doubles(unsafe { _mm512_set1_pd(value) })
        }

        #[inline(always)]
        unsafe fn load(from: *const f64) -> Self {
            // SAFETY: the caller vouches for the level and the numbers.
            Avx512Doubles(unsafe { _mm512_loadu_pd(from) })
        }

        #[inline(always)]
        unsafe fn store(self, to: *mut f64) {
            // SAFETY: the caller vouches for the level and the numbers.
            unsafe { _mm512_storeu_pd(to, self.0) };
        }
    }

    impl Doubles for Avx2Doubles {
        #[inline(always)]
        unsafe fn splat(value: f64) -> Self {
            // SAFETY: the caller vouches for the level.
            unsafe { Avx2Doubles(_mm256_set1_pd(value), _mm256_set1_pd(value)) }
        }

        #[inline(always)]
        unsafe fn load(from: *const f64) -> Self {
            // SAFETY: the caller vouches for the level and the numbers.
            unsafe { Avx2Doubles(_mm256_loadu_pd(from), _mm256_loadu_pd(from.add(4))) }
        }

        #[inline(always)]
        unsafe fn store(self, to: *mut f64) {
            // SAFETY: the caller vouches for the level and the numbers.
            unsafe {
                _mm256_storeu_pd(to, self.0);
                _mm256_storeu_pd(to.add(4), self.1);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub use x86::{Avx2Doubles, Avx512Doubles};
