//! The memory that a runner owns: fetched rows, tables of rows, and transposed variables.

use super::Runner;
use crate::ir::graph::{Node, Task};
use crate::kernels::movement;
use crate::memory::Buffer;
use crate::plan::finished::{FIRST_INPUT, Plan};
use crate::run::fetch::{Slab, tabulate};

/// The limit, in bytes of fetched rows, up to which every bundle has a copy of its own.
const MOST_SLAB_BYTES: usize = 4 << 20;

impl Runner {
    /// Memory for the fetched rows of an input.
    pub(super) fn slab(&mut self, input: usize, bytes: usize) -> Slab {
        let own =
            |node: &&Node| matches!(node.task, Task::Fetch { input: i, private: true, .. } if i == input);
        let fetch = self.plan.nodes.iter().find(own);
        let stride = bytes.next_multiple_of(128);
        // Bundles with arrays of their own never share a cache line; in large arrays sharing is rare.
        let worth = self.tables[input].is_none() && stride * self.bundles <= MOST_SLAB_BYTES;
        let private = fetch.is_some_and(|node| node.everywhere || worth);
        let stride = if private { stride } else { 0 };
        let total = bytes.max(stride * self.bundles);
        // An earlier epoch may have needed less.
        let slab = self.slabs[input].take().filter(|slab| slab.bytes() >= total);
        let buffer = self.slabs[input].insert(slab.unwrap_or_else(|| Buffer::new(total)));
        Slab { start: buffer.start(), stride }
    }

    /// The table for the pointers to an input's rows, if it is read in place.
    pub(super) fn table(&self, input: usize) -> Option<Slab> {
        let (_, private) = self.plan.in_place.iter().find(|(own, _)| *own == input)?;
        let stride = if *private { table_bytes(&self.plan, input) } else { 0 };
        self.tables[input].as_ref().map(|table| Slab { start: table.start(), stride })
    }

    /// Writes the table of an array's rows, for every bundle, whose arrays are `stride` bytes apart;
    /// returns the table.
    pub(super) fn tabulate(&self, input: usize, array: *const u8, stride: usize) -> *const u8 {
        let Some(table) = self.table(input) else { return array };
        let declaration = &self.plan.inputs[input];
        let row_bytes = declaration.shape[1..].iter().product::<usize>() * declaration.dtype.size();
        for bundle in 0..if table.stride > 0 { self.bundles } else { 1 } {
            // SAFETY: each bundle's table has a place for every row.
            unsafe {
                let array = array.wrapping_add(bundle * stride);
                tabulate(array, declaration.shape[0], row_bytes, table.of_bundle(bundle));
            }
        }
        table.start
    }

    /// Copies transposed variables into the arena, or changed ones back to the caller.
    pub(super) unsafe fn transpose_variables(&self, load: bool) {
        for &(number, offset, changed) in &self.plan.transposed {
            let variable = &self.plan.variables[number];
            let (rows, columns) = (variable.shape[0], variable.shape[1]);
            let theirs = self.bases[FIRST_INPUT + self.plan.inputs.len() + number];
            // SAFETY: both have `rows * columns` elements; the caller's has the axes swapped.
            unsafe {
                let own = self.arena.start().add(offset);
                if load {
                    movement::transpose(theirs, columns, rows, own, variable.dtype.size());
                } else if changed {
                    movement::transpose(own, rows, columns, theirs, variable.dtype.size());
                }
            }
        }
    }
}

/// Room for the pointers to an input's rows, if it is read in place.
pub(super) fn table_for(plan: &Plan, input: usize, bundles: usize) -> Option<Buffer> {
    plan.in_place.iter().find(|(own, _)| *own == input)?;
    Some(Buffer::new(table_bytes(plan, input) * bundles))
}

/// Bytes of one bundle's table.
fn table_bytes(plan: &Plan, input: usize) -> usize {
    let rows = plan.inputs[input].shape.first().copied().unwrap_or(0);
    (rows * size_of::<*const u8>()).next_multiple_of(128)
}
