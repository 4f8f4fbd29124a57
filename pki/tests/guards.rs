//! What this crate gives away, by its own source.

use std::fs;
use std::path::Path;

/// Public items of the crate, each as its line.
fn public_items() -> Vec<(String, String)> {
    fn look(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                look(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file");
                let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                let public =
                    text.lines().map(str::trim).filter(|line| line.starts_with("pub ") && !line.contains(" mod "));
                found.extend(public.map(|line| (name.clone(), line.to_owned())));
            }
        }
    }
    let mut found = Vec::new();
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

/// G2: who has two identities of one person can join them; a serial number, a common name, a key identifier or the raw names would
/// let anybody.
#[test]
fn no_public_item_is_a_serial_number_a_common_name_a_key_identifier_or_raw_names() {
    let linkable = ["serial", "common_name", "subject", "key_identifier", "san", "alt_name", "tbs", "fingerprint_of"];
    let items = public_items();
    assert!(items.len() > 60, "the source was not found: {}", items.len());
    for (file, line) in items {
        let words: Vec<_> = line.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let item = words.iter().find(|word| linkable.contains(&word.to_lowercase().as_str()));
        assert!(item.is_none(), "{file}: {line}");
    }
}
