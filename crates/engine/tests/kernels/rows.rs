//! Softmax and reductions.

use crate::common::Noise;
use tensorlet_engine::ir::program::{Dtype, ReduceKind};
use tensorlet_engine::kernels::{arg_reduce, reduce, rows};
use tensorlet_engine::simd::Level;

pub fn softmax_of_rows(level: Level) {
    let mut noise = Noise(7);
    for (count, width) in [(1, 1), (5, 3), (100, 10), (7, 16), (70, 17), (3, 200), (0, 5), (4, 0)] {
        let x: Vec<f32> = noise.numbers(count * width).iter().map(|x| x * 20.0).collect();
        for log in [false, true] {
            let mut out = vec![f32::NAN; x.len()];
            // SAFETY: both arrays have `count` rows.
            unsafe {
                let (x, out) = (x.as_ptr().cast(), out.as_mut_ptr().cast());
                rows::softmax(level, log, Dtype::F32, 0..count / 2, width, x, out);
                rows::softmax(level, log, Dtype::F32, count / 2..count, width, x, out);
            }
            for (x, out) in x.chunks(width.max(1)).zip(out.chunks(width.max(1))) {
                let sum: f64 = x.iter().map(|x| f64::from(*x).exp()).sum();
                for (x, y) in x.iter().zip(out) {
                    let want = if log { f64::from(*x) - sum.ln() } else { f64::from(*x).exp() / sum };
                    let error = (f64::from(*y) - want).abs();
                    // Differences of up to 40 are rounded to 2e-6, which the exponential passes on.
                    let bound = if log { 5e-6 } else { 3e-6 * want + 1e-37 };
                    assert!(error <= bound, "{level:?} {y} {want}");
                }
            }
        }
    }
}

pub fn softmax_passes_nan_and_infinity_on(level: Level) {
    let infinity = f32::INFINITY;
    let x = [1.0, f32::NAN, 2.0, infinity, 0.0, 1.0, -infinity, 0.0, 0.0, -infinity, -infinity, -infinity];
    let mut out = [0.0f32; 12];
    // SAFETY: four rows of three numbers.
    unsafe { rows::softmax(level, false, Dtype::F32, 0..4, 3, x.as_ptr().cast(), out.as_mut_ptr().cast()) };
    assert!(out[..3].iter().all(|value| value.is_nan()), "{out:?}");
    assert!(out[3..6].iter().any(|value| value.is_nan()), "{out:?}");
    assert_eq!(out[6..9], [0.0, 0.5, 0.5]);
    assert!(out[9..].iter().all(|value| value.is_nan()), "{out:?}");
}

/// A reduction by its definition: every element joins the result that its kept indices name.
fn naive_sum(x: &[f32], shape: &[usize], axes: &[usize]) -> Vec<f64> {
    let kept = |axis: usize| !axes.contains(&axis);
    let outputs = shape.iter().enumerate().filter(|(axis, _)| kept(*axis)).map(|(_, len)| len).product();
    let mut out = vec![0.0; outputs];
    for (flat, value) in x.iter().enumerate() {
        let (mut rest, mut place, mut step) = (flat, 0, 1);
        for (axis, len) in shape.iter().enumerate().rev() {
            if kept(axis) {
                place += rest % len * step;
                step *= len;
            }
            rest /= len;
        }
        out[place] += f64::from(*value);
    }
    out
}

fn reduced<T: Copy + Default>(
    kind: ReduceKind,
    dtype: Dtype,
    shape: &[usize],
    axes: &[usize],
    x: &[T],
    level: Level,
) -> Vec<T> {
    let plan = reduce::plan(kind, dtype, shape, axes).expect("a plan");
    let mut out = vec![T::default(); plan.outputs()];
    let middle = plan.outputs() / 2;
    // SAFETY: the arrays are as planned.
    unsafe {
        reduce::run(&plan, level, middle..plan.outputs(), x.as_ptr().cast(), out.as_mut_ptr().cast());
        reduce::run(&plan, level, 0..middle, x.as_ptr().cast(), out.as_mut_ptr().cast());
    }
    out
}

pub fn sums_over_every_set_of_axes(level: Level) {
    let mut noise = Noise(8);
    for shape in
        [&[100, 10][..], &[10, 100], &[3, 4, 5], &[2, 3, 4, 5], &[1, 7, 1], &[2000], &[600, 33], &[1]]
    {
        let x = noise.numbers(shape.iter().product());
        for set in 0..1usize << shape.len() {
            let axes: Vec<usize> = (0..shape.len()).filter(|axis| set >> axis & 1 == 1).collect();
            let want = naive_sum(&x, shape, &axes);
            let count = x.len() as f64 / want.len() as f64;
            let sums = reduced(ReduceKind::Sum, Dtype::F32, shape, &axes, &x, level);
            let means = reduced(ReduceKind::Mean, Dtype::F32, shape, &axes, &x, level);
            for i in 0..want.len() {
                assert!((f64::from(sums[i]) - want[i]).abs() <= 1e-6 * count.sqrt(), "{shape:?} {axes:?}");
                assert!((f64::from(means[i]) - want[i] / count).abs() <= 1e-6, "{shape:?} {axes:?}");
            }
        }
    }
}

pub fn reductions_by_hand(level: Level) {
    let x = [1.0f32, 5.0, -2.0, 4.0, f32::NAN, 3.0];
    let shape = [2, 3];
    let largest = reduced(ReduceKind::Max, Dtype::F32, &shape, &[1], &x, level);
    assert!(largest[0] == 5.0 && largest[1].is_nan());
    let smallest = reduced(ReduceKind::Min, Dtype::F32, &shape, &[0], &x, level);
    assert!(smallest[0] == 1.0 && smallest[1].is_nan() && smallest[2] == -2.0);
    let product = reduced(ReduceKind::Prod, Dtype::F32, &[2, 2], &[1], &x[..4], level);
    assert_eq!(product, [5.0, -8.0]);
    assert_eq!(reduced(ReduceKind::Prod, Dtype::I32, &[3], &[0], &[4, -5, 6], level), [-120]);
    assert_eq!(reduced(ReduceKind::Max, Dtype::I64, &[2, 2], &[0], &[4i64, -5, 6, -7], level), [6, -5]);
    assert_eq!(reduced(ReduceKind::Sum, Dtype::U8, &[3], &[0], &[200u8, 50, 10], level), [4]);
    assert_eq!(reduced(ReduceKind::Any, Dtype::Bool, &[2, 2], &[1], &[0u8, 1, 0, 0], level), [1, 0]);
    assert_eq!(reduced(ReduceKind::All, Dtype::Bool, &[2, 2], &[1], &[1u8, 1, 0, 1], level), [1, 0]);
    // A million tenths: plain addition in f32 would be off by one in a hundred.
    let tenths = vec![0.1f32; 1_000_000];
    let sum = reduced(ReduceKind::Sum, Dtype::F32, &[1_000_000], &[0], &tenths, level);
    assert!((sum[0] - 100_000.0).abs() < 0.1, "{sum:?}");
    let sums = reduced(ReduceKind::Sum, Dtype::F32, &[500_000, 2], &[0], &tenths, level);
    assert!((sums[1] - 50_000.0).abs() < 1.0, "{sums:?}");
}

pub fn reductions_of_nothing(level: Level) {
    let none: [f32; 0] = [];
    assert_eq!(reduced(ReduceKind::Sum, Dtype::F32, &[0, 3], &[0], &none, level), [0.0; 3]);
    assert_eq!(reduced(ReduceKind::Prod, Dtype::F32, &[3, 0], &[1], &none, level), [1.0; 3]);
    assert!(reduced(ReduceKind::Mean, Dtype::F32, &[0], &[0], &none, level)[0].is_nan());
    assert_eq!(reduced(ReduceKind::Sum, Dtype::I32, &[0], &[0], &[0i32; 0], level), [0]);
    assert_eq!(reduced(ReduceKind::Max, Dtype::F32, &[0, 3], &[1], &none, level), none);
    let refusal =
        reduce::plan(ReduceKind::Max, Dtype::F32, &[0, 3], &[0]).expect_err("nothing has no largest");
    assert!(refusal.contains("no elements"), "{refusal}");
    assert!(reduce::plan(ReduceKind::Mean, Dtype::I32, &[3], &[0]).is_err());
    assert!(reduce::plan(ReduceKind::Sum, Dtype::F32, &[3], &[1]).is_err());
    assert!(reduce::plan(ReduceKind::Sum, Dtype::F32, &[3, 3], &[1, 0]).is_err());
}

pub fn positions_of_the_largest() {
    let x = [1.0f32, 5.0, 5.0, 4.0, f32::NAN, f32::NAN];
    let positions = |axis, largest| {
        let plan = arg_reduce::plan(Dtype::F32, &[2, 3], axis, largest).expect("a plan");
        let mut out = vec![-1i64; plan.outputs()];
        // SAFETY: the arrays are as planned.
        unsafe { arg_reduce::run(&plan, 0..plan.outputs(), x.as_ptr().cast(), out.as_mut_ptr().cast()) };
        out
    };
    assert_eq!(positions(1, true), [1, 1]);
    assert_eq!(positions(1, false), [0, 1]);
    assert_eq!(positions(0, true), [1, 1, 1]);
    assert_eq!(positions(0, false), [0, 1, 1]);
    assert!(arg_reduce::plan(Dtype::F32, &[2, 0], 1, true).is_err());
}

pub fn positions_of_many_rows_are_those_of_each() {
    for (rows, width, inner) in [(1, 7, 1), (8, 10, 1), (21, 10, 1), (3, 4, 5), (19, 1, 1)] {
        let x: Vec<i32> = (0..rows * width * inner).map(|i| (i * 7919 % 13) as i32).collect();
        let plan = arg_reduce::plan(Dtype::I32, &[rows, width, inner], 1, true).expect("a plan");
        let mut out = vec![-1i64; plan.outputs() + 1];
        let half = plan.outputs() / 2;
        for outputs in [0..half, half..plan.outputs()] {
            // SAFETY: the arrays are as planned.
            unsafe { arg_reduce::run(&plan, outputs, x.as_ptr().cast(), out.as_mut_ptr().cast()) };
        }
        for (output, &found) in out[..plan.outputs()].iter().enumerate() {
            let at = |i: usize| x[(output / inner * width + i) * inner + output % inner];
            let first = (0..width).rev().max_by_key(|&i| at(i)).expect("a row has elements");
            assert_eq!(found, first as i64, "{rows} rows of {width}, {inner} within, output {output}");
        }
        assert_eq!(out[plan.outputs()], -1);
    }
}
