//! Part 6: what was typed and read does not stay in memory.
#![cfg(target_os = "linux")]

use kazasu_core::stack::wiping_stack;
use kazasu_safety::memory::flow::{Thing, give_back, leak, needles};
use kazasu_safety::memory::{Host, Summary, search, watched};
use std::fmt::Debug;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One search at a time: each looks at the whole process.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is found after this piece of work alone.
fn after<W: Copy + Debug + Send + 'static>(work: W, act: impl FnMut(W) + Send + 'static) -> Summary {
    watched(needles(0), [work].into_iter(), act).expect("/proc/self/mem")
}

#[test]
fn nothing_stays_in_memory_after_any_flow_and_any_fault() {
    let _alone = alone();
    let found = search(Host::Wipes, usize::MAX).expect("/proc/self/mem");
    assert!(found.runs > 1_000, "{}", found.runs);
    assert_eq!(found.found.keys().collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn what_a_host_leaves_that_does_not_wipe_its_stack_is_found() {
    let _alone = alone();
    assert!(search(Host::Careless, 20).expect("/proc/self/mem").hits >= 1);
}

#[test]
fn a_command_a_secret_and_an_answer_are_wiped_where_they_lay() {
    let _alone = alone();
    for dropped in [true, false] {
        for thing in [Thing::Command, Thing::Secret, Thing::Answer] {
            let found = after(thing, move |thing| wiping_stack::<64, _>(|| give_back(thing, dropped)));
            assert_eq!(found.hits == 0, dropped, "{thing:?}: {:?}", found.found);
        }
    }
}

#[test]
fn what_is_left_on_the_heap_is_found() {
    let _alone = alone();
    assert!(after(true, leak).hits >= 1);
}

#[test]
fn what_is_left_in_dead_stack_is_found_unless_it_was_wiped_as_deep_as_that() {
    let _alone = alone();
    assert!(after(false, leak).hits >= 1);
    assert!(after(false, |heap| wiping_stack::<4, _>(|| leak(heap))).hits >= 1);
    assert_eq!(after(false, |heap| wiping_stack::<64, _>(|| leak(heap))).hits, 0);
}

#[test]
fn dead_stack_is_wiped_after_a_panic_too() {
    let _alone = alone();
    let act = |heap| {
        let _ = catch_unwind(|| {
            wiping_stack::<64, _>(|| {
                leak(heap);
                resume_unwind(Box::new("the host's own mistake"))
            })
        });
    };
    assert_eq!(after(false, act).hits, 0);
}
