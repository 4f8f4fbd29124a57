//! `kazasu pin change`.

use crate::args::{Global, PinArg};
use crate::card::Source;
use crate::failure::Failure;
use crate::secrets::{Asker, Holds, checked, from_environment, last_try};
use crate::ui::{Output, Ui};
use kazasu_catalogue::{Word, secret_name};
use kazasu_core::SecretKind;
use kazasu_core::secret::{Auth, Kind, Secret, Sign, Text};
use kazasu_core::step::block_on;
use serde_json::json;

pub(super) fn run(
    global: &Global,
    asker: &mut Asker,
    source: &mut Source,
    ui: Ui,
    which: PinArg,
    new: Option<&str>,
) -> Result<Output, Failure> {
    let last_try = last_try(global);
    let kind = match which {
        PinArg::Auth => {
            let (old, new) = both::<Auth>(asker, ui, source, Holds::Jpki, new)?;
            block_on(async { Ok::<_, Failure>(source.open(ui)?.jpki().await?.change(old, new, last_try).await?) })?;
            SecretKind::AuthPin
        }
        PinArg::Sign => {
            let (old, new) = both::<Sign>(asker, ui, source, Holds::Jpki, new)?;
            block_on(async { Ok::<_, Failure>(source.open(ui)?.jpki().await?.change(old, new, last_try).await?) })?;
            SecretKind::SignPassword
        }
        PinArg::Text => {
            let (old, new) = both::<Text>(asker, ui, source, Holds::Text, new)?;
            block_on(async { Ok::<_, Failure>(source.open(ui)?.text().await?.change(old, new, last_try).await?) })?;
            SecretKind::TextPin
        }
    };
    let text = format!("{}: {}\n", ui.word(Word::Changed), secret_name(kind, ui.lang));
    Ok(Output { json: json!({ "changed": kind.name() }), text })
}

/// The old and the new one, both checked before either is sent.
fn both<K: Kind>(
    asker: &mut Asker,
    ui: Ui,
    source: &mut Source,
    holds: Holds,
    new: Option<&str>,
) -> Result<(Secret<K>, Secret<K>), Failure> {
    let old = checked(&asker.ask_with_tries(ui, source, holds, &[K::KIND])?)?;
    let new = match new {
        Some(variable) => from_environment(variable)?,
        None => asker.ask_new(ui, K::KIND)?,
    };
    Ok((old, checked(&new)?))
}
