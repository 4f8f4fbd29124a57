//! Timestamps are attached when they answer the request, and looked at with what the caller believes. OpenSSL's own
//! authority is the judge's (`.ci/judge-documents`); this one is written by hand, to be wrong in one place.

mod common;
mod pdfs;

use common::by_hand::{ByHand, hex, signing_certificate, signing_certificate_by_sha1, tlv};
use common::{CONTENT, CardKey, OnTheCard, anchors, certificate, certificate_der, reissued, today};
use der::{Decode as _, Encode as _};
use kazasu_pki::cms::{CmsError, Extras, Profile, SignedFile, Signer, Trust, prepare};
use kazasu_pki::finding::{By, Conclusion};
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::timestamp::{self, TimestampError};
use kazasu_pki::{Check, DisclosureAck, Outcome, Reason, Signing, UserAuthentication, WhyNot};
use sha2::{Digest as _, Sha256};
use std::time::{Duration, SystemTime};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::ExtendedKeyUsage;

const NONCE: [u8; 16] = [0xA7; 16];
/// Nobody asks about revocation here.
const WITHOUT: [Check; 2] = [Check::Revocation, Check::TimestampRevocation];

fn signed() -> Vec<u8> {
    signed_about(CONTENT)
}

fn signed_about(content: &[u8]) -> Vec<u8> {
    let certificate = certificate::<Signing>();
    let digest = certificate.key().expect("a key").algorithm().digest(content).digest;
    let told = DisclosureAck::the_file_will_show_name_address_birth_date_and_sex();
    let prepared = prepare(&digest, &certificate, Profile::Cades { signing_time: None }, told).expect("prepared");
    let signature = CardKey::of::<Signing>().sign(&prepared.to_be_signed());
    prepared.finish(&certificate, &signature, Extras { content: Some(content), ..Extras::default() }).expect("finished")
}

/// A certificate of a time-stamping authority with the key of the adult's other certificate.
fn tsa() -> Vec<u8> {
    tsa_but(|_| ())
}

/// The same, with so many bytes of no use in it.
fn tsa_with(more: usize) -> Vec<u8> {
    tsa_but(|extensions| {
        extensions.push(Extension {
            extn_id: der::oid::ObjectIdentifier::new_unwrap("1.2.3.4"),
            critical: false,
            extn_value: der::asn1::OctetString::new(vec![0; more]).expect("octets"),
        });
    })
}

/// Such a certificate with something else in its extensions.
fn tsa_but(change: impl FnOnce(&mut Vec<Extension>)) -> Vec<u8> {
    reissued::<UserAuthentication>(|tbs| {
        use der::oid::AssociatedOid as _;
        let value = ExtendedKeyUsage(vec![der::oid::ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8")]);
        let extensions = tbs.extensions.as_mut().expect("extensions");
        // keyUsage of the adult's certificate is digitalSignature alone, as it should be here.
        extensions.retain(|extension| extension.extn_id != ExtendedKeyUsage::OID);
        extensions.push(Extension {
            extn_id: ExtendedKeyUsage::OID,
            critical: true,
            extn_value: der::asn1::OctetString::new(value.to_der().expect("DER")).expect("octets"),
        });
        change(extensions);
    })
}

fn extension(id: &str, critical: bool, value: &str) -> Extension {
    let value = der::asn1::OctetString::new(hex(value)).expect("octets");
    Extension { extn_id: der::oid::ObjectIdentifier::new_unwrap(id), critical, extn_value: value }
}

/// An answer, to be wrong in one place.
struct Answer {
    status: u8,
    imprint: Vec<u8>,
    nonce: Vec<u8>,
    time: &'static [u8],
    certificate: Vec<u8>,
    key: CardKey,
    /// How the signature names its certificate (RFC 5816).
    named: fn(&[u8]) -> Vec<Vec<u8>>,
}

impl Answer {
    fn to(request: &[u8]) -> Self {
        let request = x509_tsp::TimeStampReq::from_der(request).expect("a request");
        Self {
            status: 0,
            imprint: request.message_imprint.to_der().expect("DER"),
            nonce: request.nonce.expect("a nonce").to_der().expect("DER"),
            time: b"20261120000000Z",
            certificate: tsa(),
            key: CardKey::of::<UserAuthentication>(),
            named: |certificate| vec![signing_certificate(certificate)],
        }
    }

    fn bytes(&self) -> Vec<u8> {
        tlv(0x30, &[&tlv(0x30, &[&[2, 1, self.status]]), &self.token()])
    }

    fn token(&self) -> Vec<u8> {
        let policy = hex("0603 2A0304");
        let time = tlv(0x18, &[self.time]);
        let info = tlv(0x30, &[&[2, 1, 1], &policy, &self.imprint, &[2, 1, 9], &time, &self.nonce]);
        let digest = tlv(0x31, &[&tlv(0x04, &[&Sha256::digest(&info)])]);
        let mut by_hand = ByHand::new(&self.certificate);
        by_hand.content_type = hex("060B2A864886F70D0109100104");
        by_hand.attributes = vec![
            hex("301A 06092A864886F70D010903 310D 060B2A864886F70D0109100104"),
            tlv(0x30, &[&hex("06092A864886F70D010904"), &digest]),
        ];
        by_hand.attributes.extend((self.named)(&self.certificate));
        by_hand.attributes.sort();
        by_hand.file_with(&[by_hand.info(&self.key)], 3, Some(&info))
    }
}

fn look(file: &[u8], at: SystemTime, authorities: &[&[u8]]) -> Signer {
    let anchors = anchors::<Signing>();
    let trust = Trust { anchors: &anchors, revocation: &NotAsked, at, timestamp_authorities: authorities, cades: true };
    let file = SignedFile::parse(file).expect("a signature");
    file.verify(None, &trust).into_iter().next().expect("a signer")
}

#[test]
fn a_timestamp_that_answers_is_attached_and_holds_where_its_authority_is_believed() {
    let signed = signed();
    let request = timestamp::prepare(&signed, NONCE).expect("a request");
    let stamped = timestamp::attach(&signed, &request, &Answer::to(&request).bytes()).expect("a timestamp");
    let ca = UserAuthentication::ca().certificate.clone();
    for believed in [ca, tsa()] {
        let signer = look(&stamped, today(), &[&believed]);
        assert_eq!(signer.findings.conclusion(&WITHOUT), Conclusion::EverythingAsked);
        assert_eq!(signer.timestamp, Some(today()));
        let time = signer.findings.lines().iter().find(|line| line.check == Check::TimestampTime).expect("a line");
        assert_eq!(time.by, By::Other);
    }
    let nobody = look(&stamped, today(), &[]);
    let outcome = Some(Outcome::NotChecked(WhyNot::NoTimestampAuthority));
    assert_eq!(nobody.findings.of(Check::TimestampAuthority), outcome);
    let stranger = look(&stamped, today(), &[&certificate_der::<Signing>()]);
    assert_eq!(stranger.findings.of(Check::TimestampAuthority), Some(Outcome::Fails(Reason::UnknownIssuer)));
}

#[test]
fn a_believed_timestamp_keeps_a_signature_good_after_the_certificates_end_and_no_other_does() {
    let signed = signed();
    let request = timestamp::prepare(&signed, NONCE).expect("a request");
    let stamped = timestamp::attach(&signed, &request, &Answer::to(&request).bytes()).expect("a timestamp");
    let later = today() + Duration::from_secs(20 * 365 * 86_400);
    let believed = look(&stamped, later, &[&tsa()]);
    assert_eq!(believed.findings.of(Check::Validity), Some(Outcome::Holds));
    let not_believed = look(&stamped, later, &[]);
    assert_eq!(not_believed.findings.of(Check::Validity), Some(Outcome::Fails(Reason::Expired)));
}

#[test]
fn an_answer_that_is_wrong_is_not_attached() {
    let signed = signed();
    let request = timestamp::prepare(&signed, NONCE).expect("a request");
    let attach = |change: &dyn Fn(&mut Answer)| {
        let mut answer = Answer::to(&request);
        change(&mut answer);
        timestamp::attach(&signed, &request, &answer.bytes()).err()
    };
    assert_eq!(attach(&|_| ()), None);
    assert_eq!(attach(&|answer| answer.time = b"20261120000000.25Z"), None, "fractions of a second");
    assert_eq!(attach(&|answer| answer.time = b"20261120000000.0Z"), Some(TimestampError::Unreadable));
    assert_eq!(attach(&|answer| answer.status = 2), Some(TimestampError::Refused(2)));
    let other = timestamp::prepare(&signed, [1; 16]).expect("a request");
    let other_nonce = Answer::to(&other).nonce;
    assert_eq!(attach(&|answer| answer.nonce.clone_from(&other_nonce)), Some(TimestampError::OtherNonce));
    assert_eq!(attach(&|answer| answer.nonce.clear()), Some(TimestampError::OtherNonce));
    let imprint = |answer: &mut Answer| *answer.imprint.last_mut().expect("a digest") ^= 1;
    assert_eq!(attach(&imprint), Some(TimestampError::OtherImprint));
    let key = |answer: &mut Answer| answer.key = CardKey::of::<Signing>();
    assert_eq!(attach(&key), Some(TimestampError::Signature));
    assert_eq!(timestamp::attach(&signed, &request, b"<html>").err(), Some(TimestampError::Unreadable));
    let long = vec![0; timestamp::LONGEST_RESPONSE + 1];
    assert_eq!(timestamp::attach(&signed, &request, &long).err(), Some(TimestampError::Unreadable));
    let answer = Answer::to(&request).bytes();
    assert_eq!(timestamp::attach(&signed, b"<html>", &answer).err(), Some(TimestampError::Request), "not the answer's");
    let other = timestamp::prepare(&signed_about(b"another text"), NONCE).expect("a request");
    let said = Answer::to(&other).bytes();
    assert_eq!(timestamp::attach(&signed, &other, &said).err(), Some(TimestampError::Request), "another file's");
    // The last byte of id-sha256 makes it id-sha384.
    let place = request.windows(9).position(|window| window == hex("608648016503040201")).expect("a hash function") + 8;
    let mut other_hash = request.clone();
    other_hash[place] = 2;
    assert_eq!(timestamp::attach(&signed, &other_hash, &answer).err(), Some(TimestampError::Request), "another hash");
    let cms = timestamp::attach(b"x", &request, b"").err();
    assert_eq!(cms, Some(TimestampError::Cms(CmsError::Malformed)));
    let answer = Answer::to(&request).bytes();
    let stamped = timestamp::attach(&signed, &request, &answer).expect("a timestamp");
    assert_eq!(timestamp::attach(&stamped, &request, &answer).err(), Some(TimestampError::Already), "one is enough");
}

/// Nobody pays an authority for an answer that goes nowhere.
#[test]
fn what_no_answer_could_be_attached_to_is_refused_before_the_authority_is_asked() {
    let signed = signed();
    let request = timestamp::prepare(&signed, NONCE).expect("a request");
    let stamped = timestamp::attach(&signed, &request, &Answer::to(&request).bytes()).expect("a timestamp");
    assert_eq!(timestamp::prepare(&stamped, NONCE).err(), Some(TimestampError::Already));
    // The signature's last byte is the file's.
    let mut changed = signed.clone();
    *changed.last_mut().expect("a byte") ^= 1;
    assert_eq!(timestamp::prepare(&changed, NONCE).err(), Some(TimestampError::Fails));
    assert_eq!(timestamp::prepare(&Answer::to(&request).token(), NONCE).err(), Some(TimestampError::Already));
    let mut trailing = signed;
    trailing.push(0);
    assert!(matches!(timestamp::prepare(&trailing, NONCE), Err(TimestampError::Cms(_))));
}

#[test]
fn a_pdf_that_no_answer_could_be_attached_to_is_refused_before_the_authority_is_asked() {
    use kazasu_pki::pdf::{PdfError, Profile, attach_timestamp, timestamp_request};
    let registry = pdfs::signed(&pdfs::classic(), Profile::Registry);
    assert!(matches!(timestamp_request(&registry, NONCE), Err(PdfError::NoRoom { .. })));
    let signed = pdfs::signed(&pdfs::classic(), Profile::Pades);
    let request = timestamp_request(&signed, NONCE).expect("a request");
    let stamped = attach_timestamp(signed.clone(), &request, &Answer::to(&request).bytes()).expect("a timestamp");
    let already = Some(PdfError::Timestamp(TimestampError::Already));
    assert_eq!(timestamp_request(&stamped, NONCE).err(), already);
    let mut changed = signed;
    let at = changed.windows(4).position(|window| window == b" Tj ").expect("a text") - 2;
    changed[at] ^= 1;
    assert_eq!(timestamp_request(&changed, NONCE).err(), Some(PdfError::Timestamp(TimestampError::Fails)));
}

#[test]
fn a_timestamp_that_a_pdf_has_no_room_for_is_refused_and_the_file_stays_as_it_was() {
    use kazasu_pki::pdf::{PdfError, Profile, attach_timestamp, timestamp_request};
    // One that no room was kept for, and somebody else asked about.
    let signed = pdfs::signed(&pdfs::classic(), Profile::Registry);
    let gap = pdfs::looked_at(&signed).expect("findings").signatures[0].ranges.clone().expect("ranges").gap;
    let contents = hex(std::str::from_utf8(&signed[gap.start + 1..gap.end - 1]).expect("hex"));
    let request =
        timestamp::prepare(kazasu_pki::cms::without_padding(&contents).expect("DER"), NONCE).expect("a request");
    let answer = Answer { certificate: tsa_with(1_900), ..Answer::to(&request) };
    match attach_timestamp(signed.clone(), &request, &answer.bytes()) {
        Err(PdfError::NoRoom { needed, room }) => {
            assert_eq!(room, gap.len() / 2 - 1);
            assert!(needed > room, "{needed} for {room}");
        }
        other => panic!("{other:?}"),
    }
    // With room it goes in.
    let signed = pdfs::signed(&pdfs::classic(), Profile::Pades);
    let request = timestamp_request(&signed, NONCE).expect("a request");
    let answer = Answer { certificate: tsa_with(1_900), ..Answer::to(&request) };
    let stamped = attach_timestamp(signed, &request, &answer.bytes()).expect("a timestamp");
    assert_eq!(pdfs::looked_at(&stamped).expect("findings").signatures[0].timestamp, Some(today()));
}

#[test]
fn a_timestamp_of_the_wrong_kind_or_time_is_found() {
    let signed = signed();
    let request = timestamp::prepare(&signed, NONCE).expect("a request");
    let found = |change: &dyn Fn(&mut Answer), check| {
        let mut answer = Answer::to(&request);
        change(&mut answer);
        let stamped = timestamp::attach(&signed, &request, &answer.bytes()).expect("a timestamp");
        look(&stamped, today(), &[&answer.certificate, &UserAuthentication::ca().certificate]).findings.of(check)
    };
    let logs_in = |answer: &mut Answer| answer.certificate = certificate_der::<UserAuthentication>();
    assert_eq!(found(&logs_in, Check::TimestampAuthority), Some(Outcome::Fails(Reason::Usage)));
    let future = |answer: &mut Answer| answer.time = b"20261121000000Z";
    assert_eq!(found(&future, Check::TimestampTime), Some(Outcome::Fails(Reason::Future)));
    let expired = |answer: &mut Answer| answer.time = b"20491120000000Z";
    assert_eq!(found(&expired, Check::TimestampAuthority), Some(Outcome::Fails(Reason::Expired)));
    let before = |answer: &mut Answer| answer.time = b"20001120000000Z";
    assert_eq!(found(&before, Check::TimestampAuthority), Some(Outcome::Fails(Reason::NotYet)));
}

#[test]
fn a_time_stamping_authority_is_held_to_what_every_certificate_is_held_to() {
    let signed = signed();
    let request = timestamp::prepare(&signed, NONCE).expect("a request");
    let found_named = |certificate: Vec<u8>, named: fn(&[u8]) -> Vec<Vec<u8>>| {
        let answer = Answer { certificate, named, ..Answer::to(&request) };
        let stamped = timestamp::attach(&signed, &request, &answer.bytes()).expect("a timestamp");
        let ca = UserAuthentication::ca().certificate.clone();
        let signer = look(&stamped, today(), &[&answer.certificate, &ca]);
        assert_eq!(signer.findings.of(Check::TimestampSignature), Some(Outcome::Holds));
        signer.findings.of(Check::TimestampAuthority).expect("a line")
    };
    let found = |certificate| found_named(certificate, |own| vec![signing_certificate(own)]);
    assert_eq!(found(tsa()), Outcome::Holds);
    assert_eq!(found_named(tsa(), |_| Vec::new()), Outcome::Fails(Reason::Missing), "it does not name its certificate");
    assert_eq!(found_named(tsa(), |own| vec![signing_certificate_by_sha1(own)]), Outcome::Holds);
    let another = Outcome::Fails(Reason::OtherCertificate);
    assert_eq!(found_named(tsa(), |_| vec![signing_certificate_by_sha1(&certificate_der::<Signing>())]), another);
    assert_eq!(found_named(tsa(), |_| vec![signing_certificate(&certificate_der::<Signing>())]), another);
    let both = |own: &[u8]| vec![signing_certificate_by_sha1(own), signing_certificate(&certificate_der::<Signing>())];
    assert_eq!(found_named(tsa(), both), another, "the newer name counts");
    let usage = |value: &'static str, critical| {
        tsa_but(|all| {
            all.retain(|one| one.extn_id.to_string() != "2.5.29.15");
            all.push(extension("2.5.29.15", critical, value));
        })
    };
    assert_eq!(found(usage("03020780", true)), Outcome::Holds, "digitalSignature");
    assert_eq!(found(usage("030206C0", true)), Outcome::Holds, "and nonRepudiation");
    for (wrong, critical) in [("030205A0", true), ("03020284", true), ("03020780", false)] {
        assert_eq!(found(usage(wrong, critical)), Outcome::Fails(Reason::Usage), "{wrong} {critical}");
    }
    let none = tsa_but(|all| all.retain(|one| one.extn_id.to_string() != "2.5.29.15"));
    assert_eq!(found(none), Outcome::Fails(Reason::Usage), "no keyUsage");
    let authority = tsa_but(|all| all.push(extension("2.5.29.19", true, "30030101FF")));
    assert_eq!(found(authority), Outcome::Fails(Reason::Authority));
    let demand = tsa_but(|all| all.push(extension("1.2.3.4", true, "0500")));
    assert_eq!(found(demand), Outcome::Fails(Reason::UnknownCritical));
}

#[test]
fn who_issued_a_time_stamping_authoritys_certificate_has_to_be_an_authority() {
    let signed = signed();
    let request = timestamp::prepare(&signed, NONCE).expect("a request");
    let stamped = timestamp::attach(&signed, &request, &Answer::to(&request).bytes()).expect("a timestamp");
    let believed = |change: fn(&mut Vec<Extension>)| {
        let ca = UserAuthentication::ca();
        let mut certificate = x509_cert::Certificate::from_der(&ca.certificate).expect("a certificate");
        change(certificate.tbs_certificate.extensions.as_mut().expect("extensions"));
        let ca = certificate.to_der().expect("DER");
        look(&stamped, today(), &[&ca]).findings.of(Check::TimestampAuthority).expect("a line")
    };
    assert_eq!(believed(|_| ()), Outcome::Holds);
    let unknown = Outcome::Fails(Reason::UnknownIssuer);
    assert_eq!(believed(|all| all.retain(|one| one.extn_id.to_string() != "2.5.29.15")), unknown, "no keyUsage");
    assert_eq!(
        believed(|all| all.retain(|one| one.extn_id.to_string() != "2.5.29.19")),
        unknown,
        "no basicConstraints"
    );
    let not_critical = |all: &mut Vec<Extension>| all.iter_mut().for_each(|one| one.critical = false);
    assert_eq!(believed(not_critical), unknown);
}

#[test]
fn nobody_asks_whether_a_time_stamping_authority_was_revoked_and_the_table_says_so() {
    let signed = signed();
    let request = timestamp::prepare(&signed, NONCE).expect("a request");
    let stamped = timestamp::attach(&signed, &request, &Answer::to(&request).bytes()).expect("a timestamp");
    let found = look(&stamped, today(), &[&tsa()]).findings;
    assert_eq!(found.of(Check::TimestampRevocation), Some(Outcome::NotChecked(WhyNot::NotLookedAt)));
    let missing = Conclusion::NotEverything(Check::TimestampRevocation, WhyNot::NotLookedAt);
    assert_eq!(found.conclusion(&[Check::Revocation]), missing);
}

#[test]
fn one_byte_flipped_in_a_timestamp_is_found() {
    let signed = signed();
    let request = timestamp::prepare(&signed, NONCE).expect("a request");
    let stamped = timestamp::attach(&signed, &request, &Answer::to(&request).bytes()).expect("a timestamp");
    // The token begins after the attribute's identifier; before it, a flip makes an attribute that nobody knows.
    let identifier = hex("060B2A864886F70D010910020E");
    let begin = stamped.windows(identifier.len()).position(|window| window == identifier).expect("the attribute");
    let tsa = tsa();
    for at in begin + identifier.len()..stamped.len() {
        let mut flipped = stamped.clone();
        flipped[at] ^= 0x01;
        let Ok(file) = SignedFile::parse(&flipped) else { continue };
        let anchors = anchors::<Signing>();
        let trust = Trust {
            anchors: &anchors,
            revocation: &NotAsked,
            at: today(),
            timestamp_authorities: &[&tsa],
            cades: true,
        };
        let signers = file.verify(None, &trust);
        let conclusion = signers[0].findings.conclusion(&WITHOUT);
        assert_ne!(conclusion, Conclusion::EverythingAsked, "byte {at} of {} went unnoticed", stamped.len());
    }
}

// ---- timestamps of a whole document

const DOCUMENT_TIMESTAMP: &str = "<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161";
const FIELD: &str =
    "<</Type/Annot/Subtype/Widget/FT/Sig/T(T\\0551)/TU(Timestamp)/V 30 0 R/P 3 0 R/Rect[0 0 0 0]/F 132>>";

/// A signed PDF with a timestamp of the document behind it, as pyHanko writes it.
fn with_document_timestamp(dictionary: &str, field: &str, change: impl Fn(&mut Answer)) -> Vec<u8> {
    stamped(pdfs::signed(&pdfs::classic(), kazasu_pki::pdf::Profile::Registry), "21 0 R", dictionary, field, change)
}

/// A file with these fields and such a timestamp.
fn stamped(mut file: Vec<u8>, fields: &str, dictionary: &str, field: &str, change: impl Fn(&mut Answer)) -> Vec<u8> {
    let room = "0".repeat(9_000);
    let timestamp = format!("{dictionary}/ByteRange [{}]/Contents <{room}>>>", " ".repeat(44));
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>";
    let page = format!("{page}/Annots[{fields} 31 0 R]>>");
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 22 0 R/Version/1.7\
        /Extensions<</ESIC<</Type/DeveloperExtensions/BaseVersion/1.7/ExtensionLevel 1>>>>>>";
    let form = format!("<</Fields[{fields} 31 0 R]/SigFlags 3>>");
    let objects = [(1, catalog), (3, &*page), (22, &*form), (30, &*timestamp), (31, field)];
    let table = pdfs::start_of_the_last_table(&file);
    pdfs::revision(&mut file, &objects, "", Some(table));
    let start = pdfs::last(&file, b"/Contents <0000").expect("a place") + b"/Contents ".len();
    let end = start + 9_002;
    let rest = file.len() - end;
    pdfs::put_byte_range(&mut file, &format!("[0 {start} {end} {rest}]"));
    let digest = Sha256::digest([&file[..start], &file[end..]].concat());
    let mut answer = Answer {
        imprint: tlv(0x30, &[&hex("300D 0609608648016503040201 0500"), &tlv(0x04, &[&digest])]),
        nonce: Vec::new(),
        ..Answer::to(&timestamp::prepare(&signed(), NONCE).expect("a request"))
    };
    change(&mut answer);
    let digits = ::hex::encode(answer.token());
    file[start + 1..start + 1 + digits.len()].copy_from_slice(digits.as_bytes());
    file
}

/// What is said of the signature, and of the timestamp of the document behind it.
fn two(file: &[u8], authorities: &[&[u8]]) -> [kazasu_pki::pdf::Signature; 2] {
    let anchors = anchors::<Signing>();
    let trust = Trust {
        anchors: &anchors,
        revocation: &NotAsked,
        at: today(),
        timestamp_authorities: authorities,
        cades: false,
    };
    let found = kazasu_pki::pdf::verify(file, &trust).expect("findings");
    found.signatures.try_into().unwrap_or_else(|all: Vec<_>| panic!("{} signatures", all.len()))
}

#[test]
fn a_timestamp_of_the_document_by_a_believed_authority_holds_and_lets_the_signature_in_front_of_it_hold() {
    let file = with_document_timestamp(DOCUMENT_TIMESTAMP, FIELD, |_| ());
    let [signature, timestamp] = two(&file, &[&tsa()]);
    assert_eq!(signature.findings.conclusion(&WITHOUT), Conclusion::EverythingAsked);
    assert_eq!(timestamp.findings.conclusion(&WITHOUT), Conclusion::EverythingAsked);
    assert!(timestamp.document_timestamp && !signature.document_timestamp);
    assert_eq!((timestamp.timestamp, signature.timestamp), (Some(today()), None));
    assert!(timestamp.certificate.is_none(), "it is nobody's signature");
    // Where nobody is believed it may be anybody's.
    let [signature, timestamp] = two(&file, &[]);
    let added = Conclusion::NotEverything(Check::PdfLaterChanges, WhyNot::AddedLater);
    assert_eq!(signature.findings.conclusion(&WITHOUT), added);
    let believed = Conclusion::NotEverything(Check::TimestampAuthority, WhyNot::NoTimestampAuthority);
    assert_eq!(timestamp.findings.conclusion(&WITHOUT), believed);
    assert_eq!(timestamp.findings.of(Check::TimestampTime), Some(Outcome::NotChecked(WhyNot::Moot)));
}

/// Whoever has an authority can put one into any file; no holder has signed it.
#[test]
fn a_document_with_a_timestamp_alone_is_signed_by_nobody() {
    let file = stamped(pdfs::classic(), "", DOCUMENT_TIMESTAMP, FIELD, |_| ());
    let anchors = anchors::<Signing>();
    let tsa = tsa();
    let authorities: [&[u8]; 1] = [&tsa];
    let trust = Trust {
        anchors: &anchors,
        revocation: &NotAsked,
        at: today(),
        timestamp_authorities: &authorities,
        cades: false,
    };
    let found = kazasu_pki::pdf::verify(&file, &trust).expect("findings");
    let [alone] = &found.signatures[..] else { panic!("{} signatures", found.signatures.len()) };
    let nobody = Conclusion::Fails(Check::SignerCertificate, Reason::Missing);
    assert_eq!(alone.findings.conclusion(&WITHOUT), nobody);
    for check in [Check::TimestampImprint, Check::TimestampSignature, Check::TimestampAuthority] {
        assert_eq!(alone.findings.of(check), Some(Outcome::Holds), "{check:?}");
    }
}

#[test]
fn a_timestamp_of_the_document_that_is_wrong_is_found_and_is_no_changed_signature() {
    let fails = |dictionary: &str, change: &dyn Fn(&mut Answer), check: Check, reason: Reason| {
        let file = with_document_timestamp(dictionary, FIELD, change);
        let [signature, timestamp] = two(&file, &[&tsa()]);
        assert_eq!(timestamp.findings.of(check), Some(Outcome::Fails(reason)), "{check:?}");
        assert_ne!(signature.findings.conclusion(&WITHOUT), Conclusion::EverythingAsked, "{check:?}");
        (signature, timestamp)
    };
    let imprint = |answer: &mut Answer| *answer.imprint.last_mut().expect("a digest") ^= 1;
    let (signature, timestamp) = fails(DOCUMENT_TIMESTAMP, &imprint, Check::TimestampImprint, Reason::Mismatch);
    assert!(signature.changed.is_empty(), "{:?}", signature.changed);
    assert!(!timestamp.changed.is_empty());
    let key = |answer: &mut Answer| answer.key = CardKey::of::<Signing>();
    fails(DOCUMENT_TIMESTAMP, &key, Check::TimestampSignature, Reason::Signature);
    // A token in a dictionary of another kind, and one that says nothing of its kind.
    for (from, to) in [("ETSI.RFC3161", "adbe.pkcs7.detached"), ("/Type/DocTimeStamp", "/Type/Sig")] {
        fails(&DOCUMENT_TIMESTAMP.replace(from, to), &|_| (), Check::PdfKind, Reason::PdfKind);
    }
    // Time later than now.
    let future = |answer: &mut Answer| answer.time = b"20261121000000Z";
    let file = with_document_timestamp(DOCUMENT_TIMESTAMP, FIELD, future);
    let [_, timestamp] = two(&file, &[&tsa()]);
    assert_eq!(timestamp.findings.of(Check::TimestampTime), Some(Outcome::Fails(Reason::Future)));
}

#[test]
fn one_byte_flipped_in_front_of_a_timestamp_of_the_document_is_found() {
    let file = with_document_timestamp(DOCUMENT_TIMESTAMP, FIELD, |_| ());
    let tsa = tsa();
    let signed = two(&file, &[&tsa])[1].ranges.clone().expect("ranges").signed;
    for at in signed.into_iter().flatten().step_by(61) {
        let mut flipped = file.clone();
        flipped[at] ^= 0x01;
        let anchors = anchors::<Signing>();
        let authorities: [&[u8]; 1] = [&tsa];
        let trust = Trust {
            anchors: &anchors,
            revocation: &NotAsked,
            at: today(),
            timestamp_authorities: &authorities,
            cades: false,
        };
        let Ok(found) = kazasu_pki::pdf::verify(&flipped, &trust) else { continue };
        let good = found.signatures.iter().all(|one| one.findings.conclusion(&WITHOUT) == Conclusion::EverythingAsked);
        assert!(!good, "byte {at} went unnoticed");
    }
}

#[test]
fn a_timestamp_of_the_document_that_does_more_does_not_let_the_signature_hold() {
    for (from, to) in [
        ("/TU(Timestamp)", "/TU(900 yen)"),
        ("T\\0551", "T\\1011"),
        ("T\\0551", "T\\0561"),
        ("T\\0551", "T\\551"),
        ("/Rect[0 0 0 0]", "/Rect[0 0 300 200]"),
    ] {
        let file = with_document_timestamp(DOCUMENT_TIMESTAMP, &FIELD.replace(from, to), |_| ());
        let [signature, _] = two(&file, &[&tsa()]);
        assert_ne!(signature.findings.conclusion(&WITHOUT), Conclusion::EverythingAsked, "{to}");
    }
}
