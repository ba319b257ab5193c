use super::*;

/// The pool is one a process: these tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// Counts what is done; in each phase every bundle must have been done as often as phases have begun.
struct Counting {
    phases: usize,
    current: AtomicUsize,
    counts: Vec<AtomicUsize>,
    /// Bundle and phase that panic.
    broken: Option<(usize, usize)>,
    /// This thread is put aside for a while whenever it has claimed something.
    slow: Option<usize>,
}

impl Counting {
    fn new(phases: usize, bundles: usize) -> Counting {
        let counts = (0..bundles).map(|_| AtomicUsize::new(0)).collect();
        Counting { phases, current: AtomicUsize::new(0), counts, broken: None, slow: None }
    }

    fn total(&self) -> usize {
        self.counts.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }
}

impl Work for Counting {
    unsafe fn run(&self, bundle: usize, thread: usize) {
        let phase = self.current.load(Ordering::Relaxed);
        assert!(self.broken != Some((bundle, phase)), "bundle {bundle} broke");
        if self.slow == Some(thread) {
            std::thread::sleep(Duration::from_millis(2));
        }
        assert_eq!(self.counts[bundle].fetch_add(1, Ordering::Relaxed), phase);
    }

    fn advance(&self) -> bool {
        let next = self.current.fetch_add(1, Ordering::Relaxed) + 1;
        assert!(self.counts.iter().all(|count| count.load(Ordering::Relaxed) == next));
        next < self.phases
    }

    fn look(&self) {}
}

#[test]
fn every_bundle_is_done_once_in_every_phase() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for (threads, bundles) in [(1, 1), (1, 5), (2, 2), (2, 7), (3, 2), (8, 8), (17, 64)] {
        let work = Counting::new(200, bundles);
        assert_eq!(run(threads, bundles, &work), Ok(()));
        assert_eq!(work.total(), 200 * bundles, "{threads} threads, {bundles} bundles");
    }
}

#[test]
fn a_slow_thread_does_less() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for slow in [0, 1] {
        let work = Counting { slow: Some(slow), ..Counting::new(50, 8) };
        assert_eq!(run(2, 8, &work), Ok(()));
        assert_eq!(work.total(), 400);
    }
}

#[test]
fn a_panic_becomes_an_error_and_the_pool_lives_on() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for broken in 0..2 {
        let work = Counting { broken: Some((broken, 3)), ..Counting::new(10, 2) };
        assert_eq!(run(2, 2, &work), Err(format!("bundle {broken} broke")));
        assert_eq!(run(2, 2, &Counting::new(10, 2)), Ok(()));
    }
}

#[test]
fn many_jobs_follow_each_other() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for number in 0..2_000 {
        let work = Counting::new(1 + number % 3, 3);
        assert_eq!(run(2 + number % 2, 3, &work), Ok(()));
        assert_eq!(work.total(), 3 * work.phases);
    }
}
