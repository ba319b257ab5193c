//! Where a batch of rows is not zero, so that products can leave the zeros out.
//!
//! Most of a picture of a digit is background. A product that skips zeros gives the
//! same bits as one that does not, as long as the other operand is finite: adding a
//! zero changes no sum. Marks are made once a batch, by the threads that own the
//! columns, and serve all products that read the rows.
//!
//! A mark stands for a unit: eight columns of one row. Each part of the columns has
//! a block of its own: a header, for each row the units that are not zero, and for
//! each unit the rows in which it is not zero.

use crate::ir::program::Dtype;
use crate::kernels::element::Element;
use crate::partition::Partition;
use crate::simd::{self, Kernel, Level, Vector};

/// Columns that wide units stand for.
pub const WIDE: usize = 8;
/// Parts of the columns that are marked begin and end at multiples of this.
pub const GRANULE: usize = 16;
/// Words before the marks of a part.
const HEADER: usize = 8;
/// Bits in a word.
const WORD: usize = 64;

/// Which marks are made, and where they lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkPlan {
    /// Rows of the batch.
    pub rows: usize,
    /// How the columns are cut; borders are multiples of [`GRANULE`].
    pub partition: Partition,
    /// Element type of the rows: `U8` or `F32`.
    pub dtype: Dtype,
    /// The rows are read where the caller has them: their array is a table of pointers.
    pub in_place: bool,
    /// The operand that the rows are multiplied by, whose numbers must be finite.
    pub weights: Weights,
}

/// The other operand of the product that the marks are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// Columns of the product.
    pub width: usize,
    /// Stored as `[width, columns]` rather than `[columns, width]`.
    pub transposed: bool,
}

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

impl MarkPlan {
    /// The rows of an array or table.
    pub fn batch(&self, start: *const u8) -> Batch {
        Batch { start, step: self.columns() * self.dtype.size(), in_place: self.in_place }
    }

    fn columns(&self) -> usize {
        self.partition.range(self.partition.parts() - 1).end
    }

    fn most_units(&self) -> usize {
        let units = |part| self.partition.range(part).len() / WIDE;
        (0..self.partition.parts()).map(units).max().unwrap_or(0)
    }

    /// Words of one part's block.
    fn block_words(&self) -> usize {
        let units = self.most_units();
        let words = HEADER + self.rows * units.div_ceil(WORD) + units * self.rows.div_ceil(WORD);
        words.next_multiple_of(2 * HEADER)
    }

    /// Bytes of one part's block.
    pub fn block_bytes(&self) -> usize {
        self.block_words() * 8
    }

    /// Bytes of all blocks.
    pub fn bytes(&self) -> usize {
        self.block_bytes() * self.partition.parts()
    }

    /// A part's block.
    ///
    /// # Safety
    /// `marks` has the plan's size.
    #[inline]
    pub unsafe fn part(&self, marks: *const u8, part: usize) -> Marks {
        let range = self.partition.range(part);
        let units = range.len() / WIDE;
        let (unit_words, row_words) = (units.div_ceil(WORD), self.rows.div_ceil(WORD));
        // SAFETY: the caller vouches for the size.
        unsafe {
            let header = marks.cast::<u64>().add(part * self.block_words());
            let of_rows = header.add(HEADER);
            let of_units = of_rows.add(self.rows * unit_words);
            Marks { header, of_rows, unit_words, of_units, row_words, units }
        }
    }

    /// Whether leaving zeros out is right (the other operand is finite), and pays.
    ///
    /// # Safety
    /// As [`MarkPlan::part`]; the marks have been made.
    pub unsafe fn pays(&self, marks: *const u8, parts: std::ops::Range<usize>) -> bool {
        let (mut set, mut all) = (0, 0);
        for part in parts {
            // SAFETY: the caller vouches for the marks.
            let (header, units) = unsafe {
                let block = self.part(marks, part);
                (block.header, block.units)
            };
            // SAFETY: as above.
            unsafe {
                if *header.add(1) == 0 {
                    return false;
                }
                set += *header as usize;
            }
            all += units * self.rows;
        }
        set * 10 < all * 7
    }
}

/// The marks of a part.
#[derive(Clone, Copy)]
pub struct Marks {
    /// How many marks are set; whether the weights are finite.
    header: *const u64,
    /// For each row, `unit_words` words: bit `u` stands for unit `u` of the part.
    pub of_rows: *const u64,
    /// Words for the units of a row.
    pub unit_words: usize,
    /// For each unit, `row_words` words: bit `r` stands for row `r`.
    pub of_units: *const u64,
    /// Words for the rows of a unit.
    pub row_words: usize,
    /// Units of the part.
    pub units: usize,
}

/// Makes the marks of one part.
///
/// # Safety
/// `rows` is an array of the plan's rows and columns, or a table of the rows; `weights` the other operand;
/// `marks` has the plan's size, and nobody else touches this part of it.
pub unsafe fn mark(
    plan: &MarkPlan,
    level: Level,
    part: usize,
    rows: *const u8,
    weights: *const f32,
    marks: *mut u8,
) {
    // SAFETY: the caller vouches for all of it.
    unsafe { simd::run(level, Making { plan, part, rows, weights, marks }) }
}

struct Making<'a> {
    plan: &'a MarkPlan,
    part: usize,
    rows: *const u8,
    weights: *const f32,
    marks: *mut u8,
}

impl Kernel for Making<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        // SAFETY: the caller vouches for the arrays.
        unsafe {
            let block = self.plan.part(self.marks, self.part);
            let set = match self.plan.dtype {
                Dtype::U8 => self.rows_of::<V, u8>(&block),
                _ => self.rows_of::<V, f32>(&block),
            };
            transpose(self.plan.rows, &block);
            let header = block.header.cast_mut();
            *header = set as u64;
            *header.add(1) = u64::from(self.weights_are_finite::<V>());
        }
    }
}

impl Making<'_> {
    /// Marks row by row; gives how many marks are set.
    #[inline(always)]
    unsafe fn rows_of<V: Vector, E: Element>(&self, block: &Marks) -> usize {
        let batch = self.plan.batch(self.rows);
        let range = self.plan.partition.range(self.part);
        let mut set = 0;
        for row in 0..self.plan.rows {
            // SAFETY: row and columns lie in the array; the block has words for all units.
            unsafe {
                let from = batch.at::<E>(row, range.start);
                let to = block.of_rows.cast_mut().add(row * block.unit_words);
                for word in 0..block.unit_words {
                    let first = word * WORD;
                    let units = (block.units - first).min(WORD);
                    let marks = wide::<V, E>(from.add(first * WIDE), units);
                    *to.add(word) = marks;
                    set += marks.count_ones() as usize;
                }
            }
        }
        set
    }

    #[inline(always)]
    unsafe fn weights_are_finite<V: Vector>(&self) -> bool {
        let Weights { width, transposed } = self.plan.weights;
        let range = self.plan.partition.range(self.part);
        // SAFETY: the part's rows or columns lie in the array.
        unsafe {
            if !transposed {
                return finite::<V>(self.weights.add(range.start * width), range.len() * width);
            }
            let columns = self.plan.columns();
            // A closure would be compiled without the level's instructions.
            for row in 0..width {
                if !finite::<V>(self.weights.add(row * columns + range.start), range.len()) {
                    return false;
                }
            }
            true
        }
    }
}

/// Whether there is no infinity and no NaN among `len` numbers.
///
/// # Safety
/// The machine has the level, and the numbers are there.
#[inline(always)]
pub(crate) unsafe fn finite<V: Vector>(numbers: *const f32, len: usize) -> bool {
    // SAFETY: the caller vouches for the numbers.
    unsafe {
        // Zero times anything finite is zero; the sums stay zero unless one is not.
        let zero = V::splat(0.0);
        let mut sums = [zero; 4];
        let mut i = 0;
        while i + 4 * V::LANES <= len {
            for (number, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(numbers.add(i + number * V::LANES)).mul_add(zero, *sum);
            }
            i += 4 * V::LANES;
        }
        while i + V::LANES <= len {
            sums[0] = V::load(numbers.add(i)).mul_add(zero, sums[0]);
            i += V::LANES;
        }
        if i < len {
            sums[1] = V::load_partial(numbers.add(i), len - i).mul_add(zero, sums[1]);
        }
        ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum() == 0.0
    }
}

/// Fewer elements than fill 64 bytes, and zeros behind them.
#[inline(always)]
unsafe fn rest<E>(from: *const E, count: usize) -> Rest {
    let mut rest = Rest([0; WORD]);
    // SAFETY: the caller vouches for the elements, and that they fit.
    unsafe { std::ptr::copy_nonoverlapping(from, rest.0.as_mut_ptr().cast(), count) };
    rest
}

#[repr(align(64))]
struct Rest([u8; WORD]);

/// Marks of up to 64 wide units.
#[inline(always)]
unsafe fn wide<V: Vector, E: Element>(from: *const E, units: usize) -> u64 {
    let mut marks = 0;
    // SAFETY: the caller vouches for the units.
    unsafe {
        let each = WORD / size_of::<E>() / WIDE;
        let whole = units / each * each;
        for unit in (0..whole).step_by(each) {
            marks |= E::nonzero_units::<V>(from.add(unit * WIDE)) << unit;
        }
        if whole < units && units >= each {
            // The last 64 bytes, some of them for the second time.
            marks |= E::nonzero_units::<V>(from.add((units - each) * WIDE)) << (units - each);
        } else if whole < units {
            let rest = rest(from.add(whole * WIDE), (units - whole) * WIDE);
            marks |= E::nonzero_units::<V>(rest.0.as_ptr().cast()) << whole;
        }
    }
    marks
}

/// From the units of each row to the rows of each unit.
#[inline(always)]
unsafe fn transpose(rows: usize, block: &Marks) {
    let mut square = [0u64; WORD];
    for row_word in 0..block.row_words {
        let first_row = row_word * WORD;
        for unit_word in 0..block.unit_words {
            let first_unit = unit_word * WORD;
            // SAFETY: rows and units lie in the block.
            unsafe {
                for (row, word) in square.iter_mut().enumerate() {
                    let row = first_row + row;
                    *word =
                        if row < rows { *block.of_rows.add(row * block.unit_words + unit_word) } else { 0 };
                }
                transpose_square(&mut square);
                let to = block.of_units.cast_mut();
                for (unit, word) in square.iter().enumerate().take(block.units - first_unit) {
                    *to.add((first_unit + unit) * block.row_words + row_word) = *word;
                }
            }
        }
    }
}

/// Transposes a square of bits round: bit `c` of word `r` becomes bit `r` of word `c`.
#[inline(always)]
fn transpose_square(square: &mut [u64; WORD]) {
    // Quarters change places, then the quarters of each quarter, and so on.
    let mut half = WORD / 2;
    let mut low = u64::MAX >> half;
    while half > 0 {
        for start in (0..WORD).step_by(2 * half) {
            for upper in start..start + half {
                let change = ((square[upper] >> half) ^ square[upper + half]) & low;
                square[upper] ^= change << half;
                square[upper + half] ^= change;
            }
        }
        half /= 2;
        low ^= low << half;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_turn_round() {
        let mut square = std::array::from_fn(|row| (row as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let before = square;
        transpose_square(&mut square);
        for (row, before) in before.iter().enumerate() {
            for (column, after) in square.iter().enumerate() {
                assert_eq!(before >> column & 1, after >> row & 1);
            }
        }
    }

    #[test]
    fn marks_say_where_rows_are_not_zero() {
        let (rows, columns) = (70, 208);
        let bytes: Vec<u8> =
            (0..rows * columns).map(|i| if (i / 37) % 5 == 0 && i % 3 == 0 { 9 } else { 0 }).collect();
        let numbers: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte)).collect();
        let mut weights = vec![1.0f32; columns * 3];
        for level in Level::available() {
            for dtype in [Dtype::U8, Dtype::F32] {
                let partition = Partition::new(columns, GRANULE);
                let weights_plan = Weights { width: 3, transposed: false };
                let in_place = false;
                let plan = MarkPlan { rows, partition, dtype, in_place, weights: weights_plan };
                let mut marks = vec![u64::MAX; plan.bytes() / 8];
                let from = if dtype == Dtype::U8 { bytes.as_ptr() } else { numbers.as_ptr().cast() };
                let mut make = |weights: &[f32]| {
                    for part in 0..partition.parts() {
                        // SAFETY: arrays of the plan's sizes.
                        unsafe {
                            mark(&plan, level, part, from, weights.as_ptr(), marks.as_mut_ptr().cast());
                        }
                    }
                    // SAFETY: as above.
                    unsafe { plan.pays(marks.as_ptr().cast(), 0..partition.parts()) }
                };
                assert!(make(&weights));
                weights[columns * 3 - 1] = f32::NAN;
                assert!(!make(&weights), "NaN among the weights");
                weights[columns * 3 - 1] = 1.0;
                for part in 0..partition.parts() {
                    // SAFETY: as above.
                    let block = unsafe { plan.part(marks.as_ptr().cast(), part) };
                    for row in 0..rows {
                        for unit in 0..block.units {
                            let first = row * columns + partition.range(part).start + unit * WIDE;
                            let any = bytes[first..first + WIDE].iter().any(|&byte| byte != 0);
                            // SAFETY: as above.
                            let (of_row, of_unit) = unsafe {
                                (
                                    *block.of_rows.add(row * block.unit_words + unit / WORD),
                                    *block.of_units.add(unit * block.row_words + row / WORD),
                                )
                            };
                            assert_eq!(of_row >> (unit % WORD) & 1 == 1, any, "row {row} unit {unit}");
                            assert_eq!(of_unit >> (row % WORD) & 1 == 1, any, "row {row} unit {unit}");
                        }
                    }
                }
            }
        }
    }
}
