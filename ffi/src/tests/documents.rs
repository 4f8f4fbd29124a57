//! Documents, logins and proofs in one tap, as a host makes them: the bridge has the card, `kazasu-pki-ffi` what is
//! signed, and bytes go between the two.

use crate::error::KazasuError;
use crate::operation::{Next, Operation};
use crate::results::Field;
use crate::wants::{FreeCertificateKind, LinkFailure, SecretKind, SignedRecords, SigningKey, Want};
use kazasu_fixtures::{Persona, Profile, SimCard, authorities};
use kazasu_pki::login::{Origin, PairwiseKey, RevocationDemand, Verifier};
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Anchors, MemoryNonces};
use kazasu_pki_ffi::believe::{Authorities, RecordsOf, TestMunicipalAuthority};
use kazasu_pki_ffi::certificate::HolderField;
use kazasu_pki_ffi::document::{Content, Disclosure, Document, EarlierSignatures, Expired, Key, PdfProfile};
use kazasu_pki_ffi::error::PkiError;
use kazasu_pki_ffi::findings::{Concluded, Findings, Outcome};
use kazasu_pki_ffi::proof::{Claim, LookedAtProof, Proof, ProvenField};
use kazasu_pki_ffi::timestamp::TimestampRequest;
use kazasu_pki_ffi::verify::LookedAtFile;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const TOLD: Disclosure = Disclosure::TheFileWillShowNameAddressBirthDateAndSex;
const FILE: &[u8] = b"I owe you 100 yen.";
const AUDIENCE: &str = "https://verifier.example";
const NONCE: [u8; 32] = [0x5A; 32];

/// One page, with a table of its objects.
fn pdf() -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Resources<<>>>>",
    ];
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = String::from("xref\n0 4\n0000000000 65535 f \n");
    for (at, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", file.len());
        file.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", at + 1).as_bytes());
    }
    let start = file.len();
    file.extend_from_slice(format!("{table}trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").as_bytes());
    file
}

fn persona(name: &str) -> Persona {
    Persona::named(name).expect("a persona")
}

fn card_of(name: &str) -> SimCard {
    SimCard::new(&persona(name), Profile::default())
}

fn demonstration() -> Arc<Authorities> {
    let der = |pem: &str| der::pem::decode_vec(pem.as_bytes()).expect("PEM").1;
    let municipal = authorities::cv_authorities().into_iter().filter_map(|row| {
        let records = match row.application.as_str() {
            "text" => RecordsOf::Text,
            "surface" => RecordsOf::Surface,
            _ => return None,
        };
        Some(TestMunicipalAuthority { records, id: row.id.to_vec(), modulus: row.modulus.to_vec() })
    });
    let (signing, authentication) =
        (authorities::SIGNING.map(der).to_vec(), authorities::USER_AUTHENTICATION.map(der).to_vec());
    Authorities::test_only(signing, authentication, municipal.collect(), Vec::new()).expect("authorities")
}

/// What a plan asks for, with what each document needs.
struct Desk {
    wants: Vec<Want>,
    documents: BTreeMap<u32, Arc<Document>>,
    asked: Vec<u32>,
}

impl Desk {
    fn new() -> Self {
        Self { wants: Vec::new(), documents: BTreeMap::new(), asked: Vec::new() }
    }

    fn want(&mut self, want: Want) -> u32 {
        let at = self.wants.iter().position(|known| *known == want && !matches!(want, Want::SignLater { .. }));
        at.unwrap_or_else(|| {
            self.wants.push(want);
            self.wants.len() - 1
        }) as u32
    }

    fn certificates(key: Key) -> [Want; 2] {
        match key {
            Key::Sign => [Want::SigningCertificate, Want::Certificate { which: FreeCertificateKind::SignCa }],
            Key::Auth => {
                [FreeCertificateKind::Auth, FreeCertificateKind::AuthCa].map(|which| Want::Certificate { which })
            }
        }
    }

    fn document(&mut self, document: &Arc<Document>) -> u32 {
        let key = document.key().expect("a key");
        let [certificate, authority] = Self::certificates(key);
        self.want(certificate);
        if document.wants_authority().expect("an answer") {
            self.want(authority);
        }
        let key = match key {
            Key::Sign => SigningKey::Sign,
            Key::Auth => SigningKey::Auth,
        };
        let at = self.want(Want::SignLater { key });
        self.documents.insert(at, Arc::clone(document));
        at
    }

    /// The plan with every secret that it needs.
    fn operation(&self, persona: &Persona) -> Arc<Operation> {
        let operation = Operation::plan(self.wants.clone()).expect("a plan");
        give(&operation, persona);
        operation
    }

    fn digest(&self, operation: &Operation, want: u32) -> Result<Vec<u8>, PkiError> {
        let document = &self.documents[&want];
        let [certificate, authority] = Self::certificates(document.key().expect("a key"));
        let read = |wanted: &Want| {
            let at = self.wants.iter().position(|want| want == wanted)?;
            operation.field(at as u32, Field::Value).expect("a field")
        };
        document.digest(&read(&certificate).expect("the certificate"), read(&authority), Expired::Refuse)
    }

    /// The host's loop. What the documents refuse cancels the operation.
    fn drive(&mut self, operation: &Operation, card: &mut SimCard) -> Result<(), End> {
        loop {
            match operation.next()? {
                Next::Done => return Ok(()),
                Next::Digest { want } => {
                    self.asked.push(want);
                    match self.digest(operation, want) {
                        Ok(digest) => operation.digest(&digest)?,
                        Err(refused) => {
                            let cancelled = operation.cancel().expect_err("cancelled");
                            assert!(matches!(cancelled, KazasuError::Cancelled { .. }), "{cancelled:?}");
                            return Err(End::Refused(refused));
                        }
                    }
                }
                Next::Transmit => match card.command(&operation.command()?) {
                    Some(response) => operation.feed(&response)?,
                    None => operation.fail(LinkFailure::CardLost)?,
                },
            }
        }
    }
}

#[derive(Debug)]
enum End {
    #[allow(dead_code, reason = "a test that fails shows it")]
    Card(KazasuError),
    Refused(PkiError),
}

impl From<KazasuError> for End {
    fn from(error: KazasuError) -> Self {
        Self::Card(error)
    }
}

fn give(operation: &Operation, persona: &Persona) {
    for need in operation.needs().expect("the needs") {
        let kind = need.one_of[0];
        operation.give(kind, persona.secrets.of(kind.into()).as_bytes()).expect("the right format");
    }
}

fn value(operation: &Operation, want: u32) -> Vec<u8> {
    operation.field(want, Field::Value).expect("a field").expect("a value")
}

/// Everything but revocation, which nobody can ask about, and what nobody signed.
fn everything_but(findings: &Findings, without: &[&str]) {
    let without = without.iter().map(|code| (*code).to_owned()).collect();
    let conclusion = findings.conclusion(without).expect("a conclusion");
    assert_eq!(conclusion.concluded, Concluded::EverythingAsked, "{conclusion:?}");
    assert!(conclusion.test && findings.test().expect("a stamp"));
}

fn signed(file: &LookedAtFile) {
    let signatures = file.signatures().expect("signatures");
    assert_eq!(signatures.len(), 1);
    everything_but(&signatures[0].findings().expect("findings"), &["revocation"]);
}

/// One document in one tap, judged.
fn one(document: &Arc<Document>) -> Vec<u8> {
    let mut desk = Desk::new();
    let at = desk.document(document);
    let (adult, mut card) = (persona("adult"), card_of("adult"));
    let operation = desk.operation(&adult);
    operation.connected(65_544, 65_538).expect("connected");
    desk.drive(&operation, &mut card).expect("one tap");
    assert_eq!((desk.asked.as_slice(), card.tally().secrets), (&[at][..], 1));
    document.finish(&value(&operation, at)).expect("the document")
}

#[test]
fn a_pdf_is_signed_in_one_tap_in_either_profile() {
    for profile in [PdfProfile::Registry, PdfProfile::Pades] {
        let document = Document::pdf(&pdf(), profile, EarlierSignatures::MustHold, TOLD).expect("a PDF");
        let file = one(&document);
        assert!(file.starts_with(&pdf()), "what was there stays as it was");
        let looked = LookedAtFile::pdf(&file, demonstration()).expect("a signed PDF");
        signed(&looked);
        assert_eq!((looked.unsigned_bytes(), looked.damage()), (Ok(None), Ok(None)));
        let mut damaged = file.clone();
        let end = file.windows(9).rposition(|window| window == b"startxref").expect("an end");
        damaged[end] = b'S';
        let damage = LookedAtFile::pdf(&damaged, demonstration()).expect("a signature").damage().expect("an answer");
        let damage = damage.expect("why it cannot be read");
        assert!(damage.english.contains("damaged") && damage.japanese.contains("壊れて"), "{damage:?}");
        let signature = &looked.signatures().expect("signatures")[0];
        assert_eq!(signature.field().expect("a field").as_deref(), Some("Signature1"));
        assert_eq!(signature.signed_bytes().expect("ranges").len(), 2);
        let certificate = signature.certificate().expect("an answer").expect("a certificate");
        let name = certificate.holder(HolderField::Name).expect("an answer");
        assert_eq!(name.as_deref(), Some("数差　花子".as_bytes()));
    }
}

#[test]
fn a_pdf_in_which_an_earlier_signature_fails_is_refused_before_a_card_is_there_unless_it_may() {
    let pdf_after = |file: &[u8], earlier| Document::pdf(file, PdfProfile::Registry, earlier, TOLD);
    let first = one(&pdf_after(&pdf(), EarlierSignatures::MustHold).expect("a PDF"));
    let second = one(&pdf_after(&first, EarlierSignatures::MustHold).expect("the first signature holds"));
    assert_eq!(
        LookedAtFile::pdf(&second, demonstration()).expect("findings").signatures().expect("signatures").len(),
        2
    );
    let mut changed = first.clone();
    let at = first.windows(7).position(|window| window == b"300 200").expect("the page");
    changed[at] = b'9';
    let text = b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 3 2]/Resources<<>>>>\nendobj\n";
    let (place, table) = (first.len(), first.len() + text.len());
    let last = first.windows(9).rposition(|window| window == b"startxref").expect("an end");
    let last: String = first[last + 10..].iter().map(|byte| *byte as char).take_while(char::is_ascii_digit).collect();
    let trailer = format!("trailer\n<</Size 9/Root 1 0 R/Prev {last}>>\nstartxref\n{table}\n%%EOF\n");
    let added = [&first[..], text, format!("xref\n3 1\n{place:010} 00000 n \n{trailer}").as_bytes()].concat();
    for (file, english) in [(changed, "its content was changed"), (added, "more than signatures was added behind it")] {
        let refused = pdf_after(&file, EarlierSignatures::MustHold).map(|_| ()).expect_err("refused");
        let PkiError::PdfSignatureFails { detail } = refused else { panic!("{refused:?}") };
        assert_eq!((detail.number, detail.code.as_str()), (472, "pdf-signature-fails"));
        assert!(detail.english.what.contains(english) && !detail.japanese.what.is_ascii(), "{detail:?}");
        // A text from the file.
        assert!(!format!("{detail:?}").contains("Signature1"), "{detail:?}");
        let signed = one(&pdf_after(&file, EarlierSignatures::MayFail).expect("a PDF"));
        let looked = LookedAtFile::pdf(&signed, demonstration()).expect("findings").signatures().expect("signatures");
        let conclusion = looked[0].findings().expect("findings").conclusion(Vec::new()).expect("a conclusion");
        assert_eq!(conclusion.concluded, Concluded::Fails, "the earlier one goes on failing");
    }
}

#[test]
fn a_file_is_signed_in_cms_in_one_tap_with_its_content_and_beside_it() {
    let attached = one(&Document::cms(FILE, Content::Attached, TOLD).expect("a file"));
    let looked = LookedAtFile::cms(&attached, None, demonstration()).expect("a signed file");
    signed(&looked);
    assert_eq!(looked.payload().expect("an answer").as_deref(), Some(FILE), "an app can show what was signed");
    let by_digest = Document::cms_of_digest(&Sha256::digest(FILE), TOLD).expect("a digest");
    for document in [Document::cms(FILE, Content::Detached, TOLD).expect("a file"), by_digest] {
        let detached = one(&document);
        let looked = LookedAtFile::cms(&detached, Some(FILE.to_vec()), demonstration()).expect("a signed file");
        signed(&looked);
        assert_eq!(looked.payload(), Ok(None), "it is not in the file");
        let other =
            LookedAtFile::cms(&detached, Some(b"I owe you 1 yen.".to_vec()), demonstration()).expect("a signature");
        let findings = other.signatures().expect("signatures")[0].findings().expect("findings");
        let conclusion = findings.conclusion(Vec::new()).expect("a conclusion");
        assert_eq!((conclusion.concluded, conclusion.check.as_deref()), (Concluded::Fails, Some("content-digest")));
    }
}

#[test]
fn openssl_takes_what_was_signed() {
    let detached = one(&Document::cms(FILE, Content::Detached, TOLD).expect("a file"));
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    };
    let (signature, content) = (write("file.p7s", &detached), write("file", FILE));
    let roots = write("roots.pem", authorities::SIGNING.concat().as_bytes());
    let verify = |content| {
        let mut openssl = Command::new("openssl");
        openssl.args(["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any", "-out", "/dev/null"]);
        openssl.arg("-in").arg(&signature).arg("-content").arg(content).arg("-CAfile").arg(&roots);
        openssl.output().expect("openssl")
    };
    let output = verify(&content);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!verify(&write("other", b"I owe you 1 yen.")).status.success());
}

/// The conclusion, but for revocation, and the line that decided it.
fn concludes(file: &LookedAtFile) -> (Concluded, Option<String>, Option<String>) {
    let findings = file.signatures().expect("signatures")[0].findings().expect("findings");
    let conclusion = findings.conclusion(vec!["revocation".into()]).expect("a conclusion");
    (conclusion.concluded, conclusion.check, conclusion.because)
}

fn of(concluded: Concluded, check: &str, because: &str) -> (Concluded, Option<String>, Option<String>) {
    (concluded, Some(check.into()), Some(because.into()))
}

#[test]
fn a_bare_signature_is_made_with_either_key_and_looked_at_with_its_certificate() {
    let folder = tempfile::tempdir().expect("a folder");
    for (key, file) in [(Key::Sign, 0x0001), (Key::Auth, 0x000A)] {
        let by_digest = Document::raw_of_digest(&Sha256::digest(FILE), key).expect("a digest");
        let [signature, same] = [Document::raw(FILE, key).expect("a file"), by_digest].map(|document| one(&document));
        assert_eq!(signature, same);
        let certificate = persona("adult").file("jpki", file).expect("a certificate");
        let look = |signature: &[u8], content: Option<&[u8]>, key| {
            LookedAtFile::raw(signature, &certificate, key, content.map(<[u8]>::to_vec), demonstration())
                .expect("findings")
        };
        let looked = look(&signature, Some(FILE), key);
        signed(&looked);
        assert_eq!((looked.payload(), looked.damage(), looked.unsigned_bytes()), (Ok(None), Ok(None), Ok(None)));
        assert!(looked.signatures().expect("signatures")[0].certificate().expect("an answer").is_none());
        let fails = of(Concluded::Fails, "signature-value", "signature");
        assert_eq!(concludes(&look(&signature, Some(b"I owe you 1 yen."), key)), fails);
        assert_eq!(concludes(&look(&[7; 256], Some(FILE), key)), fails);
        assert_eq!(concludes(&look(b"anything", Some(FILE), key)), fails);
        let nothing = concludes(&look(&signature, None, key));
        assert_eq!(nothing, of(Concluded::NotEverything, "signature-value", "no-content"));
        // Whoever takes it for the other key's is told.
        let other = if key == Key::Sign { Key::Auth } else { Key::Sign };
        assert_eq!(concludes(&look(&signature, Some(FILE), other)).0, Concluded::Fails);

        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("written");
            path
        };
        let (path, content, der) = (write("sig", &signature), write("file", FILE), write("der", &certificate));
        let public = folder.path().join("key.pem");
        let openssl = |command: &mut Command| command.output().expect("openssl").status.success();
        let mut x509 = Command::new("openssl");
        x509.args(["x509", "-inform", "DER", "-noout", "-pubkey", "-in"]).arg(der).arg("-out").arg(&public);
        assert!(openssl(&mut x509));
        let verifies = |content| {
            let mut verify = Command::new("openssl");
            verify.args(["dgst", "-sha256", "-verify"]).arg(&public).arg("-signature").arg(&path);
            openssl(verify.arg(content))
        };
        assert!(verifies(content) && !verifies(write("other", b"I owe you 1 yen.")));
    }
}

#[test]
fn a_signature_beside_a_large_file_is_looked_at_by_the_file_s_digest() {
    let detached = one(&Document::cms(FILE, Content::Detached, TOLD).expect("a file"));
    let looked = |file: &[u8], content: &[u8]| {
        LookedAtFile::cms_of_digest(file, &Sha256::digest(content), demonstration()).expect("a signature")
    };
    signed(&looked(&detached, FILE));
    let changed = of(Concluded::Fails, "content-digest", "changed");
    assert_eq!(concludes(&looked(&detached, b"I owe you 1 yen.")), changed);
    let attached = one(&Document::cms(FILE, Content::Attached, TOLD).expect("a file"));
    signed(&looked(&attached, FILE));
    assert_eq!(concludes(&looked(&attached, b"I owe you 1 yen.")), changed);
}

/// OpenSSL signs here: the card has no other hash function.
#[test]
fn of_a_signature_over_another_hash_than_the_one_handed_in_the_content_is_not_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let openssl = |line: &str| {
        let output =
            Command::new("openssl").args(line.split(' ')).current_dir(folder.path()).output().expect("openssl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    std::fs::write(folder.path().join("file"), FILE).expect("written");
    openssl("req -x509 -newkey rsa:2048 -nodes -subj /CN=Somebody -days 2 -keyout key -out pem");
    for (hash, expected) in [("sha256", (Outcome::Holds, None)), ("sha512", (Outcome::NotChecked, Some("other-hash")))]
    {
        openssl(&format!("cms -sign -binary -md {hash} -in file -signer pem -inkey key -outform DER -out sig"));
        let signature = std::fs::read(folder.path().join("sig")).expect("a signature");
        let looked = LookedAtFile::cms_of_digest(&signature, &Sha256::digest(FILE), demonstration()).expect("a file");
        let lines = looked.signatures().expect("one")[0].findings().expect("findings").lines().expect("lines");
        let line = lines.iter().find(|line| line.check == "content-digest").expect("a line");
        assert_eq!((line.outcome, line.because.as_deref()), expected, "{hash}");
    }
}

const TSA: &str = "[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = Kazasu's own time-stamping authority
[extensions]
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
basicConstraints = CA:FALSE
[settings]
serial = tsa.serial
default_policy = 1.2.3.4
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
";

/// OpenSSL is the authority.
struct Authority(tempfile::TempDir);

impl Authority {
    fn new() -> Self {
        let made = Self(tempfile::tempdir().expect("a folder"));
        std::fs::write(made.0.path().join("tsa.cnf"), TSA).expect("written");
        made.openssl("req -x509 -newkey rsa:2048 -nodes -sha256 -days 2 -config tsa.cnf -keyout tsa.key -out tsa.pem");
        made
    }

    fn openssl(&self, arguments: &str) {
        let mut openssl = Command::new("openssl");
        let output = openssl.args(arguments.split(' ')).current_dir(self.0.path()).output().expect("openssl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn answer(&self, request: &[u8]) -> Vec<u8> {
        std::fs::write(self.0.path().join("query"), request).expect("written");
        self.openssl(
            "ts -reply -queryfile query -config tsa.cnf -section settings -signer tsa.pem -inkey tsa.key -out reply",
        );
        std::fs::read(self.0.path().join("reply")).expect("an answer")
    }

    /// The demonstration cards' authorities, and this one.
    fn believed(&self) -> Arc<Authorities> {
        let der = |pem: &str| der::pem::decode_vec(pem.as_bytes()).expect("PEM").1;
        let own = std::fs::read_to_string(self.0.path().join("tsa.pem")).expect("a certificate");
        let signing = authorities::SIGNING.map(der).to_vec();
        Authorities::test_only(signing, Vec::new(), Vec::new(), vec![der(&own)]).expect("authorities")
    }
}

fn refused_timestamp(answer: Result<Vec<u8>, PkiError>, english: &str) {
    let Err(PkiError::TimestampRefused { detail }) = answer else { panic!("{answer:?}") };
    assert_eq!((detail.number, detail.code.as_str()), (473, "timestamp-refused"));
    assert!(detail.english.what.contains(english) && !detail.japanese.what.is_ascii(), "{detail:?}");
}

#[test]
fn a_timestamp_is_asked_for_and_attached_as_bytes_and_its_time_is_in_the_table() {
    let authority = Authority::new();
    let pades = Document::pdf(&pdf(), PdfProfile::Pades, EarlierSignatures::MustHold, TOLD).expect("a PDF");
    let pades = one(&pades);
    let cms = one(&Document::cms(FILE, Content::Attached, TOLD).expect("a file"));
    type Look = fn(&[u8], Arc<Authorities>) -> Result<Arc<LookedAtFile>, PkiError>;
    let of_cms: Look = |file, believed| LookedAtFile::cms(file, None, believed);
    type Ask = fn(&[u8]) -> Result<Arc<TimestampRequest>, PkiError>;
    let files: [(_, Ask, Look); 2] =
        [(pades, TimestampRequest::pdf, LookedAtFile::pdf), (cms, TimestampRequest::cms, of_cms)];
    for (file, ask, look) in files {
        let request = ask(&file).expect("a request");
        let asked = request.request().expect("its bytes");
        assert_eq!(request.request().expect("its bytes"), asked);
        assert_ne!(ask(&file).expect("another").request().expect("its bytes"), asked, "a nonce for each");
        let answer = authority.answer(&asked);
        let stamped = request.attach(&answer).expect("a timestamp");
        let looked = look(&stamped, authority.believed()).expect("findings");
        let signature = &looked.signatures().expect("signatures")[0];
        everything_but(&signature.findings().expect("findings"), &["revocation", "timestamp-revocation"]);
        assert!(signature.timestamp().expect("an answer").is_some());
        // Whom nobody named, nobody believes.
        let nobody = look(&stamped, demonstration()).expect("findings").signatures().expect("signatures")[0].findings();
        let lines = nobody.expect("findings").lines().expect("lines");
        let line = lines.iter().find(|line| line.check == "timestamp-authority").expect("a line");
        assert_eq!(line.because.as_deref(), Some("no-timestamp-authority"));

        refused_timestamp(ask(&stamped).and_then(|request| request.request()), "has a timestamp already");
        let other = ask(&file).expect("another request");
        refused_timestamp(other.attach(&answer), "answers another request");
        refused_timestamp(request.attach(b"nothing"), "not an answer of a time-stamping authority");
        let mut forged = answer.clone();
        let last = forged.len() - 1;
        forged[last] ^= 1;
        refused_timestamp(request.attach(&forged), "not signed by the certificate that it carries");
        assert_eq!(request.attach(&answer).expect("the same again"), stamped);
    }
}

#[test]
fn what_a_timestamp_would_prove_nothing_of_is_refused_before_the_authority_is_asked() {
    let signed = |profile| one(&Document::pdf(&pdf(), profile, EarlierSignatures::MustHold, TOLD).expect("a PDF"));
    let ask = |file: &[u8]| TimestampRequest::pdf(file).and_then(|request| request.request());
    refused_timestamp(ask(&signed(PdfProfile::Registry)), "has no room for a timestamp");
    let mut changed = signed(PdfProfile::Pades);
    let at = changed.windows(7).position(|window| window == b"300 200").expect("the page");
    changed[at] = b'9';
    refused_timestamp(ask(&changed), "has a signature that fails");
}

#[test]
fn a_message_is_signed_for_the_app_s_own_server() {
    let token = String::from_utf8(one(&Document::jws(b"hello").expect("a message"))).expect("text");
    let looked = LookedAtFile::jws(token, demonstration()).expect("a token");
    signed(&looked);
    assert_eq!(looked.payload().expect("an answer").as_deref(), Some(&b"hello"[..]));
}

/// A server of our own, with the nonce that it gave out.
fn logged_in(token: &[u8], nonces: &MemoryNonces<()>, nonce: &kazasu_pki::Nonce, origin: &str) -> bool {
    let der = |pem: &str| der::pem::decode_vec(pem.as_bytes()).expect("PEM").1;
    let [first, second] = authorities::USER_AUTHENTICATION.map(der);
    let anchors = Anchors::test_only(&[&first, &second]).expect("anchors");
    let key = PairwiseKey::new(&[7; 32]);
    let verifier = Verifier {
        origin: &Origin::new(origin).expect("an origin"),
        anchors: &anchors,
        revocation: &NotAsked,
        demand: RevocationDemand::GoodOrNotAsked,
        key: &key,
    };
    verifier.verify(token, nonce, nonces, SystemTime::now()).is_ok()
}

#[test]
fn a_login_is_taken_by_its_server_and_by_no_other() {
    let nonces = MemoryNonces::new(Duration::from_secs(600), 10);
    for (origin, accepted) in [("https://shop.example", true), ("https://other.example", false)] {
        let nonce = nonces.issue((), SystemTime::now()).expect("a nonce");
        let token = one(&Document::login("https://shop.example".into(), nonce.to_base64()).expect("a login"));
        assert_eq!(logged_in(&token, &nonces, &nonce, origin), accepted, "{origin}");
    }
}

/// The wants of a proof, by what they are.
struct Wanted {
    presence: [u32; 2],
    municipality: [u32; 2],
    key: u32,
    integrity: u32,
    attributes: u32,
    face: u32,
    birth: u32,
    certificate: u32,
    authority: u32,
    holder: u32,
}

impl Wanted {
    fn of(proof: &Proof, desk: &mut Desk) -> Self {
        let both = [SignedRecords::Text, SignedRecords::Surface];
        let digest = proof.presence_digest().expect("a digest");
        let holder = proof.holder_digest(AUDIENCE.into()).expect("a digest");
        Self {
            presence: both.map(|records| desk.want(Want::Presence { records, digest: digest.clone() })),
            municipality: both.map(|records| desk.want(Want::MunicipalityCertificate { records })),
            key: desk.want(Want::AuthenticationKey),
            integrity: desk.want(Want::IntegrityRecord),
            attributes: desk.want(Want::Attributes),
            face: desk.want(Want::Face),
            birth: desk.want(Want::BirthRecord),
            certificate: desk.want(Want::Certificate { which: FreeCertificateKind::Auth }),
            authority: desk.want(Want::Certificate { which: FreeCertificateKind::AuthCa }),
            holder: desk.want(Want::Sign { key: SigningKey::Auth, digest: holder }),
        }
    }

    fn fill(&self, proof: &Proof, operation: &Operation) {
        let record = |want| operation.field(want, Field::Record).expect("a field");
        let ([text, surface], [by_text, by_surface]) = (self.municipality, self.presence);
        let [key, integrity] = [self.key, self.integrity].map(|want| Some(value(operation, want)));
        proof
            .text(&value(operation, text), &value(operation, by_text), key, integrity, record(self.attributes))
            .expect("text");
        let (face, birth) = (record(self.face), record(self.birth));
        proof.surface(&value(operation, surface), &value(operation, by_surface), face, birth).expect("surface");
        let [certificate, signature] = [self.certificate, self.holder].map(|want| value(operation, want));
        let authority = Some(value(operation, self.authority));
        proof.holder(AUDIENCE.into(), &certificate, &signature, authority).expect("the holder's signature");
    }
}

/// What nobody can check, or what the verifier has to see to itself.
const OPEN: [&str; 5] = ["nonce", "revocation", "holder-card", "face-expiry", "face-security-code"];

fn proven(json: &[u8]) {
    let looked = LookedAtProof::new(json, &NONCE, Some(AUDIENCE.into()), demonstration()).expect("a proof");
    everything_but(&looked.findings().expect("findings"), &OPEN);
    for claim in [Claim::CardPresent, Claim::HolderEnteredPin] {
        let without = OPEN.map(str::to_owned).to_vec();
        let conclusion = looked.proves(claim, without).expect("a conclusion");
        assert_eq!(conclusion.concluded, Concluded::EverythingAsked, "{claim:?}: {conclusion:?}");
        // Left to itself it says that nobody kept the nonce.
        let conclusion = looked.proves(claim, Vec::new()).expect("a conclusion");
        assert_eq!((conclusion.concluded, conclusion.check.as_deref()), (Concluded::NotEverything, Some("nonce")));
    }
    let field = |field| looked.field(field).expect("an answer").expect("a field");
    assert_eq!(field(ProvenField::Name), "数差　花子".as_bytes());
    assert_eq!(field(ProvenField::Municipality), b"99221");
    assert!(field(ProvenField::Photo).len() > 1_000);
    let other = LookedAtProof::new(json, &[1; 32], Some(AUDIENCE.into()), demonstration()).expect("a proof");
    let conclusion = other.proves(Claim::CardPresent, Vec::new()).expect("a conclusion");
    assert_eq!(conclusion.concluded, Concluded::Fails, "another nonce");
}

#[test]
fn one_tap_proves_the_card_by_both_applications_and_its_holder_by_the_pin() {
    let proof = Proof::new(&NONCE).expect("a proof");
    let mut desk = Desk::new();
    let wanted = Wanted::of(&proof, &mut desk);
    let (adult, mut card) = (persona("adult"), card_of("adult"));
    let operation = desk.operation(&adult);
    operation.connected(65_544, 65_538).expect("connected");
    desk.drive(&operation, &mut card).expect("one tap");
    wanted.fill(&proof, &operation);
    proven(&proof.json().expect("JSON"));
}

#[test]
fn everything_goes_in_one_tap_with_each_secret_sent_once() {
    let nonces = MemoryNonces::new(Duration::from_secs(600), 10);
    let nonce = nonces.issue((), SystemTime::now()).expect("a nonce");
    let mut desk = Desk::new();
    let proof = Proof::new(&NONCE).expect("a proof");
    let wanted = Wanted::of(&proof, &mut desk);
    let documents = [
        Document::pdf(&pdf(), PdfProfile::Registry, EarlierSignatures::MustHold, TOLD),
        Document::cms(FILE, Content::Attached, TOLD),
        Document::jws(b"hello"),
        Document::login("https://shop.example".into(), nonce.to_base64()),
    ];
    let documents = documents.map(|document| document.expect("a document"));
    let wants = documents.each_ref().map(|document| desk.document(document));
    let (adult, mut card) = (persona("adult"), card_of("adult"));
    let operation = desk.operation(&adult);
    operation.connected(65_544, 65_538).expect("connected");
    let estimate = operation.estimate(65_538).expect("an estimate");
    desk.drive(&operation, &mut card).expect("one tap");
    assert_eq!(card.tally().commands as u32, estimate.commands);
    // PIN, password, the text application's, number A and the birth key.
    assert_eq!(card.tally().secrets, 5);
    let mut asked = desk.asked.clone();
    asked.sort_unstable();
    assert_eq!(asked, wants);
    let mut finished = documents
        .iter()
        .zip(wants)
        .map(|(document, want)| document.finish(&value(&operation, want)).expect("the document"));
    let mut next = || finished.next().expect("one more");
    signed(&LookedAtFile::pdf(&next(), demonstration()).expect("a signed PDF"));
    signed(&LookedAtFile::cms(&next(), None, demonstration()).expect("a signed file"));
    signed(&LookedAtFile::jws(String::from_utf8(next()).expect("text"), demonstration()).expect("a token"));
    assert!(logged_in(&next(), &nonces, &nonce, "https://shop.example"));
    wanted.fill(&proof, &operation);
    proven(&proof.json().expect("JSON"));
}

/// The card slips after the digest was given and before its signature is here.
#[test]
fn after_a_slip_the_same_document_is_asked_for_again_and_signed_once() {
    let document = Document::pdf(&pdf(), PdfProfile::Pades, EarlierSignatures::MustHold, TOLD).expect("a PDF");
    let mut desk = Desk::new();
    desk.want(Want::Certificate { which: FreeCertificateKind::Auth });
    let at = desk.document(&document);
    let (adult, mut card) = (persona("adult"), card_of("adult"));
    let operation = desk.operation(&adult);
    operation.connected(65_544, 65_538).expect("connected");
    let want = loop {
        match operation.next().expect("a step") {
            Next::Digest { want } => break want,
            _ => {
                let response = card.command(&operation.command().expect("a command")).expect("an answer");
                operation.feed(&response).expect("fed");
            }
        }
    };
    let first = desk.digest(&operation, want).expect("a digest");
    operation.digest(&first).expect("taken");
    assert_eq!(operation.next(), Ok(Next::Transmit));
    operation.command().expect("a command");
    operation.fail(LinkFailure::CardLost).expect("told");
    assert!(matches!(operation.next(), Err(KazasuError::CardLost { .. })));
    assert_eq!(operation.field(at, Field::Value), Ok(None));
    assert_eq!(operation.needs().expect("the needs")[0].one_of, [SecretKind::SignPassword]);
    give(&operation, &adult);
    card.power_cycle();
    operation.connected(65_544, 65_538).expect("connected");
    desk.drive(&operation, &mut card).expect("the rest");
    assert_eq!(desk.asked, [at]);
    assert_eq!(desk.digest(&operation, at).expect("a digest"), first);
    let file = document.finish(&value(&operation, at)).expect("the document");
    signed(&LookedAtFile::pdf(&file, demonstration()).expect("a signed PDF"));
}

/// Nothing that was read proved the card, and another one came.
#[test]
fn a_document_that_was_prepared_for_another_card_is_prepared_anew() {
    let long = persona("long").file("jpki", 0x0001).expect("a certificate");
    for document in [
        Document::pdf(&pdf(), PdfProfile::Registry, EarlierSignatures::MustHold, TOLD).expect("a PDF"),
        Document::cms(FILE, Content::Attached, TOLD).expect("a file"),
    ] {
        let before = document.digest(&long, None, Expired::Refuse).expect("a digest");
        let after =
            document.digest(&persona("adult").file("jpki", 0x0001).expect("a certificate"), None, Expired::Refuse);
        assert_ne!(after.expect("a digest"), before);
        one(&document);
    }
}

/// Up to the question for the first document's digest.
fn at_the_question(desk: &Desk, card: &mut SimCard) -> (Arc<Operation>, u32) {
    let operation = desk.operation(&persona("adult"));
    operation.connected(65_544, 65_538).expect("connected");
    loop {
        if let Next::Digest { want } = operation.next().expect("a step") {
            return (operation, want);
        }
        let response = card.command(&operation.command().expect("a command")).expect("an answer");
        operation.feed(&response).expect("fed");
    }
}

fn a_file() -> Desk {
    let mut desk = Desk::new();
    desk.document(&Document::cms(FILE, Content::Detached, TOLD).expect("a file"));
    desk
}

#[test]
fn cancelled_at_the_digest_nothing_is_signed_and_the_card_is_left_closed() {
    let mut card = card_of("adult");
    let (operation, want) = at_the_question(&a_file(), &mut card);
    let before = card.tally().commands;
    assert!(matches!(operation.cancel(), Err(KazasuError::Cancelled { .. })));
    assert_eq!(operation.field(want, Field::Value), Ok(None));
    assert!(matches!(operation.digest(&[7; 32]), Err(KazasuError::Misuse { .. })));
    assert!(operation.leave().expect("an answer"), "a password stands verified on the card");
    while operation.next().expect("a step") == Next::Transmit {
        let command = operation.command().expect("a command");
        assert_ne!(command[1], 0x2A, "a signature");
        operation.feed(&card.command(&command).expect("an answer")).expect("fed");
    }
    assert!(card.tally().commands > before);
}

#[test]
fn at_the_digest_every_call_in_another_order_is_refused_and_the_question_stands() {
    let desk = a_file();
    let mut card = card_of("adult");
    let (operation, want) = at_the_question(&desk, &mut card);
    let before = card.tally().commands;
    let misuse = |answer: Result<(), KazasuError>| matches!(answer, Err(KazasuError::Misuse { .. }));
    for _ in 0..2 {
        assert!(misuse(operation.next().map(|_| ())));
        assert!(misuse(operation.command().map(|_| ())));
        assert!(misuse(operation.feed(&[0x90, 0x00])));
        assert!(misuse(operation.fail(LinkFailure::CardLost)));
        assert!(misuse(operation.connected(261, 258)));
        assert!(misuse(operation.leave().map(|_| ())));
        assert!(misuse(operation.give(SecretKind::SignPassword, b"ABC123")));
        for length in [0, 20, 31, 33, 256] {
            assert!(misuse(operation.digest(&vec![7; length])), "{length}");
        }
    }
    assert_eq!(card.tally().commands, before);
    operation.digest(&desk.digest(&operation, want).expect("a digest")).expect("taken");
    // Only once.
    assert!(misuse(operation.digest(&[7; 32])));
    assert_eq!(operation.next(), Ok(Next::Transmit));
    assert!(misuse(operation.digest(&[7; 32])));
    let command = operation.command().expect("a command");
    assert!(misuse(operation.digest(&[7; 32])));
    operation.feed(&card.command(&command).expect("an answer")).expect("fed");
    assert_eq!(operation.next(), Ok(Next::Done));
    desk.documents[&want].finish(&value(&operation, want)).expect("the document");
}

#[test]
fn before_a_contact_and_after_it_no_digest_is_taken() {
    let mut desk = a_file();
    let operation = desk.operation(&persona("adult"));
    assert!(matches!(operation.digest(&[7; 32]), Err(KazasuError::Misuse { .. })));
    operation.connected(65_544, 65_538).expect("connected");
    desk.drive(&operation, &mut card_of("adult")).expect("one tap");
    assert!(matches!(operation.digest(&[7; 32]), Err(KazasuError::Misuse { .. })));
}

#[test]
fn an_expired_certificate_is_refused_in_the_contact_and_nothing_is_signed() {
    let (expired, mut card) = (persona("expired"), card_of("expired"));
    let mut desk = a_file();
    let operation = desk.operation(&expired);
    operation.connected(65_544, 65_538).expect("connected");
    let end = desk.drive(&operation, &mut card);
    let Err(End::Refused(PkiError::Expired { detail })) = end else { panic!("{end:?}") };
    assert_eq!((detail.number, detail.code.as_str()), (251, "certificate-expired"));
    assert!(detail.english.what.contains("2024-12-24"), "{detail:?}");
    assert_eq!(operation.field(desk.asked[0], Field::Value), Ok(None));
}

/// One of each, for whoever searches memory afterwards.
#[cfg(target_os = "linux")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paper {
    Pdf,
    Cms,
    Raw,
    Jws,
    Login,
    Proof,
}

/// How a tap ends.
#[cfg(target_os = "linux")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    Well,
    OnTheWay,
    WithAWrongSignature,
}

#[cfg(target_os = "linux")]
impl Ends {
    pub(super) const ALL: [Self; 3] = [Self::Well, Self::OnTheWay, Self::WithAWrongSignature];
}

#[cfg(target_os = "linux")]
impl Paper {
    pub(super) const ALL: [Self; 6] = [Self::Pdf, Self::Cms, Self::Raw, Self::Jws, Self::Login, Self::Proof];

    fn document(self) -> Option<Arc<Document>> {
        let document = match self {
            Self::Pdf => Document::pdf(&pdf(), PdfProfile::Registry, EarlierSignatures::MustHold, TOLD),
            Self::Cms => Document::cms(FILE, Content::Attached, TOLD),
            Self::Raw => Document::raw(FILE, Key::Sign),
            Self::Jws => Document::jws(b"hello"),
            Self::Login => Document::login("https://shop.example".into(), "A".repeat(43) + "="),
            Self::Proof => return None,
        };
        Some(document.expect("a document"))
    }

    /// What one tap makes.
    pub(super) fn made(self) -> Vec<u8> {
        if let Some(document) = self.document() {
            return one(&document);
        }
        let proof = Proof::new(&NONCE).expect("a proof");
        let mut desk = Desk::new();
        let wanted = Wanted::of(&proof, &mut desk);
        let operation = desk.operation(&persona("adult"));
        operation.connected(65_544, 65_538).expect("connected");
        desk.drive(&operation, &mut card_of("adult")).expect("one tap");
        wanted.fill(&proof, &operation);
        proof.json().expect("JSON")
    }

    /// A proof of which nothing comes: cancelled at the last command, when everything but the last answer is there; or
    /// filled, and left when a signature of the holder's is none.
    fn unmade(ends: Ends) {
        let tap = |most: u64| {
            let proof = Proof::new(&NONCE).expect("a proof");
            let mut desk = Desk::new();
            let wanted = Wanted::of(&proof, &mut desk);
            let (operation, mut card) = (desk.operation(&persona("adult")), card_of("adult"));
            operation.connected(65_544, 65_538).expect("connected");
            let mut commands = 0;
            while operation.next().expect("a step") == Next::Transmit && commands < most {
                let response = card.command(&operation.command().expect("a command")).expect("an answer");
                operation.feed(&response).expect("fed");
                commands += 1;
            }
            (proof, wanted, operation, commands)
        };
        let (proof, wanted, operation, all) = tap(u64::MAX);
        if ends == Ends::WithAWrongSignature {
            wanted.fill(&proof, &operation);
            let certificate = value(&operation, wanted.certificate);
            let refused = proof.holder(AUDIENCE.into(), &certificate, &[7; 256], None);
            assert!(matches!(refused, Err(PkiError::SignatureWrong { .. })), "{refused:?}");
            return;
        }
        let (proof, _, operation, commands) = tap(all - 1);
        assert_eq!(commands, all - 1);
        assert!(matches!(operation.cancel(), Err(KazasuError::Cancelled { .. })));
        assert!(proof.json().is_err(), "nothing was put into it");
    }

    /// A tap that ends so; what is made is looked at, where it ends well.
    pub(super) fn flow(self, ends: Ends) {
        if (self, ends != Ends::Well) == (Self::Proof, true) {
            return Self::unmade(ends);
        }
        let (Some(document), true) = (self.document(), ends != Ends::Well) else {
            let made = self.made();
            match self {
                Self::Pdf => {
                    let looked = LookedAtFile::pdf(&made, demonstration()).expect("a signed PDF");
                    let signature = &looked.signatures().expect("signatures")[0];
                    let certificate = signature.certificate().expect("an answer").expect("a certificate");
                    for field in [HolderField::Name, HolderField::Address, HolderField::NameSubstitutes] {
                        certificate.holder(field).expect("an answer").expect("a field");
                    }
                }
                Self::Cms => signed(&LookedAtFile::cms(&made, None, demonstration()).expect("a signed file")),
                Self::Proof => proven(&made),
                Self::Raw | Self::Jws | Self::Login => {}
            }
            return;
        };
        let mut desk = Desk::new();
        desk.document(&document);
        let (operation, want) = at_the_question(&desk, &mut card_of("adult"));
        let digest = desk.digest(&operation, want).expect("a digest");
        assert!(operation.cancel().is_err());
        if ends == Ends::WithAWrongSignature {
            assert!(document.finish(&[7; 256]).is_err());
        }
        drop(digest);
    }
}
