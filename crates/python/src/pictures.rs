//! PNG files.

use std::io::Cursor;

use png::{BitDepth, DecodeOptions, Decoder, DecodingError, Info, Limits, Transformations};
use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::prelude::*;

use tensorlet_engine::ir::program::Dtype;

use crate::{arrays, guarded};

/// Bytes that a file's other contents (a colour profile, texts) may need.
const MOST_BYTES_BESIDES: usize = 1 << 22;

/// Height, width, channels, whether they have 16 bits, whether the alpha channel is that of one transparent colour.
type Form = (usize, usize, usize, bool, bool);

/// The pixels of a PNG file: rows of bytes (two for each channel of 16 bits, the higher one first), and their form.
/// Palettes become colours, and 1, 2 or 4 bits become 8.
#[pyfunction]
pub fn decode_png<'py>(
    py: Python<'py>,
    content: &[u8],
    most_bytes: usize,
) -> PyResult<(Bound<'py, PyAny>, Form)> {
    guarded(|| {
        let mut options = DecodeOptions::default();
        options.set_ignore_adler32(false);
        options.set_ignore_text_chunk(true);
        options.set_ignore_iccp_chunk(true);
        let mut decoder = Decoder::new_with_options(Cursor::new(content), options);
        decoder.set_limits(Limits { bytes: most_bytes.saturating_add(MOST_BYTES_BESIDES) });
        decoder.set_transformations(Transformations::EXPAND);
        check_size(decoder.read_header_info().map_err(explain)?, most_bytes)?;
        let mut reader = decoder.read_info().map_err(explain)?;
        let (color, depth) = reader.output_color_type();
        let keyed = reader.info().trns.is_some() && reader.info().palette.is_none();
        let (width, height) = (reader.info().width as usize, reader.info().height as usize);
        let bytes = reader.output_buffer_size().ok_or_else(|| PyMemoryError::new_err(()))?;
        let (array, data) = arrays::new_array(py, Dtype::U8, &[bytes])?;
        // SAFETY: the array is new and has as many bytes.
        let pixels = unsafe {
            data.write_bytes(0, bytes);
            std::slice::from_raw_parts_mut(data, bytes)
        };
        py.detach(|| reader.next_frame(pixels).and_then(|_| reader.finish())).map_err(explain)?;
        Ok((array, (height, width, color.samples(), depth == BitDepth::Sixteen, keyed)))
    })
}

/// A damaged header could ask for any amount of memory.
fn check_size(info: &Info<'_>, most_bytes: usize) -> PyResult<()> {
    let (width, height) = (info.width as usize, info.height as usize);
    let channel = if info.bit_depth == BitDepth::Sixteen { 2 } else { 1 };
    // 4 channels are the most that a file becomes.
    let bytes = width.checked_mul(height).and_then(|pixels| pixels.checked_mul(4 * channel));
    match bytes {
        Some(bytes) if bytes <= most_bytes => Ok(()),
        _ => Err(PyValueError::new_err(format!(
            "the header says that it has {width} by {height} pixels, more than the {most_bytes} bytes that a picture may have"
        ))),
    }
}

fn explain(error: DecodingError) -> PyErr {
    match error {
        DecodingError::LimitsExceeded => PyValueError::new_err("it would need too much memory"),
        error => PyValueError::new_err(error.to_string().trim_end_matches('.').to_string()),
    }
}
