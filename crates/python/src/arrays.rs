//! NumPy arrays, seen through their C structure.

use std::ffi::{c_int, c_long};
use std::ptr;

use numpy::npyffi::{
    NPY_ARRAY_ALIGNED, NPY_ARRAY_C_CONTIGUOUS, NPY_ARRAY_WRITEABLE, NPY_ORDER, NPY_TYPES, NpyTypes,
    PY_ARRAY_API, PyArrayObject, get_type_object, npy_intp,
};
use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use tensorlet_engine::ir::program::{Declaration, Dtype};

/// What an array holds and where.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub dtype: Option<Dtype>,
    pub shape: &'a [npy_intp],
    strides: &'a [npy_intp],
    flags: c_int,
    pub data: *mut u8,
}

/// Looks at an array; `title` is what an error message calls it.
pub fn view<'a>(object: &'a Bound<'_, PyAny>, title: impl Fn() -> String) -> PyResult<View<'a>> {
    let array = object.cast::<PyUntypedArray>().map_err(|_| {
        let kind = object.get_type().name().map_or_else(|_| "?".to_string(), |name| name.to_string());
        PyTypeError::new_err(format!("{} must be a NumPy array, got {kind}", title()))
    })?;
    let raw = array.as_array_ptr();
    // SAFETY: NumPy keeps these fields right while the array lives; it has `nd` axes.
    unsafe {
        let fields = &(*raw).fields;
        let axes = fields.nd as usize;
        let slice = |start: *mut npy_intp| match axes {
            0 => &[][..],
            _ => std::slice::from_raw_parts(start.cast_const(), axes),
        };
        Ok(View {
            dtype: dtype_of(raw),
            shape: slice(fields.dimensions),
            strides: slice(fields.strides),
            flags: fields.flags,
            data: fields.data.cast(),
        })
    }
}

unsafe fn dtype_of(array: *mut PyArrayObject) -> Option<Dtype> {
    // SAFETY: an array always has a type.
    let descriptor = unsafe { &(*(*array).fields.descr).fields };
    let swapped = if cfg!(target_endian = "little") { b'>' } else { b'<' };
    if descriptor.byteorder as u8 == swapped {
        return None;
    }
    let long = if size_of::<c_long>() == 8 { Dtype::I64 } else { Dtype::I32 };
    match descriptor.type_num {
        number if number == NPY_TYPES::NPY_FLOAT as c_int => Some(Dtype::F32),
        number if number == NPY_TYPES::NPY_DOUBLE as c_int => Some(Dtype::F64),
        number if number == NPY_TYPES::NPY_UBYTE as c_int => Some(Dtype::U8),
        number if number == NPY_TYPES::NPY_BOOL as c_int => Some(Dtype::Bool),
        number if number == NPY_TYPES::NPY_INT as c_int => Some(Dtype::I32),
        number if number == NPY_TYPES::NPY_LONG as c_int => Some(long),
        number if number == NPY_TYPES::NPY_LONGLONG as c_int => Some(Dtype::I64),
        _ => None,
    }
}

impl View<'_> {
    /// Whether the array is what the program declares, ready to be read in place.
    pub fn fits(&self, declared: &Declaration) -> bool {
        let ready = NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_ALIGNED;
        self.dtype == Some(declared.dtype)
            && self.flags & ready == ready
            && self.shape.len() == declared.shape.len()
            && self.shape_is(declared)
    }

    fn shape_is(&self, declared: &Declaration) -> bool {
        let own = self.shape.iter().map(|&len| len as usize);
        if declared.transposed {
            own.eq(declared.shape.iter().rev().copied())
        } else {
            own.eq(declared.shape.iter().copied())
        }
    }

    /// Whether the elements follow each other in C order.
    pub fn is_contiguous(&self) -> bool {
        self.flags & NPY_ARRAY_C_CONTIGUOUS != 0
    }

    /// Whether NumPy lets us write to it.
    pub fn is_writable(&self) -> bool {
        self.flags & NPY_ARRAY_WRITEABLE != 0
    }

    /// Bytes from one row to the next.
    pub fn row_stride(&self) -> isize {
        self.strides.first().copied().unwrap_or(0)
    }

    /// Whether the elements of each row follow each other.
    pub fn has_contiguous_rows(&self) -> bool {
        let mut expected = self.dtype.map_or(1, Dtype::size) as npy_intp;
        for (&len, &stride) in self.shape.iter().zip(self.strides).skip(1).rev() {
            if len > 1 && stride != expected {
                return false;
            }
            expected *= len;
        }
        true
    }

    /// The array's bytes as a range of addresses.
    pub fn addresses(&self) -> std::ops::Range<usize> {
        let elements: usize = self.shape.iter().map(|&len| len as usize).product();
        let start = self.data as usize;
        start..start + elements * self.dtype.map_or(1, Dtype::size)
    }

    /// The array as messages show it.
    pub fn describe(&self, object: &Bound<'_, PyAny>) -> String {
        let dtype = match self.dtype {
            Some(dtype) => dtype_name(dtype).to_string(),
            None => object.getattr("dtype").map_or_else(|_| "?".to_string(), |dtype| dtype.to_string()),
        };
        let order = if self.flags & NPY_ARRAY_C_CONTIGUOUS == 0 {
            ", not contiguous"
        } else if self.flags & NPY_ARRAY_ALIGNED == 0 {
            ", not aligned"
        } else {
            ""
        };
        format!("{dtype} {}{order}", shape_text(self.shape.iter().map(|&len| len as usize)))
    }
}

/// NumPy's name of an element type.
pub fn dtype_name(dtype: Dtype) -> &'static str {
    match dtype {
        Dtype::F32 => "float32",
        Dtype::F64 => "float64",
        Dtype::I32 => "int32",
        Dtype::I64 => "int64",
        Dtype::U8 => "uint8",
        Dtype::Bool => "bool",
    }
}

/// A declared array as messages show it.
pub fn describe(declared: &Declaration) -> String {
    let shape: Vec<usize> = match declared.transposed {
        true => declared.shape.iter().rev().copied().collect(),
        false => declared.shape.clone(),
    };
    format!("{} {}", dtype_name(declared.dtype), shape_text(shape.into_iter()))
}

/// A shape as Python writes it.
pub fn shape_text(shape: impl Iterator<Item = usize>) -> String {
    let lens: Vec<String> = shape.map(|len| len.to_string()).collect();
    if lens.len() == 1 { format!("({},)", lens[0]) } else { format!("({})", lens.join(", ")) }
}

fn type_number(dtype: Dtype) -> c_int {
    let number = match dtype {
        Dtype::F32 => NPY_TYPES::NPY_FLOAT,
        Dtype::F64 => NPY_TYPES::NPY_DOUBLE,
        Dtype::U8 => NPY_TYPES::NPY_UBYTE,
        Dtype::Bool => NPY_TYPES::NPY_BOOL,
        Dtype::I32 => NPY_TYPES::NPY_INT,
        Dtype::I64 if size_of::<c_long>() == 8 => NPY_TYPES::NPY_LONG,
        Dtype::I64 => NPY_TYPES::NPY_LONGLONG,
    };
    number as c_int
}

/// A new C-contiguous array whose elements are not set yet, and where they are.
pub fn new_array<'py>(
    py: Python<'py>,
    dtype: Dtype,
    shape: &[usize],
) -> PyResult<(Bound<'py, PyAny>, *mut u8)> {
    let mut dims = [0 as npy_intp; 8];
    for (dim, &len) in dims.iter_mut().zip(shape) {
        *dim = len as npy_intp;
    }
    // SAFETY: the dimensions are read at once; NumPy gives a new reference or an error.
    unsafe {
        let array_type = get_type_object(py, NpyTypes::PyArray_Type);
        let raw = PY_ARRAY_API.PyArray_New(
            py,
            array_type,
            shape.len() as c_int,
            dims.as_mut_ptr(),
            type_number(dtype),
            ptr::null_mut(),
            ptr::null_mut(),
            0,
            0,
            ptr::null_mut(),
        );
        let array = Bound::from_owned_ptr_or_err(py, raw)?;
        let data = (*raw.cast::<PyArrayObject>()).fields.data.cast();
        Ok((array, data))
    }
}

/// A contiguous copy of an array.
pub fn copy<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let array = object.cast::<PyUntypedArray>()?;
    // SAFETY: the array is alive; NumPy gives a new reference or an error.
    unsafe {
        let raw = PY_ARRAY_API.PyArray_NewCopy(object.py(), array.as_array_ptr(), NPY_ORDER::NPY_CORDER);
        Bound::from_owned_ptr_or_err(object.py(), raw)
    }
}
