//! Rows of a picture with zeros around them, as numbers.

use std::ops::Range;

use super::walk::Walk;
use crate::ir::program::Dtype;
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
    let advance = walk.rows.advance();
    let first = results.start * advance;
    if walk.in_place {
        return picture.cast::<f32>().wrapping_add(first * walk.pitch);
    }
    let needed =
        results.len().saturating_sub(1) * advance + walk.band_rows() - (walk.band_results - 1) * advance;
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
