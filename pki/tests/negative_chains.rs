//! Certificates that must not be believed, each by its name: what was changed, and which lines of the table fail, all of them.

mod authority;

use authority::*;
use kazasu_pki::path::{Examined, examine};
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{
    Anchors, CertificateError, Check, Outcome, Purpose, Reason, Signing, TransientCertificate, UserAuthentication,
    WhyNot,
};
use rsa::RsaPrivateKey;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A certificate, its authority, and who signs them.
struct World {
    leaf: Draft,
    leaf_signed_by: &'static RsaPrivateKey,
    how: How,
    ca: Draft,
    ca_signed_by: &'static RsaPrivateKey,
    at: SystemTime,
    /// Changes the finished certificate.
    after: fn(Vec<u8>) -> Vec<u8>,
}

enum Ends {
    /// These lines fail, and no other.
    Fails(&'static [(Check, Reason)]),
    /// It does not come to an examination.
    Refused(CertificateError),
}
use Ends::{Fails, Refused};

type Row = (&'static str, fn(&mut World), Ends);

const KU: &str = "2.5.29.15";
const EKU: &str = "2.5.29.37";
const CP: &str = "2.5.29.32";
const BC: &str = "2.5.29.19";
const SAN: &str = "2.5.29.17";
const IAN: &str = "2.5.29.18";
const CRLDP: &str = "2.5.29.31";
const AIA: &str = "1.3.6.1.5.5.7.1.1";
const AKI: &str = "2.5.29.35";
const SKI: &str = "2.5.29.14";

const PROFILE: Ends = Fails(&[(Check::CertificateProfile, Reason::Profile)]);
const CRITICAL_ONE: Ends = Fails(&[(Check::CertificateProfile, Reason::UnknownCritical)]);
const ISSUER: Ends = Fails(&[(Check::Issuer, Reason::UnknownIssuer)]);
const NAME: Ends = Fails(&[(Check::Issuer, Reason::IssuerName)]);
const USAGE: Ends = Fails(&[(Check::KeyUsage, Reason::Usage)]);
const EXTENDED: Ends = Fails(&[(Check::ExtendedKeyUsage, Reason::Usage)]);
const POLICY: Ends = Fails(&[(Check::Policy, Reason::Policy)]);
const AUTHORITY: Ends = Fails(&[(Check::BasicConstraints, Reason::Authority)]);
const KEY: Ends = Fails(&[(Check::Key, Reason::Weak)]);
const SIGNATURE: Ends = Fails(&[(Check::IssuerSignature, Reason::Signature)]);
const NOT_YET: Ends = Fails(&[(Check::Validity, Reason::NotYet)]);
const EXPIRED: Ends = Fails(&[(Check::Validity, Reason::Expired)]);
const NO_CA: Ends = Fails(&[(Check::IssuerCertificate, Reason::NotAnAuthority)]);
const UNREADABLE: Ends = Refused(CertificateError::Unreadable);

/// KeyUsage of these bits.
fn usage(bits: &[u8]) -> Vec<u8> {
    tlv(3, &[bits.to_vec()])
}

fn policies(ids: &[&str]) -> Vec<u8> {
    sequence(&ids.iter().map(|id| sequence(&[oid(id)])).collect::<Vec<_>>())
}

fn qualified(qualifier: Vec<u8>) -> Vec<u8> {
    sequence(&[sequence(&[oid("1.2.392.200149.8.5.1.0.20"), sequence(&[qualifier])])])
}

fn purposes(ids: &[&str]) -> Vec<u8> {
    sequence(&ids.iter().map(|id| oid(id)).collect::<Vec<_>>())
}

fn name(text: Vec<u8>) -> Vec<u8> {
    sequence(&[tlv(0x31, &[sequence(&[oid("2.5.4.10"), text])])])
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// The authority gets another key; what it issues is signed with it.
fn ca_key(world: &mut World, key: &'static RsaPrivateKey) {
    world.ca.spki = spki(key);
    world.ca_signed_by = key;
    world.leaf_signed_by = key;
}

fn aki(key_id: &[u8], issuer: Option<Vec<u8>>, serial: Option<&[u8]>) -> Vec<u8> {
    let issuer = issuer.map(|name| tlv(0xA1, &[tlv(0xA4, &[name])])).unwrap_or_default();
    let serial = serial.map(|serial| tlv(0x82, &[serial.to_vec()])).unwrap_or_default();
    let id = if key_id.is_empty() { Vec::new() } else { tlv(0x80, &[key_id.to_vec()]) };
    sequence(&[id, issuer, serial])
}

fn ca_id(world: &World) -> Vec<u8> {
    world.ca.extensions.iter().find(|extension| extension.id == SKI).expect("its key identifier").value[2..].to_vec()
}

/// What fails in a certificate for signing.
#[rustfmt::skip]
const SIGNING: &[Row] = &[
    // ---- the bytes
    ("no bytes", |w| w.after = |_| Vec::new(), UNREADABLE),
    ("a sequence of nothing", |w| w.after = |_| vec![0x30, 0], UNREADABLE),
    ("a byte after the end", |w| w.after = |mut der| { der.push(0); der }, UNREADABLE),
    ("a byte short", |w| w.after = |mut der| { der.pop(); der }, UNREADABLE),
    ("an indefinite length", |w| w.after = |mut der| { der[1] = 0x80; der }, UNREADABLE),
    ("a length of five bytes", |w| w.after = |mut der| { der[1] = 0x85; der }, UNREADABLE),
    ("more bytes than a certificate has", |w| w.after = |mut der| { der.resize(4_097, 0); der }, Refused(CertificateError::TooLong)),
    ("text in PEM", |w| w.after = |_| b"-----BEGIN CERTIFICATE-----".to_vec(), UNREADABLE),
    ("a signature of seven bits a byte", |w| w.after = |der| { let p = parts(&der); sequence(&[p[0].clone(), p[1].clone(), tlv(3, &[vec![1], vec![0; 256]])]) }, UNREADABLE),
    ("a fourth part", |w| w.after = |der| { let mut p = parts(&der); p.push(vec![5, 0]); sequence(&p) }, UNREADABLE),
    // ---- version, serial number, names
    ("version 1", |w| w.leaf.version.clear(), PROFILE),
    ("version 1, said", |w| w.leaf.version = vec![0xA0, 3, 2, 1, 0], PROFILE),
    ("version 2", |w| w.leaf.version = vec![0xA0, 3, 2, 1, 1], PROFILE),
    ("version 4", |w| w.leaf.version = vec![0xA0, 3, 2, 1, 3], PROFILE),
    ("a negative version", |w| w.leaf.version = vec![0xA0, 3, 2, 1, 0xFE], UNREADABLE),
    ("a version that is not a number", |w| w.leaf.version = vec![0xA0, 3, 1, 1, 0xFF], UNREADABLE),
    ("a negative serial number", |w| w.leaf.serial = vec![2, 1, 0x81], PROFILE),
    ("serial number 0", |w| w.leaf.serial = vec![2, 1, 0], PROFILE),
    ("a serial number of 21 bytes", |w| w.leaf.serial = tlv(2, &[vec![1; 21]]), PROFILE),
    ("a serial number with a needless zero", |w| w.leaf.serial = vec![2, 2, 0, 1], UNREADABLE),
    ("a serial number of no bytes", |w| w.leaf.serial = vec![2, 0], UNREADABLE),
    ("a serial number that is text", |w| w.leaf.serial = utf8("1"), UNREADABLE),
    ("no subject", |w| w.leaf.subject = sequence(&[]), PROFILE),
    ("a subject that is not UTF-8", |w| w.leaf.subject = name(tlv(0x0C, &[vec![0xFF]])), PROFILE),
    ("a subject in Teletex", |w| w.leaf.subject = name(tlv(0x14, &[b"x".to_vec()])), PROFILE),
    ("a printable subject with an asterisk", |w| w.leaf.subject = name(tlv(0x13, &[b"*".to_vec()])), PROFILE),
    ("a subject that is an OCTET STRING", |w| w.leaf.subject = name(tlv(4, &[b"x".to_vec()])), PROFILE),
    ("a distribution point whose name is no text", |w| { let v = &mut w.leaf.ext(CRLDP).value; let at = v.iter().rposition(|byte| *byte == 0x0C).expect("a text"); v[at] = 4 }, PROFILE),
    ("a subject whose set is a sequence", |w| w.leaf.subject = sequence(&[sequence(&[sequence(&[oid("2.5.4.10"), utf8("x")])])]), PROFILE),
    ("unique identifiers", |w| w.leaf.unique_ids = vec![0x81, 2, 0, 1], PROFILE),
    // ---- extensions as such
    ("no extensions", |w| w.leaf.extensions.clear(), Fails(&[(Check::Issuer, Reason::UnknownIssuer), (Check::KeyUsage, Reason::Usage)])),
    ("an unknown critical extension", |w| w.leaf.add("1.2.392.200149.8.5.9", true, vec![5, 0]), CRITICAL_ONE),
    ("a critical name constraint", |w| w.leaf.add("2.5.29.30", true, vec![0x30, 0]), CRITICAL_ONE),
    ("a critical policy constraint", |w| w.leaf.add("2.5.29.36", true, vec![0x30, 3, 0x80, 1, 0]), CRITICAL_ONE),
    ("a critical subject name", |w| w.leaf.ext(SAN).critical = CRITICAL.to_vec(), CRITICAL_ONE),
    ("a critical authority key identifier", |w| w.leaf.ext(AKI).critical = CRITICAL.to_vec(), CRITICAL_ONE),
    ("a critical distribution point", |w| w.leaf.ext(CRLDP).critical = CRITICAL.to_vec(), CRITICAL_ONE),
    ("key usage twice", |w| { let again = w.leaf.ext(KU).clone(); w.leaf.extensions.push(again) }, PROFILE),
    ("policies twice", |w| { let again = w.leaf.ext(CP).clone(); w.leaf.extensions.push(again) }, PROFILE),
    ("subject names twice", |w| { let again = w.leaf.ext(SAN).clone(); w.leaf.extensions.push(again) }, PROFILE),
    ("an unknown extension twice", |w| { w.leaf.add("1.2.3.4", false, vec![5, 0]); w.leaf.add("1.2.3.4", false, vec![5, 0]) }, PROFILE),
    ("an extension whose criticality is neither", |w| w.leaf.ext(KU).critical = vec![1, 1, 1], UNREADABLE),
    ("subject names that are none", |w| w.leaf.ext(SAN).value = vec![5, 0], PROFILE),
    ("an empty list of subject names", |w| w.leaf.ext(SAN).value = vec![0x30, 0], PROFILE),
    ("subject names with bytes behind them", |w| w.leaf.ext(SAN).value.extend([5, 0]), PROFILE),
    ("a subject name that is not UTF-8", |w| { let v = &mut w.leaf.ext(SAN).value; let last = v.len() - 1; v[last] = 0xFF }, PROFILE),
    ("issuer names that are none", |w| w.leaf.ext(IAN).value = vec![2, 1, 1], PROFILE),
    ("an empty list of distribution points", |w| w.leaf.ext(CRLDP).value = vec![0x30, 0], PROFILE),
    ("a distribution point that is a number", |w| w.leaf.ext(CRLDP).value = vec![0x30, 3, 2, 1, 1], PROFILE),
    ("a subject key identifier that is text", |w| w.leaf.ext(SKI).value = utf8("x"), PROFILE),
    ("an address of OCSP that is none", |w| w.leaf.add(AIA, false, vec![0x30, 0]), PROFILE),
    // ---- whose it is
    ("no authority key identifier", |w| w.leaf.without(AKI), ISSUER),
    ("an authority key identifier without the key", |w| w.leaf.ext(AKI).value = vec![0x30, 0], ISSUER),
    ("the key identifier of another", |w| w.leaf.ext(AKI).value = aki(&[9; 20], None, None), ISSUER),
    ("a key identifier that begins like the authority's", |w| { let id = ca_id(w); w.leaf.ext(AKI).value = aki(&id[..19], None, None) }, ISSUER),
    ("an authority key identifier that cannot be read", |w| w.leaf.ext(AKI).value = vec![5, 0], Fails(&[(Check::CertificateProfile, Reason::Profile), (Check::Issuer, Reason::UnknownIssuer)])),
    ("another issuer's name", |w| w.leaf.issuer = name(utf8("JPKI-TEST")), NAME),
    ("the issuer's name in another encoding", |w| { let printable = w.ca.subject.iter().enumerate().map(|(i, byte)| if i + 2 < w.ca.subject.len() && *byte == 0x0C && w.ca.subject[i + 1] == 9 { 0x13 } else { *byte }).collect(); w.leaf.issuer = printable }, NAME),
    ("an empty issuer", |w| w.leaf.issuer = sequence(&[]), Fails(&[(Check::CertificateProfile, Reason::Profile), (Check::Issuer, Reason::IssuerName)])),
    ("the authority's key under another number", |w| { let (id, n) = (ca_id(w), w.ca.issuer.clone()); w.leaf.ext(AKI).value = aki(&id, Some(n), Some(&[0x11])) }, NAME),
    ("the authority's key under another name", |w| { let (id, s) = (ca_id(w), w.ca.serial[2..].to_vec()); w.leaf.ext(AKI).value = aki(&id, Some(name(utf8("other"))), Some(&s)) }, NAME),
    ("the authority's number without its name", |w| { let (id, s) = (ca_id(w), w.ca.serial[2..].to_vec()); w.leaf.ext(AKI).value = aki(&id, None, Some(&s)) }, NAME),
    ("the authority's name without its number", |w| { let (id, n) = (ca_id(w), w.ca.issuer.clone()); w.leaf.ext(AKI).value = aki(&id, Some(n), None) }, NAME),
    // ---- key usage
    ("no key usage", |w| w.leaf.without(KU), USAGE),
    ("key usage that is not critical", |w| w.leaf.ext(KU).critical.clear(), USAGE),
    ("key usage: digitalSignature alone", |w| w.leaf.ext(KU).value = usage(&[7, 0x80]), USAGE),
    ("key usage: nonRepudiation alone", |w| w.leaf.ext(KU).value = usage(&[6, 0x40]), USAGE),
    ("key usage: also keyEncipherment", |w| w.leaf.ext(KU).value = usage(&[5, 0xE0]), USAGE),
    ("key usage: also keyCertSign", |w| w.leaf.ext(KU).value = usage(&[2, 0xC4]), USAGE),
    ("key usage: also cRLSign", |w| w.leaf.ext(KU).value = usage(&[1, 0xC2]), USAGE),
    ("key usage: also decipherOnly", |w| w.leaf.ext(KU).value = usage(&[7, 0xC0, 0x80]), USAGE),
    ("key usage: nothing", |w| w.leaf.ext(KU).value = usage(&[0]), USAGE),
    ("key usage with bits that are not used", |w| w.leaf.ext(KU).value = usage(&[6, 0xC1]), Fails(&[(Check::CertificateProfile, Reason::Profile), (Check::KeyUsage, Reason::Usage)])),
    ("key usage that is a number", |w| w.leaf.ext(KU).value = vec![2, 1, 3], USAGE),
    // ---- extended key usage
    ("extended key usage in a certificate for signing", |w| w.leaf.add(EKU, false, purposes(&["1.3.6.1.5.5.7.3.2"])), EXTENDED),
    ("extended key usage: any", |w| w.leaf.add(EKU, false, purposes(&["2.5.29.37.0"])), EXTENDED),
    ("extended key usage: OCSP", |w| w.leaf.add(EKU, true, purposes(&["1.3.6.1.5.5.7.3.9"])), EXTENDED),
    // ---- policy
    ("no policies", |w| w.leaf.without(CP), POLICY),
    ("policies that are not critical", |w| w.leaf.ext(CP).critical.clear(), POLICY),
    ("the policy of user authentication", |w| w.leaf.ext(CP).value = policies(&["1.2.392.200149.8.5.1.0.30"]), POLICY),
    ("the policy of real cards, from a test authority", |w| w.leaf.ext(CP).value = policies(&["1.2.392.200149.8.5.1.1.20"]), POLICY),
    ("any policy", |w| w.leaf.ext(CP).value = policies(&["2.5.29.32.0"]), POLICY),
    ("a policy below the right one", |w| w.leaf.ext(CP).value = policies(&["1.2.392.200149.8.5.1.0.20.1"]), POLICY),
    ("an empty list of policies", |w| w.leaf.ext(CP).value = vec![0x30, 0], POLICY),
    ("the right policy twice", |w| w.leaf.ext(CP).value = policies(&["1.2.392.200149.8.5.1.0.20", "1.2.392.200149.8.5.1.0.20"]), POLICY),
    ("a user notice for a qualifier", |w| w.leaf.ext(CP).value = qualified(sequence(&[oid("1.3.6.1.5.5.7.2.2"), sequence(&[])])), POLICY),
    ("a practice statement that is no address", |w| w.leaf.ext(CP).value = qualified(sequence(&[oid("1.3.6.1.5.5.7.2.1"), utf8("x")])), POLICY),
    ("policies that are a number", |w| w.leaf.ext(CP).value = vec![2, 1, 1], POLICY),
    // ---- no authority
    ("CA:TRUE", |w| w.leaf.add(BC, true, vec![0x30, 3, 1, 1, 0xFF]), AUTHORITY),
    ("CA:TRUE, not critical", |w| w.leaf.add(BC, false, vec![0x30, 3, 1, 1, 0xFF]), AUTHORITY),
    ("a path length without an authority", |w| w.leaf.add(BC, true, vec![0x30, 3, 2, 1, 0]), AUTHORITY),
    ("basic constraints that are a number", |w| w.leaf.add(BC, true, vec![2, 1, 0]), AUTHORITY),
    ("CA:FALSE, written out", |w| w.leaf.add(BC, true, vec![0x30, 3, 1, 1, 0]), AUTHORITY),
    // ---- key
    ("an RSA key of 1024 bits", |w| w.leaf.spki = spki(made("weak", 1_024, 65_537)), KEY),
    ("an RSA key of 2047 bits", |w| { let mut n = modulus(key("leaf")); n[0] = 0x7F; w.leaf.spki = spki_of(&n, &[1, 0, 1]) }, KEY),
    ("exponent 3", |w| w.leaf.spki = spki_of(&modulus(key("leaf")), &[3]), KEY),
    ("exponent 1", |w| w.leaf.spki = spki_of(&modulus(key("leaf")), &[1]), KEY),
    ("exponent 65539", |w| w.leaf.spki = spki_of(&modulus(key("leaf")), &[1, 0, 3]), KEY),
    ("exponent 2^64 + 65537", |w| w.leaf.spki = spki_of(&modulus(key("leaf")), &[1, 0, 0, 0, 0, 0, 1, 0, 1]), KEY),
    ("an even modulus", |w| { let mut n = modulus(key("leaf")); n[255] &= 0xFE; w.leaf.spki = spki_of(&n, &[1, 0, 1]) }, KEY),
    ("a P-384 key on a card of today", |w| w.leaf.spki = p384_spki(), KEY),
    ("an RSA key for PSS only", |w| w.leaf.spki = sequence(&[sequence(&[oid("1.2.840.113549.1.1.10")]), bit_string(&pkcs1(key("leaf")))]), KEY),
    ("a key that is no key", |w| w.leaf.spki = sequence(&[algorithm("1.2.840.113549.1.1.1"), bit_string(&[1, 2, 3])]), KEY),
    ("a key with bytes behind it", |w| { let mut der = pkcs1(key("leaf")); der.push(0); w.leaf.spki = sequence(&[algorithm("1.2.840.113549.1.1.1"), bit_string(&der)]) }, KEY),
    // ---- signature
    ("a byte of the signature changed", |w| w.after = |mut der| { let last = der.len() - 1; der[last] ^= 1; der }, SIGNATURE),
    ("a byte of the signed part changed", |w| w.after = |mut der| { let place = der.windows(9).position(|w| w == b"JPKI-TEST").expect("a name"); der[place + 1000] ^= 0x20; der }, Fails(&[(Check::IssuerSignature, Reason::Signature)])),
    ("signed by the other generation", |w| w.leaf_signed_by = key("ca/sign-ca-1"), SIGNATURE),
    ("signed by the authority of the other purpose", |w| w.leaf_signed_by = key("ca/auth-ca-2"), SIGNATURE),
    ("signed by itself", |w| w.leaf_signed_by = key("adult/signature"), SIGNATURE),
    ("signed with SHA-1, and says so", |w| { w.how = How::Sha1; w.leaf.both_algorithms(algorithm("1.2.840.113549.1.1.5")) }, SIGNATURE),
    ("signed with SHA-1, and says SHA-256", |w| w.how = How::Sha1, SIGNATURE),
    ("signed with SHA-384, and says so", |w| { w.how = How::Sha384; w.leaf.both_algorithms(algorithm("1.2.840.113549.1.1.12")) }, SIGNATURE),
    ("signed with SHA-384, and says SHA-256", |w| w.how = How::Sha384, SIGNATURE),
    ("signed with PSS, and says so", |w| { w.how = How::Pss; w.leaf.both_algorithms(sequence(&[oid("1.2.840.113549.1.1.10"), sequence(&[])])) }, SIGNATURE),
    ("signed with PSS, and says PKCS#1", |w| w.how = How::Pss, SIGNATURE),
    ("a digest without its DigestInfo", |w| w.how = How::Bare, SIGNATURE),
    ("says ECDSA", |w| w.leaf.both_algorithms(sequence(&[oid("1.2.840.10045.4.3.2")])), SIGNATURE),
    ("parameters that are not NULL", |w| w.leaf.both_algorithms(sequence(&[oid(SHA256_WITH_RSA), sequence(&[])])), SIGNATURE),
    ("one algorithm inside, another one outside", |w| w.leaf.algorithm = algorithm("1.2.840.113549.1.1.12"), Fails(&[(Check::CertificateProfile, Reason::Profile), (Check::IssuerSignature, Reason::Signature)])),
    ("parameters inside only", |w| w.leaf.algorithm = sequence(&[oid(SHA256_WITH_RSA)]), PROFILE),
    ("a signature of no bytes", |w| w.after = |der| { let p = parts(&der); sequence(&[p[0].clone(), p[1].clone(), bit_string(&[])]) }, SIGNATURE),
    ("a signature of zeroes", |w| w.after = |der| { let p = parts(&der); sequence(&[p[0].clone(), p[1].clone(), bit_string(&[0; 256])]) }, SIGNATURE),
    ("a signature of ones", |w| w.after = |der| { let p = parts(&der); sequence(&[p[0].clone(), p[1].clone(), bit_string(&[0xFF; 256])]) }, SIGNATURE),
    ("a signature with a zero before it", |w| w.after = |der| { let p = parts(&der); let mut long = vec![0]; long.extend(&p[2][5..]); sequence(&[p[0].clone(), p[1].clone(), bit_string(&long)]) }, SIGNATURE),
    ("a signature with a zero behind it", |w| w.after = |der| { let p = parts(&der); let mut long = p[2][5..].to_vec(); long.push(0); sequence(&[p[0].clone(), p[1].clone(), bit_string(&long)]) }, SIGNATURE),
    ("a signature short of its first byte", |w| w.after = |der| { let p = parts(&der); sequence(&[p[0].clone(), p[1].clone(), bit_string(&p[2][6..])]) }, SIGNATURE),
    // ---- validity
    ("a second before its time", |w| { w.leaf.not_before = utc("261120000001Z") }, NOT_YET),
    ("a second after its time", |w| { w.leaf.not_after = utc("261119235959Z") }, EXPIRED),
    ("half a second after its time", |w| { w.leaf.not_after = utc("261120000000Z"); w.at = today() + Duration::from_millis(500) }, EXPIRED),
    ("ends before it begins", |w| { w.leaf.not_before = utc("280101000000Z"); w.leaf.not_after = utc("260101000000Z") }, NOT_YET),
    ("asked about a time before 1970", |w| w.at = UNIX_EPOCH - Duration::from_secs(1_000_000_000), Fails(&[(Check::Validity, Reason::NotYet), (Check::IssuerValidity, Reason::NotYet)])),
    ("asked about the year 9999", |w| w.at = at(253_402_300_799), Fails(&[(Check::Validity, Reason::Expired), (Check::IssuerValidity, Reason::Expired)])),
    ("begins in 1950", |w| w.leaf.not_before = utc("500101000000Z"), UNREADABLE),
    ("a general time that fits the other form", |w| w.leaf.not_after = generalized("20300217145959Z"), UNREADABLE),
    ("a time without seconds", |w| w.leaf.not_after = utc("3002171459Z"), UNREADABLE),
    ("a time with an offset", |w| w.leaf.not_after = utc("300217235959+0900"), UNREADABLE),
    ("a time with a fraction", |w| w.leaf.not_after = generalized("20510217145959.5Z"), UNREADABLE),
    ("a thirteenth month", |w| w.leaf.not_after = utc("301317145959Z"), UNREADABLE),
    ("a thirtieth of February", |w| w.leaf.not_after = utc("300230145959Z"), UNREADABLE),
    ("a time that is a number", |w| w.leaf.not_after = vec![2, 1, 1], UNREADABLE),
    // ---- the authority
    ("an authority whose time is over", |w| w.ca.not_after = utc("261119235959Z"), Fails(&[(Check::IssuerValidity, Reason::Expired)])),
    ("an authority whose time has not come", |w| w.ca.not_before = utc("261120000001Z"), Fails(&[(Check::IssuerValidity, Reason::NotYet)])),
    ("an authority without basic constraints", |w| w.ca.without(BC), NO_CA),
    ("an authority with CA:FALSE", |w| w.ca.ext(BC).value = vec![0x30, 0], NO_CA),
    ("an authority whose constraints are not critical", |w| w.ca.ext(BC).critical.clear(), NO_CA),
    ("an authority without key usage", |w| w.ca.without(KU), NO_CA),
    ("an authority whose key usage is not critical", |w| w.ca.ext(KU).critical.clear(), NO_CA),
    ("an authority that may sign revocation lists only", |w| w.ca.ext(KU).value = usage(&[1, 0x02]), NO_CA),
    ("an authority with a holder's key usage", |w| w.ca.ext(KU).value = usage(&[6, 0xC0]), NO_CA),
    ("an authority that another one signed", |w| w.ca_signed_by = key("ca/sign-ca-1"), Fails(&[(Check::IssuerCertificate, Reason::Signature)])),
    ("an authority below another one", |w| w.ca.issuer = name(utf8("root")), Fails(&[(Check::Issuer, Reason::IssuerName), (Check::IssuerCertificate, Reason::Signature)])),
    ("an authority of version 1", |w| w.ca.version = vec![0xA0, 3, 2, 1, 0], Fails(&[(Check::IssuerCertificate, Reason::Profile)])),
    ("an authority with an unknown critical extension", |w| w.ca.add("1.2.3.4", true, vec![5, 0]), Fails(&[(Check::IssuerCertificate, Reason::UnknownCritical)])),
    ("an authority with 1024 bits", |w| ca_key(w, made("weak", 1_024, 65_537)), Fails(&[(Check::IssuerSignature, Reason::Signature), (Check::IssuerCertificate, Reason::Weak)])),
    ("an authority with exponent 3", |w| ca_key(w, made("three", 2_048, 3)), Fails(&[(Check::IssuerSignature, Reason::Signature), (Check::IssuerCertificate, Reason::Weak)])),
    ("an authority with a P-384 key", |w| w.ca.spki = p384_spki(), Fails(&[(Check::IssuerSignature, Reason::Signature), (Check::IssuerCertificate, Reason::Signature)])),
    // ---- everything at once
    ("everything wrong is said, not only the first of it", |w| { w.leaf.version.clear(); w.leaf.without(KU); w.leaf.without(CP); w.leaf.add(BC, true, vec![0x30, 3, 1, 1, 0xFF]); w.leaf.not_after = utc("251119235959Z"); w.leaf_signed_by = key("ca/sign-ca-1") },
        Fails(&[(Check::CertificateProfile, Reason::Profile), (Check::KeyUsage, Reason::Usage), (Check::Policy, Reason::Policy), (Check::BasicConstraints, Reason::Authority), (Check::IssuerSignature, Reason::Signature), (Check::Validity, Reason::Expired)])),
];

/// What fails in a certificate for user authentication, where that differs.
#[rustfmt::skip]
const USER_AUTHENTICATION: &[Row] = &[
    ("user authentication: also nonRepudiation", |w| w.leaf.ext(KU).value = usage(&[6, 0xC0]), USAGE),
    ("user authentication: keyAgreement", |w| w.leaf.ext(KU).value = usage(&[3, 0x08]), USAGE),
    ("user authentication: no extended key usage", |w| w.leaf.without(EKU), EXTENDED),
    ("user authentication: extended key usage for servers", |w| w.leaf.ext(EKU).value = purposes(&["1.3.6.1.5.5.7.3.1"]), EXTENDED),
    ("user authentication: extended key usage for servers too", |w| w.leaf.ext(EKU).value = purposes(&["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"]), EXTENDED),
    ("user authentication: clientAuth twice", |w| w.leaf.ext(EKU).value = purposes(&["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.2"]), EXTENDED),
    ("user authentication: any extended key usage", |w| w.leaf.ext(EKU).value = purposes(&["2.5.29.37.0"]), EXTENDED),
    ("user authentication: the policy of signing", |w| w.leaf.ext(CP).value = policies(&["1.2.392.200149.8.5.1.0.20"]), POLICY),
    ("user authentication: a policy of real cards", |w| w.leaf.ext(CP).value = policies(&["1.2.392.200149.8.5.1.3.30"]), POLICY),
    ("user authentication: CA:TRUE", |w| w.leaf.add(BC, true, vec![0x30, 3, 1, 1, 0xFF]), AUTHORITY),
    ("user authentication: signed by the authority for signing", |w| w.leaf_signed_by = key("ca/sign-ca-2"), SIGNATURE),
    ("user authentication: an address of OCSP that is none", |w| w.leaf.ext(AIA).value = vec![0x30, 0], PROFILE),
];

/// Changes that a certificate may have, so that what is refused above is refused for its own sake.
#[rustfmt::skip]
const STILL_HOLD: &[Row] = &[
    ("as it is on the card", |_| (), Fails(&[])),
    ("an unknown extension that is not critical", |w| w.leaf.add("1.2.392.200149.8.5.9", false, vec![5, 0]), Fails(&[])),
    ("CA:FALSE", |w| w.leaf.add(BC, true, vec![0x30, 0]), Fails(&[])),
    ("no authority name and number", |w| { let id = ca_id(w); w.leaf.ext(AKI).value = aki(&id, None, None) }, Fails(&[])),
    ("a policy without qualifier", |w| w.leaf.ext(CP).value = policies(&["1.2.392.200149.8.5.1.0.20"]), Fails(&[])),
    ("a policy beside another one", |w| w.leaf.ext(CP).value = policies(&["1.2.3.4", "1.2.392.200149.8.5.1.0.20"]), Fails(&[])),
    ("an RSA key of 3072 bits", |w| w.leaf.spki = spki(made("strong", 3_072, 65_537)), Fails(&[])),
    ("a serial number of 20 bytes", |w| w.leaf.serial = tlv(2, &[vec![1; 20]]), Fails(&[])),
    ("its first instant", |w| w.leaf.not_before = utc("261120000000Z"), Fails(&[])),
    ("its last instant", |w| w.leaf.not_after = utc("261120000000Z"), Fails(&[])),
    ("until 2051", |w| w.leaf.not_after = generalized("20510217145959Z"), Fails(&[])),
    ("sha256WithRSAEncryption without parameters", |w| w.leaf.both_algorithms(sequence(&[oid(SHA256_WITH_RSA)])), Fails(&[])),
    ("no subject key identifier", |w| w.leaf.without(SKI), Fails(&[])),
    ("an entry more among the subject names", |w| { let mut names = parts(&w.leaf.ext(SAN).value); names.push(tlv(0xA0, &[oid("1.2.392.200149.8.5.5.9"), tlv(0xA0, &[utf8("x")])])); w.leaf.ext(SAN).value = sequence(&names) }, Fails(&[])),
    ("an authority with 3072 bits", |w| ca_key(w, made("strong", 3_072, 65_537)), Fails(&[])),
];

fn world<P: Purpose>(change: fn(&mut World)) -> (World, Result<Examined, CertificateError>) {
    let (file, authority_name) = if P::CODE == "signing" { (0x01, "sign-ca-2") } else { (0x0A, "auth-ca-2") };
    let ca_key = key(&format!("ca/{authority_name}"));
    let mut world = World {
        leaf: Draft::of(&card(file)),
        leaf_signed_by: ca_key,
        how: How::Sha256,
        ca: Draft::of(&authority(authority_name)),
        ca_signed_by: ca_key,
        at: today(),
        after: |der| der,
    };
    change(&mut world);
    let ca = world.ca.signed_by(world.ca_signed_by);
    let leaf = world.leaf.with_signature(&world.how.sign(world.leaf_signed_by, &world.leaf.tbs()));
    let leaf = (world.after)(leaf);
    let anchors = Anchors::<P>::test_only(&[&ca]).expect("an authority");
    let examined = TransientCertificate::<P>::new(&leaf).and_then(|leaf| examine(&leaf, &anchors, world.at, &NotAsked));
    (world, examined)
}

/// Runs a row; what did not end as it says.
fn run<P: Purpose>((name, change, ends): &Row) -> Option<String> {
    let (_, examined) = world::<P>(*change);
    match (examined, ends) {
        (Err(found), Refused(expected)) if found == *expected => None,
        (Ok(examined), Fails(expected)) => {
            let lines = examined.findings.lines();
            assert!(examined.findings.test(), "{name}: the stamp");
            assert!(lines.is_sorted_by_key(|line| line.check), "{name}: the order");
            let found: Vec<_> = lines
                .iter()
                .filter_map(|line| match line.outcome {
                    Outcome::Fails(reason) => Some((line.check, reason)),
                    _ => None,
                })
                .collect();
            (found != *expected).then(|| format!("{name}: {found:?}"))
        }
        (Err(error), _) => Some(format!("{name}: {error:?}")),
        (Ok(examined), Refused(_)) => Some(format!("{name}: {:?}", examined.findings)),
    }
}

#[test]
fn each_of_these_certificates_is_refused_for_its_own_reason_and_no_other() {
    let mut wrong: Vec<_> = SIGNING.iter().filter_map(run::<Signing>).collect();
    wrong.extend(USER_AUTHENTICATION.iter().filter_map(run::<UserAuthentication>));
    assert_eq!(wrong, Vec::<String>::new());
    let mut names: Vec<_> = SIGNING.iter().chain(USER_AUTHENTICATION).map(|(name, ..)| name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), SIGNING.len() + USER_AUTHENTICATION.len(), "a name stands for two");
    assert!(names.len() >= 100, "{}", names.len());
}

#[test]
fn changes_that_are_allowed_leave_every_line_as_it_was() {
    let wrong: Vec<_> = STILL_HOLD.iter().filter_map(run::<Signing>).collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_certificate_that_nobody_known_issued_leaves_what_depends_on_its_issuer_unchecked() {
    let (_, examined) = world::<Signing>(|world| world.leaf.without(AKI));
    let examined = examined.expect("findings");
    for check in [Check::IssuerSignature, Check::IssuerValidity, Check::IssuerCertificate, Check::Revocation] {
        assert_eq!(examined.findings.of(check), Some(Outcome::NotChecked(WhyNot::Moot)), "{}", check.code());
    }
}

#[test]
fn two_authorities_that_claim_one_key_identifier_are_no_anchors() {
    let one = authority("sign-ca-2");
    let mut other = Draft::of(&one);
    other.serial = integer(&[7]);
    let other = other.signed_by(key("ca/sign-ca-2"));
    let refused = Anchors::<Signing>::test_only(&[&one, &other]).err();
    assert_eq!(refused, Some(kazasu_pki::anchors::AnchorError::Ambiguous));
}

#[test]
fn what_is_no_certificate_or_has_no_key_identifier_is_no_anchor() {
    let mut without = Draft::of(&authority("sign-ca-2"));
    without.without(SKI);
    for der in [vec![0x30, 0], without.signed_by(key("ca/sign-ca-2"))] {
        let refused = Anchors::<Signing>::test_only(&[&der]).err();
        assert_eq!(refused, Some(kazasu_pki::anchors::AnchorError::Unreadable));
    }
}

#[test]
fn real_authorities_admit_no_test_authority_and_test_authorities_no_further_one() {
    let der = authority("sign-ca-2");
    let refused = Err(kazasu_pki::anchors::AnchorError::NotPinned);
    assert_eq!(Anchors::<Signing>::production().admit(&der), refused);
    let mut test = Anchors::<Signing>::test_only(&[&der]).expect("an authority");
    assert_eq!(test.admit(&authority("sign-ca-1")), refused);
}
