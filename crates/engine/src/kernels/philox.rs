//! The counter-based generator Philox4x32-10: words from a key and a number.
//!
//! Word `i` of an operation is lane `i % 4` of block `i / 4`, whichever thread
//! computes it and whatever was drawn before: a call is named by its seed, the
//! stream of its operation and the number of the call.
//!
//! Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
//! 1, 2, 3", SC 2011.

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// The words of `N` counters under a key: words `w` of all of them are in `counters[w]`, so that a vector
/// holds as many as it has lanes.
#[inline(always)] // compiled for the level of the caller
fn side_by_side<const N: usize>(mut counters: [[u32; N]; 4], mut key: [u32; 2]) -> [[u32; N]; 4] {
    for round in 0..ROUNDS {
        if round > 0 {
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        let [a, b, c, d] = counters;
        let first: [u64; N] = a.map(|word| u64::from(MULTIPLIERS[0]) * u64::from(word));
        let second: [u64; N] = c.map(|word| u64::from(MULTIPLIERS[1]) * u64::from(word));
        counters = [
            std::array::from_fn(|lane| (second[lane] >> 32) as u32 ^ b[lane] ^ key[0]),
            second.map(|product| product as u32),
            std::array::from_fn(|lane| (first[lane] >> 32) as u32 ^ d[lane] ^ key[1]),
            first.map(|product| product as u32),
        ];
    }
    counters
}

/// All words of one call of one operation.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    seed: u64,
    stream: u32,
    call: u64,
}

impl Words {
    /// The words of call number `call` of operation `stream` under `seed`.
    pub fn new(seed: u64, stream: u32, call: i64) -> Words {
        Words { seed, stream, call: call as u64 }
    }

    /// Four words at once.
    #[inline(always)]
    pub fn block(&self, number: u64) -> [u32; 4] {
        self.blocks::<1>(number).map(|[word]| word)
    }

    /// The words of `N` blocks, the first of which is `number`: words `w` of all of them are together.
    #[inline(always)]
    pub(super) fn blocks<const N: usize>(&self, number: u64) -> [[u32; N]; 4] {
        let key = [self.seed as u32, (self.seed >> 32) as u32];
        let numbers: [u64; N] = std::array::from_fn(|lane| number + lane as u64);
        let high = numbers.map(|number| ((number >> 32) as u32).wrapping_add((self.call >> 32) as u32));
        let counters = [numbers.map(|number| number as u32), high, [self.stream; N], [self.call as u32; N]];
        side_by_side(counters, key)
    }

    /// Word `number`.
    #[cfg(test)]
    pub fn word(&self, number: u64) -> u32 {
        self.block(number / 4)[(number % 4) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The four words that belong to a counter under a key.
    fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
        side_by_side(counter.map(|word| [word]), key).map(|[word]| word)
    }

    /// The known answers that come with the paper's own code.
    #[test]
    fn known_answers() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
        assert_eq!(philox([!0; 4], [!0; 2]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
        assert_eq!(
            philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
        );
    }
}
