//! Convolution and pooling against plain loops in `f64`.

use crate::common::{Noise, aligned, aligned_start};
use tensorlet_engine::ir::program::Dtype;
use tensorlet_engine::kernels::convolution::filters::{FilterArrays, FilterPlan};
use tensorlet_engine::kernels::convolution::{self, Arrays, Axis, Geometry};
use tensorlet_engine::kernels::matmul::Sink;
use tensorlet_engine::kernels::pooling::{self, Pooling, PoolingPlan};
use tensorlet_engine::simd::Level;

fn axis(input: usize, taps: usize, stride: usize, dilation: usize, before: usize, after: usize) -> Axis {
    let reach = (taps - 1) * dilation + 1;
    let output = (input + before + after + stride).saturating_sub(reach) / stride;
    Axis { input, output, taps, stride, dilation, before }
}

/// Shapes around the lanes and tiles, one tap and many, strides, dilations, groups, zeros on one side only.
fn geometries() -> Vec<Geometry> {
    let plain = |length, taps| axis(length, taps, 1, 1, 0, 0);
    let same = |length, taps| axis(length, taps, 1, 1, (taps - 1) / 2, taps / 2);
    let make = |batch, rows, columns, channels, filters, groups| Geometry {
        batch,
        rows,
        columns,
        channels,
        filters,
        groups,
        source: Dtype::F32,
    };
    let mut all = vec![
        make(3, same(7, 5), same(6, 5), 1, 6, 1),
        make(2, plain(14, 5), plain(14, 5), 6, 16, 1),
        make(2, same(9, 3), same(11, 3), 5, 17, 1),
        make(2, axis(9, 3, 2, 1, 0, 1), axis(8, 3, 2, 1, 1, 0), 3, 33, 1),
        make(1, axis(12, 3, 1, 3, 3, 3), axis(7, 2, 3, 1, 1, 0), 4, 9, 1),
        make(2, plain(5, 2), axis(6, 1, 3, 1, 0, 0), 8, 3, 1),
        make(2, same(6, 3), same(5, 3), 6, 4, 2),
        make(2, same(6, 3), same(7, 3), 19, 19, 19),
        make(1, axis(9, 3, 2, 1, 1, 1), axis(9, 2, 2, 1, 0, 0), 16, 16, 16),
        make(2, plain(1, 1), plain(40, 7), 3, 50, 1),
        make(1, same(70, 3), same(61, 3), 7, 2, 1),
        make(2, same(8, 3), same(16, 3), 4, 1, 1),
        make(3, plain(6, 3), plain(12, 5), 1, 3, 1),
        make(1, same(5, 2), same(30, 4), 2, 5, 1),
        make(0, plain(4, 2), plain(4, 2), 2, 3, 1),
    ];
    let bytes: Vec<Geometry> = all[..4].iter().map(|one| Geometry { source: Dtype::U8, ..*one }).collect();
    let doubles: Vec<Geometry> =
        all[3..8].iter().map(|one| Geometry { source: Dtype::F64, ..*one }).collect();
    all.extend(bytes);
    all.extend(doubles);
    all
}

/// Bytes of an array of this type, and its numbers.
fn array(dtype: Dtype, len: usize, noise: &mut Noise) -> (Vec<u8>, Vec<f64>) {
    let numbers: Vec<f64> = match dtype {
        Dtype::U8 => (0..len).map(|_| (noise.word() >> 56) as f64).collect(),
        _ => (0..len).map(|_| f64::from(noise.number())).collect(),
    };
    let bytes = match dtype {
        Dtype::U8 => numbers.iter().map(|&number| number as u8).collect(),
        Dtype::F64 => numbers.iter().flat_map(|number| number.to_ne_bytes()).collect(),
        _ => numbers.iter().flat_map(|&number| (number as f32).to_ne_bytes()).collect(),
    };
    (bytes, numbers)
}

fn read(dtype: Dtype, bytes: &[u8]) -> Vec<f64> {
    match dtype {
        Dtype::F64 => bytes.chunks(8).map(|one| f64::from_ne_bytes(one.try_into().unwrap())).collect(),
        _ => bytes.chunks(4).map(|one| f32::from_ne_bytes(one.try_into().unwrap()).into()).collect(),
    }
}

/// Calls with the places in pictures, filters and outputs that are multiplied with each other.
fn products(g: &Geometry, mut visit: impl FnMut(usize, usize, usize)) {
    let (group_channels, group_filters) = (g.channels / g.groups, g.filters / g.groups);
    for output in 0..g.batch * g.rows.output * g.columns.output {
        let (picture, within) =
            (output / (g.rows.output * g.columns.output), output % (g.rows.output * g.columns.output));
        for tap in 0..g.rows.taps * g.columns.taps {
            let place = |axis: &Axis, output: usize, tap: usize| {
                (output * axis.stride + tap * axis.dilation)
                    .checked_sub(axis.before)
                    .filter(|&place| place < axis.input)
            };
            let y = place(&g.rows, within / g.columns.output, tap / g.columns.taps);
            let x = place(&g.columns, within % g.columns.output, tap % g.columns.taps);
            let (Some(y), Some(x)) = (y, x) else { continue };
            let source = ((picture * g.rows.input + y) * g.columns.input + x) * g.channels;
            for filter in 0..g.filters {
                let group = filter / group_filters;
                for channel in 0..group_channels {
                    visit(
                        source + group * group_channels + channel,
                        (tap * group_channels + channel) * g.filters + filter,
                        output * g.filters + filter,
                    );
                }
            }
        }
    }
}

fn lengths(g: &Geometry) -> (usize, usize, usize) {
    (
        g.batch * g.rows.input * g.columns.input * g.channels,
        g.rows.taps * g.columns.taps * (g.channels / g.groups) * g.filters,
        g.batch * g.rows.output * g.columns.output * g.filters,
    )
}

#[track_caller]
fn assert_close(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(1.0f64, |largest, one| largest.max(one.abs()));
    for (place, (one, other)) in found.iter().zip(expected).enumerate() {
        assert!((one - other).abs() <= 2e-6 * scale, "{what}: {one} and not {other} at {place}");
    }
}

/// Notes where sums arrive, and that each arrives once.
struct Collect {
    columns: usize,
    sums: Vec<u32>,
    seen: Vec<bool>,
}

impl Sink for Collect {
    unsafe fn span(&mut self, row: usize, column: usize, len: usize, sums: *const u8) {
        let start = row * self.columns + column;
        for i in 0..len {
            assert!(!std::mem::replace(&mut self.seen[start + i], true), "a sum came twice");
            // SAFETY: the kernel hands `len` numbers on.
            self.sums[start + i] = unsafe { *sums.cast::<u32>().add(i) };
        }
    }
}

fn convolve(
    g: &Geometry,
    backwards: bool,
    level: Level,
    source: &[u8],
    filters: &[u8],
    step: usize,
) -> Vec<u8> {
    let plan = convolution::plan(*g, backwards, level);
    let bytes = g.batch * plan.result_places() * plan.result_channels() * g.result().size();
    let (mut out, mut scratch) = (aligned(bytes), aligned(plan.scratch_bytes));
    let (out, scratch) = (aligned_start(&mut out), aligned_start(&mut scratch));
    for first in (0..g.batch).step_by(step) {
        let arrays = Arrays { source: source.as_ptr(), filters: filters.as_ptr(), out, scratch, sink: None };
        // SAFETY: the arrays are those of the plan.
        unsafe { convolution::run(&plan, first..g.batch.min(first + step), arrays) };
    }
    if g.result() == Dtype::F32 && g.batch > 0 {
        let mut collect = Collect {
            columns: plan.result_channels(),
            sums: vec![0; bytes / 4],
            seen: vec![false; bytes / 4],
        };
        let sink = Some(&mut collect as &mut dyn Sink);
        let arrays = Arrays {
            source: source.as_ptr(),
            filters: filters.as_ptr(),
            out: std::ptr::null_mut(),
            scratch,
            sink,
        };
        // SAFETY: as above; the sums go to the sink.
        unsafe { convolution::run(&plan, 0..g.batch, arrays) };
        assert!(collect.seen.iter().all(|seen| *seen));
        // SAFETY: the result has been written.
        let direct = unsafe { std::slice::from_raw_parts(out.cast::<u32>(), bytes / 4) };
        assert_eq!(collect.sums, direct, "through a sink, and in one piece: {g:?}");
    }
    // SAFETY: the result has been written.
    unsafe { std::slice::from_raw_parts(out, bytes) }.to_vec()
}

pub fn convolutions_of_all_shapes(level: Level) {
    let mut noise = Noise(11);
    for g in geometries() {
        let (pictures, filters, outputs) = lengths(&g);
        let (x_bytes, x) = array(g.source, pictures, &mut noise);
        let (w_bytes, w) = array(g.result(), filters, &mut noise);
        let mut expected = vec![0.0; outputs];
        products(&g, |source, filter, output| expected[output] += x[source] * w[filter]);
        let found = convolve(&g, false, level, &x_bytes, &w_bytes, 1);
        assert_close(&read(g.result(), &found), &expected, &format!("{g:?}"));
    }
}

/// A number that is not finite reaches the places whose filters read it, and no others.
pub fn not_finite_pictures(level: Level) {
    let mut noise = Noise(14);
    for bad in [f32::NAN, f32::INFINITY] {
        for g in geometries().into_iter().filter(|g| g.source == Dtype::F32 && g.batch > 0) {
            let (pictures, filters, outputs) = lengths(&g);
            let (_, mut x) = array(Dtype::F32, pictures, &mut noise);
            let (w_bytes, w) = array(Dtype::F32, filters, &mut noise);
            x[pictures / 2] = bad.into();
            let x_bytes: Vec<u8> = x.iter().flat_map(|&number| (number as f32).to_ne_bytes()).collect();
            let mut expected = vec![0.0; outputs];
            products(&g, |source, filter, output| expected[output] += x[source] * w[filter]);
            let found = read(Dtype::F32, &convolve(&g, false, level, &x_bytes, &w_bytes, 1));
            for (place, (one, other)) in found.iter().zip(&expected).enumerate() {
                assert_eq!(one.is_finite(), other.is_finite(), "place {place} of {g:?}");
            }
        }
    }
}

pub fn gradients_to_pictures_of_all_shapes(level: Level) {
    let mut noise = Noise(12);
    for g in geometries().into_iter().filter(|g| g.source != Dtype::U8) {
        let (pictures, filters, outputs) = lengths(&g);
        let (slope_bytes, slopes) = array(g.source, outputs, &mut noise);
        let (w_bytes, w) = array(g.source, filters, &mut noise);
        let mut expected = vec![0.0; pictures];
        products(&g, |source, filter, output| expected[source] += slopes[output] * w[filter]);
        let found = convolve(&g, true, level, &slope_bytes, &w_bytes, 2);
        assert_close(&read(g.source, &found), &expected, &format!("{g:?}"));
    }
}

pub fn gradients_to_filters_of_all_shapes(level: Level) {
    let mut noise = Noise(13);
    for g in geometries() {
        let (pictures, filters, outputs) = lengths(&g);
        let (x_bytes, x) = array(g.source, pictures, &mut noise);
        let (slope_bytes, slopes) = array(g.result(), outputs, &mut noise);
        let mut expected = vec![0.0; filters];
        products(&g, |source, filter, output| expected[filter] += x[source] * slopes[output]);
        let plan = FilterPlan::new(g, level);
        let bytes = filters * g.result().size();
        let parts = 2;
        let (mut sums, mut out, mut scratch) =
            (aligned(parts * bytes), aligned(bytes), aligned(plan.scratch_bytes));
        let (sums, out) = (aligned_start(&mut sums), aligned_start(&mut out));
        let scratch = aligned_start(&mut scratch);
        let middle = g.batch / 2;
        // SAFETY: the arrays are those of the plan.
        unsafe {
            for (part, range) in [0..middle, middle..g.batch].into_iter().enumerate() {
                let arrays = FilterArrays {
                    pictures: x_bytes.as_ptr(),
                    gradients: slope_bytes.as_ptr(),
                    sums: sums.add(part * bytes),
                    scratch,
                };
                plan.run_part(range, &arrays);
            }
            for range in [0..filters / 3, filters / 3..filters] {
                plan.combine(range, parts, sums, out);
            }
            let found = read(g.result(), std::slice::from_raw_parts(out, bytes));
            assert_close(&found, &expected, &format!("{g:?}"));
        }
    }
}

/// What pooling gives, of `f32`.
fn pool(
    plan: &PoolingPlan,
    level: Level,
    batch: usize,
    source: &[f32],
    pictures: &[f32],
    len: usize,
) -> Vec<f32> {
    let mut out = vec![f32::NAN; len];
    let arrays = pooling::Arrays {
        source: source.as_ptr().cast(),
        pictures: pictures.as_ptr().cast(),
        out: out.as_mut_ptr().cast(),
    };
    // SAFETY: the arrays are those of the plan.
    unsafe { pooling::run(plan, level, 0..batch, arrays) };
    out
}

pub fn pooling_of_all_shapes(level: Level) {
    let mut noise = Noise(14);
    let square = |window, stride, before| [(window, stride, before); 2];
    let flat = [(1, 1, 0), (2, 2, 0)];
    for form in [square(2, 2, 0), square(3, 2, 1), square(2, 3, 0), square(3, 1, 1), square(3, 3, 0), flat] {
        for channels in [1, 3, 6, 8, 17, 24] {
            let axes = form.map(|(window, stride, before)| {
                move |length| axis(length, window, stride, 1, before, before)
            });
            let (rows, columns, batch) = (axes[0](9), axes[1](7), 2);
            let (large, small) = (9 * 7 * channels * batch, rows.output * columns.output * channels * batch);
            let (x, slopes) = (noise.numbers(large), noise.numbers(small));
            let place = |picture: usize, y: usize, x: usize, channel: usize| {
                ((picture * 9 + y) * 7 + x) * channels + channel
            };
            let (mut largest, mut mean) = (vec![0.0; small], vec![0.0; small]);
            let (mut scattered, mut shared) = (vec![0.0; large], vec![0.0; large]);
            for output in 0..small {
                let (channel, rest) = (output % channels, output / channels);
                let (column, rest) = (rest % columns.output, rest / columns.output);
                let (row, picture) = (rest % rows.output, rest / rows.output);
                let covered = |axis: &Axis, output: usize| {
                    let first = output * axis.stride;
                    first.saturating_sub(axis.before)..(first + axis.taps - axis.before).min(axis.input)
                };
                let places: Vec<usize> = covered(&rows, row)
                    .flat_map(|y| covered(&columns, column).map(move |x| (y, x)))
                    .map(|(y, x)| place(picture, y, x, channel))
                    .collect();
                let best = places.iter().copied().reduce(|a, b| if x[b] > x[a] { b } else { a }).unwrap();
                largest[output] = x[best];
                scattered[best] += slopes[output];
                mean[output] = places.iter().map(|&one| x[one]).sum::<f32>() / places.len() as f32;
                places.iter().for_each(|&one| shared[one] += slopes[output] / places.len() as f32);
            }
            let plan = |kind| PoolingPlan { kind, dtype: Dtype::F32, rows, columns, channels };
            let close = |kind, source: &[f32], pictures: &[f32], expected: &[f32]| {
                let found = pool(&plan(kind), level, batch, source, pictures, expected.len());
                for (one, other) in found.iter().zip(expected) {
                    assert!((one - other).abs() < 1e-5, "{kind:?} {form:?} {channels}: {one} {other}");
                }
            };
            close(Pooling::Largest, &x, &[], &largest);
            close(Pooling::Select, &x, &x, &largest);
            close(Pooling::Mean, &x, &[], &mean);
            close(Pooling::Scatter, &slopes, &x, &scattered);
            close(Pooling::Share, &slopes, &[], &shared);
        }
    }
}

pub fn pooling_passes_nan_on(level: Level) {
    let rows = axis(2, 2, 2, 1, 0, 0);
    let plan = |kind| PoolingPlan { kind, dtype: Dtype::F32, rows, columns: rows, channels: 1 };
    let x = [1.0, f32::NAN, f32::INFINITY, f32::NAN];
    assert!(pool(&plan(Pooling::Largest), level, 1, &x, &[], 1)[0].is_nan());
    assert!(pool(&plan(Pooling::Mean), level, 1, &x, &[], 1)[0].is_nan());
    assert_eq!(pool(&plan(Pooling::Scatter), level, 1, &[5.0], &x, 4), [0.0, 5.0, 0.0, 0.0]);
    let ties = [2.0, 3.0, 3.0, 3.0];
    assert_eq!(pool(&plan(Pooling::Scatter), level, 1, &[5.0], &ties, 4), [0.0, 5.0, 0.0, 0.0]);
}
