//! Random numbers: the words of a counter (see `philox`) as uniform and normal numbers, integers and permutations.

use std::ops::Range;

use super::normal::{self, AllWords, NUMBERS, Numbers};
use super::philox::Words;
use crate::ir::program::{Dtype, RandomKind};
use crate::simd::{self, Level};

/// The stream of shuffles; operations of a program count up from 0.
const PERMUTATION_STREAM: u32 = u32::MAX;

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
