//! Every operation through verifier, planner and runner, against hand-worked numbers.
#![allow(clippy::cloned_ref_to_slice_refs)] // inputs are written as lists, also when there is one

mod common;

use common::{Builder, step};
use tensorlet_engine::error::RunError;
use tensorlet_engine::ir::ops;
use tensorlet_engine::ir::program::Dtype::{Bool, F32, F64, I32, I64, U8};
use tensorlet_engine::ir::program::{Dtype, MapOp, Op, RandomKind, ReduceKind};

fn bytes<T: Copy>(values: &[T]) -> Vec<u8> {
    // SAFETY: numbers are plain bytes.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }.to_vec()
}

type Given<'a> = (Dtype, &'a [usize], Vec<u8>);

fn try_one(op: impl Into<Op>, inputs: &[Given], result: (Dtype, &[usize])) -> Result<Vec<u8>, RunError> {
    let mut b = Builder::default();
    let ids: Vec<usize> = inputs.iter().map(|(dtype, shape, _)| b.input(*dtype, shape)).collect();
    let out = b.add(op, &ids, result.0, result.1);
    b.program.outputs = vec![out];
    let mut output = vec![0xEEu8; result.1.iter().product::<usize>() * result.0.size()];
    let pointers: Vec<*const u8> = inputs.iter().map(|(_, _, data)| data.as_ptr()).collect();
    // SAFETY: the arrays have the declared types and shapes.
    unsafe { b.runner().run(&pointers, &[], &[output.as_mut_ptr()])? };
    Ok(output)
}

#[track_caller]
fn gives<T: Copy>(op: impl Into<Op>, inputs: &[Given], result: (Dtype, &[usize]), expected: &[T]) {
    assert_eq!(try_one(op, inputs, result), Ok(bytes(expected)));
}

fn floats<'a>(shape: &'a [usize], values: &[f32]) -> Given<'a> {
    (F32, shape, bytes(values))
}

const SIX: [f32; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];

#[test]
fn maps_and_products() {
    let code = vec![step(MapOp::Less, &[0, 1], Bool), step(MapOp::Select, &[2, 0, 1], F32)];
    let inputs = [floats(&[2, 3], &SIX), floats(&[3], &[3.0, 2.0, 1.0])];
    gives(ops::Map { code }, &inputs, (F32, &[2, 3]), &[1.0f32, 2.0, 1.0, 3.0, 2.0, 1.0]);

    let product = |transpose_a, transpose_b| ops::Matmul {
        transpose_a,
        transpose_b,
        epilogue: vec![],
        steady_rows: false,
    };
    let x = floats(&[2, 3], &SIX);
    gives(product(false, true), &[x.clone(), x.clone()], (F32, &[2, 2]), &[14.0f32, 32.0, 32.0, 77.0]);
    let squares = [17.0f32, 22.0, 27.0, 22.0, 29.0, 36.0, 27.0, 36.0, 45.0];
    gives(product(true, false), &[x.clone(), x.clone()], (F32, &[3, 3]), &squares);
    let narrow = (U8, &[2, 3][..], vec![1, 2, 3, 4, 5, 6]);
    gives(product(false, true), &[narrow.clone(), x], (F32, &[2, 2]), &[14.0f32, 32.0, 32.0, 77.0]);
    let wide = (F64, &[1, 2][..], bytes(&[3.0f64, 4.0]));
    gives(product(false, true), &[wide.clone(), wide], (F64, &[1, 1]), &[25.0f64]);

    let epilogue = vec![step(MapOp::MulAdd, &[0, 1, 2], F32)];
    let op = ops::Matmul { transpose_a: false, transpose_b: true, epilogue, steady_rows: false };
    let batch = floats(&[2, 1, 2], &[1.0, 2.0, 3.0, 4.0]);
    let inputs = [batch.clone(), batch, floats(&[], &[10.0]), floats(&[2, 1, 1], &[0.5, 0.25])];
    gives(op, &inputs, (F32, &[2, 1, 1]), &[50.5f32, 250.25]);
}

#[test]
fn reductions_and_rows() {
    let x = floats(&[2, 3], &SIX);
    let reduce = |kind, axes: &[usize]| ops::Reduce { kind, axes: axes.to_vec() };
    gives(reduce(ReduceKind::Sum, &[0]), &[x.clone()], (F32, &[3]), &[5.0f32, 7.0, 9.0]);
    gives(reduce(ReduceKind::Mean, &[1]), &[x.clone()], (F32, &[2, 1]), &[2.0f32, 5.0]);
    gives(reduce(ReduceKind::Prod, &[0, 1]), &[x.clone()], (F32, &[]), &[720.0f32]);
    gives(reduce(ReduceKind::Sum, &[]), &[x.clone()], (F32, &[2, 3]), &SIX);
    gives(reduce(ReduceKind::Any, &[0]), &[(Bool, &[3], vec![0, 1, 0])], (Bool, &[]), &[1u8]);
    let largest = |axis, largest| ops::ArgReduce { axis, largest };
    gives(largest(1, true), &[x.clone()], (I64, &[2]), &[2i64, 2]);
    gives(largest(0, false), &[x.clone()], (I64, &[1, 3]), &[0i64, 0, 0]);
    gives(ops::Softmax {}, &[floats(&[2, 2], &[0.0, 0.0, 5.0, 5.0])], (F32, &[2, 2]), &[0.5f32; 4]);
    let index = (I32, &[2][..], bytes(&[2i32, 0]));
    gives(ops::Pick {}, &[x, index], (F32, &[2]), &[3.0f32, 4.0]);
    let sort = floats(&[2, 3], &[3.0, 1.0, 2.0, f32::INFINITY, -1.0, 0.0]);
    let sorted = [1.0f32, 2.0, 3.0, -1.0, 0.0, f32::INFINITY];
    gives(ops::Sort { descending: false }, &[sort.clone()], (F32, &[2, 3]), &sorted);
    gives(ops::Argsort { descending: true }, &[sort], (I32, &[2, 3]), &[0i32, 2, 1, 0, 2, 1]);
}

#[test]
fn movements() {
    let x = floats(&[2, 3], &SIX);
    gives(ops::Reshape {}, &[x.clone()], (F32, &[3, 2]), &SIX);
    gives(
        ops::Transpose { perm: vec![1, 0] },
        &[x.clone()],
        (F32, &[3, 2]),
        &[1.0f32, 4.0, 2.0, 5.0, 3.0, 6.0],
    );
    let repeated = [1.0f32, 2.0, 3.0, 1.0, 2.0, 3.0];
    gives(ops::Broadcast {}, &[floats(&[3], &SIX[..3])], (F32, &[2, 3]), &repeated);
    let slice = ops::Slice { begin: vec![1, 2], strides: vec![1, -1] };
    gives(slice, &[x.clone()], (F32, &[1, 3]), &[6.0f32, 5.0, 4.0]);
    let pad = ops::Pad { before: vec![0, 1] };
    let padded = [9.0f32, 1.0, 2.0, 3.0, 9.0, 4.0, 5.0, 6.0];
    gives(pad, &[x.clone(), floats(&[], &[9.0])], (F32, &[2, 4]), &padded);
    let joined = [1.0f32, 2.0, 3.0, 7.0, 4.0, 5.0, 6.0, 8.0];
    gives(ops::Concat { axis: 1 }, &[x.clone(), floats(&[2, 1], &[7.0, 8.0])], (F32, &[2, 4]), &joined);
    let index = (I64, &[2, 1][..], bytes(&[1i64, 1]));
    gives(ops::Gather { axis: 1 }, &[x.clone(), index], (F32, &[2, 2, 1]), &[2.0f32, 2.0, 5.0, 5.0]);
    let index = (U8, &[2][..], vec![2, 2]);
    let added = [0.0f32, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 7.0, 9.0];
    gives(ops::ScatterAdd {}, &[index, x.clone()], (F32, &[3, 3]), &added);
    let index = (I32, &[2, 2][..], bytes(&[2i32, 0, 2, 2]));
    let first = [0i32, 1, 0, 0];
    gives(ops::FirstPlaces { rows: 3 }, &[index.clone()], (I32, &[4]), &first);
    let rows = floats(&[4, 1], &[7.0, 8.0, 9.0, 9.0]);
    let put = [floats(&[3, 1], &SIX[..3]), index, (I32, &[4][..], bytes(&first)), rows];
    gives(ops::PutRows {}, &put, (F32, &[3, 1]), &[8.0f32, 2.0, 7.0]);
    let cumsum = ops::Cumsum { axis: 0, exclusive: true, reverse: false };
    gives(cumsum, &[x], (F32, &[2, 3]), &[0.0f32, 0.0, 0.0, 1.0, 2.0, 3.0]);
}

#[test]
fn large_arrays_are_cut_and_still_right() {
    let (rows, columns) = (200, 300);
    let values: Vec<f32> = (0..rows * columns).map(|i| i as f32).collect();
    let shape = [rows, columns];
    let transposed: Vec<f32> = (0..rows * columns).map(|i| (i % rows * columns + i / rows) as f32).collect();
    let x = floats(&shape, &values);
    gives(ops::Transpose { perm: vec![1, 0] }, &[x.clone()], (F32, &[columns, rows]), &transposed);
    let index: Vec<i32> = (0..rows as i32).rev().collect();
    let gathered: Vec<f32> =
        (0..rows).rev().flat_map(|r| values[r * columns..][..columns].to_vec()).collect();
    let order = [x, (I32, &[rows][..], bytes(&index))];
    gives(ops::Gather { axis: 0 }, &order, (F32, &shape), &gathered);
    let draw = ops::Random { kind: RandomKind::Uniform, seed: 5, stream: 1, low: 0, span: 0 };
    let drawn = try_one(draw.clone(), &[(I64, &[], bytes(&[0i64]))], (F32, &[64, 128])).unwrap();
    let flat = try_one(draw, &[(I64, &[], bytes(&[0i64]))], (F32, &[3])).unwrap();
    assert_eq!(drawn[..12], flat);
}

#[test]
fn random_numbers_are_those_of_the_generator() {
    // Words of seed 0, stream 0, call 0: the first known answer.
    let call = (I64, &[][..], bytes(&[0i64]));
    let draw = |kind, low, span| ops::Random { kind, seed: 0, stream: 0, low, span };
    let words = [0x6627e8d5u32, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];
    let uniform = words.map(|word| (word >> 8) as f32 / 16_777_216.0);
    gives(draw(RandomKind::Uniform, 0, 0), &[call.clone()], (F32, &[4]), &uniform);
    let wide = [words[1], words[3]].map(u64::from);
    let wide = [wide[0] << 32 | u64::from(words[0]), wide[1] << 32 | u64::from(words[2])];
    let doubles = wide.map(|word| (word >> 11) as f64 / 9_007_199_254_740_992.0);
    gives(draw(RandomKind::Uniform, 0, 0), &[call.clone()], (F64, &[2]), &doubles);
    let dice = wide.map(|word| 1 + ((u128::from(word) * 6) >> 64) as i64);
    gives(draw(RandomKind::Integer, 1, 6), &[call.clone()], (I64, &[2]), &dice);
    let mut order = [0i32, 1, 2, 3, 4];
    for (word, last) in words.into_iter().zip((1..5).rev()) {
        order.swap(last, ((u64::from(word) * (last as u64 + 1)) >> 32) as usize);
    }
    gives(draw(RandomKind::Permutation, 0, 0), &[call.clone()], (I32, &[5]), &order);
    gives(draw(RandomKind::Permutation, 0, 0), &[call], (I64, &[5]), &order.map(i64::from));
}

#[test]
fn bad_indices_are_named() {
    let x = floats(&[2, 3], &SIX);
    let index = |values: &[i32]| (I32, [2].as_slice(), bytes(values));
    let error = try_one(ops::Gather { axis: 0 }, &[x.clone(), index(&[0, 2])], (F32, &[2, 3])).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("instruction 0 (gather): index 2 at position 1 is not between 0 and 1"),
        "{message}"
    );
    let error = try_one(ops::Pick {}, &[x.clone(), index(&[-1, 5])], (F32, &[2])).unwrap_err().to_string();
    assert!(error.contains("index -1 at position 0 is not between 0 and 2"), "{error}");
    let error = try_one(ops::ScatterAdd {}, &[index(&[0, 7]), x], (F32, &[3, 3])).unwrap_err().to_string();
    assert!(error.contains("index 7 at position 1 is not between 0 and 2"), "{error}");
    let first = ops::FirstPlaces { rows: 5 };
    let error = try_one(first, &[index(&[4, 5])], (I32, &[2])).unwrap_err().to_string();
    assert!(error.contains("index 5 at position 1 is not between 0 and 4"), "{error}");
}

#[test]
fn empty_arrays() {
    let none = floats(&[0, 3], &[]);
    let reduce = |kind, axes: &[usize]| ops::Reduce { kind, axes: axes.to_vec() };
    gives(reduce(ReduceKind::Sum, &[0]), &[none.clone()], (F32, &[3]), &[0.0f32; 3]);
    gives(ops::Softmax {}, &[none.clone()], (F32, &[0, 3]), &[0.0f32; 0]);
    let product = ops::Matmul { transpose_a: true, transpose_b: false, epilogue: vec![], steady_rows: false };
    gives(product, &[none.clone(), none.clone()], (F32, &[3, 3]), &[0.0f32; 9]);
    gives(ops::Transpose { perm: vec![1, 0] }, &[none.clone()], (F32, &[3, 0]), &[0.0f32; 0]);
    gives(ops::Concat { axis: 0 }, &[none.clone(), floats(&[2, 3], &SIX)], (F32, &[2, 3]), &SIX);
    let code = vec![step(MapOp::Add, &[0, 1], F32)];
    gives(ops::Map { code }, &[none, floats(&[3], &SIX[..3])], (F32, &[0, 3]), &[0.0f32; 0]);
}

/// Variables a and b of two numbers after one step of these updates.
fn updated(updates: impl Fn(&mut Builder) -> Vec<(usize, usize)>) -> ([f32; 2], [f32; 2]) {
    let mut b = Builder::default();
    b.variable(F32, &[2]);
    b.variable(F32, &[2]);
    b.program.updates = updates(&mut b);
    let (mut x, mut y) = ([1.0f32, 2.0], [10.0f32, 20.0]);
    // SAFETY: the arrays have the declared types and shapes.
    unsafe { b.runner().run(&[], &[x.as_mut_ptr().cast(), y.as_mut_ptr().cast()], &[]).unwrap() };
    (x, y)
}

#[test]
fn updates_see_the_values_before_the_step() {
    assert_eq!(updated(|_| vec![(0, 1), (1, 0)]), ([10.0, 20.0], [1.0, 2.0]));
    let add = |b: &mut Builder, x, y| b.map(vec![step(MapOp::Add, &[0, 1], F32)], &[x, y], &[2]);
    assert_eq!(updated(|b| vec![(0, add(b, 0, 1)), (1, add(b, 0, 1))]), ([11.0, 22.0], [11.0, 22.0]));
    // b becomes the old a, although a is written in place.
    assert_eq!(updated(|b| vec![(0, add(b, 0, 1)), (1, 0)]), ([11.0, 22.0], [1.0, 2.0]));
    // The new a is read by what becomes b.
    let chain = |b: &mut Builder| {
        let a = add(b, 0, 1);
        vec![(0, a), (1, add(b, a, 0))]
    };
    assert_eq!(updated(chain), ([11.0, 22.0], [12.0, 24.0]));
    // One value for both.
    let both = |b: &mut Builder| {
        let sum = add(b, 0, 1);
        vec![(0, sum), (1, sum)]
    };
    assert_eq!(updated(both), ([11.0, 22.0], [11.0, 22.0]));
    // Reversed in place: positions differ, so nothing may be overwritten early.
    let turn = |b: &mut Builder| {
        let slice = ops::Slice { begin: vec![1], strides: vec![-1] };
        vec![(0, b.add(slice, &[0], F32, &[2]))]
    };
    assert_eq!(updated(turn), ([2.0, 1.0], [10.0, 20.0]));
}
