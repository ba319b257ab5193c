//! Element-wise operations on contiguous elements.
//!
//! `lookup` hands out a plain function for an operation, element types and
//! level; the interpreter of expressions calls it tile by tile. The rules are
//! NumPy's. What matters for speed (`f32`) is written in vectors; the rest is
//! plain loops, compiled once for any machine and once for wide vectors.

use crate::ir::program::{Dtype, MapOp};
use crate::kernels::loops::{Loop, binary, in_vectors, ternary, unary};
use crate::kernels::scalar::{self, Float, Integer};
use crate::simd::{Level, Vector, math};

pub use crate::kernels::loops::TileFn;
use std::marker::PhantomData;

/// The function for an operation on these types; `None` where it makes no sense.
pub fn lookup(op: MapOp, args: &[Dtype], out: Dtype, level: Level) -> Option<TileFn> {
    use Dtype::{Bool, F32, F64, I32, I64, U8};
    if op == MapOp::Cast {
        let [from] = args else { return None };
        return Some(cast(*from, out, level));
    }
    if op == MapOp::Select {
        let [Bool, yes, no] = args else { return None };
        return (yes == no && *yes == out).then(|| select(out, level));
    }
    let operand = *args.first()?;
    if args.iter().any(|other| *other != operand) || args.len() != arity(op) {
        return None;
    }
    if let (Some(function), true) = (comparison(op, operand, level), out == Bool) {
        return Some(function);
    }
    if out != operand {
        return None;
    }
    match operand {
        F32 => single(op, level),
        F64 => double(op, level),
        I32 => integer_32(op, level),
        I64 => integer_64(op, level),
        U8 => byte(op, level),
        Bool => boolean(op, level),
    }
}

/// How many operands an operation has.
pub fn arity(op: MapOp) -> usize {
    use MapOp::*;
    match op {
        Neg | Abs | Sign | Exp | Log | Log1p | Expm1 | Sqrt | Rsqrt | Square | Sin | Cos | Tan | Tanh
        | Sigmoid | Softplus | Erf | Floor | Ceil | Round | Not | IsNan | IsInf | IsFinite | Cast => 1,
        Add | Sub | Mul | Div | FloorDiv | Mod | Pow | Min | Max | And | Or | Equal | NotEqual | Less
        | LessEqual | Greater | GreaterEqual => 2,
        Select | MulAdd | MulSub => 3,
    }
}

/// An `f32` operation in vectors.
trait Operation {
    const OPERANDS: usize;
    fn apply<V: Vector>(operands: [V; 3]) -> V;
}

struct InVectors<O>(PhantomData<O>);

impl<O: Operation> Loop for InVectors<O> {
    #[inline(always)]
    unsafe fn run<V: Vector>(n: usize, args: [*const u8; 3], out: *mut u8) {
        let args = args.map(|arg| arg.cast::<f32>());
        let out = out.cast::<f32>();
        let mut i = 0;
        // SAFETY: the caller vouches for `n` numbers; unused operands are never read.
        unsafe {
            while i + V::LANES <= n {
                let x = V::load(args[0].add(i));
                let y = if O::OPERANDS > 1 { V::load(args[1].add(i)) } else { x };
                let z = if O::OPERANDS > 2 { V::load(args[2].add(i)) } else { x };
                O::apply([x, y, z]).store(out.add(i));
                i += V::LANES;
            }
            let left = n - i;
            if left > 0 {
                let x = V::load_partial(args[0].add(i), left);
                let y = if O::OPERANDS > 1 { V::load_partial(args[1].add(i), left) } else { x };
                let z = if O::OPERANDS > 2 { V::load_partial(args[2].add(i), left) } else { x };
                O::apply([x, y, z]).store_partial(out.add(i), left);
            }
        }
    }
}

/// The function of an expression over vectors `x`, `y`, `z`.
macro_rules! vectors {
    ($level:expr, $operands:literal, |$($operand:ident),+| $result:expr) => {{
        struct This;
        impl Operation for This {
            const OPERANDS: usize = $operands;
            #[inline(always)]
            fn apply<V: Vector>([$($operand),+, ..]: [V; 3]) -> V {
                $result
            }
        }
        in_vectors::<InVectors<This>>($level)
    }};
}

fn single(op: MapOp, level: Level) -> Option<TileFn> {
    Some(match op {
        MapOp::Neg => vectors!(level, 1, |x| x.negate()),
        MapOp::Abs => vectors!(level, 1, |x| x.abs()),
        MapOp::Exp => vectors!(level, 1, |x| math::exp(x)),
        MapOp::Log => vectors!(level, 1, |x| math::log(x)),
        MapOp::Log1p => vectors!(level, 1, |x| math::log1p(x)),
        MapOp::Expm1 => vectors!(level, 1, |x| math::expm1(x)),
        MapOp::Sqrt => vectors!(level, 1, |x| x.sqrt()),
        MapOp::Rsqrt => vectors!(level, 1, |x| x.like(1.0) / x.sqrt()),
        MapOp::Square => vectors!(level, 1, |x| x * x),
        MapOp::Tanh => vectors!(level, 1, |x| math::tanh(x)),
        MapOp::Sigmoid => vectors!(level, 1, |x| math::sigmoid(x)),
        MapOp::Softplus => vectors!(level, 1, |x| math::softplus(x)),
        MapOp::Erf => vectors!(level, 1, |x| math::erf(x)),
        MapOp::Floor => vectors!(level, 1, |x| x.floor()),
        MapOp::Ceil => vectors!(level, 1, |x| x.ceil()),
        MapOp::Round => vectors!(level, 1, |x| x.round()),
        MapOp::Add => vectors!(level, 2, |x, y| x + y),
        MapOp::Sub => vectors!(level, 2, |x, y| x - y),
        MapOp::Mul => vectors!(level, 2, |x, y| x * y),
        MapOp::Div => vectors!(level, 2, |x, y| x / y),
        MapOp::Min => vectors!(level, 2, |x, y| x.minimum(y)),
        MapOp::Max => vectors!(level, 2, |x, y| x.maximum(y)),
        MapOp::MulAdd => vectors!(level, 3, |x, y, z| x.mul_add(y, z)),
        MapOp::MulSub => vectors!(level, 3, |x, y, z| x.negate().mul_add(y, z)),
        MapOp::Sign => unary(level, |x: f32| x.sign()),
        MapOp::Sin => unary(level, f32::sin),
        MapOp::Cos => unary(level, f32::cos),
        MapOp::Tan => unary(level, f32::tan),
        MapOp::FloorDiv => binary(level, |x: f32, y| x.floor_div(y)),
        MapOp::Mod => binary(level, |x: f32, y| x.modulo(y)),
        MapOp::Pow => binary(level, f32::powf),
        _ => return None,
    })
}

fn double(op: MapOp, level: Level) -> Option<TileFn> {
    Some(match op {
        MapOp::Neg => unary(level, |x: f64| -x),
        MapOp::Abs => unary(level, f64::abs),
        MapOp::Sign => unary(level, |x: f64| x.sign()),
        MapOp::Exp => unary(level, f64::exp),
        MapOp::Log => unary(level, f64::ln),
        MapOp::Log1p => unary(level, f64::ln_1p),
        MapOp::Expm1 => unary(level, f64::exp_m1),
        MapOp::Sqrt => unary(level, f64::sqrt),
        MapOp::Rsqrt => unary(level, |x: f64| 1.0 / x.sqrt()),
        MapOp::Square => unary(level, |x: f64| x * x),
        MapOp::Sin => unary(level, f64::sin),
        MapOp::Cos => unary(level, f64::cos),
        MapOp::Tan => unary(level, f64::tan),
        MapOp::Tanh => unary(level, f64::tanh),
        MapOp::Sigmoid => unary(level, scalar::sigmoid),
        MapOp::Softplus => unary(level, scalar::softplus),
        MapOp::Erf => unary(level, scalar::erf),
        MapOp::Floor => unary(level, f64::floor),
        MapOp::Ceil => unary(level, f64::ceil),
        MapOp::Round => unary(level, f64::round_ties_even),
        MapOp::Add => binary(level, |x: f64, y| x + y),
        MapOp::Sub => binary(level, |x: f64, y| x - y),
        MapOp::Mul => binary(level, |x: f64, y| x * y),
        MapOp::Div => binary(level, |x: f64, y| x / y),
        MapOp::FloorDiv => binary(level, |x: f64, y| x.floor_div(y)),
        MapOp::Mod => binary(level, |x: f64, y| x.modulo(y)),
        MapOp::Pow => binary(level, f64::powf),
        MapOp::Min => binary(level, |x: f64, y| x.smaller(y)),
        MapOp::Max => binary(level, |x: f64, y| x.larger(y)),
        MapOp::MulAdd => ternary(level, |x: f64, y: f64, z| x * y + z),
        MapOp::MulSub => ternary(level, |x: f64, y: f64, z| z - x * y),
        _ => return None,
    })
}

macro_rules! integers {
    ($name:ident, $type:ty, $absolute:expr) => {
        fn $name(op: MapOp, level: Level) -> Option<TileFn> {
            Some(match op {
                MapOp::Neg => unary(level, <$type>::wrapping_neg),
                MapOp::Abs => unary(level, $absolute),
                MapOp::Sign => unary(level, <$type>::sign),
                MapOp::Square => unary(level, |x: $type| x.wrapping_mul(x)),
                MapOp::Add => binary(level, <$type>::wrapping_add),
                MapOp::Sub => binary(level, <$type>::wrapping_sub),
                MapOp::Mul => binary(level, <$type>::wrapping_mul),
                MapOp::FloorDiv => binary(level, <$type>::floor_div),
                MapOp::Mod => binary(level, <$type>::modulo),
                MapOp::Pow => binary(level, <$type>::power),
                MapOp::Min => binary(level, <$type as Ord>::min),
                MapOp::Max => binary(level, <$type as Ord>::max),
                _ => return None,
            })
        }
    };
}
integers!(integer_32, i32, i32::wrapping_abs);
integers!(integer_64, i64, i64::wrapping_abs);
integers!(byte, u8, |x: u8| x);

/// Bools are bytes, 0 or 1.
fn boolean(op: MapOp, level: Level) -> Option<TileFn> {
    Some(match op {
        MapOp::Not => unary(level, |x: u8| (x == 0) as u8),
        MapOp::And | MapOp::Min => binary(level, |x: u8, y: u8| (x != 0 && y != 0) as u8),
        MapOp::Or | MapOp::Max => binary(level, |x: u8, y: u8| (x != 0 || y != 0) as u8),
        _ => return None,
    })
}

/// Comparisons, whose result is a bool.
fn comparison(op: MapOp, dtype: Dtype, level: Level) -> Option<TileFn> {
    Some(match (op, dtype) {
        (MapOp::IsNan, Dtype::F32) => unary(level, |x: f32| x.is_nan() as u8),
        (MapOp::IsInf, Dtype::F32) => unary(level, |x: f32| x.is_infinite() as u8),
        (MapOp::IsFinite, Dtype::F32) => unary(level, |x: f32| x.is_finite() as u8),
        (MapOp::IsNan, Dtype::F64) => unary(level, |x: f64| x.is_nan() as u8),
        (MapOp::IsInf, Dtype::F64) => unary(level, |x: f64| x.is_infinite() as u8),
        (MapOp::IsFinite, Dtype::F64) => unary(level, |x: f64| x.is_finite() as u8),
        (_, Dtype::F32) => return compare::<f32>(op, level),
        (_, Dtype::F64) => return compare::<f64>(op, level),
        (_, Dtype::I32) => return compare::<i32>(op, level),
        (_, Dtype::I64) => return compare::<i64>(op, level),
        (_, Dtype::U8 | Dtype::Bool) => return compare::<u8>(op, level),
    })
}

fn compare<T: Copy + PartialOrd>(op: MapOp, level: Level) -> Option<TileFn> {
    Some(match op {
        MapOp::Equal => binary(level, |x: T, y: T| (x == y) as u8),
        MapOp::NotEqual => binary(level, |x: T, y: T| (x != y) as u8),
        MapOp::Less => binary(level, |x: T, y: T| (x < y) as u8),
        MapOp::LessEqual => binary(level, |x: T, y: T| (x <= y) as u8),
        MapOp::Greater => binary(level, |x: T, y: T| (x > y) as u8),
        MapOp::GreaterEqual => binary(level, |x: T, y: T| (x >= y) as u8),
        _ => return None,
    })
}

fn select(dtype: Dtype, level: Level) -> TileFn {
    match dtype.size() {
        1 => ternary(level, |condition: u8, yes: u8, no| if condition != 0 { yes } else { no }),
        4 => in_vectors::<SelectSingle>(level),
        _ => ternary(level, |condition: u8, yes: u64, no| if condition != 0 { yes } else { no }),
    }
}

/// Selects between numbers of four bytes, in vectors.
struct SelectSingle;

impl Loop for SelectSingle {
    #[inline(always)]
    unsafe fn run<V: Vector>(n: usize, args: [*const u8; 3], out: *mut u8) {
        let (condition, yes, no) = (args[0], args[1].cast::<f32>(), args[2].cast::<f32>());
        let out = out.cast::<f32>();
        let mut i = 0;
        // SAFETY: the caller vouches for `n` elements; the vectors are moved, not computed with.
        unsafe {
            let zero = V::splat(0.0);
            while i + V::LANES <= n {
                let mask = zero.less(V::load_bytes(condition.add(i)));
                V::select(mask, V::load(yes.add(i)), V::load(no.add(i))).store(out.add(i));
                i += V::LANES;
            }
            let left = n - i;
            if left > 0 {
                let mask = zero.less(V::load_bytes_partial(condition.add(i), left));
                let (yes, no) = (V::load_partial(yes.add(i), left), V::load_partial(no.add(i), left));
                V::select(mask, yes, no).store_partial(out.add(i), left);
            }
        }
    }
}

/// Casts between every pair of types: to integers the fraction goes and numbers
/// out of range end at the border; to bool everything but zero is true.
fn cast(from: Dtype, to: Dtype, level: Level) -> TileFn {
    macro_rules! to {
        ($from:ty, $zero:expr) => {
            match to {
                Dtype::F32 => unary(level, |x: $from| x as f32),
                Dtype::F64 => unary(level, |x: $from| x as f64),
                Dtype::I32 => unary(level, |x: $from| x as i32),
                Dtype::I64 => unary(level, |x: $from| x as i64),
                Dtype::U8 => unary(level, |x: $from| x as u8),
                Dtype::Bool => unary(level, |x: $from| (x != $zero) as u8),
            }
        };
    }
    match from {
        Dtype::F32 => to!(f32, 0.0),
        Dtype::F64 => to!(f64, 0.0),
        Dtype::I32 => to!(i32, 0),
        Dtype::I64 => to!(i64, 0),
        Dtype::U8 | Dtype::Bool => to!(u8, 0),
    }
}
