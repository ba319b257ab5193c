//! Convolution of `f64`, by plain loops.

use std::ops::Range;

use super::walk::{AxisPhase, AxisWalk};
use super::{Arrays, ConvolutionPlan, Geometry};

/// Which phase a result of an axis belongs to, and its number there.
fn phase_of(walk: &AxisWalk, result: usize) -> (&AxisPhase, usize) {
    let count = walk.phases.len();
    let phase = &walk.phases[result % count];
    (phase, (result - phase.first) / phase.step)
}

/// The place of the source that a result reads with a tap, if it is no zero around the source.
fn place(walk: &AxisWalk, phase: &AxisPhase, number: usize, offset: usize) -> Option<usize> {
    (number * phase.advance + offset).checked_sub(walk.before).filter(|&place| place < walk.source)
}

/// Computes some pictures.
///
/// # Safety
/// As [`run`](super::run).
pub(super) unsafe fn convolve(plan: &ConvolutionPlan, pictures: Range<usize>, mut arrays: Arrays) {
    let channels = plan.result_channels();
    let width = match plan.backwards {
        true => plan.geometry.columns.input,
        false => plan.geometry.columns.output,
    };
    let places = plan.result_places();
    for place in pictures.start * places..pictures.end * places {
        // SAFETY: the place lies in the result; the scratch memory has room for its sums.
        unsafe {
            let sums = match arrays.sink {
                Some(_) => arrays.scratch.cast::<f64>(),
                None => arrays.out.cast::<f64>().add(place * channels),
            };
            let sums = std::slice::from_raw_parts_mut(sums, channels);
            sums.fill(0.0);
            let within = place % places;
            add(plan, place / places, within / width, within % width, &arrays, sums);
            if let Some(sink) = &mut arrays.sink {
                sink.span(place, 0, channels, sums.as_ptr().cast());
            }
        }
    }
}

/// Adds the products of one place to its sums.
unsafe fn add(
    plan: &ConvolutionPlan,
    picture: usize,
    row: usize,
    column: usize,
    arrays: &Arrays,
    sums: &mut [f64],
) {
    let (walk, geometry) = (&plan.walk, &plan.geometry);
    let (down, row) = phase_of(&walk.rows, row);
    let (right, column) = phase_of(&walk.columns, column);
    for &(y, tap_row) in &down.taps {
        for &(x, tap_column) in &right.taps {
            let inside = (place(&walk.rows, down, row, y), place(&walk.columns, right, column, x));
            let (Some(y), Some(x)) = inside else { continue };
            let source = ((picture * walk.rows.source + y) * walk.columns.source + x) * walk.channels;
            let tap = tap_row * geometry.columns.taps + tap_column;
            // SAFETY: both places lie in their arrays.
            unsafe {
                let source = arrays.source.cast::<f64>().add(source);
                let filters = arrays.filters.cast::<f64>();
                add_tap(geometry, plan.backwards, source, filters, tap, sums);
            }
        }
    }
}

/// Adds the products of one tap. Forwards, a sum is a filter's; backwards, a channel's.
unsafe fn add_tap(
    geometry: &Geometry,
    backwards: bool,
    source: *const f64,
    filters: *const f64,
    tap: usize,
    sums: &mut [f64],
) {
    let (group_channels, group_filters) = (geometry.group_channels(), geometry.group_filters());
    for group in 0..geometry.groups {
        for within in 0..group_channels {
            let channel = group * group_channels + within;
            let row = (tap * group_channels + within) * geometry.filters;
            for filter in group * group_filters..(group + 1) * group_filters {
                // SAFETY: channel and filter lie in their arrays.
                unsafe {
                    let weight = *filters.add(row + filter);
                    match backwards {
                        true => sums[channel] += weight * *source.add(filter),
                        false => sums[filter] += weight * *source.add(channel),
                    }
                }
            }
        }
    }
}

/// Adds the products of some pictures to a part's sums.
///
/// # Safety
/// The arrays are those of the geometry, and `sums` has room for the filters.
pub(super) unsafe fn filters(
    geometry: &Geometry,
    pictures: Range<usize>,
    sources: *const u8,
    gradients: *const u8,
    sums: *mut u8,
) {
    let Geometry { rows, columns, channels, filters, .. } = *geometry;
    let (group_channels, group_filters) = (geometry.group_channels(), geometry.group_filters());
    let (sources, gradients, sums) = (sources.cast::<f64>(), gradients.cast::<f64>(), sums.cast::<f64>());
    let outputs = rows.output * columns.output;
    for output in pictures.start * outputs..pictures.end * outputs {
        let (picture, within) = (output / outputs, output % outputs);
        let (row, column) = (within / columns.output, within % columns.output);
        for tap in 0..geometry.taps() {
            let y = row * rows.stride + tap / columns.taps * rows.dilation;
            let x = column * columns.stride + tap % columns.taps * columns.dilation;
            let inside = |place: usize, before: usize, length: usize| {
                place.checked_sub(before).filter(|&place| place < length)
            };
            let places = (inside(y, rows.before, rows.input), inside(x, columns.before, columns.input));
            let (Some(y), Some(x)) = places else { continue };
            let source = ((picture * rows.input + y) * columns.input + x) * channels;
            for channel in 0..channels {
                let first = channel / group_channels * group_filters;
                for filter in first..first + group_filters {
                    // SAFETY: all places lie in their arrays.
                    unsafe {
                        let factor = *sources.add(source + channel);
                        let slope = *gradients.add(output * filters + filter);
                        let row = tap * group_channels + channel % group_channels;
                        *sums.add(row * filters + filter) += factor * slope;
                    }
                }
            }
        }
    }
}
