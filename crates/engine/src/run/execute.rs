//! Runs nodes: from pointers to actions.

use std::ops::Range;

use crate::ir::graph::{GoesOn, Node, Watch, Work};
use crate::ir::program::Dtype;
use crate::kernels::index::BadIndex;
use crate::simd::Level;

/// What a thread runs nodes with.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub scratch: *mut u8,
    pub kept: *mut u8,
    pub level: Level,
    pub watch: &'a dyn Watch,
}

impl Setting<'_> {
    /// With private memory, and without anybody to ask whether to go on.
    pub fn new(scratch: *mut u8, level: Level) -> Self {
        Setting { scratch, kept: std::ptr::null_mut(), level, watch: &GoesOn }
    }
}

/// Runs parts `parts` of a node, and of those behind it that are computed along with it.
/// `arrays` are the `write` and the `reads` of each of `nodes`, in order.
///
/// # Errors
/// An index in the data that is out of range for its axis.
///
/// # Safety
/// The arrays are those that the plan asks for, the scratch memory has the plan's size,
/// and no other thread touches what these parts own.
#[inline]
pub(crate) unsafe fn execute(
    nodes: &[Node],
    parts: Range<usize>,
    arrays: &[*mut u8],
    setting: Setting,
) -> Result<(), BadIndex> {
    let Some(action) = nodes[0].action() else { return Ok(()) };
    // SAFETY: the arrays and ranges are those of the plan, which was made from a verified program.
    unsafe { action.run(&work(nodes, parts, arrays, setting)) }
}

/// What the first of some nodes works on.
#[inline]
pub(crate) fn work<'a>(
    nodes: &'a [Node],
    parts: Range<usize>,
    arrays: &'a [*mut u8],
    setting: Setting<'a>,
) -> Work<'a> {
    let node = &nodes[0];
    let (own, others) = arrays.split_at(1 + node.reads.len());
    // Parts that a thread owns follow each other: most kernels take them as one.
    let range = node.partition.range(parts.start).start..node.partition.range(parts.end - 1).end;
    let Setting { scratch, kept, level, watch } = setting;
    Work {
        parts,
        range,
        out: own[0],
        inputs: &own[1..],
        followers: &nodes[1..],
        arrays: others,
        streams: node.group.streams,
        scratch,
        kept,
        level,
        watch,
    }
}

/// Reads a number of any type; for sums of outputs.
///
/// # Safety
/// `value` points at an element of this type.
pub(crate) unsafe fn read_number(value: *const u8, dtype: Dtype) -> f64 {
    // SAFETY: the caller vouches for the type.
    unsafe {
        match dtype {
            Dtype::F32 => value.cast::<f32>().read_unaligned().into(),
            Dtype::F64 => value.cast::<f64>().read_unaligned(),
            Dtype::I32 => value.cast::<i32>().read_unaligned().into(),
            Dtype::I64 => value.cast::<i64>().read_unaligned() as f64,
            Dtype::U8 | Dtype::Bool => (*value).into(),
        }
    }
}
