//! An Xcode project: Info.plist, entitlements, and the build settings that name them. iOS says nothing useful when one
//! of these is missing, and nothing at all at build time.

use super::tree::{Tree, ends, shown};
use super::{Report, form};
use kazasu_catalogue::findings::{ENTITLEMENT, SELECT_IDENTIFIERS, USAGE_TEXT};
use kazasu_catalogue::{Finding, ProjectFault};
use kazasu_core::plan;
use plist::{Dictionary, Value};
use std::path::Path;

/// Looks at the project; false when there is nothing of Xcode in it.
pub(crate) fn look(tree: &Tree, report: &mut Report) -> bool {
    let settings: Vec<_> = tree.files().filter(|file| is_settings(file)).collect();
    let plists: Vec<_> = tree.files().filter(|file| is_info_plist(file) && !is_test(file)).collect();
    let entitlements: Vec<_> = tree.files().filter(|file| ends(file, "entitlements") && !is_test(file)).collect();
    let Some(first) = settings.first().or(plists.first()).or(entitlements.first()) else { return false };
    report.looked_at.extend(settings.iter().chain(&plists).chain(&entitlements).map(|file| shown(file)));

    let said: Vec<String> = settings.iter().filter_map(|file| tree.text(file).ok()).collect();
    let said: Vec<&str> = said.iter().flat_map(|text| text.lines()).collect();
    look_at_info(tree, &plists, first, &said, report);
    look_at_entitlements(tree, &entitlements, first, &said, report);
    true
}

/// Build settings: Xcode's own file, and files that stand for it.
fn is_settings(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == "project.pbxproj") || ends(file, "xcconfig")
}

fn is_info_plist(file: &Path) -> bool {
    file.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with("Info.plist"))
}

fn is_test(file: &Path) -> bool {
    file.iter().any(|part| part.to_string_lossy().ends_with("Tests"))
}

/// These files' contents; what is no dictionary is a finding.
fn read<'t>(tree: &Tree, files: &[&'t Path], report: &mut Report) -> Vec<(&'t Path, Dictionary)> {
    let mut read = Vec::new();
    for file in files {
        let value = tree
            .bytes(file)
            .map_err(|error| ProjectFault::System(error.to_string()))
            .and_then(|bytes| Value::from_reader(std::io::Cursor::new(bytes)).map_err(|error| form(&error)));
        match value.map(Value::into_dictionary) {
            Ok(Some(dictionary)) => read.push((*file, dictionary)),
            Ok(None) => report.found(Finding::ProjectFile { why: form(&"not a dictionary") }, shown(file)),
            Err(why) => report.found(Finding::ProjectFile { why }, shown(file)),
        }
    }
    read
}

/// Those that speak of one of the keys; where none does, all: nobody knows which one is meant.
fn about<'t>(read: Vec<(&'t Path, Dictionary)>, keys: &[&str]) -> Vec<(&'t Path, Dictionary)> {
    let speaks = |dictionary: &Dictionary| keys.iter().any(|key| dictionary.contains_key(key));
    if read.iter().any(|(_, dictionary)| speaks(dictionary)) {
        read.into_iter().filter(|(_, dictionary)| speaks(dictionary)).collect()
    } else {
        read
    }
}

fn look_at_info(tree: &Tree, files: &[&Path], first: &Path, settings: &[&str], report: &mut Report) {
    let broken = report.findings.len();
    let apps: Vec<_> = read(tree, files, report).into_iter().filter(|(_, info)| is_app(info)).collect();
    // Xcode can write single keys into a file that it makes, but no array.
    let usage_set = settings.iter().any(|line| is_set(line, &format!("INFOPLIST_KEY_{USAGE_TEXT}")));
    if apps.is_empty() && report.findings.len() == broken {
        report.found(Finding::AidList { wanted: plan::applications() }, shown(first));
        if !usage_set {
            report.found(Finding::UsageText, shown(first));
        }
    }
    for (file, info) in about(apps, &[SELECT_IDENTIFIERS, USAGE_TEXT]) {
        let listed = strings(&info, SELECT_IDENTIFIERS);
        if listed.is_empty() {
            report.found(Finding::AidList { wanted: plan::applications() }, shown(file));
        } else {
            for application in plan::applications() {
                if !listed.iter().any(|aid| aid.eq_ignore_ascii_case(&hex::encode(application.aid))) {
                    report.found(Finding::Aid { application }, shown(file));
                }
            }
        }
        let usage = info.get(USAGE_TEXT).and_then(Value::as_string).unwrap_or_default();
        if usage.trim().is_empty() && !usage_set {
            report.found(Finding::UsageText, shown(file));
        }
    }
}

/// Not a framework, a bundle of tests, or an extension.
fn is_app(info: &Dictionary) -> bool {
    let kind = info.get("CFBundlePackageType").and_then(Value::as_string).unwrap_or("APPL");
    (kind == "APPL" || kind.starts_with('$')) && !info.contains_key("NSExtension")
}

fn look_at_entitlements(tree: &Tree, files: &[&Path], first: &Path, settings: &[&str], report: &mut Report) {
    if files.is_empty() {
        report.found(Finding::EntitlementsFile, shown(first));
        return;
    }
    let read = about(read(tree, files, report), &[ENTITLEMENT]);
    if let Some((file, _)) = read.first().filter(|(_, entitlements)| !entitlements.contains_key(ENTITLEMENT)) {
        // An extension has its own; the app's is missing once.
        report.found(Finding::Entitlement, shown(file));
        return;
    }
    for (file, entitlements) in read {
        if !strings(&entitlements, ENTITLEMENT).contains(&"TAG") {
            report.found(Finding::EntitlementTag, shown(file));
        }
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let signs = |line: &&&str| is_set(line, "CODE_SIGN_ENTITLEMENTS");
        // A variable may stand for any file.
        let names = |line: &str| line.contains(&*name) || line.contains("$(");
        if !settings.is_empty() && !settings.iter().filter(signs).any(|line| names(line)) {
            report.found(Finding::EntitlementsUnused, shown(file));
        }
    }
}

fn strings<'d>(dictionary: &'d Dictionary, key: &str) -> Vec<&'d str> {
    let array = dictionary.get(key).and_then(Value::as_array);
    array.into_iter().flatten().filter_map(Value::as_string).collect()
}

/// `KEY = something`, quoted or with a condition behind the key.
fn is_set(line: &str, key: &str) -> bool {
    let behind = line.trim_start().trim_start_matches('"').strip_prefix(key);
    let value = behind.and_then(|rest| Some(rest.split_once('=')?.1.trim().trim_end_matches(';').trim_matches('"')));
    value.is_some_and(|value| !value.is_empty())
}
