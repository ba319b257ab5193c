//! Runs the steps of one program from its tape.

use super::tape::{Layout, Tape, load};
use super::template::{Slot, Template};
use crate::ir::graph::Placement;
use crate::memory::Buffer;
use crate::plan::finished::Plan;
use crate::run::execute::read_number;
use crate::run::fetch::{Fetcher, Rows};
use crate::run::flush::FlushTiny;
use crate::run::job::{Clock, Control};
use crate::specialized::program_types::{Given, ProgramRunner};

/// A tape with its memory.
#[derive(Debug)]
pub(crate) struct Tiny {
    tape: Tape,
    /// Where each slot is.
    addresses: Vec<*mut u8>,
    /// The single numbers that the program gives: output and address.
    numbers: Vec<(usize, *mut u8)>,
    _memory: Buffer,
}

// SAFETY: the pointers are used by whoever runs the tape, which has it to itself.
unsafe impl Send for Tiny {}

/// The caller's array of a slot.
fn array(given: &Given, slot: &Slot) -> Option<*mut u8> {
    match slot.placement {
        Placement::Input(number) => Some(given.inputs[number].cast_mut()),
        Placement::Variable(number) | Placement::Transposed(number) => Some(given.variables[number]),
        Placement::Output(number) => Some(given.outputs[number]),
        Placement::Constant(_) | Placement::Arena | Placement::Private | Placement::Own(_) => None,
    }
}

impl Tiny {
    /// The plan's tape, if it has one. The plan must live as long.
    pub fn new(plan: &Plan, scratch: *mut u8) -> Option<Tiny> {
        let template = Template::of(plan)?;
        let mut layout = Layout::default();
        let offsets: Vec<usize> = template.slots.iter().map(|slot| layout.add(slot)).collect();
        let memory = layout.memory();
        let mut addresses = Vec::with_capacity(offsets.len());
        for (slot, offset) in template.slots.iter().zip(offsets) {
            let own = memory.start().wrapping_add(offset);
            let constant = slot.constant(plan);
            if let (Some(constant), true) = (constant, slot.own) {
                // SAFETY: the constant has the slot's size.
                unsafe { load(slot, constant, own) };
            }
            addresses.push(if slot.own {
                own
            } else {
                constant.map_or(std::ptr::null_mut(), <*const u8>::cast_mut)
            });
        }
        let tape = Tape::new(plan, template, &addresses, scratch);
        let number = |(slot, &address): (&Slot, &*mut u8)| match slot.placement {
            Placement::Output(number) if plan.outputs[number].shape.is_empty() => Some((number, address)),
            _ => None,
        };
        let numbers = template.slots.iter().zip(&addresses).filter_map(number).collect();
        Some(Tiny { tape, addresses, numbers, _memory: memory })
    }

    unsafe fn load(&mut self, template: &Template, given: &Given, fetchers: &[Option<Fetcher>]) {
        let mut loose = false;
        for (slot, address) in template.slots.iter().zip(&mut self.addresses) {
            let Some(array) = array(given, slot) else { continue };
            let fetched = matches!(slot.placement, Placement::Input(number) if fetchers.get(number).is_some_and(Option::is_some));
            if !slot.own {
                *address = array;
                loose = true;
            } else if !fetched && !matches!(slot.placement, Placement::Output(_)) {
                // SAFETY: the caller vouches for the array, which has the slot's size.
                unsafe { load(slot, array, *address) };
            }
        }
        if loose {
            self.tape.point(&self.addresses);
        }
    }

    unsafe fn store(&self, template: &Template, given: &Given) {
        for (slot, &address) in template.slots.iter().zip(&self.addresses) {
            let wanted = slot.own
                && slot.changed
                && matches!(slot.placement, Placement::Variable(_) | Placement::Output(_));
            if let (Some(array), true) = (array(given, slot), wanted) {
                // SAFETY: the caller vouches for the array, which has the slot's size.
                unsafe { std::ptr::copy_nonoverlapping(address, array, slot.bytes) };
            }
        }
    }
}

impl ProgramRunner for Tiny {
    fn place_of_input(&self, plan: &Plan, input: usize) -> Option<*mut u8> {
        let template = Template::of(plan)?;
        let slot =
            template.slots.iter().position(|slot| slot.placement == Placement::Input(input) && slot.own)?;
        Some(self.addresses[slot])
    }

    fn poison(&self, plan: &Plan, pattern: [u8; 4]) {
        let Some(template) = Template::of(plan) else { return };
        for (slot, &address) in template.slots.iter().zip(&self.addresses) {
            if slot.own && matches!(slot.placement, Placement::Arena | Placement::Output(_)) {
                // SAFETY: the place is the tape's own.
                let place = unsafe { std::slice::from_raw_parts_mut(address, slot.room()) };
                place.iter_mut().zip(pattern.iter().cycle()).for_each(|(byte, new)| *byte = *new);
            }
        }
    }

    unsafe fn run(
        &mut self,
        plan: &Plan,
        given: &Given,
        fetchers: &[Option<Fetcher>],
        (rows, steps): (Rows, usize),
        sums: &mut [f64],
        control: Control,
    ) -> usize {
        let Some(template) = Template::of(plan) else { return 0 };
        // SAFETY: the caller vouches for the arrays.
        unsafe { self.load(template, given, fetchers) };
        let flush = FlushTiny::start();
        let mut clock = Clock::new(plan.cost);
        let mut done = 0;
        for step in 0..steps {
            for fetcher in fetchers.iter().flatten() {
                // SAFETY: the rows were checked; nobody else uses the place.
                unsafe { fetcher.fetch_all(&rows, step) };
            }
            // SAFETY: the plan is the tape's, and the arrays are there.
            unsafe { self.tape.run() };
            for &(number, address) in &self.numbers {
                // SAFETY: the output is a number of this type.
                sums[number] += unsafe { read_number(address, plan.outputs[number].dtype) };
            }
            done = step + 1;
            if clock.is_time(step) && done < steps {
                // Whoever looks in may look at the variables.
                // SAFETY: the caller vouches for the arrays.
                unsafe { self.store(template, given) };
                if !flush.without(|| control(done, sums)) {
                    return done;
                }
            }
        }
        // SAFETY: the caller vouches for the arrays.
        unsafe { self.store(template, given) };
        done
    }
}
