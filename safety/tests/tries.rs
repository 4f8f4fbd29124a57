//! Part 1: tries are never lost beyond what was handed in, and never the last one without permission.

use kazasu_core::{LinkError, ResponseBuf, Transport};
use kazasu_safety::card::{Card, Kind, Masked};
use kazasu_safety::model::schedule::{Setting, poll_once};
use kazasu_safety::model::world::{At, Broken, Fault, Link, World};
use kazasu_safety::model::{Core, Side, exhaustive, random, shrink};
use std::cell::RefCell;

#[test]
fn no_sequence_of_four_actions_breaks_a_promise_about_tries() {
    for setting in [0, 5, 10, 15] {
        let found = exhaustive(&Core(None), &Core::TEN, 4, Setting::number(setting));
        assert_eq!((found.schedules, found.beyond_consent, found.last_tries), (11_110, 0, 0));
        assert_eq!(found.violation, None);
        assert!(found.tries_lost > 0, "the model must be able to lose tries");
    }
}

#[test]
fn no_random_schedule_breaks_a_promise_about_tries() {
    let found = random(&Core(None), 10_000, 20_261_120);
    assert_eq!((found.beyond_consent, found.last_tries, found.violation), (0, 0, None));
}

#[test]
fn a_schedule_shrinks_to_what_breaks_the_promise() {
    let actions: Vec<u32> = (0..40).collect();
    let broken = |actions: &[u32]| (actions.contains(&7) && actions.contains(&31)).then_some(());
    assert_eq!(shrink(&actions, broken), [7, 31]);
}

const SELECT: &[u8] = b"\0\xA4\x04\x0C\x0A\xD3\x92\xF0\0\x26\x01\0\0\0\x01";
const QUERY: &[u8] = b"\0\x20\0\x98";
const VERIFY: &[u8] = b"\0\x20\0\x98\x041111";

/// What the watcher notes when a program sends `commands`, with so many tries left and secrets handed in.
fn noted(left: u8, secrets: u8, fault: Option<Fault>, commands: &[&[u8]]) -> Option<Broken> {
    let secret = Masked::new(b"2222");
    let mut card = Card::new(Kind::default(), [secret; 4], secret, 1);
    card.left[0] = left;
    let mut world = World::new([card.clone(), card]);
    world.begin(false, secrets, 0);
    world.armed = fault.map(|fault| (fault, At::Secret));
    let world = RefCell::new(world);
    let mut link = Link::new(&world);
    for command in commands {
        let mut response = [0; 300];
        let _: Option<Result<(), LinkError>> = poll_once(link.transmit(command, &mut ResponseBuf::new(&mut response)));
    }
    world.into_inner().broken
}

#[test]
fn the_watcher_sees_each_promise_being_broken() {
    assert_eq!(noted(3, 1, None, &[SELECT, QUERY, VERIFY]), None);
    assert_eq!(noted(3, 1, None, &[SELECT, VERIFY]), Some(Broken::NotAsked));
    assert_eq!(noted(3, 1, None, &[SELECT, QUERY, VERIFY, QUERY, VERIFY]), Some(Broken::SentTwice));
    assert_eq!(noted(3, 0, None, &[SELECT, QUERY, VERIFY]), Some(Broken::SentTwice));
    assert_eq!(noted(3, 2, None, &[SELECT, QUERY, VERIFY, VERIFY]), Some(Broken::NotAsked));
    assert_eq!(noted(1, 1, None, &[SELECT, QUERY, VERIFY]), Some(Broken::LastTry));
    for fault in [Fault::Late, Fault::LostBefore, Fault::Reset, Fault::Swapped, Fault::DroppedAfter, Fault::Truncated] {
        let broken = noted(3, 2, Some(fault), &[SELECT, QUERY, VERIFY, QUERY, VERIFY]);
        assert_eq!(broken, Some(Broken::SentAfterTheEnd), "{fault:?}");
    }
    assert_eq!(noted(3, 2, Some(Fault::Foreign), &[SELECT, QUERY, VERIFY, VERIFY]), Some(Broken::NotAsked));
}
