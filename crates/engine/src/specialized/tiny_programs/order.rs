//! The order of a tape's steps, and which of them become one operation.
//!
//! Each step runs as late as its readers allow, counted in time: then steps that do the
//! same for several variables, as an optimizer's, come at the same time, whenever their
//! operands were ready. They are joined, so that the machine works on all of them at once.

use super::template::Step;

/// Puts steps in order and joins those of the same kind and time.
pub(super) fn order(steps: Vec<Step>, slots: usize) -> Vec<Step> {
    let times = times(&steps, slots);
    let mut numbered: Vec<(usize, Step)> = steps.into_iter().enumerate().collect();
    numbered.sort_by(|(a, first), (b, second)| {
        times[*b].total_cmp(&times[*a]).then(first.code.cmp(&second.code)).then(a.cmp(b))
    });
    let mut joined: Vec<Step> = Vec::with_capacity(numbered.len());
    let mut last_time = f64::NAN;
    for (number, step) in numbered {
        let same_time = times[number] == last_time;
        last_time = times[number];
        match joined.last_mut() {
            Some(last) if same_time && last.code == step.code && step.code.joins() => {
                last.groups.extend(step.groups);
            }
            _ => joined.push(step),
        }
    }
    joined
}

/// For each step, how long before the end it must start.
fn times(steps: &[Step], slots: usize) -> Vec<f64> {
    let mut times: Vec<f64> = vec![0.0; steps.len()];
    // Going backwards: the earliest later step that reads a slot, and that writes it.
    let mut readers = vec![0.0f64; slots];
    let mut writers = vec![0.0f64; slots];
    for (number, step) in steps.iter().enumerate().rev() {
        // Who reads the result; who writes over it; who writes over what is read here.
        let result = readers[step.write];
        let over = step.reads.iter().map(|&slot| writers[slot]).fold(writers[step.write], f64::max);
        let time = (result + step.latency).max(over + 1.0).max(step.latency);
        times[number] = time;
        readers[step.write] = 0.0;
        writers[step.write] = time;
        for &slot in &step.reads {
            readers[slot] = readers[slot].max(time);
        }
    }
    times
}
