//! Loops over contiguous elements, compiled for each level.

use std::marker::PhantomData;

use crate::simd::{Kernel, Level, Portable, Vector};

/// Computes `n` elements. `out` may be one of `args`, but must not overlap them otherwise.
pub type TileFn = unsafe fn(n: usize, args: [*const u8; 3], out: *mut u8);

/// A loop over elements.
pub(super) trait Loop {
    /// # Safety
    /// As [`TileFn`], with the loop's element types; the machine has the level of `V`.
    unsafe fn run<V: Vector>(n: usize, args: [*const u8; 3], out: *mut u8);
}

struct Call<L>(usize, [*const u8; 3], *mut u8, PhantomData<L>);

impl<L: Loop> Kernel for Call<L> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        // SAFETY: passed on to the caller.
        unsafe { L::run::<V>(self.0, self.1, self.2) }
    }
}

unsafe fn enter<V: Vector, L: Loop>(n: usize, args: [*const u8; 3], out: *mut u8) {
    // SAFETY: passed on to the caller.
    unsafe { V::enter(Call::<L>(n, args, out, PhantomData)) }
}

/// The function of a loop that is written in vectors.
pub(super) fn in_vectors<L: Loop>(level: Level) -> TileFn {
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 | Level::Amx => enter::<crate::simd::Avx512, L>,
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => enter::<crate::simd::Avx2, L>,
        #[cfg(target_arch = "aarch64")]
        Level::Neon => enter::<crate::simd::Neon, L>,
        _ => enter::<Portable, L>,
    }
}

/// The function of a plain loop: the compiler finds the vectors.
fn in_plain_loops<L: Loop>(level: Level) -> TileFn {
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 | Level::Avx512 | Level::Amx => enter::<crate::simd::Avx2, L>,
        _ => enter::<Portable, L>,
    }
}

/// A closure that captures nothing, called without being at hand: its type says it all.
#[inline(always)]
fn conjure<F: Copy>() -> F {
    const { assert!(size_of::<F>() == 0, "the closure captures something") };
    // SAFETY: `F` has no bytes, may be copied, and was given to `unary`, `binary` or `ternary` by value.
    unsafe { std::ptr::NonNull::<F>::dangling().read() }
}

struct Unary<A, R, F>(PhantomData<(A, R, F)>);

impl<A: Copy, R, F: Fn(A) -> R + Copy> Loop for Unary<A, R, F> {
    #[inline(always)]
    unsafe fn run<V: Vector>(n: usize, args: [*const u8; 3], out: *mut u8) {
        let f = conjure::<F>();
        for i in 0..n {
            // SAFETY: the caller vouches for `n` elements of these types.
            unsafe { out.cast::<R>().add(i).write_unaligned(f(args[0].cast::<A>().add(i).read_unaligned())) };
        }
    }
}

pub(super) fn unary<A: Copy, R, F: Fn(A) -> R + Copy>(level: Level, _: F) -> TileFn {
    in_plain_loops::<Unary<A, R, F>>(level)
}

struct Binary<A, R, F>(PhantomData<(A, R, F)>);

impl<A: Copy, R, F: Fn(A, A) -> R + Copy> Loop for Binary<A, R, F> {
    #[inline(always)]
    unsafe fn run<V: Vector>(n: usize, args: [*const u8; 3], out: *mut u8) {
        let f = conjure::<F>();
        for i in 0..n {
            // SAFETY: the caller vouches for `n` elements of these types.
            unsafe {
                let (a, b) = (args[0].cast::<A>().add(i), args[1].cast::<A>().add(i));
                out.cast::<R>().add(i).write_unaligned(f(a.read_unaligned(), b.read_unaligned()));
            }
        }
    }
}

pub(super) fn binary<A: Copy, R, F: Fn(A, A) -> R + Copy>(level: Level, _: F) -> TileFn {
    in_plain_loops::<Binary<A, R, F>>(level)
}

struct Ternary<A, B, F>(PhantomData<(A, B, F)>);

impl<A: Copy, B: Copy, F: Fn(A, B, B) -> B + Copy> Loop for Ternary<A, B, F> {
    #[inline(always)]
    unsafe fn run<V: Vector>(n: usize, args: [*const u8; 3], out: *mut u8) {
        let f = conjure::<F>();
        for i in 0..n {
            // SAFETY: the caller vouches for `n` elements of these types.
            unsafe {
                let (b, c) = (args[1].cast::<B>().add(i), args[2].cast::<B>().add(i));
                let a = args[0].cast::<A>().add(i).read_unaligned();
                out.cast::<B>().add(i).write_unaligned(f(a, b.read_unaligned(), c.read_unaligned()));
            }
        }
    }
}

pub(super) fn ternary<A: Copy, B: Copy, F: Fn(A, B, B) -> B + Copy>(level: Level, _: F) -> TileFn {
    in_plain_loops::<Ternary<A, B, F>>(level)
}
