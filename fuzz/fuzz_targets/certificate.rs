//! Certificates: whatever the bytes are, they are read or refused; and only what the authority signed is believed.
#![no_main]

use kazasu_fixtures::Persona;
use kazasu_pki::finding::Conclusion;
use kazasu_pki::path::examine;
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Anchors, Check, Purpose, Signing, TransientCertificate, UserAuthentication};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

/// A holder's certificate of the demonstration card, and its authority's.
struct Card<P> {
    own: Vec<u8>,
    anchors: Anchors<P>,
}

fn card<P: Purpose>(own: u16, authority: u16) -> Card<P> {
    let persona = Persona::named("adult").expect("a persona");
    let file = |id| persona.file("jpki", id).expect("a certificate");
    Card { own: file(own), anchors: Anchors::test_only(&[&file(authority)]).expect("an authority") }
}

static SIGNING: LazyLock<Card<Signing>> = LazyLock::new(|| card(0x0001, 0x0002));
static AUTHENTICATION: LazyLock<Card<UserAuthentication>> = LazyLock::new(|| card(0x000A, 0x000B));

fn look<P: Purpose>(card: &Card<P>, bytes: &[u8]) -> Option<TransientCertificate<P>> {
    let certificate = TransientCertificate::new(bytes).ok()?;
    let at = UNIX_EPOCH + Duration::from_secs(1_795_132_800);
    let examined = examine(&certificate, &card.anchors, at, &NotAsked).expect("what was read can be examined");
    if examined.findings.conclusion(&[Check::Revocation]) == Conclusion::EverythingAsked {
        assert_eq!(bytes, card.own, "believed, and not the certificate that was signed");
    }
    let glance = certificate.glance().expect("what was read can be read again");
    assert_eq!(glance.days_left(at).is_none(), at > glance.not_after);
    assert_eq!(glance.last_day().len(), 10);
    let _ = (certificate.key(), certificate.policies());
    Some(certificate)
}

fuzz_target!(|bytes: &[u8]| {
    if let Some(certificate) = look(&SIGNING, bytes)
        && let Ok(holder) = certificate.holder()
    {
        assert_eq!(holder.birth().day.len(), 8);
        let _ = (holder.name_characters(), holder.address_characters(), holder.other().count());
    }
    look(&AUTHENTICATION, bytes);
    // As an authority: whatever it says of itself, it can be looked at.
    let _ = Anchors::<Signing>::test_only(&[bytes]);
});
