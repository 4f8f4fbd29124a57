//! Logging in: the card's side and the server's, each way to be refused, and the vectors that Web eID publishes.

use base64ct::{Base64, Encoding as _};
use der::asn1::{BitString, OctetString};
use der::{Decode as _, Encode as _};
use kazasu_fixtures::Persona;
use kazasu_forge::reissue::{self, Desk, Service};
use kazasu_pki::finding::Conclusion;
use kazasu_pki::login::{
    Challenge, LONGEST_TOKEN, Login, LoginError, NotAnOrigin, Origin, PairwiseKey, Refused, RevocationDemand, Verifier,
    inspect,
};
use kazasu_pki::revocation::{NotAsked, RevocationReason};
use kazasu_pki::{
    Algorithm, Anchors, Check, MemoryNonces, Nonce, NonceStore, Outcome, PublicKey, Reason, Revocation,
    RevocationStatus, TransientCertificate, UserAuthentication, WhyNot,
};
use p384::ecdsa::signature::Signer as _;
use p384::pkcs8::EncodePublicKey as _;
use rsa::RsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey as _;
use std::cell::Cell;
use std::sync::{Barrier, LazyLock, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use x509_cert::Certificate;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages};

/// 2026-11-20.
static TODAY: LazyLock<SystemTime> = LazyLock::new(|| UNIX_EPOCH + Duration::from_secs(1_795_132_800));
const YEAR: Duration = Duration::from_secs(365 * 86_400);
const PAIRWISE: [u8; 32] = [0x5A; 32];

// ---- the world

static DESK: LazyLock<Mutex<Desk>> = LazyLock::new(Mutex::default);

fn desk<R>(work: impl FnOnce(&mut Desk) -> R) -> R {
    work(&mut DESK.lock().expect("the desk"))
}

/// The demonstration card's certificate and key.
struct Card {
    der: Vec<u8>,
    key: RsaPrivateKey,
}

impl Card {
    fn adult() -> Self {
        let persona = Persona::named("adult").expect("a persona");
        let key = persona.key("jpki", 0x17).expect("a key");
        let der = persona.file("jpki", 0x0A).expect("a certificate");
        Self { der, key: RsaPrivateKey::from_pkcs8_der(&key).expect("a key") }
    }

    /// The same card with another certificate, which the test authority signed.
    fn reissued(change: impl FnOnce(&mut Certificate)) -> Self {
        Self { der: reissued(change), ..Self::adult() }
    }

    fn certificate(&self) -> TransientCertificate<UserAuthentication> {
        TransientCertificate::new(&self.der).expect("a certificate")
    }

    /// A token, the card's way.
    fn token(&self, origin: &Origin, nonce: &Nonce) -> String {
        let challenge = Challenge::new(origin, nonce);
        let message = challenge.message(Algorithm::Rs256);
        let signature = reissue::sign(&self.key, &message).expect("a signature");
        challenge.finish(&self.certificate(), &signature).expect("a token").to_string()
    }
}

/// The demonstration card's certificate, changed and signed again by its authority.
fn reissued(change: impl FnOnce(&mut Certificate)) -> Vec<u8> {
    let mut certificate = Certificate::from_der(&Card::adult().der).expect("a certificate");
    change(&mut certificate);
    let ca = desk(|desk| desk.ca(Service::Authentication)).expect("an authority");
    let signature = reissue::sign(&ca.key, &certificate.tbs_certificate.to_der().expect("DER")).expect("a signature");
    certificate.signature = BitString::from_bytes(&signature).expect("a bit string");
    certificate.to_der().expect("DER")
}

/// Puts this extension in the place of its like, or behind the others.
fn set<T: der::Encode + der::oid::AssociatedOid>(certificate: &mut Certificate, value: &T) {
    let extensions = certificate.tbs_certificate.extensions.get_or_insert_default();
    extensions.retain(|extension| extension.extn_id != T::OID);
    let extn_value = OctetString::new(value.to_der().expect("DER")).expect("an extension");
    extensions.push(Extension { extn_id: T::OID, critical: true, extn_value });
}

fn anchors() -> Anchors<UserAuthentication> {
    let ca = desk(|desk| desk.ca(Service::Authentication)).expect("an authority");
    Anchors::test_only(&[&ca.certificate]).expect("anchors")
}

/// Answers the same about every certificate, and counts.
struct Answers(RevocationStatus, Cell<u32>);

impl Answers {
    fn good() -> Self {
        Self(RevocationStatus::Good { at: *TODAY }, Cell::new(0))
    }
}

impl Revocation<UserAuthentication> for Answers {
    fn status(&self, _: &TransientCertificate<UserAuthentication>, _: &[u8], _: SystemTime) -> RevocationStatus {
        self.1.set(self.1.get() + 1);
        self.0.clone()
    }
}

/// A server with one nonce given out.
struct Server {
    origin: Origin,
    anchors: Anchors<UserAuthentication>,
    revocation: Answers,
    demand: RevocationDemand,
    key: PairwiseKey,
    nonces: MemoryNonces<&'static str>,
    nonce: Nonce,
}

impl Server {
    fn new() -> Self {
        let nonces = MemoryNonces::new(Duration::from_secs(300), 100);
        let nonce = nonces.issue("session", *TODAY).expect("a nonce");
        Self {
            origin: Origin::new("https://shop.example").expect("an origin"),
            anchors: anchors(),
            revocation: Answers::good(),
            demand: RevocationDemand::Good,
            key: PairwiseKey::new(&PAIRWISE),
            nonces,
            nonce,
        }
    }

    fn verify(&self, token: &str) -> Result<Login<&'static str>, Refused> {
        self.verify_at(token, *TODAY)
    }

    fn verify_at(&self, token: &str, at: SystemTime) -> Result<Login<&'static str>, Refused> {
        let Self { origin, anchors, revocation, demand, key, .. } = self;
        let verifier = Verifier { origin, anchors, revocation, demand: *demand, key };
        verifier.verify(token.as_bytes(), &self.nonce, &self.nonces, at)
    }

    /// The line and the reason that this token is refused for.
    fn refuses(&self, token: &str) -> (Check, Reason) {
        let refused = self.verify(token).expect_err("a refusal");
        match refused.because() {
            Conclusion::Fails(check, reason) => (check, reason),
            other => panic!("{other:?}"),
        }
    }

    /// Whether the nonce can still be used; using it up.
    fn has_its_nonce(&self) -> bool {
        self.nonces.consume(&self.nonce, *TODAY).is_some()
    }
}

// ---- in

#[test]
fn the_demonstration_card_logs_in_and_every_line_is_in_the_table() {
    let server = Server::new();
    let login = server.verify(&Card::adult().token(&server.origin, &server.nonce)).expect("a login");
    assert_eq!(login.session, "session");
    assert_eq!(login.findings.conclusion(&[]), Conclusion::EverythingAsked);
    assert!(login.findings.test(), "test authorities leave their stamp");
    assert!(matches!(login.revocation, RevocationStatus::Good { .. }));
    let lines: Vec<_> = login.findings.lines().iter().map(|line| line.check.code()).collect();
    assert_eq!(
        lines,
        [
            "token-format",
            "token-algorithm",
            "nonce",
            "login-signature",
            "certificate-profile",
            "issuer",
            "key-usage",
            "extended-key-usage",
            "policy",
            "basic-constraints",
            "key",
            "issuer-signature",
            "validity",
            "issuer-validity",
            "issuer-certificate",
            "revocation",
        ]
    );
}

#[test]
fn the_same_certificate_is_known_again_and_another_server_or_a_new_certificate_gives_another_name() {
    let name = |card: &Card, key: [u8; 32]| {
        let server = Server { key: PairwiseKey::new(&key), ..Server::new() };
        server.verify(&card.token(&server.origin, &server.nonce)).expect("a login").who
    };
    let card = Card::adult();
    assert_eq!(name(&card, PAIRWISE), name(&card, PAIRWISE));
    assert_ne!(name(&card, PAIRWISE), name(&card, [1; 32]));
    let key = desk(|desk| desk.key("login/renewed")).expect("a key");
    let spki = key.to_public_key().to_public_key_der().expect("a key");
    let der = reissued(|certificate| {
        certificate.tbs_certificate.subject_public_key_info =
            spki::SubjectPublicKeyInfoOwned::from_der(spki.as_bytes()).expect("a key");
    });
    assert_ne!(name(&card, PAIRWISE), name(&Card { der, key }, PAIRWISE));
}

#[test]
fn the_name_does_not_depend_on_the_serial_number() {
    let name = |card: &Card| {
        let server = Server::new();
        server.verify(&card.token(&server.origin, &server.nonce)).expect("a login").who
    };
    let renumbered = Card::reissued(|certificate| {
        certificate.tbs_certificate.serial_number =
            x509_cert::serial_number::SerialNumber::new(&[1, 2, 3]).expect("a number");
    });
    assert_eq!(name(&Card::adult()), name(&renumbered));
}

// ---- refused

#[test]
fn of_a_hundred_replays_at_the_same_time_one_gets_in() {
    let server = Server::new();
    let token = Card::adult().token(&server.origin, &server.nonce);
    let start = Barrier::new(100);
    let Server { origin, anchors, key, nonces, nonce, .. } = &server;
    let (mut logins, mut replays) = (0, 0);
    std::thread::scope(|scope| {
        let one = || {
            let demand = RevocationDemand::GoodOrNotAsked;
            let verifier = Verifier { origin, anchors, revocation: &NotAsked, demand, key };
            start.wait();
            verifier.verify(token.as_bytes(), nonce, nonces, *TODAY)
        };
        let threads: Vec<_> = (0..100).map(|_| scope.spawn(one)).collect();
        for thread in threads {
            match thread.join().expect("a thread") {
                Ok(_) => logins += 1,
                Err(refused) => {
                    assert_eq!(refused.because(), Conclusion::Fails(Check::Nonce, Reason::Nonce));
                    replays += 1;
                }
            }
        }
    });
    assert_eq!((logins, replays), (1, 99));
}

#[test]
fn a_token_for_another_nonce_is_refused_and_spends_this_one() {
    let server = Server::new();
    let token = Card::adult().token(&server.origin, &Nonce::draw().expect("a nonce"));
    assert_eq!(server.refuses(&token), (Check::LoginSignature, Reason::Signature));
    assert!(!server.has_its_nonce());
}

#[test]
fn a_token_for_another_origin_is_refused() {
    for other in ["https://sh0p.example", "https://shop.example:8443", "https://shop.example.evil.example"] {
        let server = Server::new();
        let token = Card::adult().token(&Origin::new(other).expect("an origin"), &server.nonce);
        assert_eq!(server.refuses(&token), (Check::LoginSignature, Reason::Signature), "{other}");
    }
}

#[test]
fn a_nonce_that_was_used_has_expired_or_was_never_given_out_is_refused_before_any_cryptography() {
    let server = Server::new();
    let token = Card::adult().token(&server.origin, &server.nonce);
    server.verify(&token).expect("a login");
    let replay = server.verify(&token).expect_err("a refusal");
    assert_eq!(replay.because(), Conclusion::Fails(Check::Nonce, Reason::Nonce));
    let after = replay.findings.lines().iter().skip_while(|line| line.check != Check::Nonce).skip(1);
    for line in after {
        assert_eq!(line.outcome, Outcome::NotChecked(WhyNot::Moot), "{}", line.check.code());
    }
    assert_eq!(replay.findings.lines().len(), 16, "what was not begun is a line too");
    assert_eq!(server.revocation.1.get(), 1);

    let server = Server::new();
    let token = Card::adult().token(&server.origin, &server.nonce);
    let late = server.verify_at(&token, *TODAY + Duration::from_secs(301)).expect_err("a refusal");
    assert_eq!(late.because(), Conclusion::Fails(Check::Nonce, Reason::Nonce));

    let stranger = Server { nonce: Nonce::draw().expect("a nonce"), ..Server::new() };
    let token = Card::adult().token(&stranger.origin, &stranger.nonce);
    assert_eq!(stranger.refuses(&token), (Check::Nonce, Reason::Nonce));
}

#[test]
fn a_certificate_of_the_signing_authority_is_refused() {
    // The signing certificate itself, with a signature of its key.
    let persona = Persona::named("adult").expect("a persona");
    let key = RsaPrivateKey::from_pkcs8_der(&persona.key("jpki", 0x1A).expect("a key")).expect("a key");
    let card = Card { der: persona.file("jpki", 0x01).expect("a certificate"), key };
    let server = Server::new();
    let token = card.token(&server.origin, &server.nonce);
    let refused = server.verify(&token).expect_err("a refusal").findings;
    assert_eq!(refused.of(Check::Issuer), Some(Outcome::Fails(Reason::UnknownIssuer)));
    assert_eq!(refused.of(Check::KeyUsage), Some(Outcome::Fails(Reason::OtherPurpose)));
    assert_eq!(refused.of(Check::LoginSignature), Some(Outcome::Holds));
    assert_eq!(server.revocation.1.get(), 0);
}

#[test]
fn an_authority_logs_nobody_in() {
    let card = Card::reissued(|certificate| {
        set(certificate, &BasicConstraints { ca: true, path_len_constraint: None });
    });
    let server = Server::new();
    assert_eq!(
        server.refuses(&card.token(&server.origin, &server.nonce)),
        (Check::BasicConstraints, Reason::Authority)
    );
}

#[test]
fn a_certificate_that_may_sign_documents_too_is_refused() {
    let card = Card::reissued(|certificate| {
        set(certificate, &KeyUsage(KeyUsages::DigitalSignature | KeyUsages::NonRepudiation));
    });
    let server = Server::new();
    assert_eq!(server.refuses(&card.token(&server.origin, &server.nonce)), (Check::KeyUsage, Reason::Usage));
}

#[test]
fn an_expired_certificate_and_one_that_is_not_yet_are_refused() {
    for (years, reason) in [(10, Reason::Expired), (0, Reason::NotYet)] {
        let at = if years == 0 { *TODAY - 10 * YEAR } else { *TODAY + years * YEAR };
        let server = Server::new();
        let nonce = server.nonces.issue("session", at).expect("a nonce");
        let server = Server { nonce, ..server };
        let refused = server.verify_at(&Card::adult().token(&server.origin, &server.nonce), at).expect_err("a refusal");
        assert_eq!(refused.because(), Conclusion::Fails(Check::Validity, reason));
    }
}

#[test]
fn an_issuer_that_nobody_knows_is_refused() {
    let server = Server { anchors: Anchors::production(), ..Server::new() };
    let refused = server.verify(&Card::adult().token(&server.origin, &server.nonce)).expect_err("a refusal");
    assert_eq!(refused.findings.of(Check::Issuer), Some(Outcome::Fails(Reason::UnknownIssuer)));
    assert!(!refused.findings.test());
    assert_eq!(server.revocation.1.get(), 0);
}

#[test]
fn a_certificate_that_its_authority_did_not_sign_is_refused() {
    let mut card = Card::adult();
    *card.der.last_mut().expect("a byte") ^= 1;
    let server = Server::new();
    assert_eq!(server.refuses(&card.token(&server.origin, &server.nonce)), (Check::IssuerSignature, Reason::Signature));
}

#[test]
fn a_revoked_certificate_is_refused() {
    let revoked = RevocationStatus::Revoked { reason: RevocationReason::KeyCompromise, at: *TODAY };
    let server = Server { revocation: Answers(revoked, Cell::new(0)), ..Server::new() };
    assert_eq!(
        server.refuses(&Card::adult().token(&server.origin, &server.nonce)),
        (Check::Revocation, Reason::Revoked)
    );
}

#[test]
fn where_nobody_knows_about_revocation_nobody_gets_in_unless_the_server_asks_nobody_and_says_so() {
    let unknown = || RevocationStatus::Unknown { why: String::from("no answer") };
    let moot = || RevocationStatus::NotChecked { why: WhyNot::Moot };
    let unasked = || RevocationStatus::NotChecked { why: WhyNot::NotAsked };
    for (status, demand, gets_in) in [
        (unknown(), RevocationDemand::Good, false),
        (unknown(), RevocationDemand::GoodOrNotAsked, false),
        (moot(), RevocationDemand::GoodOrNotAsked, false),
        (unasked(), RevocationDemand::Good, false),
        (unasked(), RevocationDemand::GoodOrNotAsked, true),
    ] {
        let server = Server { revocation: Answers(status.clone(), Cell::new(0)), demand, ..Server::new() };
        let result = server.verify(&Card::adult().token(&server.origin, &server.nonce));
        assert_eq!(result.is_ok(), gets_in, "{status:?} {demand:?}");
        let findings = result.map_or_else(|refused| refused.findings, |login| login.findings);
        assert!(matches!(findings.conclusion(&[]), Conclusion::NotEverything(Check::Revocation, _)));
    }
}

#[test]
fn nobody_is_asked_about_a_certificate_whose_holder_did_not_sign() {
    let server = Server::new();
    let token = Card::adult().token(&server.origin, &Nonce::draw().expect("a nonce"));
    let refused = server.verify(&token).expect_err("a refusal");
    assert_eq!(refused.findings.of(Check::Revocation), Some(Outcome::NotChecked(WhyNot::Moot)));
    assert_eq!(server.revocation.1.get(), 0);
}

/// A token with one member replaced.
fn with(token: &str, member: &str, value: &str) -> String {
    let mut json: serde_json::Value = serde_json::from_str(token).expect("JSON");
    json[member] = value.into();
    json.to_string()
}

#[test]
fn a_signature_that_is_cut_short_empty_or_another_is_refused() {
    let signature = |token: &str| {
        let json: serde_json::Value = serde_json::from_str(token).expect("JSON");
        Base64::decode_vec(json["signature"].as_str().expect("a signature")).expect("base64")
    };
    for change in [
        (|bytes: &mut Vec<u8>| bytes.truncate(255)) as fn(&mut Vec<u8>),
        |bytes| bytes.truncate(128),
        |bytes| bytes.clear(),
        |bytes| bytes.push(0),
        |bytes| bytes.insert(0, 0),
        |bytes| bytes[255] ^= 1,
    ] {
        let server = Server::new();
        let token = Card::adult().token(&server.origin, &server.nonce);
        let mut bytes = signature(&token);
        change(&mut bytes);
        let token = with(&token, "signature", &Base64::encode_string(&bytes));
        assert_eq!(server.refuses(&token), (Check::LoginSignature, Reason::Signature));
    }
}

#[test]
fn the_certificate_of_somebody_else_does_not_fit_the_signature() {
    let key = desk(|desk| desk.key("login/else")).expect("a key");
    let spki = key.to_public_key().to_public_key_der().expect("a key");
    let der = reissued(|certificate| {
        certificate.tbs_certificate.subject_public_key_info =
            spki::SubjectPublicKeyInfoOwned::from_der(spki.as_bytes()).expect("a key");
    });
    let server = Server::new();
    let token = Card::adult().token(&server.origin, &server.nonce);
    let token = with(&token, "unverifiedCertificate", &Base64::encode_string(&der));
    assert_eq!(server.refuses(&token), (Check::LoginSignature, Reason::Signature));
}

#[test]
fn an_algorithm_that_is_not_the_keys_or_not_known_is_refused_and_the_nonce_stays() {
    let server = Server::new();
    let token = Card::adult().token(&server.origin, &server.nonce);
    assert_eq!(server.refuses(&with(&token, "algorithm", "ES384")), (Check::TokenAlgorithm, Reason::OtherAlgorithm));
    for unknown in ["none", "PS256", "RS512", "ES256", "HS256"] {
        assert_eq!(
            server.refuses(&with(&token, "algorithm", unknown)),
            (Check::TokenAlgorithm, Reason::Weak),
            "{unknown}"
        );
    }
    let (elliptic, _) = next_card();
    let token = with(&token, "unverifiedCertificate", &Base64::encode_string(&elliptic));
    assert_eq!(server.refuses(&token), (Check::TokenAlgorithm, Reason::OtherAlgorithm), "RS256 with an EC key");
    assert!(server.has_its_nonce());
}

#[test]
fn a_token_that_cannot_be_read_is_refused_and_the_nonce_stays() {
    let server = Server::new();
    let token = Card::adult().token(&server.origin, &server.nonce);
    let twice = token.replacen('{', "{\"algorithm\":\"RS256\",", 1);
    let long = format!("{token}{}", " ".repeat(LONGEST_TOKEN));
    let no_certificate = with(&token, "unverifiedCertificate", "AAEC");
    let long_certificate = with(&token, "unverifiedCertificate", &Base64::encode_string(&[0x30; 5_000]));
    for unreadable in
        ["", "{}", "x", &twice, &long, &no_certificate, &long_certificate, &token[1..], &token[..token.len() - 1]]
    {
        assert_eq!(server.refuses(unreadable), (Check::TokenFormat, Reason::TokenUnreadable));
    }
    for version in ["web-eid:2.0", "x509-id-token"] {
        assert_eq!(server.refuses(&with(&token, "format", version)), (Check::TokenFormat, Reason::TokenVersion));
    }
    assert!(server.has_its_nonce());
}

// ---- the card's side

#[test]
fn a_token_is_only_handed_out_when_the_certificates_key_verifies_it() {
    let server = Server::new();
    let card = Card::adult();
    let challenge = Challenge::new(&server.origin, &server.nonce);
    let refused = challenge.finish(&card.certificate(), &[7; 256]);
    assert!(matches!(refused, Err(LoginError::WrongSignature(_))));
    let prepared = challenge.prepare(&card.certificate()).expect("a digest");
    assert_eq!(prepared, Algorithm::Rs256.digest(&challenge.message(Algorithm::Rs256)));
}

#[test]
fn a_certificate_with_a_key_of_another_kind_makes_no_token() {
    let der = reissued(|certificate| {
        let key = &mut certificate.tbs_certificate.subject_public_key_info;
        key.algorithm.oid = der::asn1::ObjectIdentifier::new_unwrap("1.3.101.112");
    });
    let certificate = TransientCertificate::new(&der).expect("a certificate");
    let server = Server::new();
    let refused = Challenge::new(&server.origin, &server.nonce).prepare(&certificate);
    assert!(matches!(refused, Err(LoginError::Certificate(_))));
}

#[test]
fn an_origin_is_what_a_browser_writes_and_nothing_else() {
    for good in [
        "https://ria.ee",
        "https://shop.example:8443",
        "https://xn--wgv71a119e.example",
        "https://192.0.2.7",
        "https://a-b.example",
        "https://localhost",
    ] {
        assert_eq!(Origin::new(good).expect(good).to_string(), good);
    }
    for bad in [
        "",
        "https://",
        "http://shop.example",
        "http://localhost",
        "HTTPS://shop.example",
        "https://Shop.example",
        "https://shop.example/",
        "https://shop.example/path",
        "https://shop.example?x",
        "https://shop.example#x",
        "https://user@shop.example",
        "https://shop.example:",
        "https://shop.example:443",
        "https://shop.example:0443",
        "https://shop.example:99999",
        "https://shop.example:+8",
        "https://shop.example:1:2",
        "https://shop.example.",
        "https://.example",
        "https://-shop.example",
        "https://日本.example",
        "https://[::1]",
        " https://shop.example",
        "https://shop.example\n",
        "null",
    ] {
        assert_eq!(Origin::new(bad), Err(NotAnOrigin), "{bad:?}");
    }
    assert_eq!(Origin::localhost_for_tests(8080).as_str(), "http://localhost:8080");
    assert_eq!(Origin::localhost_for_tests(80).as_str(), "http://localhost");
}

#[test]
fn what_is_signed_has_one_length_whatever_is_in_it() {
    let nonces = [Nonce::from_bytes(&[1; 32]).expect("a nonce"), Nonce::from_bytes(&[2; 64]).expect("a nonce")];
    for nonce in &nonces {
        for origin in ["https://a.example", "https://a-much-longer-name.shop.example:8443"] {
            let origin = Origin::new(origin).expect("an origin");
            let challenge = Challenge::new(&origin, nonce);
            assert_eq!(challenge.message(Algorithm::Rs256).len(), 64);
            assert_eq!(challenge.message(Algorithm::Es384).len(), 96);
        }
    }
}

// ---- the next card

/// A certificate with a P-384 key, and that key.
fn next_card() -> (Vec<u8>, p384::ecdsa::SigningKey) {
    let key = p384::ecdsa::SigningKey::from_slice(&[0x11; 48]).expect("a key");
    let spki = key.verifying_key().to_public_key_der().expect("a key");
    let der = reissued(|certificate| {
        certificate.tbs_certificate.subject_public_key_info =
            spki::SubjectPublicKeyInfoOwned::from_der(spki.as_bytes()).expect("a key");
    });
    (der, key)
}

#[test]
fn the_next_cards_signature_is_checked_already_and_its_certificate_waits_for_a_profile() {
    let (der, key) = next_card();
    let certificate = TransientCertificate::new(&der).expect("a certificate");
    let server = Server::new();
    let challenge = Challenge::new(&server.origin, &server.nonce);
    assert_eq!(challenge.prepare(&certificate).expect("a digest").algorithm, Algorithm::Es384);
    let signature: p384::ecdsa::Signature = key.sign(&challenge.message(Algorithm::Es384));
    let token = challenge.finish(&certificate, signature.to_der().as_bytes()).expect("a token");
    assert!(token.contains("\"ES384\""));
    let findings = server.verify(&token).expect_err("a refusal").findings;
    assert_eq!(findings.of(Check::TokenAlgorithm), Some(Outcome::Holds));
    assert_eq!(findings.of(Check::LoginSignature), Some(Outcome::Holds));
    let failing: Vec<_> =
        findings.lines().iter().filter(|line| line.outcome != Outcome::Holds).map(|line| line.check).collect();
    assert_eq!(failing, [Check::Key], "J-LIS has published no profile for such a key");

    let server = Server::new();
    let other = Nonce::draw().expect("a nonce");
    let challenge = Challenge::new(&server.origin, &other);
    let signature: p384::ecdsa::Signature = key.sign(&challenge.message(Algorithm::Es384));
    let token = challenge.finish(&certificate, signature.to_der().as_bytes()).expect("a token");
    let findings = server.verify(&token).expect_err("a refusal").findings;
    assert_eq!(findings.of(Check::LoginSignature), Some(Outcome::Fails(Reason::Signature)));
}

// ---- what Web eID publishes

// Keys and signatures of the tokens in AbstractTestWithValidator and AuthTokenSignatureValidatorTest of
// web-eid-authtoken-validation-java (MIT), for the origin https://ria.ee. Their certificates name people, if only
// made-up ones, and are left out: what is compared is the message and the signature over it.
const WEB_EID_NONCE: &str = "12345678123456781234567812345678912356789123";

const WEB_EID_RSA_KEY: &str = concat!(
    "30820122300d06092a864886f70d01010105000382010f003082010a0282010100d792b6b7ac338eb792ba3a725c83f5",
    "ede893a880f014057da44fdcd67a5cdeed64ae3f1d8e7ecfffd09a01439ef9215761dc9a4b85f87b83ad18622e3533ab",
    "cd00255235a14ec6212f13d6a64858b33222e4e7e769fbbf6bca6a8eb15406f024aef3f463186943b002de6f737fe295",
    "124c65d4c1207ae10b8584e5a301c98a3e11de62daf2d212b731bc301f316161f1a9a3fc3e3cbd783c47499692f5517f",
    "da3f24f466aefa6784ff6773ea6d3990a74f7ed9bd2d842d0921a71293226e4eef1f55142fb1efbc52d602e8ab774c12",
    "d96cfb6a7c01525d66ee138ecb736a3ce343645653075407aca1101f890c6c2b7e585854f4ac73d66cb8d7eb24a268bd",
    "b90203010001",
);
const WEB_EID_RSA_SIGNATURE: &str = concat!(
    "c6c8d7b10bd561759c755d183e1c4bb61271b5fd3ffd1f29f5614595824644046b975aeeca8014c25d3178781e64e29e",
    "26dc2209808d589cc21b754cdf2760b7dd9b2a1864d6ed095c83d5aaf3a498363bd8e08de2aef763c88648f55382393d",
    "dd382ab8796875fed872a64d86eb7034d7f7a25747116243e739a47707690455e078ec1301d1701a58c34196c7af7875",
    "0ebf9aa540ee9684b45ae23352ebbc6173766fc961f05093945d06d0312384777f306c7c75b7b75132c7983ecaf435ef",
    "e332c9b3a105f62daffc2d744880500e43c14953ea3310833c40a36c43e2dbe76cf78794ed384e84e425145b49e0a8d0",
    "35351ad9cad28b11fb718645dab34d98",
);
const WEB_EID_P384_KEY: &str = concat!(
    "3076301006072a8648ce3d020106052b81040022036200045e0a00fb57c6d3a60cbbd9f2fd173c7dcdd376425ae7f945",
    "599f066db41e7027284e05a5c7a30e9a6a80feb5efdea783e918c4f1259a7f1439bc3f01d4ecc3ba685b804f9c3fd252",
    "c37e5d4a1d7bcf47971ffd12cfd6a8b84547ccc23248e436",
);
const WEB_EID_P384_SIGNATURE: &str = concat!(
    "a4790efaf4710643ffcd92c5bd773047d9267bf1d3fc30512e4e51243a7b94fadfafa4256f916edff0b7529e90c3c3f4",
    "284dbdf766acd651bd2f7b5bbeac1addd502533d28b1f44d1145e0931d683c9adf208e74ffa2f798d9e67b1467552976",
);

fn published(key: &str, signature: &[u8], origin: &str, nonce: &str) -> bool {
    let key = PublicKey::from_spki(&hex::decode(key).expect("hex")).expect("a key");
    let origin = Origin::new(origin).expect("an origin");
    Challenge::new(&origin, &Nonce::from_base64(nonce).expect("a nonce")).verify(&key, signature).is_ok()
}

#[test]
fn the_published_web_eid_signatures_verify_and_for_nothing_else() {
    let rsa = hex::decode(WEB_EID_RSA_SIGNATURE).expect("hex");
    // On the wire r and s stand side by side.
    let ecdsa =
        p384::ecdsa::Signature::from_slice(&hex::decode(WEB_EID_P384_SIGNATURE).expect("hex")).expect("a signature");
    for (key, signature) in [(WEB_EID_RSA_KEY, &rsa[..]), (WEB_EID_P384_KEY, ecdsa.to_der().as_bytes())] {
        assert!(published(key, signature, "https://ria.ee", WEB_EID_NONCE));
        assert!(!published(key, signature, "https://ria.ee:8443", WEB_EID_NONCE));
        assert!(!published(key, signature, "https://ria.ee", &WEB_EID_NONCE.replace("9123", "9124")));
    }
}

#[test]
fn a_token_is_looked_at_later_without_a_store_and_the_line_of_the_nonce_says_so() {
    let (origin, other) = (Origin::new("https://shop.example"), Origin::new("https://evil.example"));
    let (origin, other) = (origin.expect("an origin"), other.expect("an origin"));
    let nonce = Nonce::from_bytes(&[7; 32]).expect("a nonce");
    let ca = desk(|desk| desk.ca(Service::Authentication)).expect("an authority").certificate;
    let anchors = Anchors::test_only(&[&ca]).expect("anchors");
    let token = Card::adult().token(&origin, &nonce);
    let look = |token: &[u8], origin: &Origin| inspect(token, origin, &nonce, &anchors, &NotAsked, *TODAY).findings;
    let found = look(token.as_bytes(), &origin);
    assert_eq!(found.of(Check::Nonce), Some(Outcome::NotChecked(WhyNot::NotRemembered)));
    assert_eq!(found.conclusion(&[Check::Nonce, Check::Revocation]), Conclusion::EverythingAsked);
    let elsewhere = look(token.as_bytes(), &other);
    assert_eq!(elsewhere.of(Check::LoginSignature), Some(Outcome::Fails(Reason::Signature)));
    assert_eq!(
        elsewhere.of(Check::Revocation),
        Some(Outcome::NotChecked(WhyNot::Moot)),
        "nobody asks about a stranger"
    );
    assert_eq!(look(b"{}", &origin).lines().len(), found.lines().len());
}
