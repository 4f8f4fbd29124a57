//! `kazasu cert --show`: what a person reads of a certificate, and what programs do.

use serde_json::Value;
use std::process::{Command, Output, Stdio};

fn kazasu(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
    command.args(arguments).env("LC_ALL", "C").env("SIGN_PASSWORD", "ABC123").env("AUTH_PIN", "1234");
    command.env("PASSWORD_OF_LONG", "LONGNAME12345678");
    command.stdin(Stdio::null()).output().expect("the command runs")
}

fn shown(arguments: &[&str]) -> String {
    let output = kazasu(&[&["cert", "--show"], arguments].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&shown(&[arguments, &["--json"]].concat())).expect("one JSON object")
}

/// The lines of the table that are not so, by their codes.
fn failing(shown: &Value) -> Vec<&str> {
    let lines = shown["findings"].as_array().expect("a table").iter();
    lines.filter(|line| line["result"] == "fails").map(|line| line["check"].as_str().expect("a code")).collect()
}

const SIGN: [&str; 3] = ["sign", "--secret-env", "SIGN_PASSWORD"];

#[test]
fn the_signing_certificate_is_shown_with_its_holder_and_everything_but_revocation_holds() {
    let shown = json(&[&SIGN[..], &["--card", "demo", "--test-anchors"]].concat());
    assert_eq!(shown["holder"]["name"], "数差　花子");
    assert_eq!(shown["holder"]["birth"], "1980-02-17");
    assert_eq!(shown["holder"]["era"], "showa");
    assert_eq!(shown["holder"]["sex"], "female");
    assert_eq!(failing(&shown), [""; 0]);
    assert_eq!(shown["test"], true);
    assert_eq!(shown["conclusion"]["check"], "revocation");
    assert_eq!((shown["first_day"].as_str(), shown["last_day"].as_str()), (Some("2025-10-27"), Some("2030-02-17")));
}

#[test]
fn the_authentication_certificate_names_nobody_and_needs_no_secret() {
    let shown = json(&["auth", "--card", "demo", "--test-anchors"]);
    assert_eq!(shown["holder"], Value::Null);
    assert_eq!(shown["purpose"], "user-authentication");
    assert_eq!(failing(&shown), [""; 0]);
}

#[test]
fn a_phone_wants_the_pin_first() {
    let shown = json(&["auth", "--card", "demo:adult,android-token", "--test-anchors", "--secret-env", "AUTH_PIN"]);
    assert_eq!(failing(&shown), [""; 0]);
}

#[test]
fn the_demonstration_is_nothing_to_the_real_authorities_and_the_table_says_so() {
    let shown = json(&[&SIGN[..], &["--card", "demo"]].concat());
    assert_eq!(failing(&shown), ["issuer"]);
    assert_eq!((&shown["test"], &shown["authority"]), (&Value::Bool(false), &Value::Null));
}

#[test]
fn characters_that_stand_for_others_are_named() {
    let shown = json(&["sign", "--secret-env", "PASSWORD_OF_LONG", "--card", "demo:long", "--test-anchors"]);
    assert!(!shown["holder"]["name_substitutes"].as_str().expect("text").is_empty());
}

#[test]
fn a_certificate_whose_time_is_over_is_shown_all_the_same() {
    let shown = json(&["auth", "--card", "demo:expired", "--test-anchors"]);
    assert_eq!((&shown["expired"], &shown["days_left"]), (&Value::Bool(true), &Value::Null));
    assert_eq!(failing(&shown), ["validity"]);
}

#[test]
fn an_authority_is_shown_without_a_table_and_is_none_of_j_lis() {
    for (which, purpose) in [("sign-ca", "signing"), ("auth-ca", "user-authentication")] {
        let shown = json(&[which, "--card", "demo"]);
        assert_eq!((&shown["purpose"], &shown["findings"]), (&Value::from(purpose), &Value::Null));
        assert_eq!(shown["authority"], Value::Null);
    }
}

#[test]
fn a_person_reads_it_in_english_and_in_japanese() {
    for (lang, words) in [
        ("en", ["user authentication", "valid until", "days left", "the authority's signature", "RS256, 2048"]),
        ("ja", ["利用者証明用", "有効期限", "残り日数", "認証局の署名", "RS256, 2048"]),
    ] {
        let text = shown(&["auth", "--card", "demo", "--test-anchors", "--lang", lang]);
        for word in words {
            assert!(text.contains(word), "{lang}, {word}: {text}");
        }
    }
}

#[test]
fn what_is_shown_is_not_written_and_test_authorities_are_for_showing() {
    for arguments in [&["auth", "--show", "-o", "x"][..], &["auth", "--show", "--pem"], &["auth", "--test-anchors"]] {
        let output = kazasu(&[&["--card", "demo", "cert"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}
