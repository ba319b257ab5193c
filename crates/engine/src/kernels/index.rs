//! Kernels that read or write at indices in the data.

use crate::ir::program::Dtype;
use crate::kernels::scan::{Number, with_number};

/// An index out of range: its position and its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BadIndex {
    /// Position in the array of indices.
    pub position: usize,
    /// The index.
    pub value: i64,
    /// How many values it may have.
    pub limit: usize,
}

/// Reads element `position` of an array of indices.
///
/// # Safety
/// The array has this type and more than `position` elements.
#[inline]
pub unsafe fn index_at(index: *const u8, dtype: Dtype, position: usize) -> i64 {
    // SAFETY: the caller vouches for type and length.
    unsafe {
        match dtype {
            Dtype::I64 => index.cast::<i64>().add(position).read_unaligned(),
            Dtype::I32 => index.cast::<i32>().add(position).read_unaligned().into(),
            _ => (*index.add(position)).into(),
        }
    }
}

/// The same, checked to be below `len`.
///
/// # Errors
/// An index outside `0..len`.
///
/// # Safety
/// As `index_at`.
#[inline]
pub unsafe fn checked_index(
    index: *const u8,
    dtype: Dtype,
    position: usize,
    len: usize,
) -> Result<usize, BadIndex> {
    // SAFETY: handed on.
    let value = unsafe { index_at(index, dtype, position) };
    if value >= 0 && (value as usize) < len {
        return Ok(value as usize);
    }
    Err(BadIndex { position, value, limit: len })
}

/// The shape of a `gather`: the source is `outer` blocks of `len` items of `inner` bytes.
#[derive(Clone, Copy, Debug)]
pub struct GatherShape {
    /// Blocks before the axis.
    pub outer: usize,
    /// Length of the axis.
    pub len: usize,
    /// Bytes of one item.
    pub inner: usize,
    /// How many indices there are.
    pub count: usize,
    /// Their type.
    pub index: Dtype,
}

/// Copies the items that the indices `range` name, in each outer block.
///
/// # Errors
/// The first index outside the axis; the rest of the range is then not written.
///
/// # Safety
/// The arrays have the shape that `shape` says; no overlaps.
pub unsafe fn gather(
    shape: &GatherShape,
    range: std::ops::Range<usize>,
    x: *const u8,
    index: *const u8,
    out: *mut u8,
) -> Result<(), BadIndex> {
    for block in 0..shape.outer {
        for position in range.clone() {
            // SAFETY: the index was checked, the rest is the caller's word.
            unsafe {
                let item = checked_index(index, shape.index, position, shape.len)?;
                let from = x.add((block * shape.len + item) * shape.inner);
                let to = out.add((block * shape.count + position) * shape.inner);
                std::ptr::copy_nonoverlapping(from, to, shape.inner);
            }
        }
    }
    Ok(())
}

/// `out[r] = x[r, index[r]]` for the rows of a range.
///
/// # Errors
/// The first index outside its row.
///
/// # Safety
/// `x` has rows of `width` elements of `size` bytes; no overlaps.
pub unsafe fn pick(
    rows: std::ops::Range<usize>,
    width: usize,
    size: usize,
    x: *const u8,
    index: *const u8,
    index_dtype: Dtype,
    out: *mut u8,
) -> Result<(), BadIndex> {
    for row in rows {
        // SAFETY: the index was checked, the rest is the caller's word.
        unsafe {
            let column = checked_index(index, index_dtype, row, width)?;
            let from = x.add((row * width + column) * size);
            std::ptr::copy_nonoverlapping(from, out.add(row * size), size);
        }
    }
    Ok(())
}

/// Zeros, with each of `count` rows of `width` elements added at its index.
///
/// # Errors
/// The first index outside `0..rows`.
///
/// # Safety
/// `out` has `rows * width` elements of `dtype`, `updates` has `count * width`; no overlaps.
#[allow(clippy::too_many_arguments)] // the arrays and their sizes
pub unsafe fn scatter_add(
    dtype: Dtype,
    rows: usize,
    width: usize,
    count: usize,
    index: *const u8,
    index_dtype: Dtype,
    updates: *const u8,
    out: *mut u8,
) -> Result<(), BadIndex> {
    // SAFETY: the caller vouches for sizes; indices are checked before use.
    unsafe {
        out.write_bytes(0, rows * width * dtype.size());
        for position in 0..count {
            let row = checked_index(index, index_dtype, position, rows)?;
            let from = updates.add(position * width * dtype.size());
            let to = out.add(row * width * dtype.size());
            with_number!(dtype, add_row(from, width, to));
        }
    }
    Ok(())
}

unsafe fn add_row<T: Number>(from: *const u8, width: usize, to: *mut u8) {
    let (from, to) = (from.cast::<T>(), to.cast::<T>());
    for i in 0..width {
        // SAFETY: the caller vouches for `width` elements on both sides.
        unsafe { to.add(i).write_unaligned(to.add(i).read_unaligned().plus(from.add(i).read_unaligned())) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_checked() {
        let (x, mut out) = ([10, 11, 12, 20, 21, 22], [0; 2]);
        let good = [2i64, 0];
        let bad = [2i64, -1];
        // SAFETY: two rows of three elements and two indices.
        unsafe {
            let (from, to) = (x.as_ptr().cast(), out.as_mut_ptr().cast());
            pick(0..2, 3, 4, from, good.as_ptr().cast(), Dtype::I64, to).unwrap();
            assert_eq!(out, [12, 20]);
            let error = pick(0..2, 3, 4, from, bad.as_ptr().cast(), Dtype::I64, to);
            assert_eq!(error, Err(BadIndex { position: 1, value: -1, limit: 3 }));
        }
    }

    #[test]
    fn scatter_adds_rows_up() {
        let (index, updates, mut out) = ([1u8, 0, 1], [1.0f32, 2.0, 10.0, 20.0, 100.0, 200.0], [7.0f32; 4]);
        // SAFETY: three rows of two elements into two rows.
        unsafe {
            let (from, to) = (updates.as_ptr().cast(), out.as_mut_ptr().cast());
            scatter_add(Dtype::F32, 2, 2, 3, index.as_ptr(), Dtype::U8, from, to).unwrap();
        }
        assert_eq!(out, [10.0, 20.0, 101.0, 202.0]);
    }
}
