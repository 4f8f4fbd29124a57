//! Files are signed and looked at from the command line: which file comes out of which order, what is asked before the
//! card is touched, and that nothing is a success that was not checked.

use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn kazasu(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
    command.args(arguments).env("LC_ALL", "C").current_dir(folder).stdin(Stdio::null());
    command.env("AUTH_PIN", "1234").env("SIGN_PASSWORD", "abc123");
    command.env("TEXT_PIN", "4321").env("NUMBER_B", "55021720352468");
    command.output().expect("the command runs")
}

/// A folder with two files to sign.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.txt"), "we agree\r\n").expect("written");
    std::fs::write(folder.path().join("b.txt"), "").expect("written");
    folder
}

const SIGN: [&str; 6] = ["-v", "--card", "demo", "--secret-env", "SIGN_PASSWORD", "sign"];

/// Signs; says what was sent to the card.
fn sign(folder: &Path, arguments: &[&str]) -> String {
    let output = kazasu(folder, &[&SIGN[..], &["--acknowledge-disclosure"], arguments].concat());
    let errors = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{arguments:?}: {errors}");
    errors
}

/// The exit code and the error's code.
fn refused(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = kazasu(folder, &[&["--json"], arguments].concat());
    let said: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let code = said["error"]["code"].as_str().expect("a code").to_owned();
    (output.status.code().expect("an exit code"), code, String::from_utf8(output.stderr).expect("text"))
}

const EVERYTHING: [&str; 4] = ["verify", "--test-anchors", "--without", "revocation"];

/// The exit code, and the conclusions.
fn verify(folder: &Path, arguments: &[&str]) -> (i32, Vec<Value>) {
    let output = kazasu(folder, &[&["--json"], &EVERYTHING[..], arguments].concat());
    let said: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let sections = said["sections"].as_array().unwrap_or_else(|| panic!("{said}"));
    let conclusions = sections.iter().map(|section| section["conclusion"].clone()).collect();
    (output.status.code().expect("an exit code"), conclusions)
}

fn holds(folder: &Path, arguments: &[&str]) -> bool {
    let (exit, conclusions) = verify(folder, arguments);
    let everything = !conclusions.is_empty() && conclusions.iter().all(|one| one["result"] == "everything-asked");
    assert_eq!(exit == 0, everything);
    everything
}

#[test]
fn a_signature_goes_beside_its_file_and_holds() {
    let folder = folder();
    let here = folder.path();
    sign(here, &["a.txt"]);
    assert!(holds(here, &["--cades", "a.txt.p7s"]), "the file beside it is found by its name");
    assert!(holds(here, &["a.txt.p7s", "--content", "a.txt"]));
    std::fs::write(here.join("a.txt"), "we agreed\r\n").expect("written");
    let (exit, conclusions) = verify(here, &["a.txt.p7s"]);
    assert_eq!(
        (exit, &conclusions[0]["check"], &conclusions[0]["because"]),
        (6, &"content-digest".into(), &"changed".into())
    );
    std::fs::remove_file(here.join("a.txt")).expect("removed");
    let (exit, conclusions) = verify(here, &["a.txt.p7s"]);
    assert_eq!((exit, &conclusions[0]["because"]), (6, &"no-content".into()));
    // Also where other things are missing: without the content there is nothing that was signed.
    let said = kazasu(here, &["verify", "--test-anchors", "a.txt.p7s"]);
    let text = String::from_utf8(said.stdout).expect("text");
    assert!(text.contains("NOT EVERYTHING was checked: the content is what was signed"), "{text}");
    assert!(text.contains("--content"), "{text}");
}

#[test]
fn several_files_are_signed_with_one_password_in_one_session() {
    let folder = folder();
    let trace = sign(folder.path(), &["a.txt", "b.txt"]);
    let verifications = trace.lines().filter(|line| line.starts_with("  > 00 20 00 9B") && line.contains('…')).count();
    assert_eq!(verifications, 1, "{trace}");
    assert!(holds(folder.path(), &["a.txt.p7s"]) && holds(folder.path(), &["b.txt.p7s"]));
}

#[test]
fn a_file_goes_into_its_signature_or_its_token() {
    let folder = folder();
    let here = folder.path();
    sign(here, &["--cms", "a.txt"]);
    std::fs::remove_file(here.join("a.txt")).expect("removed");
    assert!(holds(here, &["a.txt.p7m"]));
    let done = kazasu(here, &["--card", "demo", "--secret-env", "AUTH_PIN", "sign", "--key", "auth", "--jws", "b.txt"]);
    assert!(done.status.success());
    assert!(holds(here, &["b.txt.jws"]));
    let mut token = std::fs::read(here.join("b.txt.jws")).expect("a token");
    let last = token.len() - 10;
    token[last] = if token[last] == b'A' { b'B' } else { b'A' };
    std::fs::write(here.join("b.txt.jws"), token).expect("written");
    assert!(!holds(here, &["b.txt.jws"]));
}

#[test]
fn nobodys_attributes_go_into_a_file_unasked_and_no_try_is_spent_on_it() {
    let folder = folder();
    let (exit, code, trace) = refused(folder.path(), &[&SIGN[..], &["a.txt"]].concat());
    assert_eq!((exit, &*code), (2, "disclosure"));
    assert!(!trace.contains("  > "), "the card was touched: {trace}");
    assert!(!folder.path().join("a.txt.p7s").exists());
    // A raw signature shows nobody anything.
    let done = kazasu(folder.path(), &[&SIGN[..], &["--raw", "a.txt"]].concat());
    assert!(done.status.success() && folder.path().join("a.txt.sig").exists());
}

#[test]
fn what_cannot_be_is_refused_before_the_card_is_touched() {
    let folder = folder();
    let here = folder.path();
    std::fs::write(here.join("b.txt.p7s"), "mine").expect("written");
    let sign = |arguments: &[&str]| {
        let (exit, code, trace) = refused(here, &[&SIGN[..], &["--acknowledge-disclosure"], arguments].concat());
        assert!(!trace.contains("  > "), "the card was touched: {trace}");
        (exit, code)
    };
    for arguments in [
        &["a.txt", "b.txt", "-o", "one"][..],
        &["-"],
        &["-", "-", "-o", "one"],
        &["--jws", "a.txt"],
        &["--key", "auth", "--cms", "a.txt"],
        &["--hash", "sha512", "a.txt"],
        &["a.txt", "-o", "a.txt"],
        &["a.txt", "a.txt"],
        &["a.txt", "./a.txt", "--force"],
    ] {
        assert_eq!(sign(arguments), (2, "bad-argument".to_owned()), "{arguments:?}");
    }
    for taken in [&["b.txt"][..], &["a.txt", "-o", "b.txt.p7s"]] {
        assert_eq!(sign(taken), (2, "file-exists".to_owned()), "{taken:?}");
    }
    assert_eq!(sign(&["missing.txt"]), (2, "file-unreadable".to_owned()));
    assert_eq!(sign(&["a.txt", "-o", "missing/a.p7s"]), (2, "file-unwritable".to_owned()));
    assert_eq!(std::fs::read(here.join("b.txt.p7s")).expect("still there"), b"mine");
    let large = std::fs::File::create(here.join("large")).expect("a file");
    large.set_len((1 << 19) + 1).expect("sparse");
    assert_eq!(sign(&["--key", "auth", "--jws", "large"]), (2, "bad-argument".to_owned()));
}

#[test]
fn a_card_that_signs_wrongly_leaves_no_file() {
    let folder = folder();
    for form in ["--detached", "--cms"] {
        let arguments = ["--card", "demo:adult,wrong-signature", "--secret-env", "SIGN_PASSWORD", "sign"];
        let arguments = [&arguments[..], &["--acknowledge-disclosure", form, "a.txt", "b.txt"]].concat();
        let (exit, code, _) = refused(folder.path(), &arguments);
        assert_eq!((exit, &*code), (4, "signature-wrong"));
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 2);
}

#[test]
fn nothing_is_a_success_that_was_not_checked() {
    let folder = folder();
    let here = folder.path();
    sign(here, &["a.txt"]);
    let exit = |arguments: &[&str]| kazasu(here, arguments).status.code();
    assert_eq!(exit(&["verify", "--test-anchors", "a.txt.p7s"]), Some(6), "nobody asked about revocation");
    assert_eq!(exit(&["verify", "--without", "revocation", "a.txt.p7s"]), Some(6), "the demonstration is not real");
    let all: Vec<_> = ["issuer", "policy", "key-usage"].iter().flat_map(|check| ["--without", check]).collect();
    assert_eq!(exit(&[&["verify", "a.txt.p7s"][..], &all].concat()), Some(6), "what fails cannot be done without");
    for (arguments, code) in [
        (&["verify", "a.txt"][..], "not-signed"),
        (&["verify", "missing"], "file-unreadable"),
        (&["verify", "a.txt.p7s", "--without", "nothing"], "bad-argument"),
        (&["verify", "a.txt.p7s", "--authority", "a.txt"], "file-unreadable"),
        (&["verify", "a.txt.p7s", "--timestamp-authority", "missing"], "file-unreadable"),
    ] {
        assert_eq!(refused(here, arguments).1, code, "{arguments:?}");
    }
}

#[test]
fn the_result_is_told_as_text_and_as_a_page() {
    let folder = folder();
    let here = folder.path();
    sign(here, &["a.txt"]);
    for lang in ["en", "ja"] {
        let name = format!("{lang}.html");
        let arguments = [&["--lang", lang][..], &EVERYTHING, &["--html", &name, "a.txt.p7s"]].concat();
        let output = kazasu(here, &arguments);
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(text.contains("数差") && text.contains("JST") && text.contains('–'), "{text}");
        let page = std::fs::read_to_string(here.join(&name)).expect("a page");
        assert!(page.contains("<table>") && page.contains("数差"));
        let notes = String::from_utf8(output.stderr).expect("text");
        assert!(notes.contains(&format!(": {name}\n")), "{notes}");
    }
}

#[test]
fn the_page_goes_over_nothing_that_is_there() {
    let folder = folder();
    let here = folder.path();
    sign(here, &["a.txt"]);
    for name in ["a.txt.p7s", "a.txt"] {
        let before = std::fs::read(here.join(name)).expect("a file");
        let arguments = [&EVERYTHING[..], &["--html", name, "a.txt.p7s"]].concat();
        assert_eq!(refused(here, &arguments).1, "bad-argument", "{name}");
        assert_eq!(std::fs::read(here.join(name)).expect("a file"), before, "{name}");
    }
    std::fs::write(here.join("page.html"), "before").expect("written");
    let unforced = [&EVERYTHING[..], &["--html", "page.html", "a.txt.p7s"]].concat();
    assert_eq!(refused(here, &unforced).1, "file-exists");
    // What is read is never replaced, by whatever name, also where it is no such file at all.
    std::fs::write(here.join("mine"), "mine").expect("written");
    for (read, option) in [
        ("a.txt.p7s", None),
        ("./a.txt", None),
        ("mine", Some("--content")),
        ("mine", Some("--certificate")),
        ("mine", Some("--crl")),
        ("mine", Some("--ocsp")),
        ("mine", Some("--timestamp-authority")),
    ] {
        let before = std::fs::read(here.join(read)).expect("a file");
        let handed_in: Vec<_> = option.into_iter().flat_map(|option| [option, "mine"]).collect();
        let arguments = [&["--force"], &EVERYTHING[..], &["--html", read, "a.txt.p7s"], &handed_in].concat();
        assert_eq!(refused(here, &arguments).1, "bad-argument", "{option:?} {read}");
        assert_eq!(std::fs::read(here.join(read)).expect("a file"), before, "{option:?} {read}");
    }
    let authority = ["--force", "verify", "--authority", "mine", "--html", "mine", "a.txt.p7s"];
    assert_eq!(refused(here, &authority).1, "bad-argument");
    assert_eq!(std::fs::read(here.join("mine")).expect("a file"), b"mine");
    let another = [&["--force"], &EVERYTHING[..], &["--html", "page.html", "a.txt.p7s"]].concat();
    assert!(kazasu(here, &another).status.success());
    assert!(std::fs::read_to_string(here.join("page.html")).expect("a page").contains("<table>"));
}

/// The certificate of a card of today cannot go into a file that OpenSSL does not read.
#[test]
fn openssl_accepts_what_is_signed_and_no_other_content() {
    let folder = folder();
    let here = folder.path();
    sign(here, &["a.txt"]);
    let ca = format!("{}/../fixtures/cards/pki", env!("CARGO_MANIFEST_DIR"));
    let check = |content: &str| {
        let mut openssl = Command::new("openssl");
        openssl.args([
            "cms",
            "-verify",
            "-cades",
            "-binary",
            "-inform",
            "DER",
            "-in",
            "a.txt.p7s",
            "-content",
            content,
        ]);
        openssl.args(["-CAfile", &format!("{ca}/sign-ca-2.pem"), "-purpose", "any", "-out", "out"]);
        openssl.current_dir(here).output().expect("openssl is installed")
    };
    let accepted = check("a.txt");
    assert!(accepted.status.success(), "{}", String::from_utf8_lossy(&accepted.stderr));
    assert!(!check("b.txt").status.success());
}

/// `script` gives the command a terminal; what is typed comes from us.
fn at_a_terminal(folder: &Path, arguments: &str, typed: &str) -> (i32, String) {
    use std::io::Write as _;
    let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_kazasu"));
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).env("LC_ALL", "C").env("SIGN_PASSWORD", "abc123").current_dir(folder);
    let mut running = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script runs");
    running.stdin.take().expect("a pipe").write_all(typed.as_bytes()).expect("typed");
    let output = running.wait_with_output().expect("it ends");
    (output.status.code().expect("an exit code"), String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn who_says_no_to_the_question_is_told_that_nothing_was_signed_and_of_no_error() {
    let folder = folder();
    let sign = "--card demo --secret-env SIGN_PASSWORD sign a.txt";
    let (exit, said) = at_a_terminal(folder.path(), sign, "n\n");
    assert_eq!(exit, 2);
    assert!(said.contains("Sign? [y/N]") && said.contains("Nothing was signed."), "{said}");
    assert!(!said.contains("Error") && !said.contains("What to do"), "{said}");
    let (_, said) = at_a_terminal(folder.path(), &format!("--json {sign}"), "\n");
    assert!(said.contains("\"code\":\"declined\""), "{said}");
    assert!(!folder.path().join("a.txt.p7s").exists());
    let (exit, said) = at_a_terminal(folder.path(), sign, "y\n");
    assert!(exit == 0 && folder.path().join("a.txt.p7s").exists(), "{said}");
}

#[test]
fn nothing_that_is_there_is_replaced_by_any_command_unless_that_is_said() {
    let folder = folder();
    let here = folder.path();
    std::fs::create_dir(here.join("face")).expect("made");
    std::fs::write(here.join("face/photo.jp2"), "mine").expect("written");
    std::fs::write(here.join("there"), "mine").expect("written");
    let nonce = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let hexadecimal = "5a".repeat(32);
    let with = |variable: &'static str, rest: &[&str]| {
        let card = ["-v", "--card", "demo", "--secret-env", variable];
        card.iter().chain(rest).map(|word| (*word).to_owned()).collect::<Vec<_>>()
    };
    for arguments in [
        with("AUTH_PIN", &["cert", "auth", "-o", "there"]),
        with("AUTH_PIN", &["login", "--origin", "https://shop.example", "--nonce", nonce, "-o", "there"]),
        with("TEXT_PIN", &["genuine", "--nonce", &hexadecimal, "-o", "there"]),
        with("NUMBER_B", &["face", "-o", "face"]),
        with("AUTH_PIN", &["record", "status", "-o", "there"]),
        with("SIGN_PASSWORD", &["sign", "--raw", "a.txt", "-o", "there"]),
    ] {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let (exit, code, trace) = refused(here, &arguments);
        assert_eq!((exit, &*code), (2, "file-exists"), "{arguments:?}");
        assert!(!trace.contains("  > "), "the card was touched: {trace}");
        let forced = kazasu(here, &[&["--force"], &arguments[..]].concat());
        assert!(forced.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&forced.stderr));
        let file = if arguments.contains(&"face") { "face/photo.jp2" } else { "there" };
        assert_ne!(std::fs::read(here.join(file)).expect("a file"), b"mine", "{arguments:?}");
        std::fs::write(here.join(file), "mine").expect("written");
    }
}

/// Signs what comes by itself, in two pieces.
fn piped(folder: &Path, content: &[u8], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
    command.args(["--json", "--card", "demo", "--secret-env", "SIGN_PASSWORD", "sign", "--acknowledge-disclosure"]);
    command.args(arguments).env("LC_ALL", "C").env("SIGN_PASSWORD", "abc123").current_dir(folder);
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = pipes.spawn().expect("the command runs");
    let mut input = running.stdin.take().expect("a pipe");
    let (start, rest) = content.split_at(content.len().min(3));
    // A command that has refused reads nothing any more.
    let _ = input.write_all(start).and_then(|()| input.flush());
    std::thread::sleep(std::time::Duration::from_millis(50));
    let _ = input.write_all(rest);
    drop(input);
    running.wait_with_output().expect("it ends")
}

#[test]
fn standard_input_that_is_a_pdf_is_signed_as_a_pdf_and_nothing_else_is_called_one() {
    let folder = folder();
    let here = folder.path();
    let pdf = include_bytes!("contract.pdf");
    assert!(piped(here, pdf, &["-", "-o", "piped.pdf"]).status.success());
    assert!(std::fs::read(here.join("piped.pdf")).expect("signed").starts_with(pdf));
    assert!(holds(here, &["piped.pdf"]));
    assert!(piped(here, b"ab", &["-", "-o", "ab.p7s"]).status.success(), "shorter than a PDF begins");
    std::fs::write(here.join("ab"), "ab").expect("written");
    assert!(holds(here, &["ab.p7s"]), "every byte of it was signed");
    for (content, arguments) in [
        (&b"we agree"[..], &["-", "-o", "text.pdf"][..]),
        (pdf, &["--detached", "-", "-o", "text.pdf"]),
        (b"", &["--raw", "a.txt", "-o", "text.PDF"]),
    ] {
        let output = piped(here, content, arguments);
        let said: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
        assert_eq!((output.status.code(), &said["error"]["code"]), (Some(2), &"bad-argument".into()), "{said}");
    }
    assert!(!here.join("text.pdf").exists() && !here.join("text.PDF").exists());
}
