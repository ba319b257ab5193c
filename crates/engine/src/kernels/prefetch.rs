//! Rows of the next batch, asked for little by little while this one is computed.
//!
//! A core has room for some dozen requests to memory at a time. A hundred at once hold
//! its other loads up, those of the rows that it works on included; a few now and
//! then cost almost nothing. So some are asked for after each node.

use std::cell::RefCell;
use std::ops::Range;

/// Bytes in a line of the cache.
const LINE: usize = 64;
/// The most lines that are asked for at once: more would make the loads of those who ask wait.
const TOGETHER: usize = 4;

/// The rows of a batch that is yet to come, of which some bytes are wanted.
#[derive(Clone, Debug)]
pub struct UpcomingRows {
    /// Row 0 of the array.
    pub start: *const u8,
    /// Bytes from one row to the next.
    pub stride: isize,
    /// Which row comes when; as they lie, if there is no order.
    pub order: Option<*const i64>,
    /// Positions in the order.
    pub positions: Range<usize>,
    /// The bytes of each row.
    pub bytes: Range<usize>,
}

impl UpcomingRows {
    /// How many lines there are to ask for.
    pub fn lines(&self) -> usize {
        self.positions.len() * self.lines_each()
    }

    /// Lines of a row: always as many, which branches are predicted by.
    fn lines_each(&self) -> usize {
        self.bytes.len().div_ceil(LINE)
    }

    /// Where the wanted bytes of the next row begin.
    #[inline(always)]
    fn next_row(&mut self) -> Option<*const u8> {
        let position = self.positions.next()?;
        let row = match self.order {
            // SAFETY: who began with these rows vouches for their order.
            Some(order) => unsafe { *order.add(position) as isize },
            None => position as isize,
        };
        // The row may lie beyond the caller's array: processors ignore what is nobody's memory.
        Some(self.start.wrapping_offset(row * self.stride).wrapping_add(self.bytes.start))
    }
}

/// A thread's requests.
#[derive(Debug, Default)]
pub struct Prefetcher {
    left: RefCell<Option<Left>>,
}

/// What is yet to be asked for.
#[derive(Debug)]
struct Left {
    rows: UpcomingRows,
    /// The row begun, and how many lines of it are left.
    at: *const u8,
    lines: usize,
    /// Lines that should have been asked for by now.
    owed: f32,
}

impl Prefetcher {
    /// From now on these rows are asked for.
    ///
    /// # Safety
    /// The order has the rows' positions, and lives as long as they are asked for.
    pub unsafe fn begin(&self, rows: Option<UpcomingRows>) {
        self.left.replace(rows.map(|rows| Left { rows, at: std::ptr::null(), lines: 0, owed: 0.0 }));
    }

    /// Asks for some lines, or is to do so later.
    #[inline(always)]
    pub fn owe(&self, lines: f32) {
        let mut left = self.left.borrow_mut();
        let Some(left) = &mut *left else { return };
        left.owed += lines;
        while left.owed > 0.0 {
            if left.lines == 0 {
                let Some(at) = left.rows.next_row() else { return };
                (left.at, left.lines) = (at, left.rows.lines_each());
            }
            let count = left.lines.min(TOGETHER);
            for line in 0..count {
                prefetch(left.at.wrapping_add(line * LINE));
            }
            left.at = left.at.wrapping_add(count * LINE);
            left.lines -= count;
            left.owed -= count as f32;
        }
    }
}

#[inline(always)]
fn prefetch(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint; it cannot fault.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T1 }>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(prefetcher: &Prefetcher) -> usize {
        let left = prefetcher.left.borrow();
        left.as_ref().map_or(0, |left| left.rows.positions.start)
    }

    #[test]
    fn rows_are_asked_for_evenly() {
        let rows = vec![0u8; 10 * 1000];
        let order: Vec<i64> = (0..10).rev().collect();
        let upcoming = || {
            let (start, order) = (rows.as_ptr(), Some(order.as_ptr()));
            Some(UpcomingRows { start, stride: 1000, order, positions: 0..10, bytes: 10..650 })
        };
        let prefetcher = Prefetcher::default();
        assert_eq!(upcoming().unwrap().lines(), 100);
        // SAFETY: the order has ten rows.
        unsafe { prefetcher.begin(upcoming()) };
        let mut before = 0;
        for _ in 0..50 {
            prefetcher.owe(1.0);
            let now = asked(&prefetcher);
            assert!(now <= before + 1, "a row at a time");
            before = now;
        }
        assert_eq!(before, 5);
        prefetcher.owe(60.0);
        assert_eq!(asked(&prefetcher), 10);
        // SAFETY: as above.
        unsafe { prefetcher.begin(None) };
        prefetcher.owe(1.0);
        assert_eq!(asked(&prefetcher), 0);
    }

    #[test]
    fn rows_may_lie_beyond_everything() {
        let prefetcher = Prefetcher::default();
        let start = std::ptr::null::<u8>().wrapping_sub(4096);
        let upcoming = UpcomingRows { start, stride: 20, order: None, positions: 0..3, bytes: 0..20 };
        // SAFETY: there is no order.
        unsafe { prefetcher.begin(Some(upcoming)) };
        prefetcher.owe(100.0);
        assert_eq!(asked(&prefetcher), 3);
    }
}
