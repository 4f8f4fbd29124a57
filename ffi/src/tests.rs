//! The bridge as a host uses it, over the simulated card.

use crate::error::KazasuError;
use crate::operation::{Need, Next, Operation};
use crate::results::{Field, FoundCard, TriesLeft};
use crate::wants::{FreeCertificateKind, LinkFailure, SecretKind, SigningKey, Want};
use kazasu_fixtures::{Persona, Profile, SimCard};

mod documents;
#[cfg(target_os = "linux")]
mod memory;

fn card() -> SimCard {
    SimCard::new(&Persona::named("adult").expect("the card"), Profile::default())
}

/// The host's loop.
fn drive(operation: &Operation, card: &mut SimCard) -> Result<(), KazasuError> {
    while operation.next()? == Next::Transmit {
        let command = operation.command()?;
        match card.command(&command) {
            Some(response) => operation.feed(&response)?,
            None => operation.fail(LinkFailure::CardLost)?,
        }
    }
    Ok(())
}

fn signing() -> Want {
    Want::Sign { key: SigningKey::Auth, digest: vec![7; 32] }
}

#[test]
fn a_plan_says_what_it_needs_and_gives_what_was_wanted() {
    let wants = vec![
        Want::Certificate { which: FreeCertificateKind::Auth },
        signing(),
        Want::Attributes,
        Want::Tries { secret: SecretKind::SignPassword },
        Want::CardKind,
    ];
    let operation = Operation::plan(wants).expect("a plan");
    let needs: Vec<Vec<SecretKind>> =
        operation.needs().expect("the needs").into_iter().map(|need| need.one_of).collect();
    assert_eq!(needs, [vec![SecretKind::AuthPin], vec![SecretKind::TextPin, SecretKind::NumberB]]);
    operation.give(SecretKind::AuthPin, b"1234").expect("a PIN");
    operation.give(SecretKind::TextPin, b"4321").expect("a PIN");
    assert!(operation.needs().expect("the needs").is_empty());
    let estimate = operation.estimate(65_538).expect("an estimate");
    operation.connected(65_544, 65_538).expect("connected");
    let mut card = card();
    drive(&operation, &mut card).expect("the plan");
    assert_eq!(card.tally().commands as u32, estimate.commands);
    let field = |want, field| operation.field(want, field).expect("a field");
    assert_eq!(field(0, Field::Value).expect("a certificate").len(), 1_590);
    assert_eq!(field(1, Field::Value).expect("a signature").len(), 256);
    assert!(field(2, Field::Name).is_some() && field(2, Field::Photo).is_none());
    assert_eq!(operation.tries(3).expect("a counter"), Some(TriesLeft::Left { tries: 5 }));
    assert_eq!(operation.card_kind().expect("a kind"), Some(FoundCard::MyNumber));
    assert_eq!(operation.progress().expect("progress").items, 5);
    assert!(matches!(operation.next(), Err(KazasuError::Misuse { .. })));
}

#[test]
fn a_wrong_pin_says_how_many_are_left_and_the_next_one_goes_on() {
    let operation = Operation::plan(vec![signing()]).expect("a plan");
    operation.give(SecretKind::AuthPin, b"9999").expect("a PIN");
    operation.connected(261, 258).expect("connected");
    let mut card = card();
    let wrong = drive(&operation, &mut card);
    let Err(KazasuError::WrongSecret { detail }) = wrong else { panic!("{wrong:?}") };
    assert_eq!((detail.number, detail.left, detail.spent), (101, Some(2), Some(true)));
    assert!(detail.japanese.what.contains("残り2回"), "{detail:?}");
    operation.give(SecretKind::AuthPin, b"1234").expect("a PIN");
    drive(&operation, &mut card).expect("the rest");
    assert_eq!(card.tally().secrets, 2);
}

#[test]
fn cancelling_stops_within_one_exchange_and_says_what_is_known() {
    for (answered, unknown) in [(0, false), (1, false), (2, true), (3, false)] {
        let operation = Operation::plan(vec![signing()]).expect("a plan");
        operation.give(SecretKind::AuthPin, b"1234").expect("a PIN");
        operation.connected(261, 258).expect("connected");
        let mut card = card();
        for _ in 0..answered {
            assert_eq!(operation.next(), Ok(Next::Transmit));
            let response = card.command(&operation.command().expect("a command")).expect("an answer");
            operation.feed(&response).expect("fed");
        }
        assert_eq!(operation.next(), Ok(Next::Transmit));
        operation.command().expect("a command");
        let error = operation.cancel();
        assert_eq!(matches!(error, Err(KazasuError::OutcomeUnknown { .. })), unknown, "{answered}: {error:?}");
        assert_eq!(matches!(error, Err(KazasuError::Cancelled { .. })), !unknown, "{answered}: {error:?}");
        assert!(matches!(operation.next(), Err(KazasuError::Misuse { .. })));
        assert!(matches!(operation.command(), Err(KazasuError::Misuse { .. })));
    }
}

/// A slip in the middle of the certificate; the same operation goes on with the next tag.
#[test]
fn a_slip_goes_on_with_the_next_contact() {
    let operation =
        Operation::plan(vec![Want::Certificate { which: FreeCertificateKind::Auth }, signing()]).expect("a plan");
    operation.give(SecretKind::AuthPin, b"1234").expect("a PIN");
    operation.connected(261, 258).expect("connected");
    let mut card = card();
    for _ in 0..4 {
        assert_eq!(operation.next(), Ok(Next::Transmit));
        let response = card.command(&operation.command().expect("a command")).expect("an answer");
        operation.feed(&response).expect("fed");
    }
    assert_eq!(operation.next(), Ok(Next::Transmit));
    operation.command().expect("a command");
    operation.fail(LinkFailure::CardLost).expect("told");
    assert!(matches!(operation.next(), Err(KazasuError::CardLost { .. })));
    assert!(operation.needs().expect("the needs").is_empty(), "nothing was sent, so nothing is needed again");
    card.power_cycle();
    operation.connected(261, 258).expect("connected");
    drive(&operation, &mut card).expect("the rest");
    assert_eq!(operation.field(0, Field::Value).expect("a field").expect("a certificate").len(), 1_590);
    assert_eq!(card.tally().secrets, 1);
}

#[test]
fn a_pin_is_changed_and_the_old_one_is_wrong_afterwards() {
    let mut card = card();
    let change = |old: &[u8], new: &[u8]| Operation::change(SecretKind::AuthPin, old, new);
    let operation = change(b"1234", b"5678").expect("a change");
    operation.connected(261, 258).expect("connected");
    drive(&operation, &mut card).expect("changed");
    card.power_cycle();
    let again = change(b"1234", b"5678").expect("a change");
    again.connected(261, 258).expect("connected");
    assert!(matches!(drive(&again, &mut card), Err(KazasuError::WrongSecret { .. })));
    assert!(matches!(change(b"12a4", b"5678"), Err(KazasuError::SecretFormat { .. })));
    assert!(matches!(change(b"1234", b"567"), Err(KazasuError::SecretFormat { .. })));
    assert!(matches!(change(&[0xFF; 4], b"5678"), Err(KazasuError::Misuse { .. })));
    let number = Operation::change(SecretKind::NumberA, b"537686677188", b"537686677188");
    assert!(matches!(number, Err(KazasuError::Misuse { .. })));
}

/// An app has no command line: what helps there, `kazasu-catalogue` says to the command line alone.
#[test]
fn no_text_that_crosses_the_bridge_names_a_command_or_an_option() {
    use crate::error::Explanation;
    use crate::host::{Prompt, explain_host, prompt};
    use kazasu_core::error::Malformed;
    use kazasu_core::error::Step;
    use kazasu_core::secret::FormatError;
    use kazasu_core::{CardKind, Error, LinkError, Status};
    let kind = kazasu_core::SecretKind::AuthPin;
    let mut errors = vec![
        Error::WrongSecret { kind, left: None },
        Error::SecretFormat { kind, reason: FormatError::Length },
        Error::LastTry { kind, left: None },
        Error::Blocked { kind, spent: Some(false) },
        Error::WrongCard { found: CardKind::Juki },
        Error::OtherCard,
        Error::SessionOver,
        Error::SecretRequired { kinds: &[kazasu_core::SecretKind::AuthPin] },
        Error::BufferTooSmall { needed: 0 },
        Error::Misuse("why"),
    ];
    errors.extend(["card record", "signature certificate", "My Number"].map(|what| Error::Absent { what }));
    for step in [Step::Select, Step::Query, Step::Verify, Step::Change, Step::Read, Step::GetData, Step::Sign] {
        errors.push(Error::Refused { step, status: Status(0x6F00) });
        errors.push(Error::Malformed { step, reason: Malformed::Empty });
        errors.push(Error::OutcomeUnknown { step, kind, link: LinkError::Timeout });
    }
    use LinkError::{Busy, Cancelled, CardLost, CardReset, Other, Overrun, ReaderLost, Timeout, TooLong};
    let links = [CardLost, CardReset, Timeout, Busy, ReaderLost, TooLong, Overrun, Cancelled, Other];
    errors.extend(links.map(Error::Link));
    let numbers: std::collections::BTreeSet<u16> = errors.iter().map(Error::number).collect();
    let declared = include_str!("error.rs").lines().filter(|line| {
        let number = line.trim_start().strip_prefix("/// ").and_then(|rest| rest.split_once(". "));
        number.is_some_and(|(number, _)| number.len() == 3 && number.parse::<u16>().is_ok())
    });
    assert_eq!(numbers.len(), declared.count(), "an error is missing in this test");

    let mut said: Vec<Explanation> = Vec::new();
    for error in errors {
        for lang in [kazasu_catalogue::Lang::En, kazasu_catalogue::Lang::Ja] {
            said.push(Explanation::of(&error, lang));
        }
    }
    for japanese in [false, true] {
        said.extend((501..=510).filter_map(|number| explain_host(number, japanese).expect("a text")));
        use Prompt::{Done, Hold, HoldAgain, HoldBottom, HoldMiddle, HoldTop, OneCard, OtherPlace, Reading};
        for line in [Hold, HoldTop, HoldMiddle, HoldBottom, Reading, HoldAgain, OtherPlace, OneCard, Done] {
            said.push(Explanation { what: prompt(line, japanese).expect("a line"), next: "x".to_owned() });
        }
    }
    for Explanation { what, next } in &said {
        assert!(!what.is_empty() && !next.is_empty(), "{said:?}");
        for word in ["kazasu ", "--", "`", " -v"] {
            assert!(!what.contains(word) && !next.contains(word), "{what} {next}");
        }
    }
}

/// Also where there is no operation yet, or where another error came before.
#[test]
fn every_error_has_its_own_words() {
    let words = |outcome: Result<(), KazasuError>| {
        let Err(KazasuError::Misuse { detail } | KazasuError::SecretFormat { detail }) = outcome else {
            panic!("{outcome:?}")
        };
        detail.english.what
    };
    let operation = Operation::plan(vec![signing()]).expect("a plan");
    assert!(words(operation.give(SecretKind::AuthPin, b"12")).contains("4 characters"));
    assert!(words(operation.give(SecretKind::AuthPin, &[0xFF; 4])).contains("UTF-8"));
    assert!(words(operation.connected(1, 1)).contains("short APDU"));
    assert!(words(operation.command().map(|_| ())).contains("wrong order"));
    assert!(words(Operation::plan(Vec::new()).map(|_| ())).contains("1 to 64 items"));
    let change = Operation::change(SecretKind::AuthPin, b"12", b"5678");
    assert!(words(change.map(|_| ())).contains("4 characters"));
}

/// Every call in every wrong place is refused with 403, and none of them sends anything.
#[test]
fn calls_in_the_wrong_order_are_misuse() {
    let misuse = |outcome: Result<(), KazasuError>| {
        let Err(KazasuError::Misuse { detail }) = outcome else { panic!("{outcome:?}") };
        assert_eq!(detail.number, 403);
    };
    let operation = Operation::plan(vec![Want::CardKind]).expect("a plan");
    misuse(operation.command().map(|_| ()));
    misuse(operation.feed(&[0x90, 0x00]));
    misuse(operation.fail(LinkFailure::Timeout));
    misuse(operation.connected(260, 258));
    misuse(operation.connected(261, 257));
    operation.connected(261, 258).expect("connected");
    operation.next().expect("a command");
    misuse(operation.feed(&[0x90, 0x00]));
    misuse(operation.give(SecretKind::AuthPin, b"1234"));
    misuse(operation.connected(261, 258));
    operation.command().expect("a command");
    misuse(operation.command().map(|_| ()));
    misuse(operation.next().map(|_| ()));
    misuse(Operation::plan(vec![]).map(|_| ()));
    misuse(Operation::plan(vec![Want::Sign { key: SigningKey::Auth, digest: vec![0; 20] }]).map(|_| ()));
}

/// VERIFY is ready when the host makes a mistake; the operation goes on, and what became of it is known.
#[test]
fn a_call_in_the_wrong_place_does_not_end_what_runs() {
    let operation = Operation::plan(vec![signing()]).expect("a plan");
    operation.give(SecretKind::AuthPin, b"9999").expect("a PIN");
    operation.connected(261, 258).expect("connected");
    let mut card = card();
    for _ in 0..2 {
        assert_eq!(operation.next(), Ok(Next::Transmit));
        let response = card.command(&operation.command().expect("a command")).expect("an answer");
        operation.feed(&response).expect("fed");
    }
    assert_eq!(operation.next(), Ok(Next::Transmit));
    assert!(matches!(operation.connected(261, 258), Err(KazasuError::Misuse { .. })));
    let response = card.command(&operation.command().expect("VERIFY")).expect("an answer");
    operation.feed(&response).expect("fed");
    assert!(matches!(operation.next(), Err(KazasuError::WrongSecret { .. })));
}

/// The PIN is held, and yet it is needed again: it was typed for a card that may be another one than comes back.
#[test]
fn what_a_slip_made_needed_again_is_known_before_the_next_contact() {
    let operation = Operation::plan(vec![Want::CardRecord, Want::Attributes]).expect("a plan");
    operation.give(SecretKind::TextPin, b"4321").expect("a PIN");
    operation.connected(261, 258).expect("connected");
    let mut card = card();
    for _ in 0..2 {
        assert_eq!(operation.next(), Ok(Next::Transmit));
        let response = card.command(&operation.command().expect("a command")).expect("an answer");
        operation.feed(&response).expect("fed");
    }
    assert_eq!(operation.next(), Ok(Next::Transmit));
    operation.command().expect("a command");
    operation.fail(LinkFailure::CardLost).expect("told");
    assert!(matches!(operation.next(), Err(KazasuError::CardLost { .. })));
    let needed = [Need { one_of: vec![SecretKind::TextPin, SecretKind::NumberB] }];
    assert_eq!(operation.needs().expect("the needs"), needed);
    operation.connected(261, 258).expect("connected");
    assert_eq!(operation.needs().expect("the needs"), needed);
    assert!(matches!(operation.next(), Err(KazasuError::SecretRequired { .. })));
}

/// Whatever it ended with, on a link that leaves the card its power.
#[test]
fn on_leaving_what_a_secret_opened_is_closed_by_one_command() {
    for (answered, pin) in [(5, b"1234"), (4, b"1234"), (3, b"1234"), (3, b"9999")] {
        let operation = Operation::plan(vec![signing(), signing()]).expect("a plan");
        operation.give(SecretKind::AuthPin, pin).expect("a PIN");
        operation.connected(261, 258).expect("connected");
        let mut card = card();
        for _ in 0..answered {
            assert_eq!(operation.next(), Ok(Next::Transmit));
            let response = card.command(&operation.command().expect("a command")).expect("an answer");
            operation.feed(&response).expect("fed");
        }
        let done = operation.next();
        assert_eq!(card.is_open(), pin == b"1234", "{done:?}");
        if done == Ok(Next::Transmit) {
            assert!(operation.leave().is_err(), "it still runs");
            operation.cancel().expect_err("cancelled");
        }
        assert_eq!(operation.leave(), Ok(true));
        let before = card.tally().commands;
        drive(&operation, &mut card).expect("closed");
        assert!(!card.is_open());
        assert_eq!(card.tally().commands, before + 1);
        assert_eq!(operation.leave(), Ok(false));
    }
}

#[test]
fn where_no_secret_was_sent_there_is_nothing_to_close() {
    let operation = Operation::plan(vec![Want::CardKind]).expect("a plan");
    operation.connected(261, 258).expect("connected");
    drive(&operation, &mut card()).expect("the plan");
    assert_eq!(operation.leave(), Ok(false));
}

/// A card that is gone, or says no to everything, is not said to be closed.
#[test]
fn a_card_that_does_not_say_yes_is_not_closed() {
    for answer in [None, Some([0x6A, 0x82])] {
        let operation = Operation::plan(vec![signing()]).expect("a plan");
        operation.give(SecretKind::AuthPin, b"1234").expect("a PIN");
        operation.connected(261, 258).expect("connected");
        drive(&operation, &mut card()).expect("a signature");
        assert_eq!(operation.leave(), Ok(true));
        let closed = loop {
            match operation.next() {
                Ok(Next::Transmit) => {
                    operation.command().expect("a command");
                    match answer {
                        Some(answer) => operation.feed(&answer).expect("fed"),
                        None => operation.fail(LinkFailure::CardLost).expect("told"),
                    }
                }
                ended => break ended,
            }
        };
        assert!(matches!(closed, Err(KazasuError::SessionOver { .. })), "{closed:?}");
    }
}

/// Not even the permission for the last try: a change that was refused is made anew.
#[test]
fn a_change_does_not_go_on_after_its_first_error() {
    let mut card = card();
    for pin in [b"9999", b"8888"] {
        let wrong = Operation::change(SecretKind::AuthPin, pin, b"5678").expect("a change");
        wrong.connected(261, 258).expect("connected");
        assert!(matches!(drive(&wrong, &mut card), Err(KazasuError::WrongSecret { .. })));
    }
    let refused = Operation::change(SecretKind::AuthPin, b"1234", b"5678").expect("a change");
    refused.connected(261, 258).expect("connected");
    assert!(matches!(drive(&refused, &mut card), Err(KazasuError::LastTry { .. })));
    assert!(matches!(refused.allow_last_try(SecretKind::AuthPin), Err(KazasuError::Misuse { .. })));
    assert!(matches!(refused.next(), Err(KazasuError::Misuse { .. })));
    let allowed = Operation::change(SecretKind::AuthPin, b"1234", b"5678").expect("a change");
    allowed.allow_last_try(SecretKind::AuthPin).expect("before it");
    allowed.connected(261, 258).expect("connected");
    drive(&allowed, &mut card).expect("changed");
}

/// What was read of the first card is gone when everything begins anew.
#[test]
fn results_of_two_cards_are_never_mixed() {
    let operation = Operation::plan(vec![Want::MyNumber, Want::Attributes]).expect("a plan");
    operation.give(SecretKind::TextPin, b"4321").expect("a PIN");
    operation.connected(261, 258).expect("connected");
    let mut card = card();
    for _ in 0..4 {
        assert_eq!(operation.next(), Ok(Next::Transmit));
        let response = card.command(&operation.command().expect("a command")).expect("an answer");
        operation.feed(&response).expect("fed");
    }
    assert_eq!(operation.next(), Ok(Next::Transmit));
    operation.command().expect("a command");
    operation.fail(LinkFailure::CardLost).expect("told");
    assert!(operation.next().is_err());
    assert!(operation.field(0, Field::Value).expect("a field").is_some());
    operation.connected(261, 258).expect("connected");
    assert!(matches!(operation.next(), Err(KazasuError::SecretRequired { .. })));
    assert!(operation.field(0, Field::Value).expect("a field").is_none());
}
