//! Steps allocate nothing: counted by the allocator itself.
#![cfg_attr(not(feature = "tiny-programs"), allow(unused_imports))]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use common::loops::{Form, with_loop};
use common::{Builder, digits, softmax_regression, step, train};
use tensorlet_engine::ir::ops;
use tensorlet_engine::ir::program::{Dtype, MapOp};
#[cfg(feature = "tiny-programs")]
use tensorlet_engine::specialized::programs::{self, Copied, Stage};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
/// The count is one for all threads: tests take turns.
static TURN: Mutex<()> = Mutex::new(());

// SAFETY: hands everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: handed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The fewest allocations of some calls: the frame of the tests allocates as well, now and then.
fn fewest(mut call: impl FnMut()) -> usize {
    let count = |_| {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        call();
        ALLOCATIONS.load(Ordering::Relaxed) - before
    };
    (0..5).map(count).min().unwrap_or(0)
}

fn allocations(threads: usize, steps: usize) -> usize {
    let rows = digits(3000);
    let order: Vec<i64> = (0..3000).rev().collect();
    let mut runner = softmax_regression(true).runner();
    runner.force_threads(threads);
    train(&mut runner, 1, &rows, Some(&order));
    fewest(|| drop(train(&mut runner, steps, &rows, Some(&order))))
}

#[test]
fn ten_times_as_many_steps_allocate_no_more() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for threads in [1, 2] {
        let few = allocations(threads, 3);
        assert!(few > 0, "the epoch itself makes a few lists");
        assert_eq!(allocations(threads, 30), few, "{threads} threads");
    }
}

/// A product, an expression with a power, and a draw of random numbers, which its kernel makes.
#[cfg(feature = "tiny-programs")]
fn tiny() -> Builder {
    let mut b = Builder::default();
    let (w, call) = (b.variable(Dtype::F32, &[3, 3]), b.variable(Dtype::I64, &[]));
    let one = b.constant(Dtype::I64, &[], &[1i64]);
    let kind = tensorlet_engine::ir::program::RandomKind::Normal;
    let random = ops::Random { kind, seed: 1, stream: 2, low: 0, span: 0 };
    let noise = b.add(random, &[call], Dtype::F32, &[3, 3]);
    let epilogue = vec![step(MapOp::Pow, &[0, 1], Dtype::F32)];
    let product = ops::Matmul { transpose_a: false, transpose_b: false, epilogue, steady_rows: false };
    let new = b.add(product, &[w, noise, w], Dtype::F32, &[3, 3]);
    let next = b.map(vec![step(MapOp::Add, &[0, 1], Dtype::I64)], &[call, one], &[]);
    b.program.updates = vec![(0, new), (1, next)];
    b
}

#[cfg(feature = "tiny-programs")]
#[test]
fn tiny_steps_and_epochs_of_a_block_allocate_nothing() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let runner = tiny().runner();
    assert!(runner.plan().describe().contains("tape of"));
    let (mut weights, mut kept, mut call) = ([0.5f32; 9], [0.0f32; 9], 0i64);
    let variables = [weights.as_mut_ptr().cast(), std::ptr::from_mut(&mut call).cast()];
    let stage = Stage {
        plan: runner.shared_plan(),
        columns: &[],
        variables: &variables,
        steps: 0,
        first_row: None,
        reports: false,
    };
    let copies = [Copied { from: weights.as_ptr().cast(), to: kept.as_mut_ptr().cast(), bytes: 36 }];
    // SAFETY: the arrays have the program's types and shapes and outlive the block.
    unsafe {
        let mut block = programs::block(&[stage], &copies, 0).expect("a tiny program");
        let epochs = || (0..100).for_each(|_| assert!(block.epoch(None, &mut [], &|| true)));
        assert_eq!(fewest(epochs), 0);
        block.store();
    }
    assert_eq!(call, 500);
}

#[test]
fn more_rounds_of_a_loop_allocate_no_more() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let count = |rounds: usize, threads: usize| {
        let form = Form { batch: 64, width: 16, rounds, reverse: false, mixes: false };
        let mut runner = with_loop(form).runner();
        runner.force_threads(threads);
        let numbers = vec![0.5f32; 64 * 16 * rounds];
        let (mut last, mut products, mut rest) = (numbers.clone(), numbers.clone(), [0.0f32]);
        let start = numbers.as_ptr().cast();
        let outputs = [last.as_mut_ptr().cast(), rest.as_mut_ptr().cast(), products.as_mut_ptr().cast()];
        // SAFETY: the arrays have the types and shapes of the program.
        fewest(|| unsafe { runner.run(&[start, start, start], &[], &outputs).expect("good data") })
    };
    for threads in [1, 3] {
        assert_eq!(count(40, threads), count(4, threads));
    }
}
