//! `kazasu timestamp`: a request and its answer as files; who carries them over the network is somebody else.

use super::pdf::{is_pdf, read};
use crate::failure::Failure;
use crate::ui::{Draft, Output, Ui, harmless};
use kazasu_catalogue::{StampRefusal, Trouble, Word};
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
    let drawn = Nonce::draw().map_err(|_: NonceError| refused(file, StampRefusal::NoRandom))?;
    let mut nonce = [0; 16];
    nonce.copy_from_slice(&drawn.as_bytes()[..16]);
    let request = if is_pdf(file) {
        timestamp_request(&signed, nonce).map_err(|error| of_pdf(file, file, file, error))?
    } else {
        prepare(&signed, nonce).map_err(|error| of(file, file, file, error))?
    };
    written(draft, &request, output, ui)
}

/// `kazasu timestamp attach`.
pub(super) fn answer(file: &Path, request: &Path, answer: &Path, output: &Path, ui: Ui) -> Result<Output, Failure> {
    ui.one_voice(output)?;
    let draft = Draft::new(output, ui)?;
    let (signed, asked, said) = (read(file)?, read(request)?, read(answer)?);
    let stamped = if is_pdf(file) {
        attach_timestamp(signed, &asked, &said).map_err(|error| of_pdf(file, request, answer, error))?
    } else {
        attach(&signed, &asked, &said).map_err(|error| of(file, request, answer, error))?
    };
    written(draft, &stamped, output, ui)
}

fn refused(path: &Path, why: StampRefusal) -> Failure {
    Trouble::NotStamped { path: path.display().to_string(), why }.into()
}

/// Of the signature in `file`, of the `request`, or of the `answer`.
fn of(file: &Path, request: &Path, answer: &Path, error: TimestampError) -> Failure {
    let why = StampRefusal::from(error);
    let blamed = match why {
        StampRefusal::Request => request,
        StampRefusal::Answer(_) => answer,
        _ => file,
    };
    refused(blamed, why)
}

fn of_pdf(file: &Path, request: &Path, answer: &Path, error: PdfError) -> Failure {
    match error {
        PdfError::Timestamp(error) => of(file, request, answer, error),
        PdfError::NoRoom { .. } => refused(file, StampRefusal::NoRoom),
        // Or none that covers the file as it is.
        PdfError::NoSignature => refused(file, StampRefusal::Kind),
        error => super::pdf::refused(file, error),
    }
}

fn written(draft: Draft<'_>, bytes: &[u8], output: &Path, ui: Ui) -> Result<Output, Failure> {
    draft.finish(bytes)?;
    let path = output.display().to_string();
    let text = if path == "-" { String::new() } else { format!("{}: {}\n", ui.word(Word::Written), harmless(&path)) };
    Ok(Output { json: json!({ "file": path, "bytes": bytes.len() }), text })
}
