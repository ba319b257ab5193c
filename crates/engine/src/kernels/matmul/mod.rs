//! Matrix products: which kernel, how the work is cut, and where the sums go.
//!
//! Everything is decided from the shapes when a program is loaded. The order in
//! which sums are taken depends on the plan alone, never on the thread that
//! runs a part.

mod dot;
pub(crate) mod pack;
mod simple;
mod tile;

use crate::ir::program::Dtype;
use crate::kernels::prefetch::Prefetcher;
use crate::partition::{MAX_PARTS, Partition};
use crate::simd::Level;
#[cfg(target_arch = "x86_64")]
use crate::specialized::matrix_unit;
use crate::specialized::sparse_rows::list_products;
use crate::specialized::sparse_rows::lists::ListPlan;
use crate::specialized::sparse_rows::mark_products::{self, Skip, Zeros};
use std::ops::Range;

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

/// The kernel that a product runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Plain loops: 64-bit numbers, and products too small for anything else.
    Simple,
    /// Up to 16 columns: vectors run along `k`. See `dot`.
    Dot,
    /// Tiles of the result in registers. See `tile`.
    Tiles {
        /// Copy `b` into panels first.
        pack: bool,
    },
    /// A tall and narrow result is computed lying down, then transposed.
    Transposed,
    /// Bytes and numbers on a matrix unit. See `matrix_unit::wide`.
    #[cfg(target_arch = "x86_64")]
    Amx,
    /// The same for narrow results. See `matrix_unit::narrow`.
    #[cfg(target_arch = "x86_64")]
    AmxNarrow,
}

impl Form {
    /// Rows of the result that are computed together.
    fn granule(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Form::Amx => 16,
            _ => 4,
        }
    }

    /// Parts own a stretch of long sums, as long as the partial sums are few.
    fn sums_in_parts(self, spec: &MatmulSpec) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Form::AmxNarrow => !spec.transpose_a,
            _ => self == Form::Dot && spec.k >= INNER_FROM && spec.m <= INNER_MAX_ROWS,
        }
    }

    /// Columns can be cut as they have been cut before.
    fn takes_columns(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Form::AmxNarrow => true,
            _ => matches!(self, Form::Tiles { .. }),
        }
    }

    /// Threads share the weights rather than the rows: what each has to lay out is then the smaller part.
    fn shares_weights(self, spec: &MatmulSpec) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Form::Amx => !spec.transpose_a && spec.n >= WIDE,
            _ => false,
        }
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
    /// Bytes of private scratch, aligned to 64, for each thread.
    pub scratch_bytes: usize,
    /// Leave out the zeros of one operand, where the data say that it pays.
    pub skip: Option<Skip>,
    /// Leave zeros out by pairs of units, where that is quicker.
    pub pairs: bool,
    /// Read what is not zero of the left operand from lists, where the data say that it pays.
    pub lists: Option<ListPlan>,
    /// The batch that [`MatmulPlan::batch_operand`] names is a table of pointers to rows.
    pub in_place: bool,
    pub(crate) form: Form,
    pub(crate) level: Level,
}

/// How sums are taken that start at zero and go along the inner axis, one product at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumOrder {
    /// Products are rounded, and added.
    Plain,
    /// Products are added by `Vector::mul_add`.
    Fused,
}

impl MatmulPlan {
    /// How the sums of `f32` are taken; `None` if in another order.
    pub fn sum_order(&self) -> Option<SumOrder> {
        match self.form {
            Form::Simple if self.spec.out == Dtype::F32 => Some(SumOrder::Plain),
            Form::Tiles { .. } | Form::Transposed => Some(SumOrder::Fused),
            _ => None,
        }
    }

    /// The operand that is a batch of rows which are read one by one, so that they need not follow each other.
    pub fn batch_operand(&self) -> Option<usize> {
        #[cfg(target_arch = "x86_64")]
        if self.form == Form::AmxNarrow {
            return matrix_unit::narrow::batch_operand(&self.spec);
        }
        None
    }

    /// The operand whose zeros could be left out by marks.
    pub fn possible_skip(&self) -> Option<Zeros> {
        mark_products::possible(self)
    }

    /// Whether the left operand can be read by lists of what is not zero.
    pub fn can_read_lists(&self) -> bool {
        list_products::possible(self)
    }

    /// Has the left operand read by lists.
    pub fn read_lists(&mut self, lists: ListPlan) {
        self.lists = Some(lists);
        self.scratch_bytes = self.scratch_bytes.max(list_products::scratch_bytes(self));
    }
}

/// What a product reads.
#[derive(Clone, Copy)]
pub struct Operands<'a> {
    /// As the spec says.
    pub a: *const u8,
    /// As the spec says.
    pub b: *const u8,
    /// The marks, if the plan has a `skip`; the lists, if it has `lists`.
    pub marks: *const u8,
    /// Rows of the next batch, for products that walk over the rows of this one.
    pub prefetcher: Option<&'a Prefetcher>,
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

/// Products of fewer multiply-adds than this are not cut into parts.
const WHOLE_BELOW: usize = 1 << 16;
/// Products of fewer multiply-adds are cut into two parts only: each part costs a little.
const MANY_PARTS_FROM: usize = 1 << 21;
/// The widest result that the kernels for narrow ones take.
pub(crate) const NARROW: usize = 16;
/// Sums at least this long are cut along `k`.
pub(crate) const INNER_FROM: usize = 512;
/// More rows than this are cut by rows rather than along `k`: partial sums would be many.
pub(crate) const INNER_MAX_ROWS: usize = 1024;
/// Products of fewer multiply-adds than this take plain loops.
const SIMPLE_BELOW: usize = 128;
/// Weights of so many columns take longer to lay out than a batch.
#[cfg(target_arch = "x86_64")]
const WIDE: usize = 256;
/// Copying `b` into panels pays when each panel serves this many tiles of a part.
const PACK_FROM_TILES: usize = 5;

/// Chooses kernel and split, from the shapes only; `columns`: how the columns of `b` have been cut.
pub fn plan(spec: &MatmulSpec, level: Level, columns: Option<Partition>) -> MatmulPlan {
    let MatmulSpec { m, n, k, transpose_a, transpose_b, .. } = *spec;
    let work = m * n * k;
    let form = choose_form(spec, level);
    let parts = if work < MANY_PARTS_FROM { 2 } else { MAX_PARTS };
    let split = if work < WHOLE_BELOW {
        Split::Rows(Partition::whole(m))
    } else if form.sums_in_parts(spec) {
        Split::Inner(Partition::limited(k, 16, parts))
    } else if let (true, Some(columns)) = (form.takes_columns(), columns) {
        // Threads go on with the columns that they have.
        Split::Columns(columns)
    } else if (m < 48 && n >= 64 && form != Form::Simple) || form.shares_weights(spec) {
        Split::Columns(Partition::limited(n, 16, parts))
    } else {
        // The rows of a transposed operand are columns of the data it is made of.
        Split::Rows(Partition::limited(m, if transpose_a { 16 } else { form.granule() }, parts))
    };
    let mut plan = MatmulPlan {
        spec: *spec,
        split,
        shared_bytes: 0,
        scratch_bytes: 0,
        skip: None,
        pairs: level.doubles(),
        lists: None,
        in_place: false,
        form,
        level,
    };
    if let Form::Tiles { .. } = form {
        let tiles = largest_part(&split, m).div_ceil(tile::tile_rows(level));
        let bytes_step = n * spec.b.size();
        let collides = bytes_step.is_multiple_of(2048) && tiles > 1;
        let convert = spec.b == Dtype::U8 && !transpose_a;
        plan.form = Form::Tiles { pack: transpose_b || convert || collides || tiles >= PACK_FROM_TILES };
    }
    plan.scratch_bytes = match form {
        Form::Simple => simple::scratch_bytes(&plan),
        Form::Dot => dot::scratch_bytes(&plan),
        Form::Tiles { .. } | Form::Transposed => tile::scratch_bytes(&plan),
        #[cfg(target_arch = "x86_64")]
        Form::Amx => matrix_unit::wide::scratch_bytes(&plan),
        #[cfg(target_arch = "x86_64")]
        Form::AmxNarrow => matrix_unit::narrow::scratch_bytes(&plan),
    };
    if let Split::Inner(partition) = split {
        plan.shared_bytes = partition.parts() * m * n * 4;
    }
    plan
}

fn choose_form(spec: &MatmulSpec, level: Level) -> Form {
    let MatmulSpec { m, n, k, transpose_a, transpose_b, .. } = *spec;
    #[cfg(target_arch = "x86_64")]
    if level == Level::Amx {
        if matrix_unit::narrow::batch_operand(spec).is_some() {
            return Form::AmxNarrow;
        }
        if matrix_unit::wide::possible(spec) {
            return Form::Amx;
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = level;
    if spec.out == Dtype::F64 || m * n * k < SIMPLE_BELOW {
        return Form::Simple;
    }
    let narrow = n <= NARROW;
    if narrow && !transpose_a && spec.b == Dtype::F32 {
        // Transposing `b` round is worth it when enough rows use it.
        let enough = if transpose_b { k >= 64 } else { k >= 256 && m >= 16 };
        if enough {
            return Form::Dot;
        }
    }
    if narrow && transpose_a && !transpose_b && m >= 64 && spec.b == Dtype::F32 {
        return Form::Transposed;
    }
    Form::Tiles { pack: false }
}

/// The most rows of the result in a part.
fn largest_part(split: &Split, m: usize) -> usize {
    match split {
        Split::Rows(partition) => {
            (0..partition.parts()).map(|part| partition.range(part).len()).max().unwrap_or(0)
        }
        Split::Columns(_) | Split::Inner(_) => m,
    }
}

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
pub unsafe fn run_parts(
    plan: &MatmulPlan,
    parts: Range<usize>,
    operands: Operands,
    out: *mut u8,
    shared: *mut u8,
    scratch: *mut u8,
    mut sink: Option<&mut dyn Sink>,
) {
    // Sums are in the same order whether parts are computed together or not; together
    // the operands are laid out once. Marks belong to single parts.
    let together = plan.skip.is_none() && !matches!(plan.form, Form::Simple | Form::Dot);
    let step = if together { parts.len().max(1) } else { 1 };
    for start in parts.clone().step_by(step) {
        let some = start..(start + step).min(parts.end);
        // The sink is lent to each call.
        let sink = sink.as_mut().map(|sink| &mut **sink as &mut dyn Sink);
        // SAFETY: the caller vouches for the arrays; the plan for the rest.
        unsafe {
            match plan.form {
                Form::Simple => simple::run(plan, start, operands.a, operands.b, out, scratch, sink),
                Form::Dot => dot::run(plan, start, operands, out, shared, scratch, sink),
                Form::Tiles { .. } | Form::Transposed => {
                    tile::run(plan, some, operands, out, scratch, sink);
                }
                #[cfg(target_arch = "x86_64")]
                Form::Amx => matrix_unit::wide::run(plan, some, operands, out, scratch, sink),
                #[cfg(target_arch = "x86_64")]
                Form::AmxNarrow => matrix_unit::narrow::run(plan, some, operands, out, shared, scratch, sink),
            }
        }
    }
}

/// Adds the partial sums of `rows`, in the order of the parts, and hands them on.
/// Only for [`Split::Inner`], after all parts have run.
///
/// # Safety
/// As [`run_part`]; `rows` lie inside the result.
pub unsafe fn combine(
    plan: &MatmulPlan,
    rows: Range<usize>,
    shared: *const u8,
    out: *mut u8,
    sink: Option<&mut dyn Sink>,
) {
    // SAFETY: the caller vouches for the arrays.
    unsafe { dot::combine(plan, rows, shared, out, sink) }
}
