//! A project's own files: not what was built, downloaded or vendored.

use std::io;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// The folder of a project, and the paths of its files below it, in order.
pub(crate) struct Tree {
    root: PathBuf,
    files: Vec<PathBuf>,
}

/// Folders that tools fill.
const MADE: [&str; 6] = ["build", "DerivedData", "Pods", "Carthage", "node_modules", "target"];
/// Folders that are somebody's product or only look like folders of sources.
const PRODUCTS: [&str; 7] = ["app", "appex", "bundle", "framework", "xcarchive", "xcassets", "xcframework"];
/// No file that is read as text is longer; what is, was not written by anybody.
const LONGEST: u64 = 16 << 20;

impl Tree {
    /// Links are not followed, and what cannot be entered is passed over.
    pub(crate) fn new(root: &Path) -> io::Result<Self> {
        // A folder that is not there is no empty project.
        std::fs::read_dir(root)?;
        let entries = WalkDir::new(root).min_depth(1).sort_by_file_name().into_iter().filter_entry(is_own).flatten();
        let files = entries.filter(|entry| entry.file_type().is_file());
        let files = files.filter_map(|entry| Some(entry.path().strip_prefix(root).ok()?.to_owned())).collect();
        Ok(Self { root: root.to_owned(), files })
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(PathBuf::as_path)
    }

    pub(crate) fn has(&self, file: &Path) -> bool {
        self.files.iter().any(|other| other == file)
    }

    pub(crate) fn bytes(&self, file: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(self.root.join(file))
    }

    pub(crate) fn text(&self, file: &Path) -> io::Result<String> {
        let path = self.root.join(file);
        if path.metadata()?.len() > LONGEST {
            return Err(io::Error::other("it is too long"));
        }
        Ok(String::from_utf8_lossy(&std::fs::read(path)?).into_owned())
    }
}

fn is_own(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let product = || Path::new(&*name).extension().is_some_and(|end| PRODUCTS.iter().any(|other| end == *other));
    entry.depth() == 0 || !entry.file_type().is_dir() || !(name.starts_with('.') || MADE.contains(&&*name) || product())
}

/// The end of a file's name, behind the last dot.
pub(super) fn ends(file: &Path, end: &str) -> bool {
    file.extension().is_some_and(|other| other == end)
}

/// As the report names it, on every system alike.
pub(super) fn shown(file: &Path) -> String {
    let parts: Vec<_> = file.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
