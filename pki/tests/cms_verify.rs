//! What is found about signatures: each that we make holds, and whatever is wrong with one has its own reason.

mod common;

use common::by_hand::{
    ByHand, content_type, hex, id_of, message_digest, signing_certificate, signing_certificate_by_sha1, tlv,
};
use common::{
    CONTENT, CardKey, OnTheCard as _, anchors, authority, certificate, certificate_der, reissued, today, with_key,
};
use der::{Decode as _, Encode as _};
use kazasu_pki::cms::{CmsError, ContentDigests, Extras, Profile, SignedFile, Signer, Trust, prepare, without_padding};
use kazasu_pki::finding::{Conclusion, Findings};
use kazasu_pki::hash::Hash;
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Check, DisclosureAck, Outcome, Reason, Signing, TransientCertificate, UserAuthentication, WhyNot};
use sha2::{Digest as _, Sha256};
use std::time::{Duration, SystemTime};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages};

const TOLD: DisclosureAck = DisclosureAck::the_file_will_show_name_address_birth_date_and_sex();
const DAY: Duration = Duration::from_secs(86_400);

// ---- making

fn signed(key: &CardKey, certificate: &TransientCertificate<Signing>, profile: Profile, attached: bool) -> Vec<u8> {
    let digest = certificate.key().expect("a key").algorithm().digest(CONTENT).digest;
    let prepared = prepare(&digest, certificate, profile, TOLD).expect("prepared");
    let extras = Extras { content: attached.then_some(CONTENT), ..Extras::default() };
    prepared.finish(certificate, &key.sign(&prepared.to_be_signed()), extras).expect("finished")
}

fn with_authority(der: &[u8]) -> Vec<u8> {
    let certificate = certificate::<Signing>();
    let digest = certificate.key().expect("a key").algorithm().digest(CONTENT).digest;
    let prepared = prepare(&digest, &certificate, cades(), TOLD).expect("prepared");
    let extras = Extras { authorities: &[der], ..Extras::default() };
    prepared.finish(&certificate, &key().sign(&prepared.to_be_signed()), extras).expect("finished")
}

const fn cades() -> Profile {
    Profile::Cades { signing_time: None }
}

fn ours(attached: bool) -> Vec<u8> {
    signed(&CardKey::of::<Signing>(), &certificate(), cades(), attached)
}

// ---- looking

fn look_at(file: &[u8], content: Option<&[u8]>, at: SystemTime, cades: bool) -> Result<Vec<Signer>, CmsError> {
    let file = SignedFile::parse(file)?;
    let digests = content.map(|content| {
        let mut hasher = file.hasher();
        std::io::copy(&mut &content[..], &mut hasher).expect("memory");
        hasher.finish()
    });
    let anchors = anchors::<Signing>();
    let trust = Trust { anchors: &anchors, revocation: &NotAsked, at, timestamp_authorities: &[], cades };
    Ok(file.verify(digests.as_ref(), &trust))
}

fn findings(file: &[u8]) -> Findings {
    let signers = look_at(file, Some(CONTENT), today(), true).expect("a signature");
    assert_eq!(signers.len(), 1);
    signers.into_iter().next().expect("a signer").findings
}

#[track_caller]
fn fails(file: &[u8], check: Check, reason: Reason) {
    let findings = findings(file);
    assert_eq!(findings.of(check), Some(Outcome::Fails(reason)), "{findings:?}");
    assert!(matches!(findings.conclusion(&[Check::Revocation]), Conclusion::Fails(..)));
}

fn everything(findings: &Findings) -> bool {
    findings.conclusion(&[Check::Revocation]) == Conclusion::EverythingAsked
}

fn key() -> CardKey {
    CardKey::of::<Signing>()
}

#[test]
fn every_signature_that_we_make_holds_in_everything_but_revocation() {
    for profile in [Profile::Plain { signing_time: today() }, cades(), Profile::Cades { signing_time: Some(today()) }] {
        for attached in [false, true] {
            let file = signed(&key(), &certificate(), profile, attached);
            let wants_cades = profile != Profile::Plain { signing_time: today() };
            let content = (!attached).then_some(CONTENT);
            let signers = look_at(&file, content, today(), wants_cades).expect("a signature");
            let [signer] = &signers[..] else { panic!("one signature") };
            assert!(everything(&signer.findings), "{profile:?} {:?}", signer.findings);
            assert!(signer.findings.test());
            assert_eq!(signer.findings.of(Check::SigningCertificate).is_some(), wants_cades);
            assert_eq!(signer.claimed_time.is_some(), profile != cades());
            let holder = signer.certificate.as_ref().expect("a certificate").holder().expect("a holder");
            assert!(!holder.name().is_empty());
        }
    }
}

#[test]
fn the_next_cards_signature_holds_and_its_certificate_is_not_of_todays_cards() {
    let next = CardKey::p384();
    let signers = look_at(&signed(&next, &with_key(&next), cades(), true), None, today(), true).expect("a signature");
    let findings = &signers[0].findings;
    for check in [Check::SignatureAlgorithm, Check::SignatureValue, Check::SigningCertificate, Check::ContentDigest] {
        assert_eq!(findings.of(check), Some(Outcome::Holds), "{check:?}");
    }
    assert_eq!(findings.of(Check::Key), Some(Outcome::Fails(Reason::Weak)));
}

#[test]
fn what_is_written_by_hand_holds_where_nothing_is_wrong() {
    assert!(everything(&findings(&ByHand::new(&certificate_der::<Signing>()).signed(&key()))));
}

#[test]
fn one_byte_flipped_anywhere_is_found() {
    let plain = Profile::Plain { signing_time: today() };
    let files: [(_, &[u8]); 3] = [
        (ours(false), &[0x01, 0x20, 0x80]),
        (signed(&key(), &certificate(), plain, true), &[0x01, 0x80]),
        (with_authority(&authority("sign-ca-2")), &[0x01]),
    ];
    for (file, flips) in files {
        let detached = SignedFile::parse(&file).expect("a signature").content().is_none();
        let content = detached.then_some(CONTENT);
        for at in 0..file.len() {
            for flip in flips {
                let mut flipped = file.clone();
                flipped[at] ^= flip;
                let found = look_at(&flipped, content, today(), false);
                let missed = found.is_ok_and(|signers| signers.iter().all(|signer| everything(&signer.findings)));
                assert!(!missed, "byte {at} ^ {flip:02X} of {} went unnoticed", file.len());
            }
        }
    }
}

#[test]
fn a_file_that_ends_early_or_late_is_refused() {
    let file = ours(true);
    for end in 0..file.len() {
        assert!(SignedFile::parse(&file[..end]).is_err(), "{end}");
    }
    assert_eq!(SignedFile::parse(&[&file[..], b"xy"].concat()).err(), Some(CmsError::Trailing(2)));
    let padded = [&file[..], &[0; 100]].concat();
    assert_eq!(without_padding(&padded), Some(&file[..]));
    assert_eq!(without_padding(&[&padded[..], b"x"].concat()), None);
    assert_eq!(without_padding(&file[..20]), None);
}

#[test]
fn what_is_no_signature_is_refused_with_its_reason() {
    // openssl cms -sign -stream -outform DER begins like this.
    let indefinite = hex("3080 06092A864886F70D010702 A080 3080 020101");
    assert_eq!(SignedFile::parse(&indefinite).err(), Some(CmsError::Indefinite));
    let data = tlv(0x30, &[&hex("06092A864886F70D010701"), &tlv(0xA0, &[&tlv(0x04, &[b"x"])])]);
    assert_eq!(SignedFile::parse(&data).err(), Some(CmsError::NotSignedData));
    assert_eq!(SignedFile::parse(b"%PDF-1.7").err(), Some(CmsError::Malformed));
    let by_hand = ByHand::new(&certificate_der::<Signing>());
    assert_eq!(SignedFile::parse(&by_hand.file(&[])).err(), Some(CmsError::NoSigner));
    let info = by_hand.info(&key());
    assert_eq!(SignedFile::parse(&by_hand.file(&vec![info; 65])).err(), Some(CmsError::TooLarge));
    let mut long = ByHand::new(&certificate_der::<Signing>());
    long.unsigned = tlv(0xA1, &[&[0; 65_537]]);
    assert_eq!(SignedFile::parse(&long.signed(&key())).err(), Some(CmsError::TooLarge));
}

#[test]
fn a_digest_that_was_made_elsewhere_is_compared_where_the_signature_names_one_of_its_hash_function() {
    let looked = |file: &[u8], content: &[u8]| {
        let anchors = anchors::<Signing>();
        let trust =
            Trust { anchors: &anchors, revocation: &NotAsked, at: today(), timestamp_authorities: &[], cades: true };
        let digests = ContentDigests::from(Hash::Sha256.digest(content));
        let findings =
            SignedFile::parse(file).expect("a signature").verify(Some(&digests), &trust).swap_remove(0).findings;
        (findings.of(Check::ContentDigest).expect("a line"), findings.conclusion(&[Check::Revocation, Check::Key]))
    };
    assert_eq!(looked(&ours(false), CONTENT), (Outcome::Holds, Conclusion::EverythingAsked));
    assert_eq!(looked(&ours(false), b"another").0, Outcome::Fails(Reason::Changed));
    assert_eq!(looked(&ours(true), b"another").0, Outcome::Fails(Reason::Changed), "what is inside is not enough");
    // The next card's signatures name a SHA-384: neither the right content nor another one is told as changed.
    let next = CardKey::p384();
    for attached in [false, true] {
        let file = signed(&next, &with_key(&next), cades(), attached);
        for content in [CONTENT, b"another"] {
            assert_eq!(looked(&file, content).0, Outcome::NotChecked(WhyNot::OtherHash));
        }
    }
}

#[test]
fn another_content_is_found_and_no_content_is_not_taken_for_the_right_one() {
    let detached = look_at(&ours(false), Some(b"The content?\r\n"), today(), true).expect("a signature");
    assert_eq!(detached[0].findings.of(Check::ContentDigest), Some(Outcome::Fails(Reason::Changed)));
    let nothing = look_at(&ours(false), None, today(), true).expect("a signature");
    let conclusion = nothing[0].findings.conclusion(&[Check::Revocation]);
    assert_eq!(conclusion, Conclusion::NotEverything(Check::ContentDigest, WhyNot::NoContent));
    // What is handed in has to be the attached content, too.
    let attached = look_at(&ours(true), Some(b"another"), today(), true).expect("a signature");
    assert_eq!(attached[0].findings.of(Check::ContentDigest), Some(Outcome::Fails(Reason::Changed)));
}

#[test]
fn attributes_out_of_order_missing_or_repeated_are_found() {
    let certificate = certificate_der::<Signing>();
    let with = |attributes: Vec<Vec<u8>>| {
        let by_hand = ByHand { attributes, ..ByHand::new(&certificate) };
        by_hand.signed(&key())
    };
    let ess = signing_certificate(&certificate);
    let unordered = with(vec![message_digest(CONTENT), content_type(), ess.clone()]);
    fails(&unordered, Check::SignedAttributes, Reason::NotDer);
    let without_type = with(vec![message_digest(CONTENT), ess.clone()]);
    fails(&without_type, Check::ContentType, Reason::Missing);
    let without_digest = with(vec![content_type(), ess.clone()]);
    fails(&without_digest, Check::ContentDigest, Reason::Missing);
    for second in [b"another".as_slice(), CONTENT] {
        let twice = with(vec![content_type(), message_digest(CONTENT), message_digest(second), ess.clone()]);
        fails(&twice, Check::ContentDigest, Reason::Repeated);
        fails(&twice, Check::SignedAttributes, Reason::Repeated);
    }
    let two_values = tlv(
        0x30,
        &[
            &hex("06092A864886F70D010904"),
            &tlv(0x31, &[&tlv(0x04, &[&Sha256::digest(CONTENT)]), &tlv(0x04, &[&Sha256::digest(b"x")])]),
        ],
    );
    fails(&with(vec![content_type(), ess.clone(), two_values]), Check::ContentDigest, Reason::Repeated);
    let other_type = hex("3018 06092A864886F70D010903 310B 06092A864886F70D010702");
    fails(&with(vec![other_type, message_digest(CONTENT), ess.clone()]), Check::ContentType, Reason::Mismatch);
    let garbage = hex("3018 06092A864886F70D010903 310B 04092A864886F70D010701");
    fails(&with(vec![garbage, message_digest(CONTENT), ess]), Check::ContentType, Reason::Malformed);
}

#[test]
fn a_signature_that_does_not_name_its_certificate_or_names_another_is_found() {
    let certificate = certificate_der::<Signing>();
    let mut by_hand = ByHand::new(&certificate);
    by_hand.attributes.truncate(2);
    let file = by_hand.signed(&key());
    fails(&file, Check::SigningCertificate, Reason::Missing);
    let not_demanded = look_at(&file, Some(CONTENT), today(), false).expect("a signature");
    assert!(everything(&not_demanded[0].findings));
    // By SHA-1 timestamps alone may do so.
    let mut by_sha1 = ByHand::new(&certificate);
    by_sha1.attributes[2] = signing_certificate_by_sha1(&certificate);
    by_sha1.attributes.sort();
    fails(&by_sha1.signed(&key()), Check::SigningCertificate, Reason::Missing);
    by_hand.attributes.push(signing_certificate(&certificate_der::<UserAuthentication>()));
    let file = by_hand.signed(&key());
    fails(&file, Check::SigningCertificate, Reason::OtherCertificate);
    let not_demanded = look_at(&file, Some(CONTENT), today(), false).expect("a signature");
    assert!(!everything(&not_demanded[0].findings), "what is there is looked at");
}

#[test]
fn each_signature_of_several_has_its_own_table() {
    let first = ByHand::new(&certificate_der::<Signing>());
    let other = reissued::<Signing>(|tbs| {
        tbs.serial_number = x509_cert::serial_number::SerialNumber::new(&[0x77]).expect("a serial number");
    });
    let mut second = ByHand::new(&other);
    second.attributes[1] = message_digest(b"something else");
    let mut both = ByHand::new(&certificate_der::<Signing>());
    both.certificates.push(other);
    let file = both.file(&[first.info(&key()), second.info(&key())]);
    let signers = look_at(&file, Some(CONTENT), today(), true).expect("signatures");
    assert_eq!(signers.len(), 2);
    assert!(everything(&signers[0].findings), "{:?}", signers[0].findings);
    assert_eq!(signers[1].findings.of(Check::ContentDigest), Some(Outcome::Fails(Reason::Changed)));
    assert_eq!(signers[1].findings.of(Check::SignatureValue), Some(Outcome::Holds));
}

#[test]
fn a_signer_info_that_was_given_another_signer_is_found() {
    let renewed = reissued::<Signing>(|tbs| {
        tbs.serial_number = x509_cert::serial_number::SerialNumber::new(&[0x78]).expect("a serial number");
    });
    // The same key, so only what the signature itself names tells the two certificates apart.
    let mut by_hand = ByHand::new(&certificate_der::<Signing>());
    by_hand.certificates.push(renewed.clone());
    by_hand.id = id_of(&renewed);
    fails(&by_hand.signed(&key()), Check::SigningCertificate, Reason::OtherCertificate);
    // Another key.
    by_hand.certificates[1] = with_key::<Signing>(&CardKey::of::<UserAuthentication>()).with_der(<[u8]>::to_vec);
    by_hand.id = id_of(&by_hand.certificates[1]);
    let file = by_hand.signed(&key());
    assert_eq!(findings(&file).of(Check::SignerCertificate), Some(Outcome::Fails(Reason::Ambiguous)));
}

#[test]
fn the_certificate_has_to_be_there_once_and_have_the_key() {
    let certificate = certificate_der::<Signing>();
    let mut by_hand = ByHand::new(&certificate);
    by_hand.certificates = vec![certificate_der::<UserAuthentication>()];
    fails(&by_hand.signed(&key()), Check::SignerCertificate, Reason::NoCertificate);
    // Nothing that was asked for is missing in the table.
    let found = findings(&by_hand.signed(&key()));
    let everything_here = findings(&ByHand::new(&certificate).signed(&key()));
    for line in everything_here.lines() {
        assert!(found.of(line.check).is_some(), "{} is lost", line.check.code());
    }
    for check in [Check::Issuer, Check::Validity, Check::Revocation] {
        assert_eq!(found.of(check), Some(Outcome::NotChecked(WhyNot::Moot)));
    }
    let mismatched = with_key::<Signing>(&CardKey::of::<UserAuthentication>()).with_der(<[u8]>::to_vec);
    fails(&ByHand::new(&mismatched).signed(&key()), Check::SignatureValue, Reason::Signature);
    by_hand.certificates = vec![certificate.clone(), certificate];
    assert!(everything(&findings(&by_hand.signed(&key()))), "the same one twice is one");
}

#[test]
fn a_signer_named_by_its_key_identifier_is_found() {
    use x509_cert::ext::pkix::SubjectKeyIdentifier;
    let certificate = certificate_der::<Signing>();
    let parsed = Certificate::from_der(&certificate).expect("a certificate").tbs_certificate;
    let (_, id) = parsed.get::<SubjectKeyIdentifier>().expect("extensions").expect("a key identifier");
    let by_hand = ByHand { id: tlv(0x80, &[id.0.as_bytes()]), ..ByHand::new(&certificate) };
    assert!(everything(&findings(&by_hand.signed(&key()))));
    let by_hand = ByHand { id: tlv(0x80, &[&[0; 20]]), ..by_hand };
    fails(&by_hand.signed(&key()), Check::SignerCertificate, Reason::NoCertificate);
}

#[test]
fn the_key_that_logs_in_signs_no_document() {
    let file = ByHand::new(&certificate_der::<UserAuthentication>()).signed(&CardKey::of::<UserAuthentication>());
    fails(&file, Check::Issuer, Reason::UnknownIssuer);
    fails(&file, Check::KeyUsage, Reason::OtherPurpose);
    fails(&file, Check::ExtendedKeyUsage, Reason::Usage);
    assert_eq!(findings(&file).of(Check::SignatureValue), Some(Outcome::Holds));
}

fn replace<T: der::Encode + der::oid::AssociatedOid>(tbs: &mut x509_cert::TbsCertificate, value: &T) {
    let extension = x509_cert::ext::Extension {
        extn_id: T::OID,
        critical: true,
        extn_value: der::asn1::OctetString::new(value.to_der().expect("DER")).expect("octets"),
    };
    let extensions = tbs.extensions.as_mut().expect("extensions");
    extensions.retain(|extension| extension.extn_id != T::OID);
    extensions.push(extension);
}

#[test]
fn a_certificate_for_something_else_is_found() {
    let usage = reissued::<Signing>(|tbs| replace(tbs, &KeyUsage(KeyUsages::DigitalSignature.into())));
    fails(&ByHand::new(&usage).signed(&key()), Check::KeyUsage, Reason::Usage);
    let ca = reissued::<Signing>(|tbs| replace(tbs, &BasicConstraints { ca: true, path_len_constraint: None }));
    fails(&ByHand::new(&ca).signed(&key()), Check::BasicConstraints, Reason::Authority);
    // Issued by a holder, who is no authority.
    let mut by_holder = Certificate::from_der(&reissued::<Signing>(|_| {})).expect("a certificate");
    let CardKey::Rsa(holder) = key() else { panic!("RSA") };
    let bytes = by_holder.tbs_certificate.to_der().expect("DER");
    let signature = kazasu_forge::reissue::sign(&holder, &bytes).expect("a signature");
    by_holder.signature = der::asn1::BitString::from_bytes(&signature).expect("bits");
    let by_holder = by_holder.to_der().expect("DER");
    fails(&ByHand::new(&by_holder).signed(&key()), Check::IssuerSignature, Reason::Signature);
}

#[test]
fn an_expired_certificate_and_a_time_that_cannot_be_are_found() {
    let not_after = certificate::<Signing>().glance().expect("a glance").not_after;
    let late = look_at(&ours(true), None, not_after + DAY, true).expect("a signature");
    assert_eq!(late[0].findings.of(Check::Validity), Some(Outcome::Fails(Reason::Expired)));
    let claims = |signing_time| {
        let file = signed(&key(), &certificate(), Profile::Plain { signing_time }, true);
        let signers = look_at(&file, None, today(), false).expect("a signature");
        assert!(signers[0].claimed_time.is_some());
        signers[0].findings.of(Check::ClaimedTime)
    };
    assert_eq!(claims(today()), Some(Outcome::Holds));
    assert_eq!(claims(today() + Duration::from_secs(60)), Some(Outcome::Holds), "clocks differ");
    assert_eq!(claims(today() + DAY), Some(Outcome::Fails(Reason::Future)));
    let not_before = certificate::<Signing>().glance().expect("a glance").not_before;
    assert_eq!(claims(not_before - DAY), Some(Outcome::Fails(Reason::NotYet)));
    let file = signed(&key(), &certificate(), Profile::Plain { signing_time: not_after + DAY }, true);
    let signers = look_at(&file, None, not_after + DAY + DAY, false).expect("a signature");
    assert_eq!(signers[0].findings.of(Check::ClaimedTime), Some(Outcome::Fails(Reason::Expired)));
}

#[test]
fn weak_and_mismatched_algorithms_are_found() {
    let certificate = certificate_der::<Signing>();
    let sha1 = ByHand { digest_algorithm: hex("3009 06052B0E03021A 0500"), ..ByHand::new(&certificate) };
    fails(&sha1.signed(&key()), Check::SignatureAlgorithm, Reason::Weak);
    let sha512 = ByHand { signature_algorithm: hex("300D 06092A864886F70D01010D 0500"), ..ByHand::new(&certificate) };
    fails(&sha512.signed(&key()), Check::SignatureAlgorithm, Reason::Mismatch);
    let plain = ByHand { signature_algorithm: hex("300D 06092A864886F70D010101 0500"), ..ByHand::new(&certificate) };
    assert!(everything(&findings(&plain.signed(&key()))), "rsaEncryption is what many programs write");
    let tsp = ByHand { content_type: hex("060B2A864886F70D0109100104"), ..ByHand::new(&certificate) };
    fails(&tsp.signed(&key()), Check::CmsProfile, Reason::Profile);
    fails(&tsp.signed(&key()), Check::ContentType, Reason::Mismatch);
}

#[test]
fn a_certificate_on_which_nothing_rests_is_told() {
    assert!(everything(&findings(&with_authority(&authority("sign-ca-2")))));
    let another = findings(&with_authority(&authority("auth-ca-2")));
    let conclusion = another.conclusion(&[Check::Revocation]);
    assert_eq!(conclusion, Conclusion::NotEverything(Check::OtherCertificates, WhyNot::NothingRests));
}

#[test]
fn a_certificate_that_borrows_a_known_authoritys_identifier_is_not_that_authority() {
    use der::oid::AssociatedOid as _;
    use x509_cert::ext::pkix::SubjectKeyIdentifier;
    let mut borrower = Certificate::from_der(&authority("auth-ca-2")).expect("a certificate");
    let known = Certificate::from_der(&authority("sign-ca-2")).expect("a certificate").tbs_certificate;
    let identifier = |extension: &&x509_cert::ext::Extension| extension.extn_id == SubjectKeyIdentifier::OID;
    let known = known.extensions.iter().flatten().find(identifier).expect("an identifier");
    for extension in borrower.tbs_certificate.extensions.iter_mut().flatten() {
        if extension.extn_id == SubjectKeyIdentifier::OID {
            extension.extn_value = known.extn_value.clone();
        }
    }
    let tbs = borrower.tbs_certificate.to_der().expect("DER");
    let signature = kazasu_forge::reissue::sign(&UserAuthentication::ca().key, &tbs).expect("a signature");
    borrower.signature = der::asn1::BitString::from_bytes(&signature).expect("bits");
    let found = findings(&with_authority(&borrower.to_der().expect("DER")));
    assert_eq!(found.of(Check::OtherCertificates), Some(Outcome::NotChecked(WhyNot::NothingRests)));
}

#[test]
fn nothing_is_believed_of_authorities_that_are_not_known() {
    let file = ours(true);
    let file = SignedFile::parse(&file).expect("a signature");
    let anchors = kazasu_pki::Anchors::production();
    let trust =
        Trust { anchors: &anchors, revocation: &NotAsked, at: today(), timestamp_authorities: &[], cades: true };
    let signers = file.verify(None, &trust);
    assert_eq!(signers[0].findings.of(Check::Issuer), Some(Outcome::Fails(Reason::UnknownIssuer)));
    assert!(!signers[0].findings.test());
}
