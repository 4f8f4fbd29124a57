//! Signatures are made in two phases, and nothing comes out that the certificate does not verify.

mod common;

use common::{CardKey, authority, certificate, today, with_key};
use kazasu_pki::cms::{Extras, Prepared, Profile, prepare, size_bound};
use kazasu_pki::sign::{FinishError, PrepareError};
use kazasu_pki::{Algorithm, DisclosureAck, Signing, TransientCertificate, UserAuthentication};

const TOLD: DisclosureAck = DisclosureAck::the_file_will_show_name_address_birth_date_and_sex();
const CONTENT: &[u8] = b"The content.\r\n";

fn profiles() -> [Profile; 3] {
    [
        Profile::Plain { signing_time: today() },
        Profile::Cades { signing_time: None },
        Profile::Cades { signing_time: Some(today()) },
    ]
}

fn cards() -> [(CardKey, TransientCertificate<Signing>); 2] {
    let next = CardKey::p384();
    let certificate_of_next = with_key(&next);
    [(CardKey::of::<Signing>(), certificate()), (next, certificate_of_next)]
}

#[test]
fn each_profile_with_each_generation_of_card_fits_into_the_room_that_was_left_for_it() {
    let ca = authority("sign-ca-2");
    for (key, certificate) in cards() {
        let algorithm = certificate.key().expect("a key").algorithm();
        let digest = algorithm.digest(CONTENT).digest;
        for profile in profiles() {
            let prepared = prepare(&digest, &certificate, profile, TOLD).expect("prepared");
            let signature = key.sign(&prepared.to_be_signed());
            let detached = prepared.finish(&certificate, &signature, Extras::default()).expect("finished");
            let length = certificate.with_der(<[u8]>::len);
            assert!(detached.len() <= size_bound(length, 0), "{} {profile:?}", detached.len());
            let extras = Extras { authorities: &[&ca], ..Extras::default() };
            let with_authority = prepared.finish(&certificate, &signature, extras).expect("finished");
            assert!(with_authority.len() <= size_bound(length, ca.len()));
            assert!(with_authority.windows(ca.len()).any(|window| window == ca));
        }
    }
}

#[test]
fn openssl_accepts_each_of_them_and_no_other_content() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let anchors = ["sign-ca-1", "sign-ca-2"]
        .map(|name| std::fs::read(format!("{}/../fixtures/cards/pki/{name}.pem", env!("CARGO_MANIFEST_DIR"))));
    std::fs::write(path("anchors"), anchors.map(|pem| pem.expect("an authority")).concat()).expect("written");
    std::fs::write(path("content"), CONTENT).expect("written");
    std::fs::write(path("other"), b"another").expect("written");
    for (key, certificate) in cards() {
        let digest = certificate.key().expect("a key").algorithm().digest(CONTENT).digest;
        for profile in profiles() {
            let prepared = prepare(&digest, &certificate, profile, TOLD).expect("prepared");
            let signature = key.sign(&prepared.to_be_signed());
            let signed = prepared.finish(&certificate, &signature, Extras::default()).expect("finished");
            std::fs::write(path("signed"), signed).expect("written");
            let accepts = |content: &str| {
                let mut openssl = std::process::Command::new("openssl");
                openssl
                    .current_dir(folder.path())
                    .args(["cms", "-verify", "-binary", "-inform", "DER", "-in", "signed"]);
                openssl.args(["-content", content, "-CAfile", "anchors", "-purpose", "any", "-out", "out"]);
                if matches!(profile, Profile::Cades { .. }) {
                    openssl.arg("-cades");
                }
                openssl.output().expect("openssl is installed")
            };
            let accepted = accepts("content");
            assert!(accepted.status.success(), "{profile:?}: {}", String::from_utf8_lossy(&accepted.stderr));
            assert!(!accepts("other").status.success(), "{profile:?}");
        }
    }
}

#[test]
fn what_waits_between_the_phases_is_plain_bytes() {
    let (key, certificate) = (CardKey::of::<Signing>(), certificate());
    let digest = Algorithm::Rs256.digest(CONTENT).digest;
    let prepared = prepare(&digest, &certificate, Profile::Cades { signing_time: None }, TOLD).expect("prepared");
    let sent = prepared.as_bytes().to_vec();
    let signature = key.sign(&prepared.to_be_signed());
    let again = Prepared::from_bytes(&sent, &certificate, TOLD).expect("prepared");
    assert_eq!(
        again.finish(&certificate, &signature, Extras::default()),
        prepared.finish(&certificate, &signature, Extras::default())
    );
    for wrong in [&[][..], b"x", &sent[1..]] {
        assert_eq!(Prepared::from_bytes(wrong, &certificate, TOLD), Err(FinishError::NotPrepared));
    }
}

#[test]
fn several_things_are_signed_in_one_batch() {
    let (key, certificate) = (CardKey::of::<Signing>(), certificate());
    let contents: [&[u8]; 3] = [b"one", b"two", b""];
    let prepared = contents.map(|content| {
        let digest = Algorithm::Rs256.digest(content).digest;
        prepare(&digest, &certificate, Profile::Cades { signing_time: Some(today()) }, TOLD).expect("prepared")
    });
    let signatures: Vec<_> = prepared.iter().map(|prepared| key.sign(&prepared.to_be_signed())).collect();
    for ((prepared, signature), content) in prepared.iter().zip(&signatures).zip(contents) {
        let extras = Extras { content: Some(content), ..Extras::default() };
        assert!(prepared.finish(&certificate, signature, extras).is_ok());
    }
    let swapped = prepared[0].finish(&certificate, &signatures[1], Extras::default());
    assert!(matches!(swapped, Err(FinishError::WrongSignature(_))));
}

#[test]
fn nothing_is_returned_that_the_certificate_does_not_verify() {
    for (key, certificate) in cards() {
        let digest = certificate.key().expect("a key").algorithm().digest(CONTENT).digest;
        let prepared =
            prepare(&digest, &certificate, Profile::Plain { signing_time: today() }, TOLD).expect("prepared");
        let good = key.sign(&prepared.to_be_signed());
        for at in 0..good.len() {
            let mut signature = good.clone();
            signature[at] ^= 1;
            let refused = prepared.finish(&certificate, &signature, Extras::default());
            assert!(matches!(refused, Err(FinishError::WrongSignature(_))), "byte {at}");
        }
        assert!(matches!(prepared.finish(&certificate, &[], Extras::default()), Err(FinishError::WrongSignature(_))));
        assert!(prepared.finish(&certificate, &good, Extras::default()).is_ok());
    }
}

#[test]
fn what_was_prepared_is_for_one_content_and_one_certificate() {
    let [(key, today_s), (_, next)] = cards();
    let digest = Algorithm::Rs256.digest(CONTENT).digest;
    let prepared = prepare(&digest, &today_s, Profile::Cades { signing_time: None }, TOLD).expect("prepared");
    let signature = key.sign(&prepared.to_be_signed());
    let extras = Extras { content: Some(b"another"), ..Extras::default() };
    assert_eq!(prepared.finish(&today_s, &signature, extras), Err(FinishError::OtherContent));
    assert_eq!(prepared.finish(&next, &signature, Extras::default()), Err(FinishError::OtherCertificate));
    let renewed = with_key::<Signing>(&key);
    assert_eq!(prepared.finish(&renewed, &signature, Extras::default()), Err(FinishError::OtherCertificate));
    let extras = Extras { authorities: &[b"not one"], ..Extras::default() };
    assert_eq!(prepared.finish(&today_s, &signature, extras), Err(FinishError::Authority));
    // The key of the other certificate on the card is not the one of this certificate.
    let other = CardKey::of::<UserAuthentication>().sign(&prepared.to_be_signed());
    assert!(matches!(prepared.finish(&today_s, &other, Extras::default()), Err(FinishError::WrongSignature(_))));
}

#[test]
fn a_digest_of_another_hash_function_is_refused_before_the_tap() {
    let [(_, today_s), (_, next)] = cards();
    let sha256 = Algorithm::Rs256.digest(CONTENT).digest;
    let sha384 = Algorithm::Es384.digest(CONTENT).digest;
    let profile = Profile::Cades { signing_time: None };
    assert_eq!(prepare(&sha384, &today_s, profile, TOLD), Err(PrepareError::OtherHash(Algorithm::Rs256)));
    assert_eq!(prepare(&sha256, &next, profile, TOLD), Err(PrepareError::OtherHash(Algorithm::Es384)));
    let before_unix = std::time::UNIX_EPOCH - std::time::Duration::from_secs(1);
    let refused = prepare(&sha256, &today_s, Profile::Plain { signing_time: before_unix }, TOLD);
    assert_eq!(refused, Err(PrepareError::Time));
}
