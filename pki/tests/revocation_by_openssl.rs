//! Lists and answers that OpenSSL made, with the keys of the demonstration's authority: `openssl ca -gencrl`, `openssl ocsp`.

mod authority;

use authority::*;
use der::Decode as _;
use der::pem::{LineEnding, encode_string};
use kazasu_pki::crl::RevocationList;
use kazasu_pki::handed_in::HandedIn;
use kazasu_pki::ocsp::OcspAnswer;
use kazasu_pki::revocation::{Revocation as _, RevocationReason};
use kazasu_pki::{RevocationStatus, TransientCertificate, UserAuthentication};
use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// The place of the adult's list, as the forge wrote it into the certificate.
const CONFIGURATION: &str = "
[ca]
default_ca = authority
[authority]
dir = .
database = index.txt
certificate = ca.pem
private_key = ca.key
default_md = sha256
string_mask = utf8only
crl_extensions = extensions
[extensions]
authorityKeyIdentifier = keyid:always
issuingDistributionPoint = critical, @point
[point]
fullname = dirName:place
onlyuser = TRUE
[place]
C = JP
O = JPKI-TEST
1.OU = JPKI for user authentication
2.OU = CRL Distribution Points
3.OU = Kazasu-ken
CN = Hana-shi CRLDP
";

fn pem(label: &str, der: &[u8]) -> String {
    encode_string(label, LineEnding::LF, der).expect("PEM")
}

fn write_key(folder: &Path, name: &str, key: &RsaPrivateKey) {
    let der = key.to_pkcs8_der().expect("a key");
    std::fs::write(folder.join(name), pem("PRIVATE KEY", der.as_bytes())).expect("written");
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let said = Command::new("openssl").current_dir(folder).args(arguments).output().expect("openssl");
    assert!(said.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&said.stderr));
}

/// A folder in which OpenSSL is the authority of user authentication, with these certificates revoked: serial number and reason.
fn authority_folder(revoked: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let write = |name: &str, text: &str| std::fs::write(path.join(name), text).expect("written");
    write("ca.pem", &pem("CERTIFICATE", &authority("auth-ca-2")));
    write("card.pem", &pem("CERTIFICATE", &card(0x0A)));
    write_key(path, "ca.key", key("ca/auth-ca-2"));
    write("openssl.cnf", CONFIGURATION);
    let valid = format!("V\t300217145959Z\t\t{}\tunknown\t/CN=adult\n", serial());
    let lines = revoked
        .iter()
        .map(|(serial, reason)| format!("R\t300217145959Z\t261110000000Z,{reason}\t{serial}\tunknown\t/CN=revoked\n"));
    let known = if revoked.iter().any(|(number, _)| *number == serial()) { String::new() } else { valid };
    write("index.txt", &(known + &lines.collect::<String>()));
    folder
}

/// Of the adult's certificate, as OpenSSL's database has it.
fn serial() -> String {
    hex::encode_upper(&Draft::of(&card(0x0A)).serial[2..])
}

fn list(revoked: &[(&str, &str)]) -> Vec<u8> {
    let folder = authority_folder(revoked);
    let arguments =
        "ca -config openssl.cnf -gencrl -crl_lastupdate 20261119000000Z -crl_nextupdate 20261121000000Z -out list.pem";
    openssl(folder.path(), &arguments.split(' ').collect::<Vec<_>>());
    openssl(folder.path(), &["crl", "-in", "list.pem", "-outform", "DER", "-out", "list.der"]);
    std::fs::read(folder.path().join("list.der")).expect("a list")
}

fn by_list(der: &[u8], at: SystemTime) -> RevocationStatus {
    let certificate = TransientCertificate::<UserAuthentication>::new(&card(0x0A)).expect("a certificate");
    RevocationList(der).status(&certificate, &authority("auth-ca-2"), at)
}

fn nothing(why: &str) -> RevocationStatus {
    RevocationStatus::Unknown { why: why.to_owned() }
}

const DAY: Duration = Duration::from_secs(86_400);

#[test]
fn openssls_list_of_the_certificates_place_says_good_until_the_next_one_is_due() {
    let der = list(&[("0A0B0C", "superseded")]);
    assert_eq!(by_list(&der, today()), RevocationStatus::Good { at: today() - DAY });
    assert_eq!(by_list(&der, today() + 2 * DAY), nothing("outdated"));
    assert_eq!(by_list(&der, today() - 2 * DAY), nothing("not-yet"));
}

#[test]
fn openssls_list_with_the_certificate_says_since_when_and_why() {
    for (reason, expected) in [
        ("affiliationChanged", RevocationReason::AffiliationChanged),
        ("superseded", RevocationReason::Superseded),
        ("cessationOfOperation", RevocationReason::CessationOfOperation),
        ("keyCompromise", RevocationReason::KeyCompromise),
    ] {
        let der = list(&[("0A0B0C", "superseded"), (&serial(), reason)]);
        assert_eq!(by_list(&der, today()), RevocationStatus::Revoked { reason: expected, at: today() - 10 * DAY });
    }
}

/// An answer that OpenSSL gives now, to a question that OpenSSL asks; the nonce of the question; and when it was.
fn answer(revoked: &[(&str, &str)], ask: &str, respond: &[&str]) -> (Vec<u8>, Option<Vec<u8>>, SystemTime) {
    let folder = authority_folder(revoked);
    let path = folder.path();
    write_key(path, "responder.key", key("responder"));
    let mut responder = Draft::of(&authority("auth-ca-2"));
    responder.serial = integer(&[0x55]);
    responder.subject = sequence(&[tlv(0x31, &[sequence(&[oid("2.5.4.3"), utf8("responder")])])]);
    responder.spki = spki(key("responder"));
    responder.extensions.clear();
    responder.add("2.5.29.15", true, vec![3, 2, 7, 0x80]);
    responder.add("2.5.29.37", true, sequence(&[oid("1.3.6.1.5.5.7.3.9")]));
    responder.add("1.3.6.1.5.5.7.48.1.5", false, vec![5, 0]);
    let responder = responder.signed_by(key("ca/auth-ca-2"));
    std::fs::write(path.join("responder.pem"), pem("CERTIFICATE", &responder)).expect("written");
    openssl(path, &["ocsp", "-issuer", "ca.pem", "-cert", "card.pem", "-reqout", "question", ask]);
    let answer = ["ocsp", "-index", "index.txt", "-CA", "ca.pem", "-reqin", "question", "-respout", "answer"];
    openssl(path, &[&answer, respond].concat());
    let read = |name| std::fs::read(path.join(name)).expect("a file");
    let question = x509_ocsp::OcspRequest::from_der(&read("question")).expect("a question");
    let der = read("answer");
    let response = x509_ocsp::OcspResponse::from_der(&der).expect("an answer").response_bytes.expect("its bytes");
    let basic = x509_ocsp::BasicOcspResponse::from_der(response.response.as_bytes()).expect("an answer");
    let at = basic.tbs_response_data.produced_at.0.to_system_time();
    (der, question.nonce().map(|nonce| nonce.0.as_bytes().to_vec()), at)
}

const BY_AUTHORITY: [&str; 6] = ["-rsigner", "ca.pem", "-rkey", "ca.key", "-ndays", "1"];
const BY_DELEGATE: [&str; 6] = ["-rsigner", "responder.pem", "-rkey", "responder.key", "-ndays", "1"];

fn by_answer(der: &[u8], nonce: Option<&[u8]>, at: SystemTime) -> RevocationStatus {
    let certificate = TransientCertificate::<UserAuthentication>::new(&card(0x0A)).expect("a certificate");
    OcspAnswer { der, nonce }.status(&certificate, &authority("auth-ca-2"), at)
}

#[test]
fn openssls_answers_by_the_authority_and_by_whom_it_named_say_good_for_a_day() {
    for signer in [BY_AUTHORITY, BY_DELEGATE] {
        let (der, _, at) = answer(&[], "-no_nonce", &signer);
        assert_eq!(by_answer(&der, None, at), RevocationStatus::Good { at });
        assert_eq!(by_answer(&der, None, at + 2 * DAY), nothing("outdated"));
        assert_eq!(by_answer(&der, None, at - DAY), nothing("not-yet"));
        assert_eq!(by_answer(&der, Some(b"nonce"), at), nothing("nonce"));
    }
}

#[test]
fn openssls_answer_carries_the_nonce_of_the_question_and_no_other() {
    let (der, nonce, at) = answer(&[], "-nonce", &BY_DELEGATE);
    let nonce = nonce.expect("a nonce");
    assert_eq!(by_answer(&der, Some(&nonce), at), RevocationStatus::Good { at });
    assert_eq!(by_answer(&der, Some(&nonce[1..]), at), nothing("nonce"));
}

#[test]
fn openssls_answer_about_a_revoked_certificate_says_since_when_and_why() {
    let (der, _, at) = answer(&[(&serial(), "affiliationChanged")], "-no_nonce", &BY_DELEGATE);
    let expected = RevocationStatus::Revoked { reason: RevocationReason::AffiliationChanged, at: today() - 10 * DAY };
    assert_eq!(by_answer(&der, None, at), expected);
}

#[test]
fn openssls_answer_without_a_time_of_the_next_one_is_refused() {
    let (der, _, at) = answer(&[], "-no_nonce", &BY_DELEGATE[..4]);
    assert_eq!(by_answer(&der, None, at), nothing("no-next-update"));
}

// ---- several that were handed in

fn by_hand(lists: Vec<Vec<u8>>, answers: Vec<Vec<u8>>, now: SystemTime, at: SystemTime) -> RevocationStatus {
    let certificate = TransientCertificate::<UserAuthentication>::new(&card(0x0A)).expect("a certificate");
    HandedIn { lists, answers, now }.status(&certificate, &authority("auth-ca-2"), at)
}

#[test]
fn of_what_was_handed_in_revoked_weighs_more_than_good_and_good_more_than_nothing_usable() {
    let good = list(&[("0A0B0C", "superseded")]);
    let revoked = list(&[(&serial(), "superseded")]);
    let broken = b"no list".to_vec();
    let now = today();
    let is = |lists: &[&Vec<u8>]| by_hand(lists.iter().map(|list| (*list).clone()).collect(), Vec::new(), now, now);
    assert_eq!(is(&[]), RevocationStatus::NotChecked { why: kazasu_pki::WhyNot::NotAsked });
    assert_eq!(is(&[&broken]), nothing("unreadable"));
    assert_eq!(is(&[&broken, &good]), RevocationStatus::Good { at: now - DAY });
    let expected = RevocationStatus::Revoked { reason: RevocationReason::Superseded, at: now - 10 * DAY };
    assert_eq!(is(&[&good, &revoked, &broken]), expected);
    let (answer, _, at) = answer(&[], "-no_nonce", &BY_AUTHORITY);
    assert_eq!(by_hand(vec![broken], vec![answer], at, at), RevocationStatus::Good { at });
}

#[test]
fn what_is_said_today_speaks_for_an_earlier_time_too_but_not_where_a_key_was_stolen() {
    let (now, before) = (today(), today() - 20 * DAY);
    let said = |revoked: &[(&str, &str)]| by_hand(vec![list(revoked)], Vec::new(), now, before);
    assert_eq!(said(&[]), RevocationStatus::Good { at: now - DAY });
    let (reason, since) = (RevocationReason::Superseded, now - 10 * DAY);
    assert_eq!(said(&[(&serial(), "superseded")]), RevocationStatus::RevokedSince { at: before, reason, since });
    let stolen = RevocationStatus::Revoked { reason: RevocationReason::KeyCompromise, at: now - 10 * DAY };
    assert_eq!(said(&[(&serial(), "keyCompromise")]), stolen);
}

#[test]
fn a_list_of_a_time_when_the_certificate_had_ended_need_not_name_it() {
    let folder = authority_folder(&[]);
    let arguments =
        "ca -config openssl.cnf -gencrl -crl_lastupdate 20310201000000Z -crl_nextupdate 20310301000000Z -out list.pem";
    openssl(folder.path(), &arguments.split(' ').collect::<Vec<_>>());
    openssl(folder.path(), &["crl", "-in", "list.pem", "-outform", "DER", "-out", "list.der"]);
    let list = std::fs::read(folder.path().join("list.der")).expect("a list");
    let february = SystemTime::UNIX_EPOCH + Duration::from_secs(1_928_880_000); // 2031-02-15
    assert_eq!(by_hand(vec![list], Vec::new(), february, today()), nothing("outdated"));
}
