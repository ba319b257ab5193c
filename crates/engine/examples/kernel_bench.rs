//! Times the heavy kernels on one thread, at every level of the machine.
//!
//! `cargo run --release --example kernel_bench [LEVEL [WORD]]`: one level only,
//! and only the products that have the word in their names.

use std::hint::black_box;
use std::time::Instant;
use tensorlet_engine::ir::program::{Dtype, ReduceKind};
use tensorlet_engine::kernels::matmul::{self, MatmulSpec, Product, Sink, Split};
use tensorlet_engine::kernels::{reduce, rows};
use tensorlet_engine::simd::{self, Kernel, Level, Vector};
use tensorlet_engine::specialized::products;

/// The least time of a call, in microseconds.
fn microseconds(mut work: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..30 {
        let start = Instant::now();
        let mut calls = 0;
        while calls < 5 || start.elapsed().as_micros() < 2000 {
            work();
            calls += 1;
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(calls));
    }
    best
}

/// Sixteen chains of multiply-adds that never wait for memory.
struct Peak<'a>(&'a mut f32, &'a mut f64);

impl Kernel for Peak<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        const STEPS: usize = 100_000;
        // SAFETY: the level is there.
        let (factor, mut sums) = unsafe { (V::splat(0.999), [V::splat(1.0); 12]) };
        for _ in 0..STEPS {
            for sum in &mut sums {
                *sum = sum.mul_add(factor, factor);
            }
        }
        *self.0 = sums.into_iter().fold(0.0, |total, sum| total + sum.sum());
        *self.1 = (STEPS * 12 * V::LANES * 2) as f64;
    }
}

fn peak(level: Level) -> f64 {
    let (mut result, mut flops) = (0.0, 0.0);
    // SAFETY: the level is available.
    let time = microseconds(|| unsafe { simd::run(level, Peak(&mut result, &mut flops)) });
    black_box(result);
    flops / time / 1e3
}

/// `w - rate * sum`, as a gradient step takes the sums.
struct Update {
    weights: Vec<f32>,
    columns: usize,
}

impl Sink for Update {
    unsafe fn span(&mut self, row: usize, column: usize, len: usize, sums: *const u8) {
        let start = row * self.columns + column;
        // SAFETY: the kernel hands `len` numbers on.
        let sums = unsafe { std::slice::from_raw_parts(sums.cast::<f32>(), len) };
        for (weight, sum) in self.weights[start..start + len].iter_mut().zip(sums) {
            *weight -= 1e-9 * sum;
        }
    }
}

/// An array, aligned as the runner's arena is.
fn aligned(bytes: usize) -> *mut u8 {
    let layout = std::alloc::Layout::from_size_align(bytes.max(1) + 64, 64).expect("a small array");
    // SAFETY: the layout is not empty; the array lives until the process ends.
    unsafe { std::alloc::alloc_zeroed(layout) }
}

fn operand(dtype: Dtype, len: usize) -> *const u8 {
    let array = aligned(len * dtype.size());
    for i in 0..len {
        let value = (i * 7919 % 251) as u8;
        // SAFETY: inside the array.
        unsafe {
            match dtype {
                Dtype::U8 => *array.add(i) = value,
                _ => *array.cast::<f32>().add(i) = f32::from(value) / 251.0 - 0.5,
            }
        }
    }
    array
}

struct Case {
    name: &'static str,
    size: (usize, usize, usize),
    transpose: (bool, bool),
    a: Dtype,
    b: Dtype,
    update: bool,
}

fn product(case: &Case, level: Level) -> f64 {
    let (m, n, k) = case.size;
    let (transpose_a, transpose_b) = case.transpose;
    let spec = MatmulSpec { m, n, k, transpose_a, transpose_b, a: case.a, b: case.b, out: Dtype::F32 };
    let plan = matmul::plan(&spec, level, None, &products::kernels());
    let (a, b) = (operand(case.a, m * k), operand(case.b, k * n));
    let (out, shared, scratch) =
        (aligned(m * n * 4), aligned(plan.shared_bytes), aligned(plan.scratch_bytes));
    let mut update = Update { weights: vec![0.0; m * n], columns: n };
    microseconds(|| {
        // SAFETY: all arrays have the sizes that the plan asks for.
        unsafe {
            let parts = 0..plan.split.partition().parts();
            let sink = case.update.then_some(&mut update as &mut dyn Sink);
            let (aside, kept) = (std::ptr::null(), std::ptr::null());
            let product = Product { a, b, aside, out, shared, scratch, kept, sink };
            matmul::run_parts(&plan, parts, product);
            if let Split::Inner(_) = plan.split {
                matmul::combine(
                    &plan,
                    0..m,
                    shared,
                    out,
                    case.update.then_some(&mut update as &mut dyn Sink),
                );
            }
        }
    })
}

fn main() {
    if cfg!(debug_assertions) {
        eprintln!("build with --release: a debug build says nothing about speed");
        std::process::exit(1);
    }
    let (byte, float) = (Dtype::U8, Dtype::F32);
    let case = |name, size, transpose, a, b, update| Case { name, size, transpose, a, b, update };
    let cases = [
        case("softmax forward, u8 rows", (100, 10, 784), (false, true), byte, float, false),
        case("softmax forward, f32 rows", (100, 10, 784), (false, true), float, float, false),
        case("softmax forward, W row-major", (100, 10, 784), (false, false), byte, float, false),
        case("softmax gradient, u8 rows", (10, 784, 100), (true, false), float, byte, true),
        case("softmax gradient, f32 rows", (10, 784, 100), (true, false), float, float, true),
        case("softmax gradient, W row-major", (784, 10, 100), (true, false), byte, float, true),
        case("hidden forward, u8 rows", (100, 128, 784), (false, false), byte, float, false),
        case("wide forward, u8 rows", (100, 512, 784), (false, false), byte, float, false),
        case("wide gradient, u8 rows", (784, 512, 100), (true, false), byte, float, true),
        case("hidden forward, f32 rows", (100, 128, 784), (false, false), float, float, false),
        case("hidden gradient, u8 rows", (784, 128, 100), (true, false), byte, float, true),
        case("hidden gradient, f32 rows", (784, 128, 100), (true, false), float, float, true),
        case("input gradient", (100, 784, 128), (false, true), float, float, false),
        case("output forward", (100, 10, 128), (false, false), float, float, false),
        case("output gradient", (128, 10, 100), (true, false), float, float, true),
        case("output to hidden", (100, 128, 10), (false, true), float, float, false),
        case("512 cubed", (512, 512, 512), (false, false), float, float, false),
        case("1000 cubed", (1000, 1000, 1000), (false, false), float, float, false),
        case("1024 forward", (128, 1024, 1024), (false, false), float, float, true),
        case("1024 gradient", (1024, 1024, 128), (true, false), float, float, true),
        case("1024 input gradient", (128, 1024, 1024), (false, true), float, float, true),
        case("one row, 784 to 128", (1, 128, 784), (false, false), float, float, false),
        case("xor, 4x2 @ 2x8", (4, 8, 2), (false, false), float, float, false),
    ];
    let wanted_level = std::env::args().nth(1).unwrap_or_default();
    let wanted_case = std::env::args().nth(2).unwrap_or_default();
    for level in Level::available().into_iter().filter(|level| level.name().contains(&wanted_level)) {
        println!("\n{}: peak {:.0} GFLOP/s", level.name(), peak(level));
        for case in cases.iter().filter(|case| case.name.contains(&wanted_case)) {
            let time = product(case, level);
            let (m, n, k) = case.size;
            println!("{:32} {:8.2} us {:7.1} GFLOP/s", case.name, time, (2 * m * n * k) as f64 / time / 1e3);
        }
        let (x, out) = (operand(float, 100 * 10), aligned(100 * 10 * 4));
        // SAFETY: 100 rows of 10 numbers.
        let time = microseconds(|| unsafe { rows::softmax(level, true, float, 0..100, 10, x, out) });
        println!("{:32} {time:8.2} us", "log_softmax 100x10");
        let sums = reduce::plan(ReduceKind::Sum, float, &[100, 10], &[0]).expect("a plan");
        // SAFETY: 100 rows of 10 numbers.
        let time = microseconds(|| unsafe { reduce::run(&sums, level, 0..10, x, out) });
        println!("{:32} {time:8.2} us", "column sums 100x10");
    }
}
