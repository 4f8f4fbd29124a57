//! Prints the public API of a crate from rustdoc's JSON, one item a line. Exit code 69: this rustdoc writes another
//! form of it than the one that is read here.

use std::error::Error;
use std::ops::RangeInclusive;
use std::process::ExitCode;

/// The forms that `public-api` of this version reads. Its own is the last; the others lack fields that it does not
/// need.
const READS: RangeInclusive<u64> = 57..=59;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: kazasu-public-api FILE.json")?;
    let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
    let written = json["format_version"].as_u64().ok_or("not rustdoc's JSON")?;
    if !READS.contains(&written) {
        eprintln!("public-api: this rustdoc writes form {written}, and {READS:?} are read here");
        return Ok(ExitCode::from(69));
    }
    // What nearly every type has says little, and depends on the compiler.
    let api =
        public_api::Builder::from_rustdoc_json(path).omit_blanket_impls(true).omit_auto_trait_impls(true).build()?;
    print!("{api}");
    Ok(ExitCode::SUCCESS)
}
