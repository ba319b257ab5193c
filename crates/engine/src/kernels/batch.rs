//! The rows of a batch.

/// The rows of a batch, one after the other or where a table says.
#[derive(Clone, Copy)]
pub struct Batch {
    start: *const u8,
    /// Bytes from row to row; unless there is a table.
    step: usize,
    in_place: bool,
}

impl Batch {
    /// Rows of `step` bytes, or the rows of a table.
    pub fn new(start: *const u8, step: usize, in_place: bool) -> Batch {
        Batch { start, step, in_place }
    }

    /// Rows of `step` bytes that follow each other.
    pub fn adjacent(start: *const u8, step: usize) -> Batch {
        Batch { start, step, in_place: false }
    }

    /// Whether the rows follow each other.
    #[inline(always)]
    pub fn is_adjacent(self) -> bool {
        !self.in_place
    }

    /// A row, from an element on.
    ///
    /// # Safety
    /// The row and the element exist.
    #[inline(always)]
    pub unsafe fn at<E>(self, row: usize, element: usize) -> *const E {
        // SAFETY: the caller vouches for both.
        unsafe {
            let row = match self.in_place {
                true => *self.start.cast::<*const u8>().add(row),
                false => self.start.add(row * self.step),
            };
            row.cast::<E>().add(element)
        }
    }
}
