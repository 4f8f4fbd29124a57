//! Part 1: tries. A model of the card's counters behind an adversary; every sequence of ten actions up to a length, then random
//! schedules of all actions, shrunk when one breaks a promise. Two sides are tried: [`Core`] over a link of the model's own, and
//! [`Pcsc`], the core over the PC/SC host, whose service is the double. Each has ten actions for operations and ten for plans, which an
//! app of the model's own uses.
//!
//! What the core's link promises is assumed there: while a session lives, the reader is its own, so another program gets in only by
//! a reset, and a reset or another card is told at the next command. That `kazasu-pcsc` holds the card that way is what the other
//! side shows; a link that does not cannot keep another program from spending a try between our query and our VERIFY.

pub mod host;
pub mod plans;
pub mod reader;
pub mod schedule;
pub mod world;

use crate::random::Random;
pub use host::Pcsc;
pub use schedule::Core;
use schedule::{Outcome, Setting};
use std::fmt::Debug;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Who is tried.
pub trait Side: Sync {
    /// One step of a schedule.
    type Action: Debug + Copy + Sync;
    /// Ten actions of which every sequence is tried: operations, and what happens to them.
    const TEN: [Self::Action; 10];
    /// Ten more: plans, and what happens to them.
    const PLANS: [Self::Action; 10];
    /// So many schedules run side by side on each processor: more than one where they wait.
    const ABREAST: usize;

    /// Any action, those that spend tries and break links more often.
    fn any(random: &mut Random) -> Self::Action;

    /// Runs `actions` from the start.
    fn run(&self, setting: &Setting, actions: &[Self::Action]) -> Outcome;
}

/// What a run of many schedules came to.
#[derive(Debug, Default)]
pub struct Summary {
    /// Schedules.
    pub schedules: u64,
    /// Secrets handed in.
    pub handed_in: u64,
    /// Tries lost through them.
    pub tries_lost: u64,
    /// Tries lost beyond the secrets handed in.
    pub beyond_consent: u64,
    /// Last tries that nobody permitted.
    pub last_tries: u64,
    /// The first broken promise, told with its shortest schedule.
    pub violation: Option<String>,
}

impl Summary {
    fn add(&mut self, outcome: Outcome) {
        self.schedules += 1;
        self.handed_in += outcome.handed_in;
        self.tries_lost += outcome.tries_lost;
        self.beyond_consent += outcome.tries_lost.saturating_sub(outcome.handed_in);
        self.last_tries += outcome.last_tries;
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            schedules: self.schedules + other.schedules,
            handed_in: self.handed_in + other.handed_in,
            tries_lost: self.tries_lost + other.tries_lost,
            beyond_consent: self.beyond_consent + other.beyond_consent,
            last_tries: self.last_tries + other.last_tries,
            violation: self.violation.or(other.violation),
        }
    }
}

/// Every sequence of `ten` actions of lengths 1 to `longest`.
#[must_use]
pub fn exhaustive<S: Side>(side: &S, ten: &[S::Action; 10], longest: u32, setting: Setting) -> Summary {
    let sequences = (1..=longest).map(|length| 10_u64.pow(length)).sum();
    all(side, sequences, |mut number, actions| {
        let mut length = 1;
        while number >= 10_u64.pow(length) {
            number -= 10_u64.pow(length);
            length += 1;
        }
        for _ in 0..length {
            actions.push(ten[(number % 10) as usize]);
            number /= 10;
        }
        setting
    })
}

/// `schedules` random ones from `seed`, of 1 to 24 actions out of all that there are.
#[must_use]
pub fn random<S: Side>(side: &S, schedules: u64, seed: u64) -> Summary {
    all(side, schedules, |number, actions| {
        let mut random = Random::new(seed.wrapping_add(number));
        let mut setting = Setting::number(random.below(Setting::ALL));
        for (left, most) in setting.left.iter_mut().zip([3, 5, 3, 10]) {
            *left = random.below(most + 1) as u8;
        }
        let length = 1 + random.below(24);
        actions.extend((0..length).map(|_| S::any(&mut random)));
        setting
    })
}

/// Runs the schedules that `make` counts, side by side, up to the first that breaks a promise.
fn all<S: Side>(side: &S, schedules: u64, make: impl Fn(u64, &mut Vec<S::Action>) -> Setting + Sync) -> Summary {
    const AT_ONCE: u64 = 32;
    let (next, first_broken) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
    let together = Mutex::new(Summary::default());
    let work = &|| {
        let mut summary = Summary::default();
        let mut actions = Vec::new();
        loop {
            let begin = next.fetch_add(AT_ONCE, Ordering::Relaxed);
            if begin >= schedules.min(first_broken.load(Ordering::Relaxed)) {
                break;
            }
            for number in begin..schedules.min(begin + AT_ONCE) {
                actions.clear();
                let setting = make(number, &mut actions);
                let outcome = side.run(&setting, &actions);
                summary.add(outcome);
                if outcome.broken.is_some() {
                    first_broken.fetch_min(number, Ordering::Relaxed);
                    break;
                }
            }
        }
        let mut together = together.lock().expect("no panic here");
        *together = std::mem::take(&mut *together).and(summary);
    };
    thread::scope(|scope| {
        for processor in 0..thread::available_parallelism().map_or(2, usize::from) {
            for _ in 0..S::ABREAST {
                scope.spawn(move || {
                    stay_on(processor);
                    work();
                });
            }
        }
    });
    let mut summary = together.into_inner().expect("no panic here");
    let number = first_broken.into_inner();
    if number != u64::MAX {
        let mut actions = Vec::new();
        let setting = make(number, &mut actions);
        summary.violation = Some(format!("schedule {number}: {}", shrunk(side, &setting, &actions)));
    }
    summary
}

/// Keeps this thread, and those that it starts, on one of the processors that the process may use. A command that goes to a worker
/// and comes back costs half as much there as from one processor to the other.
#[cfg(target_os = "linux")]
fn stay_on(processor: usize) {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    let Ok(allowed) = sched_getaffinity(None) else { return };
    let mut one = CpuSet::new();
    let Some(processor) = (0..CpuSet::MAX_CPU).filter(|at| allowed.is_set(*at)).nth(processor) else { return };
    one.set(processor);
    // Where that is refused, it is only slower.
    let _ = sched_setaffinity(None, &one);
}

#[cfg(not(target_os = "linux"))]
fn stay_on(_processor: usize) {}

fn shrunk<S: Side>(side: &S, setting: &Setting, actions: &[S::Action]) -> String {
    let broken = |actions: &[S::Action]| side.run(setting, actions).broken.map(|(_, broken)| broken);
    match broken(actions) {
        None => format!("broken once and not again, on {setting:?} by {actions:?}"),
        Some(promise) => format!("{promise:?} on {setting:?} by {:?}", shrink(actions, broken)),
    }
}

/// As few of `actions` as leaving out one after the other finds, with which the same promise is broken.
pub fn shrink<A: Clone, B: PartialEq>(actions: &[A], broken: impl Fn(&[A]) -> Option<B>) -> Vec<A> {
    let mut shortest = actions.to_vec();
    let promise = broken(&shortest);
    let mut at = 0;
    while at < shortest.len() {
        let mut without = shortest.clone();
        without.remove(at);
        if broken(&without) == promise {
            shortest = without;
            at = 0;
        } else {
            at += 1;
        }
    }
    shortest
}
