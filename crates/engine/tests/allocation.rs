//! Steps allocate nothing: counted by the allocator itself.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{digits, softmax_regression, train};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

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

fn allocations(threads: usize, steps: usize) -> usize {
    let rows = digits(3000);
    let order: Vec<i64> = (0..3000).rev().collect();
    let mut runner = softmax_regression(true).runner();
    runner.force_threads(threads);
    train(&mut runner, 1, &rows, Some(&order));
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    train(&mut runner, steps, &rows, Some(&order));
    ALLOCATIONS.load(Ordering::Relaxed) - before
}

#[test]
fn ten_times_as_many_steps_allocate_no_more() {
    for threads in [1, 2] {
        let few = allocations(threads, 3);
        assert!(few > 0, "the epoch itself makes a few lists");
        assert_eq!(allocations(threads, 30), few, "{threads} threads");
    }
}
