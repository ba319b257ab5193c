//! The arithmetic: functions over raw arrays, planned from shapes when a program is loaded.

pub mod ahead;
#[cfg(target_arch = "x86_64")]
mod amx;
mod broadcast;
mod element;
pub mod lists;
pub mod map;
pub mod marks;
pub mod matmul;
#[cfg(target_arch = "x86_64")]
mod matmul_amx;
#[cfg(target_arch = "x86_64")]
mod matmul_amx_narrow;
mod matmul_dot;
pub mod matmul_lists;
mod matmul_pack;
mod matmul_simple;
pub mod matmul_skip;
mod matmul_tile;
pub mod movement;
pub mod order;
pub mod random;
pub mod reduce;
pub mod rows;
mod scalar;
pub mod templates;
pub mod tile;
