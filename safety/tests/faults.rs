//! Part 2: whatever the link does, each operation ends with the right error and the next session works.

use kazasu_core::mynumber::jpki::CERTIFICATE_BUFFER;
use kazasu_core::step::block_on;
use kazasu_core::{AuthPin, Capabilities, Error, LastTry, Session};
use kazasu_fixtures::{Persona, Profile, SimCard};
use kazasu_safety::model::world::Fault;
use kazasu_safety::sweep::{Bench, sweep};

#[test]
fn every_operation_ends_well_whatever_the_link_does() {
    let found = sweep(7);
    assert_eq!(found.violations, Vec::<String>::new());
    assert!(found.points > 1_000 && found.resumed > 300, "{} points, {} resumed", found.points, found.resumed);
    // All kinds of ends have been seen, so no fault was a fault in name only.
    for outcome in ["busy", "cancelled", "card-lost", "card-reset", "dropped", "link-failed", "malformed", "overrun"]
        .into_iter()
        .chain(["outcome-unknown", "reader-lost", "refused", "timeout", "too-long", "went on"])
    {
        assert!(found.outcomes.contains_key(outcome), "{outcome}");
    }
}

/// Text and surface application each have a "municipality certificate" in EF 0004, and the rows are equal by value.
#[test]
fn a_slip_in_one_application_is_none_in_another() {
    let persona = Persona::named("adult").expect("a persona");
    let bench = Bench::new(SimCard::new(&persona, Profile::default()).behind(Capabilities::SHORT));
    let mut buf = [0; CERTIFICATE_BUFFER];
    let mut session = Session::new(bench.link(Some((Fault::LostBefore, 2))));
    let slip = block_on(async { session.text().await?.municipality_certificate(&mut buf).await.map(drop) });
    assert!(matches!(slip, Err(Error::Link(_))), "{slip:?}");
    let mut session = session.resume(bench.link(None));
    let read =
        block_on(async { session.surface().await?.municipality_certificate(&mut buf).await.map(<[u8]>::to_vec) });
    assert_eq!(read, Ok(persona.file("surface", 0x0004).expect("the file")));
}

/// The link came late with the answer to VERIFY, and lives. The host leaves as `close` says that hosts without power do.
#[test]
fn closing_after_a_lost_answer_closes_the_keys() {
    let persona = Persona::named("adult").expect("a persona");
    let bench = Bench::new(SimCard::new(&persona, Profile::default()));
    let mut session = Session::new(bench.link(Some((Fault::Late, 2))));
    let pin = AuthPin::new("1234").expect("a PIN");
    let lost = block_on(async { session.jpki().await?.unlock(pin, LastTry::Refuse).await.map(drop) });
    assert!(matches!(lost, Err(Error::OutcomeUnknown { .. })), "{lost:?}");
    assert!(bench.card.borrow().is_open());
    let (_, closed) = block_on(session.close());
    assert!(closed);
    assert!(!bench.card.borrow().is_open());
}
