//! A matrix unit in plain Rust: slow, and the same bits as Intel's.

use std::ops::Range;

use super::unit::{DEPTH, GROUP, SIDE, SLICES, TILE, Unit};
use crate::simd::Level;

/// A tile of bf16, as the unit reads it: two numbers a word.
type Tile = [[u16; DEPTH]; SIDE];

/// The registers.
#[derive(Debug)]
pub struct Emulated {
    sums: [[[f32; SIDE]; SIDE]; GROUP],
    slices: [Tile; SLICES],
}

/// A bf16 is the upper half of an `f32`. Numbers below the normal range count as zero.
fn number(bf16: u16) -> f32 {
    normal(f32::from_bits(u32::from(bf16) << 16))
}

fn normal(number: f32) -> f32 {
    if number.is_subnormal() { 0.0f32.copysign(number) } else { number }
}

/// `factor * other + sum`, rounded once.
fn add(factor: f32, other: f32, sum: f32) -> f32 {
    normal(factor.mul_add(other, sum))
}

unsafe fn tile(from: *const u8) -> Tile {
    // SAFETY: the caller vouches for a tile.
    unsafe { from.cast::<Tile>().read_unaligned() }
}

/// The upper eight bits of a number, exactly; then those of what is left, twice. Nothing is left of infinity.
fn split(whole: f32) -> [u16; SLICES] {
    let upper = |number: f32| f32::from_bits(number.to_bits() & 0xffff_0000);
    let first = upper(whole);
    let left = if whole == first { 0.0 } else { whole - first };
    let second = upper(left);
    [first, second, left - second].map(|slice| (slice.to_bits() >> 16) as u16)
}

/// A byte as bf16.
fn of_byte(byte: u8) -> u16 {
    (f32::from(byte).to_bits() >> 16) as u16
}

unsafe fn write(tile: &Tile, to: *mut u8) {
    // SAFETY: the caller vouches for the room of a tile.
    unsafe { to.cast::<Tile>().write_unaligned(*tile) };
}

impl Unit for Emulated {
    fn is_there(_level: Level) -> bool {
        true
    }

    unsafe fn begin() -> Emulated {
        Emulated { sums: [[[0.0; SIDE]; SIDE]; GROUP], slices: [[[0; DEPTH]; SIDE]; SLICES] }
    }

    unsafe fn end(self) {}

    unsafe fn zero(&mut self) {
        self.sums = [[[0.0; SIDE]; SIDE]; GROUP];
    }

    unsafe fn load<const SUMS: usize>(&mut self, from: *const f32, step: usize) {
        for (row, sums) in self.sums[SUMS].iter_mut().enumerate() {
            // SAFETY: the caller vouches for the sums.
            *sums = unsafe { from.add(row * step).cast::<[f32; SIDE]>().read_unaligned() };
        }
    }

    unsafe fn store<const SUMS: usize>(&mut self, to: *mut f32, step: usize) {
        for (row, sums) in self.sums[SUMS].iter().enumerate() {
            // SAFETY: the caller vouches for the place.
            unsafe { to.add(row * step).cast::<[f32; SIDE]>().write_unaligned(*sums) };
        }
    }

    unsafe fn load_slices(&mut self, from: *const u8) {
        for (number, slice) in self.slices.iter_mut().enumerate() {
            // SAFETY: the caller vouches for three tiles.
            *slice = unsafe { tile(from.add(number * TILE)) };
        }
    }

    /// Even products and odd ones are summed apart, then together, then added (`TDPBF16PS`).
    unsafe fn multiply<const SUMS: usize>(&mut self, bytes: *const u8) {
        // SAFETY: the caller vouches for the tile.
        let bytes = unsafe { tile(bytes) };
        for slice in &self.slices {
            for (sums, bytes) in self.sums[SUMS].iter_mut().zip(&bytes) {
                for (column, sum) in sums.iter_mut().enumerate() {
                    let (mut even, mut odd) = (0.0, 0.0);
                    for (pair, row) in slice.iter().enumerate() {
                        even = add(number(bytes[2 * pair]), number(row[2 * column]), even);
                        odd = add(number(bytes[2 * pair + 1]), number(row[2 * column + 1]), odd);
                    }
                    *sum = normal(*sum + normal(even + odd));
                }
            }
        }
    }

    unsafe fn lay_out_rows(
        from: *const u8,
        step: usize,
        rows: Range<usize>,
        inner: Range<usize>,
        to: *mut u8,
    ) {
        let mut tile: Tile = [[0; DEPTH]; SIDE];
        for (row, words) in rows.zip(&mut tile) {
            for (element, word) in inner.clone().zip(words) {
                // SAFETY: the caller vouches for the rows.
                *word = of_byte(unsafe { *from.add(row * step + element) });
            }
        }
        // SAFETY: the caller vouches for the room.
        unsafe { write(&tile, to) };
    }

    unsafe fn lay_out_columns(
        from: *const u8,
        step: usize,
        inner: Range<usize>,
        columns: Range<usize>,
        to: *mut u8,
    ) {
        let mut tile: Tile = [[0; DEPTH]; SIDE];
        for (column, words) in columns.zip(&mut tile) {
            for (row, word) in inner.clone().zip(words) {
                // SAFETY: the caller vouches for the rows.
                *word = of_byte(unsafe { *from.add(row * step + column) });
            }
        }
        // SAFETY: the caller vouches for the room.
        unsafe { write(&tile, to) };
    }

    unsafe fn slice_rows(
        from: *const f32,
        step: usize,
        inner: Range<usize>,
        columns: Range<usize>,
        to: *mut u8,
    ) {
        let mut tiles: [Tile; SLICES] = [[[0; DEPTH]; SIDE]; SLICES];
        for (place, row) in inner.take(DEPTH).enumerate() {
            for (number, column) in columns.clone().take(SIDE).enumerate() {
                // SAFETY: the caller vouches for the rows.
                let slices = split(unsafe { *from.add(row * step + column) });
                for (tile, slice) in tiles.iter_mut().zip(slices) {
                    tile[place / 2][2 * number + place % 2] = slice;
                }
            }
        }
        for (number, tile) in tiles.iter().enumerate() {
            // SAFETY: the caller vouches for the room.
            unsafe { write(tile, to.add(number * TILE)) };
        }
    }
}
