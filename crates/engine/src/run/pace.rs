//! How many threads a program is run on, from how long its steps have taken.
//!
//! Several threads help only if the system lets them run at the same time. Where other programs want the
//! cores as well, one thread can be as fast or faster, and the only way to know is to measure now and
//! then. Results do not depend on it.
//!
//! A run is a sequence of stretches, each on one thread or on all. Where a core is shared, the system
//! gives it to one program after the other for some milliseconds: single stretches then say little, and
//! means over several of them decide.

use std::time::Duration;

/// Seconds that a stretch takes, roughly; a long step takes longer.
const STRETCH: f64 = 0.005;
/// What is measured counts half after so many seconds of more.
const MEMORY: f64 = 0.03;
/// Nothing is known from less time than this.
const ENOUGH: f64 = 0.0005;
/// Seconds in which threads wake up and caches fill; they say nothing.
const WARM_UP: f64 = 0.0005;
/// Stretches before the slower way is tried again: few at first, since one trial may have been unlucky;
/// twice as many each time that it is still slower.
const FIRST_PATIENCE: usize = 4;
const LAST_PATIENCE: usize = 32;
/// A stretch that takes so many times as long as those before it counts as though it had taken this long:
/// one that was interrupted for long says little, several in a row say more.
const BELIEVED: f64 = 4.0;

/// What has been measured of one way to run.
#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    steps: f64,
    seconds: f64,
}

impl Measured {
    fn each(&self) -> Option<f64> {
        (self.seconds >= ENOUGH).then(|| self.seconds / self.steps)
    }

    fn add(&mut self, steps: usize, seconds: f64) {
        let steps = steps as f64;
        let most = self.each().map_or(f64::INFINITY, |each| BELIEVED * each * steps);
        let seconds = seconds.min(most);
        self.forget(0.5f64.powf(seconds / MEMORY));
        self.steps += steps;
        self.seconds += seconds;
    }

    fn forget(&mut self, kept: f64) {
        self.steps *= kept;
        self.seconds *= kept;
    }
}

/// What has been measured of one program.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Seconds that a step takes, as the plan guesses.
    guess: f64,
    alone: Measured,
    together: Measured,
    /// The stretch that runs now: whether on all threads, whether that is being tried, the seconds of it
    /// that are left, and those of its warm-up.
    on_all: bool,
    trial: bool,
    left: f64,
    warm_up: f64,
    /// Stretches since the last trial, and how many there are to be.
    stretches: usize,
    patience: usize,
    /// Whether all threads were the faster way at the last trial.
    best: bool,
}

impl Pace {
    /// For a program whose steps take so many nanoseconds on one thread, as a guess.
    pub fn new(cost: f64) -> Pace {
        Pace {
            guess: cost / 1e9,
            alone: Measured::default(),
            together: Measured::default(),
            on_all: true,
            trial: true,
            left: STRETCH,
            warm_up: WARM_UP,
            stretches: 0,
            patience: FIRST_PATIENCE,
            best: true,
        }
    }

    /// On how many threads to go on, up to `most`, and for how many of the steps that are left.
    pub fn next(&mut self, most: usize, left: usize) -> (usize, usize) {
        if most == 1 {
            return (1, left);
        }
        if self.left <= 0.0 {
            self.choose();
        }
        let known = if self.on_all { self.together } else { self.alone };
        let each = known.each().unwrap_or(self.guess).max(1e-8);
        let seconds = if self.warm_up > 0.0 { self.warm_up } else { self.left };
        let steps = ((seconds / each) as usize).clamp(1, left);
        (if self.on_all { most } else { 1 }, steps)
    }

    /// Begins another stretch.
    fn choose(&mut self) {
        self.left = STRETCH;
        self.trial = false;
        let (Some(alone), Some(together)) = (self.alone.each(), self.together.each()) else {
            self.on_all = self.together.each().is_none();
            self.trial = true;
            return;
        };
        let best = together <= alone;
        if best != self.best {
            (self.best, self.patience, self.stretches) = (best, FIRST_PATIENCE, 0);
        }
        self.on_all = best;
        self.stretches += 1;
        if self.stretches > self.patience {
            (self.stretches, self.patience) = (0, (self.patience * 2).min(LAST_PATIENCE));
            (self.on_all, self.trial) = (!best, true);
            if self.on_all {
                // Sleeping threads must wake up first; that is not what is to be measured.
                self.warm_up = WARM_UP;
            }
            // What was measured long ago counts little.
            let tried = if self.on_all { &mut self.together } else { &mut self.alone };
            tried.forget((STRETCH / tried.seconds.max(STRETCH)) * 0.5);
        }
    }

    /// Takes note of how long some steps took.
    pub fn record(&mut self, threads: usize, steps: usize, time: Duration) {
        let seconds = time.as_secs_f64();
        if (threads > 1) != self.on_all {
            return;
        }
        if self.warm_up > 0.0 {
            self.warm_up -= seconds;
            return;
        }
        self.left -= seconds;
        let measured = if self.on_all { &mut self.together } else { &mut self.alone };
        measured.add(steps, seconds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs steps that take so many microseconds, `at_once` in a call; gives how many of them ran on one thread.
    fn steps_alone(pace: &mut Pace, steps: usize, at_once: usize, alone: u64, together: u64) -> usize {
        let mut count = 0;
        for _ in 0..steps / at_once {
            let mut left = at_once;
            while left > 0 {
                let (threads, steps) = pace.next(2, left);
                let each = if threads == 1 { alone } else { together };
                pace.record(threads, steps, Duration::from_micros(each * steps as u64));
                count += if threads == 1 { steps } else { 0 };
                left -= steps;
            }
        }
        count
    }

    #[test]
    fn takes_the_faster_way_and_notices_when_it_changes() {
        let mut pace = Pace::new(40_000.0);
        assert!(steps_alone(&mut pace, 20_000, 20_000, 50, 30) < 2_000);
        assert!(steps_alone(&mut pace, 20_000, 20_000, 50, 300) > 15_000);
        assert!(steps_alone(&mut pace, 20_000, 20_000, 50, 30) < 8_000);
    }

    #[test]
    fn single_steps_count_together() {
        for (one, two) in [(2_200, 1_100), (220, 110)] {
            let mut pace = Pace::new(100_000.0);
            let alone = steps_alone(&mut pace, 2_000, 1, one, two);
            assert!(alone < 250, "{alone} of 2,000 steps ran on one thread");
        }
    }

    #[test]
    fn few_long_steps_are_enough() {
        // Epochs of ten steps, and of few that take longer than a stretch.
        let mut pace = Pace::new(1e6);
        assert!(steps_alone(&mut pace, 100, 10, 4_500, 2_500) < 25);
        let mut pace = Pace::new(20e6);
        assert!(steps_alone(&mut pace, 20, 5, 90_000, 50_000) <= 4);
    }

    #[test]
    fn one_slow_stretch_changes_nothing() {
        let mut pace = Pace::new(5e6);
        let mut alone = 0;
        for number in 0..200 {
            let (threads, steps) = pace.next(2, 1);
            assert_eq!(steps, 1);
            let time = if threads == 1 { 9_000 } else { 5_000 };
            pace.record(threads, 1, Duration::from_micros(if number == 50 { 44_000 } else { time }));
            alone += usize::from(number > 50 && threads == 1);
        }
        assert!(alone <= 20, "{alone} of 150 steps ran on one thread");
    }

    #[test]
    fn shared_cores_are_judged_by_the_mean() {
        // Half of the time, another program has a core: all threads then stand still, one alone does not.
        let mut pace = Pace::new(1e6);
        let (mut now, mut alone) = (0, 0);
        for _ in 0..2_000 {
            let (threads, steps) = pace.next(2, 1_000);
            let mut time = 0;
            for _ in 0..steps {
                let stalls = threads == 2 && (now + time) / 6_000 % 2 == 1;
                time += if threads == 1 {
                    1_000
                } else if stalls {
                    6_600
                } else {
                    600
                };
            }
            pace.record(threads, steps, Duration::from_micros(time));
            alone += u64::from(threads == 1) * time;
            now += time;
        }
        assert!(alone * 10 > now * 6, "{alone} of {now} microseconds on one thread");
    }

    #[test]
    fn one_thread_needs_no_trials() {
        assert_eq!(Pace::new(1e4).next(1, 600), (1, 600));
    }
}
