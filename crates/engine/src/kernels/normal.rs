//! Many random numbers at once: the words of several blocks side by side, and the normal numbers made of them.
//!
//! The loops are plain Rust over arrays, which the compiler turns into vectors of the level. Every operation is rounded
//! by itself, so that all levels give the same bits.

use super::philox::Words;
use crate::simd::{Kernel, Vector};

/// Blocks that are computed side by side.
pub(super) const BLOCKS: usize = 16;
/// Numbers that they give.
pub(super) const NUMBERS: usize = 4 * BLOCKS;
/// Pairs of normal numbers that they give.
const PAIRS: usize = 2 * BLOCKS;

/// Writes `NUMBERS` numbers for each of `groups` groups of blocks, from block `first` on.
pub(super) struct Numbers {
    pub words: Words,
    pub first: u64,
    pub groups: usize,
    pub normal: bool,
    pub out: *mut f32,
}

impl Kernel for Numbers {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        for group in 0..self.groups {
            let words = self.words.blocks::<BLOCKS>(self.first + (group * BLOCKS) as u64);
            // SAFETY: the caller vouches for room for `groups * NUMBERS` numbers.
            unsafe {
                let out = self.out.add(group * NUMBERS).cast::<[f32; NUMBERS]>();
                out.write_unaligned(if self.normal { normals(&words) } else { uniforms(&words) });
            }
        }
    }
}

/// Writes the words of one group of blocks, from block `first` on.
pub(super) struct AllWords<'a> {
    pub words: Words,
    pub first: u64,
    pub out: &'a mut [u32; NUMBERS],
}

impl Kernel for AllWords<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let lanes = self.words.blocks::<BLOCKS>(self.first);
        for (lane, words) in lanes.iter().enumerate() {
            for (block, word) in words.iter().enumerate() {
                self.out[4 * block + lane] = *word;
            }
        }
    }
}

/// Lane `lane` of block `block` is `words[lane][block]`.
type Lanes = [[u32; BLOCKS]; 4];

#[inline(always)]
fn uniforms(words: &Lanes) -> [f32; NUMBERS] {
    let mut out = [0.0; NUMBERS];
    for block in 0..BLOCKS {
        for lane in 0..4 {
            out[4 * block + lane] = (words[lane][block] >> 8) as i32 as f32 * (1.0 / 16_777_216.0);
        }
    }
    out
}

/// Box and Muller's transform of both pairs of each block.
#[inline(always)]
fn normals(words: &Lanes) -> [f32; NUMBERS] {
    let mut out = [0.0; NUMBERS];
    let (mut cosines, mut sines) = ([0.0; PAIRS], [0.0; PAIRS]);
    for half in 0..2 {
        for block in 0..BLOCKS {
            let first = (words[2 * half][block] >> 8) as i32 + 1;
            let second = (words[2 * half + 1][block] >> 8) as i32;
            let radius = (-2.0 * logarithm(f64::from(first) * (1.0 / 16_777_216.0))).sqrt();
            let [sine, cosine] = sine_and_cosine(f64::from(second) * (1.0 / 16_777_216.0));
            cosines[half * BLOCKS + block] = (radius * cosine) as f32;
            sines[half * BLOCKS + block] = (radius * sine) as f32;
        }
    }
    for block in 0..BLOCKS {
        for half in 0..2 {
            out[4 * block + 2 * half] = cosines[half * BLOCKS + block];
            out[4 * block + 2 * half + 1] = sines[half * BLOCKS + block];
        }
    }
    out
}

/// The bits of the root of one half.
const ROOT_OF_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
const ONE: u64 = 0x3FF0_0000_0000_0000;
const MANTISSA: u64 = 0x000F_FFFF_FFFF_FFFF;

/// The natural logarithm of a positive normal number, to two units in the last place.
///
/// `x = 2^k m` with `m` from the root of 1/2 to the root of 2, and `ln m = 2 artanh((m - 1) / (m + 1))`.
#[inline(always)]
pub(super) fn logarithm(x: f64) -> f64 {
    let bits = x.to_bits() + (ONE - ROOT_OF_HALF);
    let exponent = f64::from((bits >> 52) as i32 - 1023);
    let mantissa = f64::from_bits((bits & MANTISSA) + ROOT_OF_HALF);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let z = s * s;
    let mut sum = 1.0 / 23.0;
    for odd in [21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        sum = sum * z + 1.0 / odd;
    }
    exponent * std::f64::consts::LN_2 + (2.0 * s + 2.0 * s * (z * sum))
}

/// The first 33 bits of a quarter of a circle, and the rest.
const QUARTER: f64 = f64::from_bits(0x3FF9_21FB_5440_0000);
const REST: f64 = 6.077_100_506_506_192e-11;

/// Sine and cosine of `turns` circles, for 0 to 1, by Taylor's series around the nearest quarter.
#[inline(always)]
pub(super) fn sine_and_cosine(turns: f64) -> [f64; 2] {
    let angle = std::f64::consts::TAU * turns;
    let quarter = (4.0 * turns + 0.5) as i32;
    let x = (angle - f64::from(quarter) * QUARTER) - f64::from(quarter) * REST;
    let z = x * x;
    let (mut sine, mut cosine) = (1.0, 1.0);
    for step in [17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        sine = 1.0 - sine * z * (1.0 / (step * (step - 1.0)));
        cosine = 1.0 - cosine * z * (1.0 / ((step + 1.0) * step));
    }
    let (sine, cosine) = (x * sine, 1.0 - z * 0.5 * cosine);
    let odd = quarter & 1 == 1;
    let (first, second) = if odd { (cosine, sine) } else { (sine, cosine) };
    [first * f64::from(1 - (quarter & 2)), second * f64::from(1 - ((quarter + 1) & 2))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{self, Level};

    #[test]
    fn logarithms_and_circles_are_those_of_the_library() {
        for n in (1..1 << 24).step_by(977).chain([1, 2, 3, (1 << 24) - 1, 1 << 24]) {
            let x = f64::from(n) / 16_777_216.0;
            let (found, right) = (logarithm(x), x.ln());
            assert!((found - right).abs() <= 4e-16 * right.abs(), "ln {x}: {found} {right}");
            let turns = f64::from(n - 1) / 16_777_216.0;
            let (sine, cosine) = (std::f64::consts::TAU * turns).sin_cos();
            let found = sine_and_cosine(turns);
            assert!((found[0] - sine).abs() <= 4e-16 * sine.abs(), "sin {turns}: {found:?} {sine}");
            assert!((found[1] - cosine).abs() <= 4e-16 * cosine.abs(), "cos {turns}: {found:?} {cosine}");
        }
    }

    #[test]
    fn all_levels_have_the_same_bits() {
        for normal in [false, true] {
            let mut right: Option<Vec<u32>> = None;
            for level in Level::available() {
                let mut out = vec![0.0f32; 3 * NUMBERS];
                let words = Words::new(9, 1, 4);
                let kernel = Numbers { words, first: 5, groups: 3, normal, out: out.as_mut_ptr() };
                // SAFETY: the level is available, and `out` has room for three groups.
                unsafe { simd::run(level, kernel) };
                let bits: Vec<u32> = out.iter().map(|number| number.to_bits()).collect();
                assert_eq!(right.get_or_insert_with(|| bits.clone()), &bits, "{level:?}");
            }
        }
    }
}
