//! Which products read lists, who makes these, and where the rows stay.

use std::sync::Arc;

use super::lists::{self, ListPlan};
use super::products::ListedTiles;
use crate::ir::graph::{Access, Action, Placement, Task, Touch, Work};
use crate::ir::planner::Planner;
use crate::ir::program::ValueId;
use crate::kernels::index::BadIndex;
use crate::kernels::matmul::{MatmulPlan, ProductKernel, Split};
use crate::partition::Partition;

/// Smaller batches are not worth a look at their zeros.
const LISTED_ROWS: usize = 16;
/// Nor are shorter rows.
const LISTED_COLUMNS: usize = 64;
/// Columns of what is listed are a multiple of this.
const GRANULE: usize = 16;
/// Lists of more bytes would not stay in a cache.
const MOST_LIST_BYTES: usize = 8 << 20;

/// Reads rows; writes lists of what is not zero in them.
#[derive(Debug)]
struct List {
    plan: ListPlan,
}

impl Action for List {
    fn describe(&self) -> String {
        "list what is not zero".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        // SAFETY: handed on.
        unsafe { lists::list(&self.plan, work.level, work.range.clone(), work.inputs[0], work.out) };
        Ok(())
    }

    fn table_operand(&self) -> Option<usize> {
        Some(0)
    }

    fn read_table(&mut self) {
        self.plan.in_place = true;
    }
}

/// The lists that have been made: of which value, how, the parts in which they are made (none: every
/// thread makes all), and where they are.
#[derive(Default)]
struct Made(Vec<(ValueId, ListPlan, Option<Partition>, usize)>);

/// Lets a product read lists of what is not zero in a batch of rows, if it can; gives them.
pub(crate) fn matches(planner: &mut Planner, plan: &mut MatmulPlan, a: ValueId) -> Option<Access> {
    if !ListedTiles::possible(plan) {
        return None;
    }
    let (root, batch_rows) = batch_with_zeros(planner, a)?;
    let (batch_columns, dtype) = (planner.types[a].shape[1], planner.types[a].dtype);
    let transposed = plan.spec.transpose_a;
    let lists = ListPlan { batch_rows, batch_columns, dtype, in_place: false, transposed };
    // A part of few columns would walk the lists of all rows for little work: rows are cut instead.
    if !transposed && plan.spec.m >= ENOUGH_ROWS && matches!(plan.split, Split::Columns(_)) {
        plan.split = Split::Rows(Partition::new(plan.spec.m, 4));
    }
    // Whoever computes rows of the result lists them, or all of them.
    let partition = match plan.split {
        Split::Rows(partition) => Some(partition),
        _ => None,
    };
    let made = &planner.notes::<Made>().0;
    let known = made.iter().find(|known| (known.0, known.1, known.2) == (root, lists, partition));
    let value = match known {
        Some(&(.., value)) => value,
        // It is for the sake of products that sum over the columns that a look at the zeros pays.
        None if transposed && made.iter().all(|(value, ..)| *value != root) => return None,
        None if lists.bytes() > MOST_LIST_BYTES => return None,
        None => add_list(planner, root, a, lists, partition),
    };
    let kernel = ListedTiles { lists };
    kernel.plan(plan);
    plan.kernel = Arc::new(kernel);
    Some(Access { value, touch: Touch::Private })
}

/// Batches of so many rows are cut by rows.
const ENOUGH_ROWS: usize = 48;

/// A value that is a batch of rows, large enough for a look at its zeros: its root, and how many rows.
fn batch_with_zeros(planner: &Planner, rows: ValueId) -> Option<(ValueId, usize)> {
    let [count, columns] = *planner.types[rows].shape else { return None };
    let root = planner.roots[rows];
    let is_batch = root < planner.inputs && count >= LISTED_ROWS;
    (is_batch && columns >= LISTED_COLUMNS && columns.is_multiple_of(GRANULE)).then_some((root, count))
}

/// Has lists made of the batch of rows `rows`: by the thread that owns a part, or all by every thread.
fn add_list(
    planner: &mut Planner,
    root: ValueId,
    rows: ValueId,
    lists: ListPlan,
    partition: Option<Partition>,
) -> usize {
    let value = planner.new_value(Placement::Private, lists.bytes());
    let cost = planner.types[rows].elements() as f64 * 0.1;
    let write = Access { value, touch: Touch::Private };
    let reads = vec![planner.access_all(rows)];
    let all = Partition::whole(lists.rows());
    let action = Box::new(List { plan: lists });
    let node = planner.push(action, Some(partition.unwrap_or(all)), write, reads, cost);
    node.everywhere = partition.is_none();
    planner.notes::<Made>().0.push((root, lists, partition, value));
    value
}

/// Rows that only products without their zeros read are left where the caller has them: every thread makes
/// a table of all rows for itself.
pub(crate) fn read_in_place(planner: &mut Planner) {
    for input in 0..planner.inputs {
        if !planner.notes::<Made>().0.iter().any(|(value, ..)| *value == input) {
            continue;
        }
        let mut reads = planner.graph.nodes.iter().flat_map(|node| {
            let table = node.action().and_then(Action::table_operand);
            node.reads.iter().enumerate().map(move |(number, access)| (access.value, table == Some(number)))
        });
        if !reads.all(|(value, from_table)| value != input || from_table) {
            continue;
        }
        let shape = planner.types[input].shape;
        let (rows, row) = (shape[0], shape[1..].iter().product());
        for node in &mut planner.graph.nodes {
            for access in node.reads.iter_mut().filter(|access| access.value == input) {
                access.touch = Touch::Private;
            }
            let reads_it = node.reads.iter().any(|access| access.value == input);
            match &mut node.task {
                Task::Fetch { input: own, outer, len, inner, private } if *own == input => {
                    (*private, *outer, *len, *inner) = (true, rows, row, 1);
                    node.partition = Partition::whole(row);
                    node.everywhere = true;
                    node.write = Some(Access { value: input, touch: Touch::Private });
                }
                Task::Compute(action) if reads_it => action.read_table(),
                _ => {}
            }
        }
        planner.graph.in_place.push((input, true));
    }
}
