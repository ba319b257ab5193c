//! Elementwise expressions that are run together, a tile of each after the other.

use std::mem::MaybeUninit;

use crate::ir::graph::{MOST_FUSED, Node, Work};
use crate::ir::types::MAX_MAP_INPUTS;
use crate::kernels::expression::{Call, JOINED};
use crate::kernels::map::{MapKernel, State, TILE};
use crate::kernels::matmul::Sink;

/// An expression on its way over its elements.
struct Stage<'a> {
    kernel: &'a MapKernel,
    state: State,
    /// Whole arrays.
    operands: [*mut u8; MAX_MAP_INPUTS],
    count: usize,
    /// A bit for each operand that is a product's sums, which are handed on where they are.
    sums: u32,
    out: *mut u8,
}

/// The expressions behind a product or an elementwise node; without allocation.
pub(crate) struct Stages<'a> {
    stages: [MaybeUninit<Stage<'a>>; MOST_FUSED + 1],
    count: usize,
    /// Where the next expression's scratch memory begins.
    scratch: *mut u8,
    /// Where the sums of a product are kept as well; null if nobody else wants them.
    keep: *mut u8,
    /// Columns of the product, and bytes of a sum.
    columns: usize,
    sum_bytes: usize,
    /// Elements of the result before this product of a batch.
    pub first: usize,
    /// The first of the expressions that a special kernel computes in one loop.
    joined: Option<usize>,
}

impl<'a> Stages<'a> {
    /// Without any expression yet. `scratch` is aligned to 64.
    pub fn new(scratch: *mut u8) -> Stages<'a> {
        Stages {
            stages: [const { MaybeUninit::uninit() }; MOST_FUSED + 1],
            count: 0,
            scratch,
            keep: std::ptr::null_mut(),
            columns: 1,
            sum_bytes: 1,
            first: 0,
            joined: None,
        }
    }

    /// The same, behind a product of so many columns, whose sums go to `keep` as well unless it is null.
    pub fn behind_product(scratch: *mut u8, columns: usize, sum_bytes: usize, keep: *mut u8) -> Stages<'a> {
        Stages { keep, columns, sum_bytes, ..Stages::new(scratch) }
    }

    /// What takes the sums of a node on while they are in cache: its epilogue with the operands behind the sums,
    /// and the nodes behind it. None if they only go to the result.
    ///
    /// # Safety
    /// The scratch memory has room for all of them; the arrays are those of the plan.
    pub unsafe fn behind_sums(
        work: &Work<'a>,
        epilogue: Option<(&'a MapKernel, &[*mut u8])>,
        scratch: *mut u8,
        columns: usize,
        sum_bytes: usize,
    ) -> Option<Stages<'a>> {
        let nowhere = std::ptr::null_mut();
        let keep = if work.streams || epilogue.is_some() { nowhere } else { work.out };
        let mut stages = match epilogue {
            None if work.followers.is_empty() => return None,
            _ => Stages::behind_product(scratch, columns, sum_bytes, keep),
        };
        // SAFETY: handed on.
        unsafe {
            if let Some((kernel, operands)) = epilogue {
                stages.push(kernel, operands, 1, work.out);
            }
            stages.follow(work.followers, work.arrays, if work.streams { work.out } else { nowhere });
        }
        Some(stages)
    }

    /// Adds an expression. `sums`: a bit for each operand that is the product's sums.
    ///
    /// # Safety
    /// The scratch memory has room for it; at most `MOST_FUSED + 1` are added.
    pub unsafe fn push(&mut self, kernel: &'a MapKernel, operands: &[*mut u8], sums: u32, out: *mut u8) {
        let mut own = [std::ptr::null_mut(); MAX_MAP_INPUTS];
        own[..operands.len()].copy_from_slice(operands);
        // SAFETY: the caller vouches for the scratch memory.
        let state = unsafe { kernel.begin(self.scratch) };
        self.scratch = self.scratch.wrapping_add(kernel.scratch_bytes.next_multiple_of(64));
        let stage = Stage { kernel, state, operands: own, count: operands.len(), sums, out };
        self.stages[self.count].write(stage);
        self.count += 1;
        if let Some(first) = self.count.checked_sub(JOINED) {
            // SAFETY: they have been written.
            let joins =
                unsafe { self.calls(first) }.is_some_and(|calls| calls[JOINED - 1].kernel.joins(&calls));
            if joins {
                self.joined = Some(first);
            }
        }
    }

    /// The calls from `first` on, if all of them are those of special kernels.
    ///
    /// # Safety
    /// They have been pushed.
    unsafe fn calls(&self, first: usize) -> Option<[Call<'_>; JOINED]> {
        let call = |number: usize| {
            // SAFETY: the caller vouches for the stage.
            let stage = unsafe { self.stages[number].assume_init_ref() };
            let kernel = stage.kernel.special()?;
            Some(Call { kernel, operands: &stage.operands[..stage.count], out: stage.out })
        };
        Some([call(first)?, call(first + 1)?, call(first + 2)?])
    }

    /// Adds the elementwise nodes that are computed along; `arrays` are those of these nodes, in order.
    /// Operands at `streamed` are the product's sums.
    ///
    /// # Safety
    /// As `push`.
    pub unsafe fn follow(&mut self, nodes: &'a [Node], arrays: &[*mut u8], streamed: *mut u8) {
        let mut start = 0;
        for node in nodes {
            let operands = &arrays[start + 1..start + 1 + node.reads.len()];
            let out = arrays[start];
            start += 1 + operands.len();
            let Some((kernel, _)) = node.action().and_then(|action| action.expression()) else { continue };
            let sums = operands
                .iter()
                .enumerate()
                .map(|(number, &operand)| u32::from(!streamed.is_null() && operand == streamed) << number);
            // SAFETY: handed on.
            unsafe { self.push(kernel, operands, sums.sum(), out) };
        }
    }

    /// Computes elements `start..start + len` of every expression. `sums` are those of a product, if there is one.
    ///
    /// # Safety
    /// The arrays are those that the plan asks for, and nobody else touches these elements.
    #[inline]
    pub unsafe fn run(&mut self, start: usize, len: usize, sums: *const u8) {
        let end = start + len;
        // One expression may walk on by itself; several take turns while a tile is in cache.
        let step = if self.count > 1 { TILE } else { len.max(1) };
        let moved = sums.cast_mut().wrapping_sub(start * self.sum_bytes);
        for stage in &mut self.stages[..self.count] {
            // SAFETY: `push` has written the first `count` stages.
            let stage = unsafe { stage.assume_init_mut() };
            let mut left = stage.sums;
            while left != 0 {
                stage.operands[left.trailing_zeros() as usize] = moved;
                left &= left - 1;
            }
        }
        for position in (start..end).step_by(step) {
            let count = step.min(end - position);
            let mut number = 0;
            while number < self.count {
                // SAFETY: as above; the caller vouches for the arrays.
                unsafe {
                    if self.joined == Some(number)
                        && let Some(calls) = self.calls(number)
                    {
                        calls[JOINED - 1].kernel.run_joined(&calls, position, count);
                        number += JOINED;
                        continue;
                    }
                    let Stage { kernel, state, operands, count: given, out, .. } =
                        self.stages[number].assume_init_mut();
                    kernel.run(state, position, count, &operands[..*given], *out);
                    number += 1;
                }
            }
        }
    }
}

impl Sink for Stages<'_> {
    #[inline]
    unsafe fn span(&mut self, row: usize, column: usize, len: usize, sums: *const u8) {
        // The expressions count from the start of the whole result.
        let start = self.first + row * self.columns + column;
        // SAFETY: the sums are elements `start..start + len` of the result; the caller of
        // the product vouches for the other arrays.
        unsafe {
            if !self.keep.is_null() {
                let to = self.keep.add(start * self.sum_bytes);
                std::ptr::copy_nonoverlapping(sums, to, len * self.sum_bytes);
            }
            self.run(start, len, sums);
        }
    }
}
