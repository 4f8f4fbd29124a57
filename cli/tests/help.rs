//! What the command says about itself: the help in both languages, usage errors, and docs/json.md, whose examples are
//! run and whose table of errors is compared with the crates.

use kazasu_catalogue::{
    Argument, Deviation, Explain, Fault, FileFault, Finding, Lang, Part, PdfRefusal, ProjectFault, ReaderFault,
    SecretFault, StampRefusal, Trouble, Unsigned, Usage, VirtualReaderFault,
};
use kazasu_core::error::{Malformed, Step};
use kazasu_core::secret::FormatError;
use kazasu_core::{CardKind, Error, LinkError, SecretKind, Status, Who};
use kazasu_pki::pdf::EarlierFailure;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const PAGE: &str = include_str!("../../docs/json.md");

fn kazasu(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
    command.args(arguments).stdin(Stdio::null()).env("LC_ALL", "C").env("COLUMNS", "80").env_remove("CLICOLOR_FORCE");
    command
}

fn run(arguments: &[&str]) -> Output {
    kazasu(arguments).output().expect("the command runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn columns(line: &str) -> usize {
    line.chars().map(|character| if character < '\u{1100}' { 1 } else { 2 }).sum()
}

// ---- help ----

const COMMANDS: [&[&str]; 26] = [
    &[],
    &["demo"],
    &["readers"],
    &["status"],
    &["cert"],
    &["sign"],
    &["verify"],
    &["timestamp"],
    &["timestamp", "request"],
    &["timestamp", "attach"],
    &["attributes"],
    &["my-number"],
    &["face"],
    &["pin"],
    &["pin", "change"],
    &["genuine"],
    &["login"],
    &["card"],
    &["card", "serve"],
    &["card", "list"],
    &["trace"],
    &["record"],
    &["replay"],
    &["doctor"],
    &["bench"],
    &["completions"],
];

#[test]
fn every_page_is_in_the_readers_language_and_fits_its_terminal() {
    for command in COMMANDS {
        for flag in ["-h", "--help"] {
            let japanese = run(&[command, &[flag, "--lang", "ja"]].concat());
            // `--lang` is not read behind `--help`, but it is heard.
            let before = run(&[&["--lang=ja"], command, &[flag]].concat());
            assert_eq!(japanese.stdout, before.stdout, "{command:?}");
            assert!(japanese.status.success() && japanese.stderr.is_empty());
            let page = text(&japanese.stdout);
            assert!(page.contains("使い方: kazasu"), "{page}");
            for clap in ["Usage", "Options", "Arguments", "Commands", "Print ", "default", "possible", "[COMMAND]"] {
                assert!(!page.contains(clap), "{clap} in {page}");
            }
            assert!(page.lines().all(|line| columns(line) <= 80), "{page}");
            assert!(page.lines().all(|line| line.trim_end() == line), "{page}");
            let english = text(&run(&[command, &[flag]].concat()).stdout);
            assert!(english.contains("Usage: kazasu"), "{english}");
        }
    }
}

#[test]
fn the_locale_chooses_the_language_of_the_help() {
    let japanese = |variable: &str, value: &str| {
        let mut command = kazasu(&["--help"]);
        for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            command.env_remove(name);
        }
        text(&command.env(variable, value).output().expect("the command runs").stdout).contains("使い方")
    };
    for variable in ["LC_ALL", "LC_MESSAGES", "LANG"] {
        assert!(japanese(variable, "ja_JP.UTF-8") && !japanese(variable, "en_US.UTF-8"), "{variable}");
    }
}

#[test]
fn the_help_command_shows_the_same_pages() {
    let page = |words: &[&str]| text(&run(words).stdout);
    assert_eq!(page(&["--lang", "ja", "help", "sign"]), page(&["sign", "--help", "--lang", "ja"]));
    assert_eq!(page(&["--lang", "ja", "pin", "help", "change"]), page(&["pin", "change", "-h", "--lang", "ja"]));
    assert!(page(&["--lang", "ja", "help", "help"]).contains("使い方: kazasu help [コマンド]"));
}

// ---- usage errors ----

const NONSENSE: [&[&str]; 8] = [
    &["sing"],
    &["--jsn", "status"],
    &["sign", "file", "--raw", "--cms"],
    &["cert", "other"],
    &["status", "--wait", "soon"],
    &["status", "--card", "demo", "--reader", "x"],
    &["pin"],
    &["sign", "--key"],
];

#[test]
fn a_usage_error_is_json_where_json_is_asked_for() {
    for nonsense in NONSENSE {
        for lang in ["en", "ja"] {
            // In front: what stands last may lack its value.
            let output = run(&[&["--json", "--lang", lang], nonsense].concat());
            assert_eq!(output.status.code(), Some(2), "{nonsense:?}");
            assert!(output.stderr.is_empty(), "{nonsense:?}");
            let line = text(&output.stdout);
            assert_eq!(line.lines().count(), 1, "{line}");
            let error = &serde_json::from_str::<Value>(&line).expect("one object")["error"];
            assert_eq!((&error["code"], &error["number"]), (&"usage".into(), &459.into()));
            assert_eq!((&error["who"], &error["spent_a_try"]), (&"caller".into(), &false.into()));
            let what = error["what"].as_str().expect("a text");
            assert_eq!(what.starts_with("引数が正しくありません。"), lang == "ja", "{what}");
            assert!(what.ends_with(['.', '。', '`']) && !what.contains("error"), "{what}");
        }
    }
}

#[test]
fn a_usage_error_is_told_to_people_on_standard_error() {
    for nonsense in NONSENSE {
        let english = run(nonsense);
        assert_eq!((english.status.code(), english.stdout.is_empty()), (Some(2), true), "{nonsense:?}");
        let japanese = run(&[&["--lang", "ja"], nonsense].concat());
        assert_eq!((japanese.status.code(), japanese.stdout.is_empty()), (Some(2), true), "{nonsense:?}");
        let said = text(&japanese.stderr);
        assert!(said.contains("引数が正しくありません。") || said.contains("使い方: kazasu pin"), "{said}");
        assert!(said.contains("--help"), "{said}");
    }
}

#[test]
fn a_name_that_is_spelled_alike_is_offered_as_it_is_written_there() {
    for (words, meant) in [
        (["--card", "demo:adlt", "status"], "`demo:adult`"),
        (["--card", "adult", "status"], "`demo:adult`"),
        (["--card", "demo:adult,standart", "status"], "`standard`"),
        (["--card", "demi", "status"], "`demo`"),
        (["--jsn", "status", "--verbose"], "`--json`"),
    ] {
        for lang in ["en", "ja"] {
            let said = text(&run(&[&["--lang", lang], &words[..]].concat()).stderr);
            assert!(said.contains(meant), "{said}");
        }
    }
}

#[test]
fn help_and_version_are_text_also_with_json() {
    assert!(text(&run(&["--json", "status", "--help"]).stdout).contains("Usage: kazasu status"));
    assert!(text(&run(&["--json", "--version"]).stdout).starts_with("kazasu "));
}

// ---- docs/json.md ----

/// The fenced blocks: what stands behind the fence, and what is between.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let mut parts = PAGE.split("```");
    let mut blocks = Vec::new();
    // Text and blocks alternate; code in a line has one backquote.
    while let (Some(_), Some(block)) = (parts.next(), parts.next()) {
        blocks.push(block.split_once('\n').expect("a block has lines"));
    }
    blocks
}

/// The same object as far as programs may rely on it: fields and types; of an array its first element.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        Value::Array(elements) => elements.first().map(shape).into_iter().collect(),
        Value::String(_) => "text".into(),
        Value::Number(_) => "number".into(),
        Value::Bool(_) => "truth".into(),
        Value::Null => Value::Null,
    }
}

/// `$ VARIABLE=value… kazasu argument…`
fn run_line(line: &str, folder: &Path, port: u16) -> Value {
    let words: Vec<_> = line.split(' ').map(|word| word.replace("35963", &port.to_string())).collect();
    let program = words.iter().position(|word| word == "kazasu").expect("a line runs kazasu");
    let mut command = kazasu(&words[program + 1..].iter().map(String::as_str).collect::<Vec<_>>());
    command.envs(words[..program].iter().map(|word| word.split_once('=').expect("a variable"))).current_dir(folder);
    let printed = text(&command.output().expect("the command runs").stdout);
    assert_eq!(printed.lines().count(), 1, "{line}: {printed}");
    serde_json::from_str(&printed).expect("one JSON object")
}

/// One page with one line.
const CONTRACT: &[u8] = include_bytes!("contract.pdf");

/// A virtual reader that gives its card two commands.
fn reader() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("its address").port();
    std::thread::spawn(move || {
        let (mut card, _) = listener.accept().expect("the card connects");
        card.write_all(&[0, 5, 0, 0x84, 0, 0, 2, 0, 5, 0, 0x84, 0, 0, 2]).expect("the card listens");
        let _ = card.read_to_end(&mut Vec::new());
    });
    port
}

#[test]
fn every_example_is_what_the_command_prints() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("contract.txt"), "we agree\n").expect("written");
    std::fs::write(folder.path().join("contract.pdf"), CONTRACT).expect("written");
    let blocks = blocks();
    let mut run = Vec::new();
    for (at, (kind, block)) in blocks.iter().enumerate() {
        if *kind != "console" {
            continue;
        }
        let (line, rest) = block.strip_prefix("$ ").and_then(|block| block.split_once('\n')).expect("a command");
        if let Some(file) = line.strip_prefix("cat ") {
            std::fs::write(folder.path().join(file), rest).expect("written");
            continue;
        }
        let (kind, expected) = blocks[at + 1];
        assert_eq!(kind, "json", "{line} has no example");
        let expected: Value = serde_json::from_str(expected).expect("an example is JSON");
        let port = if line.contains(" card serve ") { reader() } else { 0 };
        let printed = run_line(line, folder.path(), port);
        run.push(line);
        // Whether there is a service and a reader depends on where the test runs.
        if line.ends_with(" readers") && (printed["readers"] == Value::Array(Vec::new()) || !printed["error"].is_null())
        {
            continue;
        }
        assert_eq!(shape(&printed), shape(&expected), "{line}");
    }
    // Whoever attaches a timestamp needs an authority's answer; cli/tests/verify.rs has one.
    let elsewhere = |command: &[&str]| matches!(command, [] | ["pin" | "card" | "timestamp"] | ["timestamp", "attach"]);
    for command in COMMANDS.iter().filter(|command| !elsewhere(command)) {
        let shown = |line: &&&str| command.iter().all(|word| line.split(' ').any(|other| other == *word));
        assert!(run.iter().any(|line| shown(&line)), "no example of {command:?}");
    }
}

fn trouble() -> Vec<Trouble> {
    let why = String::new;
    let mut troubles = vec![
        Trouble::SecretForm { wanted: Vec::new() },
        Trouble::SecretsDiffer,
        Trouble::Expired { last_day: why(), login: false },
        Trouble::SignatureWrong,
        Trouble::Unreadable { what: Part::Photo },
        Trouble::NotRedacted { said: why(), step: None, what: None },
        Trouble::Deviates { job: why(), step: 0, why: Deviation::OtherResult },
        Trouble::NoService,
        Trouble::NoReader,
        Trouble::ReaderNotFound { wanted: why(), there: Vec::new() },
        Trouble::NoCard,
        Trouble::ReaderFailed { why: ReaderFault::Mute },
        Trouble::NoVirtualReader { why: VirtualReaderFault::Ended },
        Trouble::SeveralCards { readers: Vec::new() },
        Trouble::SecretMissing { wanted: Vec::new() },
        Trouble::SecretSource { why: SecretFault::NotSet(why()) },
        Trouble::FileUnreadable { path: why(), why: FileFault::Folder },
        Trouble::FileUnwritable { path: why(), why: FileFault::Folder },
        Trouble::BadArgument(Argument::Nonce),
        Trouble::ReaderAmbiguous { wanted: why(), found: Vec::new() },
        Trouble::NewSecretMissing { kind: SecretKind::AuthPin },
        Trouble::VirtualReaderOccupied,
        Trouble::NotSigned { path: why(), why: Unsigned::NotCms },
        Trouble::NotStamped { path: why(), why: StampRefusal::Kind },
        Trouble::EarlierFails { path: why(), field: why(), failure: EarlierFailure::Changed },
        Trouble::FileExists { path: why() },
        Trouble::Disclosure,
        Trouble::Declined,
    ];
    let refusals = [
        PdfRefusal::NotPdf,
        PdfRefusal::Damaged(kazasu_pki::pdf::Damage::NoEnd),
        PdfRefusal::Encrypted,
        PdfRefusal::Hybrid,
        PdfRefusal::Certified,
        PdfRefusal::Xfa,
        PdfRefusal::NoPage,
        PdfRefusal::TooLarge,
    ];
    troubles.extend(refusals.map(|refusal| Trouble::PdfRefused { path: why(), why: refusal }));
    troubles
}

fn errors() -> Vec<Error> {
    let kind = SecretKind::AuthPin;
    let links = [
        LinkError::CardLost,
        LinkError::CardReset,
        LinkError::Timeout,
        LinkError::Busy,
        LinkError::ReaderLost,
        LinkError::TooLong,
        LinkError::Overrun,
        LinkError::Cancelled,
        LinkError::Other,
    ];
    let mut errors = vec![
        Error::WrongSecret { kind, left: None },
        Error::SecretFormat { kind, reason: FormatError::Length },
        Error::LastTry { kind, left: None },
        Error::Blocked { kind, spent: Some(false) },
        Error::WrongCard { found: CardKind::Juki },
        Error::Absent { what: "" },
        Error::Refused { step: Step::Read, status: Status(0x6F00) },
        Error::Malformed { step: Step::Read, reason: Malformed::Empty },
        Error::OtherCard,
        Error::OutcomeUnknown { step: Step::Verify, kind, link: LinkError::Timeout },
        Error::SessionOver,
        Error::SecretRequired { kinds: &[] },
        Error::BufferTooSmall { needed: 0 },
        Error::Misuse(""),
    ];
    errors.extend(links.map(Error::Link));
    errors
}

/// As the table on the page writes it: code, number, who, exit code.
fn row(error: &dyn Explain, defect: bool) -> [String; 4] {
    let (who, exit) = match error.who() {
        Who::Caller if defect => ("caller", 1),
        Who::Caller => ("caller", 2),
        Who::User => ("user", 3),
        Who::Card => ("card", 4),
        Who::Link => ("link", 5),
    };
    [format!("`{}`", error.code()), error.number().to_string(), format!("`{who}`"), exit.to_string()]
}

#[test]
fn the_table_of_errors_is_that_of_the_crates() {
    let (errors, trouble) = (errors(), trouble());
    // Every row of the crates' own tables is among the errors that were made here.
    for (source, made) in [
        (include_str!("../../core/src/error.rs"), errors.len()),
        (
            concat!(include_str!("../../catalogue/src/trouble.rs"), include_str!("../../catalogue/src/refusals.rs")),
            trouble.len(),
        ),
    ] {
        let numbered = source.lines().filter(|line| line.trim_start().starts_with("Self::") && line.contains("=> ("));
        let numbered =
            numbered.filter(|line| line.split("=> (").nth(1).is_some_and(|row| row.as_bytes()[0].is_ascii_digit()));
        assert_eq!(numbered.count(), made, "an error is missing in this test");
    }
    let usage = Usage { fault: Fault::Other, similar: None };
    let mut made: Vec<_> = errors
        .iter()
        .map(|error| row(error, matches!(error, Error::BufferTooSmall { .. } | Error::Misuse(_))))
        .chain(trouble.iter().map(|trouble| row(trouble, false)))
        .chain([row(&usage, false)])
        .collect();
    made.sort_by_key(|row| row[1].clone());
    let table = PAGE.split("| code | number | who |").nth(1).expect("the table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let told: Vec<[String; 4]> = rows
        .map(|line| {
            let cells: Vec<_> = line.split('|').map(|cell| cell.trim().to_owned()).collect();
            cells[1..5].to_vec().try_into().expect("four cells")
        })
        .collect();
    assert_eq!(told, made);
}

/// The first cells of the table that begins so.
fn codes(head: &str) -> Vec<&'static str> {
    let table = PAGE.split(head).nth(1).unwrap_or_else(|| panic!("no table {head}"));
    let rows = table.lines().skip_while(|line| line.starts_with("|---") || !line.starts_with('|'));
    rows.take_while(|line| line.starts_with('|')).map(|line| line.split('`').nth(1).expect("a code")).collect()
}

#[test]
fn every_check_and_every_because_is_on_the_page_with_what_it_means() {
    use kazasu_pki::{Check, Reason, WhyNot};
    assert_eq!(codes("| check | |\n"), Check::ALL.iter().map(|check| check.code()).collect::<Vec<_>>());
    let reasons: Vec<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(codes("`because` of a line that `fails`:\n\n| because | |\n"), reasons);
    let whys: Vec<_> = WhyNot::ALL.iter().map(|why| why.code()).collect();
    assert_eq!(codes("`because` of a line that is `not-checked`:\n\n| because | |\n"), whys);
}

fn findings() -> Vec<Finding> {
    let (alone, why) = (true, String::new);
    vec![
        Finding::ProjectFile { why: ProjectFault::Form(why()) },
        Finding::AidList { wanted: &[] },
        Finding::Aid { application: kazasu_core::plan::applications()[0] },
        Finding::UsageText,
        Finding::EntitlementsFile,
        Finding::Entitlement,
        Finding::EntitlementTag,
        Finding::EntitlementsUnused,
        Finding::NfcPermission,
        Finding::NfcFeature,
        Finding::JnaRules,
        Finding::Alignment { align: 0 },
        Finding::PcscdMissing,
        Finding::PcscdStopped,
        Finding::PcscDenied,
        Finding::PcscFailed { why: why() },
        Finding::NoReader,
        Finding::ReaderDriver { alone },
        Finding::ReaderKernelDriver { module: why(), alone },
        Finding::ReaderUnlisted { alone },
        Finding::CardHeld,
    ]
}

#[test]
fn the_table_of_findings_is_that_of_the_catalogue() {
    let source = include_str!("../../catalogue/src/findings.rs");
    let codes = source.lines().filter(|line| line.trim_start().starts_with("Self::") && line.contains("=> \""));
    assert_eq!(codes.count(), findings().len(), "a finding is missing in this test");
    let made: Vec<_> = findings()
        .iter()
        .map(|finding| {
            let who = match finding.who() {
                Who::Caller => "`caller`",
                Who::Link => "`link`",
                other => panic!("{other:?} has no findings"),
            };
            for lang in [Lang::En, Lang::Ja] {
                let said = finding.explain(lang);
                let ends = |text: &str| text.ends_with(['.', '。']) || lang == Lang::Ja;
                assert!(ends(&said.what) && ends(&said.next) && !said.next.is_empty(), "{said:?}");
            }
            let fails = match finding {
                Finding::ReaderDriver { .. } | Finding::ReaderKernelDriver { .. } | Finding::ReaderUnlisted { .. } => {
                    "*"
                }
                other if other.fails() => "yes",
                _ => "no",
            };
            [format!("`{}`", finding.code()), fails.to_owned(), who.to_owned()]
        })
        .collect();
    let table = PAGE.split("| finding | fails | who |").nth(1).expect("the table");
    let told: Vec<[String; 3]> = (table.lines().skip(2).take_while(|line| line.starts_with('|')))
        .map(|line| {
            let cells: Vec<_> = line.split('|').map(|cell| cell.trim().to_owned()).collect();
            cells[1..4].to_vec().try_into().expect("three cells")
        })
        .collect();
    assert_eq!(told, made);
}
