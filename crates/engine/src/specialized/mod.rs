//! Faster ways for special cases.

pub mod fused_optimizers;
#[cfg(target_arch = "x86_64")]
pub(crate) mod matrix_unit;
pub mod sparse_rows;
pub mod tiny_programs;
