//! Part 6: what was typed and read does not stay in memory.
#![cfg(target_os = "linux")]

use kazasu_safety::memory::flow::{Driver, leak};
use kazasu_safety::memory::{Host, search, watched, wipe_stack};
use std::sync::Mutex;

/// One search at a time: each looks at the whole process.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn nothing_stays_in_memory_after_any_flow_and_any_fault() {
    let _alone = ALONE.lock().expect("alone");
    let found = search(&Driver::CLEAN, Host::Wipes, 200).expect("/proc/self/mem");
    assert!(found.runs > 150, "{}", found.runs);
    assert_eq!(found.found.keys().collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn what_a_careless_program_leaves_is_found() {
    let _alone = ALONE.lock().expect("alone");
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
