//! Pooling whose windows lie side by side inside the picture: each has the same form, which is known when this is compiled.
//!
//! Loops over constants instead of iterators: the numbers of a window stay in registers.

#![allow(clippy::needless_range_loop)]

use std::ops::Range;

use super::lanes::Lanes;
use super::{Arrays, Pooling, PoolingPlan};

/// Computes some pictures, unless the windows are not of a form that is here.
///
/// # Safety
/// As [`run`](super::run).
#[inline(always)]
pub(super) unsafe fn pool<L: Lanes>(plan: &PoolingPlan, pictures: Range<usize>, arrays: Arrays) -> bool {
    let PoolingPlan { rows, columns, .. } = *plan;
    let beside = |axis: &super::Axis| {
        (axis.before, axis.stride) == (0, axis.taps) && axis.output * axis.taps <= axis.input
    };
    if !beside(&rows) || !beside(&columns) {
        return false;
    }
    // SAFETY: passed on to the caller.
    unsafe {
        match (rows.taps, columns.taps) {
            (2, 2) => Tiles::<L, 2, 2>::new(plan, arrays).all(pictures),
            (1, 2) => Tiles::<L, 1, 2>::new(plan, arrays).all(pictures),
            (3, 3) => Tiles::<L, 3, 3>::new(plan, arrays).all(pictures),
            _ => return false,
        }
    }
    true
}

/// Windows of `ROWS` by `COLUMNS` places.
struct Tiles<'a, L: Lanes, const ROWS: usize, const COLUMNS: usize> {
    plan: &'a PoolingPlan,
    /// The arrays of the plan, by their roles.
    picture: *const L::Number,
    source: *const L::Number,
    out: *mut L::Number,
}

impl<'a, L: Lanes, const ROWS: usize, const COLUMNS: usize> Tiles<'a, L, ROWS, COLUMNS> {
    #[inline(always)]
    fn new(plan: &'a PoolingPlan, arrays: Arrays) -> Self {
        Tiles { plan, picture: arrays.pictures.cast(), source: arrays.source.cast(), out: arrays.out.cast() }
    }

    #[inline(always)]
    unsafe fn all(&self, pictures: Range<usize>) {
        let PoolingPlan { kind, rows, columns, channels, .. } = *self.plan;
        let pitch = columns.input * channels;
        let (large, small) = (rows.input * pitch, rows.output * columns.output * channels);
        let spreads = matches!(kind, Pooling::Scatter | Pooling::Share);
        for picture in pictures {
            for row in 0..rows.output {
                let mut place = picture * large + row * ROWS * pitch;
                let mut result = picture * small + row * columns.output * channels;
                for _ in 0..columns.output {
                    // SAFETY: the windows lie in their arrays.
                    unsafe { self.window(kind, place, result) };
                    place += COLUMNS * channels;
                    result += channels;
                }
            }
            if spreads {
                // SAFETY: the picture lies in the result.
                unsafe { self.clear_rest(self.out.wrapping_add(picture * large)) };
            }
        }
    }

    /// Zeros where no window reaches: at the ends of the rows, and below them.
    #[inline(always)]
    unsafe fn clear_rest(&self, out: *mut L::Number) {
        let PoolingPlan { rows, columns, channels, .. } = *self.plan;
        let pitch = columns.input * channels;
        let (height, width) = (rows.output * ROWS, columns.output * COLUMNS * channels);
        // SAFETY: the caller vouches for the picture.
        unsafe {
            if width < pitch {
                for row in 0..height {
                    std::ptr::write_bytes(out.add(row * pitch + width), 0, pitch - width);
                }
            }
            std::ptr::write_bytes(out.add(height * pitch), 0, (rows.input - height) * pitch);
        }
    }

    /// All channels of the window at `place` of the large array, and at `result` of the small one.
    #[inline(always)]
    unsafe fn window(&self, kind: Pooling, place: usize, result: usize) {
        let channels = self.plan.channels;
        let whole = channels / L::LANES * L::LANES;
        // SAFETY: the caller vouches for the window.
        unsafe {
            for channel in (0..whole).step_by(L::LANES) {
                self.vector(kind, place + channel, result + channel, L::LANES);
            }
            if whole < channels {
                self.vector(kind, place + whole, result + whole, channels - whole);
            }
        }
    }

    #[inline(always)]
    unsafe fn vector(&self, kind: Pooling, place: usize, result: usize, count: usize) {
        // SAFETY: the caller vouches for `count` channels of the window in all arrays.
        unsafe {
            match kind {
                Pooling::Largest => {
                    let mut largest = L::same(f32::NEG_INFINITY);
                    let numbers = self.read(self.source.add(place), count);
                    for row in 0..ROWS {
                        for column in 0..COLUMNS {
                            largest = largest.larger(numbers[row][column]);
                        }
                    }
                    largest.write(self.out.add(result), count);
                }
                Pooling::Mean => {
                    let mut total = L::same(0.0);
                    let numbers = self.read(self.source.add(place), count);
                    for row in 0..ROWS {
                        for column in 0..COLUMNS {
                            total = total.plus(numbers[row][column]);
                        }
                    }
                    total.over(L::same((ROWS * COLUMNS) as f32)).write(self.out.add(result), count);
                }
                Pooling::Select => {
                    let chosen = self.chosen(place, count);
                    let numbers = self.read(self.source.add(place), count);
                    let mut selected = L::same(0.0);
                    for row in 0..ROWS {
                        for column in 0..COLUMNS {
                            let number = L::same((row * COLUMNS + column) as f32);
                            selected = chosen.if_equal(number, numbers[row][column], selected);
                        }
                    }
                    selected.write(self.out.add(result), count);
                }
                Pooling::Scatter => {
                    let (chosen, slope) =
                        (self.chosen(place, count), L::read(self.source.add(result), count));
                    self.write(place, count, |number| {
                        chosen.if_equal(L::same(number as f32), slope, L::same(0.0))
                    });
                }
                Pooling::Share => {
                    let slope = L::read(self.source.add(result), count);
                    let part = slope.over(L::same((ROWS * COLUMNS) as f32));
                    self.write(place, count, |_| part);
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn read(&self, from: *const L::Number, count: usize) -> [[L; COLUMNS]; ROWS] {
        let channels = self.plan.channels;
        let pitch = self.plan.columns.input * channels;
        // SAFETY: the caller vouches for the window.
        unsafe {
            let mut numbers = [[L::same(0.0); COLUMNS]; ROWS];
            for row in 0..ROWS {
                for column in 0..COLUMNS {
                    numbers[row][column] = L::read(from.add(row * pitch + column * channels), count);
                }
            }
            numbers
        }
    }

    #[inline(always)]
    unsafe fn write(&self, place: usize, count: usize, part: impl Fn(usize) -> L) {
        let channels = self.plan.channels;
        let pitch = self.plan.columns.input * channels;
        for row in 0..ROWS {
            for column in 0..COLUMNS {
                let to = self.out.wrapping_add(place + row * pitch + column * channels);
                // SAFETY: the caller vouches for the window.
                unsafe { part(row * COLUMNS + column).write(to, count) };
            }
        }
    }

    /// The number of the place where each channel is largest.
    #[inline(always)]
    unsafe fn chosen(&self, place: usize, count: usize) -> L {
        // SAFETY: the caller vouches for the window.
        unsafe {
            let infinity = L::same(f32::INFINITY);
            let (mut largest, mut chosen) = (L::same(f32::NEG_INFINITY), L::same(0.0));
            let numbers = self.read(self.picture.add(place), count);
            for row in 0..ROWS {
                for column in 0..COLUMNS {
                    let here = numbers[row][column];
                    let here = here.if_equal(here, here, infinity);
                    let number = L::same((row * COLUMNS + column) as f32);
                    chosen = largest.if_less(here, number, chosen);
                    largest = largest.if_less(here, here, largest);
                }
            }
            chosen
        }
    }
}
