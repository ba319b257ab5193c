//! A template with addresses.

use super::operation::{Addresses, Call, MARGIN, Op};
use super::template::{Code, Detail, GROUP, GROUP_BYTES, Slot, Template};
use super::walk::Walk;
use crate::ir::graph::Placement;
use crate::memory::Buffer;
use crate::plan::finished::Plan;
use crate::simd;

/// Operations, ready to run. Points into the plan that it was made from, and into its memory.
#[derive(Debug)]
pub(super) struct Tape {
    ops: Vec<Op>,
    places: Vec<Addresses>,
    /// Each stays where it is when the list grows: places point at them.
    #[allow(clippy::vec_box)]
    calls: Vec<Box<Call>>,
    /// Arrays of the caller's that a call reads: call, position, slot.
    loose: Vec<(usize, usize, usize)>,
    level: simd::Level,
}

// SAFETY: the pointers are used by whoever runs the tape, which has it to itself.
unsafe impl Send for Tape {}

impl Tape {
    /// The plan's tape over `addresses`, one for each slot; `scratch` is for its kernels.
    /// Slots without a place of their own get theirs from `point`.
    pub fn new(plan: &Plan, template: &Template, addresses: &[*mut u8], scratch: *mut u8) -> Tape {
        let mut tape = Tape {
            ops: Vec::new(),
            places: Vec::new(),
            calls: Vec::new(),
            loose: Vec::new(),
            level: plan.level,
        };
        for step in &template.steps {
            let address = |slot: usize, offset: usize| addresses[slot].wrapping_add(offset);
            let mut groups: Vec<Addresses> = step
                .groups
                .iter()
                .map(|places| places.map(|place| address(place.slot, place.offset)))
                .collect();
            if let Some(number) = step.node {
                let slots = std::iter::once(step.write).chain(step.reads.iter().copied());
                for (position, slot) in slots.clone().enumerate() {
                    if !template.slots[slot].own {
                        tape.loose.push((tape.calls.len(), position, slot));
                    }
                }
                let arrays = slots.map(|slot| addresses[slot]).collect();
                tape.calls.push(Box::new(Call { node: &plan.nodes[number], arrays, scratch }));
                let call = std::ptr::from_ref::<Call>(&tape.calls[tape.calls.len() - 1]);
                groups = vec![[call.cast_mut().cast(); 4]];
            }
            if let Some(detail) = step.detail {
                let detail = std::ptr::from_ref::<Detail>(&template.details[detail]);
                // Beside the operands, or behind them where there may be three.
                match step.code {
                    Code::Tile | Code::Single => groups.push([detail.cast_mut().cast(); 4]),
                    _ => groups[0][2] = detail.cast_mut().cast(),
                }
            }
            // An array without elements needs nothing; the walk counts on one group at least.
            if !groups.is_empty() {
                tape.ops.push(Op { code: step.code, count: groups.len() as u32 });
                tape.places.extend(groups);
            }
        }
        tape
    }

    /// Copies of as many groups as the details say.
    pub fn of_copies(copies: &[(*mut u8, *mut u8)], details: &[Detail], level: simd::Level) -> Tape {
        let mut tape =
            Tape { ops: Vec::new(), places: Vec::new(), calls: Vec::new(), loose: Vec::new(), level };
        for (&(from, to), detail) in copies.iter().zip(details) {
            tape.ops.push(Op { code: Code::Copy, count: 1 });
            tape.places.push([from, from, std::ptr::from_ref(detail).cast_mut().cast(), to]);
        }
        tape
    }

    /// Tells calls where arrays of the caller's are.
    pub fn point(&mut self, addresses: &[*mut u8]) {
        for &(call, position, slot) in &self.loose {
            self.calls[call].arrays[position] = addresses[slot];
        }
    }

    /// Runs all operations once.
    ///
    /// # Safety
    /// The plan and the memory that it was made for are there, nobody else uses the
    /// memory, and arrays of the caller's are as the plan says.
    pub unsafe fn run(&self) {
        // SAFETY: the plan's level is the machine's; the rest is handed on.
        unsafe { simd::run(self.level, Walk { ops: &self.ops, places: &self.places, level: self.level }) }
    }

    /// Runs the tapes of several plans one after the other.
    pub fn append(&mut self, other: Tape) {
        let calls = self.calls.len();
        self.ops.extend(other.ops);
        self.places.extend(other.places);
        self.calls.extend(other.calls);
        self.loose
            .extend(other.loose.into_iter().map(|(call, position, slot)| (call + calls, position, slot)));
    }
}

/// Hands out places in one block of memory.
#[derive(Default)]
pub(super) struct Layout {
    bytes: usize,
}

impl Layout {
    /// Where the place of a slot starts, if it has one. Kernels want results at the start of a cache line.
    pub fn add(&mut self, slot: &Slot) -> usize {
        if !slot.own {
            return self.bytes;
        }
        if slot.placement == Placement::Arena && slot.bytes > GROUP_BYTES {
            self.bytes = self.bytes.next_multiple_of(2 * GROUP_BYTES);
        }
        self.bytes += slot.room();
        self.bytes - slot.room()
    }

    /// The memory; reading a little past its last place is allowed.
    pub fn memory(&self) -> Buffer {
        Buffer::new(self.bytes + MARGIN)
    }
}

/// Copies a value of the caller's into its place.
///
/// # Safety
/// The caller's array has the slot's size, the place its room.
pub(super) unsafe fn load(slot: &Slot, from: *const u8, to: *mut u8) {
    // SAFETY: the caller vouches for both.
    unsafe {
        if slot.single {
            let number = from.cast::<f32>().read_unaligned();
            std::slice::from_raw_parts_mut(to.cast::<f32>(), GROUP).fill(number);
        } else {
            std::ptr::copy_nonoverlapping(from, to, slot.bytes);
        }
    }
}

impl Slot {
    /// Where constants start; they never change.
    pub(super) fn constant(&self, plan: &Plan) -> Option<*const u8> {
        match self.placement {
            Placement::Constant(offset) => Some(plan.constants.start().wrapping_add(offset).cast_const()),
            _ => None,
        }
    }
}
