//! Products with up to 16 columns: vectors run along `k`.
//!
//! Two rows of `a` are multiplied by a group of columns of `b` at a time, each pair with a
//! register of its own, so nothing is padded to the width of a vector. The
//! registers are summed up in blocks, many at once.

use crate::ir::program::Dtype;
use crate::kernels::element::Element;
use crate::kernels::matmul::{MatmulPlan, NARROW, Operands, Sink, Split, block};
use crate::kernels::prefetch::Prefetcher;
use crate::simd::{self, Kernel, MAX_LANES, Vector};
use crate::specialized::sparse_rows::mark_products::Dots;
use crate::specialized::sparse_rows::marks::{Batch, Marks};
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;

/// Rows whose registers are summed up together.
const BLOCK_ROWS: usize = 8;
/// Numbers that `combine` hands on at once.
const COMBINED: usize = 4096;

/// Room for `b` transposed, and for a block of results if a sink takes them.
pub(crate) fn scratch_bytes(plan: &MatmulPlan) -> usize {
    let transposed = if plan.spec.transpose_b { 0 } else { plan.spec.k * plan.spec.n };
    (transposed + COMBINED) * 4
}

/// Computes one part.
///
/// # Safety
/// As `matmul::run_parts`.
pub(crate) unsafe fn run(
    plan: &MatmulPlan,
    part: usize,
    operands: Operands,
    out: *mut u8,
    shared: *mut u8,
    scratch: *mut u8,
    sink: Option<&mut dyn Sink>,
) {
    let (m, n, k) = (plan.spec.m, plan.spec.n, plan.spec.k);
    let inner = match &plan.split {
        Split::Inner(partition) => partition.range(part),
        _ => 0..k,
    };
    let (scratch, mut b, mut b_step) = (scratch.cast::<f32>(), operands.b.cast::<f32>(), k);
    // SAFETY: the caller vouches for arrays and scratch of the plan's sizes.
    unsafe {
        if plan.spec.transpose_b {
            b = b.add(inner.start);
        } else {
            let transposed = scratch.add(COMBINED);
            transpose(b.add(inner.start * n), inner.len(), n, transposed);
            (b, b_step) = (transposed, inner.len());
        }
        let marks = plan.skip.and_then(|skip| {
            let pays = skip.marks.pays(operands.marks, part..part + 1);
            pays.then(|| skip.marks.part(operands.marks, part))
        });
        let a_is_bytes = plan.spec.a == Dtype::U8;
        let a = match plan.skip {
            Some(skip) => skip.marks.batch(operands.a),
            None => Batch::adjacent(operands.a, k * plan.spec.a.size()),
        };
        let short = plan.skip.is_some() && !plan.pairs;
        let prefetcher = operands.prefetcher;
        let mut job =
            Job { a, a_is_bytes, short, inner, b, b_step, n, rows: 0..m, to: scratch, marks, prefetcher };
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

/// Adds partial sums. See `matmul::combine`.
///
/// # Safety
/// As `matmul::combine`.
pub(crate) unsafe fn combine(
    plan: &MatmulPlan,
    rows: Range<usize>,
    shared: *const u8,
    out: *mut u8,
    mut sink: Option<&mut dyn Sink>,
) {
    let (m, n) = (plan.spec.m, plan.spec.n);
    let parts = plan.split.partition().parts();
    let mut buffer = [const { MaybeUninit::<f32>::uninit() }; COMBINED];
    let step = COMBINED / NARROW;
    for start in rows.clone().step_by(step) {
        let count = (start + step).min(rows.end) - start;
        // SAFETY: the caller vouches for the arrays; `count * n` fits the buffer as `n <= NARROW`.
        unsafe {
            let to = match sink {
                Some(_) => buffer.as_mut_ptr().cast(),
                None => out.cast::<f32>().add(start * n),
            };
            let from = shared.cast::<f32>().add(start * n);
            simd::run(plan.level, AddUp { from, step: m * n, parts, len: count * n, to });
            if let Some(sink) = sink.as_deref_mut() {
                sink.span(start, 0, count * n, to.cast());
            }
        }
    }
}

/// `to[i] = from[i] + from[step + i] + ...`, in this order.
struct AddUp {
    from: *const f32,
    step: usize,
    parts: usize,
    len: usize,
    to: *mut f32,
}

impl Kernel for AddUp {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        // SAFETY: the caller vouches for `parts` rows of `len` numbers, and the place.
        unsafe {
            let mut i = 0;
            while i + V::LANES <= self.len {
                let mut sum = V::load(self.from.add(i));
                for part in 1..self.parts {
                    sum = sum + V::load(self.from.add(part * self.step + i));
                }
                sum.store(self.to.add(i));
                i += V::LANES;
            }
            let left = self.len - i;
            if left > 0 {
                let mut sum = V::load_partial(self.from.add(i), left);
                for part in 1..self.parts {
                    sum = sum + V::load_partial(self.from.add(part * self.step + i), left);
                }
                sum.store_partial(self.to.add(i), left);
            }
        }
    }
}

/// Sums over `inner` for some rows and all columns, written row by row to `to`.
#[derive(Clone)]
struct Job<'a> {
    a: Batch,
    a_is_bytes: bool,
    short: bool,
    inner: Range<usize>,
    /// `b`, transposed, from `inner.start` on.
    b: *const f32,
    b_step: usize,
    n: usize,
    rows: Range<usize>,
    to: *mut f32,
    /// The units that are not zero, if the others are to be left out.
    marks: Option<Marks>,
    prefetcher: Option<&'a Prefetcher>,
}

impl Kernel for Job<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        // SAFETY: passed on to the caller.
        unsafe {
            // Where zeros may be left out, sums are taken in vectors of units, in any case.
            match (self.short, self.a_is_bytes) {
                (false, true) => self.blocks::<V, u8>(),
                (false, false) => self.blocks::<V, f32>(),
                (true, true) => self.blocks::<V::Short, u8>(),
                (true, false) => self.blocks::<V::Short, f32>(),
            }
        }
    }
}

/// Room for the folded registers of a block of rows.
#[repr(align(64))]
struct Registers([MaybeUninit<f32>; BLOCK_ROWS * NARROW * MAX_LANES]);

impl Job<'_> {
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
                    marks: self.marks,
                    // For the first columns' sake only.
                    prefetcher: self.prefetcher.filter(|_| group == 0),
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
struct Group<'a, E> {
    marks: Option<Marks>,
    prefetcher: Option<&'a Prefetcher>,
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
struct Fixed<'a, E, const COLUMNS: usize>(Group<'a, E>);

impl<E: Element> Group<'_, E> {
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

impl<E: Element, const COLUMNS: usize> Kernel for Fixed<'_, E, COLUMNS> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let group = self.0;
        // SAFETY: passed on to the caller.
        unsafe {
            if let Some(marks) = &group.marks {
                let Group { prefetcher, start, rows, a, first, element, b, b_step, to, to_step, .. } = group;
                let rows = start..start + rows;
                let dots =
                    Dots::<E, COLUMNS> { element, prefetcher, rows, marks, a, first, b, b_step, to, to_step };
                return dots.run::<V>();
            }
            for row in (0..group.rows & !1).step_by(2) {
                if let Some(prefetcher) = group.prefetcher {
                    prefetcher.ask();
                }
                group.dot::<V, 2, COLUMNS>(row);
            }
            if group.rows % 2 == 1 {
                group.dot::<V, 1, COLUMNS>(group.rows - 1);
            }
        }
    }
}
