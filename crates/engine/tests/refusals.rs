//! What the verifier refuses, one program a rule, and what it says.

mod common;

use common::{Builder, declare, softmax_regression, step};
use tensorlet_engine::ir::ops;
use tensorlet_engine::ir::program::Dtype::{Bool, F32, F64, I32, I64, U8};
use tensorlet_engine::ir::program::{Constant, Dtype, MapOp, Op, Program, RandomKind, ReduceKind};
use tensorlet_engine::ir::verify::verify;

/// One instruction over inputs of these types must be refused with these words.
#[track_caller]
fn refuses(op: impl Into<Op>, inputs: &[(Dtype, &[usize])], result: (Dtype, &[usize]), words: &str) {
    let mut b = Builder::default();
    let ids: Vec<usize> = inputs.iter().map(|(dtype, shape)| b.input(*dtype, shape)).collect();
    let out = b.add(op, &ids, result.0, result.1);
    b.program.outputs = vec![out];
    let message = verify(&b.program, &[]).expect_err("a refusal");
    assert!(message.starts_with("instruction 0 ("), "{message}");
    assert!(message.contains(words), "{message}");
}

fn map(code: Vec<tensorlet_engine::ir::program::MapStep>) -> Op {
    ops::Map { code }.into()
}

fn matmul(transpose_a: bool, transpose_b: bool) -> Op {
    ops::Matmul { transpose_a, transpose_b, epilogue: vec![], steady_rows: false }.into()
}

#[test]
fn good_programs_pass() {
    for transposed in [false, true] {
        let b = softmax_regression(transposed);
        assert_eq!(verify(&b.program, &b.constants), Ok(()));
    }
    assert_eq!(verify(&Program::default(), &[]), Ok(()));
}

#[test]
fn elementwise() {
    let add = |args: &[usize]| map(vec![step(MapOp::Add, args, F32)]);
    let x: (Dtype, &[usize]) = (F32, &[2, 3]);
    refuses(add(&[0, 1]), &[x, (F32, &[2])], x, "f32 [2] does not broadcast to [2, 3]");
    refuses(add(&[0, 1]), &[x, (F64, &[])], x, "Add is not defined from (f32, f64) to f32");
    refuses(add(&[0, 2]), &[x, x], x, "reads register 2, but only 2 exist");
    refuses(add(&[0, 1]), &[x, x], (F64, &[2, 3]), "the result is f32 [2, 3], but is declared as f64 [2, 3]");
    refuses(map(vec![]), &[x], x, "at least one input and one step");
    refuses(add(&[0]), &[x], x, "Add is not defined from (f32) to f32");
    let not = map(vec![step(MapOp::Not, &[0], F32)]);
    refuses(not, &[x], x, "Not is not defined from (f32) to f32");
    let long =
        map((0..127).map(|i| step(MapOp::Neg, &[i], F32)).chain([step(MapOp::Neg, &[0], F32)]).collect());
    refuses(long, &[x], x, "has 1 inputs and 128 steps");
}

#[test]
fn products() {
    let x: (Dtype, &[usize]) = (F32, &[2, 3]);
    refuses(matmul(false, false), &[x, x], (F32, &[2, 3]), "the inner lengths 3 and 2");
    refuses(matmul(false, true), &[x, x], (F32, &[2, 3]), "the result is f32 [2, 2]");
    refuses(matmul(false, false), &[x, (F32, &[3])], (F32, &[2]), "needs operands of two axes");
    refuses(matmul(false, true), &[x, (F64, &[2, 3])], (F32, &[2, 2]), "got f32 and f64");
    refuses(matmul(false, false), &[x], x, "at least 2 inputs");
    refuses(matmul(false, true), &[x, x, x], (F32, &[2, 2]), "1 inputs for an epilogue, but no epilogue");
    let batches: [(Dtype, &[usize]); 2] = [(F32, &[2, 3, 4]), (F32, &[3, 4, 5])];
    refuses(matmul(false, false), &batches, (F32, &[2, 3, 5]), "equal batches");
    let epilogue = vec![step(MapOp::Add, &[0, 1], F32)];
    let op = ops::Matmul { transpose_a: false, transpose_b: true, epilogue, steady_rows: false };
    refuses(op, &[x, x, (F32, &[3])], (F32, &[2, 2]), "f32 [3] does not broadcast to [2, 2]");
}

#[test]
fn reductions() {
    let reduce = |kind, axes: &[usize]| ops::Reduce { kind, axes: axes.to_vec() };
    let x: (Dtype, &[usize]) = (F32, &[2, 3]);
    refuses(reduce(ReduceKind::Sum, &[2]), &[x], (F32, &[2, 3]), "axis 2 does not exist in f32 [2, 3]");
    refuses(reduce(ReduceKind::Sum, &[1, 0]), &[x], (F32, &[]), "axes must be rising");
    refuses(reduce(ReduceKind::Sum, &[1, 1]), &[x], (F32, &[2]), "axes must be rising");
    refuses(reduce(ReduceKind::Sum, &[1]), &[x], (F32, &[3]), "the result is f32 [2]");
    refuses(reduce(ReduceKind::Mean, &[0]), &[(I32, &[2])], (I32, &[]), "needs f32 or f64");
    refuses(reduce(ReduceKind::Any, &[0]), &[(F32, &[2])], (F32, &[]), "Any needs bool");
    refuses(reduce(ReduceKind::Max, &[0]), &[(F32, &[0])], (F32, &[]), "");
    let largest = |axis| ops::ArgReduce { axis, largest: true };
    refuses(largest(2), &[x], (I64, &[2]), "axis 2 does not exist");
    refuses(largest(1), &[x], (I32, &[2]), "the result is i64 [2], but is declared as i32 [2]");
    refuses(largest(0), &[(F32, &[0, 2])], (I64, &[2]), "axis 0 of f32 [0, 2] is empty");
}

#[test]
fn rows() {
    refuses(ops::Softmax {}, &[(I32, &[2])], (I32, &[2]), "needs f32 or f64, got i32 [2]");
    refuses(ops::LogSoftmax {}, &[(F32, &[])], (F32, &[]), "at least one axis");
    refuses(ops::Softmax {}, &[(F32, &[2])], (F32, &[3]), "declared as f32 [3]");
    refuses(ops::Pick {}, &[(F32, &[2, 3]), (F32, &[2])], (F32, &[2]), "indices must be i32, i64 or u8");
    refuses(ops::Pick {}, &[(F32, &[2, 3]), (I32, &[3])], (F32, &[3]), "rows and one index for each");
    refuses(ops::Sort { descending: false }, &[(F32, &[])], (F32, &[]), "at least one axis");
    refuses(ops::Argsort { descending: true }, &[(F32, &[3])], (I64, &[3]), "the result is i32 [3]");
}

#[test]
fn movements() {
    let x: (Dtype, &[usize]) = (F32, &[2, 3]);
    refuses(ops::Reshape {}, &[x], (F32, &[5]), "cannot reshape f32 [2, 3] to f32 [5]");
    refuses(ops::Broadcast {}, &[x], (F32, &[2, 2, 4]), "does not broadcast");
    refuses(ops::Transpose { perm: vec![0, 0] }, &[x], x, "[0, 0] does not permute");
    refuses(ops::Transpose { perm: vec![1, 0] }, &[x], x, "the result is f32 [3, 2]");
    let slice =
        |begin: &[usize], strides: &[isize]| ops::Slice { begin: begin.to_vec(), strides: strides.to_vec() };
    refuses(
        slice(&[0, 2], &[1, 1]),
        &[x],
        (F32, &[2, 2]),
        "on axis 1, 2 elements from 2 in steps of 1 reach beyond f32 [2, 3]",
    );
    refuses(slice(&[0, 1], &[1, -2]), &[x], (F32, &[2, 2]), "on axis 1, 2 elements from 1 in steps of -2");
    refuses(slice(&[0], &[1]), &[x], x, "needs 2 begins and strides");
    refuses(slice(&[0, 0], &[1, isize::MAX]), &[x], x, "on axis 1");
    let pad = |before: &[usize]| ops::Pad { before: before.to_vec() };
    refuses(pad(&[0, 1]), &[x, (F32, &[])], x, "set at [0, 1] does not fit into f32 [2, 3]");
    refuses(pad(&[0, usize::MAX]), &[x, (F32, &[])], x, "does not fit");
    refuses(pad(&[0, 0]), &[x, (F64, &[])], x, "the fill value must be a scalar f32, got f64 []");
    refuses(ops::Concat { axis: 1 }, &[x, (F32, &[3, 3])], (F32, &[2, 6]), "f32 [3, 3] cannot be joined");
    refuses(ops::Concat { axis: 1 }, &[x, x], x, "the result is f32 [2, 6]");
    refuses(ops::Concat { axis: 0 }, &[], x, "at least 1 input");
    refuses(ops::Gather { axis: 2 }, &[x, (I32, &[2])], x, "axis 2 does not exist");
    refuses(ops::Gather { axis: 0 }, &[x, (Bool, &[2])], x, "indices must be");
    refuses(ops::Gather { axis: 1 }, &[x, (U8, &[4])], x, "the result is f32 [2, 4]");
    refuses(ops::ScatterAdd {}, &[(I32, &[4]), x], x, "do not fit rows of f32 [2, 3]");
    refuses(ops::ScatterAdd {}, &[(I32, &[2]), (Bool, &[2])], (Bool, &[5]), "adds numbers, got bool");
    let first = || ops::FirstPlaces { rows: 2 };
    refuses(first(), &[(F32, &[4])], (I32, &[4]), "indices must be");
    refuses(first(), &[(I32, &[2, 2])], (I32, &[2, 2]), "the result is i32 [4]");
    let put = |first: &[usize], rows: &[usize], result, message| {
        let inputs = [(F32, &[2, 3][..]), (I32, &[2, 2]), (I32, first), (F32, rows)];
        refuses(ops::PutRows {}, &inputs, result, message);
    };
    put(&[3], &[4, 3], (F32, &[2, 3]), "needs a first place and a row for each index, i32 [4] and");
    put(&[4], &[4, 2], (F32, &[2, 3]), "f32 [4, 3], got i32 [4] and f32 [4, 2]");
    put(&[4], &[4, 3], (F32, &[3, 3]), "the result is f32 [2, 3]");
    refuses(
        ops::PutRows {},
        &[(F32, &[]), (I32, &[]), (I32, &[1]), (F32, &[1])],
        (F32, &[]),
        "at least one axis",
    );
    let cumsum = ops::Cumsum { axis: 1, exclusive: false, reverse: false };
    refuses(cumsum, &[(F32, &[2])], (F32, &[2]), "axis 1 does not exist");
}

#[test]
fn random_numbers() {
    let draw = |kind, low, span| ops::Random { kind, seed: 1, stream: 0, low, span };
    refuses(draw(RandomKind::Permutation, 0, 0), &[(I64, &[])], (I32, &[2, 2]), "a permutation is one axis");
    refuses(draw(RandomKind::Permutation, 0, 0), &[(I64, &[])], (F32, &[2]), "a permutation is one axis");
    refuses(
        draw(RandomKind::Uniform, 0, 0),
        &[(I32, &[])],
        (F32, &[2]),
        "the call counter must be a scalar i64",
    );
    refuses(draw(RandomKind::Normal, 0, 0), &[(I64, &[])], (I32, &[2]), "needs f32 or f64");
    refuses(draw(RandomKind::Integer, 0, 0), &[(I64, &[])], (I32, &[2]), "span is 0");
    refuses(draw(RandomKind::Integer, 0, 9), &[(I64, &[])], (F32, &[2]), "integers are i32 or i64");
    let span = 1 << 32;
    refuses(draw(RandomKind::Integer, 0, span), &[(I64, &[])], (I32, &[2]), "do not fit into i32");
}

/// The whole program must be refused with these words.
#[track_caller]
fn refuses_program(change: impl Fn(&mut Program), words: &str) {
    let mut b = softmax_regression(false);
    change(&mut b.program);
    let message = verify(&b.program, &b.constants).expect_err("a refusal");
    assert!(message.contains(words), "{message}");
}

#[test]
fn whole_programs() {
    refuses_program(
        |p| p.instructions[2].inputs[0] = 11,
        "instruction 2 (reshape): reads value 11, but only values 0 to 9",
    );
    refuses_program(|p| p.outputs.push(1000), "output value 1000 does not exist");
    refuses_program(|p| p.updates[0].0 = 2, "update of variable 2; there are 2 variables");
    refuses_program(|p| p.updates[1].0 = 0, "variable 0 is updated twice");
    refuses_program(|p| p.updates[0].1 = 99, "variable 0 is set to value 99");
    refuses_program(
        |p| p.updates[0].1 = 8,
        "variable 0 is f32 [10, 784], but its new value is f32 [100, 10]",
    );
    refuses_program(|p| p.variables[1].transposed = true, "needs two axes");
    refuses_program(|p| p.inputs[0].transposed = true, "only variables may be");
    refuses_program(|p| p.constants[1].offset = 4, "not a multiple of 8");
    refuses_program(|p| p.constants[1].offset = 1 << 40, "needs 4 bytes from byte");
    refuses_program(|p| p.constants[1].offset = usize::MAX - 7, "needs 4 bytes from byte");
    refuses_program(|p| p.inputs.push(declare(F32, &[1 << 20, 1 << 20])), "more than 2147483648 elements");
    refuses_program(
        |p| p.inputs.push(declare(F32, &[0, usize::MAX, usize::MAX])),
        "more than 2147483648 elements",
    );
    refuses_program(|p| p.inputs.push(declare(F32, &[1; 9])), "has 9 axes; the maximum is 8");
    refuses_program(|p| p.inputs.extend(vec![declare(F64, &[1 << 31]); 3]), "bytes together");
    let flag = Constant { dtype: Bool, shape: vec![4], offset: 0 };
    refuses_program(|p| p.constants.push(flag.clone()), "bytes other than 0 and 1");
}

#[test]
fn text_that_is_no_program() {
    for text in
        ["", "[]", "{", r#"{"inputs": [], "variables": 3}"#, r#"{"inputs": [{"dtype": "f16", "shape": []}]}"#]
    {
        let message = Program::from_json(text).expect_err("a refusal");
        assert!(message.starts_with("not a program: "), "{message}");
    }
}
