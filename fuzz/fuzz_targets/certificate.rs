//! Certificates: whatever the bytes are, they are read or refused; and only what the authority signed is believed.
#![no_main]

use kazasu_fuzz::{AUTHENTICATION, Card, SIGNING, everything, today};
use kazasu_pki::path::examine;
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Anchors, Purpose, Signing, TransientCertificate};
use libfuzzer_sys::fuzz_target;

fn look<P: Purpose>(card: &Card<P>, bytes: &[u8]) -> Option<TransientCertificate<P>> {
    let certificate = TransientCertificate::new(bytes).ok()?;
    let at = today();
    let examined = examine(&certificate, &card.anchors, at, &NotAsked).expect("what was read can be examined");
    if everything(&examined.findings) {
        assert_eq!(bytes, card.certificate, "believed, and not the certificate that was signed");
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
