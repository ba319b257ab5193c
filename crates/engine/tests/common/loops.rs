//! A loop over rows, like that of a recurrent layer.

use super::{Builder, step};
use tensorlet_engine::ir::ops;
use tensorlet_engine::ir::program::{Dtype, MapOp, Program, ReduceKind, ValueId};

const F32: Dtype = Dtype::F32;

/// What a loop is made of: batch, width, rounds, and whether it goes from the last row to the first.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    pub batch: usize,
    pub width: usize,
    pub rounds: usize,
    pub reverse: bool,
    /// Rows depend on each other.
    pub mixes: bool,
}

impl Form {
    pub fn state(&self) -> [usize; 2] {
        [self.batch, self.width]
    }
}

/// A round: `state = tanh(state @ w + row)`, and a count; it gives `state * count` too.
///
/// Values: state, count, row, w; the results are state, count, product.
pub fn round(
    b: &mut Builder,
    form: Form,
    [state, count, row, w]: [ValueId; 4],
    one: ValueId,
) -> [ValueId; 3] {
    let epilogue = vec![step(MapOp::Add, &[0, 1], F32), step(MapOp::Tanh, &[2], F32)];
    let product = ops::Matmul { transpose_a: false, transpose_b: false, steady_rows: false, epilogue };
    let mut next = b.add(product, &[state, w, row], F32, &form.state());
    if form.mixes {
        let mean = ops::Reduce { kind: ReduceKind::Mean, axes: vec![0] };
        let mean = b.add(mean, &[next], F32, &[form.width]);
        next = b.map(vec![step(MapOp::Sub, &[0, 1], F32)], &[next, mean], &form.state());
    }
    let count = b.map(vec![step(MapOp::Add, &[0, 1], F32)], &[count, one], &[]);
    let scaled = b.map(vec![step(MapOp::Mul, &[0, 1], F32)], &[next, count], &form.state());
    [next, count, scaled]
}

/// The body of the loop as a program of its own; its constant is the one at byte 0 of the blob.
pub fn body(form: Form) -> Program {
    let mut b = Builder::default();
    let (state, width) = (form.state(), form.width);
    let values = [&state[..], &[], &state, &[width, width]].map(|shape| b.input(F32, shape));
    let one = b.constant(F32, &[], &[1.0f32]);
    let results = round(&mut b, form, values, one);
    b.program.outputs = results.to_vec();
    b.program
}

/// The arguments: state, rows, w; outputs: last state, last count, all products.
pub fn with_loop(form: Form) -> Builder {
    let mut b = Builder::default();
    let Form { batch, width, rounds, reverse, .. } = form;
    let state = b.input(F32, &form.state());
    let rows = b.input(F32, &[rounds, batch, width]);
    let w = b.input(F32, &[width, width]);
    let one = b.constant(F32, &[], &[1.0f32]);
    let looping =
        ops::Loop { body: body(form), length: rounds, states: 2, rows: 1, reverse, conditional: false };
    let last = b.add(looping, &[state, one, rows, w], F32, &form.state());
    let count = b.add(ops::LoopResult { index: 1 }, &[last], F32, &[]);
    let products = b.add(ops::LoopResult { index: 2 }, &[last], F32, &[rounds, batch, width]);
    b.program.outputs = vec![last, count, products];
    b
}
