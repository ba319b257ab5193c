//! An operation of a tape, and the memory that it reads and writes.

use super::template::{Code, GROUP_BYTES};
use crate::ir::graph::Node;

/// Addresses of a group's operands and result.
pub(super) type Addresses = [*mut u8; 4];

/// Bytes past the end of any place that may be read.
pub(super) const MARGIN: usize = 4 * GROUP_BYTES;

/// An operation: its places follow those of the one before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Op {
    pub code: Code,
    pub count: u32,
}

/// A node that its kernel runs.
#[derive(Debug)]
pub(super) struct Call {
    pub node: *const Node,
    pub arrays: Vec<*mut u8>,
    pub scratch: *mut u8,
}
