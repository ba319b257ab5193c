//! What the nodes of matrix products do. See `matmul`.

use crate::ir::graph::{Action, Work};
use crate::ir::stages::Stages;
use crate::kernels::index::BadIndex;
use crate::kernels::map::MapKernel;
use crate::kernels::matmul::{self, MatmulPlan, MatmulSpec, Product, Sink, Split};

/// Reads a, b, the epilogue's operands, and what the kernel reads besides. With a split of the sums it writes
/// partial sums, except in a batch, where each product is finished by one thread.
#[derive(Debug)]
pub(crate) struct MatmulAction {
    pub plan: MatmulPlan,
    pub(super) epilogue: Option<MapKernel>,
    pub batch: Option<usize>,
    pub(super) has_aside: bool,
}

impl Action for MatmulAction {
    fn describe(&self) -> String {
        let cut = match self.plan.split {
            Split::Rows(_) => "rows",
            Split::Columns(_) => "columns",
            Split::Inner(_) => "sums",
        };
        let MatmulSpec { m, n, k, .. } = self.plan.spec;
        let zeros = if self.has_aside { ", without zeros if that pays" } else { "" };
        format!("matmul {m}x{k}x{n} by {cut}{zeros}")
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        // SAFETY: handed on.
        unsafe {
            match self.batch {
                None => self.run_parts(work),
                Some(_) => work.range.clone().for_each(|item| self.run_item(work, item)),
            }
        }
        Ok(())
    }

    fn units(&self) -> usize {
        self.batch.unwrap_or(1)
    }

    /// In a batch of products, the partial sums are private too.
    fn scratch_bytes(&self) -> usize {
        self.shared_at()
            + self.plan.shared_bytes.next_multiple_of(64)
            + self.epilogue.as_ref().map_or(0, |kernel| kernel.scratch_bytes)
    }

    fn may_overwrite(&self, read: usize) -> bool {
        self.epilogue.as_ref().is_some_and(|kernel| read >= 2 && kernel.reads_in_place(read - 1))
    }

    fn handed_on(&self) -> Option<usize> {
        let alone = self.batch.is_none() && !matches!(self.plan.split, Split::Inner(_));
        alone.then_some(self.plan.spec.m * self.plan.spec.n)
    }

    fn can_stream(&self) -> bool {
        self.epilogue.is_none()
    }

    fn takes_long(&self) -> bool {
        true
    }

    fn table_operand(&self) -> Option<usize> {
        self.plan.kernel.table_operand()
    }

    fn read_table(&mut self) {
        self.plan.in_place = true;
    }

    fn kept_bytes(&self, is_fixed: &dyn Fn(usize) -> bool) -> usize {
        if self.batch.is_none() && is_fixed(1) { self.plan.kernel.kept_bytes(&self.plan) } else { 0 }
    }

    unsafe fn keep(&self, work: &Work) {
        // SAFETY: handed on.
        unsafe { self.plan.kernel.keep(&self.plan, work.inputs[1], work.kept) };
    }
}

impl MatmulAction {
    /// Where partial sums of a batch begin in the scratch memory.
    fn shared_at(&self) -> usize {
        self.plan.scratch_bytes.next_multiple_of(64)
    }

    /// What takes the sums on while they are in cache; its scratch memory is `scratch`.
    unsafe fn stages<'a>(
        &'a self,
        work: &Work<'a>,
        inputs: &[*mut u8],
        scratch: *mut u8,
    ) -> Option<Stages<'a>> {
        let spec = &self.plan.spec;
        let epilogue = self.epilogue.as_ref().map(|kernel| (kernel, &inputs[1..]));
        // SAFETY: the plan's scratch memory has room for all of them.
        unsafe { Stages::behind_sums(work, epilogue, scratch, spec.n, spec.out.size()) }
    }

    /// Parts of a product of two axes; partial sums go straight to the result.
    unsafe fn run_parts(&self, work: &Work) {
        // What the kernel reads besides stands behind the operands of the epilogue.
        let (inputs, aside) = match work.inputs.split_last() {
            Some((aside, inputs)) if self.has_aside => (inputs, aside.cast_const()),
            _ => (work.inputs, std::ptr::null()),
        };
        let (a, b, out, scratch) = (inputs[0], inputs[1], work.out, work.scratch);
        let (shared, kept) = (std::ptr::null_mut(), work.kept.cast_const());
        let mut product = Product { a, b, aside, out, shared, scratch, kept, sink: None };
        let parts = work.parts.clone();
        // SAFETY: handed on.
        unsafe {
            if matches!(self.plan.split, Split::Inner(_)) {
                (product.out, product.shared) = (std::ptr::null_mut(), out);
                return matmul::run_parts(&self.plan, parts, product);
            }
            let mut stages = self.stages(work, inputs, scratch.wrapping_add(self.shared_at()));
            product.sink = stages.as_mut().map(|sink| sink as &mut dyn Sink);
            matmul::run_parts(&self.plan, parts, product);
        }
    }

    /// One whole product of a batch; partial sums stay in the scratch memory.
    unsafe fn run_item(&self, work: &Work, item: usize) {
        let spec = self.plan.spec;
        let a_bytes = spec.m * spec.k * spec.a.size();
        let b_bytes = spec.k * spec.n * spec.b.size();
        let aside = self.shared_at() + self.plan.shared_bytes.next_multiple_of(64);
        // SAFETY: item `item` lies within the arrays; the scratch memory has room for all three.
        unsafe {
            let (a, b) = (work.inputs[0].add(item * a_bytes), work.inputs[1].add(item * b_bytes));
            let (scratch, shared) = (work.scratch, work.scratch.add(self.shared_at()));
            let out = match self.epilogue {
                None => work.out.add(item * spec.m * spec.n * spec.out.size()),
                Some(_) => work.out,
            };
            let mut stages = self.stages(work, work.inputs, scratch.wrapping_add(aside));
            if let Some(stages) = &mut stages {
                stages.first = item * spec.m * spec.n;
            }
            let parts = 0..self.plan.split.partition().parts();
            let sink = stages.as_mut().map(|sink| sink as &mut dyn Sink);
            let (aside, kept) = (std::ptr::null(), std::ptr::null());
            let product = Product { a, b, aside, out, shared, scratch, kept, sink };
            matmul::run_parts(&self.plan, parts, product);
            if matches!(self.plan.split, Split::Inner(_)) {
                let sink = stages.as_mut().map(|sink| sink as &mut dyn Sink);
                matmul::combine(&self.plan, 0..spec.m, shared, out, sink);
            }
        }
    }
}

/// The epilogue of a product: operand 0 of the expression is the product, the others are whole arrays.
///
/// # Safety
/// The scratch memory has room for the expression.
unsafe fn behind<'a>(
    plan: &MatmulPlan,
    kernel: &'a MapKernel,
    operands: &[*mut u8],
    out: *mut u8,
    scratch: *mut u8,
) -> Stages<'a> {
    let mut stages = Stages::behind_product(scratch, plan.spec.n, plan.spec.out.size(), std::ptr::null_mut());
    // SAFETY: handed on.
    unsafe { stages.push(kernel, operands, 1, out) };
    stages
}

/// Reads partial sums and the epilogue's operands.
#[derive(Debug)]
pub(super) struct Combine {
    pub plan: MatmulPlan,
    pub epilogue: Option<MapKernel>,
}

impl Action for Combine {
    fn describe(&self) -> String {
        "add partial sums".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let Work { range, inputs, out, scratch, .. } = work;
        // SAFETY: the arrays and the range are those of the plan.
        unsafe {
            let kernel = self.epilogue.as_ref();
            let mut stages = kernel.map(|kernel| behind(&self.plan, kernel, inputs, *out, *scratch));
            let sink = stages.as_mut().map(|sink| sink as &mut dyn Sink);
            matmul::combine(&self.plan, range.clone(), inputs[0], *out, sink);
        }
        Ok(())
    }

    fn units(&self) -> usize {
        self.plan.spec.m
    }

    fn scratch_bytes(&self) -> usize {
        self.epilogue.as_ref().map_or(0, |kernel| kernel.scratch_bytes)
    }

    fn may_overwrite(&self, read: usize) -> bool {
        self.epilogue.as_ref().is_some_and(|kernel| read >= 1 && kernel.reads_in_place(read))
    }
}
