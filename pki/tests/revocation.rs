//! Revocation lists and OCSP answers, each by its name: what was changed, and what it then says about the certificate.

mod authority;

use authority::*;
use kazasu_pki::crl::{LONGEST_LIST, RevocationList};
use kazasu_pki::finding::{By, Conclusion};
use kazasu_pki::handed_in::HandedIn;
use kazasu_pki::ocsp::{LONGEST_ANSWER, OcspAnswer};
use kazasu_pki::path::examine;
use kazasu_pki::revocation::{Revocation, RevocationReason, Unusable};
use kazasu_pki::{Anchors, Check, Outcome, Reason, RevocationStatus, TransientCertificate, UserAuthentication, WhyNot};
use rsa::RsaPrivateKey;
use sha2::{Digest as _, Sha256};
use std::time::{Duration, SystemTime};

/// What a list or an answer says.
#[derive(Debug, PartialEq)]
enum Says {
    Good,
    Revoked(RevocationReason),
    Nothing(Unusable),
}
use Says::{Good, Nothing, Revoked};

impl Says {
    fn of(status: RevocationStatus) -> Self {
        match status {
            RevocationStatus::Good { at } => {
                assert_eq!(at, today() - Duration::from_secs(86_400), "when it was so");
                Good
            }
            RevocationStatus::Revoked { reason, at } => {
                assert_eq!(at, today() - Duration::from_secs(10 * 86_400), "since when");
                Revoked(reason)
            }
            RevocationStatus::Unknown { why } => {
                Nothing(*Unusable::ALL.iter().find(|reason| reason.code() == why).expect("a code"))
            }
            other @ (RevocationStatus::RevokedSince { .. } | RevocationStatus::NotChecked { .. }) => {
                panic!("{other:?}")
            }
        }
    }
}

const CA: &str = "ca/auth-ca-2";
/// A day before the one in question, and a day after it; ten days before.
const YESTERDAY: &str = "261119000000Z";
const TOMORROW: &str = "261121000000Z";
const TEN_DAYS_AGO: &str = "261110000000Z";

fn leaf() -> Draft {
    Draft::of(&card(0x0A))
}

fn ca() -> Draft {
    Draft::of(&authority("auth-ca-2"))
}

fn certificate(der: &[u8]) -> TransientCertificate<UserAuthentication> {
    TransientCertificate::new(der).expect("a certificate")
}

fn extension(id: &str, critical: bool, value: Vec<u8>) -> Vec<u8> {
    let critical = if critical { CRITICAL.to_vec() } else { Vec::new() };
    sequence(&[oid(id), critical, tlv(4, &[value])])
}

fn boolean(number: u8) -> Vec<u8> {
    vec![0x80 | number, 1, 0xFF]
}

// ---- lists

struct List {
    version: Vec<u8>,
    algorithm_inside: Vec<u8>,
    algorithm: Vec<u8>,
    how: How,
    issuer: Vec<u8>,
    this_update: Vec<u8>,
    next_update: Vec<u8>,
    entries: Vec<Vec<u8>>,
    extensions: Vec<Vec<u8>>,
    signed_by: &'static RsaPrivateKey,
    leaf: Draft,
    ca: Draft,
    at: SystemTime,
    after: fn(Vec<u8>) -> Vec<u8>,
}

const AKI: &str = "2.5.29.35";
const CRLDP: &str = "2.5.29.31";
const IDP: &str = "2.5.29.28";
const NUMBER: &str = "2.5.29.20";
const KU: &str = "2.5.29.15";

/// The place of the certificate's list, as its cRLDistributionPoints write it: [0] DistributionPointName.
fn place() -> Vec<u8> {
    let points = leaf().ext(CRLDP).value.clone();
    parts(&parts(&points)[0])[0].clone()
}

fn other_place() -> Vec<u8> {
    let mut place = place();
    let last = place.len() - 1;
    place[last] = b'Q';
    place
}

/// The first extension is the place; the second the key; the third the number.
fn scope(list: &mut List, more: &[Vec<u8>]) {
    let mut idp = vec![place()];
    idp.extend_from_slice(more);
    list.extensions[0] = extension(IDP, true, sequence(&idp));
}

fn revoked(serial: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    let extensions = if extensions.is_empty() { Vec::new() } else { sequence(extensions) };
    sequence(&[serial.to_vec(), utc(TEN_DAYS_AGO), extensions])
}

fn because(code: u8) -> Vec<u8> {
    extension("2.5.29.21", false, vec![0x0A, 1, code])
}

fn its(list: &List) -> Vec<u8> {
    list.leaf.serial.clone()
}

type ListRow = (&'static str, fn(&mut List), Says);

#[rustfmt::skip]
const LISTS: &[ListRow] = &[
    // ---- what it says
    ("a list without the certificate", |_| (), Good),
    ("a list of nobody", |l| l.entries.clear(), Good),
    ("a list with it", |l| { let s = its(l); l.entries.push(revoked(&s, &[])) }, Revoked(RevocationReason::Unspecified)),
    ("with it: the key is no longer the holder's alone", |l| { let s = its(l); l.entries.push(revoked(&s, &[because(1)])) }, Revoked(RevocationReason::KeyCompromise)),
    ("with it: the authority's key", |l| { let s = its(l); l.entries.push(revoked(&s, &[because(2)])) }, Revoked(RevocationReason::CaCompromise)),
    ("with it: an attribute changed", |l| { let s = its(l); l.entries.push(revoked(&s, &[because(3)])) }, Revoked(RevocationReason::AffiliationChanged)),
    ("with it: renewed", |l| { let s = its(l); l.entries.push(revoked(&s, &[because(4)])) }, Revoked(RevocationReason::Superseded)),
    ("with it: given up", |l| { let s = its(l); l.entries.push(revoked(&s, &[because(5)])) }, Revoked(RevocationReason::CessationOfOperation)),
    ("with it: stopped for a time", |l| { let s = its(l); l.entries.push(revoked(&s, &[because(6)])) }, Revoked(RevocationReason::CertificateHold)),
    ("with it: a reason that nobody defined", |l| { let s = its(l); l.entries.push(revoked(&s, &[because(77)])) }, Revoked(RevocationReason::Other(77))),
    ("with it: taken off", |l| { let s = its(l); l.entries.push(revoked(&s, &[because(8)])) }, Nothing(Unusable::Delta)),
    ("with it: a reason that is text", |l| { let s = its(l); l.entries.push(revoked(&s, &[extension("2.5.29.21", false, utf8("1"))])) }, Nothing(Unusable::Unreadable)),
    ("with it: two reasons", |l| { let s = its(l); l.entries.push(revoked(&s, &[because(1), because(4)])) }, Nothing(Unusable::Unreadable)),
    ("with it twice", |l| { let s = its(l); l.entries.push(revoked(&s, &[because(1)])); l.entries.push(revoked(&s, &[because(4)])) }, Nothing(Unusable::Contradiction)),
    ("a number that begins like the certificate's", |l| { let s = l.leaf.serial.clone(); l.entries.push(revoked(&integer(&s[2..4]), &[])) }, Good),
    // ---- whose it is
    ("by the other generation's key", |l| l.signed_by = key("ca/auth-ca-1"), Nothing(Unusable::Signature)),
    ("by the other generation, and says so", |l| { l.signed_by = key("ca/auth-ca-1"); l.extensions[1] = extension(AKI, false, sequence(&[tlv(0x80, &[vec![1; 20]])])) }, Nothing(Unusable::WrongIssuer)),
    ("under another name", |l| l.issuer = sequence(&[tlv(0x31, &[sequence(&[oid("2.5.4.10"), utf8("JPKI")])])]), Nothing(Unusable::WrongIssuer)),
    ("by the authority for signing", |l| { l.signed_by = key("ca/sign-ca-2"); l.issuer = Draft::of(&authority("sign-ca-2")).subject }, Nothing(Unusable::WrongIssuer)),
    ("without a key identifier", |l| drop(l.extensions.remove(1)), Good),
    ("a key identifier that cannot be read", |l| l.extensions[1] = extension(AKI, false, vec![5, 0]), Nothing(Unusable::Unreadable)),
    ("two key identifiers", |l| { let again = l.extensions[1].clone(); l.extensions.push(again) }, Nothing(Unusable::Unreadable)),
    ("an authority that may not sign lists", |l| l.ca.ext(KU).value = vec![3, 2, 2, 4], Nothing(Unusable::SignerMayNot)),
    // ---- signature
    ("a byte of the signature changed", |l| l.after = |mut der| { let last = der.len() - 1; der[last] ^= 1; der }, Nothing(Unusable::Signature)),
    ("an entry more after it was signed", |l| l.after = |der| { let p = parts(&der); let mut f = parts(&p[0]); f[5] = sequence(&[revoked(&integer(&[9]), &[])]); sequence(&[sequence(&f), p[1].clone(), p[2].clone()]) }, Nothing(Unusable::Signature)),
    ("entries that are none, unsigned: nobody reads them", |l| l.after = |der| { let p = parts(&der); let mut f = parts(&p[0]); f[5] = sequence(&[utf8("none")]); sequence(&[sequence(&f), p[1].clone(), p[2].clone()]) }, Nothing(Unusable::Signature)),
    ("signed with SHA-1", |l| { l.how = How::Sha1; l.algorithm = algorithm("1.2.840.113549.1.1.5"); l.algorithm_inside = l.algorithm.clone() }, Nothing(Unusable::Signature)),
    ("signed with PSS", |l| { l.how = How::Pss; l.algorithm = sequence(&[oid("1.2.840.113549.1.1.10"), sequence(&[])]); l.algorithm_inside = l.algorithm.clone() }, Nothing(Unusable::Signature)),
    ("one algorithm inside, another one outside", |l| l.algorithm_inside = algorithm("1.2.840.113549.1.1.12"), Nothing(Unusable::Unreadable)),
    // ---- the bytes
    ("no bytes", |l| l.after = |_| Vec::new(), Nothing(Unusable::Unreadable)),
    ("a byte after the end", |l| l.after = |mut der| { der.push(0); der }, Nothing(Unusable::Unreadable)),
    ("a byte short", |l| l.after = |mut der| { der.pop(); der }, Nothing(Unusable::Unreadable)),
    ("more bytes than a list has", |l| l.after = |mut der| { der.resize(LONGEST_LIST + 1, 0); der }, Nothing(Unusable::TooLong)),
    ("a certificate for a list", |l| l.after = |_| authority("auth-ca-2"), Nothing(Unusable::Unreadable)),
    ("version 1", |l| l.version.clear(), Nothing(Unusable::Unreadable)),
    // ---- time
    ("made a second after the time in question", |l| l.this_update = utc("261120000001Z"), Nothing(Unusable::NotYet)),
    ("made in that second", |l| { l.at = today() - Duration::from_secs(86_400) }, Good),
    ("a newer one was due a second before", |l| l.next_update = utc("261119235959Z"), Nothing(Unusable::Outdated)),
    ("a newer one is due in that second", |l| l.next_update = utc("261120000000Z"), Good),
    ("without a time of the next one", |l| l.next_update.clear(), Nothing(Unusable::NoNextUpdate)),
    ("due before it was made", |l| l.next_update = utc("261118000000Z"), Nothing(Unusable::Outdated)),
    ("outdated, and it was revoked then", |l| { let s = its(l); l.entries.push(revoked(&s, &[])); l.next_update = utc("261119235959Z") }, Nothing(Unusable::Outdated)),
    // ---- what it is about
    ("of the whole authority", |l| drop(l.extensions.remove(0)), Good),
    ("of another municipality", |l| l.extensions[0] = extension(IDP, true, sequence(&[other_place()])), Nothing(Unusable::OtherPlace)),
    ("of a place, for a certificate without one", |l| l.leaf.without(CRLDP), Nothing(Unusable::OtherPlace)),
    ("of a place on the network", |l| l.extensions[0] = extension(IDP, true, sequence(&[tlv(0xA0, &[tlv(0xA0, &[tlv(0x86, &[b"http://x".to_vec()])])])])), Nothing(Unusable::OtherPlace)),
    ("of a place relative to the issuer", |l| l.extensions[0] = extension(IDP, true, sequence(&[tlv(0xA0, &[tlv(0xA1, &[sequence(&[oid("2.5.4.3"), utf8("x")])])])])), Nothing(Unusable::OtherPlace)),
    ("of no place, for holders", |l| l.extensions[0] = extension(IDP, true, sequence(&[boolean(1)])), Good),
    ("for holders", |l| scope(l, &[boolean(1)]), Good),
    ("for authorities", |l| scope(l, &[boolean(2)]), Nothing(Unusable::OtherScope)),
    ("for some reasons", |l| scope(l, &[vec![0x83, 2, 6, 0x40]]), Nothing(Unusable::OtherScope)),
    ("for attribute certificates", |l| scope(l, &[boolean(5)]), Nothing(Unusable::OtherScope)),
    ("indirect", |l| scope(l, &[boolean(4)]), Nothing(Unusable::Indirect)),
    ("an entry of another authority", |l| { let s = its(l); l.entries.push(revoked(&s, &[extension("2.5.29.29", true, sequence(&[tlv(0xA4, std::slice::from_ref(&l.issuer))]))])) }, Nothing(Unusable::Indirect)),
    ("a place that cannot be read", |l| l.extensions[0] = extension(IDP, true, vec![5, 0]), Nothing(Unusable::Unreadable)),
    ("two places", |l| { let again = l.extensions[0].clone(); l.extensions.push(again) }, Nothing(Unusable::Unreadable)),
    ("a delta", |l| l.extensions.push(extension("2.5.29.27", true, vec![2, 1, 1])), Nothing(Unusable::Delta)),
    ("a delta that does not insist on it", |l| l.extensions.push(extension("2.5.29.27", false, vec![2, 1, 1])), Nothing(Unusable::Delta)),
    ("where its deltas are", |l| l.extensions.push(extension("2.5.29.46", false, sequence(&[]))), Good),
    ("an unknown critical extension", |l| l.extensions.push(extension("1.2.3.4", true, vec![5, 0])), Nothing(Unusable::UnknownCritical)),
    ("an unknown critical extension of somebody else's entry", |l| l.entries.push(revoked(&integer(&[9]), &[extension("1.2.3.4", true, vec![5, 0])])), Nothing(Unusable::UnknownCritical)),
    ("since when it is invalid", |l| { let s = its(l); l.entries.push(revoked(&s, &[because(1), extension("2.5.29.24", false, generalized("20261101000000Z"))])) }, Revoked(RevocationReason::KeyCompromise)),
    ("the certificate's place is for some reasons", |l| { l.leaf.ext(CRLDP).value = sequence(&[sequence(&[place(), vec![0x81, 2, 6, 0x40]])]) }, Nothing(Unusable::OtherPlace)),
    ("the certificate's place is another issuer's", |l| { let n = l.issuer.clone(); l.leaf.ext(CRLDP).value = sequence(&[sequence(&[place(), tlv(0xA2, &[tlv(0xA4, &[n])])])]) }, Nothing(Unusable::OtherPlace)),
];

fn list(change: fn(&mut List)) -> (List, Vec<u8>) {
    let ca = ca();
    let key_id = ca.clone().ext("2.5.29.14").value[2..].to_vec();
    let mut list = List {
        version: vec![2, 1, 1],
        algorithm_inside: algorithm(SHA256_WITH_RSA),
        algorithm: algorithm(SHA256_WITH_RSA),
        how: How::Sha256,
        issuer: ca.subject.clone(),
        this_update: utc(YESTERDAY),
        next_update: utc(TOMORROW),
        entries: vec![revoked(&integer(&[5]), &[because(4)])],
        extensions: vec![
            extension(IDP, true, sequence(&[place()])),
            extension(AKI, false, sequence(&[tlv(0x80, &[key_id])])),
            extension(NUMBER, false, vec![2, 1, 7]),
        ],
        signed_by: key(CA),
        leaf: leaf(),
        ca,
        at: today(),
        after: |der| der,
    };
    change(&mut list);
    let entries = if list.entries.is_empty() { Vec::new() } else { sequence(&list.entries) };
    let tbs = sequence(&[
        list.version.clone(),
        list.algorithm_inside.clone(),
        list.issuer.clone(),
        list.this_update.clone(),
        list.next_update.clone(),
        entries,
        tlv(0xA0, &[sequence(&list.extensions)]),
    ]);
    let signature = list.how.sign(list.signed_by, &tbs);
    let der = (list.after)(sequence(&[tbs, list.algorithm.clone(), bit_string(&signature)]));
    (list, der)
}

#[test]
fn each_of_these_lists_says_what_its_row_says() {
    let wrong: Vec<_> = LISTS
        .iter()
        .filter_map(|(name, change, says)| {
            let (list, der) = list(*change);
            let leaf = certificate(&list.leaf.signed_by(key(CA)));
            let found = Says::of(RevocationList(&der).status(&leaf, &list.ca.signed_by(key(CA)), list.at));
            (found != *says).then(|| format!("{name}: {found:?}"))
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

// ---- answers

struct Answer {
    status: u8,
    kind: &'static str,
    responder: Vec<u8>,
    produced_at: Vec<u8>,
    id: Id,
    certificate_status: Vec<u8>,
    this_update: Vec<u8>,
    next_update: Vec<u8>,
    single_extensions: Vec<Vec<u8>>,
    /// Beside the one above.
    more: Vec<Vec<u8>>,
    extensions: Vec<Vec<u8>>,
    algorithm: Vec<u8>,
    how: How,
    signed_by: &'static RsaPrivateKey,
    delegate: Draft,
    delegate_signed_by: &'static RsaPrivateKey,
    /// Beside the answer.
    certificates: fn(&Answer) -> Vec<Vec<u8>>,
    nonce: Option<&'static [u8]>,
    at: SystemTime,
    after: fn(Vec<u8>) -> Vec<u8>,
}

struct Id {
    hash: Vec<u8>,
    name: Vec<u8>,
    key: Vec<u8>,
    serial: Vec<u8>,
}

impl Id {
    fn der(&self) -> Vec<u8> {
        sequence(&[
            self.hash.clone(),
            tlv(4, std::slice::from_ref(&self.name)),
            tlv(4, std::slice::from_ref(&self.key)),
            self.serial.clone(),
        ])
    }
}

fn sha1(bytes: &[u8]) -> Vec<u8> {
    sha1::Sha1::digest(bytes).to_vec()
}

fn by_name(name: &[u8]) -> Vec<u8> {
    tlv(0xA1, &[name.to_vec()])
}

fn by_key(key: &RsaPrivateKey) -> Vec<u8> {
    tlv(0xA2, &[tlv(4, &[sha1(&pkcs1(key))])])
}

fn revoked_because(code: u8) -> Vec<u8> {
    tlv(0xA1, &[generalized("20261110000000Z"), vec![0xA0, 3, 0x0A, 1, code]])
}

const NONCE: &str = "1.3.6.1.5.5.7.48.1.2";
const EKU: &str = "2.5.29.37";
const NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";

fn delegated(a: &mut Answer) {
    a.responder = by_key(key("responder"));
    a.signed_by = key("responder");
    a.certificates = |a| vec![a.delegate.signed_by(a.delegate_signed_by)];
}

/// The authority's answers carry nobody's certificate.
fn alone(_: &Answer) -> Vec<Vec<u8>> {
    Vec::new()
}

type AnswerRow = (&'static str, fn(&mut Answer), Says);

#[rustfmt::skip]
const ANSWERS: &[AnswerRow] = &[
    // ---- what it says
    ("good", |_| (), Good),
    ("revoked without a reason", |a| a.certificate_status = tlv(0xA1, &[generalized("20261110000000Z")]), Revoked(RevocationReason::Unspecified)),
    ("revoked: an attribute changed", |a| a.certificate_status = revoked_because(3), Revoked(RevocationReason::AffiliationChanged)),
    ("revoked: renewed", |a| a.certificate_status = revoked_because(4), Revoked(RevocationReason::Superseded)),
    ("revoked: stopped for a time", |a| a.certificate_status = revoked_because(6), Revoked(RevocationReason::CertificateHold)),
    ("revoked: a privilege withdrawn", |a| a.certificate_status = revoked_because(9), Revoked(RevocationReason::Other(9))),
    ("revoked: a reason that nobody defined", |a| a.certificate_status = revoked_because(77), Nothing(Unusable::Unreadable)),
    ("revoked: taken off", |a| a.certificate_status = revoked_because(8), Nothing(Unusable::Delta)),
    ("not known", |a| a.certificate_status = vec![0x82, 0], Nothing(Unusable::NotKnown)),
    ("a fourth status", |a| a.certificate_status = vec![0x83, 0], Nothing(Unusable::Unreadable)),
    // ---- no answer
    ("malformed, it says", |a| a.status = 1, Nothing(Unusable::Refused)),
    ("an error of its own, it says", |a| a.status = 2, Nothing(Unusable::Refused)),
    ("later, it says", |a| a.status = 3, Nothing(Unusable::Refused)),
    ("the question must be signed, it says", |a| a.status = 5, Nothing(Unusable::Refused)),
    ("not for you, it says", |a| a.status = 6, Nothing(Unusable::Refused)),
    ("a status that nobody defined", |a| a.status = 4, Nothing(Unusable::Unreadable)),
    ("no bytes", |a| a.after = |_| Vec::new(), Nothing(Unusable::Unreadable)),
    ("a byte after the end", |a| a.after = |mut der| { der.push(0); der }, Nothing(Unusable::Unreadable)),
    ("successful, without an answer", |a| a.after = |_| vec![0x30, 3, 0x0A, 1, 0], Nothing(Unusable::Unreadable)),
    ("more bytes than an answer has", |a| a.after = |mut der| { der.resize(LONGEST_ANSWER + 1, 0); der }, Nothing(Unusable::TooLong)),
    ("an answer of another kind", |a| a.kind = "1.3.6.1.5.5.7.48.1.9", Nothing(Unusable::Unreadable)),
    // ---- about which certificate
    ("named by SHA-256", |a| { let ca = ca(); a.id.hash = algorithm("2.16.840.1.101.3.4.2.1"); a.id.name = Sha256::digest(&ca.subject).to_vec(); a.id.key = Sha256::digest(pkcs1(key(CA))).to_vec() }, Good),
    ("named by SHA-1 without parameters", |a| a.id.hash = sequence(&[oid("1.3.14.3.2.26")]), Good),
    ("named by MD5", |a| a.id.hash = algorithm("1.2.840.113549.2.5"), Nothing(Unusable::OtherCertificate)),
    ("named by SHA-1, and says SHA-256", |a| a.id.hash = algorithm("2.16.840.1.101.3.4.2.1"), Nothing(Unusable::OtherCertificate)),
    ("another serial number", |a| a.id.serial = integer(&[1, 2, 3]), Nothing(Unusable::OtherCertificate)),
    ("another authority's name", |a| a.id.name[0] ^= 1, Nothing(Unusable::OtherCertificate)),
    ("the other generation's key", |a| a.id.key = sha1(&pkcs1(key("ca/auth-ca-1"))), Nothing(Unusable::OtherCertificate)),
    ("beside another certificate's", |a| { let other = Id { serial: integer(&[9]), hash: a.id.hash.clone(), name: a.id.name.clone(), key: a.id.key.clone() }; a.more.push(sequence(&[other.der(), revoked_because(1), a.this_update.clone()])) }, Good),
    ("two others' certificates", |a| { a.id.serial = integer(&[1, 2, 3]); a.more.push(sequence(&[Id { serial: integer(&[9]), hash: a.id.hash.clone(), name: a.id.name.clone(), key: a.id.key.clone() }.der(), revoked_because(1), a.this_update.clone()])) }, Nothing(Unusable::OtherCertificate)),
    ("good and revoked at once", |a| a.more.push(sequence(&[a.id.der(), revoked_because(1), a.this_update.clone()])), Nothing(Unusable::Contradiction)),
    // ---- who answered
    ("named by its name", |a| a.responder = by_name(&ca().subject), Good),
    ("by the other generation's key", |a| a.signed_by = key("ca/auth-ca-1"), Nothing(Unusable::Signature)),
    ("by the other generation, and says so", |a| { a.signed_by = key("ca/auth-ca-1"); a.responder = by_key(key("ca/auth-ca-1")); a.certificates = |_| vec![authority("auth-ca-1")] }, Nothing(Unusable::WrongIssuer)),
    ("by somebody without a certificate", |a| { delegated(a); a.certificates = alone }, Nothing(Unusable::WrongIssuer)),
    ("by somebody whom the authority named", delegated, Good),
    ("by him, by his name", |a| { delegated(a); a.responder = by_name(&a.delegate.subject) }, Good),
    ("by him, among other certificates", |a| { delegated(a); a.certificates = |a| vec![authority("sign-ca-1"), a.delegate.signed_by(a.delegate_signed_by)] }, Good),
    ("by somebody whom another authority named", |a| { delegated(a); a.delegate_signed_by = key("ca/auth-ca-1") }, Nothing(Unusable::WrongIssuer)),
    ("by somebody who named himself", |a| { delegated(a); a.delegate_signed_by = key("responder"); a.delegate.issuer = a.delegate.subject.clone() }, Nothing(Unusable::WrongIssuer)),
    ("by a holder of a card", |a| { a.responder = by_key(key("adult/authentication")); a.signed_by = key("adult/authentication"); a.certificates = |_| vec![card(0x0A)] }, Nothing(Unusable::SignerMayNot)),
    ("by somebody named for other things", |a| { delegated(a); a.delegate.ext(EKU).value = sequence(&[oid("1.3.6.1.5.5.7.3.2")]) }, Nothing(Unusable::SignerMayNot)),
    ("by somebody named for anything", |a| { delegated(a); a.delegate.ext(EKU).value = sequence(&[oid("2.5.29.37.0")]) }, Nothing(Unusable::SignerMayNot)),
    ("by somebody named for nothing", |a| { delegated(a); a.delegate.without(EKU) }, Nothing(Unusable::SignerMayNot)),
    ("by somebody whose own revocation is open", |a| { delegated(a); a.delegate.without(NO_CHECK) }, Nothing(Unusable::SignerMayNot)),
    ("by somebody whose time is over", |a| { delegated(a); a.delegate.not_after = utc("261119235959Z") }, Nothing(Unusable::SignerMayNot)),
    ("by somebody whose time has not come", |a| { delegated(a); a.delegate.not_before = utc("261120000001Z") }, Nothing(Unusable::SignerMayNot)),
    ("by somebody whose key may not sign", |a| { delegated(a); a.delegate.ext(KU).value = vec![3, 2, 5, 0x20] }, Nothing(Unusable::SignerMayNot)),
    ("by an authority below the authority", |a| { delegated(a); a.delegate.add("2.5.29.19", true, vec![0x30, 3, 1, 1, 0xFF]) }, Nothing(Unusable::SignerMayNot)),
    ("by somebody with an unknown critical extension", |a| { delegated(a); a.delegate.add("1.2.3.4", true, vec![5, 0]) }, Nothing(Unusable::SignerMayNot)),
    ("by somebody with 1024 bits", |a| { delegated(a); a.signed_by = made("weak", 1_024, 65_537); a.delegate.spki = spki(a.signed_by); a.responder = by_key(a.signed_by) }, Nothing(Unusable::Signature)),
    ("in his name by another key", |a| { delegated(a); a.signed_by = key("leaf") }, Nothing(Unusable::Signature)),
    // ---- signature
    ("a byte changed after it was signed", |a| a.after = |mut der| { let place = der.windows(15).position(|w| w == b"20261119000000Z").expect("a time"); der[place + 3] = b'7'; der }, Nothing(Unusable::Signature)),
    ("signed with SHA-1", |a| { a.how = How::Sha1; a.algorithm = algorithm("1.2.840.113549.1.1.5") }, Nothing(Unusable::Signature)),
    ("signed with SHA-384, and says SHA-256", |a| a.how = How::Sha384, Nothing(Unusable::Signature)),
    // ---- time
    ("of a second after the time in question", |a| a.this_update = generalized("20261120000001Z"), Nothing(Unusable::NotYet)),
    ("made a second after the time in question", |a| a.produced_at = generalized("20261120000001Z"), Nothing(Unusable::NotYet)),
    ("a newer one was due a second before", |a| a.next_update = tlv(0xA0, &[generalized("20261119235959Z")]), Nothing(Unusable::Outdated)),
    ("a newer one is due in that second", |a| a.next_update = tlv(0xA0, &[generalized("20261120000000Z")]), Good),
    ("without a time of the next one", |a| a.next_update.clear(), Nothing(Unusable::NoNextUpdate)),
    ("revoked, and outdated", |a| { a.certificate_status = revoked_because(1); a.next_update = tlv(0xA0, &[generalized("20261119235959Z")]) }, Nothing(Unusable::Outdated)),
    // ---- nonce
    ("with the nonce that was asked with", |a| { a.nonce = Some(b"0123456789abcdef"); a.extensions = vec![extension(NONCE, false, tlv(4, &[b"0123456789abcdef".to_vec()]))] }, Good),
    ("with a nonce that nobody asked with", |a| a.extensions = vec![extension(NONCE, false, tlv(4, &[b"0123456789abcdef".to_vec()]))], Good),
    ("without the nonce that was asked with", |a| a.nonce = Some(b"0123456789abcdef"), Nothing(Unusable::Nonce)),
    ("with another nonce", |a| { a.nonce = Some(b"0123456789abcdef"); a.extensions = vec![extension(NONCE, false, tlv(4, &[b"0123456789abcdeF".to_vec()]))] }, Nothing(Unusable::Nonce)),
    ("with half of the nonce", |a| { a.nonce = Some(b"0123456789abcdef"); a.extensions = vec![extension(NONCE, false, tlv(4, &[b"01234567".to_vec()]))] }, Nothing(Unusable::Nonce)),
    ("with two nonces", |a| { a.nonce = Some(b"0123456789abcdef"); a.extensions = vec![extension(NONCE, false, tlv(4, &[b"0123456789abcdef".to_vec()])); 2] }, Nothing(Unusable::Nonce)),
    ("with a bare nonce", |a| { a.nonce = Some(b"0123456789abcdef"); a.extensions = vec![extension(NONCE, false, b"0123456789abcdef".to_vec())] }, Nothing(Unusable::Nonce)),
    // ---- extensions
    ("an unknown extension", |a| a.extensions = vec![extension("1.2.3.4", false, vec![5, 0])], Good),
    ("an unknown critical extension", |a| a.extensions = vec![extension("1.2.3.4", true, vec![5, 0])], Nothing(Unusable::UnknownCritical)),
    ("an unknown critical extension about the certificate", |a| a.single_extensions = vec![extension("1.2.3.4", true, vec![5, 0])], Nothing(Unusable::UnknownCritical)),
];

fn answer(change: fn(&mut Answer)) -> (Answer, Vec<u8>) {
    let ca = ca();
    let mut delegate = ca.clone();
    delegate.serial = integer(&[0x55]);
    delegate.subject = sequence(&[tlv(0x31, &[sequence(&[oid("2.5.4.3"), utf8("responder")])])]);
    delegate.spki = spki(key("responder"));
    delegate.extensions.clear();
    delegate.add(KU, true, vec![3, 2, 7, 0x80]);
    delegate.add(EKU, true, sequence(&[oid("1.3.6.1.5.5.7.3.9")]));
    delegate.add(NO_CHECK, false, vec![5, 0]);
    let mut answer = Answer {
        status: 0,
        kind: "1.3.6.1.5.5.7.48.1.1",
        responder: by_key(key(CA)),
        produced_at: generalized("20261119000000Z"),
        id: Id {
            hash: algorithm("1.3.14.3.2.26"),
            name: sha1(&ca.subject),
            key: sha1(&pkcs1(key(CA))),
            serial: leaf().serial,
        },
        certificate_status: vec![0x80, 0],
        this_update: generalized("20261119000000Z"),
        next_update: tlv(0xA0, &[generalized("20261121000000Z")]),
        single_extensions: Vec::new(),
        more: Vec::new(),
        extensions: Vec::new(),
        algorithm: algorithm(SHA256_WITH_RSA),
        how: How::Sha256,
        signed_by: key(CA),
        delegate,
        delegate_signed_by: key(CA),
        certificates: alone,
        nonce: None,
        at: today(),
        after: |der| der,
    };
    change(&mut answer);
    let a = &answer;
    let listed = |number: u8, extensions: &[Vec<u8>]| match extensions {
        [] => Vec::new(),
        extensions => tlv(0xA0 | number, &[sequence(extensions)]),
    };
    let mut singles = vec![sequence(&[
        a.id.der(),
        a.certificate_status.clone(),
        a.this_update.clone(),
        a.next_update.clone(),
        listed(1, &a.single_extensions),
    ])];
    singles.extend_from_slice(&a.more);
    let data = sequence(&[a.responder.clone(), a.produced_at.clone(), sequence(&singles), listed(1, &a.extensions)]);
    let signature = a.how.sign(a.signed_by, &data);
    let certificates = (a.certificates)(a);
    let basic = sequence(&[data, a.algorithm.clone(), bit_string(&signature), listed(0, &certificates)]);
    let bytes = tlv(0xA0, &[sequence(&[oid(a.kind), tlv(4, &[basic])])]);
    let bytes = if a.status == 0 { bytes } else { Vec::new() };
    let der = (a.after)(sequence(&[vec![0x0A, 1, a.status], bytes]));
    (answer, der)
}

#[test]
fn each_of_these_answers_says_what_its_row_says() {
    let leaf = certificate(&card(0x0A));
    let ca = authority("auth-ca-2");
    let wrong: Vec<_> = ANSWERS
        .iter()
        .filter_map(|(name, change, says)| {
            let (answer, der) = answer(*change);
            let found = Says::of(OcspAnswer { der: &der, nonce: answer.nonce }.status(&leaf, &ca, answer.at));
            (found != *says).then(|| format!("{name}: {found:?}"))
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn there_are_forty_cases_and_more_each_under_its_own_name_and_every_reason_has_one() {
    let lists = LISTS.iter().map(|(name, _, says)| (format!("list: {name}"), says));
    let answers = ANSWERS.iter().map(|(name, _, says)| (format!("answer: {name}"), says));
    let all: Vec<_> = lists.chain(answers).collect();
    let names: std::collections::BTreeSet<_> = all.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), all.len());
    assert!(all.len() >= 40, "{}", all.len());
    // Nobody has found a signed list or answer that certval reads in another way; what happens then, `confirmed` tests.
    for why in Unusable::ALL.iter().filter(|why| **why != Unusable::Disputed) {
        assert!(all.iter().any(|(_, says)| **says == Nothing(*why)), "{}", why.code());
    }
}

#[test]
fn of_what_was_revoked_later_only_a_reason_that_begins_then_leaves_it_good_before() {
    use RevocationReason::{AffiliationChanged, CessationOfOperation, Superseded};
    let (now, before) = (today(), today() - Duration::from_secs(20 * 86_400));
    let since = now - Duration::from_secs(10 * 86_400);
    let mut seen: Vec<RevocationReason> = Vec::new();
    for (name, change, says) in LISTS {
        let Revoked(reason) = *says else { continue };
        let (list, der) = list(*change);
        let leaf = certificate(&list.leaf.signed_by(key(CA)));
        let handed_in = HandedIn { lists: vec![der], answers: Vec::new(), now };
        let expected = if [AffiliationChanged, Superseded, CessationOfOperation].contains(&reason) {
            RevocationStatus::RevokedSince { at: before, reason, since }
        } else {
            RevocationStatus::Revoked { reason, at: since }
        };
        assert_eq!(handed_in.status(&leaf, &list.ca.signed_by(key(CA)), before), expected, "{name}");
        seen.extend(Some(reason).filter(|reason| !seen.contains(reason)));
    }
    assert_eq!(seen.len(), 8, "each reason: {seen:?}");
}

/// What was revoked does not become good again, whatever is wrong with the list that says so.
#[test]
fn a_list_that_names_the_certificate_and_cannot_be_used_outweighs_one_that_says_good() {
    let good = list(|_| ()).1;
    let says_nothing = [Unusable::WrongIssuer, Unusable::SignerMayNot, Unusable::Signature, Unusable::TooLong];
    let mut seen = Vec::new();
    for (name, change, says) in LISTS {
        let (list, der) = list(*change);
        let serial = its(&list);
        let named = list.entries.iter().any(|entry| entry.windows(serial.len()).any(|window| window == serial));
        let Nothing(why) = says else { continue };
        let plain = list.leaf.clone().signed_by(key(CA)) == leaf().signed_by(key(CA)) && list.at == today();
        if !named || says_nothing.contains(why) || !plain {
            continue;
        }
        for lists in [vec![der.clone(), good.clone()], vec![good.clone(), der.clone()]] {
            let handed_in = HandedIn { lists, answers: Vec::new(), now: today() };
            let status = handed_in.status(&certificate(&card(0x0A)), &authority("auth-ca-2"), today());
            assert!(matches!(status, RevocationStatus::Unknown { .. }), "{name}: {status:?}");
        }
        seen.push(*why);
    }
    assert!(seen.contains(&Unusable::Contradiction) && seen.contains(&Unusable::Delta), "{seen:?}");
    // One that is too old and does not name it says nothing against a newer one.
    let old = list(|list| list.next_update = utc(YESTERDAY)).1;
    let handed_in = HandedIn { lists: vec![old, good], answers: Vec::new(), now: today() };
    let status = handed_in.status(&certificate(&card(0x0A)), &authority("auth-ca-2"), today());
    assert!(matches!(status, RevocationStatus::Good { .. }), "{status:?}");
}

/// The fuzz target begins with them, and knows that nothing else is signed. After a change: KAZASU_WRITE=1.
#[test]
fn the_corpus_of_the_fuzz_target_is_the_list_and_the_answer_that_say_good() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/revocation");
    for (name, der) in [("list", list(|_| ()).1), ("answer", answer(|_| ()).1)] {
        if std::env::var_os("KAZASU_WRITE").is_some() {
            std::fs::write(folder.join(name), &der).expect("written");
        }
        assert!(std::fs::read(folder.join(name)).expect("the corpus") == der, "{name}");
    }
}

// ---- in the table

fn line(der: &[u8]) -> (Outcome, By, RevocationStatus, Conclusion) {
    let anchors = Anchors::test_only(&[&authority("auth-ca-2")]).expect("an authority");
    let examined =
        examine(&certificate(&card(0x0A)), &anchors, today(), &OcspAnswer { der, nonce: None }).expect("findings");
    let line = *examined.findings.lines().iter().find(|line| line.check == Check::Revocation).expect("a line");
    (line.outcome, line.by, examined.revocation, examined.findings.conclusion(&[]))
}

#[test]
fn a_good_answer_completes_the_table_and_names_who_said_it() {
    let (outcome, by, _, conclusion) = line(&answer(|_| ()).1);
    assert_eq!((outcome, by, conclusion), (Outcome::Holds, By::Other, Conclusion::EverythingAsked));
}

#[test]
fn a_revoked_certificate_fails_with_its_reason_and_time() {
    let (outcome, by, status, conclusion) = line(&answer(|answer| answer.certificate_status = revoked_because(3)).1);
    assert_eq!((outcome, by), (Outcome::Fails(Reason::Revoked), By::Other));
    assert_eq!(conclusion, Conclusion::Fails(Check::Revocation, Reason::Revoked));
    let at = today() - Duration::from_secs(10 * 86_400);
    assert_eq!(status, RevocationStatus::Revoked { reason: RevocationReason::AffiliationChanged, at });
}

#[test]
fn an_answer_that_cannot_be_used_is_no_answer_and_nothing_is_concluded_from_it() {
    let (outcome, by, status, conclusion) = line(&answer(|answer| answer.signed_by = key("leaf")).1);
    assert_eq!((outcome, by), (Outcome::NotChecked(WhyNot::Unknown), By::Nobody));
    assert_eq!(status, RevocationStatus::Unknown { why: "signature".to_owned() });
    assert_eq!(conclusion, Conclusion::NotEverything(Check::Revocation, WhyNot::Unknown));
}

/// Says how often it was asked.
struct Counting(std::cell::Cell<usize>);

impl Revocation<UserAuthentication> for Counting {
    fn status(&self, _: &TransientCertificate<UserAuthentication>, _: &[u8], _: SystemTime) -> RevocationStatus {
        self.0.set(self.0.get() + 1);
        RevocationStatus::Good { at: today() }
    }
}

#[test]
fn nobody_is_asked_about_a_certificate_that_its_authority_did_not_sign() {
    let anchors = Anchors::test_only(&[&authority("auth-ca-2")]).expect("an authority");
    let counting = Counting(std::cell::Cell::new(0));
    let forged = certificate(&leaf().signed_by(key("leaf")));
    let examined = examine(&forged, &anchors, today(), &counting).expect("findings");
    assert_eq!(counting.0.get(), 0);
    assert_eq!(examined.findings.of(Check::Revocation), Some(Outcome::NotChecked(WhyNot::Moot)));
    examine(&certificate(&card(0x0A)), &anchors, today(), &counting).expect("findings");
    assert_eq!(counting.0.get(), 1);
}
