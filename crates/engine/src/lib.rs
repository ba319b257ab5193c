//! Runs small training programs over one pre-planned arena.
//!
//! A `Program` is verified once, planned once, and then run for a step or for
//! a whole epoch of steps. Nothing is allocated while it runs.

mod cpus;
pub mod error;
mod execute;
pub mod fetch;
mod flush;
mod infer;
mod job;
pub mod kernels;
mod memory;
pub mod narrow;
mod pace;
pub mod partition;
pub mod plan;
pub mod pool;
pub mod program;
pub mod runner;
pub mod simd;
mod stages;
pub mod tiny;
pub mod verify;
