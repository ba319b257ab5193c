//! Vectors of `f32` at several levels of hardware, behind one trait.
//!
//! A kernel is written once, over [`Vector`], as a [`Kernel`]. [`run`] calls it
//! compiled for the level that was chosen when the program was loaded.
//! [`Portable`] is plain Rust and the judge of the others.

use std::ops::{Add, Div, Mul, Sub};

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod doubles;
mod level;
pub mod math;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
#[cfg(target_arch = "x86_64")]
mod sum_eight;

#[cfg(target_arch = "x86_64")]
pub use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub use avx512::Avx512;
pub use doubles::Doubles;
pub use level::Level;
#[cfg(target_arch = "aarch64")]
pub use neon::Neon;
pub use portable::Portable;

/// The most lanes that a vector has at any level.
pub const MAX_LANES: usize = 16;

/// Work that is compiled once for each level.
///
/// `run` must be `#[inline(always)]`, so that it is compiled into a function
/// that may use the level's instructions.
pub trait Kernel {
    /// Does the work with vectors of type `V`.
    ///
    /// # Safety
    /// The machine has the level of `V`, and what the kernel itself asks for.
    unsafe fn run<V: Vector>(self);
}

/// Runs a kernel at a level.
///
/// # Safety
/// `level.is_available()`, and what the kernel itself asks for.
#[inline(always)]
pub unsafe fn run<K: Kernel>(level: Level, kernel: K) {
    // SAFETY: the caller vouches for the level and the kernel's own needs.
    unsafe {
        match level {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 | Level::Amx => Avx512::enter(kernel),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => Avx2::enter(kernel),
            #[cfg(target_arch = "aarch64")]
            Level::Neon => Neon::enter(kernel),
            _ => Portable::enter(kernel),
        }
    }
}

/// `LANES` numbers of type `f32`.
///
/// A vector can only be made by an `unsafe` function, whose caller vouches that
/// the machine has the level. Whoever holds one may therefore use the safe methods.
pub trait Vector:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// Numbers in a vector; divides [`MAX_LANES`].
    const LANES: usize;
    /// Numbers in a vector that was folded on its way to be summed; divides `LANES`.
    const FOLDED: usize;
    /// Rows of a matrix product's tile that fit the registers, two vectors wide.
    const TILE_ROWS: usize;
    /// Dot products that are taken side by side, for two rows each.
    const DOT_GROUP: usize;
    /// The answer of a comparison, lane by lane.
    type Mask: Copy;
    /// Eight numbers of 64 bits at this level.
    type Doubles: Doubles;
    /// A vector of at most eight numbers at this level.
    type Short: Vector;

    /// Calls the kernel in a function that is compiled for this level.
    ///
    /// # Safety
    /// The machine has the level, and what the kernel itself asks for.
    unsafe fn enter<K: Kernel>(kernel: K);

    /// The same number in every lane.
    ///
    /// # Safety
    /// The machine has the level.
    unsafe fn splat(value: f32) -> Self;

    /// Reads `LANES` numbers, at any alignment.
    ///
    /// # Safety
    /// The machine has the level; the numbers are readable.
    unsafe fn load(from: *const f32) -> Self;

    /// Reads `count < LANES` numbers; the other lanes hold `fill`.
    ///
    /// # Safety
    /// The machine has the level; the numbers are readable.
    unsafe fn load_or(from: *const f32, count: usize, fill: f32) -> Self;

    /// Reads `count < LANES` numbers; the other lanes are zero.
    ///
    /// # Safety
    /// The machine has the level; the numbers are readable.
    #[inline(always)]
    unsafe fn load_partial(from: *const f32, count: usize) -> Self {
        // SAFETY: passed on to the caller.
        unsafe { Self::load_or(from, count, 0.0) }
    }

    /// Reads `LANES` bytes as numbers.
    ///
    /// # Safety
    /// The machine has the level; the bytes are readable.
    unsafe fn load_bytes(from: *const u8) -> Self;

    /// Reads `count < LANES` bytes as numbers; the other lanes are zero.
    ///
    /// # Safety
    /// The machine has the level; the bytes are readable.
    #[inline(always)]
    unsafe fn load_bytes_partial(from: *const u8, count: usize) -> Self {
        let mut bytes = [0u8; MAX_LANES];
        // SAFETY: the caller vouches for `count` bytes, and `count < LANES <= MAX_LANES`.
        unsafe {
            std::ptr::copy_nonoverlapping(from, bytes.as_mut_ptr(), count);
            Self::load_bytes(bytes.as_ptr())
        }
    }

    /// Writes `LANES` numbers, at any alignment.
    ///
    /// # Safety
    /// The place is writable.
    unsafe fn store(self, to: *mut f32);

    /// Writes the first `count < LANES` numbers.
    ///
    /// # Safety
    /// The place is writable.
    unsafe fn store_partial(self, to: *mut f32, count: usize);

    /// Writes the vector folded to `FOLDED` numbers that have the same sum.
    ///
    /// # Safety
    /// The place is writable.
    #[inline(always)]
    unsafe fn store_folded(self, to: *mut f32) {
        // SAFETY: passed on to the caller.
        unsafe { self.store(to) }
    }

    /// Sums each of `FOLDED` folded vectors that follow each other.
    ///
    /// # Safety
    /// The machine has the level; `from` and `to` are good for `FOLDED * FOLDED` and `FOLDED` numbers.
    unsafe fn sum_folded(from: *const f32, to: *mut f32);

    /// Transposes a square of `LANES` rows round: `to[c * to_step + r] = from[r * from_step + c]`.
    ///
    /// # Safety
    /// The machine has the level; both squares are there and do not overlap.
    #[inline(always)]
    unsafe fn transpose(from: *const f32, from_step: usize, to: *mut f32, to_step: usize) {
        for row in 0..Self::LANES {
            for column in 0..Self::LANES {
                // SAFETY: inside both squares.
                unsafe { *to.add(column * to_step + row) = *from.add(row * from_step + column) };
            }
        }
    }

    /// Transposes 16 rows of 16 bytes round.
    ///
    /// # Safety
    /// The machine has the level; the rows and the place are there and do not overlap.
    #[inline(always)]
    unsafe fn transpose_bytes(rows: &[*const u8; 16], to: *mut u8, to_step: usize) {
        for (place, row) in rows.iter().enumerate() {
            for column in 0..16 {
                // SAFETY: passed on to the caller.
                unsafe { *to.add(column * to_step + place) = *row.add(column) };
            }
        }
    }

    /// A bit for each of 16 bytes: whether it is not zero.
    ///
    /// # Safety
    /// The machine has the level; the bytes are readable.
    #[inline(always)]
    unsafe fn nonzero_bytes(from: *const u8) -> u32 {
        // SAFETY: the caller vouches for the bytes.
        let bytes = unsafe { from.cast::<[u8; 16]>().read_unaligned() };
        bytes.iter().enumerate().map(|(place, &byte)| u32::from(byte != 0) << place).sum()
    }

    /// A bit for each of 16 numbers: whether it has any bit set, as all but `0.0` have.
    ///
    /// # Safety
    /// The machine has the level; the numbers are readable.
    #[inline(always)]
    unsafe fn nonzero_numbers(from: *const f32) -> u64 {
        // SAFETY: the caller vouches for the numbers.
        let numbers = unsafe { from.cast::<[u32; 16]>().read_unaligned() };
        numbers.iter().enumerate().map(|(place, &bits)| u64::from(bits != 0) << place).sum()
    }

    /// Whether `pack` and `pack_places` are quick.
    const PACKS: bool = false;

    /// Writes the lanes whose bits are set, one after the other. What stands behind them, up
    /// to a vector's length, may be overwritten.
    ///
    /// # Safety
    /// There is room for a vector.
    #[inline(always)]
    unsafe fn pack(self, bits: u32, to: *mut f32) {
        let mut lanes = [0.0; MAX_LANES];
        // SAFETY: a vector fits `lanes`; the caller vouches for the room.
        unsafe {
            self.store(lanes.as_mut_ptr());
            let set = (0..Self::LANES).filter(|lane| bits >> lane & 1 == 1);
            set.enumerate().for_each(|(place, lane)| *to.add(place) = lanes[lane]);
        }
    }

    /// Writes `first` plus the number of each bit that is set, of the lowest `LANES`, as `pack` does.
    ///
    /// # Safety
    /// The machine has the level; there is room for `LANES` numbers.
    #[inline(always)]
    unsafe fn pack_places(bits: u32, first: u32, to: *mut u32) {
        let set = (0..Self::LANES as u32).filter(|lane| bits >> lane & 1 == 1);
        // SAFETY: the caller vouches for the room.
        set.enumerate().for_each(|(place, lane)| unsafe { *to.add(place) = first + lane });
    }

    /// The same number in every lane; `self` proves that the level is there.
    #[inline(always)]
    fn like(self, value: f32) -> Self {
        // SAFETY: a vector exists, so the machine has its level.
        unsafe { Self::splat(value) }
    }

    /// `self * factor + summand`, rounded once where the level can.
    fn mul_add(self, factor: Self, summand: Self) -> Self;

    /// The smaller number; of two where one is NaN, the second.
    fn min_fast(self, other: Self) -> Self;

    /// The larger number; of two where one is NaN, the second.
    fn max_fast(self, other: Self) -> Self;

    /// Square root, correctly rounded.
    fn sqrt(self) -> Self;

    /// Without the sign.
    fn abs(self) -> Self;

    /// The other sign.
    fn negate(self) -> Self;

    /// The magnitude of `self` with the sign of `sign`.
    fn with_sign_of(self, sign: Self) -> Self;

    /// The nearest integer, halves to even.
    fn round(self) -> Self;

    /// The next integer below.
    fn floor(self) -> Self;

    /// The next integer above.
    fn ceil(self) -> Self;

    /// `self < other`; false for NaN.
    fn less(self, other: Self) -> Self::Mask;

    /// `self == other`; false for NaN.
    fn equal(self, other: Self) -> Self::Mask;

    /// `yes` where the mask is set, else `no`.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// `2^self`, for integers from -126 to 127.
    fn power_of_two(self) -> Self;

    /// Mantissa in [1, 2) and exponent, of positive normal numbers.
    fn split(self) -> (Self, Self);

    /// The smaller number, NaN if either is.
    #[inline(always)]
    fn minimum(self, other: Self) -> Self {
        Self::select(self.equal(self), self.min_fast(other), self)
    }

    /// The larger number, NaN if either is.
    #[inline(always)]
    fn maximum(self, other: Self) -> Self {
        Self::select(self.equal(self), self.max_fast(other), self)
    }

    /// The sum of the lanes, in halves.
    fn sum(self) -> f32;

    /// The largest lane; any lane may come out if one is NaN.
    fn largest(self) -> f32;
}

/// Joins an array of lanes by halves.
#[inline(always)]
fn halve<const N: usize>(mut lanes: [f32; N], join: impl Fn(f32, f32) -> f32) -> f32 {
    let mut width = N / 2;
    while width > 0 {
        for lane in 0..width {
            lanes[lane] = join(lanes[lane], lanes[lane + width]);
        }
        width /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests;
