//! Few channels of a result leave most lanes of a vector empty: places that lie side by side share it.
//!
//! `n` places beside each other, with `c` channels each, are one place with `n * c` channels: they lie in the result in
//! this way already. Together they read `taps + n - 1` columns of the source, and a column has for each of them the filter
//! of another tap, or zeros. So the kernels stay as they are; only the walk and the filters differ. Zeros change no sum
//! unless they meet infinity or NaN: bands that have such numbers are computed without this.
//!
//! LeNet-5, batch 128, AVX-512: its gradient to the pictures (6 channels) and its first layer (6 filters) take about half
//! of the time.

use super::pack::{Panels, lengths};
use super::walk::{AxisPhase, Walk};
use super::{Axis, ConvolutionPlan, Geometry};
use crate::ir::program::Dtype;
use crate::simd::{Level, MAX_LANES, Vector};

/// The vectors that each of several forms needs must be fewer by this factor.
const GAIN: f64 = 0.8;

/// How many places with `channels` channels should share vectors; 1 if that does not pay.
pub(super) fn places(
    geometry: &Geometry,
    columns: &Axis,
    width: usize,
    channels: usize,
    level: Level,
) -> usize {
    let plain = geometry.groups == 1 && columns.stride == 1 && columns.dilation == 1 && columns.taps > 0;
    if !plain || geometry.result() == Dtype::F64 || channels == 0 {
        return 1;
    }
    let vectors = |places: usize| {
        let taps = columns.taps + places - 1;
        ((places * channels).div_ceil(level.lanes()) * taps) as f64 / places as f64
    };
    let fitting = (2..=2 * level.lanes() / channels).filter(|places| width.is_multiple_of(*places));
    let best = fitting.min_by(|one, other| vectors(*one).total_cmp(&vectors(*other)));
    best.filter(|&places| width > 0 && vectors(places) <= GAIN * vectors(1)).unwrap_or(1)
}

/// The walk of `places` places that are computed together, from that of single ones.
pub(super) fn widen(walk: &Walk, geometry: &Geometry, places: usize) -> Walk {
    let columns = &walk.columns.phases[0];
    let first = columns.taps[0].0;
    let phase = AxisPhase {
        first: 0,
        step: 1,
        count: columns.count / places,
        advance: places,
        taps: (0..geometry.columns.taps + places - 1).map(|tap| (first + tap, tap)).collect(),
    };
    let mut wide = walk.clone();
    wide.columns.phases = vec![phase];
    wide.places = places;
    wide.find_phases(geometry);
    wide
}

/// Numbers that the filters for places side by side need.
pub(super) fn room(plan: &ConvolutionPlan, wide: &Walk) -> usize {
    let (products, columns) = lengths(plan);
    wide.phases[0].taps.len() * products * (wide.places * columns + 2 * MAX_LANES)
}

/// Lays the filters out for places side by side.
///
/// # Safety
/// As [`pack`](super::pack::pack); `wide` is a wide walk of the plan.
#[inline(always)]
pub(super) unsafe fn pack<V: Vector>(
    plan: &ConvolutionPlan,
    wide: &Walk,
    filters: *const f32,
    to: *mut f32,
) -> Panels {
    let geometry = &plan.geometry;
    let (products, columns) = lengths(plan);
    let (phase, all) = (&wide.phases[0], wide.places * columns);
    let width = if all > V::LANES { 2 * V::LANES } else { V::LANES };
    let taps = geometry.columns.taps;
    let panels = Panels { at: to, width, products: phase.taps.len() * products, columns: all };
    // SAFETY: the caller vouches for the room; taps, channels and filters lie in the array.
    unsafe {
        std::ptr::write_bytes(to, 0, panels.products * width);
        for (number, &tap) in phase.taps.iter().enumerate() {
            let (row, column) = (tap / (taps + wide.places - 1), tap % (taps + wide.places - 1));
            for place in column.saturating_sub(taps - 1)..wide.places.min(column + 1) {
                let own = if plan.backwards { taps - 1 - (column - place) } else { column - place };
                let from = filters.add((row * taps + own) * geometry.channels * geometry.filters);
                let to = to.add(number * products * width + place * columns);
                for product in 0..products {
                    for column in 0..columns {
                        let place = match plan.backwards {
                            true => column * geometry.filters + product,
                            false => product * geometry.filters + column,
                        };
                        *to.add(product * width + column) = *from.add(place);
                    }
                }
            }
        }
    }
    panels
}

/// Adds sums of places side by side up: those of tap `t` are at column `t + place` of the wide ones.
///
/// # Safety
/// Both have the numbers that the walk and the geometry say.
pub(super) unsafe fn fold(geometry: &Geometry, places: usize, wide: *const f32, sums: *mut f32) {
    let Geometry { rows, columns, channels, filters, .. } = *geometry;
    for row in 0..rows.taps {
        for tap in 0..columns.taps {
            for channel in 0..channels {
                for filter in 0..filters {
                    let from = |place: usize| {
                        let column = row * (columns.taps + places - 1) + tap + place;
                        ((column * channels + channel) * places + place) * filters + filter
                    };
                    let to = ((row * columns.taps + tap) * channels + channel) * filters + filter;
                    // SAFETY: handed on.
                    unsafe { *sums.add(to) = (0..places).map(|place| *wide.add(from(place))).sum() };
                }
            }
        }
    }
}
