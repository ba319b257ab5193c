//! Expressions as steps of a tape: one for each operation, over groups where the types allow it.

use super::lower::Lowering;
use super::template::{Code, Detail, GROUP, GROUP_BYTES, Place, Step};
use crate::ir::program::{Dtype, MapOp, MapStep, ValueId};
use crate::ir::types::Type;
use crate::kernels::tile;

/// Longer expressions are run by their kernel, which is as quick for so many numbers.
const MOST_GROUPS: usize = 16;

/// An operand or result of an expression's steps.
#[derive(Clone, Copy)]
struct Register {
    slot: usize,
    lies: Lies,
    dtype: Dtype,
    /// In groups of `f32`, also the answers of comparisons; otherwise in its own type.
    in_groups: bool,
}

/// How a register's numbers are found from the position in the result.
#[derive(Clone, Copy, PartialEq)]
enum Lies {
    /// One number.
    Single,
    /// Like the result.
    Alike,
    /// It repeats after so many numbers, a multiple of `GROUP`.
    Repeats(usize),
}

impl Register {
    fn place(&self, group: usize) -> Place {
        let offset = match self.lies {
            Lies::Single => 0,
            Lies::Alike => group * GROUP_BYTES,
            Lies::Repeats(period) => group * GROUP % period * 4,
        };
        Place { slot: self.slot, offset }
    }
}

impl<'a> Lowering<'a> {
    /// An expression. With a `product`, that is register 0 and lies like the result.
    pub fn map(
        &mut self,
        code: &[MapStep],
        operands: &[(usize, ValueId)],
        product: Option<usize>,
        value: ValueId,
        target: usize,
    ) -> Option<()> {
        let out = self.types[value];
        let count = out.elements();
        let own = operands.iter().all(|(slot, _)| self.template.slots[*slot].own);
        if count == 0 || count > MOST_GROUPS * GROUP || !own || !self.template.slots[target].own {
            return None;
        }
        let groups = count.div_ceil(GROUP);
        let mut registers: Vec<Register> = Vec::with_capacity(operands.len() + code.len() + 1);
        let alike = if count == 1 { Lies::Single } else { Lies::Alike };
        registers.extend(product.map(|slot| Register {
            slot,
            lies: alike,
            dtype: Dtype::F32,
            in_groups: true,
        }));
        for &(slot, id) in operands {
            let register = self.operand(slot, self.types[id], out.shape)?;
            registers.push(register);
        }
        let first = registers.len();
        // An answer that only becomes a number at the end is one already.
        let last = match code {
            [.., answer, cast] if cast.op == MapOp::Cast && cast.dtype == Dtype::F32 => {
                let own = cast.args[0] == first + code.len() - 2 && answer.dtype == Dtype::Bool;
                code.len() - 1 - usize::from(own && self.in_groups(answer, &registers, false))
            }
            _ => code.len() - 1,
        };
        for (number, step) in code[..=last].iter().enumerate() {
            let args: Vec<Register> = step.args.iter().map(|&arg| registers[arg]).collect();
            let is_last = number == last;
            let wants_bytes = is_last && last + 1 == code.len() && step.dtype == Dtype::Bool;
            if !self.in_groups(step, &registers, wants_bytes) {
                let register = self.tile(step, &args, count, is_last.then_some(target))?;
                registers.push(register);
                continue;
            }
            // A cast of an answer to a number changes nothing.
            if step.op == MapOp::Cast && !is_last {
                registers.push(Register { dtype: Dtype::F32, ..args[0] });
                continue;
            }
            let single = args.iter().all(|arg| arg.lies == Lies::Single) && (!is_last || count == 1);
            let own_groups = if single { 1 } else { groups };
            let slot = if is_last { target } else { self.temporary(own_groups * GROUP_BYTES) };
            let lies = if single { Lies::Single } else { Lies::Alike };
            let register = Register { slot, lies, dtype: step.dtype, in_groups: true };
            let places = (0..own_groups).map(|group| {
                let mut places = [register.place(group); 4];
                places.iter_mut().zip(&args).for_each(|(place, arg)| *place = arg.place(group));
                places
            });
            let groups = places.collect();
            let reads = args.iter().map(|arg| arg.slot).collect();
            let code = Code::of(step.op)?;
            let latency = latency(step.op);
            self.push(Step { code, groups, detail: None, node: None, reads, write: slot, latency });
            registers.push(register);
        }
        Some(())
    }

    /// Whether a step runs in groups.
    fn in_groups(&self, step: &MapStep, registers: &[Register], wants_bytes: bool) -> bool {
        let mut args = step.args.iter().map(|&arg| registers.get(arg));
        let grouped = args.all(|arg| arg.is_some_and(|arg| arg.in_groups));
        grouped
            && Code::of(step.op).is_some()
            && matches!(step.dtype, Dtype::F32 | Dtype::Bool)
            && !wants_bytes
    }

    /// An operand of an expression whose result has `shape`.
    fn operand(&mut self, slot: usize, own: Type<'a>, shape: &[usize]) -> Option<Register> {
        let in_groups = own.dtype == Dtype::F32;
        let table = table(own.shape, shape);
        let in_order = |period: usize| table.iter().enumerate().all(|(i, &from)| from as usize == i % period);
        let register = |slot, lies| Some(Register { slot, lies, dtype: own.dtype, in_groups });
        if own.elements() == 1 {
            return register(slot, Lies::Single);
        }
        if in_order(own.elements()) {
            let count = table.len();
            if own.elements() == count {
                return register(slot, Lies::Alike);
            }
            if own.elements().is_multiple_of(GROUP) && in_groups {
                return register(slot, Lies::Repeats(own.elements()));
            }
        }
        if !in_groups {
            return None;
        }
        let repeated = self.temporary(table.len() * 4);
        let latency = 4.0 + table.len() as f64 / 4.0;
        self.with_detail(Code::Gather, Detail::Gather(table), &[slot], repeated, latency);
        register(repeated, Lies::Alike)
    }

    /// A step of other types than `f32`, over elements that lie like the result or are single.
    fn tile(
        &mut self,
        step: &MapStep,
        args: &[Register],
        count: usize,
        target: Option<usize>,
    ) -> Option<Register> {
        let single = args.iter().all(|arg| arg.lies == Lies::Single);
        let count = if single { 1 } else { count };
        let fits = |arg: &Register| {
            let plain = arg.dtype != Dtype::Bool || !arg.in_groups;
            plain && (arg.lies == Lies::Alike || single)
        };
        let dtypes: Vec<Dtype> = args.iter().map(|arg| arg.dtype).collect();
        let slot = target.unwrap_or_else(|| self.temporary(count * step.dtype.size()));
        let fills = count * step.dtype.size() == self.template.slots[slot].bytes;
        if !args.iter().all(fits) || !fills {
            return None;
        }
        let function = tile::lookup(step.op, &dtypes, step.dtype, self.level)?;
        let reads: Vec<usize> = args.iter().map(|arg| arg.slot).collect();
        if step.op == MapOp::Pow && step.dtype == Dtype::F32 && single {
            // As an optimizer's correction of its bias.
            let start = |slot| Place { slot, offset: 0 };
            let groups = vec![[start(args[0].slot), start(args[1].slot), start(slot), start(slot)]];
            let reads = args.iter().map(|arg| arg.slot).collect();
            let code = Code::Power;
            self.push(Step { code, groups, detail: None, node: None, reads, write: slot, latency: 15.0 });
            return Some(Register { slot, lies: Lies::Single, dtype: Dtype::F32, in_groups: true });
        }
        let in_groups = step.dtype == Dtype::F32;
        let code = if in_groups && single { Code::Single } else { Code::Tile };
        self.with_detail(code, Detail::Tile { function, count }, &reads, slot, 15.0);
        let lies = if single { Lies::Single } else { Lies::Alike };
        Some(Register { slot, lies, dtype: step.dtype, in_groups })
    }
}

/// For each element of a result of `shape`, which element of an operand it is made of.
fn table(own: &[usize], shape: &[usize]) -> Vec<u32> {
    let missing = shape.len() - own.len();
    let count: usize = shape.iter().product();
    let index = |mut position: usize| {
        let (mut index, mut stride) = (0, 1);
        for axis in (0..shape.len()).rev() {
            let here = position % shape[axis];
            position /= shape[axis];
            let len = if axis >= missing { own[axis - missing] } else { 1 };
            index += if len == 1 { 0 } else { here * stride };
            stride *= len;
        }
        index as u32
    };
    (0..count).map(index).collect()
}

/// Rough nanoseconds until a result is there.
fn latency(op: MapOp) -> f64 {
    match op {
        MapOp::Exp | MapOp::Log | MapOp::Sigmoid | MapOp::Erf | MapOp::Expm1 => 20.0,
        MapOp::Tanh | MapOp::Softplus | MapOp::Log1p => 30.0,
        MapOp::Sqrt | MapOp::Div | MapOp::Rsqrt => 7.0,
        _ => 3.0,
    }
}
