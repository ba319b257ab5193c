//! Programs as they are given, and every check of them.

mod infer;
pub mod program;
pub mod verify;
