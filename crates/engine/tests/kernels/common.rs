//! What the tests of kernels have in common.

use tensorlet_engine::kernels::matmul::{self, MatmulPlan, MatmulSpec};
use tensorlet_engine::simd::Level;
use tensorlet_engine::specialized::products;

/// Small, fast, repeatable noise.
pub struct Noise(pub u64);

impl Noise {
    pub fn word(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn number(&mut self) -> f32 {
        (self.word() >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    pub fn numbers(&mut self, len: usize) -> Vec<f32> {
        (0..len).map(|_| self.number()).collect()
    }
}

pub fn aligned(bytes: usize) -> Vec<[u64; 8]> {
    vec![[u64::MAX; 8]; bytes.div_ceil(64) + 1]
}

pub fn aligned_start(memory: &mut [[u64; 8]]) -> *mut u8 {
    let start = memory.as_mut_ptr().cast::<u8>();
    start.wrapping_add(start.align_offset(64))
}

/// A product as programs plan it.
pub fn plan(spec: &MatmulSpec, level: Level) -> MatmulPlan {
    matmul::plan(spec, level, None, &products::kernels())
}
