//! 128-bit vectors of 64-bit ARM.

use super::doubles::PortableDoubles;
use super::{Kernel, Vector};
use std::arch::aarch64::*;
use std::ops::{Add, Div, Mul, Sub};

const LANES: usize = 4;

/// Four numbers in a register.
#[derive(Clone, Copy)]
pub struct Neon(float32x4_t);

/// All bits of a lane set where a comparison holds.
#[derive(Clone, Copy)]
pub struct NeonMask(uint32x4_t);

macro_rules! operator {
    ($trait:ident, $method:ident, $intrinsic:ident) => {
        impl $trait for Neon {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: every 64-bit ARM has these vectors.
                Neon(unsafe { $intrinsic(self.0, other.0) })
            }
        }
    };
}
operator!(Add, add, vaddq_f32);
operator!(Sub, sub, vsubq_f32);
operator!(Mul, mul, vmulq_f32);
operator!(Div, div, vdivq_f32);

macro_rules! unary {
    ($($method:ident = $intrinsic:ident),*) => {
        $(
            #[inline(always)]
            fn $method(self) -> Self {
                // SAFETY: every 64-bit ARM has these vectors.
                Neon(unsafe { $intrinsic(self.0) })
            }
        )*
    };
}

impl Vector for Neon {
    const LANES: usize = LANES;
    const FOLDED: usize = LANES;
    const TILE_ROWS: usize = 8;
    const DOT_GROUP: usize = 8;
    type Short = Self;
    type Mask = NeonMask;
    type Doubles = PortableDoubles;

    #[inline(always)]
    unsafe fn enter<K: Kernel>(kernel: K) {
        #[inline(never)]
        unsafe fn inner<K: Kernel>(kernel: K) {
            // SAFETY: the caller vouches for the kernel's needs.
            unsafe { kernel.run::<Neon>() }
        }
        // SAFETY: the caller vouches for the kernel's needs.
        unsafe { inner(kernel) }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: every 64-bit ARM has these vectors.
        Neon(unsafe { vdupq_n_f32(value) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for the numbers.
        Neon(unsafe { vld1q_f32(from) })
    }

    #[inline(always)]
    unsafe fn load_or(from: *const f32, count: usize, fill: f32) -> Self {
        let mut lanes = [fill; LANES];
        // SAFETY: the caller vouches for `count < LANES` numbers.
        unsafe {
            std::ptr::copy_nonoverlapping(from, lanes.as_mut_ptr(), count);
            Self::load(lanes.as_ptr())
        }
    }

    #[inline(always)]
    unsafe fn load_bytes(from: *const u8) -> Self {
        // SAFETY: the caller vouches for four bytes.
        unsafe {
            let four = u64::from(from.cast::<u32>().read_unaligned());
            let wide = vmovl_u16(vget_low_u16(vmovl_u8(vcreate_u8(four))));
            Neon(vcvtq_f32_u32(wide))
        }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller vouches for the place.
        unsafe { vst1q_f32(to, self.0) }
    }

    #[inline(always)]
    unsafe fn store_partial(self, to: *mut f32, count: usize) {
        let mut lanes = [0.0; LANES];
        // SAFETY: the caller vouches for `count < LANES` places.
        unsafe {
            self.store(lanes.as_mut_ptr());
            std::ptr::copy_nonoverlapping(lanes.as_ptr(), to, count);
        }
    }

    #[inline(always)]
    unsafe fn sum_folded(from: *const f32, to: *mut f32) {
        // SAFETY: the caller vouches for four vectors and four places.
        unsafe {
            let low = vpaddq_f32(vld1q_f32(from), vld1q_f32(from.add(4)));
            let high = vpaddq_f32(vld1q_f32(from.add(8)), vld1q_f32(from.add(12)));
            vst1q_f32(to, vpaddq_f32(low, high));
        }
    }

    unary!(
        sqrt = vsqrtq_f32,
        abs = vabsq_f32,
        negate = vnegq_f32,
        round = vrndnq_f32,
        floor = vrndmq_f32,
        ceil = vrndpq_f32
    );

    #[inline(always)]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        // SAFETY: every 64-bit ARM has these vectors.
        Neon(unsafe { vfmaq_f32(summand.0, self.0, factor.0) })
    }

    #[inline(always)]
    fn min_fast(self, other: Self) -> Self {
        Self::select(self.less(other), self, other)
    }

    #[inline(always)]
    fn max_fast(self, other: Self) -> Self {
        Self::select(other.less(self), self, other)
    }

    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        // SAFETY: every 64-bit ARM has these vectors.
        Neon(unsafe { vbslq_f32(vdupq_n_u32(1 << 31), sign.0, self.0) })
    }

    #[inline(always)]
    fn less(self, other: Self) -> NeonMask {
        // SAFETY: every 64-bit ARM has these vectors.
        NeonMask(unsafe { vcltq_f32(self.0, other.0) })
    }

    #[inline(always)]
    fn equal(self, other: Self) -> NeonMask {
        // SAFETY: every 64-bit ARM has these vectors.
        NeonMask(unsafe { vceqq_f32(self.0, other.0) })
    }

    #[inline(always)]
    fn select(mask: NeonMask, yes: Self, no: Self) -> Self {
        // SAFETY: every 64-bit ARM has these vectors.
        Neon(unsafe { vbslq_f32(mask.0, yes.0, no.0) })
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        // SAFETY: every 64-bit ARM has these vectors.
        Neon(unsafe {
            let biased = vaddq_s32(vcvtq_s32_f32(self.0), vdupq_n_s32(127));
            vreinterpretq_f32_s32(vshlq_n_s32::<23>(biased))
        })
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        // SAFETY: every 64-bit ARM has these vectors.
        unsafe {
            let bits = vreinterpretq_u32_f32(self.0);
            let fraction = vandq_u32(bits, vdupq_n_u32(0x007f_ffff));
            let mantissa = vreinterpretq_f32_u32(vorrq_u32(fraction, vdupq_n_u32(0x3f80_0000)));
            let exponent = vsubq_f32(vcvtq_f32_u32(vshrq_n_u32::<23>(bits)), vdupq_n_f32(127.0));
            (Neon(mantissa), Neon(exponent))
        }
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: every 64-bit ARM has these vectors.
        unsafe { vaddvq_f32(self.0) }
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        // SAFETY: every 64-bit ARM has these vectors.
        unsafe { vmaxvq_f32(self.0) }
    }
}
