//! Arrays of bytes: checksums, packed files, pixels.

use flate2::{Decompress, FlushDecompress, Status};
use numpy::{Element, PyReadonlyArray1, PyReadwriteArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use tensorlet_engine::kernels::byte_floats::{self, Seen};

/// Bytes that are unpacked between two looks for Ctrl-C.
const PIECE: usize = 1 << 26;
/// The largest window that a gzip file may use, as a power of two.
const WINDOW_BITS: u8 = 15;

/// The CRC-32C of bytes that follow others with the checksum `value`.
#[pyfunction]
#[pyo3(name = "crc32c")]
pub fn checksum(data: PyReadonlyArray1<'_, u8>, value: u32) -> PyResult<u32> {
    Ok(crc32c::crc32c_append(value, data.as_slice()?))
}

/// Unpacks gzip data into `room`, until they end or the room does; the checksum is verified at the end.
/// Gives the bytes read, the bytes written, and whether the data ended.
#[pyfunction]
pub fn gunzip(
    py: Python<'_>,
    data: PyReadonlyArray1<'_, u8>,
    mut room: PyReadwriteArray1<'_, u8>,
) -> PyResult<(usize, usize, bool)> {
    let (data, room) = (data.as_slice()?, room.as_slice_mut()?);
    let mut unpacker = Decompress::new_gzip(WINDOW_BITS);
    loop {
        let (read, written) = (unpacker.total_in() as usize, unpacker.total_out() as usize);
        let to = written + PIECE.min(room.len() - written);
        let (from, to) = (&data[read..], &mut room[written..to]);
        let status = py
            .detach(|| unpacker.decompress(from, to, FlushDecompress::None))
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        let progress = (unpacker.total_in() as usize, unpacker.total_out() as usize);
        if status == Status::StreamEnd || progress == (read, written) {
            return Ok((progress.0, progress.1, status == Status::StreamEnd));
        }
        py.check_signals()?;
    }
}

/// Writes bytes that, divided by `scale`, give the same float32 numbers as `elements`; gives whether there are any.
#[pyfunction]
pub fn encode_bytes(
    py: Python<'_>,
    elements: &Bound<'_, PyAny>,
    scale: f32,
    mut bytes: PyReadwriteArray1<'_, u8>,
) -> PyResult<bool> {
    let bytes = bytes.as_slice_mut()?;
    if let Ok(elements) = elements.extract::<PyReadonlyArray1<'_, f64>>() {
        return encode(py, &elements, scale, bytes);
    }
    encode(py, &elements.extract::<PyReadonlyArray1<'_, f32>>()?, scale, bytes)
}

fn encode<T: Element + Seen + Sync>(
    py: Python<'_>,
    elements: &PyReadonlyArray1<'_, T>,
    scale: f32,
    bytes: &mut [u8],
) -> PyResult<bool> {
    let elements = elements.as_slice()?;
    if elements.len() != bytes.len() {
        let (wanted, got) = (elements.len(), bytes.len());
        return Err(PyValueError::new_err(format!("{wanted} elements need as many bytes, got {got}")));
    }
    Ok(py.detach(|| byte_floats::encode(elements, scale, bytes)))
}
