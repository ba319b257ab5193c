//! The loop that runs a tape.

use super::operation::{Addresses, Call, Op};
use super::template::{Code, Detail, GROUP, GROUP_BYTES, Product};
use crate::run::execute::{Setting, execute};
use crate::simd::{Kernel, Level, Vector, math};

/// A walk along a tape, once.
pub(super) struct Walk<'a> {
    pub ops: &'a [Op],
    pub places: &'a [Addresses],
    pub level: Level,
}

impl Kernel for Walk<'_> {
    #[inline(always)]
    unsafe fn run<W: Vector>(self) {
        let mut at = self.places.as_ptr();
        for op in self.ops {
            // SAFETY: the places of an operation follow those of the one before, and are
            // good for what it does; see `tape`.
            unsafe { at = step::<W::Short>(op, at, self.level) };
        }
    }
}

/// Runs one operation; gives where the places of the next one are.
#[inline(always)]
unsafe fn step<V: Vector>(op: &Op, at: *const Addresses, level: Level) -> *const Addresses {
    // Elementwise functions of one, two and three operands.
    macro_rules! one {
        (|$x:ident| $result:expr) => {
            return each::<V, 1>(
                at,
                op.count,
                #[inline(always)]
                |[$x, ..]| $result,
            )
        };
    }
    macro_rules! two {
        (|$x:ident, $y:ident| $result:expr) => {
            return each::<V, 2>(
                at,
                op.count,
                #[inline(always)]
                |[$x, $y, _]| $result,
            )
        };
    }
    macro_rules! three {
        (|$x:ident, $y:ident, $z:ident| $result:expr) => {
            return each::<V, 3>(
                at,
                op.count,
                #[inline(always)]
                |[$x, $y, $z]| $result,
            )
        };
    }
    // 1 where the answer is yes, and where it is no.
    let answer = |x: V, mask| V::select(mask, x.like(1.0), x.like(0.0));
    let denial = |x: V, mask| V::select(mask, x.like(0.0), x.like(1.0));
    // SAFETY: handed on; details and calls are those of the operation's own kind.
    unsafe {
        match op.code {
            Code::Neg => one!(|x| x.negate()),
            Code::Abs => one!(|x| x.abs()),
            Code::Exp => one!(|x| math::exp(x)),
            Code::Log => one!(|x| math::log(x)),
            Code::Log1p => one!(|x| math::log1p(x)),
            Code::Expm1 => one!(|x| math::expm1(x)),
            Code::Sqrt => one!(|x| x.sqrt()),
            Code::Rsqrt => one!(|x| x.like(1.0) / x.sqrt()),
            Code::Square => one!(|x| x * x),
            Code::Tanh => one!(|x| math::tanh(x)),
            Code::Sigmoid => one!(|x| math::sigmoid(x)),
            Code::Softplus => one!(|x| math::softplus(x)),
            Code::Erf => one!(|x| math::erf(x)),
            Code::Floor => one!(|x| x.floor()),
            Code::Ceil => one!(|x| x.ceil()),
            Code::Round => one!(|x| x.round()),
            Code::Cast => one!(|x| x),
            Code::Not => one!(|x| denial(x, x.like(0.0).less(x))),
            Code::Add => two!(|x, y| x + y),
            Code::Sub => two!(|x, y| x - y),
            Code::Mul => two!(|x, y| x * y),
            Code::Div => two!(|x, y| x / y),
            Code::Min | Code::And => two!(|x, y| x.minimum(y)),
            Code::Max | Code::Or => two!(|x, y| x.maximum(y)),
            Code::Equal => two!(|x, y| answer(x, x.equal(y))),
            Code::NotEqual => two!(|x, y| denial(x, x.equal(y))),
            Code::Less => two!(|x, y| answer(x, x.less(y))),
            Code::Greater => two!(|x, y| answer(x, y.less(x))),
            Code::LessEqual => two!(|x, y| V::select(x.less(y), x.like(1.0), answer(x, x.equal(y)))),
            Code::GreaterEqual => two!(|x, y| V::select(y.less(x), x.like(1.0), answer(x, x.equal(y)))),
            Code::Select => three!(|x, y, z| V::select(x.like(0.0).less(x), y, z)),
            Code::MulAdd => three!(|x, y, z| x.mul_add(y, z)),
            Code::MulSub => three!(|x, y, z| x.negate().mul_add(y, z)),
            Code::Splat => {
                for group in 0..op.count as usize {
                    let [x, .., out] = *at.add(group);
                    fill::<V>(*x.cast(), out.cast());
                }
                return at.add(op.count as usize);
            }
            Code::Copy => {
                let [from, .., to] = *at;
                if let Detail::Copy(groups) = detail(at) {
                    match groups {
                        1 => from.cast::<[u64; 4]>().copy_to_nonoverlapping(to.cast(), 1),
                        _ => from.copy_to_nonoverlapping(to, groups * GROUP_BYTES),
                    }
                }
            }
            Code::Product => {
                if let Detail::Product(shape) = detail(at) {
                    match shape.fused {
                        true => product::<V, true>(shape, at),
                        false => product::<V, false>(shape, at),
                    }
                }
            }
            Code::Dot => {
                if let Detail::Product(shape) = detail(at) {
                    match shape.fused {
                        true => dot::<V, true>(shape, at),
                        false => dot::<V, false>(shape, at),
                    }
                }
            }
            Code::Sum => {
                if let Detail::Sum { count, divisor } = detail(at) {
                    sum::<V>(at, *count, *divisor);
                }
            }
            Code::Down => {
                if let Detail::Down { rows, columns, divisor } = detail(at) {
                    down::<V>(at, *rows, *columns, *divisor);
                }
            }
            Code::Tile | Code::Single => {
                let [a, b, c, out] = *at;
                if let Detail::Tile { function, count } = detail(at.add(1)) {
                    function(*count, [a, b, c], out);
                }
                if op.code == Code::Single {
                    fill::<V>(*out.cast(), out.cast());
                }
                return at.add(2);
            }
            Code::Power => {
                let [x, y, _, out] = (*at).map(|place| place.cast::<f32>());
                fill::<V>((*x).powf(*y), out);
            }
            Code::Gather => {
                let [from, .., out] = *at;
                if let Detail::Gather(table) = detail(at) {
                    for (position, &index) in table.iter().enumerate() {
                        *out.cast::<f32>().add(position) = *from.cast::<f32>().add(index as usize);
                    }
                }
            }
            Code::Node => {
                let call = &*(*at)[2].cast::<Call>();
                // A node that could fail is on no tape.
                let setting = Setting::new(call.scratch, level);
                let _ = execute(std::slice::from_ref(&*call.node), 0..1, &call.arrays, setting);
            }
        }
        at.add(1)
    }
}

/// What an operation must know stands where its third operand would.
#[inline(always)]
unsafe fn detail<'a>(at: *const Addresses) -> &'a Detail {
    // SAFETY: put there by `tape`.
    unsafe { &*(*at)[2].cast::<Detail>() }
}

/// One vector function over `count` groups; gives where they end.
#[inline(always)]
unsafe fn each<V: Vector, const OPERANDS: usize>(
    at: *const Addresses,
    count: u32,
    function: impl Fn([V; 3]) -> V,
) -> *const Addresses {
    let mut at = at;
    // SAFETY: there is a group at least, and the places hold whole groups.
    unsafe {
        let end = at.add(count as usize);
        loop {
            let [a, b, c, out] = (*at).map(|place| place.cast::<f32>());
            for start in (0..GROUP).step_by(V::LANES) {
                let x = V::load(a.add(start));
                let y = if OPERANDS > 1 { V::load(b.add(start)) } else { x };
                let z = if OPERANDS > 2 { V::load(c.add(start)) } else { x };
                function([x, y, z]).store(out.add(start));
            }
            at = at.add(1);
            if at == end {
                return end;
            }
        }
    }
}

/// The same number in all places of a group.
#[inline(always)]
unsafe fn fill<V: Vector>(number: f32, out: *mut f32) {
    for start in (0..GROUP).step_by(V::LANES) {
        // SAFETY: the place holds a group.
        unsafe { V::splat(number).store(out.add(start)) };
    }
}

/// `sum + factor * number`, rounded once or twice.
#[inline(always)]
fn add_product<V: Vector, const FUSED: bool>(factor: V, number: V, sum: V) -> V {
    if FUSED { factor.mul_add(number, sum) } else { sum + factor * number }
}

#[inline(always)]
unsafe fn product<V: Vector, const FUSED: bool>(shape: &Product, at: *const Addresses) {
    let mut row = 0;
    // SAFETY: handed on.
    unsafe {
        while row + 4 <= shape.m {
            product_rows::<V, FUSED, 4>(shape, row, at);
            row += 4;
        }
        while row < shape.m {
            product_rows::<V, FUSED, 1>(shape, row, at);
            row += 1;
        }
    }
}

/// Some rows of a product. Rows shorter than a vector are written in full and in order:
/// each is put right by the next, and the last one runs over into room that nobody needs.
#[inline(always)]
unsafe fn product_rows<V: Vector, const FUSED: bool, const ROWS: usize>(
    shape: &Product,
    row: usize,
    at: *const Addresses,
) {
    let Product { n, k, a_row, a_inner, .. } = *shape;
    // SAFETY: the operands have these shapes; reading past a row's end stays within the memory.
    unsafe {
        let [a, b, _, out] = (*at).map(|place| place.cast::<f32>());
        let (a, out) = (a.add(row * a_row), out.add(row * n));
        let mut column = 0;
        loop {
            let mut sums = [V::splat(0.0); ROWS];
            let (mut a, mut b) = (a, b.add(column));
            for _ in 0..k {
                let numbers = V::load(b);
                for (row, sum) in sums.iter_mut().enumerate() {
                    let factor = V::splat(*a.add(row * a_row));
                    *sum = add_product::<V, FUSED>(factor, numbers, *sum);
                }
                a = a.wrapping_add(a_inner);
                b = b.wrapping_add(n);
            }
            let left = n - column;
            for (row, sum) in sums.into_iter().enumerate() {
                let to = out.add(row * n + column);
                if left >= V::LANES || column == 0 { sum.store(to) } else { sum.store_partial(to, left) }
            }
            column += V::LANES;
            if column >= n {
                return;
            }
        }
    }
}

/// A product of one column: the sums of several rows go into one vector.
#[inline(always)]
unsafe fn dot<V: Vector, const FUSED: bool>(shape: &Product, at: *const Addresses) {
    const POSITIONS: [f32; GROUP] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
    let Product { m, k, a_row, a_inner, .. } = *shape;
    // SAFETY: the operands have these shapes; the result's place holds whole groups.
    unsafe {
        let [a, b, _, out] = (*at).map(|place| place.cast::<f32>());
        // A single number stands in all places.
        if m == 1 {
            let [sum] = dot_rows::<V, FUSED, 1>(a, b, k, a_row, a_inner);
            (0..GROUP).step_by(V::LANES).for_each(|start| sum.store(out.add(start)));
            return;
        }
        let positions = V::load(POSITIONS.as_ptr());
        for first in (0..m).step_by(V::LANES) {
            let mut result = V::splat(0.0);
            let mut put = |row: usize, sum: V| {
                let here = positions.equal(V::splat((row - first) as f32));
                result = V::select(here, sum, result);
            };
            let end = m.min(first + V::LANES);
            let mut row = first;
            while row + 4 <= end {
                let sums = dot_rows::<V, FUSED, 4>(a.add(row * a_row), b, k, a_row, a_inner);
                sums.into_iter().enumerate().for_each(|(i, sum)| put(row + i, sum));
                row += 4;
            }
            while row < end {
                let [sum] = dot_rows::<V, FUSED, 1>(a.add(row * a_row), b, k, a_row, a_inner);
                put(row, sum);
                row += 1;
            }
            result.store(out.add(first));
        }
    }
}

#[inline(always)]
unsafe fn dot_rows<V: Vector, const FUSED: bool, const ROWS: usize>(
    a: *const f32,
    b: *const f32,
    k: usize,
    a_row: usize,
    a_inner: usize,
) -> [V; ROWS] {
    // SAFETY: handed on.
    unsafe {
        let mut sums = [V::splat(0.0); ROWS];
        let mut a = a;
        for inner in 0..k {
            let number = V::splat(*b.add(inner));
            for (row, sum) in sums.iter_mut().enumerate() {
                let factor = V::splat(*a.add(row * a_row));
                *sum = add_product::<V, FUSED>(factor, number, *sum);
            }
            a = a.wrapping_add(a_inner);
        }
        sums
    }
}

/// As `kernels::reduce` adds up numbers that fit into one vector.
#[inline(always)]
unsafe fn sum<V: Vector>(at: *const Addresses, count: usize, divisor: f64) {
    // SAFETY: the operand has `count` numbers; the result's place holds a group.
    unsafe {
        let [x, .., out] = (*at).map(|place| place.cast::<f32>());
        let mut total = 0.0;
        for position in 0..count {
            total += f64::from(*x.add(position));
        }
        fill::<V>((total / divisor) as f32, out);
    }
}

/// As `kernels::reduce` adds up rows, of which there are few.
#[inline(always)]
unsafe fn down<V: Vector>(at: *const Addresses, rows: usize, columns: usize, divisor: f32) {
    // SAFETY: the operand has these rows; reading past a row's end stays within the memory.
    unsafe {
        let [x, .., out] = (*at).map(|place| place.cast::<f32>());
        for column in (0..columns).step_by(V::LANES) {
            let load = |row: usize| V::load(x.add(row * columns + column));
            let zero = V::splat(0.0);
            let mut sums = [zero; 4];
            let mut row = 0;
            while row + 4 <= rows {
                for (step, sum) in sums.iter_mut().enumerate() {
                    *sum = *sum + load(row + step);
                }
                row += 4;
            }
            while row < rows {
                sums[0] = sums[0] + load(row);
                row += 1;
            }
            let total = zero + ((sums[0] + sums[1]) + (sums[2] + sums[3]));
            (total / V::splat(divisor)).store(out.add(column));
        }
    }
}
