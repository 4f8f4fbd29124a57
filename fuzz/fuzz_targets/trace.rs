//! Any command and any response is described in one line, which shows of a command's data nothing but what SELECT
//! names.
#![no_main]

use kazasu_core::trace::Annotator;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut annotator = Annotator::new();
    let mut rest = input;
    let mut is_command = true;
    while let Some((len, after)) = rest.split_first() {
        let (line, after) = after.split_at(usize::from(*len).min(after.len()));
        rest = after;
        let shown = if is_command { annotator.command(line).to_string() } else { annotator.response(line).to_string() };
        assert!(!shown.contains('\n') && shown.starts_with(if is_command { '>' } else { '<' }));
        // Lengths take no more room than this; names come from the tables.
        let names = line.get(1) == Some(&0xA4);
        assert!(shown.len() <= 140 + if names { 3 * line.len() } else { 0 }, "{} bytes: {shown}", shown.len());
        is_command = !is_command;
    }
});
