//! An Android project: its manifests, what R8 keeps, and its libraries for phones. What an app takes from Kazasu's AAR
//! is merged into it when it is built, the permission and the rules too.

use super::elf::{PAGE, alignment};
use super::gradle::BuildFile;
use super::tree::{Tree, ends, shown};
use super::{Report, form};
use kazasu_catalogue::findings::{NFC_FEATURE, NFC_PERMISSION};
use kazasu_catalogue::{Finding, ProjectFault};
use roxmltree::{Document, Node};
use std::path::Path;

const ANDROID: &str = "http://schemas.android.com/apk/res/android";
const TOOLS: &str = "http://schemas.android.com/tools";
/// Phones with large pages have 64 bits.
const ABIS: [&str; 2] = ["arm64-v8a", "x86_64"];

/// Looks at the project; false when there is nothing of Android in it.
pub(crate) fn look(tree: &Tree, report: &mut Report) -> bool {
    let manifests: Vec<_> = tree.files().filter(|file| is_manifest(file)).collect();
    let builds: Vec<_> = tree.files().filter(|file| is_build_file(file)).collect();
    let read = |file: &&Path| Some(BuildFile::new(file, &tree.text(file).ok()?));
    let builds: Vec<_> = builds.iter().filter_map(read).collect();
    // Gradle also builds what is not for Android.
    let application = builds.iter().find(|build| is_app(build));
    let Some(first) = manifests.first().copied().or(application.map(|build| &*build.path)) else { return false };
    report.looked_at.extend(builds.iter().map(|build| shown(&build.path)));
    report.looked_at.extend(manifests.iter().map(|file| shown(file)));

    let aar = builds.iter().any(names_kazasu) || tree.files().any(is_kazasu);
    look_at_manifests(tree, &manifests, first, aar, report);
    if !aar {
        look_at_rules(tree, &builds, report);
    }
    look_at_libraries(tree, report);
    true
}

/// Of what is shipped: not of tests, and not what only a debug build has.
fn is_manifest(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == "AndroidManifest.xml")
        && !file.iter().any(|part| ["test", "androidTest", "debug"].iter().any(|other| part == *other))
}

fn is_build_file(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".gradle") || name.ends_with(".gradle.kts") || name.ends_with(".versions.toml")
}

/// By the plugin's name, or by the one that a version catalogue gives it in every new project.
fn is_app(build: &BuildFile) -> bool {
    build.says("com.android.application") || build.says("plugins.android.application")
}

/// As a dependency: in one string, or by its group in a version catalogue.
fn names_kazasu(build: &BuildFile) -> bool {
    build.says("jp.kazasu:") || build.says("\"jp.kazasu\"")
}

/// The AAR itself.
fn is_kazasu(file: &Path) -> bool {
    ends(file, "aar") && file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("kazasu"))
}

/// What the manifests together say of something.
#[derive(Default)]
struct Merged {
    declared: bool,
    /// `tools:node="remove"`: what a library declares is taken out again.
    removed: bool,
}

impl Merged {
    fn take(&mut self, node: Node<'_, '_>) {
        let removed = node.attribute((TOOLS, "node")).is_some_and(|node| node.starts_with("remove"));
        self.removed |= removed;
        self.declared |= !removed;
    }

    fn holds(&self, aar: bool) -> bool {
        !self.removed && (self.declared || aar)
    }
}

fn look_at_manifests(tree: &Tree, manifests: &[&Path], first: &Path, aar: bool, report: &mut Report) {
    let (mut permission, mut feature) = (Merged::default(), Merged::default());
    // The app's own, where there are those of libraries too.
    let mut place = None;
    for file in manifests {
        let text = tree.text(file).map_err(|error| ProjectFault::System(error.to_string()));
        let document =
            text.as_deref().map_err(Clone::clone).and_then(|text| Document::parse(text).map_err(|error| form(&error)));
        let document = match document {
            Ok(document) => document,
            Err(why) => {
                report.found(Finding::ProjectFile { why }, shown(file));
                continue;
            }
        };
        for node in document.root_element().children() {
            match (node.tag_name().name(), node.attribute((ANDROID, "name"))) {
                ("uses-permission" | "uses-permission-sdk-23", Some(NFC_PERMISSION)) => permission.take(node),
                ("uses-feature", Some(NFC_FEATURE)) => feature.take(node),
                ("application", _) if place.is_none() => place = Some(*file),
                _ => {}
            }
        }
    }
    let place = shown(place.unwrap_or(first));
    if !permission.holds(aar) {
        report.found(Finding::NfcPermission, &*place);
    }
    if !feature.holds(aar) {
        report.found(Finding::NfcFeature, place);
    }
}

fn look_at_rules(tree: &Tree, builds: &[BuildFile], report: &mut Report) {
    if !builds.iter().any(|build| build.says("net.java.dev.jna")) {
        return;
    }
    let keeps = |build: &BuildFile, call: &str| {
        build
            .files_of(call)
            .iter()
            .any(|file| tree.has(file) && tree.text(file).is_ok_and(|rules| rules.lines().any(keeps_jna)))
    };
    // A library's own rules do not reach the app; those for its consumers do.
    if builds.iter().any(|build| keeps(build, "consumerProguardFile")) {
        return;
    }
    for build in builds.iter().filter(|build| is_app(build)) {
        if let Some(line) = build.minified().filter(|_| !keeps(build, "proguardFile")) {
            report.found(Finding::JnaRules, format!("{}:{line}", shown(&build.path)));
        }
    }
}

/// `-keep class com.sun.jna.** { *; }`, with whatever modifiers.
fn keeps_jna(rule: &str) -> bool {
    rule.trim_start().starts_with("-keep") && rule.contains(" com.sun.jna.*")
}

fn look_at_libraries(tree: &Tree, report: &mut Report) {
    let abi =
        |file: &Path| file.parent().and_then(Path::file_name).is_some_and(|name| ABIS.iter().any(|abi| name == *abi));
    for file in tree.files().filter(|file| ends(file, "so") && abi(file)) {
        report.looked_at.push(shown(file));
        let aligned = tree
            .bytes(file)
            .map_err(|error| ProjectFault::System(error.to_string()))
            .and_then(|bytes| alignment(&bytes));
        match aligned {
            Ok(align) if align < PAGE => report.found(Finding::Alignment { align }, shown(file)),
            Ok(_) => {}
            Err(why) => report.found(Finding::ProjectFile { why }, shown(file)),
        }
    }
}
