//! The interpreter of elementwise expressions.
//!
//! An expression is run over tiles of a few hundred elements: each step is one
//! call of a function that was chosen when the program was loaded. Operands
//! that lie like the result are read in place; others (scalars, rows, columns,
//! anything that broadcasts) are first broadcast into a buffer of one tile. The
//! last step writes straight into the result, which may be one of the operands
//! that are read in place.

use std::mem::MaybeUninit;

use crate::ir::program::{Dtype, MapStep};
use crate::ir::types::{MAX_MAP_INPUTS, MAX_REGISTERS};
use crate::kernels::broadcast::{Access, access, fill_broadcast, fill_periodic};
use crate::kernels::expression::{ExpressionKernel, Place};
use crate::kernels::tile::{self, TileFn};
use crate::simd::Level;

/// Elements of a tile: a few buffers of this size fit into the first cache.
pub const TILE: usize = 512;

/// An expression, ready to run on arrays of fixed shapes.
#[derive(Debug)]
pub struct MapKernel {
    operands: Vec<Operand>,
    steps: Vec<Step>,
    /// Byte offset of each register's buffer in the scratch memory, where it has one.
    buffers: Vec<usize>,
    /// Elements of a full tile.
    tile: usize,
    out_size: usize,
    all_f32: bool,
    /// Computes it all in one loop, where the expression is a well-known one.
    special: Option<Box<dyn ExpressionKernel>>,
    /// Private memory that a thread needs.
    pub scratch_bytes: usize,
}

#[derive(Debug)]
struct Step {
    function: TileFn,
    args: [u8; 3],
    register: u8,
}

#[derive(Debug)]
struct Operand {
    size: usize,
    access: Access,
}

impl Operand {
    fn place(&self) -> Place {
        match self.access {
            Access::Same => Place::Same,
            Access::Periodic(1) => Place::Scalar,
            _ => Place::Other,
        }
    }
}

/// What a thread keeps while it walks over its part of the result.
pub struct State {
    /// Set as far as the kernel uses them: tiny programs would feel the rest.
    registers: [MaybeUninit<*mut u8>; MAX_REGISTERS],
    scratch: *mut u8,
    /// For periodic operands: where in its period the filled buffer starts.
    phases: [MaybeUninit<usize>; MAX_MAP_INPUTS],
}

const NOT_FILLED: usize = usize::MAX;

impl MapKernel {
    /// Prepares `code` for operands of the given types over a result of `shape`.
    ///
    /// # Errors
    /// When a step has no kernel; `verify` refuses such programs.
    pub fn new(
        code: &[MapStep],
        operands: &[(Dtype, &[usize])],
        shape: &[usize],
        level: Level,
    ) -> Result<MapKernel, String> {
        let mut dtypes: Vec<Dtype> = operands.iter().map(|(dtype, _)| *dtype).collect();
        let operands: Vec<Operand> = operands
            .iter()
            .map(|(dtype, from)| Operand { size: dtype.size(), access: access(from, shape) })
            .collect();
        let mut steps = Vec::with_capacity(code.len());
        for step in code {
            let args: Vec<Dtype> = step.args.iter().map(|&register| dtypes[register]).collect();
            let function = tile::lookup(step.op, &args, step.dtype, level)
                .ok_or_else(|| format!("{:?} is not defined for {args:?}", step.op))?;
            let mut registers = [0u8; 3];
            for (slot, &register) in registers.iter_mut().zip(&step.args) {
                *slot = register as u8;
            }
            steps.push(Step { function, args: registers, register: dtypes.len() as u8 });
            dtypes.push(step.dtype);
        }
        let tile = tile_length(&operands, shape.iter().product());
        let widest = dtypes.iter().map(|dtype| dtype.size()).max().unwrap_or(1);
        let buffer_bytes = (tile * widest).next_multiple_of(64);
        let (slots, count) = assign_buffers(&operands, code);
        let all_f32 = dtypes.iter().all(|&dtype| dtype == Dtype::F32);
        Ok(MapKernel {
            special: None,
            all_f32,
            operands,
            steps,
            buffers: slots.into_iter().map(|slot| slot * buffer_bytes).collect(),
            tile,
            out_size: dtypes.last().map_or(1, |dtype| dtype.size()),
            scratch_bytes: count * buffer_bytes,
        })
    }

    /// Lets a special kernel compute the expression. `find` is asked for one, if all numbers are `f32`.
    pub fn specialize(&mut self, find: impl FnOnce(&[Place]) -> Option<Box<dyn ExpressionKernel>>) {
        if self.all_f32 {
            self.special = find(&self.operands.iter().map(Operand::place).collect::<Vec<_>>());
        }
    }

    /// The special kernel that computes it, if there is one.
    pub fn special(&self) -> Option<&dyn ExpressionKernel> {
        self.special.as_deref()
    }

    /// What operand `number` must satisfy to be overwritten by the result.
    pub fn reads_in_place(&self, number: usize) -> bool {
        self.operands[number].access == Access::Same && self.operands[number].size == self.out_size
    }

    /// Starts a walk with empty buffers.
    ///
    /// # Safety
    /// `scratch` has `scratch_bytes` bytes, aligned to 64, that nobody else uses during the walk.
    pub unsafe fn begin(&self, scratch: *mut u8) -> State {
        let mut state = State {
            registers: [const { MaybeUninit::uninit() }; MAX_REGISTERS],
            scratch,
            phases: [const { MaybeUninit::uninit() }; MAX_MAP_INPUTS],
        };
        for (register, phase) in state.registers.iter_mut().zip(&mut state.phases).take(self.operands.len()) {
            register.write(std::ptr::null_mut());
            phase.write(NOT_FILLED);
        }
        for step in &self.steps {
            let register = step.register as usize;
            // SAFETY: the offset lies within the scratch memory.
            state.registers[register].write(unsafe { scratch.add(self.buffers[register]) });
        }
        state
    }

    /// Computes elements `start..start + count` of the result.
    ///
    /// # Safety
    /// The pointers are those of whole arrays of the prepared types and shapes, in order.
    /// The range lies within the result. `out` equals an operand that
    /// `reads_in_place`, or overlaps none.
    pub unsafe fn run(
        &self,
        state: &mut State,
        start: usize,
        count: usize,
        operands: &[*mut u8],
        out: *mut u8,
    ) {
        if let Some(special) = &self.special {
            // SAFETY: the caller vouches for the arrays and the range.
            return unsafe { special.run(start, count, operands, out) };
        }
        let end = start + count;
        let mut position = start;
        while position < end {
            let length = self.tile.min(end - position);
            for (number, (operand, &base)) in self.operands.iter().zip(operands).enumerate() {
                // SAFETY: the position lies within the result, so what it maps to lies
                // within the operand; buffers hold a whole tile.
                let found = unsafe {
                    match &operand.access {
                        Access::Same => base.add(position * operand.size),
                        _ => self.broadcast(state, number, base, position, length),
                    }
                };
                state.registers[number].write(found);
            }
            // SAFETY: the registers hold `length` elements of the types that the
            // functions were looked up for; the last one is the result.
            unsafe { self.run_steps(state, length, out.add(position * self.out_size)) };
            position += length;
        }
    }

    #[inline]
    unsafe fn run_steps(&self, state: &mut State, length: usize, out: *mut u8) {
        let last = self.steps.len() - 1;
        for (number, step) in self.steps.iter().enumerate() {
            // SAFETY: `begin` has set the registers of all operands and steps; register 0,
            // which stands in for missing operands, is one of them. The rest is handed on.
            unsafe {
                let args =
                    step.args.map(|number| state.registers[number as usize].assume_init().cast_const());
                let target =
                    if number == last { out } else { state.registers[step.register as usize].assume_init() };
                (step.function)(length, args, target);
            }
        }
    }

    /// Where `length` elements of a broadcast operand can be read.
    unsafe fn broadcast(
        &self,
        state: &mut State,
        number: usize,
        base: *mut u8,
        position: usize,
        length: usize,
    ) -> *mut u8 {
        let size = self.operands[number].size;
        // SAFETY: the offset lies within the scratch memory; the operand has as many
        // elements as its strides reach, and the buffer holds a tile.
        unsafe {
            let buffer = state.scratch.add(self.buffers[number]);
            match &self.operands[number].access {
                Access::Same => base.add(position * size),
                Access::Periodic(period) => {
                    let phase = position % period;
                    if *period > 1 && period - phase >= length {
                        return base.add(phase * size);
                    }
                    // Set by `begin`.
                    if state.phases[number].assume_init() != phase {
                        fill_periodic(buffer, base, *period, phase, self.tile, size);
                        state.phases[number].write(phase);
                    }
                    buffer
                }
                Access::Broadcast(axes) => {
                    fill_broadcast(buffer, base, axes, position, length, size);
                    buffer
                }
            }
        }
    }
}

/// A whole number of periods, so that a buffer filled once serves every tile.
fn tile_length(operands: &[Operand], elements: usize) -> usize {
    let period = operands.iter().find_map(|operand| match operand.access {
        Access::Periodic(period) if period > 1 && period < TILE => Some(period),
        _ => None,
    });
    let period = period.unwrap_or(1);
    (TILE / period * period).min(elements.next_multiple_of(period))
}

/// Gives a tile buffer to each operand that must be broadcast and to each step but
/// the last. Steps take over the buffers of results that nobody reads any more.
/// Gives the buffer of each register (0 where none is needed) and their count.
fn assign_buffers(operands: &[Operand], code: &[MapStep]) -> (Vec<usize>, usize) {
    let mut count = 0;
    let mut fresh = || {
        count += 1;
        count - 1
    };
    let mut buffers: Vec<usize> =
        operands.iter().map(|operand| if operand.access == Access::Same { 0 } else { fresh() }).collect();
    let mut last_use = vec![0; operands.len() + code.len()];
    for (number, step) in code.iter().enumerate() {
        for &register in &step.args {
            last_use[register] = number;
        }
    }
    let mut free: Vec<usize> = Vec::new();
    for number in 0..code.len().saturating_sub(1) {
        let buffer = free.pop().unwrap_or_else(&mut fresh);
        buffers.push(buffer);
        // A step never writes over what it reads: only now do its operands go.
        for register in operands.len()..buffers.len() {
            if last_use[register] == number {
                free.push(buffers[register]);
            }
        }
    }
    buffers.push(0);
    (buffers, count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::program::MapOp;

    fn run_map(code: &[MapStep], operands: &[(&[f32], &[usize])], shape: &[usize]) -> Vec<f32> {
        let typed: Vec<(Dtype, &[usize])> = operands.iter().map(|(_, from)| (Dtype::F32, *from)).collect();
        let kernel = MapKernel::new(code, &typed, shape, Level::Portable).unwrap();
        let mut scratch = vec![0u64; kernel.scratch_bytes / 8 + 16];
        let elements = shape.iter().product();
        let mut out = vec![0f32; elements];
        let pointers: Vec<*mut u8> =
            operands.iter().map(|(values, _)| values.as_ptr().cast_mut().cast()).collect();
        // SAFETY: the arrays have the shapes that the kernel was made for.
        unsafe {
            let mut state = kernel.begin(scratch.as_mut_ptr().cast());
            let half = elements / 2;
            kernel.run(&mut state, 0, half, &pointers, out.as_mut_ptr().cast());
            kernel.run(&mut state, half, elements - half, &pointers, out.as_mut_ptr().cast());
        }
        out
    }

    fn step(op: MapOp, args: &[usize]) -> MapStep {
        MapStep { op, args: args.to_vec(), dtype: Dtype::F32 }
    }

    #[test]
    fn rows_and_columns_broadcast() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let add = [step(MapOp::Add, &[0, 1])];
        let row = run_map(&add, &[(&x, &[2, 3]), (&[10.0, 20.0, 30.0], &[3])], &[2, 3]);
        assert_eq!(row, [11.0, 22.0, 33.0, 14.0, 25.0, 36.0]);
        let column = run_map(&add, &[(&x, &[2, 3]), (&[10.0, 20.0], &[2, 1])], &[2, 3]);
        assert_eq!(column, [11.0, 12.0, 13.0, 24.0, 25.0, 26.0]);
        let scalar = run_map(&add, &[(&x, &[2, 3]), (&[0.5], &[])], &[2, 3]);
        assert_eq!(scalar, [1.5, 2.5, 3.5, 4.5, 5.5, 6.5]);
        let outer = run_map(&add, &[(&[1.0, 2.0], &[2, 1]), (&[10.0, 20.0, 30.0], &[1, 3])], &[2, 3]);
        assert_eq!(outer, [11.0, 21.0, 31.0, 12.0, 22.0, 32.0]);
    }

    #[test]
    fn long_broadcasts_agree_with_indexing() {
        let shape = [3, 7, 5, 11];
        let a: Vec<f32> = (0..3 * 5).map(|i| i as f32).collect();
        let b: Vec<f32> = (0..7 * 5 * 11).map(|i| i as f32 * 100.0).collect();
        let got = run_map(
            &[step(MapOp::Add, &[0, 1]), step(MapOp::Neg, &[2]), step(MapOp::Sub, &[3, 0])],
            &[(&a, &[3, 1, 5, 1]), (&b, &[7, 5, 11])],
            &shape,
        );
        for (position, value) in got.iter().enumerate() {
            let (i, rest) = (position / (7 * 5 * 11), position % (7 * 5 * 11));
            let x = a[i * 5 + rest / 11 % 5];
            assert_eq!(*value, -(x + b[rest]) - x, "at {position}");
        }
    }

    #[test]
    fn buffers_are_shared_by_results_that_do_not_live_together() {
        let operands = [Operand { size: 4, access: Access::Same }];
        let chain: Vec<MapStep> = (0..6).map(|i| step(MapOp::Neg, &[i])).collect();
        let (_, count) = assign_buffers(&operands, &chain);
        assert_eq!(count, 2);
    }
}
