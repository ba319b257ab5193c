//! Runs small training programs over one pre-planned arena.
//!
//! A `Program` is verified once, planned once, and then run for a step or for
//! a whole epoch of steps. Nothing is allocated while it runs.

// Some functions are used only by special cases, which can be left out.
#![cfg_attr(
    not(all(
        feature = "fused-optimizers",
        feature = "matrix-unit",
        feature = "sparse-rows",
        feature = "tiny-programs"
    )),
    allow(dead_code)
)]

pub mod error;
pub mod ir;
pub mod kernels;
pub(crate) mod loops;
pub mod memory;
pub mod partition;
pub mod plan;
pub mod run;
pub mod simd;
pub mod specialized;
