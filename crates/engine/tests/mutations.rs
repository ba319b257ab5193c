//! Programs with random damage: refused with a sentence, or run without harm.

mod common;

use common::loops::{Form, with_loop};
use common::{Builder, softmax_regression};
use tensorlet_engine::ir::program::Program;
use tensorlet_engine::plan::Plan;
use tensorlet_engine::run::runner::Runner;
use tensorlet_engine::simd::Level;

const ROUNDS: usize = 20_000;
/// Larger programs are planned, but not run.
const MAX_BYTES: usize = 1 << 22;
/// And so are longer ones.
const MAX_COST: f64 = 1e7;

struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count.max(1)
    }
}

/// Changes one number or word of the text.
fn damage(dice: &mut Dice, text: &str) -> String {
    let numbers =
        ["0", "1", "2", "3", "7", "10", "16", "100", "784", "1000000", "18446744073709551615", "-1"];
    let words =
        ["f32", "f64", "i32", "i64", "u8", "bool", "add", "exp", "equal", "cast", "mul_add", "sum", "max"];
    let is_start = |(at, letter): (usize, char)| {
        let before = text[..at].chars().last();
        let number = letter.is_ascii_digit() && before.is_none_or(|b| matches!(b, '[' | ',' | ':'));
        let word = letter.is_ascii_lowercase() && before == Some('"');
        (number || word).then_some(at)
    };
    let places: Vec<usize> = text.char_indices().filter_map(is_start).collect();
    let start = places[dice.below(places.len())];
    let length = text[start..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(0);
    let new = if text.as_bytes()[start].is_ascii_digit() {
        numbers[dice.below(numbers.len())]
    } else {
        words[dice.below(words.len())]
    };
    format!("{}{new}{}", &text[..start], &text[start + length..])
}

fn bytes_of(declarations: &[tensorlet_engine::ir::program::Declaration]) -> Vec<Vec<u64>> {
    let words = |d: &tensorlet_engine::ir::program::Declaration| {
        (d.shape.iter().product::<usize>() * d.dtype.size()).div_ceil(8)
    };
    declarations.iter().map(|d| vec![0u64; words(d)]).collect()
}

#[test]
fn damaged_programs_do_no_harm() {
    damage_all(&softmax_regression(true));
}

#[test]
fn damaged_loops_do_no_harm() {
    damage_all(&with_loop(Form { batch: 20, width: 7, rounds: 3, reverse: true, mixes: false }));
    damage_all(&with_loop(Form { batch: 3, width: 2, rounds: 2, reverse: false, mixes: true }));
}

/// Damages a program in many ways; each is refused, or runs.
fn damage_all(b: &Builder) {
    let text = serde_json::to_string(&b.program).unwrap();
    let mut dice = Dice(1);
    let (mut refused, mut ran) = (0, 0);
    for _ in 0..ROUNDS {
        let mut damaged = text.clone();
        for _ in 0..1 + dice.below(3) {
            damaged = damage(&mut dice, &damaged);
        }
        let Ok(program) = Program::from_json(&damaged) else { continue };
        let plan = match Plan::new(&program, &b.constants, "", Level::detect()) {
            Ok(plan) => plan,
            Err(message) => {
                assert!(!message.is_empty());
                refused += 1;
                continue;
            }
        };
        let mut inputs = bytes_of(plan.inputs());
        let mut variables = bytes_of(plan.variables());
        let mut outputs = bytes_of(plan.outputs());
        let total: usize = inputs.iter().chain(&variables).chain(&outputs).map(|array| array.len() * 8).sum();
        if plan.arena_bytes() + total > MAX_BYTES || plan.cost() > MAX_COST {
            continue;
        }
        let inputs: Vec<*const u8> = inputs.iter_mut().map(|array| array.as_ptr().cast()).collect();
        let variables: Vec<*mut u8> = variables.iter_mut().map(|array| array.as_mut_ptr().cast()).collect();
        let outputs: Vec<*mut u8> = outputs.iter_mut().map(|array| array.as_mut_ptr().cast()).collect();
        // SAFETY: the arrays have the plan's types and shapes.
        let _ = unsafe { Runner::new(plan).run(&inputs, &variables, &outputs) };
        ran += 1;
    }
    assert!(refused > ROUNDS / 10, "{refused} were refused");
    assert!(ran > ROUNDS / 100, "{ran} ran");
}
