//! Each large block of memory, one after the other, is refused: the engine unwinds with `OutOfMemory`, no variable has
//! changed, and the next run gives what it always gives. A block that Rust's own collections ask for would end the process.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use common::loops::{Form, with_loop};
use common::{BATCH, Builder, CLASSES, PIXELS, digits, softmax_regression};
use tensorlet_engine::ir::ops;
use tensorlet_engine::ir::program::Dtype;
use tensorlet_engine::memory::OutOfMemory;
use tensorlet_engine::plan::Plan;
use tensorlet_engine::run::fetch::{Column, Feed, Rows};
use tensorlet_engine::run::runner::Runner;
use tensorlet_engine::simd::Level;

/// Blocks from this size on count as large; the lists of a plan are smaller.
const LARGE: usize = 48 << 10;

struct Failing;

/// Large blocks so far, and the one that is refused; 0 for none.
static COUNT: AtomicUsize = AtomicUsize::new(0);
static REFUSED: AtomicUsize = AtomicUsize::new(0);

fn is_refused(layout: Layout) -> bool {
    layout.size() >= LARGE && COUNT.fetch_add(1, Ordering::Relaxed) + 1 == REFUSED.load(Ordering::Relaxed)
}

// SAFETY: hands everything on to the system's allocator, or has no memory.
unsafe impl GlobalAlloc for Failing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: handed on.
        if is_refused(layout) { std::ptr::null_mut() } else { unsafe { System.alloc(layout) } }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: handed on.
        if is_refused(layout) { std::ptr::null_mut() } else { unsafe { System.alloc_zeroed(layout) } }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: handed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Failing = Failing;

/// A program, what it is given, and what it changes and gives.
struct Case {
    builder: Builder,
    columns: Vec<Vec<u8>>,
    rows: usize,
    steps: usize,
    variables: Vec<Vec<u8>>,
    outputs: Vec<Vec<u8>>,
    threads: usize,
}

impl Case {
    /// Plans the program and runs it, with the same values of the variables each time.
    fn run(&mut self) {
        let plan = Plan::new(&self.builder.program, &self.builder.constants, "test", Level::detect());
        let mut runner = Runner::new(plan.expect("a good program"));
        runner.force_threads(self.threads);
        let inputs = &self.builder.program.inputs;
        let feeds: Vec<Feed> = self
            .columns
            .iter()
            .zip(inputs)
            .map(|(data, input)| match self.steps {
                1 => Feed::Fixed(data.as_ptr()),
                _ => {
                    let stride = (data.len() / self.rows) as isize;
                    let (start, dtype) = (data.as_ptr(), input.dtype);
                    Feed::Rows(Column { start, rows: self.rows, stride, dtype })
                }
            })
            .collect();
        let variables: Vec<*mut u8> = self.variables.iter_mut().map(|data| data.as_mut_ptr()).collect();
        let outputs: Vec<*mut u8> = self.outputs.iter_mut().map(|data| data.as_mut_ptr()).collect();
        let rows = Rows { order: None, first_step: 0 };
        // SAFETY: the arrays have the program's types and shapes.
        let done = unsafe { runner.run_epoch(&feeds, rows, self.steps, &variables, &outputs, &|_, _| true) };
        assert_eq!(done, Ok(self.steps));
    }

    /// Refuses one large block after the other; gives how many there were.
    fn check(mut self) -> usize {
        let before = self.variables.clone();
        COUNT.store(0, Ordering::Relaxed);
        self.run();
        let blocks = COUNT.load(Ordering::Relaxed);
        let (trained, expected) = (self.variables.clone(), self.outputs.clone());
        for number in 1..=blocks {
            self.variables.clone_from(&before);
            COUNT.store(0, Ordering::Relaxed);
            REFUSED.store(number, Ordering::Relaxed);
            let outcome = catch_unwind(AssertUnwindSafe(|| self.run()));
            REFUSED.store(0, Ordering::Relaxed);
            let payload = outcome.expect_err("a refused block is noticed");
            assert!(payload.downcast_ref::<OutOfMemory>().is_some(), "block {number}");
            assert!(self.variables == before, "block {number} left variables changed");
            self.run();
            assert!(self.variables == trained && self.outputs == expected, "block {number}");
        }
        blocks
    }
}

fn bytes<T: Copy>(values: &[T]) -> Vec<u8> {
    // SAFETY: numbers are plain bytes.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }.to_vec()
}

fn training(threads: usize) -> Case {
    let (pixels, labels) = digits(500);
    let weights: Vec<f32> = (0..CLASSES * PIXELS).map(|i| (i % 13) as f32 * 0.001).collect();
    Case {
        builder: softmax_regression(true),
        columns: vec![pixels, labels],
        rows: 500,
        steps: 500 / BATCH,
        variables: vec![bytes(&weights), bytes(&[0.0f32; CLASSES])],
        outputs: vec![vec![0; 4], vec![0; 4]],
        threads,
    }
}

fn recurrence() -> Case {
    let form = Form { batch: 64, width: 64, rounds: 12, reverse: false, mixes: false };
    let numbers = bytes(&[0.01f32; 64 * 64 * 12]);
    let columns = vec![numbers[..64 * 64 * 4].to_vec(), numbers.clone(), numbers[..64 * 64 * 4].to_vec()];
    let outputs = vec![numbers.clone(), vec![0; 4], numbers];
    Case { builder: with_loop(form), columns, rows: 0, steps: 1, variables: vec![], outputs, threads: 1 }
}

/// Sorts the rows of a product, and gathers some of them.
fn sorting() -> Case {
    const SIDE: usize = 160;
    let f32 = Dtype::F32;
    let mut b = Builder::default();
    let (x, index) = (b.input(f32, &[SIDE, SIDE]), b.input(Dtype::I64, &[SIDE]));
    let product = ops::Matmul { transpose_a: true, transpose_b: false, epilogue: vec![], steady_rows: false };
    let squares = b.add(product, &[x, x], f32, &[SIDE, SIDE]);
    let turned = b.add(ops::Transpose { perm: vec![1, 0] }, &[squares], f32, &[SIDE, SIDE]);
    let softmax = b.add(ops::Softmax {}, &[turned], f32, &[SIDE, SIDE]);
    let largest = b.add(ops::ArgReduce { axis: 1, largest: true }, &[softmax], Dtype::I64, &[SIDE]);
    let picked = b.add(ops::Pick {}, &[softmax, index], f32, &[SIDE]);
    b.program.outputs = vec![softmax, largest, picked];
    let numbers: Vec<f32> = (0..SIDE * SIDE).map(|i| (i * 7919 % 1013) as f32 / 1013.0).collect();
    let places: Vec<i64> = (0..SIDE as i64).rev().collect();
    Case {
        builder: b,
        columns: vec![bytes(&numbers), bytes(&places)],
        rows: 0,
        steps: 1,
        variables: vec![],
        outputs: vec![vec![0; SIDE * SIDE * 4], vec![0; SIDE * 8], vec![0; SIDE * 4]],
        threads: 2,
    }
}

#[test]
fn any_large_block_may_be_refused() {
    // One after the other: the count is one for all threads.
    assert!(training(1).check() > 0);
    assert!(training(2).check() > 0);
    assert!(recurrence().check() > 0);
    assert!(sorting().check() > 0);
}
