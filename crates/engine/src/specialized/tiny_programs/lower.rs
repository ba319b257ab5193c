//! From a plan's nodes to the steps of a tape.

use std::collections::HashMap;

use super::order::order;
use super::template::{Code, Detail, GROUP, GROUP_BYTES, MOST_BYTES, Place, Product, Slot, Step, Template};
use crate::ir::graph::{FusionGroup, Graph, Node, Placement, Task};
use crate::ir::ops::elementwise::MapAction;
use crate::ir::ops::movement::CopyAction;
use crate::ir::ops::product::MatmulAction;
use crate::ir::ops::reduce::ReduceAction;
use crate::ir::ops::{Map, Matmul};
use crate::ir::program::{Dtype, Program, ValueId};
use crate::ir::types::{self, Type};
use crate::kernels::matmul::{MatmulSpec, SumOrder};
use crate::simd::Level;

/// Steps that take longer (in nanoseconds) gain nothing from a tape.
const MOST_COST: f64 = 5000.0;
/// Copies of more groups are operations of their own.
const FEW_GROUPS: usize = 4;
/// Larger products are run by their kernel.
const MOST_PRODUCTS: usize = 4096;

/// The tape of a plan, if it is tiny.
pub(crate) fn lower(program: &Program, graph: &Graph, level: Level) -> Option<Template> {
    let alone = |node: &Node| node.group == FusionGroup::default();
    let whole = |node: &Node| node.is_whole() && !node.is_fallible() && !node.is_loop() && alone(node);
    let cost: f64 = graph.nodes.iter().map(|node| node.cost).sum();
    let transposed =
        graph.storages.iter().any(|storage| matches!(storage.placement, Placement::Transposed(_)));
    if cost > MOST_COST || transposed || !graph.in_place.is_empty() || !graph.nodes.iter().all(whole) {
        return None;
    }
    let mut lowering = Lowering {
        program,
        graph,
        level,
        types: types::types(program),
        slot_of: HashMap::new(),
        template: Template { slots: Vec::new(), steps: Vec::new(), details: Vec::new() },
    };
    for number in 0..graph.nodes.len() {
        lowering.node(number)?;
    }
    let mut template = lowering.template;
    template.steps = order(std::mem::take(&mut template.steps), template.slots.len());
    Some(template)
}

/// What names a slot: results in the arena each have their own.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Input(usize),
    Variable(usize),
    Constant(usize),
    Output(usize),
    Value(usize),
}

pub(super) struct Lowering<'a> {
    program: &'a Program,
    graph: &'a Graph,
    pub level: Level,
    pub types: Vec<Type<'a>>,
    slot_of: HashMap<Key, usize>,
    pub template: Template,
}

impl<'a> Lowering<'a> {
    fn node(&mut self, number: usize) -> Option<()> {
        let node = &self.graph.nodes[number];
        if matches!(node.task, Task::Fetch { .. }) {
            // The runner does these itself; a single number is broadcast.
            let slot = self.slot(node.write?.value);
            self.template.slots[slot].changed = true;
            self.broadcast_single(slot);
            return Some(());
        }
        let before = (self.template.steps.len(), self.template.slots.len(), self.template.details.len());
        if self.own_operation(node).is_some() {
            return Some(());
        }
        // Whatever was begun is dropped; slots that values have by now are kept.
        self.template.steps.truncate(before.0);
        self.template.details.truncate(before.2);
        let write = self.slot(node.write?.value);
        let reads: Vec<usize> = node.reads.iter().map(|read| self.slot(read.value)).collect();
        self.push(Step {
            code: Code::Node,
            groups: Vec::new(),
            detail: None,
            node: Some(number),
            reads,
            write,
            latency: node.cost * 2.0,
        });
        self.broadcast_single(write);
        Some(())
    }

    /// The node in operations of the tape's own, if there are any.
    fn own_operation(&mut self, node: &'a Node) -> Option<()> {
        if let Some(&CopyAction { outer, len, inner }) = node.action_of() {
            let (from, to) = (self.slot(node.reads[0].value), self.slot(node.write?.value));
            let groups = (outer * len * inner).div_ceil(GROUP_BYTES);
            return self.copy(from, to, groups);
        }
        let instruction = &self.program.instructions[node.instruction?];
        let value = self.types.len() - self.program.instructions.len() + node.instruction?;
        let target = self.slot(node.write?.value);
        if node.action_of::<MapAction>().is_some() {
            let Map { code } = instruction.op.read()?;
            let operands = instruction.inputs.iter().zip(&node.reads);
            let operands: Vec<(usize, ValueId)> =
                operands.map(|(&id, read)| (self.slot(read.value), id)).collect();
            return self.map(&code, &operands, None, value, target);
        }
        if let Some(MatmulAction { plan, batch: None, .. }) = node.action_of() {
            let Matmul { epilogue, .. } = instruction.op.read()?;
            let sums = plan.kernel.sum_order(&plan.spec)?;
            let slots: Vec<usize> = node.reads.iter().map(|read| self.slot(read.value)).collect();
            if epilogue.is_empty() {
                return self.product(&plan.spec, sums, slots[0], slots[1], target);
            }
            let result = self.temporary(plan.spec.m * plan.spec.n * 4);
            self.product(&plan.spec, sums, slots[0], slots[1], result)?;
            let others = slots[2..].iter().copied().zip(instruction.inputs[2..].iter().copied());
            return self.map(&epilogue, &others.collect::<Vec<_>>(), Some(result), value, target);
        }
        let ReduceAction { plan, .. } = node.action_of()?;
        let from = self.slot(node.reads[0].value);
        let own = self.template.slots[from].own && self.template.slots[target].own;
        let (rows, columns, divisor) = plan.few_sums(self.level).filter(|_| own)?;
        let (code, detail) = match columns {
            1 => (Code::Sum, Detail::Sum { count: rows, divisor: divisor as f64 }),
            _ => (Code::Down, Detail::Down { rows, columns, divisor: divisor as f32 }),
        };
        self.with_detail(code, detail, &[from], target, 4.0 + rows as f64);
        Some(())
    }

    /// The slot of a value.
    fn slot(&mut self, value: usize) -> usize {
        let storage = self.graph.storages[self.graph.storage_of[value]];
        let (key, of) = match storage.placement {
            Placement::Input(number) => (Key::Input(number), number),
            Placement::Variable(number) | Placement::Transposed(number) => {
                (Key::Variable(number), self.program.inputs.len() + number)
            }
            Placement::Constant(offset) => (Key::Constant(offset), value),
            Placement::Output(number) => (Key::Output(number), self.program.outputs[number]),
            Placement::Arena | Placement::Private | Placement::Own(_) => (Key::Value(value), value),
        };
        let single = self
            .types
            .get(of)
            .is_some_and(|declared| declared.dtype == Dtype::F32 && declared.elements() == 1);
        // Constants of several types may share their bytes.
        let key = if matches!(key, Key::Constant(_)) { Key::Value(value) } else { key };
        *self.slot_of.entry(key).or_insert_with(|| {
            let bytes = storage.bytes;
            let own =
                bytes <= MOST_BYTES || matches!(storage.placement, Placement::Arena | Placement::Private);
            self.template.slots.push(Slot {
                placement: storage.placement,
                bytes,
                own,
                single,
                changed: false,
            });
            self.template.slots.len() - 1
        })
    }

    pub fn temporary(&mut self, bytes: usize) -> usize {
        self.template.slots.push(Slot {
            placement: Placement::Arena,
            bytes,
            own: true,
            single: false,
            changed: false,
        });
        self.template.slots.len() - 1
    }

    pub fn push(&mut self, step: Step) {
        self.template.slots[step.write].changed = true;
        self.template.steps.push(step);
    }

    fn copy(&mut self, from: usize, to: usize, groups: usize) -> Option<()> {
        if !self.template.slots[from].own || !self.template.slots[to].own || groups > MOST_BYTES / GROUP_BYTES
        {
            return None;
        }
        if groups > FEW_GROUPS {
            self.with_detail(Code::Copy, Detail::Copy(groups), &[from], to, 2.0);
            return Some(());
        }
        // A cast to the same changes nothing, and several can be joined.
        let place = |slot, group| Place { slot, offset: group * GROUP_BYTES };
        let places = |group| [place(from, group), place(from, group), place(from, group), place(to, group)];
        let groups = (0..groups).map(places).collect();
        let (code, reads) = (Code::Cast, vec![from]);
        self.push(Step { code, groups, detail: None, node: None, reads, write: to, latency: 2.0 });
        Some(())
    }

    /// Puts a single number that was written once into all places of its group.
    fn broadcast_single(&mut self, slot: usize) {
        if self.template.slots[slot].single {
            let place = Place { slot, offset: 0 };
            let groups = vec![[place; 4]];
            self.push(Step {
                code: Code::Splat,
                groups,
                detail: None,
                node: None,
                reads: vec![slot],
                write: slot,
                latency: 3.0,
            });
        }
    }

    /// Up to three operands, each from its start on, and something to know.
    pub fn with_detail(&mut self, code: Code, detail: Detail, reads: &[usize], write: usize, latency: f64) {
        let start = |slot| Place { slot, offset: 0 };
        let mut group = [start(write); 4];
        group.iter_mut().zip(reads).for_each(|(place, &slot)| *place = start(slot));
        self.template.details.push(detail);
        let detail = Some(self.template.details.len() - 1);
        self.push(Step {
            code,
            groups: vec![group],
            detail,
            node: None,
            reads: reads.to_vec(),
            write,
            latency,
        });
    }

    /// A product whose sums are taken in order.
    fn product(&mut self, spec: &MatmulSpec, sums: SumOrder, a: usize, b: usize, out: usize) -> Option<()> {
        let MatmulSpec { m, n, k, .. } = *spec;
        let slots = &self.template.slots;
        let in_place = [a, b, out].iter().all(|&slot| slots[slot].own);
        // A row that runs over its end needs room, which only the arena has.
        let room = n == 1 || n.is_multiple_of(GROUP) || slots[out].placement == Placement::Arena;
        let types = (spec.a, spec.b, spec.out) == (Dtype::F32, Dtype::F32, Dtype::F32);
        if !types || !in_place || !room || m * n * k > MOST_PRODUCTS || m * n * k == 0 {
            return None;
        }
        let fused = sums == SumOrder::Fused;
        // With one row or one column, lying and standing are the same.
        let a_transposed = spec.transpose_a && m > 1 && k > 1;
        let mut b = b;
        if spec.transpose_b && n > 1 && k > 1 {
            let transposed = self.temporary(k * n * 4);
            let table = (0..k * n).map(|i| (i % n * k + i / n) as u32).collect();
            self.with_detail(
                Code::Gather,
                Detail::Gather(table),
                &[b],
                transposed,
                4.0 + (k * n) as f64 / 4.0,
            );
            b = transposed;
        }
        let latency = 4.0 + 3.0 * k as f64;
        if n == 1 && a_transposed {
            // The column lies down.
            let shape = Product { m: 1, n: m, k, a_row: k, a_inner: 1, fused };
            let room = m.is_multiple_of(GROUP) || self.template.slots[out].placement == Placement::Arena;
            if room {
                self.with_detail(Code::Product, Detail::Product(shape), &[b, a], out, latency);
                return Some(());
            }
        }
        let (a_row, a_inner) = if a_transposed { (1, m) } else { (k, 1) };
        let shape = Product { m, n, k, a_row, a_inner, fused };
        let code = if n == 1 { Code::Dot } else { Code::Product };
        self.with_detail(code, Detail::Product(shape), &[a, b], out, latency);
        Some(())
    }
}
