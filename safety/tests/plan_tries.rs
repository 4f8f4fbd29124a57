//! Part 1 for plans: the same promises where an app hands secrets to a plan, and lets it go on after a slip; and each of them seen to
//! fail with an app that has one flaw, and over a host that has one.

use kazasu_pcsc::double::{Code, Does, Flaw as HostFlaw};
use kazasu_safety::model::host::{Action as OverPcsc, Leave, Pcsc};
use kazasu_safety::model::plans::{Flaw, Want};
use kazasu_safety::model::schedule::{Action, Core, Setting, Typed};
use kazasu_safety::model::world::{At, Broken, Fault};
use kazasu_safety::model::{Side, exhaustive, random};

#[test]
fn no_sequence_of_five_actions_with_plans_breaks_a_promise_about_tries() {
    for (setting, longest, schedules) in [(0, 5, 111_110), (5, 4, 11_110), (10, 4, 11_110), (15, 4, 11_110)] {
        let found = exhaustive(&Core(None), &Core::PLANS, longest, Setting::with_a_try_gone(setting));
        assert_eq!(found.violation, None);
        assert_eq!((found.schedules, found.beyond_consent, found.last_tries), (schedules, 0, 0));
        assert!(found.tries_lost > 0, "the model must be able to lose tries");
    }
}

#[test]
fn no_sequence_of_three_actions_with_plans_over_pcsc_breaks_a_promise_about_tries() {
    let found = exhaustive(&Pcsc(None), &Pcsc::PLANS, 3, Setting::with_a_try_gone(0));
    assert_eq!(found.violation, None);
    assert_eq!((found.schedules, found.beyond_consent, found.last_tries), (1_110, 0, 0));
    assert!(found.tries_lost > 0, "the model must be able to lose tries");
}

/// The promise that an app with this flaw breaks in this schedule, and the model's own app does not.
fn broken_by(flaw: Flaw, actions: &[Action]) -> Option<Broken> {
    let setting = Setting::with_a_try_gone(0);
    assert_eq!(Core(None).run(&setting, actions).broken, None, "without a flaw: {actions:?}");
    Core(Some(flaw)).run(&setting, actions).broken.map(|(_, broken)| broken)
}

const fn plan(typed: Typed) -> Action {
    Action::Plan(Want::Proven, typed)
}

/// Something was done, and a secret was not sent.
const SLIP: Action = Action::Arm(Fault::LostBefore, At::Command(4));

#[test]
fn an_app_that_hands_a_secret_in_again_is_seen() {
    let lost = Action::Arm(Fault::Late, At::Secret);
    assert_eq!(broken_by(Flaw::TypesAgain, &[lost, plan(Typed::RIGHT), plan(Typed::RIGHT)]), Some(Broken::SentTwice));
}

#[test]
fn an_app_that_permits_last_tries_by_itself_is_seen() {
    let actions = [plan(Typed::WRONG), plan(Typed::WRONG)];
    assert_eq!(broken_by(Flaw::Permits, &actions), Some(Broken::LastTry));
}

#[test]
fn an_app_that_sends_a_secret_to_another_card_than_it_was_typed_for_is_seen() {
    let actions = [SLIP, plan(Typed::RIGHT), Action::Swap, plan(Typed::RIGHT), plan(Typed::RIGHT)];
    assert_eq!(broken_by(Flaw::TakesAnyCard, &actions), Some(Broken::ToAnotherCard));
}

#[test]
fn an_app_that_hands_out_two_cards_as_one_is_seen() {
    let unproven = Action::Plan(Want::Unproven, Typed::RIGHT);
    let actions = [SLIP, unproven, Action::Swap, unproven, unproven];
    assert_eq!(broken_by(Flaw::MixesCards, &actions), Some(Broken::MixedCards));
}

#[test]
fn random_schedules_find_every_flaw_and_shrink_it() {
    for flaw in Flaw::ALL {
        let found = random(&Core(Some(flaw)), 20_000, 1).violation.unwrap_or_default();
        let promise = match flaw {
            Flaw::TypesAgain => "SentTwice",
            Flaw::Permits => "LastTry",
            Flaw::TakesAnyCard => "ToAnotherCard",
            Flaw::MixesCards => "MixedCards",
        };
        assert!(found.contains(promise), "{flaw:?}: {found:?}");
        let actions = found.rsplit(" by ").next().unwrap_or_default();
        assert!(actions.matches("Plan(").count() <= 4, "{flaw:?}: {found}");
    }
}

const OVER_PCSC: OverPcsc = OverPcsc::Plan(Want::Proven, Typed::RIGHT);

#[test]
fn a_host_that_breaks_a_promise_under_a_plan_is_seen() {
    let again = |does| vec![OverPcsc::Arm(does, At::Secret), OVER_PCSC];
    let leaves = || vec![OVER_PCSC, OverPcsc::Leave(Leave::Close)];
    for (flaw, actions, promise) in [
        (HostFlaw::ResendsAfterReset, again(Does::AfterReset), Broken::Resent),
        (HostFlaw::ResendsWhenBusy, again(Does::Fail(Code::SharingViolation)), Broken::Resent),
        (HostFlaw::ResendsAfterFailure, again(Does::FailAfterwards(Code::CommError)), Broken::Resent),
        (HostFlaw::KeepsThePower, leaves(), Broken::LeftOpen),
        (HostFlaw::ResetsOnly, leaves(), Broken::LeftOpen),
        (HostFlaw::LetsGoTooEarly, leaves(), Broken::LeftOpen),
    ] {
        let setting = Setting::with_a_try_gone(0);
        assert_eq!(Pcsc(None).run(&setting, &actions).broken, None, "without a flaw: {actions:?}");
        let broken = Pcsc(Some(flaw)).run(&setting, &actions).broken.map(|(_, broken)| broken);
        assert_eq!(broken, Some(promise), "{flaw:?}");
    }
}
