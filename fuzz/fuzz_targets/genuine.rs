//! Proofs that a card is genuine, as JSON: a municipality's signature stands behind whatever comes out.
#![no_main]

use kazasu_fixtures::authorities::cv_authorities;
use kazasu_fuzz::{AUTHENTICATION, today};
use kazasu_pki::cv::{Chain, CvAuthorities, CvAuthority};
use kazasu_pki::genuine::{AtHand, Challenge, Claim, HolderTrust, Proof, Trust, verify};
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Check, Nonce, Outcome};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static AUTHORITIES: LazyLock<CvAuthorities> = LazyLock::new(|| {
    let chain = |application: &str| match application {
        "text" => Chain::Text,
        "surface" => Chain::Surface,
        _ => Chain::MasterFile,
    };
    let rows = cv_authorities();
    let rows = rows.iter().map(|row| CvAuthority { chain: chain(&row.application), id: row.id, modulus: row.modulus });
    CvAuthorities::test_only(&rows.collect::<Vec<_>>())
});

fuzz_target!(|json: &[u8]| {
    let Ok(proof) = Proof::from_json(json) else { return };
    let holder =
        HolderTrust { anchors: &AUTHENTICATION.anchors, revocation: &NotAsked, audience: "https://verifier.example" };
    let trust = Trust { municipalities: &AUTHORITIES, holder: Some(holder), at: today() };
    let nonce = Nonce::from_bytes(&[0x5A; 32]).expect("a nonce");
    let genuine = verify(&proof, &Challenge::unremembered(nonce), &trust, AtHand::default());
    let holds = |check| genuine.findings.of(check) == Some(Outcome::Holds);
    if genuine.attributes().is_some() {
        assert!(holds(Check::TextCertificate) && holds(Check::TextIntegrity) && holds(Check::TextAttributes));
    }
    if genuine.face().is_some() {
        assert!(holds(Check::SurfaceCertificate) && holds(Check::FaceSignature) && holds(Check::FacePhoto));
    }
    for claim in [Claim::CardPresent, Claim::HolderEnteredPin] {
        let _ = genuine.proves(claim, &[Check::Nonce, Check::Revocation]);
    }
    // What was read is written so that it is read as the same again.
    let again = Proof::from_json(proof.to_json().as_bytes()).expect("a proof");
    assert_eq!(*again.to_json(), *proof.to_json());
});
