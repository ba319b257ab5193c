//! Random programs against a judge: each instruction as a program of its own,
//! so that nothing is placed, ordered, shared or cut together with anything else.

mod common;

use common::{Builder, Dice, step};
use tensorlet_engine::ir::ops;
use tensorlet_engine::ir::program::{Dtype, MapOp, Op, Program, ReduceKind, ValueId};
use tensorlet_engine::ir::types::types;
use tensorlet_engine::plan::Plan;
use tensorlet_engine::run::fetch::{Feed, Rows};
use tensorlet_engine::run::runner::Runner;
use tensorlet_engine::simd::Level;

type Array = Vec<u8>;

fn numbers(dice: &mut Dice, shape: &[usize]) -> Array {
    (0..shape.iter().product()).flat_map(|_| dice.number().to_le_bytes()).collect()
}

/// Small and large rows: the large ones are cut into parts.
const ROWS: [usize; 3] = [3, 64, 200];
const COLUMNS: [usize; 4] = [1, 10, 128, 300];

fn random_program(dice: &mut Dice) -> Builder {
    let mut b = Builder::default();
    let (rows, columns) = (dice.pick(&ROWS), dice.pick(&COLUMNS));
    let shapes: [&[usize]; 6] =
        [&[rows, columns], &[columns], &[rows, 1], &[], &[columns, rows], &[rows, columns]];
    let mut values: Vec<(ValueId, Vec<usize>)> = Vec::new();
    for shape in shapes {
        values.push((b.input(Dtype::F32, shape), shape.to_vec()));
    }
    for shape in shapes {
        let transposed = shape.len() == 2 && dice.below(3) == 0;
        values.push((b.variable(Dtype::F32, shape), shape.to_vec()));
        b.program.variables.last_mut().expect("a variable").transposed = transposed;
    }
    for _ in 0..4 + dice.below(16) {
        let (value, shape) = random_instruction(dice, &mut b, &values);
        values.push((value, shape));
    }
    for (variable, wanted) in shapes.iter().enumerate() {
        let fitting: Vec<ValueId> =
            values.iter().filter(|(_, shape)| shape == wanted).map(|(value, _)| *value).collect();
        if dice.below(4) > 0 {
            // Late values are likelier to be computed from the variable.
            let value = fitting[fitting.len() - 1 - dice.below(fitting.len().min(4))];
            b.program.updates.push((variable, value));
        }
    }
    for _ in 0..3 {
        b.program.outputs.push(values[dice.below(values.len())].0);
    }
    b
}

fn random_instruction(
    dice: &mut Dice,
    b: &mut Builder,
    values: &[(ValueId, Vec<usize>)],
) -> (ValueId, Vec<usize>) {
    let f32 = Dtype::F32;
    loop {
        let (x, shape) = &values[dice.below(values.len())];
        let axes = shape.len();
        match dice.below(9) {
            0..=2 => {
                let (y, other) = &values[dice.below(values.len())];
                let Some(shape) = broadcast(shape, other) else { continue };
                let op = dice.pick(&[MapOp::Add, MapOp::Sub, MapOp::Mul, MapOp::Max]);
                let code = vec![step(op, &[0, 1], f32), step(MapOp::Tanh, &[2], f32)];
                return (b.map(code, &[*x, *y], &shape), shape);
            }
            3 if axes == 2 => {
                let Some((y, other)) = values.iter().find(|(_, o)| o.len() == 2 && o[0] == shape[1]) else {
                    continue;
                };
                let out = vec![shape[0], other[1]];
                let fitting = values.iter().rfind(|(_, o)| *o == out).map(|(value, _)| *value);
                let (epilogue, inputs) = match fitting {
                    Some(z) if dice.below(2) == 0 => (vec![step(MapOp::Sub, &[1, 0], f32)], vec![*x, *y, z]),
                    _ => (vec![], vec![*x, *y]),
                };
                let op = ops::Matmul { transpose_a: false, transpose_b: false, epilogue, steady_rows: false };
                return (b.add(op, &inputs, f32, &out), out);
            }
            4 if axes == 2 => {
                let Some((y, other)) = values.iter().rfind(|(_, o)| o.len() == 2 && o[0] == shape[0]) else {
                    continue;
                };
                let out = vec![shape[1], other[1]];
                let op = ops::Matmul {
                    transpose_a: true,
                    transpose_b: false,
                    epilogue: vec![],
                    steady_rows: false,
                };
                return (b.add(op, &[*x, *y], f32, &out), out);
            }
            5 if axes > 0 => {
                let axis = dice.below(axes);
                let kind = dice.pick(&[ReduceKind::Sum, ReduceKind::Max, ReduceKind::Mean]);
                let mut out = shape.clone();
                out.remove(axis);
                return (b.add(ops::Reduce { kind, axes: vec![axis] }, &[*x], f32, &out), out);
            }
            6 if axes > 0 => {
                let op =
                    if dice.below(2) == 0 { Op::from(ops::Softmax {}) } else { ops::LogSoftmax {}.into() };
                return (b.add(op, &[*x], f32, shape), shape.clone());
            }
            7 if axes == 2 => {
                let out = vec![shape[1], shape[0]];
                let op = if dice.below(2) == 0 {
                    Op::from(ops::Reshape {})
                } else {
                    ops::Transpose { perm: vec![1, 0] }.into()
                };
                return (b.add(op, &[*x], f32, &out), out);
            }
            8 if axes == 2 => {
                // Indices that are always right: the rows' largest elements.
                let largest = ops::ArgReduce { axis: 1, largest: true };
                let index = b.add(largest, &[*x], Dtype::I64, &shape[..1]);
                return (b.add(ops::Pick {}, &[*x, index], f32, &shape[..1]), shape[..1].to_vec());
            }
            _ => {}
        }
    }
}

fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let axes = a.len().max(b.len());
    let len =
        |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(axes).map_or(1, |own| shape[own]);
    (0..axes)
        .map(|axis| match (len(a, axis), len(b, axis)) {
            (x, y) if x == y || y == 1 => Some(x),
            (1, y) => Some(y),
            _ => None,
        })
        .collect()
}

fn transposed(array: &Array, rows: usize, columns: usize) -> Array {
    let element = |i: usize| {
        let (row, column) = (i % rows, i / rows);
        array[(row * columns + column) * 4..][..4].iter().copied()
    };
    (0..rows * columns).flat_map(element).collect()
}

/// Runs a program one instruction at a time, for some steps; gives the outputs.
fn judge(program: &Program, inputs: &[Array], variables: &mut [Array], steps: usize) -> Vec<Array> {
    let all = types(program);
    let mut outputs = Vec::new();
    for _ in 0..steps {
        let mut values: Vec<Array> = inputs.to_vec();
        values.extend(variables.iter().cloned());
        for instruction in &program.instructions {
            let declare = |id: &ValueId| common::declare(all[*id].dtype, all[*id].shape);
            let mut single = instruction.clone();
            single.inputs = (0..instruction.inputs.len()).collect();
            let alone = Program {
                inputs: instruction.inputs.iter().map(declare).collect(),
                outputs: vec![instruction.inputs.len()],
                instructions: vec![single],
                ..Program::default()
            };
            let operands: Vec<*const u8> = instruction.inputs.iter().map(|&id| values[id].as_ptr()).collect();
            let mut out = vec![0u8; all[values.len()].bytes()];
            let plan = Plan::new(&alone, &[], "", Level::detect()).expect("a good instruction");
            // SAFETY: the arrays have the types and shapes of the values.
            unsafe { Runner::new(plan).run(&operands, &[], &[out.as_mut_ptr()]).expect("good data") };
            values.push(out);
        }
        outputs = program.outputs.iter().map(|&id| values[id].clone()).collect();
        for &(variable, value) in &program.updates {
            variables[variable] = values[value].clone();
        }
    }
    outputs
}

#[test]
fn plans_do_what_instructions_say() {
    const STEPS: usize = 3;
    for seed in 0..150 {
        let mut dice = Dice(seed * 7919 + 1);
        let b = random_program(&mut dice);
        let program = &b.program;
        let inputs: Vec<Array> = program.inputs.iter().map(|d| numbers(&mut dice, &d.shape)).collect();
        let start: Vec<Array> = program.variables.iter().map(|d| numbers(&mut dice, &d.shape)).collect();
        let mut judged = start.clone();
        let expected = judge(program, &inputs, &mut judged, STEPS);
        for threads in [1, 2, 4] {
            let mut runner = b.runner();
            runner.force_threads(threads);
            runner.poison([0xFF; 4]);
            let feeds: Vec<Feed> = inputs.iter().map(|array| Feed::Fixed(array.as_ptr())).collect();
            let mut variables: Vec<Array> = start.clone();
            for (array, declared) in variables.iter_mut().zip(&program.variables) {
                if declared.transposed {
                    *array = transposed(array, declared.shape[0], declared.shape[1]);
                }
            }
            let mut outputs: Vec<Array> = expected.iter().map(|array| vec![0xAA; array.len()]).collect();
            let pointers: Vec<*mut u8> = variables.iter_mut().map(|array| array.as_mut_ptr()).collect();
            let targets: Vec<*mut u8> = outputs.iter_mut().map(|array| array.as_mut_ptr()).collect();
            let rows = Rows { order: None, first_step: 0 };
            // SAFETY: the arrays have the types and shapes of the program.
            let done = unsafe { runner.run_epoch(&feeds, rows, STEPS, &pointers, &targets, &|_, _| true) };
            assert_eq!(done, Ok(STEPS));
            for (array, declared) in variables.iter_mut().zip(&program.variables) {
                if declared.transposed {
                    *array = transposed(array, declared.shape[1], declared.shape[0]);
                }
            }
            let context =
                || format!("seed {seed}, {threads} threads:\n{}\n{program:?}", runner.plan().describe());
            assert!(outputs == expected, "outputs, {}", context());
            assert!(variables == judged, "variables, {}", context());
        }
    }
}
