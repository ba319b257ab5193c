//! What a tape is made of, before it has addresses.

use std::any::Any;

use crate::ir::graph::Placement;
use crate::ir::program::MapOp;
use crate::kernels::tile::TileFn;
use crate::plan::finished::{Plan, SpecialProgram};

/// Numbers in a group.
pub(super) const GROUP: usize = 8;
/// Bytes of a group of `f32`.
pub(super) const GROUP_BYTES: usize = 32;
/// Larger arrays of the caller's are not copied into places; only kernels read them.
pub(super) const MOST_BYTES: usize = 2048;

/// Makes `Code` of the elementwise operations named and of those that only tapes have.
/// One flat list: the walk jumps once for each operation.
macro_rules! codes {
    ($($map:ident)+; $($(#[$meta:meta])* $own:ident)+) => {
        /// What an operation does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub(super) enum Code {
            $($map,)+
            $($(#[$meta])* $own,)+
        }

        impl Code {
            /// The code of an elementwise operation on `f32`, or on the answers of comparisons, which are
            /// 1 and 0 in a tape; `None` if a tape has none.
            pub(super) fn of(op: MapOp) -> Option<Code> {
                match op {
                    $(MapOp::$map => Some(Code::$map),)+
                    _ => None,
                }
            }
        }
    };
}

codes! {
    Neg Abs Exp Log Log1p Expm1 Sqrt Rsqrt Square Tanh Sigmoid Softplus Erf Floor Ceil Round Not Cast
    Add Sub Mul Div Min Max And Or Equal NotEqual Less LessEqual Greater GreaterEqual Select MulAdd MulSub;

    /// Broadcasts a single number over its group.
    Splat
    /// Copies groups that follow each other.
    Copy
    /// A matrix product, vectors running along its columns.
    Product
    /// A matrix product of one column.
    Dot
    /// The sum of a few numbers.
    Sum
    /// Sums of columns.
    Down
    /// An elementwise operation of any other type.
    Tile
    /// The same of single numbers; the result is broadcast.
    Single
    /// A power of single `f32`.
    Power
    /// Repeats elements as a table says.
    Gather
    /// A node that is run by its kernel.
    Node
}

impl Code {
    /// Whether it works on each group by itself, so that several steps can be one operation.
    pub(super) fn joins(self) -> bool {
        self <= Code::Splat
    }
}

/// What an operation must know beside its places.
#[derive(Debug)]
pub(super) enum Detail {
    Product(Product),
    /// The sum of `count` numbers that follow each other, over `divisor`.
    Sum {
        count: usize,
        divisor: f64,
    },
    /// Sums of `rows` rows of `columns` numbers, over `divisor`.
    Down {
        rows: usize,
        columns: usize,
        divisor: f32,
    },
    Tile {
        function: TileFn,
        count: usize,
    },
    /// So many groups.
    Copy(usize),
    /// Which element comes where.
    Gather(Vec<u32>),
}

/// `out[m, n] = a[m, k] @ b[k, n]`, each sum taken in order, from zero on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Product {
    pub(super) m: usize,
    pub(super) n: usize,
    pub(super) k: usize,
    /// From one row of `a` to the next, and along it.
    pub(super) a_row: usize,
    pub(super) a_inner: usize,
    /// Multiplies and adds in one operation, where the level can.
    pub(super) fused: bool,
}

/// A value's place in the tape's memory, or an array of the caller's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) placement: Placement,
    /// Bytes of the value itself.
    pub(super) bytes: usize,
    /// It has a place of its own; otherwise it is the caller's array.
    pub(super) own: bool,
    /// A single `f32`, which stands in all places of its group.
    pub(super) single: bool,
    /// An operation writes it.
    pub(super) changed: bool,
}

impl Slot {
    /// Bytes of its place: whole groups, and one that products may run over into.
    pub(super) fn room(&self) -> usize {
        self.bytes.max(1).next_multiple_of(GROUP_BYTES)
            + if self.placement == Placement::Arena { GROUP_BYTES } else { 0 }
    }
}

/// Bytes into a slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) slot: usize,
    pub(super) offset: usize,
}

/// An operation with its operands: for each group the places of up to three that it
/// reads, and of the one that it writes.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) code: Code,
    pub(super) groups: Vec<[Place; 4]>,
    pub(super) detail: Option<usize>,
    /// The node, if its kernel runs it.
    pub(super) node: Option<usize>,
    pub(super) reads: Vec<usize>,
    pub(super) write: usize,
    /// Rough time until the result is there, in nanoseconds.
    pub(super) latency: f64,
}

/// A plan's tape, before it has addresses.
#[derive(Debug)]
pub(crate) struct Template {
    pub(super) slots: Vec<Slot>,
    pub(super) steps: Vec<Step>,
    pub(super) details: Vec<Detail>,
}

impl Template {
    /// The tape of a plan, if it has one.
    pub(super) fn of(plan: &Plan) -> Option<&Template> {
        let special: &dyn Any = plan.special.as_deref()?;
        special.downcast_ref()
    }
}

impl SpecialProgram for Template {
    /// The operations in order, each with the number of its groups.
    fn describe(&self) -> String {
        let name = |step: &Step| format!("{:?}", step.code).to_lowercase();
        let operation = |step: &Step| match step.groups.len() {
            count if count > 1 && step.code.joins() => format!("{} of {count} groups", name(step)),
            _ => name(step),
        };
        let operations: Vec<String> = self.steps.iter().map(operation).collect();
        format!("tape of {} operations: {}", operations.len(), operations.join(", "))
    }
}
