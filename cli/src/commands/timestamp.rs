//! `kazasu timestamp`: a request and its answer as files; who carries them over the network is somebody else.

use super::pdf::{is_pdf, read};
use super::verify::{digested, lies_beside, unsigned};
use crate::failure::Failure;
use crate::ui::{Draft, Output, Ui};
use kazasu_catalogue::{StampFault, StampRefusal, Trouble, Word};
use kazasu_pki::cms::{SignedFile, Signer, Trust};
use kazasu_pki::pdf::{PdfError, attach_timestamp, timestamp_request};
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::timestamp::{TimestampError, attach, prepare};
use kazasu_pki::{Anchors, Check, Nonce, NonceError, Outcome};
use serde_json::json;
use std::path::Path;
use std::time::SystemTime;

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
        let request = prepare(&signed, nonce).map_err(|error| of(file, file, file, error))?;
        compare(file, &signed, ui)?;
        request
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
fn of(file: &Path, request: &Path, answer: &Path, why: impl Into<StampRefusal>) -> Failure {
    let why = why.into();
    let blamed = match why {
        StampRefusal::Request => request,
        StampRefusal::Answer(_) => answer,
        _ => file,
    };
    refused(blamed, why)
}

fn of_pdf(file: &Path, request: &Path, answer: &Path, error: PdfError) -> Failure {
    match StampFault::from(error) {
        StampFault::Refused(why) => of(file, request, answer, why),
        StampFault::NotSigned(why) => unsigned(file, why),
    }
}

/// With what a signature is about, where that lies beside it as for `verify`: of one that fails a timestamp proves
/// nothing.
fn compare(file: &Path, signed: &[u8], ui: Ui) -> Result<(), Failure> {
    let parsed = SignedFile::parse(signed).map_err(|error| of(file, file, file, TimestampError::from(error)))?;
    let Some(content) = lies_beside(file) else {
        if parsed.content().is_none() {
            ui.note(ui.word(Word::NotCompared));
        }
        return Ok(());
    };
    let mut hasher = parsed.hasher();
    digested(&content, &mut hasher)?;
    let trust = Trust {
        anchors: &Anchors::production(),
        revocation: &NotAsked,
        at: SystemTime::now(),
        timestamp_authorities: &[],
        cades: false,
    };
    let signers = parsed.verify(Some(&hasher.finish()), &trust);
    let changed = |signer: &Signer| matches!(signer.findings.of(Check::ContentDigest), Some(Outcome::Fails(_)));
    if signers.iter().any(changed) { Err(refused(file, StampRefusal::Fails)) } else { Ok(()) }
}

fn written(draft: Draft<'_>, bytes: &[u8], output: &Path, ui: Ui) -> Result<Output, Failure> {
    draft.finish(bytes)?;
    let path = output.display().to_string();
    let text = ui.written(&path);
    Ok(Output { json: json!({ "file": path, "bytes": bytes.len() }), text })
}
