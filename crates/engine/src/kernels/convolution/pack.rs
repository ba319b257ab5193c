//! Filters laid out for the tiles: panels of two vectors' width, each with all taps and channels of a phase.

use super::ConvolutionPlan;
use super::walk::Phase;
use crate::kernels::matmul::pack::convert;
use crate::simd::{MAX_LANES, Vector};

/// Where the panels of one phase are: those of each group follow each other.
#[derive(Clone, Copy)]
pub(super) struct Panels {
    pub at: *const f32,
    /// Numbers for each product: the width of a panel.
    pub width: usize,
    /// Products in each sum.
    pub products: usize,
    /// Columns of a group.
    pub columns: usize,
}

impl Panels {
    /// The panel of a group in which column `column` is the first.
    #[inline(always)]
    pub fn panel(&self, group: usize, column: usize) -> *const f32 {
        let of_group = self.columns.div_ceil(self.width);
        self.at.wrapping_add((group * of_group + column / self.width) * self.products * self.width)
    }
}

/// Numbers that the panels of one phase need.
pub(super) fn room(plan: &ConvolutionPlan) -> usize {
    let geometry = &plan.geometry;
    let (products, columns) = lengths(plan);
    let padded = geometry.groups * (columns + 2 * MAX_LANES);
    plan.walk.phases.iter().map(|phase| phase.taps.len() * products * padded).max().unwrap_or(0)
}

/// Products for each tap, and columns, of one group.
pub(super) fn lengths(plan: &ConvolutionPlan) -> (usize, usize) {
    let (channels, filters) = (plan.geometry.group_channels(), plan.geometry.group_filters());
    if plan.backwards { (filters, channels) } else { (channels, filters) }
}

/// Lays the filters out for one phase.
///
/// # Safety
/// `filters` are those of the plan; `to` has room.
#[inline(always)]
pub(super) unsafe fn pack<V: Vector>(
    plan: &ConvolutionPlan,
    phase: &Phase,
    filters: *const f32,
    to: *mut f32,
) -> Panels {
    let (products, columns) = lengths(plan);
    let width = if columns > V::LANES { 2 * V::LANES } else { V::LANES };
    let panels = Panels { at: to, width, products: phase.taps.len() * products, columns };
    let (step, mut to) = (plan.geometry.filters, to);
    for group in 0..plan.geometry.groups {
        for first in (0..columns).step_by(width) {
            let count = width.min(columns - first);
            // SAFETY: taps, channels and filters lie in the array; the caller vouches for the room.
            unsafe {
                if count < width {
                    std::ptr::write_bytes(to, 0, panels.products * width);
                }
                for &tap in &phase.taps {
                    let from = filters.add(tap * plan.geometry.group_channels() * step);
                    if plan.backwards {
                        let from = from.add(first * step + group * products);
                        transposed::<V>(from, step, count, products, to, width);
                    } else {
                        let from = from.add(group * columns + first);
                        for product in 0..products {
                            convert::<V, f32>(from.add(product * step), count, to.add(product * width));
                        }
                    }
                    to = to.add(products * width);
                }
            }
        }
    }
    panels
}

/// `to[product][column] = from[column][product]`: whole squares at once, the edges one by one.
#[inline(always)]
unsafe fn transposed<V: Vector>(
    from: *const f32,
    step: usize,
    columns: usize,
    products: usize,
    to: *mut f32,
    width: usize,
) {
    let lanes = V::LANES;
    let (whole_columns, whole_products) = (columns / lanes * lanes, products / lanes * lanes);
    // SAFETY: the caller vouches for `columns` rows of `products` numbers, and the panel.
    unsafe {
        for column in (0..whole_columns).step_by(lanes) {
            for product in (0..whole_products).step_by(lanes) {
                let to = to.add(product * width + column);
                V::transpose(from.add(column * step + product), step, to, width);
            }
        }
        for column in 0..columns {
            let first = if column < whole_columns { whole_products } else { 0 };
            for product in first..products {
                *to.add(product * width + column) = *from.add(column * step + product);
            }
        }
    }
}
