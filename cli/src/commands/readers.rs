//! `kazasu readers`.

use crate::failure::Failure;
use crate::ui::{Output, Ui};
use kazasu_catalogue::Word;
use kazasu_pcsc::readers::{self, Card};
use serde_json::json;

pub(super) fn run(ui: Ui) -> Result<Output, Failure> {
    let there = readers::list()?;
    let state = |card| match card {
        Card::Present => ("card", Word::ReaderCard),
        Card::Mute => ("mute", Word::ReaderMute),
        _ => ("empty", Word::ReaderEmpty),
    };
    let rows: Vec<_> = there
        .iter()
        .map(|reader| json!({ "name": reader.name, "state": state(reader.card).0, "atr": hex::encode_upper(&reader.atr) }))
        .collect();
    let mut text: String =
        there.iter().map(|reader| format!("{}: {}\n", reader.name, ui.word(state(reader.card).1))).collect();
    if there.is_empty() {
        text = format!("{}\n", ui.word(Word::NoReaders));
    }
    Ok(Output { json: json!({ "readers": rows }), text })
}
