//! What `verify` is handed in beside the file: revocation lists, answers, a certificate, an origin and a nonce,
//! timestamps. The other side is OpenSSL's: `ca -gencrl`, `ocsp`, `ts`.

use kazasu_forge::reissue::{Desk, Service};
use rsa::pkcs8::{EncodePrivateKey as _, LineEnding};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn kazasu(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
    command.args(arguments).env("LC_ALL", "C").current_dir(folder).stdin(Stdio::null());
    command.env("AUTH_PIN", "1234").env("SIGN_PASSWORD", "abc123").env("TEXT_AND_AUTH", "4321\n1234");
    command.output().expect("the command runs")
}

fn done(folder: &Path, arguments: &str) {
    let output = kazasu(folder, &arguments.split(' ').collect::<Vec<_>>());
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

fn said(folder: &Path, arguments: &str) -> (i32, Value) {
    let output = kazasu(folder, &arguments.split(' ').collect::<Vec<_>>());
    let said = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{arguments}: {output:?}"));
    (output.status.code().expect("an exit code"), said)
}

/// The exit code, and the line of this check in the first section: result and reason.
fn line(folder: &Path, arguments: &str, check: &str) -> (i32, String, Value) {
    let (exit, said) = said(folder, &format!("--json verify --test-anchors {arguments}"));
    let findings = said["sections"][0]["findings"].as_array().unwrap_or_else(|| panic!("{arguments}: {said}")).clone();
    let line = findings.iter().find(|line| line["check"] == check).unwrap_or_else(|| panic!("no {check}: {said}"));
    (exit, line["result"].as_str().expect("a result").to_owned(), line["because"].clone())
}

fn error(folder: &Path, arguments: &str) -> String {
    let (exit, said) = said(folder, &format!("--json {arguments}"));
    assert_eq!(exit, 2, "{arguments}: {said}");
    said["error"]["code"].as_str().expect("a code").to_owned()
}

fn openssl(folder: &Path, arguments: &str) -> bool {
    let mut openssl = Command::new("openssl");
    let output = openssl.current_dir(folder).args(arguments.split(' ')).output().expect("openssl is installed");
    output.status.success()
}

/// A folder with one file.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.txt"), "we agree\n").expect("written");
    folder
}

const SIGN: &str = "--card demo --secret-env SIGN_PASSWORD sign --acknowledge-disclosure";

/// OpenSSL as the demonstration's authority of signing certificates, which has revoked these serial numbers.
fn authority(folder: &Path, revoked: &[&str]) {
    authority_of(Service::Signature, folder, revoked);
}

fn authority_of(service: Service, folder: &Path, revoked: &[&str]) {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("written");
    let key = Desk::default().ca(service).expect("an authority").key;
    write("ca.key", &key.to_pkcs8_pem(LineEnding::LF).expect("PEM"));
    let certificate = match service {
        Service::Signature => include_str!("../../fixtures/cards/pki/sign-ca-2.pem"),
        Service::Authentication => include_str!("../../fixtures/cards/pki/auth-ca-2.pem"),
    };
    write("ca.pem", certificate);
    let configuration = "[ca]\ndefault_ca=a\n[a]\ndatabase=index\ncertificate=ca.pem\nprivate_key=ca.key\ndefault_md=sha256\n\
                         default_crl_days=1\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid:always\n";
    write("ca.cnf", configuration);
    let line = |serial: &&str| format!("R\t300217145959Z\t261110000000Z,superseded\t{serial}\tunknown\t/CN=somebody\n");
    write("index", &revoked.iter().map(line).collect::<String>());
    write("index.attr", "unique_subject = no\n");
    assert!(openssl(folder, "ca -config ca.cnf -gencrl -out list.pem"));
}

/// The serial number of the adult's signing certificate, as OpenSSL writes it.
fn serial(folder: &Path) -> String {
    serial_of(folder, "--secret-env SIGN_PASSWORD cert sign")
}

fn serial_of(folder: &Path, certificate: &str) -> String {
    done(folder, &format!("--card demo {certificate} --pem -o signer.pem --force"));
    let said =
        Command::new("openssl").current_dir(folder).args(["x509", "-in", "signer.pem", "-noout", "-serial"]).output();
    let said = String::from_utf8(said.expect("openssl").stdout).expect("text");
    said.trim().strip_prefix("serial=").expect("a serial number").to_owned()
}

#[test]
fn a_revocation_list_that_is_handed_in_decides_and_a_useless_one_does_not() {
    let folder = folder();
    let here = folder.path();
    done(here, &format!("{SIGN} a.txt"));
    let not_asked = (6, "not-checked".to_owned(), Value::from("not-asked"));
    assert_eq!(line(here, "a.txt.p7s", "revocation"), not_asked);

    authority(here, &["0A0B0C"]);
    assert_eq!(line(here, "a.txt.p7s --crl list.pem", "revocation"), (0, "holds".to_owned(), Value::Null));
    let (_, report) = said(here, "--json verify --test-anchors a.txt.p7s --crl list.pem");
    assert!(report["sections"][0]["facts"].to_string().contains("not revoked as of 20"), "{report}");

    authority_of(Service::Authentication, here, &[]);
    std::fs::rename(here.join("list.pem"), here.join("other.pem")).expect("renamed");
    authority(here, &["0A0B0C"]);
    let useless = (6, "not-checked".to_owned(), Value::from("unknown"));
    assert_eq!(line(here, "a.txt.p7s --crl other.pem", "revocation"), useless);
    let both = line(here, "a.txt.p7s --crl other.pem --crl list.pem", "revocation");
    assert_eq!(both, (0, "holds".to_owned(), Value::Null), "one that can be used is enough");

    // What is no list, and no answer, was named by mistake.
    std::fs::write(here.join("broken.crl"), "no list").expect("written");
    for wrong in [
        "--crl list.pem --crl broken.crl --crl ca.pem",
        "--ocsp broken.crl --ocsp ca.pem",
        "--ocsp broken.crl --ocsp ca.pem --ocsp list.pem",
    ] {
        let (exit, report) = said(here, &format!("--json verify a.txt.p7s {wrong}"));
        assert_eq!((exit, &report["error"]["code"]), (2, &"file-unreadable".into()), "{wrong}: {report}");
        assert!(report["error"]["what"].as_str().is_some_and(|what| what.contains("broken.crl, ca.pem")), "{report}");
    }
    let genuine = format!("genuine --verify a.txt --nonce {} --holder us --crl a.txt", "00".repeat(32));
    assert_eq!(error(here, &genuine), "file-unreadable");

    let serial = serial(here);
    authority(here, &[&serial]);
    let revoked = (6, "fails".to_owned(), Value::from("revoked"));
    assert_eq!(line(here, "a.txt.p7s --crl list.pem", "revocation"), revoked);
    assert_eq!(line(here, "a.txt.p7s --crl list.pem --without revocation", "revocation"), revoked);
    assert_eq!(error(here, "verify a.txt.p7s --crl missing"), "file-unreadable");
}

#[test]
fn an_ocsp_answer_that_is_handed_in_decides() {
    let folder = folder();
    let here = folder.path();
    done(here, &format!("{SIGN} a.txt"));
    let serial = serial(here);
    for (revoked, expected) in
        [(false, (0, "holds".to_owned(), Value::Null)), (true, (6, "fails".to_owned(), "revoked".into()))]
    {
        authority(
            here,
            if revoked { std::slice::from_ref(&serial) } else { &[] }
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .as_slice(),
        );
        if !revoked {
            let known = format!("V\t300217145959Z\t\t{serial}\tunknown\t/CN=adult\n");
            std::fs::write(here.join("index"), known).expect("written");
        }
        assert!(openssl(here, "ocsp -issuer ca.pem -cert signer.pem -reqout question -no_nonce"));
        let answer =
            "ocsp -index index -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin question -respout answer -ndays 1";
        assert!(openssl(here, answer));
        assert_eq!(line(here, "a.txt.p7s --ocsp answer", "revocation"), expected);
    }
}

#[test]
fn a_list_about_the_holders_certificate_decides_in_a_proof_too() {
    let folder = folder();
    let here = folder.path();
    let nonce = "5a".repeat(32);
    let holder = "--holder https://verifier.example";
    done(here, &format!("--card demo --secret-env TEXT_AND_AUTH genuine --nonce {nonce} -o proof.json {holder}"));
    let judged = format!("--json genuine --verify proof.json --nonce {nonce} --test-anchors --without nonce");
    let line = |more: &str| {
        let (exit, report) = said(here, &format!("{judged} --without holder-card {holder} {more}"));
        let findings = report["sections"][0]["findings"].as_array().unwrap_or_else(|| panic!("{report}")).clone();
        let line = findings.into_iter().find(|line| line["check"] == "revocation").expect("a line");
        let told = report["sections"][0]["facts"].to_string();
        assert!(told.contains("\"Revocation\""), "{report}");
        (exit, line["result"].clone(), report["files"].as_array().map(Vec::len))
    };
    authority_of(Service::Authentication, here, &["0A0B0C"]);
    assert_eq!(line("--crl list.pem"), (0, "holds".into(), Some(2)));
    authority_of(Service::Authentication, here, &[&serial_of(here, "cert auth")]);
    assert_eq!(line("--crl list.pem"), (6, "fails".into(), Some(2)));
    authority(here, &[]);
    assert_eq!(line("--crl list.pem").0, 6, "another authority's");
    assert_eq!(error(here, &format!("genuine --verify proof.json --nonce {nonce} --crl list.pem")), "usage");
}

#[test]
fn what_comes_through_a_pipe_is_looked_at_as_a_file_is() {
    let folder = folder();
    let here = folder.path();
    std::fs::write(here.join("contract.pdf"), include_bytes!("contract.pdf")).expect("written");
    done(here, &format!("{SIGN} contract.pdf"));
    done(here, &format!("{SIGN} --cms a.txt"));
    for name in ["contract.signed.pdf", "a.txt.p7m"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
        command.args(["--json", "verify", "-", "--test-anchors", "--without", "revocation"]).current_dir(here);
        command.stdin(std::fs::File::open(here.join(name)).expect("a file"));
        let output = command.output().expect("the command runs");
        let report: Value = serde_json::from_slice(&output.stdout).expect("one object");
        assert_eq!(output.status.code(), Some(0), "{report}");
        let (_, file) = said(here, &format!("--json verify {name}"));
        assert_eq!(report["files"][0]["file"], "-");
        assert_eq!(report["files"][0]["sha256"], file["files"][0]["sha256"], "{name}");
    }
    // Its first bytes are others, and it is a PDF all the same.
    let mut changed = std::fs::read(here.join("contract.signed.pdf")).expect("a file");
    changed[0] = b'x';
    std::fs::write(here.join("changed"), changed).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
    command.args(["--json", "verify", "-"]).current_dir(here);
    command.stdin(std::fs::File::open(here.join("changed")).expect("a file"));
    let said = String::from_utf8(command.output().expect("the command runs").stdout).expect("text");
    assert!(said.contains("not a PDF: it does not begin with %PDF-"), "{said}");
}

#[test]
fn a_bare_signature_is_looked_at_with_the_certificate_that_was_handed_in() {
    let folder = folder();
    let here = folder.path();
    let holds = (0, "holds".to_owned(), Value::Null);
    done(here, "--card demo --secret-env SIGN_PASSWORD cert sign -o sign.der");
    done(here, "--card demo cert auth --pem -o auth.pem");
    for hash in ["sha256", "sha384", "sha512"] {
        done(here, &format!("{SIGN} --raw --hash {hash} a.txt --force"));
        let arguments = "--without revocation a.txt.sig --certificate sign.der";
        assert_eq!(line(here, arguments, "signature-value"), holds, "{hash}");
    }
    done(here, "--card demo --secret-env AUTH_PIN sign --key auth a.txt -o other");
    let auth = "--without revocation --key auth other --content a.txt --certificate auth.pem";
    assert_eq!(line(here, auth, "signature-value"), holds);
    // A login key's signature is none of a document, and the other key's none at all.
    let (exit, result, because) = line(here, "other --content a.txt --certificate auth.pem", "issuer");
    assert_eq!((exit, &*result, because), (6, "fails", "unknown-issuer".into()));
    let (exit, result, because) = line(here, "other --content a.txt --certificate sign.der", "signature-value");
    assert_eq!((exit, &*result, because), (6, "fails", "signature".into()));

    std::fs::remove_file(here.join("a.txt")).expect("removed");
    let (exit, report) = said(here, "--json verify --test-anchors a.txt.sig --certificate sign.der");
    assert_eq!((exit, &report["sections"][0]["conclusion"]["because"]), (6, &"no-content".into()));
    assert_eq!(error(here, "verify a.txt.sig"), "bad-argument", "it says nothing of its signer");
}

#[test]
fn a_login_token_is_looked_at_for_one_origin_and_one_nonce() {
    let folder = folder();
    let here = folder.path();
    let nonce = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let login = "--card demo --secret-env AUTH_PIN login --origin https://shop.example";
    done(here, &format!("{login} --nonce {nonce} -o token.json"));
    let asked = format!("token.json --origin https://shop.example --nonce {nonce}");
    let without = "--without revocation --without nonce";
    assert_eq!(line(here, &format!("{without} {asked}"), "login-signature"), (0, "holds".to_owned(), Value::Null));
    let unremembered = line(here, &format!("--without revocation {asked}"), "nonce");
    assert_eq!(unremembered, (6, "not-checked".to_owned(), "not-remembered".into()));
    for other in [asked.replace("shop", "evil"), asked.replace("AAEC", "BAEC")] {
        let found = line(here, &format!("{without} {other}"), "login-signature");
        assert_eq!(found, (6, "fails".to_owned(), "signature".into()), "{other}");
    }
    // What cannot be read has all its lines all the same.
    let unread = line(here, &format!("a.txt --origin https://shop.example --nonce {nonce}"), "revocation");
    assert_eq!(unread, (6, "not-checked".to_owned(), "moot".into()));
    assert_eq!(error(here, "verify token.json"), "bad-argument");
    assert_eq!(error(here, &format!("verify token.json --origin http://shop.example --nonce {nonce}")), "bad-argument");
    assert_eq!(error(here, &format!("verify token.json --nonce {nonce}")), "usage");
}

const TSA: &str = "[req]\ndistinguished_name=n\nx509_extensions=e\nprompt=no\n[n]\nCN=A TSA of a test\n[e]\n\
    extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n[tsa]\ndefault_tsa=s\n[s]\nserial=serial\n\
    default_policy=1.2.3.4\ndigests=sha256\nsigner_digest=sha256\ness_cert_id_alg=sha256\n";

#[test]
fn a_timestamp_is_asked_for_and_attached_as_files() {
    let folder = folder();
    let here = folder.path();
    done(here, &format!("{SIGN} a.txt"));
    std::fs::write(here.join("tsa.cnf"), TSA).expect("written");
    std::fs::write(here.join("serial"), "01\n").expect("written");
    assert!(openssl(
        here,
        "req -x509 -newkey rsa:2048 -nodes -sha256 -days 2 -config tsa.cnf -keyout tsa.key -out tsa.pem"
    ));
    done(here, "timestamp request a.txt.p7s -o a.tsq");
    assert_eq!(error(here, "timestamp request a.txt.p7s -o a.tsq"), "file-exists");
    assert!(openssl(
        here,
        "ts -reply -queryfile a.tsq -config tsa.cnf -section s -signer tsa.pem -inkey tsa.key -out a.tsr"
    ));
    done(here, "timestamp attach a.txt.p7s a.tsq a.tsr -o stamped.p7s");
    let stamped = "--content a.txt --without revocation --timestamp-authority tsa.pem stamped.p7s";
    let without = "--without timestamp-revocation";
    let holds = (0, "holds".to_owned(), Value::Null);
    assert_eq!(line(here, &format!("{without} {stamped}"), "timestamp-authority"), holds);
    let unasked = line(here, stamped, "timestamp-revocation");
    assert_eq!(unasked, (6, "not-checked".to_owned(), "not-looked-at".into()), "nobody asked about the authority");

    // The hint helps with what failed: here another authority than the one that is believed.
    authority(here, &[]);
    let told = |arguments: &str| {
        let output = kazasu(here, &arguments.split(' ').collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(6), "{arguments}");
        String::from_utf8(output.stdout).expect("text")
    };
    let other = stamped.replace("tsa.pem", "ca.pem");
    let text = told(&format!("verify --test-anchors {without} {other}"));
    assert!(text.contains("Name the authority") && !text.contains("looked at with --test-anchors"), "{text}");
    assert!(told("verify a.txt.p7s").contains("looked at with --test-anchors"));
    done(here, "--card demo --secret-env AUTH_PIN sign --key auth --raw a.txt");
    done(here, "--card demo cert auth -o auth.der");
    for given in ["--test-anchors", ""] {
        let text = told(format!("verify {given} a.txt.sig --certificate auth.der").replace("  ", " ").trim());
        assert!(text.contains("It is the certificate of the card's other key"), "{text}");
        assert!(!text.contains("looked at with --test-anchors"), "it would not help: {text}");
    }
    // Somebody's who is no test card's holder.
    assert!(openssl(here, "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=somebody -keyout own.key -out own.pem"));
    assert!(openssl(here, "cms -sign -in a.txt -signer own.pem -inkey own.key -outform DER -out own.p7s"));
    let text = told("verify own.p7s --content a.txt");
    assert!(text.contains("Do not rely on it") && !text.contains("--test-anchors"), "{text}");

    let refused = "timestamp-refused";
    assert_eq!(error(here, "timestamp attach stamped.p7s a.tsq a.tsr -o again.p7s"), refused, "one is enough");
    assert_eq!(error(here, "timestamp request stamped.p7s -o b.tsq"), refused, "before the authority is asked");
    done(here, "timestamp request a.txt.p7s -o a.tsq --force");
    assert_eq!(error(here, "timestamp attach a.txt.p7s a.tsq a.tsr -o again.p7s"), refused, "another request");
    assert_eq!(error(here, "timestamp request a.txt -o b.tsq"), refused);
    // Beside it lies what was not signed; where nothing lies there, that is said.
    std::fs::copy(here.join("a.txt.p7s"), here.join("b.txt.p7s")).expect("copied");
    let output = kazasu(here, &["timestamp", "request", "b.txt.p7s", "-o", "b.tsq"]);
    assert!(output.status.success() && String::from_utf8_lossy(&output.stderr).contains("not compared"), "{output:?}");
    std::fs::remove_file(here.join("b.tsq")).expect("removed");
    std::fs::write(here.join("b.txt"), "we do not agree\n").expect("written");
    assert_eq!(error(here, "timestamp request b.txt.p7s -o b.tsq"), refused);
    let output = kazasu(here, &["timestamp", "request", "a.txt.p7s", "-o", "c.tsq"]);
    assert_eq!(output.stderr, b"", "they were compared");
    let (_, blamed) = said(here, "--json timestamp attach a.txt.p7s a.txt a.tsr -o again.p7s");
    assert!(
        blamed["error"]["what"].as_str().is_some_and(|what| what.starts_with("a.txt is not a request")),
        "{blamed}"
    );
    std::fs::write(here.join("contract.pdf"), include_bytes!("contract.pdf")).expect("written");
    assert_eq!(error(here, "timestamp request contract.pdf -o b.tsq"), refused);
    done(here, &format!("{SIGN} contract.pdf"));
    assert_eq!(error(here, "timestamp request contract.signed.pdf -o b.tsq"), refused, "the registry's way");
    done(here, &format!("{SIGN} --pades contract.pdf -o pades.pdf"));
    done(here, "timestamp request pades.pdf -o pades.tsq");
    let mut cut = std::fs::read(here.join("pades.pdf")).expect("a PDF");
    cut.truncate(cut.len() - 40);
    std::fs::write(here.join("cut.pdf"), cut).expect("written");
    let (_, damaged) = said(here, "--json timestamp request cut.pdf -o b.tsq");
    assert_eq!(damaged["error"]["code"], "not-signed", "nobody is told to save it again: {damaged}");
    assert!(!here.join("again.p7s").exists() && !here.join("b.tsq").exists());
}

#[test]
fn what_is_asked_and_says_nothing_about_such_a_file_is_an_error() {
    let folder = folder();
    let here = folder.path();
    done(here, "--card demo --secret-env SIGN_PASSWORD cert sign -o sign.der");
    std::fs::write(here.join("contract.pdf"), include_bytes!("contract.pdf")).expect("written");
    done(here, &format!("{SIGN} contract.pdf"));
    done(here, &format!("{SIGN} a.txt"));
    done(here, "--card demo --secret-env AUTH_PIN sign --key auth --jws a.txt");
    let everything = "verify --test-anchors --without revocation";
    std::fs::write(here.join("other"), "another text\n").expect("written");
    let pdf = std::fs::read(here.join("contract.signed.pdf")).expect("a PDF");
    for name in ["x.sig", "token", "contract.pdf.p7s", "a.txt.p7m"] {
        std::fs::write(here.join(name), &pdf).expect("written");
    }
    let login = "--origin https://shop.example --nonce AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    for refused in [
        "contract.signed.pdf --content a.txt",
        "contract.signed.pdf --key auth",
        "x.sig --certificate sign.der",
        "x.sig --certificate sign.der --content a.txt",
        &format!("token {login}"),
        "a.txt.p7s --key sign",
        &format!("a.txt.p7s --content a.txt {login}"),
        "a.txt.jws --key auth",
        "a.txt.jws --cades",
        "a.txt.jws --timestamp-authority sign.der",
        "other --certificate sign.der --cades",
        "other --certificate sign.der --timestamp-authority sign.der",
        &format!("other {login} --cades"),
        // A PDF that is called a signature of what lies beside it.
        "contract.pdf.p7s",
        "a.txt.p7m",
    ] {
        assert_eq!(error(here, &format!("{everything} {refused}")), "bad-argument", "{refused}");
    }
    assert_eq!(error(here, &format!("{everything} a.txt.p7s --timestamp-authority other")), "file-unreadable");
    assert_eq!(error(here, &format!("{everything} a.txt.p7s --authority sign.der")), "usage");
    assert_eq!(error(here, "verify contract.signed.pdf --authority other"), "file-unreadable");
    // What can be answered still is.
    for looked_at in ["contract.signed.pdf", "contract.signed.pdf --cades", "x.sig", "a.txt.p7s --content a.txt"] {
        let (exit, said) = said(here, &format!("--json {everything} {looked_at}"));
        let expected = if looked_at.ends_with("--cades") { 6 } else { 0 };
        assert_eq!(exit, expected, "{looked_at}: {said}");
    }
}

#[test]
fn the_message_of_a_jws_is_compared_with_the_file_that_it_is_said_to_be_about() {
    let folder = folder();
    let here = folder.path();
    done(here, "--card demo --secret-env AUTH_PIN sign --key auth --jws a.txt");
    std::fs::write(here.join("other"), "we do not agree\n").expect("written");
    let holds = (0, "holds".to_owned(), Value::Null);
    let changed = (6, "fails".to_owned(), Value::from("changed"));
    let looked = |arguments: &str| line(here, &format!("--without revocation {arguments}"), "content-digest");
    assert_eq!(looked("a.txt.jws"), holds);
    assert_eq!(looked("a.txt.jws --content a.txt"), holds);
    assert_eq!(looked("a.txt.jws --content other"), changed);
    std::fs::write(here.join("a.txt"), "we do not agree\n").expect("written");
    assert_eq!(looked("a.txt.jws"), changed);
    std::fs::rename(here.join("a.txt.jws"), here.join("token")).expect("renamed");
    let (exit, report) = said(here, "--json verify --test-anchors --without revocation token");
    assert_eq!(
        (exit, report["sections"][0].to_string().contains("content-digest")),
        (0, false),
        "nothing is beside it"
    );
}

#[test]
fn a_file_longer_than_is_read_is_refused_and_not_looked_at_in_part() {
    let folder = folder();
    let here = folder.path();
    done(here, &format!("{SIGN} a.txt"));
    // The signature itself, with nothing behind it but zeros.
    let file = std::fs::OpenOptions::new().write(true).open(here.join("a.txt.p7s")).expect("a signature");
    file.set_len((256 << 20) + 1).expect("longer");
    for lang in ["en", "ja"] {
        let (exit, said) = said(here, &format!("--json --lang {lang} verify a.txt.p7s"));
        assert_eq!((exit, &said["error"]["code"]), (2, &"file-unreadable".into()), "{said}");
        assert!(said["error"]["what"].to_string().contains("268435456"), "{said}");
    }
}

#[test]
fn every_file_that_was_read_is_named_with_its_own_digest() {
    let folder = folder();
    let here = folder.path();
    done(here, &format!("{SIGN} --raw a.txt"));
    done(here, &format!("{SIGN} a.txt"));
    done(here, "--card demo --secret-env SIGN_PASSWORD cert sign --pem -o sign.pem");
    authority(here, &["0A0B0C"]);
    // An OCSPResponse that says "try later".
    std::fs::write(here.join("answer"), [0x30, 0x03, 0x0A, 0x01, 0x03]).expect("written");
    for (arguments, expected) in [
        ("a.txt.sig --certificate sign.pem --crl list.pem", &["a.txt.sig", "sign.pem", "a.txt", "list.pem"][..]),
        (
            "a.txt.p7s --ocsp answer --crl list.pem --timestamp-authority ca.pem",
            &["a.txt.p7s", "a.txt", "list.pem", "answer", "ca.pem"],
        ),
    ] {
        let (_, report) = said(here, &format!("--json verify --test-anchors {arguments}"));
        let files = report["files"].as_array().expect("files");
        let names: Vec<_> = files.iter().map(|file| file["file"].as_str().expect("a name")).collect();
        assert_eq!(names, expected);
        for file in files {
            let name = file["file"].as_str().expect("a name");
            let openssl = Command::new("openssl").current_dir(here).args(["dgst", "-sha256", "-r", name]).output();
            let said = String::from_utf8(openssl.expect("openssl").stdout).expect("text");
            assert_eq!(said.split(' ').next(), file["sha256"].as_str(), "{name}");
        }
    }
}

/// What an error or the report advises, in English.
fn advice(folder: &Path, arguments: &str, of: &[&str]) {
    let output = kazasu(folder, &arguments.split(' ').collect::<Vec<_>>());
    let told = String::from_utf8([output.stdout, output.stderr].concat()).expect("text");
    assert!(!output.status.success() && of.iter().all(|part| told.contains(part)), "{arguments}: {told}");
    assert!(!told.contains("sent to the card"), "there is none: {told}");
}

#[test]
fn whoever_hands_in_something_else_is_told_what_it_is_and_what_helps() {
    let folder = folder();
    let here = folder.path();
    done(here, &format!("{SIGN} a.txt"));
    done(here, &format!("{SIGN} --raw a.txt"));
    authority(here, &[]);
    let nonce = "00".repeat(32);
    done(here, &format!("--card demo --secret-env TEXT_AND_AUTH genuine --holder us --nonce {nonce} -o proof.json"));
    let login = "https://shop.example --nonce AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    done(here, &format!("--card demo --secret-env AUTH_PIN login --origin {login} -o token.json"));
    std::fs::write(here.join("other.txt"), "we do not agree\n").expect("written");
    std::fs::write(here.join("empty"), "").expect("written");
    advice(here, "verify empty", &["it is empty"]);
    advice(here, "verify proof.json", &["the proof of a genuine card", "`kazasu genuine --verify`"]);
    advice(here, "verify a.txt", &["Did you mean `kazasu verify a.txt.p7s`?"]);
    advice(here, "verify other.txt", &["not a signature in CMS"]);
    advice(here, "verify missing", &["cannot be read"]);
    advice(here, "verify a.txt.p7s --without revokation", &["Did you mean `revocation`?"]);
    advice(here, "verify a.txt.p7s --without zzz", &["there are: ", "pdf-later-changes"]);
    advice(here, "verify --test-anchors a.txt.p7s --content other.txt", &["named with --content"]);
    advice(here, "verify --test-anchors a.txt.sig --certificate ca.pem", &["It is an authority's certificate"]);
    let evil = login.replace("shop", "evil");
    advice(here, &format!("verify --test-anchors token.json --origin {evil}"), &["made for another origin"]);
    let proof = format!("genuine --verify proof.json --nonce {nonce} --test-anchors --without nonce");
    advice(here, &proof, &["Name with --holder"]);

    // As PEM it says the same.
    assert!(openssl(here, "cms -cmsout -inform DER -in a.txt.p7s -outform PEM -out pem.p7s"));
    let everything = "--without revocation --content a.txt";
    let holds = (0, "holds".to_owned(), Value::Null);
    assert_eq!(line(here, &format!("{everything} pem.p7s"), "content-digest"), holds);
    // What is signed may come by itself, and nothing beside it.
    let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
    command.args(["verify", "--test-anchors", "--without", "revocation", "pem.p7s", "--content", "-"]);
    command.current_dir(here).stdin(std::fs::File::open(here.join("a.txt")).expect("a file"));
    assert!(command.output().expect("the command runs").status.success());
    assert_eq!(error(here, "verify - --content -"), "bad-argument");
}
