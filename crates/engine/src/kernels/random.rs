//! Random numbers from a counter: Philox4x32-10.
//!
//! Word `i` of an operation is lane `i % 4` of block `i / 4`, whichever thread
//! computes it and whatever was drawn before: a call is named by its seed, the
//! stream of its operation and the number of the call.
//!
//! Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
//! 1, 2, 3", SC 2011.

use std::ops::Range;

use super::normal::{self, AllWords, NUMBERS, Numbers};
use crate::ir::program::{Dtype, RandomKind};
use crate::simd::{self, Level};

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// The stream of shuffles; operations of a program count up from 0.
const PERMUTATION_STREAM: u32 = u32::MAX;

/// The four words that belong to a counter under a key.
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    side_by_side(counter.map(|word| [word]), key).map(|[word]| word)
}

/// The words of `N` counters under a key: words `w` of all of them are in `counters[w]`, so that a vector
/// holds as many as it has lanes.
#[inline(always)] // compiled for the level of the caller
fn side_by_side<const N: usize>(mut counters: [[u32; N]; 4], mut key: [u32; 2]) -> [[u32; N]; 4] {
    for round in 0..ROUNDS {
        if round > 0 {
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        let [a, b, c, d] = counters;
        let first: [u64; N] = a.map(|word| u64::from(MULTIPLIERS[0]) * u64::from(word));
        let second: [u64; N] = c.map(|word| u64::from(MULTIPLIERS[1]) * u64::from(word));
        counters = [
            std::array::from_fn(|lane| (second[lane] >> 32) as u32 ^ b[lane] ^ key[0]),
            second.map(|product| product as u32),
            std::array::from_fn(|lane| (first[lane] >> 32) as u32 ^ d[lane] ^ key[1]),
            first.map(|product| product as u32),
        ];
    }
    counters
}

/// All words of one call of one operation.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    seed: u64,
    stream: u32,
    call: u64,
}

impl Words {
    /// The words of call number `call` of operation `stream` under `seed`.
    pub fn new(seed: u64, stream: u32, call: i64) -> Words {
        Words { seed, stream, call: call as u64 }
    }

    /// Four words at once.
    #[inline(always)]
    pub fn block(&self, number: u64) -> [u32; 4] {
        self.blocks::<1>(number).map(|[word]| word)
    }

    /// The words of `N` blocks, the first of which is `number`: words `w` of all of them are together.
    #[inline(always)]
    pub(super) fn blocks<const N: usize>(&self, number: u64) -> [[u32; N]; 4] {
        let key = [self.seed as u32, (self.seed >> 32) as u32];
        let numbers: [u64; N] = std::array::from_fn(|lane| number + lane as u64);
        let high = numbers.map(|number| ((number >> 32) as u32).wrapping_add((self.call >> 32) as u32));
        let counters = [numbers.map(|number| number as u32), high, [self.stream; N], [self.call as u32; N]];
        side_by_side(counters, key)
    }

    /// Word `number`.
    pub fn word(&self, number: u64) -> u32 {
        self.block(number / 4)[(number % 4) as usize]
    }
}

/// What to draw.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// The distribution.
    pub kind: RandomKind,
    /// Element type of the result.
    pub dtype: Dtype,
    /// The key.
    pub seed: u64,
    /// The operation.
    pub stream: u32,
    /// Integers: the smallest.
    pub low: i64,
    /// Integers: how many there are.
    pub span: u64,
}

/// Draws elements `range` of call number `call`.
///
/// # Safety
/// The level is there. `out` is a whole array of the draw's element type, longer than the range's end.
pub unsafe fn draw(draw: &Draw, level: Level, call: i64, range: Range<usize>, out: *mut u8) {
    let words = Words::new(draw.seed, draw.stream, call);
    // SAFETY: handed on.
    unsafe {
        let range = match draw.dtype {
            Dtype::F32 => whole_groups(level, draw.kind, words, range, out),
            _ => range,
        };
        match (draw.kind, draw.dtype) {
            (RandomKind::Uniform, Dtype::F32) => {
                fill(range, out, |block| words.block(block).map(uniform_f32));
            }
            (RandomKind::Uniform, _) => {
                fill(range, out, |block| pairs(words.block(block)).map(uniform_f64));
            }
            (RandomKind::Normal, Dtype::F32) => {
                fill(range, out, |block| normal_block(words.block(block)));
            }
            (RandomKind::Normal, _) => fill(range, out, |block| {
                let [first, second] = pairs(words.block(block)).map(uniform_f64);
                box_muller(1.0 - first, second)
            }),
            (RandomKind::Permutation, Dtype::I32) => {
                permute_by(level, std::slice::from_raw_parts_mut(out.cast::<i32>(), range.end), &words);
            }
            (RandomKind::Permutation, _) => {
                permute_by(level, std::slice::from_raw_parts_mut(out.cast::<i64>(), range.end), &words);
            }
            (RandomKind::Integer, dtype) => {
                let integers = |block| {
                    pairs(words.block(block)).map(|word| {
                        let scaled = (u128::from(word) * u128::from(draw.span)) >> 64;
                        draw.low.wrapping_add(scaled as i64)
                    })
                };
                if dtype == Dtype::I32 {
                    fill(range, out, |block| integers(block).map(|value| value as i32));
                } else {
                    fill(range, out, integers);
                }
            }
        }
    }
}

/// Writes the numbers of a range that whole groups of blocks give, after a few single ones; gives the rest of the range.
unsafe fn whole_groups(
    level: Level,
    kind: RandomKind,
    words: Words,
    range: Range<usize>,
    out: *mut u8,
) -> Range<usize> {
    let start = range.start.next_multiple_of(4);
    let groups = range.end.saturating_sub(start) / NUMBERS;
    if groups == 0 {
        return range;
    }
    let normal = kind == RandomKind::Normal;
    let first = (start / 4) as u64;
    // SAFETY: the caller vouches for the level and the range.
    unsafe {
        let out_f32 = out.cast::<f32>();
        simd::run(level, Numbers { words, first, groups, normal, out: out_f32.add(start) });
        if range.start < start {
            let block = words.block(first - 1);
            let numbers = if normal { normal_block(block) } else { block.map(uniform_f32) };
            for position in range.start..start {
                out_f32.add(position).write_unaligned(numbers[position % 4]);
            }
        }
    }
    start + groups * NUMBERS..range.end
}

/// Writes the elements of a range, of which each block gives `N`.
unsafe fn fill<T: Copy, const N: usize>(range: Range<usize>, out: *mut u8, block: impl Fn(u64) -> [T; N]) {
    let mut position = range.start;
    while position < range.end {
        let values = block((position / N) as u64);
        // SAFETY: the positions lie within the range.
        unsafe {
            if position.is_multiple_of(N) && position + N <= range.end {
                out.cast::<T>().add(position).cast::<[T; N]>().write_unaligned(values);
                position += N;
                continue;
            }
            out.cast::<T>().add(position).write_unaligned(values[position % N]);
        }
        position += 1;
    }
}

/// The two 64-bit words of a block; the first word of a pair is the low half.
fn pairs(words: [u32; 4]) -> [u64; 2] {
    let join = |low: u32, high: u32| u64::from(high) << 32 | u64::from(low);
    [join(words[0], words[1]), join(words[2], words[3])]
}

fn uniform_f32(word: u32) -> f32 {
    (word >> 8) as i32 as f32 * (1.0 / 16_777_216.0)
}

fn uniform_f64(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// Two standard normal numbers from `u1` in (0, 1] and `u2` in [0, 1).
///
/// Source: Box and Muller, "A note on the generation of random normal deviates", 1958.
fn box_muller(u1: f64, u2: f64) -> [f64; 2] {
    let radius = (-2.0 * u1.ln()).sqrt();
    let (sine, cosine) = (std::f64::consts::TAU * u2).sin_cos();
    [radius * cosine, radius * sine]
}

/// As in groups of blocks, bit for bit.
fn normal_block(words: [u32; 4]) -> [f32; 4] {
    let pair = |first: u32, second: u32| {
        let radius = (-2.0 * normal::logarithm(f64::from((first >> 8) + 1) / 16_777_216.0)).sqrt();
        let [sine, cosine] = normal::sine_and_cosine(f64::from(uniform_f32(second)));
        [(radius * cosine) as f32, (radius * sine) as f32]
    };
    let ([a, b], [c, d]) = (pair(words[0], words[1]), pair(words[2], words[3]));
    [a, b, c, d]
}

/// A shuffle of `0..n`, by Fisher and Yates from the end.
///
/// # Panics
/// When `n` is 2^32 or more: one word decides about each position.
pub fn permutation(n: usize, seed: u64, call: i64) -> Vec<i64> {
    let mut order = vec![0; n];
    permute(&mut order, seed, call);
    order
}

/// The same into `order`, which says how many numbers there are.
///
/// # Panics
/// As `permutation`.
pub fn permute(order: &mut [i64], seed: u64, call: i64) {
    let n = order.len();
    assert!(u32::try_from(n).is_ok(), "a shuffle takes fewer than 2^32 rows, got {n}");
    // SAFETY: levels are only detected on machines that have them.
    unsafe { permute_by(Level::detect(), order, &Words::new(seed, PERMUTATION_STREAM, call)) };
}

/// A number of a row.
trait Place: Copy {
    fn of(number: usize) -> Self;
}

impl Place for i32 {
    fn of(number: usize) -> i32 {
        number as i32
    }
}

impl Place for i64 {
    fn of(number: usize) -> i64 {
        number as i64
    }
}

/// The shuffle that some words give.
///
/// # Safety
/// The machine has the level.
unsafe fn permute_by<T: Place>(level: Level, order: &mut [T], words: &Words) {
    let n = order.len();
    order.iter_mut().zip(0..).for_each(|(place, number)| *place = T::of(number));
    let mut drawn = [0; NUMBERS];
    for (number, i) in (1..n).rev().enumerate() {
        if number % NUMBERS == 0 {
            let first = (number / 4) as u64;
            let blocks = NUMBERS.min(n - number).div_ceil(4);
            if blocks < NUMBERS / 4 {
                for block in 0..blocks {
                    let four = words.block(first + block as u64);
                    drawn[4 * block..4 * block + 4].copy_from_slice(&four);
                }
            } else {
                // SAFETY: the caller vouches for the level.
                unsafe { simd::run(level, AllWords { words: *words, first, out: &mut drawn }) };
            }
        }
        let other = (u64::from(drawn[number % NUMBERS]) * (i as u64 + 1)) >> 32;
        order.swap(i, other as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that come with the paper's own code.
    #[test]
    fn known_answers() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
        assert_eq!(philox([!0; 4], [!0; 2]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
        assert_eq!(
            philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
        );
    }

    fn draw_f32(kind: RandomKind, range: Range<usize>, n: usize) -> Vec<f32> {
        draw_at(Level::Portable, kind, range, n)
    }

    fn draw_at(level: Level, kind: RandomKind, range: Range<usize>, n: usize) -> Vec<f32> {
        let what = Draw { kind, dtype: Dtype::F32, seed: 7, stream: 3, low: 0, span: 0 };
        let mut out = vec![f32::NAN; n];
        // SAFETY: the range lies within `n` elements.
        unsafe { draw(&what, level, 5, range, out.as_mut_ptr().cast()) };
        out
    }

    #[test]
    fn parts_draw_what_the_whole_draws() {
        for kind in [RandomKind::Uniform, RandomKind::Normal] {
            let whole = draw_f32(kind, 0..701, 701);
            for cut in [1, 2, 3, 50, 99, 130, 513, 699] {
                let (head, tail) = (draw_f32(kind, 0..cut, 701), draw_f32(kind, cut..701, 701));
                assert_eq!(head[..cut], whole[..cut]);
                assert_eq!(tail[cut..], whole[cut..]);
            }
        }
    }

    #[test]
    fn levels_draw_the_same_numbers() {
        let words = Words::new(7, 3, 5);
        let expected: Vec<f32> = (2..1003).map(|number| uniform_f32(words.word(number))).collect();
        for level in Level::available() {
            assert_eq!(draw_at(level, RandomKind::Uniform, 2..1003, 1003)[2..], expected, "{level:?}");
        }
    }

    #[test]
    fn moments() {
        let n = 40_000;
        let mean = |values: &[f32]| values.iter().map(|&x| f64::from(x)).sum::<f64>() / n as f64;
        let uniform = draw_f32(RandomKind::Uniform, 0..n, n);
        assert!(uniform.iter().all(|x| (0.0..1.0).contains(x)));
        assert!((mean(&uniform) - 0.5).abs() < 0.01);
        let normal = draw_f32(RandomKind::Normal, 0..n, n);
        let squares: Vec<f32> = normal.iter().map(|x| x * x).collect();
        assert!(mean(&normal).abs() < 0.02 && (mean(&squares) - 1.0).abs() < 0.03);
    }

    #[test]
    fn permutations_hold_every_row_once() {
        let mut order = permutation(1000, 1, 2);
        assert_ne!(order, permutation(1000, 1, 3));
        assert_eq!(order, permutation(1000, 1, 2));
        order.sort_unstable();
        assert!(order.into_iter().eq(0..1000));
        assert_eq!(permutation(0, 1, 2), Vec::<i64>::new());
        assert_eq!(permutation(1, 1, 2), [0]);
    }

    #[test]
    fn permutations_take_the_same_words_at_all_levels() {
        let n = 3 * NUMBERS + 41;
        let words = Words::new(5, 6, 7);
        let mut right: Vec<i32> = (0..n as i32).collect();
        for (number, i) in (1..n).rev().enumerate() {
            right.swap(i, ((u64::from(words.word(number as u64)) * (i as u64 + 1)) >> 32) as usize);
        }
        for level in Level::available() {
            let mut order = vec![0i32; n];
            // SAFETY: the level is available.
            unsafe { permute_by(level, &mut order, &words) };
            assert_eq!(order, right, "{level:?}");
        }
    }
}
