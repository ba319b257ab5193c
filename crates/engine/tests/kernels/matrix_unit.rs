//! Products on a matrix unit: as exact as elsewhere, and the same bits however the work is cut. The unit in plain
//! Rust is tested everywhere, the machine's own where there is one.

use std::sync::Arc;

use crate::common::{aligned, aligned_start, plan};
use tensorlet_engine::ir::program::Dtype;
use tensorlet_engine::kernels::matmul::{self, MatmulPlan, MatmulSpec, Product, ProductKernel};
use tensorlet_engine::simd::Level;
use tensorlet_engine::specialized::matrix_unit::emulated_kernel;

/// Shapes with whole tiles and with edges on each axis, of more than one chunk of rows, too.
const SHAPES: [(usize, usize, usize); 7] = [
    (100, 128, 784),
    (784, 128, 100),
    (16, 17, 130),
    (129, 33, 31),
    (300, 48, 33),
    (65, 100, 16),
    (100, 512, 784),
];

fn specs() -> impl Iterator<Item = MatmulSpec> {
    let spec = |(m, n, k), transpose_a| MatmulSpec {
        m,
        n,
        k,
        transpose_a,
        transpose_b: false,
        a: Dtype::U8,
        b: Dtype::F32,
        out: Dtype::F32,
    };
    SHAPES.into_iter().flat_map(move |shape| [false, true].map(|transpose_a| spec(shape, transpose_a)))
}

struct Noise(u64);

impl Noise {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        self.0 >> 33
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.word() as u8).collect()
    }

    /// Numbers of very different sizes.
    fn numbers(&mut self, count: usize) -> Vec<f32> {
        (0..count)
            .map(|_| (self.word() as f32 / 2f32.powi(30) - 1.0) * 2f32.powi(self.word() as i32 % 20))
            .collect()
    }
}

/// The operands of a product.
struct Arrays {
    bytes: Vec<u8>,
    numbers: Vec<f32>,
}

impl Arrays {
    fn new(spec: &MatmulSpec, noise: &mut Noise) -> Arrays {
        Arrays { bytes: noise.bytes(spec.m * spec.k), numbers: noise.numbers(spec.k * spec.n) }
    }
}

/// The plan of a product on a unit.
fn on(unit: &Arc<dyn ProductKernel>, level: Level, spec: &MatmulSpec) -> MatmulPlan {
    assert!(unit.matches(spec, level), "{spec:?} is meant for the unit");
    matmul::plan(spec, level, None, std::slice::from_ref(unit))
}

/// The result, by parts that are computed together in groups of so many.
fn compute(plan: &MatmulPlan, arrays: &Arrays, together: usize) -> Vec<f32> {
    let mut out = vec![f32::NAN; plan.spec.m * plan.spec.n];
    let mut scratch = aligned(plan.scratch_bytes);
    let parts = plan.split.partition().parts();
    for first in (0..parts).step_by(together) {
        let product = Product {
            a: arrays.bytes.as_ptr(),
            b: arrays.numbers.as_ptr().cast(),
            aside: std::ptr::null(),
            out: out.as_mut_ptr().cast(),
            shared: std::ptr::null_mut(),
            scratch: aligned_start(&mut scratch),
            kept: std::ptr::null(),
            sink: None,
        };
        // SAFETY: all arrays have the sizes that the plan asks for.
        unsafe { matmul::run_parts(plan, first..parts.min(first + together), product) };
    }
    out
}

/// The exact sums, and those of magnitudes.
fn exact(spec: &MatmulSpec, arrays: &Arrays) -> Vec<(f64, f64)> {
    let MatmulSpec { m, n, k, transpose_a, .. } = *spec;
    let term = |row: usize, column: usize, inner: usize| {
        let byte = arrays.bytes[if transpose_a { inner * m + row } else { row * k + inner }];
        f64::from(byte) * f64::from(arrays.numbers[inner * n + column])
    };
    let sum = |place: usize| {
        let terms = (0..k).map(|inner| term(place / n, place % n, inner));
        terms.fold((0.0, 0.0), |(sum, magnitude), term| (sum + term, magnitude + term.abs()))
    };
    (0..m * n).map(sum).collect()
}

fn sums_are_as_exact_as_those_of_vectors(unit: &Arc<dyn ProductKernel>, level: Level) {
    let mut noise = Noise(1);
    for spec in specs() {
        let arrays = Arrays::new(&spec, &mut noise);
        let exact = exact(&spec, &arrays);
        let worst = |plan: &MatmulPlan| {
            let sums = compute(plan, &arrays, usize::MAX >> 1);
            let errors = sums.iter().zip(&exact);
            errors.map(|(got, (want, size))| (f64::from(*got) - want).abs() / size).fold(0.0, f64::max)
        };
        let (own, of_vectors) = (worst(&on(unit, level, &spec)), worst(&plan(&spec, Level::Portable)));
        assert!(own <= of_vectors.max(f64::from(f32::EPSILON)), "{spec:?}: {own:e} and {of_vectors:e}");
    }
}

fn cutting_the_work_changes_no_bit(unit: &Arc<dyn ProductKernel>, level: Level) {
    let mut noise = Noise(2);
    for spec in specs() {
        let arrays = Arrays::new(&spec, &mut noise);
        let plan = on(unit, level, &spec);
        let bits = |together| -> Vec<u32> {
            compute(&plan, &arrays, together).into_iter().map(f32::to_bits).collect()
        };
        let whole = bits(plan.split.partition().parts());
        assert!(whole == bits(1) && whole == bits(2), "{spec:?}");
    }
}

fn numbers_that_are_not_finite_are_what_they_are(unit: &Arc<dyn ProductKernel>, level: Level) {
    let mut noise = Noise(3);
    for spec in specs().filter(|spec| spec.m * spec.n * spec.k < 1 << 21) {
        let mut arrays = Arrays::new(&spec, &mut noise);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -0.0] {
            let middle = arrays.numbers.len() / 2;
            let kept = std::mem::replace(&mut arrays.numbers[middle], bad);
            let own = compute(&on(unit, level, &spec), &arrays, 1);
            let others = compute(&plan(&spec, Level::Portable), &arrays, 1);
            for (own, other) in own.into_iter().zip(others) {
                let same = own == other || (own.is_nan() && other.is_nan());
                assert!(same || (own.is_finite() && other.is_finite()), "{spec:?}, {bad}: {own}, {other}");
            }
            arrays.numbers[middle] = kept;
        }
    }
}

/// The unit in plain Rust.
pub fn emulated() {
    let unit = emulated_kernel();
    for level in [Level::Portable, Level::detect()] {
        sums_are_as_exact_as_those_of_vectors(&unit, level);
        cutting_the_work_changes_no_bit(&unit, level);
        numbers_that_are_not_finite_are_what_they_are(&unit, level);
    }
}

/// The machine's unit, which must give the bits of the one in plain Rust.
#[cfg(target_arch = "x86_64")]
pub fn hardware(level: Level) {
    let unit = tensorlet_engine::specialized::matrix_unit::kernel();
    sums_are_as_exact_as_those_of_vectors(&unit, level);
    cutting_the_work_changes_no_bit(&unit, level);
    numbers_that_are_not_finite_are_what_they_are(&unit, level);
    let mut noise = Noise(4);
    for spec in specs() {
        let arrays = Arrays::new(&spec, &mut noise);
        let of = |unit| compute(&on(unit, level, &spec), &arrays, 1);
        assert!(of(&unit) == of(&emulated_kernel()), "{spec:?}");
    }
}
