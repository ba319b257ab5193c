//! Floats that can be stored as bytes: `k / scale` for a whole k from 0 to 255.

/// The number of elements that are encoded before the result is checked.
const CHUNK: usize = 1 << 14;

/// A float of either width, as a step reads it.
pub trait Seen: Copy {
    /// The number, rounded to the type of the step.
    fn seen(self) -> f32;
}

impl Seen for f32 {
    #[inline(always)]
    fn seen(self) -> f32 {
        self
    }
}

impl Seen for f64 {
    #[inline(always)]
    fn seen(self) -> f32 {
        self as f32
    }
}

/// Writes the bytes; returns whether `byte / scale` is the same float32 number as each element.
/// If not, the bytes are not valid.
pub fn encode<T: Seen>(elements: &[T], scale: f32, bytes: &mut [u8]) -> bool {
    let encode = encode_for::<T>();
    // SAFETY: `encode_for` gives what the processor can run.
    elements
        .chunks(CHUNK)
        .zip(bytes.chunks_mut(CHUNK))
        .all(|(part, bytes)| unsafe { encode(part, scale, bytes) })
}

type Encode<T> = unsafe fn(&[T], f32, &mut [u8]) -> bool;

fn encode_for<T: Seen>() -> Encode<T> {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        return encode_avx2::<T>;
    }
    encode_chunk::<T>
}

/// The same code, compiled for wider vectors.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn encode_avx2<T: Seen>(elements: &[T], scale: f32, bytes: &mut [u8]) -> bool {
    encode_chunk(elements, scale, bytes)
}

#[inline(always)]
#[allow(clippy::manual_clamp)] // `clamp` would let NaN through
fn encode_chunk<T: Seen>(elements: &[T], scale: f32, bytes: &mut [u8]) -> bool {
    let mut wrong = 0_u32;
    for (element, byte) in elements.iter().zip(bytes) {
        let seen = element.seen();
        // Half is added so that truncation rounds. NaN becomes 0, and numbers out of range the
        // nearest byte: neither gives the number back.
        let rounded = (seen * scale + 0.5).max(0.0).min(255.0);
        // SAFETY: a number from 0 to 255.
        let whole: i32 = unsafe { rounded.to_int_unchecked() };
        *byte = whole as u8;
        wrong |= u32::from(whole as f32 / scale != seen);
    }
    wrong == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back() {
        for scale in [255.0_f32, 1.0] {
            let bytes: Vec<u8> = (0..=255).cycle().take(3 * CHUNK + 5).collect();
            let wide: Vec<f64> = bytes.iter().map(|&byte| f64::from(byte) / f64::from(scale)).collect();
            let narrow: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte) / scale).collect();
            let mut found = vec![0; bytes.len()];
            assert!(encode(&wide, scale, &mut found));
            assert_eq!(found, bytes);
            found.fill(0);
            assert!(encode(&narrow, scale, &mut found));
            assert_eq!(found, bytes);
        }
    }

    #[test]
    fn other_numbers_are_found_wherever_they_are() {
        let others =
            [0.3, -1.0 / 255.0, 256.0 / 255.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e30, 1.0e-9];
        for other in others {
            for place in [0, 7, CHUNK, 2 * CHUNK - 1] {
                let mut elements = vec![17.0 / 255.0; 2 * CHUNK];
                elements[place] = other;
                let mut found = vec![0; elements.len()];
                assert!(!encode(&elements, 255.0, &mut found), "{other} at {place}");
            }
        }
    }
}
