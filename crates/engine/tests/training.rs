//! Softmax regression as a whole: right numbers, the same numbers, whole variables.

mod common;

use common::{BATCH, CLASSES, PIXELS, digits, softmax_regression, train};
use tensorlet_engine::error::RunError;
use tensorlet_engine::ir::program::Dtype;
use tensorlet_engine::kernels::random::permutation;
use tensorlet_engine::run::fetch::{Column, Feed, Rows};

const ROWS: usize = 1000;
const STEPS: usize = 10;

/// The same training in plain loops and 64-bit numbers.
fn judge(rows: &(Vec<u8>, Vec<u8>), order: &[i64]) -> (Vec<f64>, Vec<f64>, f64, f64) {
    let mut w: Vec<f64> = (0..CLASSES * PIXELS).map(|i| f64::from((i % 13) as f32 * 0.001)).collect();
    let mut bias = vec![0.0; CLASSES];
    let (mut loss, mut correct) = (0.0, 0.0);
    for batch in order.chunks(BATCH).take(STEPS) {
        let (mut dw, mut db) = (vec![0.0; w.len()], [0.0; CLASSES]);
        for &row in batch {
            let x: Vec<f64> =
                rows.0[row as usize * PIXELS..][..PIXELS].iter().map(|&p| f64::from(p) / 255.0).collect();
            let label = rows.1[row as usize] as usize;
            let z: Vec<f64> = (0..CLASSES)
                .map(|j| bias[j] + x.iter().zip(&w[j * PIXELS..]).map(|(a, b)| a * b).sum::<f64>())
                .collect();
            let top = z.iter().copied().fold(f64::MIN, f64::max);
            let total: f64 = z.iter().map(|v| (v - top).exp()).sum();
            loss -= (z[label] - top - total.ln()) / BATCH as f64;
            correct += f64::from(u8::from(z[label] == top));
            for j in 0..CLASSES {
                let error = (z[j] - top).exp() / total - f64::from(u8::from(j == label));
                let error = error * 0.15 / BATCH as f64;
                db[j] += error;
                dw[j * PIXELS..][..PIXELS].iter_mut().zip(&x).for_each(|(d, x)| *d += error * x);
            }
        }
        w.iter_mut().zip(&dw).for_each(|(w, d)| *w -= d);
        bias.iter_mut().zip(&db).for_each(|(b, d)| *b -= d);
    }
    (w, bias, loss, correct)
}

#[test]
fn agrees_with_plain_loops() {
    let rows = digits(ROWS);
    let order = permutation(ROWS, 1, 2);
    let (w, bias, loss, correct) = judge(&rows, &order);
    let got = train(&mut softmax_regression(false).runner(), STEPS, &rows, Some(&order));
    assert!((got.sums[0] - loss).abs() < 1e-4 * loss, "{} against {loss}", got.sums[0]);
    assert_eq!(got.sums[1], correct);
    let close = |a: &[f32], b: &[f64]| a.iter().zip(b).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-5);
    assert!(close(&got.weights, &w) && close(&got.bias, &bias));
}

#[test]
fn transposed_variables_give_the_same_numbers() {
    let rows = digits(ROWS);
    let plain = train(&mut softmax_regression(false).runner(), STEPS, &rows, None);
    let mut runner = softmax_regression(true).runner();
    // The test's weights depend on their position: transpose them before and after.
    let mut transposed: Vec<f32> = vec![0.0; CLASSES * PIXELS];
    for i in 0..CLASSES * PIXELS {
        transposed[i % PIXELS * CLASSES + i / PIXELS] = (i % 13) as f32 * 0.001;
    }
    let mut bias = vec![0.0f32; CLASSES];
    let mut outputs = [0.0f32; 2];
    let [loss, correct] = outputs.each_mut().map(|output| std::ptr::from_mut(output).cast());
    let feeds = feeds(&rows, ROWS);
    let variables = [transposed.as_mut_ptr().cast(), bias.as_mut_ptr().cast()];
    // SAFETY: the arrays have the program's types and shapes.
    unsafe {
        let rows = Rows { order: None, first_step: 0 };
        runner.run_epoch(&feeds, rows, STEPS, &variables, &[loss, correct], &|_, _| true).unwrap();
    }
    assert_eq!(bias, plain.bias);
    assert!((0..transposed.len()).all(|i| transposed[i % PIXELS * CLASSES + i / PIXELS] == plain.weights[i]));
}

fn feeds(rows: &(Vec<u8>, Vec<u8>), count: usize) -> [Feed; 2] {
    let column = |start: *const u8, stride| Column { start, rows: count, stride, dtype: Dtype::U8 };
    [Feed::Rows(column(rows.0.as_ptr(), PIXELS as isize)), Feed::Rows(column(rows.1.as_ptr(), 1))]
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let rows = digits(ROWS);
    let order = permutation(ROWS, 3, 4);
    let run = |threads| {
        let mut runner = softmax_regression(true).runner();
        runner.force_threads(threads);
        train(&mut runner, STEPS, &rows, Some(&order))
    };
    let one = run(1);
    for threads in [2, 3, 4] {
        let many = run(threads);
        assert_eq!(many.weights, one.weights, "{threads} threads");
        assert_eq!((many.bias, many.sums), (one.bias.clone(), one.sums.clone()), "{threads} threads");
    }
}

#[test]
fn what_lies_in_memory_does_not_matter() {
    let rows = digits(ROWS);
    for threads in [1, 4] {
        let run = |pattern: Option<[u8; 4]>| {
            let mut runner = softmax_regression(true).runner();
            runner.force_threads(threads);
            pattern.into_iter().for_each(|pattern| runner.poison(pattern));
            train(&mut runner, STEPS, &rows, None)
        };
        let clean = run(None);
        for pattern in [[0x00; 4], [0xFF; 4], f32::NAN.to_le_bytes()] {
            let dirty = run(Some(pattern));
            assert_eq!((dirty.weights, dirty.bias), (clean.weights.clone(), clean.bias.clone()));
            assert_eq!(dirty.sums, clean.sums);
        }
    }
}

#[test]
fn two_barriers_a_step_and_no_copies() {
    for transposed in [false, true] {
        let runner = softmax_regression(transposed).runner();
        let text = runner.plan().describe();
        assert_eq!(runner.plan().barrier_count(), 2, "{text}");
        assert!(!text.contains("copy"), "updates are written in place:\n{text}");
    }
}

#[test]
fn bad_labels_leave_the_variables_alone() {
    let mut rows = digits(ROWS);
    rows.1[3 * BATCH + 57] = 11;
    rows.1[3 * BATCH + 81] = 12;
    let good = train(&mut softmax_regression(false).runner(), 3, &rows, None);
    for threads in [1, 2, 4] {
        let mut runner = softmax_regression(false).runner();
        runner.force_threads(threads);
        let mut weights: Vec<f32> = (0..CLASSES * PIXELS).map(|i| (i % 13) as f32 * 0.001).collect();
        let mut bias = vec![0.0f32; CLASSES];
        let mut outputs = [0.0f32; 2];
        let [loss, correct] = outputs.each_mut().map(|output| std::ptr::from_mut(output).cast());
        let variables = [weights.as_mut_ptr().cast(), bias.as_mut_ptr().cast()];
        // SAFETY: the arrays have the program's types and shapes.
        let result = unsafe {
            let source = Rows { order: None, first_step: 0 };
            runner.run_epoch(&feeds(&rows, ROWS), source, 10, &variables, &[loss, correct], &|_, _| true)
        };
        let Err(RunError::Index(message)) = result else { panic!("label 11 was let through: {result:?}") };
        assert!(message.contains("index 11 at position 57 of step 3 is not between 0 and 9"), "{message}");
        assert_eq!((weights, bias), (good.weights.clone(), good.bias.clone()), "{threads} threads");
    }
}

#[test]
fn a_stop_leaves_whole_steps() {
    // Long enough for the clock to ask.
    let rows = digits(ROWS);
    let order: Vec<i64> = (0..40_000 * BATCH).map(|i| (i % ROWS) as i64).collect();
    for threads in [1, 2] {
        let mut runner = softmax_regression(true).runner();
        runner.force_threads(threads);
        let mut weights = vec![0.0f32; CLASSES * PIXELS];
        let mut bias = vec![0.0f32; CLASSES];
        let mut outputs = [0.0f32; 2];
        let [loss, correct] = outputs.each_mut().map(|output| std::ptr::from_mut(output).cast());
        let variables = [weights.as_mut_ptr().cast(), bias.as_mut_ptr().cast()];
        let source = Rows { order: Some(&order), first_step: 0 };
        // SAFETY: the arrays have the program's types and shapes.
        let done = unsafe {
            let stop = |done: usize, sums: &[f64]| {
                assert!(done > 0 && sums[0] > 0.0);
                false
            };
            let outputs = [loss, correct];
            runner.run_epoch(&feeds(&rows, ROWS), source, 40_000, &variables, &outputs, &stop).unwrap()
        };
        assert!(done < 40_000, "it was stopped after {done} steps");
        let (mut again, mut bias_again) = (vec![0.0f32; CLASSES * PIXELS], vec![0.0f32; CLASSES]);
        let variables = [again.as_mut_ptr().cast(), bias_again.as_mut_ptr().cast()];
        // SAFETY: as above.
        unsafe {
            let go = |_: usize, _: &[f64]| true;
            let mut runner = softmax_regression(true).runner();
            runner.run_epoch(&feeds(&rows, ROWS), source, done, &variables, &[loss, correct], &go).unwrap();
        }
        assert_eq!((weights, bias), (again, bias_again), "after {done} steps on {threads} threads");
    }
}

#[test]
fn rows_that_do_not_exist_are_refused() {
    let rows = digits(ROWS);
    let mut runner = softmax_regression(false).runner();
    let mut order: Vec<i64> = (0..ROWS as i64).collect();
    order[234] = ROWS as i64;
    let mut try_rows = |source: Rows, steps| {
        let (mut weights, mut bias) = (vec![0.0f32; CLASSES * PIXELS], vec![0.0f32; CLASSES]);
        let mut outputs = [0.0f32; 2];
        let [loss, correct] = outputs.each_mut().map(|output| std::ptr::from_mut(output).cast());
        let variables = [weights.as_mut_ptr().cast(), bias.as_mut_ptr().cast()];
        // SAFETY: the arrays have the program's types and shapes.
        let result = unsafe {
            runner.run_epoch(&feeds(&rows, ROWS), source, steps, &variables, &[loss, correct], &|_, _| true)
        };
        result.map_err(|error| error.to_string())
    };
    let error = try_rows(Rows { order: Some(&order), first_step: 0 }, 3).unwrap_err();
    assert!(error.contains("the order names row 1000 at position 234"), "{error}");
    assert_eq!(try_rows(Rows { order: Some(&order), first_step: 3 }, 7), Ok(7));
    let error = try_rows(Rows { order: None, first_step: 5 }, 6).unwrap_err();
    assert!(error.contains("need 1100 rows, but there are 1000"), "{error}");
    assert!(try_rows(Rows { order: None, first_step: usize::MAX }, 1).is_err());
}
