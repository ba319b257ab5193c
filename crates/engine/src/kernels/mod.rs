//! The arithmetic: functions over raw arrays, planned from shapes when a program is loaded.

pub mod arg_reduce;
pub(crate) mod batch;
mod broadcast;
pub mod byte_floats;
pub mod convolution;
pub(crate) mod element;
pub mod expression;
pub(crate) mod finite;
pub mod index;
mod loops;
pub mod map;
pub mod matmul;
pub mod movement;
mod normal;
mod philox;
pub mod pooling;
pub mod prefetch;
pub mod random;
pub mod reduce;
pub mod row_updates;
pub mod rows;
mod scalar;
pub mod scan;
pub mod sort;
pub mod tile;
