//! Numbers too small to matter.
//!
//! The moments of an optimizer shrink by a tenth a step where a gradient stays zero, and end
//! below the smallest normal number. Processors take a hundred cycles for each operation on
//! such a number, so that training slows down by half after some epochs. While programs run,
//! they count as zero, as in other libraries that train.

use std::marker::PhantomData;

/// While it lives, results that are not normal are zero on this thread, and so are such operands.
pub(crate) struct FlushTiny {
    before: u64,
    /// The mode is the thread's own.
    here: PhantomData<*const ()>,
}

impl FlushTiny {
    /// Starts on this thread.
    pub fn start() -> FlushTiny {
        let before = mode();
        set_mode(before | TINY_IS_ZERO);
        FlushTiny { before, here: PhantomData }
    }
}

impl FlushTiny {
    /// Calls somebody who expects numbers of all sizes.
    pub fn without<T>(&self, call: impl FnOnce() -> T) -> T {
        set_mode(self.before);
        let result = call();
        set_mode(self.before | TINY_IS_ZERO);
        result
    }
}

impl Drop for FlushTiny {
    fn drop(&mut self) {
        set_mode(self.before);
    }
}

/// Flush to zero, and denormals are zero.
#[cfg(target_arch = "x86_64")]
const TINY_IS_ZERO: u64 = 1 << 15 | 1 << 6;
/// Flush to zero, which holds for operands as well.
#[cfg(target_arch = "aarch64")]
const TINY_IS_ZERO: u64 = 1 << 24;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const TINY_IS_ZERO: u64 = 0;

#[cfg(target_arch = "x86_64")]
fn mode() -> u64 {
    let mut mode = 0u32;
    // SAFETY: writes the control register to `mode`.
    unsafe { std::arch::asm!("stmxcsr [{}]", in(reg) &mut mode, options(nostack, preserves_flags)) };
    mode.into()
}

#[cfg(target_arch = "x86_64")]
fn set_mode(mode: u64) {
    let mode = mode as u32;
    // SAFETY: only bits that `mode()` gave or that flush tiny numbers are set: rounding and
    // exceptions stay as they are.
    unsafe { std::arch::asm!("ldmxcsr [{}]", in(reg) &mode, options(nostack, preserves_flags)) };
}

#[cfg(target_arch = "aarch64")]
fn mode() -> u64 {
    let mode: u64;
    // SAFETY: reads the control register.
    unsafe { std::arch::asm!("mrs {}, fpcr", out(reg) mode, options(nomem, nostack, preserves_flags)) };
    mode
}

#[cfg(target_arch = "aarch64")]
fn set_mode(mode: u64) {
    // SAFETY: only bits that `mode()` gave or that flush tiny numbers are set.
    unsafe { std::arch::asm!("msr fpcr, {}", in(reg) mode, options(nomem, nostack, preserves_flags)) };
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn mode() -> u64 {
    0
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn set_mode(_mode: u64) {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[test]
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    fn tiny_numbers_are_zero_for_a_while() {
        // Boxed, so that the product is computed where it stands.
        let half = |x: f32| black_box(black_box(x) * black_box(0.5));
        let smallest = f32::MIN_POSITIVE;
        {
            let flush = FlushTiny::start();
            assert_eq!(half(smallest), 0.0);
            assert_eq!(half(2.0 * smallest), smallest);
            assert!(flush.without(|| black_box(half(smallest) > 0.0)));
            assert_eq!(half(smallest), 0.0);
        }
        assert_eq!(half(smallest), smallest / 2.0);
        assert!(half(smallest) > 0.0);
    }
}
