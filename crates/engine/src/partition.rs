//! How work is divided into parts.
//!
//! The boundaries depend only on lengths, never on the number of threads: so every
//! sum is added in the same order with 1, 2 or N threads, and every instruction
//! divides an axis at the same places. The thread that computes a part in one
//! instruction goes on with it in the next one, and the runner can omit the barrier
//! between them.

/// The maximum number of parts of an axis, and of threads.
pub const MAX_PARTS: usize = 64;
/// The maximum number of parts of work that takes some microseconds.
pub const FEW_PARTS: usize = 4;
/// Work of more than `FEW_PARTS` times this (in nanoseconds, on one thread) is cut into more parts.
const WORTH_A_PART: f64 = 25_000.0;

/// An axis of `len` elements, cut at multiples of `granule`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    len: usize,
    granule: usize,
    parts: usize,
}

impl Partition {
    /// Cuts into up to `FEW_PARTS` parts of at least one granule.
    pub fn new(len: usize, granule: usize) -> Self {
        Partition::limited(len, granule, FEW_PARTS)
    }

    /// Cuts into as many parts as work of `cost` nanoseconds is worth.
    pub fn worth(len: usize, granule: usize, cost: f64) -> Self {
        let parts = (cost / WORTH_A_PART).clamp(FEW_PARTS as f64, MAX_PARTS as f64);
        Partition::limited(len, granule, parts as usize)
    }

    /// Cuts into up to `most` parts, at least one and at most `MAX_PARTS`.
    pub fn limited(len: usize, granule: usize, most: usize) -> Self {
        let granule = granule.max(1);
        let parts = (len / granule).clamp(1, most.clamp(1, MAX_PARTS));
        Partition { len, granule, parts }
    }

    /// One part: for work too small to be worth a barrier.
    pub fn whole(len: usize) -> Self {
        Partition { len, granule: 1, parts: 1 }
    }

    /// The length of the axis.
    pub fn axis_len(&self) -> usize {
        self.len
    }

    /// How many parts there are; at least one.
    pub fn parts(&self) -> usize {
        self.parts
    }

    /// The elements of a part.
    pub fn range(&self, part: usize) -> std::ops::Range<usize> {
        self.border(part)..self.border(part + 1)
    }

    fn border(&self, part: usize) -> usize {
        if part >= self.parts {
            return self.len;
        }
        let granules = self.len / self.granule;
        granules * part / self.parts * self.granule
    }
}

/// The parts that fall to number `number` of `count`, out of `parts`.
pub fn owned(parts: usize, number: usize, count: usize) -> std::ops::Range<usize> {
    (parts * number).div_ceil(count)..(parts * (number + 1)).div_ceil(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_the_axis_once() {
        for len in 0..200 {
            for granule in [1, 4, 16] {
                let partition = Partition::new(len, granule);
                let mut next = 0;
                for part in 0..partition.parts() {
                    assert_eq!(partition.range(part).start, next);
                    next = partition.range(part).end;
                }
                assert_eq!(next, len);
            }
        }
    }

    #[test]
    fn mnist_rows_are_cut_at_whole_vectors() {
        let partition = Partition::new(784, 16);
        let ranges: Vec<_> = (0..4).map(|part| partition.range(part)).collect();
        assert_eq!(ranges, vec![0..192, 192..384, 384..576, 576..784]);
    }

    #[test]
    fn long_work_is_cut_into_more_parts() {
        let parts = |cost| Partition::worth(4096, 16, cost).parts();
        assert_eq!([0.0, 1e5, 2.5e5, 1e6, 1e9].map(parts), [4, 4, 10, 40, 64]);
        assert_eq!(Partition::worth(80, 16, 1e9).parts(), 5);
    }

    #[test]
    fn threads_share_the_parts() {
        assert_eq!(owned(4, 0, 2), 0..2);
        assert_eq!(owned(4, 1, 2), 2..4);
        assert_eq!(owned(1, 0, 2), 0..1);
        assert_eq!(owned(1, 1, 2), 1..1);
    }
}
