//! Every code of PC/SC at every call.

use std::io::Write;
use std::panic;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use kazasu_core::error::Step;
use pcsc::Error as Code;

use super::*;
use crate::error::link_error;
use crate::error::tests::TABLE;

fn codes() -> impl Iterator<Item = Code> + Clone {
    TABLE.iter().map(|row| row.1)
}

/// The places where a call can go wrong in a job that otherwise goes well.
fn places() -> Vec<(Call, usize)> {
    let once = [Call::ListReaders, Call::Connect, Call::Begin, Call::Status, Call::End, Call::Disconnect];
    let twice = [Call::Establish, Call::StatusChange, Call::Control];
    let mut places: Vec<_> = once.map(|call| (call, 0)).into();
    places.extend(twice.iter().flat_map(|call| [(*call, 0), (*call, 1)]));
    places.extend((0..COMMANDS).map(|nth| (Call::Transmit, nth)));
    places
}

/// What a session ends with when this goes wrong, said apart from the code that does it.
fn expected(fault: Fault) -> Outcome {
    let (Does::Fail(code) | Does::FailAfterwards(code)) = fault.does else { unreachable!("codes only") };
    let lasting = fault.lasts != Lasts::Once;
    let not_opened = Outcome::NotOpened(PcscError::from(code));
    let well = Outcome::Closed(Ok(()), Ok(()));
    // With everything failing, leaving fails too; unless the card is gone, which needs no leaving.
    let closing = match code {
        Code::RemovedCard | Code::NoSmartcard => Ok(()),
        code => Err(PcscError::from(code)),
    };
    let left = if fault.lasts == Lasts::ForEverything { closing.clone() } else { Ok(()) };
    match (fault.call, fault.nth) {
        // Windows stops the service with its last reader.
        (Call::Establish, 0) if cfg!(windows) && matches!(code, Code::NoService | Code::ServiceStopped) => {
            Outcome::NotOpened(PcscError::NoReader)
        }
        (Call::Establish, _) => not_opened,
        // Readers that come and go while one looks are looked at again.
        (Call::ListReaders, _) | (Call::StatusChange, 0) => match code {
            Code::UnknownReader | Code::ReaderUnavailable | Code::InsufficientBuffer if !lasting => well,
            // Nothing was said of any reader.
            Code::Timeout if fault.call == Call::StatusChange => Outcome::NotOpened(PcscError::NoCard),
            _ => not_opened,
        },
        // Whether somebody else uses the card, and what the reader carries, is good to know and no more.
        (Call::StatusChange | Call::Control, _) => match (fault.lasts, fault.call) {
            (Lasts::ForEverything, Call::StatusChange) => not_opened,
            (Lasts::ForEverything, _) => Outcome::Closed(Err(Error::Link(link_error(code))), left),
            _ => well,
        },
        // A reset by somebody else before the first command costs nothing.
        (Call::Connect | Call::Begin, _) if code == Code::ResetCard && !lasting => well,
        (Call::Connect | Call::Begin | Call::Status, _) => not_opened,
        (Call::Transmit, nth) => {
            let link = link_error(code);
            let result = match nth {
                VERIFY => Err(Error::OutcomeUnknown { step: Step::Verify, kind: SecretKind::AuthPin, link }),
                // Core asks again with a short command.
                CERTIFICATE if link == LinkError::Other && !lasting => Ok(()),
                _ => Err(Error::Link(link)),
            };
            Outcome::Closed(result, left)
        }
        (Call::End, _) => Outcome::Closed(Ok(()), left),
        (Call::Disconnect, _) => Outcome::Closed(Ok(()), closing),
        (Call::Reconnect, _) => unreachable!("not in this job"),
    }
}

fn check(card: SimCard, script: Vec<Fault>, expected: &Outcome, keys_may_stay_open: bool) -> SimCard {
    let double = Double::new(card, script);
    let run = run(&double, &OpenOptions::new());
    assert_eq!(run.outcome, *expected);
    assert!(run.took < Duration::from_secs(5), "{:?}", run.took);
    check_the_card(&double, &run);
    if !keys_may_stay_open {
        check_that_no_key_was_left_open(&double);
    }
    check_that_a_new_session_works(&double);
    double.into_sim_card()
}

/// One case: what goes wrong, what must come of it, and whether the power could not be cut.
type Case = (Vec<Fault>, Outcome, bool);

/// Runs the cases and says which ones do not hold.
fn check_all(what: &str, cases: &[Case]) {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                let mut card = adult();
                while let Some((script, expected, open)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let case = || check(card, script.clone(), expected, *open);
                    card = panic::catch_unwind(panic::AssertUnwindSafe(case)).unwrap_or_else(|_| {
                        failed.lock().expect("no panic here").push(script);
                        adult()
                    });
                }
            });
        }
    });
    let failed = failed.into_inner().expect("no panic here");
    assert!(failed.is_empty(), "{} of {} cases do not hold, the first: {:?}", failed.len(), cases.len(), failed[0]);
    let time = start.elapsed();
    let _ = writeln!(std::io::stderr(), "    {what}: {} cases, {} ms", cases.len(), time.as_millis());
}

#[test]
fn every_code_at_every_call_ends_typed_with_nothing_sent_twice_and_the_power_cut() {
    let mut cases = Vec::new();
    for (call, nth) in places() {
        for code in codes() {
            let mut ways = vec![
                (Lasts::Once, Does::Fail(code)),
                (Lasts::ForThisCall, Does::Fail(code)),
                (Lasts::ForEverything, Does::Fail(code)),
            ];
            if matches!(call, Call::Transmit | Call::End | Call::Disconnect) {
                ways.push((Lasts::Once, Does::FailAfterwards(code)));
            }
            for (lasts, does) in ways {
                let fault = fault(call, nth, lasts, does);
                // Where neither the end nor the disconnecting gets through, nobody can cut the power; `close` has said so.
                let open = lasts == Lasts::ForEverything;
                cases.push((vec![fault], expected(fault), open));
            }
        }
    }
    let (codes, places) = (codes().count(), places().len());
    assert_eq!(cases.len(), codes * (places * 3 + COMMANDS + 2));
    check_all(&format!("{codes} codes x {places} calls, once / for this call / for everything / answer lost"), &cases);
}

/// The codes with which a driver may mean that the card is gone; then the service is asked.
const VAGUE: [Code; 5] =
    [Code::NotTransacted, Code::CommError, Code::CommDataLost, Code::InternalError, Code::UnknownError];

#[test]
fn when_a_driver_is_vague_and_the_service_then_fails_as_well_it_is_one_typed_error() {
    let mut cases = Vec::new();
    for (vague, code) in VAGUE.into_iter().flat_map(|vague| codes().map(move |code| (vague, code))) {
        // The third question: the first is asked to find the reader, the second before opening.
        let script = vec![
            fault(Call::Transmit, SIGN, Lasts::Once, Does::Fail(vague)),
            fault(Call::StatusChange, 2, Lasts::Once, Does::Fail(code)),
        ];
        let gone =
            matches!(code, Code::NoService | Code::ServiceStopped | Code::UnknownReader | Code::ReaderUnavailable);
        let link = if gone { LinkError::ReaderLost } else { LinkError::Other };
        cases.push((script, closed_well(Error::Link(link)), false));
    }
    check_all("5 vague codes x every code from the service", &cases);
}

#[test]
fn when_a_driver_is_vague_and_the_card_is_gone_the_card_is_lost() {
    let mut cases = Vec::new();
    for (nth, vague) in (0..COMMANDS).flat_map(|nth| VAGUE.map(|vague| (nth, vague))) {
        let link = LinkError::CardLost;
        let error = match nth {
            VERIFY => Error::OutcomeUnknown { step: Step::Verify, kind: SecretKind::AuthPin, link },
            _ => Error::Link(link),
        };
        cases.push((once(Call::Transmit, nth, Does::AfterRemoval(vague)), closed_well(error), false));
    }
    check_all("5 vague codes x a card that is taken away", &cases);
}

#[test]
fn every_code_at_reconnecting_after_a_reset_ends_typed() {
    let mut cases = Vec::new();
    for code in codes() {
        let reset = fault(Call::Begin, 0, Lasts::Once, Does::Fail(Code::ResetCard));
        let script = vec![reset, fault(Call::Reconnect, 0, Lasts::Once, Does::Fail(code))];
        let outcome = match code {
            Code::ResetCard => Outcome::Closed(Ok(()), Ok(())),
            code => Outcome::NotOpened(PcscError::from(code)),
        };
        cases.push((script, outcome, false));
    }
    check_all("every code at reconnecting", &cases);
}

#[test]
fn every_code_at_the_end_and_then_at_disconnecting_is_told_by_close() {
    let mut cases = Vec::new();
    for (at_the_end, code) in codes().flat_map(|one| codes().map(move |other| (one, other))) {
        let script = vec![
            fault(Call::End, 0, Lasts::Once, Does::Fail(at_the_end)),
            fault(Call::Disconnect, 0, Lasts::Once, Does::Fail(code)),
        ];
        let closed = match code {
            Code::RemovedCard | Code::NoSmartcard => Ok(()),
            code => Err(PcscError::from(code)),
        };
        cases.push((script, Outcome::Closed(Ok(()), closed), true));
    }
    check_all("every code at the end x every code at disconnecting", &cases);
}

#[test]
fn every_code_while_readers_are_listed_ends_typed() {
    for code in codes() {
        for (call, lasts) in [Call::Establish, Call::ListReaders, Call::StatusChange]
            .into_iter()
            .flat_map(|call| [(call, Lasts::Once), (call, Lasts::ForThisCall)])
        {
            let double = Double::new(adult(), vec![fault(call, 0, lasts, Does::Fail(code))]);
            let listed = readers::list_on(&double).map(|readers| readers.len());
            let again = matches!(code, Code::UnknownReader | Code::ReaderUnavailable | Code::InsufficientBuffer);
            let nobody_home = cfg!(windows) && matches!(code, Code::NoService | Code::ServiceStopped);
            let expected = match call {
                Call::Establish if nobody_home => Ok(0),
                Call::ListReaders | Call::StatusChange if again && lasts == Lasts::Once => Ok(1),
                Call::StatusChange if code == Code::Timeout => Ok(1),
                _ => Err(PcscError::from(code)),
            };
            assert_eq!(listed, expected, "{code:?} at {call:?}, {lasts:?}");
            assert!(double.calls().len() <= 11, "asks again and again: {:?}", double.calls());
        }
    }
}
