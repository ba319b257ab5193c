//! The largest number, or the mean, of each window of each channel; channels lie in lanes.
//!
//! Among equal numbers the first one is the largest. NaN counts as larger than all numbers.
//!
//! Windows of everyday sizes that lie side by side are in `tiles`; this file has the others.

use std::ops::Range;

use crate::ir::program::Dtype;
use crate::kernels::convolution::Axis;
use crate::simd::{self, Kernel, Level, Vector};

mod lanes;
mod tiles;

use lanes::Lanes;

/// What is done with windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// The largest number of each window.
    Largest,
    /// Of each window the number of another array at the place of the largest.
    Select,
    /// Each number goes to the place of its window's largest.
    Scatter,
    /// The mean of each window.
    Mean,
    /// Each number is shared out equally to its window.
    Share,
}

/// Shapes: of pictures, and of one number for each window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolingPlan {
    /// What is done.
    pub kind: Pooling,
    /// `F32` or `F64`.
    pub dtype: Dtype,
    /// Windows along the height; a tap is a row.
    pub rows: Axis,
    /// Windows along the width.
    pub columns: Axis,
    /// Of both.
    pub channels: usize,
}

/// What pooling reads and writes.
#[derive(Clone, Copy)]
pub struct Arrays {
    /// `Largest`, `Mean`: the pictures; `Select`: what is selected from; otherwise a number for each window.
    pub source: *const u8,
    /// `Select`, `Scatter`: the pictures.
    pub pictures: *const u8,
    /// The result.
    pub out: *mut u8,
}

/// Computes some pictures of the result.
///
/// # Safety
/// The level is there, and the arrays are those of the plan; nobody else uses these pictures of the result.
pub unsafe fn run(plan: &PoolingPlan, level: Level, pictures: Range<usize>, arrays: Arrays) {
    // SAFETY: handed on.
    unsafe {
        match plan.dtype {
            Dtype::F64 => Pool { plan, pictures, arrays }.all::<f64>(),
            _ => simd::run(level, Pool { plan, pictures, arrays }),
        }
    }
}

struct Pool<'a> {
    plan: &'a PoolingPlan,
    pictures: Range<usize>,
    arrays: Arrays,
}

impl Kernel for Pool<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        // SAFETY: passed on to the caller.
        unsafe { self.all::<V>() }
    }
}

/// The places of a picture that a window covers along one axis.
#[inline(always)]
fn covered(axis: &Axis, output: usize) -> Range<usize> {
    let first = output * axis.stride;
    first.saturating_sub(axis.before)..(first + axis.taps).saturating_sub(axis.before).min(axis.input)
}

/// Some channels of one window.
#[derive(Clone, Copy)]
struct Window<N> {
    /// The first place of the window, in each array.
    picture: *const N,
    source: *const N,
    out: *mut N,
    /// Rows and columns of the window, numbers from row to row, and from column to column.
    rows: usize,
    columns: usize,
    pitch: usize,
    step: usize,
    /// How many channels.
    count: usize,
}

impl Pool<'_> {
    #[inline(always)]
    unsafe fn all<L: Lanes>(&self) {
        // SAFETY: passed on to the caller.
        if unsafe { tiles::pool::<L>(self.plan, self.pictures.clone(), self.arrays) } {
            return;
        }
        let PoolingPlan { kind, rows, columns, channels, .. } = *self.plan;
        let size = size_of::<L::Number>();
        let (large, small) = (rows.input * columns.input * channels, rows.output * columns.output * channels);
        let spreads = matches!(kind, Pooling::Scatter | Pooling::Share);
        let overlap = rows.stride < rows.taps || columns.stride < columns.taps;
        for picture in self.pictures.clone() {
            // SAFETY: all places lie in the arrays.
            unsafe {
                if spreads {
                    std::ptr::write_bytes(self.arrays.out.add(picture * large * size), 0, large * size);
                }
                for output in 0..rows.output * columns.output {
                    let (row, column) = (output / columns.output, output % columns.output);
                    let (down, right) = (covered(&rows, row), covered(&columns, column));
                    let place = picture * large + (down.start * columns.input + right.start) * channels;
                    let result = picture * small + output * channels;
                    let (source, out) = if spreads { (result, place) } else { (place, result) };
                    let mut window = Window {
                        picture: self.arrays.pictures.cast::<L::Number>().wrapping_add(place),
                        source: self.arrays.source.cast::<L::Number>().add(source),
                        out: self.arrays.out.cast::<L::Number>().add(out),
                        rows: down.len(),
                        columns: right.len(),
                        pitch: columns.input * channels,
                        step: channels,
                        count: L::LANES,
                    };
                    // Numbers behind the channels may be read, and written if they are written again later.
                    let loose = match spreads {
                        true => {
                            let after = (columns.output - 1 - column) * channels;
                            let one = channels <= L::LANES;
                            one && !overlap && columns.stride == columns.taps && after >= L::LANES
                        }
                        false => {
                            let after = columns.output.min(columns.input) * channels;
                            row + 1 < rows.output && down.end < rows.input && after >= L::LANES
                        }
                    };
                    for channel in (0..channels).step_by(L::LANES) {
                        window.count = if loose { L::LANES } else { L::LANES.min(channels - channel) };
                        window.pool::<L>(kind, overlap);
                        window.picture = window.picture.wrapping_add(L::LANES);
                        window.source = window.source.wrapping_add(L::LANES);
                        window.out = window.out.wrapping_add(L::LANES);
                    }
                }
            }
        }
    }
}

// Loops instead of closures: only what is inlined is compiled for the level.
impl<N: Copy> Window<N> {
    #[inline(always)]
    unsafe fn pool<L: Lanes<Number = N>>(&self, kind: Pooling, overlap: bool) {
        // SAFETY: passed on to the caller.
        unsafe {
            match kind {
                Pooling::Largest => self.largest::<L>(),
                Pooling::Mean => self.mean::<L>(),
                Pooling::Select => self.select::<L>(),
                Pooling::Scatter => self.scatter::<L>(overlap),
                Pooling::Share => self.share::<L>(overlap),
            }
        }
    }

    /// How many places the window covers.
    #[inline(always)]
    unsafe fn size<L: Lanes<Number = N>>(&self) -> L {
        // SAFETY: passed on to the caller.
        unsafe { L::same((self.rows * self.columns) as f32) }
    }

    #[inline(always)]
    unsafe fn largest<L: Lanes<Number = N>>(&self) {
        // SAFETY: the caller vouches for the window.
        unsafe {
            let mut largest = L::same(f32::NEG_INFINITY);
            for row in 0..self.rows {
                for column in 0..self.columns {
                    let place = row * self.pitch + column * self.step;
                    largest = largest.larger(L::read(self.source.add(place), self.count));
                }
            }
            largest.write(self.out, self.count);
        }
    }

    #[inline(always)]
    unsafe fn mean<L: Lanes<Number = N>>(&self) {
        // SAFETY: the caller vouches for the window.
        unsafe {
            let mut total = L::same(0.0);
            for row in 0..self.rows {
                for column in 0..self.columns {
                    let place = row * self.pitch + column * self.step;
                    total = total.plus(L::read(self.source.add(place), self.count));
                }
            }
            total.over(self.size()).write(self.out, self.count);
        }
    }

    /// The number of the place where each channel is largest.
    #[inline(always)]
    unsafe fn chosen<L: Lanes<Number = N>>(&self) -> L {
        // SAFETY: the caller vouches for the window.
        unsafe {
            let infinity = L::same(f32::INFINITY);
            let (mut largest, mut chosen) = (L::same(f32::NEG_INFINITY), L::same(0.0));
            for row in 0..self.rows {
                for column in 0..self.columns {
                    let place = row * self.pitch + column * self.step;
                    let here = L::read(self.picture.add(place), self.count);
                    let here = here.if_equal(here, here, infinity);
                    let number = L::same((row * self.columns + column) as f32);
                    chosen = largest.if_less(here, number, chosen);
                    largest = largest.if_less(here, here, largest);
                }
            }
            chosen
        }
    }

    #[inline(always)]
    unsafe fn select<L: Lanes<Number = N>>(&self) {
        // SAFETY: the caller vouches for the window.
        unsafe {
            let chosen = self.chosen::<L>();
            let mut result = L::same(0.0);
            for row in 0..self.rows {
                for column in 0..self.columns {
                    let place = row * self.pitch + column * self.step;
                    let here = L::read(self.source.add(place), self.count);
                    let number = L::same((row * self.columns + column) as f32);
                    result = chosen.if_equal(number, here, result);
                }
            }
            result.write(self.out, self.count);
        }
    }

    #[inline(always)]
    unsafe fn scatter<L: Lanes<Number = N>>(&self, overlap: bool) {
        // SAFETY: the caller vouches for the window.
        unsafe {
            let (chosen, slope) = (self.chosen::<L>(), L::read(self.source, self.count));
            for row in 0..self.rows {
                for column in 0..self.columns {
                    let number = L::same((row * self.columns + column) as f32);
                    let part = chosen.if_equal(number, slope, L::same(0.0));
                    self.add(row * self.pitch + column * self.step, part, overlap);
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn share<L: Lanes<Number = N>>(&self, overlap: bool) {
        // SAFETY: the caller vouches for the window.
        unsafe {
            let part = L::read(self.source, self.count).over(self.size());
            for row in 0..self.rows {
                for column in 0..self.columns {
                    self.add(row * self.pitch + column * self.step, part, overlap);
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn add<L: Lanes<Number = N>>(&self, place: usize, part: L, overlap: bool) {
        // SAFETY: passed on to the caller.
        unsafe {
            let to = self.out.add(place);
            let sum = if overlap { L::read(to, self.count).plus(part) } else { part };
            sum.write(to, self.count);
        }
    }
}
