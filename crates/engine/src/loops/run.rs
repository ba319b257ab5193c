//! What a loop does, round after round.

use crate::ir::graph::{Action, Node, Work};
use crate::kernels::index::BadIndex;
use crate::loops::body::Body;
use crate::plan::finished::{ARENA, CONSTANTS, FIRST_INPUT};
use crate::run::execute::{Setting, execute, work};
use std::ops::Range;

/// A state.
#[derive(Debug)]
pub(super) struct Carried {
    pub bytes: usize,
    /// Where the next one is, if each thread computes it for itself.
    pub own: Option<usize>,
    /// Where its second array begins in the block of spare ones.
    pub spare: usize,
}

/// A result that is stacked.
#[derive(Debug)]
pub(super) struct Stacked {
    /// Bytes of a round.
    pub bytes: usize,
    /// Where it is, if each thread computes it for itself.
    pub own: Option<usize>,
}

/// A loop. It reads the inputs and the constants, and writes the results, the spare states, and the memory of the body.
#[derive(Debug)]
pub(super) struct LoopAction {
    pub body: Body,
    pub length: usize,
    pub reverse: bool,
    pub conditional: bool,
    /// How many inputs the body has.
    pub inputs: usize,
    pub carried: Vec<Carried>,
    /// Bytes that a round reads of each array of parts.
    pub parts: Vec<usize>,
    pub stacked: Vec<Stacked>,
    /// Rounds between two looks at whether to go on.
    pub look_every: usize,
}

/// Where a thread keeps what it needs for a loop: in its scratch memory.
struct Room {
    /// What the body's locations count from.
    bases: *mut *mut u8,
    /// The arrays of all nodes.
    arrays: *mut *mut u8,
    /// What the thread computes for itself, then a place for each state of that kind.
    own: *mut u8,
    cells: *mut u8,
    /// What nodes lay out for all rounds.
    kept: *mut u8,
    scratch: *mut u8,
}

impl Action for LoopAction {
    fn describe(&self) -> String {
        let kind = match (self.conditional, self.body.rows.is_some()) {
            (true, _) => "loop of up to",
            (false, true) => "loop by rows of",
            (false, false) => "loop of",
        };
        format!("{kind} {} rounds, each of {} nodes", self.length, self.body.nodes.len())
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        // SAFETY: handed on.
        unsafe { Rounds::new(self, work).run() }
    }

    fn scratch_bytes(&self) -> usize {
        let own = self.body.own_bytes + self.cell_bytes();
        self.pointer_bytes() + own + self.body.kept_bytes + self.body.scratch_bytes
    }

    fn is_fallible(&self) -> bool {
        self.body.nodes.iter().any(Node::is_fallible)
    }

    fn takes_long(&self) -> bool {
        true
    }

    fn is_loop(&self) -> bool {
        true
    }
}

impl LoopAction {
    fn first(&self) -> usize {
        usize::from(self.conditional)
    }

    fn first_output(&self) -> usize {
        FIRST_INPUT + self.inputs
    }

    /// The base of what a thread computes for itself, behind the inputs and outputs.
    fn own_base(&self) -> usize {
        self.first_output() + self.body.own_outputs.len()
    }

    fn pointer_bytes(&self) -> usize {
        let count = self.own_base() + 1 + self.body.locations.len();
        (count * size_of::<*mut u8>()).next_multiple_of(64)
    }

    /// A place for the answer whether to go on, and for each state that is a thread's own.
    fn cell_bytes(&self) -> usize {
        64 + self.carried.iter().map(Carried::cell_bytes).sum::<usize>()
    }
}

impl Carried {
    fn cell_bytes(&self) -> usize {
        if self.own.is_some() { self.bytes.next_multiple_of(64) } else { 0 }
    }
}

/// A loop on its way.
struct Rounds<'a, 'w> {
    action: &'a LoopAction,
    work: &'a Work<'w>,
    room: Room,
}

impl<'a, 'w> Rounds<'a, 'w> {
    /// # Safety
    /// The arrays and the scratch memory are those of the plan.
    unsafe fn new(action: &'a LoopAction, work: &'a Work<'w>) -> Self {
        let bases = work.scratch.cast::<*mut u8>();
        let arrays = bases.wrapping_add(action.own_base() + 1);
        let own = work.scratch.wrapping_add(action.pointer_bytes());
        let cells = own.wrapping_add(action.body.own_bytes);
        let kept = cells.wrapping_add(action.cell_bytes());
        let scratch = kept.wrapping_add(action.body.kept_bytes);
        Rounds { action, work, room: Room { bases, arrays, own, cells, kept, scratch } }
    }

    /// The array of a result.
    fn result(&self, number: usize) -> *mut u8 {
        // Behind the inputs there are the constants.
        if number == 0 { self.work.out } else { self.work.inputs[self.action.inputs + number] }
    }

    /// The number of results.
    fn results(&self) -> usize {
        self.action.carried.len() + self.action.stacked.len()
    }

    unsafe fn set_base(&self, base: usize, pointer: *mut u8) {
        // SAFETY: the room has a place for every base.
        unsafe { *self.room.bases.add(base) = pointer };
    }

    unsafe fn run(&self) -> Result<(), BadIndex> {
        let action = self.action;
        let (first, inputs) = (action.first(), self.work.inputs);
        // SAFETY: the caller vouches for the arrays; the room is this thread's.
        unsafe {
            self.set_base(ARENA, inputs[action.inputs + self.results() + 1]);
            self.set_base(CONSTANTS, inputs[action.inputs]);
            for (number, &input) in inputs[..action.inputs].iter().enumerate() {
                self.set_base(FIRST_INPUT + number, input);
            }
            self.set_base(action.own_base(), self.room.own);
            if action.conditional {
                self.set_base(action.first_output(), self.room.cells);
            }
            let mut goes_on = !action.conditional || *inputs[0] != 0;
            let mut round = 0;
            while goes_on && round < action.length {
                if round > 0 && round.is_multiple_of(action.look_every) && self.work.watch.gives_up() {
                    return Ok(());
                }
                self.place(round);
                if round == 0 {
                    self.keep();
                }
                self.nodes()?;
                self.carry(round);
                if action.conditional {
                    let answer =
                        action.body.own_outputs[0].map_or(self.room.cells, |at| self.room.own.add(at));
                    goes_on = *answer != 0;
                }
                round += 1;
            }
            for number in 0..action.carried.len() {
                let last = *self.room.bases.add(FIRST_INPUT + first + number);
                self.finish(number, last);
            }
        }
        Ok(())
    }

    /// Points at the arrays of a round.
    unsafe fn place(&self, round: usize) {
        let action = self.action;
        let (first, states) = (action.first(), action.carried.len());
        let place = if action.reverse { action.length - 1 - round } else { round };
        // SAFETY: the places lie within the arrays; there are as many bases and arrays.
        unsafe {
            for (number, bytes) in action.parts.iter().enumerate() {
                let input = first + states + number;
                self.set_base(FIRST_INPUT + input, self.work.inputs[input].add(place * bytes));
            }
            let output = action.first_output() + first;
            for (number, state) in action.carried.iter().enumerate() {
                self.set_base(output + number, self.next_state(number, state, round));
            }
            for (number, stack) in action.stacked.iter().enumerate() {
                let number = states + number;
                self.set_base(output + number, self.result(number).wrapping_add(place * stack.bytes));
            }
            for (number, location) in action.body.locations.iter().enumerate() {
                let base = *self.room.bases.add(location.base);
                *self.room.arrays.add(number) = base.wrapping_add(location.offset);
            }
        }
    }

    /// Where a round writes a state: the result and the spare array take turns, so that the last round writes the
    /// result, if it is known which one that is.
    fn next_state(&self, number: usize, state: &Carried, round: usize) -> *mut u8 {
        let spares = self.work.inputs[self.action.inputs + self.results()];
        if (self.action.length - 1 - round).is_multiple_of(2) {
            self.result(number)
        } else {
            spares.wrapping_add(state.spare)
        }
    }

    unsafe fn nodes(&self) -> Result<(), BadIndex> {
        let body = &self.action.body;
        let mut number = 0;
        while number < body.nodes.len() {
            let end = number + body.nodes[number].group.followers;
            // SAFETY: handed on.
            unsafe {
                let (parts, arrays, setting) = self.node(number);
                execute(&body.nodes[number..=end], parts, arrays, setting)?;
            }
            number = end + 1;
        }
        Ok(())
    }

    /// Lays out what is the same in each round.
    unsafe fn keep(&self) {
        for (number, node) in self.action.body.nodes.iter().enumerate() {
            let Some(action) = node.action().filter(|_| self.action.body.kept[number].is_some()) else {
                continue;
            };
            // SAFETY: handed on.
            unsafe {
                let (parts, arrays, setting) = self.node(number);
                action.keep(&work(std::slice::from_ref(node), parts, arrays, setting));
            }
        }
    }

    /// The parts of a node, its arrays with those behind it, and what it is run with.
    ///
    /// # Safety
    /// `place` has set the arrays of all nodes.
    unsafe fn node(&self, number: usize) -> (Range<usize>, &[*mut u8], Setting<'_>) {
        let body = &self.action.body;
        let node = &body.nodes[number];
        let own = body.rows.is_none() || node.everywhere;
        let parts = if own { 0..node.partition.parts() } else { self.work.parts.clone() };
        let start = body.starts[number];
        // SAFETY: there is an array for each location.
        let arrays =
            unsafe { std::slice::from_raw_parts(self.room.arrays.add(start), body.locations.len() - start) };
        let kept = body.kept[number].map_or(std::ptr::null_mut(), |at| self.room.kept.wrapping_add(at));
        let Work { level, watch, .. } = *self.work;
        (parts, arrays, Setting { scratch: self.room.scratch, kept, level, watch })
    }

    /// What has been written becomes what the next round reads.
    unsafe fn carry(&self, round: usize) {
        let action = self.action;
        let place = if action.reverse { action.length - 1 - round } else { round };
        let first_state = FIRST_INPUT + action.first();
        let mut cell = self.room.cells.wrapping_add(64);
        // SAFETY: the cells have room for the states that are the thread's own; the places are as above.
        unsafe {
            for (number, state) in action.carried.iter().enumerate() {
                let Some(at) = state.own else {
                    let next = *self.room.bases.add(action.first_output() + action.first() + number);
                    self.set_base(first_state + number, next);
                    continue;
                };
                std::ptr::copy_nonoverlapping(self.room.own.add(at), cell, state.bytes);
                self.set_base(first_state + number, cell);
                cell = cell.wrapping_add(state.cell_bytes());
            }
            if self.work.parts.start > 0 {
                return;
            }
            for (number, stack) in action.stacked.iter().enumerate() {
                let Some(at) = stack.own else { continue };
                let to = self.result(action.carried.len() + number).add(place * stack.bytes);
                std::ptr::copy_nonoverlapping(self.room.own.add(at), to, stack.bytes);
            }
        }
    }

    /// Copies the last value of a state into the result, unless it is there already.
    unsafe fn finish(&self, number: usize, last: *mut u8) {
        let (state, result) = (&self.action.carried[number], self.result(number));
        let is_cut = self.action.body.rows.is_some() && state.own.is_none();
        if last == result || (!is_cut && self.work.parts.start > 0) {
            return;
        }
        let rows = match self.action.body.rows {
            Some(rows) if is_cut => {
                let row = state.bytes / rows.axis_len().max(1);
                self.work.range.start * row..self.work.range.end * row
            }
            _ => 0..state.bytes,
        };
        // SAFETY: these rows of both arrays are this thread's.
        unsafe { std::ptr::copy_nonoverlapping(last.add(rows.start), result.add(rows.start), rows.len()) };
    }
}
