//! Any text at all: refused with a sentence, or planned and run without harm.
//!
//! `cargo +nightly fuzz run program` in the root of the repository.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tensorlet_engine::plan::Plan;
use tensorlet_engine::ir::program::{Declaration, Program};
use tensorlet_engine::run::runner::Runner;
use tensorlet_engine::simd::Level;

/// Larger programs are planned, but not run.
const MAX_BYTES: usize = 1 << 22;

fn arrays(declarations: &[Declaration]) -> Vec<Vec<u64>> {
    let bytes = |d: &Declaration| d.shape.iter().product::<usize>() * d.dtype.size();
    declarations.iter().map(|d| vec![0u64; bytes(d).div_ceil(8)]).collect()
}

fn bytes(declarations: &[Declaration]) -> usize {
    declarations.iter().map(|d| d.shape.iter().product::<usize>() * d.dtype.size()).sum()
}

fuzz_target!(|text: &str| {
    let Ok(program) = Program::from_json(text) else { return };
    let constants = [0u8; 4096];
    let Ok(plan) = Plan::new(&program, &constants, "fuzz", Level::detect()) else { return };
    let total = bytes(plan.inputs()) + bytes(plan.variables()) + bytes(plan.outputs());
    if plan.arena_bytes() + total > MAX_BYTES || plan.cost() > 1e8 {
        return;
    }
    let inputs = arrays(plan.inputs());
    let mut variables = arrays(plan.variables());
    let mut outputs = arrays(plan.outputs());
    let inputs: Vec<*const u8> = inputs.iter().map(|array| array.as_ptr().cast()).collect();
    let variables: Vec<*mut u8> = variables.iter_mut().map(|array| array.as_mut_ptr().cast()).collect();
    let outputs: Vec<*mut u8> = outputs.iter_mut().map(|array| array.as_mut_ptr().cast()).collect();
    // A loop may go on for ever: it is stopped after some milliseconds.
    // SAFETY: the arrays have the plan's types and shapes.
    let _ = unsafe { Runner::new(plan).run_controlled(&inputs, &variables, &outputs, &|_, _| false) };
});
