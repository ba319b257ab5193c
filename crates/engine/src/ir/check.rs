//! Helpers for the checks of operations.
//!
//! Each error is a sentence with what was given and what is expected.

use crate::ir::program::Dtype;
use crate::ir::types::{Type, describe_type};

/// Refuses any other number of inputs.
pub(crate) fn exactly<const N: usize>(inputs: &[Type]) -> Result<(), String> {
    if inputs.len() == N {
        return Ok(());
    }
    Err(format!("takes {N} input{}, got {}", if N == 1 { "" } else { "s" }, inputs.len()))
}

/// Refuses a declared result of another type or shape.
pub(crate) fn expect(result: Type, dtype: Dtype, shape: &[usize]) -> Result<(), String> {
    let inferred = Type { dtype, shape };
    if result == inferred {
        return Ok(());
    }
    Err(format!("the result is {}, but is declared as {}", describe_type(inferred), describe_type(result)))
}

/// Refuses an axis that the value does not have.
pub(crate) fn expect_axis(axis: usize, value: Type) -> Result<(), String> {
    if axis < value.shape.len() {
        return Ok(());
    }
    Err(format!("axis {axis} does not exist in {}", describe_type(value)))
}

/// Refuses integers and bools.
pub(crate) fn expect_float(value: Type) -> Result<(), String> {
    if matches!(value.dtype, Dtype::F32 | Dtype::F64) {
        return Ok(());
    }
    Err(format!("needs f32 or f64, got {}", describe_type(value)))
}

/// Refuses types that cannot be indices.
pub(crate) fn expect_index(value: Type) -> Result<(), String> {
    if matches!(value.dtype, Dtype::I32 | Dtype::I64 | Dtype::U8) {
        return Ok(());
    }
    Err(format!("indices must be i32, i64 or u8, got {}", describe_type(value)))
}

/// Whether `from` can be repeated to the shape `to` by NumPy's rule.
pub(crate) fn broadcasts(from: &[usize], to: &[usize]) -> bool {
    from.len() <= to.len()
        && from.iter().rev().zip(to.iter().rev()).all(|(&source, &target)| source == target || source == 1)
}

/// Refuses inputs that do not broadcast to the shape.
pub(crate) fn expect_broadcast(inputs: &[Type], shape: &[usize]) -> Result<(), String> {
    match inputs.iter().find(|input| !broadcasts(input.shape, shape)) {
        None => Ok(()),
        Some(input) => Err(format!("an input {} does not broadcast to {shape:?}", describe_type(*input))),
    }
}
