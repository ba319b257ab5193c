//! Nodes: what a step does, which arrays it accesses, and where they are stored.
//!
//! Operations (`ops`) add nodes; `plan` orders them and places their arrays; `run` runs them.

use std::any::Any;
use std::fmt;
use std::ops::Range;

use crate::kernels::index::BadIndex;
use crate::kernels::map::MapKernel;
use crate::partition::{Partition, owned};
use crate::simd::Level;

/// Which bytes of an array each part of a node touches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Touch {
    /// Any part may touch any byte.
    All,
    /// The array is seen as `outer` blocks of `len` items of `inner` bytes; a
    /// part touches only its own items of each block.
    Own { outer: usize, len: usize, inner: usize, partition: Partition },
    /// Every bundle of parts has an array of its own.
    Private,
}

/// An array that a node reads or writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Access {
    /// The value, after following reshapes back to what they show.
    pub value: usize,
    pub touch: Touch,
}

/// What a node computes: its kernel, planned, and how it is cut.
///
/// Most nodes need only `describe` and `run`. The planner calls the other methods; their defaults
/// are right for ordinary nodes.
pub(crate) trait Action: Any + fmt::Debug + Send + Sync {
    /// What it does, in words.
    fn describe(&self) -> String;

    /// Computes some parts.
    ///
    /// # Errors
    /// An index in the data that is out of range for its axis.
    ///
    /// # Safety
    /// The arrays are those that the plan asks for, and no other thread touches what these parts own.
    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex>;

    /// The units of a node that is not divided into parts.
    fn units(&self) -> usize {
        1
    }

    /// Private memory that a thread needs.
    fn scratch_bytes(&self) -> usize {
        0
    }

    /// Whether the result may be written over what is read as number `read`.
    fn may_overwrite(&self, _read: usize) -> bool {
        false
    }

    /// Whether an index in the data can make it fail.
    fn is_fallible(&self) -> bool {
        false
    }

    /// The expression, and the elements that it goes over, of an elementwise node.
    fn expression(&self) -> Option<(&MapKernel, usize)> {
        None
    }

    /// Elements of the result, if it can be handed on piece by piece to elementwise nodes behind this one.
    fn handed_on(&self) -> Option<usize> {
        self.expression().map(|(_, elements)| elements)
    }

    /// Whether the result need not be stored if only the nodes behind this one read it.
    fn can_stream(&self) -> bool {
        false
    }

    /// Whether it is one of the nodes that take the time of a step.
    fn takes_long(&self) -> bool {
        false
    }

    /// The read that is a batch of rows which need not follow each other: a table of pointers to them will do.
    fn table_operand(&self) -> Option<usize> {
        None
    }

    /// From now on that operand is a table.
    fn read_table(&mut self) {}

    /// Bytes for what it can lay out once for all rounds of a loop; `is_fixed` says which of its reads stay the same.
    fn kept_bytes(&self, _is_fixed: &dyn Fn(usize) -> bool) -> usize {
        0
    }

    /// Lays that out in `work.kept`.
    ///
    /// # Safety
    /// As `run`; the memory has as many bytes.
    unsafe fn keep(&self, _work: &Work) {}

    /// Whether it runs a program of its own many times: its results are not whole before it ends.
    fn is_loop(&self) -> bool {
        false
    }
}

/// Whom a node that takes long asks whether it should go on.
pub(crate) trait Watch {
    /// Whether the step is given up; only if it has changed no variable.
    fn gives_up(&self) -> bool;
}

/// A watch that never stops anything.
pub(crate) struct GoesOn;

impl Watch for GoesOn {
    fn gives_up(&self) -> bool {
        false
    }
}

/// What an action works on.
pub(crate) struct Work<'a> {
    /// The parts, and what they cover of the axis that is cut.
    pub parts: Range<usize>,
    pub range: Range<usize>,
    pub out: *mut u8,
    pub inputs: &'a [*mut u8],
    /// The nodes that are computed along with this one, and their arrays, each its result first.
    pub followers: &'a [Node],
    pub arrays: &'a [*mut u8],
    /// The result goes to the followers only.
    pub streams: bool,
    pub scratch: *mut u8,
    /// What the node has laid out for all rounds of a loop; null if it has not.
    pub kept: *mut u8,
    pub level: Level,
    pub watch: &'a dyn Watch,
}

impl Work<'_> {
    /// The range, where each item of the axis stands for several.
    pub fn times(&self, items: usize) -> Range<usize> {
        self.range.start * items..self.range.end * items
    }
}

/// What a node is there for.
#[derive(Debug)]
pub(crate) enum Task {
    /// Fetches the rows of a batch from the caller's column into the input: `outer`
    /// blocks of `len` items of `inner` elements, cut along `len`. `private`: each part
    /// is read by nobody else, so that every thread can have an array of its own and
    /// no two of them write to one cache line.
    Fetch { input: usize, outer: usize, len: usize, inner: usize, private: bool },
    /// Every thread checks whether the data were valid; if not, the step ends here.
    Check,
    /// Computes something.
    Compute(Box<dyn Action>),
}

/// Where a value's bytes start: which base pointer, and how far from it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Location {
    pub base: usize,
    pub offset: usize,
    /// From one bundle's array to the next one's; 0 if there is one for all.
    pub stride: usize,
}

/// The nodes behind a node that are computed along with it. See `plan::fusion`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct FusionGroup {
    /// How many nodes behind this one are computed along with it.
    pub followers: usize,
    /// The result goes to the followers only, and is not stored.
    pub streams: bool,
}

/// The most nodes of a fusion group.
pub(crate) const MOST_FUSED: usize = 6;

/// Something to run, in order.
#[derive(Debug)]
pub(crate) struct Node {
    /// The instruction that it belongs to; for messages.
    pub instruction: Option<usize>,
    pub task: Task,
    /// How the work is cut; one part belongs to the first bundle.
    pub partition: Partition,
    pub write: Option<Access>,
    pub reads: Vec<Access>,
    /// So many of the last of `reads` are written, too: further results.
    pub written: usize,
    /// Rough time on one thread, in nanoseconds.
    pub cost: f64,
    /// A barrier before it: all threads wait here for each other.
    pub barrier: bool,
    /// The nodes behind it that are computed along with it.
    pub group: FusionGroup,
    /// Every bundle of parts does all of it, for itself.
    pub everywhere: bool,
}

impl Node {
    /// A node that runs on one thread.
    pub fn new(
        task: Task,
        partition: Partition,
        write: Option<Access>,
        reads: Vec<Access>,
        cost: f64,
    ) -> Node {
        Node {
            instruction: None,
            task,
            partition,
            write,
            reads,
            written: 0,
            cost,
            barrier: false,
            group: FusionGroup::default(),
            everywhere: false,
        }
    }

    /// What it computes, if anything.
    pub fn action(&self) -> Option<&dyn Action> {
        match &self.task {
            Task::Compute(action) => Some(&**action),
            Task::Fetch { .. } | Task::Check => None,
        }
    }

    /// What it computes, if it is of this kind.
    pub fn action_of<T: Action>(&self) -> Option<&T> {
        let action: &dyn Any = self.action()?;
        action.downcast_ref()
    }

    /// Whether every thread checks here whether the data were valid.
    pub fn is_check(&self) -> bool {
        matches!(self.task, Task::Check)
    }

    /// Whether it belongs to the first bundle alone.
    pub fn is_whole(&self) -> bool {
        self.partition.parts() == 1 && !self.everywhere && !self.is_check()
    }

    /// The parts that a bundle has, out of so many bundles.
    #[inline]
    pub fn parts_of(&self, bundle: usize, bundles: usize) -> Range<usize> {
        let parts = self.partition.parts();
        if self.everywhere { 0..parts } else { owned(parts, bundle, bundles) }
    }

    /// Whether the data can make it fail.
    pub fn is_fallible(&self) -> bool {
        self.action().is_some_and(|action| action.is_fallible())
    }

    /// Whether it may write its result over what it reads as number `read`.
    pub fn may_overwrite(&self, read: usize) -> bool {
        self.action().is_some_and(|action| action.may_overwrite(read))
    }

    /// Whether it reads a value.
    pub fn reads_value(&self, value: usize) -> bool {
        self.reads.iter().any(|access| access.value == value)
    }

    /// All arrays that it touches, and whether it writes them.
    pub fn accesses(&self) -> impl Iterator<Item = (Access, bool)> + '_ {
        let first = self.reads.len() - self.written;
        let others = self.reads.iter().enumerate().map(move |(number, access)| (*access, number >= first));
        self.write.iter().map(|access| (*access, true)).chain(others)
    }

    /// The values that it writes.
    pub fn results(&self) -> impl Iterator<Item = usize> + '_ {
        self.accesses().filter(|(_, writes)| *writes).map(|(access, _)| access.value)
    }

    /// Whether it runs a program of its own many times.
    pub fn is_loop(&self) -> bool {
        self.action().is_some_and(|action| action.is_loop())
    }
}

/// Where a storage lives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Placement {
    /// The caller's array, or the slab of fetched rows.
    Input(usize),
    /// The caller's array.
    Variable(usize),
    /// In the arena all the time: a variable in the program's layout.
    Transposed(usize),
    /// In the blob, at this byte.
    Constant(usize),
    /// The caller's array.
    Output(usize),
    /// In the arena, while it is needed.
    Arena,
    /// In the arena all the time, once for each bundle of parts.
    Private,
    /// In loops: in the memory of the thread, at this byte.
    Own(usize),
}

/// The bytes behind one value, or behind several that never live at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Storage {
    pub placement: Placement,
    pub bytes: usize,
}

/// Nodes, values and storages while a plan is being made.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub nodes: Vec<Node>,
    pub storages: Vec<Storage>,
    /// The storage of each value (program values first, then partial sums and copies).
    pub storage_of: Vec<usize>,
    /// Inputs whose array is a table of pointers to their rows; whether each bundle has its own.
    pub in_place: Vec<(usize, bool)>,
    /// Pairs of nodes that must run in this order, besides those that data make.
    pub order: Vec<(usize, usize)>,
}

/// The most bundles where each has arrays of its own: memory counts then.
const MOST_WITH_ARRAYS: usize = 16;

impl Graph {
    /// The most bundles that have work to do.
    pub fn bundles(&self) -> usize {
        let parts = self.nodes.iter().map(|node| node.partition.parts()).max().unwrap_or(1);
        let own_arrays = self.storages.iter().any(|storage| storage.placement == Placement::Private)
            || self.in_place.iter().any(|&(_, private)| private);
        if own_arrays { parts.min(MOST_WITH_ARRAYS) } else { parts }
    }
}
