//! The demonstration card's certificates under the test authorities, and under the real ones.

use der::DecodePem as _;
use der::Encode as _;
use kazasu_fixtures::Persona;
use kazasu_pki::finding::Conclusion;
use kazasu_pki::path::examine;
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Anchors, Check, Outcome, Purpose, Reason, Signing, TransientCertificate, UserAuthentication, WhyNot};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn anchors<P: Purpose>(names: [&str; 2]) -> Anchors<P> {
    let authorities = names.map(|name| {
        let pem = std::fs::read(format!("{}/../fixtures/cards/pki/{name}.pem", env!("CARGO_MANIFEST_DIR")));
        let certificate = x509_cert::Certificate::from_pem(pem.expect("an authority")).expect("a certificate");
        certificate.to_der().expect("DER")
    });
    Anchors::test_only(&[&authorities[0], &authorities[1]]).expect("anchors")
}

fn certificate<P: Purpose>(file: u16) -> TransientCertificate<P> {
    let persona = Persona::named("adult").expect("a persona");
    TransientCertificate::new(&persona.file("jpki", file).expect("a certificate")).expect("a certificate")
}

/// 2026-11-20.
fn today() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_795_132_800)
}

#[test]
fn the_demonstration_cards_certificates_hold_in_everything_but_revocation_and_are_stamped_as_a_tests() {
    let signing = examine(&certificate::<Signing>(0x01), &anchors(["sign-ca-1", "sign-ca-2"]), today(), &NotAsked)
        .expect("findings");
    let authentication =
        examine(&certificate::<UserAuthentication>(0x0A), &anchors(["auth-ca-1", "auth-ca-2"]), today(), &NotAsked)
            .expect("findings");
    for examined in [signing, authentication] {
        assert_eq!(examined.findings.conclusion(&[Check::Revocation]), Conclusion::EverythingAsked);
        let asked = examined.findings.conclusion(&[]);
        assert_eq!(asked, Conclusion::NotEverything(Check::Revocation, WhyNot::NotAsked));
        assert!(examined.findings.test());
    }
}

#[test]
fn a_test_certificate_is_nothing_to_the_real_authorities() {
    let examined =
        examine(&certificate::<Signing>(0x01), &Anchors::production(), today(), &NotAsked).expect("findings");
    assert_eq!(examined.findings.of(Check::Issuer), Some(Outcome::Fails(Reason::UnknownIssuer)));
    // A policy is its authority's, and this one is nobody's.
    assert_eq!(examined.findings.of(Check::Policy), Some(Outcome::NotChecked(WhyNot::TestPolicy)));
    assert!(!examined.findings.test());
}

#[test]
fn the_holder_is_read_from_six_other_names() {
    let certificate = certificate::<Signing>(0x01);
    let holder = certificate.holder().expect("a holder");
    assert_eq!(holder.birth().day.len(), 8);
    assert!(holder.address_characters().is_some_and(|characters| !characters.is_empty()));
    assert_eq!(format!("{holder:?}"), "Holder(…)");
}
