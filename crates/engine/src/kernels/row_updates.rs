//! Kernels for updates of a few rows of a large array: which of several equal indices stands first, and rows put back.

use crate::ir::program::Dtype;
use crate::kernels::index::{BadIndex, checked_index, index_at};

/// An empty slot of the table.
const EMPTY: u32 = u32::MAX;

/// Slots of the table for so many indices: a power of two, at least twice as many.
pub fn slots(count: usize) -> usize {
    (2 * count).next_power_of_two().max(2)
}

/// For each index, the first position that has the same one.
///
/// The table is open: an index that finds its slot taken looks at the next one. What it gives does not depend on
/// the order of the slots.
///
/// # Errors
/// The first index outside `0..rows`.
///
/// # Safety
/// `index` has `count` elements of `dtype`, `out` room for as many of `i32`, and `table` for `slots(count)` of `u32`;
/// `count` is below 2^31.
pub unsafe fn first_places(
    rows: usize,
    count: usize,
    index: *const u8,
    dtype: Dtype,
    table: *mut u32,
    out: *mut i32,
) -> Result<(), BadIndex> {
    let slots = slots(count);
    let shift = 64 - slots.trailing_zeros();
    // SAFETY: the caller vouches for the arrays; slots are taken modulo their number, which is above `count`.
    unsafe {
        std::slice::from_raw_parts_mut(table, slots).fill(EMPTY);
        for position in 0..count {
            let row = checked_index(index, dtype, position, rows)?;
            // Fibonacci hashing: the high bits of a product with the golden ratio.
            let mut slot = ((row as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift) as usize;
            let first = loop {
                let seen = *table.add(slot);
                if seen == EMPTY {
                    *table.add(slot) = position as u32;
                    break position;
                }
                if index_at(index, dtype, seen as usize) == row as i64 {
                    break seen as usize;
                }
                slot = (slot + 1) & (slots - 1);
            };
            out.add(position).write_unaligned(first as i32);
        }
    }
    Ok(())
}

/// Rows of an array, and where they are put.
#[derive(Clone, Copy, Debug)]
pub struct PutShape {
    /// Rows of the array.
    pub rows: usize,
    /// Bytes of a row.
    pub bytes: usize,
    /// How many indices there are, and their type.
    pub count: usize,
    /// See `count`.
    pub index: Dtype,
}

/// Copies `x` to `out`, unless it is the same array, and puts row `i` of `rows` at `index[i]` where `first[i]` is `i`.
///
/// An index out of range puts nothing: whoever has found the first places has reported it.
///
/// # Safety
/// The arrays have the sizes that `shape` says; `x` and `out` are the same array or do not overlap.
pub unsafe fn put_rows(
    shape: &PutShape,
    x: *const u8,
    index: *const u8,
    first: *const i32,
    rows: *const u8,
    out: *mut u8,
) {
    let PutShape { rows: length, bytes, count, index: dtype } = *shape;
    // SAFETY: the caller vouches for the arrays; each row is checked to lie in `out`.
    unsafe {
        if !std::ptr::eq(x, out.cast_const()) {
            std::ptr::copy_nonoverlapping(x, out, length * bytes);
        }
        for position in 0..count {
            if first.add(position).read_unaligned() as usize != position {
                continue;
            }
            if let Ok(row) = checked_index(index, dtype, position, length) {
                std::ptr::copy_nonoverlapping(rows.add(position * bytes), out.add(row * bytes), bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rows: usize, index: &[i64]) -> Result<Vec<i32>, BadIndex> {
        let (mut table, mut out) = (vec![7; slots(index.len())], vec![-1; index.len()]);
        // SAFETY: the arrays have their sizes.
        unsafe {
            let (index_at, table, to) = (index.as_ptr().cast(), table.as_mut_ptr(), out.as_mut_ptr());
            first_places(rows, index.len(), index_at, Dtype::I64, table, to)?;
        }
        Ok(out)
    }

    #[test]
    fn first_places_are_those_of_a_search() {
        assert_eq!(found(10, &[3, 5, 3, 0, 5, 3]).unwrap(), [0, 1, 0, 3, 1, 0]);
        assert_eq!(found(1, &[]).unwrap(), Vec::<i32>::new());
        assert_eq!(found(1, &[0]).unwrap(), [0]);
        let index: Vec<i64> = (0..777i64).map(|i| (i * i * 31) % 211).collect();
        let right: Vec<i32> =
            index.iter().map(|row| index.iter().position(|other| other == row).unwrap() as i32).collect();
        assert_eq!(found(211, &index).unwrap(), right);
        assert_eq!(found(3, &[0, 3]), Err(BadIndex { position: 1, value: 3, limit: 3 }));
        assert_eq!(found(3, &[-1]), Err(BadIndex { position: 0, value: -1, limit: 3 }));
    }

    #[test]
    fn rows_are_put_once_in_place_and_beside() {
        let (mut x, index, first) = ([0.0f32, 1.0, 2.0, 3.0, 4.0, 5.0], [2u8, 0, 2, 9], [0i32, 1, 0, 3]);
        let (rows, mut out) = ([10.0f32, 11.0, 12.0, 13.0, 99.0, 99.0, 99.0, 99.0], [0.0f32; 6]);
        let shape = PutShape { rows: 3, bytes: 8, count: 4, index: Dtype::U8 };
        // SAFETY: three rows of two numbers, four indices.
        unsafe {
            let (index, first, rows) = (index.as_ptr(), first.as_ptr(), rows.as_ptr().cast());
            put_rows(&shape, x.as_ptr().cast(), index, first, rows, out.as_mut_ptr().cast());
            assert_eq!(out, [12.0, 13.0, 2.0, 3.0, 10.0, 11.0]);
            let place = x.as_mut_ptr().cast::<u8>();
            put_rows(&shape, place.cast_const(), index, first, rows, place);
        }
        assert_eq!(x, out);
    }
}
