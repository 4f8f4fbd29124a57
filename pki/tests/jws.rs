//! Tokens and raw signatures: made only when the certificate verifies them, and every change to a token is found.

mod common;

use common::{CardKey, anchors, certificate, certificate_der, today, with_key};
use kazasu_core::Digest;
use kazasu_pki::finding::Conclusion;
use kazasu_pki::jws::{JwsError, LONGEST_JWS, Looked, prepare, verify};
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::sign::FinishError;
use kazasu_pki::{Algorithm, Check, Outcome, Reason, Signing, TransientCertificate, UserAuthentication, raw};

const MESSAGE: &[u8] = br#"{"nonce":"4f2a"}"#;

fn token(key: &CardKey, certificate: &TransientCertificate<UserAuthentication>) -> String {
    let prepared = prepare(MESSAGE, certificate).expect("prepared");
    prepared.finish(certificate, &key.sign(&prepared.to_be_signed())).expect("finished")
}

fn ours() -> String {
    token(&CardKey::of::<UserAuthentication>(), &certificate())
}

fn look(token: &str) -> Result<Looked, JwsError> {
    verify(token, &anchors(), today(), &NotAsked)
}

fn everything(looked: &Looked) -> bool {
    looked.findings.conclusion(&[Check::Revocation]) == Conclusion::EverythingAsked
}

#[test]
fn a_token_holds_in_everything_but_revocation() {
    let looked = look(&ours()).expect("a token");
    assert!(everything(&looked), "{:?}", looked.findings);
    assert_eq!(looked.payload, MESSAGE);
    assert!(looked.findings.test());
}

#[test]
fn the_next_cards_token_has_its_own_algorithm() {
    let key = CardKey::p384();
    let looked = look(&token(&key, &with_key(&key))).expect("a token");
    assert_eq!(looked.findings.of(Check::SignatureAlgorithm), Some(Outcome::Holds));
    assert_eq!(looked.findings.of(Check::SignatureValue), Some(Outcome::Holds));
}

#[test]
fn what_waits_for_the_card_is_not_shown() {
    let prepared = prepare(MESSAGE, &certificate()).expect("prepared");
    assert_eq!(format!("{prepared:?}"), "Prepared { .. }");
}

#[test]
fn a_signature_by_another_key_makes_no_token() {
    let prepared = prepare(MESSAGE, &certificate()).expect("prepared");
    let other = CardKey::of::<Signing>().sign(&prepared.to_be_signed());
    assert!(matches!(prepared.finish(&certificate(), &other), Err(FinishError::WrongSignature(_))));
    let next = with_key(&CardKey::p384());
    assert_eq!(prepared.finish(&next, &other), Err(FinishError::OtherCertificate));
}

#[test]
fn one_character_changed_anywhere_is_found() {
    let token = ours();
    for at in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("text");
        assert!(!look(&changed).is_ok_and(|looked| everything(&looked)), "character {at} went unnoticed");
    }
}

#[test]
fn what_is_no_token_is_refused_with_its_reason() {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    let with_header = |header: &str| {
        let token = ours();
        let (_, rest) = token.split_once('.').expect("three parts");
        look(&format!("{}.{rest}", Base64UrlUnpadded::encode_string(header.as_bytes()))).err()
    };
    assert_eq!(look("a.b").err(), Some(JwsError::Malformed));
    assert_eq!(look("").err(), Some(JwsError::Malformed));
    assert_eq!(look(&format!("{}=", ours())).err(), Some(JwsError::Malformed));
    assert_eq!(look(&"a".repeat(LONGEST_JWS + 1)).err(), Some(JwsError::TooLong));
    assert_eq!(with_header("[]"), Some(JwsError::Malformed));
    assert_eq!(with_header(r#"{"alg":"RS256"}"#), Some(JwsError::NoCertificate));
    assert_eq!(with_header(r#"{"alg":"RS256","x5c":["AAAA"]}"#), Some(JwsError::NoCertificate));
    assert_eq!(with_header(r#"{"alg":"RS256","x5c":[],"crit":["b64"]}"#), Some(JwsError::Critical));
}

#[test]
fn neither_another_algorithm_nor_the_signing_certificate_is_taken() {
    use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
    let made = |alg: &str, der: &[u8], key: &CardKey| {
        let header = format!(r#"{{"alg":"{alg}","x5c":["{}"]}}"#, Base64::encode_string(der));
        let parts = [header.as_bytes(), MESSAGE].map(Base64UrlUnpadded::encode_string);
        let input = parts.join(".");
        let signature = key.sign(&Algorithm::Rs256.digest(input.as_bytes()));
        look(&format!("{input}.{}", Base64UrlUnpadded::encode_string(&signature))).expect("a token").findings
    };
    let own = certificate_der::<UserAuthentication>();
    for alg in ["none", "HS256", "ES384", "PS256"] {
        let findings = made(alg, &own, &CardKey::of::<UserAuthentication>());
        assert_eq!(findings.of(Check::SignatureAlgorithm), Some(Outcome::Fails(Reason::Mismatch)), "{alg}");
    }
    let findings = made("RS256", &certificate_der::<Signing>(), &CardKey::of::<Signing>());
    assert_eq!(findings.of(Check::SignatureValue), Some(Outcome::Holds));
    assert_eq!(findings.of(Check::Issuer), Some(Outcome::Fails(Reason::UnknownIssuer)));
    assert_eq!(findings.of(Check::KeyUsage), Some(Outcome::Fails(Reason::OtherPurpose)));
}

#[test]
fn a_raw_signature_is_given_out_when_the_certificate_verifies_it() {
    let (key, certificate) = (CardKey::of::<Signing>(), certificate::<Signing>());
    let asked = Algorithm::Rs256.digest(b"abc");
    let signature = key.sign(&asked);
    assert_eq!(raw::finish(&certificate, &asked.digest, &signature).as_ref(), Ok(&signature));
    assert_eq!(raw::verify(&certificate, &asked.digest, &signature).conclusion(&[]), Conclusion::EverythingAsked);
    let other = Digest::Sha256([0; 32]);
    assert!(matches!(raw::finish(&certificate, &other, &signature), Err(FinishError::WrongSignature(_))));
    let findings = raw::verify(&certificate, &other, &signature);
    assert_eq!(findings.of(Check::SignatureValue), Some(Outcome::Fails(Reason::Signature)));
}

#[test]
fn the_digest_info_is_the_one_of_rfc_8017() {
    let prefixes = [
        (Digest::Sha256([0xAB; 32]), "3031300d060960864801650304020105000420"),
        (Digest::Sha384([0xAB; 48]), "3041300d060960864801650304020205000430"),
        (Digest::Sha512([0xAB; 64]), "3051300d060960864801650304020305000440"),
    ];
    for (digest, prefix) in prefixes {
        let info = hex::encode(raw::digest_info(&digest));
        assert!(info.starts_with(prefix), "{info}");
        assert!(info[prefix.len()..].chars().all(|digit| digit == 'a' || digit == 'b'));
    }
}
