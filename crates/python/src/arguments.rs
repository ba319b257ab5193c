//! Arrays that Python passes to a program: checked, and seen as pointers.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use tensorlet_engine::ir::program::{Declaration, Dtype};
use tensorlet_engine::plan::Plan;
use tensorlet_engine::run::fetch::Column;

use crate::arrays::{self, View};

/// The items of a list or tuple.
pub fn items<'py>(
    sequence: &Bound<'py, PyAny>,
    title: &str,
    count: usize,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let items: Vec<Bound<'py, PyAny>> = if let Ok(list) = sequence.cast::<PyList>() {
        list.iter().collect()
    } else if let Ok(tuple) = sequence.cast::<PyTuple>() {
        tuple.iter().collect()
    } else {
        let kind = sequence.get_type();
        return Err(PyValueError::new_err(format!("{title} must be a list or tuple of arrays, got {kind}")));
    };
    if items.len() != count {
        let got = items.len();
        return Err(PyValueError::new_err(format!("the program has {count} {title}, got {got}")));
    }
    Ok(items)
}

pub fn misfit(title: String, view: &View, object: &Bound<'_, PyAny>, declared: &Declaration) -> PyErr {
    let (wanted, got) = (arrays::describe(declared), view.describe(object));
    PyValueError::new_err(format!("{title} must be a contiguous array {wanted}, got {got}"))
}

/// Variables must have the declared form; those that a step changes must be writable.
pub fn variable_pointers(
    objects: &[Bound<'_, PyAny>],
    plan: &Plan,
) -> PyResult<(Vec<*mut u8>, Vec<std::ops::Range<usize>>)> {
    let mut pointers = Vec::with_capacity(objects.len());
    let mut addresses: Vec<std::ops::Range<usize>> = Vec::with_capacity(objects.len());
    for (number, (object, declared)) in objects.iter().zip(plan.variables()).enumerate() {
        let title = || format!("variable {number}");
        let view = arrays::view(object, title)?;
        if !view.fits(declared) {
            return Err(misfit(title(), &view, object, declared));
        }
        if plan.updated()[number] && !view.is_writable() {
            let message = format!("variable {number} is read-only; give a writable array");
            return Err(PyValueError::new_err(message));
        }
        let own = view.addresses();
        if let Some(other) = addresses.iter().position(|other| overlap(other, &own)) {
            let message = format!("variables {other} and {number} share memory; give each its own array");
            return Err(PyValueError::new_err(message));
        }
        pointers.push(view.data);
        addresses.push(own);
    }
    Ok((pointers, addresses))
}

pub fn overlap(a: &std::ops::Range<usize>, b: &std::ops::Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// An input that is read in place. One that shares memory with a variable is
/// copied first: the program may change the variable before it reads the input.
pub fn fixed_input<'py>(
    number: usize,
    object: &Bound<'py, PyAny>,
    declared: &Declaration,
    variables: &[std::ops::Range<usize>],
    copies: &mut Vec<Bound<'py, PyAny>>,
) -> PyResult<*const u8> {
    let title = || format!("input {number}");
    let view = arrays::view(object, title)?;
    if !view.fits(declared) {
        return Err(misfit(title(), &view, object, declared));
    }
    let own = view.addresses();
    if !variables.iter().any(|variable| overlap(variable, &own)) {
        return Ok(view.data);
    }
    let copy = arrays::copy(object)?;
    let data = arrays::view(&copy, title)?.data;
    copies.push(copy);
    Ok(data)
}

/// An input that is fed with the rows of an array.
pub fn column(number: usize, object: &Bound<'_, PyAny>, declared: &Declaration) -> PyResult<Column> {
    let title = || format!("column {number}");
    let view = arrays::view(object, title)?;
    let Some((_, row)) = declared.shape.split_first() else {
        return Err(PyValueError::new_err(format!("input {number} is a scalar and cannot be fed with rows")));
    };
    let rows_fit = view.shape.len() == declared.shape.len()
        && view.shape[1..].iter().zip(row).all(|(&got, &wanted)| got as usize == wanted);
    match view.dtype {
        Some(dtype) if rows_fit && view.has_contiguous_rows() => {
            Ok(Column { start: view.data, rows: view.shape[0] as usize, stride: view.row_stride(), dtype })
        }
        _ => {
            let wanted = arrays::shape_text(row.iter().copied());
            let got = view.describe(object);
            Err(PyValueError::new_err(format!(
                "column {number} must have contiguous rows of shape {wanted}, got {got}"
            )))
        }
    }
}

pub fn new_outputs<'py>(
    py: Python<'py>,
    declared: &[Declaration],
) -> PyResult<(Vec<Bound<'py, PyAny>>, Vec<*mut u8>)> {
    let mut outputs = Vec::with_capacity(declared.len());
    let mut pointers = Vec::with_capacity(declared.len());
    for output in declared {
        let (array, data) = arrays::new_array(py, output.dtype, &output.shape)?;
        outputs.push(array);
        pointers.push(data);
    }
    Ok((outputs, pointers))
}

/// The row numbers of an epoch, as engine and NumPy see them.
pub fn order_of<'a>(order: &'a Option<Bound<'_, PyAny>>) -> PyResult<Option<&'a [i64]>> {
    let Some(object) = order else { return Ok(None) };
    let view = arrays::view(object, || "order".to_string())?;
    let declared = Declaration {
        dtype: Dtype::I64,
        shape: view.shape.iter().map(|&len| len as usize).collect(),
        transposed: false,
    };
    if declared.shape.len() != 1 || !view.fits(&declared) {
        let got = view.describe(object);
        return Err(PyValueError::new_err(format!(
            "order must be a contiguous int64 array of one axis, got {got}"
        )));
    }
    // SAFETY: a contiguous, aligned int64 array of this length; the caller keeps it alive.
    Ok(Some(unsafe { std::slice::from_raw_parts(view.data.cast(), declared.shape[0]) }))
}
