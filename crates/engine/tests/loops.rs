//! Loops: against the same rounds written out, in every form, on any number of threads.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use common::loops::{Form, round, with_loop};
use common::{Builder, Dice, declare, step};
use tensorlet_engine::ir::ops;
use tensorlet_engine::ir::program::{Dtype, MapOp, Program};
use tensorlet_engine::plan::Plan;
use tensorlet_engine::run::runner::Runner;
use tensorlet_engine::simd::Level;

const F32: Dtype = Dtype::F32;

/// The same, round by round.
fn written_out(form: Form) -> Builder {
    let mut b = Builder::default();
    let Form { batch, width, rounds, reverse, .. } = form;
    let mut state = b.input(F32, &form.state());
    let rows = b.input(F32, &[rounds, batch, width]);
    let w = b.input(F32, &[width, width]);
    let one = b.constant(F32, &[], &[1.0f32]);
    let mut count = one;
    let mut products = Vec::new();
    for number in 0..rounds {
        let place = if reverse { rounds - 1 - number } else { number };
        let slice = ops::Slice { begin: vec![place, 0, 0], strides: vec![1, 1, 1] };
        let row = b.add(slice, &[rows], F32, &[1, batch, width]);
        let row = b.add(ops::Reshape {}, &[row], F32, &form.state());
        let [next, counted, product] = round(&mut b, form, [state, count, row, w], one);
        (state, count) = (next, counted);
        products.push(b.add(ops::Reshape {}, &[product], F32, &[1, batch, width]));
    }
    if reverse {
        products.reverse();
    }
    let products = b.add(ops::Concat { axis: 0 }, &products, F32, &[rounds, batch, width]);
    b.program.outputs = vec![state, count, products];
    b
}

fn numbers(dice: &mut Dice, count: usize) -> Vec<f32> {
    (0..count).map(|_| dice.number()).collect()
}

/// Runs a program on so many threads; the bits of its outputs.
fn run(b: &Builder, inputs: &[Vec<f32>], level: Level, threads: Option<usize>) -> Vec<Vec<u8>> {
    let plan = Plan::new(&b.program, &b.constants, "test", level).expect("a good program");
    let bytes =
        |d: &tensorlet_engine::ir::program::Declaration| d.shape.iter().product::<usize>() * d.dtype.size();
    let mut outputs: Vec<Vec<u8>> = plan.outputs().iter().map(|d| vec![0xAA; bytes(d)]).collect();
    let mut runner = Runner::new(plan);
    if let Some(threads) = threads {
        runner.force_threads(threads);
    }
    runner.poison([0xFF; 4]);
    let inputs: Vec<*const u8> = inputs.iter().map(|array| array.as_ptr().cast()).collect();
    let targets: Vec<*mut u8> = outputs.iter_mut().map(|array| array.as_mut_ptr()).collect();
    // SAFETY: the arrays have the types and shapes of the program.
    unsafe { runner.run(&inputs, &[], &targets).expect("good data") };
    outputs
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks(4).map(|four| f32::from_le_bytes(four.try_into().expect("four bytes"))).collect()
}

fn close(found: &[u8], expected: &[u8]) -> bool {
    let (found, expected) = (floats(found), floats(expected));
    found.len() == expected.len()
        && found.iter().zip(&expected).all(|(a, b)| (a - b).abs() <= 2e-5 * b.abs().max(1.0))
}

fn forms() -> impl Iterator<Item = Form> {
    let sizes = [(1, 1), (3, 5), (16, 16), (37, 20), (128, 64)];
    sizes.into_iter().flat_map(|(batch, width)| {
        [1, 2, 3, 8].into_iter().flat_map(move |rounds| {
            [(false, false), (true, false), (false, true)].map(|(reverse, mixes)| Form {
                batch,
                width,
                rounds,
                reverse,
                mixes,
            })
        })
    })
}

fn arguments(form: Form) -> Vec<Vec<f32>> {
    let mut dice = Dice(form.batch as u64 * 31 + form.rounds as u64);
    let Form { batch, width, rounds, .. } = form;
    vec![
        numbers(&mut dice, batch * width),
        numbers(&mut dice, rounds * batch * width),
        numbers(&mut dice, width * width).iter().map(|w| w / width as f32).collect(),
    ]
}

#[test]
fn a_loop_does_what_its_rounds_do_at_every_level() {
    for form in forms() {
        let given = arguments(form);
        for level in Level::available() {
            let found = run(&with_loop(form), &given, level, None);
            let expected = run(&written_out(form), &given, level, None);
            for (one, other) in found.iter().zip(&expected) {
                assert!(close(one, other), "{form:?} at {level:?}");
            }
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for form in forms().filter(|form| form.rounds == 3) {
        let given = arguments(form);
        let b = with_loop(form);
        let expected = run(&b, &given, Level::detect(), Some(1));
        for threads in [2, 3, 4, 8, 17] {
            assert!(
                run(&b, &given, Level::detect(), Some(threads)) == expected,
                "{form:?}, {threads} threads"
            );
        }
    }
}

#[test]
fn rows_that_go_their_own_way_are_cut() {
    let form = Form { batch: 128, width: 64, rounds: 8, reverse: false, mixes: false };
    let describe = |form| with_loop(form).runner().plan().describe();
    assert!(describe(form).contains("loop by rows of 8 rounds"), "{}", describe(form));
    assert!(describe(Form { mixes: true, ..form }).contains("loop of 8 rounds"));
}

#[test]
fn without_rounds_states_stay_and_stacks_are_empty() {
    let form = Form { batch: 32, width: 16, rounds: 0, reverse: false, mixes: false };
    let given = arguments(form);
    let found = run(&with_loop(form), &given, Level::detect(), None);
    assert_eq!(floats(&found[0]), given[0]);
    assert_eq!(floats(&found[1]), [1.0]);
    assert!(found[2].is_empty());
}

/// `while x < limit: x = 2 x`, with a count of rounds; at most `length` of them.
fn doubling(length: usize) -> Builder {
    let less = || vec![step(MapOp::Less, &[0, 1], Dtype::Bool)];
    let mut inner = Builder::default();
    inner.input(Dtype::Bool, &[]);
    let (x, count, limit) = (inner.input(F32, &[]), inner.input(F32, &[]), inner.input(F32, &[]));
    let one = inner.constant(F32, &[], &[1.0f32]);
    let next = inner.map(vec![step(MapOp::Add, &[0, 0], F32)], &[x], &[]);
    let count = inner.map(vec![step(MapOp::Add, &[0, 1], F32)], &[count, one], &[]);
    let again = inner.map(less(), &[next, limit], &[]);
    inner.program.outputs = vec![again, next, count];
    let mut b = Builder::default();
    let (x, count, limit) = (b.input(F32, &[]), b.input(F32, &[]), b.input(F32, &[]));
    b.constant(F32, &[], &[1.0f32]);
    let first = b.map(less(), &[x, limit], &[]);
    let looping =
        ops::Loop { body: inner.program, length, states: 2, rows: 0, reverse: false, conditional: true };
    let last = b.add(looping, &[first, x, count, limit], F32, &[]);
    let count = b.add(ops::LoopResult { index: 1 }, &[last], F32, &[]);
    b.program.outputs = vec![last, count];
    b
}

#[test]
fn a_condition_ends_a_loop() {
    let result = |length: usize, x: f32, limit: f32| {
        let found = run(&doubling(length), &[vec![x], vec![0.0], vec![limit]], Level::detect(), None);
        (floats(&found[0])[0], floats(&found[1])[0])
    };
    assert_eq!(result(1 << 40, 1.0, 100.0), (128.0, 7.0));
    assert_eq!(result(1 << 40, 3.0, 12.0), (12.0, 2.0));
    assert_eq!(result(1 << 40, 5.0, 5.0), (5.0, 0.0));
    assert_eq!(result(3, 1.0, 100.0), (8.0, 3.0));
    assert_eq!(result(0, 1.0, 100.0), (1.0, 0.0));
}

/// `while x >= 0: x = 2 x`, which never ends, and a variable that becomes the result.
fn endless() -> Builder {
    let mut looping = doubling(1 << 40).program.instructions.swap_remove(1).op;
    let text = serde_json::to_string(&looping.attributes).expect("text");
    looping.attributes = serde_json::from_str(&text.replace("less", "greater_equal")).expect("attributes");
    let mut b = Builder::default();
    let (x, count, limit) = (b.input(F32, &[]), b.input(F32, &[]), b.input(F32, &[]));
    b.variable(F32, &[]);
    b.constant(F32, &[], &[1.0f32]);
    let first = b.map(vec![step(MapOp::GreaterEqual, &[0, 1], Dtype::Bool)], &[x, limit], &[]);
    let last = b.add(looping, &[first, x, count, limit], F32, &[]);
    b.program.updates = vec![(0, last)];
    b
}

#[test]
fn an_endless_loop_can_be_stopped_before_a_variable_changes() {
    let mut runner = endless().runner();
    let (x, zero, mut variable) = ([1.0f32], [0.0f32], [7.0f32]);
    let looks = AtomicUsize::new(0);
    let control = |_: usize, _: &[f64]| looks.fetch_add(1, Ordering::Relaxed) < 2;
    let inputs = [x.as_ptr().cast(), zero.as_ptr().cast(), zero.as_ptr().cast()];
    // SAFETY: the arrays have the types and shapes of the program.
    let done = unsafe { runner.run_controlled(&inputs, &[variable.as_mut_ptr().cast()], &[], &control) };
    assert_eq!(done, Ok(false));
    assert_eq!(variable, [7.0]);
}

/// What makes a loop, or its program, a malformed one.
type Damage = dyn Fn(&mut ops::Loop, &mut Program);

#[test]
fn malformed_loops_are_refused() {
    let form = Form { batch: 4, width: 3, rounds: 5, reverse: false, mixes: false };
    let refusal = |change: &Damage| {
        let mut b = with_loop(form);
        let mut looping: ops::Loop = serde_json::from_value(serde_json::Value::Object(
            b.program.instructions[0].op.attributes.clone(),
        ))
        .expect("a loop");
        change(&mut looping, &mut b.program);
        b.program.instructions[0].op = looping.into();
        Plan::new(&b.program, &b.constants, "", Level::detect()).expect_err("a refusal")
    };
    let cases: [(&str, &Damage); 12] = [
        ("there are 6 rounds", &|l, _| l.length = 6),
        ("states and 1 arrays of parts are more than", &|l, _| l.states = usize::MAX),
        ("too few for 3 states", &|l, _| (l.states, l.body.outputs) = (3, vec![0, 1])),
        ("state 0: the result is f32 [4, 3], but is declared as f32 []", &|l, _| l.body.outputs.swap(0, 1)),
        ("the body takes 5", &|l, _| l.body.inputs.push(declare(F32, &[]))),
        ("the body has variables", &|l, _| l.body.variables.push(declare(F32, &[]))),
        ("the maximum is", &|l, _| l.length = usize::MAX),
        ("a conditional loop cannot stack", &|l, _| (l.conditional, l.states, l.rows) = (true, 1, 0)),
        ("the body: ", &|l, _| l.body.inputs[0].shape = vec![4, 4]),
        ("an output of the body does not exist", &|l, _| l.body.outputs[2] = 99),
        ("reads value 99", &|l, _| l.body.instructions[0].inputs[0] = 99),
        ("constant 0 needs 4 bytes from byte 8000", &|l, _| l.body.constants[0].offset = 8000),
    ];
    for (words, change) in cases {
        let message = refusal(change);
        assert!(message.contains(words), "{message}");
    }
    let message = refusal(&|_, program| program.instructions[1].inputs[0] = 0);
    assert!(message.contains("its input is not a loop"), "{message}");
    let message = refusal(&|_, program| program.instructions[1].op = ops::LoopResult { index: 3 }.into());
    assert!(message.contains("the loop has no result 3"), "{message}");
    let message = refusal(&|_, program| program.instructions[1].shape = vec![1]);
    assert!(message.contains("declared as f32 [1]"), "{message}");
}

#[test]
fn loops_stand_in_each_other_up_to_a_depth() {
    let nested = |depth: usize| {
        let mut program = {
            let mut b = Builder::default();
            let x = b.input(F32, &[]);
            let next = b.map(vec![step(MapOp::Add, &[0, 0], F32)], &[x], &[]);
            b.program.outputs = vec![next];
            b.program
        };
        for _ in 0..depth {
            let mut b = Builder::default();
            let x = b.input(F32, &[]);
            let looping = ops::Loop {
                body: program,
                length: 2,
                states: 1,
                rows: 0,
                reverse: false,
                conditional: false,
            };
            let last = b.add(looping, &[x], F32, &[]);
            b.program.outputs = vec![last];
            program = b.program;
        }
        Builder { program, constants: Vec::new() }
    };
    let found = run(&nested(3), &[vec![1.0]], Level::detect(), None);
    assert_eq!(floats(&found[0]), [256.0]);
    let refused = Plan::new(&nested(5).program, &[], "", Level::detect()).expect_err("too deep");
    assert!(refused.contains("more than 4 loops stand in each other"), "{refused}");
}
