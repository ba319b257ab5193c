//! Tiny programs give the same bits from a tape as from their nodes, alone and in blocks.

#![cfg(feature = "tiny-programs")]

mod common;

use common::{Builder, Dice, step};
use std::sync::Arc;
use tensorlet_engine::ir::ops;
use tensorlet_engine::ir::program::{Dtype, MapOp, MapStep, ReduceKind, ValueId};
use tensorlet_engine::plan::Plan;
use tensorlet_engine::run::fetch::{Column, Feed, Rows};
use tensorlet_engine::run::runner::Runner;
use tensorlet_engine::simd::Level;
use tensorlet_engine::specialized::programs::{self, Copied, Stage};

fn odd_numbers(dice: &mut Dice, count: usize) -> Vec<f32> {
    (0..count).map(|_| dice.odd_number()).collect()
}

/// Values of a program that is being made, with their shapes.
type Values = Vec<(ValueId, Vec<usize>)>;

const F32: Dtype = Dtype::F32;
const SINGLE: [MapOp; 17] = [
    MapOp::Neg,
    MapOp::Abs,
    MapOp::Exp,
    MapOp::Log,
    MapOp::Log1p,
    MapOp::Expm1,
    MapOp::Sqrt,
    MapOp::Rsqrt,
    MapOp::Square,
    MapOp::Tanh,
    MapOp::Sigmoid,
    MapOp::Softplus,
    MapOp::Erf,
    MapOp::Floor,
    MapOp::Round,
    MapOp::Sign,
    MapOp::Sin,
];
const DOUBLE: [MapOp; 8] =
    [MapOp::Add, MapOp::Sub, MapOp::Mul, MapOp::Div, MapOp::Min, MapOp::Max, MapOp::Pow, MapOp::FloorDiv];
const QUESTIONS: [MapOp; 6] =
    [MapOp::Equal, MapOp::NotEqual, MapOp::Less, MapOp::LessEqual, MapOp::Greater, MapOp::GreaterEqual];

/// An expression over the operands 0 and 1, with steps of all kinds.
fn expression(dice: &mut Dice) -> Vec<MapStep> {
    let mut code = vec![step(dice.pick(&DOUBLE), &[0, 1], F32)];
    let mut numbers = vec![0, 1, 2];
    for _ in 0..dice.below(5) {
        let (x, y) = (dice.pick(&numbers), dice.pick(&numbers));
        match dice.below(6) {
            0 => code.push(step(dice.pick(&SINGLE), &[x], F32)),
            1 => code.push(step(dice.pick(&DOUBLE), &[x, y], F32)),
            2 => {
                let op = dice.pick(&[MapOp::MulAdd, MapOp::MulSub]);
                code.push(step(op, &[x, y, dice.pick(&numbers)], F32));
            }
            3 => {
                code.push(step(dice.pick(&QUESTIONS), &[x, y], Dtype::Bool));
                code.push(step(MapOp::Cast, &[1 + code.len()], F32));
            }
            4 => {
                code.push(step(dice.pick(&QUESTIONS), &[x, y], Dtype::Bool));
                let answer = 1 + code.len();
                if dice.below(2) == 0 {
                    code.push(step(MapOp::Not, &[answer], Dtype::Bool));
                }
                code.push(step(MapOp::Select, &[1 + code.len(), x, y], F32));
            }
            _ => {
                code.push(step(MapOp::Cast, &[x], Dtype::I32));
                code.push(step(MapOp::Cast, &[1 + code.len()], F32));
            }
        }
        numbers.push(1 + code.len());
    }
    code
}

fn instruction(dice: &mut Dice, b: &mut Builder, values: &Values) -> Option<(ValueId, Vec<usize>)> {
    let (x, shape) = values[dice.below(values.len())].clone();
    let (y, other) = values[dice.below(values.len())].clone();
    match dice.below(6) {
        0..=2 => {
            let fits = other.len() <= shape.len()
                && other.iter().rev().zip(shape.iter().rev()).all(|(a, b)| a == b || *a == 1);
            fits.then(|| (b.map(expression(dice), &[x, y], &shape), shape))
        }
        3 | 4 if shape.len() == 2 && other.len() == 2 => {
            let (transpose_a, transpose_b) = (dice.below(2) == 0, dice.below(2) == 0);
            let (m, k) = if transpose_a { (shape[1], shape[0]) } else { (shape[0], shape[1]) };
            let (inner, n) = if transpose_b { (other[1], other[0]) } else { (other[0], other[1]) };
            let row = values.iter().rfind(|(_, shape)| *shape == [n]);
            let (epilogue, inputs) = match row {
                Some((row, _)) if dice.below(2) == 0 => (expression(dice), vec![x, y, *row]),
                _ => (vec![], vec![x, y]),
            };
            let op = ops::Matmul { transpose_a, transpose_b, epilogue, steady_rows: false };
            (k == inner).then(|| (b.add(op, &inputs, F32, &[m, n]), vec![m, n]))
        }
        5 if !shape.is_empty() => {
            let kind = dice.pick(&[ReduceKind::Sum, ReduceKind::Mean, ReduceKind::Max]);
            let all = dice.below(3) == 0;
            let axis = dice.below(shape.len());
            let axes: Vec<usize> = if all { (0..shape.len()).collect() } else { vec![axis] };
            let kept = |(axis, len): (usize, &usize)| (!axes.contains(&axis)).then_some(*len);
            let out: Vec<usize> = shape.iter().enumerate().filter_map(kept).collect();
            Some((b.add(ops::Reduce { kind, axes: axes.clone() }, &[x], F32, &out), out))
        }
        _ => None,
    }
}

/// A program of two inputs and some variables that change.
fn random_program(dice: &mut Dice) -> Builder {
    let mut b = Builder::default();
    let (rows, columns) = (dice.pick(&[1, 2, 4, 7]), dice.pick(&[1, 2, 5, 8, 16]));
    let shapes: [&[usize]; 7] =
        [&[rows, columns], &[columns], &[rows, 1], &[], &[columns, rows], &[1], &[columns, columns]];
    let mut values = Values::new();
    for shape in [shapes[0], shapes[2]] {
        values.push((b.input(F32, shape), shape.to_vec()));
    }
    for shape in shapes {
        values.push((b.variable(F32, shape), shape.to_vec()));
    }
    let half = b.constant(F32, &[], &[0.5f32]);
    let row = b.constant(F32, &[columns], &vec![0.25f32; columns]);
    values.extend([(half, vec![]), (row, vec![columns])]);
    for _ in 0..4 + dice.below(12) {
        let made = (0..100).find_map(|_| instruction(dice, &mut b, &values));
        values.push(made.expect("something fits"));
    }
    for (variable, wanted) in shapes.iter().enumerate() {
        let fitting: Vec<ValueId> =
            values.iter().filter(|(_, shape)| shape == wanted).map(|(value, _)| *value).collect();
        if dice.below(4) > 0 {
            let value = fitting[fitting.len() - 1 - dice.below(fitting.len().min(4))];
            b.program.updates.push((variable, value));
        }
    }
    for _ in 0..3 {
        b.program.outputs.push(values[dice.below(values.len())].0);
    }
    b
}

fn sizes(shapes: &[tensorlet_engine::ir::program::Declaration]) -> Vec<usize> {
    shapes.iter().map(|declared| declared.shape.iter().product()).collect()
}

fn pointers(arrays: &mut [Vec<f32>]) -> Vec<*mut u8> {
    arrays.iter_mut().map(|array| array.as_mut_ptr().cast()).collect()
}

fn bits(arrays: &[Vec<f32>]) -> Vec<Vec<u32>> {
    // One NaN is as good as another.
    let bits = |value: &f32| if value.is_nan() { 0x7fc0_0000 } else { value.to_bits() };
    arrays.iter().map(|array| array.iter().map(bits).collect()).collect()
}

const STEPS: usize = 3;

/// What three steps over shuffled rows make of the variables; outputs and sums.
fn trained(
    runner: &mut Runner,
    columns: &[Vec<f32>],
    order: &[i64],
    start: &[Vec<f32>],
) -> (Vec<Vec<u32>>, Vec<Vec<u32>>, Vec<u64>) {
    let plan = runner.shared_plan();
    let feeds: Vec<Feed> = feeds(&plan, columns).into_iter().map(Feed::Rows).collect();
    let mut variables = start.to_vec();
    let mut outputs: Vec<Vec<f32>> = sizes(plan.outputs()).into_iter().map(|size| vec![7.0; size]).collect();
    let (theirs, wanted) = (pointers(&mut variables), pointers(&mut outputs));
    let rows = Rows { order: Some(order), first_step: 0 };
    // SAFETY: the arrays have the types and shapes of the program.
    let done = unsafe { runner.run_epoch(&feeds, rows, STEPS, &theirs, &wanted, &|_, _| true) };
    assert_eq!(done, Ok(STEPS));
    let sums = runner.sums().iter().map(|sum| if sum.is_nan() { 0 } else { sum.to_bits() }).collect();
    (bits(&variables), bits(&outputs), sums)
}

fn feeds(plan: &Plan, columns: &[Vec<f32>]) -> Vec<Column> {
    let column = |(declared, array): (&tensorlet_engine::ir::program::Declaration, &Vec<f32>)| {
        let row: usize = declared.shape[1..].iter().product();
        Column {
            start: array.as_ptr().cast(),
            rows: array.len() / row,
            stride: row as isize * 4,
            dtype: Dtype::F32,
        }
    };
    plan.inputs().iter().zip(columns).map(column).collect()
}

#[test]
fn tapes_give_the_bits_of_nodes() {
    let mut tapes = 0;
    for seed in 0..400 {
        let mut dice = Dice(seed * 7919 + 1);
        let b = random_program(&mut dice);
        let count = b.program.inputs[0].shape[0] * STEPS;
        let columns: Vec<Vec<f32>> = b
            .program
            .inputs
            .iter()
            .map(|declared| odd_numbers(&mut dice, count * declared.shape[1..].iter().product::<usize>()))
            .collect();
        let start: Vec<Vec<f32>> =
            sizes(&b.program.variables).into_iter().map(|size| odd_numbers(&mut dice, size)).collect();
        let order: Vec<i64> = (0..count as i64).rev().collect();
        for level in Level::available() {
            let runner =
                || Runner::new(Plan::new(&b.program, &b.constants, "", level).expect("a good program"));
            let mut by_nodes = runner();
            by_nodes.force_threads(1);
            let expected = trained(&mut by_nodes, &columns, &order, &start);
            for poison in [None, Some([0; 4]), Some([0xFF; 4]), Some(f32::NAN.to_le_bytes())] {
                let mut by_tape = runner();
                tapes += usize::from(by_tape.plan().describe().contains("tape of"));
                if let Some(pattern) = poison {
                    by_tape.poison(pattern);
                }
                let context =
                    || format!("seed {seed}, {level:?}:\n{}\n{:?}", by_nodes.plan().describe(), b.program);
                // Twice: a tape's memory has seen a run before.
                for _ in 0..2 {
                    let got = trained(&mut by_tape, &columns, &order, &start);
                    assert!(got == expected, "{}\n{got:?}\n{expected:?}", context());
                }
            }
        }
    }
    assert!(tapes > 1000, "only {tapes} runs were made from tapes");
}

#[test]
fn arrays_without_elements_are_no_work() {
    let mut b = Builder::default();
    let x = b.input(F32, &[0, 3]);
    let sums = b.add(ops::Reduce { kind: ReduceKind::Sum, axes: vec![0] }, &[x], F32, &[3]);
    let negative = b.map(vec![step(MapOp::Neg, &[0], F32)], &[x], &[0, 3]);
    b.program.outputs = vec![x, negative, sums];
    let mut out = [7.0f32; 3];
    let (empty, sums): (*mut u8, *mut u8) =
        (std::ptr::NonNull::<f32>::dangling().as_ptr().cast(), out.as_mut_ptr().cast());
    let mut runner = b.runner();
    assert!(runner.plan().describe().contains("tape of"));
    // SAFETY: the first two arrays have no elements, the third has three.
    unsafe { runner.run(&[empty.cast_const()], &[], &[empty, empty, sums]).expect("good data") };
    assert_eq!(out, [0.0; 3]);
}

/// Counts up to the sum of the rows, and gives the mean.
fn counter() -> (Builder, Builder) {
    let mut b = Builder::default();
    let x = b.input(F32, &[4, 2]);
    let (total, weights) = (b.variable(F32, &[]), b.variable(F32, &[2, 3]));
    let product =
        ops::Matmul { transpose_a: false, transpose_b: false, epilogue: vec![], steady_rows: false };
    let y = b.add(product, &[x, weights], F32, &[4, 3]);
    let sum = b.add(ops::Reduce { kind: ReduceKind::Mean, axes: vec![0] }, &[y], F32, &[3]);
    let all = b.add(ops::Reduce { kind: ReduceKind::Sum, axes: vec![0] }, &[sum], F32, &[]);
    let new_total = b.map(vec![step(MapOp::Add, &[0, 1], F32)], &[total, all], &[]);
    let new_weights = b.map(vec![step(MapOp::MulSub, &[0, 1, 2], F32)], &[sum, all, weights], &[2, 3]);
    b.program.updates = vec![(0, new_total), (1, new_weights)];
    let mut results = Builder::default();
    let total = results.variable(F32, &[]);
    let half = results.constant(F32, &[], &[0.5f32]);
    let zero = results.constant(F32, &[], &[0.0f32]);
    let shown = results.map(vec![step(MapOp::Mul, &[0, 1], F32)], &[total, half], &[]);
    results.program.outputs = vec![shown];
    results.program.updates = vec![(0, zero)];
    (b, results)
}

#[test]
fn blocks_give_the_numbers_of_single_runs() {
    let (train, results) = counter();
    let rows: Vec<f32> = (0..24).map(|i| (i as f32).sin()).collect();
    let orders: [Vec<i64>; 3] =
        [(0..12).collect(), (0..12).rev().collect(), (0..12).map(|i| i * 5 % 12).collect()];
    let start = [vec![0.0f32], (0..6).map(|i| i as f32 * 0.1).collect::<Vec<f32>>()];

    let mut expected = Vec::new();
    let mut variables = start.to_vec();
    let (mut one, mut two) = (train.runner(), results.runner());
    one.force_threads(1);
    two.force_threads(1);
    let mut kept = Vec::new();
    for order in &orders {
        kept = variables[1].clone();
        let feeds: Vec<Feed> =
            feeds(one.plan(), std::slice::from_ref(&rows)).into_iter().map(Feed::Rows).collect();
        let theirs = pointers(&mut variables);
        let mut number = 0.0f32;
        let rows = Rows { order: Some(&order[4..]), first_step: 0 };
        // SAFETY: the arrays have the types and shapes of the programs.
        unsafe {
            one.run_epoch(&feeds, rows, 2, &theirs, &[], &|_, _| true).expect("good rows");
            two.run(&[], &theirs[..1], &[std::ptr::from_mut(&mut number).cast()]).expect("good data");
        }
        expected.push(f64::from(number));
    }

    let mut ours = start.to_vec();
    let mut copy = vec![9.0f32; 6];
    let theirs = pointers(&mut ours);
    let columns = feeds(one.plan(), std::slice::from_ref(&rows));
    let stages = [
        Stage {
            plan: one.shared_plan(),
            columns: &columns,
            variables: &theirs,
            steps: 2,
            first_row: Some(4),
            reports: false,
        },
        Stage {
            plan: Arc::clone(&two.shared_plan()),
            columns: &[],
            variables: &theirs[..1],
            steps: 0,
            first_row: None,
            reports: true,
        },
    ];
    let copies = [Copied { from: theirs[1].cast_const(), to: copy.as_mut_ptr().cast(), bytes: 24 }];
    // SAFETY: the arrays have the types and shapes of the programs and outlive the block.
    unsafe {
        assert!(programs::block(&stages, &copies, 11).is_none(), "an order that is too short");
        let overlap = [Copied { from: theirs[1].cast_const(), to: theirs[1].add(8), bytes: 8 }];
        assert!(programs::block(&stages, &overlap, 12).is_none(), "arrays that overlap");
        let mut block = programs::block(&stages, &copies, 12).expect("tiny programs");
        for (order, wanted) in orders.iter().zip(&expected) {
            let mut number = [f64::NAN];
            assert!(block.epoch(Some(order), &mut number, &|| true));
            assert_eq!(number[0].to_bits(), wanted.to_bits());
        }
        assert_eq!(ours[0], start[0], "nothing is written before it is asked for");
        block.store();
    }
    assert_eq!(bits(&ours), bits(&variables));
    assert_eq!(copy, kept);
}
