//! Faster ways for special cases, each in a folder of its own.
//!
//! The engine works without any of them: a folder goes with its line here, its line in the list of its level, and
//! its feature in `Cargo.toml`. Each says in its first lines what it gains, on which workload; what gains less
//! than 1.3 times has no place here.
//!
//! A special case is met at one of three levels. The trait of each level asks the same three things: does the
//! case match, how is it planned, how is it run.
//!
//! | level | trait | list |
//! | --- | --- | --- |
//! | a matrix product | `kernels::matmul::ProductKernel` | `products` |
//! | an elementwise expression | `kernels::expression::ExpressionKernel` | `expressions` |
//! | a whole program | `program_types::ProgramRunner` | `programs` |

pub(crate) mod expressions;
pub mod products;
mod program_types;
pub mod programs;

#[cfg(feature = "fused-optimizers")]
pub(crate) mod fused_optimizers;
#[cfg(feature = "matrix-unit")]
pub mod matrix_unit;
#[cfg(feature = "sparse-rows")]
pub mod sparse_rows;
#[cfg(feature = "tiny-programs")]
pub(crate) mod tiny_programs;
