//! Convolution of pictures `[batch, rows, columns, channels]`, and its gradients.
//!
//! No matrix of windows is ever made. A `Walk` says for each result which places of the source it reads: the
//! same form for the convolution and for its gradient to the pictures, which reads the taps in reverse order and,
//! with strides, splits the results into phases that read different taps. `band` copies some rows of a picture with
//! zeros around them, where they cannot be read in place; `beside` computes several places as one where channels are few.
//! The kernels are `tile` (filters in vector lanes), `depthwise`
//! (channels in lanes), `filters` (the gradient to the filters) and `double` for `f64`.
//!
//! Work is cut by pictures. The order of every sum depends on the shapes alone.

use std::ops::Range;

use crate::ir::program::Dtype;
use crate::kernels::matmul::Sink;
use crate::simd::Level;

pub(crate) mod band;
mod beside;
mod depthwise;
mod double;
pub mod filters;
mod pack;
mod tile;
pub(crate) mod walk;

use walk::Walk;

/// One of the two axes that filters move along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Length of the pictures.
    pub input: usize,
    /// Length of what comes out.
    pub output: usize,
    /// Length of a filter.
    pub taps: usize,
    /// From one output to the next.
    pub stride: usize,
    /// From one tap to the next.
    pub dilation: usize,
    /// Zeros before the pictures.
    pub before: usize,
}

/// Shapes of a convolution, whichever of the three arrays is the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// How many pictures.
    pub batch: usize,
    /// Along the height.
    pub rows: Axis,
    /// Along the width.
    pub columns: Axis,
    /// Of the pictures.
    pub channels: usize,
    /// Channels of what comes out.
    pub filters: usize,
    /// Divides channels and filters.
    pub groups: usize,
    /// Of the pictures that are read: `F32`, `U8` or `F64`.
    pub source: Dtype,
}

impl Geometry {
    /// Channels that one filter reads.
    pub fn group_channels(&self) -> usize {
        self.channels / self.groups
    }

    /// Filters that read the same channels.
    pub fn group_filters(&self) -> usize {
        self.filters / self.groups
    }

    /// Taps of a filter.
    pub fn taps(&self) -> usize {
        self.rows.taps * self.columns.taps
    }

    /// Every channel has one filter of its own.
    pub fn is_depthwise(&self) -> bool {
        self.groups > 1 && self.groups == self.channels && self.groups == self.filters
    }

    /// Rough time of any of the three on one thread, in nanoseconds.
    pub fn cost(&self) -> f64 {
        let outputs = self.batch * self.rows.output * self.columns.output * self.filters;
        2.0 * outputs as f64 * (self.taps() * self.group_channels()) as f64 / 60.0
    }

    /// The element type of results.
    pub fn result(&self) -> Dtype {
        if self.source == Dtype::F64 { Dtype::F64 } else { Dtype::F32 }
    }
}

/// A convolution, or its gradient to the pictures, ready to run.
#[derive(Clone, Debug)]
pub struct ConvolutionPlan {
    /// The shapes.
    pub geometry: Geometry,
    /// The gradient to the pictures.
    pub backwards: bool,
    pub(crate) walk: Walk,
    /// The same for places side by side that are computed as one, where that pays.
    wide: Option<Walk>,
    /// Bytes of scratch memory, aligned to 64, that each thread needs for itself.
    pub scratch_bytes: usize,
    level: Level,
}

/// What a convolution reads and writes.
pub struct Arrays<'a> {
    /// Pictures, or gradients of outputs.
    pub source: *const u8,
    /// `[taps, taps, channels / groups, filters]`.
    pub filters: *const u8,
    /// The whole result; may be null with a sink.
    pub out: *mut u8,
    /// Private memory.
    pub scratch: *mut u8,
    /// Takes the sums instead of `out`: a row for each place of a picture, a column for each channel.
    pub sink: Option<&'a mut dyn Sink>,
}

/// Plans a convolution (or, `backwards`, its gradient to the pictures).
pub fn plan(geometry: Geometry, backwards: bool, level: Level) -> ConvolutionPlan {
    let walk = Walk::new(&geometry, backwards);
    let mut plan = ConvolutionPlan { geometry, backwards, walk, wide: None, scratch_bytes: 0, level };
    let columns = &geometry.columns;
    let width = if backwards { columns.input } else { columns.output };
    let places = beside::places(&geometry, columns, width, plan.result_channels(), level);
    plan.wide = (places > 1).then(|| beside::widen(&plan.walk, &geometry, places));
    let numbers = match geometry.result() {
        Dtype::F64 => 2 * plan.result_channels(),
        _ if geometry.is_depthwise() => plan.walk.band_numbers() + depthwise::room(&plan),
        _ => plan.walk.band_numbers() + tile::room(&plan),
    };
    plan.scratch_bytes = numbers * 4;
    plan
}

impl ConvolutionPlan {
    /// The source needs no zeros around it.
    pub fn reads_in_place(&self) -> bool {
        self.walk.in_place
    }

    /// Channels of the result.
    pub fn result_channels(&self) -> usize {
        if self.backwards { self.geometry.channels } else { self.geometry.filters }
    }

    /// Places of a picture of the result.
    pub fn result_places(&self) -> usize {
        let Geometry { rows, columns, .. } = self.geometry;
        if self.backwards { rows.input * columns.input } else { rows.output * columns.output }
    }
}

/// Computes some pictures of the result.
///
/// # Safety
/// The arrays are those of the geometry; the scratch memory has the plan's size and is aligned to 64; nobody
/// else uses it, or these pictures of the result.
pub unsafe fn run(plan: &ConvolutionPlan, pictures: Range<usize>, arrays: Arrays) {
    // SAFETY: handed on; the level was found on this machine.
    unsafe {
        match plan.geometry.result() {
            Dtype::F64 => double::convolve(plan, pictures, arrays),
            _ if plan.geometry.is_depthwise() => depthwise::convolve(plan, plan.level, pictures, arrays),
            _ => tile::convolve(plan, plan.level, pictures, arrays),
        }
    }
}
