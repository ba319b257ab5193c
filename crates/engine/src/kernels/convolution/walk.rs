//! Which places of the source each result reads.

use std::ops::Range;

use super::{Axis, Geometry};
use crate::ir::program::Dtype;

/// Rows of a picture that are copied at once have up to about so many numbers.
const BAND: usize = 1 << 14;

/// Results of one axis that read the same taps: `first, first + step, ...`
///
/// Number `t` of them reads the places `t * advance + offset` of the padded source, for each tap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AxisPhase {
    pub first: usize,
    pub step: usize,
    pub count: usize,
    pub advance: usize,
    /// (offset, tap), by rising offset.
    pub taps: Vec<(usize, usize)>,
}

/// All results of one axis.
#[derive(Clone, Debug)]
pub(crate) struct AxisWalk {
    /// Length of the source.
    pub source: usize,
    /// Zeros before the source.
    pub before: usize,
    /// Places that are read of the padded source.
    pub length: usize,
    pub phases: Vec<AxisPhase>,
}

impl AxisWalk {
    /// A result reads `taps` places that are `stride` further on for the next one.
    pub fn forwards(axis: &Axis) -> AxisWalk {
        let taps = (0..axis.taps).map(|tap| (tap * axis.dilation, tap)).collect();
        let phase = AxisPhase { first: 0, step: 1, count: axis.output, advance: axis.stride, taps };
        AxisWalk::of(axis.input, axis.before, vec![phase])
    }

    /// Place `y` of the pictures reads the outputs `(y + before - tap * dilation) / stride` that are whole.
    pub fn backwards(axis: &Axis) -> AxisWalk {
        let offset = |first: usize, tap: usize| {
            let distance = (first + axis.before) as isize - (tap * axis.dilation) as isize;
            (distance % axis.stride as isize == 0).then(|| distance / axis.stride as isize)
        };
        let firsts = 0..axis.stride.min(axis.input);
        let all = firsts.clone().flat_map(|first| (0..axis.taps).filter_map(move |tap| offset(first, tap)));
        let before = all.min().unwrap_or(0).min(0).unsigned_abs();
        let phases = firsts.map(|first| {
            let placed = |tap| Some((offset(first, tap)? + before as isize, tap));
            let taps = (0..axis.taps).rev().filter_map(placed);
            AxisPhase {
                first,
                step: axis.stride,
                count: (axis.input - first).div_ceil(axis.stride),
                advance: 1,
                taps: taps.map(|(offset, tap)| (offset as usize, tap)).collect(),
            }
        });
        AxisWalk::of(axis.output, before, phases.collect())
    }

    fn of(source: usize, before: usize, phases: Vec<AxisPhase>) -> AxisWalk {
        let reach = |phase: &AxisPhase| match (phase.count, phase.taps.last()) {
            (count @ 1.., Some((offset, _))) => (count - 1) * phase.advance + offset + 1,
            _ => 0,
        };
        let length = phases.iter().map(reach).max().unwrap_or(0);
        AxisWalk { source, before, length, phases }
    }

    /// The source holds all places that are read.
    fn needs_no_zeros(&self) -> bool {
        self.before == 0 && self.length <= self.source
    }

    /// How far the taps of one result reach.
    fn span(&self) -> usize {
        let last = self.phases.iter().filter_map(|phase| phase.taps.last());
        last.map(|(offset, _)| offset + 1).max().unwrap_or(1)
    }

    /// Results of a phase that follow each other and whose taps lie in the source or not in the same way, from
    /// `first` on and before `end`: where they end, and the taps that lie in it.
    pub fn alike(&self, phase: &AxisPhase, first: usize, end: usize) -> (usize, Range<usize>) {
        let inside = |result: usize| {
            let place = |&(offset, _): &(usize, usize)| result * phase.advance + offset;
            let low = phase.taps.partition_point(|tap| place(tap) < self.before);
            let high = phase.taps.partition_point(|tap| place(tap) < self.before + self.source);
            low.min(high)..high
        };
        let own = inside(first);
        let next = (first + 1..end).find(|&result| inside(result) != own);
        (next.unwrap_or(end), own)
    }

    pub fn advance(&self) -> usize {
        self.phases.first().map_or(1, |phase| phase.advance)
    }

    /// Results of the phase that has the most.
    pub fn results(&self) -> usize {
        self.phases.iter().map(|phase| phase.count).max().unwrap_or(0)
    }
}

/// Numbers that lie next to each other in the source, from `offset` on behind a result's first place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub offset: usize,
    pub len: usize,
}

/// Results that read the same taps.
#[derive(Clone, Debug)]
pub(crate) struct Phase {
    /// Numbers of the phases of both axes.
    pub rows: usize,
    pub columns: usize,
    /// Of one group, in the order of `taps`; as many for each row of taps.
    pub segments: Vec<Segment>,
    /// The taps, in the order in which the sums take them.
    pub taps: Vec<usize>,
}

/// Which places of the source all results read.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    pub rows: AxisWalk,
    pub columns: AxisWalk,
    pub phases: Vec<Phase>,
    /// Channels of the source.
    pub channels: usize,
    /// The source is read where it lies.
    pub in_place: bool,
    /// Numbers from row to row, of what is read.
    pub pitch: usize,
    /// Results of a phase's rows that one band is for.
    pub band_results: usize,
    /// Places that lie side by side and are computed as one; see `beside`.
    pub places: usize,
}

impl Walk {
    pub fn new(geometry: &Geometry, backwards: bool) -> Walk {
        let axis = if backwards { AxisWalk::backwards } else { AxisWalk::forwards };
        let (rows, columns) = (axis(&geometry.rows), axis(&geometry.columns));
        let channels = if backwards { geometry.filters } else { geometry.channels };
        let in_place = geometry.source == Dtype::F32 && rows.needs_no_zeros() && columns.needs_no_zeros();
        let pitch = channels * if in_place { columns.source } else { columns.length };
        let fitting = (BAND / pitch.max(1)).saturating_sub(rows.span()) / rows.advance() + 1;
        let all = rows.results().max(1);
        let band_results = if in_place { all } else { all.div_ceil(all.div_ceil(fitting)) };
        let phases = Vec::new();
        let mut walk = Walk { rows, columns, phases, channels, in_place, pitch, band_results, places: 1 };
        walk.find_phases(geometry);
        walk
    }

    /// Pairs the phases of both axes.
    pub fn find_phases(&mut self, geometry: &Geometry) {
        let length = self.channels / geometry.groups;
        let rows = 0..self.rows.phases.len();
        let pairs = rows.flat_map(|row| (0..self.columns.phases.len()).map(move |column| (row, column)));
        self.phases = pairs.map(|(row, column)| self.phase(row, column, length, geometry)).collect();
    }

    fn phase(&self, rows: usize, columns: usize, length: usize, geometry: &Geometry) -> Phase {
        let mut phase = Phase { rows, columns, segments: Vec::new(), taps: Vec::new() };
        for &(down, row) in &self.rows.phases[rows].taps {
            for &(right, column) in &self.columns.phases[columns].taps {
                let offset = down * self.pitch + right * self.channels;
                phase.taps.push(row * (geometry.columns.taps + self.places - 1) + column);
                let begins = column == self.columns.phases[columns].taps[0].1;
                match phase.segments.last_mut() {
                    Some(last) if geometry.groups == 1 && !begins && last.offset + last.len == offset => {
                        last.len += length;
                    }
                    _ => phase.segments.push(Segment { offset, len: length }),
                }
            }
        }
        phase
    }

    /// Rows of the padded source that some results of a band read.
    pub fn rows_read(&self, results: usize) -> usize {
        results.saturating_sub(1) * self.rows.advance() + self.rows.span()
    }

    /// Rows of the padded source that a band of results reads.
    pub fn band_rows(&self) -> usize {
        self.rows_read(self.band_results)
    }

    /// Numbers of a band that is copied; a multiple of 16.
    pub fn band_numbers(&self) -> usize {
        if self.in_place { 0 } else { (self.band_rows() * self.pitch).next_multiple_of(16) }
    }

    /// The results of the rows, a band at a time.
    pub fn bands(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (all, step) = (self.rows.results(), self.band_results);
        (0..all).step_by(step).map(move |first| first..all.min(first + step))
    }

    /// Bytes of one picture of the source.
    pub fn picture_bytes(&self, dtype: Dtype) -> usize {
        self.rows.source * self.columns.source * self.channels * dtype.size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Axis = Axis { input: 5, output: 5, taps: 3, stride: 1, dilation: 1, before: 1 };

    #[test]
    fn a_convolution_has_one_phase() {
        let walk = AxisWalk::forwards(&Axis { stride: 2, output: 3, ..PLAIN });
        assert_eq!((walk.source, walk.before, walk.length), (5, 1, 7));
        let taps = vec![(0, 0), (1, 1), (2, 2)];
        assert_eq!(walk.phases, [AxisPhase { first: 0, step: 1, count: 3, advance: 2, taps }]);
    }

    #[test]
    fn its_gradient_reads_the_taps_in_reverse() {
        let walk = AxisWalk::backwards(&PLAIN);
        assert_eq!((walk.source, walk.before, walk.length), (5, 1, 7));
        assert_eq!(walk.phases[0].taps, [(0, 2), (1, 1), (2, 0)]);
    }

    #[test]
    fn with_strides_results_read_different_taps() {
        // Output o reads the places 2o - 1, 2o and 2o + 1.
        let walk = AxisWalk::backwards(&Axis { stride: 2, output: 3, ..PLAIN });
        assert_eq!((walk.source, walk.before, walk.length), (3, 0, 3));
        let even = AxisPhase { first: 0, step: 2, count: 3, advance: 1, taps: vec![(0, 1)] };
        let odd = AxisPhase { first: 1, step: 2, count: 2, advance: 1, taps: vec![(0, 2), (1, 0)] };
        assert_eq!(walk.phases, [even, odd]);
    }
}
