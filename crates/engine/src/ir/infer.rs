//! The shape and type rule of every operation.

use crate::ir::program::{Dtype, MapStep, Op, RandomKind, ReduceKind};
use crate::ir::verify::{Type, check_code, describe_type, dtype_name};

/// Checks one instruction: its inputs, attributes and declared result.
///
/// # Errors
/// A sentence with what came and what was expected.
pub fn check(op: &Op, inputs: &[Type], result: Type) -> Result<(), String> {
    match op {
        Op::Map { code } => map(code, inputs, result),
        Op::Matmul { transpose_a, transpose_b, epilogue } => {
            matmul(*transpose_a, *transpose_b, epilogue, inputs, result)
        }
        Op::Reduce { kind, axes } => reduce(*kind, axes, inputs, result),
        Op::ArgReduce { axis, .. } => arg_reduce(*axis, inputs, result),
        Op::Softmax | Op::LogSoftmax => softmax(inputs, result),
        Op::Pick => pick(inputs, result),
        Op::Reshape => reshape(inputs, result),
        Op::Broadcast => broadcast(inputs, result),
        Op::Transpose { perm } => transpose(perm, inputs, result),
        Op::Slice { begin, strides } => slice(begin, strides, inputs, result),
        Op::Pad { before } => pad(before, inputs, result),
        Op::Concat { axis } => concat(*axis, inputs, result),
        Op::Gather { axis } => gather(*axis, inputs, result),
        Op::ScatterAdd => scatter_add(inputs, result),
        Op::Cumsum { axis, .. } => cumsum(*axis, inputs, result),
        Op::Sort { .. } => sort(None, inputs, result),
        Op::Argsort { .. } => sort(Some(Dtype::I32), inputs, result),
        Op::Random { kind, low, span, .. } => random(*kind, *low, *span, inputs, result),
    }
}

fn exactly<const N: usize>(inputs: &[Type]) -> Result<(), String> {
    if inputs.len() == N {
        return Ok(());
    }
    Err(format!("takes {N} input{}, got {}", if N == 1 { "" } else { "s" }, inputs.len()))
}

fn expect(result: Type, dtype: Dtype, shape: &[usize]) -> Result<(), String> {
    let inferred = Type { dtype, shape };
    if result == inferred {
        return Ok(());
    }
    Err(format!("the result is {}, but is declared as {}", describe_type(inferred), describe_type(result)))
}

fn expect_axis(axis: usize, value: Type) -> Result<(), String> {
    if axis < value.shape.len() {
        return Ok(());
    }
    Err(format!("axis {axis} does not exist in {}", describe_type(value)))
}

fn expect_float(value: Type) -> Result<(), String> {
    if matches!(value.dtype, Dtype::F32 | Dtype::F64) {
        return Ok(());
    }
    Err(format!("needs f32 or f64, got {}", describe_type(value)))
}

fn expect_index(value: Type) -> Result<(), String> {
    if matches!(value.dtype, Dtype::I32 | Dtype::I64 | Dtype::U8) {
        return Ok(());
    }
    Err(format!("indices must be i32, i64 or u8, got {}", describe_type(value)))
}

/// Whether `from` can be repeated to the shape `to` by NumPy's rule.
pub fn broadcasts(from: &[usize], to: &[usize]) -> bool {
    from.len() <= to.len()
        && from.iter().rev().zip(to.iter().rev()).all(|(&source, &target)| source == target || source == 1)
}

fn expect_broadcast(inputs: &[Type], shape: &[usize]) -> Result<(), String> {
    match inputs.iter().find(|input| !broadcasts(input.shape, shape)) {
        None => Ok(()),
        Some(input) => Err(format!("an input {} does not broadcast to {shape:?}", describe_type(*input))),
    }
}

fn map(code: &[MapStep], inputs: &[Type], result: Type) -> Result<(), String> {
    if code.is_empty() || inputs.is_empty() {
        let (inputs, steps) = (inputs.len(), code.len());
        return Err(format!("needs at least one input and one step, got {inputs} and {steps}"));
    }
    expect_broadcast(inputs, result.shape)?;
    let dtypes: Vec<Dtype> = inputs.iter().map(|input| input.dtype).collect();
    expect(result, check_code(code, &dtypes)?, result.shape)
}

/// The element type of the product of two operands.
pub fn product_dtype(a: Dtype, b: Dtype) -> Option<Dtype> {
    let narrow = |dtype| matches!(dtype, Dtype::F32 | Dtype::U8);
    match (a, b) {
        (Dtype::F64, Dtype::F64) => Some(Dtype::F64),
        (a, b) if narrow(a) && narrow(b) => Some(Dtype::F32),
        _ => None,
    }
}

fn matmul(
    transpose_a: bool,
    transpose_b: bool,
    epilogue: &[MapStep],
    inputs: &[Type],
    result: Type,
) -> Result<(), String> {
    let [a, b, rest @ ..] = inputs else {
        return Err(format!("takes at least 2 inputs, got {}", inputs.len()));
    };
    let (a, b) = (*a, *b);
    let axes = a.shape.len();
    if !matches!(axes, 2 | 3) || b.shape.len() != axes || a.shape[..axes - 2] != b.shape[..axes - 2] {
        let (a, b) = (describe_type(a), describe_type(b));
        return Err(format!("needs operands of two axes, or of three with equal batches, got {a} and {b}"));
    }
    let pair = |value: Type, transposed: bool| {
        let [.., rows, columns] = value.shape else { unreachable!("two axes were checked above") };
        if transposed { (*columns, *rows) } else { (*rows, *columns) }
    };
    let ((rows, inner), (inner_b, columns)) = (pair(a, transpose_a), pair(b, transpose_b));
    if inner != inner_b {
        let (a, b) = (describe_type(a), describe_type(b));
        return Err(format!("the inner lengths {inner} and {inner_b} of {a} and {b} differ"));
    }
    let product = product_dtype(a.dtype, b.dtype).ok_or_else(|| {
        let (a, b) = (dtype_name(a.dtype), dtype_name(b.dtype));
        format!("needs f32 (or u8) operands, or two of f64, got {a} and {b}")
    })?;
    let mut shape = a.shape[..axes - 2].to_vec();
    shape.extend([rows, columns]);
    if epilogue.is_empty() && !rest.is_empty() {
        return Err(format!("has {} inputs for an epilogue, but no epilogue", rest.len()));
    }
    expect_broadcast(rest, &shape)?;
    let mut dtypes = vec![product];
    dtypes.extend(rest.iter().map(|input| input.dtype));
    expect(result, check_code(epilogue, &dtypes)?, &shape)
}

fn reduce(kind: ReduceKind, axes: &[usize], inputs: &[Type], result: Type) -> Result<(), String> {
    exactly::<1>(inputs)?;
    let x = inputs[0];
    if !axes.windows(2).all(|pair| pair[0] < pair[1]) {
        return Err(format!("axes must be rising, got {axes:?}"));
    }
    for &axis in axes {
        expect_axis(axis, x)?;
    }
    match kind {
        ReduceKind::Mean => expect_float(x)?,
        ReduceKind::Any | ReduceKind::All if x.dtype != Dtype::Bool => {
            return Err(format!("{kind:?} needs bool, got {}", describe_type(x)));
        }
        _ => {}
    }
    crate::kernels::reduce::plan(kind, x.dtype, x.shape, axes)?;
    expect_reduced(axes, x, result, x.dtype)
}

/// The reduced axes may be left out of the result, or kept with length 1.
fn expect_reduced(axes: &[usize], x: Type, result: Type, dtype: Dtype) -> Result<(), String> {
    let kept: Vec<usize> =
        x.shape.iter().enumerate().map(|(axis, &len)| if axes.contains(&axis) { 1 } else { len }).collect();
    if result.dtype == dtype && result.shape == kept {
        return Ok(());
    }
    let dropped: Vec<usize> = (0..kept.len()).filter(|axis| !axes.contains(axis)).map(|a| kept[a]).collect();
    expect(result, dtype, &dropped)
}

fn arg_reduce(axis: usize, inputs: &[Type], result: Type) -> Result<(), String> {
    exactly::<1>(inputs)?;
    expect_axis(axis, inputs[0])?;
    if inputs[0].shape[axis] == 0 {
        return Err(format!("axis {axis} of {} is empty", describe_type(inputs[0])));
    }
    expect_reduced(&[axis], inputs[0], result, Dtype::I64)
}

fn softmax(inputs: &[Type], result: Type) -> Result<(), String> {
    exactly::<1>(inputs)?;
    expect_float(inputs[0])?;
    if inputs[0].shape.is_empty() {
        return Err("needs at least one axis, got a scalar".to_string());
    }
    expect(result, inputs[0].dtype, inputs[0].shape)
}

fn pick(inputs: &[Type], result: Type) -> Result<(), String> {
    exactly::<2>(inputs)?;
    let (x, index) = (inputs[0], inputs[1]);
    expect_index(index)?;
    if x.shape.len() != 2 || index.shape != &x.shape[..1] {
        return Err(format!(
            "needs rows and one index for each, got {} and {}",
            describe_type(x),
            describe_type(index)
        ));
    }
    expect(result, x.dtype, index.shape)
}

fn reshape(inputs: &[Type], result: Type) -> Result<(), String> {
    exactly::<1>(inputs)?;
    if result.dtype == inputs[0].dtype && result.elements() == inputs[0].elements() {
        return Ok(());
    }
    Err(format!("cannot give {} the form {}", describe_type(inputs[0]), describe_type(result)))
}

fn broadcast(inputs: &[Type], result: Type) -> Result<(), String> {
    exactly::<1>(inputs)?;
    expect_broadcast(inputs, result.shape)?;
    expect(result, inputs[0].dtype, result.shape)
}

fn transpose(perm: &[usize], inputs: &[Type], result: Type) -> Result<(), String> {
    exactly::<1>(inputs)?;
    let x = inputs[0];
    let mut sorted = perm.to_vec();
    sorted.sort_unstable();
    if !sorted.iter().copied().eq(0..x.shape.len()) {
        return Err(format!("{perm:?} does not permute the axes of {}", describe_type(x)));
    }
    let shape: Vec<usize> = perm.iter().map(|&axis| x.shape[axis]).collect();
    expect(result, x.dtype, &shape)
}

fn slice(begin: &[usize], strides: &[isize], inputs: &[Type], result: Type) -> Result<(), String> {
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
                "on axis {axis}, {count} elements from {first} by {} leave {}",
                strides[axis],
                describe_type(x)
            ));
        }
    }
    Ok(())
}

fn pad(before: &[usize], inputs: &[Type], result: Type) -> Result<(), String> {
    exactly::<2>(inputs)?;
    let (x, fill) = (inputs[0], inputs[1]);
    if fill.dtype != x.dtype || !fill.shape.is_empty() {
        let wanted = dtype_name(x.dtype);
        return Err(format!("the filling must be a scalar {wanted}, got {}", describe_type(fill)));
    }
    expect(result, x.dtype, result.shape)?;
    let fits = before.len() == x.shape.len()
        && result.shape.len() == x.shape.len()
        && (0..before.len())
            .all(|axis| before[axis].checked_add(x.shape[axis]).is_some_and(|end| end <= result.shape[axis]));
    if fits {
        return Ok(());
    }
    Err(format!("{} set at {before:?} does not fit into {}", describe_type(x), describe_type(result)))
}

fn concat(axis: usize, inputs: &[Type], result: Type) -> Result<(), String> {
    let Some(first) = inputs.first() else {
        return Err("takes at least 1 input, got 0".to_string());
    };
    expect_axis(axis, *first)?;
    let mut shape = first.shape.to_vec();
    shape[axis] = 0;
    for input in inputs {
        let alike = input.dtype == first.dtype
            && input.shape.len() == shape.len()
            && (0..shape.len()).all(|other| other == axis || input.shape[other] == shape[other]);
        if !alike {
            let (input, first) = (describe_type(*input), describe_type(*first));
            return Err(format!("{input} cannot be joined to {first} along axis {axis}"));
        }
        shape[axis] += input.shape[axis];
    }
    expect(result, first.dtype, &shape)
}

fn gather(axis: usize, inputs: &[Type], result: Type) -> Result<(), String> {
    exactly::<2>(inputs)?;
    let (x, index) = (inputs[0], inputs[1]);
    expect_axis(axis, x)?;
    expect_index(index)?;
    let shape = [&x.shape[..axis], index.shape, &x.shape[axis + 1..]].concat();
    expect(result, x.dtype, &shape)
}

fn scatter_add(inputs: &[Type], result: Type) -> Result<(), String> {
    exactly::<2>(inputs)?;
    let (index, updates) = (inputs[0], inputs[1]);
    expect_index(index)?;
    if updates.dtype == Dtype::Bool {
        return Err("adds numbers, got bool updates".to_string());
    }
    let Some((_, row)) = result.shape.split_first() else {
        return Err("the result needs at least one axis, got a scalar".to_string());
    };
    if updates.shape != [index.shape, row].concat() {
        return Err(format!(
            "updates {} at indices {} do not fit rows of {}",
            describe_type(updates),
            describe_type(index),
            describe_type(result)
        ));
    }
    expect(result, updates.dtype, result.shape)
}

fn cumsum(axis: usize, inputs: &[Type], result: Type) -> Result<(), String> {
    exactly::<1>(inputs)?;
    expect_axis(axis, inputs[0])?;
    if inputs[0].dtype == Dtype::Bool {
        return Err("adds numbers, got bool".to_string());
    }
    expect(result, inputs[0].dtype, inputs[0].shape)
}

fn sort(positions: Option<Dtype>, inputs: &[Type], result: Type) -> Result<(), String> {
    exactly::<1>(inputs)?;
    if inputs[0].shape.is_empty() {
        return Err("needs at least one axis, got a scalar".to_string());
    }
    expect(result, positions.unwrap_or(inputs[0].dtype), inputs[0].shape)
}

fn random(kind: RandomKind, low: i64, span: u64, inputs: &[Type], result: Type) -> Result<(), String> {
    exactly::<1>(inputs)?;
    expect(inputs[0], Dtype::I64, &[])
        .map_err(|_| format!("the call counter must be a scalar i64, got {}", describe_type(inputs[0])))?;
    if kind != RandomKind::Integer {
        return expect_float(result);
    }
    if span == 0 {
        return Err("span is 0: there is no integer to draw".to_string());
    }
    let (smallest, largest) = match result.dtype {
        Dtype::I32 => (i32::MIN as i128, i32::MAX as i128),
        Dtype::I64 => (i64::MIN as i128, i64::MAX as i128),
        other => return Err(format!("integers are i32 or i64, not {}", dtype_name(other))),
    };
    let last = low as i128 + span as i128 - 1;
    if (low as i128) < smallest || last > largest {
        return Err(format!("integers from {low} to {last} do not fit into {}", dtype_name(result.dtype)));
    }
    Ok(())
}
