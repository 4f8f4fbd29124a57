//! Part 2: a read that slipped goes on where it stopped, whatever is asked meanwhile; and closing tells the truth.

use kazasu_core::mynumber::jpki::{CERTIFICATE_BUFFER, FreeCertificate};
use kazasu_core::step::block_on;
use kazasu_core::{Capabilities, Error, Session, Transport};
use kazasu_fixtures::{Persona, Profile, SimCard};
use kazasu_safety::model::world::Fault;
use kazasu_safety::sweep::{Bench, Faulty};

fn bench() -> Bench {
    let persona = Persona::named("adult").expect("a persona");
    Bench::new(SimCard::new(&persona, Profile::default()).behind(Capabilities::SHORT))
}

fn file(application: &str, id: u16) -> Vec<u8> {
    Persona::named("adult").expect("a persona").file(application, id).expect("the file")
}

async fn certificate<T: Transport>(session: &mut Session<T>, buf: &mut [u8]) -> Result<Vec<u8>, Error> {
    session.jpki().await?.certificate(FreeCertificate::Auth, buf).await.map(<[u8]>::to_vec)
}

/// A session that slipped in the fourth READ of the certificate, which stands in `buf` as far as it came.
fn slipped<'b>(bench: &'b Bench, buf: &mut [u8]) -> Session<Faulty<'b>> {
    let mut session = Session::new(bench.link(Some((Fault::LostBefore, 4))));
    assert!(matches!(block_on(certificate(&mut session, buf)), Err(Error::Link(_))));
    session
}

fn reads(bench: &Bench) -> usize {
    bench.sent().iter().filter(|sent| sent.ins == 0xB0).count()
}

#[test]
fn a_second_slip_during_the_proof_keeps_the_place() {
    let bench = bench();
    let mut buf = [0; CERTIFICATE_BUFFER];
    let session = slipped(&bench, &mut buf);
    let mut session = session.resume(bench.link(Some((Fault::LostBefore, 1))));
    assert!(matches!(block_on(certificate(&mut session, &mut buf)), Err(Error::Link(_))));
    let mut session = session.resume(bench.link(None));
    assert_eq!(block_on(certificate(&mut session, &mut buf)), Ok(file("jpki", 0x000A)));
    // Seven READs in all, three of them done, and the proof.
    assert!(reads(&bench) <= 5, "read from its start again");
}

#[test]
fn recognising_the_card_after_a_slip_keeps_the_place() {
    let bench = bench();
    let mut buf = [0; CERTIFICATE_BUFFER];
    let session = slipped(&bench, &mut buf);
    let mut session = session.resume(bench.link(None));
    block_on(session.recognise()).expect("a card");
    assert_eq!(block_on(certificate(&mut session, &mut buf)), Ok(file("jpki", 0x000A)));
    // As above, and the one that recognises.
    assert!(reads(&bench) <= 6, "read from its start again");
}

#[test]
fn asking_the_ended_session_again_keeps_the_place() {
    let bench = bench();
    let mut buf = [0; CERTIFICATE_BUFFER];
    let mut session = slipped(&bench, &mut buf);
    assert_eq!(block_on(certificate(&mut session, &mut buf)), Err(Error::SessionOver));
    let mut session = session.resume(bench.link(None));
    assert_eq!(block_on(certificate(&mut session, &mut buf)), Ok(file("jpki", 0x000A)));
    assert!(reads(&bench) <= 5, "read from its start again");
}

/// Another program has opened its key meanwhile, and left it so.
#[test]
fn closing_says_yes_only_when_the_card_did() {
    let bench = bench();
    let mut session = Session::new(bench.link(None));
    block_on(session.data_object(0x00F2, &mut [0; 300])).expect("the object");
    for command in [&b"\0\xA4\x04\x0C\x0A\xD3\x92\xF0\0\x26\x01\0\0\0\x01"[..], b"\0\x20\0\x98\x041234"] {
        assert_eq!(bench.card.borrow_mut().command(command), Some(vec![0x90, 0x00]));
    }
    let (_, closed) = block_on(session.close());
    assert!(!closed || !bench.card.borrow().is_open());
}
