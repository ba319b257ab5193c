//! Convolution of pictures, with an expression over the result, and its two gradients.

use serde::{Deserialize, Serialize};

use super::elementwise::{check_code, kernel, map_cost};
use super::windows::{Axes, picture_cut};
use super::{Entry, Operation};
use crate::ir::check::{expect, expect_broadcast};
use crate::ir::graph::{Access, Action, Placement, Touch, Work};
use crate::ir::planner::{Cut, Planned, Planner, blocks};
use crate::ir::program::{Dtype, MapStep, ValueId};
use crate::ir::stages::Stages;
use crate::ir::types::{Type, dtype_name};
use crate::kernels::convolution::filters::{FilterArrays, FilterPlan};
use crate::kernels::convolution::{self, Arrays, ConvolutionPlan, Geometry};
use crate::kernels::index::BadIndex;
use crate::kernels::map::MapKernel;
use crate::kernels::matmul::Sink;
use crate::partition::Partition;

pub(super) const FAMILY: &[Entry] =
    &[Entry::of::<Conv2d>(), Entry::of::<Conv2dInputGradient>(), Entry::of::<Conv2dFilterGradient>()];

/// Pictures `[batch, rows, columns, channels]` (`f32`, or `u8` read as exact floats; or `f64`) and filters
/// `[taps, taps, channels / groups, filters]`. Inputs after these belong to the epilogue, as of a matrix product.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Conv2d {
    /// From one output to the next, along rows and columns.
    pub strides: [usize; 2],
    /// From one tap to the next.
    pub dilations: [usize; 2],
    /// Zeros above and to the left of the pictures.
    pub before: [usize; 2],
    /// Divides channels and filters.
    pub groups: usize,
    /// Applied to the sums while they are still in cache.
    #[serde(default)]
    pub epilogue: Vec<MapStep>,
}

/// Gradients of outputs, and filters: the gradient to the pictures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Conv2dInputGradient {
    /// As of the convolution.
    pub strides: [usize; 2],
    /// As of the convolution.
    pub dilations: [usize; 2],
    /// As of the convolution.
    pub before: [usize; 2],
    /// As of the convolution.
    pub groups: usize,
    /// Applied to the sums while they are still in cache.
    #[serde(default)]
    pub epilogue: Vec<MapStep>,
}

/// Pictures, and gradients of outputs: the gradient to the filters.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Conv2dFilterGradient {
    /// As of the convolution.
    pub strides: [usize; 2],
    /// As of the convolution.
    pub dilations: [usize; 2],
    /// As of the convolution.
    pub before: [usize; 2],
    /// As of the convolution.
    pub groups: usize,
}

/// The shapes of pictures, filters and outputs; one of them is the result's.
fn geometry(
    axes: Axes,
    groups: usize,
    x: &[usize],
    w: &[usize],
    y: &[usize],
    source: Dtype,
) -> Result<Geometry, String> {
    let (&[batch, _, _, channels], &[down, right, group_channels, filters], &[batch_y, _, _, filters_y]) =
        (x, w, y)
    else {
        return Err(format!("needs pictures, filters and outputs of four axes, got {x:?}, {w:?} and {y:?}"));
    };
    let fits = groups > 0 && group_channels.checked_mul(groups) == Some(channels) && filters % groups == 0;
    if !fits || batch != batch_y || filters != filters_y {
        return Err(format!(
            "pictures {x:?}, filters {w:?} and outputs {y:?} do not fit with {groups} groups"
        ));
    }
    let (rows, columns) = axes.of((x[1], x[2]), (y[1], y[2]), (down, right))?;
    Ok(Geometry { batch, rows, columns, channels, filters, groups, source })
}

fn source_dtype(x: Dtype, w: Dtype) -> Result<Dtype, String> {
    match (x, w) {
        (Dtype::F32 | Dtype::U8, Dtype::F32) => Ok(Dtype::F32),
        (Dtype::F64, Dtype::F64) => Ok(Dtype::F64),
        (x, w) => Err(format!(
            "needs f32 (or u8) pictures and f32, or two of f64, got {} and {}",
            dtype_name(x),
            dtype_name(w)
        )),
    }
}

/// Checks a convolution's or an input gradient's epilogue and result.
fn check_result(epilogue: &[MapStep], sums: Dtype, rest: &[Type], result: Type) -> Result<(), String> {
    if epilogue.is_empty() && !rest.is_empty() {
        return Err(format!("has {} inputs for an epilogue, but no epilogue", rest.len()));
    }
    expect_broadcast(rest, result.shape)?;
    let mut dtypes = vec![sums];
    dtypes.extend(rest.iter().map(|input| input.dtype));
    expect(result, check_code(epilogue, &dtypes)?, result.shape)
}

fn two<'a, 'b>(inputs: &'a [Type<'b>]) -> Result<(Type<'b>, Type<'b>, &'a [Type<'b>]), String> {
    match inputs {
        [first, second, rest @ ..] => Ok((*first, *second, rest)),
        _ => Err(format!("takes at least 2 inputs, got {}", inputs.len())),
    }
}

impl Operation for Conv2d {
    const NAME: &'static str = "conv2d";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        let (x, w, rest) = two(inputs)?;
        let sums = source_dtype(x.dtype, w.dtype)?;
        self.geometry(x, w, result)?;
        check_result(&self.epilogue, sums, rest, result)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let (x, w) = (planner.types[inputs[0]], planner.types[inputs[1]]);
        let geometry = self.geometry(x, w, planner.types[value])?;
        plan(planner, inputs, value, convolution::plan(geometry, false, planner.level), &self.epilogue)
    }
}

impl Conv2d {
    fn geometry(&self, x: Type, w: Type, y: Type) -> Result<Geometry, String> {
        let axes = Axes { strides: self.strides, dilations: self.dilations, before: self.before };
        geometry(axes, self.groups, x.shape, w.shape, y.shape, x.dtype)
    }
}

impl Operation for Conv2dInputGradient {
    const NAME: &'static str = "conv2d_input_gradient";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        let (g, w, rest) = two(inputs)?;
        let sums = source_dtype(g.dtype, w.dtype)?;
        self.geometry(g, w, result)?;
        check_result(&self.epilogue, sums, rest, result)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let (g, w) = (planner.types[inputs[0]], planner.types[inputs[1]]);
        let geometry = self.geometry(g, w, planner.types[value])?;
        plan(planner, inputs, value, convolution::plan(geometry, true, planner.level), &self.epilogue)
    }
}

impl Conv2dInputGradient {
    fn geometry(&self, g: Type, w: Type, x: Type) -> Result<Geometry, String> {
        let axes = Axes { strides: self.strides, dilations: self.dilations, before: self.before };
        geometry(axes, self.groups, x.shape, w.shape, g.shape, g.dtype)
    }
}

/// Adds the node of a convolution or an input gradient.
fn plan(
    planner: &mut Planner,
    inputs: &[ValueId],
    value: ValueId,
    plan: ConvolutionPlan,
    epilogue: &[MapStep],
) -> Result<(), String> {
    let result = planner.types[value];
    let sums = plan.geometry.result();
    let mut cost = plan.geometry.cost();
    let mut kernel_of_epilogue = None;
    if !epilogue.is_empty() {
        let mut operands = vec![(sums, result.shape)];
        operands.extend(inputs[2..].iter().map(|&id| (planner.types[id].dtype, planner.types[id].shape)));
        kernel_of_epilogue = Some(kernel(epilogue, &operands, result.shape, planner.level)?);
        cost += map_cost(epilogue, result);
    }
    let cut = picture_cut(planner, &inputs[..1], cost);
    let mut reads = vec![planner.access(inputs[0], cut), planner.access_all(inputs[1])];
    reads.extend(inputs[2..].iter().map(|&id| planner.operand(id, result.shape, cut)));
    let action = Convolve { elements: result.elements(), plan, epilogue: kernel_of_epilogue };
    planner.add(value, Planned::new(action, cut, reads, cost));
    Ok(())
}

impl Operation for Conv2dFilterGradient {
    const NAME: &'static str = "conv2d_filter_gradient";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        let (x, g, rest) = two(inputs)?;
        if !rest.is_empty() {
            return Err(format!("takes 2 inputs, got {}", inputs.len()));
        }
        let sums = source_dtype(x.dtype, g.dtype)?;
        self.geometry(x, g, result)?;
        expect(result, sums, result.shape)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let result = planner.types[value];
        let geometry = self.geometry(planner.types[inputs[0]], planner.types[inputs[1]], result)?;
        let plan = FilterPlan::new(geometry, planner.level);
        let cost = geometry.cost();
        let bytes = result.bytes();
        let cut =
            picture_cut(planner, inputs, cost).filter(|cut| cut.partition.parts() * bytes <= MOST_BYTES);
        let cut = cut.or_else(|| fewer_parts(geometry.batch, bytes));
        let partition = cut.map_or(Partition::whole(geometry.batch), |cut| cut.partition);
        let parts = partition.parts();
        let shared = planner.new_value(Placement::Arena, parts * bytes);
        let reads = vec![planner.access(inputs[0], cut), planner.access(inputs[1], cut)];
        let partial = Access { value: shared, touch: blocks(parts, bytes) };
        let action = SumParts { plan: plan.clone(), partition, bytes };
        planner.push(Box::new(action), (parts > 1).then_some(partition), partial, reads, cost);

        let cost = (parts * result.elements()) as f64 * 0.1;
        let cut = planner.cut_rows(Type { shape: &[plan.numbers()], ..result }, cost);
        let reads = vec![Access { value: shared, touch: Touch::All }];
        let touch = match cut {
            Some(Cut { partition, .. }) if partition.parts() > 1 => {
                let inner = result.dtype.size();
                Touch::Own { outer: 1, len: plan.numbers(), inner, partition }
            }
            _ => Touch::All,
        };
        let write = Access { value: planner.roots[value], touch };
        let action = AddUp { plan, parts };
        planner.push(Box::new(action), cut.map(|cut| cut.partition), write, reads, cost);
        Ok(())
    }
}

/// Partial sums of filters take up to so many bytes.
const MOST_BYTES: usize = 1 << 23;

/// A cut into as few parts as keep partial sums of so many bytes small.
fn fewer_parts(batch: usize, bytes: usize) -> Option<Cut> {
    let partition = Partition::limited(batch, 1, (MOST_BYTES / bytes.max(1)).clamp(2, 16));
    (partition.parts() > 1).then_some(Cut { axis: 0, partition })
}

impl Conv2dFilterGradient {
    fn geometry(&self, x: Type, g: Type, w: Type) -> Result<Geometry, String> {
        let axes = Axes { strides: self.strides, dilations: self.dilations, before: self.before };
        geometry(axes, self.groups, x.shape, w.shape, g.shape, x.dtype)
    }
}

/// Reads the source, the filters and the epilogue's operands.
#[derive(Debug)]
struct Convolve {
    plan: ConvolutionPlan,
    epilogue: Option<MapKernel>,
    elements: usize,
}

impl Action for Convolve {
    fn describe(&self) -> String {
        let Geometry { rows, columns, channels, filters, .. } = self.plan.geometry;
        let (name, place) = match self.plan.backwards {
            false => ("conv2d", if self.plan.reads_in_place() { "" } else { ", with zeros around" }),
            true => ("conv2d_input_gradient", ""),
        };
        format!("{name} {}x{} of {channels} by {filters}{place}", rows.taps, columns.taps)
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let after = work.scratch.wrapping_add(self.plan.scratch_bytes.next_multiple_of(64));
        let channels = self.plan.result_channels();
        let size = self.plan.geometry.result().size();
        // SAFETY: the arrays and the range are those of the plan; the scratch memory has room for both.
        unsafe {
            let epilogue = self.epilogue.as_ref().map(|kernel| (kernel, &work.inputs[1..]));
            let mut stages = Stages::behind_sums(work, epilogue, after, channels, size);
            let arrays = Arrays {
                source: work.inputs[0],
                filters: work.inputs[1],
                out: work.out,
                scratch: work.scratch,
                sink: stages.as_mut().map(|stages| stages as &mut dyn Sink),
            };
            convolution::run(&self.plan, work.range.clone(), arrays);
        }
        Ok(())
    }

    fn units(&self) -> usize {
        self.plan.geometry.batch
    }

    fn scratch_bytes(&self) -> usize {
        self.plan.scratch_bytes.next_multiple_of(64)
            + self.epilogue.as_ref().map_or(0, |kernel| kernel.scratch_bytes)
    }

    fn may_overwrite(&self, read: usize) -> bool {
        self.epilogue.as_ref().is_some_and(|kernel| read >= 2 && kernel.reads_in_place(read - 1))
    }

    fn handed_on(&self) -> Option<usize> {
        Some(self.elements)
    }

    fn can_stream(&self) -> bool {
        self.epilogue.is_none()
    }

    fn takes_long(&self) -> bool {
        true
    }
}

/// Reads pictures and gradients of outputs; writes partial sums.
#[derive(Debug)]
struct SumParts {
    plan: FilterPlan,
    partition: Partition,
    bytes: usize,
}

impl Action for SumParts {
    fn describe(&self) -> String {
        let Geometry { rows, columns, channels, filters, .. } = self.plan.geometry;
        format!("conv2d_filter_gradient {}x{} of {channels} by {filters}", rows.taps, columns.taps)
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        for part in work.parts.clone() {
            let arrays = FilterArrays {
                pictures: work.inputs[0],
                gradients: work.inputs[1],
                sums: work.out.wrapping_add(part * self.bytes),
                scratch: work.scratch,
            };
            // SAFETY: the arrays and the parts are those of the plan.
            unsafe { self.plan.run_part(self.partition.range(part), &arrays) };
        }
        Ok(())
    }

    fn units(&self) -> usize {
        self.plan.geometry.batch
    }

    fn scratch_bytes(&self) -> usize {
        self.plan.scratch_bytes
    }

    fn takes_long(&self) -> bool {
        true
    }
}

/// Reads partial sums.
#[derive(Debug)]
struct AddUp {
    plan: FilterPlan,
    parts: usize,
}

impl Action for AddUp {
    fn describe(&self) -> String {
        "add partial sums".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        // SAFETY: the arrays and the range are those of the plan.
        unsafe { self.plan.combine(work.range.clone(), self.parts, work.inputs[0], work.out) };
        Ok(())
    }

    fn units(&self) -> usize {
        self.plan.numbers()
    }
}
