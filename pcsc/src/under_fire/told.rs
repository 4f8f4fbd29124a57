//! Single stories, told one by one.

use kazasu_core::error::Step;
use pcsc::Error as Code;

use super::*;

/// An open card, and its double.
fn open(script: Vec<Fault>) -> (Double, PcscTransport) {
    let double = Double::new(adult(), script);
    let reader = readers::wait_for_card_on(&double, None, Duration::ZERO).expect("a card");
    let card = OpenOptions::new().open_on(double.clone(), &reader).expect("it opens");
    (double, card)
}

#[test]
fn a_reset_between_verify_and_sign_ends_the_session_and_no_second_verify_is_sent() {
    let (double, card) = open(once(Call::Transmit, SIGN, Does::AfterReset));
    let mut session = Session::new(card);
    pollster::block_on(async {
        let mut jpki = session.jpki().await.expect("selected");
        jpki.token_kind().await.expect("read");
        jpki.certificate(FreeCertificate::Auth, &mut [0; CERTIFICATE_BUFFER]).await.expect("read");
        let mut unlocked = jpki.unlock(pin(), LastTry::Refuse).await.expect("verified");
        let digest = Digest::Sha256([0xA1; 32]);
        assert_eq!(unlocked.sign(&digest).await, Err(Error::Link(LinkError::CardReset)));
        assert_eq!(unlocked.sign(&digest).await, Err(Error::SessionOver));
        assert_eq!(jpki.unlock(pin(), LastTry::Allow).await.map(|_| ()).err(), Some(Error::SessionOver));
        assert_eq!(jpki.tries(SecretKind::AuthPin).await, Err(Error::SessionOver));
    });
    // The reset was a warm one, which leaves the key open. Only the power closed it.
    assert_eq!(session.into_transport().close(), Ok(()));
    wait_until_left(&double);
    assert_eq!(double.secrets(), 1, "VERIFY commands that the card saw");
    assert_eq!(double.count(Call::Transmit), SIGN + 1);
    assert_eq!(double.count(Call::Reconnect), 0, "a session is never reconnected");
    check_that_no_key_was_left_open(&double);
    check_that_a_new_session_works(&double);
}

#[test]
fn a_reset_before_verify_costs_no_try_and_the_secret_is_not_kept_for_later() {
    let double = Double::new(adult(), once(Call::Transmit, VERIFY, Does::AfterReset));
    let run = run(&double, &OpenOptions::new());
    let (step, kind, link) = (Step::Verify, SecretKind::AuthPin, LinkError::CardReset);
    assert_eq!(run.outcome, closed_well(Error::OutcomeUnknown { step, kind, link }));
    assert_eq!(double.secrets(), 0);
    check_the_card(&double, &run);
    check_that_a_new_session_works(&double);
}

#[test]
fn not_transacted_at_verify_leaves_the_outcome_open_and_verify_is_not_repeated() {
    for does in [Does::Fail(Code::NotTransacted), Does::FailAfterwards(Code::NotTransacted)] {
        let double = Double::new(adult(), once(Call::Transmit, VERIFY, does));
        let run = run(&double, &OpenOptions::new());
        let (step, kind, link) = (Step::Verify, SecretKind::AuthPin, LinkError::Other);
        assert_eq!(run.outcome, closed_well(Error::OutcomeUnknown { step, kind, link }));
        assert_eq!(double.count(Call::Transmit), VERIFY + 1);
        let acted = does == Does::FailAfterwards(Code::NotTransacted);
        assert_eq!(double.secrets(), usize::from(acted));
        check_the_card(&double, &run);
        check_that_no_key_was_left_open(&double);
        check_that_a_new_session_works(&double);
    }
}

#[test]
fn a_response_without_a_status_word_is_no_response() {
    for (nth, length) in (0..COMMANDS).flat_map(|nth| [(nth, 0), (nth, 1)]) {
        let double = Double::new(adult(), once(Call::Transmit, nth, Does::Truncate(length)));
        let run = run(&double, &OpenOptions::new());
        let link = LinkError::Other;
        let result = match nth {
            VERIFY => Err(Error::OutcomeUnknown { step: Step::Verify, kind: SecretKind::AuthPin, link }),
            CERTIFICATE => Ok(()), // asked again with a short command
            _ => Err(Error::Link(link)),
        };
        assert_eq!(run.outcome, Outcome::Closed(result, Ok(())), "command {nth}, {length} bytes");
        check_the_card(&double, &run);
        check_that_no_key_was_left_open(&double);
        check_that_a_new_session_works(&double);
    }
}

#[test]
fn a_panic_inside_a_command_closes_the_keys_before_anybody_else_has_the_card() {
    for nth in 0..COMMANDS {
        let double = Double::new(adult(), once(Call::Transmit, nth, Does::Panic));
        let run = run(&double, &OpenOptions::new());
        let link = LinkError::ReaderLost;
        let error = match nth {
            VERIFY => Error::OutcomeUnknown { step: Step::Verify, kind: SecretKind::AuthPin, link },
            _ => Error::Link(link),
        };
        let ours = PcscError::Other(Code::InternalError);
        assert_eq!(run.outcome, Outcome::Closed(Err(error), Err(ours)), "command {nth}");
        check_the_card(&double, &run);
        check_that_no_key_was_left_open(&double);
        check_that_a_new_session_works(&double);
    }
}

#[test]
fn a_panic_while_a_card_is_opened_is_an_error_and_leaves_the_card_as_it_was() {
    for call in [Call::Connect, Call::Begin, Call::Status, Call::Control] {
        let double = Double::new(adult(), once(call, 0, Does::Panic));
        let run = run(&double, &OpenOptions::new());
        assert_eq!(run.outcome, Outcome::NotOpened(PcscError::Other(Code::InternalError)), "{call:?}");
        check_the_card(&double, &run);
        check_that_a_new_session_works(&double);
    }
}

#[test]
fn a_transaction_that_cannot_be_ended_is_not_given_away_with_a_key_open() {
    let double = Double::new(adult(), once(Call::End, 0, Does::Fail(Code::CommError)));
    let run = run(&double, &OpenOptions::new());
    assert_eq!(run.outcome, Outcome::Closed(Ok(()), Ok(())));
    let parting: Vec<_> = run.log.iter().filter_map(|entry| Some((entry.call, entry.disposition?))).collect();
    assert_eq!(parting, [(Call::End, Disposition::UnpowerCard), (Call::Disconnect, Disposition::UnpowerCard)]);
    check_that_no_key_was_left_open(&double);
}

#[test]
fn a_reset_before_every_attempt_to_open_is_not_tried_for_ever() {
    for call in [Call::Connect, Call::Begin] {
        let double = Double::new(adult(), vec![fault(call, 0, Lasts::ForThisCall, Does::Fail(Code::ResetCard))]);
        let run = run(&double, &OpenOptions::new());
        assert_eq!(run.outcome, Outcome::NotOpened(PcscError::CardReset));
        assert_eq!(double.count(call), 5);
    }
}

#[test]
fn r18_a_sharing_violation_is_busy_wherever_it_comes() {
    for code in [Code::SharingViolation, Code::ServerTooBusy] {
        for call in [Call::Connect, Call::Begin, Call::Status] {
            let double = Double::new(adult(), once(call, 0, Does::Fail(code)));
            assert_eq!(run(&double, &OpenOptions::new()).outcome, Outcome::NotOpened(PcscError::Busy));
        }
        let double = Double::new(adult(), once(Call::Transmit, SELECT, Does::Fail(code)));
        assert_eq!(run(&double, &OpenOptions::new()).outcome, closed_well(Error::Link(LinkError::Busy)));
    }
}

#[test]
fn r18_after_a_reset_a_new_session_selects_again_and_asks_for_the_pin_again() {
    let double = Double::new(adult(), once(Call::Transmit, SIGN, Does::AfterReset));
    assert_eq!(run(&double, &OpenOptions::new()).outcome, closed_well(Error::Link(LinkError::CardReset)));
    double.heal();
    let reader = readers::wait_for_card_on(&double, None, Duration::ZERO).expect("a card");
    let mut session = Session::new(OpenOptions::new().open_on(double.clone(), &reader).expect("it opens"));
    let selects = double.card(|card| card.tally().selects);
    let (secrets, before) = (double.secrets(), double.count(Call::Transmit));
    assert_eq!((selects, secrets, before), (1, 1, SIGN + 1));
    assert_eq!(pollster::block_on(job(&mut session)), Ok(()));
    assert_eq!(
        double.card(|card| (card.tally().selects, card.tally().secrets)),
        (2, 2),
        "each by the caller's own word"
    );
}
