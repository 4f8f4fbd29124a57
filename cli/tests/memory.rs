//! What a holder typed is gone from a command's memory before anybody is told of the result.
#![cfg(target_os = "linux")]

use kazasu_safety::memory::flow::SIGN;
use kazasu_safety::memory::scan::{Needle, Scanner};
use std::fs;
use std::io::{Read, Write, pipe};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The exit code of a command whose secret was not the card's.
const WRONG_SECRET: i32 = 3;

/// How often the password stands in the memory of a command that was refused for it and has not been able to say so yet.
fn copies_left(source: &[&str]) -> usize {
    // Nobody reads standard error, and nothing more fits into it: the command waits there with its explanation.
    let (mut reader, mut full) = pipe().expect("a pipe");
    full.write_all(&[b'.'; 1 << 16]).expect("as much as a pipe holds");
    let mut plain = [0; 17];
    let len = SIGN.write(&mut plain);
    let password = std::str::from_utf8(&plain[..len]).expect("ASCII");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("contract");
    fs::write(&file, "text").expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
    command.args(["--card", "demo:adult"]).args(source).args(["sign", "--raw"]);
    command.arg(&file).arg("--output").arg(folder.path().join("signature"));
    command.env("PASSWORD", if source.contains(&"PASSWORD") { password } else { "" });
    let mut child = command.stdin(Stdio::piped()).stderr(full).spawn().expect("the command runs");
    // With it goes our end of standard error.
    drop(command);
    child.stdin.take().expect("a pipe").write_all(&plain[..len]).expect("it is read");

    let process = Path::new("/proc").join(child.id().to_string());
    let start = Instant::now();
    // The call that it is in, and that call's first argument.
    while fs::read_to_string(process.join("syscall")).expect("it runs").split(' ').nth(1) != Some("0x2") {
        assert!(start.elapsed() < Duration::from_secs(60), "it does not come to standard error");
        sleep(Duration::from_millis(10));
    }
    let needles = vec![Needle { name: "the password", bytes: SIGN }];
    let hits = Scanner::of(&process, needles).and_then(|mut scanner| scanner.search());
    let mut said = Vec::new();
    reader.read_to_end(&mut said).expect("its explanation");
    assert_eq!(
        child.wait().expect("it ends").code(),
        Some(WRONG_SECRET),
        "{}",
        String::from_utf8_lossy(&said[1 << 16..])
    );
    hits.expect("its memory").len()
}

#[test]
fn a_command_that_says_how_it_went_holds_no_secret_any_more() {
    assert_eq!(copies_left(&["--secret-fd", "0"]), 0);
}

/// The environment belongs to whoever started the command.
#[test]
fn a_secret_in_the_environment_is_found() {
    assert!(copies_left(&["--secret-env", "PASSWORD"]) >= 1);
}
