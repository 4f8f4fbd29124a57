//! What Kazasu promises, tried out: [`model`] for tries, [`sweep`] for links that fail, [`status_space`] for every status word,
//! [`canaries`] for texts and [`memory`] for what stays behind. The program prints one [`table`]; it needs Linux for memory.

pub mod canaries;
pub mod card;
pub mod memory;
pub mod model;
pub mod random;
pub mod status_space;
pub mod sweep;
pub mod table;

use memory::Host;
use model::schedule::Setting;
use model::{Core, Pcsc, Side};
use std::fmt::Display;
use std::time::Instant;
use table::Table;

/// Sequences of ten actions that are tried without exception.
#[derive(Debug, Clone, Copy)]
pub struct Every {
    /// The longest.
    pub longest: u32,
    /// On so many kinds of cards and hosts.
    pub settings: u64,
}

/// How many schedules.
#[derive(Debug, Clone, Copy)]
pub struct Schedules {
    /// Operations, and what happens to them.
    pub operations: Every,
    /// Plans, and what happens to them.
    pub plans: Every,
    /// Random ones of all actions.
    pub random: u64,
}

/// How much of everything.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// The core's schedules.
    pub core: Schedules,
    /// Those of the core over PC/SC.
    pub pcsc: Schedules,
    /// Every so many fault points.
    pub fault_points: usize,
    /// Every so many of the words that no table names.
    pub words: usize,
    /// Every so many runs with canaries.
    pub canary_runs: usize,
    /// At most so many searches of memory.
    pub memory_runs: usize,
}

impl Effort {
    /// Everything.
    pub const FULL: Self = Self {
        core: Schedules {
            operations: Every { longest: 6, settings: Setting::ALL },
            plans: Every { longest: 6, settings: Setting::ALL },
            random: 2_000_000,
        },
        pcsc: Schedules {
            operations: Every { longest: 6, settings: 2 },
            plans: Every { longest: 5, settings: 2 },
            random: 100_000,
        },
        fault_points: 1,
        words: 1,
        canary_runs: 1,
        memory_runs: 2_000,
    };
    /// What every change has to pass.
    pub const FAST: Self = Self {
        core: Schedules {
            operations: Every { longest: 4, settings: 4 },
            plans: Every { longest: 4, settings: 2 },
            random: 40_000,
        },
        pcsc: Schedules {
            operations: Every { longest: 3, settings: 2 },
            plans: Every { longest: 3, settings: 2 },
            random: 2_000,
        },
        fault_points: 5,
        words: 9,
        canary_runs: 11,
        memory_runs: 400,
    };
}

/// Runs everything and fills the table.
pub fn run(effort: Effort, seed: u64, progress: &mut dyn FnMut(&str)) -> Table {
    let mut table = Table::default();
    let mut section = |name: &str, part: &mut dyn FnMut(&mut Table)| {
        let start = Instant::now();
        part(&mut table);
        progress(&format!("{name}: {:.1} s", start.elapsed().as_secs_f32()));
    };
    // First, while the process is small: all of it is searched, and threads leave much behind.
    section("memory", &mut |table| match memory::search(Host::Wipes, effort.memory_runs) {
        Ok(found) => {
            table.tell("memory searches", found.runs);
            let found = found.found.into_iter().flat_map(|(what, number)| vec![what; number]);
            violations(table, "memory hits", found.collect());
        }
        Err(error) => table.violations.push(format!("memory cannot be searched: {error}")),
    });
    section("schedules of the core", &mut |table| schedules(table, "core", &Core(None), effort.core, seed));
    section("schedules over PC/SC", &mut |table| schedules(table, "PC/SC", &Pcsc(None), effort.pcsc, seed));
    section("faults", &mut |table| {
        let found = sweep::sweep(effort.fault_points);
        table.tell("fault points run", found.points);
        for (outcome, number) in found.outcomes {
            table.tell(&format!("  ended as: {outcome}"), number);
        }
        table.tell("  resumed on the same card", found.resumed);
        violations(table, "fault points that ended otherwise", found.violations);
    });
    section("status words", &mut |table| {
        let found = status_space::check(effort.words);
        table.tell("status words times commands checked", found.checks);
        violations(table, "status words that came to something else", found.violations);
    });
    section("canaries", &mut |table| {
        let found = canaries::search(effort.canary_runs);
        table.tell("canary runs", found.runs);
        table.tell("  canaries", found.things);
        table.tell("  different texts", found.texts);
        table.tell("  recordings", found.recordings);
        table.hold("  panics provoked", found.panics, 3);
        violations(table, "canary hits", found.hits);
    });
    table
}

fn schedules<S: Side>(table: &mut Table, who: &str, side: &S, effort: Schedules, seed: u64) {
    for (what, ten, every, card) in [
        ("of ten actions", &S::TEN, effort.operations, Setting::number as fn(u64) -> Setting),
        ("of ten with plans", &S::PLANS, effort.plans, Setting::with_a_try_gone),
    ] {
        // Spread, so that a few differ in everything.
        let apart = Setting::ALL / every.settings;
        let setting = |n| card(n * apart + n % apart);
        let summaries = (0..every.settings).map(|n| model::exhaustive(side, ten, every.longest, setting(n)));
        let all = summaries.reduce(model::Summary::and).unwrap_or_default();
        told(table, &format!("{who}: every sequence up to {} {what}", every.longest), &all);
    }
    told(table, &format!("{who}: random schedules, seed {seed}"), &model::random(side, effort.random, seed));
}

fn told(table: &mut Table, name: &str, found: &model::Summary) {
    table.tell(name, found.schedules);
    table.tell("  secrets handed in", found.handed_in);
    table.tell("  tries lost through them", found.tries_lost);
    table.hold("  tries lost beyond consent", found.beyond_consent, 0);
    table.hold("  last tries without permission", found.last_tries, 0);
    violations(table, "  other promises broken", found.violation.iter().collect());
}

/// A row that must be 0, and each of what it counts.
fn violations(table: &mut Table, name: &str, found: Vec<impl Display>) {
    table.hold(name, found.len(), 0);
    table.violations.extend(found.iter().take(20).map(|what| format!("{name}: {what}")));
}
