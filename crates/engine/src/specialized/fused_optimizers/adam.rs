//! Adam's update in one loop: both moving averages of a gradient, and the step that reads them.

use super::templates::{Kind, Template, average, scaled_step};
use crate::kernels::expression::{Call, JOINED};
use crate::simd::{self, Kernel, Vector};

/// The templates of three calls.
fn templates<'a>(calls: &'a [Call; JOINED]) -> Option<[&'a Template; JOINED]> {
    let template = |call: &'a Call| call.kernel_of::<Template>();
    Some([template(&calls[0])?, template(&calls[1])?, template(&calls[2])?])
}

/// Whether three calls are Adam's update: both moving averages of one gradient, and the step that reads them.
pub(super) fn are_adam(calls: &[Call; JOINED]) -> bool {
    let Some(templates) = templates(calls) else { return false };
    let operand = |call: usize, place: usize| templates[call].operand(calls[call].operands, place);
    templates.map(|template| template.kind) == [Kind::Average, Kind::AverageOfSquares, Kind::ScaledStep]
        && operand(0, 2) == operand(1, 2)
        && operand(2, 1) == calls[0].out
        && operand(2, 4) == calls[1].out
}

/// Computes elements `start..start + count` of all three in one loop: while a square root and a
/// division are on their way, the next numbers come from memory.
///
/// # Safety
/// As `ExpressionKernel::run`, for each of them; they are Adam's.
pub(super) unsafe fn run(calls: &[Call; JOINED], start: usize, count: usize) {
    let Some(templates) = templates(calls) else { return };
    let from = |call: usize, place: usize| {
        templates[call].operand(calls[call].operands, place).cast::<f32>().cast_const()
    };
    // SAFETY: the caller vouches for the arrays; scalars have one number.
    unsafe {
        let adam = Adam {
            gradient: from(0, 2).wrapping_add(start),
            m: from(0, 0).wrapping_add(start),
            v: from(1, 0).wrapping_add(start),
            a: from(2, 0).wrapping_add(start),
            rates: [*from(0, 1), *from(1, 1), *from(2, 2)],
            epsilon: *from(2, 3),
            to: calls.each_ref().map(|call| call.out.cast::<f32>().wrapping_add(start)),
            count,
        };
        simd::run(templates[0].level, adam);
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
