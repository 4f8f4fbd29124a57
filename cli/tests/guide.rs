//! The guides to documents and to genuine cards, the page on logins and the README's part on documents: every command
//! in them is run, in its order, and says what stands there.

use std::path::Path;
use std::process::Command;

const DOCUMENTS: &str = include_str!("../../docs/guides/documents.md");
const LOGIN: &str = include_str!("../../docs/login.md");
const README: &str = include_str!("../../README.md");
const GENUINE: &str = include_str!("../../docs/guides/genuine.md");

/// What changes from run to run: times, digests, and where a signature ends.
fn without_what_changes(line: &str) -> String {
    let mut out = String::new();
    for word in line.trim_end().split(' ') {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let is_hash = word.len() == 64 && word.chars().all(|character| character.is_ascii_hexdigit());
        let is_time =
            digits >= 6 && word.chars().all(|character| character.is_ascii_digit() || "-:".contains(character));
        out += if is_hash || is_time { "…" } else { word };
        out.push(' ');
    }
    out.trim_end().to_owned()
}

/// Whether the lines are those that are expected; `…` alone stands for any number of them.
fn fits(expected: &[String], said: &[String]) -> bool {
    match expected.split_first() {
        None => said.is_empty(),
        Some((first, rest)) if first == "…" => (0..=said.len()).any(|skipped| fits(rest, &said[skipped..])),
        Some((first, rest)) => said.first() == Some(first) && fits(rest, &said[1..]),
    }
}

fn run(folder: &Path, settings: &str, command: &str) -> String {
    let programs = Path::new(env!("CARGO_BIN_EXE_kazasu")).parent().expect("its folder");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").expect("a path"));
    let script = format!("{settings}exec 2>&1\n{command}\n");
    let mut bash = Command::new("bash");
    bash.args(["-c", &script]).current_dir(folder).env("PATH", path).env("LC_ALL", "C.UTF-8");
    let output = bash.output().expect("bash runs");
    let said = String::from_utf8(output.stdout).expect("text");
    let may_fail = command.contains("$?");
    assert!(output.status.success() || may_fail, "{command}: {said}");
    said
}

/// Runs each command of a guide; how many there were.
fn follow(guide: &str, folder: &Path) -> usize {
    let mut settings = String::new();
    let mut commands = 0;
    for block in guide.split("```console\n").skip(1) {
        let block = block.split("```").next().expect("an end");
        for part in format!("\n{block}").split("\n$ ").skip(1) {
            let lines = 1 + part.lines().take_while(|line| line.ends_with('\\')).count();
            let end = part.match_indices('\n').nth(lines - 1).map_or(part.len(), |(at, _)| at);
            let (command, expected) = part.split_at(end);
            commands += 1;
            if command.starts_with("export ") {
                settings += &format!("{command}\n");
                continue;
            }
            let said = run(folder, &settings, command);
            let lines = |text: &str| text.trim_end().lines().map(without_what_changes).collect::<Vec<_>>();
            let expected = expected.trim_start_matches('\n');
            assert!(fits(&lines(expected), &lines(&said)), "{command}\n{said}\nis not\n{expected}");
        }
    }
    commands
}

#[test]
fn every_command_of_the_guide_to_documents_does_what_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("contract.pdf"), include_bytes!("contract.pdf")).expect("written");
    std::fs::write(folder.path().join("contract.txt"), "we agree\n").expect("written");
    assert_eq!(follow(DOCUMENTS, folder.path()), 23);
    let page = std::fs::read_to_string(folder.path().join("report.html")).expect("a report");
    assert!(page.contains("<table>"));
}

#[test]
fn every_command_of_the_readmes_part_on_documents_does_what_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("contract.pdf"), include_bytes!("contract.pdf")).expect("written");
    let part = README.split("\n## ").find(|part| part.starts_with("Documents\n")).expect("the part");
    assert_eq!(follow(part, folder.path()), 3);
}

#[test]
fn every_command_of_the_page_on_logins_does_what_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(follow(LOGIN, folder.path()), 4);
}

#[test]
fn every_command_of_the_guide_to_genuine_cards_does_what_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(follow(GENUINE, folder.path()), 4);
}

#[test]
fn what_is_left_out_on_the_page_is_not_looked_at_and_the_rest_is() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(fits(&lines("a\n…\nd"), &lines("a\nb\nc\nd")));
    assert!(!fits(&lines("a\n…\nd"), &lines("a\nb\nc")) && !fits(&lines("a"), &lines("a\nb")));
    assert_eq!(without_what_changes("at 2026-11-21 04:55:44 JST  0–801"), "at … … JST  0–801");
}
