//! No secret and nothing personal in anything that the commands print beside the result that was asked for: traces at `-v`,
//! errors in both languages and in JSON, files that are written to be handed on.

use kazasu_fixtures::Persona;
use kazasu_safety::canaries::Watch;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Somebody's wrong entries and a new PIN; no text has them by chance.
const WRONG_PIN: &str = "7391";
const WRONG_PASSWORD: &str = "KQ7WZ93X";
const NEW_PIN: &str = "8642";

/// Everything that was printed so far, and who looks at it.
struct Told {
    watch: Watch,
    codes: BTreeSet<String>,
    runs: usize,
    /// Commands that the traces showed.
    traced: usize,
}

impl Told {
    fn new(persona: &Persona) -> Self {
        let mut watch = Watch::new(persona);
        for secret in [WRONG_PIN, WRONG_PASSWORD, NEW_PIN] {
            watch.add("what was typed", secret.as_bytes());
        }
        Self { watch, codes: BTreeSet::new(), runs: 0, traced: 0 }
    }

    /// Runs a command in a folder with `secrets` for it and looks at what it says. Its result was asked for and may hold what it
    /// likes, where `result` says so; an error and whatever else is told may not.
    fn run(&mut self, folder: &Path, arguments: &[&str], secrets: &[u8], result: Beside) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
        command.args(arguments).env("SECRETS", std::ffi::OsStr::from_bytes(secrets)).env("LC_ALL", "C");
        command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = command.spawn().expect("the command runs");
        // It may have ended before it read anything.
        let _ = running.stdin.take().expect("a pipe").write_all(secrets);
        let output = running.wait_with_output().expect("the command ends");
        self.runs += 1;
        let beside = String::from_utf8_lossy(&output.stderr).into_owned();
        self.traced += beside.lines().filter(|line| line.starts_with("  > 00 ")).count();
        self.watch.look(beside);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if let Ok(Value::Object(said)) = serde_json::from_str(&said) {
            self.codes.extend(said.get("error").and_then(|error| error["code"].as_str()).map(str::to_owned));
        }
        if !output.status.success() || result == Beside::Impersonal {
            self.watch.look(said);
        }
        output
    }

    /// In either language, with the trace, as text and as JSON.
    fn run_each_way(&mut self, folder: &Path, arguments: &[&str], secrets: &[u8], result: Beside) {
        for ways in [&["-v", "--lang", "en"][..], &["-v", "--lang", "ja"], &["-v", "--lang", "ja", "--json"]] {
            self.run(folder, &[ways, arguments].concat(), secrets, result);
        }
        self.run(folder, &[&["--lang", "en", "--json"], arguments].concat(), secrets, result);
    }

    fn found_nothing(&self) {
        assert_eq!(self.watch.hits, Vec::<String>::new());
    }
}

/// What stands on standard output when a command succeeds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// What the holder asked to see.
    Personal,
    /// That it was done.
    Impersonal,
}

use Beside::{Impersonal, Personal};

fn adult() -> Persona {
    Persona::named("adult").expect("a persona")
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("contract.txt"), "we agree\n").expect("written");
    folder
}

const NONCE: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";
/// Of a server that somebody logs in to.
const LOGIN_NONCE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Every command that touches the card, and the secret that it takes.
const COMMANDS: &[(&[&str], &str, Beside)] = &[
    (&["status"], "", Personal),
    (&["cert", "auth", "-o", "auth.der"], "", Impersonal),
    (&["cert", "sign", "-o", "sign.der"], "ABC123", Impersonal),
    (&["sign", "--key", "auth", "contract.txt", "-o", "contract.sig"], "1234", Impersonal),
    (&["sign", "--raw", "contract.txt", "-o", "contract.sig"], "ABC123", Impersonal),
    (&["sign", "--acknowledge-disclosure", "contract.txt"], "ABC123", Impersonal),
    (&["sign", "contract.txt"], "ABC123", Impersonal),
    (&["sign", "--key", "auth", "--jws", "contract.txt"], "1234", Impersonal),
    (&["attributes"], "4321", Personal),
    (&["my-number"], "123456789018", Personal),
    (&["face", "-o", "face"], "55021720352468", Personal),
    (&["pin", "change", "auth"], "1234\n8642", Impersonal),
    (&["pin", "change", "sign"], "ABC123\nKQ7WZ93X", Impersonal),
    (&["genuine", "--nonce", NONCE, "--with", "attributes", "-o", "proof.json"], "4321", Impersonal),
    (&["genuine", "--with", "my-number", "--test-anchors", "--holder", "https://a.example"], "4321\n1234", Impersonal),
    (&["genuine", "--application", "surface", "--test-anchors"], "55021720352468", Impersonal),
    (&["login", "--origin", "https://shop.example", "--nonce", LOGIN_NONCE, "-o", "token.json"], "1234", Impersonal),
    (&["login", "--origin", "https://shop.example", "--nonce", LOGIN_NONCE], "1234", Personal),
    (&["record", "-o", "card.txt", "sign:auth", "my-number"], "1234\n4321", Impersonal),
];

#[test]
fn r28_no_command_tells_a_secret_or_the_holder_whatever_fails() {
    let mut told = Told::new(&adult());
    let kinds = ["standard", "short-only,no-short-ids", "no-counter", "wrong-signature", "juki", "get-response"];
    let torn = (0..7).map(|after| format!("tear-after={after}"));
    for kind in kinds.map(str::to_owned).into_iter().chain(torn) {
        let card = format!("demo:adult,{kind}");
        for (number, (command, secrets, result)) in COMMANDS.iter().enumerate() {
            let folder = folder();
            // Each command meets each card; in which way they talk takes turns.
            let way =
                [&["--lang", "en"][..], &["--lang", "ja"], &["--lang", "ja", "--json"]][(number + kind.len()) % 3];
            let arguments = [&["-v", "--card", &card, "--secret-env", "SECRETS"], way, command].concat();
            told.run(folder.path(), &arguments, secrets.as_bytes(), *result);
            if let Ok(recording) = std::fs::read_to_string(folder.path().join("card.txt")) {
                told.watch.look_at_transcript(&recording);
            }
        }
    }
    for card in ["demo", "demo:last-try", "demo:blocked", "demo:expired", "demo:child", "demo:adult,blocked-6983"] {
        for (command, right, result) in COMMANDS.iter().filter(|(_, secret, _)| !secret.is_empty()) {
            let wrong = if right.starts_with("ABC") { WRONG_PASSWORD } else { WRONG_PIN };
            let first = right.lines().take(1).collect();
            for secrets in [format!("{wrong}\n{NEW_PIN}"), format!("{wrong}x\n{NEW_PIN}x"), String::new(), first] {
                let arguments = [&["-v", "--json", "--card", card, "--secret-env", "SECRETS"], *command].concat();
                told.run(folder().path(), &arguments, secrets.as_bytes(), *result);
            }
        }
    }
    told.found_nothing();
    assert!(told.runs > 300 && told.traced > 1_000, "{} runs, {} commands", told.runs, told.traced);
    // Had no error been reached, none would have been looked at.
    for code in [
        "absent",
        "blocked",
        "card-lost",
        "certificate-expired",
        "last-try",
        "new-secret-missing",
        "outcome-unknown",
        "secret-form",
        "secret-format",
        "secret-missing",
        "wrong-card",
        "wrong-secret",
    ] {
        assert!(told.codes.contains(code), "{code} was not reached: {:?}", told.codes);
    }
}

#[test]
fn an_error_about_what_was_handed_in_does_not_repeat_it() {
    let mut told = Told::new(&adult());
    let folder = folder();
    let here = folder.path();
    let card = ["--card", "demo"];
    for command in [
        &["attributes", "--secret-env", "SECRETS"][..],
        &["attributes", "--secret-fd", "0"],
        &["attributes", "--secret-fd", "77"],
        &["attributes", "--secret-env", "NOT_SET"],
        &["attributes"],
        &["pin", "change", "text", "--secret-env", "SECRETS", "--new-secret-env", "SECRETS"],
        &["record", "-o", "card.txt", "attributes", "--secret-env", "SECRETS"],
        &["sign", "--key", "auth", "missing.txt", "-o", "contract.sig", "--secret-env", "SECRETS"],
        &["sign", "--key", "auth", "contract.txt", "-o", "missing/contract.sig", "--secret-env", "SECRETS"],
        &["sign", "--key", "auth", "contract.txt", "-o", "contract.txt", "--secret-env", "SECRETS"],
        &["sign", "--raw", "-", "-o", "contract.sig", "--secret-fd", "0"],
        &["genuine", "--nonce", "xyz", "-o", "genuine", "--secret-env", "SECRETS"],
        &["login", "--origin", "http://shop.example", "--nonce", NONCE, "--secret-env", "SECRETS"],
        &["login", "--origin", "https://shop.example", "--nonce", "AAEC", "--secret-env", "SECRETS"],
        &["attributes", "--secret-env", "SECRETS", "--unheard-of"],
        &["attribute", "--secret-env", "SECRETS"],
    ] {
        // Right, wrong, of another form, and not even text.
        for secrets in [&b"4321"[..], b"7391", b"4321x", b"123456789018\xFF", b"4321\xFF"] {
            told.run_each_way(here, &[&card[..], command].concat(), secrets, Personal);
        }
    }
    let nowhere = ["--reader", "a reader that nobody has", "attributes", "--secret-env", "SECRETS"];
    told.run_each_way(here, &nowhere, b"4321", Personal);
    told.found_nothing();
    for code in ["bad-argument", "file-unreadable", "file-unwritable", "secret-form", "secret-source", "wrong-secret"] {
        assert!(told.codes.contains(code), "{code} was not reached: {:?}", told.codes);
    }
}

/// The reader's end of the wire between vpcd and a card of software: length, message; length, answer.
fn ask(wire: &mut std::net::TcpStream, message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).expect("short");
    wire.write_all(&[&length.to_be_bytes()[..], message].concat()).expect("the card reads");
    let mut length = [0; 2];
    wire.read_exact(&mut length).expect("the card answers");
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    wire.read_exact(&mut answer).expect("the card answers");
    answer
}

#[test]
fn a_card_that_is_served_tells_its_exchanges_without_their_contents() {
    let persona = adult();
    let mut told = Told::new(&persona);
    let reader = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = reader.local_addr().expect("an address").port().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
    command.args(["-v", "card", "serve", "--port", &port]).stdin(Stdio::null()).stderr(Stdio::piped());
    let served = command.stdout(Stdio::piped()).spawn().expect("the card is served");
    let (mut wire, _) = reader.accept().expect("the card comes");
    wire.write_all(&[0, 1, 1]).expect("power");
    assert!(ask(&mut wire, &[4]).len() > 1, "an answer to reset");
    let secrets = &persona.secrets;
    for (command, status) in [
        ("00A4040C0AD392F000260100000001".to_owned(), "9000"),
        (format!("0020009804{}", hex::encode(&secrets.auth_pin)), "9000"),
        (format!("0020009804{}", hex::encode(WRONG_PIN)), "63c2"),
        ("00B08A00000000".to_owned(), "9000"),
        ("00A4040C0AD3921000310001010408".to_owned(), "9000"),
        (format!("0020009104{}", hex::encode(&secrets.text_pin)), "9000"),
        ("00B08200000000".to_owned(), "9000"),
        ("00B08100000000".to_owned(), "9000"),
    ] {
        let answer = hex::encode(ask(&mut wire, &hex::decode(&command).expect("hexadecimal")));
        assert!(answer.ends_with(status), "{command}: {answer}");
    }
    // The reader goes, and the program with it.
    drop(wire);
    let output = served.wait_with_output().expect("it ends");
    let trace = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(trace.contains("verify auth-pin") && trace.contains("read four attributes"), "{trace}");
    told.watch.look(trace);
    told.found_nothing();
}

/// A raw conversation, as somebody may have kept one: the trace of it is made to be shown.
#[test]
fn a_raw_conversation_is_explained_without_its_contents_and_so_is_what_is_wrong_with_it() {
    let persona = adult();
    let mut told = Told::new(&persona);
    let file = |application, id| hex::encode_upper(persona.file(application, id).expect("a file"));
    let verify =
        |p2: &str, secret: &str| format!("> 002000{p2}{:02X}{}\n< 9000\n", secret.len(), hex::encode_upper(secret));
    let secrets = &persona.secrets;
    let raw = [
        "> 00A4040C0AD392F000260100000001\n< 9000\n".to_owned(),
        verify("98", &secrets.auth_pin),
        verify("9B", &secrets.sign_password),
        format!("> 00B08100000000\n< {}9000\n", file("jpki", 0x0001)),
        format!("> 0024018004{}\n< 9000\n", hex::encode(NEW_PIN)),
        "> 00A4040C0AD3921000310001010408\n< 9000\n".to_owned(),
        verify("91", &secrets.text_pin),
        verify("94", &secrets.number_a),
        format!("> 00B08200000000\n< {}9000\n", file("text", 0x0002)),
        // Not a command, a command that nobody knows, an answer without a status word.
        format!("> {}\n< {}\n", hex::encode(&secrets.birth_key[..3]), &hex::encode(&secrets.birth_key)[..2]),
        format!("> 80FC0000{}\n< {}6A80\n", hex::encode(&secrets.birth_key), hex::encode(&secrets.number_b)),
    ];
    let folder = folder();
    let here = folder.path();
    std::fs::write(here.join("raw.txt"), raw.concat()).expect("written");
    told.run_each_way(here, &["trace", "raw.txt"], b"", Impersonal);
    let output = told.run(here, &["trace", "raw.txt"], b"", Impersonal);
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 2 * raw.len());
    // One digit too many or none at all in each line that has contents: the error says which line, and no more.
    for broken in raw.iter().flat_map(|pair| [pair.replacen('\n', "0\n", 1), pair.replacen('\n', " and\n", 1)]) {
        std::fs::write(here.join("broken.txt"), &broken).expect("written");
        told.run_each_way(here, &["trace", "broken.txt"], b"", Impersonal);
        told.run_each_way(here, &["replay", "broken.txt"], b"", Impersonal);
    }
    // The card's own answers in a recording that was made without them: the replay strays.
    let demo = kazasu_fixtures::record::DEMO;
    let attributes = demo.lines().find(|line| line.starts_with("< FF20")).expect("the attributes");
    let strayed = demo.replacen(attributes, &format!("< {}9000", file("text", 0x0002)), 1);
    assert_ne!(strayed, demo);
    std::fs::write(here.join("strayed.txt"), strayed).expect("written");
    told.run_each_way(here, &["replay", "strayed.txt"], b"", Impersonal);
    told.found_nothing();
    for code in ["bad-argument", "replay-deviates"] {
        assert!(told.codes.contains(code), "{code} was not reached: {:?}", told.codes);
    }
}
