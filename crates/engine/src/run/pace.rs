//! How many threads a program is run on, from how long its steps have taken.
//!
//! Threads that wait for each other every few microseconds help only while each has a core to
//! itself. On a busy machine one thread is faster, and the only way to know is
//! to measure now and then. Results do not depend on it.

use std::time::Duration;

/// Steps are run in stretches of about this time.
const STRETCH: Duration = Duration::from_millis(3);
/// A trial of fewer steps than the next number says must take this long to say anything.
const ENOUGH: Duration = Duration::from_micros(500);
/// Steps of a trial.
const TRIAL_STEPS: usize = 16;
/// Stretches before the slower way is tried again: few at first, since one trial
/// may have been unlucky; twice as many each time that it is still slower.
const FIRST_PATIENCE: usize = 4;
const LAST_PATIENCE: usize = 32;

/// A slower measurement makes what is known slower by this at most: chance can only make steps slower,
/// sometimes ten times. One slow stretch says little, several in a row say more.
const BELIEVED: f64 = 1.25;

/// What has been measured of one program.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Seconds a step on one thread, and on several.
    alone: Option<f64>,
    together: Option<f64>,
    warm: bool,
    /// Threads, steps and time of runs that were too short, each, to say anything.
    short: (usize, usize, Duration),
    /// Stretches since the last trial, and how many there are to be.
    stretches: usize,
    patience: usize,
    /// The faster way at the last trial.
    best: usize,
}

impl Pace {
    /// On how many threads to go on, up to `most`, and for how many of the steps that are left.
    pub fn next(&mut self, most: usize, left: usize) -> (usize, usize) {
        let trial = TRIAL_STEPS.min(left);
        if most == 1 {
            return (1, left);
        }
        if !self.warm {
            // The first steps wake threads and fill caches: they say nothing.
            return (most, trial);
        }
        let (Some(alone), Some(together)) = (self.alone, self.together) else {
            return (if self.together.is_none() { most } else { 1 }, trial);
        };
        let (best, other) = if together <= alone { (most, 1) } else { (1, most) };
        if best != self.best {
            (self.best, self.patience) = (best, FIRST_PATIENCE);
        }
        if self.stretches >= self.patience {
            (self.stretches, self.patience) = (0, (self.patience * 2).min(LAST_PATIENCE));
            if other == most {
                // Sleeping threads must wake up first; that is not what is to be measured.
                (self.warm, self.together) = (false, None);
            }
            return (other, trial);
        }
        self.stretches += 1;
        let steps = STRETCH.as_secs_f64() / together.min(alone).max(1e-9);
        (best, (steps as usize).max(TRIAL_STEPS).min(left))
    }

    /// Takes note of how long some steps took.
    pub fn record(&mut self, threads: usize, steps: usize, time: Duration) {
        if !self.warm {
            self.warm = true;
            return;
        }
        // Single steps, as of `predict`, count together.
        let (before, earlier, spent) = self.short;
        let (steps, time) = if before == threads { (steps + earlier, time + spent) } else { (steps, time) };
        if steps < TRIAL_STEPS && time < ENOUGH {
            self.short = (threads, steps, time);
            return;
        }
        self.short = (0, 0, Duration::ZERO);
        let each = time.as_secs_f64() / steps as f64;
        let known = if threads == 1 { &mut self.alone } else { &mut self.together };
        *known = Some(known.map_or(each, |before| each.min(before * BELIEVED)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs 10,000 steps that take so many microseconds; gives how many ran on one thread.
    fn steps_alone(pace: &mut Pace, alone: u64, together: u64) -> usize {
        let (mut left, mut count) = (10_000, 0);
        while left > 0 {
            let (threads, steps) = pace.next(2, left);
            let each = if threads == 1 { alone } else { together };
            pace.record(threads, steps, Duration::from_micros(each * steps as u64));
            count += if threads == 1 { steps } else { 0 };
            left -= steps;
        }
        count
    }

    #[test]
    fn takes_the_faster_way_and_notices_when_it_changes() {
        let mut pace = Pace::default();
        assert!(steps_alone(&mut pace, 50, 30) < 200);
        assert!(steps_alone(&mut pace, 50, 300) > 7_000);
        assert!(steps_alone(&mut pace, 50, 30) < 4_000);
    }

    #[test]
    fn single_steps_count_together() {
        for (one, two) in [(2_200, 1_100), (220, 110)] {
            let mut pace = Pace::default();
            let mut alone = 0;
            for number in 0..1_000 {
                let (threads, steps) = pace.next(2, 1);
                assert_eq!(steps, 1);
                // One step takes so long that it is noted by itself.
                let delay = if number == 5 { 4_000 } else { 0 };
                let each = if threads == 1 { one } else { two };
                pace.record(threads, 1, Duration::from_micros(each + delay));
                alone += usize::from(threads == 1);
            }
            assert!(alone < 100, "{alone} of 1,000 steps ran on one thread");
        }
    }

    #[test]
    fn one_slow_stretch_changes_nothing() {
        let mut pace = Pace::default();
        let mut after = Vec::new();
        for number in 0..100 {
            let (threads, _) = pace.next(2, 1);
            let time = if threads == 1 { 9_000 } else { 5_000 };
            pace.record(threads, 1, Duration::from_micros(if number == 50 { 44_000 } else { time }));
            after.extend((number > 50).then_some(threads));
        }
        assert!(after.iter().filter(|&&threads| threads == 1).count() <= 4, "{after:?}");
    }

    #[test]
    fn one_thread_needs_no_trials() {
        assert_eq!(Pace::default().next(1, 600), (1, 600));
    }
}
