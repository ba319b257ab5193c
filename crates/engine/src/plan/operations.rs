//! The nodes of each operation, and how their work is cut.
//!
//! A node takes over the cut of what it reads, where the operation allows it:
//! then each thread goes on with the part that it has just computed, and no
//! meeting is needed. Otherwise work is cut only if it is worth two barriers.

use super::{Access, Action, Node, Placement, Touch};
use crate::ir::program::{Dtype, Instruction, MapOp, MapStep, Op, RandomKind, ReduceKind, ValueId};
use crate::ir::verify::Type;
use crate::kernels::map::MapKernel;
use crate::kernels::matmul::{self, MatmulPlan, MatmulSpec, Split};
use crate::kernels::movement::{CumsumShape, GatherShape, Strided};
use crate::kernels::random::Draw;
use crate::kernels::reduce;
use crate::partition::Partition;
use crate::plan::fusion::FusionGroup;
use crate::plan::lower::{Cut, Lowering, WORTH_CUTTING, around};

/// A node with its reads and its cut; what all operations have in common is added later.
struct Work {
    action: Action,
    cut: Option<Cut>,
    reads: Vec<Access>,
    cost: f64,
}

impl Lowering<'_> {
    /// Adds the nodes of an instruction.
    pub(crate) fn lower_operation(&mut self, number: usize) -> Result<(), String> {
        let program = self.program;
        let instruction = &program.instructions[number];
        let value = self.first_computed() + number;
        let work = match &instruction.op {
            Op::Map { code } => self.map(code, instruction, value)?,
            Op::Matmul { transpose_a, transpose_b, epilogue } => {
                return self.matmul(instruction, value, *transpose_a, *transpose_b, epilogue);
            }
            Op::Reduce { kind, axes } => self.reduce(instruction, value, *kind, axes)?,
            Op::ArgReduce { axis, largest } => self.arg_reduce(instruction, *axis, *largest)?,
            Op::Softmax => self.softmax(instruction, false),
            Op::LogSoftmax => self.softmax(instruction, true),
            Op::Pick => self.pick(instruction),
            Op::Broadcast | Op::Transpose { .. } | Op::Slice { .. } => self.strided(instruction, value),
            Op::Gather { axis } => self.gather(instruction, value, *axis),
            Op::Sort { descending } => self.sort(instruction, *descending, false),
            Op::Argsort { descending } => self.sort(instruction, *descending, true),
            Op::Random { .. } => self.random(instruction, value),
            Op::Pad { .. } | Op::Concat { .. } | Op::ScatterAdd | Op::Cumsum { .. } => {
                self.uncut(instruction, value)
            }
            Op::Reshape => return Err("a reshape is not computed".to_string()),
        };
        self.add(value, work);
        Ok(())
    }

    fn add(&mut self, value: ValueId, work: Work) {
        let cut = work.cut.filter(|cut| cut.partition.parts() > 1);
        self.cuts[value] = cut;
        let write = self.access(value, cut);
        self.push(work.action, cut.map(|cut| cut.partition), write, work.reads, work.cost);
    }

    pub(crate) fn push(
        &mut self,
        action: Action,
        partition: Option<Partition>,
        write: Access,
        reads: Vec<Access>,
        cost: f64,
    ) {
        // A whole node is one part over everything that its action counts in.
        let units = match &action {
            Action::Map { len, .. } | Action::Copy { len, .. } => *len,
            Action::Combine { plan, .. } => plan.spec.m,
            Action::Pick { rows, .. } => *rows,
            Action::Matmul { batch, .. } => batch.unwrap_or(1),
            _ => 1,
        };
        self.graph.nodes.push(Node {
            instruction: None,
            action,
            partition: partition.unwrap_or(Partition::whole(units)),
            write: Some(write),
            reads,
            cost: cost + 20.0,
            barrier: false,
            group: FusionGroup::default(),
            everywhere: false,
        });
    }

    /// Along the first axis, if there is enough work and the axis is long enough.
    fn cut_rows(&self, value: Type, cost: f64) -> Option<Cut> {
        let rows = *value.shape.first()?;
        let granule = if value.shape.len() == 1 { 16 } else { 4 };
        (cost > WORTH_CUTTING && rows >= 4 * granule)
            .then(|| Cut { axis: 0, partition: Partition::new(rows, granule) })
    }

    /// The cut of a value along its first axis, if it has one.
    fn row_cut_of(&self, value: ValueId) -> Option<Cut> {
        self.cuts[value].filter(|cut| cut.axis == 0)
    }

    fn map(&mut self, code: &[MapStep], instruction: &Instruction, value: ValueId) -> Result<Work, String> {
        let shape = self.types[value].shape;
        let operands: Vec<(Dtype, &[usize])> =
            instruction.inputs.iter().map(|&id| (self.types[id].dtype, self.types[id].shape)).collect();
        let kernel = MapKernel::new(code, &operands, shape, self.level)?;
        let cost = map_cost(code, self.types[value]);
        let cut = self.inherited_cut(&instruction.inputs, shape).or_else(|| {
            let last = shape.len().checked_sub(1)?;
            self.cut_rows(self.types[value], cost).or_else(|| {
                (cost > WORTH_CUTTING && shape[last] >= 64)
                    .then(|| Cut { axis: last, partition: Partition::new(shape[last], 16) })
            })
        });
        let (outer, len, inner) = match cut {
            Some(cut) => around(shape, cut.axis),
            None => (1, self.types[value].elements(), 1),
        };
        let reads = instruction.inputs.iter().map(|&id| self.operand(id, shape, cut)).collect();
        Ok(Work { action: Action::Map { kernel, outer, len, inner }, cut, reads, cost })
    }

    /// The cut of the first operand that has one which means something in the
    /// result; operands of the result's shape are asked first.
    fn inherited_cut(&self, operands: &[ValueId], shape: &[usize]) -> Option<Cut> {
        let aligned = |&id: &ValueId| {
            let cut = self.cuts[id]?;
            let own = self.types[id].shape;
            let axis = cut.axis + shape.len() - own.len();
            (own[cut.axis] == shape[axis]).then_some(Cut { axis, ..cut })
        };
        let (alike, others): (Vec<&ValueId>, Vec<&ValueId>) =
            operands.iter().partition(|&&id| self.types[id].shape == shape);
        alike.into_iter().chain(others).find_map(aligned)
    }

    /// What the parts of an elementwise node read of an operand.
    fn operand(&self, id: ValueId, shape: &[usize], cut: Option<Cut>) -> Access {
        let own_shape = self.types[id].shape;
        let missing = shape.len() - own_shape.len();
        let own_cut = cut
            .filter(|cut| cut.axis >= missing && own_shape[cut.axis - missing] == shape[cut.axis])
            .map(|cut| Cut { axis: cut.axis - missing, ..cut });
        self.access(id, own_cut)
    }

    fn matmul(
        &mut self,
        instruction: &Instruction,
        value: ValueId,
        transpose_a: bool,
        transpose_b: bool,
        epilogue: &[MapStep],
    ) -> Result<(), String> {
        let (a, b) = (instruction.inputs[0], instruction.inputs[1]);
        let (a_type, b_type, out) = (self.types[a], self.types[b], self.types[value]);
        let rank = out.shape.len();
        let (m, n) = (out.shape[rank - 2], out.shape[rank - 1]);
        let k = a_type.shape[if transpose_a { rank - 2 } else { rank - 1 }];
        let batch = if rank == 3 { out.shape[0] } else { 1 };
        let product = if a_type.dtype == Dtype::F64 { Dtype::F64 } else { Dtype::F32 };
        let (a_dtype, b_dtype) = (a_type.dtype, b_type.dtype);
        let spec = MatmulSpec { m, n, k, transpose_a, transpose_b, a: a_dtype, b: b_dtype, out: product };
        let columns = self.cuts[b].filter(|cut| rank == 2 && !transpose_b && cut.axis == 1);
        let mut plan = matmul::plan(&spec, self.level, columns.map(|cut| cut.partition));
        let marks = match rank {
            2 => self.skip_zeros(&mut plan, a, b).or_else(|| self.read_lists(&mut plan, a)),
            _ => None,
        };
        let cost = batch as f64 * (2.0 * (m * n * k) as f64 / 60.0)
            + if epilogue.is_empty() { 0.0 } else { map_cost(epilogue, out) };
        let kernel = self.epilogue(epilogue, product, &instruction.inputs[2..], out.shape)?;
        if rank == 3 {
            let work = self.batched(instruction, plan, kernel, batch, cost);
            self.add(value, work);
            return Ok(());
        }
        let action = |plan, epilogue| Action::Matmul { plan, epilogue, batch: None };
        match plan.split {
            Split::Inner(_) => {
                self.matmul_inner(instruction, value, plan, kernel, cost, marks);
            }
            Split::Rows(partition) | Split::Columns(partition) => {
                let by_rows = matches!(plan.split, Split::Rows(_));
                let cut = Cut { axis: usize::from(!by_rows), partition };
                // Rows of the product are rows of `a`, columns are columns of `b`.
                let a_cut = by_rows.then_some(Cut { axis: usize::from(transpose_a), partition });
                let b_cut = (!by_rows).then_some(Cut { axis: usize::from(!transpose_b), partition });
                let mut reads = vec![self.access(a, a_cut), self.access(b, b_cut)];
                let others = &instruction.inputs[2..];
                reads.extend(others.iter().map(|&id| self.operand(id, out.shape, Some(cut))));
                reads.extend(marks);
                self.add(value, Work { action: action(plan, kernel), cut: Some(cut), reads, cost });
            }
        }
        Ok(())
    }

    fn epilogue(
        &self,
        code: &[MapStep],
        product: Dtype,
        others: &[ValueId],
        shape: &[usize],
    ) -> Result<Option<MapKernel>, String> {
        if code.is_empty() {
            return Ok(None);
        }
        let mut operands = vec![(product, shape)];
        operands.extend(others.iter().map(|&id| (self.types[id].dtype, self.types[id].shape)));
        MapKernel::new(code, &operands, shape, self.level).map(Some)
    }

    /// Parts own a stretch of the sums: a second node adds the partial sums up.
    fn matmul_inner(
        &mut self,
        instruction: &Instruction,
        value: ValueId,
        plan: MatmulPlan,
        kernel: Option<MapKernel>,
        cost: f64,
        marks: Option<Access>,
    ) {
        let partition = *plan.split.partition();
        let MatmulSpec { m, transpose_a, transpose_b, .. } = plan.spec;
        let (a, b) = (instruction.inputs[0], instruction.inputs[1]);
        let parts = partition.parts();
        let shared = self.new_value(Placement::Arena, plan.shared_bytes);
        let along = |axis| Some(Cut { axis, partition });
        let (a_cut, b_cut) = (along(usize::from(!transpose_a)), along(usize::from(transpose_b)));
        let touch = blocks(parts, plan.shared_bytes / parts);
        let mut reads = vec![self.access(a, a_cut), self.access(b, b_cut)];
        reads.extend(marks);
        let partial = Access { value: shared, touch };
        let action = Action::Matmul { plan: plan.clone(), epilogue: None, batch: None };
        self.push(action, (parts > 1).then_some(partition), partial, reads, cost);

        let rows = if parts > 1 { Partition::new(m, 4) } else { Partition::whole(m) };
        let cut = Some(Cut { axis: 0, partition: rows });
        let mut reads = vec![Access { value: shared, touch: Touch::All }];
        let shape = self.types[value].shape;
        reads.extend(instruction.inputs[2..].iter().map(|&id| self.operand(id, shape, cut)));
        let cost = (parts * self.types[value].elements()) as f64 * 0.1;
        self.add(value, Work { action: Action::Combine { plan, epilogue: kernel }, cut, reads, cost });
    }

    /// Products of three axes: threads share the batch.
    fn batched(
        &self,
        instruction: &Instruction,
        plan: MatmulPlan,
        kernel: Option<MapKernel>,
        batch: usize,
        cost: f64,
    ) -> Work {
        let shape = &instruction.shape;
        let cut =
            (cost > WORTH_CUTTING && batch > 1).then(|| Cut { axis: 0, partition: Partition::new(batch, 1) });
        let mut reads: Vec<Access> = instruction.inputs[..2].iter().map(|&id| self.access(id, cut)).collect();
        reads.extend(instruction.inputs[2..].iter().map(|&id| self.operand(id, shape, cut)));
        Work { action: Action::Matmul { plan, epilogue: kernel, batch: Some(batch) }, cut, reads, cost }
    }

    fn reduce(
        &self,
        instruction: &Instruction,
        value: ValueId,
        kind: ReduceKind,
        axes: &[usize],
    ) -> Result<Work, String> {
        let x = instruction.inputs[0];
        let shape = self.types[x].shape;
        let plan = reduce::plan(kind, self.types[x].dtype, shape, axes)?;
        let cost = self.types[x].elements() as f64 * 0.1;
        let kept: Vec<usize> = (0..shape.len()).filter(|axis| !axes.contains(axis)).collect();
        let outputs = plan.outputs();
        // Results follow each other along the first kept axis; only a cut there, or
        // along the only kept axis, gives each part results that stand together.
        let x_cut = self.cuts[x].filter(|cut| kept.first() == Some(&cut.axis)).or_else(|| {
            let axis = *kept.first()?;
            let granule = if axis == 0 { 4 } else { 16 };
            (cost > WORTH_CUTTING && shape[axis] >= 4 * granule)
                .then(|| Cut { axis, partition: Partition::new(shape[axis], granule) })
        });
        let items = x_cut.map_or(outputs, |cut| outputs / shape[cut.axis].max(1));
        let out_axis = |cut: Cut| if self.types[value].shape.len() == shape.len() { cut.axis } else { 0 };
        Ok(Work {
            action: Action::Reduce { plan, items },
            cut: x_cut.map(|cut| Cut { axis: out_axis(cut), ..cut }),
            reads: vec![self.access(x, x_cut)],
            cost,
        })
    }

    fn arg_reduce(&self, instruction: &Instruction, axis: usize, largest: bool) -> Result<Work, String> {
        let x = instruction.inputs[0];
        let shape = self.types[x].shape;
        let plan = reduce::arg_plan(self.types[x].dtype, shape, axis, largest)?;
        let cost = self.types[x].elements() as f64 * 0.5;
        let cut =
            (axis > 0).then(|| self.row_cut_of(x).or_else(|| self.cut_rows(self.types[x], cost))).flatten();
        let items = cut.map_or(plan.outputs(), |_| plan.outputs() / shape[0].max(1));
        Ok(Work { action: Action::ArgReduce { plan, items }, cut, reads: vec![self.access(x, cut)], cost })
    }

    /// Operations along the last axis; rows go their own ways.
    fn row_work(&self, x: ValueId, cost_each: f64) -> (Option<Cut>, usize, usize, f64) {
        let shape = self.types[x].shape;
        let width = shape[shape.len() - 1];
        let rows: usize = shape[..shape.len() - 1].iter().product();
        let cost = self.types[x].elements() as f64 * cost_each;
        let cut = (shape.len() > 1)
            .then(|| self.row_cut_of(x).or_else(|| self.cut_rows(self.types[x], cost)))
            .flatten();
        let items = cut.map_or(rows, |_| rows / shape[0].max(1));
        (cut, width, items, cost)
    }

    fn softmax(&self, instruction: &Instruction, log: bool) -> Work {
        let x = instruction.inputs[0];
        let (cut, width, items, cost) = self.row_work(x, 1.2);
        let action = Action::Softmax { log, dtype: self.types[x].dtype, width, items };
        Work { action, cut, reads: vec![self.access(x, cut)], cost }
    }

    fn sort(&self, instruction: &Instruction, descending: bool, positions: bool) -> Work {
        let x = instruction.inputs[0];
        let (cut, width, items, cost) = self.row_work(x, 30.0);
        let dtype = self.types[x].dtype;
        let action = Action::Sort { dtype, width, items, descending, positions };
        Work { action, cut, reads: vec![self.access(x, cut)], cost }
    }

    fn pick(&self, instruction: &Instruction) -> Work {
        let (x, index) = (instruction.inputs[0], instruction.inputs[1]);
        let width = self.types[x].shape[1];
        let cost = self.types[index].elements() as f64 * 2.0;
        let cut = self.row_cut_of(x).or_else(|| self.cut_rows(self.types[index], cost));
        let (rows, size) = (self.types[index].elements(), self.types[x].dtype.size());
        let action = Action::Pick { rows, width, size, index: self.types[index].dtype };
        Work { action, cut, reads: vec![self.access(x, cut), self.access(index, cut)], cost }
    }

    fn strided(&self, instruction: &Instruction, value: ValueId) -> Work {
        let x = instruction.inputs[0];
        let (from, out) = (self.types[x], self.types[value]);
        let size = out.dtype.size();
        let view = match &instruction.op {
            Op::Transpose { perm } => Strided::transpose(from.shape, perm, size),
            Op::Slice { begin, strides } => Strided::slice(from.shape, out.shape, begin, strides, size),
            _ => Strided::broadcast(from.shape, out.shape, size),
        };
        let cost = out.elements() as f64;
        let cut = self.cut_rows(out, cost);
        let items = items_of(out, cut);
        Work { action: Action::Strided { view, items }, cut, reads: vec![self.access_all(x)], cost }
    }

    fn gather(&self, instruction: &Instruction, value: ValueId, axis: usize) -> Work {
        let (x, index) = (instruction.inputs[0], instruction.inputs[1]);
        let (outer, len, inner) = around(self.types[x].shape, axis);
        let out = self.types[value];
        let shape = GatherShape {
            outer,
            len,
            inner: inner * out.dtype.size(),
            count: self.types[index].elements(),
            index: self.types[index].dtype,
        };
        let cost = out.bytes() as f64 / 8.0 + shape.count as f64 * 5.0;
        let cut = (axis == 0 && !self.types[index].shape.is_empty())
            .then(|| self.row_cut_of(index).or_else(|| self.cut_rows(self.types[index], cost)))
            .flatten();
        let items = items_of(self.types[index], cut);
        let reads = vec![self.access_all(x), self.access(index, cut)];
        Work { action: Action::Gather { shape, items }, cut, reads, cost }
    }

    fn random(&self, instruction: &Instruction, value: ValueId) -> Work {
        let Op::Random { kind, seed, stream, low, span } = instruction.op else {
            unreachable!("called for random instructions only")
        };
        let out = self.types[value];
        let cost = out.elements() as f64 * if kind == RandomKind::Normal { 20.0 } else { 4.0 };
        let cut = self.cut_rows(out, cost);
        let draw = Draw { kind, dtype: out.dtype, seed, stream, low, span };
        let reads = vec![self.access_all(instruction.inputs[0])];
        Work { action: Action::Random { draw, items: items_of(out, cut) }, cut, reads, cost }
    }

    /// Operations that one thread does.
    fn uncut(&self, instruction: &Instruction, value: ValueId) -> Work {
        let inputs: Vec<Type> = instruction.inputs.iter().map(|&id| self.types[id]).collect();
        let out = self.types[value];
        let size = out.dtype.size();
        let action = match &instruction.op {
            Op::Pad { before } => Action::Pad {
                from: inputs[0].shape.to_vec(),
                before: before.clone(),
                shape: out.shape.to_vec(),
                size,
            },
            Op::Concat { axis } => {
                let (outer, _, inner) = around(out.shape, *axis);
                let blocks = inputs.iter().map(|input| input.shape[*axis] * inner * size).collect();
                Action::Concat { blocks, outer }
            }
            Op::Cumsum { axis, exclusive, reverse } => {
                let (outer, len, inner) = around(out.shape, *axis);
                let (exclusive, reverse) = (*exclusive, *reverse);
                Action::Cumsum {
                    shape: CumsumShape { dtype: out.dtype, outer, len, inner, exclusive, reverse },
                }
            }
            _ => Action::ScatterAdd {
                dtype: out.dtype,
                rows: out.shape[0],
                width: out.shape[1..].iter().product(),
                count: inputs[0].elements(),
                index: inputs[0].dtype,
            },
        };
        let reads = instruction.inputs.iter().map(|&id| self.access_all(id)).collect();
        Work { action, cut: None, reads, cost: out.elements() as f64 * 0.5 }
    }
}

/// Each part has a block of its own.
pub(crate) fn blocks(parts: usize, inner: usize) -> Touch {
    match parts {
        1 => Touch::All,
        _ => Touch::Own { outer: 1, len: parts, inner, partition: Partition::new(parts, 1) },
    }
}

/// Elements of a value for each item of its first axis; all of them if it is not cut.
fn items_of(value: Type, cut: Option<Cut>) -> usize {
    match cut {
        Some(_) => value.shape[1..].iter().product(),
        None => value.elements(),
    }
}

/// Rough time of an expression, in nanoseconds.
fn map_cost(code: &[MapStep], result: Type) -> f64 {
    let weight = |step: &MapStep| match step.op {
        MapOp::Tan | MapOp::Pow | MapOp::Erf | MapOp::Sin | MapOp::Cos | MapOp::Mod | MapOp::FloorDiv => 5.0,
        MapOp::Exp | MapOp::Log | MapOp::Log1p | MapOp::Expm1 => 0.5,
        MapOp::Tanh | MapOp::Sigmoid | MapOp::Softplus => 0.6,
        MapOp::Div | MapOp::Sqrt | MapOp::Rsqrt => 0.15,
        _ => 0.06,
    };
    code.iter().map(weight).sum::<f64>() * result.elements() as f64
}
