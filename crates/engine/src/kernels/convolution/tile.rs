//! Convolution by tiles: some places of a picture by two vectors of filters, held in registers while the taps and
//! channels run by. Each number of the picture is spread over a vector right where it lies.

use std::ops::Range;

use super::pack::{Panels, pack, room as room_of_panels};
use super::walk::{Phase, Segment, Walk};
use super::{Arrays, ConvolutionPlan, band, beside};
use crate::kernels::matmul::Sink;
use crate::simd::{self, Kernel, Level, MAX_LANES, Vector};

/// The most places in a tile, at any level.
const MAX_PLACES: usize = 12;

/// Numbers of scratch memory, besides a band: sums of a tile, panels.
pub(super) fn room(plan: &ConvolutionPlan) -> usize {
    room_of_sums(plan) + room_of_panels(plan) + plan.wide.as_ref().map_or(0, |wide| beside::room(plan, wide))
}

/// Room for the sums of a tile, and for a panel's width behind them.
fn room_of_sums(plan: &ConvolutionPlan) -> usize {
    (MAX_PLACES * plan.result_channels() * plan.wide.as_ref().map_or(1, |wide| wide.places) + 2 * MAX_LANES)
        .next_multiple_of(16)
}

/// Computes some pictures.
///
/// # Safety
/// As [`run`](super::run).
pub(super) unsafe fn convolve(plan: &ConvolutionPlan, level: Level, pictures: Range<usize>, arrays: Arrays) {
    // SAFETY: handed on.
    unsafe { simd::run(level, Convolve { plan, pictures, arrays }) }
}

struct Convolve<'a, 's> {
    plan: &'a ConvolutionPlan,
    pictures: Range<usize>,
    arrays: Arrays<'s>,
}

impl Kernel for Convolve<'_, '_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Convolve { plan, pictures, arrays } = self;
        let walk = &plan.walk;
        let scratch = arrays.scratch.cast::<f32>();
        // SAFETY: the scratch memory has the plan's size; the arrays are those of the plan.
        unsafe {
            let results = scratch.add(walk.band_numbers());
            let panels = results.add(room_of_sums(plan));
            let mut target = Target::new(plan, arrays.out.cast(), results, arrays.sink);
            let room = panels.add(room_of_panels(plan));
            let side_by_side = match &plan.wide {
                Some(wide) => Some((wide, beside::pack::<V>(plan, wide, arrays.filters.cast(), room))),
                None => None,
            };
            for phase in &walk.phases {
                let mut single = None;
                for picture in pictures.clone() {
                    for rows in walk.bands() {
                        let dtype = plan.geometry.source;
                        let source = arrays.source.add(picture * walk.picture_bytes(dtype));
                        let band = band::rows::<V>(walk, dtype, source, rows.clone(), scratch);
                        let (mut own, mut form) = (walk, phase);
                        let panels = match &side_by_side {
                            Some((wide, panels)) if band::is_finite::<V>(walk, dtype, rows.len(), band) => {
                                (own, form) = (*wide, &wide.phases[0]);
                                *panels
                            }
                            _ => {
                                if single.is_none() {
                                    single = Some(pack::<V>(plan, phase, arrays.filters.cast(), panels));
                                }
                                single.unwrap_unchecked()
                            }
                        };
                        target.channels = own.places * plan.result_channels();
                        target.places = own.places;
                        for stretch in Stretches::new(plan, own, form, picture, rows, band) {
                            stretch.convolve::<V>(plan, &panels, &mut target);
                        }
                    }
                }
            }
        }
    }
}

/// Where sums go.
pub(super) struct Target<'a> {
    out: *mut f32,
    /// Room for the sums of a tile.
    results: *mut f32,
    /// Places that are computed as one, and the channels of all of them.
    places: usize,
    pub channels: usize,
    sink: Option<&'a mut dyn Sink>,
}

impl<'a> Target<'a> {
    pub fn new(
        plan: &ConvolutionPlan,
        out: *mut f32,
        results: *mut f32,
        sink: Option<&'a mut dyn Sink>,
    ) -> Target<'a> {
        Target { out, results, places: 1, channels: plan.result_channels(), sink }
    }

    /// Where the sums of a tile are written first: straight into the result if `direct`, because its places lie
    /// there in one piece.
    #[inline(always)]
    pub fn place(&self, first: usize, direct: bool) -> *mut f32 {
        match direct {
            true => self.out.wrapping_add(first * self.channels),
            false => self.results,
        }
    }

    /// Whether sums that lie in one piece may be written straight into the result.
    #[inline(always)]
    pub fn is_direct(&self) -> bool {
        self.sink.is_none()
    }

    /// Hands the sums of a tile on that were not written into the result: `places` are its rows.
    ///
    /// # Safety
    /// They are in the results.
    #[inline(always)]
    pub unsafe fn finish(&mut self, places: &[usize], adjacent: bool) {
        // SAFETY: the results hold the sums of the tile; its places lie in the result.
        unsafe {
            match &mut self.sink {
                Some(sink) if adjacent => {
                    sink.span(places[0] * self.places, 0, places.len() * self.channels, self.results.cast());
                }
                Some(sink) => {
                    for (number, &place) in places.iter().enumerate() {
                        let sums = self.results.add(number * self.channels);
                        sink.span(place * self.places, 0, self.channels, sums.cast());
                    }
                }
                None if adjacent => {
                    let to = self.out.add(places[0] * self.channels);
                    std::ptr::copy_nonoverlapping(self.results, to, places.len() * self.channels);
                }
                None => {
                    for (number, &place) in places.iter().enumerate() {
                        let to = self.out.add(place * self.channels);
                        std::ptr::copy_nonoverlapping(
                            self.results.add(number * self.channels),
                            to,
                            self.channels,
                        );
                    }
                }
            }
        }
    }
}

/// The results of a phase in a band of one picture, in stretches of rows that read the same taps.
pub(super) struct Stretches<'a> {
    plan: &'a ConvolutionPlan,
    walk: &'a Walk,
    phase: &'a Phase,
    picture: usize,
    rows: Range<usize>,
    band: *const f32,
    /// The first row that the band is for.
    top: usize,
}

impl<'a> Stretches<'a> {
    /// `rows`: those of the phase that `band` is for; `walk`: one of the plan.
    pub fn new(
        plan: &'a ConvolutionPlan,
        walk: &'a Walk,
        phase: &'a Phase,
        picture: usize,
        rows: Range<usize>,
        band: *const f32,
    ) -> Stretches<'a> {
        let end = rows.end.min(walk.rows.phases[phase.rows].count);
        Stretches { plan, walk, phase, picture, top: rows.start, rows: rows.start..end, band }
    }
}

impl<'a> Iterator for Stretches<'a> {
    type Item = Stretch<'a>;

    fn next(&mut self) -> Option<Stretch<'a>> {
        let first = self.rows.start;
        if self.rows.is_empty() {
            return None;
        }
        let (walk, geometry, phase) = (self.walk, &self.plan.geometry, self.phase);
        let (down, right) = (&walk.rows.phases[phase.rows], &walk.columns.phases[phase.columns]);
        let (end, taps) = walk.rows.alike(down, first, self.rows.end);
        self.rows.start = end;
        let length = if self.plan.backwards { geometry.columns.input } else { geometry.columns.output };
        let length = length / walk.places;
        let (segments, of_row) = (phase.segments.len() / down.taps.len().max(1), right.taps.len());
        let advance = (down.advance * walk.pitch, right.advance * walk.channels);
        Some(Stretch {
            segments: &phase.segments[taps.start * segments..taps.end * segments],
            taps: &phase.taps[taps.start * of_row..taps.end * of_row],
            skipped: taps.start * of_row,
            all_taps: phase.taps.len(),
            band: self.band.wrapping_add((first - self.top) * advance.0),
            count: (end - first) * right.count,
            width: right.count,
            advance,
            first: self.picture * (self.plan.result_places() / walk.places)
                + (first * down.step + down.first) * length
                + right.first,
            step: (down.step * length, right.step),
            adjacent: down.step == 1 && right.step == 1,
        })
    }
}

/// Some rows of results of a phase, in one picture; the results are numbered row by row.
pub(super) struct Stretch<'a> {
    /// What each result reads, without what is zeros around the source.
    pub segments: &'a [Segment],
    pub taps: &'a [usize],
    /// Taps of the phase before these, and all of them.
    skipped: usize,
    all_taps: usize,
    band: *const f32,
    /// Results, and those of each row.
    pub count: usize,
    width: usize,
    /// Numbers of the band from row to row of results, and from one result to the next.
    advance: (usize, usize),
    /// The first place of the result, and from one to the next in both directions.
    first: usize,
    step: (usize, usize),
    /// The places lie next to each other in the result.
    pub adjacent: bool,
}

impl Stretch<'_> {
    /// Where results `first..` begin to read, and their places in the result.
    #[inline(always)]
    pub fn locate(&self, first: usize, sources: &mut [*const f32], places: &mut [usize]) {
        let (mut row, mut column) = (first / self.width, first % self.width);
        for (source, place) in sources.iter_mut().zip(places) {
            *source = self.band.wrapping_add(row * self.advance.0 + column * self.advance.1);
            *place = self.first + row * self.step.0 + column * self.step.1;
            column += 1;
            if column == self.width {
                (row, column) = (row + 1, 0);
            }
        }
    }

    #[inline(always)]
    unsafe fn convolve<V: Vector>(&self, plan: &ConvolutionPlan, panels: &Panels, target: &mut Target) {
        let group_channels = plan.walk.channels / plan.geometry.groups;
        // Vectors may be written over the first sums of the next place, which follow.
        let loose = panels.columns == target.channels && panels.columns <= panels.width;
        let direct =
            target.is_direct() && self.adjacent && (!loose || panels.columns.is_multiple_of(V::LANES));
        let skipped = self.skipped * (panels.products / self.all_taps.max(1)) * panels.width;
        let tiles = self.count.div_ceil(V::TILE_ROWS);
        for tile in 0..tiles {
            let border = |tile: usize| self.count * tile / tiles;
            let (first, count) = (border(tile), border(tile + 1) - border(tile));
            let (mut sources, mut places) = ([self.band; MAX_PLACES], [0; MAX_PLACES]);
            self.locate(first, &mut sources[..count], &mut places[..count]);
            let to = target.place(places[0], direct);
            for group in 0..plan.geometry.groups {
                for source in sources.iter_mut().filter(|_| group > 0) {
                    *source = source.wrapping_add(group_channels);
                }
                let mut column = 0;
                while column < panels.columns {
                    let width = panels.width.min(panels.columns - column);
                    let tile = Tile {
                        sources: &sources,
                        segments: self.segments,
                        panel: panels.panel(group, column).wrapping_add(skipped),
                        step: panels.width,
                        width: if loose && !direct { panels.width } else { width },
                        to: to.wrapping_add(group * panels.columns + column),
                        to_step: target.channels,
                    };
                    // SAFETY: the caller vouches for the arrays.
                    unsafe { tile.choose::<V>(count) };
                    column += width;
                }
            }
            if !direct {
                // SAFETY: all columns of the tile have been computed.
                unsafe { target.finish(&places[..count], self.adjacent) };
            }
        }
    }
}

/// A tile of the result: some places, one or two vectors of columns.
#[derive(Clone, Copy)]
struct Tile<'a> {
    sources: &'a [*const f32; MAX_PLACES],
    segments: &'a [Segment],
    panel: *const f32,
    /// Numbers of the panel for each product.
    step: usize,
    /// Columns; more than one vector holds if there are two.
    width: usize,
    to: *mut f32,
    to_step: usize,
}

struct Fixed<'a, const PLACES: usize, const VECTORS: usize>(Tile<'a>);

impl Tile<'_> {
    #[inline(always)]
    unsafe fn choose<V: Vector>(self, places: usize) {
        // SAFETY: passed on to the caller.
        unsafe {
            match self.width > V::LANES {
                true => self.choose_places::<V, 2>(places),
                false => self.choose_places::<V, 1>(places),
            }
        }
    }

    #[inline(always)]
    unsafe fn choose_places<V: Vector, const VECTORS: usize>(self, places: usize) {
        // SAFETY: passed on to the caller.
        unsafe {
            match places {
                1 => V::enter(Fixed::<1, VECTORS>(self)),
                2 => V::enter(Fixed::<2, VECTORS>(self)),
                3 => V::enter(Fixed::<3, VECTORS>(self)),
                4 => V::enter(Fixed::<4, VECTORS>(self)),
                5 if V::TILE_ROWS >= 5 => V::enter(Fixed::<5, VECTORS>(self)),
                6 if V::TILE_ROWS >= 6 => V::enter(Fixed::<6, VECTORS>(self)),
                7 if V::TILE_ROWS >= 7 => V::enter(Fixed::<7, VECTORS>(self)),
                8 if V::TILE_ROWS >= 8 => V::enter(Fixed::<8, VECTORS>(self)),
                9 if V::TILE_ROWS >= 9 => V::enter(Fixed::<9, VECTORS>(self)),
                10 if V::TILE_ROWS >= 10 => V::enter(Fixed::<10, VECTORS>(self)),
                11 if V::TILE_ROWS >= 11 => V::enter(Fixed::<11, VECTORS>(self)),
                12 if V::TILE_ROWS >= 12 => V::enter(Fixed::<12, VECTORS>(self)),
                _ => unreachable!("tiles have up to TILE_ROWS places"),
            }
        }
    }
}

impl<const PLACES: usize, const VECTORS: usize> Kernel for Fixed<'_, PLACES, VECTORS> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let tile = self.0;
        let sources: [*const f32; PLACES] = std::array::from_fn(|place| tile.sources[place]);
        let mut panel = tile.panel;
        // SAFETY: the caller vouches for the segments of each place, the panel and the result.
        unsafe {
            let mut sums = [[V::splat(0.0); VECTORS]; PLACES];
            for segment in tile.segments {
                for product in segment.offset..segment.offset + segment.len {
                    let columns: [V; VECTORS] =
                        std::array::from_fn(|vector| V::load(panel.add(vector * V::LANES)));
                    for (source, sums) in sources.iter().zip(&mut sums) {
                        let factor = V::splat(*source.add(product));
                        for (sum, column) in sums.iter_mut().zip(columns) {
                            *sum = factor.mul_add(column, *sum);
                        }
                    }
                    panel = panel.wrapping_add(tile.step);
                }
            }
            let last = tile.width - (VECTORS - 1) * V::LANES;
            for (place, sums) in sums.into_iter().enumerate() {
                let to = tile.to.add(place * tile.to_step);
                for (vector, sum) in sums.into_iter().enumerate() {
                    let to = to.add(vector * V::LANES);
                    match vector + 1 == VECTORS && last < V::LANES {
                        true => sum.store_partial(to, last),
                        false => sum.store(to),
                    }
                }
            }
        }
    }
}
