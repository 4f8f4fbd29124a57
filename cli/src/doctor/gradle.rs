//! Build files of Gradle, in Kotlin or Groovy, read as text: only Gradle itself can run them.

use std::path::{Path, PathBuf};

/// A build file without its comments; each line stays where it is.
pub(super) struct BuildFile {
    pub(super) path: PathBuf,
    text: String,
}

impl BuildFile {
    pub(super) fn new(path: &Path, text: &str) -> Self {
        Self { path: path.to_owned(), text: without_comments(text) }
    }

    pub(super) fn says(&self, word: &str) -> bool {
        self.text.contains(word)
    }

    /// The line, counted from 1, that switches minification on.
    pub(super) fn minified(&self) -> Option<usize> {
        let switched_on = |line: &str| {
            let value = line.split_once("inifyEnabled").map(|(_, value)| value.trim_start_matches(".set"));
            value.is_some_and(|value| value.trim_start_matches([' ', '=', '(']).starts_with("true"))
        };
        self.text.lines().position(switched_on).map(|line| line + 1)
    }

    /// The files that `call(…)`, or `call …` in Groovy, names, beside this file.
    pub(super) fn files_of(&self, call: &str) -> Vec<PathBuf> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let calls = self.text.match_indices(call).map(|(at, _)| arguments(&self.text[at + call.len()..]));
        calls.flat_map(quoted).map(|name| folder.join(name)).collect()
    }
}

/// Up to the end of the statement: the parenthesis that closes, or a line that no comma continues.
fn arguments(rest: &str) -> &str {
    let mut depth = 0_usize;
    let mut continued = false;
    for (at, character) in rest.char_indices() {
        match character {
            '(' => depth += 1,
            ')' if depth <= 1 && rest.trim_start_matches(|c: char| c.is_alphanumeric()).starts_with('(') => {
                return &rest[..at];
            }
            ')' => depth = depth.saturating_sub(1),
            '\n' if depth == 0 && !continued => return &rest[..at],
            _ => {}
        }
        if !character.is_whitespace() {
            continued = character == ',';
        }
    }
    rest
}

/// What stands in quotation marks of either kind.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split(['"', '\'']).skip(1).step_by(2)
}

fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut quote = None;
    while let Some(character) = rest.chars().next() {
        let skipped = match quote {
            None if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            None if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            _ => 0,
        };
        if skipped > 0 {
            out.extend(rest[..skipped].chars().filter(|character| *character == '\n'));
            rest = &rest[skipped..];
            continue;
        }
        quote = match quote {
            None if matches!(character, '"' | '\'') => Some(character),
            // No string goes over its line, except those that hold no path.
            Some(open) if character == open || character == '\n' => None,
            other => other,
        };
        out.push(character);
        rest = &rest[character.len_utf8()..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> BuildFile {
        BuildFile::new(Path::new("app/build.gradle"), text)
    }

    #[test]
    fn what_is_commented_out_is_not_said() {
        let build =
            file("// isMinifyEnabled = true\n/* net.java\n.dev */ url('https://a') // jna\nminifyEnabled true\n");
        assert!(!build.says("net.java") && !build.says("jna") && build.says("https://a"));
        assert_eq!(build.minified(), Some(4));
    }

    #[test]
    fn minification_is_switched_on_in_either_language() {
        for line in ["isMinifyEnabled = true", "minifyEnabled true", "minifyEnabled(true)", "isMinifyEnabled.set(true)"]
        {
            assert_eq!(file(line).minified(), Some(1), "{line}");
        }
        for line in ["isMinifyEnabled = false", "minifyEnabled false", "isShrinkResources = true"] {
            assert_eq!(file(line).minified(), None, "{line}");
        }
    }

    #[test]
    fn the_files_of_a_call_are_those_in_its_statement() {
        for text in [
            "proguardFiles(getDefaultProguardFile(\"a.txt\"), \"b.pro\")\nother(\"c\")",
            "proguardFiles getDefaultProguardFile('a.txt'),\n    'b.pro'\nother 'c'",
        ] {
            assert_eq!(file(text).files_of("proguardFile"), [Path::new("app/a.txt"), Path::new("app/b.pro")], "{text}");
        }
    }
}
