//! Several tiny programs that take turns, epoch after epoch, over one memory.
//!
//! What is set up once a run elsewhere is set up once a block here: the variables of all
//! programs are copied in when the block is made and copied out by `store`. In between,
//! an epoch is little more than a walk along the tapes of its programs.

use std::sync::Arc;

use super::tape::{Layout, Tape, load};
use super::template::{Detail, GROUP_BYTES, MOST_BYTES, Slot, Template};
use crate::ir::graph::Placement;
use crate::memory::Buffer;
use crate::plan::finished::Plan;
use crate::run::fetch::{Fetcher, Rows, Slab};
use crate::run::flush::FlushTiny;
use crate::run::job::Clock;
use crate::specialized::program_types::{Block, Copied, Stage};

/// Programs and their memory.
pub(super) struct TapeBlock {
    parts: Vec<Part>,
    shared: Vec<Shared>,
    /// The numbers that an epoch reports, in order.
    numbers: Vec<*const f32>,
    cost: f64,
    // What the tapes point into.
    memory: Buffer,
    scratch: Buffer,
    _plans: Vec<Arc<Plan>>,
    copies: Vec<Detail>,
}

/// Tapes that run one after the other, so many times, each time with other rows.
struct Part {
    tape: Tape,
    fetchers: Vec<Fetcher>,
    steps: usize,
    first_row: Option<usize>,
    cost: f64,
}

/// An array of the caller's that a program or a copy uses.
struct Shared {
    array: *mut u8,
    slot: Slot,
    address: *mut u8,
}

impl Shared {
    fn overlaps(&self, start: *const u8, bytes: usize) -> bool {
        let (own, other) = (self.array as usize, start as usize);
        own < other + bytes && other < own + self.slot.bytes
    }
}

impl TapeBlock {
    /// Puts programs together; `None` if one of them is not tiny, or the arrays do not allow it.
    ///
    /// # Safety
    /// The arrays are those of the plans, the columns of at least `rows` rows that an
    /// epoch's order names. All are there, and used by nobody else, as long as the block is.
    pub(super) unsafe fn new(stages: &[Stage], copies: &[Copied], rows: usize) -> Option<TapeBlock> {
        let mut shared: Vec<Shared> = Vec::new();
        // Arrays that are copied one after the other lie one after the other.
        let (from, to) = (
            copies.iter().map(|copy| (copy.from.cast_mut(), copy.bytes, false)),
            copies.iter().map(|copy| (copy.to, copy.bytes, true)),
        );
        for (array, bytes, changed) in from.chain(to) {
            let own = bytes <= MOST_BYTES;
            share(
                &mut shared,
                array,
                &Slot { placement: Placement::Variable(0), bytes, own, single: false, changed },
            )?;
        }
        for stage in stages {
            for slot in &Template::of(&stage.plan)?.slots {
                let Placement::Variable(number) = slot.placement else { continue };
                share(&mut shared, stage.variables[number], slot)?;
            }
        }
        if !stages.iter().all(|stage| fits(stage, rows, &shared)) {
            return None;
        }
        let mut layout = Layout::default();
        let offsets: Vec<usize> = shared.iter().map(|one| layout.add(&one.slot)).collect();
        let own: Vec<Vec<usize>> = stages
            .iter()
            .map(|stage| {
                let slots = Template::of(&stage.plan).into_iter().flat_map(|template| &template.slots);
                // Variables are shared.
                slots.map(|slot| if is_private(slot) { layout.add(slot) } else { 0 }).collect()
            })
            .collect();
        let memory = layout.memory();
        let scratch = Buffer::new(stages.iter().map(|stage| stage.plan.scratch_bytes).max().unwrap_or(0));
        for (one, offset) in shared.iter_mut().zip(offsets) {
            one.address = memory.start().wrapping_add(offset);
            // SAFETY: the caller vouches for the array.
            unsafe { load(&one.slot, one.array, one.address) };
        }
        let mut block = TapeBlock {
            parts: Vec::new(),
            numbers: Vec::new(),
            cost: 0.0,
            _plans: stages.iter().map(|stage| Arc::clone(&stage.plan)).collect(),
            scratch,
            copies: Vec::new(),
            shared,
            memory,
        };
        block.add_copies(stages.first()?, copies);
        for (stage, offsets) in stages.iter().zip(own) {
            // SAFETY: handed on.
            unsafe { block.add(stage, &offsets)? };
        }
        Some(block)
    }

    /// Copies of neighbours to neighbours become one.
    fn add_copies(&mut self, stage: &Stage, copies: &[Copied]) {
        let address = |array: *const u8| {
            self.shared.iter().find(|one| one.array.cast_const() == array).map(|one| one.address)
        };
        let mut places: Vec<(*mut u8, *mut u8)> = Vec::new();
        let mut groups: Vec<usize> = Vec::new();
        for copy in copies {
            let (Some(from), Some(to)) = (address(copy.from), address(copy.to)) else { continue };
            let count = copy.bytes.div_ceil(GROUP_BYTES);
            match (places.last(), groups.last_mut()) {
                (Some(&(start, start_to)), Some(before))
                    if start.wrapping_add(*before * GROUP_BYTES) == from
                        && start_to.wrapping_add(*before * GROUP_BYTES) == to =>
                {
                    *before += count;
                }
                _ => {
                    places.push((from, to));
                    groups.push(count);
                }
            }
        }
        self.copies = groups.into_iter().map(Detail::Copy).collect();
        let tape = Tape::of_copies(&places, &self.copies, stage.plan.level);
        self.parts.push(Part { tape, fetchers: Vec::new(), steps: 1, first_row: None, cost: 0.0 });
    }

    unsafe fn add(&mut self, stage: &Stage, offsets: &[usize]) -> Option<()> {
        let plan = &stage.plan;
        let template = Template::of(plan)?;
        let mut addresses = Vec::with_capacity(offsets.len());
        for (slot, &offset) in template.slots.iter().zip(offsets) {
            let private = self.memory.start().wrapping_add(offset);
            addresses.push(match (slot.placement, slot.constant(plan)) {
                (Placement::Variable(number), _) => {
                    let array = stage.variables[number];
                    self.shared.iter().find(|one| one.array == array)?.address
                }
                (_, Some(constant)) => {
                    // SAFETY: the constant has the slot's size, and the place its room.
                    unsafe { load(slot, constant, private) };
                    private
                }
                _ => private,
            });
        }
        let tape = Tape::new(plan, template, &addresses, self.scratch.start());
        let mut fetchers = Vec::new();
        for (number, input) in plan.inputs.iter().enumerate() {
            let place = template.slots.iter().position(|slot| slot.placement == Placement::Input(number));
            let Some(place) = place else { continue };
            let slab = Slab { start: addresses[place], stride: 0 };
            let column = stage.columns[number];
            fetchers.push(Fetcher::new(column, input, slab, None, plan.level).ok()?);
        }
        if stage.reports {
            for number in 0..plan.outputs.len() {
                let place =
                    template.slots.iter().position(|slot| slot.placement == Placement::Output(number))?;
                self.numbers.push(addresses[place].cast_const().cast());
            }
        }
        if stage.steps == 1 && stage.first_row.is_none() {
            // The same rows in every epoch are fetched once.
            let rows = Rows { order: None, first_step: 0 };
            // SAFETY: `fits` has looked whether the rows exist.
            fetchers.drain(..).for_each(|fetcher| unsafe { fetcher.fetch_all(&rows, 0) });
        }
        let steps = stage.steps.max(1);
        self.cost += plan.cost * steps as f64;
        match self.parts.last_mut() {
            Some(last)
                if last.steps == 1 && steps == 1 && (last.fetchers.is_empty() || fetchers.is_empty()) =>
            {
                last.tape.append(tape);
                last.cost += plan.cost;
                if last.fetchers.is_empty() {
                    (last.fetchers, last.first_row) = (fetchers, stage.first_row);
                }
            }
            _ => self.parts.push(Part { tape, fetchers, steps, first_row: stage.first_row, cost: plan.cost }),
        }
        Some(())
    }
}

impl Block for TapeBlock {
    fn cost(&self) -> f64 {
        self.cost
    }

    unsafe fn epoch(
        &mut self,
        order: Option<&[i64]>,
        numbers: &mut [f64],
        control: &dyn Fn() -> bool,
    ) -> bool {
        let flush = FlushTiny::start();
        for part in &self.parts {
            let order = match (order, part.first_row) {
                (Some(order), Some(first)) => Some(order.get(first..).unwrap_or(&[])),
                _ => None,
            };
            let rows = Rows { order, first_step: 0 };
            let mut clock = (part.steps > 1).then(|| Clock::new(part.cost));
            for step in 0..part.steps {
                // SAFETY: the caller vouches for rows and arrays; the plans are kept.
                unsafe {
                    part.fetchers.iter().for_each(|fetcher| fetcher.fetch_all(&rows, step));
                    part.tape.run();
                }
                if clock.as_mut().is_some_and(|clock| clock.is_time(step)) && !flush.without(control) {
                    return false;
                }
            }
        }
        for (number, &address) in numbers.iter_mut().zip(&self.numbers) {
            // SAFETY: a number that a stage reports, in memory of the block.
            *number = f64::from(unsafe { *address });
        }
        true
    }

    unsafe fn store(&self) {
        for one in self.shared.iter().filter(|one| one.slot.changed) {
            // SAFETY: the array and its place have the slot's size.
            unsafe { std::ptr::copy_nonoverlapping(one.address, one.array, one.slot.bytes) };
        }
    }
}

/// Whether a slot is the program's alone.
fn is_private(slot: &Slot) -> bool {
    !matches!(slot.placement, Placement::Variable(_))
}

/// Adds an array, or finds it; `None` if it overlaps another one or has no place of its own.
fn share(shared: &mut Vec<Shared>, array: *mut u8, slot: &Slot) -> Option<()> {
    if !slot.own {
        return None;
    }
    if let Some(known) = shared.iter_mut().find(|one| one.array == array && one.slot.bytes == slot.bytes) {
        known.slot.single |= slot.single;
        known.slot.changed |= slot.changed;
        return Some(());
    }
    let apart = shared.iter().all(|one| !one.overlaps(array, slot.bytes));
    apart.then(|| shared.push(Shared { array, slot: *slot, address: std::ptr::null_mut() }))
}

/// Whether a stage's rows exist and lie apart from what changes.
fn fits(stage: &Stage, order: usize, shared: &[Shared]) -> bool {
    let plan = &stage.plan;
    let Some(template) = Template::of(plan) else { return false };
    let own = template.slots.iter().all(|slot| slot.own);
    let count = if stage.steps == 0 { 0 } else { plan.inputs.len() };
    let inputs = plan.inputs.iter().zip(stage.columns);
    own && plan.inputs.len() == count
        && stage.columns.len() >= count
        && inputs.take(count).all(|(input, column)| {
            let Some(&batch) = input.shape.first() else { return false };
            let end = stage.steps.saturating_mul(batch);
            let exist = match stage.first_row {
                Some(first) => first.saturating_add(end) <= order && order <= column.rows,
                None => end <= column.rows,
            };
            let bytes = column.rows * column.stride.unsigned_abs();
            let start = if column.stride < 0 { column.start.wrapping_sub(bytes) } else { column.start };
            exist && shared.iter().all(|one| !one.overlaps(start, bytes + column.stride.unsigned_abs()))
        })
}
