//! Products that leave out the zeros of a batch of rows: what they read instead, and where the rows stay.

use crate::ir::program::ValueId;
use crate::kernels::matmul::{MatmulPlan, Split};
use crate::partition::Partition;
use crate::plan::lower::{Cut, Lowering};
use crate::plan::operations::blocks;
use crate::plan::{Access, Action, Placement, Touch};
use crate::specialized::sparse_rows::lists::ListPlan;
use crate::specialized::sparse_rows::mark_products::{Skip, Zeros};
use crate::specialized::sparse_rows::marks::{GRANULE, MarkPlan, Weights};

/// Smaller batches are not worth a look at their zeros.
const MARKED_ROWS: usize = 16;
/// Lists of more bytes would not stay in a cache.
const MOST_LIST_BYTES: usize = 8 << 20;
/// Nor are shorter rows.
const MARKED_COLUMNS: usize = 64;

impl Lowering<'_> {
    /// Lets a product leave out the zeros of a batch of rows, if it can; gives the marks
    /// that it reads. The product that sums over the columns has the marks made; those
    /// after it, which make the gradient, find them.
    pub(crate) fn skip_zeros(&mut self, plan: &mut MatmulPlan, a: ValueId, b: ValueId) -> Option<Access> {
        let zeros = plan.possible_skip()?;
        let (rows, other) = if zeros == Zeros::OfRightRows { (b, a) } else { (a, b) };
        let (root, count) = self.batch_with_zeros(rows)?;
        let known = self.marks.iter().find(|(value, marks, _)| {
            (*value, marks.rows, marks.partition) == (root, count, *plan.split.partition())
        });
        let (marks, value) = match known {
            Some(&(_, marks, value)) => (marks, value),
            None if zeros == Zeros::OfRows => self.mark(rows, other, plan),
            None => return None,
        };
        plan.skip = Some(Skip { zeros, marks });
        Some(Access { value, touch: blocks(marks.partition.parts(), marks.block_bytes()) })
    }

    /// A value that is a batch of rows, large enough for a look at its zeros: its root, and how many rows.
    fn batch_with_zeros(&self, rows: ValueId) -> Option<(ValueId, usize)> {
        let [count, columns] = *self.types[rows].shape else { return None };
        let root = self.roots[rows];
        let is_batch = root < self.program.inputs.len() && count >= MARKED_ROWS;
        (is_batch && columns >= MARKED_COLUMNS && columns.is_multiple_of(GRANULE)).then_some((root, count))
    }

    /// Has marks made of the rows `rows`, which a product multiplies by `other`.
    fn mark(&mut self, rows: ValueId, other: ValueId, plan: &MatmulPlan) -> (MarkPlan, usize) {
        let spec = &plan.spec;
        let partition = *plan.split.partition();
        let weights = Weights { width: spec.n, transposed: spec.transpose_b };
        let dtype = self.types[rows].dtype;
        let marks = MarkPlan { rows: spec.m, partition, dtype, in_place: false, weights };
        let value = self.new_value(Placement::Arena, marks.bytes());
        let cut = |axis| Some(Cut { axis, partition });
        let reads = vec![self.access(rows, cut(1)), self.access(other, cut(usize::from(spec.transpose_b)))];
        let write = Access { value, touch: blocks(partition.parts(), marks.block_bytes()) };
        let cost = self.types[rows].bytes() as f64 / 40.0 + (spec.k * spec.n) as f64 * 0.03;
        let cut = (partition.parts() > 1).then_some(partition);
        self.push(Action::Mark { plan: marks }, cut, write, reads, cost);
        self.marks.push((self.roots[rows], marks, value));
        (marks, value)
    }

    /// Lets a product read lists of what is not zero in a batch of rows, if it can; gives them.
    pub(crate) fn read_lists(&mut self, plan: &mut MatmulPlan, a: ValueId) -> Option<Access> {
        if !plan.can_read_lists() {
            return None;
        }
        let (root, batch_rows) = self.batch_with_zeros(a)?;
        let (batch_columns, dtype) = (self.types[a].shape[1], self.types[a].dtype);
        let transposed = plan.spec.transpose_a;
        let lists = ListPlan { batch_rows, batch_columns, dtype, in_place: false, transposed };
        // A thread lists the rows of the result that it computes, or all of them.
        let partition = match plan.split {
            Split::Rows(partition) => Some(partition),
            _ => None,
        };
        let known = self.lists.iter().find(|known| (known.0, known.1, known.2) == (root, lists, partition));
        let value = match known {
            Some(&(.., value)) => value,
            // It is for the sake of products that sum over the columns that a look at the zeros pays.
            None if transposed && self.lists.iter().all(|(value, ..)| *value != root) => return None,
            None if lists.bytes() > MOST_LIST_BYTES => return None,
            None => self.list(root, a, lists, partition),
        };
        plan.read_lists(lists);
        Some(Access { value, touch: Touch::Private })
    }

    /// Has lists made of the batch of rows `rows`: by the thread that owns a part, or all by every thread.
    fn list(&mut self, root: ValueId, rows: ValueId, lists: ListPlan, partition: Option<Partition>) -> usize {
        let value = self.new_value(Placement::Private, lists.bytes());
        let cost = self.types[rows].elements() as f64 * 0.1;
        let write = Access { value, touch: Touch::Private };
        let reads = vec![self.access_all(rows)];
        let all = Partition::whole(lists.rows());
        self.push(Action::List { plan: lists }, Some(partition.unwrap_or(all)), write, reads, cost);
        if let Some(node) = self.graph.nodes.last_mut() {
            node.everywhere = partition.is_none();
        }
        self.lists.push((root, lists, partition, value));
        value
    }

    /// Rows that only products without their zeros read are left where the caller has them.
    pub(crate) fn read_in_place(&mut self) {
        for input in 0..self.program.inputs.len() {
            let in_place = |action: &Action, read: usize| match action {
                Action::Mark { .. } | Action::List { .. } => read == 0,
                Action::Matmul { plan, batch, .. } => {
                    let right = plan.skip.is_some_and(|skip| skip.zeros == Zeros::OfRightRows);
                    let leaves_out = plan.skip.is_some() || plan.lists.is_some();
                    (leaves_out && read == usize::from(right))
                        || (batch.is_none() && plan.batch_operand() == Some(read))
                }
                _ => false,
            };
            let mut reads = self.graph.nodes.iter().flat_map(|node| {
                node.reads.iter().enumerate().map(move |(number, access)| (node, number, access.value))
            });
            let mut count = 0;
            let all = reads.all(|(node, number, value)| {
                count += usize::from(value == input);
                value != input || in_place(&node.action, number)
            });
            if !all || count == 0 {
                continue;
            }
            let listed = self.lists.iter().any(|(value, ..)| *value == input);
            let marked = self.marks.iter().any(|(value, ..)| *value == input);
            let fetch = self.graph.nodes.iter_mut().find_map(|node| match &mut node.action {
                Action::Fetch { input: own, .. } if *own == input => Some(node),
                _ => None,
            });
            let Some(node) = fetch else { continue };
            let whole = node.partition.parts() == 1;
            let Action::Fetch { private, outer, len, inner, .. } = &mut node.action else { continue };
            if listed && !marked {
                // Every thread makes a table of all rows for itself.
                let shape = self.types[input].shape;
                (*private, *outer, *len, *inner) = (true, shape[0], shape[1..].iter().product(), 1);
                node.partition = Partition::whole(*len);
                node.everywhere = true;
                node.write = Some(Access { value: input, touch: Touch::Private });
            } else if listed || !(whole || *private) {
                // One thread makes the table for all, or each its own.
                continue;
            }
            let (private, everywhere) = (*private, node.everywhere);
            self.graph.in_place.push((input, private));
            for node in &mut self.graph.nodes {
                for access in node.reads.iter_mut().filter(|access| access.value == input && everywhere) {
                    access.touch = Touch::Private;
                }
                if node.reads.iter().all(|access| access.value != input) {
                    continue;
                }
                match &mut node.action {
                    Action::Mark { plan } => plan.in_place = true,
                    Action::List { plan } => plan.in_place = true,
                    Action::Matmul { plan, .. } => {
                        plan.skip.iter_mut().for_each(|skip| skip.marks.in_place = true);
                        plan.lists.iter_mut().for_each(|lists| lists.in_place = true);
                        plan.in_place = plan.batch_operand().is_some();
                    }
                    _ => {}
                }
            }
        }
    }
}
