//! Part 1 over PC/SC: the same promises, held against what the host hands to the service; and each of them seen to fail on a host
//! that has one flaw.

use kazasu_core::{Capabilities, LinkError, ResponseBuf, Transport};
use kazasu_pcsc::OpenOptions;
use kazasu_pcsc::double::{Call, Code, Does, Double, Flaw};
use kazasu_safety::card::{Card, Kind, Masked, Which};
use kazasu_safety::model::host::{Action, Leave, Pcsc};
use kazasu_safety::model::reader::Reader;
use kazasu_safety::model::schedule::{Ask, Setting, Typed, poll_once};
use kazasu_safety::model::world::{At, Broken, World};
use kazasu_safety::model::{Side, exhaustive, random};
use std::time::Duration;

#[test]
fn no_sequence_of_three_actions_over_pcsc_breaks_a_promise_about_tries() {
    let found = exhaustive(&Pcsc(None), &Pcsc::TEN, 3, Setting::number(0));
    assert_eq!((found.schedules, found.beyond_consent, found.last_tries), (1_110, 0, 0));
    assert_eq!(found.violation, None);
    assert!(found.tries_lost > 0, "the model must be able to lose tries");
}

#[test]
fn no_random_schedule_over_pcsc_breaks_a_promise_about_tries() {
    let found = random(&Pcsc(None), 2_000, 20_261_120);
    assert_eq!((found.schedules, found.beyond_consent, found.last_tries, found.violation), (2_000, 0, 0, None));
}

/// The promise that a host with this flaw breaks in this schedule, and the model's own host does not.
fn broken_by(flaw: Flaw, actions: &[Action]) -> Option<Broken> {
    assert_eq!(Pcsc(None).run(&Setting::number(0), actions).broken, None, "without a flaw: {actions:?}");
    Pcsc(Some(flaw)).run(&Setting::number(0), actions).broken.map(|(_, broken)| broken)
}

const UNLOCK: Action = Action::Do(Ask::Unlock(Which::Auth), Typed::WRONG);
const USE: Action = Action::Do(Ask::Use(Which::Auth), Typed::RIGHT);
const QUERY: Action = Action::Do(Ask::Query(Which::Auth), Typed::RIGHT);
const CLOSE: Action = Action::Leave(Leave::Close);

#[test]
fn a_host_that_sends_verify_again_is_seen() {
    for (flaw, does) in [
        (Flaw::ResendsAfterReset, Does::AfterReset),
        (Flaw::ResendsWhenBusy, Does::Fail(Code::SharingViolation)),
        (Flaw::ResendsAfterFailure, Does::Fail(Code::NotTransacted)),
        (Flaw::ResendsAfterFailure, Does::FailAfterwards(Code::CommError)),
    ] {
        assert_eq!(broken_by(flaw, &[Action::Arm(does, At::Secret), UNLOCK]), Some(Broken::Resent), "{flaw:?}");
    }
}

#[test]
fn a_host_that_leaves_a_key_open_is_seen() {
    for flaw in [Flaw::KeepsThePower, Flaw::ResetsOnly, Flaw::LetsGoTooEarly] {
        for how in [Leave::Close, Leave::Drop] {
            assert_eq!(broken_by(flaw, &[USE, Action::Leave(how)]), Some(Broken::LeftOpen), "{flaw:?}, {how:?}");
        }
    }
}

#[test]
fn a_host_that_says_that_the_keys_are_closed_and_cannot_know_it_is_seen() {
    let fails = |call| Action::ArmCall(call, Does::Fail(Code::CommError));
    let actions = [USE, fails(Call::End), fails(Call::Disconnect), CLOSE];
    assert_eq!(broken_by(Flaw::SaysClosed, &actions), Some(Broken::LeftOpen));
}

#[test]
fn a_host_that_goes_on_after_a_reset_is_seen() {
    let actions = [Action::Arm(Does::AfterReset, At::Command(0)), QUERY, Action::Again, QUERY];
    let rule = Broken::Rule("a command after the connection's end");
    assert_eq!(broken_by(Flaw::GoesOnAfterReset, &actions), Some(rule));
}

#[test]
fn a_host_that_does_not_hold_the_card_is_seen() {
    assert_eq!(broken_by(Flaw::HoldsNothing, &[QUERY]), Some(Broken::Rule("a command outside a transaction")));
}

#[test]
fn random_schedules_find_every_flaw_and_shrink_it() {
    for flaw in Flaw::ALL {
        let found = random(&Pcsc(Some(flaw)), 2_000, 1).violation.unwrap_or_default();
        assert!(["Resent", "LeftOpen", "Rule"].iter().any(|promise| found.contains(promise)), "{flaw:?}: {found:?}");
        let actions = found.rsplit(" by ").next().unwrap_or_default();
        assert!(actions.matches("Do(").count() <= 4, "{flaw:?}: {found}");
    }
}

const SELECT: &[u8] = b"\0\xA4\x04\x0C\x0A\xD3\x92\xF0\0\x26\x01\0\0\0\x01";
const ASK: &[u8] = b"\0\x20\0\x98";
const VERIFY: &[u8] = b"\0\x20\0\x98\x041111";

/// What is noted when a program that does as it likes sends `commands` over the host, with so many tries left and secrets handed
/// in. `over` = its transport had said before that it is at its end.
fn noted(left: u8, secrets: u8, over: bool, commands: &[&[u8]]) -> Option<Broken> {
    let secret = Masked::new(b"2222");
    let mut card = Card::new(Kind::default(), [secret; 4], secret, 1);
    card.left[0] = left;
    let mut world = World::new([card.clone(), card]);
    world.begin(false, secrets, 0);
    let double = Double::around(Reader::new(world));
    let reader = double.wait_for_card(None, Duration::ZERO).expect("a card");
    let mut card = double.open(&OpenOptions::new(), &reader).expect("it opens");
    assert_eq!(card.capabilities(), Capabilities::EXTENDED);
    assert!(!double.wait_until_left(Duration::ZERO), "it is open");
    for command in commands {
        double.with(|reader| {
            reader.over = over;
            reader.ask(command);
        });
        let mut response = [0; 300];
        let sent: Option<Result<(), LinkError>> =
            poll_once(card.transmit(command, &mut ResponseBuf::new(&mut response)));
        assert_eq!(sent, Some(Ok(())));
    }
    drop(card);
    assert!(double.wait_until_left(Duration::from_secs(20)));
    double.with(|reader| reader.world.broken)
}

#[test]
fn the_watcher_behind_the_service_sees_each_promise_being_broken() {
    assert_eq!(noted(3, 1, false, &[SELECT, ASK, VERIFY]), None);
    assert_eq!(noted(3, 1, false, &[SELECT, VERIFY]), Some(Broken::NotAsked));
    assert_eq!(noted(3, 1, false, &[SELECT, ASK, VERIFY, ASK, VERIFY]), Some(Broken::SentTwice));
    assert_eq!(noted(3, 2, false, &[SELECT, ASK, VERIFY, VERIFY]), Some(Broken::NotAsked));
    assert_eq!(noted(1, 1, false, &[SELECT, ASK, VERIFY]), Some(Broken::LastTry));
    assert_eq!(noted(3, 1, true, &[SELECT]), Some(Broken::SentAfterTheEnd));
}
