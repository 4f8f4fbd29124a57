//! Part 6: what was typed and read does not stay in memory.
#![cfg(target_os = "linux")]

use kazasu_safety::memory::flow::{Driver, leak};
use kazasu_safety::memory::{Host, search, watched, wipe_stack};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One search at a time: each looks at the whole process.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn nothing_stays_in_memory_after_any_flow_and_any_fault() {
    let _alone = alone();
    let found = search(&Driver::CLEAN, Host::Wipes, 200).expect("/proc/self/mem");
    assert!(found.runs > 150, "{}", found.runs);
    assert_eq!(found.found.keys().collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn what_a_careless_program_leaves_is_found() {
    let _alone = alone();
    let on_the_heap = watched([true].into_iter(), leak).expect("/proc/self/mem");
    assert!(on_the_heap.hits >= 1, "a block that was given back");
    let on_the_stack = watched([false].into_iter(), leak).expect("/proc/self/mem");
    assert!(on_the_stack.hits >= 1, "a frame that is no more");
    let wiped = watched([false].into_iter(), |heap| {
        leak(heap);
        wipe_stack();
    });
    assert_eq!(wiped.expect("/proc/self/mem").hits, 0);
}

/// Needs two things: secrets kept in one place of an operation, and number buffers that are wiped when it is dropped.
#[test]
#[ignore = "core: an operation that a host keeps on the heap leaves copies of the secret in the block that it gives back"]
fn an_operation_on_the_heap_leaves_nothing() {
    let _alone = alone();
    std::panic::set_hook(Box::new(|_| ()));
    let found = search(&[Driver::Boxed], Host::Wipes, usize::MAX).expect("/proc/self/mem");
    drop(std::panic::take_hook());
    assert_eq!(found.hits, 0, "{:#?}", found.found);
}
