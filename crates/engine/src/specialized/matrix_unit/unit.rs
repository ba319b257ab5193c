//! What a matrix unit does: tiles, and numbers as the unit reads them.
//!
//! The unit multiplies two tiles of bf16, numbers of 8 bits, and adds the products up in `f32`:
//! sixteen times what vectors do in a cycle. A byte is a bf16 as it is. The 24 bits of an `f32`
//! are exactly three bf16, its *slices*, so each product is computed in full and only the sums
//! are rounded, as everywhere else.
//!
//! `hardware` is Intel's unit; `emulated` does the same in plain Rust, so that the products can be tested
//! on every machine.

use std::ops::Range;

/// Rows of a tile, and its columns in the result.
pub const SIDE: usize = 16;
/// Products of a sum that two tiles take.
pub const DEPTH: usize = 32;
/// Bytes of a tile.
pub const TILE: usize = SIDE * 64;
/// Tiles that are together an `f32`.
pub const SLICES: usize = 3;
/// Tiles of sums in registers: as many tiles of bytes are multiplied by slices that stay in theirs.
pub const GROUP: usize = 4;

/// A matrix unit with registers for four tiles of sums, three of slices and one of bytes.
///
/// # Safety of all methods
/// The machine has the unit; rows, columns and room are there.
pub trait Unit: std::fmt::Debug + Sized + 'static {
    /// Whether products may run on it at a level.
    fn is_there(level: crate::simd::Level) -> bool;

    /// Gets the unit ready.
    #[allow(clippy::missing_safety_doc)] // see the trait
    unsafe fn begin() -> Self;

    /// Gives the unit back.
    #[allow(clippy::missing_safety_doc)]
    unsafe fn end(self);

    /// All sums are zero.
    #[allow(clippy::missing_safety_doc)]
    unsafe fn zero(&mut self);

    /// Reads a tile of sums, whose rows are `step` numbers apart.
    #[allow(clippy::missing_safety_doc)]
    unsafe fn load<const SUMS: usize>(&mut self, from: *const f32, step: usize);

    /// Writes a tile of sums.
    #[allow(clippy::missing_safety_doc)]
    unsafe fn store<const SUMS: usize>(&mut self, to: *mut f32, step: usize);

    /// Reads the three tiles of slices, which follow each other.
    #[allow(clippy::missing_safety_doc)]
    unsafe fn load_slices(&mut self, from: *const u8);

    /// Multiplies a tile of bytes by each of the slices, and adds to the sums.
    #[allow(clippy::missing_safety_doc)]
    unsafe fn multiply<const SUMS: usize>(&mut self, bytes: *const u8);

    /// Lays out a tile of bytes: up to 16 rows, of up to 32 elements that are summed over.
    #[allow(clippy::missing_safety_doc)]
    unsafe fn lay_out_rows(
        from: *const u8,
        step: usize,
        rows: Range<usize>,
        inner: Range<usize>,
        to: *mut u8,
    );

    /// Lays out a tile of bytes: up to 16 columns, of up to 32 rows that are summed over.
    #[allow(clippy::missing_safety_doc)]
    unsafe fn lay_out_columns(
        from: *const u8,
        step: usize,
        inner: Range<usize>,
        columns: Range<usize>,
        to: *mut u8,
    );

    /// Lays out the slices of a tile: up to 16 columns of up to 32 rows that are summed over.
    #[allow(clippy::missing_safety_doc)]
    unsafe fn slice_rows(
        from: *const f32,
        step: usize,
        inner: Range<usize>,
        columns: Range<usize>,
        to: *mut u8,
    );
}
