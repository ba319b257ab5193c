//! What each kind of node does: from pointers to kernels.

use std::ops::Range;

use crate::kernels::map::{MapKernel, State};
use crate::kernels::marks;
use crate::kernels::matmul::{self, Ahead, MatmulPlan, Operands, Sink, Split};
use crate::kernels::movement::{self, BadIndex};
use crate::kernels::{order, random, reduce, rows};
use crate::plan::{Action, Node};
use crate::program::Dtype;
use crate::simd::Level;
use crate::verify::MAX_MAP_INPUTS;

/// Runs parts `parts` of a node. `arrays` are its `write` and its `reads`, in order.
///
/// # Errors
/// An index in the data that lies outside its axis.
///
/// # Safety
/// The arrays are those that the plan asks for, `scratch` has the plan's size,
/// and no other thread touches what these parts own.
#[inline]
pub(crate) unsafe fn execute(
    node: &Node,
    parts: Range<usize>,
    arrays: &[*mut u8],
    scratch: *mut u8,
    level: Level,
    ahead: Option<Ahead>,
) -> Result<(), BadIndex> {
    let (out, inputs) = (arrays[0], &arrays[1..]);
    // Parts that a thread owns follow each other: most kernels take them as one.
    let range = node.partition.range(parts.start).start..node.partition.range(parts.end - 1).end;
    let times = |items: usize| range.start * items..range.end * items;
    // SAFETY: the arrays and ranges are those of the plan, which was made from a verified program.
    unsafe {
        match &node.action {
            Action::Map { kernel, outer, len, inner } => {
                let mut state = kernel.begin(scratch);
                for block in 0..*outer {
                    let start = (block * len + range.start) * inner;
                    kernel.run(&mut state, start, range.len() * inner, inputs, out);
                }
            }
            Action::Mark { plan } => {
                for part in parts {
                    marks::mark(plan, level, part, inputs[0], inputs[1].cast(), out);
                }
            }
            Action::Matmul { plan, epilogue, batch: None } => {
                // The marks stand behind the operands of the epilogue.
                let (inputs, marks) = match (plan.skip, inputs.split_last()) {
                    (Some(_), Some((marks, inputs))) => (inputs, marks.cast_const()),
                    _ => (inputs, std::ptr::null()),
                };
                let epilogue = epilogue.as_ref();
                let product = Product { plan, epilogue, inputs, marks, ahead, out, scratch };
                parts.for_each(|part| product.run_part(part));
            }
            Action::Matmul { plan, epilogue, batch: Some(_) } => {
                let (epilogue, marks) = (epilogue.as_ref(), std::ptr::null());
                let product = Product { plan, epilogue, inputs, marks, ahead, out, scratch };
                range.for_each(|item| product.run_item(item));
            }
            Action::Combine { plan, epilogue } => {
                let mut sink =
                    epilogue.as_ref().map(|kernel| Epilogue::new(kernel, inputs, out, scratch, plan));
                matmul::combine(plan, range, inputs[0], out, sink.as_mut().map(|sink| sink as &mut dyn Sink));
            }
            Action::Softmax { log, dtype, width, items } => {
                rows::softmax(level, *log, *dtype, times(*items), *width, inputs[0], out);
            }
            Action::Reduce { plan, items } => reduce::run(plan, level, times(*items), inputs[0], out),
            Action::ArgReduce { plan, items } => reduce::arg_run(plan, times(*items), inputs[0], out),
            Action::Pick { width, size, index, .. } => {
                movement::pick(range, *width, *size, inputs[0], inputs[1], *index, out)?;
            }
            Action::Strided { view, items } => {
                let range = times(*items);
                view.copy(range.start, range.len(), inputs[0], out);
            }
            Action::Gather { shape, items } => {
                movement::gather(shape, times(*items), inputs[0], inputs[1], out)?;
            }
            Action::Sort { dtype, width, items, descending, positions } => {
                let rows = times(*items);
                order::sort(*dtype, rows, *width, *descending, *positions, inputs[0], out, scratch);
            }
            Action::Random { draw, items } => {
                let call = inputs[0].cast::<i64>().read_unaligned();
                random::draw(draw, call, times(*items), out);
            }
            Action::Copy { outer, len, inner } => {
                for block in 0..*outer {
                    let start = (block * len + range.start) * inner;
                    let bytes = range.len() * inner;
                    std::ptr::copy_nonoverlapping(inputs[0].add(start), out.add(start), bytes);
                }
            }
            Action::Pad { from, before, shape, size } => {
                movement::pad(inputs[0], from, inputs[1], before, out, shape, *size);
            }
            Action::Concat { blocks, outer } => movement::concat(inputs, blocks, *outer, out),
            Action::ScatterAdd { dtype, rows, width, count, index } => {
                movement::scatter_add(*dtype, *rows, *width, *count, inputs[0], *index, inputs[1], out)?;
            }
            Action::Cumsum { shape } => movement::cumsum(shape, inputs[0], out),
            // The runner does these itself.
            Action::Fetch { .. } | Action::Check => {}
        }
    }
    Ok(())
}

/// A product and where its arrays are.
struct Product<'a> {
    plan: &'a MatmulPlan,
    epilogue: Option<&'a MapKernel>,
    inputs: &'a [*mut u8],
    marks: *const u8,
    ahead: Option<Ahead<'a>>,
    out: *mut u8,
    scratch: *mut u8,
}

impl Product<'_> {
    /// One part of a product of two axes; partial sums go straight to `out`.
    unsafe fn run_part(&self, part: usize) {
        let (a, b) = (self.inputs[0], self.inputs[1]);
        let operands = Operands { a, b, marks: self.marks, ahead: self.ahead };
        let aside = self.plan.scratch_bytes.next_multiple_of(64);
        // SAFETY: handed on from `execute`; the epilogue's scratch lies behind the product's.
        unsafe {
            if matches!(self.plan.split, Split::Inner(_)) {
                let nowhere = std::ptr::null_mut();
                return matmul::run_part(self.plan, part, operands, nowhere, self.out, self.scratch, None);
            }
            let mut sink = self.epilogue.map(|kernel| {
                Epilogue::new(kernel, &self.inputs[1..], self.out, self.scratch.add(aside), self.plan)
            });
            let sink = sink.as_mut().map(|sink| sink as &mut dyn Sink);
            matmul::run_part(self.plan, part, operands, self.out, std::ptr::null_mut(), self.scratch, sink);
        }
    }

    /// One whole product of a batch; partial sums stay in the scratch memory.
    unsafe fn run_item(&self, item: usize) {
        let spec = self.plan.spec;
        let a_bytes = spec.m * spec.k * spec.a.size();
        let b_bytes = spec.k * spec.n * spec.b.size();
        let shared_at = self.plan.scratch_bytes.next_multiple_of(64);
        let aside = shared_at + self.plan.shared_bytes.next_multiple_of(64);
        // SAFETY: item `item` lies within the arrays; the scratch memory has room for all three.
        unsafe {
            let (a, b) = (self.inputs[0].add(item * a_bytes), self.inputs[1].add(item * b_bytes));
            let operands = Operands { a, b, marks: self.marks, ahead: self.ahead };
            let (out, shared) = match self.epilogue {
                None => (self.out.add(item * spec.m * spec.n * spec.out.size()), self.scratch.add(shared_at)),
                Some(_) => (self.out, self.scratch.add(shared_at)),
            };
            let mut sink = self.epilogue.map(|kernel| {
                let mut sink =
                    Epilogue::new(kernel, &self.inputs[1..], self.out, self.scratch.add(aside), self.plan);
                sink.first = item * spec.m * spec.n;
                sink
            });
            for part in 0..self.plan.split.partition().parts() {
                let sink = sink.as_mut().map(|sink| sink as &mut dyn Sink);
                matmul::run_part(self.plan, part, operands, out, shared, self.scratch, sink);
            }
            if matches!(self.plan.split, Split::Inner(_)) {
                let sink = sink.as_mut().map(|sink| sink as &mut dyn Sink);
                matmul::combine(self.plan, 0..spec.m, shared, out, sink);
            }
        }
    }
}

/// Runs an expression over finished sums while they are in cache.
struct Epilogue<'a> {
    kernel: &'a MapKernel,
    state: State,
    /// Operand 0 is the product; the others are whole arrays.
    operands: [*mut u8; MAX_MAP_INPUTS],
    count: usize,
    out: *mut u8,
    columns: usize,
    sum_size: usize,
    /// Elements of the result before this product of a batch.
    first: usize,
}

impl<'a> Epilogue<'a> {
    /// `operands[0]` is a place for the product; the others are read.
    unsafe fn new(
        kernel: &'a MapKernel,
        operands: &[*mut u8],
        out: *mut u8,
        scratch: *mut u8,
        plan: &MatmulPlan,
    ) -> Epilogue<'a> {
        let mut own = [std::ptr::null_mut(); MAX_MAP_INPUTS];
        own[..operands.len()].copy_from_slice(operands);
        // SAFETY: the caller gives the scratch memory that the kernel asks for.
        let state = unsafe { kernel.begin(scratch) };
        let (columns, sum_size) = (plan.spec.n, plan.spec.out.size());
        Epilogue { kernel, state, operands: own, count: operands.len(), out, columns, sum_size, first: 0 }
    }
}

impl Sink for Epilogue<'_> {
    #[inline]
    unsafe fn span(&mut self, row: usize, column: usize, len: usize, sums: *const u8) {
        let start = self.first + row * self.columns + column;
        // The kernel counts from the start of the whole result.
        self.operands[0] = sums.cast_mut().wrapping_sub(start * self.sum_size);
        // SAFETY: the sums are elements `start..start + len` of the result; the caller
        // of the product vouches for the other arrays.
        unsafe { self.kernel.run(&mut self.state, start, len, &self.operands[..self.count], self.out) };
    }
}

/// Reads a number of any type; for sums of outputs.
///
/// # Safety
/// `value` points at an element of this type.
pub(crate) unsafe fn read_number(value: *const u8, dtype: Dtype) -> f64 {
    // SAFETY: the caller vouches for the type.
    unsafe {
        match dtype {
            Dtype::F32 => value.cast::<f32>().read_unaligned().into(),
            Dtype::F64 => value.cast::<f64>().read_unaligned(),
            Dtype::I32 => value.cast::<i32>().read_unaligned().into(),
            Dtype::I64 => value.cast::<i64>().read_unaligned() as f64,
            Dtype::U8 | Dtype::Bool => (*value).into(),
        }
    }
}
