//! Matrix products, alone or in batches, with an expression over the result.

use serde::{Deserialize, Serialize};

use super::elementwise::{check_code, kernel, map_cost};
use super::product::{Combine, MatmulAction};
use super::{Entry, Operation};
use crate::ir::check::{expect, expect_broadcast};
use crate::ir::graph::{Access, Placement, Touch};
use crate::ir::planner::{Cut, Planned, Planner, WORTH_CUTTING, blocks};
use crate::ir::program::{Dtype, MapStep, ValueId};
use crate::ir::types::{Type, describe_type, dtype_name};
use crate::kernels::map::MapKernel;
use crate::kernels::matmul::{self, MatmulPlan, MatmulSpec, Split};
use crate::partition::Partition;
use crate::specialized::products;

pub(super) const FAMILY: &[Entry] = &[Entry::of::<Matmul>()];

/// `a @ b` for `f32` or `f64`; two axes, or three with equal batches.
/// With an `f32` result either operand may be `u8`, read as exact floats.
/// Inputs after the first two belong to the epilogue: register 0 is the
/// product, registers 1.. are those inputs (broadcast); no steps: the product itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Matmul {
    /// Use the transpose of the last two axes of `a`.
    pub transpose_a: bool,
    /// Use the transpose of the last two axes of `b`.
    pub transpose_b: bool,
    /// Applied to the product while it is still in cache.
    #[serde(default)]
    pub epilogue: Vec<MapStep>,
    /// Two axes only: a row of the result has the same bits however many rows there are.
    #[serde(default)]
    pub steady_rows: bool,
}

impl Operation for Matmul {
    const NAME: &'static str = "matmul";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        let [a, b, rest @ ..] = inputs else {
            return Err(format!("takes at least 2 inputs, got {}", inputs.len()));
        };
        let (a, b) = (*a, *b);
        let axes = a.shape.len();
        if !matches!(axes, 2 | 3) || b.shape.len() != axes || a.shape[..axes - 2] != b.shape[..axes - 2] {
            let (a, b) = (describe_type(a), describe_type(b));
            return Err(format!(
                "needs operands of two axes, or of three with equal batches, got {a} and {b}"
            ));
        }
        let pair = |value: Type, transposed: bool| {
            let [.., rows, columns] = value.shape else { unreachable!("two axes were checked above") };
            if transposed { (*columns, *rows) } else { (*rows, *columns) }
        };
        let ((rows, inner), (inner_b, columns)) = (pair(a, self.transpose_a), pair(b, self.transpose_b));
        if inner != inner_b {
            let (a, b) = (describe_type(a), describe_type(b));
            return Err(format!("the inner lengths {inner} and {inner_b} of {a} and {b} differ"));
        }
        let product = product_dtype(a.dtype, b.dtype).ok_or_else(|| {
            let (a, b) = (dtype_name(a.dtype), dtype_name(b.dtype));
            format!("needs f32 (or u8) operands, or two of f64, got {a} and {b}")
        })?;
        let mut shape = a.shape[..axes - 2].to_vec();
        shape.extend([rows, columns]);
        if self.epilogue.is_empty() && !rest.is_empty() {
            return Err(format!("has {} inputs for an epilogue, but no epilogue", rest.len()));
        }
        expect_broadcast(rest, &shape)?;
        let mut dtypes = vec![product];
        dtypes.extend(rest.iter().map(|input| input.dtype));
        expect(result, check_code(&self.epilogue, &dtypes)?, &shape)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let spec = self.spec(planner, inputs, value);
        let out = planner.types[value];
        let (a, b) = (inputs[0], inputs[1]);
        let single = out.shape.len() == 2;
        let columns = planner.cuts[b].filter(|cut| single && !self.transpose_b && cut.axis == 1);
        let columns = columns.map(|cut| cut.partition);
        let mut plan = match planner.rows {
            // In a loop, threads have rows, or the whole product.
            Some(_) => {
                let rows = planner.row_cut_of(a).filter(|_| single && !self.transpose_a);
                let partition = rows.map_or(Partition::whole(spec.m), |cut| cut.partition);
                matmul::plan_by_rows(&spec, planner.level, partition, self.steady_rows && single)
            }
            None if self.steady_rows && single => matmul::plan_steady(&spec, planner.level, columns),
            None => matmul::plan(&spec, planner.level, columns, &products::kernels()),
        };
        let aside = single.then(|| products::read_left_specially(planner, &mut plan, a)).flatten();
        let batch = if single { 1 } else { out.shape[0] };
        let epilogue_cost = if self.epilogue.is_empty() { 0.0 } else { map_cost(&self.epilogue, out) };
        let cost = batch as f64 * spec.cost() + epilogue_cost;
        let epilogue = self.epilogue_kernel(planner, spec.out, &inputs[2..], out.shape)?;
        let product = Planning { inputs, value, plan, epilogue, cost, aside };
        match product.plan.split {
            _ if !single => product.batched(planner),
            Split::Inner(partition) => product.by_sums(planner, partition),
            Split::Rows(partition) | Split::Columns(partition) => product.by_blocks(planner, partition),
        }
        Ok(())
    }
}

/// The element type of the product of two operands.
fn product_dtype(a: Dtype, b: Dtype) -> Option<Dtype> {
    let narrow = |dtype| matches!(dtype, Dtype::F32 | Dtype::U8);
    match (a, b) {
        (Dtype::F64, Dtype::F64) => Some(Dtype::F64),
        (a, b) if narrow(a) && narrow(b) => Some(Dtype::F32),
        _ => None,
    }
}

impl Matmul {
    fn spec(&self, planner: &Planner, inputs: &[ValueId], value: ValueId) -> MatmulSpec {
        let (a, b, out) = (planner.types[inputs[0]], planner.types[inputs[1]], planner.types[value]);
        let rank = out.shape.len();
        MatmulSpec {
            m: out.shape[rank - 2],
            n: out.shape[rank - 1],
            k: a.shape[if self.transpose_a { rank - 2 } else { rank - 1 }],
            transpose_a: self.transpose_a,
            transpose_b: self.transpose_b,
            a: a.dtype,
            b: b.dtype,
            out: if a.dtype == Dtype::F64 { Dtype::F64 } else { Dtype::F32 },
        }
    }

    fn epilogue_kernel(
        &self,
        planner: &Planner,
        product: Dtype,
        others: &[ValueId],
        shape: &[usize],
    ) -> Result<Option<MapKernel>, String> {
        if self.epilogue.is_empty() {
            return Ok(None);
        }
        let mut operands = vec![(product, shape)];
        operands.extend(others.iter().map(|&id| (planner.types[id].dtype, planner.types[id].shape)));
        kernel(&self.epilogue, &operands, shape, planner.level).map(Some)
    }
}

/// A product whose nodes are yet to be added.
struct Planning<'a> {
    inputs: &'a [ValueId],
    value: ValueId,
    plan: MatmulPlan,
    epilogue: Option<MapKernel>,
    cost: f64,
    /// What the kernel reads besides the operands.
    aside: Option<Access>,
}

impl Planning<'_> {
    /// Parts own rows or columns of the result.
    fn by_blocks(self, planner: &mut Planner, partition: Partition) {
        let MatmulSpec { transpose_a, transpose_b, .. } = self.plan.spec;
        let by_rows = matches!(self.plan.split, Split::Rows(_));
        let cut = Cut { axis: usize::from(!by_rows), partition };
        // Rows of the product are rows of `a`, columns are columns of `b`.
        let a_cut = by_rows.then_some(Cut { axis: usize::from(transpose_a), partition });
        let b_cut = (!by_rows).then_some(Cut { axis: usize::from(!transpose_b), partition });
        let mut reads = vec![planner.access(self.inputs[0], a_cut), planner.access(self.inputs[1], b_cut)];
        let shape = planner.types[self.value].shape;
        reads.extend(self.inputs[2..].iter().map(|&id| planner.operand(id, shape, Some(cut))));
        reads.extend(self.aside);
        let has_aside = self.aside.is_some();
        let action = MatmulAction { plan: self.plan, epilogue: self.epilogue, batch: None, has_aside };
        planner.add(self.value, Planned::new(action, Some(cut), reads, self.cost));
    }

    /// Parts own a stretch of the sums: a second node adds the partial sums up.
    fn by_sums(self, planner: &mut Planner, partition: Partition) {
        let MatmulSpec { m, transpose_a, transpose_b, .. } = self.plan.spec;
        let parts = partition.parts();
        let shared = planner.new_value(Placement::Arena, self.plan.shared_bytes);
        let along = |axis| Some(Cut { axis, partition });
        let (a_cut, b_cut) = (along(usize::from(!transpose_a)), along(usize::from(transpose_b)));
        let touch = blocks(parts, self.plan.shared_bytes / parts);
        let mut reads = vec![planner.access(self.inputs[0], a_cut), planner.access(self.inputs[1], b_cut)];
        reads.extend(self.aside);
        let partial = Access { value: shared, touch };
        let has_aside = self.aside.is_some();
        let action = MatmulAction { plan: self.plan.clone(), epilogue: None, batch: None, has_aside };
        planner.push(Box::new(action), (parts > 1).then_some(partition), partial, reads, self.cost);

        let rows = if parts > 1 { Partition::new(m, 4) } else { Partition::whole(m) };
        let cut = Some(Cut { axis: 0, partition: rows });
        let result = planner.types[self.value];
        let mut reads = vec![Access { value: shared, touch: Touch::All }];
        reads.extend(self.inputs[2..].iter().map(|&id| planner.operand(id, result.shape, cut)));
        let cost = (parts * result.elements()) as f64 * 0.1;
        let action = Combine { plan: self.plan, epilogue: self.epilogue };
        planner.add(self.value, Planned::new(action, cut, reads, cost));
    }

    /// Products of three axes: threads share the batch.
    fn batched(self, planner: &mut Planner) {
        let shape = planner.types[self.value].shape;
        let batch = shape[0];
        let result = planner.types[self.value];
        let cut = match planner.rows {
            Some(_) => planner.loop_cut(result),
            None => (self.cost > WORTH_CUTTING && batch > 1)
                .then(|| Cut { axis: 0, partition: Partition::worth(batch, 1, self.cost) }),
        };
        let mut reads: Vec<Access> = self.inputs[..2].iter().map(|&id| planner.access(id, cut)).collect();
        reads.extend(self.inputs[2..].iter().map(|&id| planner.operand(id, shape, cut)));
        let (plan, epilogue) = (self.plan, self.epilogue);
        let action = MatmulAction { plan, epilogue, batch: Some(batch), has_aside: false };
        planner.add(self.value, Planned::new(action, cut, reads, self.cost));
    }
}
