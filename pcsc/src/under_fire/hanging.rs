//! Calls that do not return: our own deadline stands above the driver's.

use kazasu_core::error::Step;

use super::*;

const DEADLINE: Duration = Duration::from_millis(150);

fn hasty() -> OpenOptions {
    OpenOptions::new().deadline(DEADLINE).patience(DEADLINE)
}

/// Runs the job with this call hanging, checks that it ends soon, then lets the call return, and waits until all have left.
fn run_hanging(call: Call, nth: usize) -> (Double, Run, usize) {
    let double = Double::new(adult(), once(call, nth, Does::Hang));
    let reader = readers::list_on(&Double::new(adult(), Vec::new())).expect("no fault").remove(0);
    let start = Instant::now();
    let mut asked = 0;
    let outcome = match hasty().open_on(double.clone(), &reader) {
        Err(error) => Outcome::NotOpened(error),
        Ok(mut card) => {
            let mut session = Session::new(Asked { transport: &mut card, commands: &mut asked });
            let result = pollster::block_on(job(&mut session));
            Outcome::Closed(result, card.close())
        }
    };
    let took = start.elapsed();
    let sent = double.count(Call::Transmit);
    double.wake();
    wait_until_left(&double);
    let run = Run { outcome, asked, log: double.log(), took };
    check_the_card(&double, &run);
    check_that_no_key_was_left_open(&double);
    assert_eq!(double.count(Call::Transmit), sent, "nothing is sent when the driver wakes up");
    (double, run, sent)
}

#[test]
fn a_service_that_hangs_while_a_card_is_opened_is_given_up_and_the_card_left_as_it_was() {
    // Behind a call that only another program can hold up, another program is to blame.
    let cases = [
        (Call::Establish, 0, PcscError::Timeout),
        (Call::StatusChange, 0, PcscError::Timeout),
        (Call::Connect, 0, PcscError::Timeout),
        (Call::Begin, 0, PcscError::Busy),
        (Call::Status, 0, PcscError::Busy),
        (Call::Control, 0, PcscError::Busy),
    ];
    side_by_side(cases, |(call, nth, error)| {
        let (double, run, sent) = run_hanging(call, nth);
        assert_eq!(run.outcome, Outcome::NotOpened(error), "{call:?}");
        assert!((DEADLINE..Duration::from_secs(8)).contains(&run.took), "{call:?}: {:?}", run.took);
        assert_eq!(sent, 0);
        check_that_a_new_session_works(&double);
    });
}

#[test]
fn a_command_that_never_returns_ends_at_our_deadline_and_nothing_is_sent_when_it_wakes() {
    side_by_side(0..COMMANDS, |nth| {
        let (double, run, sent) = run_hanging(Call::Transmit, nth);
        let error = match nth {
            VERIFY => Error::OutcomeUnknown { step: Step::Verify, kind: SecretKind::AuthPin, link: LinkError::Timeout },
            _ => Error::Link(LinkError::Timeout),
        };
        // The driver still hangs, so nobody can say that the keys are closed.
        assert_eq!(run.outcome, Outcome::Closed(Err(error), Err(PcscError::Timeout)), "command {nth}");
        assert!((DEADLINE..Duration::from_secs(8)).contains(&run.took), "command {nth}: {:?}", run.took);
        assert_eq!(sent, nth + 1);
        assert_eq!(double.secrets(), usize::from(nth >= VERIFY), "each VERIFY once");
        check_that_a_new_session_works(&double);
    });
}

#[test]
fn leaving_a_card_whose_driver_hangs_is_given_up_and_said_and_the_power_is_cut_when_it_wakes() {
    side_by_side([Call::End, Call::Disconnect], |call| {
        let (double, run, _) = run_hanging(call, 0);
        assert_eq!(run.outcome, Outcome::Closed(Ok(()), Err(PcscError::Timeout)), "{call:?}");
        assert!(run.took < Duration::from_secs(12), "{call:?}: {:?}", run.took);
        check_that_a_new_session_works(&double);
    });
}

#[test]
fn a_service_that_stands_still_is_given_up_ten_seconds_after_our_patience() {
    side_by_side([Call::Establish, Call::ListReaders, Call::StatusChange], |call| {
        let double = Double::new(adult(), once(call, 0, Does::Hang));
        let start = Instant::now();
        assert_eq!(readers::wait_for_card_on(&double, None, DEADLINE), Err(PcscError::Timeout), "{call:?}");
        assert!((10..20).contains(&start.elapsed().as_secs()), "{call:?}: {:?}", start.elapsed());
        double.wake();
        wait_until_left(&double);
    });
}
