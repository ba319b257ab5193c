//! A hidden layer with an optimizer: products that read lists, and updates that are computed along with
//! the gradient. However they are run, the bits are the same.

mod common;

use common::{Builder, step};
use tensorlet_engine::ir::ops;
use tensorlet_engine::ir::program::{Dtype, MapOp};
use tensorlet_engine::plan::Plan;
use tensorlet_engine::run::fetch::{Column, Feed, Rows};
use tensorlet_engine::run::runner::Runner;
use tensorlet_engine::simd::Level;

const BATCH: usize = 52;
const PIXELS: usize = 784;
const UNITS: usize = 80;
const STEPS: usize = 5;

/// `w` is changed along averages of its gradient, as Adam does. `seen`: the gradient is a result as well.
fn network(seen: bool) -> Builder {
    use Dtype::{F32, U8};
    let mut b = Builder::default();
    let x = b.input(U8, &[BATCH, PIXELS]);
    let [w, m, v] = [(); 3].map(|()| b.variable(F32, &[PIXELS, UNITS]));
    let count = b.variable(F32, &[]);
    let [scale, slow, slower, tiny, one] =
        [1.0 / 255.0, 0.1f32, 0.001, 1e-7, 1.0].map(|number| b.constant(F32, &[], &[number]));
    let product =
        |transpose_a, epilogue| ops::Matmul { transpose_a, transpose_b: false, epilogue, steady_rows: false };
    let hidden = vec![step(MapOp::Mul, &[0, 1], F32), step(MapOp::Tanh, &[2], F32)];
    let h = b.add(product(false, hidden), &[x, w, scale], F32, &[BATCH, UNITS]);
    let gradient = b.add(product(true, vec![]), &[x, h], F32, &[PIXELS, UNITS]);
    let shape = [PIXELS, UNITS];
    let average = vec![step(MapOp::Sub, &[2, 0], F32), step(MapOp::MulAdd, &[3, 1, 0], F32)];
    let new_m = b.map(average, &[m, slow, gradient], &shape);
    let squares = vec![
        step(MapOp::Square, &[2], F32),
        step(MapOp::Sub, &[3, 0], F32),
        step(MapOp::MulAdd, &[4, 1, 0], F32),
    ];
    let new_v = b.map(squares, &[v, slower, gradient], &shape);
    let new_count = b.map(vec![step(MapOp::Add, &[0, 1], F32)], &[count, one], &[]);
    let rate = b.map(vec![step(MapOp::Div, &[0, 1], F32)], &[slow, new_count], &[]);
    let along = vec![
        step(MapOp::Sqrt, &[4], F32),
        step(MapOp::Add, &[5, 3], F32),
        step(MapOp::Mul, &[1, 2], F32),
        step(MapOp::Div, &[7, 6], F32),
        step(MapOp::Sub, &[0, 8], F32),
    ];
    let new_w = b.map(along, &[w, new_m, rate, tiny, new_v], &shape);
    b.program.updates = vec![(0, new_w), (1, new_m), (2, new_v), (3, new_count)];
    if seen {
        b.program.outputs = vec![gradient];
    }
    b
}

/// Rows of bytes; every number is at least `least`.
fn rows(least: u8) -> Vec<u8> {
    let byte = |i: usize| {
        let (row, column) = (i / PIXELS, i % PIXELS);
        if (column / 14 + row / 3) % 5 == 0 { (i * 31 % 255) as u8 } else { 0 }
    };
    (0..BATCH * STEPS * PIXELS).map(|i| byte(i).max(least)).collect()
}

fn runner(program: &Builder, level: Level) -> Runner {
    Runner::new(Plan::new(&program.program, &program.constants, "test", level).expect("a good program"))
}

/// The bits of all variables after some steps.
fn train(runner: &mut Runner, pixels: &[u8], seen: bool) -> Vec<u32> {
    let start = |factor: f32| -> Vec<f32> {
        (0..PIXELS * UNITS).map(|i| ((i * 7919 % 1009) as f32 - 500.0) * factor).collect()
    };
    let (mut w, mut m, mut v, mut count) = (start(1e-4), start(0.0), start(0.0), vec![0.0f32]);
    let mut shown = vec![0.0f32; PIXELS * UNITS];
    let column =
        Column { start: pixels.as_ptr(), rows: BATCH * STEPS, stride: PIXELS as isize, dtype: Dtype::U8 };
    let variables = [&mut w, &mut m, &mut v, &mut count].map(|array| array.as_mut_ptr().cast());
    let outputs = [shown.as_mut_ptr().cast()];
    let rows = Rows { order: None, first_step: 0 };
    let outputs = &outputs[..usize::from(seen)];
    // SAFETY: the arrays have the program's types and shapes.
    let done =
        unsafe { runner.run_epoch(&[Feed::Rows(column)], rows, STEPS, &variables, outputs, &|_, _| true) };
    assert_eq!(done, Ok(STEPS));
    [w, m, v, count].concat().into_iter().map(f32::to_bits).collect()
}

#[test]
fn updates_are_computed_along_with_the_gradient() {
    for level in Level::available() {
        let text = runner(&network(false), level).plan().describe();
        assert!(text.contains("with the 3 behind it, sums not stored"), "{text}");
        // The matrix unit leaves nothing out.
        assert_eq!(
            text.contains("list what is not zero"),
            cfg!(feature = "sparse-rows") && level != Level::Amx,
            "{text}"
        );
    }
    let text = runner(&network(true), Level::detect()).plan().describe();
    assert!(!text.contains("sums not stored"), "{text}");
}

#[test]
fn the_bits_do_not_depend_on_how_it_is_run() {
    for level in Level::available() {
        for least in [0, 1] {
            let pixels = rows(least);
            let expected = train(&mut runner(&network(true), level), &pixels, true);
            assert!(expected.iter().any(|bits| f32::from_bits(*bits).abs() > 1e-3));
            for threads in [1, 2, 4] {
                for pattern in [[0; 4], [0xff; 4], f32::NAN.to_ne_bytes()] {
                    let mut runner = runner(&network(false), level);
                    runner.force_threads(threads);
                    runner.poison(pattern);
                    let got = train(&mut runner, &pixels, false);
                    assert!(got == expected, "{level:?}, {threads} threads, numbers from {least} on");
                }
            }
        }
    }
}

#[test]
fn rows_of_another_type_are_converted_first() {
    let pixels = rows(0);
    let numbers: Vec<f32> = pixels.iter().map(|&byte| f32::from(byte)).collect();
    let expected = train(&mut runner(&network(false), Level::detect()), &pixels, false);
    for threads in [1, 2] {
        let mut runner = runner(&network(false), Level::detect());
        runner.force_threads(threads);
        let mut arrays: [Vec<f32>; 4] = std::array::from_fn(|_| vec![0.0; PIXELS * UNITS]);
        let [w, ..] = &mut arrays;
        w.iter_mut().enumerate().for_each(|(i, w)| *w = ((i * 7919 % 1009) as f32 - 500.0) * 1e-4);
        let variables = arrays.each_mut().map(|array| array.as_mut_ptr().cast());
        let column = Column {
            start: numbers.as_ptr().cast(),
            rows: BATCH * STEPS,
            stride: 4 * PIXELS as isize,
            dtype: Dtype::F32,
        };
        let rows = Rows { order: None, first_step: 0 };
        // SAFETY: the arrays have the program's types and shapes.
        let done =
            unsafe { runner.run_epoch(&[Feed::Rows(column)], rows, STEPS, &variables, &[], &|_, _| true) };
        assert_eq!(done, Ok(STEPS));
        let got: Vec<u32> = arrays[0].iter().map(|number| number.to_bits()).collect();
        assert!(got == expected[..PIXELS * UNITS]);
    }
}
