//! Memory aligned to cache lines.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};

const ALIGNMENT: usize = 64;

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
    /// A buffer of so many bytes. The system gives pages when they are first used.
    pub fn new(bytes: usize) -> Buffer {
        let layout = Buffer::layout(bytes);
        // SAFETY: the layout has at least one byte.
        let start = unsafe { alloc_zeroed(layout) };
        if start.is_null() {
            handle_alloc_error(layout);
        }
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
