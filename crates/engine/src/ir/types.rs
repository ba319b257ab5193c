//! Types of values, and the limits of programs.

use crate::ir::program::{Dtype, Program};

/// The most elements of one value.
pub const MAX_ELEMENTS: usize = 1 << 31;
/// The most bytes of all values together.
pub const MAX_TOTAL_BYTES: usize = 1 << 35;
/// The most axes of one value.
pub const MAX_AXES: usize = 8;
/// The most instructions of one program.
pub const MAX_INSTRUCTIONS: usize = 100_000;
/// The most inputs of one elementwise instruction.
pub const MAX_MAP_INPUTS: usize = 32;
/// The most inputs and steps of one elementwise instruction together.
pub const MAX_REGISTERS: usize = 128;

/// The type of a value: element type and shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Type<'a> {
    /// Element type.
    pub dtype: Dtype,
    /// Shape.
    pub shape: &'a [usize],
}

impl Type<'_> {
    /// Number of elements; checked when the program was verified.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// Number of bytes.
    pub fn bytes(&self) -> usize {
        self.elements() * self.dtype.size()
    }
}

/// The types of all values of a program, by value number.
pub fn types(program: &Program) -> Vec<Type<'_>> {
    let declared = program.inputs.iter().chain(&program.variables).map(|d| (d.dtype, &d.shape));
    let constants = program.constants.iter().map(|c| (c.dtype, &c.shape));
    let computed = program.instructions.iter().map(|i| (i.dtype, &i.shape));
    declared.chain(constants).chain(computed).map(|(dtype, shape)| Type { dtype, shape }).collect()
}

/// The name of an element type, as it is spelled in a program.
pub fn dtype_name(dtype: Dtype) -> &'static str {
    match dtype {
        Dtype::F32 => "f32",
        Dtype::F64 => "f64",
        Dtype::I32 => "i32",
        Dtype::I64 => "i64",
        Dtype::U8 => "u8",
        Dtype::Bool => "bool",
    }
}

pub(crate) fn list_dtypes(dtypes: &[Dtype]) -> String {
    let names: Vec<&str> = dtypes.iter().map(|&dtype| dtype_name(dtype)).collect();
    format!("({})", names.join(", "))
}

/// A type as messages show it, such as `f32 [100, 10]`.
pub fn describe_type(value: Type) -> String {
    format!("{} {:?}", dtype_name(value.dtype), value.shape)
}
