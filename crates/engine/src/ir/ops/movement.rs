//! Operations that change the shape or the order of elements.

use serde::{Deserialize, Serialize};

use super::{Entry, Operation};
use crate::ir::check::{exactly, expect, expect_broadcast};
use crate::ir::graph::{Action, Work};
use crate::ir::planner::{Planned, Planner, items_of};
use crate::ir::program::ValueId;
use crate::ir::types::{Type, describe_type};
use crate::kernels::index::BadIndex;
use crate::kernels::movement::Strided;

pub(super) const FAMILY: &[Entry] =
    &[Entry::of::<Reshape>(), Entry::of::<Broadcast>(), Entry::of::<Transpose>(), Entry::of::<Slice>()];

/// The same elements under another shape.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reshape {}

/// Repeats along axes of length 1, as NumPy's `broadcast_to`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Broadcast {}

/// Permutes the axes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Transpose {
    /// `out.shape[i] = in.shape[perm[i]]`.
    pub perm: Vec<usize>,
}

/// `out[i, ...] = in[begin + i * stride, ...]`; strides may be negative.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Slice {
    /// First index on each axis.
    pub begin: Vec<usize>,
    /// Step on each axis.
    pub strides: Vec<isize>,
}

impl Operation for Reshape {
    const NAME: &'static str = "reshape";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        exactly::<1>(inputs)?;
        if result.dtype == inputs[0].dtype && result.elements() == inputs[0].elements() {
            return Ok(());
        }
        Err(format!("cannot reshape {} to {}", describe_type(inputs[0]), describe_type(result)))
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        planner.alias(value, inputs[0]);
        Ok(())
    }
}

impl Operation for Broadcast {
    const NAME: &'static str = "broadcast";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        exactly::<1>(inputs)?;
        expect_broadcast(inputs, result.shape)?;
        expect(result, inputs[0].dtype, result.shape)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let (from, out) = (planner.types[inputs[0]], planner.types[value]);
        let view = Strided::broadcast(from.shape, out.shape, out.dtype.size());
        plan(planner, inputs[0], value, view, from.shape.len() == out.shape.len());
        Ok(())
    }
}

impl Operation for Transpose {
    const NAME: &'static str = "transpose";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        let perm = &self.perm;
        exactly::<1>(inputs)?;
        let x = inputs[0];
        let mut sorted = perm.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..x.shape.len()) {
            return Err(format!("{perm:?} does not permute the axes of {}", describe_type(x)));
        }
        let shape: Vec<usize> = perm.iter().map(|&axis| x.shape[axis]).collect();
        expect(result, x.dtype, &shape)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let (from, out) = (planner.types[inputs[0]], planner.types[value]);
        let view = Strided::transpose(from.shape, &self.perm, out.dtype.size());
        plan(planner, inputs[0], value, view, self.perm.first() == Some(&0));
        Ok(())
    }
}

impl Operation for Slice {
    const NAME: &'static str = "slice";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        let Slice { begin, strides } = self;
        exactly::<1>(inputs)?;
        let x = inputs[0];
        let axes = x.shape.len();
        if begin.len() != axes || strides.len() != axes || result.shape.len() != axes {
            let (b, s) = (begin.len(), strides.len());
            return Err(format!("{} needs {axes} begins and strides, got {b} and {s}", describe_type(x)));
        }
        expect(result, x.dtype, result.shape)?;
        for axis in 0..axes {
            let (len, count) = (x.shape[axis] as i128, result.shape[axis] as i128);
            let first = begin[axis] as i128;
            let last = first + (count - 1) * strides[axis] as i128;
            if count > 0 && (first >= len || last < 0 || last >= len) {
                return Err(format!(
                    "on axis {axis}, {count} elements from {first} in steps of {} reach beyond {}",
                    strides[axis],
                    describe_type(x)
                ));
            }
        }
        Ok(())
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let (from, out) = (planner.types[inputs[0]], planner.types[value]);
        let size = out.dtype.size();
        let view = Strided::slice(from.shape, out.shape, &self.begin, &self.strides, size);
        let stay = from.shape.first() == out.shape.first() && self.strides.first() == Some(&1);
        plan(planner, inputs[0], value, view, stay);
        Ok(())
    }
}

/// `stay`: row `i` of the result comes from row `i`.
fn plan(planner: &mut Planner, x: ValueId, value: ValueId, view: Strided, stay: bool) {
    let out = planner.types[value];
    let cost = out.elements() as f64;
    let cut = planner.cut_rows(out, cost);
    let action = Move { view, items: items_of(out, cut) };
    let reads = vec![if stay { planner.access_rows(x, cut) } else { planner.access_all(x) }];
    planner.add(value, Planned::new(action, cut, reads, cost));
}

/// `items` elements of the result for each item of the first axis.
#[derive(Debug)]
struct Move {
    view: Strided,
    items: usize,
}

impl Action for Move {
    fn describe(&self) -> String {
        "move".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let range = work.times(self.items);
        // SAFETY: the arrays and the range are those of the plan.
        unsafe { self.view.copy(range.start, range.len(), work.inputs[0], work.out) };
        Ok(())
    }
}

/// Copies `outer` blocks of `len` items of `inner` bytes. No instruction is one; the planner adds them.
#[derive(Debug)]
pub(crate) struct CopyAction {
    pub outer: usize,
    pub len: usize,
    pub inner: usize,
}

impl Action for CopyAction {
    fn describe(&self) -> String {
        "copy".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let Work { range, inputs, out, .. } = work;
        for block in 0..self.outer {
            let start = (block * self.len + range.start) * self.inner;
            // SAFETY: the arrays and the range are those of the plan.
            unsafe {
                let (from, to) = (inputs[0].add(start), out.add(start));
                std::ptr::copy_nonoverlapping(from, to, range.len() * self.inner);
            }
        }
        Ok(())
    }

    fn units(&self) -> usize {
        self.len
    }
}
