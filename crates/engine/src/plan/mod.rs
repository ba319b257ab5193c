//! From a verified program to a plan: what runs in which order, where each
//! value lives, how work is cut, and where barriers are.
//!
//! `lower` turns instructions into nodes, `schedule` orders them, `storage`
//! places their results in the arena, `barriers` finds where threads must wait.

use crate::ir::program::{Declaration, Dtype, Program};
use crate::ir::verify;
use crate::kernels::map::MapKernel;
use crate::kernels::matmul::MatmulPlan;
use crate::kernels::movement::{CumsumShape, GatherShape, Strided};
use crate::kernels::random::Draw;
use crate::kernels::reduce::{ArgReducePlan, ReducePlan};
use crate::memory::Buffer;
use crate::partition::{Partition, owned};
use crate::simd::Level;
use crate::specialized::sparse_rows::lists::ListPlan;
use crate::specialized::sparse_rows::marks::MarkPlan;
use crate::specialized::tiny_programs;
use fusion::FusionGroup;

mod barriers;
mod describe;
pub(crate) mod fusion;
pub(crate) mod lower;
pub(crate) mod operations;
mod schedule;
mod storage;

/// Which bytes of an array each part of a node touches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Touch {
    /// Any part may touch any byte.
    All,
    /// The array is seen as `outer` blocks of `len` items of `inner` bytes; a
    /// part touches only its own items of each block.
    Own { outer: usize, len: usize, inner: usize, partition: Partition },
    /// Every thread has an array of its own.
    Private,
}

/// An array that a node reads or writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Access {
    /// The value, after following reshapes back to what they show.
    pub value: usize,
    pub touch: Touch,
}

/// What a node does. Its arrays are the node's `write` and `reads`, in order.
#[derive(Debug)]
pub(crate) enum Action {
    /// Fetches the rows of a batch from the caller's column into the input: `outer`
    /// blocks of `len` items of `inner` elements, cut along `len`. `private`: each part
    /// is read by nobody else, so that every thread can have an array of its own and
    /// no two of them write to one cache line.
    Fetch {
        input: usize,
        outer: usize,
        len: usize,
        inner: usize,
        private: bool,
    },
    /// An elementwise expression over `outer` blocks of `len` items of `inner` elements.
    Map {
        kernel: MapKernel,
        outer: usize,
        len: usize,
        inner: usize,
    },
    /// Reads rows and the operand that they are multiplied by; writes where the rows are not zero.
    Mark {
        plan: MarkPlan,
    },
    /// Reads rows; writes lists of what is not zero in them.
    List {
        plan: ListPlan,
    },
    /// Reads a, b, the epilogue's operands, and marks or lists if the plan leaves out zeros. With a split of the sums it writes partial
    /// sums, except in a batch, where each product is finished by one thread.
    Matmul {
        plan: MatmulPlan,
        epilogue: Option<MapKernel>,
        batch: Option<usize>,
    },
    /// Reads partial sums and the epilogue's operands.
    Combine {
        plan: MatmulPlan,
        epilogue: Option<MapKernel>,
    },
    /// `items` rows for each item of the first axis.
    Softmax {
        log: bool,
        dtype: Dtype,
        width: usize,
        items: usize,
    },
    /// `items` results for each item of the partition.
    Reduce {
        plan: ReducePlan,
        items: usize,
    },
    ArgReduce {
        plan: ArgReducePlan,
        items: usize,
    },
    Pick {
        rows: usize,
        width: usize,
        size: usize,
        index: Dtype,
    },
    /// `items` elements of the result for each item of the first axis.
    Strided {
        view: Strided,
        items: usize,
    },
    Pad {
        from: Vec<usize>,
        before: Vec<usize>,
        shape: Vec<usize>,
        size: usize,
    },
    Concat {
        blocks: Vec<usize>,
        outer: usize,
    },
    /// `items` indices for each item of the partition.
    Gather {
        shape: GatherShape,
        items: usize,
    },
    ScatterAdd {
        dtype: Dtype,
        rows: usize,
        width: usize,
        count: usize,
        index: Dtype,
    },
    Cumsum {
        shape: CumsumShape,
    },
    Sort {
        dtype: Dtype,
        width: usize,
        items: usize,
        descending: bool,
        positions: bool,
    },
    Random {
        draw: Draw,
        items: usize,
    },
    /// Copies `outer` blocks of `len` items of `inner` bytes.
    Copy {
        outer: usize,
        len: usize,
        inner: usize,
    },
    /// Every thread looks whether the data were in order; if not, the step ends here.
    Check,
}

/// Where a value's bytes start: which base pointer, and how far from it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Location {
    pub base: usize,
    pub offset: usize,
    /// From one thread's array to the next one's; 0 if there is one for all.
    pub stride: usize,
}

/// Something to run, in order.
#[derive(Debug)]
pub(crate) struct Node {
    /// The instruction that it belongs to; for messages.
    pub instruction: Option<usize>,
    pub action: Action,
    /// How the work is cut; one part runs on the first thread.
    pub partition: Partition,
    pub write: Option<Access>,
    pub reads: Vec<Access>,
    /// Rough time on one thread, in nanoseconds.
    pub cost: f64,
    /// A barrier before it: all threads wait here for each other.
    pub barrier: bool,
    /// The nodes behind it that are computed along with it.
    pub group: FusionGroup,
    /// Every thread does all of it, for itself.
    pub everywhere: bool,
}

impl Node {
    /// Whether it runs on the first thread alone.
    pub fn is_whole(&self) -> bool {
        self.partition.parts() == 1 && !self.everywhere && !matches!(self.action, Action::Check)
    }

    /// The parts that a thread does.
    #[inline]
    pub fn parts_of(&self, thread: usize, threads: usize) -> std::ops::Range<usize> {
        let parts = self.partition.parts();
        if self.everywhere { 0..parts } else { owned(parts, thread, threads) }
    }

    /// Whether the data can make it fail.
    pub fn is_fallible(&self) -> bool {
        matches!(self.action, Action::Pick { .. } | Action::Gather { .. } | Action::ScatterAdd { .. })
    }

    /// Whether it reads a value.
    pub fn reads_value(&self, value: usize) -> bool {
        self.reads.iter().any(|access| access.value == value)
    }

    /// All arrays that it touches, and whether it writes them.
    pub fn accesses(&self) -> impl Iterator<Item = (Access, bool)> + '_ {
        self.write
            .iter()
            .map(|access| (*access, true))
            .chain(self.reads.iter().map(|access| (*access, false)))
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
    /// In the arena all the time, once for each thread.
    Private,
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
    /// Inputs whose array is a table of pointers to their rows; whether each thread has its own.
    pub in_place: Vec<(usize, bool)>,
    /// Pairs of nodes that must run in this order, besides those that data make.
    pub order: Vec<(usize, usize)>,
}

/// A program, ready to run.
#[derive(Debug)]
pub struct Plan {
    pub(crate) name: String,
    pub(crate) inputs: Vec<Declaration>,
    pub(crate) variables: Vec<Declaration>,
    /// For each variable: whether a step changes it.
    pub(crate) updated: Vec<bool>,
    pub(crate) outputs: Vec<Declaration>,
    /// Names of the instructions, for messages.
    pub(crate) titles: Vec<String>,
    pub(crate) nodes: Vec<Node>,
    /// For each node: where its `write` and its `reads` are.
    pub(crate) locations: Vec<Vec<Location>>,
    /// Transposed variables: number, offset in the arena, whether a step changes it.
    pub(crate) transposed: Vec<(usize, usize, bool)>,
    /// Inputs whose array is a table of pointers to their rows; whether each thread has its own.
    pub(crate) in_place: Vec<(usize, bool)>,
    pub(crate) constants: Buffer,
    pub(crate) arena_bytes: usize,
    pub(crate) scratch_bytes: usize,
    /// Rough time of a step on one thread, in nanoseconds.
    pub(crate) cost: f64,
    pub(crate) level: Level,
    /// The same steps without the cost of calls, where that is what counts.
    pub(crate) tiny: Option<tiny_programs::Template>,
}

/// Base pointers: the arena, the constants, then inputs, variables and outputs.
pub(crate) const ARENA: usize = 0;
pub(crate) const CONSTANTS: usize = 1;
pub(crate) const FIRST_INPUT: usize = 2;

impl Plan {
    /// Verifies and plans a program.
    ///
    /// # Errors
    /// A sentence about the first thing that is wrong with the program.
    pub fn new(program: &Program, constants: &[u8], name: &str, level: Level) -> Result<Plan, String> {
        verify::verify(program, constants)?;
        let mut graph = lower::lower(program, level)?;
        let phases = schedule::order(&mut graph);
        storage::reuse(&mut graph, &phases);
        let (offsets, arena_bytes) = storage::place(&graph, &phases);
        barriers::find(&mut graph, &offsets);
        let locate = |access: &Access| {
            let number = graph.storage_of[access.value];
            location(program, &graph.storages[number], offsets[number])
        };
        let locations = graph
            .nodes
            .iter()
            .map(|node| {
                let write = node.write.as_ref().map(locate).unwrap_or_default();
                std::iter::once(write).chain(node.reads.iter().map(locate)).collect()
            })
            .collect::<Vec<Vec<Location>>>();
        fusion::find(&mut graph, &locations);
        let tiny = tiny_programs::lower(program, &graph, level);
        let all = verify::types(program);
        let declare = |id: &usize| Declaration {
            dtype: all[*id].dtype,
            shape: all[*id].shape.to_vec(),
            transposed: false,
        };
        Ok(Plan {
            name: name.to_string(),
            inputs: program.inputs.clone(),
            variables: program.variables.clone(),
            updated: (0..program.variables.len()).map(|number| is_updated(program, number)).collect(),
            outputs: program.outputs.iter().map(declare).collect(),
            titles: (0..program.instructions.len())
                .map(|number| verify::instruction_title(number, &program.instructions[number]))
                .collect(),
            locations,
            transposed: transposed(program, &graph, &offsets),
            in_place: graph.in_place,
            constants: Buffer::copy_of(constants),
            arena_bytes,
            scratch_bytes: scratch_bytes(&graph.nodes).next_multiple_of(128),
            cost: graph.nodes.iter().map(|node| node.cost).sum(),
            level,
            tiny,
            nodes: graph.nodes,
        })
    }

    /// What the user calls the program.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The inputs that a run needs.
    pub fn inputs(&self) -> &[Declaration] {
        &self.inputs
    }

    /// The variables that a run needs.
    pub fn variables(&self) -> &[Declaration] {
        &self.variables
    }

    /// For each variable, whether a step changes it.
    pub fn updated(&self) -> &[bool] {
        &self.updated
    }

    /// The types of what a run gives.
    pub fn outputs(&self) -> &[Declaration] {
        &self.outputs
    }

    /// Bytes that values take while the program runs.
    pub fn arena_bytes(&self) -> usize {
        self.arena_bytes
    }

    /// How many instructions the program has.
    pub fn instruction_count(&self) -> usize {
        self.titles.len()
    }

    /// Barriers in one step.
    pub fn barrier_count(&self) -> usize {
        self.nodes.iter().filter(|node| node.barrier).count()
    }

    /// Rough time of a step on one thread, in nanoseconds.
    pub fn cost(&self) -> f64 {
        self.cost
    }

    /// The most threads that find work.
    pub fn max_threads(&self) -> usize {
        self.nodes.iter().map(|node| node.partition.parts()).max().unwrap_or(1)
    }
}

fn location(program: &Program, storage: &Storage, offset: usize) -> Location {
    let first_variable = FIRST_INPUT + program.inputs.len();
    let (base, offset) = match storage.placement {
        Placement::Arena | Placement::Transposed(_) | Placement::Private => (ARENA, offset),
        Placement::Constant(offset) => (CONSTANTS, offset),
        Placement::Input(number) => (FIRST_INPUT + number, 0),
        Placement::Variable(number) => (first_variable + number, 0),
        Placement::Output(number) => (first_variable + program.variables.len() + number, 0),
    };
    let stride = if storage.placement == Placement::Private { storage::room_of(storage) } else { 0 };
    Location { base, offset, stride }
}

fn is_updated(program: &Program, variable: usize) -> bool {
    program.updates.iter().any(|update| update.0 == variable)
}

fn transposed(program: &Program, graph: &Graph, offsets: &[usize]) -> Vec<(usize, usize, bool)> {
    let of_storage = |(number, storage): (usize, &Storage)| match storage.placement {
        Placement::Transposed(variable) => Some((variable, offsets[number], is_updated(program, variable))),
        _ => None,
    };
    graph.storages.iter().enumerate().filter_map(of_storage).collect()
}

/// Private memory that a thread needs: of the neediest node, with those that are computed along with it.
fn scratch_bytes(nodes: &[Node]) -> usize {
    let together = |(number, node): (usize, &Node)| {
        let all = &nodes[number..=number + node.group.followers];
        all.iter().map(|node| own_scratch_bytes(node).next_multiple_of(64)).sum()
    };
    nodes.iter().enumerate().map(together).max().unwrap_or(0)
}

fn own_scratch_bytes(node: &Node) -> usize {
    let mapped = |kernel: &Option<MapKernel>| kernel.as_ref().map_or(0, |kernel| kernel.scratch_bytes);
    match &node.action {
        Action::Map { kernel, .. } => kernel.scratch_bytes,
        // In a batch of products, the partial sums are private too.
        Action::Matmul { plan, epilogue, .. } => {
            plan.scratch_bytes.next_multiple_of(64)
                + plan.shared_bytes.next_multiple_of(64)
                + mapped(epilogue)
        }
        Action::Combine { epilogue, .. } => mapped(epilogue),
        Action::Sort { width, .. } => width * 16,
        _ => 0,
    }
}
