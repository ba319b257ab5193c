//! The Python binding of the Tensorlet engine: views of arrays, the GIL, errors.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::exceptions::{PyMemoryError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use tensorlet_engine::ir::program::Dtype;
use tensorlet_engine::kernels::random;
use tensorlet_engine::memory::OutOfMemory;
use tensorlet_engine::run::thread_count;
use tensorlet_engine::simd::Level;

mod arguments;
mod arrays;
mod bytes;
mod pictures;
mod population;
mod program;
mod schedule;
mod signals;
mod watch;

/// The level for programs loaded from now on: its place among the available ones, plus one.
static LEVEL: AtomicUsize = AtomicUsize::new(0);

fn level() -> Level {
    match LEVEL.load(Ordering::Relaxed) {
        0 => Level::detect(),
        chosen => Level::available()[chosen - 1],
    }
}

/// Turns a panic of the engine into an exception that users can catch, and missing memory into `MemoryError`.
fn guarded<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        if let Some(missing) = panic.downcast_ref::<OutOfMemory>() {
            return Err(PyMemoryError::new_err(missing.to_string()));
        }
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_string());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(PyRuntimeError::new_err(format!("the engine failed; please report this: {text}")))
    })
}

/// Sets how many threads programs may use.
#[pyfunction]
fn set_threads(n: i64) -> PyResult<()> {
    match usize::try_from(n) {
        Ok(count) if count > 0 => thread_count::set_threads(count),
        _ => return Err(PyValueError::new_err(format!("a program runs on at least 1 thread, got {n}"))),
    }
    Ok(())
}

/// How many threads programs may use.
#[pyfunction]
fn threads() -> usize {
    thread_count::threads()
}

/// The name of the vector instructions that programs loaded from now on use.
#[pyfunction]
fn simd_level() -> &'static str {
    level().name()
}

/// The names that this machine knows.
#[pyfunction]
fn simd_levels() -> Vec<&'static str> {
    Level::available().into_iter().map(Level::name).collect()
}

/// Chooses the vector instructions of programs loaded from now on.
#[pyfunction]
fn set_simd_level(name: &str) -> PyResult<()> {
    let place = Level::available().iter().position(|level| level.name() == name).ok_or_else(|| {
        let known = simd_levels().join(", ");
        PyValueError::new_err(format!("this machine has no vector level {name:?}; it has {known}"))
    })?;
    LEVEL.store(place + 1, Ordering::Relaxed);
    Ok(())
}

/// Whether the engine was built without optimisation, or with its checks.
#[pyfunction]
fn is_debug_build() -> bool {
    cfg!(debug_assertions)
}

/// A shuffle of `0..n`, named by a seed and a counter.
#[pyfunction]
fn permutation(py: Python<'_>, n: usize, seed: u64, counter: i64) -> PyResult<Bound<'_, PyAny>> {
    if u32::try_from(n).is_err() {
        return Err(PyValueError::new_err(format!("a shuffle takes fewer than 2**32 rows, got {n}")));
    }
    let (array, data) = arrays::new_array(py, Dtype::I64, &[n])?;
    // SAFETY: the array is new and has as many numbers.
    let order = unsafe { std::slice::from_raw_parts_mut(data.cast::<i64>(), n) };
    py.detach(|| random::permute(order, seed, counter));
    Ok(array)
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<program::Program>()?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(set_threads, module)?)?;
    module.add_function(wrap_pyfunction!(threads, module)?)?;
    module.add_function(wrap_pyfunction!(simd_level, module)?)?;
    module.add_function(wrap_pyfunction!(simd_levels, module)?)?;
    module.add_function(wrap_pyfunction!(set_simd_level, module)?)?;
    module.add_function(wrap_pyfunction!(is_debug_build, module)?)?;
    module.add_function(wrap_pyfunction!(permutation, module)?)?;
    module.add_function(wrap_pyfunction!(bytes::checksum, module)?)?;
    module.add_function(wrap_pyfunction!(bytes::gunzip, module)?)?;
    module.add_function(wrap_pyfunction!(bytes::encode_bytes, module)?)?;
    module.add_function(wrap_pyfunction!(pictures::decode_png, module)?)?;
    module.add_function(wrap_pyfunction!(schedule::run_schedule, module)?)?;
    module.add_function(wrap_pyfunction!(population::run_population, module)?)?;
    Ok(())
}
