//! Operands laid out for the tiles of `tile`: rows of `a`, panels of `b`.

use crate::ir::program::Dtype;
use crate::kernels::batch::Batch;
use crate::kernels::element::Element;
use crate::kernels::matmul::MatmulSpec;
use crate::simd::{Kernel, Vector};
use std::ops::Range;

/// The most rows in a tile, at any level.
pub(crate) const MAX_ROWS: usize = 16;
/// The inner axis is walked in stretches of up to this many, so that a tile's rows stay in cache.
pub(crate) const STRETCH: usize = 256;
/// From one row of a copied tile to the next: off the powers of two, which share cache lines.
pub(crate) const COPIED_STEP: usize = STRETCH + 16;
/// Numbers in the block for a tile's rows.
pub(crate) const COPIED: usize = MAX_ROWS * COPIED_STEP;

/// Where the numbers of `a` for a tile are: row `r`, inner `i` at `rows * r + step * i`.
#[derive(Clone, Copy)]
pub(crate) struct TileRows {
    pub(crate) at: *const f32,
    /// The rows lie next to each other, and `step` leads along the inner axis;
    /// otherwise rows are `COPIED_STEP` apart and the inner axis is contiguous.
    pub(crate) adjacent: bool,
    pub(crate) step: usize,
}

/// The operand `a`, or what stands for it.
#[derive(Clone, Copy)]
pub(crate) struct Left {
    /// Rows as they are stored: `k` of them if the operand is transposed, else `m`.
    pub(crate) stored: Batch,
    pub(crate) bytes: bool,
    pub(crate) transposed: bool,
    pub(crate) m: usize,
    pub(crate) k: usize,
}

impl Left {
    /// Makes a tile's rows readable: in place, or copied to `room`.
    #[inline(always)]
    pub(crate) unsafe fn tile_rows<V: Vector>(
        &self,
        rows: Range<usize>,
        inner: Range<usize>,
        room: *mut f32,
    ) -> TileRows {
        let (m, stored) = (self.m, self.stored);
        // SAFETY: rows and inner lie in the array; the room holds MAX_ROWS rows of a stretch.
        unsafe {
            match (self.transposed, self.bytes) {
                (true, false) if stored.is_adjacent() => {
                    let at = stored.at::<f32>(inner.start, rows.start);
                    return TileRows { at, adjacent: true, step: m };
                }
                (true, bytes) => {
                    let count = if rows.start + MAX_ROWS <= m { MAX_ROWS } else { rows.len() };
                    for (position, inner) in inner.enumerate() {
                        let to = room.add(position * MAX_ROWS);
                        if bytes {
                            convert::<V, u8>(stored.at(inner, rows.start), count, to);
                        } else {
                            convert::<V, f32>(stored.at(inner, rows.start), count, to);
                        }
                    }
                    return TileRows { at: room, adjacent: true, step: MAX_ROWS };
                }
                (false, bytes) => {
                    for (position, row) in rows.enumerate() {
                        let to = room.add(position * COPIED_STEP);
                        if bytes {
                            convert::<V, u8>(stored.at(row, inner.start), inner.len(), to);
                        } else {
                            convert::<V, f32>(stored.at(row, inner.start), inner.len(), to);
                        }
                    }
                }
            }
        }
        TileRows { at: room, adjacent: false, step: 1 }
    }
}

/// Copies numbers, as `f32`.
#[inline(always)]
pub(crate) unsafe fn convert<V: Vector, E: Element>(from: *const E, len: usize, to: *mut f32) {
    let mut i = 0;
    // SAFETY: the caller vouches for `len` elements and places.
    unsafe {
        while i + V::LANES <= len {
            E::load::<V>(from.add(i)).store(to.add(i));
            i += V::LANES;
        }
        if i < len {
            E::load_partial::<V>(from.add(i), len - i).store_partial(to.add(i), len - i);
        }
    }
}

/// Lays all of `b` out in panels.
pub(crate) struct Panels<'a> {
    pub(crate) spec: &'a MatmulSpec,
    pub(crate) b: *const u8,
    pub(crate) kept: *mut u8,
}

impl Kernel for Panels<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        // SAFETY: handed on.
        unsafe { pack::<V>(self.spec, self.b, 0..self.spec.n, self.kept.cast()) };
    }
}

/// Copies the columns `columns` of `b` into panels, the last one filled up with zeros.
#[inline(always)]
pub(crate) unsafe fn pack<V: Vector>(
    spec: &MatmulSpec,
    b: *const u8,
    columns: Range<usize>,
    panels: *mut f32,
) {
    let width = 2 * V::LANES;
    let mut to = panels;
    for first in columns.clone().step_by(width) {
        let count = width.min(columns.end - first);
        // SAFETY: columns lie in the array; the panels have room.
        unsafe {
            if count < width {
                std::ptr::write_bytes(to, 0, width * spec.k);
            }
            match (spec.transpose_b, spec.b == Dtype::U8) {
                (false, false) => pack_rows::<V, f32>(b.cast::<f32>().add(first), spec.n, spec.k, count, to),
                (false, true) => pack_rows::<V, u8>(b.add(first), spec.n, spec.k, count, to),
                (true, false) => pack_transposed::<V>(b.cast::<f32>().add(first * spec.k), spec.k, count, to),
                (true, true) => pack_elements(b.add(first * spec.k), spec.k, 0..spec.k, 0..count, width, to),
            }
            to = to.add(width * spec.k);
        }
    }
}

#[inline(always)]
unsafe fn pack_rows<V: Vector, E: Element>(
    from: *const E,
    step: usize,
    k: usize,
    count: usize,
    to: *mut f32,
) {
    for inner in 0..k {
        // SAFETY: the caller vouches for `k` rows of `count` elements, and the panel.
        unsafe { convert::<V, E>(from.add(inner * step), count, to.add(inner * 2 * V::LANES)) };
    }
}

/// A panel from a transposed operand: whole squares at once, the edges one by one.
#[inline(always)]
unsafe fn pack_transposed<V: Vector>(from: *const f32, k: usize, count: usize, to: *mut f32) {
    let (lanes, width) = (V::LANES, 2 * V::LANES);
    let (whole_k, whole_count) = (k / lanes * lanes, count / lanes * lanes);
    // SAFETY: the caller vouches for `count` rows of `k` numbers, and the panel.
    unsafe {
        for column in (0..whole_count).step_by(lanes) {
            for inner in (0..whole_k).step_by(lanes) {
                V::transpose(from.add(column * k + inner), k, to.add(inner * width + column), width);
            }
        }
        pack_elements(from, k, whole_k..k, 0..whole_count, width, to);
        pack_elements(from, k, 0..k, whole_count..count, width, to);
    }
}

#[inline(always)]
unsafe fn pack_elements<E: Element>(
    from: *const E,
    k: usize,
    inner: Range<usize>,
    columns: Range<usize>,
    width: usize,
    to: *mut f32,
) {
    for inner in inner {
        for column in columns.clone() {
            // SAFETY: the caller vouches for the operand and the panel.
            unsafe { *to.add(inner * width + column) = (*from.add(column * k + inner)).number() };
        }
    }
}
