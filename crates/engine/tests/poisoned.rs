//! Memory that was never written is never read: whatever is in the arena before a run, the bits are the same.

mod common;

use common::{Builder, Dice, step};
use tensorlet_engine::ir::ops;
use tensorlet_engine::ir::program::{Declaration, Dtype, MapOp, ValueId};
use tensorlet_engine::plan::Plan;
use tensorlet_engine::run::runner::Runner;
use tensorlet_engine::simd::Level;

const F32: Dtype = Dtype::F32;

/// What the memory holds before a run; the first is a NaN in `f32` and `f64`.
const PATTERNS: [[u8; 4]; 3] = [[0xFF; 4], [0; 4], [0, 0, 0x40, 0x40]];

/// One axis of a convolution.
#[derive(Clone, Copy, Debug)]
struct Axis {
    length: usize,
    taps: usize,
    stride: usize,
    dilation: usize,
    before: usize,
    result: usize,
}

fn axis(dice: &mut Dice) -> Axis {
    let (length, taps): (usize, usize) = (dice.pick(&[1, 2, 5, 9, 16, 17, 28]), dice.pick(&[1, 2, 3, 5]));
    let (stride, dilation) = dice.pick(&[(1, 1), (1, 1), (2, 1), (3, 1), (1, 2)]);
    let reach = (taps - 1) * dilation;
    // All around, as `padding="same"`; or so much that each picture has a place.
    let zeros = if dice.below(2) == 0 { reach } else { (reach + 1).saturating_sub(length) };
    let result = (length + zeros - reach - 1) / stride + 1;
    Axis { length, taps, stride, dilation, before: zeros / 2, result }
}

/// A convolution with bias and ReLU, pooling, and the gradients to filters, pictures and pooled pictures.
fn convolutional(dice: &mut Dice) -> Builder {
    let mut b = Builder::default();
    let (rows, columns) = (axis(dice), axis(dice));
    let groups = dice.pick(&[1, 1, 1, 2, 5]);
    let (channels, filters) = (groups * dice.pick(&[1, 3, 4, 8]), groups * dice.pick(&[1, 2, 7, 16, 33]));
    let batch = dice.pick(&[1, 2, 5, 33]);
    let pictures = [batch, rows.length, columns.length, channels];
    let taps = [rows.taps, columns.taps, channels / groups, filters];
    let places = [batch, rows.result, columns.result, filters];
    let (x, g) = (b.input(F32, &pictures), b.input(F32, &places));
    let (w, bias) = (b.input(F32, &taps), b.input(F32, &[filters]));
    let zero = b.constant(F32, &[], &[0.0f32]);
    let (strides, dilations) = ([rows.stride, columns.stride], [rows.dilation, columns.dilation]);
    let before = [rows.before, columns.before];
    let epilogue = vec![step(MapOp::Add, &[0, 1], F32), step(MapOp::Max, &[3, 2], F32)];
    let forward = ops::Conv2d { strides, dilations, before, groups, epilogue };
    let y = b.add(forward, &[x, w, bias, zero], F32, &places);
    let g = b.map(vec![step(MapOp::Mul, &[0, 1], F32)], &[y, g], &places);
    let to_filters = ops::Conv2dFilterGradient { strides, dilations, before, groups };
    let to_filters = b.add(to_filters, &[x, g], F32, &taps);
    let to_pictures = ops::Conv2dInputGradient { strides, dilations, before, groups, epilogue: vec![] };
    let to_pictures = b.add(to_pictures, &[g, w], F32, &pictures);
    let pooled = pooling(dice, &mut b, y, places);
    b.program.outputs = [vec![y, to_filters, to_pictures], pooled].concat();
    b
}

/// The largest and the mean of windows of two, the last one cut off or reaching over the edge, and their gradients.
fn pooling(dice: &mut Dice, b: &mut Builder, y: ValueId, places: [usize; 4]) -> Vec<ValueId> {
    let (window, strides) = ([2, 2], [1 + dice.below(2), 1 + dice.below(2)]);
    let count = |axis: usize| (places[axis] - 1) / strides[axis - 1] + 1;
    let shape = [places[0], count(1), count(2), places[3]];
    let before = [0, 0];
    let largest = b.add(ops::MaxPool2d { window, strides, before }, &[y], F32, &shape);
    let mean = b.add(ops::AvgPool2d { window, strides, before }, &[y], F32, &shape);
    let picked = b.add(ops::MaxPool2dSelect { window, strides, before }, &[y, y], F32, &shape);
    let spread = b.add(ops::MaxPool2dScatter { window, strides, before }, &[largest, y], F32, &places);
    let shared = b.add(ops::AvgPool2dGradient { window, strides, before }, &[mean], F32, &places);
    vec![largest, mean, picked, spread, shared]
}

/// The bits of the outputs, with so many threads (or as many as pay) and this pattern in the memory.
fn run(
    b: &Builder,
    inputs: &[Vec<f32>],
    level: Level,
    threads: Option<usize>,
    pattern: [u8; 4],
) -> Vec<Vec<u8>> {
    let plan = Plan::new(&b.program, &b.constants, "test", level).expect("a good program");
    let bytes = |d: &Declaration| d.shape.iter().product::<usize>() * d.dtype.size();
    let mut outputs: Vec<Vec<u8>> = plan.outputs().iter().map(|d| vec![0xAA; bytes(d)]).collect();
    let mut runner = Runner::new(plan);
    if let Some(threads) = threads {
        runner.force_threads(threads);
    }
    runner.poison(pattern);
    let inputs: Vec<*const u8> = inputs.iter().map(|array| array.as_ptr().cast()).collect();
    let targets: Vec<*mut u8> = outputs.iter_mut().map(|array| array.as_mut_ptr()).collect();
    // SAFETY: the arrays have the types and shapes of the program.
    unsafe { runner.run(&inputs, &[], &targets).expect("good data") };
    outputs
}

#[test]
fn convolution_and_pooling_read_only_what_was_written() {
    for seed in 0..60 {
        let mut dice = Dice(seed * 7919 + 5);
        let b = convolutional(&mut dice);
        let inputs: Vec<Vec<f32>> = b
            .program
            .inputs
            .iter()
            .map(|d| (0..d.shape.iter().product()).map(|_| dice.number()).collect())
            .collect();
        for level in Level::available() {
            for threads in [None, Some(1), Some(3)] {
                let [nan, zero, three] = PATTERNS.map(|pattern| run(&b, &inputs, level, threads, pattern));
                let context =
                    || format!("seed {seed}, {level:?}, {threads:?} threads: {:?}", b.program.instructions);
                assert!(nan == zero && zero == three, "{}", context());
                let numbers = nan.concat();
                let mut numbers =
                    numbers.chunks(4).map(|four| f32::from_le_bytes(four.try_into().expect("four bytes")));
                assert!(numbers.all(f32::is_finite), "{}", context());
            }
        }
    }
}
