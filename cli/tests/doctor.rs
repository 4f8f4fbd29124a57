//! `kazasu doctor` and the broken projects beside this file: a folder is named after what is wrong with it.

use kazasu_pcsc::{PcscTransport, readers};
use serde_json::Value;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/doctor")
}

fn kazasu(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kazasu"));
    command.args(arguments).stdin(Stdio::null()).env("LC_ALL", "C");
    command
}

fn doctor(arguments: &[&str], project: &Path) -> Output {
    kazasu(arguments).arg("doctor").arg(project).output().expect("the command runs")
}

/// Code and place of each finding; what the exit code says is checked.
fn findings(project: &Path) -> Vec<(String, String)> {
    let output = doctor(&["--json"], project);
    let printed: Value = serde_json::from_slice(&output.stdout).expect("one object");
    let findings = printed["findings"].as_array().expect("findings");
    let fails = findings.iter().any(|finding| finding["fails"] == true);
    assert_eq!(output.status.code(), Some(if fails { 2 } else { 0 }), "{printed}");
    assert!(!printed["looked_at"].as_array().expect("files").is_empty(), "{printed}");
    let text = |finding: &Value, field: &str| finding[field].as_str().expect("a text").to_owned();
    findings.iter().map(|finding| (text(finding, "code"), text(finding, "where"))).collect()
}

fn codes(project: &Path) -> Vec<String> {
    findings(project).into_iter().map(|(code, _)| code).collect()
}

/// A sample in a folder of its own, to be broken.
struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    fn of(sample: &str) -> Self {
        let copy = Self { folder: tempfile::tempdir().expect("a folder") };
        let root = samples().join(sample);
        for entry in walkdir::WalkDir::new(&root).into_iter().map(|entry| entry.expect("an entry")) {
            if entry.file_type().is_file() {
                let path = entry.path().strip_prefix(&root).expect("below");
                copy.write(path.to_str().expect("UTF-8"), &fs::read(entry.path()).expect("a file"));
            }
        }
        copy
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }

    fn change(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path().join(path)).expect("a file");
        assert!(text.contains(from), "{from} is not in {path}");
        self.write(path, text.replace(from, to).as_bytes());
    }
}

#[test]
fn each_broken_project_has_the_finding_that_it_is_named_after_and_no_other_and_a_healthy_one_has_none() {
    let mut seen = Vec::new();
    for folder in fs::read_dir(samples()).expect("samples").map(|entry| entry.expect("a sample").path()) {
        let name = folder.file_name().expect("a name").to_str().expect("UTF-8").to_owned();
        let expected: &[&str] = if name.starts_with("healthy-") { &[] } else { &[&name] };
        assert_eq!(codes(&folder), expected, "{name}");
        seen.push(name);
    }
    seen.sort();
    let all = [
        "android-nfc-feature",
        "android-nfc-permission",
        "android-r8-rules",
        "healthy-android",
        "healthy-android-aar",
        "healthy-ios",
        "healthy-ios-generated",
        "ios-aid",
        "ios-aid-list",
        "ios-entitlement",
        "ios-entitlement-tag",
        "ios-entitlements-file",
        "ios-entitlements-unused",
        "ios-usage-text",
        "project-file",
    ];
    assert_eq!(seen, all);
}

#[test]
fn r12_the_key_entitlement_or_identifier_that_is_missing_is_named_with_its_file_in_both_languages() {
    let samples = samples();
    for (sample, place, named) in [
        ("ios-aid-list", "App/Info.plist", "com.apple.developer.nfc.readersession.iso7816.select-identifiers"),
        ("ios-aid", "App/Info.plist", "D3921000310001010408"),
        ("ios-usage-text", "App/Info.plist", "NFCReaderUsageDescription"),
        ("ios-entitlements-file", "App.xcodeproj/project.pbxproj", "com.apple.developer.nfc.readersession.formats"),
        ("ios-entitlement", "App/App.entitlements", "com.apple.developer.nfc.readersession.formats"),
        ("ios-entitlement-tag", "App/App.entitlements", "TAG"),
        ("ios-entitlements-unused", "App/App.entitlements", "CODE_SIGN_ENTITLEMENTS"),
    ] {
        for lang in ["en", "ja"] {
            let output = doctor(&["--lang", lang], &samples.join(sample));
            let text = String::from_utf8(output.stdout).expect("UTF-8");
            assert!(text.starts_with(&format!("{place}: ")), "{sample}: {text}");
            assert!(text.contains(&format!("[{sample}]")) && text.contains(named), "{sample}: {text}");
            assert_eq!(text.contains("対処: "), lang == "ja", "{text}");
            assert_eq!((output.status.code(), output.stderr), (Some(2), Vec::new()), "{sample}");
        }
    }
}

#[test]
fn r22_minified_code_without_rules_for_jna_is_found_wherever_the_rules_stand() {
    let copy = Copy::of("android-r8-rules");
    let broken = vec![("android-r8-rules".to_owned(), "app/build.gradle.kts:7".to_owned())];
    assert_eq!(findings(copy.path()), broken);
    // A library's own rules do not reach the app.
    copy.write("bridge/proguard-rules.pro", b"-keep class com.sun.jna.** { *; }\n");
    copy.write("bridge/consumer-rules.pro", b"");
    let library = "plugins { id 'com.android.library' }\nandroid.defaultConfig {\n  consumerProguardFiles 'consumer-rules.pro'\n\
        \n  proguardFiles 'proguard-rules.pro'\n}\n";
    copy.write("bridge/build.gradle", library.as_bytes());
    assert_eq!(findings(copy.path()), broken);
    // Those for its consumers do.
    copy.change("bridge/build.gradle", "'consumer-rules.pro'", "'consumer-rules.pro', 'proguard-rules.pro'");
    assert_eq!(findings(copy.path()), []);
    copy.change("bridge/build.gradle", ", 'proguard-rules.pro'", "");
    copy.change("app/build.gradle.kts", "isMinifyEnabled = true", "isMinifyEnabled = false");
    assert_eq!(findings(copy.path()), []);
}

/// A library with one segment that is loaded and one that is not, as far as its headers go.
fn library(align: u64) -> Vec<u8> {
    let mut elf = vec![0x7F, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    // A shared object for AArch64; its program headers follow this one, and it has no sections.
    elf.extend([3, 0, 0xB7, 0, 1, 0, 0, 0]);
    elf.extend([0, 64, 0, 0].map(u64::to_le_bytes).concat().iter().take(24));
    elf.extend([0, 0, 0, 0, 64, 0, 56, 0, 2, 0, 64, 0, 0, 0, 0, 0]);
    for (kind, align) in [(1_u32, align), (0x6474_E551, 16)] {
        elf.extend(kind.to_le_bytes());
        elf.extend(5_u32.to_le_bytes());
        elf.extend([0, 0, 0, 176, 176, align].map(u64::to_le_bytes).concat());
    }
    elf
}

#[test]
fn r23_a_library_that_does_not_fit_pages_of_16_kib_is_found() {
    let copy = Copy::of("healthy-android");
    let place = |abi: &str| format!("app/src/main/jniLibs/{abi}/libkazasu_ffi.so");
    copy.write(&place("arm64-v8a"), &library(0x4000));
    copy.write(&place("x86_64"), &library(0x1_0000));
    // Phones of 32 bits have small pages, and what the desktop loads is no matter.
    copy.write(&place("armeabi-v7a"), b"32 bits");
    copy.write("app/src/test/resources/linux-x86-64/libkazasu_ffi.so", &library(0x1000));
    assert_eq!(findings(copy.path()), []);
    copy.write(&place("x86_64"), &library(0x1000));
    assert_eq!(findings(copy.path()), [("android-16kb".to_owned(), place("x86_64"))]);
    let printed = String::from_utf8(doctor(&[], copy.path()).stdout).expect("UTF-8");
    assert!(printed.contains("aligned to 0x1000"), "{printed}");
    // What is not a library at all, such as a pointer of Git LFS.
    copy.write(&place("x86_64"), b"version https://git-lfs.github.com/spec/v1\n");
    assert_eq!(findings(copy.path()), [("project-file".to_owned(), place("x86_64"))]);
}

#[test]
fn what_is_merged_into_the_manifest_counts_as_it_is_merged() {
    let manifest = "app/src/main/AndroidManifest.xml";
    // Only a debug build would have it.
    let copy = Copy::of("android-nfc-permission");
    let permission = b"<manifest xmlns:android=\"http://schemas.android.com/apk/res/android\">\
        <uses-permission android:name=\"android.permission.NFC\" /></manifest>";
    copy.write("app/src/debug/AndroidManifest.xml", permission);
    assert_eq!(findings(copy.path()), [("android-nfc-permission".to_owned(), manifest.to_owned())]);
    // A module brings it.
    copy.write("reader/src/main/AndroidManifest.xml", permission);
    assert_eq!(findings(copy.path()), []);
    // The AAR brings it, and the app takes it out.
    let copy = Copy::of("healthy-android-aar");
    let removal = r#"<uses-permission xmlns:tools="http://schemas.android.com/tools"
        android:name="android.permission.NFC" tools:node="remove" /><application"#;
    copy.change(manifest, "<application", removal);
    assert_eq!(codes(copy.path()), ["android-nfc-permission"]);
}

#[test]
fn what_a_version_catalogue_names_counts_as_if_the_build_file_named_it() {
    let copy = Copy::of("android-r8-rules");
    copy.change("app/build.gradle.kts", "id(\"com.android.application\")", "alias(libs.plugins.android.application)");
    copy.change("app/build.gradle.kts", "\"net.java.dev.jna:jna:5.18.1@aar\"", "libs.jna");
    assert_eq!(findings(copy.path()), []);
    let jna = "[libraries]\njna = { group = \"net.java.dev.jna\", name = \"jna\", version = \"5.18.1\" }\n";
    copy.write("gradle/libs.versions.toml", jna.as_bytes());
    assert_eq!(codes(copy.path()), ["android-r8-rules"]);
    // The AAR brings its rules.
    let kazasu = "kazasu = { group = \"jp.kazasu\", name = \"kazasu-android\", version = \"0.1.0\" }\n";
    copy.write("gradle/libs.versions.toml", format!("{jna}{kazasu}").as_bytes());
    assert_eq!(findings(copy.path()), []);
    copy.write("gradle/libs.versions.toml", jna.as_bytes());
    copy.write("app/libs/kazasu-android-0.1.0.aar", b"");
    assert_eq!(findings(copy.path()), []);
}

#[test]
fn an_extension_a_framework_and_tests_are_not_the_app() {
    let copy = Copy::of("healthy-ios");
    let list = |contents: &str| format!("<plist version=\"1.0\"><dict>{contents}</dict></plist>").into_bytes();
    copy.write(
        "App/Info.plist",
        &list("<key>CFBundlePackageType</key><string>$(PRODUCT_BUNDLE_PACKAGE_TYPE)</string>"),
    );
    copy.write("Widget/Info.plist", &list("<key>NSExtension</key><dict/>"));
    copy.write("Model/Info.plist", &list("<key>CFBundlePackageType</key><string>FMWK</string>"));
    copy.write("AppTests/Info.plist", &list(""));
    copy.write("Pods/Other/Info.plist", &list(""));
    let app = |code: &str| (code.to_owned(), "App/Info.plist".to_owned());
    assert_eq!(findings(copy.path()), [app("ios-aid-list"), app("ios-usage-text")]);
}

#[test]
fn a_property_list_is_read_in_each_of_its_encodings() {
    let copy = Copy::of("ios-aid");
    let path = copy.path().join("App/Info.plist");
    let info = plist::Value::from_file(&path).expect("a property list");
    info.to_file_binary(&path).expect("written");
    assert!(fs::read(&path).expect("a file").starts_with(b"bplist00"));
    assert_eq!(codes(copy.path()), ["ios-aid"]);
}

#[test]
fn an_xcode_project_without_an_info_plist_lacks_what_stands_in_it() {
    let copy = Copy::of("healthy-ios");
    fs::remove_file(copy.path().join("App/Info.plist")).expect("removed");
    assert_eq!(codes(copy.path()), ["ios-aid-list", "ios-usage-text"]);
}

#[test]
fn a_project_of_both_kinds_is_looked_at_as_both() {
    let copy = Copy::of("ios-aid");
    copy.write("android/app/build.gradle", b"plugins { id 'com.android.application' }\n");
    assert_eq!(codes(copy.path()), ["ios-aid", "android-nfc-permission", "android-nfc-feature"]);
}

#[test]
fn a_folder_without_a_project_is_an_error_and_so_is_none() {
    let empty = tempfile::tempdir().expect("a folder");
    for (folder, code) in [(empty.path(), "bad-argument"), (&empty.path().join("none"), "file-unreadable")] {
        let output = doctor(&["--json"], folder);
        let printed: Value = serde_json::from_slice(&output.stdout).expect("one object");
        assert_eq!((printed["error"]["code"].as_str(), output.status.code()), (Some(code), Some(2)));
    }
}

#[test]
fn what_a_terminal_would_obey_is_not_printed() {
    let copy = Copy::of("healthy-ios");
    copy.write("App\u{1B}[2J/Info.plist", b"<");
    let output = doctor(&[], copy.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(!output.stdout.contains(&0x1B), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Needs a real PC/SC service with a virtual reader:
/// `.ci/virtual-reader cargo test -p kazasu-cli --test doctor -- --ignored`
#[test]
#[ignore = "needs .ci/virtual-reader"]
fn a_card_that_is_kept_and_a_service_that_is_gone_are_found_on_a_real_pcsc_stack_and_nothing_is_sent() {
    let serve = ["-v", "card", "serve"];
    let mut server = kazasu(&serve).stderr(Stdio::piped()).spawn().expect("the card is served");
    let reader = readers::wait_for_card(Some("00 00"), Duration::from_secs(20)).expect("a card");
    let found = |code: &str| {
        let output = kazasu(&["--json", "doctor"]).output().expect("the command runs");
        let printed: Value = serde_json::from_slice(&output.stdout).expect("one object");
        let mut findings = printed["findings"].as_array().expect("findings").iter();
        let place = findings.find(|finding| finding["code"] == code).map(|finding| finding["where"].clone());
        assert!(place.is_none() || output.status.code() == Some(5), "{printed}");
        place
    };
    assert_eq!(found("card-held"), None);
    let card = PcscTransport::open(&reader).expect("the card");
    assert_eq!(found("card-held"), Some("Virtual PCD 00 00".into()));
    card.close().expect("let go");
    assert_eq!((found("card-held"), found("pcscd-stopped")), (None, None));
    let service = std::env::var("KAZASU_VIRTUAL_READER_SERVICE").expect("beside a service");
    assert!(Command::new("kill").arg(service).status().expect("kill runs").success());
    let mut patience = 100;
    while found("pcscd-stopped").is_none() && patience > 0 {
        patience -= 1;
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(found("pcscd-stopped"), Some("PC/SC".into()));
    // It ended with the service, or ends now; what it traced is what came to the card.
    let _ = server.kill();
    server.wait().expect("it has ended");
    let mut traced = String::new();
    server.stderr.take().expect("a pipe").read_to_string(&mut traced).expect("text");
    assert!(!traced.contains("  > "), "{traced}");
}
