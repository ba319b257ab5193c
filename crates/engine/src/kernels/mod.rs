//! The arithmetic: functions over raw arrays, planned from shapes when a program is loaded.

mod broadcast;
pub mod byte_floats;
pub(crate) mod element;
pub mod map;
pub mod matmul;
pub mod movement;
pub mod prefetch;
pub mod random;
pub mod reduce;
pub mod rows;
mod scalar;
pub mod sort;
pub mod tile;
