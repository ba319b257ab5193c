//! Products on the matrix unit: as exact as elsewhere, and the same bits however the work is cut.

use std::ops::Range;
use tensorlet_engine::kernels::matmul::{self, MatmulPlan, MatmulSpec, Operands};
use tensorlet_engine::program::Dtype;
use tensorlet_engine::simd::Level;

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

/// Machines without a unit have nothing to test here.
fn unit() -> Option<Level> {
    let unit = Level::available().into_iter().find(|level| *level == Level::Amx);
    if unit.is_none() {
        eprintln!("skipped: this machine has no matrix unit, or the system does not give it away");
    }
    unit
}

fn specs() -> impl Iterator<Item = MatmulSpec> {
    SHAPES.into_iter().flat_map(|(m, n, k)| {
        [false, true].map(|transpose_a| MatmulSpec {
            m,
            n,
            k,
            transpose_a,
            transpose_b: false,
            a: Dtype::U8,
            b: Dtype::F32,
            out: Dtype::F32,
        })
    })
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

/// The result, by parts that are computed together in groups of so many.
fn compute(plan: &MatmulPlan, a: &[u8], b: &[f32], together: usize) -> Vec<f32> {
    let mut out = vec![f32::NAN; plan.spec.m * plan.spec.n];
    let mut scratch = vec![0u64; plan.scratch_bytes / 8 + 16];
    let scratch = scratch.as_mut_ptr().cast::<u8>();
    let scratch = scratch.wrapping_add(scratch.align_offset(64));
    let parts = plan.split.partition().parts();
    for first in (0..parts).step_by(together) {
        let some: Range<usize> = first..parts.min(first + together);
        let operands = Operands { a: a.as_ptr(), b: b.as_ptr().cast(), marks: std::ptr::null(), ahead: None };
        // SAFETY: all arrays have the sizes that the plan asks for.
        unsafe {
            let (out, shared) = (out.as_mut_ptr().cast(), std::ptr::null_mut());
            matmul::run_parts(plan, some, operands, out, shared, scratch, None);
        }
    }
    out
}

/// The exact sums, and those of magnitudes.
fn exact(spec: &MatmulSpec, a: &[u8], b: &[f32]) -> Vec<(f64, f64)> {
    let MatmulSpec { m, n, k, transpose_a, .. } = *spec;
    let term = |row: usize, column: usize, inner: usize| {
        let byte = a[if transpose_a { inner * m + row } else { row * k + inner }];
        f64::from(byte) * f64::from(b[inner * n + column])
    };
    let sum = |place: usize| {
        let terms = (0..k).map(|inner| term(place / n, place % n, inner));
        terms.fold((0.0, 0.0), |(sum, magnitude), term| (sum + term, magnitude + term.abs()))
    };
    (0..m * n).map(sum).collect()
}

#[test]
fn sums_are_as_exact_as_those_of_vectors() {
    let Some(unit) = unit() else { return };
    let mut noise = Noise(1);
    for spec in specs() {
        let (a, b) = (noise.bytes(spec.m * spec.k), noise.numbers(spec.k * spec.n));
        let exact = exact(&spec, &a, &b);
        let worst = |level: Level| {
            let sums = compute(&matmul::plan(&spec, level, None), &a, &b, usize::MAX >> 1);
            let errors = sums.iter().zip(&exact);
            errors.map(|(got, (want, size))| (f64::from(*got) - want).abs() / size).fold(0.0, f64::max)
        };
        let (own, of_vectors) = (worst(unit), worst(Level::Avx512));
        assert!(own <= of_vectors.max(6e-8), "{spec:?}: {own:e} and {of_vectors:e}");
    }
}

#[test]
fn cutting_the_work_changes_no_bit() {
    let Some(unit) = unit() else { return };
    let mut noise = Noise(2);
    for spec in specs() {
        let (a, b) = (noise.bytes(spec.m * spec.k), noise.numbers(spec.k * spec.n));
        let plan = matmul::plan(&spec, unit, None);
        assert!(!plan.can_read_lists(), "{spec:?} is meant for the unit");
        let bits = |together| -> Vec<u32> {
            compute(&plan, &a, &b, together).into_iter().map(f32::to_bits).collect()
        };
        let whole = bits(plan.split.partition().parts());
        assert!(whole == bits(1) && whole == bits(2), "{spec:?}");
    }
}

#[test]
fn numbers_that_are_not_finite_are_what_they_are() {
    let Some(unit) = unit() else { return };
    let mut noise = Noise(3);
    for spec in specs() {
        let a = noise.bytes(spec.m * spec.k);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -0.0] {
            let mut b = noise.numbers(spec.k * spec.n);
            b[spec.k * spec.n / 2] = bad;
            let of = |level| compute(&matmul::plan(&spec, level, None), &a, &b, 1);
            for (own, other) in of(unit).into_iter().zip(of(Level::Portable)) {
                let same = own == other || (own.is_nan() && other.is_nan());
                assert!(same || (own.is_finite() && other.is_finite()), "{spec:?}, {bad}: {own}, {other}");
            }
        }
    }
}
