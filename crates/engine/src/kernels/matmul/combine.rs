//! Partial sums, added up.

use std::mem::MaybeUninit;
use std::ops::Range;

use super::{MatmulPlan, NARROW, Sink};
use crate::simd::{self, Kernel, Vector};

/// Numbers that are handed on at once.
pub(crate) const COMBINED: usize = 4096;

/// Adds the partial sums of `rows`, in the order of the parts, and hands them on.
/// Only for [`Split::Inner`](super::Split::Inner), after all parts have run.
///
/// # Safety
/// As [`run_parts`](super::run_parts); `rows` lie inside the result.
pub unsafe fn combine(
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
pub(crate) struct AddUp {
    pub from: *const f32,
    pub step: usize,
    pub parts: usize,
    pub len: usize,
    pub to: *mut f32,
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
