//! What a vector must do at every level, lane by lane.

use super::{Kernel, Level, MAX_LANES, Vector, run};

/// Runs the checks with vectors of a level.
struct Checks;

impl Kernel for Checks {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        // SAFETY: the level is there; all arrays are large enough.
        unsafe {
            loads_and_stores::<V>();
            squares::<V>();
            lanes::<V>();
            zeros::<V>();
            roots::<V>();
        }
    }
}

/// All mantissas of two neighbouring exponents, and whatever is not an ordinary number.
unsafe fn roots<V: Vector>() {
    let same = |numbers: &[f32]| {
        // SAFETY: the level is there, and so are the numbers.
        let roots = lanes_of(unsafe { V::load(numbers.as_ptr()) }.sqrt());
        for (number, root) in numbers.iter().zip(&roots) {
            let right =
                root.to_bits() == number.sqrt().to_bits() || (root.is_nan() && number.sqrt().is_nan());
            assert!(right, "sqrt({number:e}) = {root:e}");
        }
    };
    let mut numbers = [0.0; MAX_LANES];
    for first in (0..1u32 << 24).step_by(V::LANES) {
        for (number, place) in numbers.iter_mut().zip(first..) {
            *number = f32::from_bits((127 << 23) + place);
        }
        same(&numbers[..V::LANES]);
    }
    for exponent in 0..256u32 {
        for (number, place) in numbers.iter_mut().zip(0u32..) {
            *number = f32::from_bits(exponent << 23 | place.wrapping_mul(0x9e37_79b9) >> 9);
        }
        same(&numbers[..V::LANES]);
        numbers[0] = 0.0;
        numbers[1] = -0.0;
        same(&numbers[..V::LANES]);
        numbers[2] = -1.0;
        same(&numbers[..V::LANES]);
    }
}

fn lanes_of<V: Vector>(vector: V) -> Vec<f32> {
    let mut lanes = vec![0.0; V::LANES];
    // SAFETY: the array has `LANES` places.
    unsafe { vector.store(lanes.as_mut_ptr()) };
    lanes
}

unsafe fn loads_and_stores<V: Vector>() {
    let numbers: Vec<f32> = (1..=MAX_LANES).map(|i| i as f32).collect();
    let bytes: Vec<u8> = (0..MAX_LANES as u8).map(|i| 240 + i).collect();
    // SAFETY: the level is there; the arrays have `MAX_LANES` elements.
    unsafe {
        assert_eq!(lanes_of(V::load(numbers.as_ptr())), numbers[..V::LANES]);
        let whole = lanes_of(V::load_bytes(bytes.as_ptr()));
        assert!(whole.iter().enumerate().all(|(i, value)| *value == 240.0 + i as f32));
        for count in 0..V::LANES {
            let filled = lanes_of(V::load_or(numbers.as_ptr(), count, -7.0));
            let partial = lanes_of(V::load_bytes_partial(bytes.as_ptr(), count));
            let mut stored = [9.0; MAX_LANES];
            V::load(numbers.as_ptr()).store_partial(stored.as_mut_ptr(), count);
            for i in 0..V::LANES {
                assert_eq!(filled[i], if i < count { numbers[i] } else { -7.0 });
                assert_eq!(partial[i], if i < count { 240.0 + i as f32 } else { 0.0 });
                assert_eq!(stored[i], if i < count { numbers[i] } else { 9.0 });
            }
        }
    }
}

unsafe fn squares<V: Vector>() {
    let numbers: Vec<f32> = (0..MAX_LANES * 20).map(|i| i as f32).collect();
    let mut transposed = vec![-1.0; MAX_LANES * 18];
    let mut sums = [0.0; MAX_LANES];
    // SAFETY: the level is there; the squares lie inside the arrays.
    unsafe {
        V::transpose(numbers.as_ptr(), 20, transposed.as_mut_ptr(), 18);
        V::sum_folded(numbers.as_ptr(), sums.as_mut_ptr());
        let mut folded = [0.0; MAX_LANES];
        V::load(numbers.as_ptr()).store_folded(folded.as_mut_ptr());
        assert_eq!(folded[..V::FOLDED].iter().sum::<f32>(), numbers[..V::LANES].iter().sum::<f32>());
    }
    for row in 0..V::LANES {
        for column in 0..V::LANES {
            assert_eq!(transposed[column * 18 + row], numbers[row * 20 + column]);
        }
    }
    for i in 0..V::FOLDED {
        assert_eq!(sums[i], numbers[i * V::FOLDED..(i + 1) * V::FOLDED].iter().sum::<f32>());
    }
}

unsafe fn zeros<V: Vector>() {
    let bytes: Vec<u8> = (0..256).map(|i| if i % 3 == 0 { 0 } else { i as u8 }).collect();
    let numbers: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte)).collect();
    let bits: u32 = (0..16).map(|i| u32::from(bytes[i] != 0) << i).sum();
    let mut transposed = [0u8; 256];
    let (mut places, mut packed) = ([0u32; MAX_LANES], [0f32; MAX_LANES]);
    // SAFETY: the level is there; the arrays are large enough.
    unsafe {
        assert_eq!(V::nonzero_bytes(bytes.as_ptr()), bits);
        assert_eq!(V::nonzero_numbers(numbers.as_ptr()), u64::from(bits));
        let rows = std::array::from_fn(|row| bytes.as_ptr().add(row * 16));
        V::transpose_bytes(&rows, transposed.as_mut_ptr(), 16);
        V::pack_places(bits, 100, places.as_mut_ptr());
        V::load(numbers.as_ptr()).pack(bits, packed.as_mut_ptr());
    }
    assert!((0..256).all(|i| transposed[i % 16 * 16 + i / 16] == bytes[i]));
    let set: Vec<usize> = (0..V::LANES).filter(|&i| bytes[i] != 0).collect();
    for (place, &lane) in set.iter().enumerate() {
        assert_eq!((places[place], packed[place]), (100 + lane as u32, numbers[lane]));
    }
}

unsafe fn lanes<V: Vector>() {
    let numbers: Vec<f32> = (0..MAX_LANES).map(|i| [0.5, -1.5, f32::NAN, 6.0][i % 4]).collect();
    // SAFETY: the level is there; the array has `MAX_LANES` numbers.
    let (x, two) = unsafe { (V::load(numbers.as_ptr()), V::splat(2.0)) };
    let starts = |vector: V, expected: [f32; 2]| assert_eq!(lanes_of(vector)[..2], expected);
    starts(x.mul_add(two, two), [3.0, -1.0]);
    starts(x.round(), [0.0, -2.0]);
    starts(x.floor(), [0.0, -2.0]);
    starts(x.ceil(), [1.0, -1.0]);
    starts(x.abs(), [0.5, 1.5]);
    starts(x.negate(), [-0.5, 1.5]);
    starts(two.with_sign_of(x), [2.0, -2.0]);
    starts(V::select(x.less(two), two, x), [2.0, 2.0]);
    starts(x.like(-126.0).power_of_two(), [f32::MIN_POSITIVE; 2]);
    let (mantissa, exponent) = x.like(48.0).split();
    starts(mantissa, [1.5; 2]);
    starts(exponent, [5.0; 2]);
    for (both, third) in
        [(x.maximum(two), 6.0), (two.maximum(x), 6.0), (x.minimum(two), 2.0), (two.minimum(x), 2.0)]
    {
        assert!(lanes_of(both)[2].is_nan(), "NaN passes through");
        assert_eq!(lanes_of(both)[3], third);
    }
    // Of a NaN and a number, the second comes out: the functions count on it.
    assert!(lanes_of(two.max_fast(x))[2].is_nan() && lanes_of(two.min_fast(x))[2].is_nan());
    assert_eq!((lanes_of(x.max_fast(two))[2], lanes_of(x.min_fast(two))[2]), (2.0, 2.0));
    assert_eq!(two.sum(), 2.0 * V::LANES as f32);
    assert_eq!(V::select(x.equal(x), x, two).largest(), 6.0);
}

#[test]
fn vectors_do_the_same_at_every_level() {
    for level in Level::available() {
        // SAFETY: the level is available.
        unsafe { run(level, Checks) };
    }
}

#[test]
fn levels_rise_and_have_names() {
    let available = Level::available();
    assert_eq!(available[0], Level::Portable);
    assert!(available.is_sorted());
    assert!(available.contains(&Level::detect()));
    assert_eq!(Level::Avx512.name(), "avx512");
}
