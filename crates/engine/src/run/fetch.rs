//! Rows for a batch, straight from the caller's columns.

use std::ops::Range;

use crate::ir::program::{Declaration, Dtype, MapOp};
use crate::kernels::prefetch::UpcomingRows;
use crate::kernels::tile::{self, TileFn};
use crate::simd::Level;

/// Rows of the caller's: the first axis of any array whose rows are contiguous.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The first row.
    pub start: *const u8,
    /// How many rows there are.
    pub rows: usize,
    /// Bytes from one row to the next.
    pub stride: isize,
    /// Element type; converted to that of the input where they differ.
    pub dtype: Dtype,
}

/// Where an input of the program comes from.
#[derive(Clone, Copy, Debug)]
pub enum Feed {
    /// The same array at every step.
    Fixed(*const u8),
    /// The next rows at every step.
    Rows(Column),
}

/// An epoch's rows.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Which row comes when; as they lie, if there is no order.
    pub order: Option<&'a [i64]>,
    /// The first step takes rows from `first_step * batch` on.
    pub first_step: usize,
}

impl Rows<'_> {
    /// The row that comes as number `position`.
    #[inline]
    fn at(&self, position: usize) -> usize {
        // Checked against the columns when the epoch began.
        self.order.map_or(position, |order| order[position] as usize)
    }
}

/// The rows of a batch, and the elements of each, that are brought in together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Share {
    pub rows: Range<usize>,
    pub elements: Range<usize>,
}

/// How one input's rows are brought in.
pub(crate) struct Fetcher {
    column: Column,
    convert: Option<TileFn>,
    batch: usize,
    row_elements: usize,
    /// Elements of the program's type.
    size: usize,
    slab: Slab,
    /// Where the pointers to the rows go, if they are read in place.
    table: Option<Slab>,
}

/// Where fetched rows go: one array for all bundles of parts, or one for each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slab {
    /// The first bundle's.
    pub start: *mut u8,
    /// Bytes from one bundle's to the next one's; 0 if there is one for all.
    pub stride: usize,
}

impl Slab {
    /// The array of a bundle.
    pub fn of_bundle(self, bundle: usize) -> *mut u8 {
        self.start.wrapping_add(bundle * self.stride)
    }
}

impl Fetcher {
    /// Fetches rows of `column` into `slab`, which has room for the input.
    ///
    /// # Errors
    /// When the types cannot be converted.
    pub fn new(
        column: Column,
        input: &Declaration,
        slab: Slab,
        table: Option<Slab>,
        level: Level,
    ) -> Result<Fetcher, String> {
        let convert = (column.dtype != input.dtype)
            .then(|| {
                tile::lookup(MapOp::Cast, &[column.dtype], input.dtype, level)
                    .ok_or_else(|| format!("rows of {:?} cannot become {:?}", column.dtype, input.dtype))
            })
            .transpose()?;
        Ok(Fetcher {
            column,
            convert,
            batch: input.shape[0],
            row_elements: input.shape[1..].iter().product(),
            size: input.dtype.size(),
            slab,
            table,
        })
    }

    /// What the program gets: rows, or pointers to rows.
    pub fn given(&self) -> Slab {
        self.table.unwrap_or(self.slab)
    }

    /// Bytes that are read for one batch.
    pub fn batch_bytes(&self) -> usize {
        self.batch * self.row_elements * self.column.dtype.size()
    }

    /// Brings a share of the batch into a bundle's slab.
    ///
    /// # Safety
    /// The epoch's rows were checked against the column; nobody else writes these elements.
    pub unsafe fn fetch(&self, source: &Rows, step: usize, share: Share, bundle: usize) {
        let Share { rows, elements } = share;
        let slab = self.slab.of_bundle(bundle);
        let first = (source.first_step + step) * self.batch;
        if let (Some(table), None) = (self.table, self.convert) {
            let table = table.of_bundle(bundle).cast::<*const u8>();
            for row in rows {
                // SAFETY: the row lies within the column, and the table has a place for it.
                unsafe { *table.add(row) = self.row(source.at(first + row)) };
            }
            return;
        }
        if elements.len() == self.row_elements {
            // SAFETY: handed on.
            let fetched = unsafe { self.fetch_words(source, first, rows.clone(), slab) };
            if fetched {
                return;
            }
        }
        let own_size = self.column.dtype.size();
        for row in rows {
            // SAFETY: the row lies within the column, the elements within the row.
            unsafe {
                let from = self.row(source.at(first + row)).add(elements.start * own_size);
                let to = slab.add((row * self.row_elements + elements.start) * self.size);
                match self.convert {
                    None => std::ptr::copy_nonoverlapping(from, to, elements.len() * self.size),
                    Some(convert) => convert(elements.len(), [from; 3], to),
                }
            }
        }
    }

    /// Brings all of the batch's rows into the first bundle's slab.
    ///
    /// # Safety
    /// As `fetch`.
    #[inline]
    pub unsafe fn fetch_all(&self, source: &Rows, step: usize) {
        let first = (source.first_step + step) * self.batch;
        // SAFETY: handed on.
        unsafe {
            if !self.fetch_words(source, first, 0..self.batch, self.slab.start) {
                let all = Share { rows: 0..self.batch, elements: 0..self.row_elements };
                self.fetch(source, step, all, 0);
            }
        }
    }

    /// Brings rows of one word each, for which a call for each would take longer; whether they are such rows.
    #[inline(always)]
    unsafe fn fetch_words(&self, source: &Rows, first: usize, rows: Range<usize>, slab: *mut u8) -> bool {
        if self.convert.is_some() {
            return false;
        }
        // SAFETY: the rows have this size; the rest is handed on.
        unsafe {
            match self.row_elements * self.size {
                1 => self.fetch_as::<u8>(source, first, rows, slab),
                4 => self.fetch_as::<u32>(source, first, rows, slab),
                8 => self.fetch_as::<u64>(source, first, rows, slab),
                16 => self.fetch_as::<u128>(source, first, rows, slab),
                _ => return false,
            }
        }
        true
    }

    #[inline(always)]
    unsafe fn fetch_as<T: Copy>(&self, source: &Rows, first: usize, rows: Range<usize>, slab: *mut u8) {
        for row in rows {
            // SAFETY: the row lies within the column, its place within the slab.
            unsafe {
                let from = self.row(source.at(first + row)).cast::<T>();
                slab.cast::<T>().add(row).write_unaligned(from.read_unaligned());
            }
        }
    }

    /// Elements of the rows of a step that is yet to come.
    pub fn upcoming(&self, source: &Rows, step: usize, share: &Share) -> UpcomingRows {
        let first = (source.first_step + step) * self.batch;
        let size = self.column.dtype.size();
        UpcomingRows {
            start: self.column.start,
            stride: self.column.stride,
            order: source.order.map(<[i64]>::as_ptr),
            positions: first + share.rows.start..first + share.rows.end,
            bytes: share.elements.start * size..share.elements.end * size,
        }
    }

    unsafe fn row(&self, number: usize) -> *const u8 {
        // SAFETY: the caller says that the row exists.
        unsafe { self.column.start.offset(number as isize * self.column.stride) }
    }
}

/// The rows that probably come with the next call: users go through an array batch by batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Next {
    /// The input that they will be.
    pub input: usize,
    /// The first row; it may lie beyond the caller's array.
    start: *const u8,
    row_bytes: usize,
    size: usize,
}

impl Next {
    /// What follows `array` in memory.
    pub fn after(array: *const u8, input: usize, declared: &Declaration) -> Next {
        let size = declared.dtype.size();
        let row_bytes = declared.shape[1..].iter().product::<usize>() * size;
        Next { input, start: array.wrapping_add(declared.shape[0] * row_bytes), row_bytes, size }
    }

    /// Whether the rows are these.
    pub fn is_at(&self, array: *const u8) -> bool {
        self.start == array
    }

    /// Elements of these rows.
    pub fn upcoming(&self, share: &Share) -> UpcomingRows {
        UpcomingRows {
            start: self.start,
            stride: self.row_bytes as isize,
            order: None,
            positions: share.rows.clone(),
            bytes: share.elements.start * self.size..share.elements.end * self.size,
        }
    }
}

/// A table of rows that follow each other.
///
/// # Safety
/// The table has `rows` places.
pub(crate) unsafe fn tabulate(start: *const u8, rows: usize, row_bytes: usize, table: *mut u8) {
    for row in 0..rows {
        // SAFETY: the caller vouches for the place.
        unsafe { *table.cast::<*const u8>().add(row) = start.wrapping_add(row * row_bytes) };
    }
}

/// Checks the rows of an epoch of `steps` steps of `batch` rows against a column's length.
///
/// # Errors
/// A sentence with the first row that does not exist.
pub(crate) fn check_rows(source: &Rows, steps: usize, batch: usize, available: usize) -> Result<(), String> {
    let last_step = source.first_step.checked_add(steps);
    let end = last_step.and_then(|step| step.checked_mul(batch)).unwrap_or(usize::MAX);
    let start = source.first_step.saturating_mul(batch);
    let given = source.order.map_or(available, <[i64]>::len);
    if end > given {
        return Err(format!(
            "{steps} steps of {batch} rows, from step {} on, need {end} rows, but there are {given}",
            source.first_step
        ));
    }
    let Some(order) = source.order else { return Ok(()) };
    match order[start..end].iter().position(|&row| row < 0 || row as usize >= available) {
        None => Ok(()),
        Some(position) => Err(format!(
            "the order names row {} at position {}, but there are only rows 0 to {}",
            order[start + position],
            start + position,
            available as isize - 1
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_rows_lie_behind_the_last_ones() {
        let declared = Declaration { dtype: Dtype::F32, shape: vec![3, 5], transposed: false };
        let rows = [0_f32; 45];
        let start = rows.as_ptr().cast::<u8>();
        let next = Next::after(start, 0, &declared);
        assert!(next.is_at(start.wrapping_add(60)));
        assert!(!next.is_at(start));
        let upcoming = next.upcoming(&Share { rows: 1..3, elements: 2..5 });
        assert_eq!((upcoming.start, upcoming.stride), (start.wrapping_add(60), 20));
        assert_eq!((upcoming.positions, upcoming.bytes), (1..3, 8..20));
    }
}
