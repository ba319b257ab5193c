//! Programs, as the engine receives them: lists of instructions over numbered values.
//!
//! A program is in single-assignment form. Value numbers count through the
//! inputs, then the variables, then the constants, then one value for each
//! instruction, in order. An instruction may only name values before its own.
//! Nothing here is trusted: `verify` checks a program once, when it is loaded,
//! and `plan` decides where each value lives.

use serde::{Deserialize, Serialize};

/// The number of a value.
pub type ValueId = usize;

/// The element types that the engine computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// 32-bit floating point.
    F32,
    /// 64-bit floating point.
    F64,
    /// 32-bit signed integer.
    I32,
    /// 64-bit signed integer.
    I64,
    /// 8-bit unsigned integer.
    U8,
    /// One byte, 0 or 1.
    Bool,
}

impl Dtype {
    /// Bytes of one element.
    pub const fn size(self) -> usize {
        match self {
            Dtype::F32 | Dtype::I32 => 4,
            Dtype::F64 | Dtype::I64 => 8,
            Dtype::U8 | Dtype::Bool => 1,
        }
    }
}

/// The type and shape of an input or variable. Arrays are C-contiguous.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Declaration {
    /// Element type.
    pub dtype: Dtype,
    /// Shape as the program sees it.
    pub shape: Vec<usize>,
    /// Variables only: the caller's array is the transpose of the program's
    /// (two axes). It is transposed when a run starts and back when it ends.
    #[serde(default)]
    pub transposed: bool,
}

/// A constant: where its bytes start in the program's blob of constants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constant {
    /// Element type.
    pub dtype: Dtype,
    /// Shape.
    pub shape: Vec<usize>,
    /// Byte offset in the blob; a multiple of 8.
    pub offset: usize,
}

/// One step of an elementwise expression.
///
/// Registers `0..inputs` are the instruction's inputs, and each step defines the next one.
/// The last step's register is the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapStep {
    /// What to compute.
    pub op: MapOp,
    /// Register numbers of the operands.
    pub args: Vec<usize>,
    /// Element type of the result.
    pub dtype: Dtype,
}

/// Elementwise operations. NaN and infinity pass through as in NumPy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
#[rustfmt::skip]
pub enum MapOp {
    // one operand
    Neg, Abs, Sign, Exp, Log, Log1p, Expm1, Sqrt, Rsqrt, Square, Sin, Cos, Tan, Tanh, Sigmoid,
    Softplus, Erf, Floor, Ceil, Round, Not, IsNan, IsInf, IsFinite, Cast,
    // two operands of one type
    Add, Sub, Mul, Div, FloorDiv, Mod, Pow, Min, Max, And, Or,
    // two operands of one type, bool result
    Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual,
    // three operands
    /// `Select(condition, x, y)`.
    Select,
    /// `MulAdd(a, b, c) = a * b + c`, floating point, may round once.
    MulAdd,
    /// `MulSub(a, b, c) = c - a * b`, floating point, may round once.
    MulSub,
}

/// How a reduction combines elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
#[rustfmt::skip]
pub enum ReduceKind { Sum, Mean, Max, Min, Prod, Any, All }

/// The operation of an instruction, as it is written: `ops` knows what it means.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Op {
    /// Which operation, such as `matmul`.
    #[serde(rename = "op")]
    pub name: String,
    /// Its attributes.
    #[serde(flatten)]
    pub attributes: Attributes,
}

/// Attributes of an operation, by name.
pub type Attributes = serde_json::Map<String, serde_json::Value>;

/// Distributions of random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RandomKind {
    /// Uniform in [0, 1): `f32` or `f64`.
    Uniform,
    /// Standard normal: `f32` or `f64`.
    Normal,
    /// Integers in [low, low + span): `i32` or `i64`.
    Integer,
    /// The numbers from 0 on in a random order, one axis: `i32` or `i64`.
    Permutation,
}

/// One instruction; it defines one value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instruction {
    /// Operands.
    pub inputs: Vec<ValueId>,
    /// Element type of the result.
    pub dtype: Dtype,
    /// Shape of the result.
    pub shape: Vec<usize>,
    /// The user's name for it; for messages.
    #[serde(default)]
    pub name: String,
    /// The operation and its attributes.
    #[serde(flatten)]
    pub op: Op,
}

/// A whole program: one step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// Values given at every step: a batch of rows, or whole arrays.
    pub inputs: Vec<Declaration>,
    /// Values that persist from step to step, in the caller's arrays.
    pub variables: Vec<Declaration>,
    /// Fixed values.
    pub constants: Vec<Constant>,
    /// What to do.
    pub instructions: Vec<Instruction>,
    /// Values that are returned.
    pub outputs: Vec<ValueId>,
    /// `(variable, value)`: the new value of each changed variable at the end of the step.
    /// All reads of a variable see the value before the step.
    pub updates: Vec<(usize, ValueId)>,
}

impl Program {
    /// Reads a program from JSON. It is not verified yet.
    ///
    /// # Errors
    /// The parser's message, when the text is not a program.
    pub fn from_json(text: &str) -> Result<Program, String> {
        serde_json::from_str(text).map_err(|error| format!("not a program: {error}"))
    }
}
