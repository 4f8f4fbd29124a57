//! `kazasu timestamp`: a request and its answer as files; who carries them over the network is somebody else.

use super::pdf::{is_pdf, read};
use super::verify::unsigned;
use crate::failure::Failure;
use crate::ui::{Draft, Output, Ui, harmless};
use kazasu_catalogue::{Trouble, Word};
use kazasu_pki::pdf::{PdfError, attach_timestamp, timestamp_request};
use kazasu_pki::timestamp::{TimestampError, attach, prepare};
use kazasu_pki::{Nonce, NonceError};
use serde_json::json;
use std::path::Path;

/// `kazasu timestamp request`.
pub(super) fn request(file: &Path, output: &Path, ui: Ui) -> Result<Output, Failure> {
    ui.one_voice(output)?;
    let draft = Draft::new(output, ui)?;
    let signed = read(file)?;
    let drawn = Nonce::draw().map_err(|error: NonceError| Trouble::FileUnwritable {
        path: output.display().to_string(),
        why: error.to_string(),
    })?;
    let mut nonce = [0; 16];
    nonce.copy_from_slice(&drawn.as_bytes()[..16]);
    let request = if is_pdf(file) {
        timestamp_request(&signed, nonce).map_err(|error| of_pdf(file, error))?
    } else {
        prepare(&signed, nonce).map_err(|error| unsigned(file, &error))?
    };
    written(draft, &request, output, ui)
}

/// `kazasu timestamp attach`.
pub(super) fn answer(file: &Path, request: &Path, answer: &Path, output: &Path, ui: Ui) -> Result<Output, Failure> {
    ui.one_voice(output)?;
    let draft = Draft::new(output, ui)?;
    let (signed, asked, said) = (read(file)?, read(request)?, read(answer)?);
    let refused = |error: TimestampError| match error {
        TimestampError::Cms(_) | TimestampError::NotOurs => unsigned(file, &error),
        _ => Trouble::FileUnreadable { path: answer.display().to_string(), why: error.to_string() }.into(),
    };
    let stamped = if is_pdf(file) {
        attach_timestamp(signed, &asked, &said).map_err(|error| match error {
            PdfError::Timestamp(error) => refused(error),
            error => of_pdf(file, error),
        })?
    } else {
        attach(&signed, &asked, &said).map_err(refused)?
    };
    written(draft, &stamped, output, ui)
}

fn of_pdf(file: &Path, error: PdfError) -> Failure {
    match error {
        PdfError::Timestamp(error) => unsigned(file, &error),
        PdfError::NoRoom { .. } => {
            let why = "no room was kept for a timestamp; sign with --pades".to_owned();
            Trouble::FileUnreadable { path: file.display().to_string(), why }.into()
        }
        error => super::pdf::refused(file, error),
    }
}

fn written(draft: Draft<'_>, bytes: &[u8], output: &Path, ui: Ui) -> Result<Output, Failure> {
    draft.finish(bytes)?;
    let path = output.display().to_string();
    let text = if path == "-" { String::new() } else { format!("{}: {}\n", ui.word(Word::Written), harmless(&path)) };
    Ok(Output { json: json!({ "file": path, "bytes": bytes.len() }), text })
}
