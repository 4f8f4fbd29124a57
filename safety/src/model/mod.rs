//! Part 1: tries. A model of the card's counters behind an adversarial link; every sequence of ten actions up to a length, then
//! random schedules of all actions, shrunk when one breaks a promise.
//!
//! What the link promises is assumed: while a session lives, the reader is its own, so another program gets in only by a reset,
//! and a reset or another card is told at the next command. `kazasu-pcsc` holds the card that way; a link that does not cannot
//! keep another program from spending a try between our query and our VERIFY.

pub mod schedule;
pub mod world;

use crate::card::Which;
use crate::random::Random;
use schedule::{Action, Ask, Outcome, Setting, TEN, Typed};
use world::{At, Fault};

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

/// Every sequence of the ten actions of lengths 1 to `longest`, each on the kind of card that `setting` counts.
#[must_use]
pub fn exhaustive(longest: u32, setting: u64) -> Summary {
    let setting = Setting::number(setting);
    let mut summary = Summary::default();
    let mut actions = Vec::new();
    for length in 1..=longest {
        for mut number in 0..10_u64.pow(length) {
            actions.clear();
            for _ in 0..length {
                actions.push(TEN[(number % 10) as usize]);
                number /= 10;
            }
            let outcome = schedule::run(&setting, &actions);
            summary.add(outcome);
            if outcome.broken.is_some() {
                summary.violation = Some(shrunk(&setting, &actions));
                return summary;
            }
        }
    }
    summary
}

/// `schedules` random ones from `seed`, of 1 to 24 actions out of all that there are.
#[must_use]
pub fn random(schedules: u64, seed: u64) -> Summary {
    let mut summary = Summary::default();
    for number in 0..schedules {
        let mut random = Random::new(seed.wrapping_add(number));
        let mut setting = Setting::number(random.below(Setting::ALL));
        for (left, most) in setting.left.iter_mut().zip([3, 5, 3, 10]) {
            *left = random.below(most + 1) as u8;
        }
        let length = 1 + random.below(24);
        let actions: Vec<_> = (0..length).map(|_| any(&mut random)).collect();
        let outcome = schedule::run(&setting, &actions);
        summary.add(outcome);
        if outcome.broken.is_some() {
            summary.violation = Some(format!("seed {}: {}", seed.wrapping_add(number), shrunk(&setting, &actions)));
            return summary;
        }
    }
    summary
}

/// Any action, those that spend tries and break links more often.
fn any(random: &mut Random) -> Action {
    let which = random.pick(&[Which::Auth, Which::Auth, Which::Sign, Which::Text, Which::Number]);
    let typed = Typed { right: random.below(2) == 0, permitted: random.below(4) == 0 };
    let ask = match random.below(12) {
        0 => Ask::Recognise,
        1 => Ask::Query(which),
        2 => Ask::ReadFree,
        3..=5 => Ask::Unlock(which),
        6..=7 => Ask::Use(which),
        8..=9 => Ask::Change(which),
        10 => Ask::Authenticate,
        _ => Ask::Data,
    };
    let at = if random.below(3) == 0 { At::Secret } else { At::Command(random.below(12) as u8) };
    match random.below(16) {
        0..=7 => Action::Do(ask, typed),
        8..=11 => Action::Arm(random.pick(&Fault::ALL), at),
        12 => Action::Leave,
        13 => Action::Reconnect { resumed: random.below(2) == 0 },
        14 => random.pick(&[Action::Retap, Action::Swap]),
        _ => Action::OtherProgram { right: random.below(3) == 0 },
    }
}

fn shrunk(setting: &Setting, actions: &[Action]) -> String {
    let broken = |actions: &[Action]| schedule::run(setting, actions).broken.map(|(_, broken)| broken);
    let shortest = shrink(actions, broken);
    format!("{:?} on {setting:?} by {shortest:?}", broken(&shortest))
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
