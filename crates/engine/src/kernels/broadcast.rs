//! Operands that do not lie like the result: how they are found, and how they are broadcast into buffers.

/// How an operand is found from the position in the result.
#[derive(Debug, PartialEq)]
pub(super) enum Access {
    /// It lies like the result.
    Same,
    /// It repeats every so many elements; a scalar repeats every one.
    Periodic(usize),
    /// Any other broadcast: axes of the result, joined where possible, each
    /// with its length and the operand's stride in elements.
    Broadcast(Vec<(usize, usize)>),
}

/// How an operand of shape `from` is found from positions in `shape`.
pub(super) fn access(from: &[usize], shape: &[usize]) -> Access {
    let axes = join_axes(from, shape);
    match axes.as_slice() {
        [] => Access::Same,
        [(_, 1)] => Access::Same,
        [(_, 0)] => Access::Periodic(1),
        [(_, 0), (period, 1)] => Access::Periodic(*period),
        _ => Access::Broadcast(axes),
    }
}

/// The axes of `shape` with the strides of an operand of shape `from`, in
/// elements: 0 where it repeats. Neighbours that one stride can describe are joined.
fn join_axes(from: &[usize], shape: &[usize]) -> Vec<(usize, usize)> {
    let missing = shape.len() - from.len();
    let mut axes: Vec<(usize, usize)> = Vec::new();
    let mut stride = 1;
    for axis in (0..shape.len()).rev() {
        let len = shape[axis];
        if len == 1 {
            continue;
        }
        let own = if axis >= missing { from[axis - missing] } else { 1 };
        let step = if own == 1 { 0 } else { stride };
        stride *= own;
        match axes.last_mut() {
            Some((inner, inner_step)) if step == *inner_step * *inner => *inner *= len,
            _ => axes.push((len, step)),
        }
    }
    axes.reverse();
    axes
}

/// Repeats `period` elements, from `phase` on, until `count` elements are filled.
///
/// # Safety
/// `base` has `period` elements of `size` bytes, and `buffer` has places for `count`.
pub(super) unsafe fn fill_periodic(
    buffer: *mut u8,
    base: *const u8,
    period: usize,
    phase: usize,
    count: usize,
    size: usize,
) {
    // SAFETY: the caller vouches for `period` elements to read and `count` to write.
    unsafe {
        if period == 1 {
            return splat(buffer, base, count, size);
        }
        let head = (period - phase).min(count);
        std::ptr::copy_nonoverlapping(base.add(phase * size), buffer, head * size);
        let second = phase.min(count - head);
        std::ptr::copy_nonoverlapping(base, buffer.add(head * size), second * size);
        let mut filled = head + second;
        while filled < count {
            let more = filled.min(count - filled);
            std::ptr::copy_nonoverlapping(buffer, buffer.add(filled * size), more * size);
            filled += more;
        }
    }
}

/// Writes one element `count` times.
unsafe fn splat(buffer: *mut u8, element: *const u8, count: usize, size: usize) {
    // SAFETY: the caller vouches for one element to read and `count` to write;
    // buffers start at multiples of an element, operands may not.
    unsafe {
        match size {
            1 => buffer.write_bytes(*element, count),
            4 => {
                let value = element.cast::<u32>().read_unaligned();
                std::slice::from_raw_parts_mut(buffer.cast::<u32>(), count).fill(value);
            }
            _ => {
                let value = element.cast::<u64>().read_unaligned();
                std::slice::from_raw_parts_mut(buffer.cast::<u64>(), count).fill(value);
            }
        }
    }
}

/// Reads `count` elements from `position` on through the strides of a broadcast.
///
/// # Safety
/// The operand has as many elements as its strides reach, and `buffer` has places for `count`.
pub(super) unsafe fn fill_broadcast(
    buffer: *mut u8,
    base: *const u8,
    axes: &[(usize, usize)],
    position: usize,
    count: usize,
    size: usize,
) {
    let (&(inner, inner_step), outer) = axes.split_last().expect("a broadcast has axes");
    let mut row = position / inner;
    let mut column = position % inner;
    if let ([(_, step)], 0) = (outer, inner_step) {
        // SAFETY: the caller vouches for the operand and the buffer.
        unsafe {
            let from = base.add(row * step * size);
            match size {
                1 => fill_columns::<u8>(buffer, from, *step, (inner, column), count),
                4 => fill_columns::<u32>(buffer, from, *step, (inner, column), count),
                _ => fill_columns::<u64>(buffer, from, *step, (inner, column), count),
            }
        }
        return;
    }
    let mut filled = 0;
    while filled < count {
        let mut offset = column * inner_step;
        let mut rest = row;
        for &(len, step) in outer.iter().rev() {
            offset += rest % len * step;
            rest /= len;
        }
        let length = (inner - column).min(count - filled);
        // SAFETY: the caller vouches for the operand and the buffer.
        unsafe {
            let (from, to) = (base.add(offset * size), buffer.add(filled * size));
            match inner_step {
                0 => splat(to, from, length, size),
                1 => std::ptr::copy_nonoverlapping(from, to, length * size),
                _ => (0..length).for_each(|i| {
                    std::ptr::copy_nonoverlapping(from.add(i * inner_step * size), to.add(i * size), size);
                }),
            }
        }
        filled += length;
        row += 1;
        column = 0;
    }
}

/// Writes each element `inner` times, from column `column` of the first on, until `count` are there.
unsafe fn fill_columns<T: Copy>(
    buffer: *mut u8,
    base: *const u8,
    step: usize,
    (inner, column): (usize, usize),
    count: usize,
) {
    const WIDE: usize = 16;
    let (mut from, mut to) = (base.cast::<T>(), buffer.cast::<T>());
    let (mut left, mut length) = (count, inner - column);
    while left > 0 {
        length = length.min(left);
        // SAFETY: the caller vouches for the operand and the buffer; more than an element's places
        // are written only if the next ones follow.
        unsafe {
            let value = from.read_unaligned();
            if length <= WIDE && left >= WIDE {
                to.cast::<[T; WIDE]>().write_unaligned([value; WIDE]);
            } else {
                (0..length).for_each(|place| to.add(place).write_unaligned(value));
            }
            from = from.wrapping_add(step);
            to = to.add(length);
        }
        left -= length;
        length = inner;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_joined() {
        assert_eq!(access(&[2, 3, 4], &[2, 3, 4]), Access::Same);
        assert_eq!(access(&[], &[2, 3, 4]), Access::Periodic(1));
        assert_eq!(access(&[1, 1], &[2, 3]), Access::Periodic(1));
        assert_eq!(access(&[3, 4], &[2, 3, 4]), Access::Periodic(12));
        assert_eq!(access(&[2, 1, 1], &[2, 3, 4]), Access::Broadcast(vec![(2, 1), (12, 0)]));
    }

    #[test]
    fn repeated_elements_are_those_of_indexing() {
        for (rows, inner, column, count) in [(1, 5, 0, 5), (30, 10, 3, 290), (4, 16, 15, 40), (3, 70, 1, 200)]
        {
            let base: Vec<u32> = (0..rows).collect();
            let mut buffer = vec![u32::MAX; count + 1];
            let (to, from) = (buffer.as_mut_ptr().cast(), base.as_ptr().cast());
            // SAFETY: the rows have enough elements, the buffer a place more than needed.
            unsafe { fill_broadcast(to, from, &[(rows as usize, 1), (inner, 0)], column, count, 4) };
            for (place, &value) in buffer[..count].iter().enumerate() {
                assert_eq!(value as usize, (column + place) / inner);
            }
            assert_eq!(buffer[count], u32::MAX);
        }
    }
}
