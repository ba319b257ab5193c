//! Templates give the bits of their expressions.

use super::adam::are_adam;
use super::templates::Arg::{Operand, Step};
use super::templates::{Arg, PATTERNS};
use super::*;
use crate::ir::program::{Dtype, MapOp};
use crate::kernels::map::MapKernel;

fn step(op: MapOp, args: &[usize]) -> MapStep {
    MapStep { op, args: args.to_vec(), dtype: Dtype::F32 }
}

/// Each pattern as an expression; its operands come in another order than in the pattern.
fn expressions() -> Vec<(Vec<MapStep>, Vec<Place>)> {
    PATTERNS
        .iter()
        .map(|pattern| {
            let count = pattern.places.len();
            let register = |arg: &Arg| match *arg {
                Operand(number) => count - 1 - number,
                Step(number) => count + number,
            };
            let code = pattern
                .steps
                .iter()
                .map(|(op, args)| step(*op, &args.iter().map(register).collect::<Vec<_>>()))
                .collect();
            (code, pattern.places.iter().rev().copied().collect())
        })
        .collect()
}

fn compute(code: &[MapStep], arrays: &[Vec<f32>], specially: bool, len: usize, level: Level) -> Vec<u32> {
    let shapes: Vec<Vec<usize>> =
        arrays.iter().map(|array| if array.len() == 1 { vec![] } else { vec![len] }).collect();
    let operands: Vec<(Dtype, &[usize])> =
        shapes.iter().map(|shape| (Dtype::F32, shape.as_slice())).collect();
    let mut kernel = MapKernel::new(code, &operands, &[len], level).unwrap();
    if specially {
        kernel.specialize(|places| super::kernel(code, places, level));
        assert!(kernel.special().is_some(), "{code:?}");
    }
    let mut scratch = vec![0u64; kernel.scratch_bytes / 8 + 16];
    let mut out = vec![0f32; len];
    let pointers: Vec<*mut u8> = arrays.iter().map(|array| array.as_ptr().cast_mut().cast()).collect();
    // SAFETY: the arrays have the shapes that the kernel was made for.
    unsafe {
        let mut state = kernel.begin(scratch.as_mut_ptr().cast());
        kernel.run(&mut state, 0, 7, &pointers, out.as_mut_ptr().cast());
        kernel.run(&mut state, 7, len - 7, &pointers, out.as_mut_ptr().cast());
    }
    out.into_iter().map(f32::to_bits).collect()
}

#[test]
fn templates_give_the_bits_of_their_expressions() {
    let len = 1003;
    for level in Level::available() {
        for (code, places) in expressions() {
            let array = |(number, place): (usize, &Place)| -> Vec<f32> {
                let count = if *place == Place::Scalar { 1 } else { len };
                (0..count).map(|i| 0.01 + ((i * 31 + number * 17) % 97) as f32 / 9.0).collect()
            };
            let arrays: Vec<Vec<f32>> = places.iter().enumerate().map(array).collect();
            let of = |specially| compute(&code, &arrays, specially, len, level);
            assert!(of(true) == of(false), "{code:?} at {level:?}");
        }
    }
}

#[test]
fn adam_in_one_loop_gives_the_bits_of_its_three_expressions() {
    let len = 1003;
    for level in Level::available() {
        let templates: Vec<Template> = PATTERNS
            .iter()
            .map(|pattern| {
                let operands = std::array::from_fn(|place| place as u8);
                Template { kind: pattern.kind, operands, level }
            })
            .collect();
        let array = |number: usize, count: usize| -> Vec<f32> {
            (0..count).map(|i| 0.01 + ((i * 31 + number * 17) % 97) as f32 / 9.0).collect()
        };
        let update = |joined: bool| -> Vec<u32> {
            let [mut w, mut m, mut v, mut gradient] = std::array::from_fn(|number| array(number, len));
            let mut scalars: Vec<f32> = array(4, 4);
            let [w_at, m_at, v_at, gradient_at] =
                [&mut w, &mut m, &mut v, &mut gradient].map(|array| array.as_mut_ptr().cast::<u8>());
            let [slow, slower, rate, epsilon] =
                std::array::from_fn(|number| scalars[number..].as_mut_ptr().cast::<u8>());
            let mean = [m_at, slow, gradient_at];
            let square = [v_at, slower, gradient_at];
            let step = [w_at, m_at, rate, epsilon, v_at];
            let elsewhere = [w_at, w_at, rate, epsilon, v_at];
            let call = |number: usize, operands, out| Call { kernel: &templates[number], operands, out };
            let calls: [Call; JOINED] = [call(0, &mean, m_at), call(1, &square, v_at), call(2, &step, w_at)];
            assert!(are_adam(&calls));
            assert!(!are_adam(&[calls[1], calls[0], calls[2]]));
            assert!(!are_adam(&[calls[0], calls[1], call(2, &elsewhere, w_at)]));
            // SAFETY: all arrays have the length, or are single numbers.
            unsafe {
                match joined {
                    true => calls[2].kernel.run_joined(&calls, 0, len),
                    false => calls.iter().for_each(|call| call.kernel.run(0, len, call.operands, call.out)),
                }
            }
            [w, m, v].concat().into_iter().map(f32::to_bits).collect()
        };
        assert!(update(true) == update(false), "{level:?}");
    }
}

#[test]
fn expressions_of_other_forms_have_no_template() {
    let places = [Place::Same, Place::Scalar, Place::Same];
    let average = [step(MapOp::Sub, &[2, 0]), step(MapOp::MulAdd, &[3, 1, 0])];
    let found = |code: &[MapStep], places: &[Place]| Template::find(code, places, Level::Portable).is_some();
    assert!(found(&average, &places));
    assert!(!found(&average, &[Place::Same, Place::Other, Place::Same]));
    let other = [step(MapOp::Sub, &[2, 0]), step(MapOp::MulAdd, &[3, 1, 2])];
    assert!(!found(&other, &places));
}
