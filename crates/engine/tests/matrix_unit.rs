//! Products on the matrix unit: as exact as elsewhere, and the same bits however the work is cut.

use std::ops::Range;
use tensorlet_engine::ir::program::Dtype;
use tensorlet_engine::kernels::matmul::{self, MatmulPlan, MatmulSpec, Operands, Split};
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

/// Rows, columns of the batch, and the few columns of weights that are stored by columns.
const NARROW_SHAPES: [(usize, usize, usize); 6] =
    [(100, 784, 10), (16, 1024, 8), (67, 528, 5), (1024, 512, 1), (333, 4096, 9), (130, 1040, 6)];

/// Machines without a unit have nothing to test here.
fn unit() -> Option<Level> {
    let unit = Level::available().into_iter().find(|level| *level == Level::Amx);
    if unit.is_none() {
        eprintln!("skipped: this machine has no matrix unit, or the system does not give it away");
    }
    unit
}

fn specs() -> Vec<MatmulSpec> {
    let (byte, float) = (Dtype::U8, Dtype::F32);
    let spec = |(m, n, k), (transpose_a, transpose_b), (a, b)| MatmulSpec {
        m,
        n,
        k,
        transpose_a,
        transpose_b,
        a,
        b,
        out: float,
    };
    let wide = SHAPES
        .into_iter()
        .flat_map(|shape| [false, true].map(|transpose_a| spec(shape, (transpose_a, false), (byte, float))));
    let narrow = NARROW_SHAPES.into_iter().flat_map(|(rows, columns, width)| {
        let forward = spec((rows, width, columns), (false, true), (byte, float));
        [forward, spec((width, columns, rows), (true, false), (float, byte))]
    });
    wide.chain(narrow).collect()
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
        let (left, right) = (spec.m * spec.k, spec.k * spec.n);
        let (bytes, numbers) = if spec.a == Dtype::U8 { (left, right) } else { (right, left) };
        Arrays { bytes: noise.bytes(bytes), numbers: noise.numbers(numbers) }
    }

    fn pointers(&self, spec: &MatmulSpec) -> [*const u8; 2] {
        let (bytes, numbers) = (self.bytes.as_ptr(), self.numbers.as_ptr().cast());
        if spec.a == Dtype::U8 { [bytes, numbers] } else { [numbers, bytes] }
    }
}

/// The result, by parts that are computed together in groups of so many.
fn compute(plan: &MatmulPlan, [a, b]: [*const u8; 2], together: usize) -> Vec<f32> {
    let mut out = vec![f32::NAN; plan.spec.m * plan.spec.n];
    let mut shared = vec![f32::NAN; plan.shared_bytes / 4];
    let mut scratch = vec![u64::MAX; plan.scratch_bytes / 8 + 16];
    let scratch = scratch.as_mut_ptr().cast::<u8>();
    let scratch = scratch.wrapping_add(scratch.align_offset(64));
    let parts = plan.split.partition().parts();
    let (out_at, shared_at) = (out.as_mut_ptr().cast(), shared.as_mut_ptr().cast());
    for first in (0..parts).step_by(together) {
        let some: Range<usize> = first..parts.min(first + together);
        let operands = Operands { a, b, marks: std::ptr::null(), prefetcher: None };
        // SAFETY: all arrays have the sizes that the plan asks for.
        unsafe { matmul::run_parts(plan, some, operands, out_at, shared_at, scratch, None) };
    }
    if matches!(plan.split, Split::Inner(_)) {
        // SAFETY: as above; all parts have run.
        unsafe { matmul::combine(plan, 0..plan.spec.m, shared_at, out_at, None) };
    }
    out
}

/// The exact sums, and those of magnitudes.
fn exact(spec: &MatmulSpec, arrays: &Arrays) -> Vec<(f64, f64)> {
    let MatmulSpec { m, n, k, transpose_a, transpose_b, .. } = *spec;
    let term = |row: usize, column: usize, inner: usize| {
        let a = if transpose_a { inner * m + row } else { row * k + inner };
        let b = if transpose_b { column * k + inner } else { inner * n + column };
        let (byte, number) = if spec.a == Dtype::U8 { (a, b) } else { (b, a) };
        f64::from(arrays.bytes[byte]) * f64::from(arrays.numbers[number])
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
        let arrays = Arrays::new(&spec, &mut noise);
        let exact = exact(&spec, &arrays);
        let worst = |level: Level| {
            let sums = compute(&matmul::plan(&spec, level, None), arrays.pointers(&spec), usize::MAX >> 1);
            let errors = sums.iter().zip(&exact);
            errors.map(|(got, (want, size))| (f64::from(*got) - want).abs() / size).fold(0.0, f64::max)
        };
        let (own, of_vectors) = (worst(unit), worst(Level::Avx512));
        assert!(own <= of_vectors.max(f64::from(f32::EPSILON)), "{spec:?}: {own:e} and {of_vectors:e}");
    }
}

#[test]
fn cutting_the_work_changes_no_bit() {
    let Some(unit) = unit() else { return };
    let mut noise = Noise(2);
    for spec in specs() {
        let arrays = Arrays::new(&spec, &mut noise);
        let plan = matmul::plan(&spec, unit, None);
        assert!(!plan.can_read_lists() && plan.possible_skip().is_none(), "{spec:?} is meant for the unit");
        let bits = |together| -> Vec<u32> {
            compute(&plan, arrays.pointers(&spec), together).into_iter().map(f32::to_bits).collect()
        };
        let whole = bits(plan.split.partition().parts());
        assert!(whole == bits(1) && whole == bits(2), "{spec:?}");
    }
}

#[test]
fn rows_may_lie_anywhere() {
    let Some(unit) = unit() else { return };
    let mut noise = Noise(4);
    let narrow = |spec: &MatmulSpec| matmul::plan(spec, unit, None).batch_operand().is_some();
    let specs: Vec<MatmulSpec> = specs().into_iter().filter(narrow).collect();
    assert_eq!(specs.len(), 2 * NARROW_SHAPES.len());
    for spec in specs {
        let arrays = Arrays::new(&spec, &mut noise);
        let mut plan = matmul::plan(&spec, unit, None);
        let mut pointers = arrays.pointers(&spec);
        let adjacent = compute(&plan, pointers, 2);
        // Every row on its own, at odd addresses.
        let (rows, len) = if spec.a == Dtype::U8 { (spec.m, spec.k) } else { (spec.k, spec.n) };
        let mut apart = vec![0u8; rows * (len + 131)];
        let mut table = Vec::new();
        for (number, row) in arrays.bytes.chunks_exact(len).enumerate() {
            let at = (rows - 1 - number) * (len + 131) + 1;
            apart[at..at + len].copy_from_slice(row);
            table.push(apart[at..].as_ptr());
        }
        plan.in_place = true;
        pointers[plan.batch_operand().unwrap()] = table.as_ptr().cast();
        assert_eq!(adjacent, compute(&plan, pointers, 2), "{spec:?}");
    }
}

#[test]
fn numbers_that_are_not_finite_are_what_they_are() {
    let Some(unit) = unit() else { return };
    let mut noise = Noise(3);
    for spec in specs() {
        let mut arrays = Arrays::new(&spec, &mut noise);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -0.0] {
            let middle = arrays.numbers.len() / 2;
            let kept = std::mem::replace(&mut arrays.numbers[middle], bad);
            let of = |level| compute(&matmul::plan(&spec, level, None), arrays.pointers(&spec), 1);
            for (own, other) in of(unit).into_iter().zip(of(Level::Portable)) {
                let same = own == other || (own.is_nan() && other.is_nan());
                assert!(same || (own.is_finite() && other.is_finite()), "{spec:?}, {bad}: {own}, {other}");
            }
            arrays.numbers[middle] = kept;
        }
    }
}
