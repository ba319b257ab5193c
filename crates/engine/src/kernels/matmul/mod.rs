//! Matrix products: what is computed, how the work is cut, and where the sums go.
//!
//! `choose` decides everything from the shapes when a program is loaded. The order in
//! which sums are taken depends on the plan alone, never on the thread that
//! runs a part. `simple`, `double`, `dot` and `tile` are the kernels; others may stand in front of
//! them (see `specialized`).

use std::any::Any;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::ir::program::Dtype;
use crate::partition::Partition;
use crate::simd::Level;

mod choose;
pub(crate) mod combine;
pub(crate) mod dot;
mod double;
pub(crate) mod pack;
mod simple;
pub(crate) mod tile;
pub(crate) mod transposed;

pub use choose::{plan, plan_by_rows, plan_steady};
pub use combine::combine;

/// `out[m, n] = a[m, k] @ b[k, n]`; row-major, contiguous operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatmulSpec {
    /// Rows of the result.
    pub m: usize,
    /// Columns of the result.
    pub n: usize,
    /// Products in each sum.
    pub k: usize,
    /// `a` is stored as `[k, m]`.
    pub transpose_a: bool,
    /// `b` is stored as `[n, k]`.
    pub transpose_b: bool,
    /// `F32` or `U8` for an `F32` result, `F64` for `F64`.
    pub a: Dtype,
    /// As `a`.
    pub b: Dtype,
    /// `F32` or `F64`.
    pub out: Dtype,
}

impl MatmulSpec {
    /// Rough time on one thread, in nanoseconds.
    pub fn cost(&self) -> f64 {
        2.0 * (self.m * self.n * self.k) as f64 / 60.0
    }
}

/// The axis that is cut into parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Parts own rows of the result.
    Rows(Partition),
    /// Parts own columns of the result.
    Columns(Partition),
    /// Parts own a stretch of the sums, kept in `shared` until [`combine`].
    Inner(Partition),
}

impl Split {
    /// The partition, whichever axis it cuts.
    pub fn partition(&self) -> &Partition {
        match self {
            Split::Rows(partition) | Split::Columns(partition) | Split::Inner(partition) => partition,
        }
    }
}

/// How a kernel's work may be cut into parts.
#[derive(Clone, Copy, Debug)]
pub struct Cutting {
    /// Rows of the result that are computed together.
    pub granule: usize,
    /// Parts own a stretch of the sums.
    pub inner: bool,
    /// Parts may own columns of the result.
    pub columns: bool,
    /// Parts own the columns that they had of `b`.
    pub as_before: bool,
    /// Parts own columns of the weights rather than rows of the batch: what has to be laid out for each is
    /// then the smaller part.
    pub weights: bool,
}

/// A way to compute products.
pub trait ProductKernel: Any + fmt::Debug + Send + Sync {
    /// Whether it takes a product at a level.
    fn matches(&self, spec: &MatmulSpec, level: Level) -> bool;

    /// How its work may be cut.
    fn cutting(&self, spec: &MatmulSpec) -> Cutting;

    /// Decides the rest, once it is known how the work is cut: scratch memory above all.
    fn plan(&self, plan: &mut MatmulPlan);

    /// Computes parts that follow each other.
    ///
    /// # Safety
    /// As [`run_parts`].
    unsafe fn run(&self, plan: &MatmulPlan, parts: Range<usize>, product: Product);

    /// How the sums of `f32` are taken; `None` if in another order.
    fn sum_order(&self, _spec: &MatmulSpec) -> Option<SumOrder> {
        None
    }

    /// Bytes for a `b` that is laid out once for several products.
    fn kept_bytes(&self, _plan: &MatmulPlan) -> usize {
        0
    }

    /// Lays `b` out.
    ///
    /// # Safety
    /// `b` is the plan's operand, and `kept` has as many bytes, aligned to 64.
    unsafe fn keep(&self, _plan: &MatmulPlan, _b: *const u8, _kept: *mut u8) {}

    /// The operand that may be a table of pointers to rows.
    fn table_operand(&self) -> Option<usize> {
        None
    }
}

/// How a product is computed.
#[derive(Clone, Debug)]
pub struct MatmulPlan {
    /// What is computed.
    pub spec: MatmulSpec,
    /// How the work is cut.
    pub split: Split,
    /// Bytes for partial sums that all threads share; only for [`Split::Inner`].
    pub shared_bytes: usize,
    /// Bytes of scratch memory, aligned to 64, that each thread needs for itself.
    pub scratch_bytes: usize,
    /// The left operand is a table of pointers to its rows.
    pub in_place: bool,
    /// `b` is copied into panels first.
    pub pack: bool,
    /// The machine's level.
    pub level: Level,
    /// What computes it.
    pub kernel: Arc<dyn ProductKernel>,
}

impl MatmulPlan {
    /// The kernel, if it is of this kind.
    pub fn kernel_of<T: ProductKernel>(&self) -> Option<&T> {
        let kernel: &dyn Any = &*self.kernel;
        kernel.downcast_ref()
    }
}

/// How sums are taken that start at zero and go along the inner axis, one product at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumOrder {
    /// Products are rounded, and added.
    Plain,
    /// Products are added by `Vector::mul_add`.
    Fused,
}

/// What a product reads and writes.
pub struct Product<'a> {
    /// As the spec says.
    pub a: *const u8,
    /// As the spec says.
    pub b: *const u8,
    /// What a specialization has found out about `a`; null without one.
    pub aside: *const u8,
    /// The result; may be null with a sink.
    pub out: *mut u8,
    /// Partial sums; only for [`Split::Inner`].
    pub shared: *mut u8,
    /// Private memory.
    pub scratch: *mut u8,
    /// What [`ProductKernel::keep`] has made of `b`; null if it has not.
    pub kept: *const u8,
    /// Takes the sums instead of `out`.
    pub sink: Option<&'a mut dyn Sink>,
}

impl Product<'_> {
    /// The same, lent to a call.
    pub(crate) fn reborrow(&mut self) -> Product<'_> {
        let sink = self.sink.as_mut().map(|sink| &mut **sink as &mut dyn Sink);
        Product { sink, ..*self }
    }
}

/// Takes finished sums on, while they are in cache, instead of `out`.
pub trait Sink {
    /// `len` sums that follow each other in the row-major result, from
    /// `(row, column)` on. Where the result is not cut by columns a span may run
    /// over several whole rows: `column` is then 0 and `len` a multiple of `n`.
    ///
    /// # Safety
    /// `sums` points at `len` numbers of the result's type, good until the call returns.
    unsafe fn span(&mut self, row: usize, column: usize, len: usize, sums: *const u8);

    /// `f32` sums of `rows` rows from `row` on, in the columns `columns`: one row after the other.
    ///
    /// # Safety
    /// As `span`.
    unsafe fn block(&mut self, row: usize, rows: usize, columns: Range<usize>, sums: *const f32) {
        for position in 0..rows {
            // SAFETY: handed on.
            unsafe {
                let sums = sums.add(position * columns.len());
                self.span(row + position, columns.start, columns.len(), sums.cast());
            }
        }
    }
}

/// Weights of so many columns take longer to lay out than a batch.
pub(crate) const WIDE: usize = 256;
/// The widest result that the kernels for narrow ones take.
pub(crate) const NARROW: usize = 16;

/// The rows and columns of the result that some parts of `split` cover.
pub(crate) fn block(plan: &MatmulPlan, parts: Range<usize>) -> (Range<usize>, Range<usize>) {
    let joined =
        |partition: &Partition| partition.range(parts.start).start..partition.range(parts.end - 1).end;
    match &plan.split {
        Split::Rows(partition) => (joined(partition), 0..plan.spec.n),
        Split::Columns(partition) => (0..plan.spec.m, joined(partition)),
        Split::Inner(_) => (0..plan.spec.m, 0..plan.spec.n),
    }
}

/// Computes parts that follow each other. With [`Split::Inner`] it writes partial sums to
/// `shared` and leaves `out` and `sink` to [`combine`]; otherwise finished sums go to
/// `sink`, or to `out` if there is none.
///
/// # Safety
/// The operands and `out` are arrays as `plan.spec` says (`out` may be null with a
/// sink); `shared` and `scratch` have the plan's sizes and are aligned to 64
/// bytes; nobody else uses these parts of `out` and `shared`, or `scratch`.
pub unsafe fn run_parts(plan: &MatmulPlan, parts: Range<usize>, product: Product) {
    // SAFETY: handed on.
    unsafe { plan.kernel.run(plan, parts, product) }
}
