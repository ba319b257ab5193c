//! Layers that are cut into many parts: the same bits on any number of threads, on an idle and on a
//! busy machine, and a step that is stopped in the middle.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use common::{Builder, Dice, step};
use tensorlet_engine::ir::ops;
use tensorlet_engine::ir::program::{Dtype, MapOp};
use tensorlet_engine::run::fetch::{Column, Feed, Rows};
use tensorlet_engine::run::runner::{Control, Runner};
use tensorlet_engine::run::thread_count;

/// There is one pool, and one number of threads, a process: tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// A network with one hidden layer, squared error and momentum.
struct Network {
    batch: usize,
    widths: [usize; 3],
}

const SMALL: Network = Network { batch: 128, widths: [256, 640, 32] };
/// A step takes long enough to be looked in on.
const LONG: Network = Network { batch: 1024, widths: [768, 1024, 256] };

impl Network {
    fn build(&self) -> Builder {
        use Dtype::F32;
        let (batch, [inputs, units, outputs]) = (self.batch, self.widths);
        let mut b = Builder::default();
        let x = b.input(F32, &[batch, inputs]);
        let w1 = b.variable(F32, &[inputs, units]);
        let w2 = b.variable(F32, &[units, outputs]);
        let m1 = b.variable(F32, &[inputs, units]);
        let rate = b.constant(F32, &[], &[1e-3f32]);
        let kept = b.constant(F32, &[], &[0.9f32]);
        let product = |transpose_a, transpose_b, epilogue| ops::Matmul {
            transpose_a,
            transpose_b,
            epilogue,
            steady_rows: false,
        };
        let tanh = vec![step(MapOp::Tanh, &[0], F32)];
        let h = b.add(product(false, false, tanh), &[x, w1], F32, &[batch, units]);
        let y = b.add(product(false, false, vec![]), &[h, w2], F32, &[batch, outputs]);
        let down = vec![step(MapOp::MulAdd, &[0, 1, 2], F32)];
        let minus = b.map(vec![step(MapOp::Neg, &[0], F32)], &[rate], &[]);
        let new_w2 = b.add(product(true, false, down), &[h, y, minus, w2], F32, &[units, outputs]);
        let back = b.add(product(false, true, vec![]), &[y, w2], F32, &[batch, units]);
        let slope = vec![
            step(MapOp::Square, &[1], F32),
            step(MapOp::Mul, &[0, 2], F32),
            step(MapOp::Sub, &[0, 3], F32),
        ];
        let error = b.map(slope, &[back, h], &[batch, units]);
        let g1 = b.add(product(true, false, vec![]), &[x, error], F32, &[inputs, units]);
        let new_m1 = b.map(vec![step(MapOp::MulAdd, &[0, 1, 2], F32)], &[m1, kept, g1], &[inputs, units]);
        let new_w1 =
            b.map(vec![step(MapOp::MulAdd, &[0, 1, 2], F32)], &[new_m1, minus, w1], &[inputs, units]);
        b.program.updates = vec![(0, new_w1), (1, new_w2), (2, new_m1)];
        b.program.outputs = vec![y];
        b
    }

    fn runner(&self) -> Runner {
        self.build().runner()
    }

    /// Trains for some steps: how many were done, and the bits of all variables.
    fn train(&self, runner: &mut Runner, steps: usize, control: Control) -> (usize, Vec<u32>) {
        let [inputs, units, outputs] = self.widths;
        let mut dice = Dice(7);
        let mut drawn = |count: usize| -> Vec<f32> { (0..count).map(|_| dice.number() * 0.1).collect() };
        let rows = drawn(self.batch * inputs);
        let mut variables = [drawn(inputs * units), drawn(units * outputs), vec![0.0; inputs * units]];
        let mut shown = vec![0.0f32; self.batch * outputs];
        let order: Vec<i64> =
            (0..self.batch as i64 * steps as i64).map(|row| row % self.batch as i64).collect();
        let column = Column {
            start: rows.as_ptr().cast(),
            rows: self.batch,
            stride: 4 * inputs as isize,
            dtype: Dtype::F32,
        };
        let pointers = variables.each_mut().map(|array| array.as_mut_ptr().cast());
        let rows = Rows { order: Some(&order), first_step: 0 };
        let outputs = [shown.as_mut_ptr().cast()];
        // SAFETY: the arrays have the program's types and shapes.
        let done =
            unsafe { runner.run_epoch(&[Feed::Rows(column)], rows, steps, &pointers, &outputs, control) };
        (done.expect("good data"), variables.concat().into_iter().map(f32::to_bits).collect())
    }
}

/// Calls `work` while some other threads keep all cores busy.
fn on_busy_machine<T>(work: impl FnOnce() -> T) -> T {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let result = work();
        over.store(true, Ordering::Relaxed);
        result
    })
}

#[test]
fn any_number_of_threads_gives_the_same_bits_quiet_and_on_busy_machine() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(SMALL.runner().plan().max_threads() >= 16, "{}", SMALL.runner().plan().describe());
    let trained = |threads: usize| {
        let mut runner = SMALL.runner();
        runner.force_threads(threads);
        SMALL.train(&mut runner, 6, &|_, _| true)
    };
    let expected = trained(1);
    assert_eq!(expected.0, 6);
    for threads in [2, 3, 4, 8, 17] {
        assert!(trained(threads) == expected, "{threads} threads");
        assert!(on_busy_machine(|| trained(threads)) == expected, "{threads} threads on a busy machine");
    }
}

#[test]
fn the_way_that_is_chosen_gives_the_same_bits() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let before = thread_count::threads();
    let mut bits: Vec<(usize, Vec<u32>)> = Vec::new();
    for threads in [1, 2, 8] {
        thread_count::set_threads(threads);
        bits.push(SMALL.train(&mut SMALL.runner(), 40, &|_, _| true));
        bits.push(on_busy_machine(|| SMALL.train(&mut SMALL.runner(), 40, &|_, _| true)));
    }
    thread_count::set_threads(before);
    assert!(bits.iter().all(|trained| *trained == bits[0]));
}

#[test]
fn a_long_step_is_given_up_or_done() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for threads in [1, 2] {
        let train = |steps: usize, control: Control| {
            let mut runner = LONG.runner();
            runner.force_threads(threads);
            LONG.train(&mut runner, steps, control)
        };
        let after = [0, 1, 2, 3].map(|steps| train(steps, &|_, _| true).1);
        for looks in 0..4 {
            let left = std::sync::atomic::AtomicUsize::new(looks);
            let control = |_: usize, _: &[f64]| left.fetch_sub(1, Ordering::Relaxed) > 0;
            let (done, bits) = train(3, &control);
            assert!(bits == after[done], "{done} steps done, stopped at look {looks} on {threads} threads");
        }
        // The first look comes a few milliseconds after the start.
        assert_eq!(train(3, &|_, _| false).0, 0, "{threads} threads");
    }
}
