//! Kernels that move elements without computing: by element size, not by type.

use crate::ir::program::Dtype;

/// A view that reads an array through strides: broadcasts, transposes, slices.
#[derive(Debug, Clone)]
pub struct Strided {
    /// Axes of the result, joined where possible: length and stride in elements of the source.
    axes: Vec<(usize, isize)>,
    /// First element of the source.
    offset: usize,
    size: usize,
}

impl Strided {
    /// A view of the given shape; `strides` are in elements of the source.
    pub fn new(shape: &[usize], strides: &[isize], offset: usize, size: usize) -> Strided {
        let mut axes: Vec<(usize, isize)> = Vec::new();
        for (&len, &step) in shape.iter().zip(strides).rev() {
            match axes.last_mut() {
                _ if len == 1 => {}
                Some((inner, inner_step)) if step == *inner_step * *inner as isize => *inner *= len,
                _ => axes.push((len, step)),
            }
        }
        axes.reverse();
        if axes.is_empty() {
            axes.push((shape.iter().product(), 1));
        }
        Strided { axes, offset, size }
    }

    /// The view that repeats an array of shape `from` to `shape`.
    pub fn broadcast(from: &[usize], shape: &[usize], size: usize) -> Strided {
        let missing = shape.len() - from.len();
        let own = contiguous(from);
        let strides: Vec<isize> = (0..shape.len())
            .map(|axis| if axis < missing || from[axis - missing] == 1 { 0 } else { own[axis - missing] })
            .collect();
        Strided::new(shape, &strides, 0, size)
    }

    /// The view that permutes the axes of an array of shape `from`.
    pub fn transpose(from: &[usize], perm: &[usize], size: usize) -> Strided {
        let own = contiguous(from);
        let shape: Vec<usize> = perm.iter().map(|&axis| from[axis]).collect();
        let strides: Vec<isize> = perm.iter().map(|&axis| own[axis]).collect();
        Strided::new(&shape, &strides, 0, size)
    }

    /// The view of a slice of an array of shape `from`.
    pub fn slice(from: &[usize], shape: &[usize], begin: &[usize], steps: &[isize], size: usize) -> Strided {
        let own = contiguous(from);
        let strides: Vec<isize> = own.iter().zip(steps).map(|(stride, step)| stride * step).collect();
        let offset = own.iter().zip(begin).map(|(&stride, &first)| stride as usize * first).sum();
        Strided::new(shape, &strides, offset, size)
    }

    /// Copies elements `start..start + count` of the view.
    ///
    /// # Safety
    /// `x` is the whole source, `out` the whole result, and they do not overlap.
    /// The range lies within the result.
    pub unsafe fn copy(&self, start: usize, count: usize, x: *const u8, out: *mut u8) {
        let Some((&(inner, inner_step), outer)) = self.axes.split_last() else { return };
        let (mut position, end) = (start, start + count);
        while position < end {
            let (mut row, column) = (position / inner, position % inner);
            let mut offset = self.offset as isize + column as isize * inner_step;
            for &(len, step) in outer.iter().rev() {
                offset += (row % len) as isize * step;
                row /= len;
            }
            let length = (inner - column).min(end - position);
            // SAFETY: the view stays within the source, the position within the result.
            unsafe {
                let from = x.offset(offset * self.size as isize);
                copy_run(from, inner_step, length, out.add(position * self.size), self.size);
            }
            position += length;
        }
    }
}

/// Strides of a C-contiguous array, in elements.
fn contiguous(shape: &[usize]) -> Vec<isize> {
    let mut strides = vec![1isize; shape.len()];
    for axis in (0..shape.len().saturating_sub(1)).rev() {
        strides[axis] = strides[axis + 1] * shape[axis + 1] as isize;
    }
    strides
}

unsafe fn copy_run(from: *const u8, step: isize, length: usize, to: *mut u8, size: usize) {
    // SAFETY: the caller vouches for `length` elements on both sides.
    unsafe {
        match (step, size) {
            (1, _) => std::ptr::copy_nonoverlapping(from, to, length * size),
            (_, 1) => copy_elements::<u8>(from, step, length, to),
            (_, 4) => copy_elements::<u32>(from, step, length, to),
            _ => copy_elements::<u64>(from, step, length, to),
        }
    }
}

unsafe fn copy_elements<T: Copy>(from: *const u8, step: isize, length: usize, to: *mut u8) {
    let (from, to) = (from.cast::<T>(), to.cast::<T>());
    for i in 0..length {
        // SAFETY: the caller vouches for `length` elements on both sides.
        unsafe { to.add(i).write_unaligned(from.offset(i as isize * step).read_unaligned()) };
    }
}

/// Sets `out[c, r] = x[r, c]`, in blocks that stay in cache.
///
/// # Safety
/// Both arrays have `rows * columns` elements of `size` bytes and do not overlap.
pub unsafe fn transpose(x: *const u8, rows: usize, columns: usize, out: *mut u8, size: usize) {
    const BLOCK: usize = 16;
    for row in (0..rows).step_by(BLOCK) {
        for column in (0..columns).step_by(BLOCK) {
            let height = BLOCK.min(rows - row);
            for c in column..(column + BLOCK).min(columns) {
                // SAFETY: the block lies within both arrays.
                unsafe {
                    let from = x.add((row * columns + c) * size);
                    let to = out.add((c * rows + row) * size);
                    match size {
                        1 => copy_elements::<u8>(from, columns as isize, height, to),
                        4 => copy_elements::<u32>(from, columns as isize, height, to),
                        _ => copy_elements::<u64>(from, columns as isize, height, to),
                    }
                }
            }
        }
    }
}

/// Fills `out` (of `shape`) with one element and sets `x` (of shape `from`) into it at `before`.
///
/// # Safety
/// The arrays have these shapes and do not overlap; `x` fits into `out` at `before`.
pub unsafe fn pad(
    x: *const u8,
    from: &[usize],
    fill: *const u8,
    before: &[usize],
    out: *mut u8,
    shape: &[usize],
    size: usize,
) {
    let total: usize = shape.iter().product();
    let row = from.last().copied().unwrap_or(1);
    let rows: usize = if from.is_empty() { 1 } else { from[..from.len() - 1].iter().product() };
    // SAFETY: every position below lies within the arrays, as the verifier checked.
    unsafe {
        copy_run(fill, 0, total, out, size);
        if row == 0 {
            return;
        }
        let strides = contiguous(shape);
        for number in 0..rows {
            let mut rest = number;
            let mut target = before.last().copied().unwrap_or(0);
            for axis in (0..from.len().saturating_sub(1)).rev() {
                target += (before[axis] + rest % from[axis]) * strides[axis] as usize;
                rest /= from[axis];
            }
            let source = x.add(number * row * size);
            std::ptr::copy_nonoverlapping(source, out.add(target * size), row * size);
        }
    }
}

/// Joins arrays seen as `outer` blocks of `blocks[i]` bytes each.
///
/// # Safety
/// Each input has `outer * blocks[i]` bytes, `out` their sum; no overlaps.
pub unsafe fn concat(inputs: &[*mut u8], blocks: &[usize], outer: usize, out: *mut u8) {
    let mut target = out;
    for number in 0..outer {
        for (&input, &bytes) in inputs.iter().zip(blocks) {
            // SAFETY: the caller vouches for the sizes.
            unsafe {
                std::ptr::copy_nonoverlapping(input.add(number * bytes), target, bytes);
                target = target.add(bytes);
            }
        }
    }
}

/// An index outside its axis: where it stands, and what it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BadIndex {
    /// Position in the array of indices.
    pub position: usize,
    /// The index.
    pub value: i64,
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

#[inline]
unsafe fn checked_index(
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
    Err(BadIndex { position, value })
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

/// Numbers that can be added up; integers wrap.
trait Number: Copy {
    const ZERO: Self;
    fn plus(self, other: Self) -> Self;
}

macro_rules! number {
    ($($type:ty, $zero:expr, $add:expr;)*) => {$(
        impl Number for $type {
            const ZERO: Self = $zero;
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                let add: fn($type, $type) -> $type = $add;
                add(self, other)
            }
        }
    )*};
}

number! {
    f32, 0.0, |a, b| a + b;
    f64, 0.0, |a, b| a + b;
    i32, 0, i32::wrapping_add;
    i64, 0, i64::wrapping_add;
    u8, 0, u8::wrapping_add;
}

/// Calls a generic function with the Rust type of an element type.
macro_rules! with_number {
    ($dtype:expr, $function:ident ( $($argument:expr),* )) => {
        match $dtype {
            Dtype::F32 => $function::<f32>($($argument),*),
            Dtype::F64 => $function::<f64>($($argument),*),
            Dtype::I32 => $function::<i32>($($argument),*),
            Dtype::I64 => $function::<i64>($($argument),*),
            Dtype::U8 | Dtype::Bool => $function::<u8>($($argument),*),
        }
    };
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

/// Running sums along an axis of `len`, between `outer` and `inner` others.
#[derive(Clone, Copy, Debug)]
pub struct CumsumShape {
    /// Element type.
    pub dtype: Dtype,
    /// Elements before the axis.
    pub outer: usize,
    /// Length of the axis.
    pub len: usize,
    /// Elements after the axis.
    pub inner: usize,
    /// Leave the element itself out.
    pub exclusive: bool,
    /// From the end.
    pub reverse: bool,
}

/// Computes running sums.
///
/// # Safety
/// Both arrays have the shape that `shape` says and do not overlap.
pub unsafe fn cumsum(shape: &CumsumShape, x: *const u8, out: *mut u8) {
    // SAFETY: handed on.
    unsafe { with_number!(shape.dtype, cumsum_of(shape, x, out)) }
}

unsafe fn cumsum_of<T: Number>(shape: &CumsumShape, x: *const u8, out: *mut u8) {
    let (x, out) = (x.cast::<T>(), out.cast::<T>());
    for lane in 0..shape.outer * shape.inner {
        let base = lane / shape.inner * shape.len * shape.inner + lane % shape.inner;
        let mut sum = T::ZERO;
        for step in 0..shape.len {
            let item = if shape.reverse { shape.len - 1 - step } else { step };
            let position = base + item * shape.inner;
            // SAFETY: the position lies within both arrays.
            unsafe {
                let next = sum.plus(x.add(position).read_unaligned());
                out.add(position).write_unaligned(if shape.exclusive { sum } else { next });
                sum = next;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(strided: &Strided, x: &[i32], count: usize) -> Vec<i32> {
        let mut out = vec![0i32; count];
        let (middle, target) = (count / 2, out.as_mut_ptr().cast());
        // SAFETY: `x` and `out` have the sizes of the view.
        unsafe {
            strided.copy(0, middle, x.as_ptr().cast(), target);
            strided.copy(middle, count - middle, x.as_ptr().cast(), target);
        }
        out
    }

    #[test]
    fn views() {
        let x = [1, 2, 3, 4, 5, 6];
        assert_eq!(view(&Strided::transpose(&[2, 3], &[1, 0], 4), &x, 6), [1, 4, 2, 5, 3, 6]);
        assert_eq!(view(&Strided::broadcast(&[2, 1], &[2, 3], 4), &x, 6), [1, 1, 1, 2, 2, 2]);
        assert_eq!(view(&Strided::broadcast(&[3], &[2, 3], 4), &x, 6), [1, 2, 3, 1, 2, 3]);
        let slice = Strided::slice(&[2, 3], &[2, 2], &[0, 2], &[1, -2], 4);
        assert_eq!(view(&slice, &x, 4), [3, 1, 6, 4]);
        assert_eq!(view(&Strided::broadcast(&[], &[], 4), &x, 1), [1]);
    }

    #[test]
    fn turning_twice_gives_the_same() {
        let x: Vec<f64> = (0..37 * 21).map(f64::from).collect();
        let (mut transposed, mut back) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        // SAFETY: the arrays have 37 x 21 elements.
        unsafe {
            transpose(x.as_ptr().cast(), 37, 21, transposed.as_mut_ptr().cast(), 8);
            transpose(transposed.as_ptr().cast(), 21, 37, back.as_mut_ptr().cast(), 8);
        }
        assert_eq!(transposed[1], x[21]);
        assert_eq!(back, x);
    }

    #[test]
    fn pads_and_concats() {
        let (x, fill, mut out) = ([1, 2, 3, 4], [9], [0; 12]);
        // SAFETY: 2 x 2 elements at (0, 1) fit into 3 x 4.
        unsafe {
            let (from, to) = (x.as_ptr().cast(), out.as_mut_ptr().cast());
            pad(from, &[2, 2], fill.as_ptr().cast(), &[0, 1], to, &[3, 4], 4);
        }
        assert_eq!(out, [9, 1, 2, 9, 9, 3, 4, 9, 9, 9, 9, 9]);
        let (mut a, mut b, mut joined) = ([1u8, 2], [3u8, 4, 5, 6], [0u8; 6]);
        // SAFETY: two blocks of 1 and of 2 bytes.
        unsafe { concat(&[a.as_mut_ptr(), b.as_mut_ptr()], &[1, 2], 2, joined.as_mut_ptr()) };
        assert_eq!(joined, [1, 3, 4, 2, 5, 6]);
    }

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
            assert_eq!(error, Err(BadIndex { position: 1, value: -1 }));
        }
    }

    #[test]
    fn running_sums() {
        let x = [1i32, 2, 3, 4, 5, 6];
        let run = |exclusive, reverse| {
            let shape = CumsumShape { dtype: Dtype::I32, outer: 2, len: 3, inner: 1, exclusive, reverse };
            let mut out = [0i32; 6];
            // SAFETY: two rows of three elements.
            unsafe { cumsum(&shape, x.as_ptr().cast(), out.as_mut_ptr().cast()) };
            out
        };
        assert_eq!(run(false, false), [1, 3, 6, 4, 9, 15]);
        assert_eq!(run(true, false), [0, 1, 3, 0, 4, 9]);
        assert_eq!(run(false, true), [6, 5, 3, 15, 11, 6]);
        assert_eq!(run(true, true), [5, 3, 0, 11, 6, 0]);
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
