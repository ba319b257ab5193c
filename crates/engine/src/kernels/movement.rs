//! Kernels that move elements without computing: by element size, not by type.

use std::ops::Range;

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
        // Steps that are never gone, and begins of nothing, may be numbers of any size.
        let stride = |axis: usize| if shape[axis] > 1 { own[axis] * steps[axis] } else { 0 };
        let first = |axis: usize| if shape[axis] > 0 { own[axis] as usize * begin[axis] } else { 0 };
        let strides: Vec<isize> = (0..shape.len()).map(stride).collect();
        let offset = (0..shape.len()).map(first).sum();
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

/// Joins blocks number `range` of arrays seen as blocks of `blocks[i]` bytes each.
///
/// # Safety
/// Each input has `range.end * blocks[i]` bytes, `out` their sum; no overlaps.
pub unsafe fn concat(inputs: &[*mut u8], blocks: &[usize], range: Range<usize>, out: *mut u8) {
    let mut target = out.wrapping_add(range.start * blocks.iter().sum::<usize>());
    for number in range {
        for (&input, &bytes) in inputs.iter().zip(blocks) {
            // SAFETY: the caller vouches for the sizes.
            unsafe { std::ptr::copy_nonoverlapping(input.add(number * bytes), target, bytes) };
            target = target.wrapping_add(bytes);
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
    fn steps_that_are_never_gone_have_any_size() {
        let x = [1, 2, 3, 4, 5, 6];
        let one = Strided::slice(&[2, 3], &[1, 2], &[1, 0], &[isize::MAX, 2], 4);
        assert_eq!(view(&one, &x, 2), [4, 6]);
        let none = Strided::slice(&[2, 3], &[0, 1], &[usize::MAX, 2], &[1, isize::MIN], 4);
        assert_eq!(view(&none, &x, 0), Vec::<i32>::new());
    }

    #[test]
    fn transposing_twice_gives_the_same() {
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
        unsafe { concat(&[a.as_mut_ptr(), b.as_mut_ptr()], &[1, 2], 0..2, joined.as_mut_ptr()) };
        assert_eq!(joined, [1, 3, 4, 2, 5, 6]);
    }
}
