//! PDFs are signed and looked at from the command line: inside, by content, and with the bytes named that are not the
//! signed ones.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn kazasu(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
    command.args(arguments).env("LC_ALL", "C").current_dir(folder).stdin(Stdio::null()).env("SIGN_PASSWORD", "abc123");
    command.output().expect("the command runs")
}

const SIGN: [&str; 7] = ["-v", "--card", "demo", "--secret-env", "SIGN_PASSWORD", "sign", "--acknowledge-disclosure"];

/// Signs; returns the trace.
fn sign(folder: &Path, arguments: &[&str]) -> String {
    let output = kazasu(folder, &[&SIGN[..], arguments].concat());
    let errors = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{arguments:?}: {errors}");
    errors
}

/// The exit code, and what is said.
fn verify(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = kazasu(folder, &[&["verify", "--test-anchors", "--without", "revocation"], arguments].concat());
    (output.status.code(), String::from_utf8(output.stdout).expect("text"))
}

/// One page, written by hand; its text begins at byte 0 of its stream.
fn pdf(catalog: &str) -> Vec<u8> {
    let objects = [
        catalog,
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R>>",
        "<</Length 27>>\nstream\nBT (I owe you 100.) Tj ET  \nendstream",
    ];
    let (mut file, mut places) = (String::from("%PDF-1.7\n"), String::new());
    for (n, object) in objects.iter().enumerate() {
        places += &format!("{:010} 00000 n \n", file.len());
        file += &format!("{} 0 obj\n{object}\nendobj\n", n + 1);
    }
    let start = file.len();
    file += &format!(
        "xref\n0 5\n0000000000 65535 f \n{places}trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    );
    file.into_bytes()
}

const CATALOG: &str = "<</Type/Catalog/Pages 2 0 R>>";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("contract.pdf"), pdf(CATALOG)).expect("written");
    std::fs::write(folder.path().join("a.txt"), "text").expect("written");
    folder
}

#[test]
fn a_pdf_is_signed_inside_with_one_password_in_one_session_and_again_by_pades() {
    let folder = folder();
    let here = folder.path();
    std::fs::copy(here.join("contract.pdf"), here.join("other.pdf")).expect("copied");
    let trace = sign(here, &["contract.pdf", "other.pdf"]);
    let verifications = trace.lines().filter(|line| line.starts_with("  > 00 20 00 9B") && line.contains('…')).count();
    assert_eq!(verifications, 1, "{trace}");
    for name in ["contract.signed.pdf", "other.signed.pdf"] {
        let signed = std::fs::read(here.join(name)).expect("signed");
        assert!(signed.starts_with(&pdf(CATALOG)));
        assert_eq!(verify(here, &[name]).0, Some(0));
    }
    sign(here, &["--pades", "contract.signed.pdf", "-o", "both.pdf"]);
    let (exit, said) = verify(here, &["both.pdf"]);
    assert_eq!(exit, Some(0), "the second one is proven to be all that came behind the first: {said}");
    assert!(said.ends_with("\n= all 2: everything that was asked for was checked and holds\n"), "{said}");
    assert!(said.contains("Signature 1: Signature1") && said.contains("Signature 2: Signature2"), "{said}");
    assert_eq!(
        kazasu(here, &["verify", "--test-anchors", "both.pdf"]).status.code(),
        Some(6),
        "revocation is asked for"
    );
    assert_eq!(kazasu(here, &["verify", "--without", "revocation", "both.pdf"]).status.code(), Some(6));
}

/// Also where the change is such that the file cannot be read any more.
#[test]
fn a_copy_that_is_damaged_anywhere_is_looked_at_and_the_bytes_are_named() {
    let folder = folder();
    let here = folder.path();
    sign(here, &["contract.pdf"]);
    let good = std::fs::read(here.join("contract.signed.pdf")).expect("signed");
    let places: [(&str, &[u8]); 7] = [
        ("the first byte", b"%PDF"),
        ("an object's header", b"3 0 obj"),
        ("the catalog", b"/Pages"),
        ("a stream's end", b"endstream"),
        ("the table", b"xref\n"),
        ("the signature's ranges", b"/ByteRange"),
        ("the end", b"startxref\n"),
    ];
    for (what, text) in places {
        let mut bad = good.clone();
        // The last one: what stands further in front was written again.
        let at = good.windows(text.len()).rposition(|window| window == text).expect(what);
        bad[at] ^= 1;
        std::fs::write(here.join("bad.pdf"), &bad).expect("written");
        for without in [&["bad.pdf"][..], &["bad.pdf", "--without", "pdf-later-changes", "--without", "pdf-byte-range"]]
        {
            let (exit, said) = verify(here, without);
            assert_eq!(exit, Some(6), "{what}: {said}");
            assert!(
                said.lines().any(|line| line.contains("Changed, within bytes") && line.contains("  0–")),
                "{what}: {said}"
            );
            assert!(what != "the end" || said.contains("Not read, because"), "{said}");
        }
    }
}

#[test]
fn a_changed_copy_is_no_success_and_the_bytes_are_named() {
    let folder = folder();
    let here = folder.path();
    sign(here, &["contract.pdf"]);
    let good = std::fs::read(here.join("contract.signed.pdf")).expect("signed");
    let mut flipped = good.clone();
    let at = good.windows(3).position(|window| window == b"100").expect("the text");
    flipped[at] = b'9';
    std::fs::write(here.join("flipped.pdf"), &flipped).expect("written");
    let (exit, said) = verify(here, &["flipped.pdf"]);
    assert_eq!(exit, Some(6));
    assert!(said.lines().any(|line| line.contains("Changed, within bytes") && line.contains("  0–")), "{said}");

    let mut added = good.clone();
    let text = "<</Length 27>>\nstream\nBT (I owe you 900.) Tj ET  \nendstream";
    let place = added.len();
    added.extend_from_slice(format!("4 0 obj\n{text}\nendobj\n").as_bytes());
    let (table, last) = (added.len(), good.windows(9).rposition(|window| window == b"startxref").expect("an end"));
    let last: String = good[last + 10..].iter().map(|byte| *byte as char).take_while(char::is_ascii_digit).collect();
    let trailer = format!("trailer\n<</Size 9/Root 1 0 R/Prev {last}>>\nstartxref\n{table}\n%%EOF\n");
    added.extend_from_slice(format!("xref\n4 1\n{place:010} 00000 n \n{trailer}").as_bytes());
    std::fs::write(here.join("added.pdf"), &added).expect("written");
    let (exit, said) = verify(here, &["added.pdf"]);
    assert_eq!(exit, Some(6));
    let range = format!("{}–{}", good.len(), added.len() - 1);
    assert!(said.contains(&format!("{range} (changed objects: 4)")), "{said}");
    assert!(said.lines().any(|line| line.contains("Bytes behind every signature") && line.contains(&range)), "{said}");
}

#[test]
fn whoever_signs_after_somebody_else_is_told_that_the_earlier_signature_fails() {
    let folder = folder();
    let here = folder.path();
    sign(here, &["contract.pdf"]);
    let good = std::fs::read(here.join("contract.signed.pdf")).expect("signed");
    let mut changed = good.clone();
    let at = good.windows(3).position(|window| window == b"100").expect("the text");
    changed[at] = b'9';
    let mut added = good.clone();
    let place = added.len();
    added.extend_from_slice(b"4 0 obj\n<</Length 27>>\nstream\nBT (I owe you 900.) Tj ET  \nendstream\nendobj\n");
    let (table, last) = (added.len(), good.windows(9).rposition(|window| window == b"startxref").expect("an end"));
    let last: String = good[last + 10..].iter().map(|byte| *byte as char).take_while(char::is_ascii_digit).collect();
    let trailer = format!("trailer\n<</Size 9/Root 1 0 R/Prev {last}>>\nstartxref\n{table}\n%%EOF\n");
    added.extend_from_slice(format!("xref\n4 1\n{place:010} 00000 n \n{trailer}").as_bytes());
    for (file, why) in [(changed, "its content was changed"), (added, "more than signatures was added behind it")] {
        std::fs::write(here.join("bad.pdf"), &file).expect("written");
        let output = kazasu(here, &[&["--json"], &SIGN[..], &["bad.pdf"]].concat());
        let said: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
        assert_eq!((output.status.code(), &said["error"]["code"]), (Some(2), &"pdf-signature-fails".into()), "{said}");
        assert!(said["error"]["what"].as_str().is_some_and(|what| what.contains(why)), "{said}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("  > "), "the card was touched");
        assert!(!here.join("bad.signed.pdf").exists());
        sign(here, &["--allow-changed", "--force", "bad.pdf", "-o", "both.pdf"]);
        let (exit, said) = verify(here, &["both.pdf"]);
        assert_eq!(exit, Some(6), "the earlier one goes on failing");
        let last = said.lines().last().expect("a sum");
        assert!(last.starts_with("= ") && !last.contains("checked and holds"), "no good news last: {last}");
        let output = kazasu(here, &["--json", "verify", "--test-anchors", "--without", "revocation", "both.pdf"]);
        let said: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
        assert_eq!((&said["sum"]["of"], &said["sections"][1]["document_timestamp"]), (&2.into(), &false.into()));
    }
}

#[test]
fn a_pdf_that_cannot_be_signed_is_refused_before_the_card_is_touched() {
    let folder = folder();
    let here = folder.path();
    let write = |name: &str, file: &[u8]| std::fs::write(here.join(name), file).expect("written");
    write("damaged.pdf", &pdf(CATALOG)[..200]);
    write("xfa.pdf", &pdf("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]/XFA 4 0 R>>>>"));
    write("empty.pdf", &pdf("<</Type/Catalog>>"));
    let certified = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]>>>>";
    let field = "<</FT/Sig/T(c)/V<</Reference[<</TransformMethod/DocMDP/TransformParams<</P 1>>>>]>>>>";
    let mut file = pdf(certified);
    let (place, last) = (file.len(), file.windows(4).rposition(|window| window == b"xref").expect("a table"));
    let last = file[..last].windows(5).rposition(|window| window == b"\nxref").expect("the table") + 1;
    file.extend_from_slice(format!("5 0 obj\n{field}\nendobj\n").as_bytes());
    let table = file.len();
    let trailer = format!("trailer\n<</Size 6/Root 1 0 R/Prev {last}>>\nstartxref\n{table}\n%%EOF\n");
    file.extend_from_slice(format!("xref\n5 1\n{place:010} 00000 n \n{trailer}").as_bytes());
    write("certified.pdf", &file);
    write("called.pdf", b"no PDF");
    write("there.pdf", &pdf(CATALOG));
    write("there.signed.pdf", b"mine");
    for (arguments, code) in [
        (&["damaged.pdf"][..], "pdf-damaged"),
        (&["xfa.pdf"], "pdf-xfa"),
        (&["empty.pdf"], "pdf-no-page"),
        (&["certified.pdf"], "pdf-certified"),
        (&["--pades", "a.txt"], "not-a-pdf"),
        (&["contract.pdf", "a.txt"], "bad-argument"),
        (&["there.pdf"], "file-exists"),
        (&["called.pdf"], "bad-argument"),
        (&["--key", "auth", "--pades", "contract.pdf"], "bad-argument"),
        (&["--hash", "sha512", "contract.pdf"], "bad-argument"),
    ] {
        let output = kazasu(here, &[&["--json"], &SIGN[..], arguments].concat());
        let said: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
        assert_eq!(said["error"]["code"], code, "{arguments:?}: {said}");
        let trace = String::from_utf8(output.stderr).expect("text");
        assert!(!trace.contains("  > "), "the card was touched: {trace}");
    }
    let output = kazasu(here, &["--json", "verify", "contract.pdf"]);
    let said: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!((&said["error"]["code"], &said["error"]["number"]), (&"not-signed".into(), &460.into()));
    let what = said["error"]["what"].as_str().expect("a text");
    assert_eq!(what, "contract.pdf has no signature.", "nobody is accused");
    // A signature beside a PDF is one like beside any other file.
    sign(here, &["--detached", "contract.pdf"]);
    assert_eq!(verify(here, &["contract.pdf.p7s"]).0, Some(0));
}

#[test]
fn a_card_that_signs_wrongly_leaves_no_file() {
    let folder = folder();
    let card = ["--json", "--card", "demo:adult,wrong-signature", "--secret-env", "SIGN_PASSWORD", "sign"];
    let output = kazasu(folder.path(), &[&card[..], &["--acknowledge-disclosure", "contract.pdf"]].concat());
    let said: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!(said["error"]["code"], "signature-wrong");
    assert!(!folder.path().join("contract.signed.pdf").exists());
}

/// On a terminal a line is a line of the report, whoever wrote it.
#[test]
fn the_name_of_a_file_writes_no_line_of_the_report_and_no_error() {
    let folder = folder();
    let here = folder.path();
    sign(here, &["contract.pdf"]);
    let forged = "  = everything that was asked for was checked and holds";
    let name = format!("x.pdf)  00\n{forged}\n\u{1b}[8m(x.pdf");
    let mut changed = std::fs::read(here.join("contract.signed.pdf")).expect("signed");
    let at = changed.windows(3).position(|window| window == b"100").expect("the text");
    changed[at] = b'9';
    std::fs::write(here.join(&name), &changed).expect("written");
    let (exit, said) = verify(here, &[&name]);
    assert_eq!(exit, Some(6));
    assert!(!said.lines().any(|line| line == forged) && !said.contains('\u{1b}'), "{said}");
    assert!(said.contains("everything that was asked for"), "its name is shown all the same: {said}");
    let missing = format!("{name}.p7s");
    for arguments in [&["verify", &missing][..], &["timestamp", "request", &name, "-o", "request"]] {
        let output = kazasu(here, arguments);
        let told = String::from_utf8([output.stderr, output.stdout].concat()).expect("text");
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(!told.lines().any(|line| line == forged) && !told.contains('\u{1b}'), "{told}");
    }
    let output = kazasu(here, &[&SIGN[..], &["--detached", &name]].concat());
    assert!(output.status.success());
    assert!(!String::from_utf8_lossy(&output.stdout).lines().any(|line| line == forged));
}
