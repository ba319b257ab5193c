//! Expressions that optimizers are made of, each in one loop.
//!
//! The interpreter of expressions (`map`) writes every intermediate result to the first
//! cache and reads it again. For the few expressions that go over all weights at every
//! step that takes longer than the arithmetic. Here they stay in registers. The operations
//! and their order are those of the expression, and so are the bits.

use crate::ir::program::{MapOp, MapStep};
use crate::simd::{self, Kernel, Level, Vector};

/// The most operands of a template.
pub const MOST_OPERANDS: usize = 5;

/// An expression that is known here.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// `a + (b - a) * s`: a moving average.
    Average,
    /// `a + (b * b - a) * s`: a moving average of squares.
    AverageOfSquares,
    /// `a - m * r / (sqrt(v) + e)`: a step along `m`, scaled by what is usual.
    ScaledStep,
}

/// How an operand is found from the position in the result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// It lies like the result.
    Same,
    /// It is one number.
    Scalar,
    /// Anything else.
    Other,
}

/// What a pattern's step takes: an operand of the template, or the result of a step.
#[derive(Clone, Copy)]
enum Arg {
    Operand(usize),
    Step(usize),
}
use Arg::{Operand, Step};

struct Pattern {
    kind: Kind,
    places: &'static [Place],
    steps: &'static [(MapOp, &'static [Arg])],
}

const PATTERNS: [Pattern; 3] = [
    Pattern {
        kind: Kind::Average,
        places: &[Place::Same, Place::Scalar, Place::Same],
        steps: &[
            (MapOp::Sub, &[Operand(2), Operand(0)]),
            (MapOp::MulAdd, &[Step(0), Operand(1), Operand(0)]),
        ],
    },
    Pattern {
        kind: Kind::AverageOfSquares,
        places: &[Place::Same, Place::Scalar, Place::Same],
        steps: &[
            (MapOp::Square, &[Operand(2)]),
            (MapOp::Sub, &[Step(0), Operand(0)]),
            (MapOp::MulAdd, &[Step(1), Operand(1), Operand(0)]),
        ],
    },
    Pattern {
        kind: Kind::ScaledStep,
        places: &[Place::Same, Place::Same, Place::Scalar, Place::Scalar, Place::Same],
        steps: &[
            (MapOp::Sqrt, &[Operand(4)]),
            (MapOp::Add, &[Step(0), Operand(3)]),
            (MapOp::Mul, &[Operand(1), Operand(2)]),
            (MapOp::Div, &[Step(2), Step(1)]),
            (MapOp::Sub, &[Operand(0), Step(3)]),
        ],
    },
];

/// A template that computes an expression.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    kind: Kind,
    /// Which operand of the expression stands where.
    operands: [u8; MOST_OPERANDS],
    level: Level,
}

impl Template {
    /// The template of an expression of `f32` numbers over operands that lie so.
    pub fn find(code: &[MapStep], places: &[Place], level: Level) -> Option<Template> {
        PATTERNS.iter().find_map(|pattern| {
            let operands = operands_of(pattern, code, places)?;
            Some(Template { kind: pattern.kind, operands, level })
        })
    }

    /// Computes elements `start..start + count`.
    ///
    /// # Safety
    /// `arrays` are the operands of the expression, whole; `out` may be one of those that
    /// lie like the result, and overlaps nothing else.
    pub unsafe fn run(&self, start: usize, count: usize, arrays: &[*mut u8], out: *mut u8) {
        let from = |place: usize| arrays[usize::from(self.operands[place])].cast::<f32>().cast_const();
        let same = |place: usize| from(place).wrapping_add(start);
        let out = out.cast::<f32>().wrapping_add(start);
        // SAFETY: the caller vouches for the arrays; scalars have one number.
        unsafe {
            match self.kind {
                Kind::Average => {
                    let rule = Average { a: same(0), b: same(2), rate: *from(1), squares: false };
                    simd::run(self.level, Walk { rule, count, out });
                }
                Kind::AverageOfSquares => {
                    let rule = Average { a: same(0), b: same(2), rate: *from(1), squares: true };
                    simd::run(self.level, Walk { rule, count, out });
                }
                Kind::ScaledStep => {
                    let (rate, epsilon) = (*from(2), *from(3));
                    let rule = ScaledStep { a: same(0), m: same(1), v: same(4), rate, epsilon };
                    simd::run(self.level, Walk { rule, count, out });
                }
            }
        }
    }
}

/// A known expression on its arrays: the template, its operands and its result.
pub type Call<'a> = (&'a Template, &'a [*mut u8], *mut u8);

/// Whether three calls are Adam's update: both moving averages of one gradient, and the step that reads them.
pub fn are_adam(calls: [Call; 3]) -> bool {
    let [(mean, of_mean, to_mean), (square, of_square, to_square), (step, of_step, _)] = calls;
    let kinds = [mean.kind, square.kind, step.kind];
    let operand = |template: &Template, operands: &[*mut u8], place: usize| {
        operands[usize::from(template.operands[place])]
    };
    kinds == [Kind::Average, Kind::AverageOfSquares, Kind::ScaledStep]
        && operand(mean, of_mean, 2) == operand(square, of_square, 2)
        && operand(step, of_step, 1) == to_mean
        && operand(step, of_step, 4) == to_square
}

/// Computes elements `start..start + count` of all three in one loop: while a square root and a
/// division are on their way, the next numbers come from memory.
///
/// # Safety
/// As [`Template::run`], for each of them; they are Adam's.
pub unsafe fn run_adam(calls: [Call; 3], start: usize, count: usize) {
    let [mean, square, step] = calls;
    let from =
        |call: &Call, place: usize| call.1[usize::from(call.0.operands[place])].cast::<f32>().cast_const();
    let to = |call: &Call| call.2.cast::<f32>().wrapping_add(start);
    // SAFETY: the caller vouches for the arrays; scalars have one number.
    unsafe {
        let adam = Adam {
            gradient: from(&mean, 2).wrapping_add(start),
            m: from(&mean, 0).wrapping_add(start),
            v: from(&square, 0).wrapping_add(start),
            a: from(&step, 0).wrapping_add(start),
            rates: [*from(&mean, 1), *from(&square, 1), *from(&step, 2)],
            epsilon: *from(&step, 3),
            to: [to(&mean), to(&square), to(&step)],
            count,
        };
        simd::run(mean.0.level, adam);
    }
}

struct Adam {
    gradient: *const f32,
    m: *const f32,
    v: *const f32,
    a: *const f32,
    /// Of both averages, and of the step.
    rates: [f32; 3],
    epsilon: f32,
    to: [*mut f32; 3],
    count: usize,
}

impl Kernel for Adam {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let mut i = 0;
        // SAFETY: the caller vouches for `count` numbers in each array.
        unsafe {
            while i + V::LANES <= self.count {
                let results = self.at::<V>(|array| V::load(array.add(i)));
                results.into_iter().zip(self.to).for_each(|(result, to)| result.store(to.add(i)));
                i += V::LANES;
            }
            let left = self.count - i;
            if left > 0 {
                let results = self.at::<V>(|array| V::load_partial(array.add(i), left));
                results
                    .into_iter()
                    .zip(self.to)
                    .for_each(|(result, to)| result.store_partial(to.add(i), left));
            }
        }
    }
}

impl Adam {
    #[inline(always)]
    unsafe fn at<V: Vector>(&self, read: impl Fn(*const f32) -> V) -> [V; 3] {
        let (gradient, m, v) = (read(self.gradient), read(self.m), read(self.v));
        let m = average(m, gradient, self.rates[0]);
        let v = average(v, gradient * gradient, self.rates[1]);
        [m, v, scaled_step(read(self.a), m, v, self.rates[2], self.epsilon)]
    }
}

/// Matches a pattern; gives the expression's number of each operand.
fn operands_of(pattern: &Pattern, code: &[MapStep], places: &[Place]) -> Option<[u8; MOST_OPERANDS]> {
    if code.len() != pattern.steps.len() || places.len() != pattern.places.len() {
        return None;
    }
    let mut found = [None; MOST_OPERANDS];
    for (step, (op, args)) in code.iter().zip(pattern.steps) {
        if step.op != *op || step.args.len() != args.len() {
            return None;
        }
        for (&register, arg) in step.args.iter().zip(*args) {
            match *arg {
                Step(number) if register == places.len() + number => {}
                Operand(number) if register < places.len() && places[register] == pattern.places[number] => {
                    if *found[number].get_or_insert(register as u8) != register as u8 {
                        return None;
                    }
                }
                _ => return None,
            }
        }
    }
    let mut operands = [0; MOST_OPERANDS];
    for (own, found) in operands.iter_mut().zip(found).take(places.len()) {
        *own = found?;
    }
    Some(operands)
}

/// What is computed of the numbers at one position.
trait Rule: Copy {
    /// `read` is given an array, and reads a vector of it.
    ///
    /// # Safety
    /// The machine has the level.
    unsafe fn apply<V: Vector>(self, read: impl Fn(*const f32) -> V) -> V;
}

#[derive(Clone, Copy)]
struct Average {
    a: *const f32,
    b: *const f32,
    rate: f32,
    squares: bool,
}

impl Rule for Average {
    #[inline(always)]
    unsafe fn apply<V: Vector>(self, read: impl Fn(*const f32) -> V) -> V {
        let (a, b) = (read(self.a), read(self.b));
        average(a, if self.squares { b * b } else { b }, self.rate)
    }
}

#[inline(always)]
fn average<V: Vector>(a: V, b: V, rate: f32) -> V {
    (b - a).mul_add(a.like(rate), a)
}

#[inline(always)]
fn scaled_step<V: Vector>(a: V, m: V, v: V, rate: f32, epsilon: f32) -> V {
    let usual = v.sqrt() + v.like(epsilon);
    a - m * m.like(rate) / usual
}

#[derive(Clone, Copy)]
struct ScaledStep {
    a: *const f32,
    m: *const f32,
    v: *const f32,
    rate: f32,
    epsilon: f32,
}

impl Rule for ScaledStep {
    #[inline(always)]
    unsafe fn apply<V: Vector>(self, read: impl Fn(*const f32) -> V) -> V {
        let (a, m, v) = (read(self.a), read(self.m), read(self.v));
        scaled_step(a, m, v, self.rate, self.epsilon)
    }
}

struct Walk<R> {
    rule: R,
    count: usize,
    out: *mut f32,
}

impl<R: Rule> Kernel for Walk<R> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let mut i = 0;
        // SAFETY: the caller vouches for `count` numbers in each array.
        unsafe {
            while i + V::LANES <= self.count {
                self.rule.apply::<V>(|array| V::load(array.add(i))).store(self.out.add(i));
                i += V::LANES;
            }
            let left = self.count - i;
            if left > 0 {
                let result = self.rule.apply::<V>(|array| V::load_partial(array.add(i), left));
                result.store_partial(self.out.add(i), left);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::program::Dtype;
    use crate::kernels::map::MapKernel;

    fn step(op: MapOp, args: &[usize]) -> MapStep {
        MapStep { op, args: args.to_vec(), dtype: Dtype::F32 }
    }

    /// Each pattern as an expression; its operands come in another order than in the pattern.
    fn expressions() -> Vec<(Vec<MapStep>, Vec<Place>)> {
        PATTERNS
            .iter()
            .map(|pattern| {
                let count = pattern.places.len();
                let register = |arg: &Arg| match *arg {
                    Operand(number) => count - 1 - number,
                    Step(number) => count + number,
                };
                let code = pattern
                    .steps
                    .iter()
                    .map(|(op, args)| step(*op, &args.iter().map(register).collect::<Vec<_>>()))
                    .collect();
                (code, pattern.places.iter().rev().copied().collect())
            })
            .collect()
    }

    fn compute(code: &[MapStep], arrays: &[Vec<f32>], len: usize, level: Level) -> Vec<u32> {
        let shapes: Vec<Vec<usize>> =
            arrays.iter().map(|array| if array.len() == 1 { vec![] } else { vec![len] }).collect();
        let operands: Vec<(Dtype, &[usize])> =
            shapes.iter().map(|shape| (Dtype::F32, shape.as_slice())).collect();
        let kernel = MapKernel::new(code, &operands, &[len], level).unwrap();
        let mut scratch = vec![0u64; kernel.scratch_bytes / 8 + 16];
        let mut out = vec![0f32; len];
        let pointers: Vec<*mut u8> = arrays.iter().map(|array| array.as_ptr().cast_mut().cast()).collect();
        // SAFETY: the arrays have the shapes that the kernel was made for.
        unsafe {
            let mut state = kernel.begin(scratch.as_mut_ptr().cast());
            kernel.run(&mut state, 0, 7, &pointers, out.as_mut_ptr().cast());
            kernel.run(&mut state, 7, len - 7, &pointers, out.as_mut_ptr().cast());
        }
        out.into_iter().map(f32::to_bits).collect()
    }

    #[test]
    fn templates_give_the_bits_of_their_expressions() {
        let len = 1003;
        for level in Level::available() {
            for (code, places) in expressions() {
                assert!(Template::find(&code, &places, level).is_some());
                let array = |(number, place): (usize, &Place)| -> Vec<f32> {
                    let count = if *place == Place::Scalar { 1 } else { len };
                    (0..count).map(|i| 0.01 + ((i * 31 + number * 17) % 97) as f32 / 9.0).collect()
                };
                let mut arrays: Vec<Vec<f32>> = places.iter().enumerate().map(array).collect();
                let quick = compute(&code, &arrays, len, level);
                // Times one changes no bit, and no template knows it.
                let registers = places.len() + 1;
                let mut slow: Vec<MapStep> = code.clone();
                for step in &mut slow {
                    step.args.iter_mut().for_each(|arg| *arg += usize::from(*arg >= places.len()));
                }
                slow.push(step(MapOp::Mul, &[registers + code.len() - 1, places.len()]));
                arrays.push(vec![1.0]);
                assert!(quick == compute(&slow, &arrays, len, level), "{code:?} at {level:?}");
            }
        }
    }

    #[test]
    fn adam_in_one_loop_gives_the_bits_of_its_three_expressions() {
        let len = 1003;
        for level in Level::available() {
            let templates: Vec<Template> = PATTERNS
                .iter()
                .map(|pattern| {
                    let operands = std::array::from_fn(|place| place as u8);
                    Template { kind: pattern.kind, operands, level }
                })
                .collect();
            let array = |number: usize, count: usize| -> Vec<f32> {
                (0..count).map(|i| 0.01 + ((i * 31 + number * 17) % 97) as f32 / 9.0).collect()
            };
            let update = |joined: bool| -> Vec<u32> {
                let [mut w, mut m, mut v, mut gradient] = std::array::from_fn(|number| array(number, len));
                let mut scalars: Vec<f32> = array(4, 4);
                let [w_at, m_at, v_at, gradient_at] =
                    [&mut w, &mut m, &mut v, &mut gradient].map(|array| array.as_mut_ptr().cast::<u8>());
                let [slow, slower, rate, epsilon] =
                    std::array::from_fn(|number| scalars[number..].as_mut_ptr().cast::<u8>());
                let mean = [m_at, slow, gradient_at];
                let square = [v_at, slower, gradient_at];
                let step = [w_at, m_at, rate, epsilon, v_at];
                let calls: [Call; 3] = [
                    (&templates[0], &mean, m_at),
                    (&templates[1], &square, v_at),
                    (&templates[2], &step, w_at),
                ];
                assert!(are_adam(calls));
                assert!(!are_adam([calls[1], calls[0], calls[2]]));
                let elsewhere = [w_at, w_at, rate, epsilon, v_at];
                assert!(!are_adam([calls[0], calls[1], (&templates[2], &elsewhere, w_at)]));
                // SAFETY: all arrays have the length, or are single numbers.
                unsafe {
                    match joined {
                        true => run_adam(calls, 0, len),
                        false => calls.iter().for_each(|(template, arrays, out)| {
                            template.run(0, len, arrays, *out);
                        }),
                    }
                }
                [w, m, v].concat().into_iter().map(f32::to_bits).collect()
            };
            assert!(update(true) == update(false), "{level:?}");
        }
    }

    #[test]
    fn expressions_of_other_forms_have_no_template() {
        let places = [Place::Same, Place::Scalar, Place::Same];
        let average = [step(MapOp::Sub, &[2, 0]), step(MapOp::MulAdd, &[3, 1, 0])];
        let found =
            |code: &[MapStep], places: &[Place]| Template::find(code, places, Level::Portable).is_some();
        assert!(found(&average, &places));
        assert!(!found(&average, &[Place::Same, Place::Other, Place::Same]));
        let other = [step(MapOp::Sub, &[2, 0]), step(MapOp::MulAdd, &[3, 1, 2])];
        assert!(!found(&other, &places));
    }
}
