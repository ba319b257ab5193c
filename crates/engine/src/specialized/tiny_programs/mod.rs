//! Programs so small that a call costs more than the arithmetic.
//!
//! Where all of a step is the work of one thread and takes a few microseconds, its
//! nodes are written out as a *tape*: one operation after the other, each over groups
//! of eight numbers, with the places of its operands beside it. Every value has a place
//! of its own, in whole groups, so that nothing is cut short and nothing is broadcast at
//! run time: a single number stands in all eight places of its group. Variables live in
//! these places while the tape runs; they are copied in before and out after.
//!
//! `lower` and `expression` turn nodes into steps, `order` puts them in order and joins those that do
//! the same, `tape` gives them addresses, `walk` runs them, `run` runs a program's steps
//! and `block` several programs in turn. Whatever has no operation here is run by its
//! kernel, as one operation of the tape. The numbers are the same as without a tape.

use crate::ir::program::MapOp;
use crate::kernels::tile::TileFn;
use crate::plan::Placement;

pub mod block;
mod expression;
mod lower;
mod order;
mod run;
mod tape;
mod walk;

pub(crate) use lower::lower;
pub(crate) use run::{Given, Tiny};

/// Numbers in a group.
const GROUP: usize = 8;
/// Bytes of a group of `f32`.
const GROUP_BYTES: usize = 32;
/// Larger arrays of the caller's are not copied into places; only kernels read them.
const MOST_BYTES: usize = 2048;

/// Makes `Code` of the elementwise operations named and of those that only tapes have.
/// One flat list: the walk jumps once for each operation.
macro_rules! codes {
    ($($map:ident)+; $($(#[$meta:meta])* $own:ident)+) => {
        /// What an operation does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        enum Code {
            $($map,)+
            $($(#[$meta])* $own,)+
        }

        impl Code {
            /// The code of an elementwise operation on `f32`, or on the answers of comparisons, which are
            /// 1 and 0 in a tape; `None` if a tape has none.
            fn of(op: MapOp) -> Option<Code> {
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
    fn joins(self) -> bool {
        self <= Code::Splat
    }
}

/// What an operation must know beside its places.
#[derive(Debug)]
enum Detail {
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
struct Product {
    m: usize,
    n: usize,
    k: usize,
    /// From one row of `a` to the next, and along it.
    a_row: usize,
    a_inner: usize,
    /// Multiplies and adds in one operation, where the level can.
    fused: bool,
}

/// A value's place in the tape's memory, or an array of the caller's.
#[derive(Clone, Copy, Debug)]
struct Slot {
    placement: Placement,
    /// Bytes of the value itself.
    bytes: usize,
    /// It has a place of its own; otherwise it is the caller's array.
    own: bool,
    /// A single `f32`, which stands in all places of its group.
    single: bool,
    /// An operation writes it.
    changed: bool,
}

impl Slot {
    /// Bytes of its place: whole groups, and one that products may run over into.
    fn room(&self) -> usize {
        self.bytes.max(1).next_multiple_of(GROUP_BYTES)
            + if self.placement == Placement::Arena { GROUP_BYTES } else { 0 }
    }
}

/// Bytes into a slot.
#[derive(Clone, Copy, Debug)]
struct Place {
    slot: usize,
    offset: usize,
}

/// An operation with its operands: for each group the places of up to three that it
/// reads, and of the one that it writes.
#[derive(Debug)]
struct Step {
    code: Code,
    groups: Vec<[Place; 4]>,
    detail: Option<usize>,
    /// The node, if its kernel runs it.
    node: Option<usize>,
    reads: Vec<usize>,
    write: usize,
    /// Rough time until the result is there, in nanoseconds.
    latency: f64,
}

/// A plan's tape, before it has addresses.
#[derive(Debug)]
pub(crate) struct Template {
    slots: Vec<Slot>,
    steps: Vec<Step>,
    details: Vec<Detail>,
}

impl Template {
    /// The operations in order, for people, each with the number of its groups.
    pub fn describe(&self) -> String {
        let name = |step: &Step| format!("{:?}", step.code).to_lowercase();
        let operation = |step: &Step| match step.groups.len() {
            count if count > 1 && step.code.joins() => format!("{} of {count} groups", name(step)),
            _ => name(step),
        };
        let operations: Vec<String> = self.steps.iter().map(operation).collect();
        format!("tape of {} operations: {}", operations.len(), operations.join(", "))
    }
}
