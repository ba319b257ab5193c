//! Expressions that optimizers are made of, each in one loop.
//!
//! The interpreter of expressions (`map`) writes every intermediate result to the first
//! cache and reads it again. For the few expressions that go over all weights at every
//! step that takes longer than the arithmetic. Here they stay in registers. The operations
//! and their order are those of the expression, and so are the bits.

use crate::ir::program::{MapOp, MapStep};
use crate::kernels::expression::Place;
use crate::simd::{self, Kernel, Level, Vector};

/// The most operands of a template.
const MOST_OPERANDS: usize = 5;

/// An expression that is known here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// `a + (b - a) * s`: a moving average.
    Average,
    /// `a + (b * b - a) * s`: a moving average of squares.
    AverageOfSquares,
    /// `a - m * r / (sqrt(v) + e)`: a step along `m`, scaled by what is usual.
    ScaledStep,
}

/// What a pattern's step takes: an operand of the template, or the result of a step.
#[derive(Clone, Copy)]
pub(super) enum Arg {
    Operand(usize),
    Step(usize),
}
use Arg::{Operand, Step};

pub(super) struct Pattern {
    pub(super) kind: Kind,
    pub(super) places: &'static [Place],
    pub(super) steps: &'static [(MapOp, &'static [Arg])],
}

pub(super) const PATTERNS: [Pattern; 3] = [
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
pub(super) struct Template {
    pub(super) kind: Kind,
    /// Which operand of the expression stands where.
    pub(super) operands: [u8; MOST_OPERANDS],
    pub(super) level: Level,
}

impl Template {
    /// The template of an expression of `f32` numbers over operands that lie so.
    pub fn find(code: &[MapStep], places: &[Place], level: Level) -> Option<Template> {
        PATTERNS.iter().find_map(|pattern| {
            let operands = operands_of(pattern, code, places)?;
            Some(Template { kind: pattern.kind, operands, level })
        })
    }

    /// The array of an operand of the template.
    pub(super) fn operand(&self, arrays: &[*mut u8], place: usize) -> *mut u8 {
        arrays[usize::from(self.operands[place])]
    }

    /// Computes elements `start..start + count`.
    ///
    /// # Safety
    /// As `ExpressionKernel::run`.
    pub(super) unsafe fn compute(&self, start: usize, count: usize, arrays: &[*mut u8], out: *mut u8) {
        let from = |place: usize| self.operand(arrays, place).cast::<f32>().cast_const();
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
pub(super) fn average<V: Vector>(a: V, b: V, rate: f32) -> V {
    (b - a).mul_add(a.like(rate), a)
}

#[inline(always)]
pub(super) fn scaled_step<V: Vector>(a: V, m: V, v: V, rate: f32, epsilon: f32) -> V {
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
