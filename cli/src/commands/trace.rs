//! `kazasu trace`: a recorded exchange, explained without contents.

use crate::failure::Failure;
use crate::ui::Output;
use kazasu_catalogue::Argument;
use kazasu_core::trace::Annotator;
use serde_json::json;
use std::io::Read;
use std::path::Path;

pub(super) fn run(file: Option<&Path>) -> Result<Output, Failure> {
    let path = file.unwrap_or(Path::new("-"));
    let mut recorded = String::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut recorded)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_string(&mut recorded))
    };
    read.map_err(|error| Failure::unreadable(path, &error))?;
    let lines = explain(&recorded)?;
    let text = lines.iter().map(|line| format!("{line}\n")).collect();
    Ok(Output { json: json!({ "trace": lines }), text })
}

/// `> 00A4…` is a command, `< 9000` a response; anything else (comments, `do:`, `expect:`) is passed over.
fn explain(recorded: &str) -> Result<Vec<String>, Failure> {
    let mut annotator = Annotator::new();
    let mut lines = Vec::new();
    for (number, line) in recorded.lines().enumerate() {
        let line = line.trim();
        let (command, digits) = match (line.strip_prefix('>'), line.strip_prefix('<')) {
            (Some(digits), _) => (true, digits),
            (None, Some(digits)) => (false, digits),
            (None, None) => continue,
        };
        let digits: String = digits.chars().filter(|character| !character.is_whitespace()).collect();
        let why = || Failure::argument(Argument::TraceLine(number + 1));
        let bytes = hex::decode(digits).map_err(|_| why())?;
        lines.push(if command {
            annotator.command(&bytes).to_string()
        } else {
            annotator.response(&bytes).to_string()
        });
    }
    if lines.is_empty() {
        return Err(Failure::argument(Argument::EmptyTrace));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_explained_without_its_secrets() {
        let recorded = "# a comment\n> 00A4040C0AD392F000260100000001\n< 9000\n> 0020 0098 04 39313832\n< 63C2\n> 00B08A0000\n< AABB9000\n";
        let lines = explain(recorded).expect("a trace");
        assert_eq!(
            lines,
            [
                "> 00 A4 04 0C 0A D3 92 F0 00 26 01 00 00 00 01  select public key infrastructure for individuals",
                "< 9000  ok",
                "> 00 20 00 98 … (5 bytes)  verify auth-pin",
                "< 63C2  tries left in the last digit",
                "> 00 B0 8A 00 … (1 byte)  read user-authentication certificate",
                "< (2 bytes) 9000  ok",
            ]
        );
    }

    #[test]
    fn a_line_that_is_not_hexadecimal_is_named() {
        assert!(explain("> 00A4\n< 90x0\n").is_err());
        assert!(explain("nothing here\n").is_err());
    }
}
