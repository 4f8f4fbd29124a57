//! `kazasu record` and `kazasu replay`: what they write, what they refuse, and what they end with.

use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/recordings/demo-over-pcsc.txt");

/// Every job, and the secrets for them in the same order.
const JOBS: [&str; 11] = [
    "status",
    "cert:auth",
    "cert:sign",
    "cert:auth-ca",
    "cert:sign-ca",
    "sign:auth",
    "sign:sign",
    "attributes",
    "my-number",
    "face",
    "genuine",
];
const SECRETS: &str = "ABC123\n1234\nABC123\n4321\n123456789018\n55021720352468\n4321\n";

fn kazasu(folder: &Path, arguments: &[&str], secrets: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
    command.args(arguments).args(["--secret-env", "SECRETS"]).env("SECRETS", secrets).env("LC_ALL", "C");
    command.current_dir(folder).stdin(Stdio::null()).output().expect("the command runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn code(output: &Output) -> String {
    let printed: Value = serde_json::from_str(&text(&output.stdout)).expect("one object");
    printed["error"]["code"].as_str().expect("an error").to_owned()
}

#[test]
fn the_demonstration_card_records_as_it_does_over_pcsc_and_replays() {
    let folder = tempfile::tempdir().expect("a folder");
    let recorded =
        kazasu(folder.path(), &[&["--card", "demo", "record", "-o", "card.txt"], &JOBS[..]].concat(), SECRETS);
    assert!(recorded.status.success(), "{}", text(&recorded.stderr));
    let written = std::fs::read_to_string(folder.path().join("card.txt")).expect("the recording");
    assert_eq!(written, std::fs::read_to_string(DEMO).expect("the committed recording"));
    let replayed = kazasu(folder.path(), &["replay", "card.txt"], "");
    assert!(replayed.status.success());
    let lines = text(&replayed.stdout);
    assert_eq!(lines.lines().count(), 13, "{lines}");
    assert!(lines.lines().all(|line| line.contains("  ok (")), "{lines}");
    assert!(lines.lines().last().is_some_and(|line| line.starts_with("genuine 1379 ")), "{lines}");
}

/// Needs a real PC/SC service with a virtual reader:
/// `.ci/virtual-reader cargo test -p kazasu-cli --test record -- --ignored`
#[test]
#[ignore = "needs .ci/virtual-reader"]
fn the_committed_recording_is_what_comes_over_a_real_pcsc_stack() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Command::new(env!("CARGO_BIN_EXE_kazasu"))
        .args(["card", "serve"])
        .stdin(Stdio::null())
        .spawn()
        .expect("the card is served");
    let recorded = kazasu(
        folder.path(),
        &[&["--wait", "20", "--reader", "00 00", "record", "-o", "card.txt"], &JOBS[..]].concat(),
        SECRETS,
    );
    server.kill().expect("it was running");
    server.wait().expect("it has ended");
    assert!(recorded.status.success(), "{}", text(&recorded.stderr));
    let written = std::fs::read_to_string(folder.path().join("card.txt")).expect("the recording");
    assert_eq!(written, std::fs::read_to_string(DEMO).expect("the committed recording"));
}

#[test]
fn both_say_in_json_what_they_did() {
    let folder = tempfile::tempdir().expect("a folder");
    let json = |output: &Output| serde_json::from_str::<Value>(&text(&output.stdout)).expect("one object");
    let record = ["--card", "demo", "--json", "record", "-o", "card.txt", "cert:auth", "attributes"];
    let recorded = json(&kazasu(folder.path(), &record, "4321"));
    assert_eq!(
        (&recorded["recording"], &recorded["jobs"], &recorded["commands"]),
        (&"card.txt".into(), &2.into(), &6.into())
    );
    let replayed = json(&kazasu(folder.path(), &["--json", "replay", "card.txt"], ""));
    let jobs = replayed["replayed"].as_array().expect("jobs");
    assert_eq!((&jobs[0]["job"], &jobs[0]["last_command"]), (&"certificate auth".into(), &2.into()));
    assert_eq!((&jobs[1]["job"], &jobs[1]["last_command"]), (&"attributes 1379".into(), &6.into()));
}

#[test]
fn a_recording_goes_to_standard_output_where_that_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = kazasu(folder.path(), &["--card", "demo", "record", "-o", "-", "status"], "");
    let recording = text(&output.stdout);
    assert!(recording.starts_with("# A conversation with a My Number card"), "{recording}");
    assert!(recording.ends_with("99999 20310203\n"), "{recording}");
}

#[test]
fn whatever_fails_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    for (card, job, secret, exit, error) in [
        ("demo", "sign:auth", "9999", 3, "wrong-secret"),
        ("demo", "sign:auth", "12x4", 3, "secret-form"),
        ("demo", "my-number", "123456789012", 3, "secret-format"),
        ("demo", "attributes", "", 2, "secret-missing"),
        ("demo:child", "cert:sign", "CHILD1", 4, "absent"),
        ("demo:blocked", "sign:sign", "ABC123", 4, "blocked"),
        ("demo:adult,tear-after=1", "status", "", 5, "card-lost"),
        ("demo:nobody", "status", "", 2, "bad-argument"),
    ] {
        let arguments = ["--card", card, "--json", "record", "-o", "card.txt", job];
        let output = kazasu(folder.path(), &arguments, secret);
        assert_eq!((output.status.code(), code(&output)), (Some(exit), error.to_owned()), "{card} {job}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0, "{card} {job}");
    }
}

#[test]
fn a_replay_that_deviates_is_the_cards_and_a_file_that_is_no_recording_the_callers() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = std::fs::read_to_string(DEMO).expect("the recording");
    let replay = |text: &str| {
        let mut file = std::fs::File::create(folder.path().join("card.txt")).expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        let output = kazasu(folder.path(), &["--json", "replay", "card.txt"], "");
        (output.status.code(), code(&output))
    };
    let deviates = (Some(4), "replay-deviates".to_owned());
    assert_eq!(replay(&recording.replacen("> 00200098", "> 00200099", 1)), deviates);
    assert_eq!(replay(&recording.replacen("< 63C3", "< 63C2", 1)), deviates);
    assert_eq!(replay(&recording.replacen("> 00200098\n< 63C3\n", "", 1)), deviates);
    let refused = (Some(2), "bad-argument".to_owned());
    assert_eq!(replay("nothing of the kind\n"), refused);
    assert_eq!(replay("link: extended\n> 00A4\n"), refused);
    assert_eq!(replay(&recording.replacen("< 63C3", "< 63Cx", 1)), refused);
    let missing = kazasu(folder.path(), &["--json", "replay", "missing.txt"], "");
    assert_eq!((missing.status.code(), code(&missing)), (Some(2), "file-unreadable".to_owned()));
}

#[test]
fn a_deviation_is_told_with_its_job_and_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = std::fs::read_to_string(DEMO).expect("the recording").replacen("> 00200098", "> 00200099", 1);
    std::fs::write(folder.path().join("card.txt"), recording).expect("written");
    let output = kazasu(folder.path(), &["replay", "card.txt"], "");
    let said = text(&output.stderr);
    assert!(said.contains("The replay of `status` deviates at command 4: another command was recorded."), "{said}");
}
