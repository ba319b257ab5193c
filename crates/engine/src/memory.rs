//! Memory whose size depends on the user's data, aligned to cache lines.
//!
//! Rust's own collections end the process where the system has no memory left. What is allocated
//! here unwinds instead, with `OutOfMemory`, which the binding turns into Python's `MemoryError`.
//! It happens before a program is loaded or a step begins, so nothing is left half done.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::fmt;
use std::panic::resume_unwind;

const ALIGNMENT: usize = 64;

/// Blocks of at least so many bytes ask for large pages: a step walks over all of its memory, and looking up small
/// pages takes time. An LSTM(64) trains about 4 % faster.
#[cfg(target_os = "linux")]
const LARGE: usize = 4 << 20;
/// The size of a large page.
#[cfg(target_os = "linux")]
const LARGE_PAGE: usize = 2 << 20;

/// The system is out of memory; the payload with which allocations unwind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory {
    /// The size of the block.
    pub bytes: usize,
}

impl fmt::Display for OutOfMemory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = self.bytes as f64 / f64::from(1 << 20);
        write!(
            formatter,
            "the program needs {mebibytes:.1} MiB of memory that the system does not have; \
             a smaller batch needs less"
        )
    }
}

/// A vector of zeros.
pub fn zeros(count: usize) -> Vec<i64> {
    let mut numbers = Vec::new();
    if numbers.try_reserve_exact(count).is_err() {
        resume_unwind(Box::new(OutOfMemory { bytes: count.saturating_mul(size_of::<i64>()) }));
    }
    numbers.resize(count, 0);
    numbers
}

/// Asks the system for large pages, which it may refuse.
fn prefer_large_pages(start: *mut u8, bytes: usize) {
    #[cfg(target_os = "linux")]
    if bytes >= LARGE {
        let skipped = start.align_offset(LARGE_PAGE);
        let whole = (bytes - skipped.min(bytes)) / LARGE_PAGE * LARGE_PAGE;
        // SAFETY: the pages lie within the block; the advice changes nothing that a program can see.
        unsafe { libc::madvise(start.wrapping_add(skipped).cast(), whole, libc::MADV_HUGEPAGE) };
    }
    let _ = (start, bytes);
}

/// A block of bytes that starts at a cache line and holds zeros at first.
#[derive(Debug)]
pub struct Buffer {
    start: *mut u8,
    bytes: usize,
}

// SAFETY: the buffer owns its memory; who reads and writes it through the raw
// pointer answers for the order.
unsafe impl Send for Buffer {}
// SAFETY: as above.
unsafe impl Sync for Buffer {}

impl Buffer {
    /// A buffer of this many bytes. The system provides pages when they are first used.
    pub fn new(bytes: usize) -> Buffer {
        let layout = Buffer::layout(bytes);
        // SAFETY: the layout has at least one byte.
        let start = unsafe { alloc_zeroed(layout) };
        if start.is_null() {
            // Not `panic_any`, which would print a message as for a defect.
            resume_unwind(Box::new(OutOfMemory { bytes }));
        }
        prefer_large_pages(start, bytes);
        Buffer { start, bytes }
    }

    /// A buffer with these bytes.
    pub fn copy_of(bytes: &[u8]) -> Buffer {
        let buffer = Buffer::new(bytes.len());
        // SAFETY: the buffer is new and has as many bytes.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), buffer.start, bytes.len()) };
        buffer
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Where it starts.
    pub fn start(&self) -> *mut u8 {
        self.start
    }

    /// Fills it with a pattern of four bytes.
    pub fn fill(&mut self, pattern: [u8; 4]) {
        // SAFETY: the buffer owns these bytes, and `&mut` says that nobody else uses them.
        let bytes = unsafe { std::slice::from_raw_parts_mut(self.start, self.bytes) };
        bytes.iter_mut().zip(pattern.iter().cycle()).for_each(|(byte, new)| *byte = *new);
    }

    fn layout(bytes: usize) -> Layout {
        let bytes = bytes.max(1);
        Layout::from_size_align(bytes, ALIGNMENT).expect("sizes are checked when a program is verified")
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: allocated with the same layout.
        unsafe { dealloc(self.start, Buffer::layout(self.bytes)) };
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn a_large_block_holds_zeros_and_keeps_what_is_written() {
        let mut buffer = Buffer::new((9 << 20) + 5);
        // SAFETY: the buffer has as many bytes, and nobody else uses them.
        let bytes = unsafe { std::slice::from_raw_parts(buffer.start(), buffer.bytes()) };
        assert!(bytes.iter().all(|&byte| byte == 0));
        buffer.fill([1, 2, 3, 4]);
        // SAFETY: as above.
        let bytes = unsafe { std::slice::from_raw_parts(buffer.start(), buffer.bytes()) };
        assert_eq!((bytes[4096], bytes[(9 << 20) + 3]), (1, 4));
    }

    #[test]
    fn a_block_that_nobody_has_unwinds_with_its_size() {
        let bytes = isize::MAX as usize - 63;
        let payload = catch_unwind(|| Buffer::new(bytes)).expect_err("no machine has that much memory");
        assert_eq!(payload.downcast_ref(), Some(&OutOfMemory { bytes }));
        let payload = catch_unwind(|| zeros(usize::MAX / 32)).expect_err("no machine has that much memory");
        assert_eq!(payload.downcast_ref(), Some(&OutOfMemory { bytes: usize::MAX / 32 * 8 }));
        assert_eq!(zeros(3), [0, 0, 0]);
        let text = OutOfMemory { bytes: 3 << 20 }.to_string();
        assert!(text.starts_with("the program needs 3.0 MiB of memory"), "{text}");
    }
}
