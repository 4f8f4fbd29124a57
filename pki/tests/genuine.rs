//! A genuine card, and everything that is not one: each with its own reason.

use kazasu_core::mynumber::text::MyNumber;
use kazasu_fixtures::Persona;
use kazasu_fixtures::authorities::cv_authorities;
use kazasu_pki::anchors::Anchors;
use kazasu_pki::cv::{Chain, CvAuthorities, CvAuthority};
use kazasu_pki::finding::{By, Conclusion};
use kazasu_pki::genuine::{
    AtHand, Bytes, Challenge, Claim, Genuine, HolderProof, HolderTrust, Proof, ProofError, SurfaceProof, TextProof,
    Trust, card_digest, holder_digest, signed_face, verify,
};
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Check, DigestToSign, MemoryNonces, Nonce, Outcome, Reason, UserAuthentication, WhyNot};
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use sha2::{Digest as _, Sha256};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use Outcome::{Fails, Holds, NotChecked};

const AUDIENCE: &str = "https://verifier.example";
const UNSIGNED: [Check; 2] = [Check::FaceExpiry, Check::FaceSecurityCode];

/// 2026-11-20.
fn today() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_795_132_800)
}

fn nonce() -> Nonce {
    Nonce::from_bytes(&[0x5A; 32]).expect("a nonce")
}

fn persona(name: &str) -> Persona {
    Persona::named(name).expect("a persona")
}

fn file(persona: &Persona, application: &str, id: u16) -> Vec<u8> {
    persona.file(application, id).expect("a file")
}

fn key(persona: &Persona, application: &str, id: u16) -> RsaPrivateKey {
    RsaPrivateKey::from_pkcs8_der(&persona.key(application, id).expect("a key")).expect("a key")
}

fn sign(key: &RsaPrivateKey, message: &[u8]) -> Vec<u8> {
    key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message)).expect("a signature")
}

fn sign_digest(key: &RsaPrivateKey, digest: DigestToSign) -> Bytes {
    let kazasu_core::Digest::Sha256(digest) = digest.digest else { panic!("another digest") };
    bytes(&key.sign(Pkcs1v15Sign::new::<Sha256>(), &digest).expect("a signature"))
}

fn bytes(of: &[u8]) -> Bytes {
    Bytes::from(of)
}

fn text_proof(card: &Persona, nonce: &Nonce) -> TextProof {
    TextProof {
        certificate: bytes(&file(card, "text", 4)),
        signature: sign_digest(&key(card, "text", 0x13), card_digest(nonce)),
        key: Some(bytes(&file(card, "text", 7))),
        integrity: Some(bytes(&file(card, "text", 3))),
        attributes: Some(bytes(&file(card, "text", 2))),
    }
}

fn surface_proof(card: &Persona, nonce: &Nonce) -> SurfaceProof {
    SurfaceProof {
        certificate: bytes(&file(card, "surface", 4)),
        signature: sign_digest(&key(card, "surface", 0x1A), card_digest(nonce)),
        face: Some(bytes(&file(card, "surface", 2))),
        birth: Some(bytes(&file(card, "surface", 1))),
    }
}

/// Everything but the holder's part, from one card.
fn proof(card: &Persona) -> Proof {
    let mut proof = Proof::default();
    proof.text = Some(text_proof(card, &nonce()));
    proof.surface = Some(surface_proof(card, &nonce()));
    proof
}

fn authorities() -> CvAuthorities {
    let chain = |application: &str| match application {
        "text" => Chain::Text,
        "surface" => Chain::Surface,
        _ => Chain::MasterFile,
    };
    let rows = cv_authorities();
    let rows: Vec<_> = rows
        .iter()
        .map(|row| CvAuthority { chain: chain(&row.application), id: row.id, modulus: row.modulus })
        .collect();
    CvAuthorities::test_only(&rows)
}

fn judged<'p>(proof: &'p Proof, municipalities: &CvAuthorities) -> Genuine<'p> {
    let trust = Trust { municipalities, holder: None, at: today() };
    verify(proof, &Challenge::unremembered(nonce()), &trust, AtHand::default())
}

/// How one line reads.
fn line(proof: &Proof, check: Check) -> Option<Outcome> {
    judged(proof, &authorities()).findings.of(check)
}

fn without<'c>(checks: &[Check], more: &'c mut Vec<Check>) -> &'c [Check] {
    more.extend([Check::Nonce]);
    more.extend(checks);
    more
}

fn concludes(proof: &Proof) -> Conclusion {
    judged(proof, &authorities()).findings.conclusion(without(&UNSIGNED, &mut Vec::new()))
}

/// Changes the text part of the adult's proof.
fn with_text(change: impl FnOnce(&mut TextProof)) -> Proof {
    let mut proof = proof(&persona("adult"));
    change(proof.text.as_mut().expect("a text part"));
    proof
}

/// Changes the surface part of the adult's proof.
fn with_surface(change: impl FnOnce(&mut SurfaceProof)) -> Proof {
    let mut proof = proof(&persona("adult"));
    change(proof.surface.as_mut().expect("a surface part"));
    proof
}

fn flipped(record: &[u8], at: usize, with: u8) -> Bytes {
    let mut record = record.to_vec();
    record[at] ^= with;
    bytes(&record)
}

/// Where the value of the object with this tag begins, and how long it is; objects one deep.
fn value(record: &[u8], tag: u32) -> std::ops::Range<usize> {
    let object = kazasu_core::tlv::Tlv::first(record).and_then(|file| file.child(tag)).expect("an object");
    let at = object.value.as_ptr() as usize - record.as_ptr() as usize;
    at..at + object.value.len()
}

#[test]
fn the_demonstration_cards_are_genuine_in_everything_and_stamped_as_a_tests() {
    for name in ["adult", "child", "long", "expired"] {
        let card = persona(name);
        let number = MyNumber::parse(&file(&card, "text", 1)).expect("a number");
        let image = file(&card, "surface", 5);
        let at_hand = AtHand { my_number: Some(&number), number_image: Some(&image) };
        let (proof, authorities) = (proof(&card), authorities());
        let trust = Trust { municipalities: &authorities, holder: None, at: today() };
        let store = MemoryNonces::new(Duration::from_secs(60), 1);
        let nonce = store.issue((), today()).expect("a nonce");
        let mut proof = proof;
        proof.text = Some(text_proof(&card, &nonce));
        proof.surface = Some(surface_proof(&card, &nonce));
        let (challenge, session) = Challenge::consume(nonce, &store, today());
        assert!(session.is_some());
        let genuine = verify(&proof, &challenge, &trust, at_hand);
        let table: Vec<_> = genuine.findings.lines().iter().map(|line| (line.check.code(), line.outcome)).collect();
        assert_eq!(
            table,
            [
                ("nonce", Holds),
                ("text-authority", Holds),
                ("text-certificate", Holds),
                ("text-key", Holds),
                ("text-presence", Holds),
                ("text-integrity", Holds),
                ("text-attributes", Holds),
                ("text-number", Holds),
                ("surface-authority", Holds),
                ("surface-certificate", Holds),
                ("face-signature", Holds),
                ("face-person", Holds),
                ("face-images", Holds),
                ("face-photo", Holds),
                ("face-expiry", NotChecked(WhyNot::NotSigned)),
                ("face-security-code", NotChecked(WhyNot::NotSigned)),
                ("birth-record", Holds),
                ("number-image", Holds),
                ("surface-key", Holds),
                ("surface-presence", Holds),
                ("municipality", Holds),
                ("same-person", Holds),
            ],
            "{name}"
        );
        assert!(genuine.findings.test());
        assert!(
            genuine
                .findings
                .lines()
                .iter()
                .all(|line| (line.by == By::Nobody) == matches!(line.outcome, NotChecked(_)))
        );
        assert_eq!(genuine.findings.conclusion(&UNSIGNED), Conclusion::EverythingAsked);
        assert_eq!(genuine.proves(Claim::CardPresent, &[]), Conclusion::EverythingAsked);
        assert_eq!(genuine.municipality(), Some(&*card.person.municipality));
        assert_eq!(genuine.attributes().map(|said| said.birth), Some(&*card.person.birth));
        assert_eq!(genuine.birth().map(|said| said.birth), Some(&*card.person.birth));
        let face = genuine.face().expect("a face");
        assert!((face.sex, face.expiry, face.security_code_image) == (&*card.person.sex, "", &[][..]));
    }
}

#[test]
fn what_nobody_signed_is_asked_for_until_the_caller_does_without_it() {
    let proof = proof(&persona("adult"));
    let authorities = authorities();
    let genuine = judged(&proof, &authorities);
    let conclusion = |without: &[Check]| genuine.findings.conclusion(without);
    assert_eq!(conclusion(&[]), Conclusion::NotEverything(Check::Nonce, WhyNot::NotRemembered));
    assert_eq!(conclusion(&[Check::Nonce]), Conclusion::NotEverything(Check::FaceExpiry, WhyNot::NotSigned));
    assert_eq!(genuine.proves(Claim::CardPresent, &[]), Conclusion::NotEverything(Check::Nonce, WhyNot::NotRemembered));
    assert_eq!(genuine.proves(Claim::CardPresent, &[Check::Nonce]), Conclusion::EverythingAsked);
}

#[test]
fn a_demonstration_card_is_nothing_to_the_real_authorities() {
    let proof = proof(&persona("adult"));
    let authorities = CvAuthorities::production();
    let genuine = judged(&proof, &authorities);
    assert_eq!(genuine.findings.of(Check::TextAuthority), Some(Fails(Reason::UnknownIssuer)));
    assert_eq!(genuine.findings.of(Check::SurfaceAuthority), Some(Fails(Reason::UnknownIssuer)));
    for check in [
        Check::TextCertificate,
        Check::TextKey,
        Check::TextPresence,
        Check::SurfaceCertificate,
        Check::SurfaceKey,
        Check::SurfacePresence,
    ] {
        assert_eq!(genuine.findings.of(check), Some(NotChecked(WhyNot::Moot)), "{check:?}");
    }
    assert!(!genuine.findings.test());
    let failed = Conclusion::Fails(Check::TextAuthority, Reason::UnknownIssuer);
    assert_eq!(genuine.proves(Claim::CardPresent, Check::ALL), failed);
    assert!(genuine.attributes().is_none() && genuine.face().is_none() && genuine.birth().is_none());
    assert!(genuine.municipality().is_none());
}

#[test]
fn a_card_face_that_was_tampered_with_says_which_of_its_three_digests_is_wrong() {
    for (tag, check) in [
        (0xDF22, Check::FacePerson),
        (0xDF23, Check::FacePerson),
        (0xDF24, Check::FacePerson),
        (0xDF25, Check::FaceImages),
        (0xDF26, Check::FaceImages),
        (0xDF27, Check::FacePhoto),
    ] {
        let record = file(&persona("adult"), "surface", 2);
        let last = value(&record, tag).end - 1;
        let proof = with_surface(|surface| surface.face = Some(flipped(&record, last, 0x02)));
        let authorities = authorities();
        let genuine = judged(&proof, &authorities);
        for part in [Check::FacePerson, Check::FaceImages, Check::FacePhoto] {
            let expected = if part == check { Fails(Reason::Altered) } else { Holds };
            assert_eq!(genuine.findings.of(part), Some(expected), "{tag:X}: {part:?}");
        }
        assert_eq!(genuine.findings.of(Check::FaceSignature), Some(Holds));
        assert!(genuine.face().is_none());
    }
}

#[test]
fn a_swapped_card_key_is_found_in_the_record_that_names_it() {
    // The thief's own key in the record, and a good signature of his over the right nonce.
    let thief = persona("child");
    let in_the_text_application = with_text(|text| {
        let record = text.key.take().expect("a record");
        let (own, its) = (file(&thief, "text", 7), value(&record, 0xDF51));
        let mut swapped = record.to_vec();
        swapped[its].copy_from_slice(&own[value(&own, 0xDF51)]);
        text.key = Some(bytes(&swapped));
        text.signature = sign_digest(&key(&thief, "text", 0x13), card_digest(&nonce()));
    });
    assert_eq!(line(&in_the_text_application, Check::TextKey), Some(Fails(Reason::Altered)));
    assert_eq!(line(&in_the_text_application, Check::TextPresence), Some(NotChecked(WhyNot::Moot)));

    // The thief's own signed record beside the victim's face.
    let beside_another = with_surface(|surface| surface.birth = Some(bytes(&file(&thief, "surface", 1))));
    assert_eq!(line(&beside_another, Check::BirthRecord), Some(Holds), "both are of one municipality");
    assert_eq!(line(&beside_another, Check::SurfaceKey), Some(Fails(Reason::OtherKey)));
    assert_eq!(line(&beside_another, Check::SurfacePresence), Some(NotChecked(WhyNot::Moot)));
}

#[test]
fn another_cards_signature_over_the_right_nonce_is_another_keys() {
    let other = persona("child");
    let text = with_text(|text| text.signature = sign_digest(&key(&other, "text", 0x13), card_digest(&nonce())));
    assert_eq!(line(&text, Check::TextPresence), Some(Fails(Reason::Signature)));
    let surface =
        with_surface(|surface| surface.signature = sign_digest(&key(&other, "surface", 0x1A), card_digest(&nonce())));
    assert_eq!(line(&surface, Check::SurfacePresence), Some(Fails(Reason::Signature)));
}

#[test]
fn a_signature_over_another_nonce_says_so() {
    let before = Nonce::from_bytes(&[0x5B; 32]).expect("a nonce");
    let text = with_text(|text| text.signature = text_proof(&persona("adult"), &before).signature);
    assert_eq!(line(&text, Check::TextPresence), Some(Fails(Reason::Nonce)));
}

#[test]
fn a_replayed_nonce_proves_nothing_though_everything_is_signed() {
    let card = persona("adult");
    let store = MemoryNonces::new(Duration::from_secs(60), 10);
    let nonce = store.issue("session", today()).expect("a nonce");
    let mut proof = Proof::default();
    proof.text = Some(text_proof(&card, &nonce));
    let authorities = authorities();
    let trust = Trust { municipalities: &authorities, holder: None, at: today() };
    let attempt = |at| {
        let (challenge, session) = Challenge::consume(nonce.clone(), &store, at);
        let genuine = verify(&proof, &challenge, &trust, AtHand::default());
        (session, genuine.findings.conclusion(&[]), genuine.findings.of(Check::TextPresence))
    };
    assert_eq!(attempt(today()), (Some("session"), Conclusion::EverythingAsked, Some(Holds)));
    let failed = Conclusion::Fails(Check::Nonce, Reason::Nonce);
    assert_eq!(attempt(today()), (None, failed, Some(NotChecked(WhyNot::Moot))));
}

#[test]
fn a_nonce_that_has_expired_or_that_nobody_gave_out_is_refused() {
    let store = MemoryNonces::new(Duration::from_secs(60), 10);
    let late = store.issue((), today()).expect("a nonce");
    for (nonce, at) in [(late, today() + Duration::from_secs(61)), (nonce(), today())] {
        let proof = proof(&persona("adult"));
        let authorities = authorities();
        let trust = Trust { municipalities: &authorities, holder: None, at };
        let (challenge, session) = Challenge::consume(nonce, &store, at);
        let genuine = verify(&proof, &challenge, &trust, AtHand::default());
        assert_eq!((session, genuine.findings.of(Check::Nonce)), (None, Some(Fails(Reason::Nonce))));
        assert_eq!(genuine.proves(Claim::CardPresent, Check::ALL), Conclusion::Fails(Check::Nonce, Reason::Nonce));
    }
}

#[test]
fn two_halves_of_different_people_do_not_make_a_card() {
    let mut proof = proof(&persona("adult"));
    proof.surface = Some(surface_proof(&persona("long"), &nonce()));
    assert_eq!(line(&proof, Check::SamePerson), Some(Fails(Reason::OtherPerson)));
}

#[test]
fn attributes_and_number_of_somebody_else_are_not_those_of_the_record() {
    let other = persona("long");
    let attributes = with_text(|text| text.attributes = Some(bytes(&file(&other, "text", 2))));
    assert_eq!(line(&attributes, Check::TextAttributes), Some(Fails(Reason::Altered)));
    let number = MyNumber::parse(&file(&other, "text", 1)).expect("a number");
    let proof = proof(&persona("adult"));
    let authorities = authorities();
    let trust = Trust { municipalities: &authorities, holder: None, at: today() };
    let at_hand = AtHand { my_number: Some(&number), number_image: None };
    let genuine = verify(&proof, &Challenge::unremembered(nonce()), &trust, at_hand);
    assert_eq!(genuine.findings.of(Check::TextNumber), Some(Fails(Reason::Altered)));
}

// ---- a hierarchy of our own, to sign what the demonstration card's municipality never would

/// The keys of a few demonstration cards, put to other uses.
struct Forger {
    authority: RsaPrivateKey,
    municipality: RsaPrivateKey,
    card: RsaPrivateKey,
}

/// Key identifiers in literal bytes: 6000033/001, 9922131/001, 1322121/000.
const TEXT_AUTHORITY: [u8; 16] = *b"6000033\x08\x05001\0\0\0\0";
const SURFACE_AUTHORITY: [u8; 16] = *b"6000023\x08\x05001\0\0\0\0";
const HANA: [u8; 16] = *b"9922131\x08\x05001\0\0\0\x01";
const ELSEWHERE: [u8; 16] = *b"1322121\x08\x05000\0\0\0\0";

fn object(tag: u16, value: &[u8]) -> Vec<u8> {
    let tag = tag.to_be_bytes();
    let tag = if tag[0] == 0 { &tag[1..] } else { &tag[..] };
    [tag, &[0x82], &(value.len() as u16).to_be_bytes(), value].concat()
}

fn public(key: &RsaPrivateKey) -> Vec<u8> {
    [&[0x90, 3, 1, 0, 1, 0x91, 0x82, 1, 0][..], &key.n().to_bytes_be()].concat()
}

impl Forger {
    fn new() -> Self {
        let (adult, child) = (persona("adult"), persona("child"));
        Self {
            authority: key(&adult, "jpki", 0x17),
            municipality: key(&child, "jpki", 0x17),
            card: key(&adult, "text", 0x13),
        }
    }

    fn authorities(&self, rows: &[(Chain, [u8; 16])]) -> CvAuthorities {
        let modulus = self.authority.n().to_bytes_be().try_into().expect("2048 bits");
        let rows: Vec<_> = rows.iter().map(|(chain, id)| CvAuthority { chain: *chain, id: *id, modulus }).collect();
        CvAuthorities::test_only(&rows)
    }

    fn certificate(&self, issuer: &[u8; 16], subject: &[u8; 16]) -> Bytes {
        let body = [&issuer[..], subject, &public(&self.municipality)].concat();
        let content = [object(0x5F4E, &body), object(0x5F37, &sign(&self.authority, &body))].concat();
        bytes(&object(0x7F21, &content))
    }

    /// A text part whose key record the municipality signs with this.
    fn text(&self, sign_record: impl FnOnce(&RsaPrivateKey, &[u8]) -> Vec<u8>) -> TextProof {
        let key = object(0xDF51, &public(&self.card));
        let signature = object(0xDF52, &sign_record(&self.municipality, &key));
        TextProof {
            certificate: self.certificate(&TEXT_AUTHORITY, &HANA),
            signature: sign_digest(&self.card, card_digest(&nonce())),
            key: Some(bytes(&object(0xFF50, &[key, signature].concat()))),
            integrity: None,
            attributes: None,
        }
    }

    fn judges(&self, text: TextProof) -> impl Fn(Check) -> Option<Outcome> {
        let mut proof = Proof::default();
        proof.text = Some(text);
        let findings = judged(&proof, &self.authorities(&[(Chain::Text, TEXT_AUTHORITY)])).findings;
        move |check| findings.of(check)
    }
}

#[test]
fn a_hierarchy_of_our_own_holds_so_that_what_follows_fails_for_its_own_reason() {
    let forger = Forger::new();
    let found = forger.judges(forger.text(sign));
    for check in [Check::TextAuthority, Check::TextCertificate, Check::TextKey, Check::TextPresence] {
        assert_eq!(found(check), Some(Holds), "{check:?}");
    }
}

#[test]
fn a_certificate_of_another_applications_chain_is_refused_though_its_signature_holds() {
    let forger = Forger::new();
    let both = forger.authorities(&[(Chain::Text, TEXT_AUTHORITY), (Chain::Surface, SURFACE_AUTHORITY)]);
    let mut text = forger.text(sign);
    text.certificate = forger.certificate(&SURFACE_AUTHORITY, &HANA);
    let mut proof = Proof::default();
    proof.text = Some(text);
    let genuine = judged(&proof, &both);
    assert_eq!(genuine.findings.of(Check::TextAuthority), Some(Fails(Reason::WrongChain)));
    assert_eq!(genuine.findings.of(Check::TextCertificate), Some(Holds));
    assert!(genuine.municipality().is_none());

    // The demonstration card's own two certificates, swapped.
    let card = self::persona("adult");
    let swapped = with_text(|text| text.certificate = bytes(&file(&card, "surface", 4)));
    assert_eq!(line(&swapped, Check::TextAuthority), Some(Fails(Reason::WrongChain)));
    assert_eq!(line(&swapped, Check::TextKey), Some(NotChecked(WhyNot::Moot)));
    let master = persona("adult").data_object(0x00F8).expect("a certificate");
    // Behind the header list, which only data objects have.
    let master = object(0x7F21, &master[12..]);
    let master = with_surface(|surface| surface.certificate = bytes(&master));
    assert_eq!(line(&master, Check::SurfaceAuthority), Some(Fails(Reason::WrongChain)));
}

#[test]
fn an_authority_that_borrows_a_known_name_signs_with_another_key() {
    let forger = Forger::new();
    // The municipality signs its own certificate under the authority's identifier.
    let body = [&TEXT_AUTHORITY[..], &HANA, &public(&forger.municipality)].concat();
    let content = [object(0x5F4E, &body), object(0x5F37, &sign(&forger.municipality, &body))].concat();
    let mut text = forger.text(sign);
    text.certificate = bytes(&object(0x7F21, &content));
    let found = forger.judges(text);
    assert_eq!(found(Check::TextAuthority), Some(Holds));
    assert_eq!(found(Check::TextCertificate), Some(Fails(Reason::Signature)));
    for check in [Check::TextKey, Check::TextPresence] {
        assert_eq!(found(check), Some(NotChecked(WhyNot::Moot)), "{check:?}: nobody vouches for the municipality");
    }
}

#[test]
fn a_certificate_of_another_municipality_does_not_go_with_this_card() {
    let forger = Forger::new();
    let authorities = forger.authorities(&[(Chain::Text, TEXT_AUTHORITY), (Chain::Surface, SURFACE_AUTHORITY)]);
    let mut proof = Proof::default();
    proof.text = Some(forger.text(sign));
    let mut surface = surface_proof(&persona("adult"), &nonce());
    surface.certificate = forger.certificate(&SURFACE_AUTHORITY, &ELSEWHERE);
    proof.surface = Some(surface);
    let genuine = judged(&proof, &authorities);
    assert_eq!(genuine.findings.of(Check::SurfaceCertificate), Some(Holds));
    assert_eq!(genuine.findings.of(Check::Municipality), Some(Fails(Reason::OtherMunicipality)));
    assert!(genuine.municipality().is_none());
}

#[test]
fn a_record_signed_over_another_kind_of_digest_is_refused_by_name() {
    let forger = Forger::new();
    let with_sha_384 = forger.text(|key, record| {
        key.sign(Pkcs1v15Sign::new::<sha2::Sha384>(), &sha2::Sha384::digest(record)).expect("a signature")
    });
    assert_eq!(forger.judges(with_sha_384)(Check::TextKey), Some(Fails(Reason::DigestAlgorithm)));
    let without_a_name = forger
        .text(|key, record| key.sign(Pkcs1v15Sign::new_unprefixed(), &Sha256::digest(record)).expect("a signature"));
    assert_eq!(forger.judges(without_a_name)(Check::TextKey), Some(Fails(Reason::DigestAlgorithm)));
    // The name of SHA3-256, whose digests are as long, in front of the right SHA-256 digest.
    let under_another_name = forger.text(|key, record| {
        let info = [&hex::decode("3031300D060960864801650304020805000420").expect("hex")[..], &Sha256::digest(record)];
        key.sign(Pkcs1v15Sign::new_unprefixed(), &info.concat()).expect("a signature")
    });
    assert_eq!(forger.judges(under_another_name)(Check::TextKey), Some(Fails(Reason::DigestAlgorithm)));
    // One digest and 64 bytes of anything behind it, in a DigestInfo of three.
    let three = forger.text(|key, record| {
        let info = [&hex::decode("3071300D060960864801650304020105000460").expect("hex")[..], &Sha256::digest(record)];
        key.sign(Pkcs1v15Sign::new_unprefixed(), &[&info.concat()[..], &[7; 64]].concat()).expect("a signature")
    });
    assert_eq!(forger.judges(three)(Check::TextKey), Some(Fails(Reason::DigestAlgorithm)));
    let mut presence = forger.text(sign);
    let digest = sha2::Sha512::digest(nonce().as_bytes());
    presence.signature = bytes(&forger.card.sign(Pkcs1v15Sign::new::<sha2::Sha512>(), &digest).expect("a signature"));
    assert_eq!(forger.judges(presence)(Check::TextPresence), Some(Fails(Reason::DigestAlgorithm)));
}

#[test]
fn a_card_face_signed_with_one_digest_is_refused_by_name() {
    let forger = Forger::new();
    let record = file(&persona("adult"), "surface", 2);
    let at = value(&record, 0xDF28);
    let mut face = record.clone();
    face[at].copy_from_slice(&sign(&forger.municipality, &record[value(&record, 0xDF27)]));
    let mut proof = Proof::default();
    let mut surface = surface_proof(&persona("adult"), &nonce());
    surface.certificate = forger.certificate(&SURFACE_AUTHORITY, &HANA);
    surface.face = Some(bytes(&face));
    surface.birth = None;
    proof.surface = Some(surface);
    let found = judged(&proof, &forger.authorities(&[(Chain::Surface, SURFACE_AUTHORITY)])).findings;
    assert_eq!(found.of(Check::FaceSignature), Some(Fails(Reason::DigestAlgorithm)));
    assert_eq!(found.of(Check::FacePhoto), Some(NotChecked(WhyNot::Moot)));
}

#[test]
fn a_key_of_another_size_or_exponent_is_no_key_of_a_card() {
    let forger = Forger::new();
    for (at, with) in [(4, 0x02), (2 + 2, 0x01)] {
        let mut text = forger.text(sign);
        let mut public = public(&forger.card);
        public[at] ^= with;
        let key = object(0xDF51, &public);
        let signature = object(0xDF52, &sign(&forger.municipality, &key));
        text.key = Some(bytes(&object(0xFF50, &[key, signature].concat())));
        assert_eq!(forger.judges(text)(Check::TextKey), Some(Fails(Reason::Unreadable)));
    }
}

// ---- every byte

/// Each record of the proof, with its application's unsigned places.
type Place = (&'static str, fn(&mut Proof) -> &mut Bytes);

fn places() -> Vec<Place> {
    fn text(proof: &mut Proof) -> &mut TextProof {
        proof.text.as_mut().expect("a part")
    }
    fn surface(proof: &mut Proof) -> &mut SurfaceProof {
        proof.surface.as_mut().expect("a part")
    }
    vec![
        ("text certificate", |proof| &mut text(proof).certificate),
        ("text signature", |proof| &mut text(proof).signature),
        ("text key", |proof| text(proof).key.as_mut().expect("a record")),
        ("text integrity", |proof| text(proof).integrity.as_mut().expect("a record")),
        ("text attributes", |proof| text(proof).attributes.as_mut().expect("a record")),
        ("surface certificate", |proof| &mut surface(proof).certificate),
        ("surface signature", |proof| &mut surface(proof).signature),
        ("face", |proof| surface(proof).face.as_mut().expect("a record")),
        ("birth", |proof| surface(proof).birth.as_mut().expect("a record")),
    ]
}

#[test]
fn no_byte_of_any_record_can_change_but_in_the_fields_that_nobody_signed() {
    let adult = persona("adult");
    let mut unsigned = 0;
    for (name, place) in places() {
        // The other application is left out: it costs time and changes nothing.
        let mut proof = proof(&adult);
        if name.starts_with("text") {
            proof.surface = None
        } else {
            proof.text = None
        }
        let original = place(&mut proof).clone();
        let free: Vec<_> = if name == "face" {
            value(&original, 0xDF29).chain(value(&original, 0xDF2A)).collect()
        } else {
            Vec::new()
        };
        for at in 0..original.len() {
            *place(&mut proof) = flipped(&original, at, 1 << (at % 8));
            let concluded = concludes(&proof);
            if free.contains(&at) && concluded == Conclusion::EverythingAsked {
                unsigned += 1;
                assert_eq!(line(&proof, Check::FaceExpiry), Some(NotChecked(WhyNot::NotSigned)));
                assert_eq!(line(&proof, Check::FaceSecurityCode), Some(NotChecked(WhyNot::NotSigned)));
            } else {
                assert_ne!(concluded, Conclusion::EverythingAsked, "{name}, byte {at}");
            }
        }
        *place(&mut proof) = original;
        assert_eq!(concludes(&proof), Conclusion::EverythingAsked);
    }
    // Not each byte: the date is text, and a flip of its highest bit leaves none.
    assert!(unsigned > 100, "{unsigned}");
}

#[test]
fn no_byte_of_the_number_or_its_image_can_change() {
    let card = persona("adult");
    let proof = proof(&card);
    let authorities = authorities();
    let trust = Trust { municipalities: &authorities, holder: None, at: today() };
    let (number, image) = (file(&card, "text", 1), file(&card, "surface", 5));
    let judge = |at_hand: AtHand<'_>| verify(&proof, &Challenge::unremembered(nonce()), &trust, at_hand).findings;
    for at in 0..number.len() {
        let mut number = number.clone();
        number[at] ^= 0x01;
        if let Ok(number) = MyNumber::parse(&number) {
            let found = judge(AtHand { my_number: Some(&number), number_image: None });
            assert_eq!(found.of(Check::TextNumber), Some(Fails(Reason::Altered)), "byte {at}");
        }
    }
    for at in 0..image.len() {
        let image = flipped(&image, at, 0x01);
        let found = judge(AtHand { my_number: None, number_image: Some(&image) });
        assert!(matches!(found.of(Check::NumberImage), Some(Fails(_))), "byte {at}");
    }
}

#[test]
fn records_that_are_too_short_or_too_long_are_unreadable() {
    let mut proof = proof(&persona("adult"));
    for (name, place) in places() {
        let original = place(&mut proof).clone();
        let longer = [&original[..], &[0xFF]].concat();
        let lengths = (0..original.len()).step_by(7).chain([original.len() - 1]).map(|length| &original[..length]);
        for record in lengths.chain([&longer[..]]) {
            *place(&mut proof) = bytes(record);
            let Conclusion::Fails(_, reason) = concludes(&proof) else { panic!("{name} of {} bytes", record.len()) };
            let expected = if name.ends_with("signature") { Reason::Signature } else { Reason::Unreadable };
            assert_eq!(reason, expected, "{name} of {} bytes", record.len());
        }
        *place(&mut proof) = original;
    }
}

#[test]
fn an_object_that_nobody_knows_is_named_as_unsigned_or_refused() {
    let record = file(&persona("adult"), "surface", 2);
    let extra = [&record[5..], &[0xDF, 0x2B, 0x01, 0x31]].concat();
    let proof = with_surface(|surface| surface.face = Some(bytes(&object(0xFF20, &extra))));
    assert_eq!(line(&proof, Check::FaceRest), Some(NotChecked(WhyNot::NotSigned)));
    let twice = [&record[5..], &[0xDF, 0x23, 0x01, 0x31]].concat();
    let proof = with_surface(|surface| surface.face = Some(bytes(&object(0xFF20, &twice))));
    assert_eq!(line(&proof, Check::FaceSignature), Some(Fails(Reason::Unreadable)));
}

#[test]
fn a_face_travels_without_what_nobody_signed() {
    let record = file(&persona("adult"), "surface", 2);
    let signed = signed_face(&record).expect("a face");
    let (expiry, code) = (&record[value(&record, 0xDF29)], &record[value(&record, 0xDF2A)]);
    let contains = |part: &[u8]| signed.windows(part.len()).any(|window| window == part);
    assert!(!contains(expiry) && !contains(code) && contains(&record[value(&record, 0xDF27)]));
    let proof = with_surface(|surface| surface.face = Some(signed.clone()));
    let authorities = authorities();
    let genuine = judged(&proof, &authorities);
    assert_eq!(genuine.findings.conclusion(&[Check::Nonce]), Conclusion::EverythingAsked);
    assert_eq!((genuine.findings.of(Check::FaceExpiry), genuine.findings.of(Check::FaceSecurityCode)), (None, None));
    assert!(genuine.face().is_some());
    assert!(signed_face(&record[1..]).is_err());
}

#[test]
fn what_is_missing_is_a_line_and_not_silence() {
    let no_key = with_text(|text| text.key = None);
    assert_eq!(line(&no_key, Check::TextKey), Some(NotChecked(WhyNot::NotHandedIn)));
    assert_eq!(line(&no_key, Check::TextPresence), Some(NotChecked(WhyNot::Moot)));
    let no_integrity = with_text(|text| text.integrity = None);
    assert_eq!(line(&no_integrity, Check::TextIntegrity), Some(NotChecked(WhyNot::NotHandedIn)));
    assert_eq!(line(&no_integrity, Check::TextAttributes), Some(NotChecked(WhyNot::Moot)));
    let no_record = with_surface(|surface| (surface.face, surface.birth) = (None, None));
    assert_eq!(line(&no_record, Check::SurfaceKey), Some(NotChecked(WhyNot::NotHandedIn)));
    let authorities = authorities();
    let holder_only = judged(&no_record, &authorities).proves(Claim::HolderEnteredPin, &[Check::Nonce]);
    assert_eq!(holder_only, Conclusion::NotEverything(Check::HolderSignature, WhyNot::NotHandedIn));
}

// ---- the holder

fn anchors() -> Anchors<UserAuthentication> {
    use der::{DecodePem as _, Encode as _};
    let authorities = ["auth-ca-1", "auth-ca-2"].map(|name| {
        let pem = std::fs::read(format!("{}/../fixtures/cards/pki/{name}.pem", env!("CARGO_MANIFEST_DIR")));
        x509_cert::Certificate::from_pem(pem.expect("an authority")).expect("a certificate").to_der().expect("DER")
    });
    Anchors::test_only(&[&authorities[0], &authorities[1]]).expect("anchors")
}

fn holder_proof(card: &Persona, signer: &Persona, nonce: &Nonce, audience: &str) -> HolderProof {
    HolderProof {
        certificate: bytes(&file(card, "jpki", 0x0A)),
        signature: sign_digest(&key(signer, "jpki", 0x17), holder_digest(nonce, audience)),
        authority: Some(bytes(&file(card, "jpki", 0x0B))),
    }
}

fn holder_line(holder: HolderProof) -> (Option<Outcome>, Conclusion, Conclusion) {
    let mut proof = proof(&persona("adult"));
    proof.holder = Some(holder);
    let (authorities, anchors) = (authorities(), anchors());
    let holder = HolderTrust { anchors: &anchors, revocation: &NotAsked, audience: AUDIENCE };
    let trust = Trust { municipalities: &authorities, holder: Some(holder), at: today() };
    let genuine = verify(&proof, &Challenge::unremembered(nonce()), &trust, AtHand::default());
    let without = [Check::Nonce, Check::Revocation];
    (
        genuine.findings.of(Check::HolderSignature),
        genuine.proves(Claim::HolderEnteredPin, &without),
        genuine.findings.conclusion(&[&without[..], &UNSIGNED].concat()),
    )
}

#[test]
fn a_holder_who_entered_the_pin_is_proven_to_this_audience_and_not_linked_to_the_card() {
    let adult = persona("adult");
    let (signature, proven, everything) = holder_line(holder_proof(&adult, &adult, &nonce(), AUDIENCE));
    assert_eq!((signature, proven), (Some(Holds), Conclusion::EverythingAsked));
    assert_eq!(everything, Conclusion::NotEverything(Check::HolderCard, WhyNot::NothingLinks));
}

#[test]
fn a_holders_signature_for_another_audience_nonce_or_certificate_fails() {
    let (adult, child) = (persona("adult"), persona("child"));
    let before = Nonce::from_bytes(&[0x5B; 32]).expect("a nonce");
    for holder in [
        holder_proof(&adult, &adult, &nonce(), "https://elsewhere.example"),
        holder_proof(&adult, &adult, &before, AUDIENCE),
        holder_proof(&adult, &child, &nonce(), AUDIENCE),
        HolderProof {
            signature: sign_digest(&key(&adult, "jpki", 0x17), card_digest(&nonce())),
            ..holder_proof(&adult, &adult, &nonce(), AUDIENCE)
        },
    ] {
        let (signature, proven, _) = holder_line(holder);
        assert_eq!(signature, Some(Fails(Reason::Signature)));
        assert_eq!(proven, Conclusion::Fails(Check::HolderSignature, Reason::Signature));
    }
    let unreadable = HolderProof { certificate: bytes(&[0x30, 0]), ..holder_proof(&adult, &adult, &nonce(), AUDIENCE) };
    assert_eq!(holder_line(unreadable).1, Conclusion::Fails(Check::CertificateProfile, Reason::Unreadable));
}

#[test]
fn a_holders_certificate_for_signing_is_not_one_for_this() {
    let adult = persona("adult");
    let mut holder = holder_proof(&adult, &adult, &nonce(), AUDIENCE);
    holder.certificate = bytes(&file(&adult, "jpki", 1));
    holder.signature = sign_digest(&key(&adult, "jpki", 0x1A), holder_digest(&nonce(), AUDIENCE));
    let (signature, proven, _) = holder_line(holder);
    assert_eq!(signature, Some(Holds), "the signature is good; everything else is not");
    assert!(matches!(proven, Conclusion::Fails(..)));
}

#[test]
fn a_holder_who_was_asked_for_and_is_not_there_is_a_line() {
    let proof = proof(&persona("adult"));
    let (authorities, anchors) = (authorities(), anchors());
    let holder = HolderTrust { anchors: &anchors, revocation: &NotAsked, audience: AUDIENCE };
    let trust = Trust { municipalities: &authorities, holder: Some(holder), at: today() };
    let genuine = verify(&proof, &Challenge::unremembered(nonce()), &trust, AtHand::default());
    assert_eq!(genuine.findings.of(Check::HolderSignature), Some(NotChecked(WhyNot::NotHandedIn)));
    assert_eq!(genuine.findings.of(Check::Revocation), Some(NotChecked(WhyNot::Moot)));
}

#[test]
fn a_holders_certificate_that_cannot_be_read_leaves_no_line_out() {
    let adult = persona("adult");
    let lines = |certificate: Bytes| {
        let mut proof = proof(&adult);
        proof.holder = Some(HolderProof { certificate, ..holder_proof(&adult, &adult, &nonce(), AUDIENCE) });
        let (authorities, anchors) = (authorities(), anchors());
        let holder = HolderTrust { anchors: &anchors, revocation: &NotAsked, audience: AUDIENCE };
        let trust = Trust { municipalities: &authorities, holder: Some(holder), at: today() };
        let genuine = verify(&proof, &Challenge::unremembered(nonce()), &trust, AtHand::default());
        let mut checks: Vec<_> = genuine.findings.lines().iter().map(|line| line.check).collect();
        checks.sort();
        checks
    };
    assert_eq!(lines(bytes(&[0x30, 0])), lines(bytes(&file(&adult, "jpki", 0x0A))));
}

// ---- on the way

#[test]
fn a_proof_comes_back_from_json_as_it_was() {
    let adult = persona("adult");
    let mut proof = proof(&adult);
    proof.holder = Some(holder_proof(&adult, &adult, &nonce(), AUDIENCE));
    let json = proof.to_json();
    assert!(json.starts_with(r#"{"format":"kazasu-genuine:1","text":{"certificate":"fyGCAj"#), "{}", &json[..80]);
    let back = Proof::from_json(json.as_bytes()).expect("a proof");
    assert_eq!(*back.to_json(), *json);
    assert_eq!(concludes(&back), concludes(&proof));
    for secret in [&adult.secrets.number_a, &adult.secrets.number_b, &adult.secrets.text_pin] {
        assert!(!json.contains(&**secret));
    }
}

#[test]
fn what_is_no_proof_is_refused_before_anything_is_looked_at() {
    let refused = |json: &str| Proof::from_json(json.as_bytes()).err();
    let signed = r#""certificate":"AAAA","signature":"AAAA""#;
    assert_eq!(refused(&" ".repeat(65_537)), Some(ProofError::TooLong));
    assert_eq!(refused(r#"{"format":"kazasu-genuine:1"}"#), Some(ProofError::Empty));
    let holder = |rest: &str| format!(r#"{{"format":"kazasu-genuine:1","holder":{{{signed}{rest}}}}}"#);
    assert_eq!(refused(&holder("")), None);
    let long = format!(
        r#"{{"format":"kazasu-genuine:1","holder":{{"certificate":"{}","signature":""}}}}"#,
        "A".repeat(21_852)
    );
    let not_base64 = holder("").replace("AAAA", "AA-A");
    let other = holder("").replace(":1", ":2");
    for json in ["", "{}", "[]", &other, &holder(r#","more":1"#), &holder(r#","signature":"AAAA""#), &not_base64, &long]
    {
        assert_eq!(refused(json), Some(ProofError::Unreadable), "{json:.60}");
    }
    let json = holder("");
    for length in 0..json.len() {
        assert_eq!(refused(&json[..length]), Some(ProofError::Unreadable));
    }
}

#[test]
fn the_errors_say_what_to_do() {
    assert_eq!(
        signed_face(&[]).err().map(|error| error.to_string()).as_deref(),
        Some("these bytes are not this record of the card; read it again")
    );
    assert_eq!(
        ProofError::Empty.to_string(),
        "the proof is empty; it needs a part from at least one application of the card"
    );
}
