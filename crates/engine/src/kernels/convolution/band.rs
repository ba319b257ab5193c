//! Rows of a picture with zeros around them, as numbers.

use std::ops::Range;

use super::walk::Walk;
use crate::ir::program::Dtype;
use crate::kernels::finite::finite;
use crate::kernels::matmul::pack::convert;
use crate::simd::Vector;

/// Makes the rows that the results `results` of a phase's rows read readable; gives where they begin.
///
/// # Safety
/// `picture` is one picture of the source, `room` has the walk's size.
#[inline(always)]
pub(crate) unsafe fn rows<V: Vector>(
    walk: &Walk,
    dtype: Dtype,
    picture: *const u8,
    results: Range<usize>,
    room: *mut f32,
) -> *const f32 {
    let first = results.start * walk.rows.advance();
    if walk.in_place {
        return picture.cast::<f32>().wrapping_add(first * walk.pitch);
    }
    let needed = walk.rows_read(results.len());
    let (channels, columns) = (walk.channels, &walk.columns);
    let left = (columns.before * channels).min(walk.pitch);
    let width = (columns.source * channels).min(walk.pitch - left);
    for row in 0..needed {
        let to = room.wrapping_add(row * walk.pitch);
        let inside = (first + row).checked_sub(walk.rows.before).filter(|&row| row < walk.rows.source);
        // SAFETY: the row lies in the picture, its place in the room.
        unsafe {
            let Some(source) = inside else {
                std::ptr::write_bytes(to, 0, walk.pitch);
                continue;
            };
            let from = source * columns.source * channels;
            std::ptr::write_bytes(to, 0, left);
            match dtype {
                Dtype::U8 => convert::<V, u8>(picture.add(from), width, to.add(left)),
                _ => std::ptr::copy_nonoverlapping(picture.cast::<f32>().add(from), to.add(left), width),
            }
            std::ptr::write_bytes(to.add(left + width), 0, walk.pitch - left - width);
        }
    }
    room
}

/// Whether all numbers of a band for so many results are finite; bytes always are.
///
/// # Safety
/// `rows` made the band.
#[inline(always)]
pub(crate) unsafe fn is_finite<V: Vector>(
    walk: &Walk,
    dtype: Dtype,
    results: usize,
    band: *const f32,
) -> bool {
    // SAFETY: the caller vouches for the band.
    dtype == Dtype::U8 || unsafe { finite::<V>(band, walk.rows_read(results) * walk.pitch) }
}
