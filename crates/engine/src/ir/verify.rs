//! Every check of a program, once, when it is loaded.
//!
//! The planner and the kernels rely on it: nothing is checked again while the program
//! runs, except the indices of `pick`, `gather`, `scatter_add` and `first_places`, which are data.

use crate::ir::check::expect;
use crate::ir::ops::looping::MAX_DEPTH;
use crate::ir::ops::{self, Loop, LoopResult};
use crate::ir::program::{Dtype, Instruction, Program, ValueId};
use crate::ir::types::{
    MAX_AXES, MAX_ELEMENTS, MAX_INSTRUCTIONS, MAX_TOTAL_BYTES, Type, describe_type, types,
};

/// The title of an instruction in messages: its number, operation and name.
pub fn instruction_title(number: usize, instruction: &Instruction) -> String {
    let op = &instruction.op.name;
    if instruction.name.is_empty() {
        format!("instruction {number} ({op})")
    } else {
        format!("instruction {number} ({op} \"{}\")", instruction.name)
    }
}

/// Checks a whole program against its constants.
///
/// # Errors
/// A sentence that names the instruction, what it was given and what it expects.
pub fn verify(program: &Program, constants: &[u8]) -> Result<(), String> {
    verify_inside(program, constants, 0)
}

/// Checks a program that stands in `depth` loops.
fn verify_inside(program: &Program, constants: &[u8], depth: usize) -> Result<(), String> {
    if program.instructions.len() > MAX_INSTRUCTIONS {
        let count = program.instructions.len();
        return Err(format!("the program has {count} instructions; the maximum is {MAX_INSTRUCTIONS}"));
    }
    check_sizes(program)?;
    check_constants(program, constants)?;
    check_variables(program)?;
    check_instructions(program, constants, depth)?;
    check_outputs_and_updates(program)
}

/// Sizes of all values, with checked arithmetic; later code multiplies freely.
fn check_sizes(program: &Program) -> Result<(), String> {
    let mut total: usize = 0;
    for (id, value) in types(program).iter().enumerate() {
        let title = || value_title(program, id);
        if value.shape.len() > MAX_AXES {
            let axes = value.shape.len();
            return Err(format!("{} has {axes} axes; the maximum is {MAX_AXES}", title()));
        }
        // An axis of length 0 must not hide another one that is too long.
        let elements = value.shape.iter().try_fold(1usize, |n, &len| n.checked_mul(len.max(1)));
        let elements = elements.filter(|&n| n <= MAX_ELEMENTS).ok_or_else(|| {
            format!("{} has shape {:?}: more than {MAX_ELEMENTS} elements", title(), value.shape)
        })?;
        total = total.saturating_add(elements * value.dtype.size());
    }
    if total > MAX_TOTAL_BYTES {
        return Err(format!("the values take {total} bytes together; the maximum is {MAX_TOTAL_BYTES}"));
    }
    Ok(())
}

fn check_constants(program: &Program, blob: &[u8]) -> Result<(), String> {
    for (number, constant) in program.constants.iter().enumerate() {
        let bytes = constant.shape.iter().product::<usize>() * constant.dtype.size();
        if constant.offset % 8 != 0 {
            let offset = constant.offset;
            return Err(format!("constant {number} starts at byte {offset}, not a multiple of 8"));
        }
        if constant.offset.checked_add(bytes).is_none_or(|end| end > blob.len()) {
            return Err(format!(
                "constant {number} needs {bytes} bytes from byte {}, but there are {} bytes of constants",
                constant.offset,
                blob.len()
            ));
        }
        if constant.dtype == Dtype::Bool
            && blob[constant.offset..constant.offset + bytes].iter().any(|&byte| byte > 1)
        {
            return Err(format!("constant {number} is bool, but holds bytes other than 0 and 1"));
        }
    }
    Ok(())
}

fn check_variables(program: &Program) -> Result<(), String> {
    if let Some(number) = program.inputs.iter().position(|input| input.transposed) {
        return Err(format!("input {number} is marked as transposed; only variables may be"));
    }
    for (number, variable) in program.variables.iter().enumerate() {
        if variable.transposed && variable.shape.len() != 2 {
            let shape = &variable.shape;
            return Err(format!("variable {number} is transposed and needs two axes, not shape {shape:?}"));
        }
    }
    Ok(())
}

fn check_instructions(program: &Program, constants: &[u8], depth: usize) -> Result<(), String> {
    let all = types(program);
    let first = all.len() - program.instructions.len();
    for (number, instruction) in program.instructions.iter().enumerate() {
        let title = || instruction_title(number, instruction);
        let before = first + number;
        if let Some(id) = instruction.inputs.iter().find(|&&id| id >= before) {
            return Err(format!(
                "{}: reads value {id}, but only values 0 to {} exist before it",
                title(),
                before as isize - 1
            ));
        }
        let inputs: Vec<Type> = instruction.inputs.iter().map(|&id| all[id]).collect();
        ops::find(&instruction.op)
            .and_then(|entry| (entry.check)(&instruction.op.attributes, &inputs, all[before]))
            .and_then(|()| check_loops(program, number, constants, depth))
            .map_err(|message| format!("{}: {message}", title()))?;
    }
    Ok(())
}

/// The body of a loop is a program; a result of a loop is that of a loop.
fn check_loops(program: &Program, number: usize, constants: &[u8], depth: usize) -> Result<(), String> {
    let instruction = &program.instructions[number];
    if let Some(looping) = instruction.op.read::<Loop>() {
        if depth == MAX_DEPTH {
            return Err(format!("more than {MAX_DEPTH} loops stand in each other"));
        }
        return verify_inside(&looping.body, constants, depth + 1);
    }
    let Some(LoopResult { index }) = instruction.op.read() else { return Ok(()) };
    let first = program.inputs.len() + program.variables.len() + program.constants.len();
    let source = instruction.inputs[0].checked_sub(first).map(|source| &program.instructions[source]);
    let (dtype, shape) = source
        .and_then(|source| source.op.read::<Loop>())
        .ok_or_else(|| "its input is not a loop".to_string())?
        .result(index)
        .ok_or_else(|| format!("the loop has no result {index}"))?;
    expect(Type { dtype: instruction.dtype, shape: &instruction.shape }, dtype, &shape)
}

fn check_outputs_and_updates(program: &Program) -> Result<(), String> {
    let all = types(program);
    if let Some(id) = program.outputs.iter().find(|&&id| id >= all.len()) {
        return Err(format!("output value {id} does not exist; there are {} values", all.len()));
    }
    let mut updated = vec![false; program.variables.len()];
    for &(variable, value) in &program.updates {
        let Some(seen) = updated.get_mut(variable) else {
            let count = program.variables.len();
            return Err(format!("update of variable {variable}; there are {count} variables"));
        };
        if std::mem::replace(seen, true) {
            return Err(format!("variable {variable} is updated twice; join the updates into one value"));
        }
        let new = all.get(value).ok_or_else(|| {
            format!("variable {variable} is set to value {value}; there are {} values", all.len())
        })?;
        let declared = all[program.inputs.len() + variable];
        if *new != declared {
            return Err(format!(
                "variable {variable} is {}, but its new value is {}",
                describe_type(declared),
                describe_type(*new)
            ));
        }
    }
    Ok(())
}

/// The name of a value in messages.
fn value_title(program: &Program, id: ValueId) -> String {
    let mut number = id;
    for (kind, count) in [
        ("input", program.inputs.len()),
        ("variable", program.variables.len()),
        ("constant", program.constants.len()),
    ] {
        if number < count {
            return format!("{kind} {number}");
        }
        number -= count;
    }
    instruction_title(number, &program.instructions[number])
}
