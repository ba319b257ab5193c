//! Any text at all: refused with a sentence, or planned and run without harm, and without a look at what the memory
//! held before.
//!
//! `cargo +nightly fuzz run program` in the root of the repository.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use tensorlet_engine::ir::program::{Declaration, Dtype, Program};
use tensorlet_engine::plan::Plan;
use tensorlet_engine::run::runner::Runner;
use tensorlet_engine::simd::Level;

/// Larger programs are planned, but not run.
const MAX_BYTES: usize = 1 << 22;

/// Small numbers, each a good index, too.
fn arrays(declarations: &[Declaration]) -> Vec<Vec<u64>> {
    let filled = |d: &Declaration| {
        let words = bytes(std::slice::from_ref(d)).div_ceil(8);
        match d.dtype {
            Dtype::F32 => {
                (0..words).map(|word| [0x3F00_0000_BE80_0000, 0x3DCC_CCCD_3F80_0000][word % 2]).collect()
            }
            Dtype::F64 => (0..words).map(|word| [0.5f64, -0.25, 1.0][word % 3].to_bits()).collect(),
            _ => vec![0; words],
        }
    };
    declarations.iter().map(filled).collect()
}

fn bytes(declarations: &[Declaration]) -> usize {
    declarations.iter().map(|d| d.shape.iter().product::<usize>() * d.dtype.size()).sum()
}

/// Variables and outputs after a step, in memory that holds this pattern before; nothing if the step was stopped.
fn run(plan: &Arc<Plan>, pattern: [u8; 4]) -> Option<[Vec<Vec<u64>>; 2]> {
    let inputs = arrays(plan.inputs());
    let mut variables = arrays(plan.variables());
    let mut outputs = arrays(plan.outputs());
    let given: Vec<*const u8> = inputs.iter().map(|array| array.as_ptr().cast()).collect();
    let kept: Vec<*mut u8> = variables.iter_mut().map(|array| array.as_mut_ptr().cast()).collect();
    let results: Vec<*mut u8> = outputs.iter_mut().map(|array| array.as_mut_ptr().cast()).collect();
    let mut runner = Runner::of(Arc::clone(plan));
    runner.poison(pattern);
    // A loop may go on for ever: it is stopped after some milliseconds.
    // SAFETY: the arrays have the plan's types and shapes.
    let done = unsafe { runner.run_controlled(&given, &kept, &results, &|_, _| false) };
    (done == Ok(true)).then_some([variables, outputs])
}

fuzz_target!(|text: &str| {
    let Ok(program) = Program::from_json(text) else { return };
    let constants = [0u8; 4096];
    let Ok(plan) = Plan::new(&program, &constants, "fuzz", Level::detect()) else { return };
    let total = bytes(plan.inputs()) + bytes(plan.variables()) + bytes(plan.outputs());
    if plan.arena_bytes() + total > MAX_BYTES || plan.cost() > 1e8 {
        return;
    }
    let plan = Arc::new(plan);
    if let (Some(one), Some(other)) = (run(&plan, [0xFF; 4]), run(&plan, [0, 0, 0x40, 0x40])) {
        assert!(one == other, "memory is read that was never written");
    }
});
