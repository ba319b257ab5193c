//! Products with up to 16 columns: vectors run along `k`.
//!
//! Two rows of `a` are multiplied by a group of columns of `b` at a time, each pair with a
//! register of its own, so nothing is padded to the width of a vector. The
//! registers are summed up in blocks, many at once.

use crate::ir::program::Dtype;
use crate::kernels::batch::Batch;
use crate::kernels::element::Element;
use crate::kernels::matmul::combine::COMBINED;
use crate::kernels::matmul::{Cutting, MatmulPlan, MatmulSpec, NARROW, Product, ProductKernel, Split, block};
use crate::simd::{self, Kernel, Level, MAX_LANES, Vector};
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;

/// Rows whose registers are summed up together.
const BLOCK_ROWS: usize = 8;
/// Sums at least this long are cut along `k`.
const INNER_FROM: usize = 512;
/// More rows than this are cut by rows rather than along `k`: partial sums would be many.
const INNER_MAX_ROWS: usize = 1024;

/// Vectors along `k`.
#[derive(Debug)]
pub(crate) struct Dot;

impl ProductKernel for Dot {
    fn matches(&self, spec: &MatmulSpec, _level: Level) -> bool {
        let MatmulSpec { m, n, k, transpose_a, transpose_b, .. } = *spec;
        // Transposing `b` is worth it when enough rows use it.
        let enough = if transpose_b { k >= 64 } else { k >= 256 && m >= 16 };
        n <= NARROW && !transpose_a && spec.b == Dtype::F32 && enough
    }

    fn cutting(&self, spec: &MatmulSpec) -> Cutting {
        let inner = spec.k >= INNER_FROM && spec.m <= INNER_MAX_ROWS;
        Cutting { granule: 4, inner, columns: true, as_before: false, weights: false }
    }

    /// Room for `b` transposed, and for a block of results if a sink takes them.
    fn plan(&self, plan: &mut MatmulPlan) {
        let transposed = if plan.spec.transpose_b { 0 } else { plan.spec.k * plan.spec.n };
        plan.scratch_bytes = (transposed + COMBINED) * 4;
    }

    unsafe fn run(&self, plan: &MatmulPlan, parts: Range<usize>, mut product: Product) {
        for part in parts {
            // SAFETY: handed on.
            unsafe { run_part(plan, part, product.reborrow()) };
        }
    }
}

/// Computes one part.
///
/// # Safety
/// As `matmul::run_parts`.
unsafe fn run_part(plan: &MatmulPlan, part: usize, product: Product) {
    let (m, n, k) = (plan.spec.m, plan.spec.n, plan.spec.k);
    let inner = match &plan.split {
        Split::Inner(partition) => partition.range(part),
        _ => 0..k,
    };
    let Product { a, b, out, shared, scratch, sink, .. } = product;
    let (scratch, mut b, mut b_step) = (scratch.cast::<f32>(), b.cast::<f32>(), k);
    // SAFETY: the caller vouches for arrays and scratch of the plan's sizes.
    unsafe {
        if plan.spec.transpose_b {
            b = b.add(inner.start);
        } else {
            let transposed = scratch.add(COMBINED);
            transpose(b.add(inner.start * n), inner.len(), n, transposed);
            (b, b_step) = (transposed, inner.len());
        }
        let a_is_bytes = plan.spec.a == Dtype::U8;
        let a = Batch::adjacent(a, k * plan.spec.a.size());
        let mut job = Job { a, a_is_bytes, inner, b, b_step, n, rows: 0..m, to: scratch };
        match (&plan.split, sink) {
            (Split::Inner(_), _) => job.to = shared.cast::<f32>().add(part * m * n),
            (_, None) => {
                job.rows = block(plan, part..part + 1).0;
                job.to = out.cast::<f32>().add(job.rows.start * n);
            }
            (_, Some(sink)) => {
                let rows = block(plan, part..part + 1).0;
                for start in rows.clone().step_by(COMBINED / NARROW) {
                    job.rows = start..(start + COMBINED / NARROW).min(rows.end);
                    simd::run(plan.level, job.clone());
                    sink.span(start, 0, job.rows.len() * n, scratch.cast());
                }
                return;
            }
        }
        simd::run(plan.level, job);
    }
}

/// `to[column][row] = from[row][column]`.
unsafe fn transpose(from: *const f32, rows: usize, columns: usize, to: *mut f32) {
    for column in 0..columns {
        for row in 0..rows {
            // SAFETY: the caller vouches for `rows * columns` numbers in both.
            unsafe { *to.add(column * rows + row) = *from.add(row * columns + column) };
        }
    }
}

/// Sums over `inner` for some rows and all columns, written row by row to `to`.
#[derive(Clone)]
struct Job {
    a: Batch,
    a_is_bytes: bool,
    inner: Range<usize>,
    /// `b`, transposed, from `inner.start` on.
    b: *const f32,
    b_step: usize,
    n: usize,
    rows: Range<usize>,
    to: *mut f32,
}

impl Kernel for Job {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        // SAFETY: passed on to the caller.
        unsafe { if self.a_is_bytes { self.blocks::<V, u8>() } else { self.blocks::<V, f32>() } }
    }
}

/// Room for the folded registers of a block of rows.
#[repr(align(64))]
struct Registers([MaybeUninit<f32>; BLOCK_ROWS * NARROW * MAX_LANES]);

impl Job {
    #[inline(always)]
    unsafe fn blocks<V: Vector, E: Element>(&self) {
        let mut registers = Registers([const { MaybeUninit::uninit() }; BLOCK_ROWS * NARROW * MAX_LANES]);
        let registers = registers.0.as_mut_ptr().cast::<f32>();
        // SAFETY: rows, columns and `inner` lie in the arrays; a block fits the registers.
        unsafe {
            let mut to = self.to;
            for start in self.rows.clone().step_by(BLOCK_ROWS) {
                let rows = BLOCK_ROWS.min(self.rows.end - start);
                self.products::<V, E>(start, rows, registers);
                sums::<V>(rows * self.n, registers, to);
                to = to.add(rows * self.n);
            }
        }
    }

    /// Fills one register for each row and column of a block.
    #[inline(always)]
    unsafe fn products<V: Vector, E: Element>(&self, start: usize, rows: usize, registers: *mut f32) {
        let groups = self.n.div_ceil(V::DOT_GROUP);
        for group in 0..groups {
            let columns = self.n * group / groups..self.n * (group + 1) / groups;
            // SAFETY: rows and columns lie in the arrays.
            unsafe {
                let group = Group {
                    element: PhantomData::<E>,
                    start,
                    rows,
                    a: self.a,
                    first: self.inner.start,
                    b: self.b.add(columns.start * self.b_step),
                    b_step: self.b_step,
                    len: self.inner.len(),
                    to: registers.add(columns.start * V::FOLDED),
                    to_step: self.n * V::FOLDED,
                };
                group.choose::<V>(columns.len());
            }
        }
    }
}

/// Sums `count` registers up.
#[inline(always)]
unsafe fn sums<V: Vector>(count: usize, registers: *mut f32, to: *mut f32) {
    let lanes = V::FOLDED;
    let full = count / lanes * lanes;
    // SAFETY: the registers' room is a whole number of squares; `to` has `count` places.
    unsafe {
        for first in (0..full).step_by(lanes) {
            V::sum_folded(registers.add(first * lanes), to.add(first));
        }
        if full < count {
            registers.add(count * lanes).write_bytes(0, (full + lanes - count) * lanes);
            let mut last = [0.0; MAX_LANES];
            V::sum_folded(registers.add(full * lanes), last.as_mut_ptr());
            std::ptr::copy_nonoverlapping(last.as_ptr(), to.add(full), count - full);
        }
    }
}

/// Some rows of `a` against a group of columns.
#[derive(Clone, Copy)]
struct Group<E> {
    /// The number of the first row.
    start: usize,
    rows: usize,
    a: Batch,
    /// The first element of the sums.
    first: usize,
    element: PhantomData<E>,
    b: *const f32,
    b_step: usize,
    len: usize,
    to: *mut f32,
    to_step: usize,
}

/// A group with a number of columns that the compiler knows.
struct Fixed<E, const COLUMNS: usize>(Group<E>);

impl<E: Element> Group<E> {
    #[inline(always)]
    unsafe fn choose<V: Vector>(self, columns: usize) {
        // SAFETY: passed on to the caller.
        unsafe {
            match columns {
                1 => V::enter(Fixed::<E, 1>(self)),
                2 => V::enter(Fixed::<E, 2>(self)),
                3 => V::enter(Fixed::<E, 3>(self)),
                4 => V::enter(Fixed::<E, 4>(self)),
                5 => V::enter(Fixed::<E, 5>(self)),
                6 if V::DOT_GROUP >= 6 => V::enter(Fixed::<E, 6>(self)),
                7 if V::DOT_GROUP >= 7 => V::enter(Fixed::<E, 7>(self)),
                8 if V::DOT_GROUP >= 8 => V::enter(Fixed::<E, 8>(self)),
                9 if V::DOT_GROUP >= 9 => V::enter(Fixed::<E, 9>(self)),
                10 if V::DOT_GROUP >= 10 => V::enter(Fixed::<E, 10>(self)),
                _ => unreachable!("groups have up to DOT_GROUP columns"),
            }
        }
    }

    /// `ROWS` rows, from `row` on.
    #[inline(always)]
    unsafe fn dot<V: Vector, const ROWS: usize, const COLUMNS: usize>(&self, row: usize) {
        // SAFETY: the caller vouches for `len` elements in each row of `a` and `b`, and the place.
        unsafe {
            let a: [*const E; ROWS] =
                std::array::from_fn(|position| self.a.at(self.start + row + position, self.first));
            let mut sums = [[V::splat(0.0); COLUMNS]; ROWS];
            let mut i = 0;
            while i + V::LANES <= self.len {
                let rows: [V; ROWS] = std::array::from_fn(|row| E::load(a[row].add(i)));
                for column in 0..COLUMNS {
                    let b = V::load(self.b.add(column * self.b_step + i));
                    for (sums, row) in sums.iter_mut().zip(rows) {
                        sums[column] = row.mul_add(b, sums[column]);
                    }
                }
                i += V::LANES;
            }
            let left = self.len - i;
            if left > 0 {
                let rows: [V; ROWS] = std::array::from_fn(|row| E::load_partial(a[row].add(i), left));
                for column in 0..COLUMNS {
                    let b = V::load_partial(self.b.add(column * self.b_step + i), left);
                    for (sums, row) in sums.iter_mut().zip(rows) {
                        sums[column] = row.mul_add(b, sums[column]);
                    }
                }
            }
            for (position, sums) in sums.iter().enumerate() {
                let to = self.to.add((row + position) * self.to_step);
                for (column, sum) in sums.iter().enumerate() {
                    sum.store_folded(to.add(column * V::FOLDED));
                }
            }
        }
    }
}

impl<E: Element, const COLUMNS: usize> Kernel for Fixed<E, COLUMNS> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let group = self.0;
        // SAFETY: passed on to the caller.
        unsafe {
            for row in (0..group.rows & !1).step_by(2) {
                group.dot::<V, 2, COLUMNS>(row);
            }
            if group.rows % 2 == 1 {
                group.dot::<V, 1, COLUMNS>(group.rows - 1);
            }
        }
    }
}
