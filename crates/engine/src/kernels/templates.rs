//! Expressions that optimizers are made of, each in one loop.
//!
//! The interpreter of expressions (`map`) writes every intermediate result to the first
//! cache and reads it again. For the few expressions that go over all weights at every
//! step that takes longer than the arithmetic. Here they stay in registers. The operations
//! and their order are those of the expression, and so are the bits.

use crate::program::{MapOp, MapStep};
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
        let b = if self.squares { b * b } else { b };
        (b - a).mul_add(a.like(self.rate), a)
    }
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
        let usual = v.sqrt() + v.like(self.epsilon);
        a - m * m.like(self.rate) / usual
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
    use super::super::map::MapKernel;
    use super::*;
    use crate::program::Dtype;

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
