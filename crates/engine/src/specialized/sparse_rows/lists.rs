//! What is not zero in a batch of rows, listed, for products that touch nothing else.
//!
//! Most of a picture of a digit is background. A product of its pixels with a wide layer
//! that leaves the zeros out gives the same bits as one that does not, as long as the other
//! operand is finite: adding a zero changes no sum.
//!
//! Two neighbouring rows share a list, so that the numbers that they are multiplied by are read once for
//! both. Every thread makes the lists that it needs for itself: that is quicker than fetching
//! those of another one from its cache.

use crate::ir::program::Dtype;
use crate::kernels::batch::Batch;
use crate::kernels::element::Element;
use crate::simd::{self, Kernel, Level, Vector};
use std::ops::Range;

/// Elements that are looked at together; the columns of what is listed are a multiple of it.
const CHUNK: usize = 16;
/// Numbers before the places where lists begin.
const HEADER: usize = 16;
/// Batches that are not looked at after one in which lists did not pay: full rows come in crowds.
const PATIENCE: u32 = 31;

/// Which lists are made, and where they lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListPlan {
    /// Rows of the batch.
    pub batch_rows: usize,
    /// Columns of the batch; a multiple of 16.
    pub batch_columns: usize,
    /// Element type of the rows: `U8` or `F32`.
    pub dtype: Dtype,
    /// The rows are read where the caller has them: their array is a table of pointers.
    pub in_place: bool,
    /// The batch is transposed, and its columns are listed.
    pub transposed: bool,
}

/// Rows that share a list.
pub(super) const TOGETHER: usize = 2;

/// The lists: entry `i` says that a group of rows has `numbers[r][i]` in column `columns[i]` of row `r`.
#[derive(Clone, Copy)]
pub(super) struct Lists {
    /// Whether there are any: not if most numbers are not zero. Then how many batches to wait.
    header: *mut u32,
    /// Where the entries of each group begin, and where the last ones end.
    starts: *mut u32,
    pub(crate) columns: *mut u32,
    pub(crate) numbers: [*mut f32; TOGETHER],
    /// Room for the batch transposed.
    transposed: *mut u8,
}

impl ListPlan {
    /// The rows of an array or table.
    pub(super) fn batch(&self, start: *const u8) -> Batch {
        Batch::new(start, self.batch_columns * self.dtype.size(), self.in_place)
    }

    /// Rows that are listed.
    pub fn rows(&self) -> usize {
        if self.transposed { self.batch_columns } else { self.batch_rows }
    }

    /// Columns of what is listed; behind those of a batch that was transposed stand zeros.
    fn columns(&self) -> usize {
        if self.transposed { self.batch_rows.next_multiple_of(CHUNK) } else { self.batch_columns }
    }

    /// Groups of rows; the last one may have fewer.
    fn groups(&self) -> usize {
        self.rows().div_ceil(TOGETHER)
    }

    /// The most entries of some groups: with more of them, leaving the zeros out does not pay.
    fn most(&self, groups: usize) -> usize {
        groups * self.columns() / 2
    }

    /// Numbers of four bytes before the entries, and places for entries of one kind.
    fn sizes(&self) -> (usize, usize) {
        let before = (HEADER + self.groups() + 1).next_multiple_of(16);
        // A group is listed to its end, and a little is written behind the last entry.
        (before, (self.most(self.groups()) + self.columns() + CHUNK).next_multiple_of(16))
    }

    /// Bytes of all lists.
    pub fn bytes(&self) -> usize {
        let (before, places) = self.sizes();
        let transposed = if self.transposed { self.rows() * self.columns() * self.dtype.size() } else { 0 };
        (before + (1 + TOGETHER) * places) * 4 + transposed
    }

    /// Whether lists that have been made are there: most numbers are zero.
    ///
    /// # Safety
    /// The memory has the plan's size.
    pub unsafe fn pays(&self, memory: *mut u8) -> bool {
        // SAFETY: the caller vouches for the memory.
        unsafe { self.at(memory).pay() }
    }

    /// The lists in memory of the plan's size.
    pub(super) fn at(&self, memory: *mut u8) -> Lists {
        let (before, places) = self.sizes();
        let header = memory.cast::<u32>();
        let columns = header.wrapping_add(before);
        let numbers = std::array::from_fn(|row| columns.wrapping_add((1 + row) * places).cast());
        let transposed = columns.wrapping_add((1 + TOGETHER) * places).cast();
        Lists { header, starts: header.wrapping_add(HEADER), columns, numbers, transposed }
    }
}

impl Lists {
    /// Whether there are lists: most numbers are zero.
    ///
    /// # Safety
    /// They have been made.
    #[inline]
    pub unsafe fn pay(&self) -> bool {
        // SAFETY: the caller vouches for the memory.
        unsafe { *self.header != 0 }
    }

    /// The entries of a group.
    ///
    /// # Safety
    /// They have been made.
    #[inline(always)]
    pub unsafe fn entries(&self, group: usize) -> Range<usize> {
        // SAFETY: the caller vouches for the lists.
        unsafe { *self.starts.add(group) as usize..*self.starts.add(group + 1) as usize }
    }
}

/// Makes the lists of some of the rows that are listed, from an even one on.
///
/// # Safety
/// The level is there. `batch` is an array of the plan's rows and columns, or a table of the
/// rows; `memory` has the plan's size, and nobody else uses it.
pub unsafe fn list(plan: &ListPlan, level: Level, rows: Range<usize>, batch: *const u8, memory: *mut u8) {
    // SAFETY: the caller vouches for all of it.
    unsafe { simd::run(level, Making { plan, rows, batch, memory }) }
}

struct Making<'a> {
    plan: &'a ListPlan,
    rows: Range<usize>,
    batch: *const u8,
    memory: *mut u8,
}

impl Kernel for Making<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        // SAFETY: the caller vouches for the arrays.
        unsafe {
            let header = self.plan.at(self.memory).header;
            // Memory that has not been used yet may hold any number.
            let wait = *header.add(1);
            if *header == 0 && (1..=PATIENCE).contains(&wait) {
                *header.add(1) = wait - 1;
                return;
            }
            let pay = match self.plan.dtype {
                Dtype::U8 => self.groups::<V, u8>(),
                _ => self.groups::<V, f32>(),
            };
            *header = u32::from(pay);
            *header.add(1) = if pay { 0 } else { PATIENCE };
        }
    }
}

impl Making<'_> {
    /// Lists group by group; gives up when there is too much.
    #[inline(always)]
    unsafe fn groups<V: Vector, E: Element>(&self) -> bool {
        let plan = self.plan;
        let (lists, rows, columns) = (plan.at(self.memory), plan.rows(), plan.columns());
        let groups = self.rows.start / TOGETHER..self.rows.end.div_ceil(TOGETHER);
        let most = plan.most(groups.len());
        // SAFETY: the caller vouches for the rows; there is room for `most` entries, those of
        // one more group, and what is written behind the last one.
        unsafe {
            let mut batch = plan.batch(self.batch);
            if plan.transposed {
                transpose::<V, E>(batch, plan, self.rows.clone(), lists.transposed.cast());
                batch = Batch::adjacent(lists.transposed, columns * size_of::<E>());
            }
            let mut count = 0;
            for group in groups.clone() {
                *lists.starts.add(group) = count as u32;
                // In a group that is not full, the last row stands in for those that are missing.
                let mut from = [std::ptr::null(); TOGETHER];
                for (place, from) in from.iter_mut().enumerate() {
                    *from = batch.at::<E>((group * TOGETHER + place).min(rows - 1), 0);
                }
                for column in (0..columns).step_by(CHUNK) {
                    count += chunk::<V, E>(&from, column, &lists, count);
                }
                if count > most {
                    return false;
                }
            }
            *lists.starts.add(groups.end) = count as u32;
        }
        true
    }
}

/// Transposes columns of the batch round, in squares of 16; behind its rows there are zeros.
#[inline(always)]
unsafe fn transpose<V: Vector, E: Element>(batch: Batch, plan: &ListPlan, columns: Range<usize>, to: *mut E) {
    let step = plan.columns();
    // Whole squares: a few columns more do no harm.
    let columns = columns.start / CHUNK * CHUNK..columns.end;
    let zeros = [0u64; 8];
    for row in (0..plan.batch_rows).step_by(CHUNK) {
        let mut rows = [zeros.as_ptr().cast::<E>(); CHUNK];
        let count = CHUNK.min(plan.batch_rows - row);
        for (position, start) in rows.iter_mut().enumerate().take(count) {
            // SAFETY: the row lies in the batch.
            *start = unsafe { batch.at::<E>(row + position, columns.start) };
        }
        for column in columns.clone().step_by(CHUNK) {
            // SAFETY: the square lies in the batch, and its image in the room.
            unsafe { E::transpose_sixteen::<V>(&rows, to.add(column * step + row), step) };
            for start in &mut rows[..count] {
                *start = start.wrapping_add(CHUNK);
            }
        }
    }
}

/// Lists 16 columns of the rows `from`, the first of which is `column`, behind `count` entries;
/// gives how many it has listed.
#[inline(always)]
unsafe fn chunk<V: Vector, E: Element>(
    from: &[*const E; TOGETHER],
    column: usize,
    lists: &Lists,
    count: usize,
) -> usize {
    // SAFETY: the caller vouches for the elements and the room.
    unsafe {
        let mut bits = 0;
        for row in from {
            bits |= E::nonzero_sixteen::<V>(row.add(column));
        }
        let listed = bits.count_ones() as usize;
        if V::PACKS {
            V::pack_places(bits, column as u32, lists.columns.add(count));
            for (row, numbers) in from.iter().zip(lists.numbers) {
                E::load::<V>(row.add(column)).pack(bits, numbers.add(count));
            }
            return listed;
        }
        let mut position = count;
        while bits != 0 {
            let place = column + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            *lists.columns.add(position) = place as u32;
            for (row, numbers) in from.iter().zip(lists.numbers) {
                *numbers.add(position) = (*row.add(place)).number();
            }
            position += 1;
        }
        listed
    }
}
