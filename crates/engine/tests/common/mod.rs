//! Programs and data for the tests of the whole engine.
#![allow(dead_code)] // each test uses its own part of this

pub mod loops;

use tensorlet_engine::ir::ops;
use tensorlet_engine::ir::program::{
    Constant, Declaration, Dtype, Instruction, MapOp, MapStep, Op, Program, ReduceKind, ValueId,
};
use tensorlet_engine::plan::Plan;
use tensorlet_engine::run::runner::Runner;
use tensorlet_engine::simd::Level;

pub const BATCH: usize = 100;
pub const PIXELS: usize = 784;
pub const CLASSES: usize = 10;

pub fn declare(dtype: Dtype, shape: &[usize]) -> Declaration {
    Declaration { dtype, shape: shape.to_vec(), transposed: false }
}

pub fn step(op: MapOp, args: &[usize], dtype: Dtype) -> MapStep {
    MapStep { op, args: args.to_vec(), dtype }
}

/// A small linear congruential generator; tests need no more.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub fn number(&mut self) -> f32 {
        self.below(2001) as f32 / 1000.0 - 1.0
    }

    /// Mostly plain numbers, now and then one that is not.
    pub fn odd_number(&mut self) -> f32 {
        match self.below(60) {
            0 => f32::NAN,
            1 => -0.0,
            2 => f32::INFINITY,
            3 => 1e-40,
            _ => self.number(),
        }
    }
}

/// Puts a program together, value by value.
#[derive(Default)]
pub struct Builder {
    pub program: Program,
    pub constants: Vec<u8>,
}

impl Builder {
    pub fn input(&mut self, dtype: Dtype, shape: &[usize]) -> ValueId {
        self.program.inputs.push(declare(dtype, shape));
        self.program.inputs.len() - 1
    }

    pub fn variable(&mut self, dtype: Dtype, shape: &[usize]) -> ValueId {
        self.program.variables.push(declare(dtype, shape));
        self.program.inputs.len() + self.program.variables.len() - 1
    }

    /// A constant of numbers; inputs and variables come first.
    pub fn constant<T: Copy>(&mut self, dtype: Dtype, shape: &[usize], values: &[T]) -> ValueId {
        let offset = self.constants.len();
        for value in values {
            let start = std::ptr::from_ref(value).cast::<u8>();
            // SAFETY: numbers are plain bytes.
            self.constants.extend(unsafe { std::slice::from_raw_parts(start, size_of::<T>()) });
        }
        self.constants.resize(self.constants.len().next_multiple_of(8), 0);
        self.program.constants.push(Constant { dtype, shape: shape.to_vec(), offset });
        self.program.inputs.len() + self.program.variables.len() + self.program.constants.len() - 1
    }

    pub fn add(&mut self, op: impl Into<Op>, inputs: &[ValueId], dtype: Dtype, shape: &[usize]) -> ValueId {
        let name = String::new();
        let instruction =
            Instruction { op: op.into(), inputs: inputs.to_vec(), dtype, shape: shape.to_vec(), name };
        self.program.instructions.push(instruction);
        let given = self.program.inputs.len() + self.program.variables.len() + self.program.constants.len();
        given + self.program.instructions.len() - 1
    }

    pub fn map(&mut self, code: Vec<MapStep>, inputs: &[ValueId], shape: &[usize]) -> ValueId {
        let dtype = code.last().expect("a step").dtype;
        self.add(ops::Map { code }, inputs, dtype, shape)
    }

    pub fn runner(&self) -> Runner {
        let plan = Plan::new(&self.program, &self.constants, "test", Level::detect());
        Runner::new(plan.expect("a good program"))
    }
}

/// Softmax regression with its loss, its accuracy and a step of gradient descent.
///
/// Inputs: pixels (u8), labels (u8). Variables: weights (10 x 784, the caller's
/// transposed if `transposed`), bias. Outputs: mean loss, correct answers.
pub fn softmax_regression(transposed: bool) -> Builder {
    use Dtype::{Bool, F32, I64, U8};
    let mut b = Builder::default();
    let x = b.input(U8, &[BATCH, PIXELS]);
    let y = b.input(U8, &[BATCH]);
    let w = b.variable(F32, &[CLASSES, PIXELS]);
    b.program.variables[0].transposed = transposed;
    let bias = b.variable(F32, &[CLASSES]);
    let scale = b.constant(F32, &[], &[1.0f32 / 255.0]);
    let rate = b.constant(F32, &[], &[0.15f32 / BATCH as f32]);
    let share = b.constant(F32, &[], &[-1.0f32 / BATCH as f32]);
    let digits = b.constant(U8, &[CLASSES], &[0u8, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

    let scaled = vec![step(MapOp::MulAdd, &[0, 1, 2], F32)];
    let forward = ops::Matmul { transpose_a: false, transpose_b: true, epilogue: scaled, steady_rows: false };
    let logits = b.add(forward, &[x, w, scale, bias], F32, &[BATCH, CLASSES]);
    let logs = b.add(ops::LogSoftmax {}, &[logits], F32, &[BATCH, CLASSES]);
    let column = b.add(ops::Reshape {}, &[y], U8, &[BATCH, 1]);
    let picked = b.add(ops::Pick {}, &[logs, y], F32, &[BATCH]);
    let sum = |kind| ops::Reduce { kind, axes: vec![0] };
    let total = b.add(sum(ReduceKind::Sum), &[picked], F32, &[]);
    let loss = b.map(vec![step(MapOp::Mul, &[0, 1], F32)], &[total, share], &[]);
    let error = vec![
        step(MapOp::Exp, &[0], F32),
        step(MapOp::Equal, &[1, 2], Bool),
        step(MapOp::Cast, &[5], F32),
        step(MapOp::Sub, &[4, 6], F32),
        step(MapOp::Mul, &[7, 3], F32),
    ];
    let dz = b.map(error, &[logs, column, digits, rate], &[BATCH, CLASSES]);
    let descend = vec![step(MapOp::MulSub, &[0, 1, 2], F32)];
    let backward =
        ops::Matmul { transpose_a: true, transpose_b: false, epilogue: descend, steady_rows: false };
    let new_w = b.add(backward, &[dz, x, scale, w], F32, &[CLASSES, PIXELS]);
    let db = b.add(sum(ReduceKind::Sum), &[dz], F32, &[CLASSES]);
    let new_bias = b.map(vec![step(MapOp::Sub, &[0, 1], F32)], &[bias, db], &[CLASSES]);
    let answer = b.add(ops::ArgReduce { axis: 1, largest: true }, &[logs], I64, &[BATCH]);
    let right =
        vec![step(MapOp::Cast, &[0], I64), step(MapOp::Equal, &[2, 1], Bool), step(MapOp::Cast, &[3], F32)];
    let right = b.map(right, &[y, answer], &[BATCH]);
    let correct = b.add(sum(ReduceKind::Sum), &[right], F32, &[]);
    b.program.outputs = vec![loss, correct];
    b.program.updates = vec![(0, new_w), (1, new_bias)];
    b
}

/// Pixels and labels that a linear rule connects.
pub fn digits(rows: usize) -> (Vec<u8>, Vec<u8>) {
    let mut state = 12345u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    let mut pixels = vec![0u8; rows * PIXELS];
    let mut labels = vec![0u8; rows];
    for (row, label) in pixels.chunks_mut(PIXELS).zip(&mut labels) {
        *label = (next() % CLASSES as u32) as u8;
        for (column, pixel) in row.iter_mut().enumerate() {
            let noise = if next() % 5 == 0 { next() % 256 } else { 0 };
            *pixel = if column % CLASSES == *label as usize { 255 } else { noise as u8 };
        }
    }
    (pixels, labels)
}

/// A few hundred steps of softmax regression; gives weights, bias and the sums.
pub struct Trained {
    pub weights: Vec<f32>,
    pub bias: Vec<f32>,
    pub sums: Vec<f64>,
}

pub fn train(runner: &mut Runner, steps: usize, rows: &(Vec<u8>, Vec<u8>), order: Option<&[i64]>) -> Trained {
    use tensorlet_engine::run::fetch::{Column, Feed, Rows};
    let count = rows.1.len();
    let mut weights: Vec<f32> = (0..CLASSES * PIXELS).map(|i| (i % 13) as f32 * 0.001).collect();
    let mut bias = vec![0.0f32; CLASSES];
    let (mut loss, mut correct) = (0.0f32, 0.0f32);
    let column = |start: *const u8, stride| Column { start, rows: count, stride, dtype: Dtype::U8 };
    let feeds =
        [Feed::Rows(column(rows.0.as_ptr(), PIXELS as isize)), Feed::Rows(column(rows.1.as_ptr(), 1))];
    let variables = [weights.as_mut_ptr().cast(), bias.as_mut_ptr().cast()];
    let outputs = [std::ptr::from_mut(&mut loss).cast(), std::ptr::from_mut(&mut correct).cast()];
    // SAFETY: the arrays have the program's types and shapes.
    let done = unsafe {
        let rows = Rows { order, first_step: 0 };
        runner.run_epoch(&feeds, rows, steps, &variables, &outputs, &|_, _| true)
    };
    assert_eq!(done, Ok(steps));
    Trained { weights, bias, sums: runner.sums().to_vec() }
}
