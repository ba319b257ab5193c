//! The gradient to the filters: each number is the sum, over all outputs, of what a tap read times the output's gradient.
//!
//! A part goes over its pictures and keeps partial sums in memory of its own; `combine` adds them up in the order of the
//! parts. Some rows of the result (places of a filter) by two vectors of filters are held in registers while the
//! outputs of a band run by.

use std::ops::Range;

use super::walk::Walk;
use super::{Geometry, band, beside, double};
use crate::ir::program::Dtype;
use crate::simd::{self, Kernel, Level, Vector};

/// The most rows of a tile, at any level.
const MAX_ROWS: usize = 12;

/// The gradient to the filters, ready to run.
#[derive(Clone, Debug)]
pub struct FilterPlan {
    /// The shapes.
    pub geometry: Geometry,
    walk: Walk,
    /// Where each row of a group's result begins to read, behind an output's first place.
    offsets: Vec<usize>,
    /// Outputs side by side that are taken as one; see `beside`.
    places: usize,
    /// Bytes of scratch memory, aligned to 64, that each thread needs for itself.
    pub scratch_bytes: usize,
    level: Level,
}

/// What it reads and writes.
pub struct FilterArrays {
    /// The pictures.
    pub pictures: *const u8,
    /// Gradients of the outputs.
    pub gradients: *const u8,
    /// A part's sums.
    pub sums: *mut u8,
    /// Private memory.
    pub scratch: *mut u8,
}

impl FilterPlan {
    /// Plans it.
    pub fn new(geometry: Geometry, level: Level) -> FilterPlan {
        let mut walk = Walk::new(&geometry, false);
        let columns = &geometry.columns;
        let places = beside::places(&geometry, columns, columns.output, geometry.filters, level);
        if places > 1 {
            walk = beside::widen(&walk, &geometry, places);
        }
        let mut offsets = Vec::new();
        if geometry.is_depthwise() {
            offsets.extend(walk.phases[0].segments.iter().map(|segment| segment.offset));
        } else {
            let segments = &walk.phases[0].segments;
            offsets.extend(segments.iter().flat_map(|segment| segment.offset..segment.offset + segment.len));
        }
        let wide_sums = if places > 1 { offsets.len() * places * geometry.filters } else { 0 };
        let scratch_bytes = (walk.band_numbers() + wide_sums) * 4;
        FilterPlan { geometry, walk, offsets, places, scratch_bytes, level }
    }

    /// Numbers of the result.
    pub fn numbers(&self) -> usize {
        self.geometry.taps() * self.geometry.group_channels() * self.geometry.filters
    }

    /// Sums up some pictures.
    ///
    /// # Safety
    /// The arrays are those of the geometry; `sums` has room for the result; the scratch memory has the plan's
    /// size and is aligned to 64; nobody else uses it, or the sums.
    pub unsafe fn run_part(&self, pictures: Range<usize>, arrays: &FilterArrays) {
        let dtype = self.geometry.result();
        // SAFETY: handed on.
        unsafe {
            std::ptr::write_bytes(arrays.sums, 0, self.numbers() * dtype.size());
            match dtype {
                Dtype::F64 => {
                    double::filters(&self.geometry, pictures, arrays.pictures, arrays.gradients, arrays.sums)
                }
                _ => simd::run(self.level, Pictures { plan: self, pictures, arrays }),
            }
        }
    }

    /// Adds the partial sums of `parts` parts up, in their order: numbers `range` of the result.
    ///
    /// # Safety
    /// All parts have run; the range lies in the result.
    pub unsafe fn combine(&self, range: Range<usize>, parts: usize, shared: *const u8, out: *mut u8) {
        let step = self.numbers();
        // SAFETY: handed on.
        unsafe {
            if self.geometry.result() == Dtype::F64 {
                let (from, out) = (shared.cast::<f64>(), out.cast::<f64>());
                for number in range {
                    let sums = (0..parts).map(|part| *from.add(part * step + number));
                    *out.add(number) = sums.fold(0.0, |total, sum| total + sum);
                }
                return;
            }
            let (from, to) = (shared.cast::<f32>().add(range.start), out.cast::<f32>().add(range.start));
            simd::run(
                self.level,
                crate::kernels::matmul::combine::AddUp { from, step, parts, len: range.len(), to },
            );
        }
    }
}

struct Pictures<'a> {
    plan: &'a FilterPlan,
    pictures: Range<usize>,
    arrays: &'a FilterArrays,
}

impl Kernel for Pictures<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Pictures { plan, pictures, arrays } = self;
        let (walk, geometry) = (&plan.walk, &plan.geometry);
        let outputs = geometry.rows.output * geometry.columns.output;
        let mut sums = arrays.sums.cast::<f32>();
        if plan.places > 1 {
            sums = arrays.scratch.cast::<f32>().wrapping_add(walk.band_numbers());
            // SAFETY: the scratch memory has the plan's size.
            unsafe { std::ptr::write_bytes(sums, 0, plan.offsets.len() * plan.places * geometry.filters) };
        }
        for picture in pictures {
            for rows in walk.bands() {
                // SAFETY: the picture and its outputs lie in their arrays; the scratch memory has the plan's size.
                unsafe {
                    let source = arrays.pictures.add(picture * walk.picture_bytes(geometry.source));
                    let room = arrays.scratch.cast();
                    let band = band::rows::<V>(walk, geometry.source, source, rows.clone(), room);
                    let first = picture * outputs + rows.start * geometry.columns.output;
                    let gradients = arrays.gradients.cast::<f32>().add(first * geometry.filters);
                    let stretch = Band { plan, band, gradients, rows: rows.len(), sums };
                    if geometry.is_depthwise() { stretch.depthwise::<V>() } else { stretch.groups::<V>() }
                }
            }
        }
        if plan.places > 1 {
            // SAFETY: both have been written, and have the sizes of the plan.
            unsafe { beside::fold(geometry, plan.places, sums, arrays.sums.cast()) };
        }
    }
}

/// The outputs of a band.
struct Band<'a> {
    plan: &'a FilterPlan,
    band: *const f32,
    gradients: *const f32,
    rows: usize,
    sums: *mut f32,
}

impl Band<'_> {
    #[inline(always)]
    unsafe fn groups<V: Vector>(&self) {
        let geometry = &self.plan.geometry;
        let (channels, columns) = (geometry.group_channels(), self.plan.places * geometry.group_filters());
        let all = self.plan.places * geometry.filters;
        let offsets = &self.plan.offsets;
        let tiles = offsets.len().div_ceil(V::TILE_ROWS);
        for group in 0..geometry.groups {
            let band = self.band.wrapping_add(group * channels);
            for column in (0..columns).step_by(2 * V::LANES) {
                let width = (2 * V::LANES).min(columns - column);
                let first_column = group * columns + column;
                for tile in 0..tiles {
                    let border = |tile: usize| offsets.len() * tile / tiles;
                    let (first, end) = (border(tile), border(tile + 1));
                    let sums = self.sums.wrapping_add(first * all + first_column);
                    let tile = self.tile(&offsets[first..end], band, first_column, width, sums);
                    // SAFETY: rows and columns lie in the result.
                    unsafe { tile.choose::<V>() };
                }
            }
        }
    }

    /// Channels in lanes: rows are taps.
    #[inline(always)]
    unsafe fn depthwise<V: Vector>(&self) {
        let filters = self.plan.geometry.filters;
        let offsets = &self.plan.offsets;
        let tiles = offsets.len().div_ceil(V::TILE_ROWS);
        for column in (0..filters).step_by(V::LANES) {
            let width = V::LANES.min(filters - column);
            for tile in 0..tiles {
                let border = |tile: usize| offsets.len() * tile / tiles;
                let (first, end) = (border(tile), border(tile + 1));
                let sums = self.sums.wrapping_add(first * filters + column);
                let band = self.band.wrapping_add(column);
                let tile = self.tile(&offsets[first..end], band, column, width, sums);
                // SAFETY: taps and channels lie in the result.
                unsafe { tile.choose_rows::<V, 1, true>() };
            }
        }
    }

    fn tile<'a>(
        &self,
        offsets: &'a [usize],
        band: *const f32,
        column: usize,
        width: usize,
        sums: *mut f32,
    ) -> Tile<'a> {
        let geometry = &self.plan.geometry;
        Tile {
            offsets,
            band,
            gradients: self.gradients.wrapping_add(column),
            outputs: (self.rows, geometry.columns.output / self.plan.places),
            pitch: geometry.rows.stride * self.plan.walk.pitch,
            advance: self.plan.places * geometry.columns.stride * geometry.channels,
            filters: self.plan.places * geometry.filters,
            column,
            width,
            sums,
        }
    }
}

/// Some rows of the result by one or two vectors of filters.
#[derive(Clone, Copy)]
struct Tile<'a> {
    offsets: &'a [usize],
    band: *const f32,
    gradients: *const f32,
    /// Rows, and outputs of each.
    outputs: (usize, usize),
    /// From one row of outputs to the next, and from output to output.
    pitch: usize,
    advance: usize,
    filters: usize,
    /// The first filter, and how many.
    column: usize,
    width: usize,
    sums: *mut f32,
}

/// `LANES`: the pictures' channels lie in lanes too; otherwise each number is spread over a vector.
struct Fixed<'a, const ROWS: usize, const VECTORS: usize, const LANES: bool>(Tile<'a>);

impl Tile<'_> {
    #[inline(always)]
    unsafe fn choose<V: Vector>(self) {
        // SAFETY: passed on to the caller.
        unsafe {
            match self.width > V::LANES {
                true => self.choose_rows::<V, 2, false>(),
                false => self.choose_rows::<V, 1, false>(),
            }
        }
    }

    #[inline(always)]
    unsafe fn choose_rows<V: Vector, const VECTORS: usize, const LANES: bool>(self) {
        // SAFETY: passed on to the caller.
        unsafe {
            match self.offsets.len() {
                1 => V::enter(Fixed::<1, VECTORS, LANES>(self)),
                2 => V::enter(Fixed::<2, VECTORS, LANES>(self)),
                3 => V::enter(Fixed::<3, VECTORS, LANES>(self)),
                4 => V::enter(Fixed::<4, VECTORS, LANES>(self)),
                5 if V::TILE_ROWS >= 5 => V::enter(Fixed::<5, VECTORS, LANES>(self)),
                6 if V::TILE_ROWS >= 6 => V::enter(Fixed::<6, VECTORS, LANES>(self)),
                7 if V::TILE_ROWS >= 7 => V::enter(Fixed::<7, VECTORS, LANES>(self)),
                8 if V::TILE_ROWS >= 8 => V::enter(Fixed::<8, VECTORS, LANES>(self)),
                9 if V::TILE_ROWS >= 9 => V::enter(Fixed::<9, VECTORS, LANES>(self)),
                10 if V::TILE_ROWS >= 10 => V::enter(Fixed::<10, VECTORS, LANES>(self)),
                11 if V::TILE_ROWS >= 11 => V::enter(Fixed::<11, VECTORS, LANES>(self)),
                MAX_ROWS if V::TILE_ROWS >= MAX_ROWS => V::enter(Fixed::<MAX_ROWS, VECTORS, LANES>(self)),
                _ => unreachable!("tiles have up to TILE_ROWS rows"),
            }
        }
    }
}

impl<const ROWS: usize, const VECTORS: usize, const LANES: bool> Kernel for Fixed<'_, ROWS, VECTORS, LANES> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let tile = self.0;
        let offsets: [usize; ROWS] = std::array::from_fn(|row| tile.offsets[row]);
        let last = tile.width - (VECTORS - 1) * V::LANES;
        let partial = last < V::LANES;
        // SAFETY: the caller vouches for the outputs, what they read, and the sums.
        unsafe {
            let mut sums: [[V; VECTORS]; ROWS] = std::array::from_fn(|row| {
                std::array::from_fn(|vector| {
                    let from = tile.sums.add(row * tile.filters + vector * V::LANES);
                    match partial && vector + 1 == VECTORS {
                        true => V::load_partial(from, last),
                        false => V::load(from),
                    }
                })
            });
            let mut slopes = tile.gradients;
            let (rows, columns) = tile.outputs;
            // Behind the filters of an output are those of the next one: only the last outputs are cut off.
            let cut_off =
                if partial { (tile.column + VECTORS * V::LANES).div_ceil(tile.filters) - 1 } else { 0 };
            let whole = (rows * columns).saturating_sub(cut_off);
            for row in 0..rows {
                let mut source = tile.band.wrapping_add(row * tile.pitch);
                let whole = whole.saturating_sub(row * columns).min(columns);
                for _ in 0..whole {
                    let slope: [V; VECTORS] =
                        std::array::from_fn(|vector| V::load(slopes.add(vector * V::LANES)));
                    for (offset, sums) in offsets.iter().zip(&mut sums) {
                        let from = source.wrapping_add(*offset);
                        let factor = if LANES { V::load(from) } else { V::splat(*from) };
                        for (sum, slope) in sums.iter_mut().zip(slope) {
                            *sum = factor.mul_add(slope, *sum);
                        }
                    }
                    source = source.wrapping_add(tile.advance);
                    slopes = slopes.wrapping_add(tile.filters);
                }
                for _ in whole..columns {
                    let slope: [V; VECTORS] = std::array::from_fn(|vector| {
                        let from = slopes.add(vector * V::LANES);
                        if vector + 1 == VECTORS { V::load_partial(from, last) } else { V::load(from) }
                    });
                    for (offset, sums) in offsets.iter().zip(&mut sums) {
                        let from = source.wrapping_add(*offset);
                        let factor = if LANES { V::load_partial(from, last) } else { V::splat(*from) };
                        for (sum, slope) in sums.iter_mut().zip(slope) {
                            *sum = factor.mul_add(slope, *sum);
                        }
                    }
                    source = source.wrapping_add(tile.advance);
                    slopes = slopes.wrapping_add(tile.filters);
                }
            }
            for (row, sums) in sums.into_iter().enumerate() {
                for (vector, sum) in sums.into_iter().enumerate() {
                    let to = tile.sums.add(row * tile.filters + vector * V::LANES);
                    match partial && vector + 1 == VECTORS {
                        true => sum.store_partial(to, last),
                        false => sum.store(to),
                    }
                }
            }
        }
    }
}
