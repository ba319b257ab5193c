//! What the verifier refuses of convolution and pooling, one program a rule, and what it says.

mod common;

use common::{Builder, step};
use tensorlet_engine::ir::ops;
use tensorlet_engine::ir::program::Dtype::{F32, F64, I32, U8};
use tensorlet_engine::ir::program::{Dtype, MapOp, MapStep, Op};
use tensorlet_engine::ir::verify::verify;

type Input<'a> = (Dtype, &'a [usize]);

const X: Input = (F32, &[2, 5, 6, 4]);
const W: Input = (F32, &[3, 2, 4, 7]);
const Y: Input = (F32, &[2, 3, 5, 7]);

/// What the verifier says of one instruction over inputs of these types.
fn verdict(op: Op, inputs: &[Input], result: Input) -> Result<(), String> {
    let mut b = Builder::default();
    let ids: Vec<usize> = inputs.iter().map(|(dtype, shape)| b.input(*dtype, shape)).collect();
    let out = b.add(op, &ids, result.0, result.1);
    b.program.outputs = vec![out];
    verify(&b.program, &[])
}

#[track_caller]
fn refuses(op: Op, inputs: &[Input], result: Input, words: &str) {
    let message = verdict(op, inputs, result).expect_err("a refusal");
    assert!(message.starts_with("instruction 0 ("), "{message}");
    assert!(message.contains(words), "{message}");
}

fn convolution() -> ops::Conv2d {
    ops::Conv2d { strides: [1, 1], dilations: [1, 1], before: [0, 0], groups: 1, epilogue: vec![] }
}

fn conv(change: impl Fn(&mut ops::Conv2d)) -> Op {
    let mut op = convolution();
    change(&mut op);
    op.into()
}

fn input_gradient() -> Op {
    let ops::Conv2d { strides, dilations, before, groups, epilogue } = convolution();
    ops::Conv2dInputGradient { strides, dilations, before, groups, epilogue }.into()
}

fn filter_gradient(groups: usize) -> Op {
    let ops::Conv2d { strides, dilations, before, .. } = convolution();
    ops::Conv2dFilterGradient { strides, dilations, before, groups }.into()
}

#[test]
fn good_instructions_pass() {
    assert_eq!(verdict(conv(|_| ()), &[X, W], Y), Ok(()));
    assert_eq!(verdict(conv(|_| ()), &[(U8, X.1), W], Y), Ok(()));
    assert_eq!(verdict(conv(|op| op.groups = 2), &[X, (F32, &[3, 2, 2, 8])], (F32, &[2, 3, 5, 8])), Ok(()));
    assert_eq!(verdict(input_gradient(), &[Y, W], X), Ok(()));
    assert_eq!(verdict(filter_gradient(1), &[X, Y], W), Ok(()));
    assert_eq!(verdict(pool([2, 3], [2, 1]), &[X], (F32, &[2, 2, 4, 4])), Ok(()));
}

#[test]
fn convolutions_of_other_axes() {
    let four = "needs pictures, filters and outputs of four axes";
    refuses(conv(|_| ()), &[(F32, &[5, 6, 4]), W], Y, four);
    refuses(conv(|_| ()), &[X, (F32, &[3, 2, 28])], Y, four);
    refuses(conv(|_| ()), &[X, W], (F32, &[2, 3, 35]), four);
    refuses(input_gradient(), &[Y, (F32, &[3])], X, four);
    refuses(filter_gradient(1), &[X, (F32, &[2])], W, four);
}

#[test]
fn channels_filters_and_groups() {
    let unfit = "do not fit with";
    refuses(conv(|_| ()), &[X, (F32, &[3, 2, 3, 7])], Y, unfit);
    refuses(conv(|_| ()), &[X, W], (F32, &[2, 3, 5, 6]), unfit);
    refuses(conv(|_| ()), &[X, W], (F32, &[1, 3, 5, 7]), unfit);
    refuses(conv(|op| op.groups = 0), &[X, W], Y, "do not fit with 0 groups");
    refuses(conv(|op| op.groups = 2), &[X, (F32, &[3, 2, 2, 7])], Y, "do not fit with 2 groups");
    refuses(conv(|op| op.groups = usize::MAX), &[X, W], Y, unfit);
    refuses(filter_gradient(3), &[X, Y], W, "do not fit with 3 groups");
}

#[test]
fn windows_outside_of_pictures() {
    let outside = "do not lie over";
    refuses(conv(|op| op.strides = [0, 1]), &[X, W], Y, outside);
    refuses(conv(|op| op.dilations = [1, 0]), &[X, W], Y, outside);
    refuses(conv(|op| op.strides = [3, 1]), &[X, W], Y, outside);
    refuses(conv(|op| op.before = [3, 0]), &[X, W], Y, outside);
    refuses(conv(|_| ()), &[X, W], (F32, &[2, 6, 5, 7]), outside);
    refuses(conv(|op| op.dilations = [usize::MAX, 1]), &[X, W], Y, "are too large");
    refuses(conv(|op| op.strides = [usize::MAX, 1]), &[X, W], Y, "are too large");
    refuses(conv(|op| op.dilations = [1 << 24, 1]), &[X, W], Y, outside);
    refuses(conv(|_| ()), &[X, (F32, &[0, 2, 4, 7])], Y, "are too large");
}

#[test]
fn types_and_epilogues() {
    refuses(
        conv(|_| ()),
        &[(F64, X.1), W],
        Y,
        "needs f32 (or u8) pictures and f32, or two of f64, got f64 and f32",
    );
    refuses(conv(|_| ()), &[X, (U8, W.1)], Y, "got f32 and u8");
    refuses(conv(|_| ()), &[(I32, X.1), W], Y, "got i32 and f32");
    refuses(conv(|_| ()), &[X, W], (F64, Y.1), "but is declared as f64");
    refuses(conv(|_| ()), &[X], Y, "takes at least 2 inputs, got 1");
    refuses(conv(|_| ()), &[X, W, (F32, &[7])], Y, "has 1 inputs for an epilogue, but no epilogue");
    let add: Vec<MapStep> = vec![step(MapOp::Add, &[0, 1], F32)];
    refuses(conv(|op| op.epilogue.clone_from(&add)), &[X, W, (F32, &[6])], Y, "does not broadcast");
    refuses(conv(|op| op.epilogue.clone_from(&add)), &[X, W], Y, "reads register 1, but only 1 exist");
    refuses(filter_gradient(1), &[X, (F64, Y.1)], W, "f64");
}

fn pool(window: [usize; 2], strides: [usize; 2]) -> Op {
    ops::MaxPool2d { window, strides, before: [0, 0] }.into()
}

#[test]
fn pooling() {
    let y: Input = (F32, &[2, 2, 4, 4]);
    let outside = "do not lie over";
    refuses(pool([2, 3], [2, 1]), &[(F32, &[5, 6, 4])], y, "four axes");
    refuses(pool([2, 3], [2, 1]), &[X], (F32, &[2, 2, 4, 3]), "do not fit");
    refuses(pool([2, 3], [0, 1]), &[X], y, outside);
    refuses(pool([2, 3], [5, 1]), &[X], y, outside);
    refuses(pool([0, 3], [2, 1]), &[X], y, "are too large");
    refuses(pool([usize::MAX, 3], [2, 1]), &[X], y, outside);
    refuses(pool([2, 3], [2, 1]), &[(I32, X.1)], (I32, y.1), "needs f32 or f64");
    refuses(pool([2, 3], [2, 1]), &[X], (F64, y.1), "but is declared as f64");
    let before = ops::AvgPool2d { window: [2, 3], strides: [2, 1], before: [2, 0] };
    refuses(before.into(), &[X], y, outside);
    let select = ops::MaxPool2dSelect { window: [2, 3], strides: [2, 1], before: [0, 0] };
    refuses(select.into(), &[X, (F32, &[2, 5, 6, 3])], y, "needs two inputs of one type");
    let scatter = ops::MaxPool2dScatter { window: [2, 3], strides: [2, 1], before: [0, 0] };
    refuses(scatter.into(), &[y, X], (F32, &[2, 5, 5, 4]), "");
}
