//! The command as scripts meet it: forms, files, exit codes, JSON; on the built-in card, whose secrets it tells itself.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// `kazasu` with these arguments; secrets by environment variables named after themselves.
fn kazasu(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
    command.args(arguments).env("LC_ALL", "C").env("WRONG", "9999").stdin(Stdio::null());
    command.env("WRONG_PASSWORD", "WRONG99").env("BAD_FORM", "12345").env("NEW", "8642");
    for (name, secret) in [
        ("AUTH_PIN", "1234"),
        ("SIGN_PASSWORD", "abc123"),
        ("TEXT_PIN", "4321"),
        ("NUMBER_A", "123456789018"),
        ("NUMBER_B", "55021720352468"),
        ("BIRTH_KEY", "550217"),
        ("TEXT_AND_AUTH", "4321\n1234"),
    ] {
        command.env(name, secret);
    }
    command.output().expect("the command runs")
}

fn done(arguments: &[&str]) -> String {
    let output = kazasu(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&done(arguments)).expect("one JSON object")
}

/// The exit code and the error object.
fn refused(arguments: &[&str]) -> (i32, Value) {
    let output = kazasu(&[&["--json"], arguments].concat());
    let error: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    (output.status.code().expect("an exit code"), error["error"].clone())
}

fn code(arguments: &[&str]) -> (i32, String) {
    let (exit, error) = refused(arguments);
    (exit, error["code"].as_str().expect("a code").to_owned())
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn openssl(arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).output().expect("openssl is installed")
}

/// A file to sign, and where its signature goes.
fn contract(folder: &tempfile::TempDir) -> (PathBuf, PathBuf) {
    let file = folder.path().join("contract.txt");
    std::fs::write(&file, "we agree\n").expect("written");
    (file, folder.path().join("contract.sig"))
}

#[test]
fn both_keys_sign_with_each_digest_and_openssl_verifies() {
    let folder = folder();
    let (file, signature) = contract(&folder);
    for (key, secret, which) in [("auth", "AUTH_PIN", "auth"), ("sign", "SIGN_PASSWORD", "sign")] {
        let certificate = folder.path().join("certificate.pem");
        done(&["--card", "demo", "--secret-env", secret, "cert", which, "--pem", "--force", "-o", text(&certificate)]);
        let public = openssl(&["x509", "-in", text(&certificate), "-noout", "-pubkey"]).stdout;
        let public_file = folder.path().join("public.pem");
        std::fs::write(&public_file, public).expect("written");
        for hash in ["sha256", "sha384", "sha512"] {
            done(&[
                "sign",
                "--raw",
                "--key",
                key,
                "--hash",
                hash,
                text(&file),
                "-o",
                text(&signature),
                "--force",
                "--card",
                "demo",
                "--secret-env",
                secret,
            ]);
            let check = |file: &Path| {
                let digest = format!("-{hash}");
                openssl(&["dgst", &digest, "-verify", text(&public_file), "-signature", text(&signature), text(file)])
            };
            assert!(check(&file).status.success(), "{key} {hash}");
            assert!(!check(&certificate).status.success(), "another file verifies: {key} {hash}");
        }
    }
}

#[test]
fn the_four_certificates_are_those_of_the_card() {
    let folder = folder();
    for (which, id, secret) in
        [("auth", 0x0A, None), ("sign", 0x01, Some("SIGN_PASSWORD")), ("auth-ca", 0x0B, None), ("sign-ca", 0x02, None)]
    {
        let path = folder.path().join(which);
        let mut arguments = vec!["--card", "demo", "cert", which, "-o", text(&path)];
        arguments.extend(secret.map_or(vec![], |secret| vec!["--secret-env", secret]));
        done(&arguments);
        let persona = kazasu_fixtures::Persona::named("adult").expect("the card");
        assert_eq!(std::fs::read(&path).expect("written"), persona.file("jpki", id).expect("the file"), "{which}");
    }
}

#[test]
fn attributes_and_number_are_read_with_each_secret_that_opens_them() {
    for secret in ["TEXT_PIN", "NUMBER_B"] {
        let attributes = json(&["--card", "demo", "--json", "attributes", "--secret-env", secret]);
        assert_eq!(attributes["name"], "数差　花子");
        assert_eq!(attributes["birth"], "1980-02-17");
        assert_eq!(attributes["sex"], "female");
    }
    for secret in ["TEXT_PIN", "NUMBER_A"] {
        let number = json(&["--card", "demo", "my-number", "--json", "--secret-env", secret]);
        assert_eq!(number["my_number"], "123456789018");
    }
}

#[test]
fn the_face_is_written_as_files_that_are_what_they_are_called() {
    let folder = folder();
    let face = folder.path().join("face");
    done(&["--card", "demo", "--secret-env", "NUMBER_B", "face", "-o", text(&face), "--png"]);
    for (name, start) in [
        ("name.png", &b"\x89PNG"[..]),
        ("address.png", b"\x89PNG"),
        ("security-code.png", b"\x89PNG"),
        ("photo.png", b"\x89PNG"),
        ("photo.jp2", b"\0\0\0\x0CjP  "),
        ("record.bin", b"\xFF\x20"),
    ] {
        assert!(std::fs::read(face.join(name)).expect(name).starts_with(start), "{name}");
    }
}

/// 32 bytes.
const NONCE: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

/// A result with its exit code.
fn judged(arguments: &[&str]) -> (i32, Value) {
    let output = kazasu(&[&["--json"], arguments].concat());
    let result = serde_json::from_slice(&output.stdout).expect("one JSON object");
    (output.status.code().expect("an exit code"), result)
}

/// How one line of a table reads.
fn line<'r>(report: &'r Value, check: &str) -> &'r str {
    let lines = report["sections"][0]["findings"].as_array().expect("a table");
    let line = lines.iter().find(|line| line["check"] == check).expect("a line");
    line["result"].as_str().expect("a result")
}

#[test]
fn a_genuine_card_is_judged_right_away_with_each_of_its_secrets() {
    for (secret, arguments) in [
        ("TEXT_PIN", &["--with", "attributes", "--with", "my-number"][..]),
        ("NUMBER_A", &["--with", "my-number"]),
        ("NUMBER_B", &["--with", "attributes"]),
        ("NUMBER_A", &["--application", "surface"]),
        ("NUMBER_B", &["--application", "surface"]),
        ("BIRTH_KEY", &["--application", "surface"]),
    ] {
        let card = ["--card", "demo", "--secret-env", secret, "genuine", "--test-anchors"];
        let (exit, report) = judged(&[&card, arguments].concat());
        assert_eq!((exit, &report["sections"][0]["test"]), (0, &true.into()), "{report}");
        assert_eq!(line(&report, "nonce"), "holds");
    }
    // The same card is nothing to the real authorities.
    let (exit, report) = judged(&["--card", "demo", "--secret-env", "TEXT_PIN", "genuine"]);
    assert_eq!((exit, line(&report, "text-authority")), (6, "fails"));
}

#[test]
fn a_proof_travels_to_a_verifier_who_says_what_he_can_do_without() {
    let folder = folder();
    let file = folder.path().join("proof.json");
    let holder = ["--holder", "https://verifier.example"];
    let card = ["--card", "demo", "--secret-env", "TEXT_AND_AUTH", "genuine", "--nonce", NONCE, "-o", text(&file)];
    done(&[&card[..], &holder].concat());
    let verify = |nonce: &str, more: &[&str]| {
        judged(&[&["genuine", "--verify", text(&file), "--nonce", nonce, "--test-anchors"], &holder[..], more].concat())
    };
    let without = ["--without", "nonce", "--without", "revocation", "--without", "holder-card"];
    let (exit, report) = verify(NONCE, &without);
    assert_eq!((exit, line(&report, "holder-signature")), (0, "holds"), "{report}");
    for missing in 0..3 {
        let (mut fewer, at) = (without.to_vec(), 2 * missing);
        fewer.drain(at..at + 2);
        let (exit, report) = verify(NONCE, &fewer);
        assert_eq!((exit, &report["sections"][0]["conclusion"]["check"]), (6, &without[at + 1].into()));
    }
    let (exit, report) = verify(&NONCE.replacen('5', "6", 1), &without);
    assert_eq!((exit, line(&report, "text-presence"), line(&report, "holder-signature")), (6, "fails", "fails"));
}

#[test]
fn a_proof_that_cannot_be_made_or_judged_is_refused_before_a_card_is_touched() {
    let folder = folder();
    let file = folder.path().join("proof.json");
    std::fs::write(&file, r#"{"format":"kazasu-genuine:1"}"#).expect("written");
    for arguments in [
        &["genuine", "--nonce", "5a5a"][..],
        &["genuine", "--without", "nothing"],
        &["genuine", "--application", "surface", "--with", "attributes"],
        &["genuine", "--nonce", NONCE, "--with", "my-number", "-o", text(&file)],
    ] {
        let card = ["--card", "demo:adult,tear-after=0", "--secret-env", "TEXT_PIN"];
        assert_eq!(code(&[&card, arguments].concat()), (2, "bad-argument".to_owned()), "{arguments:?}");
    }
    let empty = ["genuine", "--verify", text(&file), "--nonce", NONCE];
    assert_eq!(code(&empty), (2, "file-unreadable".to_owned()));
}

#[test]
fn a_login_token_is_what_a_server_accepts_and_the_origin_is_shown() {
    use kazasu_pki::login::{Origin, PairwiseKey, RevocationDemand, Verifier};
    use kazasu_pki::{Anchors, MemoryNonces, revocation::NotAsked};
    use std::time::{Duration, SystemTime};

    let folder = folder();
    let token = folder.path().join("token.json");
    let nonces = MemoryNonces::new(Duration::from_secs(60), 2);
    let origin = Origin::new("https://shop.example").expect("an origin");
    let ca = done(&["--card", "demo", "cert", "auth-ca"]);
    let (_, ca) = der::pem::decode_vec(ca.as_bytes()).expect("PEM");
    let anchors = Anchors::test_only(&[&ca]).expect("anchors");
    let (key, demand) = (PairwiseKey::new(&[1; 32]), RevocationDemand::GoodOrNotAsked);
    let verifier = Verifier { origin: &origin, anchors: &anchors, revocation: &NotAsked, demand, key: &key };
    for output in [None, Some(text(&token))] {
        let now = SystemTime::now();
        let nonce = nonces.issue((), now).expect("a nonce");
        let mut arguments =
            vec!["--card", "demo", "--secret-env", "AUTH_PIN", "login", "--origin", "https://shop.example"];
        let base64 = nonce.to_base64();
        arguments.extend(["--nonce", &base64]);
        arguments.extend(output.map(|output| ["-o", output]).into_iter().flatten());
        let shown = kazasu(&arguments);
        assert!(shown.status.success());
        assert!(String::from_utf8_lossy(&shown.stderr).contains("Logging in at: https://shop.example"));
        let made = output.map_or(shown.stdout, |output| std::fs::read(output).expect("a token"));
        let login = verifier.verify(&made, &nonce, &nonces, now).expect("a login");
        assert!(login.findings.test());
    }
}

#[test]
fn nobody_is_asked_for_a_pin_to_log_in_somewhere_that_is_no_origin_or_with_a_card_that_cannot() {
    let nonce = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let login = |card: &str, origin: &str, nonce: &str| {
        code(&["--card", card, "--secret-env", "AUTH_PIN", "login", "--origin", origin, "--nonce", nonce])
    };
    for (card, origin, nonce, exit, error) in [
        ("demo", "http://shop.example", nonce, 2, "bad-argument"),
        ("demo", "https://shop.example/", nonce, 2, "bad-argument"),
        ("demo", "http://localhost:8080", nonce, 2, "bad-argument"),
        ("demo", "https://shop.example", "AAEC", 2, "bad-argument"),
        ("demo:expired", "https://shop.example", nonce, 4, "certificate-expired"),
        ("demo:adult,wrong-signature", "https://shop.example", nonce, 4, "signature-wrong"),
        ("demo:blocked", "https://shop.example", nonce, 4, "blocked"),
    ] {
        assert_eq!(login(card, origin, nonce), (exit, error.to_owned()), "{card} {origin}");
    }
    // There is nothing that allows it, and nobody is told of an option of `sign`.
    for lang in ["en", "ja"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
        command
            .args(["--lang", lang, "--card", "demo:expired", "--secret-env", "AUTH_PIN", "login"])
            .env("AUTH_PIN", "1234");
        let output = command.args(["--origin", "https://shop.example", "--nonce", nonce]).output().expect("it runs");
        let said = String::from_utf8(output.stderr).expect("text");
        assert!(output.status.code() == Some(4) && !said.contains("--"), "{said}");
    }
}

#[test]
fn a_pin_is_changed_from_two_lines_or_a_second_variable() {
    for (which, secret) in [("auth", "AUTH_PIN"), ("text", "TEXT_PIN"), ("sign", "SIGN_PASSWORD")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
        let lines = if which == "sign" {
            "ABC123\nNEW456"
        } else if which == "auth" {
            "1234\n8642"
        } else {
            "4321\n8642"
        };
        command.args(["--card", "demo", "pin", "change", which, "--secret-env", "TWO_LINES"]).env("TWO_LINES", lines);
        assert!(command.output().expect("the command runs").status.success(), "{which}");
        let missing = code(&["--card", "demo", "pin", "change", which, "--secret-env", secret]);
        assert_eq!(missing, (2, "new-secret-missing".to_owned()), "{which}");
    }
    for (which, secret) in [("auth", "AUTH_PIN"), ("text", "TEXT_PIN")] {
        let changed = json(&[
            "--card",
            "demo",
            "--json",
            "pin",
            "change",
            which,
            "--secret-env",
            secret,
            "--new-secret-env",
            "NEW",
        ]);
        assert_eq!(changed["changed"], format!("{which}-pin"));
    }
    let (exit, code) =
        code(&["--card", "demo", "pin", "change", "auth", "--secret-env", "AUTH_PIN", "--new-secret-env", "BAD_FORM"]);
    assert_eq!((exit, &*code), (3, "secret-format"));
}

#[test]
fn status_tells_what_needs_no_secret() {
    let status = json(&["--card", "demo:child", "--json", "status"]);
    assert_eq!(status["card"], "my-number");
    assert_eq!(status["certificates"], serde_json::json!({ "auth": true, "sign": false }));
    let status = json(&["--card", "demo:blocked", "--json", "status"]);
    assert_eq!(status["tries_left"]["auth_pin"], 0);
    assert_eq!(status["tries_left"]["number_b"], 10);
    let status = json(&["--card", "demo:expired", "--json", "status"]);
    assert_eq!(status["auth_certificate"]["expired"], true);
    for (profile, card) in [("android-token", "android-token"), ("iphone-token", "iphone-token"), ("juki", "juki")] {
        assert_eq!(json(&["--card", &format!("demo:adult,{profile}"), "--json", "status"])["card"], card);
    }
}

#[test]
fn exit_codes_and_error_codes_say_who_must_act() {
    let folder = folder();
    let (file, signature) = contract(&folder);
    let (file, signature) = (text(&file), text(&signature));
    let sign = |card, secret| {
        let mut arguments =
            vec!["--card", card, "--secret-env", secret, "sign", "--raw", "--key", "auth", file, "-o", signature];
        if secret.contains("PASSWORD") {
            arguments[7] = "sign";
        }
        code(&arguments)
    };
    for (card, secret, exit, error) in [
        ("demo", "WRONG", 3, "wrong-secret"),
        ("demo", "BAD_FORM", 3, "secret-format"),
        ("demo:last-try", "WRONG", 3, "last-try"),
        ("demo:blocked", "AUTH_PIN", 4, "blocked"),
        ("demo:blocked,blocked-6983", "AUTH_PIN", 4, "blocked"),
        ("demo:expired", "AUTH_PIN", 4, "certificate-expired"),
        ("demo:child", "SIGN_PASSWORD", 4, "absent"),
        ("demo", "WRONG_PASSWORD", 3, "wrong-secret"),
        ("demo:adult,wrong-signature", "AUTH_PIN", 4, "signature-wrong"),
        ("demo:adult,wrong-signature", "SIGN_PASSWORD", 4, "signature-wrong"),
        ("demo:adult,tear-after=0", "AUTH_PIN", 5, "card-lost"),
        ("demo:nobody", "AUTH_PIN", 2, "bad-argument"),
        ("demo:adult,nothing", "AUTH_PIN", 2, "bad-argument"),
        ("demo:adult,delay=x", "AUTH_PIN", 2, "bad-argument"),
        ("other", "AUTH_PIN", 2, "bad-argument"),
        ("demo", "NOT_SET", 2, "secret-source"),
    ] {
        assert_eq!(sign(card, secret), (exit, error.to_owned()), "{card} {secret}");
        assert!(!Path::new(signature).exists(), "{card} {secret}: something was written");
    }
    assert_eq!(code(&["--card", "demo", "attributes"]), (2, "secret-missing".to_owned()));
    assert_eq!(code(&["--card", "demo", "attributes", "--secret-env", "SIGN_PASSWORD"]), (3, "secret-form".to_owned()));
    assert_eq!(
        code(&["--card", "demo:adult,juki", "attributes", "--secret-env", "TEXT_PIN"]),
        (4, "absent".to_owned())
    );
    assert_eq!(code(&["--card", "demo", "genuine", "--nonce", "xyz", "-o", "unused"]), (2, "bad-argument".to_owned()));
    assert_eq!(code(&["trace", "no-such-file"]), (2, "file-unreadable".to_owned()));
    let missing = text(&folder.path().join("missing").join("file")).to_owned();
    assert_eq!(code(&["--card", "demo", "cert", "auth", "-o", &missing]), (2, "file-unwritable".to_owned()));
}

#[test]
fn the_last_try_is_spent_when_the_user_says_so() {
    let folder = folder();
    let (file, signature) = contract(&folder);
    let sign = |secret| {
        refused(&[
            "--card",
            "demo:last-try",
            "--allow-last-try",
            "--secret-env",
            secret,
            "sign",
            "--key",
            "auth",
            text(&file),
            "-o",
            text(&signature),
        ])
    };
    let (exit, error) = sign("WRONG");
    assert_eq!(
        (exit, &error["code"], &error["tries_left"], &error["spent_a_try"]),
        (4, &"blocked".into(), &0.into(), &true.into())
    );
    done(&[
        "--card",
        "demo:last-try",
        "--allow-last-try",
        "--secret-env",
        "AUTH_PIN",
        "sign",
        "--key",
        "auth",
        text(&file),
        "-o",
        text(&signature),
    ]);
    assert_eq!(std::fs::read(&signature).expect("written").len(), 256);
}

/// How often a secret was in a command, by the trace that `-v` prints; and what the command came to.
fn secrets_sent(arguments: &[&str]) -> (usize, String, String) {
    let output = kazasu(&[&["-v", "--json"], arguments].concat());
    let trace = String::from_utf8(output.stderr).expect("text");
    assert!(trace.contains("  > 00 A4 04 0C"), "{arguments:?}: {trace}");
    let sent = trace.lines().filter(|line| line.starts_with("  > 00 20 ") && line.contains('…')).count();
    let told: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    (sent, told["error"]["code"].as_str().unwrap_or("done").to_owned(), trace)
}

/// Nobody sits at this terminal, so what would be asked for is missing; by then the card has told how many tries are left.
#[test]
fn r01_the_counter_is_read_before_anybody_is_asked_and_nobody_is_asked_for_what_is_blocked() {
    let folder = folder();
    let (file, place) = contract(&folder);
    let face = folder.path().join("face");
    let jobs: [(&[&str], &str, usize); 8] = [
        (&["attributes"], "00 20 00 91", 2),
        (&["my-number"], "00 20 00 91", 2),
        (&["face", "-o", text(&face)], "00 20 00 92", 2),
        (&["pin", "change", "auth"], "00 20 00 98", 1),
        (&["pin", "change", "sign"], "00 20 00 9B", 1),
        (&["pin", "change", "text"], "00 20 00 91", 1),
        (&["sign", "--key", "auth", text(&file), "-o", text(&place)], "00 20 00 98", 1),
        (&["cert", "sign"], "00 20 00 9B", 1),
    ];
    for (job, query, queries) in jobs {
        let (sent, code, trace) = secrets_sent(&[&["--card", "demo"], job].concat());
        assert_eq!((sent, &*code), (0, "secret-missing"), "{job:?}: {trace}");
        assert!(trace.contains(&format!("  > {query}  ")), "{job:?}: {trace}");
        assert_eq!(trace.lines().filter(|line| line.starts_with("  > 00 20 ")).count(), queries, "{job:?}: {trace}");
    }
    for job in [&["pin", "change", "auth"][..], &["sign", "--key", "auth", text(&file), "-o", text(&place)]] {
        let (sent, code, trace) = secrets_sent(&[&["--card", "demo:blocked"], job].concat());
        assert_eq!((sent, &*code), (0, "blocked"), "{job:?}: {trace}");
    }
}

#[test]
fn r20_what_needs_no_secret_asks_for_none_and_what_needs_one_sends_none_before() {
    for job in [&["status"][..], &["cert", "auth"], &["cert", "auth-ca"], &["cert", "sign-ca"]] {
        let (sent, code, trace) = secrets_sent(&[&["--card", "demo"], job].concat());
        assert_eq!((sent, &*code), (0, "done"), "{job:?}: {trace}");
    }
    let (sent, code, trace) = secrets_sent(&["--card", "demo", "cert", "sign"]);
    assert_eq!((sent, &*code), (0, "secret-missing"), "{trace}");
    let (sent, code, trace) = secrets_sent(&["--card", "demo", "--secret-env", "SIGN_PASSWORD", "cert", "sign"]);
    assert_eq!((sent, &*code), (1, "done"), "{trace}");
    // A secret that was given for a job that needs none stays where it is.
    let (sent, code, trace) = secrets_sent(&["--card", "demo", "--secret-env", "AUTH_PIN", "cert", "auth"]);
    assert_eq!((sent, &*code), (0, "done"), "{trace}");
}

/// The last day of the signature certificate itself cannot be read without the password; that of the other one is told before.
#[test]
fn r21_an_absent_or_expired_certificate_is_told_before_any_secret_is_sent() {
    let folder = folder();
    let (file, signature) = contract(&folder);
    let sign = |key| ["sign", "--raw", "--key", key, text(&file), "-o", text(&signature)];
    for (card, key, secret, expected) in [
        ("demo:child", "sign", Some("SIGN_PASSWORD"), "absent"),
        ("demo:child", "sign", None, "absent"),
        ("demo:expired", "auth", Some("AUTH_PIN"), "certificate-expired"),
        ("demo:expired", "auth", None, "certificate-expired"),
        ("demo:expired", "sign", None, "secret-missing"),
    ] {
        let given = secret.map_or(vec![], |secret| vec!["--secret-env", secret]);
        let (sent, code, trace) = secrets_sent(&[&["--card", card], &*given, &sign(key)].concat());
        assert_eq!((sent, &*code), (0, expected), "{card} {key}: {trace}");
        let warned = trace.contains("certificate has expired");
        assert_eq!(warned, expected == "secret-missing", "{card} {key}: {trace}");
    }
    let (sent, code, trace) = secrets_sent(&["--card", "demo:child", "cert", "sign"]);
    assert_eq!((sent, &*code), (0, "absent"), "{trace}");
}

/// What the command line verifies: that the card's signature fits the card's certificate.
#[test]
fn r27_a_signature_that_does_not_verify_is_a_failure_with_its_own_code_and_leaves_no_file() {
    let folder = folder();
    let (file, signature) = contract(&folder);
    for (key, secret) in [("auth", "AUTH_PIN"), ("sign", "SIGN_PASSWORD")] {
        for hash in ["sha256", "sha384", "sha512"] {
            let job = ["sign", "--raw", "--key", key, "--hash", hash, text(&file), "-o", text(&signature)];
            let card = ["--card", "demo:adult,wrong-signature", "--secret-env", secret];
            assert_eq!(code(&[&card[..], &job].concat()), (4, "signature-wrong".to_owned()), "{key} {hash}");
            assert!(!signature.exists(), "{key} {hash}");
        }
    }
}

#[test]
fn an_error_says_what_to_do_next_in_both_languages() {
    for (lang, what, next) in [("en", "Error: ", "What to do: "), ("ja", "エラー: ", "対処: ")] {
        let output = kazasu(&["--lang", lang, "--card", "demo:blocked", "--secret-env", "TEXT_PIN", "attributes"]);
        let errors = String::from_utf8(output.stderr).expect("text");
        assert!(errors.contains(what) && errors.contains(next), "{errors}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn the_demonstration_cards_secrets_are_told() {
    let told = done(&["demo", "--secrets"]);
    assert_eq!(
        told,
        "auth_pin=1234\nsign_password=ABC123\ntext_pin=4321\nnumber_a=123456789018\nnumber_b=55021720352468\nbirth_key=550217\n"
    );
    assert_eq!(json(&["--card", "demo:child", "--json", "demo", "--secrets"])["auth_pin"], "2222");
}

#[test]
fn r15_the_tour_runs_for_every_persona_in_both_languages() {
    for persona in kazasu_fixtures::persona::PERSONAS {
        for lang in ["en", "ja"] {
            let card = format!("demo:{}", persona.id);
            let output = kazasu(&["--card", &card, "--lang", lang, "demo"]);
            let told = String::from_utf8(output.stdout).expect("text");
            assert!(output.status.success(), "{} {lang}: {}", persona.id, String::from_utf8_lossy(&output.stderr));
            assert!(told.contains("18 (18)"), "{} {lang}: {told}", persona.id);
            if persona.id == "adult" {
                assert!(told.contains("Verified OK"), "{told}");
            }
        }
    }
}

#[test]
fn without_a_service_or_a_reader_the_error_says_so() {
    let (exit, code) = code(&["status", "--reader", "a reader that nobody has"]);
    assert_eq!(exit, 5);
    assert!(["no-service", "no-reader", "reader-not-found"].contains(&&*code), "{code}");
}

#[test]
fn completions_are_printed_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(done(&["completions", shell]).contains("my-number"), "{shell}");
    }
}

#[test]
fn the_bench_prints_the_floors() {
    let bench = json(&["bench", "--json"]);
    let known: Vec<_> = ["extended", "short", "select"]
        .iter()
        .map(|column| {
            bench["jobs"]
                .as_array()
                .expect("jobs")
                .iter()
                .map(|job| job[column]["known"]["commands"].as_u64())
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(known[0][..5], [2, 4, 5, 5, 4].map(Some));
    assert_eq!(known[1][..5], [8, 4, 11, 5, 15].map(Some));
    assert_eq!(known[2][..5], [9, 6, 14, 8, 17].map(Some));
}

/// No sentence of English in a Japanese error: three Latin words in a row that are no option, name or example.
#[test]
fn a_japanese_error_is_japanese() {
    for arguments in [
        &["--card", "demo:nobody", "status"][..],
        &["--card", "demo:adult,nothing", "status"],
        &["--card", "other", "status"],
        &["--card", "demo", "genuine", "--nonce", "xyz", "-o", "unused"],
        &["--card", "demo:child", "--secret-env", "SIGN_PASSWORD", "cert", "sign"],
        &["--card", "demo:adult,juki", "--secret-env", "TEXT_PIN", "attributes"],
        &["--card", "demo:adult,tear-after=1", "cert", "auth"],
        &["--card", "demo", "--secret-env", "BAD_FORM", "attributes"],
        &["--card", "demo", "--secret-env", "WRONG", "my-number"],
        &["--card", "demo", "--json", "cert", "auth", "-o", "-"],
    ] {
        let (_, error) = refused(&[&["--lang", "ja"], arguments].concat());
        for text in [&error["what"], &error["next"]] {
            let text = text.as_str().expect("a text");
            let english = |words: &[&str]| {
                words.iter().all(|word| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase()))
            };
            let words: Vec<_> = text.split_whitespace().collect();
            assert!(!words.windows(3).any(english), "{arguments:?}: {text}");
            assert!(!text.is_ascii(), "{arguments:?}: {text}");
        }
    }
}

#[test]
fn a_file_and_its_secret_do_not_both_come_from_standard_input() {
    let folder = folder();
    let signature = folder.path().join("signature");
    let arguments = ["--card", "demo", "--secret-fd", "0", "sign", "--raw", "-", "-o", text(&signature)];
    assert_eq!(code(&arguments), (2, "bad-argument".to_owned()));
}

#[test]
fn a_full_disk_and_a_closed_standard_error_are_told_from_success() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
    let status = command.args(["--card", "demo", "cert", "auth"]).stdout(full()).status().expect("the command runs");
    assert_eq!(status.code(), Some(2));
    let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
    let status = command.args(["-v", "--card", "demo", "status"]).stderr(full()).status().expect("the command runs");
    assert_eq!(status.code(), Some(0));
}

#[test]
fn an_output_that_is_a_link_or_a_device_is_written_to_and_not_replaced() {
    let folder = folder();
    let (link, file) = (folder.path().join("link"), folder.path().join("file"));
    std::fs::write(&file, "before").expect("written");
    std::os::unix::fs::symlink(&file, &link).expect("a link");
    assert_eq!(code(&["--card", "demo", "cert", "auth", "-o", text(&link)]), (2, "file-exists".to_owned()));
    assert_eq!(std::fs::read(&file).expect("there"), b"before");
    done(&["--card", "demo", "cert", "auth", "--force", "-o", text(&link)]);
    assert!(link.symlink_metadata().expect("there").is_symlink());
    assert_eq!(std::fs::read(&file).expect("there").len(), 1_590);
    done(&["--card", "demo", "cert", "auth", "-o", "/dev/null"]);
    assert!(!Path::new("/dev/null").metadata().expect("there").is_file());
}
