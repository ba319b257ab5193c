//! Convolution with one filter for each channel: channels lie in vector lanes, and each number is used once a tap.

use std::ops::Range;

use super::tile::{Stretch, Stretches, Target};
use super::{Arrays, ConvolutionPlan, band};
use crate::simd::{self, Kernel, Level, Vector};

/// Places that are computed together.
const PLACES: usize = 4;

/// Numbers of scratch memory, besides a band: sums of some places.
pub(super) fn room(plan: &ConvolutionPlan) -> usize {
    (PLACES * plan.result_channels()).next_multiple_of(16)
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
        let results = scratch.wrapping_add(walk.band_numbers());
        let mut target = Target::new(plan, arrays.out.cast(), results, arrays.sink);
        for picture in pictures {
            // SAFETY: the picture lies in the source; the scratch memory has the plan's size.
            unsafe {
                let source = arrays.source.add(picture * walk.picture_bytes(plan.geometry.source));
                for rows in walk.bands() {
                    let band = band::rows::<V>(walk, plan.geometry.source, source, rows.clone(), scratch);
                    for phase in &walk.phases {
                        for stretch in Stretches::new(plan, walk, phase, picture, rows.clone(), band) {
                            for first in (0..stretch.count).step_by(PLACES) {
                                let count = PLACES.min(stretch.count - first);
                                some_places::<V>(&stretch, first, count, arrays.filters.cast(), &mut target);
                            }
                        }
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn some_places<V: Vector>(
    stretch: &Stretch,
    first: usize,
    count: usize,
    filters: *const f32,
    target: &mut Target,
) {
    let (mut sources, mut places) = ([std::ptr::null(); PLACES], [0; PLACES]);
    stretch.locate(first, &mut sources[..count], &mut places[..count]);
    // Places that there are not are computed like the first one, and not kept.
    let known = sources[0];
    sources[count..].fill(known);
    let direct = target.is_direct() && stretch.adjacent;
    let to = target.place(places[0], direct);
    let channels = target.channels;
    for channel in (0..channels).step_by(V::LANES) {
        let width = V::LANES.min(channels - channel);
        // SAFETY: the channels lie in the picture, the filters and the result.
        unsafe {
            let mut sums = [V::splat(0.0); PLACES];
            for (segment, tap) in stretch.segments.iter().zip(stretch.taps) {
                let factor = load::<V>(filters.add(tap * channels + channel), width);
                for (sum, source) in sums.iter_mut().zip(sources) {
                    let number = load::<V>(source.add(segment.offset + channel), width);
                    *sum = number.mul_add(factor, *sum);
                }
            }
            for (place, sum) in sums[..count].iter().enumerate() {
                let to = to.add(place * channels + channel);
                if width == V::LANES { sum.store(to) } else { sum.store_partial(to, width) }
            }
        }
    }
    if !direct {
        // SAFETY: all channels of the places have been computed.
        unsafe { target.finish(&places[..count], stretch.adjacent) };
    }
}

/// `count` numbers, up to a vector of them.
#[inline(always)]
unsafe fn load<V: Vector>(from: *const f32, count: usize) -> V {
    // SAFETY: passed on to the caller.
    unsafe { if count == V::LANES { V::load(from) } else { V::load_partial(from, count) } }
}
