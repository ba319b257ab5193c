//! What each kind of node does: from pointers to kernels.

use std::ops::Range;

use crate::ir::program::Dtype;
use crate::kernels::map::MapKernel;
use crate::kernels::matmul::{self, MatmulPlan, Operands, Sink, Split};
use crate::kernels::movement::{self, BadIndex};
use crate::kernels::prefetch::Prefetcher;
use crate::kernels::{random, reduce, rows, sort};
use crate::plan::{Action, Node};
use crate::run::stages::Stages;
use crate::simd::Level;
use crate::specialized::sparse_rows::{lists, marks};

/// Runs parts `parts` of a node, and of those behind it that are computed along with it.
/// `arrays` are the `write` and the `reads` of each of `nodes`, in order.
///
/// # Errors
/// An index in the data that lies outside its axis.
///
/// # Safety
/// The arrays are those that the plan asks for, `scratch` has the plan's size,
/// and no other thread touches what these parts own.
#[inline]
pub(crate) unsafe fn execute(
    nodes: &[Node],
    parts: Range<usize>,
    arrays: &[*mut u8],
    scratch: *mut u8,
    level: Level,
    prefetcher: Option<&Prefetcher>,
) -> Result<(), BadIndex> {
    let node = &nodes[0];
    let (own, others) = arrays.split_at(1 + node.reads.len());
    let (out, inputs) = (own[0], &own[1..]);
    // Parts that a thread owns follow each other: most kernels take them as one.
    let range = node.partition.range(parts.start).start..node.partition.range(parts.end - 1).end;
    let times = |items: usize| range.start * items..range.end * items;
    // SAFETY: the arrays and ranges are those of the plan, which was made from a verified program.
    unsafe {
        match &node.action {
            Action::Map { kernel, outer, len, inner } if nodes.len() > 1 => {
                let mut stages = Stages::new(scratch);
                stages.push(kernel, inputs, 0, out);
                stages.follow(&nodes[1..], others, std::ptr::null_mut());
                for block in 0..*outer {
                    let start = (block * len + range.start) * inner;
                    stages.run(start, range.len() * inner, std::ptr::null());
                }
            }
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
            Action::List { plan } => lists::list(plan, level, range, inputs[0], out),
            Action::Matmul { plan, epilogue, batch: None } => {
                // The marks stand behind the operands of the epilogue.
                let (inputs, marks) = match inputs.split_last() {
                    Some((marks, inputs)) if plan.skip.is_some() || plan.lists.is_some() => {
                        (inputs, marks.cast_const())
                    }
                    _ => (inputs, std::ptr::null()),
                };
                let (epilogue, followers) = (epilogue.as_ref(), (&nodes[1..], others));
                let streams = node.group.streams;
                let product =
                    Product { plan, epilogue, followers, streams, inputs, marks, prefetcher, out, scratch };
                product.run_parts(parts);
            }
            Action::Matmul { plan, epilogue, batch: Some(_) } => {
                let (epilogue, marks) = (epilogue.as_ref(), std::ptr::null());
                let (followers, streams) = ((&nodes[1..1], &others[..0]), false);
                let product =
                    Product { plan, epilogue, followers, streams, inputs, marks, prefetcher, out, scratch };
                range.for_each(|item| product.run_item(item));
            }
            Action::Combine { plan, epilogue } => {
                let mut stages = epilogue.as_ref().map(|kernel| behind(plan, kernel, inputs, out, scratch));
                let sink = stages.as_mut().map(|sink| sink as &mut dyn Sink);
                matmul::combine(plan, range, inputs[0], out, sink);
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
                sort::sort(*dtype, rows, *width, *descending, *positions, inputs[0], out, scratch);
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
    /// Elementwise nodes that are computed along, and their arrays.
    followers: (&'a [Node], &'a [*mut u8]),
    /// The sums go to the followers only.
    streams: bool,
    inputs: &'a [*mut u8],
    marks: *const u8,
    prefetcher: Option<&'a Prefetcher>,
    out: *mut u8,
    scratch: *mut u8,
}

/// The epilogue of a product: operand 0 of the expression is the product, the others are whole arrays.
///
/// # Safety
/// The scratch memory has room for the expression.
unsafe fn behind<'a>(
    plan: &MatmulPlan,
    kernel: &'a MapKernel,
    operands: &[*mut u8],
    out: *mut u8,
    scratch: *mut u8,
) -> Stages<'a> {
    let mut stages = Stages::behind_product(scratch, plan.spec.n, plan.spec.out.size(), std::ptr::null_mut());
    // SAFETY: handed on.
    unsafe { stages.push(kernel, operands, 1, out) };
    stages
}

impl Product<'_> {
    /// What takes the sums on while they are in cache; its scratch memory lies behind the product's.
    unsafe fn stages(&self, aside: usize) -> Option<Stages<'_>> {
        let (followers, arrays) = self.followers;
        let scratch = self.scratch.wrapping_add(aside);
        let spec = &self.plan.spec;
        // SAFETY: the plan's scratch memory has room for all of them.
        unsafe {
            let mut stages = match self.epilogue {
                Some(kernel) => behind(self.plan, kernel, &self.inputs[1..], self.out, scratch),
                None if followers.is_empty() => return None,
                None => {
                    let keep = if self.streams { std::ptr::null_mut() } else { self.out };
                    Stages::behind_product(scratch, spec.n, spec.out.size(), keep)
                }
            };
            stages.follow(followers, arrays, if self.streams { self.out } else { std::ptr::null_mut() });
            Some(stages)
        }
    }

    /// Parts of a product of two axes; partial sums go straight to `out`.
    unsafe fn run_parts(&self, parts: Range<usize>) {
        let (a, b) = (self.inputs[0], self.inputs[1]);
        let operands = Operands { a, b, marks: self.marks, prefetcher: self.prefetcher };
        let aside = self.plan.scratch_bytes.next_multiple_of(64);
        // SAFETY: handed on from `execute`.
        unsafe {
            if matches!(self.plan.split, Split::Inner(_)) {
                let nowhere = std::ptr::null_mut();
                return matmul::run_parts(self.plan, parts, operands, nowhere, self.out, self.scratch, None);
            }
            let mut stages = self.stages(aside);
            let sink = stages.as_mut().map(|sink| sink as &mut dyn Sink);
            let nowhere = std::ptr::null_mut();
            matmul::run_parts(self.plan, parts, operands, self.out, nowhere, self.scratch, sink);
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
            let operands = Operands { a, b, marks: self.marks, prefetcher: self.prefetcher };
            let (out, shared) = match self.epilogue {
                None => (self.out.add(item * spec.m * spec.n * spec.out.size()), self.scratch.add(shared_at)),
                Some(_) => (self.out, self.scratch.add(shared_at)),
            };
            let mut stages = self.stages(aside);
            if let Some(stages) = &mut stages {
                stages.first = item * spec.m * spec.n;
            }
            let parts = 0..self.plan.split.partition().parts();
            let sink = stages.as_mut().map(|sink| sink as &mut dyn Sink);
            matmul::run_parts(self.plan, parts, operands, out, shared, self.scratch, sink);
            if matches!(self.plan.split, Split::Inner(_)) {
                let sink = stages.as_mut().map(|sink| sink as &mut dyn Sink);
                matmul::combine(self.plan, 0..spec.m, shared, out, sink);
            }
        }
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
