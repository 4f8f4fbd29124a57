//! The one table.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

/// Rows, and what went wrong.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<(String, String)>,
    /// What went wrong, one line each.
    pub violations: Vec<String>,
}

impl Table {
    /// A row that only tells.
    pub fn tell(&mut self, name: &str, value: impl fmt::Display) {
        self.rows.push((name.to_owned(), value.to_string()));
    }

    /// A row whose value must be this one.
    pub fn hold(&mut self, name: &str, value: impl fmt::Display, must: impl fmt::Display) {
        let (value, must) = (value.to_string(), must.to_string());
        if value != must {
            self.violations.push(format!("{name}: {value}, must be {must}"));
        }
        self.rows.push((name.to_owned(), value));
    }

    /// Rows that other programs wrote: `name`, a tab, `value`; after one more tab what the value must be, if it must be something.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn add_file(&mut self, path: &Path) -> io::Result<()> {
        for line in fs::read_to_string(path)?.lines() {
            let mut fields = line.split('\t');
            match (fields.next(), fields.next(), fields.next()) {
                (Some(name), Some(value), Some(must)) if !must.is_empty() => self.hold(name, value, must),
                (Some(name), Some(value), _) => self.tell(name, value),
                (Some(""), ..) | (None, ..) => {}
                _ => self.violations.push(format!("{}: not a row: {line}", path.display())),
            }
        }
        Ok(())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        let values = self.rows.iter().map(|(_, value)| value.chars().count()).max().unwrap_or_default();
        self.rows.iter().try_for_each(|(name, value)| writeln!(f, "{name:width$}  {value:>values$}"))
    }
}
